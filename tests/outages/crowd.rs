//! More people come than can be served at once.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sunbeon::domain::door::place::Place;

use crate::answers::{assert_busy, send_again};
use crate::app::{Browser, Language, OPENING, Page, TestApp, wait_for};
use crate::on_both;
use crate::way;

on_both!(whoever_finishes_goes_before_whoever_arrives, whose_turn_has_come_does_not_stand_among_strangers,);

const L: Language = Language::English;

/// So many come between two looks: all at once could keep a slow machine so busy that it turns them away unread.
const GROUP: usize = 20;

/// Once may be chance: while the crowd comes in, the limit still moves.
const STEADILY: Duration = Duration::from_millis(500);

const SEARCH: &str = "/book/covid-2026/where?p=1&in=seoul.jongno-gu";

/// A form that many people send, each over a connection of their own, and whose answers nobody reads.
struct Crowd<'a> {
    app: &'a TestApp,
    request: String,
    connections: Vec<TcpStream>,
}

impl<'a> Crowd<'a> {
    fn new(app: &'a TestApp, browser: &Browser, action: &str, body: &str) -> Self {
        let request = format!(
            "POST {action} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            browser.cookie_header(),
            body.len()
        );
        Self { app, request, connections: Vec::new() }
    }

    /// Of people who press the button of the second time.
    fn at(app: &'a TestApp, times: &Page) -> Self {
        let form = times.form("/hold");
        let slot = times.attributes("button[name=slot]", "value").remove(1);
        let csrf = form.value("csrf").expect("a form with a token");
        let body = format!("csrf={csrf}&slot={}", slot.replace('~', "%7E"));
        Self::new(app, times.browser(), &times.attributes("form[action*='/hold']", "action").remove(0), &body)
    }

    fn send(&mut self) {
        let mut stream = TcpStream::connect(self.app.address()).unwrap();
        stream.write_all(self.request.as_bytes()).unwrap();
        self.connections.push(stream);
    }

    /// Grows until a page is too much whenever it is asked for.
    fn come_until_busy(&mut self, browser: &Browser, path: &str) -> Page {
        let mut since = None;
        wait_for("as many to be worked on as can be", || {
            let page = browser.get_once(path);
            if page.status == StatusCode::SERVICE_UNAVAILABLE {
                let since = *since.get_or_insert_with(Instant::now);
                return (since.elapsed() > STEADILY).then_some(page);
            }
            since = None;
            (0..GROUP).for_each(|_| self.send());
            None
        })
    }
}

/// The crowd stands until it is released, but some of it may still be on its way to where it stands.
fn wait_until_served(browser: &Browser, path: &str, whom: &str) {
    wait_for(&format!("{whom} to be served: {path}"), || {
        (browser.get_once(path).status == StatusCode::OK).then_some(())
    });
}

fn whoever_finishes_goes_before_whoever_arrives(app: &TestApp) {
    let (browser, stranger) = (app.browser(L), app.browser(L));
    browser.expect_outages();
    stranger.expect_outages();
    let times = way::times_of_both(app, &browser, "covid-2026");
    let held = way::press_time(&times, 0);
    way::assert_holds(&held, L);
    let asked = stranger.get("/sign-in").form("/sign-in").fill("phone", "010-0000-0123");
    let release = app.block_ledger(app.site_id(0).0);
    let mut crowd = Crowd::at(app, &times);
    let busy = crowd.come_until_busy(&browser, SEARCH);
    assert_busy(&busy, L);
    let told = asked.press("");
    assert_busy(&told, L);
    for (page, whom) in [
        (held.path.as_str(), "who holds seats"),
        ("/clinic/sign-in", "the clinic"),
        ("/", "who only looks"),
        ("/healthz", "machines"),
    ] {
        wait_until_served(&browser, page, whom);
    }
    drop(release);
    drop(crowd);
    wait_for("the stranger's form to be taken", || {
        let code = send_again(&told, L);
        code.path.starts_with("/sign-in/code").then_some(())
    });
    assert_eq!(browser.get_once(SEARCH).status, StatusCode::OK);
}

fn whose_turn_has_come_does_not_stand_among_strangers(app: &TestApp) {
    let [stranger, called, inside] = [(); 3].map(|()| {
        let browser = app.browser(L);
        browser.expect_outages();
        browser
    });
    // The evening is another campaign's: strangers sign in, and have nothing to do with it.
    way::prove(app, &stranger.get("/sign-in"), "010-0000-0001");
    let opening = app.evening("flu-2026");
    // As far as it goes while it stands.
    app.open_door_to(opening, Place(u64::MAX - 1));
    let knock = |browser: &Browser, phone: &str| {
        browser.get(&format!("/door/{OPENING}")).form("/door/").fill("phone", phone).press("")
    };
    let asked = knock(&called, "010-0000-0002");
    assert!(asked.path.starts_with("/sign-in/code"), "{asked:?}");
    let door = way::type_code(app, &knock(&inside, "010-0000-0003"), "010-0000-0003");
    door.form("/door/").press("");

    let form = stranger.get("/people/new?relation=mother").form("/people/new");
    let body = format!(
        "csrf={}&relation=mother&name=%EB%B0%95%EC%88%9C%EC%9E%90&birth-year=1950&birth-month=3&birth-day=1&messages=no-phone&consent=yes",
        form.value("csrf").expect("a form with a token")
    );
    let account = app.database.number("SELECT MIN(id) AS number FROM account");
    let release = app.block_ledger(account);
    let mut crowd = Crowd::new(app, &stranger, "/people/new", &body);
    assert_busy(&crowd.come_until_busy(&stranger, "/people/new"), L);
    wait_until_served(&called, &asked.path, "whose turn has come");
    wait_until_served(&inside, "/people/new", "who was let in");
    drop(release);
    drop(crowd);
}
