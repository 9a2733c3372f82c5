//! `sunbeon backup`: copies database and keys while the service runs.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::ExitCode;
use super::exit::WrongUsage;
use super::place::{Place, read_keys};
use super::prompt::{self, Ask};
use crate::backup::{self, Manifest, Take};
use crate::config::{BackupConfig, LogConfig, LogFormat, LogLevel, Secret};
use crate::keys::PASSPHRASE_SIGNS_MIN;
use crate::store::snapshot::Progress;
use crate::system::{SystemChance, SystemClock};
use crate::telemetry;

/// Copies database and keys into a directory, while the service runs.
///
/// The copy is the state of one moment. It is looked through before the directory gets its name: undamaged, and sealed
/// with these keys. The keys in it are sealed by a passphrase of 16 signs or more, which is asked for, or stands in the
/// configuration under [backup]. Without the passphrase the backup can't be read by anybody, you included: keep it
/// apart from the backups. A PostgreSQL database is copied by pg_dump, which must be on the PATH.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The directory to make, such as /var/backups/sunbeon/2026-11-24; never overwritten
    directory: PathBuf,
    /// Leaves the database out: for those who copy it by other means, such as Litestream or pg_basebackup
    #[arg(long)]
    keys_only: bool,
    #[command(flatten)]
    place: Place,
}

/// Takes the backup and says what it holds.
pub(super) fn run(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    telemetry::init_logging(&LogConfig { level: LogLevel::Warn, format: LogFormat::Text });
    let config = args.place.config()?;
    let keys = read_keys(&config.keys)?;
    let passphrase = passphrase(&config.backup, Ask::Twice)?;
    let order = Take {
        to: &args.directory,
        database: &config.database.url,
        keys: &keys,
        keys_only: args.keys_only,
        passphrase: passphrase.expose(),
    };
    let taken = backup::take(&order, &SystemClock, &SystemChance, &mut watch)?;
    report(args, &taken);
    Ok(ExitCode::Done)
}

/// The passphrase of the configuration, or the one that is typed.
pub(super) fn passphrase(config: &BackupConfig, ask: Ask) -> anyhow::Result<Secret> {
    let passphrase = match &config.passphrase {
        Some(passphrase) => passphrase.clone(),
        None => {
            let prompt = format!("Passphrase of the backup ({PASSPHRASE_SIGNS_MIN} signs or more): ");
            Secret::new(prompt::secret(&prompt, ask)?.as_str())
        }
    };
    // Before a large database is copied in vain.
    if let Some(wrong) = wrong_with(&passphrase) {
        bail!(WrongUsage(wrong));
    }
    Ok(passphrase)
}

/// What is wrong with a passphrase.
pub(super) fn wrong_with(passphrase: &Secret) -> Option<String> {
    let is_short = passphrase.expose().chars().count() < PASSPHRASE_SIGNS_MIN;
    let wrong = || {
        format!("the passphrase is too short: use at least {PASSPHRASE_SIGNS_MIN} signs, such as five words")
    };
    is_short.then(wrong)
}

fn report(args: &BackupArgs, taken: &Manifest) {
    let directory = args.directory.display();
    say!("{directory} holds what was confirmed before {}.", taken.taken_at);
    match &taken.database {
        Some(database) => say!(
            "  {}: {} bytes, {} bookings, schema {}, looked through",
            database.kind.file_name(),
            database.bytes,
            taken.bookings,
            taken.schema
        ),
        None => say!("  The database is not in it: keep copying that by your own means."),
    }
    say!("  master.keys.sealed: the keys, sealed by the passphrase. Keep that apart from the backup.");
    let place = if taken.demo { "--data ANOTHER-DIRECTORY" } else { "--config sunbeon.toml" };
    say!("Put it back into an empty place with: sunbeon restore {directory} {place}");
}

/// Shows on a terminal how far the copy is.
fn watch(Progress { done, total }: Progress) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        // Nobody to tell when the terminal is gone.
        drop(write!(out, "\rCopying: {} %{end}", done * 100 / total.max(1)).and_then(|()| out.flush()));
    }
}
