//! Rules of the house that no compiler knows: layers, sizes, catalog keys, templates, paths that the documents name.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod catalog;
mod documents;
mod layers;
mod repeats;
mod secrets;
mod sizes;
mod source;
mod templates;
mod tone;

/// Fails with every violation at once, each on a line of its own.
fn assert_none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}
