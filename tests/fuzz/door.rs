//! What the door publishes and hands out, as it comes back: published draws, proofs of an admission, tickets.

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::json;
use sunbeon::domain::door::digest::Digest;
use sunbeon::domain::door::merkle;
use sunbeon::domain::door::place::Place;
use sunbeon::domain::door::published::{Document, Proof};
use sunbeon::domain::door::seed::Seed;
use sunbeon::domain::door::ticket::{Ticket, TicketKey, TicketKeys};
use sunbeon::domain::phone::PhoneNumber;

use crate::cases;
use crate::hostile::{bytes, text};

/// A draw of two parties as it is published, with keys and roots that fit to nothing: what is checked is the reader.
fn draw() -> String {
    let party = |number: u8| {
        let seed = Seed::new([number; 32]);
        json!({
            "name_ko": "감사원", "name_en": "Auditor", "outside": true,
            "commitment": seed.commitment().0.to_string(), "committed_at": "2026-11-20T01:00:00Z",
            "revealed_at": "2026-11-20T02:00:00Z", "seed": seed.reveal(),
        })
    };
    let digits = "0b".repeat(32);
    let document = json!({
        "opening": "flu-2026", "as_of": "2026-11-22T00:00:00Z", "joins_from": "2026-11-21T10:00:00Z",
        "opens_at": "2026-11-21T11:00:00Z", "ends_at": "2026-11-21T15:00:00Z",
        "parties": [party(1), party(2)], "beacon": "a round", "beacon_named_at": "2026-11-20T01:00:00Z",
        "beacon_at": "2026-11-20T03:00:00Z", "beacon_value": digits, "drawn_at": "2026-11-20T04:00:00Z",
        "fingerprint": digits, "verifiable": true, "published_at": "2026-11-22T00:00:00Z", "key": digits,
        "minutes": [{"at": "2026-11-21T11:01:00Z", "size": 4, "root": digits}],
    });
    document.to_string()
}

/// The proof of the third of four entries.
fn proof() -> String {
    let entries: Vec<Vec<u8>> = (0..4_u8).map(|number| vec![number; 49]).collect();
    let leaves: Vec<Digest> = entries.iter().map(|entry| merkle::leaf(entry)).collect();
    let hashes = merkle::inclusion_proof(&leaves, 2).unwrap();
    let proof = json!({
        "opening": "flu-2026", "entry": data_encoding::HEXLOWER.encode(&entries[2]), "index": 2, "size": 4,
        "root": merkle::root(&leaves).to_string(),
        "proof": hashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    proof.to_string()
}

fn keys() -> TicketKeys {
    TicketKeys::new(TicketKey::new(1, &[1; 32]), None).unwrap()
}

fn ticket() -> Ticket {
    let expires_at = "2026-11-22T00:00:00Z".parse().unwrap();
    Ticket { opening: "flu-2026".parse().unwrap(), place: Place(0xab), expires_at }
}

#[test]
fn the_examples_are_read() {
    let (draw, proof): (Document, Proof) =
        (serde_json::from_str(&draw()).unwrap(), serde_json::from_str(&proof()).unwrap());
    assert!(draw.check().iter().any(|finding| finding.agrees));
    assert!(!draw.check_proof(&proof, None).is_empty());
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn published_draws(now in text(&[&draw()]), earlier in text(&[&draw()])) {
        let Ok(now) = serde_json::from_str::<Document>(&now) else { return Ok(()) };
        prop_assert!(!now.check().is_empty());
        let _ = now.place(&PhoneNumber::parse("010-0000-1234").unwrap());
        if let Ok(earlier) = serde_json::from_str::<Document>(&earlier) {
            prop_assert!(!now.check_earlier(&earlier).is_empty());
        }
    }

    #[test]
    fn proofs_of_an_admission(
        proof in text(&[&proof()]),
        size in prop_oneof![Just(4), any::<u64>()],
        index in prop_oneof![Just(2), any::<u64>()],
    ) {
        let draw: Document = serde_json::from_str(&draw()).unwrap();
        let Ok(mut proof) = serde_json::from_str::<Proof>(&proof) else { return Ok(()) };
        (proof.size, proof.index) = (size, index);
        let phone = PhoneNumber::parse("010-0000-1234").unwrap();
        prop_assert!(!draw.check_proof(&proof, Some(&phone)).is_empty());
    }

    #[test]
    fn tickets(
        twisted in text(&[&keys().sign(&ticket())]),
        changed in bytes(vec![BASE64URL_NOPAD.decode(keys().sign(&ticket()).as_bytes()).unwrap()]),
    ) {
        let (opening, now) = (ticket().opening, "2026-11-21T00:00:00Z".parse().unwrap());
        for text in [twisted, BASE64URL_NOPAD.encode(&changed)] {
            if let Ok(read) = keys().verify(&text, &opening, now) {
                prop_assert_eq!(read, ticket(), "only what was signed is taken");
            }
        }
    }
}
