//! Reads the tree and blanks what is not code.

use std::fs;
use std::path::{Path, PathBuf};

/// Directories and files that no rule looks at: made by tools, or by running the program.
const SKIPPED: [&str; 8] =
    [".git", "target", "node_modules", "shots", "screens", "sunbeon-demo", "Cargo.lock", "package-lock.json"];

/// A text file of the project.
pub(crate) struct File {
    /// Path from the project's root, with `/`.
    pub(crate) path: String,
    /// Everything in it.
    pub(crate) text: String,
}

impl File {
    /// The text up to the file's own tests; nothing of a file that is all tests.
    pub(crate) fn before_tests(&self) -> &str {
        if self.path.ends_with("/tests.rs") {
            return "";
        }
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// The name of the file's ending, without the dot.
    pub(crate) fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|e| e.to_str()).unwrap_or("")
    }
}

/// The project's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file under `folder` (from the root; `""` for all), in the order of their paths.
pub(crate) fn files_under(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The Rust files under `folder`.
pub(crate) fn rust_files_under(folder: &str) -> Vec<File> {
    files_under(folder).into_iter().filter(|file| file.extension() == "rs").collect()
}

fn collect(folder: &Path, found: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push(File { path, text });
        }
    }
}

/// What stays of Rust source when it is blanked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Keep {
    /// Only code: comments and what stands in quotes become blanks.
    Code,
    /// Code and strings: only comments become blanks.
    CodeAndStrings,
}

/// Rust source with the rest blanked; lines and columns (in characters) stay where they are.
pub(crate) fn blanked(source: &str, keep: Keep) -> Vec<char> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = chars.clone();
    let mut at = 0;
    while at < chars.len() {
        let (end, is_string) = match token_end(&chars, at) {
            Some(found) => found,
            None => {
                at += 1;
                continue;
            }
        };
        if !is_string || keep == Keep::Code {
            for blank in &mut out[at..end] {
                if *blank != '\n' {
                    *blank = ' ';
                }
            }
        }
        at = end;
    }
    out
}

/// Where the comment or literal that starts at `at` ends, and whether it is a literal.
fn token_end(chars: &[char], at: usize) -> Option<(usize, bool)> {
    let rest = &chars[at..];
    let after_word = at > 0 && is_word(chars[at - 1]);
    match rest {
        ['/', '/', ..] => Some((at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), false)),
        ['/', '*', ..] => Some((at + block_comment(rest), false)),
        ['r', '"' | '#', ..] if !after_word => raw_string(rest, 1).map(|length| (at + length, true)),
        ['b' | 'c', 'r', '"' | '#', ..] if !after_word => {
            raw_string(rest, 2).map(|length| (at + length, true))
        }
        ['"', ..] => Some((at + quoted(rest, '"'), true)),
        ['\'', '\\', ..] => Some((at + quoted(rest, '\''), true)),
        // A lifetime has no closing quote right after one character.
        ['\'', _, '\'', ..] => Some((at + 3, true)),
        _ => None,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a raw string whose `r` ends at `prefix`, or `None` for a raw identifier.
fn raw_string(rest: &[char], prefix: usize) -> Option<usize> {
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let open = prefix + hashes;
    if rest.get(open) != Some(&'"') {
        return None;
    }
    let mut at = open + 1;
    while at < rest.len() {
        if rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(rest.len())
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Whether a character can be part of a name.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every name in the code with the position it starts at.
pub(crate) fn words(code: &[char]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let length = code[at..].iter().take_while(|c| is_word(**c)).count();
        if length > 0 {
            found.push((at, code[at..at + length].iter().collect()));
        }
        at += length.max(1);
    }
    found
}

/// The number of the line that position `at` is on.
pub(crate) fn line_of(code: &[char], at: usize) -> usize {
    1 + code[..at].iter().filter(|c| **c == '\n').count()
}

/// Every string in double quotes of a text, without its quotes; good enough for names such as catalog keys.
pub(crate) fn strings_in(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| line.split('"').skip(1)).collect()
}

#[test]
fn comments_and_strings_are_blanked() {
    let source = "a /* b /* c */ d */ e \"f // \\\" g\" 'h' '\\'' r#\"i \" j\"# k<'l> // m\nn";
    let code: String = blanked(source, Keep::Code).into_iter().collect();
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "k<'l>", "n"]);
    assert_eq!(code.chars().count(), source.chars().count());
    let kept: String = blanked("x(\"y\") // z", Keep::CodeAndStrings).into_iter().collect();
    assert_eq!(kept.trim_end(), "x(\"y\")");
}
