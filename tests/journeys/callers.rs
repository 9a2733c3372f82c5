//! People who call: an agent tells them their turn, which is the one of their number, and nobody comes in earlier by calling.

use sunbeon::domain::door::place::Place;

use crate::app::{Language, OPENING, Staff, TestApp, block_on};
use crate::clinic::signed_in;
use crate::on_both;
use crate::way::{DAUGHTER, MOTHER};

on_both!(a_caller_is_told_the_turn_of_their_number, in_a_line_a_caller_is_told_how_to_stand_in_it);

fn page() -> String {
    format!("/clinic/callers/{OPENING}")
}

fn a_caller_is_told_the_turn_of_their_number(app: &TestApp) {
    let opening = app.announce("flu-2026");
    let agent = signed_in(app, Staff::CallCentre);
    let start = agent.get("/clinic");
    start.assert_says("전화한 분의 차례를 알려 주세요");
    assert!(!start.body.contains("접종 기관 0곳"), "an agent has no list of sites");
    let look = |phone: &str| agent.get(&page()).form("/clinic/callers/").fill("phone", phone).press("");
    assert_eq!(agent.get("/clinic").click("차례 알려 주기").path, page());
    look(MOTHER).assert_says("아직 추첨하지 않았습니다.");
    app.draw(opening);
    look(MOTHER).assert_says("11월 23일(월) 오전 10시부터 차례를 확인할 수 있습니다.");
    app.pass_minutes(121);
    app.stop_door(opening);
    let wrong = look("010-0000");
    assert_eq!((wrong.status.as_u16(), wrong.errors().len()), (422, 1));
    assert_eq!(wrong.form("/clinic/callers/").value("phone"), Some("010-0000"), "what was typed stays");
    let stopped = look(MOTHER);
    stopped.assert_says("번호 010-****-0002:").assert_says("지금은 입장을 잠시 멈추었습니다.");
    assert!(!stopped.body.contains("0000-0002"), "the number is not shown in full");
    app.open_door_to(opening, app.place(MOTHER).max(app.place(DAUGHTER)));
    let come = look(MOTHER);
    come.assert_says("차례가 되었습니다. 2026년 11월 23일(월) 오후 3시까지 언제든지 들어갈 수 있습니다.");
    come.assert_says("http://localhost/door/flu-2026-evening 화면을 열고");
    // Nobody came in by that, and the caller is counted once, as on their own phone.
    assert!(agent.get_once("/book/flu-2026/who").location().unwrap().starts_with("/door/"));
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 0);
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(app.engine().door.state(opening).unwrap().joined.count().round(), 1.0);
    let looks = app.database.number("SELECT COUNT(*) AS number FROM access_log WHERE action = 'door-turn'");
    assert_eq!(looks, 4, "every look is written down, and no mistake");
    assert_eq!(signed_in(app, Staff::Jongno).get(&page()).status, 403);
    assert!(signed_in(app, Staff::Authority).get("/clinic").body.contains(&page()), "so does the authority");
    app.pass_minutes(5 * 60);
    agent.get("/clinic").assert_says("지금은 차례를 기다리는 접종 예약이 없습니다.");
    look(DAUGHTER).assert_says("이제 기다리지 않아도 됩니다. 바로 예약할 수 있습니다.");
}

fn in_a_line_a_caller_is_told_how_to_stand_in_it(app: &TestApp) {
    let opening = app.line("flu-2026");
    let agent = signed_in(app, Staff::CallCentre);
    let told = agent.get(&page());
    told.assert_says("전화로는 줄을 설 수 없습니다.").assert_says("지금은 입장을 잠시 멈추었습니다.");
    let token = agent.get("/find").form("/find").value("csrf").unwrap().to_owned();
    let sent = agent.post(&page(), &[("csrf", &token), ("phone", MOTHER)]);
    assert_eq!(sent.location().unwrap(), page());
    app.open_door_to(opening, Place(u64::MAX - 1));
    told.reload().assert_says("화면을 열고 버튼을 누릅니다.");
}

/// Whoever works for a clinic or the call centre never stands behind the door.
#[test]
fn staff_never_wait() {
    let app = TestApp::start();
    app.evening("flu-2026");
    app.take_all_seats("flu-2026");
    let nurse = signed_in(&app, Staff::Jongno);
    let site = app.site(0).code.clone();
    for path in ["/clinic".to_owned(), format!("/clinic/{site}/roster"), format!("/clinic/{site}/roster.csv")]
    {
        let page = nurse.get(&path);
        assert!(page.status == 200 && page.path.starts_with("/clinic"), "{page:?}");
    }
    let agent = signed_in(&app, Staff::CallCentre);
    assert_eq!(agent.get(&page()).status, 200);
    assert_eq!(app.browser(Language::Korean).get("/clinic").path, "/clinic/sign-in?next=%2Fclinic");
    app.stop();
}
