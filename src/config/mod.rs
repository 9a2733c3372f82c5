//! The configuration: one TOML file, overridden by the environment. Nothing else in Sunbeon reads either.
//!
//! Every key of `sunbeon.example.toml` can also be given by an environment variable: `SUNBEON_`, the section, two
//! underscores, the key, in capitals: `SUNBEON_DATABASE__URL`. Lists are then separated by commas. The master keys
//! have a variable of their own, `SUNBEON_MASTER_KEYS`. Paths are relative to the directory Sunbeon is started in.
//!
//! Everything that is wrong is reported at once ([`ConfigErrors`]), never one thing a run.

mod backup;
mod booking;
mod codes;
mod database;
mod error;
mod keys;
mod log;
mod notify;
mod reader;
mod secret;
mod serve;
mod server;
mod sources;
mod time;
mod unknown;

use std::net::SocketAddr;
use std::path::Path;

pub use backup::BackupConfig;
pub use booking::BookingConfig;
pub use codes::CodesConfig;
pub use database::{DatabaseConfig, DatabaseUrl};
pub use error::{ConfigError, ConfigErrors};
pub use keys::KeysConfig;
pub use log::{LogConfig, LogFormat, LogLevel};
pub use notify::{
    Charset, GatewayConfig, GatewayKind, MessageIdsWord, NotifyConfig, SensConfig, SmppConfig, SmtpConfig,
    SmtpSecurity, TwilioConfig,
};
pub use secret::Secret;
pub use serve::{DemoMarks, Refusal};
pub use server::{PublicUrl, ServerConfig, TlsConfig};
pub use time::TimeConfig;

use reader::Reader;

/// A complete example with a comment on every key. What is not commented out there is the default.
pub const EXAMPLE: &str = include_str!("sunbeon.example.toml");

/// Where the demo's messages are, in its directory.
pub const DEMO_SPOOL: &str = "messages.jsonl";

/// Everything an operator can decide.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Config {
    /// Where the web server listens and how it is reached.
    pub server: ServerConfig,
    /// Where everything is stored.
    pub database: DatabaseConfig,
    /// Where the master keys are.
    pub keys: KeysConfig,
    /// In which time zone an installation's days are counted.
    pub time: TimeConfig,
    /// Holds, parties and sessions.
    pub booking: BookingConfig,
    /// One-time codes and their caps.
    pub codes: CodesConfig,
    /// Who carries the messages.
    pub notify: NotifyConfig,
    /// What the log shows.
    pub log: LogConfig,
    /// What seals the keys of a backup.
    pub backup: BackupConfig,
}

impl Config {
    /// Reads the file, when there is one, and the process's environment.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigErrors> {
        Self::read_with(path, std::env::vars_os())
    }

    /// Reads the file, when there is one, and the environment given as pairs of name and value.
    pub fn read_with<S: Into<std::ffi::OsString>>(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (S, S)>,
    ) -> Result<Self, ConfigErrors> {
        let sources = sources::gather(path, environment)?;
        let mut reader = Reader::new(path, sources.merged, sources.problems);
        let config = Self {
            server: ServerConfig::read(&mut reader),
            database: DatabaseConfig::read(&mut reader),
            keys: KeysConfig::read(&mut reader, sources.master_keys),
            time: TimeConfig::read(&mut reader),
            booking: BookingConfig::read(&mut reader),
            codes: CodesConfig::read(&mut reader),
            notify: NotifyConfig::read(&mut reader),
            log: LogConfig::read(&mut reader),
            backup: BackupConfig::read(&mut reader),
        };
        reader.finish(&sources.single_underscores)?;
        Ok(config)
    }

    /// The demo's configuration: everything in one directory, plain HTTP, messages to the spool, readable logs.
    ///
    /// The public address is `http://` and `listen` (loopback where that is every address). Give the port that was
    /// really bound: with port 0 there is no public address.
    pub fn for_demo(data_dir: &Path, listen: SocketAddr) -> Self {
        Self {
            server: ServerConfig::for_demo(listen),
            database: DatabaseConfig {
                url: DatabaseUrl::Sqlite(data_dir.join("sunbeon.db")),
                ..DatabaseConfig::default()
            },
            keys: KeysConfig::File(data_dir.join("demo.keys")),
            time: TimeConfig::default(),
            booking: BookingConfig::default(),
            codes: CodesConfig::default(),
            notify: NotifyConfig::spool(data_dir.join(DEMO_SPOOL)),
            log: LogConfig { level: LogLevel::Info, format: LogFormat::Text },
            backup: BackupConfig::default(),
        }
    }
}

#[cfg(test)]
mod tests;
