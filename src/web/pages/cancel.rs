//! Giving a seat up: asked once, with everything that happens said before.

use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::access::open_booking;
use super::appointment::Appointment;
use crate::domain::booking::{BookingState, CancelBookingsError};
use crate::engine::desk::CancelBookings;
use crate::store::bookings::Booking;
use crate::store::moving::{self, Cancel};
use crate::web::page::{Answer, Frame};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/cancel.html")]
struct CancelPage {
    frame: Frame,
    one: Appointment,
    /// The doses that are given up too.
    later: Vec<Appointment>,
    /// What the visitor sees, for the form: `REFERENCE:version`.
    seen: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/cancel-late.html")]
struct TooLatePage {
    frame: Frame,
    one: Appointment,
}

/// What the page showed when the button was pressed.
#[derive(Deserialize)]
pub struct CancelForm {
    #[serde(default)]
    seen: Vec<String>,
}

/// Asks whether to cancel.
pub async fn ask(visitor: Visitor, reference: Path<String>) -> Answer {
    let one = open_booking(&visitor, &reference).await?;
    show(visitor, one, false).await
}

/// Cancels the booking and the later doses that were shown with it. Pressing the button twice is fine.
pub async fn cancel(posted: Posted<CancelForm>, reference: Path<String>) -> Answer {
    let Posted { visitor, form } = posted;
    let one = open_booking(&visitor, &reference).await?;
    let doses = given_up_together(&visitor, &one).await?;
    let order = CancelBookings { bookings: orders(&doses, &form.seen) };
    if order.bookings.iter().all(|cancel| cancel.booking != one.id) {
        return show(visitor, one, true).await;
    }
    match visitor.engine().desks.order(one.site, order).await {
        Ok(_) => {
            visitor.engine().wake_notifier();
            visitor.go_to(&format!("/bookings/{}?cancelled=1", one.reference.as_str()))
        }
        Err(error) => match Problem::refusal(error)? {
            CancelBookingsError::ChangedMeanwhile => show(visitor, one, true).await,
            CancelBookingsError::TooLate(_) => too_late(&visitor, &one),
        },
    }
}

async fn given_up_together(visitor: &Visitor, one: &Booking) -> Result<Vec<Booking>, Problem> {
    let one = one.clone();
    Ok(visitor.engine().store.read(move |conn, keys| moving::given_up_with(conn, keys, &one)).await?)
}

/// The order for what the visitor saw; a dose that was not shown is not in it, and the desk then refuses.
fn orders(doses: &[Booking], seen: &[String]) -> Vec<Cancel> {
    let version_of = |dose: &Booking| {
        seen.iter().find_map(|one| {
            let (reference, version) = one.split_once(':')?;
            (reference == dose.reference.as_str()).then(|| version.parse().ok())?
        })
    };
    doses
        .iter()
        .filter_map(|dose| version_of(dose).map(|version| Cancel { booking: dose.id, version }))
        .collect()
}

async fn show(mut visitor: Visitor, one: Booking, changed_meanwhile: bool) -> Answer {
    if one.state == BookingState::Cancelled {
        return visitor.go_to(&format!("/bookings/{}?cancelled=1", one.reference.as_str()));
    }
    if !one.can_change(visitor.engine().now()) {
        return too_late(&visitor, &one);
    }
    let doses = given_up_together(&visitor, &one).await?;
    let mut frame = visitor.form_frame();
    if changed_meanwhile {
        frame.notice = Some(frame.language.say("cancel-changed-meanwhile").to_string());
    }
    let catalogue = visitor.engine().country.now();
    let words = |dose: &Booking| Appointment::of(&catalogue, visitor.language, dose);
    let page = CancelPage {
        frame,
        one: words(&one).ok_or(Problem::NotFound)?,
        later: doses.iter().skip(1).filter_map(words).collect(),
        seen: doses.iter().map(|dose| format!("{}:{}", dose.reference.as_str(), dose.version)).collect(),
    };
    visitor.page(&page)
}

fn too_late(visitor: &Visitor, one: &Booking) -> Answer {
    let catalogue = visitor.engine().country.now();
    let one = Appointment::of(&catalogue, visitor.language, one).ok_or(Problem::NotFound)?;
    visitor.page(&TooLatePage { frame: visitor.frame(), one })
}
