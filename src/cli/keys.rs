//! `sunbeon keys`: master keys in files that only their owner can read.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::ExitCode;
use crate::keys::KeyRing;
use crate::system::SystemChance;

/// Makes and rotates master keys.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Makes a file with a fresh master key; never overwrites one
    New {
        /// The file to make
        path: PathBuf,
    },
    /// Writes a file with the keys of another and a fresh one that seals from now on
    ///
    /// The old file stays as it is. Stop the service, put the new file in the old one's place, start the service. What
    /// the old keys sealed stays readable; one-time codes that are on their way stop working.
    Rotate {
        /// The file with the keys in use
        old: PathBuf,
        /// The file to make
        new: PathBuf,
    },
}

/// Makes the key file that was asked for.
pub(super) fn run(args: &KeysArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        KeysCommand::New { path } => {
            KeyRing::generate(&SystemChance, false).write_new(path)?;
            say!("{} holds a fresh master key, readable by its owner only.", path.display());
            say!("Back it up apart from the database: without it, what is sealed is lost.");
        }
        KeysCommand::Rotate { old, new } => {
            let ring = KeyRing::read(old)?
                .rotated(&SystemChance)
                .context("there is no free key id left; 65,535 are taken")?;
            ring.write_new(new)?;
            say!(
                "{} holds the keys of {} and key {}, which seals from now on.",
                new.display(),
                old.display(),
                ring.current_key()
            );
        }
    }
    Ok(ExitCode::Done)
}
