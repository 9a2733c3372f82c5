//! How people are spoken of: the keys of the words for relations and messages, and birth dates, right and wrong.

use jiff::civil::Date;

use crate::domain::birth_date::BirthDateError;
use crate::domain::person::{MessagesTo, Relation};
use crate::language::Language;

/// The key of the word for a relation.
pub fn relation_key(relation: Relation) -> &'static str {
    match relation {
        Relation::Me => "people-relation-me",
        Relation::Mother => "people-relation-mother",
        Relation::Father => "people-relation-father",
        Relation::Spouse => "people-relation-spouse",
        Relation::Child => "people-relation-child",
        Relation::Grandparent => "people-relation-grandparent",
        Relation::Other => "people-relation-other",
    }
}

/// The key of the words for whose phone gets the messages.
pub fn messages_key(messages_to: MessagesTo) -> &'static str {
    match messages_to {
        MessagesTo::Theirs => "people-messages-theirs",
        MessagesTo::Mine => "people-messages-mine",
        MessagesTo::Both => "people-messages-both",
        MessagesTo::NoPhone => "people-messages-no-phone",
    }
}

/// A birth date, which has no weekday anyone cares for.
pub fn birth_words(language: Language, date: Date) -> String {
    language
        .say("people-birth-on")
        .with("year", date.year().to_string())
        .with("month", date.month())
        .with("day", date.day())
        .to_string()
}

/// The key of the words for what is wrong with a birth date that was typed.
pub fn birth_error(error: BirthDateError) -> &'static str {
    match error {
        BirthDateError::InFuture => "error-date-future",
        BirthDateError::TooLongAgo => "people-error-birth-year",
        BirthDateError::YearMissing
        | BirthDateError::MonthMissing
        | BirthDateError::DayMissing
        | BirthDateError::NotADate => "error-date",
    }
}
