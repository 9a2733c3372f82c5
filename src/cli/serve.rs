//! `sunbeon serve`: runs the service with a configuration, and refuses everything that belongs to the demo.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use super::ExitCode;
use super::exit::Refused;
use super::place::read_keys;
use super::service::Service;
use crate::config::{Config, DemoMarks};
use crate::store::{self, Found};
use crate::telemetry;
use crate::web::server;

/// Runs the service.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The configuration file; without it, defaults and environment variables count
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the service until it is told to stop.
pub(super) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(args.config.as_deref())?;
    let keys = read_keys(&config.keys)?;
    let database = matches!(store::probe(&config.database.url)?, Found::Database { is_demo: true });
    let refusals = config.refusals_for_serve(DemoMarks { keys: keys.is_demo(), database });
    if !refusals.is_empty() {
        bail!(Refused(refusals));
    }
    telemetry::init_logging(&config.log);
    let listener = server::bind(config.server.listen)?;
    Service { config, keys: Arc::new(keys), listener, demo_spool: None }.run()?;
    Ok(ExitCode::Done)
}
