//! What a page calls confirmed is on disk. SIGKILL can't show this, because what a dead process gave to the operating
//! system is written all the same: here the system calls of a whole service are watched.

use std::path::Path;
use std::process::{Command, Stdio};

use diesel::connection::SimpleConnection;
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::people;
use sunbeon::store::{Failure, Never, Tx, accounts};

use crate::app::details::someone;
use crate::app::{Browser, Language, TestApp};
use crate::trace::{self, Acknowledgement};

/// Tells the traced service how SQLite shall synchronise.
const SYNCHRONOUS: &str = "SUNBEON_TEST_SYNCHRONOUS";

/// People who book one after the other, and people who book the four seats of a time at the same instant.
const ALONE: usize = 4;
const TOGETHER: usize = 4;

/// What they are told: hold, booking, change and cancellation of each who is alone; hold and booking of the others.
const ACKNOWLEDGEMENTS: usize = ALONE * 4 + TOGETHER * 2;

#[test]
fn nobody_is_told_before_it_is_on_disk() {
    let told = acknowledgements_with("FULL");
    let early: Vec<_> = told.iter().filter(|one| !one.is_on_disk).collect();
    assert!(early.is_empty(), "acknowledged before it was on disk: {early:?}");
}

/// Without this one the other proves nothing: the same people, the same check, and a ledger that does not wait for the
/// disk. A checkpoint may synchronise by chance while somebody waits.
#[test]
fn the_check_sees_a_ledger_that_does_not_wait_for_the_disk() {
    for setting in ["OFF", "NORMAL"] {
        let told = acknowledgements_with(setting);
        let early = told.iter().filter(|one| !one.is_on_disk).count();
        assert!(early > ACKNOWLEDGEMENTS / 2, "synchronous={setting} was seen {early} times only: {told:?}");
    }
}

fn acknowledgements_with(synchronous: &str) -> Vec<Acknowledgement> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace");
    trace_a_service(&file, synchronous);
    let told = trace::acknowledgements(&trace::events(&std::fs::read_to_string(file).unwrap()));
    assert_eq!(told.len(), ACKNOWLEDGEMENTS, "{told:?}");
    told
}

/// Runs [`a_service_that_is_watched`] in a process of its own under strace.
fn trace_a_service(file: &Path, synchronous: &str) {
    let traced = Command::new("strace")
        .args([
            "--follow-forks",
            "--seccomp-bpf",
            "--decode-fds=path",
            "--string-limit=64",
            "--trace",
            trace::CALLS,
        ])
        .arg("--output")
        .arg(file)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disk::a_service_that_is_watched", "--ignored", "--nocapture"])
        .env(SYNCHRONOUS, synchronous)
        .stdin(Stdio::null())
        .output()
        .expect("strace must be installed: tests/run does it");
    let said =
        [traced.stdout, traced.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(
        traced.status.success() && said.contains("1 passed"),
        "the service could not be watched. When it is ptrace that is not permitted here (a container may need \
         --cap-add=SYS_PTRACE), nothing was proved:\n{said}"
    );
}

#[test]
#[ignore = "the tests above start it under strace"]
fn a_service_that_is_watched() {
    let app = TestApp::start();
    if let Some(setting) = std::env::var_os(SYNCHRONOUS) {
        synchronise(&app, setting.to_str().unwrap());
    }
    // Where nothing is left to send, nothing but what is asked for is written: no other commit vouches for it.
    let nothing_to_send = || app.await_messages_sent();
    for index in 0..ALONE {
        let browser = somebody(&app, index);
        let booking = book(&app, &browser, nothing_to_send);
        let change = browser.get(&format!("{booking}/change")).click("day=2026-11-25").click("/check?");
        nothing_to_send();
        let changed = change.form("/change").press("");
        assert!(changed.path.ends_with("?changed=1"), "{changed:?}");
        let cancel = browser.get(&format!("{booking}/cancel")).form("/cancel");
        nothing_to_send();
        let cancelled = cancel.press("");
        assert!(cancelled.path.ends_with("?cancelled=1"), "{cancelled:?}");
    }
    let everyone: Vec<Browser> = (ALONE..ALONE + TOGETHER).map(|index| somebody(&app, index)).collect();
    std::thread::scope(|scope| {
        for browser in &everyone {
            let app = &app;
            scope.spawn(move || book(app, browser, || ()));
        }
    });
    app.stop();
}

/// Sets `synchronous` on the ledger's own connection. The product has no setting for it, and SQLite takes none inside a
/// transaction: this command ends the ledger's and begins another in its place.
fn synchronise(app: &TestApp, setting: &str) {
    let sql = format!("COMMIT; PRAGMA synchronous = {setting}; BEGIN; SAVEPOINT diesel_savepoint_1;");
    let command = move |tx: &mut Tx<'_>| Ok::<_, Failure<Never>>(tx.conn.batch_execute(&sql)?);
    app.engine().ledger.write_now(command).unwrap();
}

/// A browser in which somebody has signed in, who is the first in their own list.
fn somebody(app: &TestApp, index: usize) -> Browser {
    let phone = format!("010-0000-{index:04}");
    let browser = app.browser(Language::Korean);
    let code = browser.get("/sign-in?next=%2F").form("/sign-in").fill("phone", &phone).press("");
    code.form("/sign-in/code").fill("code", &app.code_for(&phone)).press("");
    let number = PhoneNumber::parse(&phone).unwrap();
    let add = move |tx: &mut Tx<'_>| {
        let (account, _) = accounts::of_proved_phone(tx, &number, Language::Korean)?;
        people::add(tx, account, &someone("김순자", "1950-03-01", Relation::Me), 6)
    };
    app.engine().ledger.write_now(add).unwrap();
    browser
}

/// Books a seat, with something to wait for before each of the two forms, and gives the path of the booking.
fn book(app: &TestApp, browser: &Browser, wait: impl Fn()) -> String {
    let when = browser.get(&format!("/book/flu-2026/{}/when?p=1&day=2026-11-24", app.site(0).code));
    wait();
    let held = when.form("/hold").press("");
    assert!(held.path.starts_with("/hold/"), "{held:?}");
    wait();
    let done = held.form("/confirm").press("");
    assert!(done.path.starts_with("/done/"), "{done:?}");
    done.link("/bookings/")
}
