//! Finding a booking without an account: by its reference and a phone, and then a code to that phone. Whatever exists, the
//! pages say the same and read the same.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::access::open_booking;
use super::clinic::find::desk_of;
use super::code;
use crate::domain::phone::PhoneNumber;
use crate::domain::reference::{ReferenceCode, ReferenceCodeError};
use crate::store::accounts::phone_hash;
use crate::store::bookings;
use crate::store::challenges::{NewChallenge, Purpose};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::posted::{NoFields, Posted};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// The longest reference that is put back into the form; what is longer is none.
const TYPED_MAX: usize = 40;

/// Answers come at whole multiples of this: well above what a search takes.
const STEP: Duration = Duration::from_millis(100);

#[derive(Template)]
#[template(path = "pages/find.html")]
struct FindPage {
    frame: Frame,
    errors: FormErrors,
    reference: String,
    phone: String,
}

/// What is looked for.
#[derive(Deserialize)]
pub struct FindForm {
    #[serde(default)]
    reference: String,
    #[serde(default)]
    phone: String,
}

/// What is known already.
#[derive(Deserialize)]
pub struct FindQuery {
    #[serde(default)]
    reference: String,
    /// Why the visitor is back: `lost`, `tries`, `closed`, or nothing.
    #[serde(default)]
    why: String,
}

/// Where the QR code and the links in messages lead: to the desk for staff of the site, to the booking for those who may see
/// it, and to the form for everybody else, whether it exists or not.
pub async fn by_reference(visitor: Visitor, reference: Path<String>) -> Answer {
    if let Some(desk) = desk_of(&visitor, &reference).await? {
        return visitor.go_to(&desk);
    }
    match open_booking(&visitor, &reference).await {
        Ok(one) => visitor.go_to(&format!("/bookings/{}", one.reference.as_str())),
        Err(Problem::NotFound | Problem::SignInNeeded { .. }) => {
            let typed: String = reference.chars().take(TYPED_MAX).collect();
            visitor.go_to(&format!("/find?reference={}", in_query(&typed)))
        }
        Err(problem) => Err(problem),
    }
}

/// Asks for the reference and the phone.
pub async fn form(mut visitor: Visitor, query: Query<FindQuery>) -> Answer {
    let typed: String = query.reference.chars().take(TYPED_MAX).collect();
    let reference = ReferenceCode::parse(&typed).map_or(typed, |code| code.spoken());
    let mut frame = visitor.form_frame();
    frame.notice = match query.why.as_str() {
        "lost" => Some(frame.language.say("find-lost").to_string()),
        "tries" => Some(frame.language.say("find-tries").to_string()),
        "closed" => Some(frame.language.say("find-closed").to_string()),
        _ => None,
    };
    visitor.page(&FindPage { frame, errors: FormErrors::none(), reference, phone: String::new() })
}

/// Closes the booking that was found: on a shared computer the next one could read it for half an hour.
pub async fn close(posted: Posted<NoFields>) -> Answer {
    let mut visitor = posted.visitor;
    visitor.session.forget_found();
    visitor.renew_session();
    visitor.go_to("/find?why=closed")
}

/// Sends a code to the phone if it belongs to the booking, and goes on in the same way, after the same time, if it doesn't.
pub async fn find(posted: Posted<FindForm>) -> Answer {
    let began = Instant::now();
    let answer = look_for(posted).await;
    even_out(began).await;
    answer
}

/// Waits for the next whole step since `began`. To open a booking and to queue its code takes milliseconds longer than to
/// find nothing, and nobody may read that off the answer.
pub(super) async fn even_out(began: Instant) {
    let over = began.elapsed().as_nanos() % STEP.as_nanos();
    let rest = STEP.saturating_sub(Duration::from_nanos(u64::try_from(over).unwrap_or(0)));
    tokio::time::sleep(rest).await;
}

async fn look_for(posted: Posted<FindForm>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let mut errors = FormErrors::none();
    let reference = ReferenceCode::parse(&form.reference);
    if let Err(error) = reference {
        errors.add("reference", reference_error(error));
    }
    let countries: Vec<&str> = visitor.web.settings.countries.iter().map(String::as_str).collect();
    let phone = PhoneNumber::parse_with(&form.phone, &countries);
    if phone.is_err() {
        errors.add("phone", "error-phone");
    }
    let (Ok(reference), Ok(phone)) = (reference, phone) else {
        return wrong(visitor, form, errors, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let new = challenge(&visitor, reference, phone).await?;
    match code::send(&mut visitor, new).await? {
        Ok(()) => visitor.go_to("/find/code"),
        Err(unsent) => {
            errors.add("phone", unsent.key());
            wrong(visitor, form, errors, StatusCode::TOO_MANY_REQUESTS)
        }
    }
}

/// A challenge for the booking, reachable if the phone is that of whoever booked or of the person.
async fn challenge(
    visitor: &Visitor,
    reference: ReferenceCode,
    phone: PhoneNumber,
) -> Result<NewChallenge, Problem> {
    let asked = phone_hash(&visitor.engine().keys, &phone);
    let (press, typed) = (visitor.press(reference.as_str()), phone.clone());
    let read =
        visitor.engine().store.read(move |conn, keys| bookings::of_phone(conn, keys, &reference, &typed));
    let booking = read.await?.map(|one| one.id);
    Ok(NewChallenge {
        purpose: Purpose::Find,
        contact: phone.as_e164().to_owned(),
        account: None,
        booking,
        reachable: booking.is_some(),
        remembered: visitor.session.remembers(&asked),
        press,
        language: visitor.language,
    })
}

fn wrong(mut visitor: Visitor, form: FindForm, errors: FormErrors, status: StatusCode) -> Answer {
    let frame = visitor.form_frame();
    visitor.page_with(status, &FindPage { frame, errors, reference: form.reference, phone: form.phone })
}

fn reference_error(error: ReferenceCodeError) -> &'static str {
    match error {
        ReferenceCodeError::Empty => "find-reference-empty",
        ReferenceCodeError::WrongLength => "find-reference-length",
        ReferenceCodeError::Confusable(_) => "find-reference-confusable",
        ReferenceCodeError::UnknownCharacter(_) => "find-reference-sign",
        ReferenceCodeError::CheckFailed => "find-reference-check",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn every_mistake_in_a_reference_has_its_words() {
        for typed in ["", "ABCD", "ABCD-EFG0", "ABCD-EFG!", "22222223"] {
            let key = reference_error(ReferenceCode::parse(typed).unwrap_err());
            for &language in Language::all() {
                assert!(!language.say(key).to_string().contains('⟨'), "{key}");
            }
        }
    }
}
