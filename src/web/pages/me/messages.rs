//! How the citizen wants their messages: in which language, and whether to be reminded by text message.

use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::language::Language;
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::CitizenPosted;
use crate::web::visitor::Citizen;

#[derive(Template)]
#[template(path = "pages/me-messages.html")]
struct MessagesPage {
    frame: Frame,
    errors: FormErrors,
    language: String,
    reminders: String,
}

/// The form on it.
#[derive(Deserialize)]
pub struct WishesForm {
    #[serde(default)]
    language: String,
    #[serde(default)]
    reminders: String,
}

/// Shows how it is.
pub async fn ask(mut citizen: Citizen) -> Answer {
    let account = &citizen.account;
    let language = account.language.code().to_owned();
    let reminders = if account.text_reminders { "yes" } else { "no" }.to_owned();
    let frame = citizen.form_frame();
    citizen.page(&MessagesPage { frame, errors: FormErrors::none(), language, reminders })
}

/// Keeps what was chosen.
pub async fn keep(posted: CitizenPosted<WishesForm>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let language = Language::from_code(&form.language);
    let mut errors = FormErrors::none();
    if language.is_none() {
        errors.add("language", "me-error-language");
    }
    let reminders = match form.reminders.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    if reminders.is_none() {
        errors.add("reminders", "me-error-reminders");
    }
    let Some((language, reminders)) = language.zip(reminders) else {
        let WishesForm { language, reminders } = form;
        let page = MessagesPage { frame: citizen.form_frame(), errors, language, reminders };
        return citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let id = citizen.account.id;
    let keep = move |tx: &mut Tx<'_>| {
        accounts::set_messages(tx, id, language, reminders).map_err(Failure::<Never>::from)
    };
    citizen.engine().ledger.write(id.0, keep).await?;
    citizen.go_to("/me?why=messages")
}
