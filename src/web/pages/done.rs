//! The confirmation: what people keep, print and bring.

use actix_web::web::Path;
use askama::Template;

use super::appointment::{Appointment, Place};
use super::hold::Party;
use super::paper::QrImage;
use crate::domain::booking::BookingState;
use crate::domain::party_token::PartyToken;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

/// The longest body that stays under 14,000 bytes on the wire with its headers.
const BODY_BYTES_MAX: usize = 13_000;

#[derive(Template)]
#[template(path = "pages/done.html")]
struct DonePage {
    frame: Frame,
    seats: Vec<Kept>,
    /// The site, when all seats are at the same one.
    place: Option<Place>,
    told: Vec<String>,
    has_email: bool,
    /// Whether each seat shows only what is needed to find it again: for large families.
    is_brief: bool,
}

/// A booking with its QR code, unless the page has no room for that.
struct Kept {
    appointment: Appointment,
    qr: Option<QrImage>,
}

/// The confirmation of a party.
pub async fn done(citizen: Citizen, token: Path<PartyToken>) -> Answer {
    let party = Party::load(&citizen, &token).await?;
    if party.state.state != BookingState::Booked {
        return citizen.go_to(&format!("/hold/{token}"));
    }
    let mut page = page_of(&citizen, &party);
    if page.seats.is_empty() {
        // Everything was cancelled since: the list says so.
        return citizen.go_to("/bookings");
    }
    if is_too_long(&page)? {
        page.seats.iter_mut().for_each(|kept| kept.qr = None);
        page.is_brief = is_too_long(&page)?;
    }
    citizen.page(&page)
}

fn is_too_long(page: &DonePage) -> Result<bool, Problem> {
    Ok(page.render().ok().ok_or(Problem::Broken)?.len() > BODY_BYTES_MAX)
}

fn page_of(citizen: &Citizen, party: &Party) -> DonePage {
    let catalogue = citizen.engine().country.now();
    let public_url = &citizen.web.settings.public_url;
    let live: Vec<_> = party.seats.iter().filter(|seat| seat.state.is_live()).collect();
    let first_site = live.first().map(|seat| seat.site);
    let is_shared = live.iter().all(|seat| Some(seat.site) == first_site);
    let seats = live
        .iter()
        .filter_map(|seat| Appointment::of(&catalogue, citizen.language, seat))
        .map(|appointment| Kept {
            qr: QrImage::of_reference(public_url, &appointment.reference),
            appointment,
        })
        .collect();
    DonePage {
        frame: citizen.frame(),
        seats,
        place: first_site.filter(|_| is_shared).and_then(|id| catalogue.site(id)).map(|site| Place::of(site)),
        told: told(citizen, party),
        has_email: citizen.account.email.is_some(),
        is_brief: false,
    }
}

/// The phones that get messages, masked: the booker's first, then those of the people who want theirs to.
fn told(citizen: &Citizen, party: &Party) -> Vec<String> {
    let mut told = vec![citizen.account.phone.masked()];
    let wanted = party.seats.iter().filter_map(|seat| party.cared_for(seat));
    for one in wanted.filter(|one| one.messages_to.needs_their_phone()) {
        if let Some(phone) = one.person.phone.as_ref().filter(|phone| **phone != citizen.account.phone) {
            told.push(phone.masked());
        }
    }
    let mut once: Vec<String> = Vec::new();
    for phone in told {
        if !once.contains(&phone) {
            once.push(phone);
        }
    }
    once
}
