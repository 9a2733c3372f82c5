//! What people answer to a text message: that they want to cancel a booking, or the code that confirms it.

use std::fmt;
use std::ops::RangeInclusive;

use super::reference::ReferenceCode;
use super::text::fold_width;

/// How many digits a code has.
const CODE_DIGITS: usize = 6;

/// How many digits are taken for one, if perhaps a wrong one.
const MISTYPED_DIGITS: RangeInclusive<usize> = 5..=7;

/// The longest text that is read: whoever asks for something needs a line.
const SIGNS_MAX: usize = 300;

/// What a reply asks for.
#[derive(Clone, PartialEq, Eq)]
pub enum Wish<T> {
    /// To cancel a booking.
    Cancel {
        /// Which, when one was named.
        reference: Option<ReferenceCode>,
        /// What belongs to the word that was written.
        word: T,
    },
    /// To do what a code was sent for.
    Confirm {
        /// The code as it was typed.
        code: String,
    },
}

/// It holds a code and a reference, so nothing of it is shown.
impl<T> fmt::Debug for Wish<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Cancel { .. } => "Wish::Cancel(..)",
            Self::Confirm { .. } => "Wish::Confirm(..)",
        })
    }
}

/// Reads a reply. `words` are those for cancelling, in small letters; each brings along what belongs to it. `None` for a text
/// that asks for nothing known: thanks, or a question.
pub fn read<'a, T>(text: &str, words: impl IntoIterator<Item = (T, &'a str)>) -> Option<Wish<T>> {
    let text: String = fold_width(text).chars().take(SIGNS_MAX).flat_map(char::to_lowercase).collect();
    let is_there = |written: &str| !written.is_empty() && text.contains(written);
    let Some((word, written)) = words.into_iter().find(|(_, written)| is_there(written)) else {
        // One digit too few or too many is a code all the same: a wrong one, which is answered.
        return code_in(&text, MISTYPED_DIGITS);
    };
    let (reference, rest) = cut_reference(&text.replacen(written, " ", 1));
    // Asked for the code in order to cancel, people write the word once more.
    code_in(&rest, CODE_DIGITS..=CODE_DIGITS).or(Some(Wish::Cancel { reference, word }))
}

fn code_in<T>(text: &str, length: RangeInclusive<usize>) -> Option<Wish<T>> {
    let code: String = text.chars().filter(char::is_ascii_digit).collect();
    length.contains(&code.len()).then_some(Wish::Confirm { code })
}

/// The first reference in a text, and the text without it: one word, or two neighbours, as people write the halves apart.
fn cut_reference(text: &str) -> (Option<ReferenceCode>, String) {
    let is_outside = |sign: char| !sign.is_ascii_alphanumeric();
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(is_outside)).collect();
    for length in [1, 2] {
        for (place, some) in words.windows(length).enumerate() {
            if let Ok(reference) = ReferenceCode::parse(&some.concat()) {
                let rest = [&words[..place], &words[place + length..]].concat();
                return (Some(reference), rest.join(" "));
            }
        }
    }
    (None, text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [(&str, &str); 2] = [("ko", "취소"), ("en", "cancel")];

    fn code() -> ReferenceCode {
        ReferenceCode::from_number(9_876_543_210)
    }

    #[test]
    fn a_wish_to_cancel_names_a_booking_in_many_ways() {
        let (short, spoken) = (code().as_str().to_owned(), code().spoken());
        let halves = spoken.replace('-', " ");
        for text in [
            format!("취소 {spoken}"),
            format!("취소{short}"),
            format!("예약취소 {short}."),
            format!("{spoken} 취소해 주세요"),
            format!("예약번호 {halves} 취소"),
            format!("취소 ({spoken})"),
        ] {
            let wish = read(&text, WORDS);
            assert!(wish == Some(Wish::Cancel { reference: Some(code()), word: "ko" }), "{text}");
        }
        for text in [format!("CANCEL {spoken}"), format!("Please cancel {}", short.to_lowercase())] {
            let wish = read(&text, WORDS);
            assert!(wish == Some(Wish::Cancel { reference: Some(code()), word: "en" }), "{text}");
        }
    }

    #[test]
    fn without_a_good_reference_none_is_guessed() {
        for text in ["취소", "취소 ABCD", "취소 2222-2223", "예약을 취소하려면 어떻게 하나요?"]
        {
            assert!(read(text, WORDS) == Some(Wish::Cancel { reference: None, word: "ko" }), "{text}");
        }
    }

    #[test]
    fn six_digits_are_a_code_and_all_else_is_nothing() {
        for text in [
            "012345",
            "확인 012345",
            "０１２３４５",
            "012 345",
            "Yes, 012-345!",
            "취소 012345",
            "CANCEL 012345",
        ] {
            assert!(read(text, WORDS) == Some(Wish::Confirm { code: "012345".into() }), "{text}");
        }
        let with_reference = format!("취소 {} 012345", code().spoken());
        assert!(read(&with_reference, WORDS) == Some(Wish::Confirm { code: "012345".into() }));
        for mistyped in ["12345", "0123456"] {
            assert!(read(mistyped, WORDS) == Some(Wish::Confirm { code: mistyped.into() }));
        }
        for text in ["", "네 감사합니다", "1234", "12345678", "12월 13일 10시 30분에 가도 되나요?"]
        {
            assert!(read(text, WORDS).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let wish = read("cancel ABCD-EFGH", WORDS).unwrap();
        assert_eq!(format!("{wish:?}"), "Wish::Cancel(..)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(text in any::<String>()) {
            let _ = read(&text, WORDS);
            let _ = read(&format!("취소{text}"), WORDS);
        }
    }
}
