//! The authority looks after the messages: what waits, what has not arrived, and a gateway that is paused.

use crate::app::{Language, Staff, TestApp, block_on};
use crate::doors::signed_in;
use crate::family::{DAUGHTER, Family};
use crate::on_both;

const PAGE: &str = "/clinic/messages";

on_both!(
    what_has_not_arrived_is_sent_again,
    a_paused_gateway_gets_nothing,
    a_clinic_does_not_look_after_messages,
    a_gateway_is_tried_and_what_it_did_is_drawn,
);

fn what_has_not_arrived_is_sent_again(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    family.book("flu-2026", None);
    app.await_messages_sent();
    let authority = signed_in(app, Staff::Authority, Language::English);
    authority.get(PAGE).assert_says("Nothing waits").assert_says("Everything that was sent has arrived");
    let fail = "UPDATE outbox SET state = 'failed', why = 'the number is gone' WHERE kind = 'confirmation'";
    app.database.execute(fail).unwrap();
    let page = authority.get(PAGE);
    page.assert_says("Confirmations: 1 did not arrive").assert_says("spool: the number is gone");
    let sent = app.messages().len();
    let lost = page.forms().into_iter().find(|form| form.value("why") == Some("the number is gone")).unwrap();
    lost.press("again").assert_says("Everything that was sent has arrived");
    app.await_messages_sent();
    assert_eq!(app.messages().len(), sent + 1);
    lost.press("again");
    app.await_messages_sent();
    assert_eq!(app.messages().len(), sent + 1, "pressing twice sends once");
    let logged = "SELECT COUNT(*) AS number FROM access_log WHERE action = 'messages-again'";
    assert_eq!(app.database.number(logged), 2, "who did it is written down");
}

fn a_paused_gateway_gets_nothing(app: &TestApp) {
    let authority = signed_in(app, Staff::Authority, Language::English);
    let paused = authority.get(PAGE).form(PAGE).press("pause");
    paused.assert_says("Paused").assert_says("Let spool go on");
    paused.assert_says("No text message goes out: every gateway that carries them is paused.");
    // The notifier sees it at its next look.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let browser = app.browser(Language::Korean);
    browser.get("/sign-in").form("/sign-in").fill("phone", DAUGHTER).press("");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert!(app.messages().is_empty(), "it was paused");
    authority.get(PAGE).assert_says("Codes by text message").assert_says("1, the first since");
    authority.get(PAGE).assert_says("Up to a minute: 1, 1 to 10 minutes: 0");
    app.clock.pass_minutes(5);
    authority.get(PAGE).assert_says("Up to a minute: 0, 1 to 10 minutes: 1");
    authority.get(PAGE).form(PAGE).press("resume").assert_says("Works");
    assert_eq!(app.code_for(DAUGHTER).len(), 6);
    let csrf = authority.get(PAGE).form(PAGE).value("csrf").unwrap().to_owned();
    authority.post(PAGE, &[("csrf", &csrf), ("act", "pause"), ("gateway", "nobody")]);
    assert!(!authority.get(PAGE).says("Paused"), "there is no such gateway");
}

fn a_clinic_does_not_look_after_messages(app: &TestApp) {
    let nurse = signed_in(app, Staff::Jongno, Language::English);
    assert_eq!(nurse.get(PAGE).status, 403);
    assert!(nurse.get("/clinic").find_link(PAGE).is_none());
}

fn a_gateway_is_tried_and_what_it_did_is_drawn(app: &TestApp) {
    let authority = signed_in(app, Staff::Authority, Language::English);
    let page = authority.get(PAGE).click("More about spool");
    page.assert_says("Gateway spool").assert_says("Works");
    let wrong = page.form("/spool").fill("contact", "02-000-0000").press("");
    assert_eq!((wrong.errors().len(), wrong.form("/spool").value("contact")), (1, Some("02-000-0000")));
    let sent = page.form("/spool").fill("contact", DAUGHTER).press("");
    sent.assert_says("The gateway has taken the test message");
    let texts = app.messages_to(DAUGHTER);
    assert_eq!(texts[0].text, "[Sunbeon] This is a test message. There is nothing to do.");
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM outbox"), 0, "nothing is kept of it");
    let tried = "SELECT COUNT(*) AS number FROM access_log WHERE action = 'gateway-test'";
    assert_eq!(app.database.number(tried), 1, "who tried it is written down");
    let once_more = authority.get(&format!("{PAGE}/spool")).form("/spool");
    once_more.fill("contact", DAUGHTER).press("").assert_says("has taken the test message");
    assert_eq!(app.messages_to(DAUGHTER).len(), 1, "whoever presses twice sends one");
    Family::of(app, Language::Korean).book("flu-2026", None);
    app.await_messages_sent();
    // It is written down once a minute, and when the service stops.
    block_on(app.engine().finish_messages());
    app.restart();
    let page = authority.get(&format!("{PAGE}/spool"));
    let went = app.database.number("SELECT COUNT(*) AS number FROM outbox WHERE state = 'sent'");
    assert!(went >= 2, "a code, and what was told: {went}");
    let shown = format!("Taken over {went}, tries that failed or may have gone or not 0, cost 0");
    assert_eq!(page.all("main dd"), [&*shown, &*shown], "a test is no message");
    assert!(page.body.contains("<polyline"));
    assert_eq!(authority.get(&format!("{PAGE}/nobody")).status, 404);
    let nurse = signed_in(app, Staff::Jongno, Language::English);
    assert_eq!(nurse.get(&format!("{PAGE}/spool")).status, 403);
}
