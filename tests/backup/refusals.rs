//! What `sunbeon backup` and `sunbeon restore` refuse, each in words that say what to do.

use std::fs;
use std::path::Path;

use sunbeon::backup::{Restore, RestoreError, Restored, restore};
use sunbeon::config::{DatabaseUrl, KeysConfig, Secret};
use sunbeon::keys::KeyRing;
use sunbeon::store::restored::DueMessages;
use sunbeon::system::{SystemChance, SystemClock};

use crate::app::{TestApp, TestDatabase};
use crate::citizens::citizens;
use crate::place::{PASSPHRASE, Place, names};

/// Spoils the copy of a backup in a folder.
type Spoil = Box<dyn Fn(&Path)>;

/// A backup of an app with some people.
fn backup_of(app: &TestApp) -> Place {
    citizens(app, 3);
    let place = Place::of_app(app);
    place.done(&["backup", place.path("backup").to_str().unwrap()]);
    place
}

/// Puts a backup into a folder.
fn put_back(from: &Path, into: &Path, passphrase: &str) -> Result<Restored, RestoreError> {
    let order = Restore {
        from,
        database: &DatabaseUrl::Sqlite(into.join("sunbeon.db")),
        keys: &KeysConfig::File(into.join("master.keys")),
        is_demo: false,
        passphrase,
        due: DueMessages::Keep,
    };
    restore(&order, &SystemClock)
}

/// The whole error, as the command line prints it.
fn words(refused: Result<Restored, RestoreError>) -> String {
    format!("{:#}", anyhow::Error::from(refused.unwrap_err()))
}

fn copy_of(backup: &Path, folder: &Path) {
    fs::create_dir(folder).unwrap();
    for name in names(backup) {
        fs::copy(backup.join(&name), folder.join(&name)).unwrap();
    }
}

/// Changes a text in a file of the copy.
fn rewrite(name: &'static str, from: &'static str, to: &'static str) -> Spoil {
    Box::new(move |folder| {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    })
}

fn flip_a_bit(folder: &Path) {
    let path = folder.join("database.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn cut_the_end(folder: &Path) {
    let file = fs::OpenOptions::new().write(true).open(folder.join("database.sqlite")).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();
}

fn lose_the_keys(folder: &Path) {
    fs::remove_file(folder.join("master.keys.sealed")).unwrap();
}

/// What can be wrong with a copy, and a word that the refusal must have.
fn spoiled() -> [(&'static str, Spoil, &'static str); 8] {
    let (manifest, keys) = ("backup.toml", "master.keys.sealed");
    [
        ("a bit is flipped", Box::new(flip_a_bit), "damaged"),
        ("the end is missing", Box::new(cut_the_end), "damaged"),
        ("a file is missing", Box::new(lose_the_keys), "can't be read"),
        ("a key is changed", rewrite(keys, "sealed = \"", "sealed = \"A"), "damaged"),
        ("a word is changed", rewrite(manifest, "bookings = 0", "bookings = 1"), "another backup.toml"),
        ("the format is newer", rewrite(manifest, "format = 1", "format = 2"), "or newer"),
        ("the keys' format is newer", rewrite(keys, "format = 1", "format = 9"), "newer Sunbeon"),
        ("a line is cut", rewrite(manifest, "schema = ", "# "), "backup.toml is damaged"),
    ]
}

#[test]
fn a_backup_that_is_not_whole_leaves_nothing_behind() {
    let app = TestApp::start();
    let place = backup_of(&app);
    let backup = place.path("backup");
    for (what, spoil, word) in spoiled() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        copy_of(&backup, &copy);
        spoil(&copy);
        let into = tempfile::tempdir().unwrap();
        let said = words(put_back(&copy, into.path(), PASSPHRASE));
        assert!(said.contains(word), "{what}: {said}");
        assert!(names(into.path()).is_empty(), "{what} left {:?}", names(into.path()));
    }
    let into = tempfile::tempdir().unwrap();
    let said = words(put_back(&backup, into.path(), "five words that somebody guesses"));
    assert!(said.contains("not the passphrase"), "{said}");
    assert!(names(into.path()).is_empty());
    put_back(&backup, into.path(), PASSPHRASE).unwrap();
    assert_eq!(names(into.path()), ["master.keys", "sunbeon.db"]);
}

#[test]
fn a_place_that_is_not_empty_is_left_as_it_is() {
    let app = TestApp::start();
    let place = backup_of(&app);
    let backup = place.path("backup");
    for name in ["sunbeon.db", "sunbeon.db-wal", "sunbeon.db.unfinished", "master.keys"] {
        let into = tempfile::tempdir().unwrap();
        let path = into.path().join(name);
        if name == "master.keys" {
            KeyRing::generate(&SystemChance, false).write_new(&path).unwrap();
        } else {
            fs::write(&path, "precious").unwrap();
        }
        let kept = fs::read(&path).unwrap();
        let said = words(put_back(&backup, into.path(), PASSPHRASE));
        assert!(said.contains("is not empty") && said.contains(name), "{name}: {said}");
        assert_eq!((names(into.path()), fs::read(&path).unwrap()), (vec![name.to_owned()], kept));
    }
    // Its own keys may stand there: they are the same.
    let into = tempfile::tempdir().unwrap();
    app.keys.write_new(&into.path().join("master.keys")).unwrap();
    put_back(&backup, into.path(), PASSPHRASE).unwrap();
    let again = words(put_back(&backup, into.path(), PASSPHRASE));
    assert!(again.contains("is not empty"), "{again}");
}

#[test]
fn keys_in_the_environment_must_be_those_of_the_backup() {
    let app = TestApp::start();
    let place = backup_of(&app);
    let into = tempfile::tempdir().unwrap();
    let own = fs::read_to_string(place.keys()).unwrap();
    let stranger = into.path().join("stranger.keys");
    KeyRing::generate(&SystemChance, false).write_new(&stranger).unwrap();
    let other = fs::read_to_string(&stranger).unwrap();
    let put_back = |text: &str| {
        let order = Restore {
            from: &place.path("backup"),
            database: &DatabaseUrl::Sqlite(into.path().join("sunbeon.db")),
            keys: &KeysConfig::Environment(Secret::new(text)),
            is_demo: false,
            passphrase: PASSPHRASE,
            due: DueMessages::Keep,
        };
        restore(&order, &SystemClock)
    };
    assert!(words(put_back(&other)).contains("unset it"));
    put_back(&own).unwrap();
    assert_eq!(names(into.path()), ["stranger.keys", "sunbeon.db"]);
}

#[test]
fn no_backup_is_taken_that_could_not_be_put_back() {
    let app = TestApp::start();
    let place = backup_of(&app);
    let backup = place.path("backup");
    let again = place.run(&["backup", backup.to_str().unwrap()]);
    assert!(again.code == 1 && again.text.contains("exists already and is kept"), "{again:?}");

    let other = place.path("other");
    fs::remove_file(place.keys()).unwrap();
    KeyRing::generate(&SystemChance, false).write_new(&place.keys()).unwrap();
    let said = place.run(&["backup", other.to_str().unwrap()]);
    assert!(said.code == 3 && said.text.contains("do not belong to this database"), "{said:?}");

    let nothing = Place::of(&TestDatabase::sqlite());
    app.keys.write_new(&nothing.keys()).unwrap();
    let said = nothing.run(&["backup", other.to_str().unwrap()]);
    assert_ne!(said.code, 0, "{said:?}");

    let config = fs::read_to_string(place.path("sunbeon.toml")).unwrap();
    fs::write(place.path("sunbeon.toml"), config.replace(PASSPHRASE, "too short")).unwrap();
    let said = place.run(&["backup", other.to_str().unwrap()]);
    assert!(said.code == 2 && said.text.contains("too short"), "{said:?}");
    assert_eq!(names(place.folder.path()), ["backup", "master.keys", "sunbeon.toml"]);
}

#[test]
fn a_backup_of_the_keys_needs_the_database_to_be_there() {
    let app = TestApp::start();
    citizens(&app, 3);
    let place = Place::of_app(&app);
    let backup = place.path("keys");
    place.done(&["backup", backup.to_str().unwrap(), "--keys-only"]);
    assert_eq!(names(&backup), ["backup.toml", "master.keys.sealed"]);

    let said = place.run(&["restore", backup.to_str().unwrap()]);
    assert!(said.code == 1 && said.text.contains("is not empty"), "a service is no empty place: {said:?}");

    let into = tempfile::tempdir().unwrap();
    let said = words(put_back(&backup, into.path(), PASSPHRASE));
    assert!(said.contains("put the database back first"), "{said}");
    app.stop();
    fs::copy(&app.database.files()[0], into.path().join("sunbeon.db")).unwrap();
    put_back(&backup, into.path(), PASSPHRASE).unwrap();
    assert!(KeyRing::read(&into.path().join("master.keys")).unwrap().is_same_as(&app.keys));
}

#[test]
fn a_postgres_database_with_tables_is_no_empty_place() {
    let (Some(app), Some(other)) = (TestApp::start_on_postgres(), TestDatabase::postgres()) else { return };
    let place = backup_of(&app);
    let backup = place.path("backup");
    other.execute("CREATE TABLE precious (id INTEGER)").unwrap();
    let said = Place::of(&other).run(&["restore", backup.to_str().unwrap()]);
    assert!(said.code == 1 && said.text.contains("is not empty"), "{said:?}");

    let said = Place::of(&TestDatabase::sqlite()).run(&["restore", backup.to_str().unwrap()]);
    assert!(said.code == 1 && said.text.contains("same kind"), "{said:?}");

    let empty = TestDatabase::postgres().unwrap();
    let dump = backup.join("database.pgdump");
    let bytes = fs::read(&dump).unwrap();
    fs::write(&dump, &bytes[..bytes.len() / 2]).unwrap();
    let said = Place::of(&empty).run(&["restore", backup.to_str().unwrap()]);
    assert!(said.code == 1 && said.text.contains("damaged"), "{said:?}");
    assert_eq!(empty.number("SELECT COUNT(*) AS number FROM pg_stat_user_tables"), 0);
}
