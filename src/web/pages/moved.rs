//! Another time for somebody whose site has closed. The link in the text shows what there is; only a button moves the booking.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::book::errand::{SlotName, zone_of};
use crate::domain::booking::{BookingState, SwapSeatsError};
use crate::domain::campaign::Campaign;
use crate::domain::ids::BookingId;
use crate::domain::site::Site;
use crate::domain::slot::Slot;
use crate::engine::desk::{ComingSlots, SwapSeats};
use crate::store::bookings::{self, Booking};
use crate::store::closings::{self, Displaced};
use crate::store::moving::Move;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Times that are shown besides the kept one.
const TIMES_MAX: usize = 4;

#[derive(Template)]
#[template(path = "pages/moved.html")]
struct MovedPage {
    frame: Frame,
    errors: FormErrors,
    person: String,
    vaccine: String,
    /// The seat that was lost, or the one that there is now.
    here: SeatWords,
    kept: Option<SeatWords>,
    kept_until: String,
    others: Vec<SeatWords>,
    action: String,
    standing: Standing,
    /// The booking's reference, as it is read and as it stands in addresses.
    reference: (String, String),
}

/// Where a booking stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It needs another time.
    Waiting,
    /// It has one.
    Set,
    /// It was given up.
    Over,
}

/// A seat in words.
#[derive(Default)]
struct SeatWords {
    /// How the form names it.
    value: String,
    when: String,
    site: String,
    address: String,
}

/// Shows what there is.
pub async fn show(mut visitor: Visitor, link: Path<String>) -> Answer {
    let page = page_of(&mut visitor, &link, FormErrors::none()).await?;
    visitor.page(&page)
}

/// The time that was picked.
#[derive(Deserialize)]
pub struct MovedForm {
    #[serde(default)]
    seat: String,
}

/// Moves the booking. When it has moved already, the page says where.
pub async fn pick(posted: Posted<MovedForm>, link: Path<String>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let id = booking_called(&visitor, &link)?;
    let here = format!("/moved/{link}");
    let found = visitor.engine().store.read(move |conn, keys| closings::find(conn, keys, id)).await?;
    let Some(one) = found else { return visitor.go_to(&here) };
    let mut errors = FormErrors::none();
    match seat_called(&visitor, &one, &form.seat).await? {
        None => errors.add("seat", "moved-error-none"),
        Some(slot) => match move_to(&visitor, &one, &slot).await? {
            Ok(()) => {
                visitor.engine().wake_notifier();
                return visitor.go_to(&here);
            }
            Err(why) => {
                let read = visitor.engine().store.read(move |conn, keys| closings::find(conn, keys, id));
                // The button was pressed twice at once, and the other press has moved it.
                if read.await?.is_none() {
                    return visitor.go_to(&here);
                }
                errors.add("seat", refusal_key(why));
            }
        },
    }
    let page = page_of(&mut visitor, &link, errors).await?;
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn refusal_key(why: SwapSeatsError) -> &'static str {
    match why {
        SwapSeatsError::SlotFull | SwapSeatsError::SlotPassed | SwapSeatsError::NoSuchSlot => {
            "moved-error-full"
        }
        SwapSeatsError::ChangedMeanwhile
        | SwapSeatsError::TooLate
        | SwapSeatsError::IntervalBroken
        | SwapSeatsError::NotEligible => "moved-error-unsuitable",
    }
}

fn booking_called(visitor: &Visitor, link: &str) -> Result<BookingId, Problem> {
    visitor.engine().keys.linked("moved", link).map(BookingId).ok_or(Problem::NotFound)
}

fn campaign_of(visitor: &Visitor, booking: &Booking) -> Result<Arc<Campaign>, Problem> {
    visitor.engine().country.now().campaign(booking.campaign).cloned().ok_or(Problem::NotFound)
}

/// The time that a button names: `TV7SWS6B flu-2026~1795651200`.
async fn seat_called(visitor: &Visitor, one: &Displaced, name: &str) -> Result<Option<Slot>, Problem> {
    let Some((code, slot)) = name.split_once(' ') else { return Ok(None) };
    let site = visitor.engine().country.now().site_by_code(code).cloned();
    let (Some(site), Some(wanted)) = (site, SlotName::parse(slot)) else { return Ok(None) };
    let campaign = campaign_of(visitor, &one.booking)?;
    let question = ComingSlots { campaign: campaign.id };
    let slots = visitor.engine().desks.question(site.id, question).await?;
    Ok(wanted.find(&campaign, &slots))
}

async fn move_to(
    visitor: &Visitor,
    one: &Displaced,
    slot: &Slot,
) -> Result<Result<(), SwapSeatsError>, Problem> {
    let (engine, campaign) = (visitor.engine(), campaign_of(visitor, &one.booking)?);
    let (booking, version) = (one.booking.id, one.booking.version);
    let is_kept = one.kept_at(engine.now()).is_some_and(|(kept, _)| kept.id == slot.id);
    let moved = if is_kept {
        engine.take_kept((booking, version), slot, campaign).await
    } else {
        let moves = vec![Move { booking, version, slot: slot.id }];
        engine.desks.order(slot.site, SwapSeats { moves, campaign }).await.map(|_| ())
    };
    match moved {
        Ok(()) => Ok(Ok(())),
        Err(error) => Ok(Err(Problem::refusal(error)?)),
    }
}

async fn page_of(visitor: &mut Visitor, link: &str, errors: FormErrors) -> Result<MovedPage, Problem> {
    visitor.keep_session();
    let (id, now) = (booking_called(visitor, link)?, visitor.engine().now());
    let found = visitor
        .engine()
        .store
        .read(move |conn, keys| Ok((bookings::find(conn, keys, id)?, closings::find(conn, keys, id)?)));
    let (booking, displaced) = found.await?;
    let booking = booking.ok_or(Problem::NotFound)?;
    let campaign = campaign_of(visitor, &booking)?;
    let kept = displaced.as_ref().and_then(|one| one.kept_at(now));
    let others = match &displaced {
        Some(one) => visitor.engine().other_seats(one).await?,
        None => Vec::new(),
    };
    let l = visitor.language;
    let in_words = |site: &Site, at: jiff::Timestamp, value: String| SeatWords {
        value,
        when: l.date_time(at.to_zoned(zone_of(site, visitor.engine())).datetime()),
        site: site.name.clone(),
        address: site.address.clone(),
    };
    let named = |site: &Site, slot: &Slot| {
        let value = format!("{} {}", site.code, SlotName::of(&campaign, slot).text());
        in_words(site, slot.starts_at, value)
    };
    let catalogue = visitor.engine().country.now();
    let site = catalogue.site(booking.site).ok_or(Problem::NotFound)?;
    let kept_words = kept.and_then(|(slot, _)| catalogue.site(slot.site).map(|site| named(site, &slot)));
    let kept_until = kept.and_then(|(slot, until)| {
        let zone = zone_of(catalogue.site(slot.site)?, visitor.engine());
        Some(l.date_time(until.to_zoned(zone).datetime()))
    });
    let is_kept = |slot: &Slot| kept.is_some_and(|(kept, _)| kept.id == slot.id);
    let others = others.iter().filter(|seat| !is_kept(&seat.slot)).take(TIMES_MAX);
    let product = campaign.product(booking.product);
    Ok(MovedPage {
        errors,
        action: format!("/moved/{link}"),
        standing: match (&displaced, booking.state) {
            (Some(_), _) => Standing::Waiting,
            (None, BookingState::Cancelled | BookingState::Expired) => Standing::Over,
            (None, _) => Standing::Set,
        },
        person: booking.person.name.masked(),
        vaccine: product.map(|one| one.name.in_language(l.code()).to_owned()).unwrap_or_default(),
        here: in_words(site, booking.starts_at, String::new()),
        kept: kept_words,
        kept_until: kept_until.unwrap_or_default(),
        others: others.map(|seat| named(&seat.site, &seat.slot)).collect(),
        reference: (booking.reference.spoken(), booking.reference.as_str().to_owned()),
        frame: visitor.frame(),
    })
}
