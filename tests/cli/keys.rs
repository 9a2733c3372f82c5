//! Key files: how they are made, and that a database takes no other than its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::{Installation, READY_TO_SERVE, sunbeon};

#[test]
fn a_new_key_file_is_private_and_never_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.keys").display().to_string();
    assert_eq!(sunbeon(&["keys", "new", &path]).code, 0);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).unwrap();

    let again = sunbeon(&["keys", "new", &path]);
    assert_eq!(again.code, 3);
    assert!(again.err.contains("exists already"), "{}", again.err);
    assert_eq!(fs::read(&path).unwrap(), before);

    let rotated = format!("{path}.2");
    let said = sunbeon(&["keys", "rotate", &path, &rotated]);
    assert!(said.code == 0 && said.out.contains("key 2"), "{}{}", said.out, said.err);
    assert_eq!(fs::metadata(&rotated).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn other_keys_than_those_that_wrote_the_database_are_refused_by_every_command() {
    let own = Installation::new();
    own.write_config(&READY_TO_SERVE.replace("[notify]", "listen = \"127.0.0.1:0\"\n[notify]"));
    assert_eq!(own.run(&["staff", "list"]).code, 0);
    let (keys, right, rotated) = (own.path("master.keys"), own.path("right.keys"), own.path("rotated.keys"));
    assert_eq!(sunbeon(&["keys", "rotate", &keys, &rotated]).code, 0);
    fs::rename(&keys, &right).unwrap();
    assert_eq!(sunbeon(&["keys", "new", &keys]).code, 0);
    let campaign = concat!(env!("CARGO_MANIFEST_DIR"), "/src/import/campaign.example.toml");
    for command in [&["staff", "list"][..], &["import", campaign], &["serve"], &["check"]] {
        let said = own.run(command);
        let text = said.out + &said.err;
        assert!(said.code == 3 && text.contains("do not belong to this database"), "{command:?}: {text}");
    }
    let backup = own.path("backup");
    own.write_config("[backup]\npassphrase = \"five words that nobody guesses\"\n");
    let said = own.run(&["backup", &backup]);
    assert!(said.code == 3 && !Path::new(&backup).exists(), "{}", said.err);

    fs::rename(&rotated, &keys).unwrap();
    assert_eq!(own.run(&["staff", "list"]).code, 0, "rotated keys know the database");
    fs::rename(&right, &keys).unwrap();
    let said = own.run(&["staff", "list"]);
    assert!(said.code == 3 && said.err.contains("lacks master key 2"), "{}", said.err);
}
