//! Which messages the outbox must hold for the bookings there are: none missing, none doubled. A booking's version and
//! state say everything that ever happened to it: it was confirmed, then moved with each version, and perhaps cancelled.

use std::collections::{BTreeMap, HashMap};

use crate::facts::{BookingRow, Facts};
use crate::household::{Household, OwnPhone};

/// Whether a message must be there still to be sent, must be void, or may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    Wait,
    BeVoid,
    Be,
}

/// Fails unless the outbox holds exactly what it must.
pub fn check(facts: &Facts, homes: &[Household]) {
    let homes: HashMap<i64, &Household> = homes.iter().map(|home| (home.account, home)).collect();
    let mut expected = BTreeMap::new();
    for party in facts.parties.values().filter(|party| party.state == "booked") {
        to_booker(&mut expected, homes[&party.account], ("confirmation", party.id, 1), Must::Be);
    }
    for row in facts.bookings.values().filter(|row| ["booked", "cancelled"].contains(&row.state.as_str())) {
        of_booking(&mut expected, homes[&row.account], row);
    }
    let mut wrong = Vec::new();
    let mut found = BTreeMap::new();
    for (key, state) in &facts.messages {
        if found.insert(key.as_str(), state.as_str()).is_some() {
            wrong.push(format!("doubled: {key}"));
        }
        let is_right = match expected.get(key) {
            None => false,
            Some(Must::Wait) => state == "queued",
            Some(Must::BeVoid) => state == "void",
            Some(Must::Be) => true,
        };
        if !is_right {
            wrong.push(format!("{:?} was expected, found: {key} {state}", expected.get(key)));
        }
    }
    wrong.extend(
        expected.keys().filter(|key| !found.contains_key(key.as_str())).map(|key| format!("missing: {key}")),
    );
    assert!(wrong.is_empty(), "{} messages are wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

type Expected = BTreeMap<String, Must>;

/// What is told, about what, and about which version of it.
type About<'a> = (&'a str, i64, i32);

fn expect(expected: &mut Expected, (kind, subject, version): About<'_>, to: &str, channel: &str, must: Must) {
    // Each reminder of a campaign is an occasion of its own.
    let occasion = match kind {
        "reminder" => "days-1",
        "second-dose-reminder" => "days-7",
        _ => "",
    };
    expected.insert(format!("{kind} {subject} {version} {to} {channel} {occasion}"), must);
}

fn to_booker(expected: &mut Expected, home: &Household, about: About<'_>, must: Must) {
    let to = format!("account {}", home.account);
    expect(expected, about, &to, "sms", must);
    if home.has_email {
        expect(expected, about, &to, "email", must);
    }
}

fn of_booking(expected: &mut Expected, home: &Household, row: &BookingRow) {
    let is_cancelled = row.state == "cancelled";
    let own = home.people[row.number - 1];
    for version in 1..=row.version {
        let kind = match version {
            1 => "confirmation",
            last if is_cancelled && last == row.version => "cancellation",
            _ => "change",
        };
        if version > 1 {
            to_booker(expected, home, (kind, row.id, version), Must::Be);
        }
        to_person(expected, own, row, (kind, row.id, version));
        if kind != "cancellation" {
            let must = if version == row.version { Must::Wait } else { Must::BeVoid };
            reminders(expected, home, row, version, must);
        }
    }
}

fn to_person(expected: &mut Expected, own: OwnPhone, row: &BookingRow, about: About<'_>) {
    let to = format!("person {}", row.person);
    match own {
        OwnPhone::None => {}
        OwnPhone::Typed => expect(expected, ("care-notice", row.person, 0), &to, "sms", Must::Be),
        OwnPhone::Proved | OwnPhone::ProvedBoth => expect(expected, about, &to, "sms", Must::Be),
    }
}

fn reminders(expected: &mut Expected, home: &Household, row: &BookingRow, version: i32, must: Must) {
    let own = home.people[row.number - 1];
    let kinds = if row.dose > 1 { &["reminder", "second-dose-reminder"][..] } else { &["reminder"] };
    for kind in kinds {
        let about = (*kind, row.id, version);
        if matches!(own, OwnPhone::Proved | OwnPhone::ProvedBoth) {
            expect(expected, about, &format!("person {}", row.person), "sms", must);
        }
        if own != OwnPhone::Proved {
            to_booker(expected, home, about, must);
        }
    }
}
