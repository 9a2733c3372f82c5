//! Numbers that were not used for long: their owners come back, or somebody else was given them.

use jiff::SignedDuration;
use reqwest::StatusCode;

use super::people::add_mother;
use super::{DAUGHTER, MOTHER, prove, say, signed_in};
use crate::app::{Browser, Language, Page, TestApp};
use crate::family::{Family, references};
use crate::on_both;

/// When the mother whom [`add_mother`] adds was born.
const MOTHER_BORN: [&str; 3] = ["1947", "3", "9"];

const NOBODY_BORN: [&str; 3] = ["1947", "3", "10"];

on_both!(
    a_daughter_who_comes_back_gives_her_mother_s_birth_date,
    whoever_was_given_the_number_begins_with_nothing_of_the_family,
    a_booking_is_found_by_an_idle_phone_only_with_a_birth_date,
);

/// Days pass since the phones of all accounts were proved, and since nothing else: bookings are still to come.
fn grow_idle(app: &TestApp, days: i64) {
    app.database.execute(&format!("UPDATE account SET seen_at = seen_at - {}", days * 86_400)).unwrap();
}

fn add_email(app: &TestApp, browser: &Browser, address: &str) {
    let page = browser.get("/me/email").form("/me/email").fill("email", address).press("");
    page.form("").fill("code", &app.email_code_for(address)).press("").assert_says(address);
}

fn answer(page: &Page, [year, month, day]: [&str; 3]) -> Page {
    page.form("/sign-in/birth-date")
        .fill("birth-year", year)
        .fill("birth-month", month)
        .fill("birth-day", day)
        .press("")
}

/// Comes back to the list; the page that asks for a birth date.
fn come_back(app: &TestApp, browser: &Browser, phone: &str) -> Page {
    let asked = prove(app, &browser.get("/people"), phone);
    assert_eq!(asked.path, "/sign-in/birth-date?next=%2Fpeople", "{asked:?}");
    asked
}

/// Nothing of an account is open.
#[track_caller]
fn assert_nobody(browser: &Browser) {
    for path in
        ["/people", "/people/1", "/people/new", "/me", "/me/download", "/me/erase", "/book/flu-2026/who"]
    {
        let there = browser.get_once(path).location();
        assert!(there.is_some_and(|there| there.starts_with("/sign-in?next=")), "{path} is open");
    }
    assert!(!browser.get("/bookings").says("김순자"));
    browser.get("/").form("/language");
}

fn a_daughter_who_comes_back_gives_her_mother_s_birth_date(app: &TestApp) {
    add_mother(&signed_in(app, Language::Korean, DAUGHTER));
    app.pass(SignedDuration::from_hours(24 * 89));
    signed_in(app, Language::Korean, DAUGHTER);
    app.pass(SignedDuration::from_hours(24 * 90));
    let browser = app.browser(Language::Korean);
    let asked = come_back(app, &browser, DAUGHTER);
    assert_eq!(asked.h1(), Language::Korean.say("sign-in-birth-title").to_string());
    assert_nobody(&browser);
    let none = answer(&asked, ["1947", "2", "30"]);
    assert_eq!(none.errors(), [Language::Korean.say("error-date").to_string()], "no try is lost by a slip");
    assert_eq!(none.form("/birth-date").value("birth-day"), Some("30"));
    let wrong = answer(&none, NOBODY_BORN);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.errors()[0].contains("4번"), "{:?}", wrong.errors());
    assert_eq!(wrong.form("/birth-date").value("birth-day"), Some("10"));
    assert_nobody(&browser);
    let english = wrong.press("English");
    assert_eq!((english.h1(), &english.path), (say("sign-in-birth-title"), &asked.path));
    let twice = english.clone();
    let list = answer(&english, MOTHER_BORN);
    assert_eq!(list.path, "/people");
    list.assert_says("김순자");
    assert_eq!(twice.reload().path, "/people", "nothing is asked any more");
    signed_in(app, Language::Korean, DAUGHTER);
}

#[test]
fn a_code_that_is_sent_twice_leads_to_the_birth_date_too() {
    let app = TestApp::start();
    add_mother(&signed_in(&app, Language::English, DAUGHTER));
    grow_idle(&app, 90);
    let browser = app.browser(Language::English);
    let page = browser.get("/people").form("/sign-in").fill("phone", DAUGHTER).press("");
    let before = browser.cookies();
    let form = page.form("").fill("code", &app.code_for(DAUGHTER));
    assert_eq!(form.press_once("").location().unwrap(), "/sign-in/birth-date?next=%2Fpeople");
    let after = browser.cookies();
    // The second press leaves with the cookie of before, and the browser keeps what the first one brought.
    before.iter().for_each(|(name, value)| browser.set_cookie(name, value));
    let second = form.press_once("");
    after.iter().for_each(|(name, value)| browser.set_cookie(name, value));
    let asked = browser.follow(second);
    assert_eq!(asked.path, "/sign-in/birth-date?next=%2Fpeople", "{asked:?}");
    assert_eq!(answer(&asked, MOTHER_BORN).path, "/people");
    let over = browser.get("/sign-in/birth-date?next=%2Fpeople");
    assert_eq!(over.path, "/people");
}

#[test]
fn what_was_typed_before_is_still_there_after_the_birth_date() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::English, DAUGHTER);
    add_mother(&browser);
    let form = browser.get("/people/new?relation=me").form("/people/new").fill("name", "김민지");
    let form = form.fill("birth-year", "1970").fill("birth-month", "5").fill("birth-day", "6");
    browser.lose_cookies();
    grow_idle(&app, 90);
    let asked = prove(&app, &form.press(""), DAUGHTER);
    assert!(asked.path.starts_with("/sign-in/birth-date?resume="), "{asked:?}");
    let again = answer(&answer(&asked, NOBODY_BORN), MOTHER_BORN);
    assert!(again.path.starts_with("/sign-in/continue"), "{again:?}");
    again.form("/people/new").press("").assert_says("김민지");
}

fn whoever_was_given_the_number_begins_with_nothing_of_the_family(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let reference = references(&family.book("flu-2026", None))[1].clone();
    add_email(app, &family.browser, "minji@example.com");
    app.await_messages_sent();
    let told_before = app.messages_to(DAUGHTER).len();
    grow_idle(app, 90);
    let newcomer = app.browser(Language::English);
    let asked = come_back(app, &newcomer, DAUGHTER);
    let anew = asked.click("/sign-in/anew");
    anew.assert_says(&say("sign-in-anew-kept"));
    assert_eq!(anew.click("/sign-in/birth-date").path, asked.path, "there is a way back");
    let twice = anew.clone();
    let list = anew.form("/sign-in/anew").press("");
    assert_eq!(list.path, "/people");
    list.assert_says(&say("people-none"));
    let again = twice.form("/sign-in/anew").press("").press(&say("problem-send-again"));
    assert_eq!(again.path, "/people", "an old page does nothing more");
    newcomer.get("/bookings").assert_says(&say("bookings-none"));
    for page in ["/people", "/bookings", "/me", "/me/download"] {
        let body = newcomer.get(page).body;
        for theirs in ["박순자", "김민지", "1947", "1970", "minji@", &reference] {
            assert!(!body.contains(theirs), "{page} shows {theirs}");
        }
    }
    assert!(family.browser.get("/me").path.starts_with("/sign-in"), "the family's own device is signed out");
    app.pass(SignedDuration::from_hours(24 * 40));
    let told = app.messages_to(DAUGHTER);
    let kinds: Vec<&str> = told[told_before..].iter().map(|message| message.kind.as_str()).collect();
    assert_eq!(kinds, ["code"], "no reminder reaches the newcomer");
}

fn a_booking_is_found_by_an_idle_phone_only_with_a_birth_date(app: &TestApp) {
    let family = Family::of(app, Language::English);
    let reference = references(&family.book("flu-2026", None))[1].clone();
    grow_idle(app, 90);
    let browser = app.browser(Language::English);
    let find = |phone: &str| {
        let form = browser.get(&format!("/r/{reference}")).form("/find").fill("phone", phone);
        form.press("").form("/find/code").fill("code", &app.code_for(phone)).press("")
    };
    let asked = find(DAUGHTER);
    let there = format!("/bookings/{}", reference.replace('-', ""));
    assert!(asked.path.starts_with("/sign-in/birth-date?next=%2Fbookings%2F"), "{asked:?}");
    assert!(browser.get_once(&there).location().unwrap().starts_with("/sign-in"));
    let found = answer(&answer(&asked, NOBODY_BORN), ["1947", "03", "09"]);
    assert_eq!(found.path, there);
    assert_eq!(references(&found), std::slice::from_ref(&reference));
    assert_nobody(&browser);
    // Her own phone has no account that could be idle.
    app.pass_minutes(31);
    assert_eq!(find(MOTHER).path, there);
}

#[test]
fn after_five_wrong_birth_dates_only_an_empty_list_is_left() {
    let app = TestApp::start();
    add_mother(&signed_in(&app, Language::English, DAUGHTER));
    grow_idle(&app, 90);
    let first = app.browser(Language::English);
    let mut page = come_back(&app, &first, DAUGHTER);
    for left in ["4 more times", "3 more times", "2 more times"] {
        page = answer(&page, NOBODY_BORN);
        assert!(page.errors()[0].contains(left), "{:?}", page.errors());
    }
    let second = app.browser(Language::English);
    let other = answer(&come_back(&app, &second, DAUGHTER), NOBODY_BORN);
    assert!(
        other.errors()[0].contains("1 more time."),
        "a new code brings no new tries: {:?}",
        other.errors()
    );
    let over = answer(&page, NOBODY_BORN);
    assert_eq!(over.path, "/sign-in/anew?next=%2Fpeople");
    over.assert_says(&say("sign-in-anew-tries"));
    assert_eq!(over.find_link("/sign-in/birth-date"), None);
    let late = answer(&other, MOTHER_BORN);
    late.assert_says(&say("sign-in-anew-tries"));
    assert_nobody(&second);
    let third = app.browser(Language::English);
    let asked = prove(&app, &third.get("/people"), DAUGHTER);
    asked.assert_says(&say("sign-in-anew-tries"));
    asked.form("/sign-in/anew").press("").assert_says(&say("people-none"));
    assert!(late.form("/sign-in/anew").press("").path.starts_with("/sign-in?next="), "it has passed on");
}

#[test]
fn an_answer_is_awaited_for_half_an_hour_in_the_browser_that_proved_the_phone() {
    let app = TestApp::start();
    add_mother(&signed_in(&app, Language::English, DAUGHTER));
    grow_idle(&app, 90);
    let browser = app.browser(Language::English);
    let asked = come_back(&app, &browser, DAUGHTER);
    let other = app.browser(Language::English);
    for path in ["/sign-in/birth-date", "/sign-in/anew"] {
        other.get(path).assert_says(&say("sign-in-lost"));
    }
    let before = browser.cookies();
    app.pass_minutes(30);
    answer(&asked, MOTHER_BORN).assert_says(&say("sign-in-lost"));
    assert_nobody(&browser);
    assert_eq!(answer(&come_back(&app, &browser, DAUGHTER), MOTHER_BORN).path, "/people");
    for (name, value) in before {
        other.set_cookie(&name, &value);
    }
    assert_nobody(&other);
}

#[test]
fn an_account_with_nobody_in_it_asks_nothing_and_shows_nothing() {
    let app = TestApp::start();
    let before = signed_in(&app, Language::English, MOTHER);
    add_email(&app, &before, "minji@example.com");
    grow_idle(&app, 90);
    let newcomer = signed_in(&app, Language::English, MOTHER);
    assert!(!newcomer.get("/me").says("minji@"));
    assert!(
        before.get("/me").path.starts_with("/sign-in"),
        "who had the number sees nothing of the newcomer"
    );
}
