//! The database is gone for a while: PostgreSQL is stopped and started, another program keeps SQLite locked.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use reqwest::StatusCode;
use sunbeon::store::{DatabaseUrl, Failure, Never, Tx};

use crate::answers::{assert_outage, form_to_send_again, is_ready, seats, send_again};
use crate::app::{Browser, Language, TestApp, block_on, wait_for};
use crate::server::Server;
use crate::way;

const L: Language = Language::English;

/// People who ask at once while the database is gone: far more than connections that read.
const CROWD: usize = 300;

/// A browser on a Korean device whose owner chose English.
fn english_by_choice(app: &TestApp) -> Browser {
    let browser = app.browser(Language::Korean);
    browser.expect_outages();
    browser.get("/").press("English");
    browser
}

#[test]
fn postgres_is_stopped_and_started() {
    let Some(server) = Server::start_new() else { return };
    let app = TestApp::on(server.database());
    let browser = english_by_choice(&app);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let new = way::new_person(&browser, "최영희");

    server.stop();
    assert_crowd_is_told(&app, &browser);
    let time = way::press_time(&times, 0);
    assert_outage(&time, L);
    let added = new.press("");
    assert_outage(&added, L);
    assert_eq!(form_to_send_again(&added, L).value("name"), Some("최영희"));
    assert_outage(&browser.get("/bookings"), L);
    assert!(!is_ready(&app));
    assert_eq!(app.browser(L).get("/").status, StatusCode::OK, "the first page needs no database");
    server.start();
    wait_for("the database to answer", || is_ready(&app).then_some(()));
    // The first to write after the outage finds a connection that is long dead, and needn't know.
    let list = send_again(&added, L);
    assert!(list.says("최영희"), "{list:?}: {:?}", list.errors());
    way::confirm(&send_again(&time, L));
    assert_eq!(seats(&app), (0, 4));

    server.stop();
    let (engine, nothing) = (app.engine(), |_: &mut Tx<'_>| -> Result<(), Failure<Never>> { Ok(()) });
    for key in 0..8 {
        assert!(block_on(engine.ledger.write(key, nothing)).is_err(), "every writer tries in vain");
    }
    server.start();
    wait_for("the service to be well though nobody orders anything", || is_ready(&app).then_some(()));
    app.stop();
}

/// Lets a crowd ask at once; everybody is told while the database is still gone.
fn assert_crowd_is_told(app: &TestApp, browser: &Browser) {
    let cookies = browser.cookie_header();
    let (client, url) = (reqwest::Client::new(), format!("http://{}/people", app.address()));
    let ask = || client.get(&url).header("cookie", &cookies).send();
    let began = std::time::Instant::now();
    let answers = block_on(futures_util::future::join_all((0..CROWD).map(|_| ask())));
    println!("a crowd of {CROWD} was told within {} ms", began.elapsed().as_millis());
    for answer in answers {
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
    }
}

#[test]
fn another_program_keeps_sqlite_locked() {
    let app = TestApp::start();
    let browser = english_by_choice(&app);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    app.await_messages_sent();
    let DatabaseUrl::Sqlite(path) = app.database.url() else { unreachable!() };
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let told = way::press_time(&times, 0);
    assert_outage(&told, L);
    assert_eq!(browser.get("/people").status, StatusCode::OK, "what only reads goes on");
    assert!(!is_ready(&app));
    other.batch_execute("ROLLBACK").unwrap();
    wait_for("the service to be well though nobody orders anything", || is_ready(&app).then_some(()));
    way::confirm(&send_again(&told, L));
    assert_eq!(seats(&app), (0, 4));
    app.stop();
}
