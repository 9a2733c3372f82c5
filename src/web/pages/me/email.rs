//! An e-mail address as second channel: typed, proved by a code, removed.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::contact::{Contact, Why};
use crate::domain::email::{EmailAddress, EmailAddressError};
use crate::store::challenges::{Challenge, NewChallenge, Purpose};
use crate::store::{Failure, Never, StoreError, Tx, accounts};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::code::{self, CodeForm};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::visitor::Citizen;

const EMAIL: Contact = Contact { purpose: Purpose::Email, path: "/me/email", masked };

fn masked(contact: &str) -> String {
    EmailAddress::parse(contact).map(|email| email.masked()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "pages/email.html")]
struct EmailPage {
    frame: Frame,
    errors: FormErrors,
    email: String,
}

/// The form that asks for an address.
#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
}

fn address_again(citizen: &mut Citizen, email: String, error: (StatusCode, &'static str)) -> Answer {
    let mut errors = FormErrors::none();
    errors.add("email", error.1);
    let frame = citizen.form_frame();
    citizen.page_with(error.0, &EmailPage { frame, errors, email })
}

/// Asks for the address.
pub async fn ask(mut citizen: Citizen, query: Query<Why>) -> Answer {
    let awaited = code::awaited(&citizen, Purpose::Email).await?;
    let mut frame = citizen.form_frame();
    if query.why == "lost" {
        frame.notice = Some(citizen.language.say("me-email-lost").to_string());
    }
    let email = awaited.map(|awaited| awaited.contact).unwrap_or_default();
    citizen.page(&EmailPage { frame, errors: FormErrors::none(), email })
}

/// Sends a code to the address.
pub async fn send_code(posted: CitizenPosted<EmailForm>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let email = match EmailAddress::parse(&form.email) {
        Ok(email) => email,
        Err(error) => {
            let key = match error {
                EmailAddressError::Empty | EmailAddressError::Malformed => "error-email",
                EmailAddressError::TooLong => "me-error-email-long",
            };
            return address_again(&mut citizen, form.email, (StatusCode::UNPROCESSABLE_ENTITY, key));
        }
    };
    let new = NewChallenge {
        purpose: Purpose::Email,
        contact: email.as_str().to_owned(),
        account: Some(citizen.account.id),
        booking: None,
        reachable: true,
        remembered: false,
        press: citizen.press(""),
        language: citizen.language,
    };
    match code::send(&mut citizen, new).await? {
        Ok(()) => citizen.go_to("/me/email/code"),
        Err(unsent) => address_again(&mut citizen, form.email, (StatusCode::TOO_MANY_REQUESTS, unsent.key())),
    }
}

/// Asks for the code.
pub async fn ask_code(citizen: Citizen, query: Query<Why>) -> Answer {
    EMAIL.ask_code(citizen, &query).await
}

/// Keeps the address when the code is right.
pub async fn try_code(posted: CitizenPosted<CodeForm>) -> Answer {
    let id = posted.citizen.account.id;
    let keep = move |tx: &mut Tx<'_>, solved: &Challenge| {
        let email = EmailAddress::parse(&solved.contact)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        accounts::set_email(tx, id, &email).map_err(Failure::<Never>::from)
    };
    EMAIL.try_code(posted, keep, |citizen, ()| citizen.go_to("/me")).await
}

/// Sends the code again, but not at once.
pub async fn send_again(posted: CitizenPosted<NoFields>) -> Answer {
    EMAIL.send_again(posted).await
}

/// Forgets the address.
pub async fn remove(posted: CitizenPosted<NoFields>) -> Answer {
    let citizen = posted.citizen;
    let id = citizen.account.id;
    let forget = move |tx: &mut Tx<'_>| accounts::remove_email(tx, id).map_err(Failure::<Never>::from);
    citizen.engine().ledger.write(id.0, forget).await?;
    citizen.go_to("/me")
}
