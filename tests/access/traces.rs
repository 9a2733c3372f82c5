//! What is left behind after everything was done: no database, log, figure, address or crash tells whom it was about.
//!
//! By design a few things stand where they are seen: the demo's spool and its page show every message, and staff type
//! reasons into the access log in their own words. The spool is not searched.

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;

use data_encoding::HEXLOWER;
use sunbeon::config::{LogConfig, LogFormat, LogLevel};
use sunbeon::domain::ids::{AccountId, ChallengeId};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::keys::KeyRing;
use sunbeon::store::{Conn, Never, Outcome, StoreError, Tx, accounts, bookings, challenges, people};
use sunbeon::telemetry;

use crate::app::{Language, TestApp, wait_for};
use crate::journey::{Family, NAME, PHONE};
use crate::needles::{Needle, found};
use crate::server::Server;

const FORMAT: &str = "SUNBEON_TEST_LOG_FORMAT";
const LOG: &str = "SUNBEON_TEST_LOG_FILE";

#[test]
fn lines_in_json_name_nobody() {
    listen_to("json");
}

#[test]
fn lines_in_text_name_nobody() {
    listen_to("text");
}

/// Runs [`a_journey_in_a_process_of_its_own`], so that what it writes goes to a file: a test can't read its own output.
fn listen_to(format: &str) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "traces::a_journey_in_a_process_of_its_own", "--ignored", "--nocapture"]);
    child.env(FORMAT, format).env(LOG, &log).env("RUST_BACKTRACE", "1").stderr(File::create(&log).unwrap());
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", fs::read_to_string(&log).unwrap());
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "others run it, each in a process of its own"]
fn a_journey_in_a_process_of_its_own() {
    let (Some(format), Some(log)) = (std::env::var_os(FORMAT), std::env::var_os(LOG)) else { return };
    let (format, log) =
        (if format == "json" { LogFormat::Json } else { LogFormat::Text }, PathBuf::from(log));
    // A server of its own: the log of PostgreSQL is that of all databases.
    let server = if format == LogFormat::Text { Server::start_new() } else { None };
    let app = server.as_ref().map_or_else(TestApp::start, |server| TestApp::on(server.database()));
    assert!(telemetry::init_logging(&LogConfig { level: LogLevel::Trace, format }));
    let log_began = log_position(&app);
    let family = Family::go(&app);
    for crash in crashes(&app) {
        assert_crashes(&app, &crash);
    }
    let logged = wait_for("the last crash in the log", || {
        let text = fs::read_to_string(&log).unwrap();
        (text.matches("a crash with").count() >= 5).then_some(text)
    });
    for sign in ["/people/{number}", "the store failed", "a command panicked", "stack backtrace"] {
        assert!(logged.contains(sign), "{sign} is missing: was anything logged?\n{logged}");
    }
    family.assert_not_in_logs("the log", logged.as_bytes());
    let figures = app.browser(Language::Korean).get("/metrics").body;
    assert!(figures.contains("sunbeon_messages_total"), "{figures}");
    family.assert_not_in_logs("the figures", figures.as_bytes());
    family.assert_nowhere("the addresses", family.addresses.join("\n").as_bytes());
    family.assert_nowhere("the database", &database(&app));
    family.assert_nowhere("the database's log", &log_since(&app, log_began.as_deref()));
    plant(&app, &log, log_began.as_deref());
    app.stop();
}

/// What a program in trouble may hold in its hands: everything that is known about the family, as a crash shows it.
fn crashes(app: &TestApp) -> Vec<String> {
    app.read(|conn, keys| {
        let ids = ids(app, "SELECT CAST(id AS TEXT) AS line FROM account WHERE erased_at IS NULL");
        let mut crashes = Vec::new();
        for id in ids {
            crashes.push(of_account(conn, keys, AccountId(id))?);
        }
        let challenge = ids_of_challenges(app).pop().map(ChallengeId).unwrap();
        crashes.push(format!("{:?}", challenges::find(conn, keys, challenge)?));
        crashes.push(format!("{:?} {:?}", PhoneNumber::parse(PHONE), PersonName::parse(NAME)));
        Ok(crashes)
    })
}

fn ids_of_challenges(app: &TestApp) -> Vec<i64> {
    ids(app, "SELECT CAST(id AS TEXT) AS line FROM challenge ORDER BY id")
}

fn ids(app: &TestApp, query: &str) -> Vec<i64> {
    app.database.lines(query).iter().map(|line| line.parse().unwrap()).collect()
}

fn of_account(conn: &mut Conn, keys: &KeyRing, id: AccountId) -> Result<String, StoreError> {
    Ok(format!(
        "{:?} {:?} {:?} {:?}",
        accounts::find(conn, keys, id)?,
        people::cared_for(conn, keys, id)?,
        people::carers(conn, keys, id)?,
        bookings::visible_to(conn, keys, id)?
    ))
}

/// Once in the ledger, which undoes the command and goes on, and once on a thread of nobody's.
fn assert_crashes(app: &TestApp, with: &str) {
    let (one, other) = (with.to_owned(), with.to_owned());
    let command = move |_: &mut Tx<'_>| -> Outcome<(), Never> { panic!("a crash with {one}") };
    assert!(app.engine().ledger.write_now(command).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| panic!("a crash with {other}"))).is_err());
}

/// Everything that the database holds: the bytes of its files, or each row as text.
fn database(app: &TestApp) -> Vec<u8> {
    if !app.database.is_postgres() {
        return app.database.files().iter().flat_map(|file| fs::read(file).unwrap()).collect();
    }
    let tables =
        "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'";
    let rows = |table: &String| app.database.lines(&format!("SELECT t::text AS line FROM {table} t"));
    app.database.lines(tables).iter().flat_map(rows).collect::<Vec<_>>().join("\n").into_bytes()
}

/// How far the log of PostgreSQL is written; SQLite's is among the files of the database.
fn log_position(app: &TestApp) -> Option<String> {
    if !app.database.is_postgres() {
        return None;
    }
    app.database.lines("SELECT pg_current_wal_lsn()::text AS line").pop()
}

/// What PostgreSQL wrote to its log since then.
fn log_since(app: &TestApp, began: Option<&str>) -> Vec<u8> {
    let Some(began) = began else { return Vec::new() };
    let ends = log_position(app).unwrap();
    let segments_of = format!(
        "SELECT name || ' ' || encode(pg_read_binary_file('pg_wal/' || name), 'hex') AS line FROM pg_ls_waldir() \
         WHERE name BETWEEN pg_walfile_name('{began}') AND pg_walfile_name('{ends}') ORDER BY name"
    );
    let offset = |position: &str| {
        let offset =
            format!("SELECT file_offset::bigint AS number FROM pg_walfile_name_offset('{position}')");
        usize::try_from(app.database.number(&offset)).unwrap()
    };
    let first = format!("SELECT pg_walfile_name('{began}') AS line");
    let mut segments: Vec<(String, Vec<u8>)> = Vec::new();
    for line in app.database.lines(&segments_of) {
        let (name, bytes) = line.split_once(' ').unwrap();
        segments.push((name.to_owned(), HEXLOWER.decode(bytes.as_bytes()).unwrap()));
    }
    assert_eq!(segments[0].0, app.database.lines(&first)[0], "the log's beginning is gone already");
    // Behind its end a segment holds what an older one held.
    segments.last_mut().unwrap().1.truncate(offset(&ends));
    segments.into_iter().flat_map(|(_, bytes)| bytes).skip(offset(began)).collect()
}

/// What would be found if it were there: a search that finds nothing proves nothing.
fn plant(app: &TestApp, log: &PathBuf, log_began: Option<&str>) {
    let name = [Needle::text("the name", NAME)];
    tracing::trace!(target: "sunbeon", "a line about {NAME}");
    assert_crashes(app, NAME);
    let planted = wait_for("what was planted", || {
        let text = fs::read_to_string(log).unwrap();
        (text.matches(NAME).count() >= 3).then_some(text)
    });
    assert!(!found(&name, planted.as_bytes()).is_empty());
    app.database
        .execute(&format!("CREATE TABLE planted (line TEXT); INSERT INTO planted VALUES ('{NAME}')"))
        .unwrap();
    assert!(!found(&name, &database(app)).is_empty(), "a name in the database would not be found");
    let is_found = !found(&name, &log_since(app, log_began)).is_empty();
    assert!(is_found || log_began.is_none(), "a name in the database's log would not be found");
}
