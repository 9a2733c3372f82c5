//! Staff sign in by login and password, and out again. The answer is the same whatever was wrong.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::ids::StaffId;
use crate::store::{Failure, Never, Tx, staff};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, local_path};
use crate::web::posted::{NoFields, Posted};
use crate::web::problem::Problem;
use crate::web::visitor::{Visitor, staff_cookie_name};
use crate::web::{Web, WebSettings, network};

/// Signs of a login that are looked at; none is longer.
const LOGIN_SIGNS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "pages/clinic-sign-in.html")]
struct SignInPage {
    frame: Frame,
    errors: FormErrors,
    login: String,
    next: String,
}

/// Where the visitor was going, and whether they just signed out.
#[derive(Deserialize)]
pub struct SignInQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    out: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Asks for login and password.
pub async fn ask(mut visitor: Visitor, query: Query<SignInQuery>) -> Answer {
    if visitor.staff.is_some() {
        return visitor.go_to(way_on(&query.next));
    }
    let mut frame = visitor.form_frame();
    if !query.out.is_empty() {
        frame.notice = Some(visitor.language.say("clinic-signed-out").into());
    }
    let next = query.into_inner().next;
    visitor.page(&SignInPage { frame, errors: FormErrors::none(), login: String::new(), next })
}

/// Starts a session for whoever knows the password.
pub async fn sign_in(request: HttpRequest, posted: Posted<SignInForm>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let SignInForm { login, password, next } = form;
    let (login, password) = (tidied(&login), Zeroizing::new(password));
    let mut errors = FormErrors::none();
    if login.is_empty() {
        errors.add("login", "clinic-error-login");
    }
    if password.is_empty() {
        errors.add("password", "clinic-error-password");
    }
    if !errors.is_empty() {
        return ask_again(visitor, StatusCode::UNPROCESSABLE_ENTITY, errors, (login, next));
    }
    if visitor.web.sign_in_limits.take(&login, visitor.address()).is_err() {
        errors.add("login", "clinic-error-too-often");
        return ask_again(visitor, StatusCode::TOO_MANY_REQUESTS, errors, (login, next));
    }
    let Some(member) = member_with(&visitor.web, login.clone(), password).await? else {
        errors.add("login", "clinic-error-sign-in");
        return ask_again(visitor, StatusCode::UNPROCESSABLE_ENTITY, errors, (login, next));
    };
    let token = start_session(&visitor, member, token_of(&visitor, &request)).await?;
    visitor.renew_session();
    let mut answer = visitor.go_to(way_on(&next))?;
    set_cookie(&mut answer, &staff_cookie(&visitor.web.settings, token))?;
    Ok(answer)
}

/// Ends the session.
pub async fn sign_out(request: HttpRequest, posted: Posted<NoFields>) -> Answer {
    let mut visitor = posted.visitor;
    if let Some(token) = token_of(&visitor, &request) {
        let end = move |tx: &mut Tx<'_>| staff::end_session(tx, &token);
        visitor.engine().ledger.write(0, end).await?;
    }
    visitor.renew_session();
    let mut answer = visitor.go_to("/clinic/sign-in?out=1")?;
    let mut cookie = staff_cookie(&visitor.web.settings, String::new());
    cookie.make_removal();
    set_cookie(&mut answer, &cookie)?;
    Ok(answer)
}

fn ask_again(
    mut visitor: Visitor,
    status: StatusCode,
    errors: FormErrors,
    (login, next): (String, String),
) -> Answer {
    let frame = visitor.form_frame();
    visitor.page_with(status, &SignInPage { frame, errors, login, next })
}

/// Logins are small letters; a phone's keyboard begins with a capital. Control signs are left out: PostgreSQL takes no
/// text with a NUL in it.
fn tidied(login: &str) -> String {
    login.trim().to_lowercase().chars().filter(|sign| !sign.is_control()).take(LOGIN_SIGNS_MAX).collect()
}

fn way_on(next: &str) -> &str {
    match local_path(next) {
        "/" => "/clinic",
        path => path,
    }
}

/// The member of staff with this login and password. A login that nobody has costs the same work.
async fn member_with(
    web: &Web,
    login: String,
    password: Zeroizing<String>,
) -> Result<Option<StaffId>, Problem> {
    let known = web.engine.store.read(move |conn, _| staff::password_hash(conn, &login)).await?;
    let (id, hash) = known.unzip();
    let fits = web.sign_in_limits.fits(password, hash).await?;
    Ok(id.filter(|_| fits))
}

/// Starts a session and ends the one before it in this browser, if any.
async fn start_session(
    visitor: &Visitor,
    member: StaffId,
    before: Option<String>,
) -> Result<String, Problem> {
    let start = move |tx: &mut Tx<'_>| -> Result<String, Failure<Never>> {
        if let Some(before) = &before {
            staff::end_session(tx, before)?;
        }
        staff::start_session(tx, member)
    };
    Ok(visitor.engine().ledger.write(member.0, start).await?)
}

fn token_of(visitor: &Visitor, request: &HttpRequest) -> Option<String> {
    network::cookie(request, staff_cookie_name(&visitor.web.settings)).map(ToOwned::to_owned)
}

/// It ends with the browser: a clinic's computer is shared.
fn staff_cookie(settings: &WebSettings, token: String) -> Cookie<'static> {
    Cookie::build(staff_cookie_name(settings), token)
        .path("/")
        .http_only(true)
        .secure(settings.demo.is_none())
        .same_site(SameSite::Strict)
        .finish()
}

fn set_cookie(answer: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), Problem> {
    answer.add_cookie(cookie).map_err(|error| {
        tracing::error!(%error, "a cookie could not be set");
        Problem::Broken
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_the_clinic_unless_a_page_was_asked_for() {
        for nowhere in ["", "/", "https://evil.example/clinic", "//evil.example"] {
            assert_eq!(way_on(nowhere), "/clinic");
        }
        assert_eq!(
            way_on("/clinic/ABCDEFGH/roster?date=2026-11-24"),
            "/clinic/ABCDEFGH/roster?date=2026-11-24"
        );
    }

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
        let cookie = staff_cookie(&settings, "token".to_owned()).to_string();
        assert_eq!(
            cookie, "__Host-sunbeon-staff=token; HttpOnly; SameSite=Strict; Secure; Path=/",
            "a __Host- cookie without Secure and Path=/ is refused by browsers"
        );
    }

    #[test]
    fn a_login_is_small_and_short() {
        assert_eq!(tidied(" Kim.Nurse "), "kim.nurse");
        assert_eq!(tidied(&"a".repeat(5000)).len(), LOGIN_SIGNS_MAX);
    }
}
