//! Reading: who sees which page.

use reqwest::{Method, StatusCode};
use sunbeon::web::routes::{Needs, Tag};

use crate::roles::{NAME, Role, Town, asks_who, routes};

#[test]
fn nobody_without_a_proved_phone_sees_a_page_that_needs_one() {
    let town = Town::settle();
    let browser = town.browser(Role::Nobody);
    let pages =
        routes().into_iter().filter(|route| route.needs == Needs::Phone && route.verbs.contains(&"GET"));
    let mut seen = 0;
    for route in pages {
        let path = town.path(&route);
        let page = browser.get_once(&path);
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        let next = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC);
        assert_eq!(page.location().unwrap(), format!("/sign-in?next={next}"), "and comes back after");
        seen += 1;
    }
    assert!(seen > 10, "only {seen} pages need a phone");
}

#[test]
fn only_staff_see_what_needs_staff_and_only_of_their_sites() {
    let town = Town::settle();
    for role in Role::ALL {
        let browser = town.browser(role);
        for route in routes().into_iter().filter(|route| route.needs == Needs::Staff) {
            let path = town.path(&route);
            let page = browser.get_once(&path);
            let what = format!("{role:?} {path}: {page:?}");
            let of_a_site = route.path.contains("{site}");
            match role {
                Role::Clinic | Role::Authority => assert_eq!(page.status, StatusCode::OK, "{what}"),
                Role::OtherClinic if of_a_site => {
                    assert!(page.status.is_client_error(), "{what}");
                }
                Role::OtherClinic => {
                    // Whoever works at one site is led straight to its roster.
                    let own = format!("/clinic/{}/roster", town.app.site(2).code);
                    assert_eq!(page.location(), Some(own), "{what}");
                }
                Role::Nobody | Role::Stranger | Role::Owner => {
                    assert_eq!(page.status, StatusCode::SEE_OTHER, "{what}");
                    assert!(page.location().unwrap().starts_with("/clinic/sign-in?next="), "{what}");
                }
            }
            assert!(!page.body.contains(NAME), "{what} shows a name in full");
        }
    }
}

#[test]
fn a_stranger_and_staff_see_nothing_of_another_s() {
    let town = Town::settle();
    let of_the_family =
        |path: &str| ["{token}", "{reference}", "{number}", "{care}"].iter().any(|name| path.contains(name));
    for role in [Role::Stranger, Role::Clinic, Role::Authority] {
        let browser = town.browser(role);
        let before = town.fingerprint();
        for route in routes().into_iter().filter(|route| route.verbs.contains(&"GET")) {
            let path = town.path(&route);
            let page = browser.get_once(&path);
            assert!(route.tag == Tag::Demo || !page.body.contains(NAME), "{role:?} reads the name on {path}");
            if of_the_family(route.path) && route.needs == Needs::Phone {
                let is_closed =
                    page.status == StatusCode::NOT_FOUND || asks_who(&page) || page.status.is_redirection();
                let is_gone = page
                    .body
                    .contains(&sunbeon::language::Language::English.say("hold-over-title").to_string());
                assert!(is_closed || is_gone, "{role:?} {path}: {page:?} {}", page.text());
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something by reading");
    }
}

#[test]
fn what_is_not_there_looks_like_what_is_another_s() {
    let town = Town::settle();
    let browser = town.browser(Role::Stranger);
    for route in
        routes().into_iter().filter(|route| route.verbs.contains(&"GET") && route.needs == Needs::Phone)
    {
        let theirs = town.path(&route);
        let mut nowhere = theirs.clone();
        for (name, other) in
            [("{token}", "AAAAAAAAAAAAAAAAAAAAAA"), ("{reference}", "22222222"), ("{number}", "77")]
        {
            if route.path.contains(name) {
                let own = |path: &'static str| path.split('/').position(|part| part == name).unwrap();
                let mut parts: Vec<&str> = nowhere.split('/').collect();
                parts[own(route.path)] = other;
                nowhere = parts.join("/");
            }
        }
        if nowhere != theirs {
            let (one, other) = (browser.get_once(&theirs), browser.get_once(&nowhere));
            assert_eq!(one.status, other.status, "{theirs} and {nowhere}");
            let plain = |text: String, path: &str| text.replace(path, "");
            assert_eq!(plain(one.text(), &theirs), plain(other.text(), &nowhere), "{theirs} and {nowhere}");
        }
    }
}

#[test]
fn the_owner_sees_every_page_of_theirs() {
    let town = Town::settle();
    let browser = town.browser(Role::Owner);
    for route in
        routes().into_iter().filter(|route| route.needs == Needs::Phone && route.verbs.contains(&"GET"))
    {
        // Nobody cares for the owner, so there is nobody to revoke.
        if route.path.contains("{care}") {
            continue;
        }
        let whom = if route.path.starts_with("/book/") { "?p=1" } else { "" };
        let page = browser.get_once(&format!("{}{whom}", town.path(&route)));
        // Without a time to change to there is nothing to check; the page says so.
        let is_open = page.status.is_success() || page.status.is_redirection();
        assert!(is_open || page.status == StatusCode::CONFLICT, "{page:?}");
        assert!(!asks_who(&page), "{page:?}");
    }
}

#[test]
fn every_page_refuses_the_verbs_it_does_not_know() {
    let town = Town::settle();
    for role in [Role::Nobody, Role::Owner, Role::Authority] {
        let browser = town.browser(role);
        for route in routes() {
            for verb in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                if route.verbs.contains(&verb) {
                    continue;
                }
                let method = Method::from_bytes(verb.as_bytes()).unwrap();
                let page = browser.send(method, &town.path(&route), &[], None);
                assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{role:?} {verb} {}", route.path);
                assert_eq!(page.header("allow"), route.verbs.join(", "), "{verb} {}", route.path);
            }
        }
    }
}

#[test]
fn pages_for_everybody_open_for_everybody() {
    let town = Town::settle();
    for role in Role::ALL {
        let browser = town.browser(role);
        for route in
            routes().into_iter().filter(|route| route.needs == Needs::Nothing && route.verbs.contains(&"GET"))
        {
            let page = browser.get_once(&town.path(&route));
            assert!(page.status.is_success() || page.status.is_redirection(), "{role:?} {page:?}");
        }
    }
}
