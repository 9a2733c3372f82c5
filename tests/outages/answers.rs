//! What a visitor is told while something fails, and what is true afterwards.

use reqwest::StatusCode;

use crate::app::{Form, Language, Page, TestApp};

/// Fails unless a page says in this language that it can't be done now, and when to come back.
#[track_caller]
pub fn assert_outage(page: &Page, language: Language) {
    assert_says_later(page, language, "problem-outage-title");
}

/// Fails unless a page says in this language that too many are here.
#[track_caller]
pub fn assert_busy(page: &Page, language: Language) {
    assert_says_later(page, language, "problem-busy-title");
}

#[track_caller]
fn assert_says_later(page: &Page, language: Language, title: &str) {
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page:?}: {}", page.text());
    assert_eq!(page.h1(), language.say(title).to_string());
    assert_eq!(page.attributes("html", "lang"), [language.code()]);
    assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{page:?}");
}

/// The form that sends again what was typed.
#[track_caller]
pub fn form_to_send_again(page: &Page, language: Language) -> Form {
    let button = language.say("problem-send-again").to_string();
    let form = page.forms().into_iter().find(|form| form.has_button(&button));
    form.unwrap_or_else(|| panic!("{page:?} has lost what was typed: {}", page.text()))
}

/// Presses the button that sends again what was typed.
#[track_caller]
pub fn send_again(page: &Page, language: Language) -> Page {
    form_to_send_again(page, language).press("")
}

/// Seats that are held and booked, in the whole country.
pub fn seats(app: &TestApp) -> (i64, i64) {
    let sum = |column: &str| {
        app.database.number(&format!("SELECT CAST(SUM({column}) AS BIGINT) AS number FROM slot_lane"))
    };
    (sum("held"), sum("booked"))
}

/// Whether the service calls itself ready.
pub fn is_ready(app: &TestApp) -> bool {
    let browser = app.browser(Language::English);
    browser.without_checks().get("/readyz").status == StatusCode::OK
}
