//! What people were told of a booking: it stands on its page, and is told once more on request.

use crate::app::{Browser, Language, Page, TestApp};
use crate::family::{DAUGHTER, Family, MOTHER};
use crate::on_both;
use crate::way;

on_both!(
    what_was_told_is_shown_and_told_once_more,
    the_mother_asks_for_herself_and_gets_no_word_of_others,
    whoever_ended_the_care_hears_of_their_own_booking,
    nothing_is_told_again_of_what_is_cancelled,
    nobody_is_reminded_at_night,
    a_reminder_that_waits_for_the_morning_passes_with_its_booking,
);

fn confirmations(app: &TestApp, phone: &str) -> usize {
    app.messages_to(phone).iter().filter(|message| message.kind == "confirmation").count()
}

/// The browser of the mother, for whom her daughter has booked.
fn mother_of_booked(app: &TestApp) -> Browser {
    Family::of(app, Language::Korean).book("flu-2026", None);
    app.await_messages_sent();
    let browser = app.browser(Language::Korean);
    way::prove(app, &browser.get("/sign-in"), MOTHER);
    let me = browser.get("/people/new?relation=me").form("").fill("name", way::NAMES[1]);
    way::birth(me, ["1947", "3", "9"]).press("");
    browser
}

/// Presses the button, and looks at what the page says then.
fn ask_again(page: &Page, says: &str) {
    page.form("/tell").press("").assert_says(says);
}

fn what_was_told_is_shown_and_told_once_more(app: &TestApp) {
    const SENT: &str = "예약 확정 안내를 다시 보내 드립니다";
    const ENOUGH: &str = "조금 전에 보내 드렸거나";
    let family = Family::of(app, Language::Korean);
    family.book("flu-2026", None);
    app.await_messages_sent();
    let look = || family.browser.get("/bookings").click("김민지");
    look().assert_says("예약 확정 안내 (예약한 분께 문자)").assert_says("에 보냈습니다");
    look().assert_says("접종일 알림 (예약한 분께 문자)").assert_says("11월 23일(월) 오전 10시에 보냅니다");
    app.database.execute("UPDATE outbox SET state = 'delivered' WHERE kind = 'confirmation'").unwrap();
    look().assert_says("보냈고, 도착했습니다");
    assert_eq!(confirmations(app, DAUGHTER), 1);
    app.clock.pass_seconds(61);
    ask_again(&look(), SENT);
    assert_eq!(confirmations(app, DAUGHTER), 2);
    ask_again(&look(), ENOUGH);
    for _ in 0..2 {
        app.pass_minutes(2);
        ask_again(&look(), SENT);
    }
    app.pass_minutes(2);
    ask_again(&look(), ENOUGH);
    assert_eq!(confirmations(app, DAUGHTER), 4, "three times a day");
    app.database.execute("UPDATE outbox SET state = 'failed' WHERE kind = 'confirmation'").unwrap();
    look().assert_says("도착하지 않았습니다").assert_says("못 받음");
    app.database.execute("UPDATE outbox SET state = 'uncertain' WHERE kind = 'confirmation'").unwrap();
    look().assert_says("도착했는지 알 수 없습니다");
    app.database.execute("UPDATE outbox SET state = 'sent' WHERE kind = 'confirmation'").unwrap();
}

/// The campaigns remind at ten in the evening of the day before.
fn remind_late(app: &TestApp) {
    app.database.execute("UPDATE campaign_reminder SET minute_of_day = 1320").unwrap();
    app.restart();
}

fn reminders(app: &TestApp, phone: &str) -> usize {
    app.messages_to(phone).iter().filter(|one| one.kind == "reminder").count()
}

fn nobody_is_reminded_at_night(app: &TestApp) {
    remind_late(app);
    let family = Family::of(app, Language::Korean);
    family.book("flu-2026", None);
    app.await_messages_sent();
    let reminders = || reminders(app, DAUGHTER);
    let due = |at: &str| {
        let at: jiff::Timestamp = at.parse().unwrap();
        let due = format!(
            "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'reminder' AND due_at = {} AND attempts = 0",
            at.as_second()
        );
        app.database.number(&due)
    };
    let queued = due("2026-11-23T22:00:00+09:00");
    assert!(queued > 0);
    app.pass_minutes(13 * 60 + 5);
    assert_eq!((reminders(), due("2026-11-24T08:00:00+09:00")), (0, queued), "it is night");
    let page = family.browser.get("/bookings").click("김민지");
    page.assert_says("11월 24일(화) 오전 8시에 보냅니다");
    app.pass_minutes(10 * 60);
    assert!(reminders() > 0, "it is past eight");
}

fn a_reminder_that_waits_for_the_morning_passes_with_its_booking(app: &TestApp) {
    remind_late(app);
    let mother = mother_of_booked(app);
    app.pass_minutes(13 * 60 + 5);
    let end = mother.get("/me").link("/me/carers/");
    mother.get(&end).form(&end).press("");
    app.pass_minutes(60);
    assert_eq!(reminders(app, MOTHER), 0, "it is night");
    app.pass_minutes(9 * 60);
    assert_eq!(reminders(app, MOTHER), 1, "it is past eight");
}

fn the_mother_asks_for_herself_and_gets_no_word_of_others(app: &TestApp) {
    let browser = mother_of_booked(app);
    let before = app.messages_to(DAUGHTER).len();
    app.clock.pass_seconds(61);
    let page = browser.get("/bookings").click("박순자");
    ask_again(&page, "예약 확정 안내를 다시 보내 드립니다");
    let told = app.messages_to(MOTHER);
    let last = told.last().unwrap();
    assert_eq!(last.kind, "confirmation");
    assert!(last.text.contains("박*자") && !last.text.contains("김*지"), "{}", last.text);
    assert!(last.text.contains("대신 예약했습니다"), "it says that somebody booked for her: {}", last.text);
    assert_eq!(app.messages_to(DAUGHTER).len(), before, "she asked for herself");
    page.reload().assert_says("예약 확정 안내 (접종받을 분께 문자)");
}

fn whoever_ended_the_care_hears_of_their_own_booking(app: &TestApp) {
    let browser = mother_of_booked(app);
    let end = browser.get("/me").link("/me/carers/");
    browser.get(&end).form(&end).press("");
    app.clock.pass_seconds(61);
    let page = browser.get("/bookings").click("박순자");
    ask_again(&page, "예약 확정 안내를 다시 보내 드립니다");
    let told = app.messages_to(MOTHER);
    let last = told.iter().rfind(|message| message.kind == "confirmation").unwrap();
    assert!(last.text.contains("박*자") && !last.text.contains("김*지"), "{}", last.text);
}

fn nothing_is_told_again_of_what_is_cancelled(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    family.book("flu-2026", None);
    let page = family.browser.get("/bookings").click("김민지");
    let tell = page.form("/tell");
    page.click("/cancel").form("/cancel").press("");
    app.clock.pass_seconds(61);
    let after = tell.press("");
    after.assert_says("취소됨").assert_says("예약 취소 안내 (예약한 분께 문자)");
    assert!(after.forms().iter().all(|form| !form.action.ends_with("/tell")));
    assert_eq!(confirmations(app, DAUGHTER), 1);
}
