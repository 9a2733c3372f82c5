//! Free seats by day: the table and the changes since are together what the slots say, whatever happens.

use jiff::civil::date;
use sunbeon::domain::booking::HoldPartyError;
use sunbeon::domain::ids::SiteId;
use sunbeon::store::seat_changes::{self, News, SeatChange, Seen};
use sunbeon::store::slots::DayTotal;
use sunbeon::store::{Failure, Ledger, StoreError, Tx, free_days, slots, timetable};

use crate::support::country::{SEATS, site};
use crate::support::home::Home;

crate::on_both!(
    what_is_written_down_is_what_the_slots_say,
    a_refusal_leaves_no_change_behind,
    what_is_folded_is_counted_once,
    nodes_that_fold_at_the_same_time_count_once,
    another_node_reads_what_changed_and_not_its_own,
    whoever_comes_after_the_folding_is_told,
    a_site_that_is_imported_again_brings_only_new_days,
    what_somebody_changed_by_hand_is_found_and_corrected,
);

fn assert_counted(home: &Home) {
    let from = date(2026, 11, 24);
    let written = home.read(|conn, _| free_days::snapshot(conn, from)).days;
    let mut written: Vec<String> = written
        .into_iter()
        .map(|DayTotal { site, campaign, product, day, free }| {
            format!("{site} {campaign} {product} {} {free}", day.strftime("%Y%m%d"))
        })
        .collect();
    let mut counted = home.database.lines(
        "SELECT s.site || ' ' || s.campaign || ' ' || s.product || ' ' || s.local_date || ' ' || \
         SUM(seats - held - booked) AS line FROM slot s JOIN slot_lane ON slot = s.id \
         GROUP BY s.site, s.campaign, s.product, s.local_date",
    );
    written.sort_unstable();
    counted.sort_unstable();
    assert_eq!(written, counted);
    assert!(written.len() > 100, "a country without days proves nothing");
}

fn take_stock(home: &Home) -> Vec<DayTotal> {
    let from = date(2026, 11, 24);
    let first = home.read(|conn, _| free_days::take_stock(conn, SiteId(0), 2, from));
    let rest = home.read(|conn, _| free_days::take_stock(conn, first.last.unwrap(), 2, from));
    let end = home.read(|conn, _| free_days::take_stock(conn, rest.last.unwrap(), 2, from));
    assert_eq!(end.last, None, "the country has three sites");
    first.wrong.into_iter().chain(rest.wrong).collect()
}

/// Two people book, one moves, one cancels, one holds, and a clinic gives more seats.
fn live_a_day(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (other, she) = home.citizen("010-0000-0002", "박순자", "1950-05-01");
    let (flu, times) = (&home.country.flu, home.flu_slots(date(2026, 11, 24)));
    let tomorrow = home.flu_slots(date(2026, 11, 25));
    let mine = home.book(account, flu, &[(me, 1, &times[0])]);
    let hers = home.book(other, flu, &[(she, 1, &times[0])]);
    home.swap(flu, &[(mine[0].id, tomorrow[1].id)]).unwrap();
    home.cancel(&[hers[0].id]).unwrap();
    home.hold(other, flu, &[(she, 1, &tomorrow[0])]).unwrap();
    let slot = tomorrow[2];
    home.write(move |tx| slots::set_seats(tx, slot, SEATS + 4));
}

/// Folds all that is due on a node.
fn fold(ledger: &Ledger) {
    let fold = |tx: &mut Tx<'_>| free_days::fold(tx).map_err(Failure::<StoreError>::from);
    while ledger.write_now(fold).unwrap() {}
}

fn waiting(home: &Home) -> i64 {
    home.database.number("SELECT COUNT(*) AS number FROM seat_change WHERE changes <> ''")
}

fn what_is_written_down_is_what_the_slots_say(home: &Home) {
    assert_counted(home);
    live_a_day(home);
    assert_counted(home);
    home.clock.pass_minutes(11);
    assert!(!home.housekeeping().is_empty());
    assert_counted(home);
}

fn a_refusal_leaves_no_change_behind(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let times = home.flu_slots(date(2026, 11, 24));
    let full = times[1];
    home.write(move |tx| slots::set_seats(tx, full, 0));
    let mother = home.add(
        account,
        crate::support::people::someone("김순자", "1950-03-01", sunbeon::domain::person::Relation::Mother),
    );
    // The first seat is taken before the second is found to be gone.
    let refused = home.hold(account, &home.country.flu, &[(me, 1, &times[0]), (mother, 1, &full)]);
    assert_eq!(refused.unwrap_err(), HoldPartyError::SlotFull);
    assert_counted(home);
}

fn what_is_folded_is_counted_once(home: &Home) {
    live_a_day(home);
    fold(&home.ledger);
    assert!(waiting(home) > 5, "nothing is folded that others may not have read yet");
    home.clock.pass_minutes(2);
    fold(&home.ledger);
    assert_eq!(waiting(home), 0);
    let rows = home.database.number("SELECT COUNT(*) AS number FROM seat_change");
    assert_eq!(rows, 1, "the last one stays");
    assert_counted(home);
    fold(&home.ledger);
    assert_counted(home);
}

fn nodes_that_fold_at_the_same_time_count_once(home: &Home) {
    live_a_day(home);
    home.clock.pass_minutes(11);
    let nodes = home.nodes();
    std::thread::scope(|scope| {
        for node in nodes.iter().chain(&nodes) {
            scope.spawn(move || fold(node));
        }
    });
    assert_eq!(waiting(home), 0);
    assert_counted(home);
}

fn another_node_reads_what_changed_and_not_its_own(home: &Home) {
    let seen = home.read(|conn, _| free_days::snapshot(conn, date(2026, 11, 24))).seen;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let held = home.hold(account, &home.country.flu, &[(me, 1, &slot)]).unwrap();
    home.confirm(account, &held.token, &home.country.flu).unwrap();
    let after = |node: u16, seen: &Seen| home.read(|conn, _| seat_changes::after(conn, node, seen)).unwrap();
    let news = after(2, &seen);
    let changes: Vec<SeatChange> = news.iter().flat_map(|one| one.changes.clone()).collect();
    assert_eq!(changes, [SeatChange::Lane(held.changes[0])], "a confirmation frees no seat and takes none");
    let mut seen = seen;
    news.iter().for_each(|one| seen.add(one.commit));
    assert_eq!(after(2, &seen), Vec::<News>::new());
    assert_eq!(after(1, &Seen::default()), Vec::<News>::new(), "the node's own");
}

fn whoever_comes_after_the_folding_is_told(home: &Home) {
    let seen = home.read(|conn, _| free_days::snapshot(conn, date(2026, 11, 24))).seen;
    live_a_day(home);
    home.clock.pass_minutes(2);
    fold(&home.ledger);
    let missed = home.read(|conn, _| seat_changes::after(conn, 2, &seen));
    assert_eq!(missed, None);
    let anew = home.read(|conn, _| free_days::snapshot(conn, date(2026, 11, 24))).seen;
    assert_eq!(home.read(|conn, _| seat_changes::after(conn, 2, &anew)), Some(Vec::new()));
}

fn a_site_that_is_imported_again_brings_only_new_days(home: &Home) {
    let (flu, id) = (home.country.flu.clone(), home.country.north);
    let offers = site("북부 보건소", SEATS, &[&flu]);
    let mut longer = (*flu).clone();
    longer.last_day = date(2027, 2, 2);
    let from = flu.first_day;
    let days = home.database.number("SELECT COUNT(DISTINCT local_date) AS number FROM slot");
    home.write(move |tx| timetable::fill(tx, id, &offers, &longer, from));
    assert!(home.database.number("SELECT COUNT(DISTINCT local_date) AS number FROM slot") > days);
    assert_counted(home);
}

fn what_somebody_changed_by_hand_is_found_and_corrected(home: &Home) {
    home.clock.pass_minutes(2);
    fold(&home.ledger);
    live_a_day(home);
    assert_eq!(take_stock(home), Vec::new(), "what is not folded yet is no mistake");
    home.database
        .execute("UPDATE slot_lane SET seats = seats + 5 WHERE site = (SELECT MIN(id) FROM site)")
        .unwrap();
    home.database.execute("DELETE FROM free_day WHERE site = (SELECT MAX(id) FROM site)").unwrap();
    let wrong = take_stock(home);
    assert!(wrong.iter().any(|day| day.free > 0), "{wrong:?}");
    home.write(move |tx| -> Result<(), StoreError> {
        free_days::correct(tx, &wrong);
        Ok(())
    });
    assert_counted(home);
    home.clock.pass_minutes(2);
    fold(&home.ledger);
    assert_counted(home);
    assert_eq!(take_stock(home), Vec::new());
}
