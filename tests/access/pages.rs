//! Reading: what an answer tells to somebody it is not for.

use crate::app::Wire;
use crate::roles::{Role, Town, routes};

#[test]
fn what_is_not_there_looks_like_what_is_another_s() {
    let town = Town::settle();
    let browser = town.browser(Role::Stranger);
    for route in routes().into_iter().filter(|route| route.needs("GET").is_some()) {
        let theirs = town.path(&route);
        let mut nowhere = theirs.clone();
        for (name, other) in [
            ("{token}", "AAAAAAAAAAAAAAAAAAAAAA"),
            ("{reference}", "22222222"),
            ("{number}", "77"),
            ("{care}", "AAAAAAAAAAAAAAAA"),
        ] {
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
fn readiness_and_figures_are_for_the_operator_s_machines() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    for path in ["/metrics", "/readyz"] {
        assert_eq!(wire.ask("GET", path, &[], "").status, 200, "from this machine");
        for passed_on in ["X-Forwarded-For", "x-forwarded-proto", "X-Real-IP", "Forwarded", "Via"] {
            let reply = wire.ask("GET", path, &[(passed_on, "127.0.0.1")], "");
            assert_eq!(reply.status, 404, "{path} with {passed_on}");
            assert!(!reply.body.contains("sunbeon_") && !reply.body.contains("ledger"), "{}", reply.body);
        }
    }
    let reply = wire.ask("GET", "/healthz", &[("X-Forwarded-For", "192.0.2.7")], "");
    assert_eq!((reply.status, reply.body.as_str()), (200, "ok"));
}
