//! Changing a booking: another time at the same site or elsewhere. The old seat is given up only when the new one is got.

use std::sync::Arc;

use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::access::open_booking;
use super::book::choices::Choices;
use super::book::errand::{Errand, Goal, SlotName, slot_by_id, zone_of};
use super::book::refused::{self, Refusal};
use super::book::times::{self, Words};
use super::book::{places, site_called};
use crate::domain::booking::SwapSeatsError;
use crate::domain::ids::SiteId;
use crate::domain::site::Site;
use crate::domain::slot::Slot;
use crate::engine::desk::SwapSeats;
use crate::engine::displaced::search_for;
use crate::store::bookings::{self, Booking};
use crate::store::moving::Move;
use crate::web::page::{Answer, Frame};
use crate::web::posted::Posted;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Times offered in place of one that can't be had.
const NEAREST_MOST: usize = 6;

/// The days of the same site, with a way to another one.
pub async fn change(mut visitor: Visitor, reference: Path<String>, choices: Choices) -> Answer {
    let errand = match errand(&visitor, &reference).await? {
        Ok(errand) => errand,
        Err(booking) => return too_late(&mut visitor, &booking),
    };
    let Goal::Change { booking, .. } = &errand.goal else { return Err(Problem::NotFound) };
    let site = site_with(&visitor, booking.site)?;
    times::page(&mut visitor, &errand, &site, &choices).await
}

/// Where else.
pub async fn choose_place(mut visitor: Visitor, reference: Path<String>, choices: Choices) -> Answer {
    match errand(&visitor, &reference).await? {
        Ok(errand) => places::page(&visitor, &errand, &choices),
        Err(booking) => too_late(&mut visitor, &booking),
    }
}

/// When, at a site.
pub async fn choose_time(mut visitor: Visitor, path: Path<(String, String)>, choices: Choices) -> Answer {
    let site = site_called(&visitor, &path.1)?;
    match errand(&visitor, &path.0).await? {
        Ok(errand) => times::page(&mut visitor, &errand, &site, &choices).await,
        Err(booking) => too_late(&mut visitor, &booking),
    }
}

/// The time that was chosen.
#[derive(Deserialize)]
pub struct ToQuery {
    #[serde(default)]
    to: String,
}

#[derive(Template)]
#[template(path = "pages/change-check.html")]
struct CheckPage {
    frame: Frame,
    back: String,
    action: String,
    name: String,
    moves: Vec<MoveLine>,
    /// Whether the next dose moves along.
    moves_later: bool,
    site: String,
    to: String,
    later_to: String,
    version: i32,
    later_version: i32,
}

struct MoveLine {
    dose: u8,
    old_site: String,
    old_when: String,
    new_site: String,
    new_address: String,
    new_when: String,
    vaccine: String,
}

/// Old and new side by side, before anything is done.
pub async fn check(mut visitor: Visitor, path: Path<(String, String)>, query: Query<ToQuery>) -> Answer {
    let site = site_called(&visitor, &path.1)?;
    let errand = match errand(&visitor, &path.0).await? {
        Ok(errand) => errand,
        Err(booking) => return too_late(&mut visitor, &booking),
    };
    let Goal::Change { booking, later } = &errand.goal else { return Err(Problem::NotFound) };
    let wanted = SlotName::parse(&query.to);
    if wanted.as_ref().is_some_and(|name| is_at(booking, &errand, &site, name)) {
        return is_there(&mut visitor, booking);
    }
    let slots = errand.slots_at(&visitor, &site).await?;
    let Some(slot) = wanted.and_then(|name| name.find(errand.campaign(), &slots)) else {
        return refuse(&mut visitor, &errand, &site, SwapSeatsError::SlotPassed, None).await;
    };
    let fits = errand.search.nearest(&slots, (slot.product, slot.starts_at), 1);
    if fits.first().is_none_or(|(one, _)| one.slot.id != slot.id) {
        return refuse(&mut visitor, &errand, &site, SwapSeatsError::SlotFull, Some(slot)).await;
    }
    let later_slot = errand
        .search
        .needs_later(slot.product, slot.local_date)
        .then(|| errand.search.propose_later(&slots, &slot))
        .flatten()
        .and_then(|seats| slot_by_id(&slots, *seats.first()?));
    let mut moves = vec![move_line(&visitor, booking, &site, &slot)];
    let later = later.as_ref().zip(later_slot);
    moves.extend(later.as_ref().map(|(later, slot)| move_line(&visitor, later, &site, slot)));
    let name_of = |slot: &Slot| SlotName::of(errand.campaign(), slot).text();
    let page = CheckPage {
        back: errand.times_link(&site, &Choices::default().on_day(Some(slot.local_date))),
        action: format!("/bookings/{}/change", booking.reference.as_str()),
        name: booking.person.name.as_str().to_owned(),
        moves_later: later.is_some(),
        site: site.code.clone(),
        to: name_of(&slot),
        later_to: later.as_ref().map(|(_, slot)| name_of(slot)).unwrap_or_default(),
        version: booking.version,
        later_version: later.map_or(0, |(later, _)| later.version),
        moves,
        frame: visitor.form_frame(),
    };
    visitor.page(&page)
}

fn move_line(visitor: &Visitor, booking: &Booking, site: &Site, slot: &Slot) -> MoveLine {
    let (l, engine) = (visitor.language, visitor.engine());
    let catalogue = engine.country.now();
    let old = catalogue.site(booking.site);
    let old_zone = old.map_or(engine.zone.clone(), |old| zone_of(old, engine));
    let product = catalogue.campaign(slot.campaign).and_then(|campaign| campaign.product(slot.product));
    let when = |at: jiff::Timestamp, zone| l.date_time(at.to_zoned(zone).datetime());
    MoveLine {
        dose: booking.dose,
        old_site: old.map(|old| old.name.clone()).unwrap_or_default(),
        old_when: when(booking.starts_at, old_zone),
        new_site: site.name.clone(),
        new_address: site.address.clone(),
        new_when: when(slot.starts_at, zone_of(site, engine)),
        vaccine: product.map(|one| one.name.in_language(l.code()).to_owned()).unwrap_or_default(),
    }
}

/// The change as the page showed it.
#[derive(Deserialize)]
pub struct ChangeForm {
    #[serde(default)]
    site: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    later: String,
    #[serde(default)]
    version: i32,
    #[serde(default)]
    later_version: i32,
}

/// Swaps the seats.
pub async fn swap(posted: Posted<ChangeForm>, reference: Path<String>) -> Answer {
    let Posted { mut visitor, form } = posted;
    let site = site_called(&visitor, &form.site)?;
    let errand = match errand(&visitor, &reference).await? {
        Ok(errand) => errand,
        Err(booking) => return too_late(&mut visitor, &booking),
    };
    let Goal::Change { booking, later } = &errand.goal else { return Err(Problem::NotFound) };
    let done = format!("/bookings/{}?changed=1", booking.reference.as_str());
    let wanted = SlotName::parse(&form.to);
    if wanted.as_ref().is_some_and(|name| is_at(booking, &errand, &site, name)) {
        return visitor.go_to(&done);
    }
    let slots = errand.slots_at(&visitor, &site).await?;
    let find = |name: Option<SlotName>| name.and_then(|name| name.find(errand.campaign(), &slots));
    let Some(slot) = find(wanted) else {
        return refuse(&mut visitor, &errand, &site, SwapSeatsError::SlotPassed, None).await;
    };
    let mut moves = vec![Move { booking: booking.id, version: form.version, slot: slot.id }];
    if !form.later.is_empty() {
        let Some((later, to)) = later.as_ref().zip(find(SlotName::parse(&form.later))) else {
            return refuse(&mut visitor, &errand, &site, SwapSeatsError::SlotFull, Some(slot)).await;
        };
        moves.push(Move { booking: later.id, version: form.later_version, slot: to.id });
    }
    let order = SwapSeats { moves, campaign: errand.campaign().clone() };
    match visitor.engine().desks.order(site.id, order).await {
        Ok(_) => {
            visitor.engine().wake_notifier();
            visitor.go_to(&done)
        }
        Err(error) => {
            let refusal = Problem::refusal(error)?;
            refuse(&mut visitor, &errand, &site, refusal, Some(slot)).await
        }
    }
}

/// Whether a booking has the seat already: the button was pressed twice.
fn is_at(booking: &Booking, errand: &Errand, site: &Site, name: &SlotName) -> bool {
    booking.site == site.id
        && booking.starts_at == name.starts_at
        && errand.campaign().product_by_code(&name.product).is_some_and(|one| one.id == booking.product)
}

/// The errand of moving a booking, or the booking when it can't be moved any more.
async fn errand(visitor: &Visitor, reference: &str) -> Result<Result<Errand, Box<Booking>>, Problem> {
    let booking = open_booking(visitor, reference).await?;
    let now = visitor.engine().now();
    if !booking.can_change(now) {
        return Ok(Err(Box::new(booking)));
    }
    let campaign = visitor.engine().country.now().campaign(booking.campaign).cloned();
    let campaign = campaign.ok_or(Problem::NotFound)?;
    let course = booking.course;
    let doses =
        visitor.engine().store.read(move |conn, keys| bookings::of_course(conn, keys, course)).await?;
    let (search, later) = search_for(campaign, &booking, &doses, now);
    let later = later.map(Box::new);
    Ok(Ok(Errand { search, goal: Goal::Change { booking: Box::new(booking), later } }))
}

fn site_with(visitor: &Visitor, id: SiteId) -> Result<Arc<Site>, Problem> {
    visitor.engine().country.now().site(id).cloned().ok_or(Problem::NotFound)
}

/// The booking has this very seat: it was changed, and the browser's way back led here.
fn is_there(visitor: &mut Visitor, booking: &Booking) -> Answer {
    let way = (format!("/bookings/{}", booking.reference.as_str()), "book-see-booking");
    let (title, text) = ("change-there-title", "change-there-text");
    refused::page(visitor, Refusal { title, text, ways: vec![way], ..Refusal::default() })
}

fn too_late(visitor: &mut Visitor, booking: &Booking) -> Answer {
    let way = (format!("/bookings/{}", booking.reference.as_str()), "book-see-booking");
    let (title, text) = ("change-too-late-title", "change-too-late-text");
    refused::page(visitor, Refusal { title, text, ways: vec![way], ..Refusal::default() })
}

async fn refuse(
    visitor: &mut Visitor,
    errand: &Errand,
    site: &Arc<Site>,
    why: SwapSeatsError,
    wanted: Option<Slot>,
) -> Answer {
    let Goal::Change { booking, .. } = &errand.goal else { return Err(Problem::NotFound) };
    let (title, text) = match why {
        SwapSeatsError::SlotFull => ("book-full-title", "change-kept"),
        SwapSeatsError::SlotPassed | SwapSeatsError::NoSuchSlot => ("book-passed-title", "change-kept"),
        SwapSeatsError::ChangedMeanwhile => ("change-meanwhile-title", "change-meanwhile-text"),
        SwapSeatsError::TooLate => ("change-too-late-title", "change-too-late-text"),
        SwapSeatsError::IntervalBroken => ("change-interval-title", "change-kept"),
        SwapSeatsError::NotEligible => ("change-age-title", "change-kept"),
    };
    let helps = matches!(why, SwapSeatsError::SlotFull | SwapSeatsError::IntervalBroken);
    let choices = Choices::default();
    let times = match wanted.filter(|_| helps) {
        None => Vec::new(),
        Some(slot) => {
            let slots = errand.slots_at(visitor, site).await?;
            let zone = zone_of(site, visitor.engine());
            let words = Words { l: visitor.language, zone, campaign: errand.campaign(), people: 1 };
            times::nearest(&words, &errand.search, &slots, (slot.product, slot.starts_at), NEAREST_MOST)
        }
    };
    let target = errand.time_target(site, &choices);
    let ways = vec![
        (format!("/bookings/{}", booking.reference.as_str()), "change-back-to-booking"),
        (errand.times_link(site, &choices), "book-refused-other-days"),
        (errand.places_link(&choices), "book-another-place"),
    ];
    let refusal =
        Refusal { title, text, times, post: target.post, link: target.link, ways, ..Refusal::default() };
    refused::page(visitor, refusal)
}
