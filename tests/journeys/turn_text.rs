//! Whoever wrote down whom they book for before the draw is told their turn by text message.

use std::process::Command;

use sunbeon::store::DatabaseUrl;

use crate::app::{Browser, Language, OPENING, Page, TestApp};
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER};

on_both!(
    whoever_prepared_is_told_when_the_lots_are_drawn,
    whoever_declines_is_told_nothing,
    a_cohort_that_somebody_does_not_belong_to_tells_them_nothing,
    a_draw_on_the_command_line_tells_whoever_prepared,
);

fn door() -> String {
    format!("/door/{OPENING}")
}

/// The door, as somebody sees it who has proved their phone.
fn signed_in(app: &TestApp, browser: &Browser, phone: &str) -> Page {
    way::prove(app, &browser.get("/sign-in"), phone);
    browser.get(&door())
}

/// The door, as somebody sees it who has also written down themselves.
fn prepared(app: &TestApp, browser: &Browser, phone: &str) -> Page {
    signed_in(app, browser, phone);
    way::new_person(browser, way::NAMES[1]).press("");
    browser.get(&door())
}

/// How many were told, once all who prepared are dealt with.
fn told(app: &TestApp) -> i64 {
    app.await_turn_texts();
    app.database.number("SELECT COUNT(*) AS number FROM outbox WHERE kind = 'turn' AND state = 'sent'")
}

fn whoever_prepared_is_told_when_the_lots_are_drawn(app: &TestApp) {
    let opening = app.announce("flu-2026");
    let korean = app.browser(Language::Korean);
    korean.get(&door()).assert_says("그러면 추첨이 끝난 뒤 차례를 문자로도 알려 드립니다.");
    prepared(app, &korean, DAUGHTER).assert_says("추첨이 끝나면 차례를 문자로 알려 드립니다.");
    let english = app.browser(Language::English);
    prepared(app, &english, MOTHER).assert_says("Once the lots are drawn, we text you when your turn is.");
    let unprepared = app.browser(Language::English);
    signed_in(app, &unprepared, "010-0000-4321").assert_says("Then we also text you");

    app.database.execute("UPDATE opening SET expected = 1000").unwrap();
    app.draw(opening);
    app.pass_minutes(61);
    let text = app.next_message(DAUGHTER, "turn").text;
    let page = korean.get(&door());
    assert!(page.path.starts_with("/wait/"), "{page:?}");
    assert!(text.starts_with("[순번] 예약 차례는 11월 2"), "{text}");
    let time = text.split("쯤입니다").next().unwrap().split(") ").nth(1).unwrap();
    page.assert_says(&format!("{time}쯤입니다."));
    assert!(
        text.ends_with("\nhttp://localhost"),
        "the door's own address would make it two messages: {text}"
    );
    let text = app.next_message(MOTHER, "turn").text;
    assert!(text.starts_with("[Sunbeon] Your turn to book is at about "), "{text}");
    assert_eq!(told(app), 2);
}

fn whoever_declines_is_told_nothing(app: &TestApp) {
    let opening = app.announce("flu-2026");
    let browser = app.browser(Language::English);
    let declined = prepared(app, &browser, DAUGHTER).press("Don’t text me");
    declined.assert_says("We won’t text you when your turn is.");
    let other = app.browser(Language::English);
    let wanted = prepared(app, &other, MOTHER).press("Don’t text me").press("Text me when my turn is");
    app.draw(opening);
    app.pass_minutes(61);
    // A page from before the draw.
    let late = wanted.press("Don’t text me");
    assert!(late.path.starts_with("/wait/"), "{late:?}");
    app.next_message(MOTHER, "turn");
    assert_eq!(told(app), 1);
}

fn a_cohort_that_somebody_does_not_belong_to_tells_them_nothing(app: &TestApp) {
    let opening = app.announce("flu-2026");
    prepared(app, &app.browser(Language::English), DAUGHTER);
    app.database.execute("UPDATE opening SET born_from = 1900, born_to = 1910").unwrap();
    app.draw(opening);
    app.pass_minutes(61);
    assert_eq!(told(app), 0);
}

fn a_draw_on_the_command_line_tells_whoever_prepared(app: &TestApp) {
    app.announce("flu-2026");
    prepared(app, &app.browser(Language::Korean), DAUGHTER);
    app.pass_minutes(61);
    let folder = tempfile::tempdir().unwrap();
    let (keys, seed) = (folder.path().join("master.keys"), folder.path().join("seed"));
    app.keys.write_new(&keys).unwrap();
    let url = match app.database.url() {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
    };
    let draw = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunbeon"));
        command
            .arg("draw")
            .args(arguments)
            .env("SUNBEON_DATABASE__URL", &url)
            .env("SUNBEON_KEYS__FILE", &keys);
        let said = command.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    };
    let seed = seed.to_str().unwrap();
    let made = draw(&["seed", seed]);
    let commitment = made.lines().find_map(|line| line.strip_prefix("Commitment: ")).unwrap();
    draw(&["commit", OPENING, "--party", "순번", "--inside", "--commitment", commitment]);
    draw(&["reveal", OPENING, "--seed", seed]);
    let drawn = draw(&["close", OPENING]);
    assert!(drawn.contains("texts everybody who prepared"), "{drawn}");
    app.next_message(DAUGHTER, "turn");
}
