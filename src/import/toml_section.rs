//! Reads a TOML section key by key and gathers every mistake. (serde would stop at the first.)

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use toml::{Table, Value};

use super::error::Problem;
use crate::domain::campaign::Localised;
use crate::domain::reminder::time_of_day;

/// Characters of a name for people.
const NAME_CHARACTERS_MAX: usize = 100;

/// Characters of a text about a campaign.
const ABOUT_CHARACTERS_MAX: usize = 2_000;

/// Characters of a code or slug, which stands in URLs.
const CODE_CHARACTERS_MAX: usize = 40;

const CODE_ACCEPTED: &str = "small letters a to z, digits and hyphens, such as \"flu-2026\"";

/// A section that is being read. What is asked for is known; every other key in it is a mistake.
pub(super) struct Section {
    path: String,
    table: Table,
    asked: Vec<&'static str>,
    pub(super) problems: Vec<Problem>,
}

impl Section {
    pub(super) fn new(path: impl Into<String>, table: Table) -> Self {
        Self { path: path.into(), table, asked: Vec::new(), problems: Vec::new() }
    }

    /// A key as it is told to the operator.
    pub(super) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Reports what is wrong with a key, whose value was `found`.
    pub(super) fn complain(&mut self, key: &str, found: &str, accepted: impl Into<String>) {
        let key = self.key(key);
        self.problems.push(Problem::new(key, found, accepted));
    }

    /// Reports the keys that nobody asked for, and hands all problems over.
    pub(super) fn finish(mut self, into: &mut Vec<Problem>) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        let accepted = format!("only the keys {}", self.asked.join(", "));
        for key in unknown {
            let whole = self.key(&key);
            self.complain(&key, &whole, accepted.clone());
        }
        into.append(&mut self.problems);
    }

    /// Whether the key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn take(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.table.remove(key)
    }

    /// Takes a value that `read` understands; reports it when it is missing or not understood.
    fn need<T>(
        &mut self,
        key: &'static str,
        accepted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        match self.take(key) {
            None => {
                self.complain(key, "", accepted);
                None
            }
            Some(value) => self.understand(key, &value, accepted, read),
        }
    }

    fn understand<T>(
        &mut self,
        key: &str,
        value: &Value,
        accepted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let understood = read(value);
        if understood.is_none() {
            self.complain(key, &shown(value), accepted);
        }
        understood
    }

    /// A short name for files and URLs.
    pub(super) fn code(&mut self, key: &'static str) -> Option<String> {
        self.need(key, CODE_ACCEPTED, code_in)
    }

    /// Short names; none when the key is missing and `may_lack`.
    pub(super) fn codes(&mut self, key: &'static str, may_lack: bool) -> Option<Vec<String>> {
        if may_lack && !self.table.contains_key(key) {
            self.asked.push(key);
            return Some(Vec::new());
        }
        let accepted = format!("a list of codes: {CODE_ACCEPTED}");
        self.need(key, &accepted, |value| value.as_array()?.iter().map(code_in).collect())
    }

    /// A name in both languages.
    pub(super) fn name(&mut self, key: &'static str) -> Option<Localised> {
        self.localised(key, NAME_CHARACTERS_MAX)
    }

    /// A text of some sentences in both languages.
    pub(super) fn about(&mut self, key: &'static str) -> Option<Localised> {
        self.localised(key, ABOUT_CHARACTERS_MAX)
    }

    fn localised(&mut self, key: &'static str, characters_max: usize) -> Option<Localised> {
        let mut texts = self.section(key, "both languages: { ko = \"…\", en = \"…\" }")?;
        let accepted = format!("a text of 1 to {characters_max} characters");
        let read = |value: &Value| {
            let text = value.as_str()?.trim();
            let fits = (1..=characters_max).contains(&text.chars().count());
            let plain = !text.contains(|sign: char| sign.is_control() && sign != '\n');
            (fits && plain).then(|| text.to_owned())
        };
        let korean = texts.need("ko", &accepted, read);
        let english = texts.need("en", &accepted, read);
        texts.finish(&mut self.problems);
        Some(Localised { korean: korean?, english: english? })
    }

    /// A line of text that may be missing; empty then.
    pub(super) fn line_if_any(&mut self, key: &'static str, characters_max: usize) -> Option<String> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            return Some(String::new());
        }
        let accepted = format!("one line of at most {characters_max} characters");
        self.need(key, &accepted, |value| {
            let text = value.as_str()?.trim();
            let fits = text.chars().count() <= characters_max && !text.contains(char::is_control);
            fits.then(|| text.to_owned())
        })
    }

    /// One of a few words; `None` when the key is missing.
    pub(super) fn word_if_any<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[T],
        text_of: fn(T) -> &'static str,
    ) -> Option<Option<T>> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            return Some(None);
        }
        let accepted: Vec<&str> = words.iter().map(|word| text_of(*word)).collect();
        self.need(key, &accepted.join(" or "), |value| {
            let text = value.as_str()?;
            words.iter().copied().find(|word| text_of(*word) == text)
        })
        .map(Some)
    }

    /// A whole number.
    pub(super) fn number<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        let accepted = format!("a number from {} to {}", range.start(), range.end());
        self.need(key, &accepted, |value| number_in(value, &range))
    }

    /// A whole number that may be missing; `Some(None)` then.
    pub(super) fn number_if_any<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<Option<T>> {
        if self.table.contains_key(key) {
            return self.number(key, range).map(Some);
        }
        self.asked.push(key);
        Some(None)
    }

    /// A day.
    pub(super) fn day(&mut self, key: &'static str) -> Option<Date> {
        self.need(key, "a date such as 2026-11-24", |value| {
            let text = text_of(value)?;
            // The parser would also take a date with a time and drop the time.
            if text.len() == "2026-11-24".len() { text.parse().ok() } else { None }
        })
    }

    /// A time of day, to the minute.
    pub(super) fn time_of_day(&mut self, key: &'static str) -> Option<Time> {
        self.need(key, "a time of day such as \"10:00\"", |value| time_of_day(&text_of(value)?))
    }

    /// A moment: with an offset as it says, without one in `zone`.
    pub(super) fn moment(&mut self, key: &'static str, zone: &TimeZone) -> Option<Timestamp> {
        let accepted = "a date with a time, such as 2026-11-25T20:00:00 or 2026-11-25T20:00:00+09:00";
        self.need(key, accepted, |value| moment_in(&text_of(value)?, zone))
    }

    /// The same, where it may be missing: `Some(None)` then, and `None` when it is not understood.
    pub(super) fn moment_if_any(&mut self, key: &'static str, zone: &TimeZone) -> Option<Option<Timestamp>> {
        if self.table.contains_key(key) {
            return self.moment(key, zone).map(Some);
        }
        self.asked.push(key);
        Some(None)
    }

    /// A section within this one.
    pub(super) fn section(&mut self, key: &'static str, accepted: &str) -> Option<Section> {
        let path = self.key(key);
        self.need(key, accepted, |value| value.as_table().cloned()).map(|table| Section::new(path, table))
    }

    /// The sections `[[key]]`; none when there are none.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section> {
        if !self.table.contains_key(key) {
            self.asked.push(key);
            return Vec::new();
        }
        let path = self.key(key);
        let accepted = format!("sections, each headed [[{path}]]");
        let tables: Option<Vec<Table>> = self.need(key, &accepted, |value| {
            value.as_array()?.iter().map(|item| item.as_table().cloned()).collect()
        });
        let numbered = tables.into_iter().flatten().enumerate();
        numbered.map(|(index, table)| Section::new(format!("{path}[{}]", index + 1), table)).collect()
    }
}

fn code_in(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fits = (1..=CODE_CHARACTERS_MAX).contains(&text.len());
    let plain = text.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-');
    (fits && plain && !text.starts_with('-') && !text.ends_with('-') && text != "none")
        .then(|| text.to_owned())
}

fn number_in<T: TryFrom<i64>>(value: &Value, range: &RangeInclusive<i64>) -> Option<T> {
    let number = value.as_integer().filter(|number| range.contains(number))?;
    T::try_from(number).ok()
}

/// The text of a string or of TOML's own dates and times.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Datetime(moment) => Some(moment.to_string()),
        _ => None,
    }
}

/// A moment in whole seconds, as it is kept.
fn moment_in(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if !text.contains(':') {
        return None;
    }
    let moment = match text.parse::<Timestamp>() {
        Ok(moment) => moment,
        Err(_) => text.parse::<DateTime>().ok()?.to_zoned(zone.clone()).ok()?.timestamp(),
    };
    Timestamp::from_second(moment.as_second()).ok()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Table(_) => "a section".to_owned(),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn section(text: &str) -> Section {
        Section::new("", text.parse().unwrap())
    }

    #[test]
    fn a_time_without_offset_is_local() {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let mut section = section(
            "a = 2026-11-25T20:00:00\nb = \"2026-11-25T20:00\"\nc = 2026-11-25T20:00:00Z\nd = 2026-11-25 20:00:00\n\
             e = 2026-11-25\nf = 20:00:00",
        );
        let evening: Timestamp = "2026-11-25T11:00:00Z".parse().unwrap();
        for key in ["a", "b", "d"] {
            assert_eq!(section.moment(key, &zone), Some(evening), "{key}");
        }
        assert_eq!(section.moment("c", &zone), Some("2026-11-25T20:00:00Z".parse().unwrap()));
        assert_eq!((section.moment("e", &zone), section.moment("f", &zone)), (None, None));
        assert_eq!(section.problems.len(), 2);
    }

    #[test]
    fn every_mistake_is_told_with_its_key() {
        let mut section = section(
            "code = \"Flu 26\"\nages = 7\nlast = \"2026-11-31\"\nspare = true\n[name]\nko = \"독감\"",
        );
        assert_eq!(section.code("code"), None);
        assert_eq!(section.number::<u16>("ages", 0..=5), None);
        assert_eq!(section.day("last"), None);
        assert_eq!(section.name("name"), None);
        assert_eq!(section.number_if_any::<u16>("oldest", 0..=130), Some(None));
        let mut problems = Vec::new();
        section.finish(&mut problems);
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["code", "ages", "last", "name.en", "spare"]);
        assert!(problems[4].accepted.contains("code, ages, last, name, oldest"));
    }
}
