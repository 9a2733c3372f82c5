//! The rounds of the housekeeper and the notifier go on, whatever stands in their way.

use crate::answers::{is_ready, seats};
use crate::app::{Language, TestApp, TestDatabase, wait_for};
use crate::stumbling::{
    self, clock_has_stumbled, gateway_has_stumbled, let_clock_stumble, let_gateway_stumble,
};
use crate::way;

const L: Language = Language::Korean;

/// Makes of each story `fn name(app: &TestApp)` two tests with parts that can panic.
macro_rules! on_both_stumbling {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use super::*;

            #[test]
            fn on_sqlite() {
                let app = TestApp::with(TestDatabase::sqlite(), stumbling::equip);
                super::$story(&app);
                app.stop();
            }

            #[test]
            fn on_postgres() {
                if let Some(database) = TestDatabase::postgres() {
                    let app = TestApp::with(database, stumbling::equip);
                    super::$story(&app);
                    app.stop();
                }
            }
        }
    )+};
}

on_both_stumbling!(
    rounds_that_panic_are_followed_by_others,
    a_gateway_that_panics_keeps_no_other_message,
    a_hold_that_cannot_be_ended_keeps_no_other_from_ending,
);

fn rounds_that_panic_are_followed_by_others(app: &TestApp) {
    let browser = app.browser(L);
    way::assert_holds(&way::press_time(&way::times_of_both(app, &browser, "covid-2026"), 0), L);
    app.clock.pass_minutes(11);
    let_clock_stumble(4);
    wait_for("the rounds to panic", || clock_has_stumbled().then_some(()));
    wait_for("the seats to go back", || (seats(app) == (0, 0)).then_some(()));
    wait_for("the notifier to be well", || is_ready(app).then_some(()));
    app.clock.pass_minutes(2);
    let other = app.browser(L);
    let signed_in = way::prove(app, &other.get("/sign-in?next=%2Fpeople"), "010-0000-0042");
    assert_eq!(signed_in.path, "/people", "a code was sent");
}

fn a_gateway_that_panics_keeps_no_other_message(app: &TestApp) {
    let_gateway_stumble(1);
    let first = app.browser(L).get("/sign-in").form("/sign-in").fill("phone", "010-0000-0001").press("");
    wait_for("the gateway to panic", || gateway_has_stumbled().then_some(()));
    let other = way::prove(app, &app.browser(L).get("/sign-in?next=%2Fpeople"), "010-0000-0002");
    assert_eq!(other.path, "/people", "the notifier goes on");
    // Nobody knows whether it went out: it is sent again when its lease is over, and says that it may be a repeat.
    app.clock.pass_minutes(4);
    let again = app.next_message("010-0000-0001", "code");
    assert!(again.possible_repeat);
    assert!(first.path.starts_with("/sign-in/code"), "{first:?}");
}

fn a_hold_that_cannot_be_ended_keeps_no_other_from_ending(app: &TestApp) {
    let ours = app.browser(L);
    way::assert_holds(&way::press_time(&way::times_of_both(app, &ours, "covid-2026"), 0), L);
    let miscount = "UPDATE slot_lane SET held = held + {} WHERE slot = \
         (SELECT MIN(slot) FROM booking WHERE state = 'held')";
    app.database.execute(&miscount.replace("{}", "-1")).unwrap();
    app.clock.pass_seconds(61);
    let theirs = app.browser(L);
    let who = way::prove(app, &way::start(&theirs, "flu-2026"), "010-0000-0007");
    way::assert_holds(&way::press_time(&way::to_times_alone(&who, "최영희"), 0), L);
    let held = || app.database.number("SELECT COUNT(*) AS number FROM party WHERE state = 'held'");
    assert_eq!(held(), 2);
    app.clock.pass_minutes(11);
    wait_for("the other hold to end", || (held() == 1).then_some(()));
    app.database.execute(&miscount.replace("{}", "1")).unwrap();
    app.pass_minutes(0);
    assert_eq!((held(), seats(app)), (0, (0, 0)), "what could not be ended is tried again");
}
