//! A phone number as E.164, read from the ways people in Korea write one.

use std::fmt;
use std::ops::RangeInclusive;

use super::text::{fold_sign, is_blank, is_hyphen};

/// The calling code of the Republic of Korea.
const KOREA: &str = "82";

/// How many digits an E.164 number may have, calling code included (ITU-T E.164, 6.1).
const E164_DIGITS: RangeInclusive<usize> = 7..=15;

/// How many digits a Korean number may have after `0` or `+82`.
const KOREAN_DIGITS: RangeInclusive<usize> = 8..=11;

/// A phone number of one person or household, kept as E.164 (`+821000001234`), so that one phone is always equal to
/// itself however it was written.
///
/// There is no `Display`: whoever shows a number chooses between [`national`](Self::national) and
/// [`masked`](Self::masked).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is not a phone number we can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// Nothing was typed.
    #[error("the phone number is missing")]
    Empty,
    /// A sign that no phone number has, or a beginning that no personal number in Korea has.
    #[error("this is not a phone number; write it like 010-0000-1234")]
    NotANumber,
    /// Digits are missing.
    #[error("the phone number has too few digits; write it like 010-0000-1234")]
    TooShort,
    /// There are more digits than such a number has.
    #[error("the phone number has too many digits; write it like 010-0000-1234")]
    TooLong,
    /// A number of a country that this service sends no messages to (a guard against toll fraud).
    #[error("numbers of this country are not served; use a Korean number")]
    CountryNotServed,
}

impl PhoneNumber {
    /// Reads a Korean number: `010-0000-1234`, `02-123-4567`, `+82 (0)10 0000 1234`, `82-10-0000-1234`, with blanks,
    /// hyphens, dots, parentheses and full-width digits.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        Self::parse_with(text, &[KOREA])
    }

    /// Like [`parse`](Self::parse), for the calling codes in `countries` (`"82"`, `"1"`).
    ///
    /// A number without `+` or `00` in front is read as Korean. Korean numbers are held to the numbering plan, foreign
    /// ones only to the lengths of E.164.
    pub fn parse_with(text: &str, countries: &[&str]) -> Result<Self, PhoneNumberError> {
        let (international, digits) = digits_of(text)?;
        if international {
            return Self::international(&digits, countries);
        }
        if let Some(rest) = digits.strip_prefix("00") {
            return Self::international(rest, countries);
        }
        let national = digits.strip_prefix('0').or_else(|| digits.strip_prefix(KOREA));
        Self::korean(national.ok_or(PhoneNumberError::NotANumber)?, countries)
    }

    /// Takes back a number that [`as_e164`](Self::as_e164) wrote. Only the shape is checked, so that numbers stay
    /// readable when the numbering plan or the countries served change.
    pub fn from_e164(text: &str) -> Result<Self, PhoneNumberError> {
        if text.is_empty() {
            return Err(PhoneNumberError::Empty);
        }
        let digits = text.strip_prefix('+').ok_or(PhoneNumberError::NotANumber)?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        if !plain || digits.starts_with('0') || digits.starts_with("820") {
            return Err(PhoneNumberError::NotANumber);
        }
        check_length(digits, E164_DIGITS)?;
        Ok(Self(text.to_owned()))
    }

    /// The number as E.164, for storing and for gateways: `+821000001234`.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// Whether it is a Korean mobile number (010, 011, 016 to 019), which can get text messages.
    pub fn is_mobile(&self) -> bool {
        self.korean_digits().is_some_and(|digits| {
            ["10", "11", "16", "17", "18", "19"].iter().any(|code| digits.starts_with(code))
        })
    }

    /// The number as people in Korea write it (`010-0000-1234`); a foreign number as E.164.
    pub fn national(&self) -> String {
        match self.korean_parts() {
            Some((area, middle, last)) => format!("0{area}-{middle}-{last}"),
            None => self.0.clone(),
        }
    }

    /// The number with the middle hidden (`010-****-1234`), enough for its owner to recognise it.
    pub fn masked(&self) -> String {
        match self.korean_parts() {
            Some((area, middle, last)) if !middle.is_empty() => {
                format!("0{area}-{}-{last}", "*".repeat(middle.len()))
            }
            _ => {
                let digits = self.0.trim_start_matches('+');
                let (hidden, last) = digits.split_at(digits.len().saturating_sub(4));
                format!("+{}{last}", "*".repeat(hidden.len()))
            }
        }
    }

    fn international(digits: &str, countries: &[&str]) -> Result<Self, PhoneNumberError> {
        if let Some(rest) = digits.strip_prefix(KOREA) {
            // "+82 (0)10": the zero is for dialling inside the country only.
            return Self::korean(rest.strip_prefix('0').unwrap_or(rest), countries);
        }
        if digits.starts_with('0') {
            return Err(PhoneNumberError::NotANumber);
        }
        // Calling codes are prefix-free, so at most one fits.
        if !countries.iter().any(|code| !code.is_empty() && digits.starts_with(code)) {
            return Err(PhoneNumberError::CountryNotServed);
        }
        check_length(digits, E164_DIGITS)?;
        Ok(Self(format!("+{digits}")))
    }

    /// `digits` come without the leading zero.
    fn korean(digits: &str, countries: &[&str]) -> Result<Self, PhoneNumberError> {
        if !countries.contains(&KOREA) {
            return Err(PhoneNumberError::CountryNotServed);
        }
        check_length(digits, KOREAN_DIGITS)?;
        let lengths = korean_lengths(digits).ok_or(PhoneNumberError::NotANumber)?;
        check_length(digits, lengths)?;
        Ok(Self(format!("+{KOREA}{digits}")))
    }

    fn korean_digits(&self) -> Option<&str> {
        self.0.strip_prefix('+')?.strip_prefix(KOREA)
    }

    /// Area or network code without its zero, exchange, and line.
    fn korean_parts(&self) -> Option<(&str, &str, &str)> {
        let digits = self.korean_digits()?;
        let area = match digits {
            _ if digits.starts_with('2') => 1,
            _ if digits.starts_with("50") => 3,
            _ => 2,
        };
        let (front, last) = digits.split_at_checked(digits.len().checked_sub(4)?)?;
        let (area, middle) = front.split_at_checked(area)?;
        Some((area, middle, last))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or("");
        write!(f, "PhoneNumber(..{last})")
    }
}

/// The digits of `text`, and whether a plus stood before them.
fn digits_of(text: &str) -> Result<(bool, String), PhoneNumberError> {
    let mut international = false;
    let mut digits = String::new();
    for sign in text.chars().map(fold_sign) {
        match sign {
            '0'..='9' => digits.push(sign),
            '+' if digits.is_empty() && !international => international = true,
            '.' | '(' | ')' => {}
            _ if is_blank(sign) || is_hyphen(sign) => {}
            _ => return Err(PhoneNumberError::NotANumber),
        }
    }
    match (digits.is_empty(), text.chars().all(is_blank)) {
        (_, true) => Err(PhoneNumberError::Empty),
        (true, false) => Err(PhoneNumberError::NotANumber),
        (false, false) => Ok((international, digits)),
    }
}

fn check_length(digits: &str, allowed: RangeInclusive<usize>) -> Result<(), PhoneNumberError> {
    if digits.len() < *allowed.start() {
        Err(PhoneNumberError::TooShort)
    } else if digits.len() > *allowed.end() {
        Err(PhoneNumberError::TooLong)
    } else {
        Ok(())
    }
}

/// How many digits follow the leading zero, by the numbering plan of the Ministry of Science and ICT. `None` for codes
/// no person answers at: toll-free 080, premium 060, machines 012, representative 15xx.
fn korean_lengths(digits: &str) -> Option<RangeInclusive<usize>> {
    if digits.starts_with('2') {
        return Some(8..=9);
    }
    match digits.get(..2)? {
        "10" | "70" => Some(10..=10),
        "11" | "16" | "17" | "18" | "19" => Some(9..=10),
        "31" | "32" | "33" | "41" | "42" | "43" | "44" => Some(9..=10),
        "51" | "52" | "53" | "54" | "55" | "61" | "62" | "63" | "64" => Some(9..=10),
        "50" => Some(10..=11),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e164(text: &str) -> Result<String, PhoneNumberError> {
        PhoneNumber::parse(text).map(|number| number.as_e164().to_owned())
    }

    #[test]
    fn one_phone_is_the_same_however_it_is_written() {
        for text in [
            "010-0000-1234",
            "01000001234",
            " 010 0000 1234 ",
            "010.0000.1234",
            "(010) 0000-1234",
            "０１０－００００－１２３４",
            "010–0000–1234",
            "+82 10 0000 1234",
            "+82 (0)10-0000-1234",
            "82-10-0000-1234",
            "0082 10 0000 1234",
            "＋８２　１０　００００　１２３４",
        ] {
            assert_eq!(e164(text).as_deref(), Ok("+821000001234"), "{text}");
        }
    }

    #[test]
    fn landlines_are_read_and_written_by_their_area() {
        for (text, stored) in [
            ("02-123-4567", "+8221234567"),
            ("02-1234-5678", "+82212345678"),
            ("031-123-4567", "+82311234567"),
            ("064-1234-5678", "+826412345678"),
            ("070-1234-5678", "+827012345678"),
            ("0505-123-4567", "+825051234567"),
            ("0502-1234-5678", "+8250212345678"),
        ] {
            let number = PhoneNumber::parse(text).unwrap();
            assert_eq!(number.as_e164(), stored);
            assert_eq!(number.national(), text);
            assert!(!number.is_mobile());
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        use PhoneNumberError::*;
        for (text, error) in [
            ("", Empty),
            (" \u{3000}", Empty),
            ("-", NotANumber),
            ("+", NotANumber),
            ("mother", NotANumber),
            ("010-0000-123a", NotANumber),
            ("010+0000+1234", NotANumber),
            ("1588-0000", NotANumber),
            ("080-000-1234", NotANumber),
            ("060-700-1234", NotANumber),
            ("0", TooShort),
            ("010-0000-123", TooShort),
            ("010-0000-12345", TooLong),
            ("02-12345-67890", TooLong),
            ("+1 212 555 0100", CountryNotServed),
            ("001 212 555 0100", CountryNotServed),
        ] {
            assert_eq!(e164(text), Err(error), "{text}");
        }
    }

    #[test]
    fn other_countries_are_served_when_configured() {
        let number = PhoneNumber::parse_with("+1 (212) 555-0100", &["82", "1"]).unwrap();
        assert_eq!(number.as_e164(), "+12125550100");
        assert_eq!(number.national(), "+12125550100");
        assert_eq!(number.masked(), "+*******0100");
        assert!(!number.is_mobile());
        let korean = PhoneNumber::parse_with("010-0000-1234", &["1"]);
        assert_eq!(korean, Err(PhoneNumberError::CountryNotServed));
        let nobody = PhoneNumber::parse_with("+12125550100", &[""]);
        assert_eq!(nobody, Err(PhoneNumberError::CountryNotServed));
    }

    #[test]
    fn the_whole_number_shows_only_where_asked_for() {
        let number = PhoneNumber::parse("010-0000-1234").unwrap();
        assert!(number.is_mobile());
        assert_eq!(number.national(), "010-0000-1234");
        assert_eq!(number.masked(), "010-****-1234");
        assert_eq!(format!("{number:?}"), "PhoneNumber(..34)");
        let old = PhoneNumber::parse("016-000-1234").unwrap();
        assert!(old.is_mobile());
        assert_eq!(old.masked(), "016-***-1234");
    }

    #[test]
    fn stored_numbers_are_taken_back_only_in_their_own_form() {
        assert!(PhoneNumber::from_e164("+821000001234").is_ok());
        for text in ["", "821000001234", "+8201000001234", "+0821000", "+82 10", "+12", "+82é"] {
            assert!(PhoneNumber::from_e164(text).is_err(), "{text}");
        }
    }

    fn korean_number() -> impl Strategy<Value = String> {
        prop_oneof![
            "010-[0-9]{4}-[0-9]{4}",
            "01[16789]-[0-9]{3,4}-[0-9]{4}",
            "02-[0-9]{3,4}-[0-9]{4}",
            "0(3[1-3]|4[1-4]|5[1-5]|6[1-4])-[0-9]{3,4}-[0-9]{4}",
            "070-[0-9]{4}-[0-9]{4}",
            "050[0-9]-[0-9]{3,4}-[0-9]{4}",
        ]
    }

    proptest! {
        #[test]
        fn anything_typed_is_answered(text in any::<String>()) {
            if let Ok(number) = PhoneNumber::parse(&text) {
                let stored = PhoneNumber::from_e164(number.as_e164());
                prop_assert_eq!(stored.as_ref(), Ok(&number));
                let again = PhoneNumber::parse(&number.national());
                prop_assert_eq!(again.as_ref(), Ok(&number));
            }
        }

        #[test]
        fn a_korean_number_comes_back_as_it_was_written(text in korean_number()) {
            let number = PhoneNumber::parse(&text).unwrap();
            prop_assert_eq!(number.national(), text.clone());
            prop_assert_eq!(&PhoneNumber::from_e164(number.as_e164()).unwrap(), &number);
            prop_assert_eq!(&PhoneNumber::parse(number.as_e164()).unwrap(), &number);
            prop_assert_eq!(number.masked().len(), text.len());
            prop_assert_eq!(number.masked().matches('*').count(), text.len() - text.find('-').unwrap() - 6);
        }

        #[test]
        fn separators_make_no_difference(
            text in korean_number(),
            blanks in prop::collection::vec(prop_oneof![Just(""), Just(" "), Just("-"), Just("."), Just("　")], 16),
        ) {
            let noisy: String = text
                .chars()
                .filter(char::is_ascii_digit)
                .zip(blanks)
                .map(|(digit, blank)| format!("{blank}{digit}"))
                .collect();
            prop_assert_eq!(PhoneNumber::parse(&noisy), PhoneNumber::parse(&text));
        }

        #[test]
        fn stored_forms_never_panic(text in "\\PC{0,20}|\\+[0-9]{0,20}") {
            if let Ok(number) = PhoneNumber::from_e164(&text) {
                prop_assert!(number.masked().contains('*'));
                let logged = format!("{number:?}");
                prop_assert!(!logged.contains(&number.national()));
            }
        }
    }
}
