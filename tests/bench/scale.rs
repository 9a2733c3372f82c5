//! A whole country against a small one: seconds to start, memory, and how long searches take, in the real executable.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::Wish;
use crate::country::{self, Size};
use crate::figures::{Table, median, quantile};
use crate::served::Served;
use crate::visits::Citizen;
use crate::wire::{self, Returned, Span};

/// Sites of the small country.
const FEW: u32 = 100;

/// People who look around.
const PEOPLE: u32 = 2_000;

/// Searches come one after the other: what is measured is the search, not a queue before it.
const CONNECTIONS: usize = 1;

/// What was measured of one country.
struct Scale {
    start: Duration,
    searches: Vec<f64>,
    /// In MB, after searches.
    memory: f64,
    /// In MB, with a desk for every site.
    memory_with_desks: f64,
    /// In MB, the most from the start to the end.
    memory_peak: f64,
}

/// Measures and adds rows to the table.
pub fn measure(wish: &Wish, table: &mut Table) {
    let [few, many] = [FEW, wish.sites].map(|sites| Scale::of(wish, sites));
    let both = |figure: &dyn Fn(&Scale) -> String| format!("{}, {}", figure(&few), figure(&many));
    let sites = wish.sites;
    table.row(
        format!("{FEW} sites, {sites} sites: from the start until it is ready"),
        both(&|one| format!("{:.2} s", one.start.as_secs_f64())),
        "under 5 s",
    );
    table.row(
        format!("{FEW} sites, {sites} sites: search, p50 / p99"),
        both(&|one| {
            let [half, late] = [median(&one.searches), quantile(&one.searches, 0.99)].map(|s| 1000.0 * s);
            format!("{half:.2} / {late:.2} ms")
        }),
        "p99 under 5 ms",
    );
    table.row(
        format!("{FEW} sites, {sites} sites: memory after searches"),
        both(&|one| format!("{:.0} MB", one.memory)),
        "under 600 MB",
    );
    table.row(
        format!("{FEW} sites, {sites} sites: memory with a desk for every site"),
        both(&|one| format!("{:.0} MB", one.memory_with_desks)),
        "under 600 MB",
    );
    table.row(
        format!("{FEW} sites, {sites} sites: memory, the most at any time"),
        both(&|one| format!("{:.0} MB", one.memory_peak)),
        "under 600 MB",
    );
}

impl Scale {
    fn of(wish: &Wish, sites: u32) -> Self {
        let size = Size { sites, seats: 4, booked: 0, unbooked: PEOPLE };
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let database = country::new(&size, folder.path());
        Self::served(&size, folder.path(), &database, Duration::from_secs(wish.seconds))
    }

    fn served(size: &Size, folder: &Path, database: &Path, time: Duration) -> Self {
        let began = Instant::now();
        let served = Rc::new(Served::sunbeon(folder, database));
        let people: Vec<Citizen> = (1..=PEOPLE).map(|account| Citizen::of(account, size)).collect();
        actix_web::rt::System::new().block_on(async {
            let ready = wire::ask(&served, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
            assert_eq!(ready.status(), 200, "{}", ready.head());
            let start = began.elapsed();
            let send = async |requests: Vec<Vec<u8>>, status, span| {
                wire::send(&served, CONNECTIONS, requests, status, span).await
            };
            let searches = people.iter().flat_map(Citizen::searches).collect();
            let Returned { seconds: searches, .. } = send(searches, 200, Span::For(time)).await;
            let memory = served.memory();
            let everywhere: Vec<_> = (1..=size.sites).map(|site| people[0].days_of(site)).collect();
            send(everywhere, 200, Span::Once).await;
            let (memory_with_desks, memory_peak) = (served.memory(), served.memory_peak());
            Self { start, searches, memory, memory_with_desks, memory_peak }
        })
    }
}
