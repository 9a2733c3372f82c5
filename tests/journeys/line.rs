//! A line: whoever comes takes a place by a button, keeps it in a cookie, and enters in the order of coming.

use jiff::SignedDuration;
use sunbeon::config::CodesConfig;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::door::line::{cut_off, place_on_arrival};
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::domain::door::ticket::{Ticket, TicketKey, TicketKeys};
use sunbeon::domain::ids::OpeningId;
use sunbeon::keys::KeyRing;
use sunbeon::store::door_state::Order;
use sunbeon::system::SeededChance;

use crate::app::{Browser, Language, OPENING, Page, TICKET, TestApp, TestDatabase, block_on};
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER, NAMES};

on_both!(
    a_place_is_taken_by_a_button_once_for_a_browser,
    whoever_came_first_enters_first,
    whoever_came_in_the_same_minute_is_told_their_own_turn,
    a_place_lets_in_one_phone,
    whoever_was_let_in_needs_no_place_any_more,
    what_is_no_place_of_this_line_opens_nothing,
    the_line_goes_on_after_a_restart,
    nobody_comes_earlier_because_the_clock_was_set_back,
    it_lets_in_by_itself_and_an_operator_ends_it,
);

fn door() -> String {
    format!("/door/{OPENING}")
}

/// Takes a place in line.
fn stand_in_line(browser: &Browser) -> Page {
    browser.get(&door()).form("/door/").press("")
}

/// From the page that says that it is one's turn to the booking.
fn enter(app: &TestApp, asked: &Page, phone: &str) -> Page {
    let code = asked.form("/door/").fill("phone", phone).press("");
    let enter = code.form("").fill("code", &app.code_for(phone)).press("");
    assert_eq!(enter.h1(), "들어가서 예약하시겠습니까?");
    enter.form("/door/").press("")
}

fn in_line(app: &TestApp) -> f64 {
    block_on(app.engine().turn_doors()).unwrap();
    let opening = app.engine().opening(OPENING).unwrap().opening.id;
    app.engine().door.state(opening).unwrap().joined.count()
}

fn a_place_is_taken_by_a_button_once_for_a_browser(app: &TestApp) {
    app.announce_line("flu-2026");
    let browser = app.browser(Language::Korean);
    browser.get(&door()).assert_says("11월 23일(월) 오전 10시부터 줄을 설 수 있습니다.");
    app.pass_minutes(61);
    let page = browser.get(&door());
    assert_eq!(page.h1(), "줄을 서시겠습니까?");
    page.assert_says("쿠키를 지우지 마세요").assert_says("여러 기기로 오면 줄을 여러 번 서게 됩니다.");
    page.reload();
    assert_eq!((app.ticket(&browser), in_line(app)), (None, 0.0), "looking takes no place");
    let waiting = stand_in_line(&browser);
    assert_eq!(waiting.path, format!("/wait/{OPENING}/2/ko"));
    assert_eq!(waiting.h1(), "오전 10시 1분에 줄을 섰습니다");
    waiting.assert_says("2026년 11월 23일(월) 오전 11시부터 차례대로 들어갑니다.");
    let ticket = app.ticket(&browser);
    app.pass_minutes(5);
    // The button of the page from before, and the door once more.
    assert_eq!(page.form("/door/").press("").path, waiting.path);
    assert_eq!(browser.get(&door()).path, waiting.path);
    assert_eq!((app.ticket(&browser), in_line(app)), (ticket, 1.0));
    // Another device stands in line a second time, and everybody of a minute gets the same page.
    let other = app.browser(Language::English);
    assert_eq!(stand_in_line(&other).h1(), "You came to the line at 10:06 am");
    assert_eq!(in_line(app), 2.0);
    let cookieless = app.browser(Language::Korean).get(&waiting.path);
    assert_eq!(cookieless.body, browser.get(&waiting.path).body);
    // Without cookies nobody stands in line.
    other.lose_cookies();
    assert_eq!(other.get(&door()).h1(), "Do you want to stand in line?");
    let lost = page.form("/door/");
    browser.lose_cookies();
    lost.press("").assert_says("이 브라우저에 저장된 접속 정보(쿠키)가 지워졌습니다");
    assert_eq!(in_line(app), 2.0);
}

/// Two stand in line, three minutes apart; the door has opened as far as the first. Gives the page of the second, too.
fn one_after_the_other(app: &TestApp, opening: OpeningId) -> (Browser, Browser, Page) {
    let (first, second) = (app.browser(Language::Korean), app.browser(Language::Korean));
    stand_in_line(&first);
    app.open_door_to_now(opening);
    app.pass_minutes(3);
    let waits = stand_in_line(&second);
    (first, second, waits)
}

fn whoever_came_first_enters_first(app: &TestApp) {
    let opening = app.line("flu-2026");
    let (first, second, waits) = one_after_the_other(app, opening);
    assert_eq!(waits.path, format!("/wait/{OPENING}/4/ko"));
    waits.assert_says("지금은 오전 9시에 줄을 선 분들이 들어가고 있습니다.");
    for page in ["/book/flu-2026/who", "/book/flu-2026/where?p=1"] {
        assert_eq!(second.get(page).path, waits.path, "{page}");
    }
    let asked = first.get("/book/flu-2026/who?for=me");
    assert_eq!(asked.h1(), "차례입니다. 들어갈 휴대전화 번호를 입력해 주세요");
    assert_eq!(asked.form("/door/").fill("phone", "010").press("").errors().len(), 1);
    let who = enter(app, &asked, DAUGHTER);
    assert_eq!(who.path, "/book/flu-2026/who?for=me");
    way::confirm(&way::press_time(&way::to_times_alone(&who, NAMES[0]), 2));
    // Proving a phone opens nothing for whoever's turn has not come.
    way::prove(app, &second.get("/sign-in"), MOTHER);
    assert_eq!(second.get("/book/flu-2026/who").path, waits.path);
    let token = second.get("/me").form("/me/sign-out").value("csrf").unwrap().to_owned();
    second.post(&door(), &[("csrf", &token)]);
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 1);
}

fn whoever_came_in_the_same_minute_is_told_their_own_turn(app: &TestApp) {
    let opening = app.line("flu-2026");
    let (first, second) = (app.browser(Language::Korean), app.browser(Language::English));
    let waiting = stand_in_line(&first);
    app.open_door_to_now(opening);
    app.clock.pass(SignedDuration::from_secs(20));
    let soon = stand_in_line(&second);
    assert_eq!(soon.h1(), "It is nearly your turn");
    assert_eq!(soon.attributes("meta[http-equiv=refresh]", "content").len(), 1);
    let still = soon.click("stay=1");
    assert_eq!(still.attributes("meta[http-equiv=refresh]", "content").len(), 0);
    assert_eq!(still.click("Let it look again").path, door());
    let begun = waiting.reload();
    begun.assert_says("같은 때에 줄을 선 분들이 지금 차례대로 들어가고 있습니다.");
    assert_eq!(begun.click("내 차례 확인").h1(), "차례입니다. 들어갈 휴대전화 번호를 입력해 주세요");
    app.open_door_to_now(opening);
    assert_eq!(still.reload().h1(), "It is your turn. What is your mobile number?");
    app.pass_minutes(2);
    app.open_door_to_now(opening);
    assert_eq!(waiting.reload().h1(), "차례가 되었습니다");
}

fn a_place_lets_in_one_phone(app: &TestApp) {
    let opening = app.line("flu-2026");
    let (owner, buyer) = (app.browser(Language::Korean), app.browser(Language::Korean));
    stand_in_line(&owner);
    app.open_door_to_now(opening);
    app.pass_minutes(5);
    let ticket = owner.cookies()[TICKET].clone();
    buyer.set_cookie(TICKET, &ticket);
    assert!(enter(app, &owner.get(&door()), DAUGHTER).path.starts_with("/book/"));
    let refused = enter(app, &buyer.get(&door()), MOTHER);
    refused.assert_says("이 순서로는 다른 휴대전화 번호로 이미 들어갔습니다.");
    assert_eq!(app.ticket(&buyer), None, "it is worth nothing there");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 1);
    let waits = refused.form("/door/").press("");
    assert_eq!(waits.path, format!("/wait/{OPENING}/6/ko"), "at the end of the line");
    // The owner comes in with it again.
    app.pass_minutes(30);
    assert!(owner.get("/book/flu-2026/who").form("/door/").press("").path.starts_with("/book/"));
}

fn whoever_was_let_in_needs_no_place_any_more(app: &TestApp) {
    let opening = app.line("flu-2026");
    let browser = app.browser(Language::Korean);
    stand_in_line(&browser);
    app.open_door_to_now(opening);
    enter(app, &browser.get(&door()), DAUGHTER);
    app.pass_minutes(30);
    let other = app.browser(Language::Korean);
    assert_eq!(other.get(&door()).h1(), "줄을 서시겠습니까?");
    way::prove(app, &other.get("/sign-in"), DAUGHTER);
    let again = other.get("/book/flu-2026/who");
    assert_eq!(again.h1(), "들어가서 예약하시겠습니까?");
    assert_eq!(again.form("/door/").press("").path, "/book/flu-2026/who");
    assert_eq!(app.ticket(&other), None);
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 1);
}

/// A ticket with an early place, as somebody might make or change one.
fn tickets_of_others(app: &TestApp) -> Vec<(&'static str, String)> {
    let now = app.clock.now();
    let good = Ticket {
        opening: OPENING.parse().unwrap(),
        place: place_on_arrival(now, 5),
        expires_at: now + SignedDuration::from_hours(5),
    };
    let sign = |ticket: &Ticket| app.keys.ticket_keys().sign(ticket);
    let text = sign(&good);
    let changed = |at: usize| {
        let mut signs: Vec<char> = text.chars().collect();
        signs[at] = if signs[at] == 'A' { 'B' } else { 'A' };
        signs.into_iter().collect::<String>()
    };
    let forger = TicketKeys::one(TicketKey::new(1, &[9; 32]));
    let unknown = TicketKeys::one(TicketKey::new(77, &[9; 32]));
    vec![
        ("good", text.clone()),
        ("forged", forger.sign(&good)),
        ("of an unknown key", unknown.sign(&good)),
        ("with another place", changed(text.len() / 2)),
        ("with another signature", changed(text.len() - 3)),
        ("with another version", changed(0)),
        ("cut off", text[..text.len() - 4].to_owned()),
        ("longer", format!("{text}AAAA")),
        ("no ticket", "let-me-in".to_owned()),
        ("expired", sign(&Ticket { expires_at: now, ..good.clone() })),
        ("of another opening", sign(&Ticket { opening: "flu-2027".parse().unwrap(), ..good })),
    ]
}

fn what_is_no_place_of_this_line_opens_nothing(app: &TestApp) {
    let opening = app.line("flu-2026");
    let tickets = tickets_of_others(app);
    app.open_door_to_now(opening);
    app.pass_minutes(5);
    let browser = app.browser(Language::Korean);
    way::prove(app, &browser.get("/sign-in"), DAUGHTER);
    let token = browser.get("/me").form("/me/sign-out").value("csrf").unwrap().to_owned();
    for (what, ticket) in tickets.iter().rev() {
        browser.set_cookie(TICKET, ticket);
        let page = browser.get(&door());
        if *what == "good" {
            assert_eq!(page.h1(), "들어가서 예약하시겠습니까?", "otherwise this story proves nothing");
            assert!(page.form("/door/").press("").path.starts_with("/book/"));
            continue;
        }
        assert_eq!(page.h1(), "줄을 서시겠습니까?", "{what}");
        page.assert_says("이 브라우저에 저장된 순서는 여기에서 쓸 수 없습니다.");
        browser.set_cookie(TICKET, ticket);
        let sent = browser.post(&door(), &[("csrf", &token)]);
        assert_eq!(sent.location().unwrap(), format!("/wait/{OPENING}/6/ko"), "{what}: a place at the end");
        browser.set_cookie(TICKET, ticket);
        assert!(browser.get_once("/book/flu-2026/who").location().unwrap().starts_with(&door()), "{what}");
        assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 0, "{what}");
    }
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM admission"), 1);
}

/// The keys before a rotation, after it, and after another.
fn rotated(times: usize) -> KeyRing {
    let first = KeyRing::generate(&SeededChance::new(7), false);
    (0..times).fold(first, |ring, _| ring.rotated(&SeededChance::new(8)).unwrap())
}

#[test]
fn a_place_outlives_one_rotation_of_the_keys() {
    let app = TestApp::with(TestDatabase::sqlite(), |settings| settings.keys = rotated(2).into());
    let opening = app.line("flu-2026");
    let ticket = tickets_of_others(&app)[0].1.clone();
    let ticket =
        rotated(0).ticket_keys().verify(&ticket, &OPENING.parse().unwrap(), app.clock.now()).unwrap();
    app.open_door_to_now(opening);
    for (times, h1) in [
        (0, "줄을 서시겠습니까?"),
        (1, "차례입니다. 들어갈 휴대전화 번호를 입력해 주세요"),
        (2, "차례입니다. 들어갈 휴대전화 번호를 입력해 주세요"),
    ] {
        let browser = app.browser(Language::Korean);
        browser.set_cookie(TICKET, &rotated(times).ticket_keys().sign(&ticket));
        assert_eq!(browser.get(&door()).h1(), h1, "signed before {} rotations", 2 - times);
    }
    app.stop();
}

#[test]
fn a_network_takes_so_many_places_an_hour() {
    let codes = CodesConfig { turns_per_network_hour: 2, ..CodesConfig::default() };
    let app = TestApp::with_codes(TestDatabase::sqlite(), |_| {}, codes);
    app.line("flu-2026");
    let waits: Vec<Page> = (0..2).map(|_| stand_in_line(&app.browser(Language::Korean))).collect();
    assert!(waits.iter().all(|page| page.path.starts_with("/wait/")));
    let browser = app.browser(Language::Korean);
    let refused = stand_in_line(&browser);
    assert_eq!((refused.status.as_u16(), app.ticket(&browser)), (429, None));
    refused.assert_says("같은 네트워크에서 줄을 너무 많이 섰습니다.");
    app.pass_minutes(31);
    assert!(refused.form("/door/").press("").path.starts_with("/wait/"), "the same button again");
    assert_eq!(in_line(&app), 3.0);
    app.stop();
}

fn the_line_goes_on_after_a_restart(app: &TestApp) {
    let opening = app.line("flu-2026");
    let (first, second, waits) = one_after_the_other(app, opening);
    assert_eq!(in_line(app), 2.0);
    let before = app.threshold(opening);
    app.restart();
    assert_eq!(in_line(app), 2.0, "nobody is forgotten, and nobody counts twice");
    assert_eq!(app.threshold(opening), before);
    assert_eq!(second.get(&door()).path, waits.path);
    let third = app.browser(Language::Korean);
    stand_in_line(&third);
    assert!(app.ticket(&second).unwrap().place < app.ticket(&third).unwrap().place);
    assert!(enter(app, &first.get(&door()), DAUGHTER).path.starts_with("/book/"));
}

fn nobody_comes_earlier_because_the_clock_was_set_back(app: &TestApp) {
    let opening = app.line("flu-2026");
    app.pass_minutes(40);
    let (first, second) = (app.browser(Language::Korean), app.browser(Language::Korean));
    stand_in_line(&first);
    block_on(app.engine().turn_doors()).unwrap();
    let before = app.threshold(opening);
    app.clock.pass(SignedDuration::from_mins(-30));
    block_on(app.engine().turn_doors()).unwrap();
    assert_eq!(app.threshold(opening), before);
    stand_in_line(&second);
    let came = |browser| app.ticket(browser).unwrap().place.0 >> 22;
    assert!(came(&second) >= came(&first), "whoever comes later has no earlier place");
}

fn it_lets_in_by_itself_and_an_operator_ends_it(app: &TestApp) {
    let opening = app.line("flu-2026");
    let browser = app.browser(Language::Korean);
    stand_in_line(&browser);
    assert!(!app.threshold(opening).admits(app.ticket(&browser).unwrap().place), "it stands still");
    app.order_door(opening, Order::Fixed(1e6));
    app.order_door(opening, Order::Resume);
    assert_eq!(app.threshold(opening), cut_off(app.clock.now()), "never beyond who came");
    assert_eq!(browser.get(&door()).h1(), "차례입니다. 들어갈 휴대전화 번호를 입력해 주세요");
    let status = app.browser(Language::English).get(&format!("/wait/{OPENING}/status.json")).body;
    assert!(status.contains("\"places\":\"line\"") && status.contains("\"joined\":1.0"), "{status}");
    app.stop_door(opening);
    app.pass_minutes(1);
    let late = app.browser(Language::Korean);
    assert!(late.get("/book/flu-2026/who").path.starts_with(&door()));
    app.order_door(opening, Order::Open);
    assert_eq!(app.threshold(opening), Threshold::up_to(Place::LAST));
    assert!(late.get("/book/flu-2026/who").path.starts_with("/sign-in"), "nobody sees the door any more");
    assert!(late.get(&door()).path.starts_with("/sign-in"));
    assert_eq!(app.browser(Language::Korean).get("/draw/flu-2026-evening").status, 404, "nothing is drawn");
}
