//! A clinic keeps count of its vaccine: what arrived, was opened, given and wasted, against who is booked.

use reqwest::StatusCode;

use crate::account::with_button;
use crate::app::{Browser, Page, Staff, TestApp};
use crate::clinic::{FAMILY, book, signed_in};
use crate::on_both;
use crate::way::MOTHER;

on_both!(doses_are_counted_against_bookings, a_mistake_is_told_and_a_colleague_is_not_overtaken,);

fn supply(app: &TestApp) -> String {
    format!("/clinic/{}/supply", app.site(0).code)
}

fn add_lot(app: &TestApp, nurse: &Browser) {
    let lots = format!("/clinic/{}/lots", app.site(0).code);
    let page = nurse.get(&lots);
    let product =
        page.form(&lots).choices("product").into_iter().find(|code| code.starts_with("flu")).unwrap();
    let form = page.form(&lots).fill("number", "A1B2").fill("expires_on", "2026-12-31");
    form.fill("product", &product).press("");
}

fn note(page: &Page, act: &str, doses: &str, why: &str) -> Page {
    let mut form = with_button(page, "기록하기").fill("doses", doses);
    if !act.is_empty() {
        form = form.check("act", act);
    }
    if !why.is_empty() {
        form = form.check("why", why);
    }
    form.press("기록하기")
}

fn doses_are_counted_against_bookings(app: &TestApp) {
    book(app, 0, 10, MOTHER, &FAMILY);
    let nurse = signed_in(app, Staff::Jongno);
    let day = format!("/clinic/{}", app.site(0).code);
    nurse.get(&day).click("백신 재고").assert_says("독감 백신").assert_says("예약보다 부족");
    add_lot(app, &nurse);
    let page = note(&nurse.get(&supply(app)), "received", "1", "");
    page.assert_says("기록했습니다.").assert_says("예약보다 부족");
    nurse.get(&day).assert_says("앞으로 7일 동안 예약보다 백신이 부족합니다.");
    let page = note(&page, "received", "9", "");
    assert!(!page.says("예약보다 부족"), "{}", page.text());
    assert!(!nurse.get(&day).says("백신이 부족합니다"));
    let page = note(&page, "opened", "6", "");
    let page = note(&page, "wasted", "4", "too-warm");
    page.assert_says("받음 10, 개봉 6, 접종 0, 폐기 4, 남음 6")
        .assert_says("A1B2: 4회분 폐기 (보관 온도를 벗어남)");
    let undone = with_button(&page, "undo");
    // The first of today's entries is the delivery of one dose; no dose of it was opened.
    let page = undone.press("undo");
    page.assert_says("기록을 취소했습니다.").assert_says("받음 9, 개봉 6, 접종 0, 폐기 4, 남음 5");
    let twice = undone.press("undo");
    twice.assert_says("받음 9, 개봉 6, 접종 0, 폐기 4, 남음 5");
    assert_eq!(signed_in(app, Staff::Haeundae).get(&supply(app)).status, StatusCode::FORBIDDEN);
}

fn a_mistake_is_told_and_a_colleague_is_not_overtaken(app: &TestApp) {
    let (nurse, colleague) = (signed_in(app, Staff::Jongno), signed_in(app, Staff::Jongno));
    nurse.get(&supply(app)).assert_says("추가한 제조번호가 없고, 앞으로 7일 동안 예약도 없습니다.");
    add_lot(app, &nurse);
    let page = nurse.get(&supply(app));
    for (act, doses, why) in
        [("", "3", ""), ("received", "", ""), ("received", "0", ""), ("wasted", "3", ""), ("opened", "1", "")]
    {
        let wrong = note(&page, act, doses, why);
        let told = (wrong.status, wrong.errors().len());
        assert_eq!(told, (StatusCode::UNPROCESSABLE_ENTITY, 1), "{act} {doses}");
        assert_eq!(with_button(&wrong, "기록하기").value("doses"), Some(doses), "what was typed stays");
    }
    let old = colleague.get(&supply(app));
    note(&page, "received", "5", "").assert_says("남음 5");
    note(&page, "received", "5", "").assert_says("남음 5");
    let late = note(&old, "received", "7", "");
    late.assert_says("그동안 다른 직원이 기록했습니다.").assert_says("남음 5");
    note(&late, "received", "7", "").assert_says("남음 12");
}
