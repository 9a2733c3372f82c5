//! `sunbeon import`: sites from a CSV file, a campaign from a TOML file. Imported again, a file stores nothing twice.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::ExitCode;
use super::exit::WrongUsage;
use super::installation::Installation;
use super::place::Place;
use crate::config::Config;
use crate::domain::clock::Clock;
use crate::domain::weekly_hours::WeeklyHours;
use crate::import::{
    CampaignOptions, Mapping, ProductList, Progress, SiteOptions, Step, import_campaign, import_sites,
};
use crate::system::SystemClock;

/// Saved sites after which the node's number is renewed: some ten seconds.
const RENEW_SITES: usize = 1_000;

/// Lines of progress that a file gets; a terminal sees every step.
const LINES_EACH_STEP: usize = 10;

/// Takes sites from a CSV file, or a campaign from a TOML file.
///
/// Bad rows are named with their line and all reasons, and the good ones go in. Importing again updates what is there.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// sites.csv or campaign.toml; its ending says which it is
    file: PathBuf,
    /// Which of their columns is one of ours, such as name=시설명; joined by +, such as address=sido+sigungu
    #[arg(long = "map", value_name = "OURS=THEIRS")]
    columns: Vec<Mapping>,
    /// Opening hours of sites that have none, such as "Mon-Fri 09:00-18:00; Sat 09:00-13:00"
    #[arg(long, value_parser = weekly_hours)]
    hours: Option<WeeklyHours>,
    /// Products of sites that have none, such as "flu-standard, flu-high-dose:2" (2 seats each half hour)
    #[arg(long)]
    products: Option<ProductList>,
    /// Seats of each half hour and product where none are given
    #[arg(long)]
    seats: Option<u16>,
    /// Says what would be done, and does nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

fn weekly_hours(text: &str) -> Result<WeeklyHours, String> {
    WeeklyHours::parse(text).map_err(|error| error.to_string())
}

/// Imports the file and prints what was done.
pub(super) fn run(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let kind = Kind::of(&args.file)?;
    if kind == Kind::Campaign && args.has_site_options() {
        bail!(WrongUsage("--map, --hours, --products and --seats are for sites, not for a campaign".into()));
    }
    let bytes = fs::read(&args.file).with_context(|| format!("{} can't be read", args.file.display()))?;
    let (installation, config) = Installation::at(&args.place)?;
    let some_refused = import(&installation, &config, kind, args, &bytes)
        .with_context(|| args.file.display().to_string())?;
    Ok(if some_refused { ExitCode::SomeRowsRefused } else { ExitCode::Done })
}

impl ImportArgs {
    fn has_site_options(&self) -> bool {
        !self.columns.is_empty() || self.hours.is_some() || self.products.is_some() || self.seats.is_some()
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sites,
    Campaign,
}

impl Kind {
    fn of(file: &Path) -> Result<Self, WrongUsage> {
        let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("csv" | "tsv" | "txt") => Ok(Self::Sites),
            Some("toml") => Ok(Self::Campaign),
            _ => Err(WrongUsage(format!(
                "{}: give a .csv file of sites or a .toml file of a campaign",
                file.display()
            ))),
        }
    }
}

/// Imports and prints the report. Says whether rows were refused.
fn import(
    installation: &Installation,
    config: &Config,
    kind: Kind,
    args: &ImportArgs,
    bytes: &[u8],
) -> anyhow::Result<bool> {
    let (ledger, store, zone) = (&installation.ledger, &installation.store, config.time.zone.clone());
    let mut watch = |progress| watch(installation, progress);
    match kind {
        Kind::Sites => {
            let options = SiteOptions {
                columns: args.columns.clone(),
                hours: args.hours.clone(),
                products: args.products.clone(),
                seats: args.seats,
                zone,
                dry_run: args.dry_run,
            };
            let report = import_sites(ledger, store, bytes, &options, &mut watch)?;
            say!("{}", report.to_string().trim_end());
            Ok(!report.bad.is_empty())
        }
        Kind::Campaign => {
            let options = CampaignOptions {
                zone,
                now: SystemClock.now(),
                codes_per_hour: config.codes.per_hour,
                dry_run: args.dry_run,
            };
            let report = import_campaign(ledger, store, bytes, &options, &mut watch)?;
            say!("{}", report.to_string().trim_end());
            Ok(false)
        }
    }
}

/// Shows how far the import is, and keeps the node's number meanwhile.
fn watch(installation: &Installation, progress: Progress) {
    let Progress { step, done, total } = progress;
    if step == Step::Saving
        && done % RENEW_SITES == 0
        && let Err(error) = installation.renew()
    {
        tracing::warn!(%error, "the node's number could not be renewed");
    }
    let mut out = std::io::stderr();
    let line = if out.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        format!("\r{step}: {done} of {total}{end}")
    } else if done == total || done % (total / LINES_EACH_STEP).max(1_000) == 0 {
        format!("{step}: {done} of {total}\n")
    } else {
        return;
    };
    // Nobody to tell when the terminal is gone.
    drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_what_a_file_holds() {
        let kind = |file: &str| Kind::of(Path::new(file)).ok();
        assert_eq!(kind("sites.CSV"), Some(Kind::Sites));
        assert_eq!(kind("a/flu.toml"), Some(Kind::Campaign));
        assert_eq!(kind("sites.xlsx"), None);
        assert_eq!(kind("sites"), None);
    }
}
