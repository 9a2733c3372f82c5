//! The account of a member of staff: the second factor, the password, and where they are signed in.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::sign_in::member_with;
use crate::domain::ids::StaffId;
use crate::keys::password::{self, PasswordError};
use crate::store::access_log::{self, Access};
use crate::store::staff_sessions::{self, Session};
use crate::store::{Failure, Never, Tx, second_factor, staff};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::staff_cookie;
use crate::web::visitor::Staff;

/// The longest password that is hashed, in signs.
const SIGNS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "pages/clinic-account.html")]
struct AccountPage {
    frame: Frame,
    errors: FormErrors,
    login: String,
    role: &'static str,
    has_factor: bool,
    codes_left: i64,
    signs_min: usize,
    sessions: Vec<SessionLine>,
}

struct SessionLine {
    began: String,
    /// The key of where it is.
    place: &'static str,
    /// What it is ended by; empty for the one that shows the page.
    name: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct AccountQuery {
    #[serde(default)]
    done: String,
}

/// What is to be done.
#[derive(Deserialize, Default)]
pub struct AccountForm {
    #[serde(default)]
    act: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    password: String,
    #[serde(default, rename = "new-password")]
    new_password: String,
    #[serde(default)]
    again: String,
}

/// Shows the account.
pub async fn account(request: HttpRequest, mut staff: Staff, query: Query<AccountQuery>) -> Answer {
    let key = match query.done.as_str() {
        "password" => Some("account-password-done"),
        "ended" => Some("account-ended"),
        "ended-others" => Some("account-ended-others"),
        _ => None,
    };
    let notice = key.map(|key| staff.language.say(key).to_string());
    let page = page_of(&mut staff, &request, FormErrors::none()).await?;
    staff.page(&AccountPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Ends sessions, or changes the password.
pub async fn act(request: HttpRequest, posted: StaffPosted<AccountForm>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let (id, kept) = (staff.member.id, staff_cookie::token(&staff.web, &request));
    let errors = match form.act.as_str() {
        "end" => {
            let named = HEXLOWER.decode(form.session.as_bytes()).ok();
            let session = named.ok_or(Problem::UnreadableForm)?;
            let end = move |tx: &mut Tx<'_>| staff_sessions::end_one(tx, id, &session);
            staff.engine().ledger.write(id.0, end).await?;
            return staff.go_to("/clinic/account?done=ended");
        }
        "end-others" => {
            end_others(&staff, kept).await?;
            return staff.go_to("/clinic/account?done=ended-others");
        }
        "password" => match changed(&staff, &form, kept).await? {
            Ok(()) => return staff.go_to("/clinic/account?done=password"),
            Err(errors) => errors,
        },
        _ => return Err(Problem::UnreadableForm),
    };
    let page = page_of(&mut staff, &request, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn end_others(staff: &Staff, kept: Option<String>) -> Result<(), Problem> {
    let id = staff.member.id;
    let end = move |tx: &mut Tx<'_>| -> Result<(), Failure<Never>> {
        Ok(staff_sessions::end_all(tx, id, kept.as_deref())?)
    };
    Ok(staff.engine().ledger.write(id.0, end).await?)
}

/// Changes the password, or says what is wrong.
async fn changed(
    staff: &Staff,
    form: &AccountForm,
    kept: Option<String>,
) -> Result<Result<(), FormErrors>, Problem> {
    let errors = wrong(form);
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let failed = |field, key| {
        let mut errors = FormErrors::none();
        errors.add(field, key);
        Ok(Err(errors))
    };
    match knows(staff, &form.password).await? {
        Knows::It => {}
        Knows::TooOften => return failed("password", "clinic-error-too-often"),
        // The button was pressed twice, and the first press has done it; or somebody only believes that they change something,
        // and is told then that the others are signed out.
        Knows::Not if knows(staff, &form.new_password).await? == Knows::It => {
            return Ok(Ok(end_others(staff, kept).await?));
        }
        Knows::Not => return failed("password", "account-error-password"),
    }
    let new = Zeroizing::new(form.new_password.clone());
    let hash = match staff.web.sign_in_limits.hash(new, staff.engine().chance.clone()).await? {
        Ok(hash) => hash,
        Err(PasswordError::TooShort) => return failed("new-password", "account-error-short"),
        Err(PasswordError::NotHashed) => return Err(Problem::Broken),
    };
    let id = staff.member.id;
    let set = move |tx: &mut Tx<'_>| -> Result<(), Failure<Never>> {
        staff::set_password(tx, id, &hash, kept.as_deref())?;
        Ok(access_log::record(tx, &own_act(id, "change-password"))?)
    };
    Ok(Ok(staff.engine().ledger.write(id.0, set).await?))
}

/// What is wrong with a new password, whatever the one before is.
fn wrong(form: &AccountForm) -> FormErrors {
    let mut errors = FormErrors::none();
    if form.password.is_empty() {
        errors.add("password", "clinic-error-password");
    }
    let signs = form.new_password.chars().count();
    if signs < password::SIGNS_MIN {
        errors.add_with("new-password", "account-error-short", &[("least", password::SIGNS_MIN as i64)]);
    } else if signs > SIGNS_MAX {
        errors.add_with("new-password", "error-too-long", &[("most", SIGNS_MAX as i64)]);
    }
    if form.again != form.new_password {
        errors.add("again", "account-error-again");
    }
    errors
}

/// Whether somebody knows their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knows {
    It,
    Not,
    /// They tried too often to be asked now.
    TooOften,
}

/// Asks whether whoever is signed in knows the password: a screen may have been left open.
pub(super) async fn knows(staff: &Staff, password: &str) -> Result<Knows, Problem> {
    let (login, password) = (staff.member.login.clone(), Zeroizing::new(password.to_owned()));
    if staff.web.sign_in_limits.take(&login, staff.address()).is_err() {
        return Ok(Knows::TooOften);
    }
    let known = member_with(&staff.web, login, password).await?;
    Ok(if known.is_some() { Knows::It } else { Knows::Not })
}

/// What somebody did with their own account.
pub(super) fn own_act(staff: StaffId, action: &'static str) -> Access {
    Access { staff, action, booking: None, site: None, reason: None }
}

async fn page_of(
    staff: &mut Staff,
    request: &HttpRequest,
    errors: FormErrors,
) -> Result<AccountPage, Problem> {
    let (id, now) = (staff.member.id, staff.engine().now());
    let read = staff.engine().store.read(move |conn, _| {
        let has_factor = second_factor::has_one(conn, id)?;
        let codes_left = second_factor::recovery_codes_left(conn, id)?;
        Ok((has_factor, codes_left, staff_sessions::of_staff(conn, id, now)?))
    });
    let (has_factor, codes_left, sessions) = read.await?;
    let (token, network) = (staff_cookie::token(&staff.web, request), staff_cookie::network(staff, id));
    let zone = staff.engine().zone.clone();
    let line = |session: &Session| {
        let is_this = token.as_ref().is_some_and(|token| staff_sessions::is_of(token, session));
        let is_near =
            network.as_ref().is_some_and(|hash| session.network.as_deref() == Some(hash.as_bytes()));
        SessionLine {
            began: staff.language.date_time(session.began_at.to_zoned(zone.clone()).datetime()),
            place: match (is_this, is_near) {
                (true, _) => "account-here",
                (false, true) => "account-near",
                (false, false) => "account-elsewhere",
            },
            name: if is_this { String::new() } else { HEXLOWER.encode(&session.token_hash) },
        }
    };
    let sessions = sessions.iter().map(line).collect();
    Ok(AccountPage {
        frame: staff.form_frame(),
        errors,
        login: staff.member.login.clone(),
        role: staff.member.role.key(),
        has_factor,
        codes_left,
        signs_min: password::SIGNS_MIN,
        sessions,
    })
}
