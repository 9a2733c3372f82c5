//! A crowd is told its turn bit by bit, and each of it once.

use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::ids::{AccountId, OpeningId};
use sunbeon::store::turn_texts::{self, Telling};
use sunbeon::store::{openings, people};

use crate::admission_list;
use crate::support::home::Home;

crate::on_both!(
    a_crowd_is_queued_bit_by_bit_and_once,
    whoever_prepares_until_turns_are_told_is_told,
    what_an_account_wished_goes_with_it,
);

/// Accounts that have somebody in their list.
fn crowd(home: &Home, numbers: std::ops::Range<i64>) -> Vec<AccountId> {
    numbers.map(|number| home.citizen(&format!("010-0000-{number:04}"), "김순자", "1950-03-01").0).collect()
}

fn draw(home: &Home, opening: OpeningId) {
    assert!(home.write(move |tx| openings::keep_key(tx, opening, &DrawKey::new([7; 32]))));
}

fn queued(home: &Home) -> i64 {
    let recipients = "SELECT COUNT(DISTINCT recipient) AS number FROM outbox WHERE kind = 'turn'";
    let all = "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'turn'";
    assert_eq!(home.database.number(recipients), home.database.number(all));
    home.database.number(all)
}

fn a_crowd_is_queued_bit_by_bit_and_once(home: &Home) {
    let opening = admission_list::opening(home);
    let declining = crowd(home, 0..6)[3];
    for _ in 0..2 {
        home.write(move |tx| turn_texts::decline(tx, opening, declining));
    }
    let telling = home.read(|conn, _| Ok(turn_texts::telling(conn, opening, declining)?));
    assert_eq!(telling, Telling::Declined);
    let queue = || home.write(move |tx| turn_texts::queue_some(tx, opening, 2));
    assert_eq!(queue(), 0, "nothing was drawn");
    draw(home, opening);
    assert!(!home.read(|conn, _| Ok(turn_texts::all_queued(conn, opening)?)));
    assert_eq!([queue(), queue(), queue(), queue()], [2, 2, 1, 0]);
    assert!(home.read(|conn, _| Ok(turn_texts::all_queued(conn, opening)?)));
    assert_eq!(queued(home), 5);
    // Another node may have read the same row at the same instant.
    home.database.execute("UPDATE opening SET told_to = NULL").unwrap();
    assert_eq!([queue(), queue(), queue()], [2, 2, 1]);
    assert_eq!(queued(home), 5);
}

fn whoever_prepares_until_turns_are_told_is_told(home: &Home) {
    let opening = admission_list::opening(home);
    crowd(home, 0..1);
    draw(home, opening);
    crowd(home, 1..3);
    home.write(move |tx| turn_texts::queue_some(tx, opening, 10));
    crowd(home, 3..4);
    home.write(move |tx| turn_texts::queue_some(tx, opening, 10));
    assert_eq!(queued(home), 3, "who comes later sees their turn at the door");
}

fn what_an_account_wished_goes_with_it(home: &Home) {
    let opening = admission_list::opening(home);
    let accounts = crowd(home, 0..2);
    for account in accounts.clone() {
        home.write(move |tx| turn_texts::decline(tx, opening, account));
    }
    let gone = accounts[0];
    home.try_write(move |tx| people::erase_account(tx, gone)).unwrap();
    assert_eq!(home.database.number("SELECT account AS number FROM turn_text_declined"), accounts[1].0);
}
