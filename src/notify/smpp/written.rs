//! A message as it goes over the wire: in the carrier's characters, in one piece or in several.

use encoding_rs::EUC_KR;
use rusmpp::pdus::SubmitSm;
use rusmpp::tlvs::MessageSubmissionRequestTlvValue;
use rusmpp::types::{AnyOctetString, COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, MessagePayload, Npi, RegisteredDelivery, Ton};

use super::{Long, Sender};
use crate::config::Charset;
use crate::domain::message::MessageKind;
use crate::notify::carrier::{LMS_LIMIT_BYTES, SMS_LIMIT_BYTES, sendable};
use crate::notify::{Outgoing, gsm};

/// The most pieces of a message: more are seldom put together again.
const PIECES_MAX: usize = 10;

/// The bit of `esm_class` that says that a header stands before the text.
const HAS_HEADER: u8 = 0b0100_0000;

/// The value of `registered_delivery` that asks for a receipt, however it ends.
const WITH_RECEIPT: u8 = 1;

/// How long a code is worth delivering: ten minutes, as a relative time (SMPP 3.4, 7.1.1.2).
const VALIDITY_OF_CODES: &str = "000000001000000R";

/// How characters are written, and how many bytes fit.
struct Coding {
    id: DataCoding,
    /// Bytes of a message in one piece.
    whole: usize,
    /// Bytes of one piece of several.
    piece: usize,
    /// Writes a sign. Whether it has it.
    write: fn(char, &mut Vec<u8>) -> bool,
}

/// Bytes of KS X 1001; each carrier has another limit for pieces, and this is the least.
const KOREAN: Coding = Coding {
    id: DataCoding::Ksc5601,
    whole: SMS_LIMIT_BYTES,
    piece: SMS_LIMIT_BYTES - 6,
    write: |sign, into| {
        let mut utf8 = [0; 4];
        let (bytes, _, is_lacking) = EUC_KR.encode(sign.encode_utf8(&mut utf8));
        into.extend_from_slice(&bytes);
        !is_lacking
    },
};

/// One byte for each place of the GSM alphabet, as carriers want it; they pack seven bits each themselves.
const GSM: Coding = Coding { id: DataCoding::McSpecific, whole: 160, piece: 153, write: gsm::write };

const UCS2: Coding = Coding {
    id: DataCoding::Ucs2,
    whole: 140,
    piece: 134,
    write: |sign, into| {
        into.extend(sign.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        true
    },
};

/// Where the time begins in the id of a row.
const TIME_SHIFT: u32 = 22;

/// Why a message can't be written for a carrier.
pub(super) const TOO_LONG: &str = "the text is too long for the gateway";
const NO_NUMBER: &str = "the number can't stand in a message to the carrier";

/// The pieces of a message, in order. Only the last asks for a receipt: it stands for all.
pub(super) fn pieces(
    message: &Outgoing,
    charset: Charset,
    long: Long,
    sender: &Sender,
) -> Result<Vec<SubmitSm>, &'static str> {
    let (coding, texts) = match charset {
        Charset::KsX1001 => cut(&KOREAN, &sendable(&message.text), usize::MAX).map(|texts| (&KOREAN, texts)),
        Charset::Unicode => cut(&GSM, &message.text, usize::MAX)
            .map(|texts| (&GSM, texts))
            .or_else(|| Some((&UCS2, cut(&UCS2, &message.text, usize::MAX)?))),
    }
    .ok_or(TOO_LONG)?;
    let whole = texts.into_iter().next().unwrap_or_default();
    let basis = basis(message, coding, sender).ok_or(NO_NUMBER)?;
    if whole.len() <= coding.whole {
        return Ok(vec![with_text(basis, whole)]);
    }
    match long {
        Long::Payload if whole.len() > LMS_LIMIT_BYTES => Err(TOO_LONG),
        Long::Payload => {
            let mut submit = basis;
            let payload = MessagePayload::new(AnyOctetString::from_vec(whole));
            submit.push_tlv(MessageSubmissionRequestTlvValue::MessagePayload(payload));
            Ok(vec![submit])
        }
        Long::Pieces => {
            let text = if charset == Charset::KsX1001 { &sendable(&message.text) } else { &message.text };
            in_pieces(message, &basis, cut(coding, text, coding.piece).ok_or(TOO_LONG)?)
        }
    }
}

/// Pieces with a header each, by which the phone puts them together (3GPP TS 23.040, 9.2.3.24.1).
fn in_pieces(
    message: &Outgoing,
    basis: &SubmitSm,
    texts: Vec<Vec<u8>>,
) -> Result<Vec<SubmitSm>, &'static str> {
    let all = u8::try_from(texts.len()).ok().filter(|all| usize::from(*all) <= PIECES_MAX).ok_or(TOO_LONG)?;
    // The end of an id counts within a millisecond, and what stands before it is the time.
    let [.., reference] = (message.id ^ (message.id >> TIME_SHIFT)).to_be_bytes();
    let piece = |(place, text): (u8, Vec<u8>)| {
        let mut with_header = vec![5, 0, 3, reference, all, place];
        with_header.extend(text);
        let mut piece = with_text(basis.clone(), with_header);
        piece.esm_class = EsmClass::from(HAS_HEADER);
        if place < all {
            piece.registered_delivery = RegisteredDelivery::from(0);
        }
        piece
    };
    Ok((1..=all).zip(texts).map(piece).collect())
}

/// Everything but the text.
fn basis(message: &Outgoing, coding: &Coding, sender: &Sender) -> Option<SubmitSm> {
    let digits = message.to.strip_prefix('+')?;
    let validity = if message.kind.is_code() { VALIDITY_OF_CODES } else { "" };
    // What became of a test, whoever tries the gateway sees on their own phone.
    let receipt = if message.kind == MessageKind::Test { 0 } else { WITH_RECEIPT };
    let builder = SubmitSm::builder()
        .source_addr_ton(sender.ton)
        .source_addr_npi(sender.npi)
        .source_addr(COctetString::from_string(sender.address.clone()).ok()?)
        .dest_addr_ton(Ton::International)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(COctetString::from_string(digits.to_owned()).ok()?)
        .esm_class(EsmClass::from(0))
        .validity_period(EmptyOrFullCOctetString::from_string(validity.to_owned()).ok()?)
        .registered_delivery(RegisteredDelivery::from(receipt))
        .data_coding(coding.id);
    Some(builder.build())
}

fn with_text(mut submit: SubmitSm, text: Vec<u8>) -> SubmitSm {
    submit.set_short_message(OctetString::from_vec(text).unwrap_or_default());
    submit
}

/// The text in pieces of so many bytes at the most, no character cut in two; `None` where the coding lacks one.
fn cut(coding: &Coding, text: &str, most: usize) -> Option<Vec<Vec<u8>>> {
    let (mut pieces, mut sign_bytes) = (vec![Vec::new()], Vec::new());
    for sign in text.chars() {
        sign_bytes.clear();
        if !(coding.write)(sign, &mut sign_bytes) {
            return None;
        }
        match pieces.last_mut() {
            Some(last) if last.len() + sign_bytes.len() <= most => last.extend_from_slice(&sign_bytes),
            _ => pieces.push(sign_bytes.clone()),
        }
    }
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::message::Channel;
    use crate::language::Language;

    fn message(text: &str) -> Outgoing {
        Outgoing {
            id: 0x0102,
            channel: Channel::Sms,
            to: "+821000000001".into(),
            kind: MessageKind::Code,
            language: Language::Korean,
            text: text.into(),
            subject: None,
            html: None,
            attachments: Vec::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            possible_repeat: false,
        }
    }

    fn written(text: &str, charset: Charset, long: Long) -> Result<Vec<SubmitSm>, &'static str> {
        pieces(&message(text), charset, long, &Sender::of("15880000"))
    }

    fn lengths(pieces: &[SubmitSm]) -> Vec<u8> {
        pieces.iter().map(SubmitSm::sm_length).collect()
    }

    #[test]
    fn korean_texts_go_in_one_piece_and_long_ones_as_a_payload() {
        let short = written(&"가".repeat(45), Charset::KsX1001, Long::Payload).unwrap();
        assert_eq!(lengths(&short), [90]);
        assert_eq!(short[0].data_coding, DataCoding::Ksc5601);
        assert_eq!(short[0].short_message().as_ref()[..2], [0xB0, 0xA1], "가 in KS X 1001");
        let long = written(&"가".repeat(1_000), Charset::KsX1001, Long::Payload).unwrap();
        assert_eq!(lengths(&long), [0]);
        assert_eq!(long[0].tlvs().len(), 1);
        assert_eq!(long[0].tlvs()[0].value_length(), 2_000);
        assert_eq!(written(&"가".repeat(1_001), Charset::KsX1001, Long::Payload), Err(TOO_LONG));
        let rare = written("뷁 😀", Charset::KsX1001, Long::Payload).unwrap();
        assert_eq!(lengths(&rare), [7], "ㅂㅞㄺ and a space");
    }

    #[test]
    fn elsewhere_texts_take_the_smaller_alphabet_that_has_their_signs() {
        let plain = written(&"a".repeat(160), Charset::Unicode, Long::Pieces).unwrap();
        assert_eq!((lengths(&plain), plain[0].data_coding), (vec![160], DataCoding::McSpecific));
        let longer = written(&"€".repeat(81), Charset::Unicode, Long::Pieces).unwrap();
        // 153 places hold 76 signs of two each.
        assert_eq!(lengths(&longer), [158, 16]);
        let other = written(&"가".repeat(70), Charset::Unicode, Long::Pieces).unwrap();
        assert_eq!((lengths(&other), other[0].data_coding), (vec![140], DataCoding::Ucs2));
        let picture = written(&"😀".repeat(36), Charset::Unicode, Long::Pieces).unwrap();
        // 134 bytes hold 33 signs of four each.
        assert_eq!(lengths(&picture), [138, 18]);
        assert_eq!(picture[1].short_message().as_ref()[..6], [5, 0, 3, 2, 2, 2]);
        let receipts: Vec<u8> = picture.iter().map(|piece| piece.registered_delivery.into()).collect();
        assert_eq!(receipts, [0, 1], "the last one stands for all");
        assert_eq!(written(&"a".repeat(1_531), Charset::Unicode, Long::Pieces), Err(TOO_LONG));
    }

    #[test]
    fn a_code_is_not_delivered_when_it_is_of_no_use_any_more() {
        let code = written("012345", Charset::KsX1001, Long::Payload).unwrap();
        assert_eq!(code[0].validity_period.as_str(), VALIDITY_OF_CODES);
        let reminder = Outgoing { kind: MessageKind::Reminder, ..message("내일") };
        let reminder = pieces(&reminder, Charset::KsX1001, Long::Payload, &Sender::of("15880000")).unwrap();
        assert!(reminder[0].validity_period.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_between_pieces(text in "\\PC{0,300}") {
            for (charset, coding) in [(Charset::KsX1001, &KOREAN), (Charset::Unicode, &UCS2)] {
                let text = if charset == Charset::KsX1001 { sendable(&text) } else { text.clone() };
                let whole = cut(coding, &text, usize::MAX).unwrap().concat();
                let pieces = cut(coding, &text, coding.piece).unwrap();
                prop_assert!(pieces.iter().all(|piece| piece.len() <= coding.piece));
                prop_assert_eq!(pieces.concat(), whole);
            }
        }
    }
}
