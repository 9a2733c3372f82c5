//! What a scanner typed while the keyboard was set to Hangul: the keys that were pressed, in Latin letters.

/// Keys of the Korean standard keyboard (KS X 5002) for the jamo that begin a syllable, in Unicode's order.
const INITIALS: [&str; 19] =
    ["r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g"];

/// The same for vowels.
const VOWELS: [&str; 21] = [
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m",
    "ml", "l",
];

/// The same for what ends a syllable, nothing first.
const FINALS: [&str; 28] = [
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "qt",
    "t", "T", "d", "w", "c", "z", "x", "v", "g",
];

/// The same for jamo that stand alone, from U+3131 on.
const ALONE: [&str; 51] = [
    "r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "Q",
    "qt", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g", "k", "o", "i", "O", "j", "p", "u", "P", "h",
    "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
];

/// Turns Hangul back into the keys that were pressed for it; everything else stays.
pub fn as_pressed(text: &str) -> String {
    text.chars()
        .flat_map(|sign| keys_of(sign).map_or_else(|| vec![sign], |keys| keys.chars().collect()))
        .collect()
}

fn keys_of(sign: char) -> Option<String> {
    let at = |keys: &[&'static str], index: u32| keys.get(usize::try_from(index).ok()?).copied();
    match sign {
        '\u{AC00}'..='\u{D7A3}' => {
            let index = u32::from(sign) - 0xAC00;
            let (initial, vowel, end) = (index / (21 * 28), index / 28 % 21, index % 28);
            Some([at(&INITIALS, initial)?, at(&VOWELS, vowel)?, at(&FINALS, end)?].concat())
        }
        '\u{3131}'..='\u{3163}' => at(&ALONE, u32::from(sign) - 0x3131).map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scanner_typed_in_hangul_is_read() {
        // "dkssud" and the reference AKRSB2CD as such keyboards show them.
        assert_eq!(as_pressed("안녕"), "dkssud");
        assert_eq!(as_pressed("ㅁㅏㄱㄴㅠ2ㅊㅇ"), "akrsb2cd");
        assert_eq!(as_pressed("믹2"), "alr2");
        assert_eq!(as_pressed("값"), "rkqt");
        assert_eq!(as_pressed("https://a.example/r/ABCD"), "https://a.example/r/ABCD");
    }

    #[test]
    fn every_syllable_has_its_keys() {
        for sign in '\u{AC00}'..='\u{D7A3}' {
            let keys = keys_of(sign).unwrap();
            assert!((2..=5).contains(&keys.len()) && keys.is_ascii(), "{sign}: {keys}");
        }
    }
}
