//! People wait for a code that goes by HTTP.

use std::sync::{Arc, LazyLock};

use sunbeon::engine::EngineSettings;
use sunbeon::notify::http::{Http, HttpSettings};

use crate::app::{Language, Page, TestApp, TestDatabase, wait_for};
use crate::stand_in::StandIn;

const L: Language = Language::Korean;

/// One for every story in this process, each with phones of its own.
static STAND_IN: LazyLock<StandIn> = LazyLock::new(StandIn::start);

fn equip(settings: &mut EngineSettings) {
    // Nothing here is slow on purpose, but the machine may be.
    let patient = HttpSettings { timeout_seconds: 30, ..STAND_IN.settings() };
    settings.gateways.insert(0, Arc::new(Http::new(patient).unwrap()));
}

/// Makes of each story `fn name(app: &TestApp)` two tests.
macro_rules! on_both_by_http {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use super::*;

            #[test]
            fn on_sqlite() {
                super::$story(&TestApp::with(TestDatabase::sqlite(), equip));
            }

            #[test]
            fn on_postgres() {
                if let Some(database) = TestDatabase::postgres() {
                    super::$story(&TestApp::with(database, equip));
                }
            }
        }
    )+};
}

on_both_by_http!(
    a_code_arrives_and_signs_in,
    a_gateway_that_is_busy_is_asked_again_when_it_said,
    a_gateway_that_failed_is_asked_again,
    an_answer_that_means_nothing_is_not_followed_by_a_second_text,
    slow_answers_keep_no_code,
);

fn ask_for_code(app: &TestApp, phone: &str) -> Page {
    let page = app.browser(L).get("/sign-in?next=%2Fpeople").form("/sign-in").fill("phone", phone).press("");
    assert!(page.path.starts_with("/sign-in/code"), "{page:?}");
    page
}

/// The texts to 010-0000-xxxx, once there are as many as that.
fn texts_to(last_digits: &str, number: usize) -> Vec<String> {
    wait_for("a text", || {
        let texts = STAND_IN.texts_to(&format!("+82100000{last_digits}"));
        (texts.len() >= number).then_some(texts)
    })
}

fn sign_in(asked: &Page, text: &str) {
    let code = text.split(|sign: char| !sign.is_ascii_digit()).find(|run| run.len() == 6).unwrap();
    assert_eq!(asked.form("").fill("code", code).press("").path, "/people");
}

fn state(app: &TestApp) -> Vec<String> {
    app.database.lines("SELECT state || ' ' || COALESCE(why, '') AS line FROM outbox")
}

fn await_state(app: &TestApp, expected: &str) {
    let is_so = |state: Vec<String>| (state.len() == 1 && state[0].trim() == expected).then_some(());
    wait_for(expected, || is_so(state(app)));
}

fn a_code_arrives_and_signs_in(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-0001");
    let text = texts_to("0001", 1).pop().unwrap();
    assert!(text.starts_with("[순번] ") && text.contains("@localhost #"), "{text}");
    sign_in(&asked, &text);
    await_state(app, "sent");
    let named = "SELECT gateway || ' ' || SUBSTR(gateway_id, 1, 2) AS line FROM outbox";
    assert_eq!(app.database.lines(named), ["http SM"]);
}

fn a_gateway_that_is_busy_is_asked_again_when_it_said(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-1429");
    await_state(app, "queued the text gateway answered 429 with its code 20429");
    let wait = "SELECT due_at - created_at AS number FROM outbox";
    assert!((31..=35).contains(&app.database.number(wait)), "thirty seconds, and a little by chance");
    app.clock.pass_seconds(36);
    app.engine().wake_notifier();
    sign_in(&asked, &texts_to("1429", 1)[0]);
}

fn a_gateway_that_failed_is_asked_again(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-1500");
    await_state(app, "queued the text gateway answered 500");
    app.clock.pass_seconds(6);
    app.engine().wake_notifier();
    sign_in(&asked, &texts_to("1500", 1)[0]);
}

fn an_answer_that_means_nothing_is_not_followed_by_a_second_text(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-1200");
    await_state(app, "uncertain the text gateway answered 200, but did not name the message");
    app.clock.pass_minutes(2);
    // Whoever got nothing asks again.
    asked.form("/sign-in/again").press("");
    sign_in(&asked, &texts_to("1200", 1)[0]);
    app.database.execute("DELETE FROM outbox WHERE state = 'uncertain'").unwrap();
}

fn slow_answers_keep_no_code(app: &TestApp) {
    // Two phones whose texts are never answered.
    for _ in 0..2 {
        ask_for_code(app, "010-0000-0408");
        app.clock.pass_seconds(61);
    }
    texts_to("0408", 2);
    let asked = ask_for_code(app, "010-0000-0002");
    sign_in(&asked, &texts_to("0002", 1)[0]);
    app.database.execute("DELETE FROM outbox WHERE state = 'leased'").unwrap();
}
