//! Takes typed values out of the merged configuration and remembers everything that is wrong.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::value::{Dict, Num, Value};

use super::error::{ConfigError, ConfigErrors};
use super::secret::Secret;
use super::sources::{ENVIRONMENT, variable_for};
use super::unknown::{instead_of, is_section, leaves};

/// An error shows no more than this much of what it found.
const SHOWN_CHARACTERS: usize = 60;

/// Walks through the configuration. Each section asks for its keys; [`Reader::finish`] reports the keys nobody asked
/// for, and everything else that was wrong.
pub(super) struct Reader {
    file: String,
    merged: Figment,
    root: Value,
    known: Vec<String>,
    problems: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn new(path: Option<&Path>, merged: Figment, problems: Vec<ConfigError>) -> Self {
        // Both layers are plain tables, so that merging them can't fail.
        let root = merged.find_value("").unwrap_or_else(|_| Dict::new().into());
        let file = path.map_or("(no configuration file)".to_owned(), |path| path.display().to_string());
        Self { file, merged, root, known: Vec::new(), problems }
    }

    /// A text that `parse` understands; `None` when it is absent or wrong. What is wrong is reported with `accepted`.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        accepted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.parsed(key, accepted, parse, shown)
    }

    /// The same; what can't be read is shown as `shown` says.
    fn parsed<T>(
        &mut self,
        key: &str,
        accepted: &str,
        parse: impl Fn(&str) -> Option<T>,
        shown: fn(&Value) -> String,
    ) -> Option<T> {
        let value = self.take(key)?;
        let parsed = value.as_str().and_then(parse);
        if parsed.is_none() {
            let origin = self.origin_of(key, &value);
            self.report(origin, key, shown(&value), accepted);
        }
        parsed
    }

    /// A text that `parse` understands, or the default.
    pub(super) fn text<T>(
        &mut self,
        key: &str,
        accepted: &str,
        default: T,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        self.optional(key, accepted, parse).unwrap_or(default)
    }

    /// A path, when there is one.
    pub(super) fn optional_path(&mut self, key: &str) -> Option<PathBuf> {
        self.optional(key, "the path of a file", |text| (!text.trim().is_empty()).then(|| text.into()))
    }

    /// One of several words, or the default.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], default: T) -> T {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        self.text(key, &words.join(" or "), default, |text| {
            choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice)
        })
    }

    /// A whole number within the range, or the default.
    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<u32>, default: u32) -> u32 {
        self.optional_number(key, range).unwrap_or(default)
    }

    /// A whole number within the range, when there is one.
    pub(super) fn optional_number(&mut self, key: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.take(key)?;
        let number = match &value {
            Value::String(_, text) if self.is_from_environment(&value) => text.trim().parse().ok(),
            Value::Num(_, number) if !matches!(number, Num::F32(_) | Num::F64(_)) => {
                value.to_i128().and_then(|number| u32::try_from(number).ok())
            }
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let accepted = format!("a whole number from {} to {}", range.start(), range.end());
            self.complain_of(key, &value, &accepted);
        }
        number
    }

    /// A list of texts that `parse` understands, or the default. From the environment, separated by commas.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        accepted: &str,
        default: Vec<T>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.take(key) else {
            return default;
        };
        let items = match &value {
            Value::Array(_, items) => items.clone(),
            Value::String(_, text) if self.is_from_environment(&value) => {
                text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
            }
            _ => {
                self.complain_of(key, &value, &format!("a list, each of it {accepted}"));
                return default;
            }
        };
        let mut parsed = Vec::new();
        for item in items {
            match item.as_str().and_then(&parse) {
                Some(item) => parsed.push(item),
                None => {
                    let found = format!("{} in the list", shown(&item));
                    let origin = self.origin_of(key, &value);
                    self.report(origin, key, found, accepted);
                }
            }
        }
        parsed
    }

    /// A text that no error may show, when there is one.
    pub(super) fn secret<T>(
        &mut self,
        key: &str,
        accepted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.parsed(key, accepted, parse, |_| "something else (not shown)".to_owned())
    }

    /// The first line of the file that `key` names, for passwords kept in files of their own.
    pub(super) fn secret_file(&mut self, key: &str) -> Option<Secret> {
        let path = self.optional_path(key)?;
        let (found, accepted) = match std::fs::read_to_string(&path) {
            Ok(text) => match text.lines().next() {
                Some(line) if !line.is_empty() => return Some(Secret::new(line)),
                _ => (
                    format!("{}, whose first line is empty", path.display()),
                    "a file with the password in its first line",
                ),
            },
            Err(error) => (format!("{}, which can't be read ({error})", path.display()), "a readable file"),
        };
        self.complain(key, found, accepted);
        None
    }

    /// The names of the sections below `key`: those that an operator chose.
    pub(super) fn sections(&self, key: &str) -> Vec<String> {
        let inner = self.root.find_ref(key).and_then(Value::as_dict);
        let named = inner.into_iter().flatten();
        let is_section = |value: &Value| value.as_dict().is_some_and(|keys| !keys.is_empty());
        named.filter(|(_, value)| is_section(value)).map(|(name, _)| name.clone()).collect()
    }

    /// Says nothing of the keys below `section`: something that was told decides what they mean.
    pub(super) fn pass_over(&mut self, section: &str) {
        let below = self.root.find_ref(section).map(leaves).unwrap_or_default();
        self.known.extend(below.into_iter().map(|(key, _)| format!("{section}.{key}")));
    }

    /// Whether anything stands at `key`, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.root.find_ref(key).is_some()
    }

    /// Reports something about `key` that only shows beside other keys.
    pub(super) fn complain(&mut self, key: &str, found: impl Into<String>, accepted: &str) {
        let origin = match self.root.find_ref(key) {
            Some(value) => self.origin_of(key, value),
            None => self.file.clone(),
        };
        self.report(origin, key, found.into(), accepted);
    }

    /// Reports keys nobody asked for, and gives everything that was wrong.
    pub(super) fn finish(mut self, single_underscores: &[String]) -> Result<(), ConfigErrors> {
        for (key, value) in leaves(&self.root) {
            if self.known.contains(&key) {
                continue;
            }
            let origin = self.origin_of(&key, &value);
            if is_section(&self.known, &key) {
                let found = "a value instead of a section (not shown)".to_owned();
                self.report(origin, &key, found, &format!("[{key}] and its keys below it"));
            } else {
                let accepted = instead_of(&self.known, &key);
                self.report(origin, &key, "a key that doesn't exist".to_owned(), &accepted);
            }
        }
        for variable in single_underscores {
            let meant =
                self.known.iter().find(|key| variable_for(key).replace("__", "_") == *variable).cloned();
            if let Some(key) = &meant {
                let accepted = format!("two underscores after the section: {}", variable_for(key));
                self.report(variable.clone(), key, "a variable that nobody reads".to_owned(), &accepted);
            }
        }
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigErrors(self.problems)) }
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.known.push(key.to_owned());
        self.root.find_ref(key).cloned()
    }

    fn is_from_environment(&self, value: &Value) -> bool {
        self.merged.get_metadata(value.tag()).is_some_and(|source| source.name == ENVIRONMENT)
    }

    fn origin_of(&self, key: &str, value: &Value) -> String {
        if self.is_from_environment(value) { variable_for(key) } else { self.file.clone() }
    }

    fn complain_of(&mut self, key: &str, value: &Value, accepted: &str) {
        let origin = self.origin_of(key, value);
        self.report(origin, key, shown(value), accepted);
    }

    fn report(&mut self, origin: String, key: &str, found: String, accepted: &str) {
        self.problems.push(ConfigError { origin, key: key.to_owned(), found, accepted: accepted.to_owned() });
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => {
            let short: String = text.chars().take(SHOWN_CHARACTERS).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{short:?}{more}")
        }
        Value::Char(_, sign) => format!("{sign:?}"),
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(..) => {
            let whole = value.to_i128().map(|number| number.to_string());
            whole.or_else(|| value.to_f64().map(|number| number.to_string())).unwrap_or("a number".to_owned())
        }
        Value::Empty(..) => "nothing".to_owned(),
        Value::Dict(..) => "a section".to_owned(),
        Value::Array(_, items) => format!("a list of {}", items.len()),
    }
}
