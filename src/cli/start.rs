//! The one place that starts the web server, for `serve` and for `demo`.

use std::net::SocketAddr;

use anyhow::bail;

use crate::config::Config;
use crate::keys::KeyRing;

/// Told the address that was really bound, before the first request.
pub(super) type Bound = Box<dyn FnOnce(SocketAddr) + Send>;

/// What the server starts with.
pub(super) struct Start {
    /// Where it listens, where the database is, and all the rest.
    pub(super) config: Config,
    /// The master keys.
    pub(super) keys: KeyRing,
    /// Whether the pages of the demo are there: messages, known passwords.
    pub(super) is_demo: bool,
    /// Told the address that was really bound.
    pub(super) bound: Bound,
}

/// Runs the server until it has drained after SIGTERM or SIGINT.
pub(super) fn start(start: Start) -> anyhow::Result<()> {
    let Start { config, keys, is_demo, bound } = start;
    // The call of the web server stands here.
    drop((keys, is_demo, bound));
    bail!("this build has no web server to listen on {}", config.server.listen)
}
