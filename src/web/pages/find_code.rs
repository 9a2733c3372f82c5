//! The code that proves the phone of a booking that was asked for. Whether one was sent can't be told from these pages.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::code::{self, Attempt, CodeForm};
use super::find::even_out;
use super::sign_in;
use crate::domain::phone::PhoneNumber;
use crate::store::accounts::phone_hash;
use crate::store::bookings;
use crate::store::challenges::{Challenge, Purpose};
use crate::store::{StoreError, Tx, idle_accounts};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::posted::{NoFields, Posted};
use crate::web::visitor::Visitor;

/// Where a visitor goes who awaits no code of this kind.
const LOST: &str = "/find?why=lost";

#[derive(Template)]
#[template(path = "pages/find-code.html")]
struct FindCodePage {
    frame: Frame,
    errors: FormErrors,
    typed: String,
    /// The phone that the visitor typed, masked.
    masked: String,
    until: String,
}

/// What came of the last press of "send it again".
#[derive(Deserialize)]
pub struct AgainQuery {
    #[serde(default)]
    why: String,
}

/// Asks for the code.
pub async fn ask(mut visitor: Visitor, query: Query<AgainQuery>) -> Answer {
    let Some(awaited) = code::awaited(&visitor, Purpose::Find).await? else { return visitor.go_to(LOST) };
    let mut page = page(&mut visitor, &awaited, String::new(), FormErrors::none());
    page.frame.notice = match query.why.as_str() {
        "sent" => Some(visitor.language.say("find-code-sent-again").to_string()),
        why => code::notice_after(&visitor, &awaited, why),
    };
    visitor.page(&page)
}

/// Looks at the code and opens the booking. When the account of the phone is idle, the phone may be somebody else's by now,
/// and a birth date is asked first, as in signing in.
pub async fn enter(posted: Posted<CodeForm>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let Some(awaited) = code::awaited(&visitor, Purpose::Find).await? else { return visitor.go_to(LOST) };
    let found = |tx: &mut Tx<'_>, solved: &Challenge| {
        let booking = solved.booking.map(|id| bookings::find(tx.conn, &tx.tools.keys, id)).transpose()?;
        let booking =
            booking.flatten().ok_or_else(|| StoreError::Unreadable("no booking was found".into()))?;
        let phone = PhoneNumber::from_e164(&solved.contact)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        Ok((booking.id, booking.reference, idle_accounts::idle_with_people(tx, &phone)?))
    };
    let mut errors = FormErrors::none();
    match code::attempt(&visitor, &awaited, &form.code, found).await? {
        Attempt::Solved((id, reference, idle)) => {
            remember(&mut visitor, &awaited);
            let there = format!("/bookings/{}", reference.as_str());
            if let Some(idle) = idle {
                let path = format!("/sign-in/birth-date?next={}", in_query(&there));
                return sign_in::ask_first(visitor, idle, Some(id), &path);
            }
            let now = visitor.engine().now();
            visitor.session.set_found(id, now);
            return visitor.go_to(&there);
        }
        Attempt::Over => {
            code::give_up(&mut visitor, awaited.id);
            return visitor.go_to("/find?why=tries");
        }
        Attempt::Wrong(left) => errors.add_with("code", "find-code-wrong", &[("left", i64::from(left))]),
        Attempt::Unfinished => errors.add("code", "find-code-digits"),
    }
    let page = page(&mut visitor, &awaited, form.code, errors);
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn remember(visitor: &mut Visitor, awaited: &Challenge) {
    visitor.session.challenge = None;
    if let Ok(phone) = PhoneNumber::from_e164(&awaited.contact) {
        visitor.session.remember(&phone_hash(&visitor.engine().keys, &phone));
    }
    visitor.keep_session();
}

/// Sends the code again, if one was sent; both take the same time.
pub async fn send_again(posted: Posted<NoFields>) -> Answer {
    let began = Instant::now();
    let answer = send_if_reachable(posted).await;
    even_out(began).await;
    answer
}

async fn send_if_reachable(posted: Posted<NoFields>) -> Answer {
    let visitor = posted.visitor;
    let Some(awaited) = code::awaited(&visitor, Purpose::Find).await? else { return visitor.go_to(LOST) };
    let why = match code::send_again(&visitor, &awaited).await? {
        Ok(()) => "sent",
        Err(unsent) => unsent.word(),
    };
    visitor.go_to(&format!("/find/code?why={why}"))
}

fn page(visitor: &mut Visitor, awaited: &Challenge, typed: String, errors: FormErrors) -> FindCodePage {
    let frame = visitor.form_frame();
    let masked = PhoneNumber::from_e164(&awaited.contact).map_or(String::new(), |phone| phone.masked());
    FindCodePage { frame, errors, typed, masked, until: code::until(visitor, awaited) }
}
