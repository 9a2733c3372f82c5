//! Nothing imports upward, and each big dependency has its one room.

use crate::assert_none;
use crate::source::{File, Keep, blanked, line_of, rust_files_under, words};

/// The rooms and their ranks: a room may use only rooms of a lower rank. `lib.rs` and `main.rs` stand above all.
const RANKS: [(&str, u8); 14] = [
    ("domain", 0),
    ("config", 1),
    ("keys", 1),
    ("language", 1),
    ("system", 1),
    ("telemetry", 2),
    ("store", 2),
    ("notify", 2),
    ("engine", 3),
    ("import", 3),
    ("backup", 3),
    ("web", 4),
    ("rehearse", 5),
    ("cli", 6),
];

/// Which crates belong to which rooms only.
const OWNED: [(&str, &[&str]); 13] = [
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("rusqlite", &["store"]),
    ("actix", &["engine", "web", "cli"]),
    ("actix_web", &["engine", "web", "cli"]),
    ("askama_web", &["web"]),
    ("lettre", &["notify"]),
    ("figment", &["config"]),
    ("hdrhistogram", &["rehearse"]),
    ("html5gum", &["rehearse"]),
    ("charts_rs", &["rehearse"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
];

/// What the domain must not know: it is pure.
const IMPURE: [&str; 7] =
    ["std::env", "std::fs", "std::net", "std::process", "std::thread", "tokio::", "tracing::"];

fn rank(room: &str) -> Option<u8> {
    RANKS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank)
}

/// The room of a file under src/, or `None` for `lib.rs` and `main.rs`.
fn room(path: &str) -> Option<&str> {
    let first = path.strip_prefix("src/")?.split('/').next()?.trim_end_matches(".rs");
    rank(first).map(|_| first)
}

/// How many `super::` lead from the file's own module to the crate's root.
fn depth(path: &str) -> usize {
    let parts = path.strip_prefix("src/").unwrap_or(path).split('/').count();
    if path.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// The rooms that a file names, each with its line: `crate::store`, `crate::{store, ..}`, `super::super::store`.
fn rooms_used(file: &File) -> Vec<(usize, String)> {
    let code = blanked(file.before_tests(), Keep::Code);
    let mut used = Vec::new();
    let mut supers = 0;
    for (at, word) in words(&code) {
        let after = at + word.chars().count();
        let is_path = code[after..].starts_with(&[':', ':']);
        let continues = at >= 2 && code[at - 2..at] == [':', ':'];
        supers = if word == "super" { if continues { supers + 1 } else { 1 } } else { 0 };
        let at_root = (word == "crate" && !continues) || supers >= depth(&file.path);
        if is_path && at_root && (word == "crate" || word == "super") {
            used.extend(first_names(&code, after + 2).into_iter().map(|name| (line_of(&code, at), name)));
        }
    }
    used.retain(|(_, name)| rank(name).is_some());
    used
}

/// The names that a path goes on with: one, or those at the top of a pair of braces.
fn first_names(code: &[char], at: usize) -> Vec<String> {
    let word_at =
        |at: usize| -> String { code[at..].iter().take_while(|c| crate::source::is_word(**c)).collect() };
    if code.get(at) != Some(&'{') {
        return vec![word_at(at)];
    }
    let (mut names, mut open, mut expected) = (Vec::new(), 0, false);
    for (offset, c) in code[at..].iter().enumerate() {
        match c {
            '{' => (open, expected) = (open + 1, open == 0),
            '}' => open -= 1,
            ',' => expected = open == 1,
            c if expected && crate::source::is_word(*c) => {
                names.push(word_at(at + offset));
                expected = false;
            }
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    names
}

#[test]
fn no_room_uses_a_room_above_or_beside_it() {
    let mut violations = Vec::new();
    for file in rust_files_under("src") {
        let Some(own) = room(&file.path) else { continue };
        for (line, used) in rooms_used(&file) {
            if used != own && rank(&used) >= rank(own) {
                violations.push(format!("{}:{line} {own} uses {used}", file.path));
            }
        }
    }
    assert_none(
        "domain <- { keys, config, language } <- { store, notify } <- { engine, import, backup } <- web <- rehearse <- cli",
        &violations,
    );
}

#[test]
fn only_the_command_line_takes_the_real_clock_and_chance() {
    let mut violations = Vec::new();
    for file in rust_files_under("src") {
        let Some(own) = room(&file.path) else { continue };
        for (line, used) in rooms_used(&file) {
            if used == "system" && !["system", "cli"].contains(&own) {
                violations.push(format!("{}:{line}", file.path));
            }
        }
    }
    assert_none("take a `Clock` or a `Chance` as a parameter instead of `crate::system`", &violations);
}

#[test]
fn each_big_dependency_stays_in_its_room() {
    let mut violations = Vec::new();
    for file in rust_files_under("src") {
        let Some(own) = room(&file.path) else { continue };
        let code = blanked(&file.text, Keep::Code);
        for (at, word) in words(&code) {
            let Some((_, rooms)) = OWNED.iter().find(|(name, _)| *name == word) else {
                continue;
            };
            if is_crate_name(&code, at, &word) && !rooms.contains(&own) {
                violations.push(format!(
                    "{}:{} {word} belongs to {}",
                    file.path,
                    line_of(&code, at),
                    rooms.join(", ")
                ));
            }
        }
    }
    assert_none("a dependency is used outside its room", &violations);
}

/// Whether the word starts a path or a `use`, not a field or a module of ours with the same name.
fn is_crate_name(code: &[char], at: usize, word: &str) -> bool {
    let after = at + word.chars().count();
    let before: String = code[at.saturating_sub(5)..at].iter().collect();
    let starts_use = before.ends_with("use ") || before.ends_with("use ::");
    let starts_path = code[after..].starts_with(&[':', ':']) && !before.ends_with("::");
    starts_use || starts_path
}

#[test]
fn the_domain_is_pure() {
    let mut violations = Vec::new();
    for file in rust_files_under("src/domain") {
        let code: String = blanked(file.before_tests(), Keep::Code).into_iter().collect();
        for (number, line) in code.lines().enumerate() {
            for impure in IMPURE.iter().filter(|impure| line.contains(**impure)) {
                violations.push(format!("{}:{} {impure}", file.path, number + 1));
            }
        }
    }
    assert_none("the domain knows no system, no input and no output", &violations);
}

#[test]
fn the_rule_sees_every_way_up() {
    let uses = |path: &str, text: &str| -> Vec<String> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        rooms_used(&file).into_iter().map(|(_, name)| name).collect()
    };
    assert_eq!(uses("src/store/slot.rs", "use crate::web::app;"), ["web"]);
    assert_eq!(
        uses("src/store/slot.rs", "use crate::{domain::{site, web}, engine as e};"),
        ["domain", "engine"]
    );
    assert_eq!(uses("src/store/slot.rs", "use super::super::web::app; // crate::cli"), ["web"]);
    assert_eq!(uses("src/store/mod.rs", "fn f() { super::web::app() }"), ["web"]);
    assert!(uses("src/store/slot.rs", "use super::web; let x = \"crate::web\";").is_empty());
}
