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
    the_mother_looks_for_herself(app, language);
    the_mother_comes_an_hour_later(app, &browser);
    the_daughter_gives_up(app, &browser);
    reminders_go_out(app);
}

/// The daughter reads the whole confirmation. The mother's phone was only typed, so it gets one text without a name or a
/// clinic.
fn both_are_told(app: &TestApp, language: Language, references: &[String]) {
    let told = app.next_message(DAUGHTER, "confirmation");
    assert_eq!((told.channel.as_str(), told.lang.as_str()), ("sms", language.code()), "{}", told.text);
    let named = references.iter().filter(|&reference| told.text.contains(reference.as_str()));
    assert!(named.count() > 0, "no reference of {references:?} in {}", told.text);
    let notice = app.next_message(MOTHER, "care-notice");
    let first = "SELECT reference AS line FROM booking WHERE person = (SELECT person FROM care WHERE number = 2) \
        AND state = 'booked' ORDER BY starts_at LIMIT 1";
    assert!(notice.text.contains(&app.database.lines(first)[0]), "the next appointment: {}", notice.text);
    for secret in [NAMES[0], NAMES[1], "종로"] {
        assert!(!notice.text.contains(secret), "{}", notice.text);
    }
    assert!(
        !NAMES.iter().any(|name| told.text.contains(name)),
        "full names stay out of texts: {}",
        told.text
    );
    let kinds: Vec<String> = app.messages_to(DAUGHTER).into_iter().map(|message| message.kind).collect();
    assert_eq!(kinds, ["code", "confirmation"], "one code was enough");
}

/// The mother proves her own phone on her own device, says who she is, and sees what was booked for her.
fn the_mother_looks_for_herself(app: &TestApp, language: Language) {
    let browser = app.browser(language);
    way::prove(app, &browser.get("/people"), MOTHER);
    let me = browser.get("/people/new?relation=me").form("").fill("name", NAMES[1]);
    let me = me.fill("birth-year", "1947").fill("birth-month", "3").fill("birth-day", "9");
    assert_eq!(me.press("").errors(), Vec::<String>::new());
    let mine = browser.get("/bookings");
    assert_eq!(mine.all("main .choice").len(), 2, "her two doses: {}", mine.text());
    assert!(!mine.body.contains(NAMES[0]), "and nothing of her daughter's");
}

/// The masked names on the roster of the site in Jongno that count as booked.
fn on_the_roster(app: &TestApp, day: &str) -> Vec<String> {
    let browser = app.browser(Language::Korean);
    let path = format!("/clinic/{}/roster?date={day}", app.site(0).code);
    let sign_in = browser.get(&path).form("/clinic/sign-in");
    let roster = sign_in.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD).press("");
    assert_eq!(roster.path, path);
    let headings = roster.all(".roster th");
    let cells = |heading: &str| {
        let heading = Language::Korean.say(heading).to_string();
        let column = headings.iter().position(|one| *one == heading).map_or(0, |place| place + 1);
        roster.all(&format!(".roster tbody td:nth-child({column})"))
    };
    let rows = cells("clinic-name").into_iter().zip(cells("clinic-state"));
    let booked = rows.filter(|(_, state)| *state == Language::Korean.say("clinic-state-booked").to_string());
    let mut names: Vec<String> = booked.map(|(name, _)| name.split(' ').next().unwrap().to_owned()).collect();
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

/// The day before each of the mother's doses, at ten. Her daughter wants reminders on both phones; the second dose was
/// booked before the mother proved hers, and its reminder goes to the daughter.
fn reminders_go_out(app: &TestApp) {
    let reminders = |phone: &str| app.messages_to(phone).iter().filter(|one| one.kind == "reminder").count();
    assert_eq!((reminders(DAUGHTER), reminders(MOTHER)), (0, 0), "it is nine o'clock");
    app.pass_minutes(60);
    assert_eq!((reminders(DAUGHTER), reminders(MOTHER)), (1, 1), "none for what was given up");
    app.clock.set("2026-12-21T00:59:59Z");
    assert_eq!(reminders(DAUGHTER), 1);
    app.pass(SignedDuration::from_secs(1));
    assert_eq!(reminders(DAUGHTER), 2);
}
