//! A leftover dose that is offered to somebody. The link in the text shows it; only a button takes it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::book::errand::zone_of;
use crate::domain::campaign::Campaign;
use crate::domain::ids::OfferId;
use crate::domain::site::Site;
use crate::keys::KeyRing;
use crate::store::bookings::{self, Booking};
use crate::store::offers::{self, NextDose, Offer, OfferState, TakeOfferError};
use crate::store::{Conn, StoreError};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/offer.html")]
struct OfferPage {
    frame: Frame,
    errors: FormErrors,
    action: String,
    standing: Standing,
    person: String,
    vaccine: String,
    site: String,
    address: String,
    phone: String,
    come_by: String,
    answer_by: String,
    /// The booking that is given up for it, in words; empty when there is none.
    replaced: String,
    /// The booking that it became: its reference, as it is read and as it stands in addresses.
    reference: (String, String),
    /// Where the next dose is booked; empty when none is to be.
    next: String,
}

/// What a page has to say of an offer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Taken,
    /// It can't be taken any more.
    Over,
    /// Its person can't have it: something else was booked meanwhile.
    Unsuitable,
}

/// An offer with all that its page tells.
struct Seen {
    offer: Offer,
    next: Option<NextDose>,
    /// The later booking that it takes the place of.
    replaced: Option<Booking>,
    /// The booking that it became.
    booked: Option<Booking>,
}

/// Shows an offer.
pub async fn show(mut visitor: Visitor, link: Path<String>) -> Answer {
    let page = page_of(&mut visitor, &link, FormErrors::none()).await?;
    visitor.page(&page)
}

/// The button that was pressed.
#[derive(Deserialize)]
pub struct OfferForm {
    /// `take`, `decline`, or `end`: no, and no more of them.
    #[serde(default)]
    act: String,
}

/// Takes the dose, or says no.
pub async fn answer(posted: Posted<OfferForm>, link: Path<String>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let mut errors = FormErrors::none();
    let id = offer_called(&visitor, &link)?;
    match form.act.as_str() {
        "take" => match take(&visitor, id).await? {
            Ok(()) => return visitor.go_to(&format!("/offer/{link}")),
            Err(refusal) => errors.add("act", refusal_key(refusal)),
        },
        "decline" | "end" => {
            let ends = form.act == "end";
            visitor.engine().ledger.write(id.0, move |tx| offers::decline(tx, id, ends)).await?;
            return visitor.go_to(&format!("/offer/{link}"));
        }
        _ => errors.add("act", "offer-error-act"),
    }
    let page = page_of(&mut visitor, &link, errors).await?;
    visitor.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn offer_called(visitor: &Visitor, link: &str) -> Result<OfferId, Problem> {
    visitor.engine().keys.linked("offer", link).map(OfferId).ok_or(Problem::NotFound)
}

async fn take(visitor: &Visitor, id: OfferId) -> Result<Result<(), TakeOfferError>, Problem> {
    let found = visitor.engine().store.read(move |conn, keys| offers::find(conn, keys, id)).await?;
    let offer = found.ok_or(Problem::NotFound)?;
    let campaign = campaign_of(visitor, &offer)?;
    match visitor.engine().take_offer(id, &offer.leftover, campaign).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => Ok(Err(Problem::refusal(error)?)),
    }
}

fn refusal_key(refusal: TakeOfferError) -> &'static str {
    match refusal {
        TakeOfferError::Over => "offer-error-over",
        TakeOfferError::NoneLeft => "offer-error-none-left",
        TakeOfferError::DoesNotSuit => "offer-error-unsuitable",
        TakeOfferError::TooManyPeople => "offer-error-people",
    }
}

fn campaign_of(visitor: &Visitor, offer: &Offer) -> Result<Arc<Campaign>, Problem> {
    visitor.engine().country.now().campaign(offer.leftover.campaign).cloned().ok_or(Problem::NotFound)
}

async fn page_of(visitor: &mut Visitor, link: &str, errors: FormErrors) -> Result<OfferPage, Problem> {
    let (id, now) = (offer_called(visitor, link)?, visitor.engine().now());
    let found = visitor.engine().store.read(move |conn, keys| offers::find(conn, keys, id)).await?;
    let offer = found.ok_or(Problem::NotFound)?;
    let campaign = campaign_of(visitor, &offer)?;
    let site = visitor.engine().country.now().site(offer.leftover.site).cloned().ok_or(Problem::NotFound)?;
    let known = campaign.clone();
    let read = move |conn: &mut Conn, keys: &KeyRing| seen(conn, keys, offer, (&known, now));
    let seen = visitor.engine().store.read(read).await?;
    Ok(page_about(visitor, link, (&seen, &site, &campaign), errors))
}

fn seen(
    conn: &mut Conn,
    keys: &KeyRing,
    offer: Offer,
    (campaign, now): (&Campaign, jiff::Timestamp),
) -> Result<Seen, StoreError> {
    let whom = (&offer.person, offer.claimant);
    let next = offers::next_dose(conn, campaign, whom, &offer.leftover, now)?;
    let replaced = next.as_ref().and_then(|next| next.replaces).map(|one| one.booking);
    let replaced = replaced.map_or(Ok(None), |id| bookings::find(conn, keys, id))?;
    let booked = offer.booking.map_or(Ok(None), |id| bookings::find(conn, keys, id))?;
    Ok(Seen { offer, next, replaced, booked })
}

fn page_about(
    visitor: &mut Visitor,
    link: &str,
    (seen, site, campaign): (&Seen, &Site, &Campaign),
    errors: FormErrors,
) -> OfferPage {
    let (l, offer) = (visitor.language, &seen.offer);
    let zone = zone_of(site, visitor.engine());
    let time = |at: jiff::Timestamp| l.time(at.to_zoned(zone.clone()).time());
    let product = campaign.product(offer.leftover.product);
    let standing = match offer.state {
        OfferState::Taken => Standing::Taken,
        _ if !offer.can_be_taken(visitor.engine().now()) => Standing::Over,
        _ if seen.next.is_none() => Standing::Unsuitable,
        _ => Standing::Open,
    };
    let reference =
        seen.booked.as_ref().map(|one| (one.reference.spoken(), one.reference.as_str().to_owned()));
    let more = seen.booked.as_ref().is_some_and(|one| one.dose < campaign.doses);
    OfferPage {
        errors,
        action: format!("/offer/{link}"),
        standing,
        person: offer.person.name.masked(),
        vaccine: product.map(|one| one.name.in_language(l.code()).to_owned()).unwrap_or_default(),
        site: site.name.clone(),
        address: site.address.clone(),
        phone: site.phone.clone().unwrap_or_default(),
        come_by: time(offer.leftover.until),
        answer_by: time(offer.answer_by),
        replaced: seen.replaced.as_ref().map(|one| in_words(visitor, one)).unwrap_or_default(),
        reference: reference.unwrap_or_default(),
        next: if more { format!("/book/{}/who", campaign.slug) } else { String::new() },
        frame: visitor.form_frame(),
    }
}

/// When and where a booking is.
fn in_words(visitor: &Visitor, one: &Booking) -> String {
    let catalogue = visitor.engine().country.now();
    let Some(site) = catalogue.site(one.site) else { return String::new() };
    let at = one.starts_at.to_zoned(zone_of(site, visitor.engine())).datetime();
    format!("{}, {}", visitor.language.date_time(at), site.name)
}
