//! The authority leads an evening from its page.

use jiff::SignedDuration;
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::store::access_log;

use crate::app::{Browser, Form, Language, OPENING, Page, STAFF_PASSWORD, Staff, TestApp, block_on};
use crate::on_both;

on_both!(
    the_authority_pauses_an_evening_and_tells_why,
    it_goes_slower_faster_and_at_a_pace,
    everybody_is_let_in_only_after_a_question,
    the_page_shows_the_evening_in_curves_and_numbers,
    nobody_else_leads_an_evening,
);

fn path() -> String {
    format!("/clinic/doors/{OPENING}")
}

pub fn signed_in(app: &TestApp, who: Staff, language: Language) -> Browser {
    let browser = app.browser(language);
    let form = browser.get("/clinic/sign-in").form("sign-in");
    form.fill("login", who.login()).fill("password", STAFF_PASSWORD).press("");
    browser
}

/// The form that has a button of this value.
fn form_with(page: &Page, button: &str) -> Form {
    page.forms().into_iter().find(|form| form.has_button(button)).expect("a form with the button")
}

fn acts(app: &TestApp) -> Vec<String> {
    let acts = "SELECT s.login || ' ' || a.action AS line FROM access_log a JOIN staff s ON s.id = a.staff \
                WHERE a.action LIKE 'door-%' ORDER BY a.at, a.chain, a.sequence";
    assert_eq!(app.read(|conn, _| access_log::verify(conn)).err(), None);
    app.database.lines(acts)
}

fn turn(app: &TestApp) {
    app.pass(SignedDuration::from_secs(1));
    block_on(app.engine().turn_doors()).unwrap();
}

fn the_authority_pauses_an_evening_and_tells_why(app: &TestApp) {
    let opening = app.announce("flu-2026");
    app.draw(opening);
    app.pass_minutes(121);
    turn(app);
    let browser = signed_in(app, Staff::Authority, Language::Korean);
    let doors = browser.get("/clinic").click("입장 관리");
    let door = doors.click("2026년 독감 예방접종");
    assert_eq!(door.path, path());
    let sure = door.click("입장 멈추기…");
    assert_eq!(sure.h1(), "정말 입장을 멈추시겠습니까?");
    assert!(acts(app).is_empty(), "asking does nothing");
    let paused = sure.press("입장 멈추기");
    paused.assert_says("입장을 멈추었습니다. 누가 했는지 기록했습니다.");
    turn(app);
    let stands = app.threshold(opening);
    turn(app);
    assert_eq!(app.threshold(opening), stands);

    let typed = paused.click("속도를 정하거나 알림 쓰기");
    let wrong = form_with(&typed, "say").fill("ko", "서버를 점검합니다.").press("say");
    assert_eq!(wrong.errors(), ["알림을 두 언어로 모두 입력해 주세요."]);
    let said = form_with(&wrong, "say").fill("en", "We check the server.").press("say");
    said.assert_says("서버를 점검합니다.");
    turn(app);
    let waiting = app.browser(Language::English).get(&format!("/wait/{OPENING}/1023/en"));
    waiting.assert_says("We check the server.");
    said.press("다시 들여보내기").assert_says("다시 들여보냅니다.");
    turn(app);
    turn(app);
    assert!(app.threshold(opening) > stands);
    let did = |action| format!("{} door-{action}", Staff::Authority.login());
    assert_eq!(acts(app), ["pause", "say", "resume"].map(did));
}

fn it_goes_slower_faster_and_at_a_pace(app: &TestApp) {
    app.evening("flu-2026");
    let browser = signed_in(app, Staff::Authority, Language::English);
    let door = browser.get(&path()).press("resume");
    door.assert_says("As many people are let in as there is room for: 60 book at the same time, at most.");
    door.press("slower").assert_says("54 book at the same time, at most.");
    door.press("faster").press("faster").assert_says("65 book at the same time, at most.");
    let wrong =
        form_with(&browser.get(&format!("{}?stay=1", path())), "pace").fill("people", "many").press("pace");
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.errors().len(), 1);
    let set = form_with(&wrong, "pace").fill("people", "12.5").press("pace");
    set.assert_says("People let in each second: 12.5");
    set.press("faster").assert_says("People let in each second: 13.75");
    set.press("automatic").assert_says("As many people are let in as there is room for");
    // What no button says is nothing.
    let token = browser.get(&path()).form("/clinic/doors/").value("csrf").unwrap().to_owned();
    browser.post(&path(), &[("csrf", &token), ("act", "dance")]);
    let did = |action| format!("authority door-{action}");
    let expected = ["resume", "slower", "faster", "faster", "pace", "faster", "automatic"];
    assert_eq!(acts(app), expected.map(did));
}

fn everybody_is_let_in_only_after_a_question(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let browser = signed_in(app, Staff::Authority, Language::English);
    // The evening's door is stopped, and opens all the same.
    let sure = browser.get(&path()).click("Let everybody in");
    assert_eq!(sure.h1(), "Do you really want to let everybody in?");
    assert!(app.threshold(opening) < Threshold::OPEN);
    sure.press("Let everybody in").assert_says("Everybody is being let in.");
    turn(app);
    assert_eq!(app.threshold(opening), Threshold::OPEN);
}

fn the_page_shows_the_evening_in_curves_and_numbers(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let browser = signed_in(app, Staff::Authority, Language::English);
    for step in 1..=5 {
        app.open_door_to(opening, Place(u64::MAX / 10 * step));
        app.pass_minutes(10);
        turn(app);
    }
    let door = browser.get(&path());
    assert_eq!(door.all("svg").len(), 4);
    let rows = door.all("table.roster tbody tr").len();
    assert!((5..=24).contains(&rows), "{rows} looks");
    let last = door.all("table.roster tbody tr").pop().unwrap();
    assert!(last.contains("50.0%"), "{last}");
    let curve = door.attributes("svg polyline", "points").remove(0);
    assert!(curve.starts_with("0,") && curve.ends_with("300,0"), "the highest comes last: {curve}");
    let again = "10; url=/clinic/doors/flu-2026-evening";
    assert_eq!(door.attributes("meta[http-equiv=refresh]", "content"), [again]);
    let stays = door.click("Stop that");
    assert!(stays.attributes("meta[http-equiv=refresh]", "content").is_empty());
    assert_eq!(stays.click("Look again").attributes("meta[http-equiv=refresh]", "content"), [again]);
    // The evening is over: nothing is left to say to the door.
    app.pass_minutes(5 * 60);
    let over = browser.get(&path());
    assert!(over.forms().iter().all(|form| !form.has_button("slower")));
}

fn nobody_else_leads_an_evening(app: &TestApp) {
    app.evening("flu-2026");
    let nurse = signed_in(app, Staff::Jongno, Language::English);
    assert!(nurse.get("/clinic").find_link("/clinic/doors").is_none());
    for path in ["/clinic/doors".to_owned(), path(), "/clinic/doors/nothing".to_owned()] {
        assert_eq!(nurse.get(&path).status, 403, "{path}");
    }
    assert_eq!(signed_in(app, Staff::Authority, Language::English).get("/clinic/doors/nothing").status, 404);
    let token = nurse.get("/clinic").form("/clinic/sign-out").value("csrf").unwrap().to_owned();
    let before = app.read(|conn, _| {
        sunbeon::store::door_state::find(conn, app.engine().opening(OPENING).unwrap().opening.id)
    });
    assert_eq!(nurse.post(&path(), &[("csrf", &token), ("act", "open")]).status, 403);
    assert_eq!(app.database.number("SELECT fence AS number FROM door_state"), before.unwrap().fence);
    assert!(acts(app).is_empty());
}
