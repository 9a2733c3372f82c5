//! An open installation: what a command needs to read and write its database.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::anyhow;

use super::place::{Place, read_keys};
use crate::config::{Config, LogConfig, LogFormat, LogLevel};
use crate::domain::clock::{Chance, ChanceExt, Clock};
use crate::domain::ids::IdMaker;
use crate::keys::KeyRing;
use crate::store::ledger::{LedgerSettings, Tools};
use crate::store::{Ledger, LedgerError, Outcome, Store, StoreError, Tx, node};
use crate::system::{SystemChance, SystemClock};
use crate::telemetry;

/// Connections that read: a command reads one thing at a time.
const READERS: u32 = 2;

/// Commands that may wait: a command waits for each of its own.
const QUEUE_MAX: usize = 16;

/// A database with its ledger, under a node number of its own.
pub(super) struct Installation {
    /// Reads.
    pub(super) store: Store,
    /// Writes.
    pub(super) ledger: Ledger,
    clock: Arc<dyn Clock>,
    node: u16,
    token: [u8; 16],
}

impl Installation {
    /// Opens the installation at `place` with the machine's clock and chance.
    pub(super) fn at(place: &Place) -> anyhow::Result<(Self, Config)> {
        // What goes wrong in the ledger is told in its log lines only.
        telemetry::init_logging(&LogConfig { level: LogLevel::Warn, format: LogFormat::Text });
        let config = place.config()?;
        let keys = Arc::new(read_keys(&config.keys)?);
        Ok((Self::open(&config, keys, Arc::new(SystemChance), Arc::new(SystemClock))?, config))
    }

    /// Opens an installation; `chance` makes what the ledger makes up: site codes, references, tokens and nonces.
    pub(super) fn open(
        config: &Config,
        keys: Arc<KeyRing>,
        chance: Arc<dyn Chance>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let url = &config.database.url;
        let store = Store::open(url, READERS, keys.clone())?;
        let token = SystemChance.bytes();
        let node = node::lease(url, &token, clock.now())?;
        let settings = LedgerSettings { url: url.clone(), writers: 1, queue_max: QUEUE_MAX, node };
        let tools = Tools { ids: IdMaker::new(node), keys, chance, clock: clock.clone() };
        Ok(Self { store, ledger: Ledger::start(&settings, Arc::new(tools))?, clock, node, token })
    }

    /// Does `command` in a transaction of its own.
    pub(super) fn write<T, E, F>(&self, command: F) -> anyhow::Result<T>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        done(self.ledger.write_now(command))
    }

    /// Keeps the node number; long work calls it every few seconds.
    pub(super) fn renew(&self) -> anyhow::Result<()> {
        let (node, token) = (self.node, self.token);
        let is_mine =
            self.write(move |tx| Ok::<_, crate::store::Failure<String>>(node::renew(tx, node, &token)?))?;
        if is_mine {
            Ok(())
        } else {
            Err(anyhow!("another process took this one's node number; start again"))
        }
    }
}

impl Drop for Installation {
    /// Finishes what waits and gives the node number back, also when the command failed.
    fn drop(&mut self) {
        self.ledger.close();
        if let Err(error) = node::release(self.store.url(), self.node, &self.token, self.clock.now()) {
            tracing::warn!(%error, "the node's number could not be given back");
        }
    }
}

/// A ledger's answer as a command reports it: a refusal in its own words.
pub(super) fn done<T, E: Display>(answer: Result<T, LedgerError<E>>) -> anyhow::Result<T> {
    answer.map_err(|error| match error {
        LedgerError::Refused(refusal) => anyhow!("{refusal}"),
        LedgerError::Busy => anyhow!("too many commands are waiting"),
        LedgerError::Outage(error) => error.into(),
    })
}
