//! What this machine can't be tested for.

use std::fs::OpenOptions;
use std::io::Write;

/// Says that something was left out, and why. `tests/run` names a file that collects it, so that it counts as skipped there
/// and not as passed.
pub fn skipped(why: &str) {
    println!("skipped: {why}");
    if let Some(list) = std::env::var_os("SUNBEON_TEST_SKIPPED") {
        let mut list = OpenOptions::new().append(true).create(true).open(list).unwrap();
        // In one piece: tests run beside each other.
        list.write_all(format!("{}\n", why.replace('\n', " ")).as_bytes()).unwrap();
    }
}
