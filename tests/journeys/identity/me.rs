//! What is known about me, and what I can do about it.

use reqwest::StatusCode;

use super::people::{add_me, add_mother};
use super::{DAUGHTER, MOTHER, say, signed_in, wrong};
use crate::app::{Language, TestApp};
use crate::family::Family;
use crate::on_both;

on_both!(
    a_mother_sees_who_books_for_her_and_ends_it,
    an_account_is_erased_for_good,
    nothing_is_erased_while_a_booking_is_to_come,
);

fn a_mother_sees_who_books_for_her_and_ends_it(app: &TestApp) {
    let daughter = signed_in(app, Language::English, DAUGHTER);
    add_mother(&daughter);
    let mother = signed_in(app, Language::Korean, MOTHER);
    mother.get("/me").assert_says("없습니다. 다른 분이");
    add_me(&mother, "김순자", ("1947", "3", "9"));
    let me = mother.get("/me");
    me.assert_says("이분에게 나는 ‘어머니’").assert_says("010-****-0001");
    let link = me.link("/me/carers/");
    assert_eq!(daughter.get(&link).status, StatusCode::NOT_FOUND, "it is not the daughter's to end");
    let asked = mother.get(&link);
    asked.assert_says("010-****-0001");
    let twice = asked.clone();
    assert_eq!(asked.form("/me/carers/").press("").path, "/me");
    assert_eq!(twice.form("/me/carers/").press("").path, "/me", "pressing twice is no mistake");
    mother.get("/me").assert_says("없습니다. 다른 분이");
    daughter.get("/people").assert_says(&say("people-none"));
}

#[test]
fn somebody_with_another_name_or_birth_date_learns_nothing() {
    let app = TestApp::start();
    add_mother(&signed_in(&app, Language::English, DAUGHTER));
    let other = signed_in(&app, Language::English, MOTHER);
    add_me(&other, "김순자", ("1947", "3", "10"));
    other.get("/me").assert_says(&say("me-carers-none"));
}

#[test]
fn an_email_address_is_proved_before_it_is_kept() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::English, DAUGHTER);
    let asked = browser.get("/me").click("/me/email");
    let page = asked.form("/me/email").fill("email", "minji@").press("");
    assert_eq!(page.errors(), [say("error-email")]);
    assert_eq!(page.form("/me/email").value("email"), Some("minji@"));
    let page = page.form("/me/email").fill("email", "minji@example.com").press("");
    page.assert_says("m***@example.com");
    let code = app.email_code_for("minji@example.com");
    assert!(!browser.get("/me").says("minji@example.com"), "not yet");
    let page = page.form("").fill("code", wrong(&code)).press("");
    assert!(page.errors()[0].contains("4 more times"));
    page.form("/me/email/again").press("").assert_says("in 60 seconds");
    let me = page.form("").fill("code", &code).press("");
    assert_eq!(me.path, "/me");
    me.assert_says("minji@example.com");
    let page = page.form("").fill("code", &code).press("");
    page.assert_says(&say("me-email-lost"));
    assert!(!browser.get("/me").form("/me/email/remove").press("").says("minji@example.com"));
}

#[test]
fn a_code_for_one_purpose_is_none_for_another() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::English, DAUGHTER);
    let tab = browser.clone();
    browser.get("/me/email").form("/me/email").fill("email", "minji@example.com").press("");
    let code = app.email_code_for("minji@example.com");
    let token = tab.get("/me/email").form("/me/email").value("csrf").unwrap().to_owned();
    let page = tab.post("/sign-in/code", &[("csrf", &token), ("code", &code)]);
    assert_eq!(page.location().unwrap(), "/sign-in?why=lost");
    tab.get("/me").form("/sign-out").press("");
    let asked = tab.get("/sign-in").form("/sign-in").fill("phone", MOTHER).press("");
    let code = app.code_for(MOTHER);
    let token = asked.form("").value("csrf").unwrap().to_owned();
    let page = tab.post("/me/email/code", &[("csrf", &token), ("code", &code)]);
    assert!(page.location().unwrap().starts_with("/sign-in?resume="));
    assert_eq!(asked.form("").fill("code", &code).press("").path, "/", "the code was not used up");
}

#[test]
fn signing_out_everywhere_ends_the_other_browser_too() {
    let app = TestApp::start();
    let here = signed_in(&app, Language::English, DAUGHTER);
    app.clock.pass_minutes(2);
    let there = signed_in(&app, Language::English, DAUGHTER);
    let page = here.get("/me").form("/me/sign-out-everywhere").press("");
    page.assert_says(&say("sign-in-out-everywhere"));
    for browser in [&here, &there] {
        assert!(browser.get("/me").path.starts_with("/sign-in?next="));
    }
}

#[test]
fn the_download_holds_everything_in_words() {
    let app = TestApp::start();
    let daughter = signed_in(&app, Language::Korean, DAUGHTER);
    add_mother(&daughter);
    let mother = signed_in(&app, Language::Korean, MOTHER);
    add_me(&mother, "김순자", ("1947", "3", "9"));
    let file = daughter.get("/me/download");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"sunbeon.json\"");
    assert_eq!(file.header("cache-control"), "no-store");
    let json: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(json["phone"], "+821000000001");
    assert_eq!(json["people_i_care_for"][0]["name"], "김순자");
    assert_eq!(json["people_i_care_for"][0]["birth_date"], "1947-03-09");
    let json: serde_json::Value = serde_json::from_str(&mother.get("/me/download").body).unwrap();
    assert_eq!(json["who_cares_for_me"][0]["phone_masked"], "010-****-0001");
    assert!(!mother.get("/me/download").body.contains("21000000001"), "the daughter's number stays hers");
}

fn an_account_is_erased_for_good(app: &TestApp) {
    let browser = signed_in(app, Language::English, DAUGHTER);
    add_mother(&browser);
    let asked = browser.get("/me").click("/me/erase");
    asked.assert_says("By law");
    let gone = asked.form("/me/erase").press("");
    gone.assert_says(&say("sign-in-erased"));
    app.clock.pass_minutes(61);
    let again = signed_in(app, Language::English, DAUGHTER);
    again.get("/people").assert_says(&say("people-none"));
}

#[test]
fn every_page_about_me_asks_for_the_phone_first() {
    let app = TestApp::start();
    for path in ["/me", "/me/download", "/me/email", "/me/email/code", "/me/carers/x", "/me/erase", "/people"]
    {
        let page = app.browser(Language::Korean).get_once(path);
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(page.location().unwrap().starts_with("/sign-in?next="), "{path}");
    }
}

fn nothing_is_erased_while_a_booking_is_to_come(app: &TestApp) {
    let family = Family::of(app, Language::English);
    family.book("flu-2026", None);
    let browser = &family.browser;
    let page = browser.get("/me/erase").form("/me/erase").press("");
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.errors(), [say("me-erase-see-bookings")]);
    page.assert_says(&say("me-erase-has-booking"));
    assert_eq!(page.click(&say("me-erase-see-bookings")).path, "/bookings");
    browser.get("/people").assert_says("박순자");
    let json: serde_json::Value = serde_json::from_str(&browser.get("/me/download").body).unwrap();
    let bookings = json["bookings"].as_array().unwrap();
    assert_eq!(bookings.len(), 2);
    assert_eq!((&bookings[0]["state"], &bookings[0]["site"]), (&"booked".into(), &"종로 보건소".into()));
}
