//! A clinic's day at a glance, and looking for somebody who has come.

use jiff::Timestamp;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::hangul_keys::as_pressed;

use crate::app::{Browser, Page, Staff, TestApp};
use crate::clinic::{FAMILY, TUESDAY, accesses, book, signed_in};
use crate::desk::to;
use crate::on_both;

on_both!(
    the_day_shows_how_it_stands_and_what_needs_doing,
    somebody_is_found_by_whatever_they_say,
    a_scanner_finds_the_booking_however_the_keyboard_is_set,
    the_roster_shows_what_was_chosen,
    the_evening_asks_who_did_not_come,
);

/// The morning of the appointments, twenty minutes after the first began.
fn morning(app: &TestApp) {
    let morning: Timestamp = "2026-11-24T01:20:00Z".parse().unwrap();
    app.pass(morning.duration_since(app.clock.now()));
}

fn day(app: &TestApp) -> String {
    format!("/clinic/{}", app.site(0).code)
}

fn find(app: &TestApp, nurse: &Browser, text: &str) -> Page {
    nurse.get(&day(app)).form("/find").fill("q", text).press("")
}

fn the_day_shows_how_it_stands_and_what_needs_doing(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY);
    book(app, 0, 11, "010-0000-0002", &[("최정", "1950-01-01")]);
    morning(app);
    let nurse = signed_in(app, Staff::Jongno);
    let page = nurse.get(&day(app));
    page.assert_says("오늘, 2026년 11월 24일(화)").assert_says("예약 3명");
    page.assert_says("15분 넘게 늦은 분 2명")
        .assert_says("오늘 접종할 수 있는 제조번호가 없는 백신이 있습니다.");
    let lots = page.click("제조번호를 추가해 주세요");
    let form =
        lots.form("/lots").fill("product", "독감").fill("number", "A1").fill("expires_on", "2026-12-31");
    form.press("");
    let desk = nurse.get(&format!("{}/bookings/{}", day(app), booked[0].reference.as_str()));
    to(&desk, "check-in").check("identified", "document").press("");
    let page = nurse.get(&day(app));
    page.assert_says("15분 넘게 늦은 분 1명").assert_says("도착 1명");
    assert!(!page.says("제조번호가 없는"), "{}", page.text());
    // 10:00: one still expected, one arrived, and two seats of the campaign with four are free; the other campaign has four.
    let row = page.all("tbody th").iter().position(|time| time == "10:00").unwrap() + 1;
    assert_eq!(page.all(&format!("tbody tr:nth-child({row}) td")), ["", "1", "1", "0", "0", "6"]);
    page.click("15분 넘게 늦은 분").assert_says("예약 2명");
    assert!(accesses(app).iter().any(|action| action == "day"));
}

fn somebody_is_found_by_whatever_they_say(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY);
    book(app, 0, 11, "010-0000-0002", &[("김순자", "1950-01-01"), ("Johann Sebastian", "1951-12-24")]);
    let elsewhere = book(app, 2, 11, "010-0000-0003", &[("박하나", "1950-01-01")]);
    morning(app);
    let nurse = signed_in(app, Staff::Jongno);
    let theirs = format!("{}/bookings/{}", day(app), booked[0].reference.as_str());
    for said in ["1947-03-09", "19470309", "0309", "１９４７０３０９"] {
        assert_eq!(find(app, &nurse, said).path, theirs, "{said}");
    }
    find(app, &nurse, "johann").assert_says("Johann Sebastian");
    let several = find(app, &nurse, "김순자");
    several.assert_says("여러 분이 있습니다").assert_says("오전 10시, 김*자 (1947년생)");
    assert!(!several.all("main .choices")[0].contains("김순자"), "names in a list are masked");
    assert_eq!(several.click("1947년생").path, theirs);
    for nobody in ["박하나", "999", "12345678", elsewhere[0].reference.as_str(), "%_\\'"] {
        let page = find(app, &nurse, nobody);
        assert_eq!(page.status.as_u16(), 422, "{nobody}");
        assert_eq!(
            page.errors(),
            ["오늘 명단에 맞는 분이 없습니다. 입력한 내용을 확인하거나 예약번호를 입력해 주세요."]
        );
        page.form("/find").fill("q", "김순자").press("").assert_says("여러 분이 있습니다");
    }
    assert_eq!(find(app, &nurse, " ").path, day(app));
    assert!(accesses(app).iter().any(|action| action == "find"));
}

fn a_scanner_finds_the_booking_however_the_keyboard_is_set(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY[..1]).remove(0);
    // Also on another day: the code says which booking it is.
    let nurse = signed_in(app, Staff::Jongno);
    let code = booked.reference.as_str();
    let theirs = format!("{}/bookings/{code}", day(app));
    let address = format!("https://vaccine.example.kr/r/{code}");
    for typed in [code.to_owned(), code.to_lowercase(), booked.reference.spoken(), address.clone()] {
        assert_eq!(find(app, &nurse, &typed).path, theirs, "{typed}");
        assert_eq!(find(app, &nurse, &in_hangul(&typed)).path, theirs, "{typed} as Hangul");
    }
    assert_eq!(as_pressed(&in_hangul(&address)).to_uppercase(), address.to_uppercase());
    // Whoever works elsewhere is not led there.
    let other = signed_in(app, Staff::Haeundae);
    let page = other.get(&format!("/clinic/{}", app.site(2).code)).form("/find").fill("q", code).press("");
    assert_eq!(page.status.as_u16(), 422);
}

/// What a keyboard that is set to Hangul shows for these keys, one sign a key: it joins none here.
fn in_hangul(keys: &str) -> String {
    let letters = "abcdefghijklmnopqrstuvwxyz";
    let jamo: Vec<char> = "ㅁㅠㅊㅇㄷㄹㅎㅗㅑㅓㅏㅣㅡㅜㅐㅔㅂㄱㄴㅅㅕㅍㅈㅌㅛㅋ".chars().collect();
    let shown = |key: char| match letters.find(key.to_ascii_lowercase()) {
        Some(at) => jamo[at],
        None => key,
    };
    keys.chars().map(shown).collect()
}

fn the_roster_shows_what_was_chosen(app: &TestApp) {
    book(app, 0, 10, "010-0000-0001", &FAMILY);
    let nurse = signed_in(app, Staff::Jongno);
    let roster = format!("{}/roster?date={TUESDAY}", day(app));
    let form = nurse.get(&roster).form("roster").fill("state", "arrived").fill("product", "독감 백신");
    let nobody = form.press("");
    nobody.assert_says("이날 명단에 맞는 분이 없습니다.").assert_says("예약 2명");
    assert!(nobody.path.contains("state=arrived"), "{}", nobody.path);
    nobody.reload().assert_says("이날 명단에 맞는 분이 없습니다.");
    nobody.form("roster").fill("state", "booked").press("").assert_says("김*자");
    nurse.get(&format!("{roster}&state=nonsense&product=x")).assert_says("김*자");
}

fn the_evening_asks_who_did_not_come(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY);
    let late = book(app, 0, 17, "010-0000-0002", &[("최정", "1950-01-01")]);
    morning(app);
    let nurse = signed_in(app, Staff::Jongno);
    let evening = nurse.get(&day(app)).click("하루 마감");
    evening.assert_says("김*자").assert_says("이*나");
    assert!(!evening.says("최*"), "whose time is still to come is not asked for");
    assert_eq!(evening.form("/end").press("").errors(), ["한 명 이상 표시해 주세요."]);
    // Meanwhile a colleague receives one of them.
    let desk = nurse.get(&format!("{}/bookings/{}", day(app), booked[0].reference.as_str()));
    to(&desk, "check-in").check("identified", "document").press("");
    let form = evening.form("/end").choose("김*자").choose("이*나");
    let done = form.press("");
    done.assert_says("1명을 오지 않음으로 표시했습니다. 다른 직원이 먼저 처리한 1명은 그대로 두었습니다.");
    done.assert_says("접수했지만 기록하지 않은 분").assert_says("김*자");
    let state = |reference: &str| {
        let line = format!("SELECT state AS line FROM booking WHERE reference = '{reference}'");
        app.database.lines(&line).remove(0)
    };
    assert_eq!(state(booked[0].reference.as_str()), "arrived");
    assert_eq!(state(booked[1].reference.as_str()), "no-show");
    assert_eq!(state(late[0].reference.as_str()), "booked");
}
