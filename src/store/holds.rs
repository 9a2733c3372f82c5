//! Holds: seats kept for a party while the visitor checks their answers. A hold is a row, so it survives a restart.

mod party;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::connection::directly;
use super::courses::Claim;
use super::people::{self, Claimant};
use super::schema::{booking, claim, party as party_table};
use super::states::PartyIsHeld;
use super::values::date_number;
use super::{Failure, Outcome, StoreError, Tx, bookings, courses, locks, slots};
use crate::domain::booking::{BookingState, HoldPartyError, HoldRules, LaneChange, SeatWish};
use crate::domain::campaign::{Campaign, Eligibility};
use crate::domain::clock::ChanceExt;
use crate::domain::ids::{AccountId, CourseId, PartyId, PersonId, ProductId, SiteId};
use crate::domain::party_token::PARTY_TOKEN_BYTES;
use crate::domain::reference::ReferenceCode;
use crate::domain::slot::{Lane, Seat, Slot};

use party::{EarlierParties, end_hold};
pub use party::{
    PartyState, any_expired, end_expired, expire, expired, extend, find_party, held_by, release,
};
pub(super) use party::{end_holds_in, end_holds_of};

/// An order to hold seats for a party: all of them or none.
#[derive(Debug, Clone)]
pub struct HoldParty {
    /// Who books.
    pub account: AccountId,
    /// In which campaign.
    pub campaign: Arc<Campaign>,
    /// At which site.
    pub site: SiteId,
    /// Who gets which seat; up to two doses a person.
    pub seats: Vec<SeatWish>,
    /// How long and for how many.
    pub rules: HoldRules,
}

/// Seats are held.
#[derive(Debug, Clone)]
pub struct PartyHeld {
    /// The party.
    pub party: PartyId,
    /// Its random name in URLs.
    pub token: String,
    /// When the hold ends.
    pub expires_at: Timestamp,
    /// What changed in the slots.
    pub changes: Vec<LaneChange>,
}

/// Holds seats for a party. It first frees the account's earlier hold, and any hold of the same people.
///
/// # Errors
/// [`HoldPartyError`] as its variants say; nothing is held then, and an earlier hold is kept.
pub fn hold(tx: &mut Tx<'_>, order: &HoldParty) -> Outcome<PartyHeld, HoldPartyError> {
    hold_in(tx, order, Lane::Public)
}

/// The same in another lane than the public one. There the account keeps what it holds, because whoever calls this confirms
/// the seats at once.
pub(super) fn hold_in(tx: &mut Tx<'_>, order: &HoldParty, lane: Lane) -> Outcome<PartyHeld, HoldPartyError> {
    let mut changes = Vec::new();
    // Else somebody's birth date could be changed, or another hold be confirmed, after it was looked at here.
    locks::account(tx, order.account)?;
    let earlier = EarlierParties::of_account(tx, order.account)?;
    if lane == Lane::Public {
        earlier.free_hold(tx, &mut changes)?;
    }
    let wished: Vec<PersonId> = order.seats.iter().map(|seat| seat.person).collect();
    let claimants = people::claimants(tx, order.account, &wished)?
        .map_err(|stranger| Failure::Refused(HoldPartyError::NotEligible(stranger)))?;
    let slots = check_slots(tx, order)?;
    let known = claim_people(tx, order, &claimants, &mut changes)?;
    let mut people = earlier.booked_in(order.campaign.id);
    people.extend(known.keys());
    if people.len() > usize::from(order.rules.people_max) {
        return Err(Failure::Refused(HoldPartyError::TooManyPeople));
    }
    let courses = courses::of_people(tx, order.campaign.id, known)?;
    check_people(tx, order, &slots, &claimants)?;
    let seats: Vec<Seat> = slots.iter().map(|slot| Seat { slot: *slot, lane }).collect();
    if !slots::take(tx, &seats, 1, 0, &mut changes)? {
        let is_public = lane == Lane::Public;
        let full = Failure::Refused(HoldPartyError::SlotFull);
        return Err(if is_public { why_full(tx, order, &claimants)? } else { full });
    }
    let (party, token, expires_at) = insert_party(tx, order)?;
    for ((wish, seat), claimant) in order.seats.iter().zip(&seats).zip(claimants) {
        let course = courses.get(&claimant.id).copied().ok_or(StoreError::Closed)?;
        insert_held(tx, order, (party, expires_at), (wish, seat), (claimant.id, course))?;
    }
    Ok(PartyHeld { party: PartyId(party), token, expires_at, changes })
}

/// Why there is no seat. The last one may have gone to a hold that this one would have ended, had another node not made
/// it since: then this one must look again, for whoever holds last, holds.
fn why_full(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    claimants: &[Claimant],
) -> Result<Failure<HoldPartyError>, StoreError> {
    let of_account = party_table::account.eq(order.account.0).and(PartyIsHeld);
    let mut overtaken = diesel::select(exists(party_table::table.filter(of_account))).get_result(tx.conn)?;
    for (wish, claimant) in order.seats.iter().zip(claimants) {
        let key = (order.campaign.id.0, claimant.id.0, i32::from(wish.dose));
        overtaken |= diesel::select(exists(claim::table.find(key))).get_result::<bool>(tx.conn)?;
    }
    Ok(if overtaken { StoreError::Overtaken.into() } else { Failure::Refused(HoldPartyError::SlotFull) })
}

fn check_slots(tx: &mut Tx<'_>, order: &HoldParty) -> Outcome<Vec<Slot>, HoldPartyError> {
    if order.seats.is_empty() {
        return Err(Failure::Refused(HoldPartyError::NoSuchSlot));
    }
    let mut found = Vec::with_capacity(order.seats.len());
    for wish in &order.seats {
        let slot = slots::find(tx.conn, wish.slot)?
            .filter(|slot| slot.site == order.site && slot.campaign == order.campaign.id)
            .ok_or(Failure::Refused(HoldPartyError::NoSuchSlot))?;
        if slot.starts_at <= tx.now {
            return Err(Failure::Refused(HoldPartyError::SlotPassed));
        }
        found.push(slot);
    }
    Ok(found)
}

/// Who may book now, whether the vaccine suits their age on the day, and whether their doses keep the interval.
fn check_people(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    slots: &[Slot],
    claimants: &[Claimant],
) -> Outcome<(), HoldPartyError> {
    for ((wish, slot), claimant) in order.seats.iter().zip(slots).zip(claimants) {
        let product = order.campaign.product(slot.product);
        let suits = product.is_some_and(|product| product.ages.allow(&claimant.birth, slot.local_date));
        if !suits || order.campaign.eligibility(&claimant.birth, tx.now) != Eligibility::Open {
            return Err(Failure::Refused(HoldPartyError::NotEligible(wish.person)));
        }
        check_intervals(tx, order, slots, (wish, slot), claimant.id)?;
    }
    Ok(())
}

/// Whether a dose keeps the intervals to the one before it, which must be there, and to the one after it, which may be:
/// somebody who missed the first dose can have the second one booked.
fn check_intervals(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    slots: &[Slot],
    (wish, slot): (&SeatWish, &Slot),
    claimant: PersonId,
) -> Outcome<(), HoldPartyError> {
    let planned = |dose: u8| {
        let mut seats = order.seats.iter().zip(slots);
        seats
            .find(|(other, _)| other.person == wish.person && other.dose == dose)
            .map(|(_, slot)| (slot.local_date, slot.product))
    };
    let here = (slot.local_date, slot.product);
    let mut keeps = true;
    match wish.dose.checked_sub(1) {
        None => keeps = false,
        Some(0) => {}
        Some(before) => {
            let earlier = match planned(before) {
                Some(found) => Some(found),
                None => bookings::live_dose(tx.conn, order.campaign.id, claimant, before)?,
            };
            keeps &= earlier.is_some_and(|earlier| follow(&order.campaign, earlier, wish.dose, here));
        }
    }
    let after = wish.dose.saturating_add(1);
    if after <= order.campaign.doses
        && planned(after).is_none()
        && let Some(later) = bookings::live_dose(tx.conn, order.campaign.id, claimant, after)?
    {
        keeps &= follow(&order.campaign, here, after, later);
    }
    keeps.then_some(()).ok_or(Failure::Refused(HoldPartyError::IntervalBroken(wish.person)))
}

/// Whether `dose` may be given `later` when the one before it is given `earlier`.
pub(super) fn follow(
    campaign: &Campaign,
    earlier: (Date, ProductId),
    dose: u8,
    later: (Date, ProductId),
) -> bool {
    campaign.product(later.1).is_some_and(|product| product.may_come_after(earlier.1))
        && campaign.interval_before(later.1, dose).is_some_and(|interval| interval.allows(earlier.0, later.0))
}

/// Makes sure that nobody of the party has the dose already, and frees holds that stand in the way. Gives the courses that
/// people have.
fn claim_people(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    claimants: &[Claimant],
    changes: &mut Vec<LaneChange>,
) -> Outcome<BTreeMap<PersonId, Option<CourseId>>, HoldPartyError> {
    let (mut known, mut wanted) = (BTreeMap::new(), BTreeSet::new());
    for (wish, claimant) in order.seats.iter().zip(claimants) {
        let refuse = |why: fn(PersonId) -> HoldPartyError| Err(Failure::Refused(why(wish.person)));
        // The list may name one person twice, under two rows.
        if !wanted.insert((claimant.id, wish.dose)) {
            return refuse(HoldPartyError::AlreadyBooked);
        }
        let course = match known.entry(claimant.id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(courses::claimed(tx, order.campaign.id, claimant.id)?),
        };
        match course.claim_of(wish.dose) {
            Some(Claim::Booked(booking)) => {
                let (by, whom): (i64, i64) = booking::table
                    .find(booking)
                    .select((booking::account, booking::person))
                    .get_result(tx.conn)?;
                let is_visible =
                    by == order.account.0 || people::rows_of_owner(tx.conn, order.account)?.contains(&whom);
                return refuse(if is_visible {
                    HoldPartyError::AlreadyBooked
                } else {
                    HoldPartyError::BookedElsewhere
                });
            }
            Some(Claim::Held(hold)) => {
                let party: i64 = booking::table.find(hold).select(booking::party).get_result(tx.conn)?;
                end_hold(tx, party, changes)?;
            }
            None => {}
        }
    }
    Ok(known.into_iter().map(|(person, course)| (person, course.id)).collect())
}

fn insert_party(tx: &mut Tx<'_>, order: &HoldParty) -> QueryResult<(i64, String, Timestamp)> {
    let id = tx.new_id();
    let token = data_encoding::BASE64URL_NOPAD.encode(&tx.tools.chance.bytes::<PARTY_TOKEN_BYTES>());
    let expires_at = order.rules.ends_at(tx.now);
    directly!(tx.conn, conn => diesel::insert_into(party_table::table)
        .values((
            party_table::id.eq(id),
            party_table::token.eq(&token),
            party_table::account.eq(order.account.0),
            party_table::campaign.eq(order.campaign.id.0),
            party_table::site.eq(order.site.0),
            party_table::state.eq("held"),
            party_table::extensions.eq(0),
            party_table::expires_at.eq(expires_at.as_second()),
            party_table::created_at.eq(tx.now.as_second()),
            party_table::version.eq(0),
        ))
        .execute(conn))?;
    Ok((id, token, expires_at))
}

fn insert_held(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    (party, expires_at): (i64, Timestamp),
    (wish, Seat { slot, lane }): (&SeatWish, &Seat),
    (claimant, course): (PersonId, CourseId),
) -> QueryResult<()> {
    let id = tx.new_id();
    let now = tx.now.as_second();
    directly!(tx.conn, conn => diesel::insert_into(booking::table)
        .values((
            (
                booking::id.eq(id),
                booking::reference.eq(ReferenceCode::random(&*tx.tools.chance).as_str()),
                booking::party.eq(party),
                booking::course.eq(course.0),
                booking::account.eq(order.account.0),
                booking::person.eq(wish.person.0),
                booking::campaign.eq(order.campaign.id.0),
                booking::dose.eq(i32::from(wish.dose)),
                booking::product.eq(slot.product.0),
            ),
            (
                booking::site.eq(slot.site.0),
                booking::slot.eq(slot.id.0),
                booking::lane.eq(lane.number()),
                booking::starts_at.eq(slot.starts_at.as_second()),
                booking::local_date.eq(date_number(slot.local_date)),
                booking::state.eq(BookingState::Held.as_str()),
                booking::kind.eq("journey"),
                booking::expires_at.eq(expires_at.as_second()),
                booking::version.eq(0),
                booking::created_at.eq(now),
                booking::updated_at.eq(now),
            ),
        ))
        .execute(conn))?;
    directly!(tx.conn, conn => diesel::insert_into(claim::table)
        .values((
            claim::campaign.eq(order.campaign.id.0),
            claim::person.eq(claimant.0),
            claim::dose.eq(i32::from(wish.dose)),
            claim::pending_hold.eq(id),
        ))
        .execute(conn))?;
    Ok(())
}
