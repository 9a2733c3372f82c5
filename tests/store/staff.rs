//! Who works at a clinic, and how long they are signed in.

use sunbeon::domain::ids::StaffId;
use sunbeon::store::staff::{self, AddStaffError, Role, StaffMember};
use sunbeon::store::staff_sessions::{self, Begins};

use crate::support::home::Home;

crate::on_both!(
    a_login_is_given_once,
    a_session_ends_by_itself_and_by_signing_out,
    staff_see_their_own_sites
);

/// Adds a nurse of the northern site.
pub fn nurse(home: &Home) -> StaffId {
    let site = home.country.north;
    home.try_write(move |tx| staff::add(tx, "nurse", "$argon2id$...", Role::Clinic, &[site])).unwrap()
}

fn of_session(home: &Home, token: &str) -> Option<StaffMember> {
    let now = home.now();
    home.read(|conn, _| staff_sessions::member(conn, token, now))
}

fn start_session(home: &Home, id: StaffId) -> String {
    home.try_write(move |tx| staff_sessions::start(tx, id, Begins::SignedIn, None))
        .unwrap_or_else(|never| match never {})
}

fn a_login_is_given_once(home: &Home) {
    let id = nurse(home);
    let again = home.try_write(|tx| staff::add(tx, "nurse", "other", Role::Authority, &[]));
    assert_eq!(again, Err(AddStaffError::LoginTaken));
    let found = home.read(|conn, _| staff::password_hash(conn, "nurse"));
    assert_eq!(found, Some((id, "$argon2id$...".to_owned())));
    assert_eq!(home.read(|conn, _| staff::password_hash(conn, "nobody")), None);
}

fn a_session_ends_by_itself_and_by_signing_out(home: &Home) {
    let id = nurse(home);
    let (first, second) = (start_session(home, id), start_session(home, id));
    assert_ne!(first, second);
    assert_eq!(of_session(home, &first).unwrap().id, id);
    assert!(of_session(home, "guessed").is_none());
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM staff_session"), 2);

    let out = first.clone();
    home.try_write(move |tx| staff_sessions::end(tx, &out)).unwrap_or_else(|never| match never {});
    assert!(of_session(home, &first).is_none());
    home.clock.pass_minutes(12 * 60 - 1);
    assert!(of_session(home, &second).is_some());
    home.clock.pass_minutes(1);
    assert!(of_session(home, &second).is_none());
    let third = start_session(home, id);
    home.database.execute("UPDATE staff SET ended_at = 1").unwrap();
    assert!(of_session(home, &third).is_none(), "who has left is out at once");
}

fn staff_see_their_own_sites(home: &Home) {
    let id = nurse(home);
    let token = start_session(home, id);
    let member = of_session(home, &token).unwrap();
    assert!(member.may_see(home.country.north) && !member.may_see(home.country.south));
    let boss = home.try_write(|tx| staff::add(tx, "boss", "hash", Role::Authority, &[])).unwrap();
    let token = start_session(home, boss);
    assert!(of_session(home, &token).unwrap().may_see(home.country.south));
}
