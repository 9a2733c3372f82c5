//! The row of a door that several nodes write: the threshold never falls, whoever overtakes whom.

use std::sync::mpsc;
use std::time::Duration;

use jiff::SignedDuration;
use sunbeon::domain::door::joined::Joined;
use sunbeon::domain::door::line::{cut_off, place_on_arrival};
use sunbeon::domain::door::opening::{Opening, Places};
use sunbeon::domain::door::place::Threshold;
use sunbeon::domain::door::ticket::Ticket;
use sunbeon::keys::LookupHash;
use sunbeon::store::admissions::{self, TicketRefused};
use sunbeon::store::door_nodes::{Measured, Slowest};
use sunbeon::store::door_state::{self, Brought, DoorState, Order};
use sunbeon::store::{Failure, Never, StoreError, Tx};

use crate::admission_list::{self, brought};
use crate::support::home::Home;

crate::on_both!(
    an_order_reaches_whoever_leads,
    another_node_takes_over_after_five_seconds,
    whoever_leads_hears_of_the_slowest_node,
    nobody_in_line_is_counted_twice_or_not_at_all,
    a_ticket_lets_in_one_phone,
);

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
        let nobody = Joined::nobody(None);
        door_state::turn(tx, &evening, node, brought(&nobody), |state, _| state.threshold.raise_to(to))
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

/// A turn of a node that measured something, and what it hears of the others when it leads.
fn heard(home: &Home, evening: &Opening, node: u16, measured: Measured) -> Option<Slowest> {
    let evening = evening.clone();
    home.write(move |tx| {
        let mut heard = None;
        let joined = Joined::nobody(None);
        let brought = Brought { joined: &joined, measured };
        door_state::turn(tx, &evening, node, brought, |_, came| heard = Some(came.others))?;
        Ok::<_, StoreError>(heard)
    })
}

fn whoever_leads_hears_of_the_slowest_node(home: &Home) {
    let evening = evening(home);
    let step = |ms| Measured { look: Some(Some(Duration::from_millis(ms))), is_behind: false };
    let (silent, behind) = (Measured::default(), Measured { look: None, is_behind: true });
    let hears = |measured| heard(home, &evening, 7, measured).unwrap();
    let told = |ms: u64, is_behind| Slowest { booking_step: Some(Duration::from_millis(ms)), is_behind };
    assert_eq!(hears(step(900)), Slowest::default(), "of others, not of itself");
    for (node, measured) in [(8, step(40)), (9, step(300)), (9, silent), (10, behind)] {
        assert_eq!(heard(home, &evening, node, measured), None, "node 7 leads");
    }
    assert_eq!(hears(silent), told(300, true));
    home.clock.pass_seconds(3);
    assert_eq!(hears(silent), told(300, false));
    // Another look at which there were no booking steps.
    heard(home, &evening, 9, Measured { look: Some(None), is_behind: false });
    assert_eq!(hears(silent), told(40, false));
    for _ in 0..5 {
        home.clock.pass_seconds(4);
        hears(silent);
    }
    assert_eq!(hears(silent), Slowest::default(), "node 8 has been gone for more than twenty seconds");
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
            door_state::turn(tx, &one, 2, brought(&Joined::nobody(None)), step)
                .map_err(Failure::<Never>::Store)
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

/// Brings so many to a line from a node, and returns how many are counted then.
fn bring(ledger: &sunbeon::store::Ledger, line: &Opening, node: u16, count: u32) -> f64 {
    let line = line.clone();
    let mut joined = Joined::nobody(line.line());
    (0..count).for_each(|number| joined.join(place_on_arrival(line.joins_from, number.into())));
    let turn = move |tx: &mut Tx<'_>| {
        door_state::turn(tx, &line, node, brought(&joined), |_, _| {}).map_err(Failure::<Never>::Store)
    };
    ledger.write_now(turn).unwrap().joined.count()
}

/// On PostgreSQL two nodes of four writers each bring theirs at the same time.
fn nobody_in_line_is_counted_twice_or_not_at_all(home: &Home) {
    let line = Opening { places: Places::InLine, ..evening(home) };
    bring(&home.ledger, &line, 1, 0);
    let nodes = home.nodes();
    std::thread::scope(|scope| {
        for (node, ledger) in (2..).zip(nodes.iter().cycle().take(4)) {
            let line = &line;
            scope.spawn(move || {
                for _ in 0..10 {
                    bring(ledger, line, node, 3);
                }
            });
        }
    });
    assert_eq!(bring(&home.ledger, &line, 1, 0), 120.0);
}

fn a_ticket_lets_in_one_phone(home: &Home) {
    let line = Opening { places: Places::InLine, ..evening(home) };
    let now = home.now();
    let ticket = Ticket {
        opening: line.code.clone(),
        place: place_on_arrival(now, 7),
        expires_at: now + SignedDuration::from_hours(9),
    };
    let (id, until) = (line.id, now + SignedDuration::from_mins(20));
    let admit = |phone: u8, ticket: &Ticket| {
        let ticket = ticket.clone();
        home.try_write(move |tx| {
            admissions::admit_by_ticket(tx, id, &LookupHash([phone; 32]), &ticket, until)
        })
    };
    assert!(matches!(admit(1, &ticket), Err(TicketRefused::NotYet(_))), "the door is closed");
    turn(home, &line, 7, cut_off(now));
    assert_eq!(admit(1, &ticket), Ok(()));
    assert_eq!(admit(2, &ticket), Err(TicketRefused::Used));
    assert_eq!(admit(1, &ticket), Ok(()), "the same phone comes in again");
    // Somebody of the same millisecond with the same place has another ticket.
    let twin = Ticket { expires_at: ticket.expires_at + SignedDuration::from_secs(1), ..ticket.clone() };
    assert_eq!(admit(2, &twin), Ok(()));
    let late = Ticket { place: place_on_arrival(now + SignedDuration::from_secs(1), 0), ..ticket };
    assert!(matches!(admit(3, &late), Err(TicketRefused::NotYet(_))));
    assert_eq!(admit(1, &late), Ok(()), "whoever was let in needs no ticket any more");
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM admission"), 2);
}
