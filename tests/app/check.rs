//! What every answer must fulfil, whatever the story.

use std::collections::HashSet;

use reqwest::{Method, StatusCode};

use super::page::{css, select};
use super::{Language, Page};

/// The most bytes of a page on the wire: what fits in the first round trip of a connection.
pub const PAGE_BYTES_MAX: usize = 14_000;

/// Paths that may be longer, and why.
const LONG_PATHS: [&str; 3] = [
    "/demo/",  // shows messages to whoever tries Sunbeon out
    "/clinic", // a roster is as long as the day
    "/me/",    // everything that is known about a person
];

/// Fails unless an answer is as every answer must be.
#[track_caller]
pub fn page(page: &Page, method: &Method, (language, expects_outages): (Language, bool)) {
    let what = format!("{method} {page:?}");
    let is_outage = expects_outages && page.status == StatusCode::SERVICE_UNAVAILABLE;
    assert!(page.status.as_u16() < 500 || is_outage, "{what}: {}", page.body);
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{what}");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{what}");
    if !page.is_html() || *method == Method::HEAD {
        return;
    }
    assert!(!page.body.contains('⟨'), "{what} lacks a text: {}", page.text());
    let is_long = LONG_PATHS.iter().any(|path| page.path.starts_with(path));
    assert!(is_long || page.bytes_on_wire < PAGE_BYTES_MAX, "{what} has {} bytes", page.bytes_on_wire);
    assert_eq!(page.attributes("html", "lang"), [language.code()], "{what} is in the wrong language");
    // Waiting pages know nobody, and anybody may keep them for a second.
    let is_shared = page.path.starts_with("/wait/") && page.status == StatusCode::OK;
    let caching = if is_shared { "public, max-age=0, s-maxage=1" } else { "no-store" };
    assert_eq!(page.header("cache-control"), caching, "{what}");
    well_made(page, &what);
}

#[track_caller]
fn well_made(page: &Page, what: &str) {
    assert_eq!(page.all("h1").len(), 1, "{what} must ask one question: {:?}", page.all("h1"));
    assert!(!page.title().is_empty(), "{what} has no title");
    let html = page.html();
    for forbidden in ["script", "[style]", "[onclick]", "form form", "img:not([alt])", "iframe"] {
        assert!(select(&html, forbidden).is_empty(), "{what} has {forbidden}");
    }
    for list in select(&html, "ul, ol, dl, select, table") {
        assert!(list.child_elements().next().is_some(), "{what} has an empty {}", list.value().name());
    }
    let mut ids = HashSet::new();
    for id in page.attributes("[id]", "id") {
        assert!(ids.insert(id.clone()), "{what} has the id {id:?} twice");
    }
    for attribute in ["aria-describedby", "aria-labelledby"] {
        for named in page.attributes(&format!("[{attribute}]"), attribute) {
            for id in named.split_whitespace() {
                assert!(ids.contains(id), "{what}: nothing has the id {id:?} that {attribute} names");
            }
        }
    }
    for id in page.attributes("label[for]", "for") {
        assert!(ids.contains(&id), "{what}: no field has the id {id:?} that a label names");
    }
    for link in page.attributes("a[href^='#']", "href") {
        assert!(ids.contains(&link[1..]), "{what}: {link} leads nowhere");
    }
    for form in select(&html, "form[method=post]") {
        let token = form.select(&css("input[name=csrf]")).next();
        assert!(token.is_some(), "{what}: the form {:?} has no token", form.attr("action"));
    }
}
