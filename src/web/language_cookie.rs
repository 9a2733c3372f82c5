//! The language that was chosen, in a small cookie of its own that holds nothing else. Whoever chooses a language needs no
//! session for it, so that a form from elsewhere, which comes without the session's cookie, can't put a new session in the
//! place of the one that somebody is signed in with.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::{WebSettings, network};
use crate::language::Language;

/// The language that the browser keeps.
pub fn read(request: &HttpRequest, settings: &WebSettings) -> Option<Language> {
    Language::from_code(network::cookie(request, name(settings))?)
}

/// The cookie that keeps it.
pub fn cookie(language: Language, settings: &WebSettings) -> Cookie<'static> {
    Cookie::build(name(settings), language.code())
        .path("/")
        .http_only(true)
        .secure(settings.demo.is_none())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(i64::from(settings.session_days)))
        .finish()
}

fn name(settings: &WebSettings) -> &'static str {
    if settings.demo.is_some() { "sunbeon_demo_language" } else { "__Host-sunbeon-language" }
}
