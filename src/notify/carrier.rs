//! What a Korean carrier accepts. It counts bytes of KS X 1001 (EUC-KR), drops or spoils what that set lacks, and cuts some
//! texts that are too long without a word. So lengths are measured here before anything is sent, and what the set lacks is
//! written in another way, on purpose.

use encoding_rs::EUC_KR;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest short text message (SMS), in bytes of EUC-KR.
pub const SMS_LIMIT_BYTES: usize = 90;

/// The longest long text message (LMS), in bytes of EUC-KR.
pub const LMS_LIMIT_BYTES: usize = 2_000;

/// The longest subject of a long text message, in bytes of EUC-KR.
pub const LMS_SUBJECT_LIMIT_BYTES: usize = 40;

/// The longest text message that a gateway asked as Twilio is takes, in characters.
pub const TWILIO_LIMIT_CHARACTERS: usize = 1_600;

/// The first byte of every pair in KS X 1001. Encoders for the web go on below it, with 8,822 syllables that many phones show
/// as boxes.
const FIRST_BYTE: u8 = 0xA1;

/// What stands for a letter or a number that no carrier can carry.
const UNKNOWN: char = '?';

/// Letters by their place in a syllable: beginnings, then endings. The vowels between stand in a row from `ㅏ`.
const BEGINNINGS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ',
    'ㅍ', 'ㅎ',
];
const ENDINGS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ',
    'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];
const FIRST_VOWEL: u32 = 'ㅏ' as u32;
const VOWELS: u32 = 21;

/// The text as every carrier can carry it: what their set lacks is written in its letters (`뷁` becomes `ㅂㅞㄺ`, `é` becomes
/// `e`), other letters as `?`, and pictures are left out.
pub fn sendable(text: &str) -> String {
    let mut sendable = String::with_capacity(text.len());
    for sign in text.nfc() {
        if is_sendable(sign) {
            sendable.push(sign);
        } else {
            write_otherwise(sign, &mut sendable);
        }
    }
    sendable
}

/// The length of `text` in bytes of EUC-KR, once it is [`sendable`].
pub fn length_bytes(text: &str) -> usize {
    let bytes = |sign: char| if sign.is_ascii() { 1 } else { 2 };
    if text.is_ascii() { text.len() } else { sendable(text).chars().map(bytes).sum() }
}

fn is_sendable(sign: char) -> bool {
    if sign.is_ascii() {
        return !sign.is_ascii_control() || sign == '\n';
    }
    let mut utf8 = [0; 4];
    let (bytes, _, is_lacking) = EUC_KR.encode(sign.encode_utf8(&mut utf8));
    !is_lacking && bytes.iter().all(|byte| *byte >= FIRST_BYTE)
}

fn write_otherwise(sign: char, into: &mut String) {
    match sign {
        '\u{2010}'..='\u{2014}' | '\u{2212}' => into.push('-'),
        '\t' | '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => into.push(' '),
        '가'..='힣' => into.extend(letters(sign)),
        _ => {
            // Without its accents; ligatures and wide letters as plain ones.
            let plain: String = [sign]
                .into_iter()
                .nfkd()
                .filter(|part| !is_combining_mark(*part) && is_sendable(*part))
                .collect();
            match plain.as_str() {
                "" if sign.is_alphanumeric() => into.push(UNKNOWN),
                plain => into.push_str(plain),
            }
        }
    }
}

/// The letters of a syllable, one after the other.
fn letters(syllable: char) -> impl Iterator<Item = char> {
    let place = u32::from(syllable) - u32::from('가');
    let endings = ENDINGS.len() as u32 + 1;
    let (beginning, vowel, ending) = (place / endings / VOWELS, place / endings % VOWELS, place % endings);
    let of = |letters: &[char], place: u32| {
        usize::try_from(place).ok().and_then(|place| letters.get(place).copied())
    };
    let ending = ending.checked_sub(1).and_then(|ending| of(&ENDINGS, ending));
    [of(&BEGINNINGS, beginning), char::from_u32(FIRST_VOWEL + vowel), ending].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_syllable_is_two_bytes() {
        assert_eq!(length_bytes("[순번] 1차"), 10);
        assert_eq!(length_bytes(""), 0);
        assert_eq!(length_bytes(&"가".repeat(3_000)), 6_000);
    }

    #[test]
    fn what_carriers_lack_is_written_another_way() {
        for (text, expected) in [
            ("뷁 똠방각하 펲시콜라 설믜", "ㅂㅞㄺ ㄸㅗㅁ방각하 ㅍㅔㅍ시콜라 설ㅁㅢ"),
            ("Café de l’Été, 2–4 층 — ﬁn", "Cafe de l’Ete, 2-4 층 - fin"),
            ("고맙습니다 😀👨‍👩‍👧!", "고맙습니다 !"),
            ("tab\there\r\n\u{A0}end\u{7}", "tab here\n end"),
            ("ก漢字ア𠮷", "?漢字ア?"),
            ("각", "각"),
        ] {
            assert_eq!(sendable(text), expected);
        }
    }

    #[test]
    fn syllables_that_phones_know_are_2350() {
        let known = ('가'..='힣').filter(|syllable| is_sendable(*syllable)).count();
        assert_eq!(known, 2_350, "KS X 1001 has as many");
        for syllable in '가'..='힣' {
            let written = sendable(&syllable.to_string());
            assert!(written.chars().count() <= 3 && !written.contains(UNKNOWN), "{syllable} {written}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_can_be_sent_and_stays_so(text in "\\PC{0,60}") {
            let once = sendable(&text);
            prop_assert!(once.chars().all(is_sendable), "{once:?}");
            prop_assert_eq!(sendable(&once), once.clone());
            let (bytes, _, is_lacking) = EUC_KR.encode(&once);
            prop_assert!(!is_lacking);
            prop_assert_eq!(bytes.len(), length_bytes(&text));
        }
    }
}
