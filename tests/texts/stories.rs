//! People wait for a code that goes by HTTP.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sunbeon::domain::gateway::figures::Prices;
use sunbeon::engine::EngineSettings;
use sunbeon::notify::Traffic;
use sunbeon::notify::twilio::{Twilio, TwilioSettings};

use crate::app::{Language, Page, TestApp, wait_for};
use crate::on_both_with;
use crate::stand_in::StandIn;

const L: Language = Language::Korean;

/// One for every story in this process, each with phones of its own.
static STAND_IN: LazyLock<StandIn> = LazyLock::new(StandIn::start);

fn equip(settings: &mut EngineSettings) {
    // Nothing here is slow on purpose, but the machine may be.
    let usual = STAND_IN.settings();
    let prices = Prices { short: 9_900, long: 30_000 };
    let traffic = Traffic { timeout_seconds: 30, prices, ..usual.traffic };
    let patient = TwilioSettings { traffic, ..usual };
    settings.gateways = vec![Arc::new(Twilio::new(patient).unwrap())];
}

on_both_with!(
    equip;
    a_code_arrives_and_signs_in,
    a_gateway_that_is_busy_is_asked_again_when_it_said,
    a_code_that_may_have_gone_goes_once_more,
    a_code_that_the_gateway_has_is_not_sent_again,
    nothing_goes_a_third_time_unasked,
    what_arrived_and_what_did_not_is_found_out,
    slow_answers_keep_no_code,
);

pub fn ask_for_code(app: &TestApp, phone: &str) -> Page {
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

pub fn sign_in(asked: &Page, text: &str) {
    let code = text.split(|sign: char| !sign.is_ascii_digit()).find(|run| run.len() == 6).unwrap();
    assert_eq!(asked.form("").fill("code", code).press("").path, "/people");
}

fn state(app: &TestApp) -> Vec<String> {
    app.database.lines("SELECT state || ' ' || COALESCE(why, '') AS line FROM outbox")
}

pub fn await_state(app: &TestApp, expected: &str) {
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
    assert_eq!(app.database.lines(named), ["texts SM"]);
    let looks = app.engine().gateway_looks();
    assert_eq!((looks[0].figures.sent, looks[0].figures.cost), (1, 9_900), "a code is short");
}

fn a_gateway_that_is_busy_is_asked_again_when_it_said(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-1429");
    await_state(app, "queued the text gateway answered 429 with its code 20429");
    app.clock.pass_seconds(20);
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(STAND_IN.texts_to("+821000001429").is_empty(), "it asked for thirty seconds");
    app.clock.pass_seconds(16);
    app.engine().wake_notifier();
    sign_in(&asked, &texts_to("1429", 1)[0]);
}

fn a_code_that_may_have_gone_goes_once_more(app: &TestApp) {
    // Once the gateway breaks, and once its answer means nothing.
    for last_digits in ["1500", "1200"] {
        let asked = ask_for_code(app, &format!("010-0000-{last_digits}"));
        sign_in(&asked, &texts_to(last_digits, 1)[0]);
        await_state(app, "sent");
        let repeats = "SELECT COUNT(*) AS number FROM outbox WHERE possible_repeat";
        assert_eq!(app.database.number(repeats), 1, "{last_digits}");
        app.database.execute("DELETE FROM outbox").unwrap();
        app.clock.pass_minutes(2);
    }
}

fn a_code_that_the_gateway_has_is_not_sent_again(app: &TestApp) {
    let asked = ask_for_code(app, "010-0000-0499");
    let texts = texts_to("0499", 1);
    let found =
        "SELECT COUNT(*) AS number FROM outbox WHERE state IN ('sent', 'delivered') AND NOT possible_repeat";
    wait_for("an end", || (app.database.number(found) == 1).then_some(()));
    assert_eq!(texts_to("0499", 1).len(), 1);
    sign_in(&asked, &texts[0]);
}

fn nothing_goes_a_third_time_unasked(app: &TestApp) {
    ask_for_code(app, "010-0000-0498");
    let stays = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'uncertain' AND possible_repeat AND attempts = 2";
    wait_for("two tries", || (app.database.number(stays) == 1).then_some(()));
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(app.database.number(stays), 1, "it would go for ever");
    app.database.execute("DELETE FROM outbox").unwrap();
}

fn what_arrived_and_what_did_not_is_found_out(app: &TestApp) {
    for (last_digits, expected) in
        [("0007", "delivered"), ("0303", "failed the text gateway could not deliver it with its code 30003")]
    {
        ask_for_code(app, &format!("010-0000-{last_digits}"));
        await_state(app, "sent");
        app.clock.pass_seconds(25);
        await_state(app, expected);
        app.database.execute("DELETE FROM outbox").unwrap();
        app.clock.pass_minutes(2);
    }
    // A text that is still on its way is asked for less and less often.
    ask_for_code(app, "010-0000-0304");
    await_state(app, "sent");
    let mut waits = Vec::new();
    for checks in 1..=3 {
        app.clock.pass_minutes(20);
        let asked = format!("SELECT COUNT(*) AS number FROM outbox WHERE checks = {checks}");
        wait_for("a question", || (app.database.number(&asked) == 1).then_some(()));
        waits.push(app.database.number("SELECT check_at - tried_at AS number FROM outbox"));
    }
    assert!(waits.is_sorted(), "{waits:?}");
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
