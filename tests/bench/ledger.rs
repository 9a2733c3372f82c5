//! Durable bookings: holds and confirmations through desks and ledger, against the bare loop of the same database.

use std::sync::Arc;
use std::time::Duration;

use sunbeon::config::DatabaseUrl;

use crate::Wish;
use crate::country::{self, Size};
use crate::figures::{Table, median, quantile};
use crate::front_desk::FrontDesk;
use crate::raw_postgres::{OwnDatabase, RawPostgres};
use crate::raw_sqlite::RawSqlite;

/// People without a booking: as many as one run can serve.
const UNBOOKED: u32 = 500_000;

/// As many as one run on PostgreSQL can serve; filling it takes minutes as it is.
const UNBOOKED_ON_POSTGRES: u32 = 100_000;

/// How long the ledger's last checkpoint is waited for, so that it does not disturb what is measured next.
const SETTLE: Duration = Duration::from_secs(2);

/// Ledger writers on PostgreSQL.
const POSTGRES_WRITERS: u16 = 4;

fn size(wish: &Wish, unbooked: u32) -> Size {
    Size { sites: 1_200, seats: 4, booked: wish.bookings, unbooked }
}

/// Measures SQLite and adds rows to the table.
pub fn measure_sqlite(wish: &Wish, table: &mut Table) {
    let (size, time) = (size(wish, UNBOOKED), Duration::from_secs(wish.seconds));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let raw_folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let mut raw = RawSqlite::open(&country::copy(&size, raw_folder.path()), size);
    let system = actix_web::rt::System::new();
    let url = DatabaseUrl::Sqlite(country::copy(&size, folder.path()));
    let desk = Arc::new(FrontDesk::open(url, 1, size));
    system.block_on(desk.open_everywhere());
    let ours = compare(
        wish,
        table,
        "SQLite",
        || raw.run(time),
        || {
            let rate = system.block_on(desk.clone().book_closed_loop(wish.callers, time));
            std::thread::sleep(SETTLE);
            rate
        },
    );
    let half = ours / 2.0;
    let (mut commits, mut confirms) = (Vec::new(), Vec::new());
    for _ in 0..wish.rounds {
        commits.extend(raw.commits(time));
        confirms.extend(system.block_on(desk.clone().book_open_loop(half, time)));
        std::thread::sleep(SETTLE);
    }
    let [commit, late] = [&commits, &confirms].map(|seconds| 1000.0 * quantile(seconds, 0.99));
    let [middle_commit, middle] = [&commits, &confirms].map(|seconds| 1000.0 * median(seconds));
    table.row("bare commit of 512 rows, p50 / p99", format!("{middle_commit:.1} / {commit:.1} ms"), "");
    table.row(
        format!("confirm at {half:.0} commands/s, open loop, p50 / p99"),
        format!("{middle:.1} / {late:.1} ms"),
        format!("p99 at most 3 × = {:.1} ms", 3.0 * commit),
    );
    desk.close();
}

/// Measures PostgreSQL and adds rows to the table.
pub fn measure_postgres(wish: &Wish, table: &mut Table) {
    let Some(server) = &wish.postgres else {
        table.row("PostgreSQL", "not measured", "name a server with --postgres");
        return;
    };
    let (size, time) = (size(wish, UNBOOKED_ON_POSTGRES), Duration::from_secs(wish.seconds));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = country::copy(&size, folder.path());
    let fill = |word| {
        let database = OwnDatabase::create(server, word);
        sunbeon::store::migrate(&database.url()).expect("the tables are made");
        database.fill(&file);
        database
    };
    let (database, raw_database) = (fill("ours"), fill("bare"));
    let mut raw = RawPostgres::open(&raw_database, size);
    let system = actix_web::rt::System::new();
    let desk = Arc::new(FrontDesk::open(database.url(), POSTGRES_WRITERS, size));
    system.block_on(desk.open_everywhere());
    compare(
        wish,
        table,
        &format!("PostgreSQL {}", database.version()),
        || raw.run(time),
        || system.block_on(desk.clone().book_closed_loop(wish.callers, time)),
    );
    desk.close();
}

/// Measures both in turns; gives our commands a second.
fn compare(
    wish: &Wish,
    table: &mut Table,
    database: &str,
    mut bare: impl FnMut() -> f64,
    mut ours: impl FnMut() -> f64,
) -> f64 {
    let rounds: Vec<[f64; 2]> = (0..wish.rounds)
        .map(|_| {
            let round = [bare(), ours()];
            println!("  {database}: bare {:.0}/s, ours {:.0}/s", round[0], round[1]);
            round
        })
        .collect();
    let middle = |figure: fn(&[f64; 2]) -> f64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
    let (bare, ours) = (middle(|round| round[0]), middle(|round| round[1]));
    let (callers, bookings) = (wish.callers, wish.bookings);
    table.row(
        format!("bare {database} loop, batches of 512, {bookings} bookings present"),
        format!("{bare:.0} commands/s"),
        "",
    );
    table.row(
        format!("desks and ledger on {database}, {callers} callers"),
        format!("{ours:.0} commands/s"),
        "",
    );
    let aim = if database == "SQLite" { "at least 60 %, aim 80 %" } else { "" };
    table.row("ratio", format!("{:.0} %", 100.0 * middle(|round| round[1] / round[0])), aim);
    ours
}
