//! Measures Sunbeon against the bare libraries under it, in one run on one machine, and prints a table.
//!
//! `cargo bench` runs every section; `cargo bench -- ledger` runs one; `cargo bench -- --help` tells the rest. Nothing here
//! passes or fails: a shared machine is noisy, so what counts are the ratios within one run.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

/// The allocator of the product: what is measured is what is deployed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod bare_server;
mod carrier;
mod country;
mod figures;
mod front_desk;
mod ledger;
mod machine;
mod messages;
mod raw_postgres;
mod raw_rows;
mod raw_sqlite;
mod requests;
mod scale;
mod served;
mod visits;
mod wire;

use std::net::SocketAddr;

use clap::{Parser, ValueEnum};

use figures::Table;
use requests::Page;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Durable bookings a second, against the raw SQLite library.
    Ledger,
    /// The same on PostgreSQL, against a bare client; needs `--postgres`.
    Postgres,
    /// Processor time of a request, against a bare handler that sends the same bytes.
    Requests,
    /// A whole country against a small one: start, memory, searches.
    Scale,
    /// Messages: how quickly an outbox drains, and how soon after a confirmation they are handed over.
    Messages,
}

/// What the command line asks for.
#[derive(Debug, Parser)]
#[command(about = "Measures Sunbeon against the bare libraries under it.")]
struct Wish {
    /// What is measured; everything when none is named.
    #[arg(value_enum)]
    sections: Vec<Section>,
    /// Bookings that are there before the measurement begins.
    #[arg(long, default_value_t = 1_000_000)]
    bookings: u32,
    /// Callers that book at the same time.
    #[arg(long, default_value_t = 512)]
    callers: usize,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Pairs of measurements; the median of their ratios counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A PostgreSQL server: `postgres://user:password@host:port/name`. Databases are made and dropped beside that one.
    #[arg(long)]
    postgres: Option<String>,
    /// Pages whose requests are measured; all when none is named.
    #[arg(long, value_enum)]
    page: Vec<Page>,
    /// Connections over which requests come.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Sites of the large country.
    #[arg(long, default_value_t = 15_000)]
    sites: u32,
    /// Only answers requests, at an address, with the answer in a file.
    #[arg(long, hide = true, num_args = 2)]
    bare: Option<Vec<String>>,
    /// The same without anything that knows HTTP.
    #[arg(long, hide = true, num_args = 2)]
    socket: Option<Vec<String>>,
    /// Only takes text messages at an address, by SMPP.
    #[arg(long, hide = true)]
    smpp: Option<SocketAddr>,
    /// The same by HTTP.
    #[arg(long, hide = true)]
    texts: Option<SocketAddr>,
    /// Cargo says this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Wish {
    fn includes(&self, section: Section) -> bool {
        self.sections.is_empty() || self.sections.contains(&section)
    }
}

fn main() {
    let wish = Wish::parse();
    if let Some([address, file]) = wish.bare.as_deref() {
        return bare_server::serve(address.parse().expect("an address"), file);
    }
    if let Some([address, file]) = wish.socket.as_deref() {
        return bare_server::serve_socket(address.parse().expect("an address"), file);
    }
    if let Some(address) = wish.smpp {
        return carrier::serve_smpp(address);
    }
    if let Some(address) = wish.texts {
        return carrier::serve_http(address);
    }
    println!("{}", machine::description());
    let mut table = Table::default();
    if wish.includes(Section::Ledger) {
        ledger::measure_sqlite(&wish, &mut table);
    }
    if wish.includes(Section::Postgres) {
        ledger::measure_postgres(&wish, &mut table);
    }
    if wish.includes(Section::Requests) {
        requests::measure(&wish, &mut table);
    }
    if wish.includes(Section::Scale) {
        scale::measure(&wish, &mut table);
    }
    if wish.includes(Section::Messages) {
        messages::measure(&wish, &mut table);
    }
    println!("{table}");
}
