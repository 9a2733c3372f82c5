//! The second half of signing in, for whoever has set an authenticator app up: a code of it, or a recovery code.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::account::own_act;
use super::sign_in::way_on;
use crate::domain::ids::StaffId;
use crate::keys::{LookupHash, SecondFactor};
use crate::store::second_factor::{self, Void};
use crate::store::staff::StaffMember;
use crate::store::staff_sessions::{self, Begins};
use crate::store::{Failure, Never, Tx, access_log};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::staff_cookie;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/clinic-sign-in-code.html")]
struct CodePage {
    frame: Frame,
    errors: FormErrors,
    next: String,
}

/// Where somebody goes on afterwards.
#[derive(Deserialize)]
pub struct CodeQuery {
    #[serde(default)]
    next: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// What became of a code.
enum Tried {
    /// A session began with this token.
    In(String),
    Wrong,
    /// Codes of the app count no more for a while.
    Paused,
    TooOften,
}

/// Asks for a code.
pub async fn ask(request: HttpRequest, mut visitor: Visitor, query: Query<CodeQuery>) -> Answer {
    if visitor.staff.is_some() {
        return visitor.go_to(way_on(&query.next));
    }
    if awaited(&visitor, &request).await?.is_none() {
        return from_the_beginning(&visitor, "late", &query.next);
    }
    let frame = visitor.form_frame();
    visitor.page(&CodePage { frame, errors: FormErrors::none(), next: query.into_inner().next })
}

/// Starts the session of whoever has the right code.
pub async fn prove(request: HttpRequest, posted: Posted<CodeForm>) -> Answer {
    let Posted { mut visitor, form } = posted;
    // A button that is pressed twice finds the session that the first press began.
    let Some((token, member)) = awaited(&visitor, &request).await? else {
        return from_the_beginning(&visitor, "late", &form.next);
    };
    let mut errors = FormErrors::none();
    if form.code.trim().is_empty() {
        errors.add("code", "clinic-error-no-code");
    } else {
        match tried(&visitor, &member, token, &form.code).await? {
            Tried::In(token) => {
                visitor.renew_session();
                let mut answer = visitor.go_to(way_on(&form.next))?;
                staff_cookie::set(&mut answer, &visitor.web.settings, token)?;
                return Ok(answer);
            }
            Tried::TooOften => {
                return from_the_beginning(&visitor, "tries", &form.next);
            }
            Tried::Wrong => errors.add("code", "clinic-error-code"),
            Tried::Paused => errors.add("code", "clinic-error-code-paused"),
        }
    }
    let frame = visitor.form_frame();
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { frame, errors, next: form.next })
}

/// Whose code this browser is to give, with the token of the session that waits for it.
async fn awaited(visitor: &Visitor, request: &HttpRequest) -> Result<Option<(String, StaffMember)>, Problem> {
    let Some(token) = staff_cookie::token(&visitor.web, request) else { return Ok(None) };
    let (asked, now) = (token.clone(), visitor.engine().now());
    let member =
        visitor.engine().store.read(move |conn, _| staff_sessions::awaited(conn, &asked, now)).await?;
    Ok(member.map(|member| (token, member)))
}

fn from_the_beginning(visitor: &Visitor, why: &str, next: &str) -> Answer {
    visitor.go_to(&format!("/clinic/sign-in?again={why}&next={}", in_query(way_on(next))))
}

/// Uses a code up, and begins with the session in the same transaction.
async fn tried(visitor: &Visitor, member: &StaffMember, token: String, code: &str) -> Result<Tried, Problem> {
    let (engine, id) = (visitor.engine(), member.id);
    let typed = Typed::read(visitor, member, code).await?;
    let network = staff_cookie::network(visitor, id);
    let prove = move |tx: &mut Tx<'_>| -> Result<Tried, Failure<Never>> {
        match typed.use_up(tx, id, &token)? {
            Used::Yes => {}
            Used::No => return Ok(Tried::Wrong),
            Used::Paused => return Ok(Tried::Paused),
            Used::TooOften => {
                staff_sessions::end(tx, &token)?;
                return Ok(Tried::TooOften);
            }
        }
        staff_sessions::end(tx, &token)?;
        Ok(Tried::In(staff_sessions::start(tx, id, Begins::SignedIn, network.as_ref())?))
    };
    Ok(engine.ledger.write(id.0, prove).await?)
}

/// Wrong codes in a row after which only a recovery code counts.
const WRONG_MAX: i32 = 100;

/// A code as it was typed: of the app, or a recovery code.
pub(super) struct Typed {
    step: Option<i64>,
    recovery: LookupHash,
    is_paused: bool,
}

/// Whether a code counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    Yes,
    No,
    /// Codes of the app count no more for a while.
    Paused,
    /// Too many were tried in this session.
    TooOften,
}

impl Typed {
    /// Reads a code for somebody who has a second factor.
    pub(super) async fn read(visitor: &Visitor, member: &StaffMember, code: &str) -> Result<Self, Problem> {
        let (engine, id, now) = (visitor.engine(), member.id, visitor.engine().now());
        let read = engine.store.read(move |conn, keys| {
            Ok((second_factor::of(conn, keys, id)?, staff_sessions::is_guessed_at(conn, id, now)?))
        });
        let (known, is_guessed_at) = read.await?;
        let is_paused = is_guessed_at || known.as_ref().is_some_and(|known| known.failed >= WRONG_MAX);
        let factor = known.and_then(|known| SecondFactor::from_text(&member.login, &known.secret));
        let step = factor.and_then(|factor| factor.step_of(code, now)).filter(|_| !is_paused);
        Ok(Self { step, recovery: engine.keys.recovery_hash(id.0, code), is_paused })
    }

    /// Uses it up, once: it counts no more then. A recovery code leaves a trace in the access log.
    pub(super) fn use_up(&self, tx: &mut Tx<'_>, id: StaffId, token: &str) -> Result<Used, Failure<Never>> {
        if !staff_sessions::try_code(tx, token, id)? {
            return Ok(Used::TooOften);
        }
        let used = match self.step {
            Some(step) => second_factor::use_step(tx, id, step),
            None => second_factor::use_recovery_code(tx, id, &self.recovery),
        };
        match used {
            Ok(()) if self.step.is_none() => {
                access_log::record(tx, &own_act(id, "recovery-code"))?;
                Ok(Used::Yes)
            }
            Ok(()) => Ok(Used::Yes),
            Err(Failure::Refused(Void)) => {
                second_factor::note_wrong(tx, id)?;
                Ok(if self.is_paused { Used::Paused } else { Used::No })
            }
            Err(Failure::Store(error)) => Err(Failure::Store(error)),
        }
    }
}
