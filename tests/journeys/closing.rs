//! A manager must close on Tuesday morning: everybody who is booked is told, picks another time with one tap from the text, and
//! the manager sees who has answered.

use reqwest::StatusCode;

use crate::account::with_button;
use crate::app::{Language, Page, Staff, TestApp, wait_for};
use crate::clinic::{FAMILY, TUESDAY, book, signed_in};
use crate::on_both;
use crate::way::{DAUGHTER, MOTHER};

on_both!(
    a_site_that_closes_keeps_a_seat_for_everybody,
    hours_are_asked_once_more_and_mistakes_are_told,
    whoever_does_not_answer_keeps_the_booking,
);

fn schedule(app: &TestApp) -> String {
    format!("/clinic/{}/schedule", app.site(0).code)
}

/// Closes a Tuesday from one time to another: the page that follows.
fn close(app: &TestApp, from: &str, until: &str) -> Page {
    let nurse = signed_in(app, Staff::Jongno);
    let page = nurse.get(&format!("{}?date={TUESDAY}", schedule(app)));
    let form = with_button(&page, "ask").fill("from", from).fill("until", until);
    form.press("ask").form("schedule").press("close")
}

/// The link in the next text about a closing.
fn link(app: &TestApp, phone: &str) -> String {
    let text = app.next_message(phone, "displaced").text;
    text.split_whitespace().find_map(|word| word.split_once("/moved/")).unwrap().1.to_owned()
}

fn kept(app: &TestApp) -> i64 {
    app.database
        .number("SELECT COALESCE(CAST(SUM(seats) AS BIGINT), 0) AS number FROM slot_lane WHERE lane = 4")
}

fn a_site_that_closes_keeps_a_seat_for_everybody(app: &TestApp) {
    book(app, 0, 10, MOTHER, &FAMILY);
    let done = close(app, "09:30", "12:00");
    done.assert_says("닫았습니다. 예약한 분에게 알리고 있습니다.");
    let text = app.next_message(MOTHER, "displaced");
    assert!(
        text.text.contains("접종할 수 없게 되었습니다") && text.text.contains("비워 두었습니다"),
        "{}",
        text.text
    );
    let first =
        text.text.split_whitespace().find_map(|word| word.split_once("/moved/")).unwrap().1.to_owned();
    let second = link(app, MOTHER);
    assert_eq!(kept(app), 2, "a seat for each");
    // Whoever has the text needs no account.
    let browser = app.browser(Language::Korean);
    let page = browser.get(&format!("/moved/{first}"));
    page.assert_says("예약 시간을 다시 정해 주세요").assert_says("이 자리를").assert_says("비워 두었습니다.");
    assert!(!page.body.contains(FAMILY[0].0) && !page.body.contains(FAMILY[1].0), "names are masked");
    let set = with_button(&page, "이 시간으로 정하기").press("이 시간으로 정하기");
    set.assert_says("예약 시간이 정해졌습니다");
    assert_eq!(kept(app), 1);
    app.next_message(MOTHER, "change");
    browser.get(&format!("/moved/{first}")).assert_says("예약 시간이 정해졌습니다");
    // The other one picks another time than the kept one, which goes back.
    let other = browser.get(&format!("/moved/{second}"));
    let seats = other.attributes("ul.choices button", "value");
    assert!((1..=4).contains(&seats.len()), "{seats:?}");
    other.forms().into_iter().find(|form| form.has_button(&seats[0])).unwrap().press(&seats[0]);
    wait_for("the kept seat to go back", || (kept(app) == 0).then_some(()));
    let states = "SELECT COUNT(*) AS number FROM booking WHERE state = 'booked'";
    assert_eq!(app.database.number(states), 2);
    let booked = "SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane";
    assert_eq!(app.database.number(booked), 2);
    let nurse = signed_in(app, Staff::Jongno);
    let answers = nurse.get(&schedule(app)).all("dl.summary dd");
    assert_eq!(answers, ["0", "2", "0"], "nobody waits, two have moved");
}

fn hours_are_asked_once_more_and_mistakes_are_told(app: &TestApp) {
    book(app, 0, 10, MOTHER, &FAMILY);
    let nurse = signed_in(app, Staff::Jongno);
    let page = nurse.get(&format!("{}?date={TUESDAY}", schedule(app)));
    let send = |from: &str, until: &str, seats: &str, button: &str| {
        let form = with_button(&page, button).fill("from", from).fill("until", until);
        form.fill("seats", seats).press(button)
    };
    for (from, until, seats, button) in [
        ("열 시", "", "", "ask"),
        ("12:00", "10:00", "", "ask"),
        ("10:00", "12:00", "많이", "set"),
        ("10:00", "12:00", "1000", "set"),
        ("10:00", "12:00", "1", "set"),
        ("22:00", "23:00", "", "ask"),
    ] {
        let wrong = send(from, until, seats, button);
        assert_eq!(
            (wrong.status, wrong.errors().len()),
            (StatusCode::UNPROCESSABLE_ENTITY, 1),
            "{from} {button}"
        );
        if from != "22:00" {
            assert_eq!(with_button(&wrong, "set").value("from"), Some(from), "what was typed stays");
        }
    }
    let sure = send("10:00", "", "", "ask");
    sure.assert_says("예약한 2명에게 알리고 다른 시간을 제안합니다.");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM closing"), 0, "only asked");
    send("10:00", "1200", "9", "set").assert_says("자리 수를 바꿨습니다.");
    let nines = "SELECT COUNT(*) AS number FROM slot_lane WHERE seats = 9";
    assert!(app.database.number(nines) >= 4);
    let elsewhere = signed_in(app, Staff::Haeundae).get(&schedule(app));
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}

fn whoever_does_not_answer_keeps_the_booking(app: &TestApp) {
    let booked = book(app, 0, 10, DAUGHTER, &FAMILY[1..]);
    close(app, "", "");
    let link = format!("/moved/{}", link(app, DAUGHTER));
    app.pass_minutes(25 * 60);
    wait_for("the kept seat to go back", || (kept(app) == 0).then_some(()));
    let browser = app.browser(Language::Korean);
    let page = browser.get(&link);
    assert!(!page.body.contains("이 자리를"), "it is kept no longer");
    let nurse = signed_in(app, Staff::Jongno);
    let waiting = nurse.get(&format!("/clinic/{}/roster?date={TUESDAY}&state=displaced", app.site(0).code));
    waiting.assert_says(&booked[0].reference.spoken()).assert_says("시간 변경 필요");
    let seats = page.attributes("ul.choices button", "value");
    let token = page.form("/moved/").value("csrf").unwrap().to_owned();
    for wrong in ["", "nonsense", "TV7SWS6B flu-2026~1"] {
        let told = browser.post(&link, &[("csrf", &token), ("seat", wrong)]);
        assert_eq!((told.status, told.errors().len()), (StatusCode::UNPROCESSABLE_ENTITY, 1), "{wrong}");
    }
    page.forms().into_iter().find(|form| form.has_button(&seats[0])).unwrap().press(&seats[0]);
    browser.get(&link).assert_says("예약 시간이 정해졌습니다");
    assert_eq!(browser.get("/moved/AAAA").status, StatusCode::NOT_FOUND);
}
