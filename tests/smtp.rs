//! The SMTP gateway against a mail server that isn't ours (aiosmtpd), read back by Python's e-mail and icalendar packages.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod mail;

use std::time::Duration;

use jiff::tz::TimeZone;
use mail::MailServer;
use serde_json::json;
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::language::Language;
use sunbeon::notify::calendar::Parties;
use sunbeon::notify::facts::BookingFacts;
use sunbeon::notify::smtp::{Smtp, SmtpSecurity};
use sunbeon::notify::text::{self, Medium, Text, Voice};
use sunbeon::notify::{Gateway, Outcome, Outgoing};

const AT: &str = "2026-11-25T01:02:03Z";

fn facts(version: i32) -> BookingFacts {
    BookingFacts {
        reference: "ABCD-EFGH".into(),
        person_masked: "김*용".into(),
        site_name: "행복의원".into(),
        site_address: "서울특별시 종로구 세종대로 1, 2층".into(),
        site_phone: "02-0000-0000".into(),
        starts_at: "2026-12-03T01:30:00Z".parse().unwrap(),
        zone: TimeZone::get("Asia/Seoul").unwrap(),
        campaign: "겨울 접종".into(),
        product: "한빛백신".into(),
        dose: 1,
        doses: 2,
        manage_url: "https://book.example.org/bookings".into(),
        latitude: Some(37.572_950),
        longitude: Some(126.979_357),
        version,
    }
}

fn voice(language: Language) -> Voice<'static> {
    let parties = Parties { organizer: "no-reply@book.example.org", attendee: "daughter@example.org" };
    Voice { language, medium: Medium::Email { parties, at: AT.parse().unwrap() } }
}

fn outgoing(id: i64, to: &str, language: Language, text: Text) -> Outgoing {
    Outgoing {
        id,
        channel: Channel::Email,
        to: to.to_owned(),
        kind: MessageKind::Confirmation,
        language,
        text: text.text,
        subject: text.subject,
        html: text.html,
        attachments: text.attachments,
        at: AT.parse().unwrap(),
        possible_repeat: false,
    }
}

/// A confirmation in Korean to `to`.
fn confirmation(id: i64, to: &str) -> Outgoing {
    outgoing(id, to, Language::Korean, text::confirmation(&voice(Language::Korean), &[facts(1)], false))
}

fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Sent { .. } => panic!("it was sent"),
        Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why } | Outcome::Uncertain { why } => why,
    }
}

#[tokio::test]
async fn a_confirmation_arrives_as_it_was_written() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    let message = confirmation(77, "daughter@example.org");
    let outcome = gateway.send(&message).await;
    assert_eq!(outcome, Outcome::Sent { gateway_id: Some("<sunbeon-77@book.example.org>".into()) });

    let letters = server.letters();
    let letter = &letters[0];
    let headers = &letter["headers"];
    assert_eq!(headers["subject"], "[순번] 예약 확정");
    assert_eq!(headers["from"], "순번 <no-reply@book.example.org>");
    assert_eq!(headers["to"], "daughter@example.org");
    assert_eq!(headers["message-id"], "<sunbeon-77@book.example.org>");
    assert_eq!(headers["auto-submitted"], "auto-generated");
    assert_eq!(headers["content-language"], "ko");
    assert_eq!(headers["date"], "Wed, 25 Nov 2026 01:02:03 +0000");
    assert_eq!(letter["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), message.text.trim_end());
    let html = letter["html"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(html.trim_end(), message.html.unwrap().trim_end());
    assert_eq!(
        letter["attachments"],
        json!([{ "name": "sunbeon-ABCD-EFGH.ics", "type": "text/calendar", "disposition": "attachment" }])
    );
    assert_eq!(letter["defects"], json!([]));
}

#[tokio::test]
async fn a_foreign_calendar_reads_invitation_update_and_cancellation() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    let voice = voice(Language::English);
    let texts = [
        text::confirmation(&voice, &[facts(1)], true),
        text::change(&voice, &[facts(2)]),
        text::cancellation(&voice, &[facts(3)]),
    ];
    for (id, text) in (1..).zip(texts) {
        let message = outgoing(id, "daughter@example.org", Language::English, text);
        assert!(matches!(gateway.send(&message).await, Outcome::Sent { .. }));
    }
    let letters = server.letters();
    assert_eq!(
        letters[0]["calendars"],
        json!([{
            "method": "REQUEST",
            "content_type_method": "REQUEST",
            "uid": "ABCD-EFGH@sunbeon",
            "sequence": 1,
            "start": "2026-12-03T01:30:00+00:00",
            "end": "2026-12-03T02:00:00+00:00",
            "location": "행복의원, 서울특별시 종로구 세종대로 1, 2층",
            "summary": "Vaccination (김*용)",
            "url": "https://book.example.org/bookings",
            "status": "CONFIRMED",
            "organizer": "mailto:no-reply@book.example.org",
            "attendee": "mailto:daughter@example.org",
            "geo": ["37.57295", "126.979357"],
            "alarm_hours": [-24.0],
            "errors": [],
        }])
    );
    let (update, cancel) = (&letters[1]["calendars"][0], &letters[2]["calendars"][0]);
    assert_eq!((&update["method"], &update["sequence"]), (&json!("REQUEST"), &json!(2)));
    assert_eq!((&cancel["method"], &cancel["sequence"]), (&json!("CANCEL"), &json!(3)));
    assert_eq!((&cancel["status"], &cancel["content_type_method"]), (&json!("CANCELLED"), &json!("CANCEL")));
    assert_eq!(update["uid"], cancel["uid"]);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    let cases = [
        ("unknown@example.org", false, "the mail server answered 550 5.1.1 while naming the recipient"),
        ("spam@example.org", false, "the mail server answered 554 5.7.1 while handing the letter over"),
        ("greylisted@example.org", true, "the mail server answered 451 4.7.1 while naming the recipient"),
        ("full@example.org", true, "the mail server answered 452 4.2.2 while handing the letter over"),
        ("no address", false, "the recipient is not an e-mail address"),
    ];
    for (to, again, expected) in cases {
        let outcome = gateway.send(&confirmation(1, to)).await;
        assert_eq!(matches!(outcome, Outcome::RetryLater { .. }), again, "{to}: {outcome:?}");
        assert_eq!(matches!(outcome, Outcome::FailedForGood { .. }), !again, "{to}: {outcome:?}");
        assert_eq!(why(&outcome), expected);
    }
    assert_eq!(server.letters(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn silence_after_the_letter_is_uncertain_and_spoils_no_other_letter() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    for (id, to) in [(1, "silent@example.org"), (3, "slammed@example.org")] {
        // A kept connection and a fresh one take the same way.
        assert!(matches!(gateway.send(&confirmation(id, "before@example.org")).await, Outcome::Sent { .. }));
        let outcome = gateway.send(&confirmation(id + 10, to)).await;
        assert!(matches!(outcome, Outcome::Uncertain { .. }), "{to}: {outcome:?}");
        let repeat = Outgoing { possible_repeat: true, ..confirmation(id + 1, "after@example.org") };
        assert!(matches!(gateway.send(&repeat).await, Outcome::Sent { .. }));
    }
    let letters = server.letters();
    let ids: Vec<_> =
        letters.iter().map(|letter| letter["headers"]["message-id"].as_str().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4].map(|id| format!("<sunbeon-{id}@book.example.org>")));
    assert_eq!(letters[1]["headers"]["x-possible-repeat"], "yes");
}

#[tokio::test]
async fn many_letters_at_once_all_arrive() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let mut settings = server.settings(SmtpSecurity::None);
    settings.traffic.timeout_seconds = 20;
    let gateway = Smtp::new(settings).unwrap();
    let messages: Vec<_> = (100..130).map(|id| confirmation(id, "daughter@example.org")).collect();
    let outcomes = futures_util::future::join_all(messages.iter().map(|message| gateway.send(message))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Sent { .. })), "{outcomes:?}");
    assert_eq!(server.letters().len(), 30);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let mut server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    assert!(matches!(gateway.send(&confirmation(1, "daughter@example.org")).await, Outcome::Sent { .. }));
    server.stop();
    let outcome = gateway.send(&confirmation(2, "daughter@example.org")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "{outcome:?}");
    assert_eq!(why(&outcome), "the connection to the mail server failed while connecting");
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    assert!(matches!(gateway.send(&confirmation(1, "farewell@example.org")).await, Outcome::Sent { .. }));
    // The server hangs up a moment after its answer; there is nothing else to wait for.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(gateway.send(&confirmation(2, "daughter@example.org")).await, Outcome::Sent { .. }));
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn tls_is_used_and_checked() {
    for security in [SmtpSecurity::Tls, SmtpSecurity::StartTls] {
        let server = MailServer::start(security, None);
        let trusting = Smtp::trusting(server.settings(security), &server.authority()).unwrap();
        let outcome = trusting.send(&confirmation(1, "daughter@example.org")).await;
        assert!(matches!(outcome, Outcome::Sent { .. }), "{security:?}: {outcome:?}");
        let strict = Smtp::new(server.settings(security)).unwrap();
        let outcome = strict.send(&confirmation(2, "daughter@example.org")).await;
        assert!(matches!(outcome, Outcome::RetryLater { .. }), "an unknown authority: {outcome:?}");
        assert_eq!(server.letters().len(), 1);
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let mut settings = server.settings(SmtpSecurity::StartTls);
    settings.host = server.settings(SmtpSecurity::None).host;
    let outcome = Smtp::new(settings).unwrap().send(&confirmation(1, "daughter@example.org")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "{outcome:?}");
    assert!(server.letters().is_empty());
}

#[tokio::test]
async fn a_wrong_password_is_our_fault_and_not_the_letters() {
    let server = MailServer::start(SmtpSecurity::StartTls, Some(("clinic", "right")));
    for (password, sent) in [("right", true), ("wrong", false)] {
        let mut settings = server.settings(SmtpSecurity::StartTls);
        (settings.username, settings.password) = (Some("clinic".into()), Some(password.into()));
        assert!(!format!("{settings:?}").contains(password), "the password is shown");
        let gateway = Smtp::trusting(settings, &server.authority()).unwrap();
        let outcome = gateway.send(&confirmation(1, "daughter@example.org")).await;
        assert_eq!(matches!(outcome, Outcome::Sent { .. }), sent, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::RetryLater { .. }), !sent, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_text_message_is_refused() {
    let server = MailServer::start(SmtpSecurity::None, None);
    let gateway = Smtp::new(server.settings(SmtpSecurity::None)).unwrap();
    assert_eq!((&**gateway.name(), gateway.channels()), ("mail", &[Channel::Email][..]));
    let message = Outgoing { channel: Channel::Sms, ..confirmation(1, "daughter@example.org") };
    assert!(matches!(gateway.send(&message).await, Outcome::FailedForGood { .. }));
}
