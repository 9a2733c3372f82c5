//! The demo: an invented country in a directory of its own, the same for the same seed, with a server that shows
//! everything.

mod bookings;
pub mod calendar;
pub mod campaigns;
pub mod country;
mod directory;
pub mod names;
mod parties;
pub mod people;
pub mod prepare;
mod words;

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;

pub(super) use directory::make as make_directory;
pub use prepare::{Login, Prepared, Progress, Wish, prepare};

use super::ExitCode;
use super::exit::WrongUsage;
use super::service::Service;
use crate::config::{Config, DEMO_SPOOL};
use crate::system::SystemClock;
use crate::telemetry;
use crate::web::server;

/// A number to try the demo with; nobody invented has it.
pub const VISITORS_PHONE: &str = "010-0000-1234";

/// Shows Sunbeon with an invented country.
///
/// Makes a database with sites, slots, campaigns and bookings, and serves it on this machine. What would be sent is
/// shown on a page. Started again, it goes on with the same directory.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The directory everything is kept in
    #[arg(long, value_name = "DIR", default_value = "sunbeon-demo")]
    data: PathBuf,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Another seed gives another country [default: 7, or the directory's]
    #[arg(long)]
    seed: Option<u64>,
    /// How many sites the country has, up to 20,000 [default: 1200, or the directory's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    sites: Option<u32>,
    /// Allows an address that others can reach: they see every code and every message
    #[arg(long)]
    expose_demo: bool,
}

/// Prepares the country and serves it until it is told to stop.
pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    if !args.listen.ip().is_loopback() && !args.expose_demo {
        bail!(WrongUsage(format!(
            "the demo shows every code and every message, and {} can be reached by others: use a loopback address, \
             or add --expose-demo",
            args.listen
        )));
    }
    // A port that is taken is told before a country is invented.
    let listener = server::bind(args.listen)?;
    let bound = listener.local_addr()?;
    let config = Config::for_demo(&args.data, bound);
    telemetry::init_logging(&config.log);
    let wish = Wish { data: args.data.clone(), seed: args.seed, sites: args.sites };
    let prepared = prepare(&wish, Arc::new(SystemClock), &mut show)?;
    say!("{}", welcome(&prepared, &args.data, bound));
    let demo_spool = Some(args.data.join(DEMO_SPOOL));
    Service { config, keys: Arc::new(prepared.keys), listener, demo_spool }.run()?;
    Ok(ExitCode::Done)
}

/// One line that counts on a terminal; a few lines in a file.
fn show(progress: Progress) {
    let Progress { done, total } = progress;
    let mut out = std::io::stderr();
    let line = if out.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        format!("\rInventing sites and their times: {done} of {total}{end}")
    } else if done == total || done % 1_000 == 0 {
        format!("Inventing sites and their times: {done} of {total}\n")
    } else {
        return;
    };
    // Nobody to tell when the terminal is gone.
    drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
}

/// What to do now.
fn welcome(prepared: &Prepared, data: &std::path::Path, bound: SocketAddr) -> String {
    let shown = if bound.ip().is_unspecified() {
        SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, bound.port()))
    } else {
        bound
    };
    let messages = data.join("messages.jsonl");
    let mut text = format!(
        "\nThe demo runs: open http://{shown}/\n\n\
         To book       http://{shown}/   with any phone such as {VISITORS_PHONE}; no 010-0000 number can ring\n\
         Messages      http://{shown}/demo/messages   what would be sent, codes too; also in {}\n\
         For staff     http://{shown}/clinic\n",
        messages.display()
    );
    for Login { login, password, sees } in &prepared.logins {
        text.push_str(&format!("    {login:<10}  password {password:<16}  sees {sees}\n"));
    }
    text.push_str(&format!("\nEverything is in {}. Ctrl-C stops it.", data.display()));
    text
}
