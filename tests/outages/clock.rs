//! The clock jumps by an hour: somebody set it, or a machine slept.

use crate::answers::{is_ready, seats};
use crate::app::{Language, Page, STAFF_PASSWORD, Staff, TestApp, wait_for};
use crate::on_both;
use crate::way;

on_both!(
    a_hold_lasts_no_longer_because_the_clock_was_set_back,
    who_holds_when_the_clock_is_set_back_books_all_the_same,
    a_code_lasts_no_longer_and_can_be_sent_again,
    staff_sign_in_after_the_clock_was_set_back,
    messages_go_out_after_the_clock_was_set_back,
    an_hour_that_is_skipped_ends_holds_and_codes_and_nothing_else,
);

const L: Language = Language::English;

/// Minutes that a hold and a code last, and a message's lease at most.
const HOLD: i64 = 10;
const LEASE: i64 = 3;

fn say(key: &str) -> String {
    L.say(key).to_string()
}

/// Waits until what a query finds ends within so many minutes.
fn wait_for_end_within(app: &TestApp, minutes: i64, latest: &str) {
    let latest_allowed = app.engine().now().as_second() + minutes * 60;
    wait_for(latest, || (app.database.number(latest) <= latest_allowed).then_some(()));
}

fn holding(app: &TestApp) -> (Page, Page) {
    let times = way::times_of_both(app, &app.browser(L), "covid-2026");
    let held = way::press_time(&times, 0);
    way::assert_holds(&held, L);
    (times, held)
}

fn a_hold_lasts_no_longer_because_the_clock_was_set_back(app: &TestApp) {
    let (times, held) = holding(app);
    app.clock.pass_minutes(-60);
    wait_for_end_within(app, HOLD, "SELECT MAX(expires_at) AS number FROM party WHERE state = 'held'");
    let of_seats = "SELECT MAX(expires_at) AS number FROM booking WHERE state = 'held'";
    wait_for_end_within(app, HOLD, of_seats);
    way::assert_holds(&held.reload(), L);
    app.clock.pass_minutes(HOLD + 1);
    wait_for("the seats to go back", || (seats(app) == (0, 0)).then_some(()));
    way::confirm(&way::press_time(&times, 0));
}

fn who_holds_when_the_clock_is_set_back_books_all_the_same(app: &TestApp) {
    let (_, held) = holding(app);
    app.clock.pass_minutes(-60);
    let extended = held.form("/extend").press("");
    way::assert_holds(&extended, L);
    way::confirm(&extended);
    assert_eq!(seats(app), (0, 4));
}

fn a_code_lasts_no_longer_and_can_be_sent_again(app: &TestApp) {
    const PHONE: &str = "010-0000-0001";
    let browser = app.browser(L);
    let asked = browser.get("/sign-in").form("/sign-in").fill("phone", PHONE).press("");
    let code = app.code_for(PHONE);
    app.clock.pass_minutes(-60);
    wait_for_end_within(app, HOLD, "SELECT MAX(expires_at) AS number FROM challenge");
    app.clock.pass_seconds(61);
    asked.form("/sign-in/again").press("").assert_says(&say("sign-in-code-sent-again"));
    assert_eq!(app.code_for(PHONE), code);
    app.clock.pass_minutes(HOLD + 1);
    let late = asked.form("").fill("code", &code).press("");
    assert!(late.path.starts_with("/sign-in?"), "{late:?}");
    assert_eq!(way::prove(app, &browser.get("/sign-in?next=%2Fpeople"), PHONE).path, "/people");
}

fn staff_sign_in_after_the_clock_was_set_back(app: &TestApp) {
    // Three hours after the start, so that the way back leads not past it.
    for minutes in [180, -60, 60] {
        app.clock.pass_minutes(minutes);
        let form = app.browser(L).get("/clinic/sign-in").form("/clinic/sign-in");
        let form = form.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD);
        let inside = form.press("");
        assert_eq!(inside.path, "/clinic", "after {minutes} minutes: {:?}", inside.errors());
    }
}

fn messages_go_out_after_the_clock_was_set_back(app: &TestApp) {
    let ask = |phone: &str| app.browser(L).get("/sign-in").form("/sign-in").fill("phone", phone).press("");
    ask("010-0000-0001");
    app.code_for("010-0000-0001");
    ask("010-0000-0002");
    app.code_for("010-0000-0002");
    // A process that was killed has left one leased. The other was queued in half an hour, by a clock that is right later.
    let again = |change: &str, which: &str| {
        let which = format!("WHERE id = (SELECT {which}(id) FROM outbox)");
        app.database.execute(&format!("UPDATE outbox SET done_at = NULL, {change} {which}")).unwrap();
    };
    let now = app.engine().now().as_second();
    let (until, later) = (now + LEASE * 60, now + 30 * 60);
    again(&format!("state = 'leased', lease = 1, leased_until = {until}"), "MIN");
    again(&format!("state = 'queued', created_at = {later}, due_at = {later}"), "MAX");
    app.clock.pass_minutes(-60);
    wait_for("the one that was due to be sent", || {
        let to_second = app.messages().into_iter().filter(|message| message.to.ends_with("0002"));
        (to_second.count() == 2).then_some(())
    });
    wait_for_end_within(app, LEASE, "SELECT COALESCE(MAX(leased_until), 0) AS number FROM outbox");
    app.clock.pass_minutes(LEASE + 1);
    wait_for("the other message to be sent again", || {
        app.messages().into_iter().find(|message| message.possible_repeat)
    });
}

fn an_hour_that_is_skipped_ends_holds_and_codes_and_nothing_else(app: &TestApp) {
    let (times, held) = holding(app);
    let browser = app.browser(L);
    let asked =
        browser.get("/sign-in?next=%2Fpeople").form("/sign-in").fill("phone", "010-0000-0009").press("");
    let code = app.code_for("010-0000-0009");
    app.clock.pass_minutes(60);
    let late = held.form("/confirm").press("");
    assert_eq!(late.h1(), say("hold-over-title"));
    wait_for("the seats to go back", || (seats(app) == (0, 0)).then_some(()));
    way::confirm(&way::press_time(&times, 0));
    let late = asked.form("").fill("code", &code).press("");
    assert_eq!(way::prove(app, &late, "010-0000-0009").path, "/people");
    wait_for("everything to be well", || is_ready(app).then_some(()));
    assert_eq!(seats(app), (0, 4));
}
