//! A small evening with everybody in it: families, people with several devices, those who stay away, the impatient, and
//! attackers.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sunbeon::rehearse::people::Population;
use sunbeon::rehearse::plan::{Arrivals, Plan};

/// What [`rehearse`] rehearses.
pub(crate) fn plan() -> Plan {
    Plan {
        people: 150,
        arrivals: Arrivals::Compressed,
        early: 0.4,
        prepared: 0.3,
        families: 0.3,
        no_shows: 0.1,
        devices: 1.5,
        impatient: 0.1,
        attackers: 2,
        minutes: 9,
        connections: 16,
        think_seconds: 0.1,
        seed: 3,
    }
}

/// Runs the command for a small evening. `data` keeps what it prepares, `report` gets the report.
pub(crate) fn rehearse(data: &Path, report: &Path) -> Output {
    let plan = plan();
    Command::new(env!("CARGO_BIN_EXE_sunbeon"))
        .arg("rehearse")
        .args(["--people", &plan.people.to_string(), "--arrivals", "compressed"])
        .args(["--early", &plan.early.to_string(), "--prepared", &plan.prepared.to_string()])
        .args(["--families", &plan.families.to_string()])
        .args(["--no-shows", &plan.no_shows.to_string(), "--devices", &plan.devices.to_string()])
        .args(["--impatient", &plan.impatient.to_string(), "--attackers", &plan.attackers.to_string()])
        .args(["--minutes", &plan.minutes.to_string(), "--connections", &plan.connections.to_string()])
        .args(["--think", &plan.think_seconds.to_string(), "--seed", &plan.seed.to_string()])
        .args(["--sites", "30", "--pace", "10", "--opens-in", "15", "--workers", "1"])
        .args(["--data".as_ref(), data.as_os_str(), "--report".as_ref(), report.as_os_str()])
        .output()
        .unwrap()
}

#[test]
fn everybody_who_is_there_has_a_seat_and_nothing_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (data, reports) = (folder.path().join("place"), folder.path().join("report"));
    let ran = rehearse(&data, &reports);
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&std::fs::read(reports.join("report.json")).unwrap()).unwrap();

    let (plan, people) = (plan(), Population::new(&plan()));
    let there = (0..plan.people).filter(|person| !people.is_no_show(*person));
    let seats: u32 = there.map(|person| 1 + people.others(person)).sum();
    let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).unwrap();
    assert_eq!(number("/people/booked"), f64::from(seats), "{said}");
    assert_eq!(number("/people/arrived"), f64::from(plan.visitors()));
    assert_eq!(number("/people/came"), f64::from(plan.people));
    assert!(number("/evenness/admissions") > 0.0 && number("/evenness/distance") < 0.5, "{said}");
    assert!(number("/people/waited") > 0.0 && number("/messages") > f64::from(seats));
    assert_eq!(report["given_up"], serde_json::json!({}));

    let wrong = report["wrong"].as_object().unwrap();
    assert!(wrong.len() > 10 && wrong.values().all(|count| count == 0), "{wrong:?}");
    let tricks = report["attacks"].as_object().unwrap();
    assert_eq!(tricks.len(), 8, "{tricks:?}");
    assert!(tricks.values().all(|trick| trick["tried"].as_u64() > Some(0) && trick["got_in"] == 0));
    page_is_sane(&std::fs::read_to_string(reports.join("report.html")).unwrap());
}

fn page_is_sane(page: &str) {
    assert!(page.contains("Nothing was wrong.") && page.contains("POST /hold/confirm"));
    assert_eq!(page.matches("<svg").count(), 5);
    assert_eq!(page.matches("<svg").count(), page.matches("role=\"img\"").count());
    assert!(!page.contains("<script"));
}
