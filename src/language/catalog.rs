//! The Fluent catalogs inside the executable, and the memory of the phrases that never change.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use fluent_templates::fluent_bundle::types::FluentNumber;
use fluent_templates::fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_templates::{FluentBundle, LanguageIdentifier};
use unic_langid::langid;

use super::Language;

/// Below this, phrases show numbers without separators, so that a year stays a year.
const GROUPED_FROM: f64 = 10_000.0;

const KOREAN: LanguageIdentifier = langid!("ko");
const ENGLISH: LanguageIdentifier = langid!("en");

#[allow(
    clippy::unwrap_used,
    clippy::redundant_closure,
    reason = "the macro's code; the tests load every catalog"
)]
mod embedded {
    fluent_templates::static_loader! {
        pub(super) static CATALOGS = {
            locales: "templates/locales",
            fallback_language: "ko",
            customise: |bundle| super::set_up(bundle),
        };
    }
}

type Words = HashMap<String, Arc<str>>;

/// For each language the phrases without variables, as said before: looking them up takes no lock and resolves no pattern. It can't outgrow
/// the catalogs, since only keys that are in them are kept.
static SAID: LazyLock<[ArcSwap<Words>; 2]> = LazyLock::new(Default::default);

/// A phrase without arguments.
pub(super) fn plain(language: Language, key: &str) -> Arc<str> {
    let said = &SAID[language as usize];
    if let Some(words) = said.load().get(key) {
        return Arc::clone(words);
    }
    let Some(words) = look_up(language, key, None) else {
        return missing(key).into();
    };
    let words: Arc<str> = words.into();
    said.rcu(|before| {
        let mut after = Words::clone(before);
        after.insert(key.to_owned(), Arc::clone(&words));
        after
    });
    words
}

/// A phrase with its variables filled.
pub(super) fn filled(language: Language, key: &str, arguments: &HashMap<&str, FluentValue<'_>>) -> String {
    look_up(language, key, Some(arguments)).unwrap_or_else(|| missing(key))
}

fn look_up(
    language: Language,
    key: &str,
    arguments: Option<&HashMap<&str, FluentValue<'_>>>,
) -> Option<String> {
    let identifier = match language {
        Language::Korean => &KOREAN,
        Language::English => &ENGLISH,
    };
    match embedded::CATALOGS.lookup_single_language(identifier, key, arguments) {
        Ok(words) => Some(words),
        Err(error) => {
            tracing::error!(key, language = language.code(), %error, "a phrase can't be said");
            None
        }
    }
}

fn missing(key: &str) -> String {
    format!("⟨{key}⟩")
}

/// The digits of a number in groups of three.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut words = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        words.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

fn set_up(bundle: &mut FluentBundle<&'static FluentResource>) {
    // The marks keep mixed directions apart, which neither language needs, and would end up in copied text.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => padded_number(number).or_else(|| grouped_number(number)),
        _ => None,
    }));
    if let Err(error) = bundle.add_function("NUMBER", number_function) {
        tracing::error!(%error, "the catalogs can't use NUMBER");
    }
}

fn grouped_number(number: &FluentNumber) -> Option<String> {
    let whole =
        number.value.fract() == 0.0 && number.value.abs() >= GROUPED_FROM && number.options.use_grouping;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "arguments are whole numbers, and saturating is fine for words"
    )]
    whole.then(|| grouped(number.value as i64))
}

/// A number that a phrase wants with zeros in front, such as the minutes of `9:05`.
fn padded_number(number: &FluentNumber) -> Option<String> {
    let digits = number.options.minimum_integer_digits?;
    Some(format!("{:0digits$}", number.value))
}

/// Fluent's `NUMBER`, which turns separators off (`useGrouping: 0`), puts zeros in front (`minimumIntegerDigits: 2`)
/// or picks ordinals (`type: "ordinal"`).
fn number_function<'a>(positional: &[FluentValue<'a>], named: &FluentArgs<'_>) -> FluentValue<'a> {
    let Some(FluentValue::Number(number)) = positional.first() else {
        return FluentValue::Error;
    };
    let mut number = number.clone();
    number.options.merge(named);
    FluentValue::Number(number)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::Language;

    type Variables = BTreeMap<String, BTreeSet<String>>;

    /// Key to the variables it needs, over all catalog files of a language.
    fn entries(language: Language) -> Variables {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/locales").join(language.code());
        let mut texts = BTreeMap::new();
        for file in std::fs::read_dir(directory).unwrap() {
            add_texts(&std::fs::read_to_string(file.unwrap().path()).unwrap(), &mut texts);
        }
        texts.iter().map(|(key, text)| (key.clone(), variables_of(text, &texts))).collect()
    }

    /// A key starts in the first column; the lines that follow belong to it until the next.
    fn add_texts(catalog: &str, texts: &mut BTreeMap<String, String>) {
        let mut key = String::new();
        for line in catalog.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let (head, text) = line.split_once('=').unwrap();
                key = head.trim().to_owned();
                let kebab = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
                assert!(kebab, "{key}: keys are in kebab-case");
                assert!(texts.insert(key.clone(), text.to_owned()).is_none(), "{key} is defined twice");
            } else if let Some(text) = texts.get_mut(&key) {
                text.push_str(line);
            }
        }
    }

    /// The variables that a text names, and those of the entries it puts in.
    fn variables_of(text: &str, texts: &BTreeMap<String, String>) -> BTreeSet<String> {
        let word = |rest: &str| -> String {
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
        };
        let mut variables: BTreeSet<String> = text.split('$').skip(1).map(word).collect();
        for inner in text.split('{').skip(1).filter_map(|rest| texts.get(&word(rest.trim_start()))) {
            variables.extend(variables_of(inner, texts));
        }
        variables
    }

    #[test]
    fn all_languages_have_the_same_keys_and_variables() {
        let korean = entries(Language::Korean);
        let english = entries(Language::English);
        let only = |a: &Variables, b: &Variables| -> Vec<String> {
            a.keys().filter(|key| !b.contains_key(*key)).cloned().collect()
        };
        assert_eq!(only(&korean, &english), Vec::<String>::new(), "only in Korean");
        assert_eq!(only(&english, &korean), Vec::<String>::new(), "only in English");
        for (key, variables) in &korean {
            assert_eq!(variables, &english[key], "the variables of {key} differ");
        }
    }

    #[test]
    fn every_entry_of_every_file_is_in_the_executable() {
        for &language in Language::all() {
            for (key, variables) in entries(language) {
                let mut phrase = language.say(&key);
                for variable in &variables {
                    phrase = phrase.with(variable, 1);
                }
                assert!(!phrase.to_string().contains('⟨'), "{key} can't be said in {}", language.code());
            }
        }
    }
}
