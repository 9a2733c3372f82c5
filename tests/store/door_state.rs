//! The row of a door that several nodes write: the threshold never falls, whoever overtakes whom.

use std::sync::mpsc;

use sunbeon::domain::door::crowd::Crowd;
use sunbeon::domain::door::opening::Opening;
use sunbeon::domain::door::place::Threshold;
use sunbeon::store::door_state::{self, DoorState, Order};
use sunbeon::store::{Failure, Never, Tx};

use crate::admission_list;
use crate::support::home::Home;

crate::on_both!(an_order_reaches_whoever_leads, another_node_takes_over_after_five_seconds);

fn evening(home: &Home) -> Opening {
    admission_list::evening(home, admission_list::opening(home))
}

fn half() -> Threshold {
    Threshold::at_fraction(0.5)
}

/// A turn of a node that raises the door, if it leads, to this.
fn turn(home: &Home, evening: &Opening, node: u16, to: Threshold) -> DoorState {
    let evening = evening.clone();
    home.write(move |tx| {
        door_state::turn(tx, &evening, node, &Crowd::new(), |state, _| state.threshold.raise_to(to))
    })
}

fn an_order_reaches_whoever_leads(home: &Home) {
    let evening = evening(home);
    let before = turn(home, &evening, 7, half());
    let one = evening.clone();
    let slower = home.write(move |tx| door_state::obey(tx, &one, &Order::Slower));
    assert!(slower.cap.cap < before.cap.cap && slower.fence > before.fence);
    let after = turn(home, &evening, 7, half());
    assert_eq!((after.cap, after.fence, after.leader), (slower.cap, slower.fence, 7));
}

fn another_node_takes_over_after_five_seconds(home: &Home) {
    let evening = evening(home);
    let first = turn(home, &evening, 7, half());
    home.clock.pass_seconds(5);
    let second = turn(home, &evening, 8, Threshold::OPEN);
    assert_eq!((second.leader, second.threshold), (7, half()), "the first still leads");
    home.clock.pass_seconds(1);
    let third = turn(home, &evening, 8, Threshold::at_fraction(0.6));
    assert_eq!((third.leader, third.fence), (8, first.fence + 1));
    let late = turn(home, &evening, 7, Threshold::OPEN);
    assert_eq!((late.leader, late.threshold), (8, third.threshold), "who was overtaken leads no more");
}

/// Two nodes take over at the same moment: the slower one must not write over the faster one's threshold.
#[test]
fn a_turn_that_was_overtaken_is_made_anew() {
    let Some(home) = Home::on_postgres() else { return };
    let evening = evening(&home);
    turn(&home, &evening, 7, half());
    home.clock.pass_seconds(60);
    let (reads, has_read) = mpsc::channel();
    let (goes_on, may_go_on) = mpsc::channel::<()>();
    let (slow, one) = (home.another_node(2, 1), evening.clone());
    let slow_turn = std::thread::spawn(move || {
        let mut is_first = true;
        let turn = move |tx: &mut Tx<'_>| {
            let (first, reads, may_go_on) = (std::mem::take(&mut is_first), &reads, &may_go_on);
            let step = |state: &mut DoorState, _| {
                if first {
                    reads.send(()).unwrap();
                    may_go_on.recv().unwrap();
                }
                state.threshold.raise_to(Threshold::at_fraction(0.55));
            };
            door_state::turn(tx, &one, 2, &Crowd::new(), step).map_err(Failure::<Never>::Store)
        };
        slow.write_now(turn).unwrap()
    });
    has_read.recv().unwrap();
    let quick = turn(&home, &evening, 3, Threshold::at_fraction(0.9));
    goes_on.send(()).unwrap();
    let slow = slow_turn.join().unwrap();
    assert_eq!((slow.leader, slow.threshold), (3, quick.threshold));
    let stored = home.read(|conn, _| door_state::find(conn, evening.id)).unwrap();
    assert_eq!((stored.leader, stored.threshold), (3, quick.threshold));
}
