//! From the held seat on: check, extend, confirm, keep, see, cancel.

use reqwest::StatusCode;

use crate::app::{Language, TestApp};
use crate::family::{DAUGHTER, Family, MOTHER, references};
use crate::on_both;

on_both!(
    a_daughter_checks_and_confirms_for_both,
    whoever_waits_too_long_chooses_again_on_the_same_day,
    cancelling_the_first_dose_cancels_the_second
);

fn a_daughter_checks_and_confirms_for_both(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let check = family.hold("covid-2026", Some(28));
    check.assert_says("10분 동안, 오전 9시 10분까지").assert_says("박순자").assert_says("1947년 3월 9일");
    check.assert_says("종로 보건소").assert_says("2026년 11월 24일(화) 오전 9시");
    check.assert_says("2026년 12월 22일(화) 오전 9시").assert_says(MOTHER);
    assert_eq!(check.link("/who"), "/book/covid-2026/who?p=1&p=2");
    assert!(check.link("/second").starts_with("/hold/"));
    let done = check.form("/confirm").press("");
    assert_eq!(references(&done).len(), 4);
    done.assert_says("010-****-0001").assert_says("010-****-0002").assert_says("신분증");
    assert!(done.link("geo:").starts_with("geo:37.57300,126.97900"));
    assert_eq!(app.next_message(DAUGHTER, "confirmation").kind, "confirmation");
    let again = check.form("/confirm").press("");
    assert_eq!((again.path.as_str(), references(&again)), (done.path.as_str(), references(&done)));
    let told = app.messages_to(DAUGHTER).into_iter().filter(|message| message.kind == "confirmation");
    assert_eq!(told.count(), 1, "pressing twice tells once");
    assert_eq!(family.browser.get(&check.path).path, done.path, "the old page leads on");
}

fn whoever_waits_too_long_chooses_again_on_the_same_day(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let check = family.hold("flu-2026", None);
    app.pass_minutes(11);
    let over = check.form("/confirm").press("");
    assert_eq!(over.h1(), Language::Korean.say("hold-over-title").to_string());
    let site = app.site(0).code.clone();
    let expected = format!("/book/flu-2026/{site}/when?p=1&p=2&day=2026-11-24");
    assert_eq!(over.link("/when"), expected);
    assert_eq!(check.form("/extend").press("").h1(), over.h1());
    assert_eq!(family.browser.get("/bookings").all(".choice").len(), 0);
}

fn cancelling_the_first_dose_cancels_the_second(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let done = family.book("covid-2026", Some(28));
    let mine = family.browser.get("/bookings").click("김민지, 1차");
    let ask = mine.click("/cancel");
    ask.assert_says("다음 접종도 함께 취소됩니다").assert_says("2026년 12월 22일");
    let cancelled = ask.form("/cancel").press("");
    cancelled.assert_says("예약을 취소했습니다").assert_says("취소됨");
    assert!(cancelled.link("/book/covid-2026/who").starts_with("/book"));
    let again = ask.form("/cancel").press("");
    assert_eq!(again.path, cancelled.path, "pressing twice is fine");
    let list = family.browser.get("/bookings");
    assert_eq!(list.all(".tag-warn").len(), 2, "both of hers, none of her mother's");
    assert_eq!(app.next_message(DAUGHTER, "cancellation").kind, "cancellation");
    assert_eq!(references(&family.browser.get(&done.path)).len(), 2, "the confirmation shows what is left");
    let file = family.browser.get_once(&format!("{}/calendar.ics", mine.path));
    assert_eq!(file.status, StatusCode::NOT_FOUND, "no calendar entry for what is cancelled");
}

#[test]
fn a_hold_is_extended_ten_times_at_most() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::English);
    let mut page = family.hold("flu-2026", None);
    page.assert_says("for 10 minutes, until 9:10 am");
    assert!(!page.says("more times"), "what is plenty is not counted");
    for extension in 1..=10 {
        app.pass_minutes(9);
        page = page.reload();
        page.assert_says("for 1 minute,");
        page = page.form("/extend").press("");
        page.assert_says("Your time starts again now").assert_says("for 10 minutes");
        assert!(!page.says("7 more times"));
        assert_eq!(page.says("3 more times"), extension == 7, "extension {extension}");
    }
    page.assert_says("You can’t ask for more time again");
    assert!(page.forms().iter().all(|form| !form.action.contains("/extend")));
    let token = page.path.split(['/', '?']).nth(2).unwrap().to_owned();
    let csrf = page.form("/confirm").value("csrf").unwrap().to_owned();
    let refused = family.browser.post(&format!("/hold/{token}/extend"), &[("csrf", &csrf)]);
    assert_eq!(refused.location().unwrap(), format!("/hold/{token}"));
    assert!(page.form("/confirm").press("").path.starts_with("/done/"));
}

#[test]
fn a_seat_that_is_let_go_is_free_at_once() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    let check = family.hold("flu-2026", None);
    let site = app.site(0);
    let free = || -> i64 {
        let engine = app.engine();
        let campaign = engine.country.now().campaign_by_slug("flu-2026").unwrap().id;
        engine.availability.days(site.id, campaign, engine.today()).iter().map(|day| day.free).sum()
    };
    let before = free();
    let gone = check.form("/release").press_once("");
    let expected = format!("/book/flu-2026/{}/when?p=1&p=2&day=2026-11-24", site.code);
    assert_eq!(gone.location().unwrap(), expected);
    assert_eq!(free(), before + 2);
    assert_eq!(check.form("/release").press_once("").location().unwrap(), expected, "twice is fine");
    let over = check.form("/confirm").press("");
    assert_eq!(over.h1(), Language::Korean.say("hold-over-title").to_string());
}

#[test]
fn a_strangers_hold_and_booking_do_not_exist_for_others() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    let token = family.hold_token("flu-2026", None);
    let done = family.browser.get(&format!("/hold/{token}")).form("/confirm").press("");
    let reference = references(&done)[0].replace('-', "");
    let stranger = app.browser(Language::Korean);
    for path in [format!("/hold/{token}"), format!("/done/{token}"), format!("/bookings/{reference}")] {
        let page = stranger.get_once(&path);
        assert!(page.location().unwrap().starts_with("/sign-in?next="), "{page:?}");
    }
    let by_code = stranger.get_once(&format!("/r/{reference}"));
    let unknown = stranger.get_once("/r/22222222");
    assert_eq!(by_code.location().unwrap(), format!("/find?reference={reference}"));
    assert_eq!(unknown.location().unwrap(), "/find?reference=22222222");
    let own = family.browser.get_once(&format!("/r/{reference}"));
    assert_eq!(own.location().unwrap(), format!("/bookings/{reference}"));
}

#[test]
fn a_booking_can_be_kept_in_a_calendar() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::English);
    let done = family.book("flu-2026", None);
    let file = family.browser.get_once(&done.link("calendar.ics"));
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"sunbeon-"));
    assert!(file.header("content-type").starts_with("text/calendar"));
    let lines: Vec<&str> = file.body.split("\r\n").collect();
    for line in ["BEGIN:VCALENDAR", "METHOD:PUBLISH", "DTSTART:20261124T000000Z", "END:VCALENDAR"] {
        assert!(lines.contains(&line), "{line} is missing in {}", file.body);
    }
    let reference = references(&done)[0].clone();
    assert!(lines.contains(&format!("UID:{reference}@sunbeon").as_str()));
}

#[test]
fn nothing_is_cancelled_once_the_time_has_come() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    let done = family.book("flu-2026", None);
    let booking = done.click("예약 보기");
    let ask = booking.click("/cancel");
    app.pass_minutes(24 * 60 + 1);
    for page in [ask.form("/cancel").press(""), ask.reload()] {
        assert_eq!(page.h1(), Language::Korean.say("cancel-late-title").to_string());
        page.assert_says("02-0000-0000");
    }
    assert!(booking.reload().find_link("/cancel").is_none());
}

#[test]
fn whoever_saw_only_one_dose_cancels_nothing_more() {
    let app = TestApp::start();
    let family = Family::of(&app, Language::Korean);
    family.book("covid-2026", Some(28));
    let ask = family.browser.get("/bookings").click("1차").click("/cancel");
    let form = ask.form("/cancel");
    let (csrf, seen) = (form.value("csrf").unwrap(), form.value("seen").unwrap());
    let page = family.browser.post(&ask.path, &[("csrf", csrf), ("seen", seen)]);
    page.assert_says("그사이에 예약이 바뀌었습니다").assert_says("다음 접종도 함께 취소됩니다");
    assert_eq!(family.browser.get("/bookings").all(".tag-warn").len(), 0);
}

#[test]
fn a_visitor_without_an_account_is_asked_how_to_find_the_booking() {
    let app = TestApp::start();
    for language in [Language::Korean, Language::English] {
        let page = app.browser(language).get("/bookings");
        assert_eq!(page.h1(), language.say("bookings-how-title").to_string());
        assert_eq!(page.link("/sign-in"), "/sign-in?next=%2Fbookings");
        assert_eq!(page.click("/find").h1(), language.say("find-title").to_string());
    }
    let family = Family::of(&app, Language::Korean);
    family.browser.get("/bookings").assert_says("아직 예약이 없습니다");
}

#[test]
fn a_family_of_six_with_long_names_is_told_everything_in_pages_that_fit() {
    // The browser refuses pages of 14,000 bytes.
    let names =
        ["A", "B", "C", "D"].map(|name| format!("{name} Maximiliana Konstantinopolskaya-Hohenzollern"));
    let app = TestApp::start();
    let family = Family::with_others(&app, Language::Korean, &names);
    let check = family.hold("covid-2026", Some(28));
    check.assert_says("오전 9시").assert_says("오전 9시 30분");
    let done = check.form("/confirm").press("");
    assert_eq!(references(&done).len(), 12);
    assert!(done.all("svg").is_empty(), "no room for twelve QR codes");
    let one = done.click("QR 코드 보기");
    assert_eq!(one.all("svg").len(), 1);
    let list = family.browser.get("/bookings");
    assert_eq!(list.all(".choice").len(), 10);
    assert_eq!(list.click("page=2").all(".choice").len(), 2);
}
