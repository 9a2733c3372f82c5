//! From the first page to the held seat: for whom, where, when. And the same choices when a booking is changed.

use reqwest::StatusCode;
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::people::{self, PersonDetails};
use sunbeon::store::{Failure, accounts};

use crate::app::{Browser, Language, Page, TestApp};
use crate::on_both;

on_both!(
    one_person_books_from_the_first_page,
    whoever_is_added_on_the_way_is_chosen,
    whoever_was_taken_off_the_list_is_not_booked_and_it_is_said,
    whoever_would_be_at_two_places_at_once_is_told,
    a_daughter_books_for_both_parents_side_by_side,
    two_doses_are_proposed_together_and_the_second_can_be_chosen,
    the_last_seat_goes_to_one_and_the_other_gets_the_nearest_times
);

const DAUGHTER: &str = "010-0000-0001";
const MOTHER: &str = "010-0000-0002";
const NEIGHBOUR: &str = "010-0000-0003";

type Someone = (&'static str, &'static str, Relation);

const ME: Someone = ("김민지", "1970-05-06", Relation::Me);
const MUM: Someone = ("박순자", "1947-03-09", Relation::Mother);
const DAD: Someone = ("김영수", "1945-01-02", Relation::Father);
const YOUNG: Someone = ("이하나", "1995-07-08", Relation::Me);
const CHILD: Someone = ("김아람", "2020-04-05", Relation::Child);

/// Signs in with a phone and writes down people, as if it had been done before.
fn prepared(app: &TestApp, phone: &'static str, everyone: &[Someone]) -> Browser {
    let browser = app.browser(Language::Korean);
    let code = browser.get("/sign-in?next=%2F").form("/sign-in").fill("phone", phone).press("");
    code.form("/sign-in/code").fill("code", &app.code_for(phone)).press("");
    let engine = app.engine();
    let number = PhoneNumber::parse(phone).unwrap();
    let account = engine.ledger.write_now(move |tx| {
        accounts::of_proved_phone(tx, &number, Language::Korean)
            .map_err(Failure::<people::SavePersonError>::from)
    });
    let account = account.unwrap().0;
    for (name, birth, relation) in everyone {
        let own_phone = match relation {
            Relation::Me => Some(phone),
            Relation::Mother => Some(MOTHER),
            _ => None,
        };
        let details = PersonDetails {
            name: PersonName::parse(name).unwrap(),
            birth: BirthDate::from_stored(birth).unwrap(),
            relation: *relation,
            messages_to: MessagesTo::Mine,
            phone: own_phone.map(|phone| PhoneNumber::parse(phone).unwrap()),
        };
        engine.ledger.write_now(move |tx| people::add(tx, account, &details, 6)).unwrap();
    }
    browser
}

/// The times of a site of the story's country on a day, for the people with these numbers.
fn times(app: &TestApp, browser: &Browser, (slug, site): (&str, usize), party: &str, day: &str) -> Page {
    browser.get(&format!("/book/{slug}/{}/when?{party}&day={day}", app.site(site).code))
}

/// Looks for sites near a place, with the second form of the page.
fn near(page: &Page, place: &str) -> Page {
    page.forms()[1].clone().fill("near", place).press("찾기")
}

fn buttons(page: &Page) -> Vec<String> {
    page.all(".times button")
}

fn one_person_books_from_the_first_page(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME, MUM]);
    let campaigns = browser.get("/").click("/book?for=me");
    assert_eq!(campaigns.h1(), "예약할 예방접종을 선택해 주세요");
    let who = campaigns.click("독감");
    assert_eq!(who.form("/where").value("p"), Some("1"), "she is chosen already");
    let place = who.form("/where").press("계속");
    let district = place.form("/where").fill("in", "서울").press("계속");
    assert!(district.form("/where").choices("in").contains(&"seoul.jongno-gu".to_owned()));
    let sites = district.form("/where").fill("in", "종로구 (2곳)").press("계속");
    sites.assert_says("많이 남음 (").assert_says("계단 없음 · 주말에도 접종");
    let days = sites.click("종로 보건소");
    assert_eq!(days.h1(), "접종받을 날짜를 선택해 주세요");
    let day = days.click("11월 24일");
    assert_eq!(day.h1(), "11월 24일(화) 접종 시간을 선택해 주세요");
    assert_eq!(buttons(&day)[0], "오전 9시 4자리");
    let check = day.press("오전 9시");
    assert!(check.path.starts_with("/hold/"), "{check:?}");
    check.assert_says("김민지").assert_says("종로 보건소").assert_says("오전 9시");
    let back = browser.get(&day.path);
    assert_eq!(buttons(&back)[0], "오전 9시 4자리", "her own hold does not stand in her way");
    let done = check.form("/confirm").press("");
    assert!(done.path.starts_with("/done/"), "{done:?}");
    let who = browser.get("/book/flu-2026/who");
    who.assert_says("이미 예약이 있습니다");
    assert!(who.link("예약 보기").starts_with("/bookings/"));
}

fn whoever_was_taken_off_the_list_is_not_booked_and_it_is_said(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME, MUM]);
    let held = times(app, &browser, ("flu-2026", 0), "p=1&p=2", "2026-11-24").press("오전 9시");
    assert!(held.path.starts_with("/hold/"), "{held:?}");
    browser.get("/people/2/remove").form("/people/2/remove").press("");
    let told = held.form("/confirm").press("");
    told.assert_says("이대로 확정할 수 없습니다.").assert_says("김민지");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM booking WHERE state = 'booked'"), 0);
}

fn whoever_would_be_at_two_places_at_once_is_told(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME, MUM]);
    let press = |slug, site, party| times(app, &browser, (slug, site), party, "2026-11-24").press("오전 9시");
    let first = press("flu-2026", 0, "p=1");
    assert!(!first.says("비슷한 시간에"));
    first.form("/confirm").press("");
    press("covid-2026", 1, "p=1").assert_says("김민지 님, 2026년 11월 24일(화) 오전 9시, 종로 보건소");
    assert!(!press("covid-2026", 0, "p=1").says("비슷한 시간에"), "two vaccines at one place go together");
}

/// Whoever adds somebody on the way to a booking means to book for them too.
fn whoever_is_added_on_the_way_is_chosen(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME]);
    let add = |who: &Page, name: &str| {
        let form = who
            .form("/where")
            .press("목록에 추가")
            .form("/people/new")
            .fill("name", name)
            .check("relation", "mother");
        let form = form.fill("birth-year", "1947").fill("birth-month", "3").fill("birth-day", "9");
        form.check("messages", "mine").check("consent", "yes").press("")
    };
    let chosen = |who: &Page| {
        let place = who.form("/where").press("계속");
        place.path.split_once('?').map(|(_, chosen)| chosen.to_owned())
    };
    let both = add(&browser.get("/book/flu-2026/who"), "김순자");
    assert_eq!(chosen(&both).as_deref(), Some("p=1&p=2"), "and so is whoever was chosen already");
    let all = add(&browser.get("/book/flu-2026/who?p=2"), "이순자");
    assert_eq!(chosen(&all).as_deref(), Some("p=2&p=3"), "not who was not chosen");
}

fn a_daughter_books_for_both_parents_side_by_side(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME, MUM, DAD]);
    let who = browser.get("/book/flu-2026/who");
    let place = who.form("/where").check("p", "2").check("p", "3").press("계속");
    let sites = near(&place, "종로");
    assert!(sites.path.contains("p=2&p=3"), "the party stays in the address: {}", sites.path);
    sites.assert_says(" km");
    let days = sites.click("작은 의원");
    let day = days.click("11월 24일");
    assert_eq!(buttons(&day)[0], "오전 9시 오전 9시, 오전 9시 30분");
    let roomy = times(app, &browser, ("flu-2026", 0), "p=2&p=3", "2026-11-24");
    assert_eq!(buttons(&roomy)[0], "오전 9시 함께 가능");
    let check = day.press("오전 9시");
    check.assert_says("박순자").assert_says("김영수").assert_says("오전 9시 30분");
    assert!(check.form("/confirm").press("").path.starts_with("/done/"));
    let rest = times(app, &browser, ("flu-2026", 1), "p=1", "2026-11-24");
    assert_eq!(buttons(&rest)[0], "오전 10시 1자리", "full times are not offered");
}

fn two_doses_are_proposed_together_and_the_second_can_be_chosen(app: &TestApp) {
    let browser = prepared(app, DAUGHTER, &[ME, MUM]);
    let day = times(app, &browser, ("covid-2026", 0), "p=1&p=2", "2026-11-24");
    let check = day.press("오전 10시 30분");
    check
        .assert_says("2026년 11월 24일(화) 오전 10시 30분")
        .assert_says("2026년 12월 22일(화) 오전 10시 30분");
    let second = check.click("/second");
    assert_eq!(second.h1(), "2차 접종 날짜를 선택해 주세요");
    assert!(!second.says("12월 14일"), "twenty days are too few");
    let day = second.click("12월 17일");
    let changed = day.press("오후 2시");
    assert_ne!(changed.path, check.path);
    changed.assert_says("2026년 11월 24일(화) 오전 10시 30분").assert_says("2026년 12월 17일(목) 오후 2시");
    assert!(changed.form("/confirm").press("").path.starts_with("/done/"));
    let last = times(app, &browser, ("covid-2026", 0), "p=1", "2026-12-30");
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY, "she is booked: {}", last.text());
    let neighbour = prepared(app, NEIGHBOUR, &[YOUNG]);
    let days = times(app, &neighbour, ("covid-2026", 0), "p=1", "2027-01-05");
    assert_eq!(
        days.h1(),
        "접종받을 날짜를 선택해 주세요",
        "no second dose would be possible after a first on that day"
    );
}

fn the_last_seat_goes_to_one_and_the_other_gets_the_nearest_times(app: &TestApp) {
    let (one, other) =
        (prepared(app, DAUGHTER, &[ME]), prepared(app, NEIGHBOUR, &[("최정", "1960-01-01", Relation::Me)]));
    let [hers, his] = [&one, &other].map(|who| times(app, who, ("flu-2026", 1), "p=1", "2026-11-24"));
    assert!(hers.press("오전 11시").path.starts_with("/hold/"));
    let full = his.press("오전 11시");
    assert_eq!((full.status, full.h1().as_str()), (StatusCode::CONFLICT, "방금 자리가 찼습니다"));
    assert_eq!(buttons(&full).len(), 6);
    let near = "11월 24일(화) 오전 11시 30분 1자리".to_owned();
    assert!(buttons(&full).contains(&near), "{:?}", buttons(&full));
    assert!(full.press("오전 11시 30분").path.starts_with("/hold/"));
    let english = full.form("/language").press("English");
    assert_eq!(english.status, StatusCode::OK, "another language in the middle of it: {english:?}");
    assert_eq!(english.h1(), "Tue 24 Nov: which time do you want?");
}

#[test]
fn a_party_that_does_not_fit_holds_nothing_and_sees_the_nearest_times() {
    let app = TestApp::start();
    let family = prepared(&app, DAUGHTER, &[ME, MUM, DAD]);
    let page = times(&app, &family, ("flu-2026", 1), "p=1&p=2&p=3", "2026-11-24");
    let neighbour = prepared(&app, NEIGHBOUR, &[("최정", "1960-01-01", Relation::Me)]);
    let theirs = times(&app, &neighbour, ("flu-2026", 1), "p=1", "2026-11-24").press("오전 9시 30분");
    assert!(theirs.path.starts_with("/hold/"));
    let refused = page.press("오전 9시");
    refused.assert_says("아무 자리도 잡지 않았고");
    let first = &buttons(&refused)[0];
    assert_eq!(first, "11월 24일(화) 오전 10시 오전 10시, 오전 10시 30분, 오전 11시");
    let check = refused.press(first);
    check.assert_says("오전 11시").assert_says("김영수");
}

#[test]
fn whoever_is_too_early_or_too_young_learns_when_and_why() {
    let app = TestApp::start();
    let browser = prepared(&app, DAUGHTER, &[YOUNG, MUM, CHILD]);
    let who = browser.get("/book/flu-2026/who?for=me");
    who.assert_says("이하나 (나, 31세)").assert_says("2026년 12월 1일(화) 0시부터 예약할 수 있습니다.");
    assert_eq!(who.form("/where").choices("p"), ["2"]);
    let forced = browser.get("/book/flu-2026/where?p=1");
    assert_eq!(forced.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(forced.errors(), ["지금 예약할 수 있는 분만 선택해 주세요."]);
    let nobody = browser.get("/book/flu-2026/where");
    assert_eq!(nobody.errors(), ["접종받을 분을 한 명 이상 선택해 주세요."]);
    browser
        .get("/book/covid-2026/who")
        .assert_says("김아람 (자녀, 6세)")
        .assert_says("나이에 맞는 백신이 없습니다");
    let campaign = app.browser(Language::Korean).get("/campaigns/flu-2026");
    campaign.assert_says("1976년까지 태어난 분").assert_says("2026년 12월 1일(화) 0시부터 예약");
    let covid = app.browser(Language::English).get("/campaigns/covid-2026");
    covid
        .assert_says("3 weeks to 6 weeks after the first. 4 weeks is best")
        .assert_says("from 12 years of age");
}

#[test]
fn pressing_the_time_twice_holds_once() {
    let app = TestApp::start();
    let browser = prepared(&app, DAUGHTER, &[ME]);
    let page = times(&app, &browser, ("flu-2026", 1), "p=1", "2026-11-24");
    let form = page.form("/hold");
    let (first, again) = (form.press_once("오전 9시"), form.press_once("오전 9시"));
    assert_eq!(first.location(), again.location());
    assert!(first.location().unwrap().starts_with("/hold/"));
    let other = form.press_once("오전 9시 30분");
    assert_ne!(other.location(), first.location(), "another time takes the place of the first");
    let neighbour = prepared(&app, NEIGHBOUR, &[("최정", "1960-01-01", Relation::Me)]);
    let free = times(&app, &neighbour, ("flu-2026", 1), "p=1", "2026-11-24");
    assert_eq!(buttons(&free)[..2], ["오전 9시 1자리", "오전 10시 1자리"]);
}

#[test]
fn who_is_booked_by_their_own_phone_is_told_and_nobody_else_learns_of_it() {
    let app = TestApp::start();
    let mother = prepared(&app, MOTHER, &[("박순자", "1947-03-09", Relation::Me)]);
    let hers = times(&app, &mother, ("flu-2026", 0), "p=1", "2026-11-24").press("오전 9시");
    assert!(hers.form("/confirm").press("").path.starts_with("/done/"));
    let daughter = prepared(&app, DAUGHTER, &[ME, MUM]);
    let page = times(&app, &daughter, ("flu-2026", 0), "p=1&p=2", "2026-11-24");
    for _ in 0..2 {
        let refused = page.press("오후 3시");
        assert_eq!(refused.h1(), "여기에서는 예약할 수 없습니다");
        assert!(!refused.says("이미"), "{}", refused.text());
    }
    let told = app.messages_to(MOTHER);
    assert_eq!(told.iter().filter(|message| message.kind == "already-booked-notice").count(), 1);
}

#[test]
fn a_booking_moves_to_another_site_in_one_act() {
    let app = TestApp::start();
    let browser = prepared(&app, DAUGHTER, &[ME]);
    let held = times(&app, &browser, ("flu-2026", 1), "p=1", "2026-11-24").press("오전 9시");
    held.form("/confirm").press("");
    let booking = browser.get("/bookings").click("김민지");
    let change = browser.get(&format!("{}/change", booking.path));
    change.assert_says("지금 예약: 2026년 11월 24일(화) 오전 9시, 작은 의원");
    let sites = near(&change.click("다른 곳에서 찾기"), "해운대");
    let check = sites.click("해운대 보건소").click("11월 25일").click("오후 1시");
    assert_eq!(check.h1(), "이렇게 바꾸시겠습니까?");
    let done = check.form("/change").press("예약 변경");
    assert_eq!(done.path, format!("{}?changed=1", booking.path));
    done.assert_says("예약을 바꾸었습니다")
        .assert_says("해운대 보건소")
        .assert_says("2026년 11월 25일(수) 오후 1시");
    assert_eq!(check.form("/change").press("예약 변경").path, done.path, "pressing twice is fine");
    assert_eq!(app.next_message(DAUGHTER, "change").kind, "change");
    let neighbour = prepared(&app, NEIGHBOUR, &[("최정", "1960-01-01", Relation::Me)]);
    let free = times(&app, &neighbour, ("flu-2026", 1), "p=1", "2026-11-24");
    assert_eq!(buttons(&free)[0], "오전 9시 1자리", "the old seat is free again");
    let stranger = neighbour.get(&format!("{}/change", booking.path));
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}

#[test]
fn a_change_that_comes_too_late_keeps_the_old_seat() {
    let app = TestApp::start();
    let browser = prepared(&app, DAUGHTER, &[ME]);
    let held = times(&app, &browser, ("flu-2026", 1), "p=1", "2026-11-24").press("오전 9시");
    held.form("/confirm").press("");
    let booking = browser.get("/bookings").click("김민지");
    let check = browser.get(&format!("{}/change", booking.path)).click("11월 24일").click("오전 11시");
    let neighbour = prepared(&app, NEIGHBOUR, &[("최정", "1960-01-01", Relation::Me)]);
    times(&app, &neighbour, ("flu-2026", 1), "p=1", "2026-11-24").press("오전 11시");
    let refused = check.form("/change").press("예약 변경");
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.assert_says("지금 자리는 그대로 있습니다.");
    let offered = refused.all(".times b");
    assert!(
        !offered.contains(&"11월 24일(화) 오전 9시".to_owned()),
        "the time she has is no change: {offered:?}"
    );
    refused.click("오전 10시 30분").form("/change").press("예약 변경").assert_says("오전 10시 30분");
}

#[test]
fn moving_the_first_dose_moves_the_second_when_the_interval_would_break() {
    let app = TestApp::start();
    let browser = prepared(&app, DAUGHTER, &[ME]);
    let held = times(&app, &browser, ("covid-2026", 0), "p=1", "2026-11-24").press("오전 9시");
    held.form("/confirm").press("");
    let booking = browser.get("/bookings").click("김민지, 1차");
    let days = browser.get(&format!("{}/change", booking.path));
    let near = days.click("12월 1일").click("오전 9시");
    assert!(!near.says("12월 22일"), "three weeks are enough: the second dose stays");
    let check = days.click("12월 3일").click("오전 9시 30분");
    check.assert_says("다음 접종도 함께 옮겨야").assert_says("2026년 12월 31일(목) 오전 9시 30분");
    let done = check.form("/change").press("예약 변경");
    done.assert_says("2026년 12월 3일(목) 오전 9시 30분");
    let second = browser.get("/bookings").click("김민지, 2차");
    second.assert_says("2026년 12월 31일(목) 오전 9시 30분");
    let days = browser.get(&format!("{}/change", second.path));
    assert!(!days.says("12월 23일"), "twenty days after the first dose are too few");
    days.assert_says("12월 24일");
}
