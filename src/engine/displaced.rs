//! Whoever lost a seat because a site closed: seats that suit are looked for nearby, the best is kept for a day, and only then
//! is anything told, so that the message can name it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::desk::ComingSlots;
use super::finder::Finder;
use super::{Engine, outage};
use crate::domain::booking::SwapSeatsError;
use crate::domain::campaign::Campaign;
use crate::domain::ids::BookingId;
use crate::domain::region::Regions;
use crate::domain::seat_search::{DoseDay, LaterDose, SeatSearch};
use crate::domain::site::{Features, Site};
use crate::domain::slot::{FreeSlot, Slot};
use crate::store::bookings::Booking;
use crate::store::closings::{self, Displaced, Full};
use crate::store::{LedgerError, Never, StoreError, Tx};

/// Bookings that are told of in one round, and kept seats that are made public again.
const AT_ONCE: i64 = 50;

/// Sites nearby that are looked at, and those of them whose times are asked for.
const NEAR_MAX: usize = 12;
const ASKED_MAX: usize = 4;

/// Times of one site that are offered.
const TIMES_EACH: usize = 2;

/// Seats that are tried before somebody is told without one: each may just have been taken.
const TRIES: usize = 4;

/// How long a seat is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long before its time a seat is given to others, and how soon one may be at the earliest.
const BEFORE: SignedDuration = SignedDuration::from_hours(2);

/// A time so near to the one that was lost counts as good as any; the nearer site decides.
const NEAR_IN_TIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A seat that somebody could have instead of the one that they lost.
#[derive(Clone)]
pub struct OtherSeat {
    /// Where.
    pub site: Arc<Site>,
    /// When.
    pub slot: Slot,
}

/// What is looked for to move a booking: what keeps the intervals to the other `doses` of its course.
pub fn search_for(
    campaign: Arc<Campaign>,
    booking: &Booking,
    doses: &[Booking],
    now: Timestamp,
) -> (SeatSearch, Option<Booking>) {
    let live = |dose: u8| doses.iter().find(|other| other.dose == dose && other.state.is_live());
    let at = |one: &Booking| DoseDay { day: one.local_date, product: one.product };
    let earlier = booking.dose.checked_sub(1).and_then(live).map(at).into_iter().collect();
    let later = live(booking.dose + 1).cloned();
    let search = SeatSearch {
        campaign,
        births: vec![booking.person.birth],
        dose: booking.dose,
        earlier,
        later: later.as_ref().map_or(LaterDose::None, |later| LaterDose::Stands {
            at: at(later),
            movable: later.can_change(now),
        }),
        only: None,
    };
    (search, later)
}

/// Makes seats public again that are kept no longer, and tells those who lost theirs.
pub(super) async fn turn(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.now();
    if engine.store.read(move |conn, _| closings::any_over(conn, now)).await? {
        let release = move |tx: &mut Tx<'_>| closings::release(tx, AT_ONCE);
        let changes = engine.ledger.write(0, release).await.map_err(outage)?;
        engine.desks.post().committed(None, &changes);
    }
    let untold = engine.store.read(|conn, keys| closings::untold(conn, keys, AT_ONCE)).await?;
    let mut last = Ok(());
    for one in untold {
        // Whoever can't be told now stands in nobody's way, and is tried again.
        if let Err(error) = tell(engine, &one).await {
            last = Err(error);
        }
    }
    last
}

/// Keeps the best seat that is still there, and queues the message.
async fn tell(engine: &Engine, one: &Displaced) -> Result<(), StoreError> {
    let id = (one.booking.id, one.booking.version);
    let seats = engine.other_seats(one).await.map_err(outage)?;
    for seat in seats.into_iter().take(TRIES).map(Some).chain([None]) {
        let kept = seat.map(|seat| (seat.slot, kept_until(engine.now(), &seat.slot)));
        let keep = move |tx: &mut Tx<'_>| closings::keep(tx, id, kept);
        match engine.ledger.write(one.booking.site.0, keep).await {
            Ok(changes) => {
                engine.desks.post().committed(None, &changes);
                engine.wake_notifier();
                return Ok(());
            }
            Err(LedgerError::Refused(Full)) => {}
            Err(LedgerError::Busy) => return Err(outage(LedgerError::Busy)),
            Err(LedgerError::Outage(error)) => return Err(error),
        }
    }
    Ok(())
}

fn kept_until(now: Timestamp, slot: &Slot) -> Timestamp {
    (now + KEPT).min(slot.starts_at - BEFORE)
}

impl Engine {
    /// Free seats with the same vaccine that somebody could have instead of the one they lost, the best before the others:
    /// within a week of the lost time, at the same site or else at the one nearest to it; then whatever is nearest in time.
    ///
    /// # Errors
    /// `Busy` and outages of the desks that are asked.
    pub async fn other_seats(&self, one: &Displaced) -> Result<Vec<OtherSeat>, LedgerError<Never>> {
        let (now, lost) = (self.now(), &one.booking);
        let (campaign, site) = {
            let catalogue = self.country.now();
            (catalogue.campaign(lost.campaign).cloned(), catalogue.site(lost.site).cloned())
        };
        let (Some(campaign), Some(site)) = (campaign, site) else { return Ok(Vec::new()) };
        let (mut search, _) = search_for(campaign, lost, &one.doses, now);
        search.only = Some(lost.product);
        let mut found: Vec<(bool, usize, SignedDuration, OtherSeat)> = Vec::new();
        for (distance, site) in self.sites_near(&search, &site).into_iter().enumerate() {
            let question = ComingSlots { campaign: search.campaign.id };
            let mut slots: Vec<FreeSlot> = self.desks.question(site.id, question).await?;
            slots.retain(|one| one.slot.starts_at > now + BEFORE);
            for (free, _) in search.nearest(&slots, (lost.product, lost.starts_at), TIMES_EACH) {
                if search.needs_later(free.slot.product, free.slot.local_date) {
                    continue;
                }
                let away = free.slot.starts_at.duration_since(lost.starts_at).abs();
                let seat = OtherSeat { site: site.clone(), slot: free.slot };
                found.push((away > NEAR_IN_TIME, if away > NEAR_IN_TIME { 0 } else { distance }, away, seat));
            }
        }
        found.sort_by_key(|(is_far, distance, away, _)| (*is_far, *distance, *away));
        Ok(found.into_iter().map(|(.., seat)| seat).collect())
    }

    /// A site, and those nearest to it that have a seat; with step-free access when it has.
    fn sites_near(&self, search: &SeatSearch, here: &Arc<Site>) -> Vec<Arc<Site>> {
        let mut sites = vec![here.clone()];
        let province = Regions::korea().province(&here.province);
        let place = province.and_then(|province| Some((province, province.district(&here.district)?)));
        let Some(place) = place else { return sites };
        let features = Features { step_free: here.features.step_free, ..Features::default() };
        let finder = Finder::new(self, search);
        let basis = finder.basis(finder.around(place, features, NEAR_MAX));
        let mut near: Vec<(f64, Arc<Site>)> = finder
            .look_at(&basis)
            .into_iter()
            .filter(|found| found.fits && found.site.id != here.id)
            .map(|found| (kilometres(here, &found.site), found.site))
            .collect();
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        sites.extend(near.into_iter().take(ASKED_MAX).map(|(_, site)| site));
        sites
    }

    /// Takes the seat that is kept for a displaced booking, and tells everybody whose counts it changes.
    ///
    /// # Errors
    /// [`SwapSeatsError`] when it can't be taken, and outages.
    pub async fn take_kept(
        &self,
        one: (BookingId, i32),
        slot: &Slot,
        campaign: Arc<Campaign>,
    ) -> Result<(), LedgerError<SwapSeatsError>> {
        let take = move |tx: &mut Tx<'_>| closings::take_kept(tx, one, &campaign);
        let changes = self.ledger.write(slot.site.0, take).await?;
        self.desks.post().committed(None, &changes);
        self.wake_notifier();
        Ok(())
    }
}

fn kilometres(here: &Site, there: &Site) -> f64 {
    let both = here.position.zip(there.position);
    both.map_or(f64::INFINITY, |(here, there)| here.kilometres_to(&there))
}
