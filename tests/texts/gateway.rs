//! What the gateway says, and what becomes of the message.

use sunbeon::domain::gateway::figures::Prices;
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::language::Language;
use sunbeon::notify::text::{self, Text};
use sunbeon::notify::twilio::{Twilio, TwilioSettings};
use sunbeon::notify::{Fate, Gateway, Obstacle, Outcome, Outgoing, Question, Traffic};

use crate::stand_in::{StandIn, TOKEN};

/// A code to the phone 010-0000-xxxx.
pub fn code(id: i64, last_digits: &str) -> Outgoing {
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

pub fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Sent { .. } => panic!("it was sent"),
        Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why } | Outcome::Uncertain { why } => why,
    }
}

#[tokio::test]
async fn a_code_arrives_as_it_was_written() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    assert_eq!(
        (&**gateway.name(), gateway.channels(), gateway.traffic().concurrency),
        ("texts", &[Channel::Sms][..], 8)
    );
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

#[test]
fn long_texts_cost_more() {
    let prices = Prices { short: 9_900, long: 30_000 };
    let traffic = Traffic { prices, ..Traffic::default() };
    let gateway = Twilio::new(TwilioSettings { traffic, ..StandIn::start().settings() }).unwrap();
    let cost = |text: String| gateway.cost(&Outgoing { text, ..code(1, "0001") });
    assert_eq!([cost("가".repeat(45)), cost("가".repeat(46)), cost("a".repeat(90))], [9_900, 30_000, 9_900]);
}

#[tokio::test]
async fn what_carriers_lack_is_written_another_way() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    let rare = Outgoing { text: "뷁의원 — 2–4층 😀".into(), ..code(79, "0001") };
    assert!(matches!(gateway.send(&rare).await, Outcome::Sent { .. }));
    assert_eq!(stand_in.texts()[0]["text"], "ㅂㅞㄺ의원 - 2-4층 ");
}

#[tokio::test]
async fn refusals_are_told_apart_and_none_tells_the_number() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    let cases = [
        ("0429", Some(Obstacle::Rate), Some(30), "the text gateway answered 429 with its code 20429"),
        ("0503", Some(Obstacle::Gateway), Some(90), "the text gateway answered 503"),
        ("0302", Some(Obstacle::Gateway), None, "the text gateway answered 302"),
        ("0400", None, None, "the text gateway answered 400 with its code 21211"),
        ("0202", None, None, "the text gateway answered 201 with its code 30003"),
    ];
    for (to, obstacle, after_seconds, expected) in cases {
        let outcome = gateway.send(&code(1, to)).await;
        let why = expected.to_owned();
        let expected_outcome = match obstacle {
            Some(because) => Outcome::RetryLater { why, after_seconds, because },
            None => Outcome::FailedForGood { why },
        };
        assert_eq!(outcome, expected_outcome, "{to}");
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn what_may_have_gone_out_is_uncertain_and_spoils_no_other_message() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    let cases = [
        ("0200", "the text gateway answered 200, but did not name the message"),
        ("0201", "the text gateway answered 201, but did not name the message"),
        ("0999", "the text gateway answered 201, but did not name the message"),
        ("0500", "the text gateway answered 500"),
        ("0502", "the text gateway answered 502"),
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
        (TwilioSettings { token: "wrong".into(), ..right.clone() }, "401 with its code 20003"),
        (TwilioSettings { account: "AC1".into(), ..right.clone() }, "404 with its code 20404"),
    ];
    for (settings, expected) in wrong {
        let outcome = Twilio::new(settings).unwrap().send(&code(1, "0001")).await;
        assert!(matches!(outcome, Outcome::RetryLater { because: Obstacle::Account, .. }), "{outcome:?}");
        assert_eq!(why(&outcome), format!("the text gateway answered {expected}"));
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_again() {
    let mut stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    assert!(matches!(gateway.send(&code(1, "0001")).await, Outcome::Sent { .. }));
    stand_in.stop();
    let fresh = Twilio::new(stand_in.settings()).unwrap();
    let outcome = fresh.send(&code(2, "0001")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "{outcome:?}");
    assert_eq!(why(&outcome), "the text gateway can't be reached");
}

#[tokio::test]
async fn connections_are_used_again() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
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
    let trusting = Twilio::trusting(stand_in.settings(), &stand_in.authority()).unwrap();
    let outcome = trusting.send(&code(1, "0001")).await;
    assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    let outcome = Twilio::new(stand_in.settings()).unwrap().send(&code(2, "0001")).await;
    assert!(matches!(outcome, Outcome::RetryLater { .. }), "an unknown authority: {outcome:?}");
    assert_eq!(stand_in.texts().len(), 1);
}

#[tokio::test]
async fn what_it_cannot_carry_is_refused_before_anything_is_sent() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    let email = Outgoing { channel: Channel::Email, ..code(1, "0001") };
    let long = Outgoing { text: "a".repeat(1_601), ..code(2, "0001") };
    for message in [email, long] {
        assert!(matches!(gateway.send(&message).await, Outcome::FailedForGood { .. }));
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn it_is_asked_what_became_of_a_message() {
    let stand_in = StandIn::start();
    let gateway = Twilio::new(stand_in.settings()).unwrap();
    let at = stand_in.now();
    let named = async |last_digits: &str| {
        let outcome = gateway.send(&code(1, last_digits)).await;
        let Outcome::Sent { gateway_id: Some(id) } = outcome else { panic!("{outcome:?}") };
        gateway.ask(Question { gateway_id: Some(&id), message: None, tried_at: at, at }).await
    };
    assert_eq!(named("0001").await, Fate::Arrived);
    let why = "the text gateway could not deliver it with its code 30003".to_owned();
    assert_eq!(named("0303").await, Fate::DidNotArrive { why });
    assert!(matches!(named("0304").await, Fate::Taken { .. }), "it is on its way");
    assert_eq!(named("0305").await, Fate::AskLater, "the gateway is busy");
    assert_eq!(named("0306").await, Fate::NotThere, "the gateway does not show it yet");
    assert_eq!(named("0307").await, Fate::Unknown, "the gateway does not know how to answer");

    let doubted = async |message: &Outgoing, tried_at| {
        gateway.ask(Question { gateway_id: None, message: Some(message), tried_at, at }).await
    };
    // The connection breaks after the gateway has taken it, and before.
    let (taken, lost) = (code(2, "0499"), code(3, "0498"));
    for message in [&taken, &lost] {
        assert!(matches!(gateway.send(message).await, Outcome::Uncertain { .. }));
    }
    assert!(matches!(doubted(&taken, at).await, Fate::Taken { .. }));
    assert_eq!(doubted(&lost, at).await, Fate::NotThere);
    let an_hour_later = at + jiff::SignedDuration::from_hours(1);
    assert_eq!(doubted(&taken, an_hour_later).await, Fate::NotThere, "that is an earlier one");
    let other = Outgoing { text: "another text".into(), ..code(4, "0499") };
    assert_eq!(doubted(&other, at).await, Fate::NotThere);
}
