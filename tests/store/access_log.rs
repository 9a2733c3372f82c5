//! Who looked at whom, in a chain that shows every change.

use sunbeon::domain::ids::StaffId;
use sunbeon::store::access_log::{self, Access};

use crate::staff::nurse;
use crate::support::home::Home;

crate::on_both!(
    an_untouched_log_is_whole,
    a_changed_row_breaks_the_chain,
    a_row_that_was_taken_out_breaks_the_chain,
    what_was_cut_off_is_missed_by_whoever_kept_the_head,
);

/// The same nurse, however often she looks.
fn nurse_once(home: &Home) -> StaffId {
    let known = home.database.number("SELECT COALESCE(MIN(id), 0) AS number FROM staff");
    if known == 0 { nurse(home) } else { StaffId(known) }
}

fn look(home: &Home, times: usize) {
    let staff = nurse_once(home);
    let site = Some(home.country.north);
    for number in 0..times {
        let reason = Some(format!("reason {number}"));
        let access = Access { staff, action: "open-name", booking: None, site, reason };
        home.write(move |tx| access_log::record(tx, &access));
    }
}

fn first_broken(home: &Home) -> Option<i64> {
    home.read(|conn, _| access_log::verify(conn)).err().map(|broken| broken.sequence)
}

fn an_untouched_log_is_whole(home: &Home) {
    assert_eq!(first_broken(home), None);
    look(home, 5);
    assert_eq!(first_broken(home), None);
    let readable =
        home.database.number("SELECT COUNT(*) AS number FROM access_log WHERE reason_sealed IS NULL");
    assert_eq!(readable, 0);
}

fn a_changed_row_breaks_the_chain(home: &Home) {
    look(home, 5);
    home.database.execute("UPDATE access_log SET at = at + 1 WHERE sequence = 3").unwrap();
    assert_eq!(first_broken(home), Some(3));
}

fn a_row_that_was_taken_out_breaks_the_chain(home: &Home) {
    look(home, 5);
    home.database.execute("DELETE FROM access_log WHERE sequence = 2").unwrap();
    assert_eq!(first_broken(home), Some(3));
}

fn what_was_cut_off_is_missed_by_whoever_kept_the_head(home: &Home) {
    look(home, 5);
    let kept = home.read(|conn, _| access_log::verify(conn)).unwrap().remove(0);
    assert_eq!(kept.sequence, 5);
    look(home, 2);
    assert!(home.read(|conn, _| access_log::holds(conn, &kept)));
    home.database.execute("DELETE FROM access_log WHERE sequence >= 5").unwrap();
    assert_eq!(first_broken(home), None, "what is left follows");
    assert!(!home.read(|conn, _| access_log::holds(conn, &kept)));
}
