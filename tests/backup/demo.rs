//! A demo never becomes a service, nor a service a demo.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use sunbeon::cli::demo::{self, Wish};
use sunbeon::system::SystemClock;

use crate::app::{TestApp, TestDatabase};
use crate::place::{Place, names, sunbeon};

fn prepare(data: &Path) -> anyhow::Result<demo::Prepared> {
    let wish = Wish { data: data.to_owned(), seed: None, sites: Some(2) };
    demo::prepare(&wish, Arc::new(SystemClock), &mut |_| {})
}

#[test]
fn a_demo_stays_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = |name: &str| path(name).to_str().unwrap().to_owned();
    let made = prepare(&path("demo")).unwrap();
    let said = sunbeon(&["backup", &text("backup"), "--data", &text("demo")]);
    assert_eq!(said.code, 0, "{said:?}");

    let database = TestDatabase::sqlite();
    let service = Place::of(&database);
    let said = service.run(&["restore", &text("backup")]);
    assert!(said.code == 1 && said.text.contains("taken of a demo"), "{said:?}");
    assert!(database.files().is_empty() && !service.keys().exists());

    fs::create_dir(path("again")).unwrap();
    let said = sunbeon(&["restore", &text("backup"), "--data", &text("again")]);
    assert_eq!(said.code, 0, "{said:?}");
    let again = prepare(&path("again")).unwrap();
    assert!(again.keys.is_same_as(&made.keys) && again.booked == 0, "it goes on where it was");
}

#[test]
fn a_service_does_not_become_a_demo() {
    let app = TestApp::start();
    let place = Place::of_app(&app);
    place.done(&["backup", place.path("backup").to_str().unwrap()]);
    let data = tempfile::tempdir().unwrap();
    let said = sunbeon(&[
        "restore",
        place.path("backup").to_str().unwrap(),
        "--data",
        data.path().to_str().unwrap(),
    ]);
    assert!(said.code == 1 && said.text.contains("not taken of a demo"), "{said:?}");
    assert!(names(data.path()).is_empty());
}
