//! What people write about somebody.

use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::people::PersonDetails;

/// Somebody of this name, born on that day, without a phone: `("김순자", "1950-03-01")`.
pub fn someone(name: &str, birth: &str, relation: Relation) -> PersonDetails {
    PersonDetails {
        name: PersonName::parse(name).unwrap(),
        birth: BirthDate::from_stored(birth).unwrap(),
        relation,
        messages_to: MessagesTo::Mine,
        phone: None,
    }
}

/// The same with a phone of their own, which gets the messages.
pub fn someone_with_phone(name: &str, birth: &str, relation: Relation, phone: &str) -> PersonDetails {
    let phone = Some(PhoneNumber::parse(phone).unwrap());
    PersonDetails { messages_to: MessagesTo::Theirs, phone, ..someone(name, birth, relation) }
}
