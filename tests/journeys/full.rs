//! An evening on which no seat is left: everybody is told at once, and it goes on by itself when seats come back.

use sunbeon::domain::campaign::Localised;
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::store::door_state::Order;

use crate::app::{Language, OPENING, Page, TestApp, block_on};
use crate::family::{Family, STRANGER};
use crate::on_both;

on_both!(
    everybody_is_told_that_no_seat_is_left,
    the_door_stands_still_until_seats_come_back,
    a_line_is_told_too
);

fn door() -> String {
    format!("/door/{OPENING}")
}

fn assert_full(page: &Page, language: Language) {
    assert_eq!(page.h1(), language.say("full-title").to_string(), "{page:?}");
    assert_eq!((page.link("/bookings").as_str(), page.find_link("/door/")), ("/bookings", None));
}

fn waiting(app: &TestApp, language: Language) -> Page {
    let group = app.place(STRANGER).group().number();
    app.browser(language).get(&format!("/wait/{OPENING}/{group}/{}", language.code()))
}

fn everybody_is_told_that_no_seat_is_left(app: &TestApp) {
    app.take_all_seats("flu-2026");
    let opening = app.evening("flu-2026");
    let note = Localised { korean: "More at 9".into(), english: "More at 9".into() };
    app.order_door(opening, Order::Say(note));
    for language in [Language::Korean, Language::English] {
        for page in [app.browser(language).get(&door()), waiting(app, language)] {
            assert_full(&page, language);
            page.assert_says("More at 9");
        }
    }
    let start = app.browser(Language::English);
    start.get("/").assert_says("No seat is free at the moment.");
    start.get("/campaigns/flu-2026").assert_says("All seats that can be booked now are taken");
    // Also whoever's turn has come.
    app.open_door_to(opening, app.place(STRANGER));
    let page = waiting(app, Language::Korean);
    assert_full(&page, Language::Korean);
    page.assert_says("차례는 그대로 남아 있습니다.").assert_says("2027년 1월 16일(토) 오전 9시까지");
    let browser = app.browser(Language::English);
    assert_full(&browser.get("/book/flu-2026/who"), Language::English);
    let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
    let sent = browser.post(&door(), &[("csrf", &token), ("phone", STRANGER)]);
    assert_eq!(sent.location().unwrap(), door(), "no code is sent for nothing");
    // Other campaigns go on.
    assert!(browser.get("/book/covid-2026/who").path.starts_with("/sign-in"));
    // When the evening is over, its pages tell by themselves what there is.
    app.pass_minutes(5 * 60);
    assert_eq!(waiting(app, Language::Korean).h1(), "차례가 되었습니다");
}

fn the_door_stands_still_until_seats_come_back(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    family.book("flu-2026", None);
    app.take_all_seats("flu-2026");
    let opening = app.evening("flu-2026");
    app.order_door(opening, Order::Fixed(1e9));
    app.order_door(opening, Order::Resume);
    assert_eq!(app.threshold(opening), Threshold::CLOSED, "there is nothing to let anybody in for");
    let full = waiting(app, Language::Korean);
    assert_full(&full, Language::Korean);
    app.stop_door(opening);
    // Who has a booking gives it up: that page stands behind no door.
    let booking = family.browser.get("/bookings").click("김민지");
    booking.click("/cancel").form("/cancel").press("").assert_says("예약을 취소했습니다");
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(app.threshold(opening), Threshold::CLOSED);
    assert!(full.reload().says("그룹"), "{}", full.reload().text());
    assert_eq!(app.browser(Language::English).get(&door()).h1(), "Which number decides your turn?");
    app.order_door(opening, Order::Resume);
    assert_eq!(app.threshold(opening), Threshold::up_to(Place::LAST));
}

fn a_line_is_told_too(app: &TestApp) {
    app.take_all_seats("flu-2026");
    app.line("flu-2026");
    let browser = app.browser(Language::Korean);
    assert_full(&browser.get(&door()), Language::Korean);
    let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
    browser.post(&door(), &[("csrf", &token)]);
    assert_eq!(app.ticket(&browser), None, "nobody stands in line for nothing");
    assert_full(&browser.get(&format!("/wait/{OPENING}/1/ko")), Language::Korean);
}
