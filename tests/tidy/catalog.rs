//! Every text that is shown exists in both languages, and every text that exists is shown.

use std::collections::BTreeSet;

use crate::assert_none;
use crate::source::{Keep, blanked, files_under, is_word, rust_files_under, strings_in};

/// Beginnings of keys that are put together when the program runs, each with the reason why they have to be.
const BUILT: &[(&str, &str)] = &[];

/// The keys of a language. (That both have the same, with the same variables, is tested beside `Language` itself.)
fn catalog(language: &str) -> BTreeSet<String> {
    let files = files_under(&format!("templates/locales/{language}"));
    files.iter().flat_map(|file| file.text.lines()).filter_map(key_of).map(str::to_owned).collect()
}

/// The key of a line that starts a message (`key = text`); terms start with `-`, attributes and texts with a blank.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.strip_suffix(' ').unwrap_or(key);
    let well_formed = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (well_formed && key.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(key)
}

/// The keys said in a text: the first argument of every `say…("key"`, in Rust and in templates.
fn said(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("say") {
        let starts = text[..at].chars().next_back().is_none_or(|c| !is_word(c));
        let call = text[at..].trim_start_matches(is_word);
        let argument = call.strip_prefix('(').map(|rest| rest.trim_start().trim_start_matches('&'));
        if let Some(quoted) = argument.and_then(|rest| rest.strip_prefix('"')).filter(|_| starts) {
            found.extend(quoted.split('"').next().map(str::to_owned));
        }
    }
    found
}

/// Every source that can show a text: path and text without comments.
fn sources() -> Vec<(String, String)> {
    let rust = rust_files_under("src").into_iter().map(|file| {
        let code = blanked(file.before_tests(), Keep::CodeAndStrings).into_iter().collect();
        (file.path, code)
    });
    let templates = files_under("templates").into_iter().filter(|file| file.extension() != "ftl");
    rust.chain(templates.map(|file| (file.path, file.text))).collect()
}

#[test]
fn every_key_that_is_said_exists() {
    let (korean, english) = (catalog("ko"), catalog("en"));
    let mut violations = Vec::new();
    for (path, text) in sources() {
        for key in said(&text) {
            if !korean.contains(&key) || !english.contains(&key) {
                violations.push(format!("{path} says {key}"));
            }
        }
    }
    assert_none("a key is in neither or only one of templates/locales/ko and en", &violations);
}

#[test]
fn every_key_that_exists_is_used() {
    let sources = sources();
    let mut used: BTreeSet<&str> = sources.iter().flat_map(|(_, text)| strings_in(text)).collect();
    let catalogs = files_under("templates/locales");
    // A text may stand in another: `{ other-key }`.
    let inner = catalogs.iter().flat_map(|file| file.text.split('{').skip(1));
    used.extend(inner.filter_map(|rest| rest.split('}').next()).map(str::trim));
    let unused: Vec<String> = catalog("ko")
        .into_iter()
        .filter(|key| !used.contains(key.as_str()) && !BUILT.iter().any(|(start, _)| key.starts_with(start)))
        .collect();
    assert_none("keys that nothing shows (or name their beginning in BUILT, with the reason)", &unused);
}

#[test]
fn keys_built_at_run_time_are_still_there() {
    let korean = catalog("ko");
    for (start, reason) in BUILT {
        assert!(!reason.is_empty(), "{start} needs a reason");
        assert!(korean.iter().any(|key| key.starts_with(start)), "no key starts with {start} any more");
    }
}

#[test]
fn keys_are_read_from_calls_and_catalogs() {
    assert_eq!(said("{{ l.say(\"a-b\") }} say_with(\n \"c\", x) essay(\"d\") say(key)"), ["a-b", "c"]);
    assert_eq!(key_of("home-title = Book"), Some("home-title"));
    assert_eq!(key_of("    other = x"), None);
    assert_eq!(key_of("-brand = Sunbeon"), None);
}
