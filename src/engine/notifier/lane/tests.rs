//! Who gets what, with gateways that only have a name.

use futures_util::future::BoxFuture;

use super::*;
use crate::notify::{Outcome, Outgoing, Traffic};
use crate::system::SeededChance;

struct Named(Arc<str>, Traffic);

impl Gateway for Named {
    fn name(&self) -> &Arc<str> {
        &self.0
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Sms]
    }

    fn traffic(&self) -> Traffic {
        self.1
    }

    fn send<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        unreachable!("nothing is sent here")
    }
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A lane of gateways with eight places each.
fn lane(names: &[&str], rate: Option<u32>) -> Lane {
    let traffic = Traffic { concurrency: 8, rate, ..Traffic::default() };
    let named = |name: &&str| Arc::new(Named((*name).into(), traffic)) as Arc<dyn Gateway>;
    Lane::new(Channel::Sms, &names.iter().map(named).collect::<Vec<_>>(), NOW)
}

fn opening(lane: &Lane, now: Timestamp) -> Opening {
    lane.opening(now, &SeededChance::new(1))
}

fn room(opening: &Opening) -> (i64, i64) {
    (opening.room.codes, opening.room.others)
}

/// Messages of which so many are codes; the last of them failed at a gateway.
fn due(codes: usize, all: i64, failed_at: Option<&str>) -> Due {
    let one = |id| DueId { id, failed_at: failed_at.filter(|_| id == all).map(str::to_owned) };
    Due { messages: (1..=all).map(one).collect(), codes }
}

fn dealt(opening: &Opening, due: Due) -> Vec<(String, Vec<i64>)> {
    let name = |gate: &Arc<Gate>| gate.name().unwrap().to_string();
    opening.deal(due).into_iter().map(|(gate, ids)| (name(&gate), ids)).collect()
}

fn trouble(lane: &Lane, gate: usize, now: Timestamp) {
    for _ in 0..5 {
        let outcome = Outcome::Uncertain { why: "silence".into() };
        lane.gates[gate].note(now, &outcome, Duration::from_secs(1), &SeededChance::new(1));
    }
}

#[test]
fn some_places_are_for_codes() {
    let lane = lane(&["a"], None);
    assert_eq!(room(&opening(&lane, NOW)), (8, 6));
    let places: Vec<Place> = (0..6).map(|_| lane.gates[0].enter()).collect();
    let full = opening(&lane, NOW);
    assert_eq!(room(&full), (2, 0));
    lane.note(&full, 0);
    assert!(!lane.wants_more(), "it is still full");
    drop(places);
    assert!(lane.wants_more() && lane.is_empty());
    lane.note(&opening(&lane, NOW), 5);
    assert!(!lane.wants_more(), "nothing is left");
}

#[test]
fn a_spare_takes_codes_when_the_first_is_full_and_nothing_else() {
    let lane = lane(&["first", "spare"], None);
    assert_eq!(dealt(&opening(&lane, NOW), due(1, 3, None)), [("first".into(), vec![1, 2, 3])]);
    let _places: Vec<Place> = (0..8).map(|_| lane.gates[0].enter()).collect();
    let opening = opening(&lane, NOW);
    assert_eq!(room(&opening), (8, 0));
    assert_eq!(dealt(&opening, due(1, 1, None)), [("spare".into(), vec![1])]);
    lane.note(&opening, 0);
    assert!(!lane.wants_more(), "a spare that is idle is no room for the flood");
}

#[test]
fn what_failed_at_one_goes_to_another() {
    let lane = lane(&["first", "spare"], None);
    let dealt = dealt(&opening(&lane, NOW), due(0, 3, Some("first")));
    assert_eq!(dealt, [("first".into(), vec![1, 2]), ("spare".into(), vec![3])]);
}

#[test]
fn a_gateway_in_trouble_is_left_alone_and_tried_with_what_is_least_urgent() {
    let lane = lane(&["first", "spare"], None);
    trouble(&lane, 0, NOW);
    assert_eq!(dealt(&opening(&lane, NOW), due(1, 2, None)), [("spare".into(), vec![1, 2])]);
    let later = NOW + jiff::SignedDuration::from_secs(6);
    let tried = dealt(&opening(&lane, later), due(1, 2, None));
    assert_eq!(tried, [("first".into(), vec![2]), ("spare".into(), vec![1])]);
    assert_eq!(dealt(&opening(&lane, later), due(1, 1, None)), [("spare".into(), vec![1])]);
    let much_later = later + jiff::SignedDuration::from_secs(31);
    assert_eq!(dealt(&opening(&lane, much_later), due(1, 1, None)), [("first".into(), vec![1])]);
    trouble(&lane, 1, much_later);
    trouble(&lane, 0, much_later);
    let none = opening(&lane, much_later);
    assert_eq!(room(&none), (0, 0));
    lane.note(&none, 0);
    assert!(!lane.wants_more(), "time opens them, not haste");
}

#[test]
fn a_rate_says_when_the_next_may_go() {
    let lane = lane(&["a"], Some(4));
    let full = opening(&lane, NOW);
    assert_eq!((room(&full), full.wait), ((2, 1), None));
    assert_eq!(dealt(&full, due(0, 1, None)).len(), 1);
    let empty = opening(&lane, NOW);
    assert_eq!((room(&empty), empty.wait), ((1, 0), Some(Duration::from_millis(250))));
    lane.note(&empty, 0);
    assert!(lane.wants_more(), "it looks again when the next may go");
}

#[test]
fn a_paused_gateway_gets_nothing() {
    let lane = lane(&["first", "spare"], None);
    assert!(lane.pause(&["first".into()]) && !lane.pause(&["first".into()]));
    assert_eq!(dealt(&opening(&lane, NOW), due(1, 2, None)), [("spare".into(), vec![1, 2])]);
    assert!(lane.pause(&["first".into(), "spare".into()]));
    assert_eq!(room(&opening(&lane, NOW)), (0, 0));
}
