//! Who looked at whom, in a chain that shows every change.

use sunbeon::store::access_log::{self, Access};

use crate::staff::nurse;
use crate::support::home::Home;

crate::on_both!(
    an_untouched_log_is_whole,
    a_changed_row_breaks_the_chain,
    a_row_that_was_taken_out_breaks_the_chain,
);

fn look(home: &Home, times: usize) {
    let staff = nurse(home);
    let site = Some(home.country.north);
    for number in 0..times {
        let reason = Some(format!("reason {number}"));
        let access = Access { staff, action: "open-name", booking: None, site, reason };
        home.write(move |tx| access_log::record(tx, &access));
    }
}

fn first_broken(home: &Home) -> Option<i64> {
    home.read(|conn, _| access_log::first_broken(conn)).map(|(_, sequence)| sequence)
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
