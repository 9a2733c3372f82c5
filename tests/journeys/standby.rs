//! Leftover doses: people ask to be told, a clinic has some left, and they go out one by one in the order that is drawn.

use std::process::Command;

use jiff::Timestamp;
use sunbeon::domain::clock::Clock;

use crate::app::{Browser, Language, Page, Staff, TestApp};
use crate::clinic::signed_in;
use crate::desk::to;
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER};

on_both!(
    a_leftover_dose_is_offered_and_taken,
    an_offer_that_nobody_answers_goes_to_the_next,
    taking_one_gives_the_later_booking_up,
    whoever_says_no_for_good_is_asked_no_more,
    a_clinic_that_has_none_left_after_all_asks_nobody,
    the_order_can_be_checked_when_the_day_is_over,
    what_is_missing_in_the_form_is_said,
);

/// Tuesday, the first day of vaccinations, four o'clock in the afternoon.
const AFTERNOON: &str = "2026-11-24T07:00:00Z";

/// Somebody who proved a phone, wrote one person down, and stands by for them at the first site.
fn stands_by(app: &TestApp, phone: &str, name: &str) -> Browser {
    let browser = app.browser(Language::English);
    way::prove(app, &browser.get("/sign-in"), phone);
    way::new_person(&browser, name).press("");
    ask(&browser).assert_says("We will send you a text when vaccine is left over.").assert_says(name);
    browser
}

/// Asks for the flu vaccine at the first site alone, for the first of the list.
fn ask(browser: &Browser) -> Page {
    let form = browser.get("/standby/new").form("/standby/new").check("campaign", "flu-2026");
    let places = form.fill("near", "종로 보건소").press("");
    let form =
        places.forms().into_iter().find(|form| form.value("until").is_some()).expect("the rest to ask");
    form.choose("종로 보건소").check("metres", "0").check("p", "1").press("")
}

fn until(app: &TestApp, moment: &str) {
    let moment: Timestamp = moment.parse().unwrap();
    app.pass(moment.duration_since(app.clock.now()));
}

fn leftovers(app: &TestApp) -> String {
    format!("/clinic/{}/leftovers", app.site(0).code)
}

fn announce(app: &TestApp, nurse: &Browser, doses: &str) -> Page {
    let form = nurse.get(&leftovers(app)).form(&leftovers(app)).fill("product", "독감").fill("doses", doses);
    form.fill("until", "17:30").press("")
}

/// The address in a text.
fn address(text: &str) -> String {
    let at = text.find("/offer/").unwrap_or_else(|| panic!("no link in {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

fn count(app: &TestApp, state: &str) -> i64 {
    app.database.number(&format!("SELECT COUNT(*) AS number FROM offer WHERE state = '{state}'"))
}

fn a_leftover_dose_is_offered_and_taken(app: &TestApp) {
    stands_by(app, DAUGHTER, "박순자");
    until(app, AFTERNOON);
    let nurse = signed_in(app, Staff::Jongno);
    announce(app, &nurse, "1")
        .assert_says("기다리는 분에게 묻고 있습니다.")
        .assert_says("오후 5시 30분까지 1개");
    let text = app.next_message(DAUGHTER, "offer").text;
    assert!(text.contains("박*자") && text.contains("Come by 5:30 pm today."), "{text}");
    assert!(!text.contains("박순자"), "{text}");

    // The link is opened on another device: it shows, and does nothing.
    let other = app.browser(Language::English);
    let shown = other.get(&address(&text));
    shown.assert_says("A vaccine is left for you").assert_says("종로 보건소").assert_says("come by 5:30 pm");
    assert!(!shown.body.contains("박순자"), "whoever has the link sees no whole name");
    assert_eq!(count(app, "open"), 1);
    let taken = shown.press("take");
    taken.assert_says("The vaccine is yours");
    // The same press once more, and from another window.
    shown.press("take").assert_says("The vaccine is yours");
    assert_eq!(count(app, "taken"), 1);
    let booked =
        app.database.number("SELECT COUNT(*) AS number FROM booking WHERE lane = 3 AND state = 'booked'");
    assert_eq!(booked, 1);
    app.next_message(DAUGHTER, "confirmation");

    nurse.get(&leftovers(app)).assert_says("받기로 한 분1");
    let roster = nurse.get(&format!("/clinic/{}/roster", app.site(0).code));
    roster.assert_says("17:30").assert_says("박*자");
    let mine = app.browser(Language::English);
    way::prove(app, &mine.get("/sign-in"), DAUGHTER);
    let standby = mine.get("/standby");
    assert!(!standby.says("박순자"), "whoever has a dose stands by no more: {}", standby.text());
}

fn an_offer_that_nobody_answers_goes_to_the_next(app: &TestApp) {
    stands_by(app, DAUGHTER, "박순자");
    stands_by(app, MOTHER, "최정");
    until(app, AFTERNOON);
    announce(app, &signed_in(app, Staff::Jongno), "1");
    let first = crate::app::wait_for("the first to be asked", || {
        app.messages().into_iter().find(|message| message.kind == "offer")
    });
    app.await_messages_sent();
    assert_eq!(count(app, "open"), 1, "there is one dose, so one is asked");
    let browser = app.browser(Language::English);
    let shown = browser.get(&address(&first.text));
    app.pass_minutes(11);
    let next = crate::app::wait_for("the next to be asked", || {
        app.messages().into_iter().find(|message| message.kind == "offer" && message.to != first.to)
    });
    let late = shown.press("take");
    assert_eq!(late.errors(), ["Too late: the time to answer is over. Nothing was changed."]);
    late.assert_says("This offer is over");
    browser.get(&address(&next.text)).press("take").assert_says("The vaccine is yours");
    assert_eq!((count(app, "unanswered"), count(app, "taken")), (1, 1));
}

fn taking_one_gives_the_later_booking_up(app: &TestApp) {
    let browser = stands_by(app, DAUGHTER, "박순자");
    // A day after the leftover dose.
    let who = browser.get("/book/flu-2026/who");
    let province = who.form("/where").check("p", "1").press("");
    let district = province.form("/where").fill("in", "seoul").press("");
    let days = district.form("/where").fill("in", "seoul.jongno-gu").press("").click("종로 보건소");
    let times = days.click(&days.attributes(".days a", "href")[1]);
    let done = way::confirm(&way::press_time(&times, 0));
    let reference = done.attributes("a[href^='/bookings/']", "href")[0].clone();
    let public = "SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane WHERE lane = 0";
    assert_eq!(app.database.number(public), 1);

    until(app, AFTERNOON);
    announce(app, &signed_in(app, Staff::Jongno), "2");
    let text = app.next_message(DAUGHTER, "offer").text;
    let shown = app.browser(Language::English).get(&address(&text));
    shown.assert_says("If you take it, this booking is given up: Wednesday 25 November 2026");
    shown.press("take").assert_says("The vaccine is yours");
    assert_eq!(app.database.number(public), 0, "the later seat is free again");
    let booking = app.browser(Language::English);
    way::prove(app, &booking.get("/sign-in"), DAUGHTER);
    booking.get(&reference).assert_says("Tuesday 24 November 2026 at 5:30 pm");
    let live = "SELECT COUNT(*) AS number FROM booking WHERE state = 'booked'";
    assert_eq!(app.database.number(live), 1);
    app.next_message(DAUGHTER, "change");
}

fn whoever_says_no_for_good_is_asked_no_more(app: &TestApp) {
    let browser = stands_by(app, DAUGHTER, "박순자");
    until(app, AFTERNOON);
    announce(app, &signed_in(app, Staff::Jongno), "1");
    app.next_message(DAUGHTER, "offer");
    let shown = browser.get("/standby").click("/offer/");
    shown.press("end").assert_says("This offer is over");
    assert_eq!(count(app, "declined"), 1);
    let empty = browser.get("/standby");
    assert!(!empty.says("박순자"), "{}", empty.text());
}

fn a_clinic_that_has_none_left_after_all_asks_nobody(app: &TestApp) {
    stands_by(app, DAUGHTER, "박순자");
    until(app, AFTERNOON);
    let nurse = signed_in(app, Staff::Jongno);
    let page = announce(app, &nurse, "1");
    let text = app.next_message(DAUGHTER, "offer").text;
    let shown = app.browser(Language::English).get(&address(&text));
    to(&page, "end").press("").assert_says("더 묻지 않습니다.").assert_says("끝남");
    let refused = shown.press("take");
    refused.assert_says("This offer is over");
    assert_eq!(count(app, "withdrawn"), 1);
    let seats =
        app.database.number("SELECT CAST(SUM(seats) AS BIGINT) AS number FROM slot_lane WHERE lane = 3");
    assert_eq!(seats, 0);
}

fn the_order_can_be_checked_when_the_day_is_over(app: &TestApp) {
    for (index, name) in ["박순자", "최정", "김하나"].into_iter().enumerate() {
        stands_by(app, &format!("010-0000-001{index}"), name);
    }
    until(app, AFTERNOON);
    let public = app.browser(Language::English);
    crate::app::wait_for("the secrets of the days to come", || {
        let days = app.database.number("SELECT COUNT(*) AS number FROM standby_day");
        (days > 0).then_some(())
    });
    let before = public.get("/standby/order");
    let promised = before.all("dl.summary code").remove(0);
    announce(app, &signed_in(app, Staff::Jongno), "3");
    crate::app::wait_for("all to be asked", || {
        (app.messages().iter().filter(|message| message.kind == "offer").count() == 3).then_some(())
    });
    let early = public.get("/standby/order?day=2026-11-24");
    assert_eq!(early.errors(), ["Enter a day that is over."]);
    let early = public.get("/standby/order.csv?day=2026-11-24");
    assert!(early.path.starts_with("/standby/order?"), "{early:?}");

    until(app, "2026-11-25T07:00:00Z");
    let after = public.get("/standby/order?day=2026-11-24");
    let codes = after.all("dl.summary code");
    let (fingerprint, secret) = (&codes[codes.len() - 2], &codes[codes.len() - 1]);
    assert_eq!(*fingerprint, promised, "the secret is the one that was promised");
    let file = public.get("/standby/order.csv?day=2026-11-24");
    let folder = tempfile::tempdir().unwrap();
    // The page shows this very file.
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/pages/standby/verify.py");
    let rows = folder.path().join("offers.csv");
    std::fs::write(&rows, &file.body).unwrap();
    let verify = |secret: &str| {
        let python = std::env::var_os("SUNBEON_TEST_PYTHON").unwrap_or("python3".into());
        let run = Command::new(python).arg("-B").arg(script).arg(secret).arg(&rows).arg("22222222").output();
        run.unwrap()
    };
    let told = verify(secret);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(text.contains(&format!("fingerprint {promised}")), "{text}");
    let numbers: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("yours"))
        .filter_map(|line| line.split(' ').nth(3))
        .collect();
    assert!(numbers.len() == 3 && numbers.is_sorted(), "{text}");
    let wrong = secret.replace(&secret[..2], if secret.starts_with("00") { "11" } else { "00" });
    assert!(!verify(&wrong).status.success(), "another secret gives other numbers");
}

fn what_is_missing_in_the_form_is_said(app: &TestApp) {
    let browser = stands_by(app, DAUGHTER, "박순자");
    let form = browser.get("/standby/new").form("/standby/new").fill("near", "종로").press("");
    let form = form.forms().into_iter().find(|form| form.value("until").is_some()).unwrap();
    let wrong = form.fill("until", "2027-11-24").press("");
    assert_eq!(
        wrong.errors(),
        ["Choose at least one clinic.", "Enter a day within the next 30 days."],
        "{wrong:?}"
    );
    until(app, AFTERNOON);
    let nurse = signed_in(app, Staff::Jongno);
    let form = nurse.get(&leftovers(app)).form(&leftovers(app));
    let wrong = form.fill("doses", "0").fill("until", "16:05").press("");
    assert_eq!(
        wrong.errors(),
        ["1부터 99 사이의 숫자를 입력해 주세요.", "지금부터 15분 뒤인 오늘 시간을 17:30처럼 입력해 주세요."]
    );
    browser
        .get("/standby")
        .form("/standby/end")
        .press("")
        .assert_says("You will get no more of these texts.");
}
