//! What a carrier's receipt says (SMPP 3.4, appendix B, and 5.0, 4.8.4): in fields of its own, or in the text.

use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::TlvValue;
use rusmpp::values::MessageState;

use super::{MessageIds, wire};
use crate::notify::Fate;

/// The longest name of a message, and of a carrier's code, that is taken for one.
const ID_MAX: usize = 64;
const CODE_MAX: usize = 5;

/// A receipt says how it ended.
const IS_RECEIPT: u8 = 0b0000_0100;

/// What the carrier says of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The carrier's own name for the message.
    pub(super) id: String,
    /// What became of it; `None` when it is still on its way.
    pub(super) fate: Option<Fate>,
}

/// Reads a receipt; `None` for anything else, and for one that names no message.
pub(super) fn read(deliver: &DeliverSm, ids: MessageIds) -> Option<Told> {
    if wire::kind_of(deliver) != IS_RECEIPT {
        return None;
    }
    let values = || deliver.tlvs().iter().filter_map(|tlv| tlv.value());
    // Whatever the data coding says: the fields are plain ASCII.
    let text = String::from_utf8_lossy(wire::payload(deliver)).into_owned();
    let named = values().find_map(|value| match value {
        TlvValue::ReceiptedMessageId(id) => Some(id.as_str().to_owned()),
        _ => None,
    });
    let state = values().find_map(|value| match value {
        TlvValue::MessageState(state) => Some(*state),
        _ => None,
    });
    // The field of its own is written as in the answer.
    let named = named.filter(|id| !id.is_empty()).map(|id| ids.of_answer(id));
    let id = named.or_else(|| field(&text, "id").map(|id| ids.of_receipt(id.to_owned())))?;
    if id.len() > ID_MAX || !id.bytes().all(|sign| sign.is_ascii_graphic()) {
        return None;
    }
    let word = state.and_then(word_of).or_else(|| field(&text, "stat")).unwrap_or_default();
    Some(Told { id, fate: fate(&word.to_ascii_uppercase(), field(&text, "err")) })
}

fn word_of(state: MessageState) -> Option<&'static str> {
    Some(match state {
        MessageState::Delivered => "DELIVRD",
        MessageState::Expired => "EXPIRED",
        MessageState::Deleted => "DELETED",
        MessageState::Undeliverable => "UNDELIV",
        MessageState::Rejected => "REJECTD",
        MessageState::Skipped => "SKIPPED",
        _ => return None,
    })
}

/// Carriers shorten the words differently.
fn fate(word: &str, code: Option<&str>) -> Option<Fate> {
    let is = |beginning: &str| word.starts_with(beginning);
    if is("DELIV") {
        return Some(Fate::Arrived);
    }
    let beginnings = ["EXPIR", "DELET", "UNDEL", "REJEC", "FAIL", "SKIP"];
    beginnings.into_iter().any(is).then(|| {
        let is_code =
            |code: &&str| code.len() <= CODE_MAX && code.bytes().all(|sign| sign.is_ascii_alphanumeric());
        let code = code.filter(is_code);
        let code = code.map(|code| format!(" with its code {code}")).unwrap_or_default();
        Fate::DidNotArrive { why: format!("the carrier says {}{code}", beginnings_word(word)) }
    })
}

/// The word, if it is one: what stands here comes from outside.
fn beginnings_word(word: &str) -> &str {
    let end = word.find(|sign: char| !sign.is_ascii_uppercase()).unwrap_or(word.len());
    &word[..end.min(10)]
}

/// The value of a field: `id:77 sub:001 stat:DELIVRD err:000 text:...`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.split_ascii_whitespace().find_map(|word| {
        let (found, value) = word.split_once(':')?;
        (found.eq_ignore_ascii_case(name) && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusmpp::tlvs::MessageDeliveryRequestTlvValue;
    use rusmpp::types::{COctetString, OctetString};
    use rusmpp::values::EsmClass;

    use super::*;

    fn receipt(text: &[u8], tlvs: Vec<MessageDeliveryRequestTlvValue>) -> DeliverSm {
        let short_message = OctetString::from_slice(text).unwrap();
        let builder = DeliverSm::builder().esm_class(EsmClass::from(IS_RECEIPT));
        builder.short_message(short_message).tlvs(tlvs).build()
    }

    fn told(text: &str) -> Option<Told> {
        read(&receipt(text.as_bytes(), Vec::new()), MessageIds::AsTheyAre)
    }

    #[test]
    fn the_text_of_a_receipt_is_read() {
        let whole = "id:0123456789 sub:001 dlvrd:001 submit date:2611300358 done date:2611300359 stat:DELIVRD \
                     err:000 text:id:9 stat:UNDELIV";
        assert_eq!(told(whole), Some(Told { id: "0123456789".into(), fate: Some(Fate::Arrived) }));
        let why = "the carrier says UNDELIV with its code 045".to_owned();
        let lost = told("ID:a-7 STAT:undeliv ERR:045");
        assert_eq!(lost, Some(Told { id: "a-7".into(), fate: Some(Fate::DidNotArrive { why }) }));
        for on_its_way in ["id:1 stat:ENROUTE", "id:1 stat:ACCEPTD", "id:1 stat:UNKNOWN", "id:1"] {
            assert_eq!(told(on_its_way), Some(Told { id: "1".into(), fate: None }), "{on_its_way}");
        }
        assert_eq!(told("stat:DELIVRD"), None);
        assert_eq!(told(""), None);
    }

    #[test]
    fn fields_of_its_own_go_before_the_text() {
        let tlvs = vec![
            MessageDeliveryRequestTlvValue::ReceiptedMessageId(COctetString::from_slice(b"ff\0").unwrap()),
            MessageDeliveryRequestTlvValue::MessageState(MessageState::Delivered),
        ];
        let told = read(&receipt(b"id:1 stat:UNDELIV", tlvs), MessageIds::HexInAnswer);
        assert_eq!(told, Some(Told { id: "255".into(), fate: Some(Fate::Arrived) }));
    }

    #[test]
    fn names_are_the_same_however_they_are_written() {
        let read_as = |text: &str, ids| read(&receipt(text.as_bytes(), Vec::new()), ids).unwrap().id;
        let answered = MessageIds::HexInAnswer.of_answer("75bcd15".to_owned());
        assert_eq!(read_as("id:0123456789 stat:DELIVRD", MessageIds::HexInAnswer), answered);
        let answered = MessageIds::HexInReceipt.of_answer("0123456789".to_owned());
        assert_eq!(read_as("id:75BCD15 stat:DELIVRD", MessageIds::HexInReceipt), answered);
        assert_eq!(told("id:a\0b stat:DELIVRD"), None, "PostgreSQL has no text with such a sign");
        assert_eq!(told(&format!("id:{} stat:DELIVRD", "1".repeat(65))), None);
    }

    #[test]
    fn a_text_of_a_person_is_no_receipt() {
        let text = OctetString::from_slice(b"id:1 stat:DELIVRD").unwrap();
        let deliver = DeliverSm::builder().esm_class(EsmClass::from(0)).short_message(text).build();
        assert_eq!(read(&deliver, MessageIds::AsTheyAre), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(
            word in prop::sample::select(vec!["UNDELIV", "rejectd", "EXPIRED7"]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut text = format!("id:1 stat:{word} err:").into_bytes();
            text.extend(rest);
            if let Some(Told { fate: Some(Fate::DidNotArrive { why }), .. }) =
                read(&receipt(&text, Vec::new()), MessageIds::AsTheyAre)
            {
                prop_assert!(why.len() < 80, "{why}");
            }
        }
    }
}
