//! What somebody sent to the number that our messages come from.

use encoding_rs::{EUC_KR, UTF_16BE};
use rusmpp::pdus::DeliverSm;
use rusmpp::values::{DataCoding, Ton};

use super::wire;
use crate::config::Charset;

/// The bit of `esm_class` that says that a header stands before the text.
const HAS_HEADER: u8 = 0b0100_0000;

/// Reads a person's text: the number it comes from, and what it says; `None` for anything else. `charset` is the carrier's, for
/// texts that don't name theirs.
pub(super) fn read(deliver: &DeliverSm, charset: Charset) -> Option<(String, String)> {
    if wire::kind_of(deliver) != 0 {
        return None;
    }
    let bytes = wire::payload(deliver);
    let has_header = u8::from(deliver.esm_class) & HAS_HEADER != 0;
    let bytes = if has_header { behind_header(bytes)? } else { bytes };
    // Letters, digits and blanks, of which wishes are made, stand in every other alphabet where they stand in ASCII.
    let encoding = match (deliver.data_coding, charset) {
        (DataCoding::Ucs2, _) => UTF_16BE,
        (DataCoding::Ksc5601, _) | (_, Charset::KsX1001) => EUC_KR,
        (_, Charset::Unicode) => encoding_rs::WINDOWS_1252,
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let from = deliver.source_addr.as_str();
    let plus = if deliver.source_addr_ton == Ton::International && !from.starts_with('+') { "+" } else { "" };
    Some((format!("{plus}{from}"), text.into_owned()))
}

fn behind_header(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first()?;
    rest.get(usize::from(*length)..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusmpp::types::{COctetString, OctetString};
    use rusmpp::values::EsmClass;

    use super::*;

    fn text(bytes: &[u8], coding: DataCoding, class: u8) -> DeliverSm {
        DeliverSm::builder()
            .esm_class(EsmClass::from(class))
            .source_addr_ton(Ton::International)
            .source_addr(COctetString::from_slice(b"821000000001\0").unwrap())
            .data_coding(coding)
            .short_message(OctetString::from_slice(bytes).unwrap())
            .build()
    }

    fn said(bytes: &[u8], coding: DataCoding, charset: Charset) -> String {
        read(&text(bytes, coding, 0), charset).unwrap().1
    }

    #[test]
    fn a_text_is_read_in_its_own_characters() {
        let korean = [0xC3, 0xEB, 0xBC, 0xD2, b' ', b'A', b'2'];
        assert_eq!(said(&korean, DataCoding::Ksc5601, Charset::Unicode), "취소 A2");
        assert_eq!(said(&korean, DataCoding::McSpecific, Charset::KsX1001), "취소 A2");
        let ucs2 = [0xCD, 0xE8, 0xC1, 0x8C, 0, b' ', 0, b'A', 0, b'2'];
        assert_eq!(said(&ucs2, DataCoding::Ucs2, Charset::KsX1001), "취소 A2");
        assert_eq!(said(b"Cancel A2", DataCoding::McSpecific, Charset::Unicode), "Cancel A2");
        let with_header = text(b"\x05\0\x03\x07\x01\x01Cancel", DataCoding::McSpecific, HAS_HEADER);
        let read = read(&with_header, Charset::Unicode);
        assert_eq!(read, Some(("+821000000001".to_owned(), "Cancel".to_owned())));
    }

    #[test]
    fn a_receipt_is_no_text_of_a_person() {
        let receipt = text(b"id:1 stat:DELIVRD", DataCoding::McSpecific, 0b0000_0100);
        assert_eq!(read(&receipt, Charset::KsX1001), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_left(bytes in prop::collection::vec(any::<u8>(), 0..200), class in any::<u8>(), coding in any::<u8>()) {
            let _ = read(&text(&bytes, DataCoding::from(coding), class), Charset::KsX1001);
        }
    }
}
