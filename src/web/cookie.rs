//! Cookies of ours: for all our pages and no script, on an encrypted connection, and never sent along from other sites.

use std::borrow::Cow;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::WebSettings;

/// A cookie that the browser keeps for so long. Text browsers never return Secure cookies over plain HTTP, so the demo's
/// are not, and have names of their own.
pub fn kept(
    settings: &WebSettings,
    name: impl Into<Cow<'static, str>>,
    value: impl Into<Cow<'static, str>>,
    max_age: Duration,
) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(settings.demo.is_none())
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .finish()
}
