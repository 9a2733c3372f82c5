use jiff::ToSpan;
use proptest::prelude::*;

use super::*;

fn opening() -> OpeningCode {
    "flu-2026".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-07-19T11:00:00Z".parse().unwrap()
}

fn keys() -> TicketKeys {
    TicketKeys::new(TicketKey::new(1, &[1; 32]), None).unwrap()
}

fn ticket() -> Ticket {
    Ticket { opening: opening(), place: Place(0xab), expires_at: now() + 1.hour() }
}

#[test]
fn a_genuine_ticket_is_taken_until_it_ends() {
    let text = keys().sign(&ticket());
    assert_eq!(keys().verify(&text, &opening(), now()), Ok(ticket()));
    assert_eq!(keys().verify(&text, &opening(), now() + 59.minutes()), Ok(ticket()));
    assert_eq!(keys().verify(&text, &opening(), now() + 1.hour()), Err(TicketError::Expired));
    assert_eq!(keys().verify(&text, &"flu-2027".parse().unwrap(), now()), Err(TicketError::OtherOpening));
}

#[test]
fn a_key_is_believed_for_one_rotation() {
    let text = keys().sign(&ticket());
    let second = keys().rotated(TicketKey::new(2, &[2; 32])).unwrap();
    assert_eq!(second.verify(&text, &opening(), now()), Ok(ticket()));
    assert_ne!(second.sign(&ticket()), text);
    let third = second.rotated(TicketKey::new(3, &[3; 32])).unwrap();
    assert_eq!(third.verify(&text, &opening(), now()), Err(TicketError::UnknownKey));
    assert_eq!(third.rotated(TicketKey::new(3, &[4; 32])).unwrap_err(), SameKeyId(3));
}

#[test]
fn another_key_of_the_same_id_is_a_forger() {
    let forger = TicketKeys::new(TicketKey::new(1, &[9; 32]), None).unwrap();
    let text = forger.sign(&ticket());
    assert_eq!(keys().verify(&text, &opening(), now()), Err(TicketError::Forged));
}

#[test]
fn another_version_is_no_ticket_even_when_signed() {
    let mut bytes = BASE64URL_NOPAD.decode(keys().sign(&ticket()).as_bytes()).unwrap();
    bytes.truncate(bytes.len() - MAC_BYTES);
    bytes[0] = 2;
    let mac = keys().current.hmac.chain_update(&bytes).finalize().into_bytes();
    bytes.extend(&mac[..MAC_BYTES]);
    let text = BASE64URL_NOPAD.encode(&bytes);
    assert_eq!(keys().verify(&text, &opening(), now()), Err(TicketError::Malformed));
}

#[test]
fn the_longest_ticket_fits_and_a_key_shows_no_secret() {
    let longest = Ticket { opening: "a".repeat(40).parse().unwrap(), ..ticket() };
    let text = keys().sign(&longest);
    assert_eq!(text.len(), TEXT_SIGNS_MAX);
    assert_eq!(keys().verify(&text, &longest.opening, now()), Ok(longest));
    assert_eq!(format!("{:?}", TicketKey::new(7, &[9; 32])), "TicketKey(7, …)");
}

proptest! {
    #[test]
    fn what_was_signed_comes_back(code in "[a-z0-9]{1,40}", place in any::<u64>(), seconds in 1..100_000_i64) {
        let opening: OpeningCode = code.parse().unwrap();
        let ticket = Ticket { opening: opening.clone(), place: Place(place), expires_at: now() + seconds.seconds() };
        prop_assert_eq!(keys().verify(&keys().sign(&ticket), &opening, now()), Ok(ticket));
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,120}|[A-Za-z0-9_-]{0,120}") {
        prop_assert!(keys().verify(&text, &opening(), now()).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(keys().verify(&BASE64URL_NOPAD.encode(&bytes), &opening(), now()).is_err());
    }

    #[test]
    fn one_changed_bit_is_noticed(bit in any::<prop::sample::Index>(), in_text in any::<bool>()) {
        let text = keys().sign(&ticket());
        let mut bytes =
            if in_text { text.into_bytes() } else { BASE64URL_NOPAD.decode(text.as_bytes()).unwrap() };
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let edited = if in_text { String::from_utf8(bytes).ok() } else { Some(BASE64URL_NOPAD.encode(&bytes)) };
        if let Some(edited) = edited {
            prop_assert!(keys().verify(&edited, &opening(), now()).is_err(), "{}", edited);
        }
    }

    #[test]
    fn a_part_of_a_ticket_is_none(length in 0..58_usize) {
        let text = keys().sign(&ticket());
        prop_assert!(length < text.len());
        prop_assert!(keys().verify(&text[..length], &opening(), now()).is_err());
    }
}
