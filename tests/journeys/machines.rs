//! What machines ask for, and the messages that only the demo shows.

use reqwest::StatusCode;
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::notify::{Gateway, Outgoing};

use crate::app::{Language, TestApp};

#[test]
fn probes_say_that_all_is_well() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    assert_eq!(browser.get("/healthz").body, "ok");
    let ready = browser.get("/readyz");
    assert_eq!(ready.status, StatusCode::OK);
    let parts: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!(parts, serde_json::json!({ "database": "ok", "ledger": "ok", "notifier": "ok" }));
}

#[test]
fn figures_name_the_queues_and_nobody() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    browser.get("/");
    let figures = browser.get("/metrics");
    assert!(figures.header("content-type").starts_with("text/plain"));
    for name in [
        "sunbeon_ledger_waiting 0",
        "sunbeon_ledger_healthy 1",
        "sunbeon_notifier_healthy 1",
        "sunbeon_desks_running",
        "sunbeon_requests_total",
    ] {
        assert!(figures.body.contains(name), "{name} is missing in: {}", figures.body);
    }
}

#[test]
fn every_request_is_counted_by_its_route_and_status() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let count = |path: &str, status: u16| {
        let name = format!("sunbeon_requests_total{{path=\"{path}\",verb=\"GET\",status=\"{status}\"}} ");
        let figures = browser.get("/metrics").body;
        let line = figures.lines().find_map(|line| line.strip_prefix(&name).map(ToOwned::to_owned));
        line.map_or(0, |count| count.parse::<u32>().unwrap())
    };
    for times in 1..=3 {
        browser.get("/campaigns/flu-2026");
        browser.get("/campaigns/no-such");
        browser.get("/no/such/page");
        assert_eq!(count("/campaigns/{slug}", 200), times);
        assert_eq!(count("/campaigns/{slug}", 404), times, "a real path never becomes a figure");
        assert_eq!(count("(no route)", 404), times);
    }
}

#[test]
fn icons_and_robots_are_kept_by_browsers() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    for path in ["/static/icon.svg", "/favicon.ico"] {
        let icon = browser.get(path);
        assert_eq!(icon.header("content-type"), "image/svg+xml");
        assert!(icon.body.starts_with("<svg") && icon.header("cache-control").contains("max-age"));
    }
    assert!(browser.get("/robots.txt").body.contains("Disallow: /clinic"));
}

fn send(app: &TestApp, id: i64, to: &str, kind: MessageKind, text: &str) {
    let message = Outgoing {
        id,
        channel: Channel::Sms,
        to: to.into(),
        kind,
        language: Language::Korean,
        text: text.into(),
        subject: None,
        html: None,
        attachments: Vec::new(),
        at: "2026-11-23T00:00:00Z".parse().unwrap(),
        possible_repeat: false,
    };
    let spool = app.spool(&Channel::ALL);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(spool.send(&message));
}

#[test]
fn the_demo_shows_what_it_would_send() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let page = browser.get("/").click("/demo/messages");
    page.assert_says("No message was sent");
    let (mine, other) = ("+821000001234", "+821000005678");
    for id in 0..9 {
        send(&app, id, other, MessageKind::Confirmation, &format!("{}\n{id}", "백신 접종 예약 ".repeat(20)));
    }
    send(&app, 9, mine, MessageKind::Code, "[순번]\n인증번호 042917 (10분)");
    let page = page.reload();
    assert_eq!(page.all("article h2")[0], "One-time code");
    assert_eq!(page.all("article .reference"), ["042917"]);
    page.assert_says("To 010-0000-1234");
    assert!(page.body.contains("[순번]<br>"), "line breaks are kept");
    assert!(page.bytes_on_wire < 14_000, "{} bytes", page.bytes_on_wire);
    let older = page.click("Older");
    assert_eq!(page.all("article").len() + older.all("article").len(), 10);
    assert_eq!(older.click("Newer").all("article"), page.all("article"));

    let found = page.form("/demo/messages").fill("to", "010-0000-1234").press("");
    assert_eq!(found.all("article").len(), 1);
    let found = page.form("/demo/messages").fill("to", "5678").press("");
    found.click("Older").assert_says("010-0000-5678");
}
