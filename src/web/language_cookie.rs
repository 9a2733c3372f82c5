//! The language that was chosen, in a small cookie of its own that holds nothing else. Whoever chooses a language needs no
//! session for it, so that a form from elsewhere, which comes without the session's cookie, can't put a new session in the
//! place of the one that somebody is signed in with.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;

use super::cookie::kept;
use super::{WebSettings, network};
use crate::language::Language;

/// The language that the browser keeps.
pub fn read(request: &HttpRequest, settings: &WebSettings) -> Option<Language> {
    Language::from_code(network::cookie(request, name(settings))?)
}

/// The cookie that keeps it.
pub fn cookie(language: Language, settings: &WebSettings) -> Cookie<'static> {
    kept(settings, name(settings), language.code(), Duration::days(i64::from(settings.session_days)))
}

fn name(settings: &WebSettings) -> &'static str {
    if settings.demo.is_some() { "sunbeon_demo_language" } else { "__Host-sunbeon-language" }
}
