//! The short code a booking is called by, on paper, over the phone and in a QR code.

use std::fmt;

use super::clock::{Chance, ChanceExt};
use super::text::{fold_sign, is_blank, is_hyphen};

/// Digits and capital letters that can't be taken for one another: without 0, 1, I, L and O. Their count, 31, is a
/// prime, and on that the check sign rests.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

const BASE: u64 = 31;
const DATA_SIGNS: usize = 7;
const SIGNS: usize = DATA_SIGNS + 1;

/// How many codes there are: 31^7, a little over 2^34.
const CODES: u64 = BASE.pow(DATA_SIGNS as u32);

/// A booking's name for people: eight signs, the last of which checks the others, so that every single wrong sign and
/// every swap of two neighbours is noticed. It is a name, never a secret, and grants nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceCode([u8; SIGNS]);

/// Why a text is not a reference code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceCodeError {
    /// Nothing was typed.
    #[error("the reference is missing")]
    Empty,
    /// Not eight signs.
    #[error("a reference has 8 letters and digits, like ABCD-EFGH")]
    WrongLength,
    /// A sign that no code has because it looks like another.
    #[error("a reference has no {0}, because it looks like another sign; look at it again")]
    Confusable(char),
    /// A sign that is neither a letter from A to Z nor a digit.
    #[error("a reference has no {0}; it has letters from A to Z and digits only")]
    UnknownCharacter(char),
    /// All signs are good ones, but together they can't be: one is wrong or two are swapped.
    #[error("one sign of the reference is wrong, or two are swapped; compare it sign by sign")]
    CheckFailed,
}

impl ReferenceCode {
    /// The code of a number; numbers that differ by a multiple of 31^7 share one.
    pub fn from_number(n: u64) -> Self {
        let mut values = [0; SIGNS];
        let mut rest = n % CODES;
        for value in values[..DATA_SIGNS].iter_mut().rev() {
            *value = rest % BASE;
            rest /= BASE;
        }
        // The check sign has weight 1, so it is what the sum still lacks.
        values[DATA_SIGNS] = (BASE - weighted_sum(&values)) % BASE;
        Self(values.map(|value| ALPHABET[value as usize]))
    }

    /// A code by chance. It may be taken already: the table's unique key decides, and the caller draws again.
    pub fn random(chance: &dyn Chance) -> Self {
        Self::from_number(chance.below(CODES))
    }

    /// Reads a code as people type it: small letters, blanks, hyphens and full-width signs are fine.
    ///
    /// Look-alikes are refused, not guessed: `0` may have been a `Q` or a `D`.
    pub fn parse(text: &str) -> Result<Self, ReferenceCodeError> {
        let mut values = [0; SIGNS];
        let mut count = 0;
        for typed in text.chars() {
            let sign = fold_sign(typed).to_ascii_uppercase();
            if is_blank(sign) || is_hyphen(sign) {
                continue;
            }
            let value = value_of(sign).ok_or(match sign {
                '0' | '1' | 'I' | 'L' | 'O' => ReferenceCodeError::Confusable(typed),
                _ => ReferenceCodeError::UnknownCharacter(typed),
            })?;
            *values.get_mut(count).ok_or(ReferenceCodeError::WrongLength)? = value;
            count += 1;
        }
        match count {
            0 => Err(ReferenceCodeError::Empty),
            SIGNS if weighted_sum(&values) == 0 => Ok(Self(values.map(|value| ALPHABET[value as usize]))),
            SIGNS => Err(ReferenceCodeError::CheckFailed),
            _ => Err(ReferenceCodeError::WrongLength),
        }
    }

    /// Reads what a scanner at the clinic's desk typed: the code alone, or the address `…/r/ABCDEFGH` of a QR code.
    pub fn parse_scanned(text: &str) -> Result<Self, ReferenceCodeError> {
        let after = text.rfind("/r/").or_else(|| text.rfind("/R/")).and_then(|at| text.get(at + 3..));
        let code = after.and_then(|rest| rest.split(['?', '#', '/']).next());
        Self::parse(code.unwrap_or(text))
    }

    /// The eight signs, for storing and for addresses: `ABCDEFGH`.
    pub fn as_str(&self) -> &str {
        // Only signs of the alphabet are ever put in, so this is always text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code in two halves, for showing and for reading aloud: `ABCD-EFGH`.
    pub fn spoken(&self) -> String {
        let (front, back) = self.as_str().split_at(SIGNS / 2);
        format!("{front}-{back}")
    }
}

impl fmt::Display for ReferenceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spoken())
    }
}

/// It names a booking, so it stays out of logs and crashes.
impl fmt::Debug for ReferenceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferenceCode(..)")
    }
}

fn value_of(sign: char) -> Option<u64> {
    let at = ALPHABET.iter().position(|known| char::from(*known) == sign)?;
    u64::try_from(at).ok()
}

/// The sum with weights 8, 7, … 1, modulo 31; zero for a good code.
///
/// One wrong sign changes it by weight × difference, a swap of neighbours by the difference of the two signs. Neither
/// is a multiple of the prime 31, because all factors are smaller, so the sum can't stay zero.
fn weighted_sum(values: &[u64; SIGNS]) -> u64 {
    (1..=SIGNS as u64).rev().zip(values).map(|(weight, value)| weight * value).sum::<u64>() % BASE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives the bytes of a number again and again.
    struct Always(u64);

    impl Chance for Always {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, given) in bytes.iter_mut().zip(self.0.to_be_bytes().iter().cycle()) {
                *byte = *given;
            }
        }
    }

    #[test]
    fn codes_carry_34_bits() {
        const { assert!(CODES > 1 << 34) };
        assert_eq!(ReferenceCode::from_number(0), ReferenceCode::from_number(CODES));
        assert_eq!(ReferenceCode::random(&Always(5)), ReferenceCode::from_number(5));
        assert_eq!(ReferenceCode::from_number(0).as_str(), "22222222");
        assert_eq!(ReferenceCode::from_number(1).as_str(), "2222223Y");
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ReferenceCode::from_number(9_876_543_210);
        let text = code.as_str();
        let wide: String =
            text.chars().map(|sign| char::from_u32(u32::from(sign) + 0xFEE0).unwrap()).collect();
        for typed in [text.to_lowercase(), code.spoken(), format!(" {code}\r\n"), wide, code.to_string()] {
            assert_eq!(ReferenceCode::parse(&typed), Ok(code), "{typed}");
        }
    }

    #[test]
    fn a_scanner_may_type_the_code_or_its_address() {
        let code = ReferenceCode::from_number(9_876_543_210);
        let text = code.as_str();
        for scanned in [
            text.to_owned(),
            format!("https://example.org/r/{text}"),
            format!("https://example.org/r/{text}?l=en"),
            format!("HTTPS://EXAMPLE.ORG/R/{text}\n"),
            format!("/r/{text}/"),
        ] {
            assert_eq!(ReferenceCode::parse_scanned(&scanned), Ok(code), "{scanned}");
        }
        assert!(ReferenceCode::parse_scanned("https://example.org/").is_err());
        assert_eq!(ReferenceCode::parse_scanned("/r/"), Err(ReferenceCodeError::Empty));
    }

    #[test]
    fn a_refusal_points_at_the_sign() {
        use ReferenceCodeError::*;
        for (text, error) in [
            ("", Empty),
            (" - ", Empty),
            ("ABCD", WrongLength),
            ("ABCD-EFGH-J", WrongLength),
            ("ABCD-EFG0", Confusable('0')),
            ("lBCD-EFGH", Confusable('l')),
            ("ABCD-EFG!", UnknownCharacter('!')),
            ("김BCD-EFGH", UnknownCharacter('김')),
            ("22222223", CheckFailed),
        ] {
            assert_eq!(ReferenceCode::parse(text), Err(error), "{text}");
        }
    }

    fn code() -> impl Strategy<Value = ReferenceCode> {
        any::<u64>().prop_map(ReferenceCode::from_number)
    }

    proptest! {
        #[test]
        fn a_code_comes_back_from_its_text(code in code()) {
            prop_assert_eq!(ReferenceCode::parse(code.as_str()), Ok(code));
            prop_assert_eq!(ReferenceCode::parse(&code.spoken()), Ok(code));
            prop_assert_eq!(code.as_str().len(), SIGNS);
        }

        #[test]
        fn different_numbers_have_different_codes(one in 0..CODES, other in 0..CODES) {
            prop_assert_eq!(one == other, ReferenceCode::from_number(one) == ReferenceCode::from_number(other));
        }

        #[test]
        fn every_single_wrong_sign_is_noticed(code in code()) {
            for at in 0..SIGNS {
                for wrong in ALPHABET.iter().filter(|sign| **sign != code.0[at]) {
                    let mut signs = code.0;
                    signs[at] = *wrong;
                    let text = std::str::from_utf8(&signs).unwrap();
                    prop_assert_eq!(ReferenceCode::parse(text), Err(ReferenceCodeError::CheckFailed));
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_noticed(code in code()) {
            for at in (1..SIGNS).filter(|at| code.0[*at] != code.0[at - 1]) {
                let mut signs = code.0;
                signs.swap(at, at - 1);
                let text = std::str::from_utf8(&signs).unwrap();
                prop_assert_eq!(ReferenceCode::parse(text), Err(ReferenceCodeError::CheckFailed));
            }
        }

        #[test]
        fn anything_typed_is_answered(text in any::<String>()) {
            let _ = ReferenceCode::parse(&text);
            let _ = ReferenceCode::parse_scanned(&format!("{text}/r/{text}"));
        }
    }
}
