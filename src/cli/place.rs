//! Which installation a command works on.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::exit::WrongUsage;
use crate::config::{BackupConfig, Config, ConfigErrors, KeysConfig};
use crate::keys::KeyRing;

/// Which installation a command works on.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The configuration file; without it, defaults and environment variables count
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "data")]
    config: Option<PathBuf>,
    /// The directory of a demo, instead of a configuration
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Place {
    /// The demo's directory, when one was named.
    pub(super) fn demo(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// Refuses both at once, of which the parser knows nothing when one stands before a subcommand and one behind it.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.config.is_some() && self.data.is_some() {
            bail!(WrongUsage("--config and --data name two installations: use one of them".into()));
        }
        Ok(())
    }

    /// The installation's configuration.
    pub(super) fn config(&self) -> Result<Config, ConfigErrors> {
        match &self.data {
            // Nothing listens: the address is never used.
            Some(data) => {
                let demo = Config::for_demo(data, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
                Ok(Config { backup: BackupConfig::of_environment()?, ..demo })
            }
            None => Config::read(self.config.as_deref()),
        }
    }
}

/// The master keys that a configuration names.
pub(super) fn read_keys(config: &KeysConfig) -> anyhow::Result<KeyRing> {
    match config {
        KeysConfig::File(path) => Ok(KeyRing::read(path)?),
        KeysConfig::Environment(text) => Ok(KeyRing::parse(text.expose())?),
    }
}
