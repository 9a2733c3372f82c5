//! The phone numbers that a text message reaches.

use crate::domain::phone::{PhoneNumber, PhoneNumberError};

/// The calling code of Korea, where mobile numbers can be told from others.
const KOREA: &str = "+82";

/// Reads a mobile number of one of the `countries` (calling codes).
///
/// # Errors
/// The key of the words that say what to type.
pub fn mobile_number(text: &str, countries: &[String]) -> Result<PhoneNumber, &'static str> {
    let countries: Vec<&str> = countries.iter().map(String::as_str).collect();
    match PhoneNumber::parse_with(text, &countries) {
        Ok(phone) if phone.as_e164().starts_with(KOREA) && !phone.is_mobile() => Err("sign-in-error-mobile"),
        Ok(phone) => Ok(phone),
        Err(PhoneNumberError::CountryNotServed) => Err("sign-in-error-country"),
        Err(_) => Err("error-phone"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        mobile_number(text, &["82".to_owned()]).map(|phone| phone.as_e164().to_owned())
    }

    #[test]
    fn a_mobile_number_is_read_however_it_is_written() {
        for text in ["010-0000-1234", "01000001234", "+82 10 0000 1234", " ０１０ ００００ １２３４ "]
        {
            assert_eq!(read(text).unwrap(), "+821000001234", "{text}");
        }
    }

    #[test]
    fn what_no_text_message_reaches_is_refused_in_words_of_its_own() {
        assert_eq!(read(""), Err("error-phone"));
        assert_eq!(read("hello"), Err("error-phone"));
        assert_eq!(read("010-0000"), Err("error-phone"));
        assert_eq!(read("02-000-0000"), Err("sign-in-error-mobile"));
        assert_eq!(read("+1 202 555 0100"), Err("sign-in-error-country"));
    }

    #[test]
    fn a_country_that_is_configured_is_served() {
        let phone = mobile_number("+1 202 555 0100", &["82".to_owned(), "1".to_owned()]).unwrap();
        assert_eq!(phone.as_e164(), "+12025550100");
    }
}
