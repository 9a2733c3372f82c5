//! Nothing of one machine, and nobody's telephone number, is in the tree.

use crate::assert_none;
use crate::source::{File, files_under, root, rust_files_under};

/// Beginnings of paths that exist on somebody's machine only. Written in two halves, so that this file passes.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// Settings that point a package client at a registry of one's own.
const REGISTRY_SETTINGS: [&str; 5] = [
    concat!("--index", "-url"),
    concat!("--extra-index", "-url"),
    concat!("--reg", "istry"),
    concat!("\"resol", "ved\":"),
    concat!("trusted", "-host"),
];

/// Files in which package clients keep such settings.
const CLIENT_SETTINGS: [&str; 4] = [".npmrc", "pip.conf", ".cargo/config", ".yarnrc"];

/// The file that could keep such settings, too, and how its lines may begin.
const CARGO_SETTINGS: (&str, [&str; 3]) = (".cargo/config.toml", ["#", "[env]", "LIBSQLITE3_FLAGS = "]);

/// Whether a line names a path of somebody's machine: its beginning must not be the middle of another path or address.
fn names_machine(line: &str) -> bool {
    MACHINE_PATHS.iter().any(|path| {
        line.match_indices(path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| !c.is_alphanumeric() && !['/', '.', '-', '_', '}'].contains(&c))
        })
    })
}

#[test]
fn nothing_names_one_machine_or_its_registries() {
    let mut violations = Vec::new();
    let lock = File {
        path: "tests/browser/package-lock.json".to_owned(),
        text: std::fs::read_to_string(root().join("tests/browser/package-lock.json")).unwrap(),
    };
    for file in files_under("").into_iter().chain([lock]) {
        if CLIENT_SETTINGS.iter().any(|name| file.path.ends_with(name)) {
            violations.push(format!("{} keeps settings of a package client", file.path));
        }
        let (name, allowed) = CARGO_SETTINGS;
        let mut lines = file.text.lines().filter(|line| !line.is_empty());
        if file.path.ends_with(name) && !lines.all(|line| allowed.iter().any(|start| line.starts_with(start)))
        {
            violations.push(format!("{} has more than how SQLite is compiled", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            let setting = REGISTRY_SETTINGS.iter().any(|setting| line.contains(setting));
            if setting || names_machine(line) {
                violations.push(format!("{}:{} {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none("it works on one machine only", &violations);
}

#[test]
fn every_locked_crate_comes_from_the_public_registry() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let foreign: Vec<String> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .filter(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"))
        .map(str::to_owned)
        .collect();
    assert_none("Cargo.lock names another source", &foreign);
}

/// The mobile numbers in a line that could be somebody's: all but 010-0000-xxxx.
fn real_numbers(line: &str) -> Vec<String> {
    let chars: Vec<char> = line.replace("+82", "0").chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let starts =
            at == 0 || !(chars[at - 1].is_alphanumeric() || ['-', '.', '_'].contains(&chars[at - 1]));
        let (digits, end) = digits_from(&chars, at);
        if starts && end > at {
            // +82 (0)10 and 010 are the same.
            let number = format!("0{}", digits.trim_start_matches('0'));
            if number.len() == 11 && number.starts_with("010") && !number.starts_with("0100000") {
                found.push(number);
            }
        }
        at = end.max(at + 1);
    }
    found
}

/// The digits from `at` on, with single hyphens, blanks or dots between them, and where they end.
fn digits_from(chars: &[char], from: usize) -> (String, usize) {
    let (mut digits, mut at) = (String::new(), from);
    while at < chars.len() {
        let separated =
            ['-', ' ', '.'].contains(&chars[at]) && chars.get(at + 1).is_some_and(char::is_ascii_digit);
        if chars[at].is_ascii_digit() {
            digits.push(chars[at]);
        } else if digits.is_empty() || !separated {
            break;
        }
        at += 1;
    }
    (digits, at)
}

#[test]
fn telephone_numbers_are_nobodys() {
    let mut violations = Vec::new();
    for file in files_under("tests").into_iter().chain(files_under("src")) {
        for (number, line) in file.text.lines().enumerate() {
            for real in real_numbers(line) {
                violations.push(format!("{}:{} {real}", file.path, number + 1));
            }
        }
    }
    assert_none("use 010-0000-xxxx: nobody has such a number", &violations);
}

#[test]
fn the_rules_see_what_they_forbid() {
    assert!(names_machine(&format!("cd {}x", MACHINE_PATHS[0])));
    assert!(!names_machine(&format!("let a = \"/in-{}\";", &MACHINE_PATHS[1][1..])));
    let real = ["010", "1234", "5678"];
    assert_eq!(real_numbers(&real.join("-")).len(), 1);
    assert_eq!(real_numbers(&format!("call +82 {}", real.join(" ").trim_start_matches('0'))).len(), 1);
    assert_eq!(real_numbers(&real.concat()).len(), 1);
    assert!(real_numbers("010-0000-1234, +82 10-0000-1234 and 01000001234").is_empty());
    assert!(real_numbers("2026-11-23 10:00").is_empty());
}

/// Fields that hold what people type or what opens something, as text: a struct that shows them must not derive `Debug`,
/// or a crash shows them too. Types such as `PhoneNumber` hide themselves.
const TYPED: [&str; 9] = [
    "code: String",
    "contact: String",
    "csrf: String",
    "email: String",
    "fields: Vec<(String, String)>",
    "name: String",
    "nonce: String",
    "password: String",
    "phone: String",
];

#[test]
fn what_people_type_does_not_show_in_a_crash() {
    let rooms = ["src/web", "src/store", "src/notify", "src/engine", "src/keys"];
    let mut violations = Vec::new();
    for file in rooms.into_iter().flat_map(rust_files_under) {
        for item in file.before_tests().split("#[derive(").skip(1) {
            let (derived, rest) = item.split_once(")]").unwrap();
            let Some((head, body)) = rest.split_once('{') else { continue };
            let is_struct = head.lines().any(|line| line.contains("struct ") && !line.contains(';'));
            let body = body.split("\n}").next().unwrap();
            for line in body.lines().map(|line| line.trim().trim_start_matches("pub ").trim_end_matches(','))
            {
                if derived.contains("Debug") && is_struct && TYPED.contains(&line) {
                    violations.push(format!("{}: {} shows {line}", file.path, head.trim()));
                }
            }
        }
    }
    assert_none("a struct derives Debug and holds what people type", &violations);
}
