//! The birth date that an idle account asks for after the code. Nothing of the account is shown or open before: the session
//! only says what is asked.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::super::find::even_out;
use super::super::people::words::birth_error;
use super::{Way, enter};
use crate::domain::birth_date::BirthDate;
use crate::domain::ids::{AccountId, BookingId};
use crate::store::Tx;
use crate::store::idle_accounts::{self, Answered};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::session::Asked;
use crate::web::visitor::Visitor;

/// Where it is asked.
pub(super) const PATH: &str = "/sign-in/birth-date";

#[derive(Template)]
#[template(path = "pages/birth-date.html")]
struct BirthDatePage {
    frame: Frame,
    errors: FormErrors,
    form: BirthDateForm,
    anew: String,
    back: String,
}

/// A birth date as it was typed.
#[derive(Default, Deserialize)]
pub struct BirthDateForm {
    #[serde(default, rename = "birth-year")]
    year: String,
    #[serde(default, rename = "birth-month")]
    month: String,
    #[serde(default, rename = "birth-day")]
    day: String,
}

/// Asks for a birth date at `path` before the account, or only the booking, is opened.
pub(in super::super) fn ask_first(
    mut visitor: Visitor,
    account: AccountId,
    booking: Option<BookingId>,
    path: &str,
) -> Answer {
    let now = visitor.engine().now();
    visitor.session.ask(account, booking, now);
    visitor.keep_session();
    visitor.go_to(path)
}

/// What this browser is asked about, and the tries that are left; `None` when nothing is asked any more.
pub(super) async fn asked(visitor: &Visitor) -> Result<Option<(Asked, u16)>, Problem> {
    let now = visitor.engine().now();
    let Some(asked) = visitor.session.asked(now) else { return Ok(None) };
    let read =
        visitor.engine().store.read(move |conn, _| idle_accounts::tries_left(conn, asked.account, now));
    Ok(read.await?.map(|left| (asked, left)))
}

/// Where somebody goes about whom nothing is asked: on, when signed in, and else back to the number.
pub(super) fn nothing_asked(visitor: &Visitor, way: &Way) -> Answer {
    let there = if visitor.account.is_some() { way.onward(visitor) } else { way.because("/sign-in", "lost") };
    visitor.go_to(&there)
}

fn page(
    visitor: &mut Visitor,
    (way, asked): (&Way, Asked),
    form: BirthDateForm,
    errors: FormErrors,
) -> BirthDatePage {
    let back = if asked.booking.is_some() { "/find".to_owned() } else { way.to("/sign-in") };
    BirthDatePage { frame: visitor.form_frame(), errors, form, anew: way.to("/sign-in/anew"), back }
}

/// Asks for the birth date.
pub async fn ask_birth_date(mut visitor: Visitor, way: Query<Way>) -> Answer {
    match asked(&visitor).await? {
        None => nothing_asked(&visitor, &way),
        Some((_, 0)) => visitor.go_to(&way.to("/sign-in/anew")),
        Some((asked, _)) => {
            let page = page(&mut visitor, (&way, asked), BirthDateForm::default(), FormErrors::none());
            visitor.page(&page)
        }
    }
}

/// Opens what was asked for when the birth date is right. However many people are looked through, and whether one is found,
/// answers wait for the same moments.
pub async fn try_birth_date(posted: Posted<BirthDateForm>, way: Query<Way>) -> Answer {
    let began = Instant::now();
    let answer = look_at(posted, &way).await;
    even_out(began).await;
    answer
}

async fn look_at(posted: Posted<BirthDateForm>, way: &Way) -> Answer {
    let Posted { mut visitor, form } = posted;
    let Some(asked) = visitor.session.asked(visitor.engine().now()) else {
        return nothing_asked(&visitor, way);
    };
    let mut errors = FormErrors::none();
    match BirthDate::parse(&form.year, &form.month, &form.day, visitor.engine().today()) {
        Err(error) => errors.add("birth", birth_error(error)),
        Ok(birth) => {
            let (id, language) = (asked.account, visitor.language);
            let look = move |tx: &mut Tx<'_>| idle_accounts::answer(tx, id, birth, language);
            match visitor.engine().ledger.write(id.0, look).await? {
                Answered::Right(epoch) => return open(visitor, way, asked, epoch),
                Answered::Wrong(left) => {
                    errors.add_with("birth", "sign-in-birth-wrong", &[("left", i64::from(left))]);
                }
                Answered::Over => return visitor.go_to(&way.to(PATH)),
            }
        }
    }
    let page = page(&mut visitor, (way, asked), form, errors);
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Signs in. Whoever only looked for a booking may see that, and nothing else, as when no birth date is asked.
fn open(mut visitor: Visitor, way: &Way, asked: Asked, epoch: i32) -> Answer {
    let Some(booking) = asked.booking else { return enter(visitor, way, asked.account, epoch) };
    let now = visitor.engine().now();
    visitor.session.set_found(booking, now);
    visitor.keep_session();
    visitor.go_to(way.next())
}
