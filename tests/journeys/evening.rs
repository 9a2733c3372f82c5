//! Before, during and after an evening: each page says what is so, and for whom.

use sunbeon::domain::ids::OpeningId;

use crate::app::{Browser, Language, OPENING, Page, TestApp, block_on};
use crate::family::{DAUGHTER, Family};
use crate::on_both;

on_both!(
    each_page_says_what_is_so,
    a_line_says_what_is_so,
    an_evening_for_some_birth_years_books_nobody_else
);

fn door() -> String {
    format!("/door/{OPENING}")
}

/// What the first page says of the campaign, and its own page.
fn told(app: &TestApp, language: Language) -> (String, Page) {
    let browser = app.browser(language);
    let line = browser.get("/").all("a[href='/campaigns/flu-2026']").remove(0);
    (line, browser.get("/campaigns/flu-2026"))
}

#[track_caller]
fn assert_told(app: &TestApp, home: &str, campaign: &[&str], link: Option<&str>) {
    let (line, page) = told(app, Language::English);
    assert!(line.contains(home), "{line}");
    for words in campaign {
        page.assert_says(words);
    }
    assert_eq!(page.find_link("/door/").or(page.find_link("/draw/")).as_deref(), link);
}

fn each_page_says_what_is_so(app: &TestApp) {
    let (door, draw) = (door(), format!("/draw/{OPENING}"));
    assert_told(app, "See who can have it", &["You can book now"], None);
    let opening = app.announce("flu-2026");
    let evening = "So many people want to book on Monday 23 November 2026 at 11:00 am";
    let coming = "From Monday 23 November 2026 at 11:00 am we let people in one after the other.";
    let ask = "You can see your turn from Monday 23 November 2026 at 10:00 am.";
    assert_told(app, coming, &[evening, ask], Some(&draw));
    let page = app.browser(Language::English).get(&door);
    page.assert_says(ask).assert_says("The first people are let in on Monday 23 November 2026 at 11:00 am.");
    app.pass_minutes(61);
    assert_told(app, coming, &[evening, "The lots have not been drawn yet."], Some(&draw));
    app.draw(opening);
    assert_told(app, coming, &[evening], Some(&door));
    app.pass_minutes(60);
    app.stop_door(opening);
    let now = "Many people are booking now";
    let until = "until Monday 23 November 2026 at 3:00 pm we let them in one after the other.";
    assert_told(app, now, &[now, until], Some(&door));
    let page = app.browser(Language::English).get(&door);
    assert!(!page.says("The first people are let in"), "they are being let in");
    app.pass_minutes(5 * 60);
    assert_told(app, "See who can have it", &["You can book now"], None);
    let (line, page) = told(app, Language::Korean);
    assert!(line.contains("보기") && page.says("예약할 수 있습니다."), "{line}");
}

fn a_line_says_what_is_so(app: &TestApp) {
    let door = door();
    let opening = app.announce_line("flu-2026");
    let begins = "You can stand in line from Monday 23 November 2026 at 10:00 am.";
    assert_told(app, "From Monday 23 November 2026 at 11:00 am", &[begins], Some(&door));
    app.pass_minutes(121);
    app.stop_door(opening);
    assert_told(app, "Many people are booking now", &["until Monday 23 November"], Some(&door));
    app.pass_minutes(5 * 60);
    assert_told(app, "See who can have it", &[], None);
}

/// Makes the evening one for these birth years.
fn for_born(app: &TestApp, opening: OpeningId, from: i16, to: i16) {
    let sql = format!("UPDATE opening SET born_from = {from}, born_to = {to} WHERE id = {opening}");
    app.database.execute(&sql).unwrap();
    block_on(app.engine().country.refresh(&app.engine().store)).unwrap();
}

fn come_in(browser: &Browser) -> Page {
    browser.get("/book/flu-2026/who").form("/door/").press("")
}

fn an_evening_for_some_birth_years_books_nobody_else(app: &TestApp) {
    let family = Family::of(app, Language::English);
    let opening = app.evening("flu-2026");
    for_born(app, opening, 1940, 1960);
    let whom = "Who can book then: Born from 1940 to 1960.";
    app.browser(Language::English).get(&door()).assert_says(whom);
    told(app, Language::English).1.assert_says(whom);
    app.open_door_to(opening, app.place(DAUGHTER));
    let who = come_in(&family.browser);
    assert_eq!(who.path, "/book/flu-2026/who");
    let boxes = who.attributes("input[name=p]", "value");
    assert_eq!(boxes, ["2"], "only the mother, who was born in 1947");
    who.assert_says("You can book for them from Monday 23 November 2026 at 3:00 pm.");
    let site = app.site(0).code.clone();
    let times = family.browser.get(&format!("/book/flu-2026/{site}/when?p=2&day=2026-11-24"));
    let time = times.attributes("button[name=slot]", "value").remove(0);
    let token = times.form("/hold").value("csrf").unwrap().to_owned();
    let hold = |person: &str| {
        let path = format!("/book/flu-2026/{site}/hold?p={person}");
        family.browser.post(&path, &[("csrf", &token), ("slot", &time)])
    };
    for people in ["1", "1&p=2"] {
        assert_eq!(hold(people).status, 422, "{people}");
    }
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM booking"), 0);
    assert!(hold("2").location().unwrap().starts_with("/hold/"));
    app.pass_minutes(5 * 60);
    assert!(hold("1").location().unwrap().starts_with("/hold/"), "when the evening is over, everybody books");
}
