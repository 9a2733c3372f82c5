//! A person who is vaccinated, and the account that cares for them.

use super::birth_date::BirthDate;
use super::ids::PersonId;
use super::person_name::PersonName;
use super::phone::PhoneNumber;

/// Someone who is vaccinated.
#[derive(Debug, Clone)]
pub struct Person {
    /// The row's id.
    pub id: PersonId,
    /// Their name.
    pub name: PersonName,
    /// Their birth date.
    pub birth: BirthDate,
    /// Their own phone, when they have one.
    pub phone: Option<PhoneNumber>,
}

/// A person in the list of an account.
#[derive(Debug, Clone)]
pub struct CaredFor {
    /// The person.
    pub person: Person,
    /// Their number in the account's list; what URLs name them by.
    pub number: i32,
    /// What they are to the account's owner.
    pub relation: Relation,
    /// Whose phone gets the messages.
    pub messages_to: MessagesTo,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every one, in the order pages show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in forms, tables and catalog keys.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a person is to the owner of the account.
    Relation {
        /// The owner of the account.
        Me = "me",
        /// Mother.
        Mother = "mother",
        /// Father.
        Father = "father",
        /// Husband or wife.
        Spouse = "spouse",
        /// Child.
        Child = "child",
        /// Grandmother or grandfather.
        Grandparent = "grandparent",
        /// Anyone else.
        Other = "other",
    }
}

words! {
    /// Whose phone gets the messages about a person's bookings.
    MessagesTo {
        /// The person's own.
        Theirs = "theirs",
        /// That of the one who books.
        Mine = "mine",
        /// Both.
        Both = "both",
        /// The person has no phone, so that of the one who books.
        NoPhone = "no-phone",
    }
}

impl MessagesTo {
    /// Whether the person's own phone gets messages, so that it must be known.
    pub fn needs_their_phone(self) -> bool {
        matches!(self, Self::Theirs | Self::Both)
    }

    /// Whether reminders go to the one who books.
    pub fn reminds_booker(self) -> bool {
        !matches!(self, Self::Theirs)
    }
}
