//! `sunbeon restore`: puts a backup back into an empty place.

use std::path::PathBuf;

use clap::Args;

use super::ExitCode;
use super::backup::passphrase;
use super::demo;
use super::place::Place;
use super::prompt::Ask;
use crate::backup::{self, Restore, Restored};
use crate::config::{KeysConfig, LogConfig, LogFormat, LogLevel};
use crate::store::restored::DueMessages;
use crate::system::SystemClock;
use crate::telemetry;

/// Puts a backup back into an empty place.
///
/// The configuration names the place: database.url, where no file is yet, or a PostgreSQL database without tables; and
/// keys.file, where no file is yet. Run it as the user that runs the service. Everything is looked through first, and
/// the database gets its name last.
///
/// A backup remembers a moment that has passed. So everybody signs in anew, and one-time codes end. Messages that were
/// due before now stay unsent, as uncertain, because they may have been sent after the backup was taken; --send-due
/// sends them, marked as possible repeats. Reminders that become due later are sent then.
///
/// A backup of the keys alone (--keys-only) is put back after the database was, and does all this to that database.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup's directory
    directory: PathBuf,
    /// Sends messages that were due before now, although they may have been sent already
    #[arg(long)]
    send_due: bool,
    #[command(flatten)]
    place: Place,
}

/// Puts the backup back and says what to do now.
pub(super) fn run(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    telemetry::init_logging(&LogConfig { level: LogLevel::Warn, format: LogFormat::Text });
    let config = args.place.config()?;
    let passphrase = passphrase(&config.backup, Ask::Once)?;
    if let Some(directory) = args.place.demo() {
        demo::make_directory(directory)?;
    }
    let order = Restore {
        from: &args.directory,
        database: &config.database.url,
        keys: &config.keys,
        is_demo: args.place.demo().is_some(),
        passphrase: passphrase.expose(),
        due: if args.send_due { DueMessages::Send } else { DueMessages::Keep },
    };
    let restored = backup::restore(&order, &SystemClock)?;
    report(args, &config.keys, &restored);
    Ok(ExitCode::Done)
}

fn report(args: &RestoreArgs, keys: &KeysConfig, Restored { manifest, settled }: &Restored) {
    say!(
        "{} is back: {} bookings, as they were at {}.",
        args.directory.display(),
        manifest.bookings,
        manifest.taken_at
    );
    if let KeysConfig::File(path) = keys {
        say!("The keys are in {}.", path.display());
    }
    say!("Everybody signs in anew. {} reminders and other messages become due later.", settled.later);
    match (settled.due, args.send_due) {
        (0, _) => {}
        (due, true) => say!("{due} messages that were due are sent when the service starts."),
        (due, false) => say!(
            "{due} messages that were due stay unsent (uncertain): they may have been sent since the backup."
        ),
    }
    say!("What happened after the backup is not in it. Do these again where there were any:");
    say!("  erasures that people asked for, staff that was ended, and imports.");
}
