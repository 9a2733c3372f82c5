//! Finding a booking without an account: the same answer whatever exists.

use reqwest::StatusCode;

use crate::app::{Browser, Language, Page, TestApp};
use crate::family::{DAUGHTER, Family, MOTHER, STRANGER, references};
use crate::on_both;

on_both!(
    the_one_who_booked_finds_the_booking_by_a_code,
    nobody_learns_from_the_pages_what_exists,
    whoever_looks_for_nothing_with_another_s_phone_keeps_nobody_from_signing_in,
);

fn ask(browser: &Browser, reference: &str, phone: &str) -> Page {
    browser.get("/find").form("/find").fill("reference", reference).fill("phone", phone).press("")
}

fn the_one_who_booked_finds_the_booking_by_a_code(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let reference = references(&family.book("flu-2026", None))[1].clone();
    for phone in [DAUGHTER, MOTHER] {
        let browser = app.browser(Language::Korean);
        let page = ask(&browser, &reference.to_lowercase(), phone);
        assert_eq!(page.path, "/find/code");
        page.assert_says("맞는 예약이 있으면");
        let wrong = page.form("/find/code").fill("code", "12 34").press("");
        assert_eq!(wrong.errors(), ["숫자 6자리를 입력해 주세요."]);
        let code = app.code_for(phone);
        let booking = wrong.form("/find/code").fill("code", &code).press("");
        assert_eq!(booking.path, format!("/bookings/{}", reference.replace('-', "")));
        assert_eq!(references(&booking), std::slice::from_ref(&reference));
        let redirect = browser.get_once(&format!("/r/{reference}"));
        assert_eq!(redirect.location().unwrap(), booking.path);
        assert!(browser.get_once(&booking.link("/change")).status != StatusCode::SEE_OTHER);
        app.pass_minutes(31);
        let later = browser.get_once(&booking.path);
        assert!(later.location().unwrap().starts_with("/sign-in"), "it is seen for half an hour only");
    }
}

/// The page without what differs by chance: tokens.
fn without_tokens(page: &Page) -> String {
    let token = page.form("").value("csrf").unwrap().to_owned();
    page.body.replace(&token, "TOKEN")
}

fn nobody_learns_from_the_pages_what_exists(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let reference = references(&family.book("flu-2026", None))[0].clone();
    app.next_message(DAUGHTER, "confirmation");
    let told_before = app.messages_to(STRANGER).len();
    let mut answers = Vec::new();
    // The right reference with a stranger's phone, and a reference that does not exist.
    for (asked, phone) in [(reference.as_str(), STRANGER), ("2222-2222", STRANGER)] {
        let browser = app.browser(Language::Korean);
        let page = ask(&browser, asked, phone);
        let wrong = page.form("/find/code").fill("code", "123456").press("");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let again = page.form("/find/again").press("");
        answers.push([without_tokens(&page), without_tokens(&wrong), without_tokens(&again)]);
    }
    // What exists is answered alike too, but for the number that the visitor typed.
    let browser = app.browser(Language::Korean);
    let page = ask(&browser, &reference, DAUGHTER);
    let code = app.code_for(DAUGHTER);
    let other = if code == "123456" { "654321" } else { "123456" };
    let wrong = page.form("/find/code").fill("code", other).press("");
    let again = page.form("/find/again").press("");
    let known = [&page, &wrong, &again].map(|page| {
        without_tokens(page).replace("010-****-0001", "010-****-0099").replace("654321", "123456")
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], known);
    assert_eq!(app.messages_to(STRANGER).len(), told_before, "a stranger gets no code");
}

fn whoever_looks_for_nothing_with_another_s_phone_keeps_nobody_from_signing_in(app: &TestApp) {
    let stranger = app.browser(Language::Korean);
    for _ in 0..5 {
        assert_eq!(ask(&stranger, "2222-2222", DAUGHTER).path, "/find/code");
        app.clock.pass_seconds(61);
    }
    assert_eq!(ask(&stranger, "2222-2222", DAUGHTER).status, StatusCode::TOO_MANY_REQUESTS);
    let family = Family::of(app, Language::Korean);
    let reference = references(&family.book("flu-2026", None))[0].clone();
    let capped = ask(&stranger, &reference, DAUGHTER);
    assert_eq!(capped.status, StatusCode::TOO_MANY_REQUESTS, "whether it exists can't be told by the cap");
}

#[test]
fn a_found_booking_is_closed_on_a_shared_computer() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::English);
    let reference = references(&family.book("flu-2026", None))[0].clone();
    let shared = app.browser(Language::English);
    let code = ask(&shared, &reference, DAUGHTER).form("/find/code");
    let booking = code.fill("code", &app.code_for(DAUGHTER)).press("");
    let closed = booking.form("/find/close").press("");
    closed.assert_says("The booking is closed on this device.");
    let next = shared.get_once(&booking.path);
    assert!(next.location().unwrap().starts_with("/sign-in"), "{next:?}");
    let own = family.browser.get(&booking.path);
    assert!(own.forms().iter().all(|form| !form.action.contains("/close")), "one's own list shows it anyway");
}

#[test]
fn a_mistake_in_the_reference_is_explained() {
    let app = TestApp::start();
    for language in [Language::Korean, Language::English] {
        let browser = app.browser(language);
        for (typed, key) in [
            ("", "find-reference-empty"),
            ("ABCD", "find-reference-length"),
            ("ABCD-EFG0", "find-reference-confusable"),
            ("ABCD-EFG!", "find-reference-sign"),
            ("2222-2223", "find-reference-check"),
        ] {
            let page = ask(&browser, typed, "1");
            let (reference, phone) = (language.say(key).to_string(), language.say("error-phone").to_string());
            assert_eq!(page.errors(), [reference, phone]);
            assert_eq!(page.form("/find").value("reference"), Some(typed), "what was typed is kept");
        }
    }
}

#[test]
fn a_reference_in_the_address_is_filled_in() {
    let app = TestApp::start();
    let page = app.browser(Language::Korean).get("/find?reference=22222222");
    assert_eq!(page.form("/find").value("reference"), Some("2222-2222"));
    let odd = app.browser(Language::Korean).get("/r/%3Cb%3E%22");
    assert_eq!(odd.form("/find").value("reference"), Some("<b>\""));
}

#[test]
fn five_wrong_codes_end_it_and_a_lost_cookie_too() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let mut page = ask(&browser, "2222-2222", STRANGER);
    for _ in 0..4 {
        page = page.form("/find/code").fill("code", "000000").press("");
        assert_eq!(page.errors().len(), 1);
    }
    page = page.form("/find/code").fill("code", "000000").press("");
    assert_eq!(page.path, "/find?why=tries");
    assert_eq!(browser.get_once("/find/code").location().unwrap(), "/find?why=lost");
    browser.get("/find?why=lost").assert_says("The code is too old");
}
