//! The form about a person, and how it is read.

use jiff::civil::Date;
use serde::Deserialize;

use super::words::birth_error;
use crate::domain::birth_date::BirthDate;
use crate::domain::person::{CaredFor, MessagesTo, Relation};
use crate::domain::person_name::{PersonName, PersonNameError};
use crate::domain::phone::PhoneNumber;
use crate::store::people::PersonDetails;
use crate::web::form::FormErrors;
use crate::web::pages::sign_in::mobile_number;

/// The most letters of a name, as the domain has it.
const NAME_LETTERS_MAX: i64 = 60;

/// What was typed about a person.
#[derive(Default, Deserialize)]
pub struct PersonForm {
    #[serde(default)]
    pub(super) relation: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default, rename = "birth-year")]
    pub(super) birth_year: String,
    #[serde(default, rename = "birth-month")]
    pub(super) birth_month: String,
    #[serde(default, rename = "birth-day")]
    pub(super) birth_day: String,
    #[serde(default)]
    pub(super) messages: String,
    #[serde(default)]
    pub(super) phone: String,
    #[serde(default)]
    pub(super) consent: String,
}

/// What a form about a person is read by.
pub(super) struct Reading<'a> {
    /// The proved phone of the account: the owner's own.
    pub(super) own_phone: &'a PhoneNumber,
    /// Calling codes that are served.
    pub(super) countries: &'a [String],
    /// Today, where the service is.
    pub(super) today: Date,
    /// Whether the consent must be ticked: when a person is added, not when they are changed.
    pub(super) asks_consent: bool,
}

impl PersonForm {
    /// The form as it stands for a person who is known.
    pub(super) fn about(one: &CaredFor) -> Self {
        let birth = one.person.birth.date();
        Self {
            relation: one.relation.as_str().to_owned(),
            name: one.person.name.as_str().to_owned(),
            birth_year: birth.year().to_string(),
            birth_month: birth.month().to_string(),
            birth_day: birth.day().to_string(),
            messages: one.messages_to.as_str().to_owned(),
            phone: one.person.phone.as_ref().map(|phone| phone.national()).unwrap_or_default(),
            consent: "yes".to_owned(),
        }
    }

    /// Reads it. What is asked only about others is not looked at for the owner: their messages go to their own phone,
    /// and nobody consents to themselves.
    pub(super) fn read(&self, by: &Reading<'_>) -> Result<PersonDetails, FormErrors> {
        let mut errors = FormErrors::none();
        let relation = Relation::from_word(&self.relation);
        if relation.is_none() {
            errors.add("relation", "people-error-relation");
        }
        let name = PersonName::parse(&self.name).map_err(|error| match error {
            PersonNameError::Empty => errors.add("name", "error-name"),
            PersonNameError::TooLong => {
                errors.add_with("name", "error-too-long", &[("most", NAME_LETTERS_MAX)]);
            }
            PersonNameError::Unreadable => errors.add("name", "people-error-name-unreadable"),
        });
        let birth = BirthDate::parse(&self.birth_year, &self.birth_month, &self.birth_day, by.today)
            .map_err(|error| errors.add("birth", birth_error(error)));
        let contact = if relation == Some(Relation::Me) {
            Some((MessagesTo::Mine, Some(by.own_phone.clone())))
        } else {
            self.contact(by, &mut errors)
        };
        if by.asks_consent && relation != Some(Relation::Me) && self.consent != "yes" {
            errors.add("consent", "error-consent");
        }
        match (relation, name, birth, contact) {
            (Some(relation), Ok(name), Ok(birth), Some((messages_to, phone))) if errors.is_empty() => {
                Ok(PersonDetails { name, birth, relation, messages_to, phone })
            }
            _ => Err(errors),
        }
    }

    /// Whose phone gets the messages, and the person's own when they have one.
    fn contact(
        &self,
        by: &Reading<'_>,
        errors: &mut FormErrors,
    ) -> Option<(MessagesTo, Option<PhoneNumber>)> {
        let messages_to = MessagesTo::from_word(&self.messages);
        if messages_to.is_none() {
            errors.add("messages", "people-error-messages");
        }
        let typed = !self.phone.trim().is_empty();
        let phone = if typed { Some(mobile_number(&self.phone, by.countries)) } else { None };
        let wrong = match (messages_to, &phone) {
            (Some(MessagesTo::NoPhone), Some(_)) => Some("people-error-phone-or-none"),
            (Some(messages_to), None) if messages_to.needs_their_phone() => Some("people-error-phone-needed"),
            (_, Some(Err("sign-in-error-mobile"))) => Some("people-error-phone-mobile"),
            (_, Some(Err(key))) => Some(*key),
            _ => None,
        };
        if let Some(key) = wrong {
            errors.add("phone", key);
            return None;
        }
        messages_to.map(|messages_to| (messages_to, phone.and_then(Result::ok)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn mother() -> PersonForm {
        PersonForm {
            relation: "mother".to_owned(),
            name: " 김순자 ".to_owned(),
            birth_year: "1947".to_owned(),
            birth_month: "03".to_owned(),
            birth_day: "９".to_owned(),
            messages: "both".to_owned(),
            phone: "010-0000-0002".to_owned(),
            consent: "yes".to_owned(),
        }
    }

    fn read(
        form: &PersonForm,
        asks_consent: bool,
    ) -> Result<PersonDetails, Vec<(&'static str, &'static str)>> {
        let own_phone = PhoneNumber::parse("010-0000-0001").unwrap();
        let by = Reading {
            own_phone: &own_phone,
            countries: &["82".to_owned()],
            today: date(2026, 11, 23),
            asks_consent,
        };
        form.read(&by).map_err(|errors| errors.iter().map(|error| (error.field, error.key)).collect())
    }

    #[test]
    fn a_mother_with_a_phone_of_her_own_is_read() {
        let details = read(&mother(), true).unwrap();
        assert_eq!(details.name.as_str(), "김순자");
        assert_eq!(details.birth.iso(), "1947-03-09");
        assert_eq!((details.relation, details.messages_to), (Relation::Mother, MessagesTo::Both));
        assert_eq!(details.phone.unwrap().as_e164(), "+821000000002");
    }

    #[test]
    fn a_person_without_a_phone_is_normal() {
        let form = PersonForm { messages: "no-phone".to_owned(), phone: " ".to_owned(), ..mother() };
        assert!(read(&form, true).unwrap().phone.is_none());
    }

    #[test]
    fn a_phone_is_needed_only_when_it_gets_messages() {
        for (messages, phone, expected) in [
            ("theirs", "", Some("people-error-phone-needed")),
            ("both", "", Some("people-error-phone-needed")),
            ("mine", "", None),
            ("mine", "010-0000-0002", None),
            ("mine", "010", Some("error-phone")),
            ("no-phone", "010-0000-0002", Some("people-error-phone-or-none")),
            ("theirs", "02-000-0000", Some("people-error-phone-mobile")),
            ("theirs", "+1 202 555 0100", Some("sign-in-error-country")),
        ] {
            let form = PersonForm { messages: messages.to_owned(), phone: phone.to_owned(), ..mother() };
            let wrong = read(&form, true).err().map(|errors| errors[0].1);
            assert_eq!(wrong, expected, "{messages} {phone}");
        }
    }

    #[test]
    fn an_empty_form_says_everything_in_the_order_of_its_fields() {
        let fields: Vec<_> =
            read(&PersonForm::default(), true).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["relation", "name", "birth", "messages", "consent"]);
    }

    #[test]
    fn the_owner_has_the_proved_phone_and_consents_to_nothing() {
        let form = PersonForm {
            relation: "me".to_owned(),
            messages: String::new(),
            phone: "010-0000-0009".to_owned(),
            consent: String::new(),
            ..mother()
        };
        let details = read(&form, true).unwrap();
        assert_eq!(details.messages_to, MessagesTo::Mine);
        assert_eq!(details.phone.unwrap().as_e164(), "+821000000001");
    }

    #[test]
    fn consent_is_asked_once() {
        let form = PersonForm { consent: String::new(), ..mother() };
        assert_eq!(read(&form, true).unwrap_err(), [("consent", "error-consent")]);
        assert!(read(&form, false).is_ok());
    }

    #[test]
    fn a_wrong_birth_date_says_what_is_wrong() {
        for (year, month, day, key) in [
            ("1947", "2", "30", "error-date"),
            ("1947", "", "3", "error-date"),
            ("2027", "1", "1", "error-date-future"),
            ("47", "3", "9", "people-error-birth-year"),
        ] {
            let [birth_year, birth_month, birth_day] = [year, month, day].map(str::to_owned);
            let form = PersonForm { birth_year, birth_month, birth_day, ..mother() };
            assert_eq!(read(&form, true).unwrap_err(), [("birth", key)], "{year}-{month}-{day}");
        }
    }
}
