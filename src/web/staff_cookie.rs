//! The cookie of staff who are signed in, and where they are.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};

use super::limits::network_of;
use super::problem::Problem;
use super::visitor::Visitor;
use super::{Web, WebSettings};
use crate::domain::ids::StaffId;
use crate::keys::LookupHash;

fn name(settings: &WebSettings) -> &'static str {
    if settings.demo.is_some() { "sunbeon_staff_demo" } else { "__Host-sunbeon-staff" }
}

/// The secret token of a session, as the browser sent it.
pub(super) fn token(web: &Web, request: &HttpRequest) -> Option<String> {
    super::network::cookie(request, name(&web.settings)).map(ToOwned::to_owned)
}

/// The network that somebody is in, as a keyed hash: it tells whether two sessions of one person are in the same one, and
/// nothing else.
pub(super) fn network(visitor: &Visitor, staff: StaffId) -> Option<LookupHash> {
    let network = format!("{staff} {}", network_of(visitor.address()?));
    Some(visitor.engine().keys.lookup("staff-network", &network))
}

/// It ends with the browser: a clinic's computer is shared.
fn cookie(settings: &WebSettings, token: String) -> Cookie<'static> {
    Cookie::build(name(settings), token)
        .path("/")
        .http_only(true)
        .secure(settings.demo.is_none())
        .same_site(SameSite::Strict)
        .finish()
}

/// Keeps a token in the browser.
///
/// # Errors
/// [`Problem::Broken`] when it is no text for a cookie.
pub(super) fn set(answer: &mut HttpResponse, settings: &WebSettings, token: String) -> Result<(), Problem> {
    add(answer, &cookie(settings, token))
}

/// Takes the token from the browser.
///
/// # Errors
/// Those of [`set`].
pub(super) fn remove(answer: &mut HttpResponse, settings: &WebSettings) -> Result<(), Problem> {
    let mut cookie = cookie(settings, String::new());
    cookie.make_removal();
    add(answer, &cookie)
}

fn add(answer: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Problem> {
    answer.add_cookie(cookie).map_err(|error| {
        tracing::error!(%error, "a cookie could not be set");
        Problem::Broken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_the_demo_the_cookie_never_leaves_this_host_or_tls() {
        let settings = WebSettings {
            demo: None,
            public_url: "https://sunbeon.example".to_owned(),
            tls: true,
            trusted_proxies: Vec::new(),
            monitors: Vec::new(),
            countries: Vec::new(),
            session_days: 1,
            people_max: 1,
        };
        let cookie = cookie(&settings, "token".to_owned()).to_string();
        assert_eq!(
            cookie, "__Host-sunbeon-staff=token; HttpOnly; SameSite=Strict; Secure; Path=/",
            "a __Host- cookie without Secure and Path=/ is refused by browsers"
        );
    }
}
