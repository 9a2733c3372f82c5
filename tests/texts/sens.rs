//! Naver Cloud's service: what it takes, what it refuses, and what became of a message.

use jiff::Timestamp;
use sunbeon::domain::message::Channel;
use sunbeon::notify::sens::{Sens, SensSettings};
use sunbeon::notify::{Fate, Gateway, Obstacle, Outcome, Outgoing, Question};

use crate::gateway::{code, why};
use crate::stand_in::{SECRET_KEY, StandIn};

/// A code to 010-0000-xxxx, sent now: the service looks at the clock.
fn now(stand_in: &StandIn, last_digits: &str) -> Outgoing {
    Outgoing { at: stand_in.now(), ..code(1, last_digits) }
}

#[tokio::test]
async fn short_texts_go_as_sms_and_long_ones_as_lms() {
    let stand_in = StandIn::start_sens();
    let gateway = Sens::new(stand_in.sens_settings()).unwrap();
    assert_eq!((&**gateway.name(), gateway.channels()), ("naver", &[Channel::Sms][..]));
    let long = Outgoing {
        text: "가".repeat(1_000),
        subject: Some("접종 예약 확정".to_owned()),
        ..now(&stand_in, "0001")
    };
    let wordy = Outgoing { subject: Some("가".repeat(21)), ..long.clone() };
    let rare = Outgoing { text: "뷁의원 — 2층 😀".into(), ..now(&stand_in, "0001") };
    for message in [now(&stand_in, "0001"), long, wordy, rare] {
        let outcome = gateway.send(&message).await;
        assert!(matches!(outcome, Outcome::Sent { gateway_id: Some(_) }), "{outcome:?}");
    }
    let texts = stand_in.texts();
    let kinds: Vec<_> = texts.iter().map(|text| text["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["SMS", "LMS", "LMS", "SMS"]);
    assert_eq!((texts[0]["to"].as_str(), texts[0]["subject"].as_str()), (Some("01000000001"), None));
    assert_eq!(texts[1]["subject"], "접종 예약 확정");
    assert!(texts[2]["subject"].is_null(), "a subject that is too long is left out, not cut");
    assert_eq!(texts[3]["content"], "ㅂㅞㄺ의원 - 2층 ");
    let too_long = Outgoing { text: "가".repeat(1_001), ..now(&stand_in, "0001") };
    let abroad = Outgoing { to: "+14155550100".into(), ..now(&stand_in, "0001") };
    let email = Outgoing { channel: Channel::Email, ..now(&stand_in, "0001") };
    for message in [too_long, abroad, email] {
        assert!(matches!(gateway.send(&message).await, Outcome::FailedForGood { .. }));
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let stand_in = StandIn::start_sens();
    let gateway = Sens::new(stand_in.sens_settings()).unwrap();
    let later =
        |why: &str, because| Outcome::RetryLater { why: why.to_owned(), after_seconds: None, because };
    let uncertain = |why: &str| Outcome::Uncertain { why: why.to_owned() };
    for (last_digits, expected) in [
        ("0429", later("the text gateway answered 429 with its code 410", Obstacle::Rate)),
        ("0500", uncertain("the text gateway answered 500 with its code 500")),
        ("0202", uncertain("the text gateway answered 202, but did not name the message")),
    ] {
        assert_eq!(gateway.send(&now(&stand_in, last_digits)).await, expected);
    }
    let refused = gateway.send(&now(&stand_in, "0400")).await;
    assert!(
        matches!(refused, Outcome::FailedForGood { .. }) && !why(&refused).contains("0400"),
        "{refused:?}"
    );

    let settings = stand_in.sens_settings();
    assert!(!format!("{settings:?}").contains(SECRET_KEY), "the secret is shown");
    let forger = Sens::new(SensSettings { secret_key: "another".into(), ..settings.clone() }).unwrap();
    let late = Outgoing { at: stand_in.now() - jiff::SignedDuration::from_mins(6), ..code(1, "0001") };
    for outcome in [forger.send(&now(&stand_in, "0001")).await, gateway.send(&late).await] {
        assert_eq!(outcome, later("the text gateway answered 401 with its code 200", Obstacle::Account));
    }
    assert!(stand_in.texts().is_empty());
}

#[tokio::test]
async fn it_is_asked_what_became_of_a_message() {
    let stand_in = StandIn::start_sens();
    let gateway = Sens::new(stand_in.sens_settings()).unwrap();
    let at = stand_in.now();
    let named = async |last_digits: &str| {
        let Outcome::Sent { gateway_id: Some(id) } = gateway.send(&now(&stand_in, last_digits)).await else {
            panic!("it was not sent")
        };
        gateway.ask(Question { gateway_id: Some(&id), message: None, tried_at: at, at }).await
    };
    assert_eq!(named("0001").await, Fate::Arrived);
    let why = "the text gateway could not deliver it with the carrier's code 3008".to_owned();
    assert_eq!(named("0303").await, Fate::DidNotArrive { why });
    assert!(matches!(named("0304").await, Fate::Taken { .. }));
    let unknown = Question { gateway_id: Some("VORSSA-99"), message: None, tried_at: at, at };
    assert_eq!(gateway.ask(unknown).await, Fate::NotThere);

    let doubted = async |message: &Outgoing, tried_at: Timestamp| {
        gateway.ask(Question { gateway_id: None, message: Some(message), tried_at, at }).await
    };
    let (taken, lost) = (now(&stand_in, "0499"), now(&stand_in, "0498"));
    for message in [&taken, &lost] {
        assert!(matches!(gateway.send(message).await, Outcome::Uncertain { .. }));
    }
    assert_eq!(doubted(&taken, at).await, Fate::Arrived, "it was taken, and arrived meanwhile");
    assert_eq!(doubted(&lost, at).await, Fate::NotThere);
    let other = Outgoing { text: "another text".into(), ..taken.clone() };
    assert_eq!(doubted(&other, at).await, Fate::NotThere);
    assert_eq!(doubted(&taken, at + jiff::SignedDuration::from_hours(1)).await, Fate::NotThere);
}
