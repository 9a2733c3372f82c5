//! Whether anything was wrong, by what was seen from outside and by what the database holds.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::evening::Evening;
use super::people::{number_of, phone};
use super::report::Spread;
use super::waits::NO_PAGE;
use crate::domain::door::audit::{Audit, Root, could_enter};
use crate::domain::door::place::{GROUPS, Group, Place, Threshold};
use crate::domain::ids::OpeningId;
use crate::domain::phone::PhoneNumber;
use crate::keys::KeyRing;
use crate::store::accounts::phone_hash;
use crate::store::door_log::{self, DoorSecond};
use crate::store::openings::StoredOpening;
use crate::store::soundness::{self, Admitted};
use crate::store::{Conn, Store, StoreError, admission_list, door_state};

/// Seconds of the log that are read at once.
const SECONDS_EACH_READ: i64 = 10_000;

/// Entries of the list of admissions that are read at once.
const ENTRIES_EACH_READ: usize = 10_000;

/// What must not be. Every number of a rehearsal that found nothing wrong is 0.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Slots with more people than seats, or with others than they count.
    pub slots_miscounted: u64,
    /// People with two seats for one dose.
    pub people_booked_twice: u64,
    /// Bookings that a page called confirmed and that the database doesn't have.
    pub confirmed_and_lost: u64,
    /// Bookings of accounts whose phone was never let in.
    pub booked_without_admission: u64,
    /// Admissions above the threshold of their second.
    pub admitted_above_threshold: u64,
    /// Admissions whose place is not the one that was drawn for the phone.
    pub admitted_with_another_place: u64,
    /// Admissions of phones that nobody has who came to book.
    pub strangers_admitted: u64,
    /// What an auditor finds wrong with the sealed list of admissions, its published roots and the log.
    pub list_faults: u64,
    /// Tries without a turn that reached a booking page.
    pub attackers_in: u64,
    /// Times somebody was told to wait after people behind them had been let in.
    pub passed_over: u64,
    /// Phones that were told different groups, on one device or another.
    pub places_that_differ: u64,
    /// Answers that something is broken.
    pub broken_answers: u64,
    /// Text messages to numbers that can be somebody's.
    pub messages_astray: u64,
}

impl Wrong {
    /// Every number with what it counts.
    pub fn all(&self) -> [(&'static str, u64); 13] {
        [
            ("Slots with more people than seats, or with others than they count", self.slots_miscounted),
            ("People with two seats for one dose", self.people_booked_twice),
            (
                "Bookings that a page called confirmed and that the database doesn't have",
                self.confirmed_and_lost,
            ),
            ("Bookings of accounts whose phone was never let in", self.booked_without_admission),
            ("Admissions above the threshold", self.admitted_above_threshold),
            ("Admissions with another place than the draw's", self.admitted_with_another_place),
            ("Admissions of phones that nobody has who came to book", self.strangers_admitted),
            ("Faults of the sealed list of admissions, its roots and the log", self.list_faults),
            ("Tries without a turn that reached a booking page", self.attackers_in),
            ("Times somebody waited although people behind them had been let in", self.passed_over),
            ("Phones that were told different groups", self.places_that_differ),
            ("Answers that something is broken", self.broken_answers),
            ("Text messages to numbers that can be somebody's", self.messages_astray),
        ]
    }

    /// Whether nothing is wrong.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What the database says.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    admitted: Vec<Admitted>,
    log: Vec<DoorSecond>,
    /// Who could enter, second by second, and as it was last.
    thresholds: Vec<(Timestamp, Threshold)>,
    list_faults: u64,
    /// The references of bookings.
    booked: HashSet<String>,
    booked_without_admission: u64,
    slots_miscounted: u64,
    people_booked_twice: u64,
}

impl Stored {
    /// Reads what is needed to look for what is wrong.
    ///
    /// # Errors
    /// [`StoreError`] when a query fails.
    pub fn read(store: &Store, opening: &StoredOpening) -> Result<Self, StoreError> {
        let id = opening.opening.id;
        store.read_now(|conn, _| {
            let log = whole_log(conn, opening)?;
            // Then nobody needs to be let in any more.
            let all_may_enter = log.iter().find(|second| second.threshold == Threshold::OPEN);
            let stood_until = all_may_enter.map_or(opening.opening.ends_at, |second| second.at);
            let mut thresholds: Vec<_> = log.iter().map(|second| (second.at, second.threshold)).collect();
            let last = door_state::find(conn, id)?;
            thresholds.extend(last.map(|state| (Timestamp::MAX, state.threshold)));
            let opening = &opening.opening;
            Ok(Self {
                admitted: soundness::admitted(conn, id)?,
                list_faults: list_faults(conn, opening.id, &thresholds)?,
                log,
                thresholds,
                booked: soundness::booked(conn, id)?.into_iter().collect(),
                booked_without_admission: soundness::booked_without_admission(conn, opening, stood_until)?,
                slots_miscounted: soundness::slots_miscounted(conn)?,
                people_booked_twice: soundness::people_booked_twice(conn)?,
            })
        })
    }

    /// Who was let in above the threshold.
    pub fn above_threshold(&self) -> u64 {
        let is_above = |one: &&Admitted| !could_enter(&self.thresholds, one.place, one.at);
        self.admitted.iter().filter(is_above).count() as u64
    }

    /// Everybody who was let in.
    pub(super) fn admitted(&self) -> &[Admitted] {
        &self.admitted
    }

    /// How far the door was open so long before it stood open for all, or the log ends; half-way when the evening was short.
    pub(super) fn threshold_before_end(&self, earlier: SignedDuration) -> Option<Threshold> {
        let stood = self.log.partition_point(|second| second.threshold != Threshold::OPEN);
        let (first, last) = (self.log.first()?, self.log.get(stood.checked_sub(1)?)?);
        let end = last.at - earlier.min(last.at.duration_since(first.at) / 2);
        let until = self.log.partition_point(|second| second.at <= end);
        Some(self.log.get(until.checked_sub(1)?)?.threshold)
    }

    /// When the whole of a group could enter.
    fn turn_of(&self, group: Group) -> Option<Timestamp> {
        let last = *group.places().end();
        let first = self.log.partition_point(|second| !second.threshold.admits(last));
        self.log.get(first).map(|second| second.at)
    }
}

fn whole_log(conn: &mut Conn, opening: &StoredOpening) -> Result<Vec<DoorSecond>, StoreError> {
    let mut log: Vec<DoorSecond> = Vec::new();
    loop {
        let last = log.last().map(|second| second.at);
        let more = door_log::after(conn, opening.opening.id, last, SECONDS_EACH_READ)?;
        if more.is_empty() {
            return Ok(log);
        }
        log.extend(more);
    }
}

/// What an auditor finds wrong with the list of admissions, as far as its entries have numbers.
fn list_faults(
    conn: &mut Conn,
    opening: OpeningId,
    thresholds: &[(Timestamp, Threshold)],
) -> Result<u64, StoreError> {
    let minutes = admission_list::minutes(conn, opening)?;
    let roots: Vec<Root> = minutes.iter().map(|minute| (minute.size, minute.root)).collect();
    let mut audit = Audit::new(&roots, thresholds);
    let sealed = roots.last().map_or(0, |(size, _)| *size);
    for from in (0..sealed).step_by(ENTRIES_EACH_READ) {
        let to = sealed.min(from + ENTRIES_EACH_READ as u64);
        admission_list::entries(conn, opening, from, to)?.iter().for_each(|entry| audit.take(entry));
    }
    Ok(audit.findings().iter().filter(|finding| !finding.agrees).count() as u64)
}

/// All that was wrong on an evening.
pub fn look_for(evening: &Evening, stored: &Stored, opening: &StoredOpening, keys: &KeyRing) -> Wrong {
    let tally = evening.tally.borrow();
    let (other_places, strangers) = compare_places(evening, stored, opening, keys);
    Wrong {
        slots_miscounted: stored.slots_miscounted,
        people_booked_twice: stored.people_booked_twice,
        confirmed_and_lost: tally.confirmed.iter().filter(|one| !stored.booked.contains(*one)).count() as u64,
        booked_without_admission: stored.booked_without_admission,
        admitted_above_threshold: stored.above_threshold(),
        admitted_with_another_place: other_places,
        strangers_admitted: strangers,
        list_faults: stored.list_faults,
        attackers_in: tally.attacks.values().map(|attack| attack.got_in).sum(),
        passed_over: evening.fairness.borrow().inversions,
        places_that_differ: groups_that_differ(evening, opening),
        broken_answers: tally.kinds().map(|(_, kind)| kind.broken).sum(),
        messages_astray: evening.mailbox.counts().1,
    }
}

/// Somebody's phone.
pub(super) fn phone_of(person: u32) -> Option<PhoneNumber> {
    PhoneNumber::parse(&phone(number_of(person))).ok()
}

/// Admissions with another place than the draw's, and those of phones that nobody of the population has.
fn compare_places(evening: &Evening, stored: &Stored, opening: &StoredOpening, keys: &KeyRing) -> (u64, u64) {
    let mut admitted: HashMap<&[u8], Place> =
        stored.admitted.iter().map(|one| (one.phone.as_slice(), one.place)).collect();
    let mut others = 0;
    for phone in (0..evening.population.people).filter_map(phone_of) {
        if admitted.is_empty() {
            break;
        }
        let Some(place) = admitted.remove(phone_hash(keys, &phone).as_bytes()) else { continue };
        let drawn = opening.key.as_ref().map(|key| key.place(&opening.opening.code, &phone));
        others += u64::from(drawn != Some(place));
    }
    (others, admitted.len() as u64)
}

/// Phones whose devices were told another group than the draw gave them.
fn groups_that_differ(evening: &Evening, opening: &StoredOpening) -> u64 {
    let Some(key) = &opening.key else { return 0 };
    let (visitors, waits) = (evening.visitors.borrow(), evening.waits.borrow());
    let differs = |(index, visitor): (u32, &super::people::Visitor)| {
        let address = waits.address(visitor.address).filter(|_| visitor.page != NO_PAGE)?;
        let phone = phone_of(evening.population.owner(index))?;
        let drawn = key.place(&opening.opening.code, &phone).group().number();
        (drawn != address.group).then_some(())
    };
    (0..).zip(visitors.iter()).filter_map(differs).count() as u64
}

/// How many seconds people's turn was away from the time they were told first.
pub fn error_of_times(evening: &Evening, stored: &Stored) -> Spread {
    let came: Vec<Option<i64>> = (1..=GROUPS)
        .map(|number| {
            let turn = Group::from_number(number).and_then(|group| stored.turn_of(group));
            turn.map(|at| at.duration_since(evening.began_at).as_secs())
        })
        .collect();
    let waits = evening.waits.borrow();
    let error = |visitor: &super::people::Visitor| {
        let group = waits.address(visitor.address)?.group;
        let came = came.get(usize::from(group).checked_sub(1)?).copied().flatten()?;
        (visitor.told > 0).then(|| (i64::from(visitor.told) - came).unsigned_abs() as f64)
    };
    Spread::of(evening.visitors.borrow().iter().filter_map(error).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn second(at: i64, place: u64) -> (Timestamp, Threshold) {
        (Timestamp::from_second(at).unwrap(), Threshold::up_to(Place(place)))
    }

    fn admitted(at: i64, place: u64) -> Admitted {
        Admitted { phone: vec![], place: Place(place), at: Timestamp::from_second(at).unwrap() }
    }

    #[test]
    fn whoever_came_in_above_the_threshold_is_found() {
        let last = (Timestamp::MAX, Threshold::up_to(Place(400)));
        let stored = Stored {
            thresholds: vec![second(10, 100), second(11, 200), second(13, 300), last],
            admitted: vec![admitted(10, 200), admitted(12, 300), admitted(13, 400)],
            ..Stored::default()
        };
        assert_eq!(stored.above_threshold(), 0);
        let more = |at, place| {
            let mut stored = stored.clone();
            stored.admitted.push(admitted(at, place));
            stored.above_threshold()
        };
        assert_eq!((more(9, 101), more(10, 201), more(12, 301), more(99, 401)), (1, 1, 1, 1));
        assert_eq!(Stored { admitted: vec![admitted(1, 0)], ..Stored::default() }.above_threshold(), 1);
    }

    #[test]
    fn a_report_is_right_when_every_number_is_nothing() {
        assert!(Wrong::default().is_nothing());
        let wrong = Wrong { messages_astray: 1, ..Wrong::default() };
        assert!(!wrong.is_nothing());
        assert_eq!(wrong.all().iter().map(|(_, count)| count).sum::<u64>(), 1);
    }
}
