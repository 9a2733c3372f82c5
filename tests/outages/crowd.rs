//! More people come than can be served at once.

use std::io::Write;
use std::net::TcpStream;

use reqwest::StatusCode;

use crate::answers::{assert_busy, send_again};
use crate::app::{Language, Page, TestApp, wait_for};
use crate::on_both;
use crate::way;

on_both!(whoever_finishes_goes_before_whoever_arrives);

const L: Language = Language::English;

/// More than are worked on at a time.
const CROWD: usize = 300;

/// Once may be chance: while the crowd comes in, the limit still moves.
const IN_A_ROW: usize = 4;

const SEARCH: &str = "/book/covid-2026/where?p=1&in=seoul.jongno-gu";

/// Presses the button of the second time over many connections at once, and waits for none of the answers.
fn press_often(app: &TestApp, times: &Page) -> Vec<TcpStream> {
    let form = times.form("/hold");
    let slot = times.attributes("button[name=slot]", "value").remove(1);
    let csrf = form.value("csrf").expect("a form with a token");
    let body = format!("csrf={csrf}&slot={}", slot.replace('~', "%7E"));
    let action = times.attributes("form[action*='/hold']", "action").remove(0);
    let cookies: Vec<String> =
        times.browser().cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = format!(
        "POST {action} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        cookies.join("; "),
        body.len()
    );
    let press = |_| {
        let mut stream = TcpStream::connect(app.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    (0..CROWD).map(press).collect()
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
    let crowd = press_often(app, &times);
    let mut turned_away = 0;
    let busy = wait_for("as many to be worked on as can be", || {
        let page = browser.get_once(SEARCH);
        let is_busy = page.status == StatusCode::SERVICE_UNAVAILABLE;
        turned_away = if is_busy { turned_away + 1 } else { 0 };
        (turned_away == IN_A_ROW).then_some(page)
    });
    assert_busy(&busy, L);
    let told = asked.press("");
    assert_busy(&told, L);
    for (page, whom) in [
        (held.path.as_str(), "who holds seats"),
        ("/clinic/sign-in", "the clinic"),
        ("/", "who only looks"),
        ("/healthz", "machines"),
    ] {
        // The crowd stands until it is released, but some of it may still be on its way to where it stands.
        wait_for(&format!("{whom} to be served: {page}"), || {
            (browser.get_once(page).status == StatusCode::OK).then_some(())
        });
    }
    drop(release);
    drop(crowd);
    wait_for("the stranger's form to be taken", || {
        let code = send_again(&told, L);
        code.path.starts_with("/sign-in/code").then_some(())
    });
    assert_eq!(browser.get_once(SEARCH).status, StatusCode::OK);
}
