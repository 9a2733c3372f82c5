//! A phrase on its way to the reader.

use std::collections::HashMap;
use std::fmt;

use askama::{FastWritable, Values};
use fluent_templates::fluent_bundle::FluentValue;

use super::{Language, catalog};

/// A key of the catalog with its arguments; showing it (`Display`) looks the words up. A key that isn't in the catalog,
/// or lacks an argument, shows as `⟨key⟩` and logs an error, so that a page never fails for a missing word.
#[derive(Debug, Clone)]
pub struct Phrase<'a> {
    language: Language,
    key: &'a str,
    arguments: HashMap<&'a str, FluentValue<'a>>,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(language: Language, key: &'a str) -> Self {
        Self { language, key, arguments: HashMap::new() }
    }

    /// Fills the variable `name`. Numbers choose plural forms; text is put in as it is.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Argument<'a>) -> Self {
        self.arguments.insert(name, value.into_value());
        self
    }

    /// Whether there is nothing to say, because the key is empty: optional parts of a page are left out then.
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }
}

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.arguments.is_empty() {
            formatter.write_str(&catalog::plain(self.language, self.key))
        } else {
            formatter.write_str(&catalog::filled(self.language, self.key, &self.arguments))
        }
    }
}

/// Writes the words without the detour over a formatter: a page has some forty phrases.
impl FastWritable for Phrase<'_> {
    fn write_into(&self, page: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        let written = if self.arguments.is_empty() {
            page.write_str(&catalog::plain(self.language, self.key))
        } else {
            page.write_str(&catalog::filled(self.language, self.key, &self.arguments))
        };
        written.map_err(askama::Error::from)
    }
}

impl From<Phrase<'_>> for String {
    fn from(phrase: Phrase<'_>) -> Self {
        phrase.to_string()
    }
}

/// What a phrase's variable can be filled with: text, whole numbers, other phrases, by value or by any reference
/// (templates pass fields by reference).
pub trait Argument<'a> {
    /// The value as the catalog sees it.
    fn into_value(self) -> FluentValue<'a>;
}

/// What can be read as a value through a reference.
pub trait AsValue {
    /// The value as the catalog sees it.
    fn as_value(&self) -> FluentValue<'_>;
}

impl<'a, T: AsValue + ?Sized> Argument<'a> for &'a T {
    fn into_value(self) -> FluentValue<'a> {
        self.as_value()
    }
}

impl<T: AsValue + ?Sized> AsValue for &T {
    fn as_value(&self) -> FluentValue<'_> {
        T::as_value(self)
    }
}

impl AsValue for str {
    fn as_value(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl AsValue for String {
    fn as_value(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl<'a> Argument<'a> for String {
    fn into_value(self) -> FluentValue<'a> {
        self.into()
    }
}

impl AsValue for Phrase<'_> {
    fn as_value(&self) -> FluentValue<'_> {
        self.to_string().into()
    }
}

impl<'a> Argument<'a> for Phrase<'_> {
    fn into_value(self) -> FluentValue<'a> {
        self.to_string().into()
    }
}

macro_rules! numbers_are_arguments {
    ($($number:ty)*) => { $(
        impl AsValue for $number {
            fn as_value(&self) -> FluentValue<'_> {
                (*self).into()
            }
        }

        impl<'a> Argument<'a> for $number {
            fn into_value(self) -> FluentValue<'a> {
                self.into()
            }
        }
    )* };
}
numbers_are_arguments! { i8 i16 i32 i64 u8 u16 u32 u64 usize }

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_phrase_is_said_in_both_languages_and_again_from_memory() {
        for _ in 0..2 {
            assert_eq!(Language::Korean.say("button-continue").to_string(), "계속");
            assert_eq!(Language::English.say("button-continue").to_string(), "Continue");
        }
    }

    #[test]
    fn variables_are_filled_without_marks_around_them() {
        let one = Language::English.say("error-too-long").with("most", 1);
        assert_eq!(one.to_string(), "Use no more than 1 character.");
        let most: &usize = &20;
        let many = Language::English.say("error-too-long").with("most", most);
        assert_eq!(many.to_string(), "Use no more than 20 characters.");
        let korean = Language::Korean.say("error-too-long").with("most", 12_000);
        assert_eq!(korean.to_string(), "12,000자 이하로 입력해 주세요.");
    }

    #[test]
    fn a_missing_key_or_argument_shows_the_key() {
        assert_eq!(Language::Korean.say("no-such-phrase").to_string(), "⟨no-such-phrase⟩");
        assert_eq!(Language::Korean.say("no-such-phrase").with("count", 1).to_string(), "⟨no-such-phrase⟩");
        assert_eq!(Language::English.say("error-too-long").to_string(), "⟨error-too-long⟩");
        assert_eq!(Language::English.say("error-too-long").with("least", 2).to_string(), "⟨error-too-long⟩");
    }

    #[test]
    fn an_empty_key_says_nothing() {
        assert!(Language::Korean.say("").is_empty());
        assert!(!Language::Korean.say("button-continue").is_empty());
    }
}
