//! Guessing from many connections at once: five tries are five.

use std::sync::Barrier;

use crate::app::{Browser, Language, Page, Reply, Staff, TestApp, Wire};
use crate::on_both;

const CONNECTIONS: usize = 50;
const PHONE: &str = "010-0000-0001";

on_both!(
    fifty_connections_have_five_tries_for_a_code_together,
    a_code_opens_once_for_twenty_connections,
    a_phone_gets_five_codes_an_hour_from_fifty_connections,
    fifty_presses_of_a_button_send_one_code,
    fifty_connections_have_five_birth_dates_together,
);

/// Sends the same form over many connections at the same moment, with the cookies of one browser.
fn send_at_once(app: &TestApp, browser: &Browser, path: &str, forms: &[String]) -> Vec<Reply> {
    let cookies = browser.cookie_header();
    send_all(app, path, &forms.iter().map(|form| (cookies.clone(), form.clone())).collect::<Vec<_>>())
}

/// Sends forms, each with the cookies of its browser, all at the same moment.
fn send_all(app: &TestApp, path: &str, forms: &[(String, String)]) -> Vec<Reply> {
    let start = Barrier::new(forms.len());
    std::thread::scope(|scope| {
        let sent: Vec<_> = forms
            .iter()
            .map(|(cookies, form)| {
                let start = &start;
                scope.spawn(move || {
                    let mut wire = Wire::to(app);
                    start.wait();
                    wire.ask("POST", path, &[("Cookie", cookies)], form)
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn token(page: &Page) -> String {
    page.form("").value("csrf").unwrap().to_owned()
}

fn tries(app: &TestApp) -> i64 {
    app.database.number("SELECT CAST(MAX(tries) AS BIGINT) AS number FROM challenge WHERE solved_at IS NULL")
}

/// Six digits that are not the code.
fn wrong(code: &str, number: usize) -> String {
    let code: usize = code.parse().unwrap();
    format!("{:06}", (code + 1 + number) % 1_000_000)
}

fn ask_for_a_code(browser: &Browser) -> Page {
    browser.get("/sign-in").form("/sign-in").fill("phone", PHONE).press("")
}

fn fifty_connections_have_five_tries_for_a_code_together(app: &TestApp) {
    let browser = app.browser(Language::English);
    let page = ask_for_a_code(&browser);
    let code = app.code_for(PHONE);
    guess_in_vain(app, &browser, &page, &code);

    // The phone has no booking, so no code was sent; the page must count as if one had been.
    let page =
        browser.get("/find").form("/find").fill("reference", "2222-2222").fill("phone", PHONE).press("");
    guess_in_vain(app, &browser, &page, "000000");

    let page = ask_for_a_code(&browser);
    let signed_in = page.form("").fill("code", &app.code_for(PHONE)).press("");
    assert_eq!(signed_in.path, "/");
    let page = browser.get("/me/email").form("/me/email").fill("email", "mother@example.org").press("");
    let code = app.email_code_for("mother@example.org");
    guess_in_vain(app, &browser, &page, &code);

    let page = browser.get("/me/phone").form("/me/phone").fill("phone", "010-0000-0777").press("");
    let code = app.code_for("010-0000-0777");
    guess_in_vain(app, &browser, &page, &code);
}

fn guess_in_vain(app: &TestApp, browser: &Browser, page: &Page, code: &str) {
    let (path, token) = (page.path.clone(), token(page));
    let form = |number| format!("csrf={token}&code={}", wrong(code, number));
    let forms: Vec<String> = (0..CONNECTIONS).map(form).collect();
    let replies = send_at_once(app, browser, &path, &forms);
    let counted =
        replies.iter().filter(|reply| reply.status == 422 && reply.body.contains("code-error")).count();
    assert_eq!(counted, 4, "{path}: the fifth says that it is over, as all after it do");
    assert_eq!(tries(app), 5, "{path}");
    let late = send_at_once(app, browser, &path, &[format!("csrf={token}&code={code}")]);
    assert!(late[0].status == 422 || late[0].header("location").contains("why="), "{path}: {:?}", late[0]);
    assert_eq!(tries(app), 5, "{path}: the right code came too late");
}

fn a_code_opens_once_for_twenty_connections(app: &TestApp) {
    let browser = app.browser(Language::English);
    let page = ask_for_a_code(&browser);
    let form = format!("csrf={}&code={}", token(&page), app.code_for(PHONE));
    let replies = send_at_once(app, &browser, "/sign-in/code", &vec![form; 20]);
    let opened = replies.iter().filter(|reply| reply.header("location") == "/").count();
    assert_eq!(opened, 1, "{replies:?}");
}

fn fifty_connections_have_five_birth_dates_together(app: &TestApp) {
    let prove = || {
        let browser = app.browser(Language::English);
        let page = ask_for_a_code(&browser).form("").fill("code", &app.code_for(PHONE)).press("");
        (browser, page)
    };
    let (owner, _) = prove();
    let form = owner.get("/people/new?relation=me").form("/people/new").fill("name", "김민지");
    let form = form.fill("birth-year", "1990").fill("birth-month", "1").fill("birth-day", "31");
    assert_eq!(form.press("").path, "/people");
    app.database.execute("UPDATE account SET seen_at = seen_at - 90 * 86400").unwrap();
    let (browser, asked) = prove();
    let born = |day: usize| format!("csrf={}&birth-year=1990&birth-month=1&birth-day={day}", token(&asked));
    let forms: Vec<String> = (0..CONNECTIONS).map(|number| born(1 + number % 30)).collect();
    let replies = send_at_once(app, &browser, &asked.path, &forms);
    let counted = replies.iter().filter(|reply| reply.status == 422).count();
    assert_eq!(counted, 4, "the fifth says that it is over, as all after it do");
    let late = send_at_once(app, &browser, &asked.path, &[born(31)]);
    assert_eq!(late[0].header("location"), "/sign-in/birth-date", "the right one came too late");
    assert_eq!(browser.get("/sign-in/birth-date").path, "/sign-in/anew");
}

fn a_phone_gets_five_codes_an_hour_from_fifty_connections(app: &TestApp) {
    let form = |_| {
        let browser = app.browser(Language::English);
        let token = token(&browser.get("/sign-in"));
        (browser.cookie_header(), format!("csrf={token}&phone={PHONE}"))
    };
    let replies = send_all(app, "/sign-in", &(0..CONNECTIONS).map(form).collect::<Vec<_>>());
    let sent = replies.iter().filter(|reply| reply.header("location") == "/sign-in/code").count();
    assert_eq!(sent, 5);
    assert_eq!(app.messages_to(PHONE).len(), 5);
    assert!(replies.iter().filter(|reply| reply.status == 429).count() == CONNECTIONS - 5);
}

fn fifty_presses_of_a_button_send_one_code(app: &TestApp) {
    let browser = app.browser(Language::English);
    let token = token(&browser.get("/sign-in"));
    let forms = vec![format!("csrf={token}&phone={PHONE}"); CONNECTIONS];
    let replies = send_at_once(app, &browser, "/sign-in", &forms);
    assert!(replies.iter().all(|reply| reply.header("location") == "/sign-in/code"));
    assert_eq!(app.messages_to(PHONE).len(), 1);
}

#[test]
fn fifty_connections_have_ten_guesses_at_a_password_together() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let token = token(&browser.get("/clinic/sign-in"));
    let form = |number| format!("csrf={token}&login={}&password=guess{number}", Staff::Jongno.login());
    let forms: Vec<String> = (0..CONNECTIONS).map(form).collect();
    let replies = send_at_once(&app, &browser, "/clinic/sign-in", &forms);
    assert_eq!(replies.iter().filter(|reply| reply.status == 422).count(), 10);
    assert_eq!(replies.iter().filter(|reply| reply.status == 429).count(), CONNECTIONS - 10);
}
