//! Stories of people who look around for a place: their browser keeps the party for some minutes, and never too long.

use reqwest::StatusCode;

use crate::app::{Browser, Language, Page, TestApp};
use crate::family::{Family, STRANGER};
use crate::identity::signed_in;

/// The cookie in which a browser keeps its party.
const PARTY: &str = "sunbeon_party_demo";

/// Sites in Jongno for the mother, in a campaign from the age of 12.
const PLACES: &str = "/book/covid-2026/where?p=2&in=seoul.jongno-gu";

fn shows_sites(page: &Page) -> bool {
    page.find_link("종로 보건소").is_some()
}

fn set_birth_year(browser: &Browser, year: &str) {
    let page = browser.get("/people/2");
    let saved = page.form("/people/2").fill("birth-year", year).press("");
    assert_eq!(saved.path, "/people", "{saved:?}: {:?}", saved.errors());
}

#[test]
fn the_second_page_is_like_the_first() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    let first = family.browser.get(PLACES);
    assert!(shows_sites(&first), "{}", first.text());
    let kept = family.browser.cookies().get(PARTY).expect("the party is kept").clone();
    let second = family.browser.get(PLACES);
    assert_eq!(first.text(), second.text());
    assert_eq!(second.header("set-cookie"), "", "nothing is new");
    assert_eq!(family.browser.cookies().get(PARTY), Some(&kept));
    let when = second.click("종로 보건소");
    assert_eq!(when.status, StatusCode::OK);
    assert!(when.find_link("자리").is_some(), "the days: {}", when.text());
    family.browser.set_cookie(PARTY, &format!("{kept}A"));
    assert_eq!(family.browser.get(PLACES).text(), first.text(), "what was edited is read anew");
}

#[test]
fn whoever_corrects_a_birth_date_sees_it_at_once() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    assert!(shows_sites(&family.browser.get(PLACES)));
    set_birth_year(&family.browser, "2020");
    let refused = family.browser.get(PLACES);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "she is too young now");
    set_birth_year(&family.browser, "1947");
    assert!(shows_sites(&family.browser.get(PLACES)));
}

#[test]
fn what_another_device_corrects_shows_within_minutes() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    let tablet = signed_in(&app, Language::Korean, crate::family::DAUGHTER);
    assert!(shows_sites(&tablet.get(PLACES)));
    set_birth_year(&family.browser, "2020");
    app.pass_minutes(4);
    assert!(shows_sites(&tablet.get(PLACES)), "the tablet still keeps the party");
    app.pass_minutes(1);
    assert_eq!(tablet.get(PLACES).status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn a_party_counts_for_its_own_account_people_and_campaign_only() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    family.browser.get(PLACES);
    let kept = family.browser.cookies().get(PARTY).unwrap().clone();
    let stranger = signed_in(&app, Language::Korean, STRANGER);
    stranger.set_cookie(PARTY, &kept);
    assert_eq!(stranger.get(PLACES).status, StatusCode::UNPROCESSABLE_ENTITY, "nobody is in their list");
    // The daughter may not book for the flu yet, her mother may; each has a party of her own.
    for (people, status) in
        [("p=2", StatusCode::OK), ("p=1", StatusCode::OK), ("p=3", StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let page = family.browser.get(&format!("/book/flu-2026/where?{people}&in=seoul.jongno-gu"));
        assert_eq!(page.status, status, "{people}");
    }
}

#[test]
fn the_first_page_promises_nothing_to_a_session_that_was_ended() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::English);
    let copied = family.browser.cookies();
    family.browser.get("/").form("/sign-out").press("");
    let thief = app.browser(Language::English);
    for (name, value) in &copied {
        thief.set_cookie(name, value);
    }
    let home = thief.get("/");
    assert_eq!(home.status, StatusCode::OK);
    assert!(!home.body.contains("0001"), "nothing of the account");
    assert!(thief.get("/people").path.starts_with("/sign-in"));
    assert!(thief.get(PLACES).path.starts_with("/sign-in"));
}
