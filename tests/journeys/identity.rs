//! Stories of people who prove their phone, keep a list of people, and look after their details.

mod idle;
mod me;
mod people;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};

use crate::app::{Browser, Language, Page, TestApp};
use crate::on_both;

const DAUGHTER: &str = "010-0000-0001";
const MOTHER: &str = "010-0000-0002";

on_both!(a_daughter_proves_her_phone_and_comes_to_the_page_she_wanted);

/// Signs in from the page that asked for it, and follows the way on.
pub fn prove(app: &TestApp, asked: &Page, phone: &str) -> Page {
    let page = asked.form("/sign-in").fill("phone", phone).press("");
    assert!(page.path.starts_with("/sign-in/code"), "{page:?}: {:?}", page.errors());
    page.form("").fill("code", &app.code_for(phone)).press("")
}

/// A browser that has proved a phone.
pub fn signed_in(app: &TestApp, language: Language, phone: &str) -> Browser {
    let browser = app.browser(language);
    assert_eq!(prove(app, &browser.get("/sign-in"), phone).path, "/");
    browser
}

fn say(key: &str) -> String {
    Language::English.say(key).to_string()
}

/// A code that is not `code`.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

fn a_daughter_proves_her_phone_and_comes_to_the_page_she_wanted(app: &TestApp) {
    let browser = app.browser(Language::Korean);
    let asked = browser.get("/people");
    assert!(asked.path.starts_with("/sign-in?next=%2Fpeople"), "{asked:?}");
    let code = asked.form("/sign-in").fill("phone", "０１０ 0000 0001").press("");
    code.assert_says("010-****-0001");
    assert!(!code.body.contains("010-0000-0001") && !code.path.contains("0001"), "the number is masked");
    assert_eq!(code.attributes("#code", "autocomplete"), ["one-time-code"]);
    assert_eq!(code.attributes("#code", "inputmode"), ["numeric"]);
    let digits = app.code_for(DAUGHTER);
    let pasted = format!(" {}-{} ", &digits[..3], &digits[3..]);
    assert_eq!(code.form("").fill("code", &pasted).press("").path, "/people");
    assert_eq!(browser.get("/sign-in?next=%2Fme").path, "/me", "who is signed in goes on at once");
    let out = browser.get("/").form("/sign-out").press("");
    assert_eq!(out.path, "/");
    assert!(browser.get("/me").path.starts_with("/sign-in"));
}

#[test]
fn the_page_never_says_whether_a_number_is_known() {
    let app = TestApp::start();
    signed_in(&app, Language::English, DAUGHTER);
    let ask =
        |phone: &str| app.browser(Language::English).get("/sign-in").form("/sign-in").fill("phone", phone);
    let (known, unknown) = (ask(DAUGHTER).press(""), ask("010-0000-0003").press(""));
    assert_eq!(known.path, unknown.path);
    assert_eq!(known.text().replace("0001", ""), unknown.text().replace("0003", ""));
}

#[test]
fn a_number_that_gets_no_texts_is_explained_and_kept() {
    let app = TestApp::start();
    for language in [Language::Korean, Language::English] {
        let asked = app.browser(language).get("/sign-in?next=%2Fme");
        for (typed, key) in [
            ("", "error-phone"),
            ("02-000-0000", "sign-in-error-mobile"),
            ("+1 202 555 0100", "sign-in-error-country"),
        ] {
            let page = asked.form("/sign-in").fill("phone", typed).press("");
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(page.errors(), [language.say(key).to_string()]);
            assert_eq!(page.form("").value("phone"), Some(typed));
            assert!(page.form("").action.contains("next="), "the way on is kept");
        }
    }
    assert!(app.messages().is_empty());
}

#[test]
fn after_five_wrong_codes_even_the_right_one_is_too_late() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let mut page = browser.get("/sign-in?next=%2Fme").form("/sign-in").fill("phone", DAUGHTER).press("");
    let code = app.code_for(DAUGHTER);
    page = page.form("").fill("code", "12345").press("");
    assert_eq!(page.errors(), [say("sign-in-error-six-digits")], "no try is lost by a slip");
    let first_form = page.form("");
    for left in ["4 more times", "3 more times", "2 more times", "1 more time"] {
        page = page.form("").fill("code", wrong(&code)).press("");
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.errors()[0].contains(left), "{:?}", page.errors());
        assert_eq!(page.form("").value("code"), Some(wrong(&code)));
    }
    page = page.form("").fill("code", wrong(&code)).press("");
    assert_eq!(page.errors(), [say("sign-in-error-tries")]);
    assert_eq!(page.form("/sign-in").value("phone"), Some(DAUGHTER), "the number needn't be typed again");
    let late = first_form.fill("code", &code).press("");
    assert!(late.path.starts_with("/sign-in?next="), "{late:?}");
    assert_eq!(prove(&app, &page, DAUGHTER).path, "/me", "a new code works, and the way on is kept");
}

#[test]
fn a_code_is_sent_again_only_after_a_minute_and_is_the_same() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let page = browser.get("/sign-in").form("/sign-in").fill("phone", DAUGHTER).press("");
    let first = app.code_for(DAUGHTER);
    app.clock.pass_seconds(18);
    let soon = page.form("/sign-in/again").press("");
    soon.assert_says("in 42 seconds");
    assert_eq!(app.messages_to(DAUGHTER).len(), 1);
    app.clock.pass_seconds(42);
    let again = soon.form("/sign-in/again").press("");
    again.assert_says(&say("sign-in-code-sent-again"));
    assert_eq!(app.code_for(DAUGHTER), first);
    assert_eq!(again.form("").fill("code", &first).press("").path, "/");
}

#[test]
fn a_code_is_good_for_ten_minutes() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let page = browser.get("/sign-in").form("/sign-in").fill("phone", DAUGHTER).press("");
    page.assert_says("until 9:10 am");
    let code = app.code_for(DAUGHTER);
    app.pass(SignedDuration::from_mins(10));
    let late = page.form("").fill("code", &code).press("");
    late.assert_says(&say("sign-in-lost"));
    assert_eq!(late.form("/sign-in").value("phone"), Some(""), "nobody else should read it here later");
}

#[test]
fn too_many_codes_to_one_phone_lock_out_strangers_and_not_its_owner() {
    let app = TestApp::start();
    let owner = signed_in(&app, Language::English, MOTHER);
    owner.get("/").form("/sign-out").press("");
    let ask = |browser: &Browser| browser.get("/sign-in").form("/sign-in").fill("phone", MOTHER).press("");
    for _ in 0..4 {
        assert_eq!(ask(&app.browser(Language::English)).status, StatusCode::OK);
    }
    let refused = ask(&app.browser(Language::English));
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.errors(), [say("sign-in-error-too-many")]);
    assert!(ask(&owner).path.starts_with("/sign-in/code"), "her own device has a reserve");
}

#[test]
fn a_code_counts_only_in_the_browser_that_asked_for_it() {
    let app = TestApp::start();
    let (mine, other) = (app.browser(Language::English), app.browser(Language::English));
    let page = mine.get("/sign-in").form("/sign-in").fill("phone", DAUGHTER).press("");
    let code = app.code_for(DAUGHTER);
    assert!(other.get("/sign-in/code").path.starts_with("/sign-in?why=lost"));
    other
        .get("/sign-in")
        .form("/sign-in")
        .fill("phone", MOTHER)
        .press("")
        .form("")
        .fill("code", &code)
        .press("");
    assert!(other.get("/me").path.starts_with("/sign-in"));
    mine.lose_cookies();
    let lost = page.form("").fill("code", &code).press("");
    assert_eq!(lost.status, StatusCode::CONFLICT, "the form can be sent again");
    lost.press(&say("problem-send-again")).assert_says(&say("sign-in-lost"));
}

#[test]
fn a_form_without_its_token_or_from_elsewhere_does_nothing() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let page = browser.post("/sign-in", &[("phone", DAUGHTER)]);
    assert_eq!(page.status, StatusCode::CONFLICT);
    let asked = browser.get("/sign-in");
    let token = asked.form("/sign-in").value("csrf").unwrap().to_owned();
    let fields = [("csrf".to_owned(), token), ("phone".to_owned(), DAUGHTER.to_owned())];
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
    ] {
        let page = browser.send(Method::POST, "/sign-in", &headers, Some(&fields));
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert!(app.messages().is_empty());
}

#[test]
fn signing_in_never_leads_away() {
    let app = TestApp::start();
    for next in
        ["https://evil.example", "//evil.example", "/%09/evil.example", "/%5Cevil.example", "/%EC%84%9C"]
    {
        let browser = app.browser(Language::English);
        let asked = browser.get(&format!("/sign-in?next={next}"));
        assert_eq!(prove(&app, &asked, DAUGHTER).path, "/", "{next}");
        app.clock.pass_minutes(61);
    }
}

#[test]
fn a_link_to_a_filled_in_form_works_for_nobody_else() {
    let app = TestApp::start();
    let stranger = app.browser(Language::English);
    let sent = stranger.post("/me/erase", &[]);
    let trap = sent.location().unwrap();
    assert!(trap.starts_with("/sign-in?resume="), "{trap}");
    let victim = app.browser(Language::English);
    assert_eq!(prove(&app, &victim.get(&trap), DAUGHTER).path, "/", "the stranger's form is gone");
    assert_eq!(victim.get(&trap).path, "/");
    assert_eq!(victim.get(&trap.replace("/sign-in?", "/sign-in/continue?")).path, "/");
}

#[test]
fn the_language_can_change_in_the_middle() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let korean = browser.get("/sign-in?next=%2Fme").form("/sign-in").fill("phone", DAUGHTER).press("");
    let code = app.code_for(DAUGHTER);
    let english = korean.press("English");
    assert_eq!((english.h1(), &english.path), (say("sign-in-code-title"), &korean.path));
    assert_eq!(english.form("").fill("code", &code).press("").h1(), say("me-title"));
}
