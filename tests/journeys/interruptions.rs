//! What comes in between: a lost cookie, a second tab, the back button, another language, a restart, a slow visitor.

use reqwest::StatusCode;

use crate::app::{Language, TestApp};
use crate::way::{self, DAUGHTER, NAMES};

const L: Language = Language::Korean;

fn say(key: &str) -> String {
    L.say(key).to_string()
}

fn booked(app: &TestApp) -> i64 {
    app.database.number("SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane")
}

fn held(app: &TestApp) -> i64 {
    app.database.number("SELECT CAST(SUM(held) AS BIGINT) AS number FROM slot_lane")
}

#[test]
fn who_loses_the_cookie_while_choosing_a_time_proves_the_phone_and_goes_on() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    browser.lose_cookies();
    app.clock.pass_seconds(61);
    let asked = way::press_time(&times, 3);
    assert!(asked.path.starts_with("/sign-in?resume="), "{asked:?}");
    assert!(!asked.path.contains("slot"), "what was chosen travels sealed");
    let go_on = way::prove(&app, &asked, DAUGHTER);
    assert_eq!(go_on.h1(), say("sign-in-go-on-title"));
    let holding = go_on.form("").press("");
    way::assert_holds(&holding, L);
    way::confirm(&holding);
    assert_eq!(booked(&app), 4);
}

#[test]
fn who_loses_the_cookie_while_checking_goes_on_with_the_same_seats() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let holding = way::press_time(&way::times_of_both(&app, &browser, "covid-2026"), 0);
    browser.lose_cookies();
    app.clock.pass_seconds(61);
    let asked = holding.form("/confirm").press("");
    let done = way::prove(&app, &asked, DAUGHTER).form("").press("");
    assert!(done.path.starts_with("/done/"), "{done:?}");
    assert_eq!((held(&app), booked(&app)), (0, 4));
}

#[test]
fn somebody_else_s_phone_does_not_open_what_was_left_behind() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let holding = way::press_time(&way::times_of_both(&app, &browser, "covid-2026"), 0);
    browser.lose_cookies();
    let asked = holding.form("/confirm").press("");
    let stranger = way::prove(&app, &asked, "010-0000-0009").form("").press("");
    assert!(!stranger.path.starts_with("/done/"), "{stranger:?}");
    assert!(!NAMES.iter().any(|name| stranger.body.contains(name)));
    assert_eq!(booked(&app), 0);
    let looked = browser.get(&holding.path);
    assert!(!NAMES.iter().any(|name| looked.body.contains(name)), "{looked:?}");
}

#[test]
fn two_tabs_hold_one_party_and_the_older_tab_says_so() {
    let app = TestApp::start();
    let tab = app.browser(L);
    let times = way::times_of_both(&app, &tab, "covid-2026");
    let other_tab = tab.clone().get(&times.path);
    let first = way::press_time(&times, 0);
    let second = way::press_time(&other_tab, 5);
    assert_eq!(held(&app), 4, "the second hold took the place of the first");
    let old = first.form("/confirm").press("");
    assert!(!old.path.starts_with("/done/"), "{old:?}");
    assert_eq!(booked(&app), 0, "nobody gets what the other tab holds");
    old.assert_says(&old.h1());
    way::confirm(&second);
    assert_eq!((held(&app), booked(&app)), (0, 4));
}

#[test]
fn the_back_button_chooses_another_time_and_after_booking_says_what_is_booked() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let first = way::press_time(&times, 0);
    let again = way::press_time(&times, 0);
    assert_eq!(again.path, first.path, "the same choice again is the same hold");
    let second = way::press_time(&times, 1);
    assert_ne!(second.path, first.path);
    assert_eq!(held(&app), 4);
    let done = way::confirm(&second);
    assert_eq!(browser.get(&second.path).path, done.path, "back to the question leads to the answer");
    assert_eq!(second.form("/confirm").press("").path, done.path);
    let late = way::press_time(&times, 2);
    late.assert_says("예약");
    assert!(!late.path.starts_with("/hold/"), "{late:?}");
    assert_eq!((held(&app), booked(&app)), (0, 4));
    assert_eq!(done.reload().all(".reference").len(), 4);
}

#[test]
fn another_language_in_the_middle_keeps_everything_that_was_chosen() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let english = times.press("English");
    assert_eq!(english.path, times.path);
    let holding = way::press_time(&english, 1);
    way::assert_holds(&holding, Language::English);
    let korean = holding.press("한국어");
    assert_eq!(korean.path, holding.path);
    way::assert_holds(&korean, L);
    let english = korean.press("English");
    way::confirm(&english);
    let told = app.next_message(DAUGHTER, "confirmation");
    assert_eq!(told.lang, "en", "messages follow the language of the pages");
}

#[test]
fn a_wrong_form_comes_back_in_the_new_language_with_what_was_typed() {
    let app = TestApp::start();
    let browser = app.browser(L);
    way::prove(&app, &way::start(&browser, "flu-2026"), DAUGHTER);
    let page = browser.get("/people/new?relation=me");
    let wrong =
        page.form("").fill("name", NAMES[0]).fill("birth-year", "1970").fill("birth-month", "13").press("");
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.errors().is_empty());
    assert_eq!(wrong.form("").value("name"), Some(NAMES[0]));
    assert!(wrong.title().starts_with(&say("error-title")), "{}", wrong.title());
    let english = wrong.press("English");
    assert!(english.status.is_success(), "the switch leads to a page that GET knows: {english:?}");
}

#[test]
fn a_restart_between_holding_and_confirming_loses_nothing() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    app.restart();
    let holding = way::press_time(&times, 0);
    app.restart();
    let done = way::confirm(&holding);
    app.restart();
    assert_eq!(done.reload().all(".reference").len(), 4);
    assert_eq!(booked(&app), 4);
}

#[test]
fn who_needs_longer_asks_for_time_and_who_leaves_gives_the_seats_back() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let mut page = way::press_time(&times, 0);
    for _ in 0..3 {
        app.pass_minutes(9);
        page = page.form("/extend").press("");
        way::assert_holds(&page, L);
    }
    app.pass_minutes(9);
    let released = page.form("/release").press("");
    assert!(released.status.is_success(), "{released:?}");
    assert_eq!(held(&app), 0);
    let again = way::press_time(&times, 0);
    way::assert_holds(&again, L);
    app.pass_minutes(11);
    assert_eq!(held(&app), 0, "whoever just leaves gives them back too");
}

#[test]
fn a_party_that_finds_the_time_taken_is_shown_the_nearest_times() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    // Somebody else takes all but one seat of the day's first times.
    let taken = "UPDATE slot_lane SET seats = 0 WHERE slot IN \
         (SELECT id FROM slot WHERE site = {site} ORDER BY starts_at LIMIT 8)";
    app.database.execute(&taken.replace("{site}", &app.site_id(0).to_string())).unwrap();
    app.engine().desks.forget_all();
    let full = way::press_time(&times, 0);
    assert_eq!(full.h1(), say("book-full-title"));
    let near = full.attributes("button[name=slot]", "value");
    assert!(!near.is_empty(), "{}", full.text());
    let holding = full.press(&near[0]);
    way::assert_holds(&holding, L);
    assert_eq!(held(&app), 4);
}

#[test]
fn names_are_never_in_addresses() {
    let app = TestApp::start();
    let browser = app.browser(L);
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let holding = way::press_time(&times, 0);
    let done = way::confirm(&holding);
    for page in [&times, &holding, &done] {
        for link in page.links() {
            let decoded = percent_encoding::percent_decode_str(&link.1).decode_utf8_lossy().into_owned();
            assert!(!NAMES.iter().any(|name| decoded.contains(name)), "{page:?}: {decoded}");
            assert!(!decoded.contains("00000001") && !decoded.contains("0000-0001"), "{page:?}: {decoded}");
        }
    }
}
