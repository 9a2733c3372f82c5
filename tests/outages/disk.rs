//! The disk is full: a small one that only this test's processes see.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use reqwest::StatusCode;

use crate::answers::{assert_outage, is_ready, seats, send_again};
use crate::app::{Language, Page, TestApp, TestDatabase, skipped, wait_for};
use crate::way;

const L: Language = Language::English;

/// Room for the database and some of what visitors do.
const DISK: &str = "size=24m";

/// More presses than any full disk takes.
const PRESSES_MAX: usize = 400;

/// Runs [`on_a_small_disk`] where it may mount one.
#[test]
fn a_full_disk_is_told_and_with_room_everything_goes_on() {
    if let Err(why) = may_mount() {
        // Where everything is checked, nothing is left out.
        assert!(std::env::var_os("CI").is_none(), "no disk of our own can be mounted: {why}");
        return skipped(&format!("a full disk: none of our own can be mounted ({why})"));
    }
    let ran = in_private_mounts()
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disk::on_a_small_disk", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

/// A command for programs whose mounts nobody else sees. Whoever is not root is so in a namespace of their own.
fn in_private_mounts() -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "--propagation", "private"]).stdin(Stdio::null());
    command
}

fn may_mount() -> Result<(), String> {
    let tried = in_private_mounts().args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    let tried = tried.map_err(|error| error.to_string())?;
    let why = String::from_utf8_lossy(&tried.stderr).trim().to_owned();
    if tried.status.success() { Ok(()) } else { Err(why) }
}

/// Fills a disk to its last byte.
fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    for bytes in [vec![0; 64 * 1024], vec![0; 512]] {
        loop {
            match file.write_all(&bytes) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
#[ignore = "the test above starts it where it may mount a disk"]
fn on_a_small_disk() {
    let disk = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(disk.path()).status();
    assert!(mounted.unwrap().success());
    let app = TestApp::on(TestDatabase::Sqlite(tempfile::tempdir_in(disk.path()).unwrap()));
    // After a start the log is short, and has no room from before.
    app.restart();
    let browser = app.browser(L);
    browser.expect_outages();
    let times = way::times_of_both(&app, &browser, "covid-2026");
    let booked = way::confirm(&way::press_time(&times, 0));
    let other = app.browser(L);
    other.expect_outages();
    let who = way::prove(&app, &way::start(&other, "flu-2026"), "010-0000-0007");
    let times = way::to_times_alone(&who, "최영희");

    let ballast = disk.path().join("ballast");
    fill(&ballast);
    let told = press_until_told(&times);
    assert_outage(&told, L);
    assert_eq!(booked.reload().all(".reference").len(), 4, "what only reads goes on");

    std::fs::remove_file(&ballast).unwrap();
    wait_for("the service to be well though nobody orders anything", || is_ready(&app).then_some(()));
    way::confirm(&send_again(&told, L));
    assert_eq!(seats(&app), (0, 5));
    assert_eq!(booked.reload().all(".reference").len(), 4);
    app.stop();
}

/// Chooses one time after the other until the answer is no page that holds seats.
fn press_until_told(times: &Page) -> Page {
    let told = (0..PRESSES_MAX).map(|number| way::press_time(times, number % 8));
    let mut told = told.skip_while(|page| page.status == StatusCode::OK);
    told.next().expect("a full disk that takes everything")
}
