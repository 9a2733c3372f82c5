//! An e-mail address as second channel: typed, proved by a code, removed.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use crate::domain::email::{EmailAddress, EmailAddressError};
use crate::store::challenges::{Challenge, NewChallenge, Purpose};
use crate::store::{Failure, Never, StoreError, Tx, accounts};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::code::{self, Attempt, CodeForm, CodePage, Unsent};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::visitor::Citizen;

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

/// One word about what was done before.
#[derive(Deserialize)]
pub struct Why {
    #[serde(default)]
    why: String,
}

fn address_again(citizen: &mut Citizen, email: String, error: (StatusCode, &'static str)) -> Answer {
    let mut errors = FormErrors::none();
    errors.add("email", error.1);
    let frame = citizen.form_frame();
    citizen.page_with(error.0, &EmailPage { frame, errors, email })
}

/// Asks for the address.
pub async fn ask_email(mut citizen: Citizen, query: Query<Why>) -> Answer {
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

fn code_page(citizen: &mut Citizen, awaited: &Challenge, typed: String, errors: FormErrors) -> CodePage {
    CodePage {
        frame: citizen.form_frame(),
        errors,
        typed,
        by_email: true,
        masked: EmailAddress::parse(&awaited.contact).map(|email| email.masked()).unwrap_or_default(),
        until: code::until(citizen, awaited),
        again: "/me/email/again".to_owned(),
        change: "/me/email".to_owned(),
    }
}

/// Asks for the code.
pub async fn ask_code(mut citizen: Citizen, query: Query<Why>) -> Answer {
    let Some(awaited) = code::awaited(&citizen, Purpose::Email).await? else {
        return citizen.go_to("/me/email?why=lost");
    };
    let mut page = code_page(&mut citizen, &awaited, String::new(), FormErrors::none());
    page.frame.notice = code::notice_after(&citizen, &awaited, &query.why);
    citizen.page(&page)
}

/// Keeps the address when the code is right.
pub async fn try_code(posted: CitizenPosted<CodeForm>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let Some(awaited) = code::awaited(&citizen, Purpose::Email).await? else {
        return citizen.go_to("/me/email?why=lost");
    };
    let id = citizen.account.id;
    let keep = move |tx: &mut Tx<'_>, solved: &Challenge| {
        let email = EmailAddress::parse(&solved.contact)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        accounts::set_email(tx, id, &email).map_err(Failure::<Never>::from)
    };
    let mut errors = FormErrors::none();
    match code::attempt(&citizen, &awaited, &form.code, keep).await? {
        Attempt::Solved(()) => {
            code::give_up(&mut citizen, awaited.id);
            return citizen.go_to("/me");
        }
        Attempt::Over => {
            code::give_up(&mut citizen, awaited.id);
            return citizen.go_to("/me/email?why=lost");
        }
        Attempt::Wrong(left) => {
            errors.add_with("code", "sign-in-error-wrong-code", &[("left", i64::from(left))]);
        }
        Attempt::Unfinished => errors.add("code", "sign-in-error-six-digits"),
    }
    let page = code_page(&mut citizen, &awaited, form.code, errors);
    citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Sends the code again, but not at once.
pub async fn send_again(posted: CitizenPosted<NoFields>) -> Answer {
    let citizen = posted.citizen;
    let Some(awaited) = code::awaited(&citizen, Purpose::Email).await? else {
        return citizen.go_to("/me/email?why=lost");
    };
    let word = code::send_again(&citizen, &awaited).await?.map_or_else(Unsent::word, |()| "sent");
    citizen.go_to(&format!("/me/email/code?why={word}"))
}

/// Forgets the address.
pub async fn remove_email(posted: CitizenPosted<NoFields>) -> Answer {
    let citizen = posted.citizen;
    let id = citizen.account.id;
    let forget = move |tx: &mut Tx<'_>| accounts::remove_email(tx, id).map_err(Failure::<Never>::from);
    citizen.engine().ledger.write(id.0, forget).await?;
    citizen.go_to("/me")
}
