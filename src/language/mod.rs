//! What people read, in Korean and English: phrases from the Fluent catalogs in `templates/locales`, dates, times and numbers.
//!
//! A page or a message asks its [`Language`] to say a key: `language.say("people-count").with("count", 3)`. The tests of
//! this module keep the catalogs of all languages equal in keys and variables.

mod calendar;
mod catalog;
mod phrase;
mod remembered;

pub use phrase::{Argument, AsValue, Phrase};
pub use remembered::Remembered;

/// Longest part of an `Accept-Language` header that is looked at, in entries: browsers send fewer than ten.
const ACCEPTED_ENTRIES: usize = 20;

/// A language Sunbeon speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    /// 한국어, what we speak when nothing else is asked for.
    #[default]
    Korean,
    /// English.
    English,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const fn all() -> &'static [Language] {
        &[Language::Korean, Language::English]
    }

    /// The code of BCP 47, as it stands in `lang` attributes, cookies and stored messages.
    pub const fn code(self) -> &'static str {
        match self {
            Language::Korean => "ko",
            Language::English => "en",
        }
    }

    /// The language with this code, or `None` if we don't speak it. Case and region don't matter (`en-GB` is English).
    pub fn from_code(code: &str) -> Option<Language> {
        let primary = code.split(['-', '_']).next().unwrap_or(code);
        Self::all().iter().copied().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The language's name in itself, so that those who need it can read it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Language::Korean => "한국어",
            Language::English => "English",
        }
    }

    /// The languages a page offers beside this one.
    pub fn others(self) -> impl Iterator<Item = Language> {
        Self::all().iter().copied().filter(move |language| *language != self)
    }

    /// The language a browser prefers most, from its `Accept-Language` header. Korean when there is no header, when it
    /// names neither language, and when both are wanted equally without an order.
    pub fn negotiate(accept_language: Option<&str>) -> Language {
        let mut best = (Language::Korean, 0.0_f32);
        for entry in accept_language.unwrap_or_default().split(',').take(ACCEPTED_ENTRIES) {
            let (range, weight) = weighed(entry);
            if let Some(language) = Self::from_code(range)
                && weight > best.1
            {
                best = (language, weight);
            }
            if best.1 >= 1.0 {
                break; // Nothing can be wanted more.
            }
        }
        best.0
    }

    /// A phrase of the catalog, to be shown or given arguments by [`Phrase::with`].
    pub fn say(self, key: &str) -> Phrase<'_> {
        Phrase::new(self, key)
    }

    /// A whole number with separators: `1,234,567`.
    pub fn number(self, number: i64) -> String {
        catalog::grouped(number)
    }
}

/// Splits an entry of `Accept-Language` into its range and weight; a weight that can't be read counts as none.
fn weighed(entry: &str) -> (&str, f32) {
    let mut parts = entry.split(';');
    let range = parts.next().unwrap_or_default().trim();
    let weight = parts
        .find_map(|part| part.trim().strip_prefix("q="))
        .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
    (range, weight)
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_browser_gets_the_language_it_prefers() {
        let cases = [
            (None, Language::Korean),
            (Some(""), Language::Korean),
            (Some("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"), Language::Korean),
            (Some("en-GB,en;q=0.9,ko;q=0.5"), Language::English),
            (Some("ko;q=0.3, en;q=0.8"), Language::English),
            (Some("vi,en;q=0.4"), Language::English),
            (Some("vi, *;q=0.5"), Language::Korean),
            (Some("en;q=0"), Language::Korean),
            (Some("en;q=abc"), Language::Korean),
            (Some("en;q=NaN"), Language::Korean),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::negotiate(header), expected, "{header:?}");
        }
    }

    #[test]
    fn codes_are_read_back() {
        for &language in Language::all() {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
        assert_eq!(Language::from_code("EN-gb"), Some(Language::English));
        assert_eq!(Language::from_code("fr"), None);
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!(Language::Korean.number(0), "0");
        assert_eq!(Language::Korean.number(999), "999");
        assert_eq!(Language::Korean.number(1_234), "1,234");
        assert_eq!(Language::English.number(-1_234_567), "-1,234,567");
        assert_eq!(Language::English.number(i64::MIN), "-9,223,372,036,854,775,808");
    }
}
