//! Bytes become text, whichever of the usual encodings a spreadsheet wrote.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, Encoding};
use unicode_normalization::UnicodeNormalization;

/// A file's text.
pub(super) struct Decoded {
    /// The text, composed (NFC) and with `\n` as its only line end.
    pub(super) text: String,
    /// What the bytes were, for the report.
    pub(super) encoding: &'static str,
}

/// Reads bytes as what their BOM says, else as UTF-8, else as CP949 (EUC-KR with its extension). Of a file that is
/// neither, the encoding with fewer unreadable places is taken; those places become U+FFFD, which spoils only their rows.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let (text, encoding) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            (encoding.decode_without_bom_handling(&bytes[length..]).0, encoding.name())
        }
        None => guess(bytes),
    };
    let text = if is_plain(&text) { text.into_owned() } else { text.nfc().collect() };
    Decoded { text: text.replace("\r\n", "\n").replace('\r', "\n"), encoding }
}

fn guess(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let utf8 = String::from_utf8_lossy(bytes);
    if matches!(utf8, Cow::Borrowed(_)) {
        return (utf8, "UTF-8");
    }
    let (korean, _) = EUC_KR.decode_without_bom_handling(bytes);
    if unreadable_places(&korean) <= unreadable_places(&utf8) { (korean, "CP949") } else { (utf8, "UTF-8") }
}

fn unreadable_places(text: &str) -> usize {
    text.chars().filter(|sign| *sign == char::REPLACEMENT_CHARACTER).count()
}

fn is_plain(text: &str) -> bool {
    unicode_normalization::is_nfc_quick(text.chars()) == unicode_normalization::IsNormalized::Yes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_usual_encoding_gives_the_same_text() {
        let text = "이름,주소\n똠방각하 국민체육센터,서울\n";
        let utf16: Vec<u8> =
            "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let decomposed: String = text.nfd().collect();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), "UTF-8"),
            (EUC_KR.encode(text).0.into_owned(), "CP949"),
            (utf16, "UTF-16LE"),
            (decomposed.into_bytes(), "UTF-8"),
            (text.replace('\n', "\r\n").into_bytes(), "UTF-8"),
        ] {
            let decoded = decode(&bytes);
            assert_eq!((decoded.text.as_str(), decoded.encoding), (text, encoding));
        }
    }

    #[test]
    fn one_bad_byte_does_not_make_the_whole_file_another_encoding() {
        let bytes = [b"\xFF,".as_slice(), "서울특별시 종로구 새문안로".as_bytes()].concat();
        let decoded = decode(&bytes);
        assert!(decoded.text.ends_with("새문안로"), "{}", decoded.text);
        assert!(decoded.text.starts_with(char::REPLACEMENT_CHARACTER));
    }

    proptest! {
        #[test]
        fn any_bytes_become_text(bytes in any::<Vec<u8>>()) {
            prop_assert!(!decode(&bytes).text.contains('\r'));
        }
    }
}
