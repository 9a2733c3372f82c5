//! `sunbeon check`: what is wrong with a configuration, all of it at once; or whether a server is alive.

use std::path::PathBuf;

use clap::Args;

use super::backup::wrong_with;
use super::place::read_keys;
use super::{ExitCode, alive};
use crate::config::{self, Config, DemoMarks};
use crate::keys::KeyRing;
use crate::store::{self, Found, StoreError, key_mark};

/// Says what is wrong with a configuration, all of it at once; or whether a server is alive.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The configuration file; without it, defaults and environment variables count
    #[arg(long, value_name = "FILE", conflicts_with_all = ["alive", "example"])]
    config: Option<PathBuf>,
    /// Asks a running server instead, such as http://127.0.0.1:8080/healthz, for at most three seconds
    #[arg(long, value_name = "URL")]
    alive: Option<String>,
    /// Prints a configuration with every key, its default and what it does, to begin with
    #[arg(long, conflicts_with = "alive")]
    example: bool,
}

/// Checks and prints one line for everything that is wrong.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    if let Some(url) = &args.alive {
        alive::ask(url)?;
        return Ok(ExitCode::Done);
    }
    if args.example {
        say!("{}", config::EXAMPLE.trim_end());
        return Ok(ExitCode::Done);
    }
    let config = match Config::read(args.config.as_deref()) {
        Ok(config) => config,
        Err(errors) => {
            say!("{errors}");
            say!("The key file and the database were not looked at: put this right first.");
            return Ok(ExitCode::WrongConfiguration);
        }
    };
    let findings = look_at(&config);
    for line in &findings.wrong {
        say!("{line}");
    }
    for line in &findings.noted {
        say!("{line}");
    }
    match (findings.wrong.is_empty(), findings.database_is_unreachable) {
        (true, false) => say!("Nothing is wrong: `sunbeon serve` can start with this configuration."),
        (true, true) => return Ok(ExitCode::DatabaseUnreachable),
        (false, _) => return Ok(ExitCode::WrongConfiguration),
    }
    Ok(ExitCode::Done)
}

/// What a look at keys, database and the rules of `serve` brought up.
#[derive(Debug, Default)]
struct Findings {
    /// What keeps `serve` from starting, besides the database, or a backup from being taken.
    wrong: Vec<String>,
    /// What the operator wants to know.
    noted: Vec<String>,
    database_is_unreachable: bool,
}

fn look_at(config: &Config) -> Findings {
    let mut findings = Findings::default();
    let mut marks = DemoMarks::default();
    let keys = match read_keys(&config.keys) {
        Ok(keys) => Some(keys),
        Err(error) => {
            findings.wrong.push(format!("keys: {error:#}"));
            None
        }
    };
    marks.keys = keys.as_ref().is_some_and(KeyRing::is_demo);
    let url = &config.database.url;
    match store::probe(url) {
        Ok(Found::Database { is_demo }) => {
            marks.database = is_demo;
            match keys.map(|keys| key_mark::look(url, &keys)) {
                None | Some(Ok(())) => {}
                Some(Err(StoreError::OtherKeys(error))) => findings.wrong.push(format!("keys: {error}")),
                // A table that an older schema lacks, for one: the first start migrates before it compares.
                Some(Err(error)) => {
                    findings.noted.push(format!("keys: they were not compared with the database: {error}"));
                }
            }
        }
        Ok(Found::NoFile) => {
            findings.noted.push(format!("{url:?} is not there yet; the first start makes it."))
        }
        Ok(Found::NoTables) => findings.noted.push(format!("{url:?} is empty; the first start fills it.")),
        Err(error) => {
            findings.noted.push(format!("database: {error}"));
            findings.database_is_unreachable = true;
        }
    }
    let passphrase = config.backup.passphrase.as_ref().and_then(wrong_with);
    findings.wrong.extend(passphrase.map(|wrong| format!("backup: {wrong}")));
    let refusals = config.refusals_for_serve(marks);
    findings.wrong.extend(refusals.iter().map(|refusal| format!("serve: {refusal}")));
    findings
}
