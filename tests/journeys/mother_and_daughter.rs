//! The whole journey: a daughter books for herself and her mother, both read of it, the clinic sees both; then one seat is
//! changed and one given up.

use jiff::SignedDuration;

use crate::app::{Browser, Language, Page, STAFF_PASSWORD, Staff, TestApp};
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER, NAMES};

on_both!(
    a_daughter_books_for_herself_and_her_mother,
    an_english_speaking_daughter_books_for_herself_and_her_mother,
);

fn a_daughter_books_for_herself_and_her_mother(app: &TestApp) {
    whole_journey(app, Language::Korean);
}

fn an_english_speaking_daughter_books_for_herself_and_her_mother(app: &TestApp) {
    whole_journey(app, Language::English);
}

fn whole_journey(app: &TestApp, language: Language) {
    let browser = app.browser(language);
    let held = way::press_time(&way::times_of_both(app, &browser, "covid-2026"), 2);
    way::assert_holds(&held, language);
    for name in NAMES {
        held.assert_says(name);
    }
    let done = way::confirm(&held);
    let references = done.all(".reference");
    assert_eq!(references.len(), 4, "two people, two doses each: {references:?}");
    both_are_told(app, language, &references);
    for day in ["2026-11-24", "2026-12-22"] {
        assert_eq!(on_the_roster(app, day), ["김*지", "박*자"], "{day}");
    }
    the_mother_comes_an_hour_later(app, &browser);
    the_daughter_gives_up(app, &browser);
    reminders_go_out(app);
}

fn both_are_told(app: &TestApp, language: Language, references: &[String]) {
    for phone in [DAUGHTER, MOTHER] {
        let told = app.next_message(phone, "confirmation");
        assert_eq!((told.channel.as_str(), told.lang.as_str()), ("sms", language.code()), "{}", told.text);
        let named = references.iter().filter(|&reference| told.text.contains(reference.as_str())).count();
        assert!(named > 0, "no reference of {references:?} in {}", told.text);
        assert!(
            !NAMES.iter().any(|name| told.text.contains(name)),
            "full names stay out of texts: {}",
            told.text
        );
    }
    let codes = app.messages_to(DAUGHTER).into_iter().filter(|message| message.kind == "code");
    assert_eq!(codes.count(), 1, "one code was enough");
}

/// The masked names on the roster of the site in Jongno that count as booked.
fn on_the_roster(app: &TestApp, day: &str) -> Vec<String> {
    let browser = app.browser(Language::Korean);
    let path = format!("/clinic/{}/roster?date={day}", app.site(0).code);
    let sign_in = browser.get(&path).form("/clinic/sign-in");
    let roster = sign_in.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD).press("");
    assert_eq!(roster.path, path);
    let booked = Language::Korean.say("clinic-state-booked").to_string();
    let rows = roster.all(".roster tbody tr");
    let rows = rows.into_iter().filter(|row| row.contains(&booked) || !row.contains("취소"));
    let mut names: Vec<String> = rows.filter_map(|row| row.split(' ').nth(2).map(str::to_owned)).collect();
    names.sort();
    names
}

fn booking_of(browser: &Browser, name: &str) -> Page {
    browser.get("/bookings").click(name)
}

fn the_mother_comes_an_hour_later(app: &TestApp, browser: &Browser) {
    let before = booking_of(browser, NAMES[1]);
    let days = before.click("/change");
    let day = days.attributes(".days a", "href").into_iter().next().expect("a day with seats");
    let times = days.click(&day);
    let later = times.attributes(".times a", "href").remove(4);
    let check = times.click(&later);
    let changed = check.form("/change").press("");
    assert!(changed.path.starts_with("/bookings/"), "{changed:?}: {}", changed.text());
    assert_ne!(when(&before), when(&changed));
    for phone in [DAUGHTER, MOTHER] {
        app.next_message(phone, "change");
    }
    let seats_taken = app.database.number("SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane");
    assert_eq!(seats_taken, 4, "the old seat went back");
    // The other tab still shows the booking as it was.
    let stale = check.form("/change").press("");
    assert!(
        !stale.path.starts_with("/sign-in") && stale.status.is_success() || stale.status.is_client_error()
    );
    assert_eq!(when(&booking_of(browser, NAMES[1])), when(&changed));
}

fn when(booking: &Page) -> String {
    booking.all("dl.summary dd").remove(0)
}

fn the_daughter_gives_up(app: &TestApp, browser: &Browser) {
    let cancelled = booking_of(browser, NAMES[0]).click("/cancel").form("").press("");
    assert!(cancelled.path.starts_with("/bookings/"), "{cancelled:?}");
    app.next_message(DAUGHTER, "cancellation");
    let seats_taken = app.database.number("SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane");
    assert_eq!(seats_taken, 2, "both of the mother's stay");
    assert_eq!(on_the_roster(app, "2026-12-22"), ["박*자"]);
}

/// The day before the mother's second dose, at ten.
fn reminders_go_out(app: &TestApp) {
    app.clock.set("2026-12-21T00:59:00Z");
    app.pass_minutes(0);
    let before = app.messages_to(MOTHER).len();
    app.pass(SignedDuration::from_mins(2));
    let reminded: Vec<_> = app.messages_to(MOTHER).split_off(before);
    assert_eq!(reminded.iter().map(|message| message.kind.as_str()).collect::<Vec<_>>(), ["reminder"]);
}
