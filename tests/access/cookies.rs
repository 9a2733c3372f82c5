//! Cookies: edited, cut, swapped, and kept from before somebody signed out.

use crate::app::{Browser, Wire};
use crate::roles::{Role, Town};

const CITIZEN: &str = "sunbeon_demo";
const STAFF: &str = "sunbeon_staff_demo";

fn value(browser: &Browser, name: &str) -> String {
    browser.cookies().get(name).unwrap_or_else(|| panic!("no cookie {name}")).clone()
}

/// Whether a cookie opens a page that its owner may see.
fn opens(wire: &mut Wire, path: &str, name: &str, value: &str) -> bool {
    let reply = wire.ask("GET", path, &[("Cookie", &format!("{name}={value}"))], "");
    assert!(reply.status == 200 || reply.asks_who(), "{path} with {value:?}: {reply:?}");
    reply.status == 200
}

/// Every way to change one sign of a cookie, to cut it, or to add to it.
fn edited(value: &str) -> Vec<String> {
    let signs: Vec<char> = value.chars().collect();
    let mut all = Vec::new();
    for place in 0..signs.len() {
        let mut edited = signs.clone();
        edited[place] = if edited[place] == 'A' { 'B' } else { 'A' };
        all.push(edited.iter().collect());
        all.push(signs[..place].iter().collect());
    }
    all.extend([format!("{value}A"), format!("{value}="), format!("A{value}"), format!("{value}{value}")]);
    all.push(value.to_ascii_uppercase());
    all
}

#[test]
fn a_cookie_that_was_cut_or_edited_opens_nothing() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    for (role, name, path) in [(Role::Owner, CITIZEN, "/me"), (Role::Authority, STAFF, "/clinic")] {
        let cookie = value(&town.browser(role), name);
        assert!(opens(&mut wire, path, name, &cookie), "the cookie itself");
        for edited in edited(&cookie) {
            assert!(!opens(&mut wire, path, name, &edited), "{edited:?} opens {path} as {cookie:?}");
        }
    }
}

#[test]
fn one_kind_of_cookie_never_stands_for_another() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    let citizen = value(&town.browser(Role::Owner), CITIZEN);
    let staff = value(&town.browser(Role::Authority), STAFF);
    assert!(!opens(&mut wire, "/me", CITIZEN, &staff));
    assert!(!opens(&mut wire, "/clinic", STAFF, &citizen));
    for name in ["__Host-sunbeon", "sunbeon", "Sunbeon_demo", "sunbeon_demo2"] {
        assert!(!opens(&mut wire, "/me", name, &citizen), "{name}");
    }
    // A form that waits for somebody to sign in is sealed too, with a key of its own.
    let nobody = town.browser(Role::Nobody);
    let there = nobody.post("/people/new", &[("name", "남궁민지")]).location().unwrap();
    let sealed = there.strip_prefix("/sign-in?resume=").unwrap();
    assert!(!opens(&mut wire, "/me", CITIZEN, sealed));
}

#[test]
fn two_cookies_give_no_more_than_each_of_them() {
    let town = Town::settle();
    let both = town.browser(Role::Stranger);
    both.set_cookie(STAFF, &value(&town.browser(Role::OtherClinic), STAFF));
    let site = &town.app.site(0).code;
    assert_eq!(both.get_once(&format!("/clinic/{site}/roster")).status, 403);
    assert_eq!(both.get_once(&format!("/bookings/{}", town.reference)).status, 404);
    let own = &town.app.site(2).code;
    let elsewhere = both.get_once(&format!("/clinic/{own}/bookings/{}/open", town.reference));
    assert_eq!(elsewhere.status, 404, "the booking is at another site");
}

#[test]
fn a_token_belongs_to_one_session() {
    let town = Town::settle();
    let owner = town.browser(Role::Owner);
    let before = town.fingerprint();
    for role in [Role::Nobody, Role::Finder, Role::Unanswered, Role::Stranger, Role::Clinic] {
        let token = town.browser(role).get("/find").form("/find").value("csrf").unwrap().to_owned();
        let page = owner.post("/me/sign-out-everywhere", &[("csrf", &token)]);
        assert_eq!(page.status, 409, "a token of {role:?}");
        let path = format!("/bookings/{}/cancel", town.reference);
        let page = owner.post(&path, &[("csrf", &token), ("seen", &format!("{}:2", town.reference))]);
        assert_eq!(page.status, 409, "a token of {role:?}");
    }
    let after = town.fingerprint();
    assert_eq!(before[..3], after[..3], "a seat or a person changed");
    assert_eq!(before.last(), after.last(), "a session was ended");
}

#[test]
fn signing_out_everywhere_ends_the_copies_too() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    let (here, phone) = (town.browser(Role::Owner), town.browser(Role::Owner));
    let copies = [value(&here, CITIZEN), value(&phone, CITIZEN)];
    for copy in &copies {
        assert!(opens(&mut wire, "/me", CITIZEN, copy));
    }
    here.get("/me").form("/me/sign-out-everywhere").press("");
    for copy in &copies {
        assert!(!opens(&mut wire, "/me", CITIZEN, copy));
    }
}

#[test]
fn signing_out_ends_the_copies_of_this_device_and_of_no_other() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    let (here, phone) = (town.browser(Role::Owner), town.browser(Role::Owner));
    let first = value(&here, CITIZEN);
    here.get("/me");
    let later = value(&here, CITIZEN);
    assert_ne!(first, later, "the cookie is sealed anew with each form");
    here.get("/").form("/sign-out").press("");
    for copy in [&first, &later, &value(&here, CITIZEN)] {
        assert!(!opens(&mut wire, "/me", CITIZEN, copy));
    }
    let elsewhere = value(&phone, CITIZEN);
    assert!(opens(&mut wire, "/me", CITIZEN, &elsewhere), "the phone stays signed in");
    // Whoever has a copy may have it sealed anew by any page with a form.
    let mut copy = first;
    for _ in 0..2 {
        let reply = wire.ask("GET", "/find", &[("Cookie", &format!("{CITIZEN}={copy}"))], "");
        copy = reply.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
        town.app.pass_minutes(20 * 24 * 60);
        town.browser(Role::Stranger).get("/").form("/sign-out").press("");
        assert!(!opens(&mut wire, "/me", CITIZEN, &copy), "not after the row was forgotten either");
    }
}

#[test]
fn a_member_of_staff_who_signed_out_leaves_nothing_that_opens() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    let browser = town.browser(Role::Authority);
    let copy = value(&browser, STAFF);
    assert!(opens(&mut wire, "/clinic", STAFF, &copy));
    browser.get("/clinic").form("/clinic/sign-out").press("");
    assert!(!opens(&mut wire, "/clinic", STAFF, &copy));
}
