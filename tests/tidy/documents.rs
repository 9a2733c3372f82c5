//! What the documents name is there, and both databases have the same migrations.

use std::collections::BTreeSet;
use std::fs;

use crate::assert_none;
use crate::source::root;

const DOCUMENTS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/// What a path of the project starts with.
const PLACES: [&str; 6] = ["src/", "tests/", "templates/", "migrations/", "static/", ".ci/"];

/// Everything in `single backticks` that looks like a path of the project, as far as it is written out:
/// `templates/locales/{ko,en}/*.ftl` is looked at as `templates/locales`.
fn paths_named(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).filter_map(written_out));
        }
    }
    found
}

fn written_out(quoted: &str) -> Option<String> {
    let path = quoted.split_whitespace().next()?.trim_start_matches("./");
    // A place in a file, as in `src/lib.rs:12` or `src/domain/slot.rs::Slot`.
    let path = path.split(':').next()?;
    if !PLACES.iter().any(|place| path.starts_with(place)) {
        return None;
    }
    let plain: Vec<&str> = path.split('/').take_while(|part| !part.contains(['*', '{', '<', '…'])).collect();
    let is_name = |part: &&str| part.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !part.is_empty();
    let plain: Vec<&str> = plain.into_iter().take_while(|part| !is_name(part)).collect();
    Some(plain.join("/"))
}

#[test]
fn every_path_that_the_documents_name_is_there() {
    let mut violations = Vec::new();
    for document in DOCUMENTS {
        let Ok(text) = fs::read_to_string(root().join(document)) else {
            violations.push(format!("{document} is missing"));
            continue;
        };
        for path in paths_named(&text) {
            if !root().join(&path).exists() {
                violations.push(format!("{document} names {path}"));
            }
        }
    }
    assert_none("a document tells of something that isn't there", &violations);
}

#[test]
fn paths_are_found_in_text() {
    let text = "See `src/lib.rs`, `./tests/run --quick`, `templates/locales/{ko,en}/x.ftl` and `cargo`.\n```\n`src/no`\n```";
    let found: Vec<String> = paths_named(text).into_iter().collect();
    assert_eq!(found, ["src/lib.rs", "templates/locales", "tests/run"]);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |backend: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(root().join("migrations").join(backend)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"), "migrations/sqlite and migrations/postgres differ");
}
