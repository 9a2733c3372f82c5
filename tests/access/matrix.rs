//! Every page of the map, in every role, by every verb: what the map allows is served, all else is refused.

use reqwest::{Method, StatusCode};
use sunbeon::web::routes::{Needs, Route};

use crate::app::{Browser, Page, Wire};
use crate::roles::{MOTHER, NAME, OWNER, Role, Town, routes};

/// Where forms about what isn't there lead, because pressing them twice is no mistake; and a page that leads to the hold,
/// which is then refused.
const LEAD_BACK: [(&str, &str); 3] = [
    ("/people/{number}/remove", "/people"),
    ("/me/carers/{care}", "/me"),
    ("/hold/{token}/second", "/hold/"),
];

/// Forms that end the session; they come last.
const ENDINGS: [&str; 4] = ["/clinic/sign-out", "/sign-out", "/me/sign-out-everywhere", "/me/erase"];

/// Verbs that no page knows.
const OTHER_VERBS: [&str; 6] = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

/// Whether an answer refuses: the visitor must say who they are, or finds nothing.
fn is_refused(page: &Page) -> bool {
    let asks = ["/sign-in?next=", "/sign-in?resume=", "/clinic/sign-in?next="];
    let asks_who = page.location().is_some_and(|there| asks.iter().any(|page| there.starts_with(page)));
    asks_who || matches!(page.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
}

#[track_caller]
fn assert_fits(role: Role, needs: Needs, route: &Route, page: &Page) {
    let what = format!("{role:?} {} {needs:?}: {page:?} {:?}", route.path, page.location());
    if role.may(needs) {
        // A mistake in a form is answered too: it was read.
        assert!(!is_refused(page), "refused what the map allows: {what}");
        assert_ne!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{what}");
        return;
    }
    let leads_back = |&(path, there): &(&str, &str)| {
        path == route.path && page.location().is_some_and(|location| location.starts_with(there))
    };
    let is_lost = role.has_phone() && LEAD_BACK.iter().any(leads_back);
    assert!(is_refused(page) || is_lost, "served what the map forbids: {what}");
    assert_silent(&what, &page.body);
}

/// Nothing of the family stands in what others get.
#[track_caller]
pub fn assert_silent(what: &str, body: &str) {
    for secret in [NAME, MOTHER, OWNER, "01000000001", "+821000000001", "1950"] {
        assert!(!body.contains(secret), "{what} shows {secret}");
    }
}

#[test]
fn every_page_is_shown_to_whom_the_map_names_and_to_nobody_else() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    let (mut shown, mut refused) = (0, 0);
    for (role, browser) in town.browsers() {
        let before = town.fingerprint();
        for route in routes() {
            let Some(needs) = route.needs("GET") else { continue };
            let path = town.path(&route);
            // A journey names people of one's own list; both citizens have a first one, or none.
            let query = if route.path.starts_with("/book/") { "?p=1" } else { "" };
            let page = browser.get_once(&format!("{path}{query}"));
            assert_fits(role, needs, &route, &page);
            let head = wire.ask_as(&browser, "HEAD", &format!("{path}{query}"));
            assert_eq!(head.status, page.status, "{role:?} HEAD {path}");
            assert_eq!(head.header("location"), page.header("location"), "{role:?} HEAD {path}");
            if role.may(needs) { shown += 1 } else { refused += 1 }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something by reading");
    }
    assert!(shown > 150 && refused > 150, "{shown} shown, {refused} refused");
}

#[test]
fn every_form_is_done_for_whom_the_map_names_and_for_nobody_else() {
    let town = Town::settle();
    let (mut done, mut refused) = (0, 0);
    for (role, mut browser) in town.browsers() {
        let mut forms: Vec<(Route, Needs)> = routes()
            .into_iter()
            .filter_map(|route| route.needs("POST").map(|needs| (route, needs)))
            .collect();
        forms.sort_by_key(|(route, _)| ENDINGS.iter().position(|path| *path == route.path));
        // What is refused comes first: what is done may change what is there.
        forms.sort_by_key(|(_, needs)| role.may(*needs));
        for (route, needs) in forms {
            if ENDINGS.contains(&route.path) && role.may(needs) && role.has_phone() {
                // A phone gets five codes an hour.
                town.app.pass_minutes(61);
                browser = town.browser(role);
            }
            let before = town.fingerprint();
            let page = send(&town, &browser, &town.path(&route));
            assert_fits(role, needs, &route, &page);
            if role.may(needs) {
                done += 1;
            } else {
                assert_eq!(town.fingerprint(), before, "{role:?} changed something by {}", route.path);
                refused += 1;
            }
        }
    }
    assert!(done > 80 && refused > 80, "{done} done, {refused} refused");
}

/// Sends a form with the browser's own token, which the page of every form shows, and what such forms hold at least.
fn send(town: &Town, browser: &Browser, path: &str) -> Page {
    let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
    let site = &town.app.site(0).code;
    let fields = [("csrf", token.as_str()), ("site", site), ("version", "1"), ("seen", "1")];
    browser.post(path, &fields)
}

#[test]
fn every_other_verb_is_refused_to_everybody() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    for (role, browser) in town.browsers() {
        let before = town.fingerprint();
        for route in routes() {
            let path = town.path(&route);
            for verb in ["GET", "HEAD", "POST"].into_iter().chain(OTHER_VERBS) {
                if route.needs(verb).is_some() {
                    continue;
                }
                let reply = wire.ask_as(&browser, verb, &path);
                let what = format!("{role:?} {verb} {path}");
                assert_eq!(reply.status, 405, "{what}");
                assert_eq!(reply.header("allow"), route.verbs(), "{what}");
                assert_silent(&what, &reply.body);
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

#[test]
fn the_map_names_every_page_once() {
    let mut paths: Vec<&str> = routes().iter().map(|route| route.path).collect();
    let all = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), all, "actix-web would never reach the second one");
    for route in routes() {
        assert!(!route.serves.is_empty(), "{} serves nobody", route.path);
        let names = |name: &str| route.path.contains(name);
        for (verb, needs) in &route.serves {
            Method::from_bytes(verb.as_bytes()).unwrap();
            // Whoever names something of somebody's must say whose.
            let fits = match needs {
                Needs::OwnParty => names("{token}"),
                Needs::OwnBooking => names("{reference}"),
                Needs::OwnPerson => names("{number}"),
                Needs::OwnCarer => names("{care}"),
                Needs::StaffOfSite => names("{site}"),
                Needs::Phone | Needs::Staff | Needs::CallCentre | Needs::Authority | Needs::Auditor => {
                    !["{token}", "{reference}", "{number}", "{care}"].into_iter().any(names)
                }
                Needs::Nothing => {
                    // The QR code's address leads everybody somewhere: see `find::by_reference`.
                    let is_public = ["{slug}", "{opening}", "{problem}"].into_iter().any(names);
                    route.path == "/r/{reference}" || !route.path.contains('{') || is_public
                }
                Needs::OfferLink => names("{offer}"),
                Needs::MovedLink => names("{moved}"),
                Needs::Monitor => true,
                Needs::Gateway => names("{gateway}"),
            };
            assert!(fits, "{verb} {} needs {needs:?}?", route.path);
        }
    }
}
