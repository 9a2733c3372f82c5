//! A file fits in a head, and so does a function.

use crate::assert_none;
use crate::source::{Keep, blanked, files_under, is_word, line_of, rust_files_under, words};

/// About 400 is the aim; the rest is room to finish a thought.
const FILE_LINES: usize = 450;

/// About 50 is the aim.
const FUNCTION_LINES: usize = 60;

#[test]
fn every_file_fits_in_a_head() {
    let written = ["rs", "mjs", "js", "py", "css", "html", "sh", ""];
    let violations: Vec<String> = ["src", "tests", "templates", "static"]
        .iter()
        .flat_map(|folder| files_under(folder))
        .filter(|file| written.contains(&file.extension()))
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > FILE_LINES).then(|| format!("{} has {lines} lines", file.path))
        })
        .collect();
    assert_none(&format!("more than {FILE_LINES} lines: a noun is hiding in there"), &violations);
}

#[test]
fn every_function_fits_in_a_head() {
    let mut violations = Vec::new();
    for file in rust_files_under("src").into_iter().chain(rust_files_under("tests")) {
        for (name, line, lines) in functions(&file.text) {
            if lines > FUNCTION_LINES {
                violations.push(format!("{}:{line} {name} has {lines} lines", file.path));
            }
        }
    }
    assert_none(&format!("more than {FUNCTION_LINES} lines: a noun is hiding in there"), &violations);
}

/// Name, first line and number of lines of every function that has a body.
fn functions(source: &str) -> Vec<(String, usize, usize)> {
    let code = blanked(source, Keep::Code);
    let all = words(&code);
    let mut found = Vec::new();
    for (index, (at, word)) in all.iter().enumerate() {
        let Some((name_at, name)) = all.get(index + 1) else {
            continue;
        };
        // `fn(u8)` is a type: between `fn` and a function's name stand only blanks.
        let named = code[at + 2..*name_at].iter().all(|c| c.is_whitespace());
        if word != "fn" || !named {
            continue;
        }
        if let Some(end) = body_end(&code, name_at + name.chars().count()) {
            let (first, last) = (line_of(&code, *at), line_of(&code, end));
            found.push((name.clone(), first, last - first + 1));
        }
    }
    found
}

/// The closing brace of the body that follows a function's name, or `None` when it has no body.
fn body_end(code: &[char], from: usize) -> Option<usize> {
    let (mut parentheses, mut braces) = (0, 0);
    for (offset, c) in code[from..].iter().enumerate() {
        match c {
            '(' | '[' => parentheses += 1,
            ')' | ']' => parentheses -= 1,
            ';' if parentheses == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 && parentheses == 0 {
                    return Some(from + offset);
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn functions_are_measured() {
    let source = "trait T {\n fn a(x: [u8; 2]);\n}\nfn b(f: fn(u8)) {\n  let c = \"}\";\n  if x { y }\n}\n";
    assert_eq!(functions(source), [("b".to_owned(), 4, 4)]);
    assert!(is_word('한'));
}
