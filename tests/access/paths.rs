//! Addresses that no page links to: they lead to the same refusals.

use sunbeon::web::routes::Tag;

use crate::app::{Language, TestApp, Wire};
use crate::matrix::assert_silent;
use crate::roles::{Role, Town, routes};

/// Other ways to write a path.
pub fn written_otherwise(path: &str) -> Vec<String> {
    let encoded = |sign: &str, code: &str| path.replacen(sign, code, 2);
    let mut ways = vec![
        format!("/{path}"),
        path.replace('/', "//"),
        format!("{path}/"),
        format!("{path}//"),
        format!("/.{path}"),
        format!("/static/..{path}"),
        format!("/healthz/..{path}"),
        format!("/healthz/%2e%2e{path}"),
        format!("/healthz%2f..{path}"),
        format!("{path}/."),
        format!("{path}/..;/"),
        format!("{path};a=b"),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path}.html"),
        format!("{path}%2f"),
        format!("{path}#me"),
        path.to_uppercase(),
        encoded("/", "%2f"),
        encoded("/", "%5c"),
        format!("/{}", path[1..].replace('/', "\\")),
        format!("http://elsewhere.example{path}"),
    ];
    // The first letter of the path, written as its code.
    if let Some(letter) = path.chars().nth(1) {
        ways.push(format!("/%{:x}{}", u32::from(letter), &path[2..]));
    }
    ways
}

#[test]
fn however_a_path_is_written_it_opens_for_nobody_else() {
    let town = Town::settle();
    let mut wire = Wire::to(&town.app);
    for role in [Role::Nobody, Role::Unanswered, Role::Stranger, Role::OtherClinic] {
        let browser = town.browser(role);
        let before = town.fingerprint();
        for route in routes() {
            let Some(needs) = route.needs("GET") else { continue };
            if role == Role::OtherClinic && route.tag != Tag::Staff {
                continue;
            }
            for target in written_otherwise(&town.path(&route)) {
                let reply = wire.ask_as(&browser, "GET", &target);
                let what = format!("{role:?} {target}");
                assert!(reply.status < 500, "{what}: {}", reply.status);
                assert!(role.may(needs) || reply.status != 200, "{what} is open");
                // The demo shows everybody every message, and among many figures some look like a number.
                if !matches!(route.tag, Tag::Demo | Tag::System) {
                    assert_silent(&what, &reply.body);
                }
            }
        }
        assert_eq!(town.fingerprint(), before, "{role:?} changed something");
    }
}

#[test]
fn a_path_that_leads_out_of_the_house_leads_nowhere() {
    let app = TestApp::start();
    let mut wire = Wire::to(&app);
    for target in [
        "/static/../Cargo.toml",
        "/static/..%2f..%2fetc/passwd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/....//etc/passwd",
        "/../../etc/passwd",
        "/static/icon.svg/../../etc/passwd",
        "/static/",
        "/.git/config",
        "/sunbeon.db",
    ] {
        assert_eq!(wire.ask("GET", target, &[], "").status, 404, "{target}");
    }
    for signs in [2_000, 8_000, 60_000, 200_000] {
        let reply = wire.ask("GET", &format!("/{}", "a".repeat(signs)), &[], "");
        assert!(matches!(reply.status, 0 | 400 | 404 | 414 | 431), "{signs}: {}", reply.status);
        let reply = wire.ask("GET", &format!("/sign-in?next=/{}", "a".repeat(signs)), &[], "");
        assert!(matches!(reply.status, 0 | 200 | 400 | 414 | 431), "{signs}: {}", reply.status);
        let cookie = format!("sunbeon_demo={}", "a".repeat(signs));
        let reply = wire.ask("GET", "/me", &[("Cookie", &cookie)], "");
        assert!(matches!(reply.status, 0 | 303 | 400 | 431), "{signs}: {}", reply.status);
    }
    assert_eq!(wire.ask("GET", "/healthz", &[], "").status, 200, "and it goes on");
}

#[test]
fn a_step_opened_by_its_address_leads_back_to_what_comes_before_it() {
    let town = Town::settle();
    let browser = town.browser(Role::Stranger);
    let before = town.fingerprint();
    let site = town.app.site(0).code.clone();
    let steps = [
        ("/sign-in/code".to_owned(), "/"),
        ("/sign-in/birth-date".to_owned(), "/"),
        ("/sign-in/anew".to_owned(), "/"),
        ("/me/email/code".to_owned(), "/me/email?why=lost"),
        ("/me/phone/code".to_owned(), "/me/phone?why=lost"),
        ("/find/code".to_owned(), "/find?why=lost"),
    ];
    for (step, earlier) in steps {
        assert_eq!(browser.get_once(&step).location().unwrap(), earlier, "{step}");
    }
    // The stranger has nobody in their list, so no step of booking says more than the first one.
    let first = browser.get("/book/covid-2026/who").h1();
    for step in ["where", "where?p=7", &format!("{site}/when?p=2"), &format!("{site}/hold?p=2")] {
        assert_eq!(browser.get(&format!("/book/covid-2026/{step}")).h1(), first, "{step}");
    }
    assert_eq!(town.fingerprint(), before);
    for step in ["/sign-in/code", "/sign-in/birth-date", "/sign-in/anew"] {
        let page = town.app.browser(Language::English).get_once(step);
        assert_eq!(page.location().unwrap(), "/sign-in?why=lost", "{step}");
    }
}
