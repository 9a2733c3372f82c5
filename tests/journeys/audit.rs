//! The auditor: who saw how many names in a month, each look with its reason, and the month as a file.

use reqwest::StatusCode;

use crate::account::with_button;
use crate::app::{Staff, TestApp};
use crate::clinic::{FAMILY, book, signed_in};
use crate::on_both;
use crate::way::MOTHER;

on_both!(an_auditor_sees_who_looked_and_why, nobody_else_reviews_and_an_auditor_sees_no_roster);

const AUDIT: &str = "/clinic/audit";

fn an_auditor_sees_who_looked_and_why(app: &TestApp) {
    let booked = book(app, 0, 10, MOTHER, &FAMILY);
    let reference = booked[0].reference.as_str().to_owned();
    let nurse = signed_in(app, Staff::Jongno);
    let open = format!("/clinic/{}/bookings/{reference}/open", app.site(0).code);
    let form = nurse.get(&open).form(&open).check("reason", "other").fill("other", "=HYPERLINK 보호자 확인");
    form.press("").assert_says(FAMILY[0].0);
    nurse.get(&format!("/clinic/{}/roster.csv", app.site(0).code));
    let day = format!("/clinic/{}", app.site(0).code);
    nurse.get(&day).form("/find").fill("q", FAMILY[0].0).press("");

    let auditor = signed_in(app, Staff::Auditor);
    let month = auditor.get("/clinic");
    assert_eq!(month.path, AUDIT);
    let cells = month.all("tbody td");
    let row = cells.iter().position(|cell| cell == "jongno-nurse").unwrap();
    assert_eq!(cells[row + 1..row + 3], ["1", "1"], "a name and a file: {cells:?}");
    let entries = month.click("jongno-nurse");
    entries.assert_says("이름으로 찾음");
    entries.assert_says("전체 이름을 봄").assert_says("보호자 확인").assert_says(&reference);
    assert!(!entries.body.contains(FAMILY[0].0), "who was looked at has a reference here, and no name");
    auditor.get("/clinic/audit?month=2026-10").assert_says("이달에는 기록이 없습니다.");
    auditor.get("/clinic/audit?month=nonsense&who=nobody&after=1.x").assert_says("이런 아이디는 없습니다.");
    auditor.get("/clinic/audit?who=%20Agent").assert_says("이달에는 이 아이디의 기록이 없습니다.");

    let page = auditor.get(AUDIT);
    let silent = with_button(&page, "표 파일(CSV) 받기").press("");
    assert_eq!((silent.status, silent.errors().len()), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    let file = with_button(&page, "표 파일(CSV) 받기").fill("reason", "11월 정기 점검").press("");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"access-2026-11.csv\"");
    let lines: Vec<&str> = file.body.lines().collect();
    assert!(lines[0].ends_with("time,login,act,site,reference,reason"), "{}", lines[0]);
    assert!(!file.body.contains(FAMILY[0].0), "nor in the file");
    let opened = lines.iter().find(|line| line.contains("open-name")).unwrap();
    assert!(opened.contains(&reference) && opened.contains("other: =HYPERLINK"), "{opened}");
    let is_this = |line: &&str| line.contains("audit-export,,,2026-11: 11월 정기 점검");
    assert!(lines.iter().any(is_this), "also this: {lines:?}");
}

fn nobody_else_reviews_and_an_auditor_sees_no_roster(app: &TestApp) {
    for who in [Staff::Jongno, Staff::CallCentre, Staff::Authority] {
        assert_eq!(signed_in(app, who).get(AUDIT).status, StatusCode::FORBIDDEN, "{who:?}");
    }
    let auditor = signed_in(app, Staff::Auditor);
    for path in [format!("/clinic/{}/roster", app.site(0).code), "/clinic/doors".to_owned()] {
        assert_eq!(auditor.get(&path).status, StatusCode::FORBIDDEN, "{path}");
    }
}
