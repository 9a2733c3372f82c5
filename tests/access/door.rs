//! While the door of an opening stands, no booking page of its campaign answers anybody who was not let in, whatever the
//! verb, the address or the cookie.

use sunbeon::web::routes::{Route, Tag};

use crate::app::{Browser, OPENING, Wire};
use crate::matrix::assert_silent;
use crate::paths::written_otherwise;
use crate::roles::{Role, Town, routes};

/// Every verb that a browser or a stranger may send.
const VERBS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

/// An address with each verb that may do something.
fn with_verbs(target: String) -> impl Iterator<Item = (String, &'static str)> {
    ["GET", "HEAD", "POST"].into_iter().map(move |verb| (target.clone(), verb))
}

fn booking_routes() -> Vec<Route> {
    let routes: Vec<Route> = routes().into_iter().filter(|route| route.tag == Tag::Booking).collect();
    assert!(routes.len() > 12, "{} booking routes", routes.len());
    routes
}

#[test]
fn no_booking_page_answers_before_its_visitor_was_let_in() {
    let town = Town::settle();
    town.app.evening("covid-2026");
    town.app.await_turn_texts();
    let mut wire = Wire::to(&town.app);
    let door = format!("/door/{OPENING}?next=");
    for (role, browser) in town.browsers() {
        let before = town.fingerprint();
        for route in booking_routes() {
            // The booking is of the other campaign, whose door is open.
            if route.path.starts_with("/bookings/") {
                continue;
            }
            let path = town.path(&route);
            for verb in VERBS {
                let reply = wire.ask_as(&browser, verb, &path);
                let what = format!("{role:?} {verb} {path}");
                assert_eq!(reply.status, 303, "{what}");
                assert!(reply.header("location").starts_with(&door), "{what}: {}", reply.header("location"));
                assert_eq!(reply.header("cache-control"), "no-store", "{what}");
                assert_eq!(reply.body, "", "{what}");
            }
            for (target, verb) in written_otherwise(&path).into_iter().flat_map(with_verbs) {
                let reply = wire.ask_as(&browser, verb, &target);
                let what = format!("{role:?} {verb} {target}");
                assert_ne!(reply.status, 200, "{what}");
                assert_silent(&what, &reply.body);
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

#[test]
fn a_booking_waits_with_its_own_campaign() {
    let town = Town::settle();
    town.app.evening("flu-2026");
    town.app.await_turn_texts();
    let mut wire = Wire::to(&town.app);
    for (role, browser) in town.browsers() {
        let before = town.fingerprint();
        for route in booking_routes() {
            let path = town.path(&route);
            let is_of_the_evening = route.path.starts_with("/bookings/");
            // By another verb the other campaign's forms would be sent.
            for verb in if is_of_the_evening { &VERBS[..] } else { &VERBS[..1] } {
                let reply = wire.ask_as(&browser, verb, &path);
                let there = reply.header("location");
                let what = format!("{role:?} {verb} {path}: {} {there}", reply.status);
                assert_eq!(there.starts_with("/door/"), is_of_the_evening, "{what}");
                assert!(!is_of_the_evening || reply.body.is_empty(), "{what}");
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

/// The owner, whose turn has come, inside.
fn come_in(town: &Town) -> Browser {
    let opening = town.app.evening("covid-2026");
    let owner = town.browser(Role::Owner);
    town.app.open_door_to(opening, town.app.place(crate::roles::OWNER));
    let inside = owner.get("/book/covid-2026/who").form("/door/").press("");
    assert_eq!(inside.path, "/book/covid-2026/who");
    owner
}

#[test]
fn admission_to_one_opening_opens_no_other() {
    let town = Town::settle();
    let owner = come_in(&town);
    town.app.evening_beside("flu-night", "flu-2026");
    let sent = owner.get_once("/book/flu-2026/who");
    assert!(sent.location().unwrap().starts_with("/door/flu-night"), "{sent:?}");
    assert_eq!(owner.get_once("/book/covid-2026/who").status, reqwest::StatusCode::OK);
}

#[test]
fn an_admission_can_neither_be_forged_nor_kept_after_signing_out() {
    let town = Town::settle();
    let owner = come_in(&town);
    let cookies = owner.cookies();
    // Another phone with a copy of the cookie is the same session; a cookie with one sign changed is nobody's.
    let (name, value) = cookies.iter().find(|(name, _)| name.starts_with("sunbeon")).unwrap();
    for at in [0, value.len() / 2, value.len() - 2] {
        let mut forged: Vec<char> = value.chars().collect();
        forged[at] = if forged[at] == 'A' { 'B' } else { 'A' };
        let stranger = town.app.browser(crate::app::Language::English);
        stranger.set_cookie(name, &forged.into_iter().collect::<String>());
        let sent = stranger.get_once("/book/covid-2026/who");
        assert!(sent.location().unwrap().starts_with("/door/"), "{sent:?}");
    }
    // After signing out, a new session must be let in anew.
    owner.get("/me").form("/sign-out").press("");
    let sent = owner.get_once("/book/covid-2026/who");
    assert!(sent.location().unwrap().starts_with("/door/"), "{sent:?}");
}
