//! `sunbeon migrate`: brings the database to the newest schema, before a new version starts.

use clap::Args;

use super::ExitCode;
use super::place::Place;
use crate::store;

/// Brings the database to the newest schema.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    place: Place,
}

/// Runs the migrations that the database lacks and prints their names.
pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<ExitCode> {
    let config = args.place.config()?;
    let names = store::migrate(&config.database.url)?;
    for name in &names {
        say!("{name}");
    }
    match names.len() {
        0 => say!("The database has the newest schema already."),
        count => say!("The database has the newest schema now ({count} new)."),
    }
    Ok(ExitCode::Done)
}
