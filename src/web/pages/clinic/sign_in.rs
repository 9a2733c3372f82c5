//! Staff sign in by login and password, and out again. The answer is the same whatever was wrong.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::ids::StaffId;
use crate::store::staff_sessions::{self, Begins};
use crate::store::{Failure, Never, Tx, second_factor, staff};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query, local_path};
use crate::web::posted::{NoFields, Posted};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;
use crate::web::{Web, staff_cookie};

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
    /// Why somebody who knew the password begins again: `late`, or too many `tries`.
    #[serde(default)]
    again: String,
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
    let notice = match (query.again.as_str(), query.out.is_empty()) {
        ("tries", _) => Some("clinic-code-tries"),
        ("late", _) => Some("clinic-code-late"),
        (_, false) => Some("clinic-signed-out"),
        (_, true) => None,
    };
    frame.notice = notice.map(|key| visitor.language.say(key).into());
    let next = query.into_inner().next;
    visitor.page(&SignInPage { frame, errors: FormErrors::none(), login: String::new(), next })
}

/// Starts a session for whoever knows the password. Whoever has a second factor is asked for it next.
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
    let started = match member_with(&visitor.web, login.clone(), password).await? {
        Some(member) => start_session(&visitor, member, staff_cookie::token(&visitor.web, &request)).await?,
        None => None,
    };
    let Some((token, begins)) = started else {
        errors.add("login", "clinic-error-sign-in");
        return ask_again(visitor, StatusCode::UNPROCESSABLE_ENTITY, errors, (login, next));
    };
    visitor.renew_session();
    let mut answer = match begins {
        Begins::SignedIn => visitor.go_to(way_on(&next))?,
        Begins::AwaitingCode => {
            visitor.go_to(&format!("/clinic/sign-in/code?next={}", in_query(way_on(&next))))?
        }
    };
    staff_cookie::set(&mut answer, &visitor.web.settings, token)?;
    Ok(answer)
}

/// Ends the session.
pub async fn sign_out(request: HttpRequest, posted: Posted<NoFields>) -> Answer {
    let mut visitor = posted.visitor;
    if let Some(token) = staff_cookie::token(&visitor.web, &request) {
        let end = move |tx: &mut Tx<'_>| staff_sessions::end(tx, &token);
        visitor.engine().ledger.write(0, end).await?;
    }
    visitor.renew_session();
    let mut answer = visitor.go_to("/clinic/sign-in?out=1")?;
    staff_cookie::remove(&mut answer, &visitor.web.settings)?;
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
pub(super) fn tidied(login: &str) -> String {
    login.trim().to_lowercase().chars().filter(|sign| !sign.is_control()).take(LOGIN_SIGNS_MAX).collect()
}

pub(super) fn way_on(next: &str) -> &str {
    match local_path(next) {
        "/" => "/clinic",
        path => path,
    }
}

/// The member of staff with this login and password, and the password's hash. A login that nobody has costs the same work.
pub(super) async fn member_with(
    web: &Web,
    login: String,
    password: Zeroizing<String>,
) -> Result<Option<(StaffId, String)>, Problem> {
    let known = web.engine.store.read(move |conn, _| staff::password_hash(conn, &login)).await?;
    let hash = known.as_ref().map(|(_, hash)| hash.clone());
    let fits = web.sign_in_limits.fits(password, hash).await?;
    Ok(known.filter(|_| fits))
}

/// Starts a session and ends the one before it in this browser, if any. None starts when the password was changed since it was
/// looked at.
async fn start_session(
    visitor: &Visitor,
    (member, hash): (StaffId, String),
    before: Option<String>,
) -> Result<Option<(String, Begins)>, Problem> {
    let network = staff_cookie::network(visitor, member);
    let start = move |tx: &mut Tx<'_>| -> Result<Option<(String, Begins)>, Failure<Never>> {
        if !staff::still_has(tx, member, &hash)? {
            return Ok(None);
        }
        if let Some(before) = &before {
            staff_sessions::end(tx, before)?;
        }
        let has_factor = second_factor::has_one(tx.conn, member)?;
        let begins = if has_factor { Begins::AwaitingCode } else { Begins::SignedIn };
        Ok(Some((staff_sessions::start(tx, member, begins, network.as_ref())?, begins)))
    };
    Ok(visitor.engine().ledger.write(member.0, start).await?)
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
    fn a_login_is_small_and_short() {
        assert_eq!(tidied(" Kim.Nurse "), "kim.nurse");
        assert_eq!(tidied(&"a".repeat(5000)).len(), LOGIN_SIGNS_MAX);
    }
}
