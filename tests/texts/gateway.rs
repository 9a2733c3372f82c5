//! What the gateway says, and what becomes of the message.

use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::language::Language;
use sunbeon::notify::http::{Http, HttpSettings};
use sunbeon::notify::text::{self, Text};
use sunbeon::notify::{Gateway, Outcome, Outgoing};

use crate::stand_in::{StandIn, TOKEN};

/// A code to the phone 010-0000-xxxx.
fn code(id: i64, last_digits: &str) -> Outgoing {
    let Text { text, subject, .. } = text::code(Language::Korean, "012345", 10, "book.example.org");
    Outgoing {
        id,
        channel: Channel::Sms,
        to: format!("+82100000{last_digits}"),
        kind: MessageKind::Code,
        language: Language::Korean,
        text,
        subject,
        html: None,
        attachments: Vec::new(),
        at: "2026-11-25T01:02:03Z".parse().unwrap(),
        possible_repeat: false,
    }
}

fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Sent { .. } => panic!("it was sent"),
        Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why } | Outcome::Uncertain { why } => why,
    }
}

#[tokio::test]
async fn a_code_arrives_as_it_was_written() {
    let stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    assert_eq!((gateway.name(), gateway.channels(), gateway.concurrency()), ("http", &[Channel::Sms][..], 8));
    let message = code(77, "0001");
    let outcome = gateway.send(&message).await;
    let texts = stand_in.texts();
    let sid = texts[0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(outcome, Outcome::Sent { gateway_id: Some(sid) });
    assert_eq!(
        (texts[0]["to"].as_str(), texts[0]["text"].as_str()),
        (Some("+821000000001"), Some(&*message.text))
    );
    assert_eq!(texts[0]["key"], "\"sunbeon-77\"");
    let awkward = Outgoing { text: "가 & 나 = 100% + \"€\"\n#1 ~ ;".into(), ..code(78, "0001") };
    let awkward = Outgoing { text: awkward.text.replace('€', "e"), ..awkward };
    assert!(matches!(gateway.send(&awkward).await, Outcome::Sent { .. }));
    assert_eq!(stand_in.texts()[1]["text"], *awkward.text);
}

#[tokio::test]
async fn refusals_are_told_apart_and_none_tells_the_number() {
    let stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    let cases = [
        ("0429", true, Some(30), "the text gateway answered 429 with its code 20429"),
        ("0503", true, Some(90), "the text gateway answered 503"),
        ("0500", true, None, "the text gateway answered 500"),
        ("0302", true, None, "the text gateway answered 302"),
        ("0400", false, None, "the text gateway answered 400 with its code 21211"),
        ("0202", false, None, "the text gateway answered 201 with its code 30003"),
    ];
    for (to, again, after, expected) in cases {
        let outcome = gateway.send(&code(1, to)).await;
        let expected_outcome = if again {
            Outcome::RetryLater { why: expected.to_owned(), after_seconds: after }
        } else {
            Outcome::FailedForGood { why: expected.to_owned() }
        };
        assert_eq!(outcome, expected_outcome, "{to}");
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn what_may_have_gone_out_is_uncertain_and_spoils_no_other_message() {
    let stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    let cases = [
        ("0200", "the text gateway answered 200, but did not name the message"),
        ("0201", "the text gateway answered 201, but did not name the message"),
        ("0999", "the text gateway answered 201, but did not name the message"),
        ("0408", "the text gateway gave no answer in time"),
        ("0499", "the connection to the text gateway ended without an answer"),
    ];
    for (to, expected) in cases {
        // A kept connection and a fresh one take the same way.
        assert!(matches!(gateway.send(&code(1, "0001")).await, Outcome::Sent { .. }));
        let outcome = gateway.send(&code(2, to)).await;
        assert!(matches!(outcome, Outcome::Uncertain { .. }), "{to}: {outcome:?}");
        assert_eq!(why(&outcome), expected);
        assert!(matches!(gateway.send(&code(3, "0002")).await, Outcome::Sent { .. }));
    }
}

#[tokio::test]
async fn our_own_mistakes_are_no_fault_of_the_message() {
    let stand_in = StandIn::start();
    let right = stand_in.settings();
    assert!(!format!("{right:?}").contains(TOKEN), "the token is shown");
    let wrong = [
        (HttpSettings { token: "wrong".into(), ..right.clone() }, "401 with its code 20003"),
        (HttpSettings { account: "AC1".into(), ..right.clone() }, "404 with its code 20404"),
    ];
    for (settings, expected) in wrong {
        let outcome = Http::new(settings).unwrap().send(&code(1, "0001")).await;
        assert!(matches!(outcome, Outcome::RetryLater { .. }), "{outcome:?}");
        assert_eq!(why(&outcome), format!("the text gateway answered {expected}"));
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_again() {
    let mut stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    assert!(matches!(gateway.send(&code(1, "0001")).await, Outcome::Sent { .. }));
    stand_in.stop();
    let fresh = Http::new(stand_in.settings()).unwrap();
    let outcome = fresh.send(&code(2, "0001")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "{outcome:?}");
    assert_eq!(why(&outcome), "the text gateway can't be reached");
}

#[tokio::test]
async fn connections_are_used_again() {
    let stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    for id in 1..=20 {
        assert!(matches!(gateway.send(&code(id, "0001")).await, Outcome::Sent { .. }));
    }
    let texts = stand_in.texts();
    assert_eq!(texts.len(), 20);
    assert!(texts.iter().all(|text| text["peer"] == texts[0]["peer"]), "{texts:?}");
}

#[tokio::test]
async fn tls_is_used_and_checked() {
    let stand_in = StandIn::start_with_tls();
    let trusting = Http::trusting(stand_in.settings(), &stand_in.authority()).unwrap();
    let outcome = trusting.send(&code(1, "0001")).await;
    assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    let outcome = Http::new(stand_in.settings()).unwrap().send(&code(2, "0001")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "an unknown authority: {outcome:?}");
    assert_eq!(stand_in.texts().len(), 1);
}

#[tokio::test]
async fn what_it_cannot_carry_is_refused_before_anything_is_sent() {
    let stand_in = StandIn::start();
    let gateway = Http::new(stand_in.settings()).unwrap();
    let email = Outgoing { channel: Channel::Email, ..code(1, "0001") };
    let long = Outgoing { text: "a".repeat(1_601), ..code(2, "0001") };
    for message in [email, long] {
        assert!(matches!(gateway.send(&message).await, Outcome::FailedForGood { .. }));
    }
    assert!(stand_in.texts().is_empty());
}
