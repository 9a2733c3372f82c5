//! The evening of an opening: everybody is told their turn, enters when it has come, and not before.

use jiff::SignedDuration;
use reqwest::StatusCode;
use sunbeon::config::CodesConfig;
use sunbeon::domain::campaign::Localised;
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::store::door_state::Order;

use crate::app::{Browser, Language, OPENING, Page, Staff, TestApp, TestDatabase, Wire, block_on};
use crate::clinic::signed_in;
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER, NAMES};

on_both!(
    a_phone_is_told_its_turn_before_the_evening,
    strangers_share_the_page_of_a_door_and_need_no_cookie,
    nobody_books_before_their_turn,
    whoever_turn_has_come_proves_the_phone_and_books,
    ten_devices_of_a_phone_have_one_place_and_one_admission,
    an_operator_stops_the_door_and_tells_why,
    the_door_goes_on_where_it_was_and_never_closes,
    other_campaigns_are_not_held_up,
    after_the_evening_everybody_walks_in,
);

fn door() -> String {
    format!("/door/{OPENING}")
}

/// Asks for the turn of a phone.
fn knock(browser: &Browser, phone: &str) -> Page {
    browser.get(&door()).form("/door/").fill("phone", phone).press("")
}

fn group(app: &TestApp, phone: &str) -> String {
    format!("/wait/{OPENING}/{}/ko", app.place(phone).group().number())
}

fn a_phone_is_told_its_turn_before_the_evening(app: &TestApp) {
    let opening = app.announce("flu-2026");
    let browser = app.browser(Language::Korean);
    browser.get(&door()).assert_says("11월 23일(월) 오전 10시부터 차례를 확인할 수 있습니다.");
    app.pass_minutes(61);
    browser.get(&door()).assert_says("아직 추첨하지 않았습니다.");
    app.draw(opening);
    block_on(app.engine().turn_doors()).unwrap();
    let page = knock(&browser, "010 0000 0001");
    assert_eq!(page.path, group(app, DAUGHTER));
    page.assert_says("2026년 11월 23일(월) 오전 11시부터 차례대로 들어갑니다.");
    page.assert_says("2026년 독감 예방접종");
    // Somebody without cookies, on another device, sees the same page.
    let other = app.browser(Language::English).without_checks().get(&page.path);
    assert_eq!(other.body, page.body);
    // Nobody is held up yet.
    assert!(way::start(&browser, "flu-2026").path.starts_with("/sign-in"));
    let wrong = knock(&browser, "010-0000");
    assert_eq!(wrong.errors().len(), 1, "{}", wrong.text());
}

fn strangers_share_the_page_of_a_door_and_need_no_cookie(app: &TestApp) {
    app.evening("flu-2026");
    let [one, other] = [(); 2].map(|()| app.browser(Language::Korean));
    let page = one.get(&door());
    assert_eq!(page.body, other.get(&door()).body);
    assert!(page.header("set-cookie").is_empty() && page.header("cache-control").contains("no-store"));
    assert_eq!(page.form("/door/").fill("phone", MOTHER).press("").path, group(app, MOTHER));
    assert!(one.cookies().is_empty(), "whoever waits needs none");
    // Whoever has a session sends its token, and so does a browser that tells nothing of where a form comes from.
    other.get("/sign-in");
    let typed = [("phone", MOTHER)];
    assert_eq!(other.post(&door(), &typed).status, StatusCode::CONFLICT);
    let mut wire = Wire::to(app);
    let mut knock_from =
        |from: &[(&str, &str)]| wire.ask("POST", &door(), from, "phone=010-0000-0002").status;
    assert_eq!(knock_from(&[]), 409);
    assert_eq!(knock_from(&[("Origin", "https://evil.example")]), 403);
    assert_eq!(knock_from(&[("Sec-Fetch-Site", "same-origin")]), 303);
}

fn nobody_books_before_their_turn(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let (early, late) = in_order(app);
    app.open_door_to(opening, app.place(early));
    let browser = app.browser(Language::Korean);
    let sent = browser.get_once("/book/flu-2026/who?for=me");
    assert_eq!(sent.location().unwrap(), format!("{}?next=%2Fbook%2Fflu%2D2026%2Fwho%3Ffor%3Dme", door()));
    let waiting = knock(&browser, late);
    assert_eq!(waiting.path, group(app, late));
    assert_eq!(
        waiting.find_link("/door/").as_deref(),
        Some(door().as_str()),
        "only to ask for another number"
    );
    // Proving the phone elsewhere opens nothing.
    let home = way::prove(app, &browser.get("/sign-in"), late);
    assert_eq!(home.path, "/");
    for path in ["/book/flu-2026/who", "/book/flu-2026/where?p=1", "/book/flu-2026/x/when"] {
        assert!(browser.get_once(path).location().unwrap().starts_with(&door()), "{path}");
    }
    // Whoever is signed in needs no number: the door knows their turn.
    assert_eq!(browser.get(&door()).path, group(app, late));
    // The button of a page from when it was their turn, pressed once more.
    let token = browser.get("/me").form("/me/sign-out").value("csrf").unwrap().to_owned();
    let refused = browser.post(&door(), &[("csrf", &token)]);
    assert!(refused.location().unwrap().starts_with("/wait/"), "{refused:?}");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 0);
}

fn whoever_turn_has_come_proves_the_phone_and_books(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let browser = app.browser(Language::Korean);
    app.open_door_to(opening, app.place(DAUGHTER));
    let come = app.browser(Language::Korean).get(&group(app, DAUGHTER));
    if come.h1() == "차례가 되었습니다" {
        // The door has come to the last of the group.
        assert_eq!(come.link("/door/"), door());
    }
    let asked = browser.get("/book/flu-2026/who?for=me");
    let code = asked.form("/door/").fill("phone", DAUGHTER).press("");
    assert!(code.path.starts_with("/sign-in/code"), "{code:?}");
    let enter = code.form("").fill("code", &app.code_for(DAUGHTER)).press("");
    assert_eq!(enter.h1(), "들어가서 예약하시겠습니까?");
    let who = enter.form("/door/").press("");
    assert_eq!(who.path, "/book/flu-2026/who?for=me");
    let held = way::press_time(&way::to_times_alone(&who, NAMES[0]), 2);
    way::assert_holds(&held, Language::Korean);
    way::confirm(&held);
    app.pass(SignedDuration::from_secs(1));
    block_on(app.engine().turn_doors()).unwrap();
    let state = app.engine().door.state(opening).unwrap();
    assert_eq!((state.admitted, state.booked), (1, 1));
    let alive = || app.database.number("SELECT alive AS number FROM door_second ORDER BY at DESC LIMIT 1");
    assert_eq!(alive(), 0, "who has booked makes room for the next");
    assert_eq!(browser.get("/book/flu-2026/who").path, "/book/flu-2026/who", "and may go on");
    // Later that evening they walk in again, with one press and no code.
    app.pass_minutes(30);
    let again = browser.get("/book/flu-2026/who").form("/door/").press("");
    assert_eq!(again.path, "/book/flu-2026/who");
    app.pass(SignedDuration::from_secs(1));
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(alive(), 1);
}

fn ten_devices_of_a_phone_have_one_place_and_one_admission(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let devices: Vec<Browser> = (0..10).map(|_| app.browser(Language::Korean)).collect();
    for device in &devices {
        assert_eq!(knock(device, DAUGHTER).path, group(app, DAUGHTER));
    }
    block_on(app.engine().turn_doors()).unwrap();
    let joined = app.engine().door.state(opening).unwrap().joined.count().round();
    assert_eq!(joined, 1.0, "a phone counts once");
    app.open_door_to(opening, app.place(DAUGHTER));
    for device in &devices[..3] {
        let door = way::type_code(app, &knock(device, DAUGHTER), DAUGHTER);
        let inside = door.form("/door/").press("");
        assert!(inside.path.starts_with("/book/"), "{inside:?}");
        // The next device asks for a code of its own.
        app.pass_minutes(2);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 1);
    for device in &devices[3..] {
        let page = device.get("/book/flu-2026/who");
        assert!(
            page.path.starts_with("/door/"),
            "one device proved the phone, and another came in: {page:?}"
        );
    }
}

fn an_operator_stops_the_door_and_tells_why(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let note = Localised {
        korean: "서버를 점검하고 있습니다.".into(),
        english: "We check the server.".into(),
    };
    app.browser(Language::English).get(&door()).assert_says("Which number decides your turn?");
    app.order_door(opening, Order::Say(note));
    let page = app.browser(Language::Korean).get(&group(app, DAUGHTER));
    page.assert_says("서버를 점검하고 있습니다.");
    page.assert_says("지금은 입장을 잠시 멈추었습니다.");
    let english = app.browser(Language::English).get(&group(app, DAUGHTER).replace("/ko", "/en"));
    english.assert_says("We check the server.");
    app.browser(Language::English).get(&door()).assert_says("We check the server.");
    let closed = app.threshold(opening);
    for _ in 0..3 {
        app.pass(SignedDuration::from_secs(1));
        block_on(app.engine().turn_doors()).unwrap();
    }
    assert_eq!(app.threshold(opening), closed, "a door that is stopped does not move");
    app.order_door(opening, Order::Fixed(1e9));
    assert_eq!(app.threshold(opening), closed, "it is still stopped");
    app.order_door(opening, Order::Resume);
    assert_eq!(app.threshold(opening), Threshold::OPEN, "so many a second are everybody");
}

fn the_door_goes_on_where_it_was_and_never_closes(app: &TestApp) {
    let opening = app.evening("flu-2026");
    let here = Place(1 << 62);
    app.open_door_to(opening, here);
    let crowd = app.browser(Language::Korean);
    knock(&crowd, DAUGHTER);
    block_on(app.engine().turn_doors()).unwrap();
    let before = app.engine().door.state(opening).unwrap();
    app.restart();
    block_on(app.engine().turn_doors()).unwrap();
    let after = app.engine().door.state(opening).unwrap();
    assert_eq!(after.threshold, Threshold::up_to(here));
    assert_eq!(after.joined.count().round(), before.joined.count().round());
    assert!(after.paused);
    // The clock is set back: the door stays as it is.
    app.clock.pass(SignedDuration::from_mins(-30));
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(app.threshold(opening), Threshold::up_to(here));
}

fn other_campaigns_are_not_held_up(app: &TestApp) {
    app.evening("flu-2026");
    let browser = app.browser(Language::Korean);
    assert!(way::start(&browser, "covid-2026").path.starts_with("/sign-in"));
    let held = way::press_time(&way::times_of_both(app, &browser, "covid-2026"), 2);
    // What is held must be finished before the door of another campaign stands in its way.
    assert!(held.path.starts_with("/hold/"), "{held:?}");
}

fn after_the_evening_everybody_walks_in(app: &TestApp) {
    app.evening("flu-2026");
    let browser = app.browser(Language::Korean);
    let waiting = knock(&browser, MOTHER);
    app.pass_minutes(5 * 60);
    let come = waiting.reload();
    assert_eq!(come.h1(), "차례가 되었습니다");
    come.assert_says("이제 기다리지 않아도 됩니다.");
    assert!(come.click("계속하기").path.starts_with("/sign-in"), "the door leads on to booking");
}

/// Whoever could ask for the turns of all numbers would know whose phones to buy.
#[test]
fn a_network_asks_for_so_many_turns_an_hour() {
    let codes = CodesConfig { turns_per_network_hour: 3, ..CodesConfig::default() };
    let app = TestApp::with_codes(TestDatabase::sqlite(), |_| {}, codes);
    let opening = app.evening("flu-2026");
    let browser = app.browser(Language::Korean);
    for phone in [DAUGHTER, MOTHER, "010-0000-0003"] {
        assert_eq!(knock(&browser, phone).path, group(&app, phone));
    }
    let refused = knock(&browser, "010-0000-0004");
    assert_eq!((refused.status.as_u16(), refused.errors().len()), (429, 1), "{}", refused.text());
    refused.assert_says("같은 네트워크에서 차례를 너무 많이 확인했습니다.");
    assert_eq!(refused.form("/door/").value("phone"), Some("010-0000-0004"), "what was typed stays");
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(app.engine().door.state(opening).unwrap().joined.count().round(), 3.0);
    // Whoever proved a phone is told its turn, and an agent tells those who call.
    way::prove(&app, &browser.get("/sign-in"), "010-0000-0004");
    assert_eq!(browser.get(&door()).path, group(&app, "010-0000-0004"));
    let agent = signed_in(&app, Staff::Authority).get(&format!("/clinic/callers/{OPENING}"));
    assert_eq!(agent.form("/clinic/callers/").fill("phone", MOTHER).press("").status, 200);
    app.pass_minutes(61);
    assert_eq!(knock(&app.browser(Language::Korean), MOTHER).path, group(&app, MOTHER));
    app.stop();
}

/// Invented numbers fill the room of the unproved, and nothing else.
#[test]
fn codes_that_nobody_proves_have_a_room_of_their_own() {
    let codes = CodesConfig { unproved: 2, ..CodesConfig::default() };
    let app = TestApp::with_codes(TestDatabase::sqlite(), |_| {}, codes);
    let known = app.browser(Language::Korean);
    way::prove(&app, &known.get("/sign-in"), DAUGHTER);
    known.get("/me").press("로그아웃");
    let ask =
        |browser: &Browser, phone| browser.get("/sign-in").form("/sign-in").fill("phone", phone).press("");
    for invented in ["010-0000-0101", "010-0000-0102"] {
        assert_eq!(ask(&app.browser(Language::Korean), invented).path, "/sign-in/code");
    }
    let stranger = app.browser(Language::Korean);
    let refused = ask(&stranger, MOTHER);
    assert_eq!((refused.status.as_u16(), refused.errors().len()), (429, 1), "{}", refused.text());
    refused.assert_says("지금 인증번호를 요청하는 분이 많습니다.");
    assert_eq!(refused.form("/sign-in").value("phone"), Some(MOTHER), "what was typed stays");
    // Whose device proved the phone before goes first.
    assert_eq!(ask(&known, DAUGHTER).path, "/sign-in/code");
    app.pass_minutes(4);
    assert_eq!(ask(&stranger, MOTHER).path, "/sign-in/code");
    app.stop();
}

/// Two phones, the one that was drawn earlier first.
fn in_order(app: &TestApp) -> (&'static str, &'static str) {
    if app.place(DAUGHTER) < app.place(MOTHER) { (DAUGHTER, MOTHER) } else { (MOTHER, DAUGHTER) }
}
