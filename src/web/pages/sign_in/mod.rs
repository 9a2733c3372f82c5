//! Proving a phone: its number, the code that was sent to it, after a long time a birth date too, and on to where the
//! visitor wanted to go.

mod anew;
mod birth_date;
mod phone;
mod way;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

use super::code::{self, Attempt, CodeForm, CodePage, Unsent};
use crate::domain::ids::AccountId;
use crate::domain::phone::PhoneNumber;
use crate::store::accounts::phone_hash;
use crate::store::challenges::{Challenge, NewChallenge, Purpose};
use crate::store::idle_accounts::{self, Proved};
use crate::store::{Failure, StoreError, Tx, ended_sessions};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::{NoFields, Posted};
use crate::web::problem::Problem;
use crate::web::resume::Resume;
use crate::web::visitor::{Citizen, Visitor};

pub use anew::{ask_anew, begin_anew};
pub(super) use birth_date::ask_first;
pub use birth_date::{ask_birth_date, try_birth_date};
pub use phone::mobile_number;
pub use way::Way;

#[derive(Template)]
#[template(path = "pages/sign-in.html")]
struct PhonePage {
    frame: Frame,
    errors: FormErrors,
    phone: String,
    action: String,
}

/// The form that asks for a phone.
#[derive(Deserialize)]
pub struct PhoneForm {
    #[serde(default)]
    phone: String,
}

/// Asks for the mobile number. A number that was typed here a moment ago is still there, so that it can be mended.
pub async fn ask_phone(mut visitor: Visitor, way: Query<Way>) -> Answer {
    if visitor.account.is_some() {
        return visitor.go_to(&way.onward(&visitor));
    }
    // The code was sent twice, as by two presses: it is solved, and the birth date is asked.
    if way.is_lost() && birth_date::asked(&visitor).await?.is_some() {
        return visitor.go_to(&way.to(birth_date::PATH));
    }
    let awaited = code::awaited(&visitor, Purpose::SignIn).await?;
    let typed = awaited.and_then(|awaited| PhoneNumber::from_e164(&awaited.contact).ok());
    let mut frame = visitor.form_frame();
    frame.notice = way.notice().map(|key| visitor.language.say(key).to_string());
    let phone = typed.map(|phone| phone.national()).unwrap_or_default();
    visitor.page(&PhonePage { frame, errors: FormErrors::none(), phone, action: way.to("/sign-in") })
}

fn phone_again(visitor: &mut Visitor, way: &Way, phone: String, error: (StatusCode, &'static str)) -> Answer {
    let mut errors = FormErrors::none();
    errors.add("phone", error.1);
    let frame = visitor.form_frame();
    visitor.page_with(error.0, &PhonePage { frame, errors, phone, action: way.to("/sign-in") })
}

/// Sends a code to the number, whether it is known or not.
pub async fn send_code(posted: Posted<PhoneForm>, way: Query<Way>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let phone = match mobile_number(&form.phone, &visitor.web.settings.countries) {
        Ok(phone) => phone,
        Err(key) => {
            return phone_again(&mut visitor, &way, form.phone, (StatusCode::UNPROCESSABLE_ENTITY, key));
        }
    };
    match send_to(&mut visitor, &phone).await? {
        Ok(()) => visitor.go_to(&way.to("/sign-in/code")),
        Err(unsent) => {
            let error = (StatusCode::TOO_MANY_REQUESTS, unsent.key());
            phone_again(&mut visitor, &way, form.phone, error)
        }
    }
}

/// Sends a code to a number, by which this browser may sign in.
///
/// # Errors
/// [`Problem`] when the store fails.
pub async fn send_to(visitor: &mut Visitor, phone: &PhoneNumber) -> Result<Result<(), Unsent>, Problem> {
    let hash = phone_hash(&visitor.engine().keys, phone);
    let new = NewChallenge {
        purpose: Purpose::SignIn,
        contact: phone.as_e164().to_owned(),
        account: None,
        booking: None,
        reachable: true,
        remembered: visitor.session.remembers(&hash),
        press: visitor.press(""),
        language: visitor.language,
    };
    code::send(visitor, new).await
}

fn code_page(
    visitor: &mut Visitor,
    way: &Way,
    awaited: &Challenge,
    typed: String,
    errors: FormErrors,
) -> CodePage {
    let frame = visitor.form_frame();
    let masked = PhoneNumber::from_e164(&awaited.contact).map(|phone| phone.masked()).unwrap_or_default();
    CodePage {
        frame,
        errors,
        typed,
        by_email: false,
        masked,
        until: code::until(visitor, awaited),
        again: way.to("/sign-in/again"),
        change: way.to("/sign-in"),
    }
}

/// Asks for the code.
pub async fn ask_code(mut visitor: Visitor, way: Query<Way>) -> Answer {
    if visitor.account.is_some() {
        return visitor.go_to(&way.onward(&visitor));
    }
    let Some(awaited) = code::awaited(&visitor, Purpose::SignIn).await? else {
        return visitor.go_to(&way.because("/sign-in", "lost"));
    };
    let mut page = code_page(&mut visitor, &way, &awaited, String::new(), FormErrors::none());
    page.frame.notice = code::notice_after(&visitor, &awaited, way.why());
    visitor.page(&page)
}

/// Signs in and goes on.
fn enter(mut visitor: Visitor, way: &Way, account: AccountId, epoch: i32) -> Answer {
    let way = way.opened(&visitor);
    let web = visitor.web.clone();
    visitor.session.sign_in(&web, account, epoch);
    visitor.keep_session();
    visitor.go_to(&way.sealed(&visitor))
}

/// Signs in when the code is right. An idle account asks for a birth date first.
pub async fn try_code(posted: Posted<CodeForm>, way: Query<Way>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let Some(awaited) = code::awaited(&visitor, Purpose::SignIn).await? else {
        return visitor.go_to(&way.because("/sign-in", "lost"));
    };
    let language = visitor.language;
    let sign_in = move |tx: &mut Tx<'_>, solved: &Challenge| {
        let phone = PhoneNumber::from_e164(&solved.contact)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let proved = idle_accounts::prove_phone(tx, &phone, language).map_err(Failure::Store)?;
        Ok((proved, phone_hash(&tx.tools.keys, &phone)))
    };
    let mut errors = FormErrors::none();
    match code::attempt(&visitor, &awaited, &form.code, sign_in).await? {
        Attempt::Solved((proved, phone)) => {
            visitor.session.remember(&phone);
            return match proved {
                Proved::Account(account, epoch) => enter(visitor, &way, account, epoch),
                Proved::Idle(account) => ask_first(visitor, account, None, &way.to(birth_date::PATH)),
            };
        }
        Attempt::Over => {
            code::give_up(&mut visitor, awaited.id);
            let phone = PhoneNumber::from_e164(&awaited.contact).map(|phone| phone.national());
            let error = (StatusCode::UNPROCESSABLE_ENTITY, "sign-in-error-tries");
            return phone_again(&mut visitor, &way, phone.unwrap_or_default(), error);
        }
        Attempt::Wrong(left) => {
            errors.add_with("code", "sign-in-error-wrong-code", &[("left", i64::from(left))]);
        }
        Attempt::Unfinished => errors.add("code", "sign-in-error-six-digits"),
    }
    let page = code_page(&mut visitor, &way, &awaited, form.code, errors);
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Sends the code again, but not at once.
pub async fn send_again(posted: Posted<NoFields>, way: Query<Way>) -> Answer {
    let visitor = posted.visitor;
    let Some(awaited) = code::awaited(&visitor, Purpose::SignIn).await? else {
        return visitor.go_to(&way.because("/sign-in", "lost"));
    };
    let word = code::send_again(&visitor, &awaited).await?.map_or_else(Unsent::word, |()| "sent");
    visitor.go_to(&way.because("/sign-in/code", word))
}

#[derive(Template)]
#[template(path = "pages/go-on.html")]
struct GoOnPage {
    frame: Frame,
    form: Resume,
}

/// Shows one button that sends the form that was sent too early, with the new session's token.
pub async fn go_on(citizen: Citizen, way: Query<Way>) -> Answer {
    let mut citizen = citizen;
    let Some(form) = Resume::open(&citizen, way.resume()) else { return citizen.go_to(way.next()) };
    let frame = citizen.form_frame();
    citizen.page(&GoOnPage { frame, form })
}

/// Signs out on this device. A copy of its cookie is worth nothing any more.
pub async fn sign_out(posted: Posted<NoFields>) -> Answer {
    let mut visitor = posted.visitor;
    if visitor.account.is_some() {
        let id = visitor.session.id().to_owned();
        let forget_at = visitor.engine().now()
            + SignedDuration::from_hours(i64::from(visitor.web.settings.session_days) * 24);
        let end = move |tx: &mut Tx<'_>| ended_sessions::end(tx, &id, forget_at);
        visitor.engine().ledger.write(0, end).await?;
    }
    let web = visitor.web.clone();
    visitor.session.sign_out(&web);
    visitor.keep_session();
    visitor.go_to("/")
}
