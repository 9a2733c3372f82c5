//! Sending: no form is done without its token, from elsewhere, or by somebody who may not.

use reqwest::{Method, StatusCode};
use sunbeon::web::routes::{Needs, Route};

use crate::app::Wire;
use crate::roles::{Role, Town, asks_who, routes};

/// Forms that need no token, and why that is harmless.
const WITHOUT_TOKEN: [&str; 1] = [
    "/language", // whoever makes an old browser send it changes a language
];

/// What gateways bring is no form of ours, and they sign it.
fn forms() -> impl Iterator<Item = Route> {
    routes().into_iter().filter(|route| route.needs("POST").is_some_and(|needs| needs != Needs::Gateway))
}

#[test]
fn a_form_without_its_token_is_not_done() {
    let town = Town::settle();
    for role in Role::ALL {
        let browser = town.browser(role);
        // Whoever has a session, also one that says nothing of who they are, sends its token.
        browser.get("/find");
        let before = town.fingerprint();
        for route in forms().filter(|route| !WITHOUT_TOKEN.contains(&route.path)) {
            for token in [None, Some(("csrf", "AAAAAAAAAAAAAAAAAAAAAAAA"))] {
                let fields: Vec<(&str, &str)> = token.into_iter().collect();
                let page = browser.post(&town.path(&route), &fields);
                let what = format!("{role:?} {} {fields:?}: {page:?}", route.path);
                let is_for_citizens = matches!(
                    route.needs("POST"),
                    Some(Needs::Phone | Needs::OwnParty | Needs::OwnPerson | Needs::OwnCarer)
                );
                if is_for_citizens && !role.has_phone() {
                    assert!(asks_who(&page) || page.status == StatusCode::CONFLICT, "{what}");
                } else {
                    assert_eq!(page.status, StatusCode::CONFLICT, "{what}");
                }
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

#[test]
fn a_form_from_elsewhere_is_not_done() {
    let town = Town::settle();
    let elsewhere = [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for role in [Role::Owner, Role::Clinic] {
        let browser = town.browser(role);
        let before = town.fingerprint();
        for route in forms() {
            for header in elsewhere {
                let page = browser.send(Method::POST, &town.path(&route), &[header], Some(&[]));
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{role:?} {} {header:?}", route.path);
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

/// A browser sends no session along when another site makes it send a form, and takes what the answer sets.
#[test]
fn a_form_from_elsewhere_puts_no_session_in_the_place_of_another() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    for route in forms() {
        for header in [("", ""), ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
            let reply = wire.ask("POST", &town.path(&route), &[header], "to=en&back=%2F");
            let sets_session = reply.headers.iter().any(|line| {
                let line = line.to_ascii_lowercase();
                line.starts_with("set-cookie: sunbeon_demo=")
            });
            // An old browser, which says nothing of where a form comes from, sends its session along.
            assert!(
                !sets_session || header.0.is_empty() && route.path != "/language",
                "{header:?}: {reply:?}"
            );
        }
    }
}

#[test]
fn an_address_that_only_takes_forms_is_no_dead_end_in_another_language() {
    let town = Town::settle();
    for role in [Role::Nobody, Role::Owner, Role::Clinic] {
        for route in forms().filter(|route| route.needs("GET").is_none()) {
            // A phone gets five codes an hour.
            town.app.pass_minutes(61);
            let browser = town.browser(role);
            let page = browser.post(&town.path(&route), &[("csrf", "AAAAAAAAAAAAAAAAAAAAAAAA")]);
            if page.status != StatusCode::SEE_OTHER {
                let back = page.form("/language").press("");
                assert_ne!(back.status, StatusCode::METHOD_NOT_ALLOWED, "{role:?} {}: {back:?}", route.path);
            }
        }
    }
}

#[test]
fn a_stranger_with_a_token_of_their_own_does_nothing_to_another_s() {
    let town = Town::settle();
    for role in [Role::Stranger, Role::OtherClinic] {
        let browser = town.browser(role);
        let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
        let before = town.fingerprint();
        let of_another = |path: &str| {
            ["{token}", "{reference}", "{number}", "{care}"].iter().any(|name| path.contains(name))
        };
        for route in forms().filter(|route| of_another(route.path)) {
            let fields = [("csrf", token.as_str()), ("reason", "curious"), ("version", "1"), ("seen", "1")];
            let page = browser.post(&town.path(&route), &fields);
            assert!(!page.status.is_server_error(), "{role:?} {page:?}");
            assert!(
                !page.status.is_success() || !page.body.contains(crate::roles::NAME),
                "{role:?} {page:?}"
            );
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

#[test]
fn a_form_of_a_session_that_ended_can_be_sent_again_with_everything_typed() {
    let town = Town::settle();
    let browser = town.browser(Role::Owner);
    let form = browser.get("/people/new").form("");
    let form = form.check("relation", "mother").fill("name", "박순자").check("messages", "no-phone");
    let form = form.fill("birth-year", "1947").fill("birth-month", "3").fill("birth-day", "9");
    let form = form.check("consent", "yes");
    let stale = browser.clone();
    // Another tab signed out and in again, so that the token is an old one.
    stale.get("/").form("/sign-out").press("");
    town.app.clock.pass_seconds(61);
    for (name, value) in town.browser(Role::Owner).cookies() {
        browser.set_cookie(&name, &value);
    }
    let again = form.press("");
    assert_eq!(again.status, StatusCode::CONFLICT);
    let people = again.form("/people/new").press("");
    assert_eq!(people.status, StatusCode::OK);
    assert_eq!(people.errors(), Vec::<String>::new());
    assert_eq!(town.app.database.number("SELECT COUNT(*) AS number FROM person"), 6);
}
