//! An e-mail address, checked as far as is of use before a letter is sent to it.

use std::fmt;

use super::text::{fold_width, is_blank};

/// The most bytes before the `@` (RFC 5321, 4.5.3.1.1).
const MOST_LOCAL_BYTES: usize = 64;

/// The most bytes of the whole address (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MOST_BYTES: usize = 254;

/// An e-mail address. Only a letter that is answered proves that it exists; this type keeps out typing slips and
/// anything that could add a line to a letter's head.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// Nothing was typed.
    #[error("the e-mail address is missing")]
    Empty,
    /// It doesn't look like `name@example.com`.
    #[error("this is not an e-mail address; write it like name@example.com")]
    Malformed,
    /// More than 64 bytes before the `@`, or more than 254 altogether.
    #[error("the e-mail address is too long")]
    TooLong,
}

impl EmailAddress {
    /// Reads an address like `name@example.com`: trims it, folds full-width signs, lower-cases the domain.
    ///
    /// The part before the `@` keeps its case, because only its own server knows whether that matters. Quoted parts
    /// and addresses without a dot in the domain are refused: at a public service they are slips.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let folded = fold_width(text);
        let trimmed = folded.trim_matches(is_blank);
        if trimmed.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        let (local, domain) = trimmed.split_once('@').ok_or(EmailAddressError::Malformed)?;
        let domain = domain.to_lowercase();
        if !is_local(local) || !is_domain(&domain) {
            return Err(EmailAddressError::Malformed);
        }
        let address = format!("{local}@{domain}");
        if local.len() > MOST_LOCAL_BYTES || address.len() > MOST_BYTES {
            return Err(EmailAddressError::TooLong);
        }
        Ok(Self(address))
    }

    /// The whole address, for storing and for sending.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with its name hidden: `d***@example.com`, and `***@example.com` for a name of one letter.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let mut signs = local.chars();
        match (signs.next(), signs.next()) {
            (Some(first), Some(_)) => format!("{first}***@{domain}"),
            _ => format!("***@{domain}"),
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

fn is_local(local: &str) -> bool {
    let dots_apart = local.split('.').all(|part| !part.is_empty());
    let refused = |sign: char| sign.is_control() || is_blank(sign) || "\"(),:;<>@[\\]".contains(sign);
    dots_apart && !local.chars().any(refused)
}

/// Labels of letters (of any script), digits and inner hyphens, at least two, and the last not a number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let signs_fit = label.chars().all(|sign| sign.is_alphanumeric() || sign == '-');
        (1..=63).contains(&label.len()) && signs_fit && !label.starts_with('-') && !label.ends_with('-')
    };
    let last_is_a_name =
        domain.rsplit_once('.').is_some_and(|(_, last)| !last.bytes().all(|sign| sign.is_ascii_digit()));
    last_is_a_name && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> Result<String, EmailAddressError> {
        EmailAddress::parse(text).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn usual_addresses_are_read() {
        for (text, read) in [
            ("daughter@example.com", "daughter@example.com"),
            (" Daughter.Kim+vaccine@Mail.Example.COM ", "Daughter.Kim+vaccine@mail.example.com"),
            ("ｋｉｍ＠ｅｘａｍｐｌｅ．ｃｏｍ", "kim@example.com"),
            ("o'brien@example.co.kr", "o'brien@example.co.kr"),
            ("김@한글.한국", "김@한글.한국"),
        ] {
            assert_eq!(address(text).as_deref(), Ok(read));
        }
    }

    #[test]
    fn slips_are_refused() {
        use EmailAddressError::*;
        assert_eq!(address(" \u{3000} "), Err(Empty));
        for text in [
            "kim",
            "@example.com",
            "kim@",
            "kim@example",
            "kim@@example.com",
            "kim@example@example.com",
            "kim lee@example.com",
            "kim@example..com",
            "kim@.example.com",
            "kim@example.com.",
            "kim@-example.com",
            "kim@127.0.0.1",
            ".kim@example.com",
            "kim@exa mple.com",
            "kim\r\nBcc: all@example.com",
            "kim@example.com\r\nBcc",
            "<kim@example.com>",
        ] {
            assert_eq!(address(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_standard() {
        assert!(address(&format!("{}@example.com", "a".repeat(64))).is_ok());
        let long = address(&format!("{}@example.com", "a".repeat(65)));
        assert_eq!(long, Err(EmailAddressError::TooLong));
        let domain = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
        assert_eq!(address(&format!("a@{domain}")), Err(EmailAddressError::TooLong));
        assert!(address(&format!("a@{}", &domain[..252])).is_ok());
    }

    #[test]
    fn a_masked_address_shows_one_letter() {
        let masked = |text: &str| EmailAddress::parse(text).unwrap().masked();
        assert_eq!(masked("daughter@example.com"), "d***@example.com");
        assert_eq!(masked("d@example.com"), "***@example.com");
        let address = EmailAddress::parse("daughter@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(..)");
    }

    proptest! {
        #[test]
        fn anything_typed_is_answered(text in "\\PC*|[a-z.@ -]{0,30}|\\PC{0,9}@\\PC{0,9}\\.\\PC{0,5}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                prop_assert!(address.as_str().len() <= 254);
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert!(!address.as_str().chars().any(|sign| sign.is_whitespace() || sign.is_control()));
            }
        }

        #[test]
        fn well_formed_addresses_are_never_refused(
            local in "[A-Za-z0-9_+-]{2,30}(\\.[a-z0-9]{1,10}){0,2}",
            domain in "[a-z0-9]{1,20}(\\.[a-z0-9][a-z0-9-]{0,5}[a-z]){1,3}",
        ) {
            let address = EmailAddress::parse(&format!("{local}@{}", domain.to_uppercase())).unwrap();
            prop_assert_eq!(address.as_str(), format!("{local}@{domain}"));
            prop_assert!(!address.masked().split('@').next().unwrap().contains(&local));
        }
    }
}
