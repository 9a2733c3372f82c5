//! Litestream copies the log of a database that is written, and the standby takes over.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;

use sunbeon::config::DatabaseUrl;

use crate::app::{TestApp, TestDatabase, skipped, wait_for};
use crate::load::Load;
use crate::place::{Place, stop};
use crate::stories::{assert_consistent, assert_everything_told_is_there, assert_sealed_columns_open};

/// Python of the virtual environment that Litestream is installed in, too.
const PYTHON_VARIABLE: &str = "SUNBEON_TEST_PYTHON";

/// Litestream; `None`, and a line that says so, where it is not installed.
fn litestream() -> Option<PathBuf> {
    let python = std::env::var_os(PYTHON_VARIABLE).map(PathBuf::from);
    let found =
        python.and_then(|python| Some(python.parent()?.join("litestream"))).filter(|path| path.exists());
    if found.is_none() {
        skipped(&format!("a standby: litestream does not stand beside {PYTHON_VARIABLE}"));
    }
    found
}

/// The README's configuration, with the paths of a test.
fn configure(place: &Place, database: &Path) -> PathBuf {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let (from, to) = ("/var/lib/sunbeon/sunbeon.db", "/mnt/standby/sunbeon");
    assert!(example.contains(from) && example.contains(to), "{example}");
    let text = example
        .replace(from, database.to_str().unwrap())
        .replace(to, place.path("standby").to_str().unwrap());
    let path = place.path("litestream.yml");
    std::fs::write(&path, text).unwrap();
    path
}

/// Litestream at work; killed when the test ends early. What it says is shown when the test fails.
struct Replication(Child);

impl Replication {
    fn begin(litestream: &Path, config: &Path) -> Self {
        Self(Command::new(litestream).arg("replicate").arg("-config").arg(config).spawn().unwrap())
    }
}

impl Drop for Replication {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How many files there are in a folder and below it.
fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}

/// As the service makes them. Litestream always reads, so one that waits longer for readers keeps writers waiting longer.
const CHECKPOINT: &str = "PRAGMA busy_timeout = 250; PRAGMA wal_checkpoint(RESTART)";

#[test]
fn a_standby_takes_over_with_everything_that_was_told() {
    let Some(litestream) = litestream() else { return };
    let app = Arc::new(TestApp::start());
    let place = Place::of_app(&app);
    place.done(&["backup", place.path("keys").to_str().unwrap(), "--keys-only"]);
    let DatabaseUrl::Sqlite(database) = app.database.url() else { unreachable!() };
    let config = configure(&place, &database);
    // It makes two small tables at its first start. While people book without a pause it would wait long for a turn.
    let first = Replication::begin(&litestream, &config);
    wait_for("the first copy", || place.path("standby/ltx").exists().then_some(()));
    let load = Load::begin(&app);

    // It is killed, and begins anew while people book and checkpoints are made.
    load.await_confirmed(10);
    drop(first);
    app.database.execute(CHECKPOINT).unwrap();
    load.await_confirmed(15);
    let copied = files_in(&place.path("standby"));
    let mut second = Replication::begin(&litestream, &config);
    // It copies once a second; told to stop before its first copy, it would copy nothing.
    wait_for("a copy by the second", || (files_in(&place.path("standby")) > copied).then_some(()));
    let told = load.await_confirmed(25);
    app.database.execute(CHECKPOINT).unwrap();
    let told = load.await_confirmed(told.confirmed.len() + 5);
    load.end();
    // Told to stop, it copies what is left.
    stop(&mut second.0);

    let standby = TestDatabase::sqlite();
    let new = Place::of(&standby);
    let DatabaseUrl::Sqlite(restored) = standby.url() else { unreachable!() };
    let put_back = Command::new(&litestream)
        .args(["restore", "-config", config.to_str().unwrap(), "-o", restored.to_str().unwrap()])
        .arg(&database)
        .output()
        .unwrap();
    assert!(put_back.status.success(), "{}", String::from_utf8_lossy(&put_back.stderr));
    new.done(&["restore", place.path("keys").to_str().unwrap()]);
    assert_everything_told_is_there(&standby, &told);
    assert_consistent(&standby);
    assert_sealed_columns_open(&standby, &new);
    new.serve_and_stop();
}
