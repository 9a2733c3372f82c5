//! A place to rehearse in: configuration, keys and database in a directory of their own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::RehearseArgs;
use super::{country, households};
use crate::cli::demo::calendar::Calendar;
use crate::cli::demo::make_directory;
use crate::cli::installation::Installation;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::keys::KeyRing;
use crate::store::openings::StoredOpening;
use crate::store::{Store, door_state};
use crate::system::SystemChance;

/// The public address of a service that is rehearsed with. Nobody can reach it: the ending is kept free for such names.
pub(super) const ORIGIN: &str = "https://rehearsal.invalid";

/// How long it may take until the door tells people their turn, and how often that is looked at.
const TURNS: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A place that is ready.
pub(super) struct Prepared {
    /// The configuration of the service.
    pub(super) config_file: PathBuf,
    /// Where it will listen.
    pub(super) address: SocketAddr,
    /// Its database.
    pub(super) store: Store,
    /// The opening.
    pub(super) opening: StoredOpening,
    /// A directory that nobody asked for is taken away with this value.
    _folder: Folder,
}

struct Folder {
    path: PathBuf,
    is_kept: bool,
}

impl Folder {
    fn new(wanted: Option<&Path>) -> anyhow::Result<Self> {
        let path = wanted.map_or_else(
            || std::env::temp_dir().join(format!("sunbeon-rehearsal-{}", std::process::id())),
            Path::to_owned,
        );
        make_directory(&path)?;
        let path = path.canonicalize().with_context(|| format!("{} can't be found", path.display()))?;
        if std::fs::read_dir(&path)?.next().is_some() {
            bail!("{} holds something; name another directory with --data", path.display());
        }
        Ok(Self { path, is_kept: wanted.is_some() })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.is_kept
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, folder = %self.path.display(), "the rehearsal's directory could not be taken away");
        }
    }
}

impl Prepared {
    /// Prepares a place for a rehearsal whose text messages go to `gateway`.
    pub(super) fn new(
        args: &RehearseArgs,
        gateway: SocketAddr,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let folder = Folder::new(args.prepare.data.as_deref())?;
        let keys = KeyRing::generate(&SystemChance, false);
        keys.write_new(&folder.path.join("master.keys"))?;
        let address = free_address()?;
        let config_file = folder.path.join("sunbeon.toml");
        std::fs::write(&config_file, configuration(args, &folder.path, address, gateway))?;
        let nothing: [(&str, &str); 0] = [];
        let config = Config::read_with(Some(&config_file), nothing)?;
        let keys = Arc::new(keys);
        let installation = Installation::open(&config, keys, Arc::new(SystemChance), clock.clone())?;
        let calendar = Calendar::new(clock.now(), config.time.zone.clone());
        let campaign = country::invent(&installation, args, &calendar)?;
        let people_max = u16::try_from(config.booking.people_max)?;
        households::write_down(&installation, &args.plan(), people_max)?;
        let opening = country::open(&installation, args, &campaign, clock.now())?;
        let store = installation.store.clone();
        Ok(Self { config_file, address, store, opening, _folder: folder })
    }
}

impl Prepared {
    /// Waits until the door can tell people their turn: a node begins to lead some seconds after it was told a pace.
    pub(super) fn wait_for_turns(&self) -> anyhow::Result<()> {
        let (began, id) = (Instant::now(), self.opening.opening.id);
        while began.elapsed() < TURNS {
            let state = self.store.read_now(|conn, _| door_state::find(conn, id))?;
            if state.is_some_and(|state| state.rate > 0.0) {
                return Ok(());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        bail!("the door tells nobody their turn after {} seconds", TURNS.as_secs())
    }
}

/// An address of this machine that nobody listens at.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?)
}

/// What differs from the defaults: codes are not limited in all, since a million people prove their phones within the hour.
fn configuration(args: &RehearseArgs, folder: &Path, listen: SocketAddr, gateway: SocketAddr) -> String {
    let folder = folder.display();
    let workers = args.prepare.workers.map(|workers| format!("workers = {workers}\n")).unwrap_or_default();
    format!(
        r#"[server]
listen = "{listen}"
public_url = "{ORIGIN}"
trusted_proxies = ["127.0.0.1/32"]
{workers}
[database]
url = "sqlite://{folder}/sunbeon.db"

[keys]
file = "{folder}/master.keys"

[codes]
per_hour = 100000000

[notify]
sms = ["texts"]
email = ["mail"]

[notify.gateways.mail]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
from = "Sunbeon <no-reply@rehearsal.invalid>"

[notify.gateways.texts]
kind = "twilio"
url = "http://{gateway}"
account = "AC0000"
token = "rehearsal"
from = "+8215880000"

[log]
level = "warn"
format = "text"
"#,
        port = gateway.port(),
    )
}
