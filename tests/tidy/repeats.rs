//! Six lines that stand in two places want a name.

use std::collections::BTreeMap;

use crate::assert_none;
use crate::source::files_under;

/// So many lines in a row may not stand twice.
const LINES: usize = 6;

/// Where they do all the same: files, the first of the lines, and why no name would help.
const ALLOWED: &[(&[&str], &str)] = &[
    // The same facts for unit tests of the library and for a target of its own, which can't see what is only for tests.
    (&["src/notify/text/tests.rs", "tests/smtp.rs"], "BookingFacts {"),
    // The fields of two structs, one of which is made of the other.
    (&["src/engine/mod.rs"], "pub keys: Arc<KeyRing>,"),
    // The columns of a row, read and written.
    (&["src/store/door_state.rs"], "cap: f64,"),
    // The parameters of two methods.
    (&["src/store/reminders.rs"], "&self,"),
    // Two implementations of one trait, each for a type.
    (&["src/web/posted.rs"], "type Error = Problem;"),
    // Tables in the order in which they can be filled.
    (&["tests/bench/raw_postgres.rs", "tests/store/plans.rs"], "\"account\","),
    // Fields of a campaign, most of them other ones.
    (&["tests/durability/country.rs", "tests/support/country.rs"], "let mut new = Campaign {"),
];

/// What says something: no comment, no import, no lone bracket.
fn says_something(line: &str) -> bool {
    let is_frame =
        ["//", "#[", "use ", "pub use ", "mod ", "import "].iter().any(|start| line.starts_with(start));
    !is_frame && line.contains(|sign: char| sign.is_alphanumeric() || sign == '_')
}

/// Places of each run of lines, by what they say.
fn runs() -> BTreeMap<Vec<String>, Vec<(String, usize)>> {
    let mut runs = BTreeMap::<_, Vec<_>>::new();
    let files = ["src", "tests"].into_iter().flat_map(files_under);
    for file in files.filter(|file| ["rs", "mjs", "py"].contains(&file.extension())) {
        let lines: Vec<(usize, &str)> = file
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| says_something(line))
            .collect();
        for run in lines.windows(LINES) {
            let said = run.iter().map(|(_, line)| (*line).to_owned()).collect();
            runs.entry(said).or_default().push((file.path.clone(), run[0].0));
        }
    }
    runs
}

fn is_allowed(places: &[(String, usize)], lines: &[String]) -> bool {
    ALLOWED.iter().any(|(files, first)| {
        // What is longer is found at each of its lines; between two files everything is then allowed.
        let is_it = files.len() > 1 || lines[0] == *first;
        is_it && places.iter().all(|(file, _)| files.contains(&file.as_str()))
    })
}

#[test]
fn no_six_lines_stand_twice() {
    let violations: Vec<String> = runs()
        .into_iter()
        .filter(|(lines, places)| places.len() > 1 && !is_allowed(places, lines))
        .map(|(lines, places)| {
            let places: Vec<String> = places.iter().map(|(file, line)| format!("{file}:{line}")).collect();
            format!("{}: {}", places.join(" and "), lines[0])
        })
        .collect();
    assert_none("lines that stand twice: give them a name", &violations);
}
