//! `sunbeon rehearse`: the worst evening, tried on one machine, and a report about it.

mod child;
mod country;
mod households;
mod place;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::ExitCode;
use super::exit::WrongUsage;
use super::place::read_keys;
use crate::config::{Config, LogConfig, LogFormat, LogLevel};
use crate::domain::clock::Clock;
use crate::domain::door::opening::OpeningCode;
use crate::rehearse::machine::Process;
use crate::rehearse::plan::{Arrivals, NUMBERS, Plan};
use crate::rehearse::report::Report;
use crate::rehearse::{Target, rehearse};
use crate::store::{Store, openings};
use crate::system::SystemClock;
use crate::telemetry;

use child::Server;
use place::Prepared;

/// Rehearses the worst evening with a population that doesn't exist.
///
/// It prepares a country, starts the service on it, and lets people come over HTTP, wait, and book, as they do with
/// browsers. Their phones have numbers that can't be anybody's, and this command takes the text messages. At the end a
/// report says what happened, what it cost, and whether anything was wrong.
///
/// With --server it comes to a service that runs already, whose text gateway (of kind "twilio") must have --gateway as its url. Only ever let it
/// come to a service that you keep for this: it books seats.
#[derive(Debug, Args)]
pub(super) struct RehearseArgs {
    /// Phones whose owners want to book, up to ten million
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(NUMBERS)))]
    people: u32,
    /// How they arrive
    #[arg(long, value_enum, default_value_t = ArrivalsArg::Evening)]
    arrivals: ArrivalsArg,
    /// The share that comes before the opening opens
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share)]
    early: f64,
    /// The share that books for others too, one to three of them
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share)]
    families: f64,
    /// The share that isn't there when its turn comes
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = share)]
    no_shows: f64,
    /// Devices that a person has, on average
    #[arg(long, value_name = "N", default_value_t = 1.3, value_parser = devices)]
    devices: f64,
    /// The share that reloads the page every few seconds
    #[arg(long, value_name = "SHARE", default_value_t = 0.02, value_parser = share)]
    impatient: f64,
    /// How many try to get in without their turn
    #[arg(long, value_name = "N", default_value_t = 10)]
    attackers: u32,
    /// Minutes after the opening at which it ends, whoever still waits
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    minutes: u32,
    /// Connections that all share, as behind a proxy
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    connections: u32,
    /// Seconds that people take for a page while booking, on average
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = devices_or_none)]
    think: f64,
    /// Another seed makes another population
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where report.json and report.html go
    #[arg(long, value_name = "DIR", default_value = "sunbeon-rehearsal")]
    report: PathBuf,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    running: RunningArgs,
}

/// What is prepared.
#[derive(Debug, Args)]
pub(super) struct PrepareArgs {
    /// The directory to prepare; without it, one that is taken away afterwards
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    data: Option<PathBuf>,
    /// The share that proved its phone in the days before, and wrote down whom it books for
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share, conflicts_with = "server")]
    prepared: f64,
    /// Sites of the country
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    sites: u32,
    /// People that the door is to let in a second; without it, the service finds its pace by itself
    #[arg(long, value_name = "PEOPLE")]
    pace: Option<f64>,
    /// Sessions that may be alive at once to begin with [default: a quarter of the people, 2000 to 20000]
    #[arg(long, value_name = "N")]
    sessions: Option<u32>,
    /// Seconds from the start of the service to the opening
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    opens_in: u32,
    /// Worker threads of the service
    #[arg(long, value_name = "N")]
    workers: Option<u32>,
}

/// A service that runs already.
#[derive(Debug, Args)]
pub(super) struct RunningArgs {
    /// Where it listens, by plain HTTP
    #[arg(long, value_name = "ADDRESS", requires_all = ["pid", "config", "opening", "gateway"])]
    server: Option<SocketAddr>,
    /// Its process
    #[arg(long, requires = "server")]
    pid: Option<u32>,
    /// Its configuration, for the database and the keys: they are only read
    #[arg(long, value_name = "FILE", requires = "server")]
    config: Option<PathBuf>,
    /// The code of the opening
    #[arg(long, value_name = "CODE", requires = "server")]
    opening: Option<OpeningCode>,
    /// Where to take its text messages, as the url of its text gateway says
    #[arg(long, value_name = "ADDRESS", requires = "server")]
    gateway: Option<SocketAddr>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ArrivalsArg {
    /// Half in the first minute, the rest over half an hour
    Evening,
    /// As fast as the service takes them
    Compressed,
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("write a number from {least} to {most}"))
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1.0)
}

fn devices(text: &str) -> Result<f64, String> {
    number(text, 1.0, 10.0)
}

fn devices_or_none(text: &str) -> Result<f64, String> {
    number(text, 0.0, 120.0)
}

impl RehearseArgs {
    fn plan(&self) -> Plan {
        Plan {
            people: self.people,
            arrivals: match self.arrivals {
                ArrivalsArg::Evening => Arrivals::Evening,
                ArrivalsArg::Compressed => Arrivals::Compressed,
            },
            early: self.early,
            // With a service that runs already, its database is only read.
            prepared: if self.running.server.is_some() { 0.0 } else { self.prepare.prepared },
            families: self.families,
            no_shows: self.no_shows,
            devices: self.devices,
            impatient: self.impatient,
            attackers: self.attackers,
            minutes: self.minutes,
            connections: usize::try_from(self.connections).unwrap_or(1),
            think_seconds: self.think,
            seed: self.seed,
        }
    }
}

/// Rehearses an evening and writes the report.
pub(super) fn run(args: &RehearseArgs) -> anyhow::Result<ExitCode> {
    telemetry::init_logging(&LogConfig { level: LogLevel::Warn, format: LogFormat::Text });
    std::fs::create_dir_all(&args.report)
        .with_context(|| format!("the directory {} can't be made", args.report.display()))?;
    let report = match args.running.server {
        Some(server) => with_running(args, server)?,
        None => with_own(args)?,
    };
    write(&report, &args.report)?;
    Ok(if report.wrong.is_nothing() { ExitCode::Done } else { ExitCode::RehearsedBadly })
}

/// Prepares a place, and lets people come to a service of its own.
fn with_own(args: &RehearseArgs) -> anyhow::Result<Report> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let gateway = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free for text messages")?;
    eprintln!("Inventing {} sites …", args.prepare.sites);
    let prepared = Prepared::new(args, gateway.local_addr()?, &clock)?;
    let server = Server::start(&prepared.config_file, prepared.address)?;
    prepared.wait_for_turns()?;
    let opens_at = prepared.opening.opening.opens_at;
    eprintln!("The service runs at {}, and the door opens at {opens_at}.", prepared.address);
    eprintln!("It ends when nobody waits any more, {} minutes after that at the latest.", args.minutes);
    let target = Target {
        server: prepared.address,
        process: Process { id: server.id() },
        origin: place::ORIGIN.to_owned(),
        opening: prepared.opening.clone(),
        store: prepared.store.clone(),
    };
    let report = rehearse(args.plan(), &target, gateway, &clock)?;
    server.stop()?;
    Ok(report)
}

/// Lets people come to a service that runs already.
fn with_running(args: &RehearseArgs, server: SocketAddr) -> anyhow::Result<Report> {
    let running = &args.running;
    let (Some(pid), Some(opening), Some(gateway)) = (running.pid, &running.opening, running.gateway) else {
        bail!(WrongUsage("with --server, --pid, --opening and --gateway must be there too".to_owned()));
    };
    let config = Config::read(running.config.as_deref())?;
    let keys = Arc::new(read_keys(&config.keys)?);
    let store = Store::open(&config.database.url, 1, keys)?;
    let found = store.read_now(|conn, keys| openings::find(conn, keys, opening))?;
    let found = found.with_context(|| format!("{opening}: there is no opening with this code"))?;
    let Some(origin) = &config.server.public_url else { bail!("the configuration has no server.public_url") };
    let target = Target {
        server,
        process: Process { id: pid },
        origin: origin.as_str().to_owned(),
        opening: found,
        store,
    };
    let gateway = TcpListener::bind(gateway).with_context(|| format!("can't listen on {gateway}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(rehearse(args.plan(), &target, gateway, &clock)?)
}

fn write(report: &Report, folder: &Path) -> anyhow::Result<()> {
    for (name, text) in
        [("report.json", serde_json::to_string_pretty(report)?), ("report.html", report.html()?)]
    {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("{} can't be written", file.display()))?;
    }
    let people = &report.people;
    say!(
        "{} devices came, {} were told to wait, {} were let in, and {} people have a seat, in {:.0} seconds.",
        people.arrived,
        people.waited,
        people.entered,
        people.booked,
        report.took
    );
    say!(
        "The service used {:.1} s of processor time, {:.2} ms a person, and {} MB of memory; the rehearsal {:.1} s.",
        report.server.cpu_seconds,
        report.server.cpu_seconds_a_person * 1_000.0,
        report.server.memory_bytes_max / 1_000_000,
        report.rehearsal_cpu_seconds
    );
    for (why, count) in &report.given_up {
        say!("  {count} gave up: {why}");
    }
    for (what, count) in report.wrong.all().into_iter().filter(|(_, count)| *count > 0) {
        say!("WRONG: {count} × {what}");
    }
    if report.wrong.is_nothing() {
        say!("Nothing was wrong.");
    }
    say!("The report is in {}.", folder.display());
    Ok(())
}
