//! Leaving: on every device, or for good.

use actix_web::http::StatusCode;
use askama::Template;

use crate::store::people::{self, EraseError};
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::page::{Answer, Frame};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::problem::Problem;
use crate::web::session::Session;
use crate::web::visitor::Citizen;

/// Ends the sessions of all devices, this one too.
pub async fn sign_out_everywhere(posted: CitizenPosted<NoFields>) -> Answer {
    let mut citizen = posted.citizen;
    let id = citizen.account.id;
    let end = move |tx: &mut Tx<'_>| accounts::end_sessions(tx, id).map_err(Failure::<Never>::from);
    citizen.engine().ledger.write(id.0, end).await?;
    let web = citizen.web.clone();
    citizen.session.sign_out(&web);
    citizen.keep_session();
    citizen.go_to("/sign-in?why=everywhere")
}

#[derive(Template)]
#[template(path = "pages/erase.html")]
struct ErasePage {
    frame: Frame,
    has_booking: bool,
}

/// Asks whether everything should be erased, and says what is kept.
pub async fn ask_erase(mut citizen: Citizen) -> Answer {
    let frame = citizen.form_frame();
    citizen.page(&ErasePage { frame, has_booking: false })
}

/// Erases everything, unless a booking is to come. The device forgets which phones were proved on it, too.
pub async fn erase(posted: CitizenPosted<NoFields>) -> Answer {
    let mut citizen = posted.citizen;
    let id = citizen.account.id;
    match citizen.engine().ledger.write(id.0, move |tx| people::erase_account(tx, id)).await {
        Ok(()) => {
            let mut session = Session::new(&citizen.web);
            session.set_language(citizen.language);
            citizen.session = session;
            citizen.keep_session();
            citizen.go_to("/sign-in?why=erased")
        }
        Err(error) => {
            let EraseError::HasBooking = Problem::refusal(error)?;
            let frame = citizen.form_frame();
            citizen.page_with(StatusCode::CONFLICT, &ErasePage { frame, has_booking: true })
        }
    }
}
