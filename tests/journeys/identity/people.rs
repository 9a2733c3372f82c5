//! The list of people.

use reqwest::StatusCode;

use super::{DAUGHTER, MOTHER, prove, say, signed_in};
use crate::app::{Browser, Form, Language, Page, TestApp};
use crate::family::Family;
use crate::on_both;

on_both!(
    a_daughter_adds_changes_and_removes_her_mother,
    a_person_with_a_booking_keeps_her_name_and_her_booking
);

fn about_mother(page: &Page) -> Form {
    page.form("/people/new")
        .check("relation", "mother")
        .fill("name", "김순자")
        .fill("birth-year", "1947")
        .fill("birth-month", "3")
        .fill("birth-day", "9")
        .check("messages", "both")
        .fill("phone", MOTHER)
        .check("consent", "yes")
}

/// Adds the daughter's mother, with the mother's own phone.
pub fn add_mother(browser: &Browser) -> Page {
    about_mother(&browser.get("/people/new")).press("")
}

/// Adds the owner of the account.
pub fn add_me(browser: &Browser, name: &str, (year, month, day): (&str, &str, &str)) -> Page {
    browser
        .get("/people/new?relation=me")
        .form("/people/new")
        .fill("name", name)
        .fill("birth-year", year)
        .fill("birth-month", month)
        .fill("birth-day", day)
        .press("")
}

fn a_daughter_adds_changes_and_removes_her_mother(app: &TestApp) {
    let browser = signed_in(app, Language::Korean, DAUGHTER);
    browser.get("/people").assert_says("아직 아무도 없습니다");
    let list = add_mother(&browser);
    assert_eq!(list.path, "/people");
    list.assert_says("김순자")
        .assert_says("어머니")
        .assert_says("1947년 3월 9일")
        .assert_says("두 휴대전화 모두");
    let change = list.click("/people/1").form("/people/1");
    assert_eq!(change.value("name"), Some("김순자"));
    assert_eq!(change.value("phone"), Some(MOTHER));
    let list = change.fill("name", "김순희").check("messages", "mine").press("");
    list.assert_says("김순희")
        .assert_says("내 휴대전화")
        .assert_says(&format!("{MOTHER} (문자를 보내지 않음)"));
    let asked = list.click("/people/1/remove");
    asked.assert_says("예약은 취소되지 않고 그대로 남습니다");
    let twice = asked.clone();
    asked.form("/people/1/remove").press("").assert_says("아직 아무도 없습니다");
    assert_eq!(twice.form("/people/1/remove").press("").path, "/people", "pressing twice is no mistake");
    assert_eq!(browser.get("/people/1").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_journey_that_books_for_me_asks_only_name_and_birth_date() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::English, DAUGHTER);
    let page = browser.get("/people/new?relation=me&next=%2Fme%3Fx%3D1");
    assert_eq!(page.h1(), say("people-title-me"));
    assert!(page.form("/people/new").choices("messages").is_empty());
    let wrong = page.form("/people/new").fill("name", "Minji Kim").fill("birth-year", "86").press("");
    assert_eq!(wrong.errors(), [say("error-date")]);
    assert_eq!(wrong.form("/people/new").value("name"), Some("Minji Kim"));
    let form = wrong.form("/people/new").fill("birth-year", "1986").fill("birth-month", "7");
    assert_eq!(form.fill("birth-day", "1").press("").path, "/me?x=1");
    let again = browser.get("/people/new?relation=me");
    assert_eq!(again.h1(), say("people-title-new"), "there is only one me");
    assert!(!again.form("/people/new").choices("relation").contains(&"me".to_owned()));
}

#[test]
fn what_is_missing_is_said_at_once_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    for (language, phone) in [(Language::Korean, DAUGHTER), (Language::English, MOTHER)] {
        let browser = signed_in(&app, language, phone);
        let page = browser.get("/people/new").form("/people/new").fill("phone", "010-0000-00").press("");
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let keys = [
            "people-error-relation",
            "error-name",
            "error-date",
            "people-error-messages",
            "error-phone",
            "error-consent",
        ];
        assert_eq!(page.errors(), keys.map(|key| language.say(key).to_string()));
        assert_eq!(page.form("/people/new").value("phone"), Some("010-0000-00"));
        let kept = about_mother(&page).fill("name", "<b>김").press("").form("/people/new");
        assert_eq!(kept.value("name"), Some("<b>김"));
        for (name, value) in [("relation", "mother"), ("messages", "both"), ("consent", "yes")] {
            assert_eq!(kept.value(name), Some(value));
        }
    }
}

#[test]
fn what_was_typed_survives_a_lost_cookie() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::Korean, DAUGHTER);
    let form = about_mother(&browser.get("/people/new?next=%2Fme"));
    browser.lose_cookies();
    let asked = form.press("");
    assert!(asked.path.starts_with("/sign-in?resume=") && !asked.path.contains("김순자"), "{asked:?}");
    asked.assert_says("입력한 내용은 그대로 있습니다");
    let code = asked.form("/sign-in").fill("phone", DAUGHTER).press("").press("English");
    let page = code.form("").fill("code", &app.code_for(DAUGHTER)).press("");
    assert_eq!(page.h1(), say("sign-in-go-on-title"));
    assert_eq!(page.form("/people/new").value("name"), Some("김순자"));
    assert_eq!(page.form("/people/new").press("").path, "/me");
    browser.get("/people").assert_says("김순자");
}

#[test]
fn the_longest_form_that_is_carried_on_keeps_every_page_small() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let name = "김".repeat(220);
    let sent = browser.post("/people/new?next=%2Fpeople", &[("relation", "mother"), ("name", &name)]);
    let asked = browser.follow(sent);
    assert!(asked.path.starts_with("/sign-in?resume="), "{asked:?}");
    let code = asked.form("/sign-in").fill("phone", DAUGHTER).press("");
    let again = code.press("English").form("").fill("code", "999").press("");
    assert_eq!(again.errors(), [say("sign-in-error-six-digits")]);
    let page = again.form("").fill("code", &app.code_for(DAUGHTER)).press("");
    assert_eq!(page.form("/people/new").value("name"), Some(name.as_str()));
}

#[test]
fn six_people_fit_in_the_list_and_the_page_stays_small() {
    let app = TestApp::start();
    let browser = signed_in(&app, Language::Korean, DAUGHTER);
    let spare = about_mother(&browser.get("/people/new"));
    for first in ["가", "나", "다", "라", "마", "바"] {
        let name = format!("{first}{}", "남궁".repeat(29));
        let form = about_mother(&browser.get("/people/new")).fill("name", &name);
        assert_eq!(form.press("").path, "/people");
    }
    assert_eq!(browser.get("/people/new").path, "/people");
    let full = spare.press("");
    assert_eq!(full.errors(), [Language::Korean.say("people-error-too-many").with("most", 6).to_string()]);
}

#[test]
fn nobody_sees_or_changes_somebody_else_s_people() {
    let app = TestApp::start();
    let (mine, other) =
        (signed_in(&app, Language::English, DAUGHTER), signed_in(&app, Language::English, MOTHER));
    add_mother(&mine);
    let form = mine.get("/people/1").form("/people/1");
    for path in ["/people/1", "/people/1/remove", "/people/999999999999"] {
        assert_eq!(other.get(path).status, StatusCode::NOT_FOUND, "{path}");
    }
    let token = other.get("/people/new").form("/people/new").value("csrf").unwrap().to_owned();
    assert_eq!(other.post("/people/1/remove", &[("csrf", &token)]).status, StatusCode::SEE_OTHER);
    assert_eq!(other.post("/people/1", &[("csrf", &token)]).status, StatusCode::NOT_FOUND);
    assert_eq!(form.press("").path, "/people", "she is still there");
    assert!(prove(&app, &app.browser(Language::English).get("/people"), MOTHER).says(&say("people-none")));
}

fn a_person_with_a_booking_keeps_her_name_and_her_booking(app: &TestApp) {
    let family = Family::of(app, Language::English);
    family.book("flu-2026", None);
    let browser = &family.browser;
    let form = browser.get("/people/2").form("/people/2");
    let page = form.clone().fill("name", "박순희").press("");
    assert_eq!(page.errors(), [say("people-error-has-booking")]);
    assert_eq!(page.form("/people/2").value("name"), Some("박순희"));
    assert_eq!(form.check("messages", "mine").press("").path, "/people", "whose phone may always change");
    let asked = browser.get("/people/2/remove");
    asked.assert_says("1 booking is still to come");
    asked.form("/people/2/remove").press("");
    assert!(!browser.get("/people").says("박순자"));
    let json: serde_json::Value = serde_json::from_str(&browser.get("/me/download").body).unwrap();
    assert_eq!(json["bookings"].as_array().unwrap().len(), 2, "her booking stays");
}
