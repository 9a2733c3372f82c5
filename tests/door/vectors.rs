//! The published examples, one section of `vectors.json` after the other.

use std::path::Path;
use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::Value;
use sunbeon::domain::door::digest::Digest;
use sunbeon::domain::door::draw::{Draw, Origin};
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::line::{Line, place_on_arrival};
use sunbeon::domain::door::merkle;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::domain::door::seed::{Commitment, Seed};
use sunbeon::domain::door::ticket::{Ticket, TicketError, TicketKey, TicketKeys};
use sunbeon::domain::door::waiting::{Flow, Turn, longest_interval, refresh_seconds};
use sunbeon::domain::phone::PhoneNumber;

fn vectors() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/door/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A list in the file. An empty one would prove nothing.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value[name].as_array().unwrap_or_else(|| panic!("{name} is a list"));
    assert!(!list.is_empty(), "{name} is empty");
    list
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} is a text in {value}"))
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} is a number in {value}"))
}

fn place(value: &Value, name: &str) -> Place {
    text(value, name).parse().unwrap()
}

fn opening(value: &Value) -> OpeningCode {
    text(value, "opening").parse().unwrap()
}

fn seconds(value: &Value, name: &str) -> Timestamp {
    Timestamp::from_second(number(value, name).try_into().unwrap()).unwrap()
}

fn milliseconds(value: &Value, name: &str) -> Timestamp {
    Timestamp::from_millisecond(number(value, name).try_into().unwrap()).unwrap()
}

#[test]
fn draws() {
    for given in list(&vectors(), "draws") {
        let mut draw = Draw::new(opening(given));
        for party in list(given, "parties") {
            let seed = Seed::from_hex(text(party, "seed")).unwrap();
            let commitment = Commitment(text(party, "commitment").parse().unwrap());
            assert_eq!(seed.commitment(), commitment);
            let outside = party["outside"].as_bool().unwrap();
            draw.commit(commitment, if outside { Origin::Outside } else { Origin::Inside }).unwrap();
            if party["revealed"].as_bool().unwrap() {
                draw.reveal(seed).unwrap();
            }
        }
        if !given["beacon"].is_null() {
            draw.set_beacon(text(given, "beacon").parse().unwrap());
        }
        let key = draw.key().unwrap();
        assert_eq!(Value::Bool(draw.is_verifiable()), given["verifiable"]);
        assert_eq!(key.reveal(), text(given, "key"));
        assert_eq!(key.fingerprint().to_string(), text(given, "fingerprint"));
        assert_places(given);
    }
}

/// The places of a draw's phones, by its published key.
fn assert_places(given: &Value) {
    let key = DrawKey::from_hex(text(given, "key")).unwrap();
    for phone in list(given, "phones") {
        let number = PhoneNumber::parse(text(phone, "written")).unwrap();
        assert_eq!(number.as_e164(), text(phone, "e164"));
        let place = key.place(&opening(given), &number);
        assert_eq!(place.to_string(), text(phone, "place"));
        assert_eq!(place.group().number(), phone["group"]);
    }
}

#[test]
fn lines() {
    let vectors = vectors();
    let given = &vectors["line"];
    let line = Line::new(milliseconds(given, "began_milliseconds"));
    for arrival in list(given, "arrivals") {
        let chance = u64::from_str_radix(text(arrival, "chance"), 16).unwrap();
        let place = place_on_arrival(milliseconds(arrival, "at_milliseconds"), chance);
        assert_eq!(place.to_string(), text(arrival, "place"));
        assert_eq!(line.group(place).number(), arrival["group"]);
    }
}

fn ticket_key(given: &Value) -> TicketKey {
    let bytes = HEXLOWER.decode(text(given, "bytes").as_bytes()).unwrap();
    TicketKey::new(number(given, "id").try_into().unwrap(), &bytes.try_into().unwrap())
}

fn outcome(result: Result<Ticket, TicketError>) -> &'static str {
    match result {
        Ok(_) => "good",
        Err(TicketError::Malformed) => "malformed",
        Err(TicketError::UnknownKey) => "unknown key",
        Err(TicketError::Forged) => "forged",
        Err(TicketError::OtherOpening) => "other opening",
        Err(TicketError::Expired) => "expired",
    }
}

#[test]
fn tickets() {
    let vectors = vectors();
    let given = &vectors["tickets"];
    let [current, previous] = list(given, "keys") else { panic!("two keys are live") };
    let both = TicketKeys::new(ticket_key(current), Some(ticket_key(previous))).unwrap();
    for signed in list(given, "signed") {
        let by = if signed["key_id"] == current["id"] { current } else { previous };
        let ticket = Ticket {
            opening: opening(signed),
            place: place(signed, "place"),
            expires_at: seconds(signed, "expires_at_seconds"),
        };
        let text = TicketKeys::new(ticket_key(by), None).unwrap().sign(&ticket);
        assert_eq!(text, signed["text"]);
        assert_eq!(both.verify(&text, &ticket.opening, Timestamp::UNIX_EPOCH), Ok(ticket));
    }
    for tried in list(given, "tried") {
        let found = both.verify(text(tried, "text"), &opening(tried), seconds(tried, "at_seconds"));
        assert_eq!(outcome(found), tried["outcome"], "{tried}");
    }
}

#[test]
fn refresh_intervals() {
    for given in list(&vectors(), "refresh") {
        let wait = given["wait_milliseconds"].as_u64().map(Duration::from_millis);
        let salt = u64::from_str_radix(text(given, "salt"), 16).unwrap();
        assert_eq!(
            refresh_seconds(wait, longest_interval(given["waiting"].as_f64().unwrap()), salt),
            given["seconds"],
            "{given}"
        );
    }
}

#[test]
fn turns() {
    for given in list(&vectors(), "turns") {
        let threshold = match &given["threshold"] {
            Value::Null => Threshold::CLOSED,
            _ => Threshold::up_to(place(given, "threshold")),
        };
        let flow = Flow { threshold, rate: given["rate"].as_f64().unwrap() };
        let places = place(given, "first")..=place(given, "last");
        let turn: Value = match flow.turn(&places, milliseconds(given, "at_milliseconds")) {
            Turn::Come => "come".into(),
            Turn::Begun => "begun".into(),
            Turn::Unknown => "unknown".into(),
            Turn::At(at) => at.as_second().into(),
        };
        assert_eq!(turn, given["turn"], "{given}");
    }
}

#[test]
fn hash_trees() {
    let vectors = vectors();
    let given = &vectors["tree"];
    let entries = list(given, "entries").iter().map(|entry| entry.as_str().unwrap());
    let leaves: Vec<Digest> =
        entries.map(|entry| merkle::leaf(&HEXLOWER.decode(entry.as_bytes()).unwrap())).collect();
    let roots: Vec<Digest> =
        list(given, "roots").iter().map(|root| root.as_str().unwrap().parse().unwrap()).collect();

    let mut tree = merkle::GrowingTree::default();
    assert_eq!((roots.len(), tree.root()), (leaves.len() + 1, roots[0]));
    for (leaf, root) in leaves.iter().zip(&roots[1..]) {
        tree.push(*leaf);
        assert_eq!(tree.root(), *root);
    }
    for proof in list(given, "proofs") {
        let (size, index) = (number(proof, "size"), number(proof, "index"));
        let path: Vec<Digest> = proof["path"]
            .as_array()
            .unwrap()
            .iter()
            .map(|root| root.as_str().unwrap().parse().unwrap())
            .collect();
        let (own, under) = (index as usize, size as usize);
        assert_eq!(merkle::inclusion_proof(&leaves[..under], own).as_ref(), Some(&path));
        assert!(merkle::proves_inclusion(&roots[under], size, index, &leaves[own], &path));
    }
}
