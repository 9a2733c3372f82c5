//! Another language, which shares no code with this one, comes to the same numbers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs `tests/door/check.py` over a file. Any Python 3 will do: the standard library is all it needs.
fn check(vectors: &Path) -> Output {
    let python = std::env::var_os("SUNBEON_TEST_PYTHON").unwrap_or("python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/door/check.py");
    Command::new(python).arg("-B").arg(script).arg(vectors).output().unwrap()
}

fn published() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/door/vectors.json")
}

#[test]
fn python_computes_the_same() {
    let output = check(&published());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

#[test]
fn python_notices_what_is_changed() {
    let text = std::fs::read_to_string(published()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("changed.json");
    for (what, instead) in [
        ("\"group\": 1\n", "\"group\": 2\n"),
        ("\"outcome\": \"forged\"", "\"outcome\": \"good\""),
        ("\"verifiable\": false", "\"verifiable\": true"),
        ("\"turn\": \"begun\"", "\"turn\": \"come\""),
        ("\"seconds\": 602", "\"seconds\": 603"),
    ] {
        assert!(text.contains(what), "{what}");
        std::fs::write(&changed, text.replacen(what, instead, 1)).unwrap();
        let output = check(&changed);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!output.status.success() && said.contains("should be"), "{what}: {said}");
    }
}
