//! A nurse at the desk: whoever comes is received, vaccinated and recorded, and mistakes are mended.

use jiff::Timestamp;
use sunbeon::domain::clock::Clock;
use sunbeon::store::bookings::Booking;

use crate::app::{Browser, Form, Language, Page, Staff, TestApp};
use crate::clinic::{FAMILY, accesses, book, signed_in};
use crate::on_both;

on_both!(
    somebody_with_a_qr_code_is_received_and_recorded,
    a_colleagues_old_page_changes_nothing,
    whoever_did_not_come_is_named_and_may_come_late,
    a_lot_that_was_recalled_is_not_given_anywhere,
    nobody_is_received_on_another_day,
);

/// The morning of the appointments, some minutes after they began.
const MORNING: &str = "2026-11-24T01:05:00Z";

/// Somebody who has an appointment at ten, at five past.
fn expected(app: &TestApp) -> Booking {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY[..1]).remove(0);
    let morning: Timestamp = MORNING.parse().unwrap();
    app.pass(morning.duration_since(app.clock.now()));
    booked
}

fn desk(app: &TestApp, booking: &Booking) -> String {
    format!("/clinic/{}/bookings/{}", app.site(0).code, booking.reference.as_str())
}

/// The form of a page that does this.
pub fn to(page: &Page, act: &str) -> Form {
    let fits = |form: &&Form| form.value("act") == Some(act);
    page.forms().iter().find(fits).unwrap_or_else(|| panic!("nothing to {act} on {page:?}")).clone()
}

fn received(page: &Page) -> Page {
    to(page, "check-in").check("identified", "document").check("screened", "yes").press("")
}

fn add_lot(app: &TestApp, staff: &Browser, site: usize, number: &str) -> Page {
    let lots = format!("/clinic/{}/lots", app.site(site).code);
    let form = staff.get(&lots).form(&lots).fill("product", "독감").fill("number", number);
    form.fill("expires_on", "2026-12-31").press("")
}

fn somebody_with_a_qr_code_is_received_and_recorded(app: &TestApp) {
    let booked = expected(app);
    let nurse = signed_in(app, Staff::Jongno);
    let lots = format!("/clinic/{}/lots", app.site(0).code);
    let wrong = nurse.get(&lots).form(&lots).fill("number", " ").fill("expires_on", "2026-11-23").press("");
    assert_eq!(
        wrong.errors(),
        [
            "상자에 적힌 제조번호를 20자 안으로 입력해 주세요.",
            "이미 지난 날입니다. 유효기간을 확인해 주세요."
        ]
    );
    add_lot(app, &nurse, 0, "ａ1b2").assert_says("제조번호를 등록했습니다.").assert_says("A1B2");

    // The scanner types the address of the QR code.
    let page = nurse.get(&format!("/r/{}", booked.reference.as_str()));
    assert_eq!(page.path, desk(app, &booked));
    page.assert_says("김순자").assert_says("1947-03-09").assert_says("독감 백신");
    let nothing = to(&page, "check-in").press("");
    assert_eq!(nothing.errors(), ["본인 확인 방법을 선택해 주세요."]);
    let arrived = received(&nothing);
    arrived.assert_says("접수했습니다.").assert_says("도착");
    let nothing = to(&arrived, "record").press("");
    assert_eq!(nothing.errors(), ["백신과 제조번호를 선택해 주세요.", "접종 부위를 선택해 주세요."]);
    let given =
        |page: &Page, arm: &str| to(page, "record").fill("lot", "A1B2").check("body_site", arm).press("");
    let recorded = given(&nothing, "left-arm");
    recorded.assert_says("접종을 기록했습니다.").assert_says("제조번호 A1B2, 왼팔");
    let text = app.next_message("010-0000-0001", "aftercare").text;
    assert!(text.contains("김*자") && text.contains("119") && !text.contains("다음 접종"), "{text}");
    let undone = to(&recorded, "undo").press("");
    undone.assert_says("마지막 단계를 되돌렸습니다.");
    let again = given(&undone, "right-arm");
    again.assert_says("제조번호 A1B2, 오른팔");
    let other = given(&undone, "left-arm");
    assert!(
        other.errors()[0].starts_with("그사이 다른 직원이"),
        "other content is no second press: {other:?}"
    );
    let corrected = to(&again, "correct").check("body_site", "left-arm").press("");
    corrected.assert_says("고친 기록을 저장했습니다.").assert_says("제조번호 A1B2, 왼팔");
    assert!(!corrected.forms().iter().any(|form| form.value("act") == Some("undo")), "it is corrected again");
    corrected.click("뒤로").assert_says("접종 1명");
    let all = accesses(app);
    for act in ["visit", "check-in", "record", "undo", "correct"] {
        assert!(all.iter().any(|done| done == act), "{act} is not written down: {all:?}");
    }
    // For everybody else the code leads where it always led.
    let citizen = app.browser(Language::Korean).get(&format!("/r/{}", booked.reference.as_str()));
    assert!(citizen.path.starts_with("/find"), "{citizen:?}");
}

fn a_colleagues_old_page_changes_nothing(app: &TestApp) {
    let booked = expected(app);
    let (nurse, colleague) = (signed_in(app, Staff::Jongno), signed_in(app, Staff::Authority));
    let (mine, theirs) = (nurse.get(&desk(app, &booked)), colleague.get(&desk(app, &booked)));
    received(&mine);
    let told = to(&theirs, "no-show").press("");
    assert_eq!(told.status.as_u16(), 422);
    assert!(told.errors()[0].starts_with("그사이 다른 직원이"), "{:?}", told.errors());
    told.assert_says("jongno-nurse: 접수했습니다.").assert_says("도착");
    // Another press of the same button is the same press.
    received(&mine).assert_says("접수했습니다.");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM visit"), 1);
}

fn whoever_did_not_come_is_named_and_may_come_late(app: &TestApp) {
    let booked = expected(app);
    let nurse = signed_in(app, Staff::Jongno);
    let page = to(&nurse.get(&desk(app, &booked)), "no-show").press("");
    page.assert_says("‘오지 않음’으로 표시했습니다.");
    received(&page).assert_says("접수했습니다.").assert_says("도착");
}

fn a_lot_that_was_recalled_is_not_given_anywhere(app: &TestApp) {
    let booked = expected(app);
    let (nurse, authority) = (signed_in(app, Staff::Jongno), signed_in(app, Staff::Authority));
    add_lot(app, &nurse, 0, "A1B2");
    let arrived = received(&nurse.get(&desk(app, &booked)));
    let added = add_lot(app, &authority, 2, "A1B2");
    assert!(!nurse.get(&format!("/clinic/{}/lots", app.site(0).code)).body.contains("/recall"));
    let asked = added.click("모든 접종 기관에서 회수하기");
    asked.assert_says("이 제조번호는").assert_says("맞은 기록은 없습니다.");
    asked.press("recall").assert_says("회수됨");
    let refused = to(&arrived, "record").fill("lot", "A1B2").check("body_site", "left-arm").press("");
    assert_eq!(refused.status.as_u16(), 422);
    assert_eq!(refused.errors(), ["회수된 백신입니다. 다른 것을 선택해 주세요."]);
    refused.assert_says("오늘 접종할 수 있는 백신 제조번호가 없습니다.");
    let late = add_lot(app, &authority, 1, "a1-b2");
    assert_eq!(late.errors(), ["회수된 제조번호입니다. 접종에 쓰지 마세요."]);
}

fn nobody_is_received_on_another_day(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY[..1]).remove(0);
    let page = signed_in(app, Staff::Jongno).get(&desk(app, &booked));
    page.assert_says("예약한 날이 오늘이 아닙니다.");
    assert!(page.forms().iter().all(|form| form.value("act").is_none()), "{page:?}");
}
