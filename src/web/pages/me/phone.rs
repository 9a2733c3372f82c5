//! Another phone: typed, proved by a code; the one before is told.

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::contact::{Contact, Why};
use crate::domain::door::opening::Phase;
use crate::domain::phone::PhoneNumber;
use crate::store::accounts::phone_hash;
use crate::store::challenges::{Challenge, NewChallenge, Purpose};
use crate::store::phone_change::{self, PhoneChanged};
use crate::store::{StoreError, Tx};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::code::{self, CodeForm};
use crate::web::pages::sign_in::mobile_number;
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::visitor::Citizen;

const PHONE: Contact = Contact { purpose: Purpose::Phone, path: "/me/phone", masked };

fn masked(contact: &str) -> String {
    PhoneNumber::from_e164(contact).map(|phone| phone.masked()).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "pages/phone.html")]
struct PhonePage {
    frame: Frame,
    errors: FormErrors,
    phone: String,
    /// The one they have.
    present: String,
    /// Whether places are drawn or taken now: they go by phones.
    has_door: bool,
}

impl PhonePage {
    fn of(citizen: &mut Citizen, phone: String, errors: FormErrors) -> Self {
        let (engine, now) = (citizen.engine().clone(), citizen.engine().now());
        let has_door =
            engine.country.now().openings().iter().any(|one| one.opening.phase(now) != Phase::Over);
        let present = citizen.account.phone.national();
        Self { frame: citizen.form_frame(), errors, phone, present, has_door }
    }
}

/// The form that asks for a phone.
#[derive(Deserialize)]
pub struct NewPhoneForm {
    #[serde(default)]
    phone: String,
}

fn phone_again(citizen: &mut Citizen, phone: String, error: (StatusCode, &'static str)) -> Answer {
    let mut errors = FormErrors::none();
    errors.add("phone", error.1);
    let page = PhonePage::of(citizen, phone, errors);
    citizen.page_with(error.0, &page)
}

/// Asks for the new number.
pub async fn ask(mut citizen: Citizen, query: Query<Why>) -> Answer {
    let awaited = code::awaited(&citizen, Purpose::Phone).await?;
    let typed = awaited.and_then(|awaited| PhoneNumber::from_e164(&awaited.contact).ok());
    let typed = typed.map(|phone| phone.national()).unwrap_or_default();
    let mut page = PhonePage::of(&mut citizen, typed, FormErrors::none());
    if query.why == "lost" {
        page.frame.notice = Some(citizen.language.say("me-phone-lost").to_string());
    }
    citizen.page(&page)
}

/// Sends a code to the new number.
pub async fn send_code(posted: CitizenPosted<NewPhoneForm>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let wrong = |key| (StatusCode::UNPROCESSABLE_ENTITY, key);
    let phone = match mobile_number(&form.phone, &citizen.web.settings.countries) {
        Ok(phone) if phone == citizen.account.phone => {
            return phone_again(&mut citizen, form.phone, wrong("me-error-phone-same"));
        }
        Ok(phone) => phone,
        Err(key) => return phone_again(&mut citizen, form.phone, wrong(key)),
    };
    let new = NewChallenge {
        purpose: Purpose::Phone,
        contact: phone.as_e164().to_owned(),
        account: Some(citizen.account.id),
        booking: None,
        reachable: true,
        remembered: citizen.session.remembers(&phone_hash(&citizen.engine().keys, &phone)),
        press: citizen.press(""),
        language: citizen.language,
    };
    match code::send(&mut citizen, new).await? {
        Ok(()) => citizen.go_to("/me/phone/code"),
        Err(unsent) => phone_again(&mut citizen, form.phone, (StatusCode::TOO_MANY_REQUESTS, unsent.key())),
    }
}

/// Asks for the code.
pub async fn ask_code(citizen: Citizen, query: Query<Why>) -> Answer {
    PHONE.ask_code(citizen, &query).await
}

/// Changes the phone when the code is right. Only this device stays signed in.
pub async fn try_code(posted: CitizenPosted<CodeForm>) -> Answer {
    let (id, engine) = (posted.citizen.account.id, posted.citizen.engine().clone());
    let change = move |tx: &mut Tx<'_>, solved: &Challenge| {
        let phone = PhoneNumber::from_e164(&solved.contact)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        phone_change::change(tx, id, &phone).map(|changed| (changed, phone))
    };
    let done = move |mut citizen: Citizen, (changed, phone): (PhoneChanged, PhoneNumber)| {
        citizen.session.remember(&phone_hash(&engine.keys, &phone));
        let to = match changed {
            PhoneChanged::Done(epoch) => {
                engine.wake_notifier();
                let web = citizen.web.clone();
                citizen.session.sign_in(&web, id, epoch);
                "/me?why=phone"
            }
            PhoneChanged::Taken => {
                citizen.keep_session();
                return phone_again(&mut citizen, phone.national(), (StatusCode::CONFLICT, "me-phone-taken"));
            }
            PhoneChanged::Gone => "/sign-in",
        };
        citizen.keep_session();
        citizen.go_to(to)
    };
    PHONE.try_code(posted, change, done).await
}

/// Sends the code again, but not at once.
pub async fn send_again(posted: CitizenPosted<NoFields>) -> Answer {
    PHONE.send_again(posted).await
}
