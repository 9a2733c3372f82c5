//! Text messages by SMPP, with a carrier that another library plays.

pub mod peer;

use std::time::Duration;

use sunbeon::config::Charset;
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::language::Language;
use sunbeon::notify::inbox::{About, Inbox, Left, Mail, Receipt, Reply};
use sunbeon::notify::smpp::{Long, MessageIds, Smpp, SmppSettings, SmppVersion};
use sunbeon::notify::{Fate, Gateway, Obstacle, Outcome, Outgoing, Traffic};
use tokio::sync::mpsc;

use self::peer::Peer;

/// The longest wait for something that must happen by itself.
const PATIENCE: Duration = Duration::from_secs(20);

/// A text to 010-0000-xxxx.
fn text(id: i64, last_digits: &str, text: &str) -> Outgoing {
    Outgoing {
        id,
        channel: Channel::Sms,
        to: format!("+82100000{last_digits}"),
        kind: MessageKind::Confirmation,
        language: Language::Korean,
        text: text.to_owned(),
        subject: None,
        html: None,
        attachments: Vec::new(),
        at: "2026-11-30T01:02:03Z".parse().unwrap(),
        possible_repeat: false,
    }
}

/// A gateway that is connected, and what it hears.
struct Line {
    gateway: Smpp,
    heard: mpsc::Receiver<Left<Receipt>>,
    replies: mpsc::Receiver<Left<Reply>>,
}

impl Line {
    async fn to(peer: &Peer) -> Self {
        Self::with(Smpp::new(peer.settings()).unwrap()).await
    }

    async fn with(gateway: Smpp) -> Self {
        let (inbox, Mail { receipts: heard, replies }) = Inbox::new();
        gateway.start(inbox);
        let line = Self { gateway, heard, replies };
        line.connect().await;
        line
    }

    /// Waits until messages go through.
    async fn connect(&self) {
        let connecting = async {
            while !matches!(self.send("0001", "연결").await, Outcome::Sent { .. }) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, connecting).await.expect("a connection");
    }

    async fn send(&self, last_digits: &str, words: &str) -> Outcome {
        self.gateway.send(&text(7, last_digits, words)).await
    }

    /// The next receipt that is about something else than the message that [`connect`](Self::connect) sent.
    async fn next(&mut self, wanted: &About) -> Receipt {
        let hearing = async {
            loop {
                let Left { what: receipt, written } = self.heard.recv().await.expect("a receipt");
                written.send(true).unwrap();
                if receipt.about == *wanted {
                    return receipt;
                }
            }
        };
        tokio::time::timeout(PATIENCE, hearing).await.expect("a receipt in time")
    }
}

fn id_of(outcome: &Outcome) -> About {
    match outcome {
        Outcome::Sent { gateway_id: Some(id) } => About::Name(id.clone()),
        other => panic!("it was not sent: {other:?}"),
    }
}

fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Sent { .. } => panic!("it was sent"),
        Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why } | Outcome::Uncertain { why } => why,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn korean_texts_arrive_as_they_were_written() {
    let peer = Peer::start(&[]);
    let line = Line::to(&peer).await;
    let long = "뷁의원 — 접종 예약이 확정되었습니다. ".repeat(30);
    assert!(matches!(line.send("0002", "[순번] 예약이 확정되었습니다.").await, Outcome::Sent { .. }));
    assert!(matches!(line.send("0003", &long).await, Outcome::Sent { .. }));
    let code = Outgoing { kind: MessageKind::Code, ..text(9, "0004", "012345") };
    assert!(matches!(line.gateway.send(&code).await, Outcome::Sent { .. }));
    let taken = peer.taken("82100000");
    let of = |last: &str| taken.iter().find(|one| one["to"].as_str().unwrap().ends_with(last)).unwrap();
    let (short, long_one, code) = (of("0002"), of("0003"), of("0004"));
    assert_eq!(
        (short["text"].as_str(), short["coding"].as_u64()),
        (Some("[순번] 예약이 확정되었습니다."), Some(14))
    );
    assert_eq!((short["from"].as_str(), short["payload"].as_bool()), (Some("15880000"), Some(false)));
    assert_eq!(long_one["text"].as_str().unwrap(), long.replace('뷁', "ㅂㅞㄺ").replace('—', "-"));
    assert_eq!((long_one["payload"].as_bool(), long_one["asked"].as_u64()), (Some(true), Some(1)));
    assert!(!code["validity"].as_str().unwrap().is_empty() && short["validity"] == "", "{code} {short}");
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_long_texts_go_in_pieces_and_the_last_brings_the_receipt() {
    let peer = Peer::start(&[]);
    let settings = SmppSettings {
        charset: Charset::Unicode,
        long: Long::Pieces,
        version: SmppVersion::V50,
        ..peer.settings()
    };
    let mut line = Line::with(Smpp::new(settings).unwrap()).await;
    let (plain, korean) = ("Confirmed [€]. ".repeat(20), "예약이 확정되었습니다. 😀".repeat(10));
    for (last_digits, words, coding) in [("0002", &plain, 0), ("0003", &korean, 8)] {
        let outcome = line.send(last_digits, words).await;
        let receipt = line.next(&id_of(&outcome)).await;
        assert_eq!(receipt.fate, Fate::Arrived);
        let pieces = peer.taken(&format!("82100000{last_digits}"));
        assert!(pieces.len() > 1, "{pieces:?}");
        let joined: String = pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect();
        assert_eq!(joined, **words);
        assert!(
            pieces.iter().all(|piece| piece["coding"] == coding && piece["udh"].is_array()),
            "{pieces:?}"
        );
        let asked: Vec<u64> = pieces.iter().map(|piece| piece["asked"].as_u64().unwrap()).collect();
        assert_eq!(asked.iter().sum::<u64>(), 1, "only the last one asks");
    }
    assert_eq!(peer.binds()[0]["bind"], 0x50);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_apart_and_none_tells_the_number() {
    let peer = Peer::start(&[]);
    let line = Line::to(&peer).await;
    for (to, expected) in [
        ("0088", Some(Obstacle::Rate)),
        ("0020", Some(Obstacle::Rate)),
        ("0008", Some(Obstacle::Gateway)),
        ("0010", Some(Obstacle::Account)),
        ("1024", Some(Obstacle::Message)),
        ("0011", None),
    ] {
        let outcome = line.send(to, "예약").await;
        match (&outcome, expected) {
            (Outcome::RetryLater { because, .. }, Some(expected)) => assert_eq!(*because, expected, "{to}"),
            (Outcome::FailedForGood { .. }, None) => {}
            other => panic!("{to}: {other:?}"),
        }
        assert!(why(&outcome).starts_with("the carrier answered with its status 0x"), "{outcome:?}");
    }
    let too_long = line.send("0002", &"가".repeat(1_001)).await;
    let email = Outgoing { channel: Channel::Email, ..text(1, "0002", "예약") };
    for outcome in [too_long, line.gateway.send(&email).await] {
        assert!(matches!(outcome, Outcome::FailedForGood { .. }), "{outcome:?}");
    }
    assert!(!format!("{:?}", peer.settings()).contains(peer::PASSWORD), "the password is shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_say_whether_a_message_arrived() {
    let peer = Peer::start(&[]);
    let mut line = Line::to(&peer).await;
    for (to, expected) in [
        ("0002", Fate::Arrived),
        ("0005", Fate::DidNotArrive { why: "the carrier says UNDELIV with its code 045".to_owned() }),
        // It comes before the answer.
        ("0006", Fate::Arrived),
    ] {
        let outcome = line.send(to, "예약").await;
        assert_eq!(line.next(&id_of(&outcome)).await.fate, expected, "{to}");
    }
    // That it is on its way is no news.
    assert!(matches!(line.send("0007", "예약").await, Outcome::Sent { .. }));
    let thanked = peer.await_lines("a receipt", |line| line.get("receipt").is_some(), 4);
    assert!(thanked.iter().all(|one| one["answer"] == 0), "{thanked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_could_not_be_written_down_is_to_be_brought_again() {
    let peer = Peer::start(&[]);
    let mut line = Line::to(&peer).await;
    let written = line.heard.recv().await.unwrap().written;
    written.send(false).unwrap();
    let thanked = peer.await_lines("a receipt", |line| line.get("receipt").is_some(), 1);
    assert_eq!(thanked[0]["answer"], 0x64, "ESME_RX_T_APPN: {thanked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_answer_is_read_where_that_is_wanted() {
    let peer = Peer::start(&[]);
    let is_answered = |line: &serde_json::Value| line.get("reply").is_some();
    let mut line =
        Line::with(Smpp::new(SmppSettings { reads_replies: true, ..peer.settings() }).unwrap()).await;
    assert!(matches!(line.send("0777", "예약").await, Outcome::Sent { .. }));
    for (expected, is_written) in [("취소 ABCD-EFGH", true), ("취소 ABCD", false)] {
        let heard =
            tokio::time::timeout(PATIENCE, line.replies.recv()).await.expect("a reply in time").unwrap();
        assert_eq!((&*heard.what.from, &*heard.what.text), ("+821000000777", expected));
        heard.written.send(is_written).unwrap();
    }
    let answered = peer.await_lines("two answers", is_answered, 2);
    let codes: Vec<u64> = answered.iter().map(|one| one["answer"].as_u64().unwrap()).collect();
    assert!(codes.contains(&0) && codes.contains(&0x64), "one is to be brought again: {codes:?}");
    // Where nobody reads them, they are thanked for.
    let deaf_peer = Peer::start(&[]);
    let mut deaf = Line::to(&deaf_peer).await;
    assert!(matches!(deaf.send("0777", "예약").await, Outcome::Sent { .. }));
    let answered = deaf_peer.await_lines("two answers", is_answered, 2);
    assert!(answered.iter().all(|one| one["answer"] == 0), "{answered:?}");
    assert!(deaf.replies.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_hexadecimal_are_the_same_names() {
    let peer = Peer::start(&["hex"]);
    let settings = SmppSettings { message_ids: MessageIds::HexInAnswer, ..peer.settings() };
    let mut line = Line::with(Smpp::new(settings).unwrap()).await;
    let outcome = line.send("0002", "예약").await;
    assert_eq!(line.next(&id_of(&outcome)).await.fate, Fate::Arrived);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_uncertain_and_a_late_answer_says_what_became_of_it() {
    let peer = Peer::start(&[]);
    let mut line = Line::to(&peer).await;
    let silent = line.send("0408", "예약").await;
    assert_eq!(silent, Outcome::Uncertain { why: "the carrier gave no answer in time".to_owned() });
    let message = text(99, "0409", "예약");
    let late = line.gateway.send(&message).await;
    assert!(matches!(late, Outcome::Uncertain { .. }), "{late:?}");
    let Fate::Taken { gateway_id } = line.next(&About::Row(99, message.at)).await.fate else {
        panic!("it was taken")
    };
    assert_eq!(line.next(&About::Name(gateway_id)).await.fate, Fate::Arrived);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_takes_only_what_was_on_it() {
    let peer = Peer::start(&[]);
    let line = Line::to(&peer).await;
    let lost = line.send("0499", "예약").await;
    assert_eq!(
        lost,
        Outcome::Uncertain { why: "the connection to the carrier ended without an answer".to_owned() }
    );
    let waiting = line.send("0002", "예약").await;
    assert!(
        matches!(&waiting, Outcome::RetryLater { because: Obstacle::Gateway, .. } | Outcome::Sent { .. }),
        "{waiting:?}"
    );
    line.connect().await;
    peer.await_lines("a second bind", |line| line.get("bind").is_some(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_nobody_understands_costs_nothing_and_no_smpp_at_all_the_connection() {
    let peer = Peer::start(&[]);
    let line = Line::to(&peer).await;
    assert!(matches!(line.send("0666", "예약").await, Outcome::Sent { .. }));
    assert_eq!(peer.binds().len(), 1);
    assert!(matches!(line.send("0667", "예약").await, Outcome::Uncertain { .. }));
    line.connect().await;
    peer.await_lines("a second bind", |line| line.get("bind").is_some(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_answered_each_with_its_own() {
    let peer = Peer::start(&[]);
    let settings = SmppSettings { binds: 2, window: 20, ..peer.settings() };
    // Nothing here is slow on purpose, but the machine may be.
    let settings = SmppSettings { traffic: Traffic { timeout_seconds: 20, ..settings.traffic }, ..settings };
    let mut line = Line::with(Smpp::new(settings).unwrap()).await;
    let messages: Vec<Outgoing> =
        (0..200).map(|id| text(id, &format!("{:04}", 2_000 + id), "예약")).collect();
    let all = futures_util::future::join_all(messages.iter().map(|message| line.gateway.send(message)));
    let outcomes = all.await;
    let mut ids: Vec<String> = outcomes.iter().map(|one| format!("{:?}", id_of(one))).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    assert!(line.heard.recv().await.is_some());
    peer.await_lines("two binds", |line| line.get("bind").is_some(), 2);
    assert_eq!(line.gateway.traffic().concurrency, 32, "no more than there is room for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_our_fault_and_not_the_messages() {
    let peer = Peer::start(&[]);
    let gateway = Smpp::new(SmppSettings { password: "wrong".to_owned(), ..peer.settings() }).unwrap();
    let (inbox, _heard) = Inbox::new();
    gateway.start(inbox);
    let refused = async {
        loop {
            let outcome = gateway.send(&text(1, "0002", "예약")).await;
            if let Outcome::RetryLater { because: Obstacle::Account, .. } = &outcome {
                return outcome;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, refused).await.expect("a refusal");
    assert_eq!(why(&outcome), "the carrier refused the bind with its status 0x0000000e");
    for settings in [
        SmppSettings { password: "longer than eight".to_owned(), ..peer.settings() },
        SmppSettings { system_id: "번호".to_owned(), ..peer.settings() },
        SmppSettings { from: "1".repeat(21), ..peer.settings() },
    ] {
        assert!(Smpp::new(settings).is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_used_and_checked() {
    let peer = Peer::start_with_tls();
    let trusted = Smpp::trusting(peer.settings(), &peer.authority()).unwrap();
    let line = Line::with(trusted).await;
    assert!(matches!(line.send("0002", "예약").await, Outcome::Sent { .. }));
    let stranger = Smpp::new(peer.settings()).unwrap();
    let (inbox, _heard) = Inbox::new();
    stranger.start(inbox);
    let refused = async {
        loop {
            let outcome = stranger.send(&text(1, "0002", "예약")).await;
            if why(&outcome).contains("TLS") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("a certificate that nobody vouches for is refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_asks_whether_the_other_is_there() {
    let peer = Peer::start(&[]);
    let line = Line::with(Smpp::new(SmppSettings { enquire_seconds: 3, ..peer.settings() }).unwrap()).await;
    let answered = peer.await_lines("an answer", |line| line.get("enquired").is_some(), 1);
    assert_eq!(answered[0]["enquired"], 0);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(matches!(line.send("0002", "예약").await, Outcome::Sent { .. }));
    assert_eq!(peer.binds().len(), 1, "it answered, so the connection is kept");
    line.gateway.stop().await;
    peer.await_lines("a goodbye", |line| line.get("unbind").is_some(), 1);
}
