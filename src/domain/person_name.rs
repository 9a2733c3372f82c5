//! A person's name, whatever country, script or number of words it comes from.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::text::{fold_width, is_blank, is_unseen};

/// The most signs a name may have, blanks between the words included.
const MOST_SIGNS: usize = 60;

/// The name of a person: Korean, foreign, one word or many, with apostrophes, hyphens and dots.
///
/// There is no `Display`: whoever shows a name chooses between [`masked`](Self::masked) and [`as_str`](Self::as_str).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// Nothing was typed.
    #[error("the name is missing")]
    Empty,
    /// More than 60 signs.
    #[error("the name is longer than 60 letters; shorten it as on the identity card")]
    TooLong,
    /// No letter at all, or a sign that no name has: a control or direction mark, `<`, `>`.
    #[error("this cannot be read as a name; write it with letters as on the identity card")]
    Unreadable,
}

impl PersonName {
    /// Reads a name: trims it, makes each run of blanks (line ends and tabs from pasting included) one blank, puts
    /// together what some devices send in parts (Unicode's form C), leaves out signs that nobody sees, and keeps the rest
    /// as it was typed.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let text: String = text.chars().filter(|sign| !is_unseen(*sign)).nfc().collect();
        let name = text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(PersonNameError::Empty);
        }
        if name.chars().any(is_refused) || !name.chars().any(char::is_alphabetic) {
            return Err(PersonNameError::Unreadable);
        }
        if name.chars().count() > MOST_SIGNS {
            return Err(PersonNameError::TooLong);
        }
        Ok(Self(name))
    }

    /// The whole name. Seeing it on a roster is logged with a reason; everywhere else use [`masked`](Self::masked).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for rosters and messages: `김*용`, `김*`, `J*** S***`, and `*` for a name of one sign.
    ///
    /// Names in Hangul or Han signs keep their length, because `김*` and `남**수` are how people in Korea find
    /// themselves on a list. Words in other scripts show their first letter only and hide their length.
    pub fn masked(&self) -> String {
        let joined: String = self.0.chars().filter(|sign| *sign != ' ').collect();
        if joined.chars().all(is_east_asian) {
            return masked_signs(&joined);
        }
        let words = self
            .0
            .split(' ')
            .map(|word| if word.chars().all(is_east_asian) { masked_signs(word) } else { masked_word(word) });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The name for comparing and for the identity key: lower case, plain width, no blanks. Two people may share it.
    pub fn normalised(&self) -> String {
        fold_width(&self.0).to_lowercase().split(is_blank).collect()
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(..)")
    }
}

/// Control signs, marks that turn the reading direction (they can make a printed roster lie), and angle brackets.
fn is_refused(sign: char) -> bool {
    sign.is_control()
        || matches!(
            sign,
            '<' | '>' | '＜' | '＞' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

/// Hangul syllables and letters, and Han signs.
fn is_east_asian(sign: char) -> bool {
    matches!(
        sign,
        '\u{AC00}'..='\u{D7A3}' | '\u{3131}'..='\u{318E}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
    )
}

/// First and last sign, or only the first of two.
fn masked_signs(word: &str) -> String {
    let signs: Vec<char> = word.chars().collect();
    match signs.as_slice() {
        [] | [_] => "*".to_owned(),
        [first, _] => format!("{first}*"),
        [first, hidden @ .., last] => format!("{first}{}{last}", "*".repeat(hidden.len())),
    }
}

/// The first letter and three stars; a single sign is hidden wholly.
fn masked_word(word: &str) -> String {
    let one_sign = word.chars().nth(1).is_none();
    match word.chars().find(|sign| sign.is_alphabetic()) {
        Some(first) if !one_sign => format!("{first}***"),
        _ => "*".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).unwrap()
    }

    #[test]
    fn a_name_is_the_same_however_a_device_writes_it() {
        for text in ["\u{1107}\u{1161}\u{11A8}말자", "박\u{AD}말자", "박말\u{200D}자", "박말자\u{FE0F}"]
        {
            assert_eq!(name(text).as_str(), "박말자", "{text:?}");
        }
        assert_eq!(name("\u{1107}\u{1161}\u{11A8}말자").masked(), "박*자");
        assert_eq!(name("Zoe\u{308}").as_str(), "Zoë");
    }

    #[test]
    fn people_from_anywhere_have_a_name() {
        for text in [
            "김민용",
            "이",
            "O'Brien",
            "Anne-Marie D. Saint-John",
            "Nguyễn Thị Minh Khai",
            "Жанна",
            "محمد",
            "Suharto",
            "王小明",
            "X Æ A-12",
        ] {
            assert_eq!(name(text).as_str(), text);
        }
    }

    #[test]
    fn blanks_are_tidied() {
        assert_eq!(name("  John \t  Smith\n").as_str(), "John Smith");
        assert_eq!(name("　김　민용\u{200B}").as_str(), "김 민용");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        use PersonNameError::*;
        for text in ["", "  ", "\u{3164}\u{3164}", "\n\t"] {
            assert_eq!(PersonName::parse(text), Err(Empty), "{text:?}");
        }
        for text in ["12345", "１２", "--", "김<b>용", "김\u{0}용", "a\u{202E}b", "\u{1b}[2J김", "＜김"]
        {
            assert_eq!(PersonName::parse(text), Err(Unreadable), "{text:?}");
        }
        assert_eq!(PersonName::parse(&"김".repeat(61)), Err(TooLong));
        assert!(PersonName::parse(&"김".repeat(60)).is_ok());
    }

    #[test]
    fn a_masked_name_is_known_to_its_owner_only() {
        for (text, masked) in [
            ("김민용", "김*용"),
            ("김용", "김*"),
            ("이", "*"),
            ("남궁민수", "남**수"),
            ("김 민용", "김*용"),
            ("王小明", "王*明"),
            ("John Smith", "J*** S***"),
            ("Suharto", "S***"),
            ("Li", "L***"),
            ("J Smith", "* S***"),
            ("'t Hart", "t*** H***"),
            ("X", "*"),
            ("John 김민용", "J*** 김*용"),
        ] {
            assert_eq!(name(text).masked(), masked);
        }
    }

    #[test]
    fn the_same_person_typed_twice_has_one_key() {
        assert_eq!(name("John  SMITH").normalised(), name("johnsmith").normalised());
        assert_eq!(name("ＪＯＨＮ").normalised(), "john");
        assert_eq!(name("김 민용").normalised(), name("김민용").normalised());
    }

    #[test]
    fn a_log_never_has_a_name() {
        assert_eq!(format!("{:?}", name("김민용")), "PersonName(..)");
    }

    proptest! {
        #[test]
        fn anything_typed_is_answered(text in any::<String>()) {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name.clone()));
                prop_assert!((1..=60).contains(&name.as_str().chars().count()));
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert!(!name.normalised().is_empty());
                name.masked();
            }
        }

        #[test]
        fn a_korean_mask_hides_all_but_two(text in "[가-힣]{3,10}") {
            let masked = name(&text).masked();
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert_eq!(masked.chars().filter(|sign| *sign != '*').count(), 2);
        }

        #[test]
        fn a_latin_mask_shows_initials_only(words in prop::collection::vec("[A-Za-zà-ö]{2,9}", 1..5)) {
            let masked = name(&words.join("  ")).masked();
            prop_assert_eq!(masked.split(' ').count(), words.len());
            prop_assert_eq!(masked.chars().filter(|sign| sign.is_alphabetic()).count(), words.len());
        }

        #[test]
        fn blanks_and_case_never_change_the_key(words in prop::collection::vec("[A-Za-z가-힣]{1,9}", 1..5)) {
            let apart = name(&words.join(" \t ").to_uppercase()).normalised();
            prop_assert_eq!(apart, name(&words.concat()).normalised());
        }
    }
}
