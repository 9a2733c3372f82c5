//! Pages that everybody may open, and what all answers have in common.

use reqwest::{Method, StatusCode};

use crate::app::{Language, TestApp};
use crate::identity::signed_in;
use crate::on_both;

on_both!(a_visitor_reads_the_first_page);

fn a_visitor_reads_the_first_page(app: &TestApp) {
    let page = app.browser(Language::Korean).get("/");
    assert_eq!(page.status, StatusCode::OK);
    page.assert_says("2026년 독감 예방접종").assert_says("2026년 코로나19 예방접종");
    assert!(page.link("/bookings").starts_with("/bookings"));
    let page = app.browser(Language::English).get("/");
    page.assert_says("Flu vaccination 2026");
    assert_eq!(page.header("set-cookie"), "", "who only reads gets no cookie");
}

/// Whoever comes without a cookie gets a page that is kept; it reads like the one that is written for somebody known.
#[test]
fn the_first_page_is_the_same_for_everybody_and_says_what_is_so_now() {
    let app = TestApp::start();
    let (stranger, known) = (app.browser(Language::Korean), app.browser(Language::Korean));
    known.get("/sign-in");
    assert!(!known.cookies().is_empty());
    let compare = || {
        let (one, other) = (stranger.get("/"), known.get("/"));
        assert_eq!(one.text(), other.text());
        for header in ["cache-control", "content-type", "x-page", "content-security-policy"] {
            assert_eq!(one.header(header), other.header(header), "{header}");
        }
        one
    };
    let before = compare().text();
    assert_eq!(compare().text(), before);
    assert_ne!(app.browser(Language::English).get("/").text(), before);
    let small = stranger.without_checks().send(Method::GET, "/", &[("accept-encoding", "br")], None);
    assert_eq!((small.header("content-encoding"), small.header("cache-control")), ("br", "no-store"));
    assert!(small.bytes_on_wire < 4_000, "{} bytes", small.bytes_on_wire);
    // Years later every campaign is over.
    app.pass_minutes(60 * 24 * 800);
    compare().assert_says(&Language::Korean.say("home-no-campaign").to_string());
}

/// Whoever proved a phone gets a kept page too, with a token of their own in it.
#[test]
fn whoever_proved_a_phone_signs_out_on_the_first_page() {
    let app = TestApp::start();
    let visitors = ["010-0000-0001", "010-0000-0002"].map(|phone| signed_in(&app, Language::Korean, phone));
    let pages = visitors.each_ref().map(|browser| browser.get("/"));
    assert_eq!(pages[0].text(), pages[1].text());
    let tokens = pages.each_ref().map(|page| page.form("/sign-out").value("csrf").unwrap().to_owned());
    assert_ne!(tokens[0], tokens[1]);
    pages[0].form("/sign-out").press("");
    let [gone, there] = visitors.each_ref().map(|browser| browser.get("/people").path);
    assert!(gone.starts_with("/sign-in") && there == "/people", "{gone}, {there}");
}

#[test]
fn a_visitor_changes_the_language_and_comes_back_to_the_same_page() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let korean = browser.get("/?x=1");
    let english = korean.press("English");
    assert_eq!(english.path, "/?x=1");
    assert_ne!(english.h1(), korean.h1());
    assert_eq!(browser.get("/").h1(), english.h1(), "the choice is kept");
    assert_eq!(english.press("한국어").h1(), korean.h1());
    browser.lose_cookies();
    assert_eq!(browser.get("/").h1(), korean.h1());
}

#[test]
fn a_language_that_nobody_speaks_changes_nothing_and_no_one_is_led_away() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let page = browser.post("/language", &[("to", "xx"), ("back", "https://evil.example/")]);
    assert_eq!((page.status, page.location().unwrap().as_str()), (StatusCode::SEE_OTHER, "/"));
    let page = browser.post("/language", &[("to", "ko"), ("back", "//evil.example/")]);
    assert_eq!(page.location().unwrap(), "/");
}

#[test]
fn an_unknown_path_has_a_page_in_both_languages() {
    let app = TestApp::start();
    for language in [Language::Korean, Language::English] {
        let page = app.browser(language).get("/no/such/page");
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(page.h1(), language.say("problem-not-found-title").to_string());
        page.click("/").assert_says("2026");
    }
}

#[test]
fn a_wrong_verb_has_a_page() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    for (method, path) in
        [(Method::DELETE, "/"), (Method::POST, "/"), (Method::GET, "/sign-out"), (Method::PUT, "/language")]
    {
        let page = browser.send(method.clone(), path, &[], None);
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(page.h1(), Language::English.say("problem-wrong-verb-title").to_string());
    }
}

#[test]
fn every_answer_is_protected() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    for path in ["/", "/no/such/page", "/language"] {
        let page = browser.get_once(path);
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("style-src 'sha256-") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        assert!(page.header("permissions-policy").contains("geolocation=()"));
        assert_eq!(page.header("strict-transport-security"), "", "the demo speaks plain HTTP");
    }
}

#[test]
fn head_answers_like_get_without_a_body() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let (head, get) = (browser.send(Method::HEAD, "/", &[], None), browser.get("/"));
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(head.header("content-length"), get.header("content-length"));
}

#[test]
fn a_form_that_is_no_form_is_refused_politely() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let page = browser.send(Method::POST, "/language", &[("content-type", "application/json")], None);
    assert!(page.status.is_client_error(), "{page:?}");
    let long = "x".repeat(100_000);
    let page = browser.post("/language", &[("to", &long)]);
    assert!(page.status.is_client_error(), "{page:?}");
}

#[test]
fn a_restart_keeps_the_language() {
    let app = TestApp::start();
    let browser = app.browser(Language::Korean);
    let english = browser.get("/").press("English");
    app.restart();
    assert_eq!(browser.get("/").h1(), english.h1());
}
