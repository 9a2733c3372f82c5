//! The six digits that prove a phone.

use std::fmt;

use subtle::ConstantTimeEq;

use super::keyring::KeyRing;
use super::master::Use;

const DIGITS: usize = 6;

/// The code of one challenge. Its `Debug` shows no digit; the message takes them by [`OneTimeCode::digits`].
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeCode(String);

impl OneTimeCode {
    /// The six digits, for the message and for nothing else.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether `typed` is this code. Blanks and hyphens anywhere don't count, and full-width digits (as Korean and
    /// Japanese keyboards give) do. How many digits are right can't be measured.
    pub fn matches(&self, typed: &str) -> bool {
        let digits: Option<String> =
            typed.chars().filter(|sign| !is_separator(*sign)).map(ascii_digit).collect();
        // Slices of unequal length are unequal at once, and that the length is six is no secret.
        digits.is_some_and(|digits| digits.as_bytes().ct_eq(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

impl KeyRing {
    /// The code of a challenge, derived from its id with the current key, so that it is stored nowhere.
    ///
    /// Taking 64 bits modulo 1,000,000 makes some codes likelier by less than one part in 10^13.
    pub fn code_for(&self, challenge: i64) -> OneTimeCode {
        let mac = self.mac(Use::OneTimeCode, &challenge.to_be_bytes());
        let number = mac.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        OneTimeCode(format!("{:0DIGITS$}", number % 10_u64.pow(DIGITS as u32)))
    }
}

/// Blanks, hyphens and dashes of every script, and the invisible signs that copying from a message brings along.
fn is_separator(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(sign, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn ascii_digit(sign: char) -> Option<char> {
    match sign {
        '0'..='9' => Some(sign),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(sign) - 0xff10, 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn a_code_is_taken_however_it_is_typed() {
        let code = OneTimeCode("012345".to_owned());
        for typed in [
            "012345",
            " 012345\n",
            "012 345",
            "012-345",
            "0 1 2 3 4 5",
            "０１２３４５",
            "012－345",
            "\u{200b}012345",
        ] {
            assert!(code.matches(typed), "{typed:?}");
        }
        for typed in ["", "12345", "0123456", "012346", "O12345", "01234５６", "012345a", "٠١٢٣٤٥"] {
            assert!(!code.matches(typed), "{typed:?}");
        }
    }

    #[test]
    fn a_code_has_six_digits_and_belongs_to_its_challenge() {
        let ring = KeyRing::generate(&SeededChance::new(1), false);
        let codes: Vec<_> = (0..2_000).map(|challenge| ring.code_for(challenge)).collect();
        assert!(codes.iter().all(|code| code.digits().len() == 6 && code.matches(code.digits())));
        let different: HashSet<_> = codes.iter().map(OneTimeCode::digits).collect();
        assert!(different.len() > 1_980, "{} different codes", different.len());
        assert!(codes.iter().any(|code| code.digits().starts_with('0')));
        assert_eq!(ring.code_for(7), ring.code_for(7));
    }

    #[test]
    fn debug_shows_no_digit() {
        assert_eq!(format!("{:?}", OneTimeCode("012345".to_owned())), "OneTimeCode(…)");
    }
}
