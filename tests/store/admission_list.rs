//! The sealed list of admissions: nobody in it was let in before their turn, and every root is over the entries before it.

use jiff::SignedDuration;
use sunbeon::domain::door::admission_list::Entry;
use sunbeon::domain::door::digest::Digest;
use sunbeon::domain::door::joined::Joined;
use sunbeon::domain::door::merkle;
use sunbeon::domain::door::opening::{Opening, Places};
use sunbeon::domain::door::place::{Place, Threshold};
use sunbeon::domain::ids::OpeningId;
use sunbeon::keys::LookupHash;
use sunbeon::store::admission_list::{self, InList, Minute, Shown};
use sunbeon::store::admissions::{self, NotYet};
use sunbeon::store::door_nodes::Measured;
use sunbeon::store::door_state::{self, Brought, DoorState};
use sunbeon::store::{Failure, StoreError, Tx, door_log, openings};

use crate::support::home::Home;

crate::on_both!(
    every_entry_was_below_the_threshold_and_is_under_the_roots,
    only_the_node_that_leads_numbers_entries,
    a_phone_has_one_entry,
);

/// An evening that begins now, stored.
pub fn opening(home: &Home) -> OpeningId {
    let evening = evening(home, OpeningId(0));
    home.write(move |tx| openings::save(tx, &evening))
}

/// That evening as it was at this moment.
pub fn evening(home: &Home, id: OpeningId) -> Opening {
    let now = home.now();
    Opening {
        id,
        code: "flu-evening".parse().unwrap(),
        campaign: home.country.flu.id,
        places: Places::Drawn,
        born: None,
        joins_from: now,
        opens_at: now,
        ends_at: now + SignedDuration::from_hours(4),
        expected: 0,
        sessions: 10,
    }
}

/// What a node brings that measured nothing.
pub fn brought(joined: &Joined) -> Brought<'_> {
    Brought { joined, measured: Measured::default() }
}

/// A second of the door at a node, which raises it as far as this when it leads.
fn turn(home: &Home, opening: OpeningId, node: u16, threshold: Threshold) {
    let evening = evening(home, opening);
    home.write(move |tx| {
        let raise = |state: &mut DoorState, _| state.threshold.raise_to(threshold);
        door_state::turn(tx, &evening, node, brought(&Joined::nobody(None)), raise)
    });
}

fn phone(number: u64) -> (LookupHash, Place) {
    let hash = Digest::of(&[b"phone", &number.to_be_bytes()]);
    let place = u64::from_be_bytes(*hash.0.first_chunk().unwrap());
    (LookupHash(hash.0), Place(place))
}

/// Lets phones try to come in, and returns how many did.
fn knock(home: &Home, opening: OpeningId, phones: std::ops::Range<u64>) -> usize {
    home.write(move |tx| admit_each(tx, opening, phones.clone()))
}

fn admit_each(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    phones: std::ops::Range<u64>,
) -> Result<usize, StoreError> {
    let until = tx.now + SignedDuration::from_mins(20);
    let mut admitted = 0;
    for (hash, place) in phones.map(phone) {
        match admissions::admit(tx, opening, &hash, place, until) {
            Ok(()) => admitted += 1,
            Err(Failure::Refused(NotYet)) => {}
            Err(Failure::Store(error)) => return Err(error),
        }
    }
    Ok(admitted)
}

fn shown(home: &Home, opening: OpeningId, number: u64) -> Option<Shown> {
    match home.read(|conn, _| admission_list::of_phone(conn, opening, &phone(number).0)) {
        InList::Shown(shown) => Some(*shown),
        InList::Absent => None,
        InList::Soon => panic!("the minute is over, and {number} has no root"),
    }
}

fn every_entry_was_below_the_threshold_and_is_under_the_roots(home: &Home) {
    let opening = opening(home);
    turn(home, opening, 1, Threshold::CLOSED);
    assert_eq!(knock(home, opening, 0..10), 0, "the door is closed");
    let mut all = 0;
    for (round, share) in [(0, 0.3), (1, 0.5), (2, 0.9)] {
        home.clock.pass(SignedDuration::from_secs(61));
        turn(home, opening, 1, Threshold::at_fraction(share));
        all += knock(home, opening, round * 1_000..(round + 1) * 1_000);
    }
    home.clock.pass(SignedDuration::from_secs(61));
    turn(home, opening, 1, Threshold::CLOSED);
    assert!(all > 1_100, "{all} are more than a block");

    let seconds = home.read(|conn, _| door_log::after(conn, opening, None, 1_000));
    let list = home.read(|conn, _| admission_list::entries(conn, opening, 0, u64::MAX >> 1));
    assert_eq!(list.len(), all, "numbers have no gaps");
    for entry in list.iter().map(|bytes| Entry::from_bytes(bytes).unwrap()) {
        let second = seconds.iter().find(|second| second.at == entry.at).expect("the second is in the log");
        assert!(second.threshold.admits(entry.place), "{entry:?} came in before their turn");
    }
    let leaves: Vec<Digest> = list.iter().map(|entry| merkle::leaf(entry)).collect();
    // A proof reads and hashes a whole block.
    for shown in (0..3_000).step_by(97).filter_map(|number| shown(home, opening, number)) {
        let leaf = merkle::leaf(&shown.entry.to_bytes());
        assert_eq!(leaves[shown.index as usize], leaf);
        let Minute { root, size, .. } = shown.minute;
        assert!(merkle::proves_inclusion(&root, size, shown.index, &leaf, &shown.proof));
    }
    let minutes = home.read(|conn, _| admission_list::minutes(conn, opening));
    assert_eq!(minutes.last().unwrap().size, all as u64);
    for minute in &minutes {
        assert_eq!(minute.root, merkle::root(&leaves[..minute.size as usize]), "{minute:?}");
    }
    assert!(minutes.len() >= 3 && minutes.is_sorted_by_key(|minute| minute.size));
}

fn only_the_node_that_leads_numbers_entries(home: &Home) {
    let opening = opening(home);
    turn(home, opening, 1, Threshold::CLOSED);
    turn(home, opening, 1, Threshold::OPEN);
    assert_eq!(knock(home, opening, 0..3), 3);
    let numbered = "SELECT COUNT(*) AS number FROM admission_entry WHERE admission_entry.number IS NOT NULL";
    turn(home, opening, 2, Threshold::OPEN);
    assert_eq!(home.database.number(numbered), 0, "the other node leads");
    let waits = home.read(|conn, _| admission_list::of_phone(conn, opening, &phone(0).0));
    assert_eq!(waits, InList::Soon);
    turn(home, opening, 1, Threshold::OPEN);
    assert_eq!(home.database.number(numbered), 3);
    // It is not heard of any more; the other takes over and goes on where it was.
    assert_eq!(knock(home, opening, 3..5), 2);
    home.clock.pass(SignedDuration::from_secs(61));
    turn(home, opening, 2, Threshold::OPEN);
    let indexes: Vec<u64> = (0..5).map(|number| shown(home, opening, number).unwrap().index).collect();
    let (before, after) = indexes.split_at(3);
    assert!(before.iter().all(|index| *index < 3) && after.iter().all(|index| [3, 4].contains(index)));
}

fn a_phone_has_one_entry(home: &Home) {
    let opening = opening(home);
    turn(home, opening, 1, Threshold::CLOSED);
    turn(home, opening, 1, Threshold::OPEN);
    for _ in 0..3 {
        assert_eq!(knock(home, opening, 0..1), 1);
        home.clock.pass(SignedDuration::from_secs(61));
        turn(home, opening, 1, Threshold::OPEN);
    }
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM admission_entry"), 1);
    let minutes = home.read(|conn, _| admission_list::minutes(conn, opening));
    assert_eq!(minutes.len(), 3);
    assert!(minutes.iter().all(|minute| minute.size == 1 && minute.root == minutes[0].root));
}
