//! Holds: seats kept for a party while the visitor checks their answers. A hold is a row, so it survives a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;

use super::schema::{booking, claim, course, party};
use super::values::{date_number, moment};
use super::{Failure, Never, Outcome, StoreError, Tx, people, slots};
use crate::domain::booking::{
    BookingState, ExtendHoldError, HoldPartyError, HoldRules, LaneChange, SeatWish,
};
use crate::domain::campaign::{Campaign, Eligibility};
use crate::domain::clock::ChanceExt;
use crate::domain::ids::{AccountId, PartyId, PersonId, SiteId, SlotId};
use crate::domain::reference::ReferenceCode;
use crate::domain::slot::{Lane, Slot};

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
    let mut changes = Vec::new();
    free_earlier_hold(tx, order.account, &mut changes)?;
    let wished: Vec<i64> = order.seats.iter().map(|seat| seat.person.0).collect();
    let distinct: std::collections::BTreeSet<i64> = wished.iter().copied().collect();
    let others = people::booked_for(tx, order.account, order.campaign.id.0, &wished)?;
    if others + distinct.len() > usize::from(order.rules.people_max) {
        return Err(Failure::Refused(HoldPartyError::TooManyPeople));
    }
    let slots = check_slots(tx, order)?;
    check_people(tx, order, &slots)?;
    let claimants = claim_people(tx, order, &mut changes)?;
    take_seats(tx, &slots, 1, 0, &mut changes)?
        .then_some(())
        .ok_or(Failure::Refused(HoldPartyError::SlotFull))?;
    let (party, token, expires_at) = insert_party(tx, order)?;
    for ((wish, slot), claimant) in order.seats.iter().zip(&slots).zip(claimants) {
        insert_held(tx, order, (party, expires_at), (wish, slot), claimant)?;
    }
    Ok(PartyHeld { party: PartyId(party), token, expires_at, changes })
}

/// Changes the counts of the slots by (`held`, `booked`) for each time a slot is named, in the order of slots so that two
/// writers never wait for each other. `false` when one has too few seats.
pub(super) fn take_seats(
    tx: &mut Tx<'_>,
    slots: &[Slot],
    held: i32,
    booked: i32,
    changes: &mut Vec<LaneChange>,
) -> Result<bool, diesel::result::Error> {
    if slots.is_empty() {
        return Ok(true);
    }
    super::changes::note(tx)?;
    let mut wanted: BTreeMap<(SiteId, SlotId), (Slot, i32)> = BTreeMap::new();
    for slot in slots {
        wanted.entry((slot.site, slot.id)).or_insert((*slot, 0)).1 += 1;
    }
    for (slot, people) in wanted.into_values() {
        let Some(after) = slots::change(tx.conn, slot.id, held * people, booked * people)? else {
            return Ok(false);
        };
        changes.push(LaneChange { slot, after, freed: -(held + booked) * people });
    }
    Ok(true)
}

fn check_slots(tx: &mut Tx<'_>, order: &HoldParty) -> Outcome<Vec<Slot>, HoldPartyError> {
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
fn check_people(tx: &mut Tx<'_>, order: &HoldParty, slots: &[Slot]) -> Outcome<(), HoldPartyError> {
    for (wish, slot) in order.seats.iter().zip(slots) {
        let not_eligible = Failure::Refused(HoldPartyError::NotEligible(wish.person));
        let Some(person) = people::find(tx.conn, &tx.tools.keys, wish.person)? else {
            return Err(not_eligible);
        };
        let product = order.campaign.product(slot.product);
        let suits = product.is_some_and(|product| product.ages.allow(&person.birth, slot.local_date));
        if !suits || order.campaign.eligibility(&person.birth, tx.now) != Eligibility::Open {
            return Err(not_eligible);
        }
        if wish.dose > 1 {
            check_interval(tx, order, slots, wish, slot)?;
        }
    }
    Ok(())
}

fn check_interval(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    slots: &[Slot],
    wish: &SeatWish,
    slot: &Slot,
) -> Outcome<(), HoldPartyError> {
    let broken = Failure::Refused(HoldPartyError::IntervalBroken(wish.person));
    let in_party = order
        .seats
        .iter()
        .zip(slots)
        .find(|(other, _)| other.person == wish.person && other.dose + 1 == wish.dose)
        .map(|(_, slot)| (slot.local_date, slot.product));
    let earlier = match in_party {
        Some(found) => Some(found),
        None => super::bookings::live_dose(tx.conn, order.campaign.id, wish.person, wish.dose - 1)?,
    };
    let Some((earlier_day, earlier_product)) = earlier else { return Err(broken) };
    let interval = order.campaign.interval_before(slot.product, wish.dose);
    let follows =
        order.campaign.product(slot.product).is_some_and(|product| product.may_come_after(earlier_product));
    if follows && interval.is_some_and(|interval| interval.allows(earlier_day, slot.local_date)) {
        Ok(())
    } else {
        Err(broken)
    }
}

/// Makes sure that nobody of the party has the dose already, and frees holds that stand in the way.
fn claim_people(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    changes: &mut Vec<LaneChange>,
) -> Outcome<Vec<PersonId>, HoldPartyError> {
    let mut claimants = Vec::with_capacity(order.seats.len());
    for wish in &order.seats {
        let claimant = people::claimant(tx.conn, wish.person)?;
        claimants.push(claimant);
        let key = (order.campaign.id.0, claimant.0, i32::from(wish.dose));
        let stands: Option<(Option<i64>, Option<i64>)> =
            claim::table.find(key).select((claim::booking, claim::pending_hold)).first(tx.conn).optional()?;
        match stands {
            None => {}
            Some((Some(booked), _)) => {
                let (by, whom): (i64, i64) =
                    booking::table.find(booked).select((booking::account, booking::person)).first(tx.conn)?;
                let is_visible =
                    by == order.account.0 || people::rows_of_owner(tx.conn, order.account)?.contains(&whom);
                return Err(Failure::Refused(if is_visible {
                    HoldPartyError::AlreadyBooked(wish.person)
                } else {
                    HoldPartyError::BookedElsewhere(wish.person)
                }));
            }
            Some((None, Some(hold))) => {
                let party: i64 = booking::table.find(hold).select(booking::party).first(tx.conn)?;
                end_hold(tx, party, changes)?;
            }
            Some((None, None)) => {}
        }
    }
    Ok(claimants)
}

fn insert_party(tx: &mut Tx<'_>, order: &HoldParty) -> QueryResult<(i64, String, Timestamp)> {
    let id = tx.new_id();
    let token = data_encoding::BASE64URL_NOPAD.encode(&tx.tools.chance.bytes::<16>());
    let expires_at = order.rules.ends_at(tx.now);
    diesel::insert_into(party::table)
        .values((
            party::id.eq(id),
            party::token.eq(&token),
            party::account.eq(order.account.0),
            party::campaign.eq(order.campaign.id.0),
            party::site.eq(order.site.0),
            party::state.eq("held"),
            party::extensions.eq(0),
            party::expires_at.eq(expires_at.as_second()),
            party::created_at.eq(tx.now.as_second()),
            party::version.eq(0),
        ))
        .execute(tx.conn)?;
    Ok((id, token, expires_at))
}

fn insert_held(
    tx: &mut Tx<'_>,
    order: &HoldParty,
    (party, expires_at): (i64, Timestamp),
    (wish, slot): (&SeatWish, &Slot),
    claimant: PersonId,
) -> QueryResult<()> {
    let id = tx.new_id();
    let course = course_of(tx, order.campaign.id.0, claimant)?;
    let now = tx.now.as_second();
    diesel::insert_into(booking::table)
        .values((
            (
                booking::id.eq(id),
                booking::reference.eq(ReferenceCode::random(&*tx.tools.chance).as_str()),
                booking::party.eq(party),
                booking::course.eq(course),
                booking::account.eq(order.account.0),
                booking::person.eq(wish.person.0),
                booking::campaign.eq(order.campaign.id.0),
                booking::dose.eq(i32::from(wish.dose)),
                booking::product.eq(slot.product.0),
            ),
            (
                booking::site.eq(slot.site.0),
                booking::slot.eq(slot.id.0),
                booking::lane.eq(Lane::Public.number()),
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
        .execute(tx.conn)?;
    diesel::insert_into(claim::table)
        .values((
            claim::campaign.eq(order.campaign.id.0),
            claim::person.eq(claimant.0),
            claim::dose.eq(i32::from(wish.dose)),
            claim::pending_hold.eq(id),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn course_of(tx: &mut Tx<'_>, campaign: i64, claimant: PersonId) -> QueryResult<i64> {
    let known: Option<i64> = course::table
        .filter(course::campaign.eq(campaign).and(course::person.eq(claimant.0)))
        .select(course::id)
        .first(tx.conn)
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = tx.new_id();
    diesel::insert_into(course::table)
        .values((course::id.eq(id), course::campaign.eq(campaign), course::person.eq(claimant.0)))
        .execute(tx.conn)?;
    Ok(id)
}

fn free_earlier_hold(
    tx: &mut Tx<'_>,
    account: AccountId,
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let held: Option<i64> = party::table
        .filter(party::account.eq(account.0).and(party::state.eq("held")))
        .select(party::id)
        .first(tx.conn)
        .optional()?;
    match held {
        Some(party) => end_hold(tx, party, changes),
        None => Ok(()),
    }
}

/// Ends a party's hold: its seats go back, its claims go away.
fn end_hold(tx: &mut Tx<'_>, party: i64, changes: &mut Vec<LaneChange>) -> Result<(), StoreError> {
    let held: Vec<(i64, i64)> = booking::table
        .filter(booking::party.eq(party).and(booking::state.eq(BookingState::Held.as_str())))
        .select((booking::id, booking::slot))
        .load(tx.conn)?;
    let ids: Vec<i64> = held.iter().map(|(id, _)| *id).collect();
    let mut slots_held = Vec::with_capacity(held.len());
    for (_, slot) in &held {
        let slot = slots::find(tx.conn, SlotId(*slot))?;
        slots_held.push(slot.ok_or_else(|| StoreError::Unreadable("a hold has no slot".into()))?);
    }
    if !take_seats(tx, &slots_held, -1, 0, changes)? {
        return Err(StoreError::Unreadable("a held seat was not counted".into()));
    }
    diesel::delete(claim::table.filter(claim::pending_hold.eq_any(&ids).and(claim::booking.is_null())))
        .execute(tx.conn)?;
    diesel::update(booking::table.filter(booking::id.eq_any(&ids)))
        .set((
            booking::state.eq(BookingState::Expired.as_str()),
            booking::expires_at.eq(None::<i64>),
            booking::version.eq(booking::version + 1),
            booking::updated_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    diesel::update(party::table.find(party))
        .set((party::state.eq("expired"), party::version.eq(party::version + 1)))
        .execute(tx.conn)?;
    Ok(())
}

/// Lets an account's hold go before it runs out. Letting go what is not held any more is fine.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn release(tx: &mut Tx<'_>, account: AccountId, token: &str) -> Outcome<Vec<LaneChange>, Never> {
    let held: Option<i64> = party::table
        .filter(party::token.eq(token).and(party::account.eq(account.0)).and(party::state.eq("held")))
        .select(party::id)
        .first(tx.conn)
        .optional()?;
    let mut changes = Vec::new();
    if let Some(party) = held {
        end_hold(tx, party, &mut changes)?;
    }
    Ok(changes)
}

/// Keeps a hold for another full time.
///
/// # Errors
/// [`ExtendHoldError`] when it ran out or was extended too often.
pub fn extend(
    tx: &mut Tx<'_>,
    account: AccountId,
    token: &str,
    rules: &HoldRules,
) -> Outcome<Timestamp, ExtendHoldError> {
    let row: Option<(i64, i32)> = party::table
        .filter(party::token.eq(token).and(party::account.eq(account.0)).and(party::state.eq("held")))
        .filter(party::expires_at.gt(tx.now.as_second()))
        .select((party::id, party::extensions))
        .first(tx.conn)
        .optional()?;
    let Some((id, extensions)) = row else { return Err(Failure::Refused(ExtendHoldError::HoldExpired)) };
    if extensions >= i32::from(rules.extensions_max) {
        return Err(Failure::Refused(ExtendHoldError::TooOften));
    }
    let until = rules.ends_at(tx.now);
    diesel::update(party::table.find(id))
        .set((party::extensions.eq(extensions + 1), party::expires_at.eq(until.as_second())))
        .execute(tx.conn)?;
    diesel::update(
        booking::table.filter(booking::party.eq(id).and(booking::state.eq(BookingState::Held.as_str()))),
    )
    .set(booking::expires_at.eq(until.as_second()))
    .execute(tx.conn)?;
    Ok(until)
}

/// Whether a hold has run out, so that [`expire`] has work.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn any_expired(conn: &mut super::Conn, now: Timestamp) -> Result<bool, StoreError> {
    let first: Option<i64> = party::table
        .filter(party::state.eq("held").and(party::expires_at.le(now.as_second())))
        .select(party::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// Ends up to `most` holds that ran out.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn expire(tx: &mut Tx<'_>, most: i64) -> Outcome<Vec<LaneChange>, Never> {
    let over: Vec<i64> = party::table
        .filter(party::state.eq("held").and(party::expires_at.le(tx.now.as_second())))
        .order(party::expires_at)
        .limit(most)
        .select(party::id)
        .load(tx.conn)?;
    let mut changes = Vec::new();
    for party in over {
        end_hold(tx, party, &mut changes)?;
    }
    Ok(changes)
}

/// A held or confirmed party, as its pages need it.
#[derive(Debug, Clone)]
pub struct PartyState {
    /// The party.
    pub id: PartyId,
    /// Its campaign.
    pub campaign: crate::domain::ids::CampaignId,
    /// Its site.
    pub site: SiteId,
    /// `held`, `booked` or `expired`.
    pub state: BookingState,
    /// Extensions so far.
    pub extensions: u16,
    /// When the hold ends or ended.
    pub expires_at: Timestamp,
}

/// An account's party by its token.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find_party(
    conn: &mut super::Conn,
    account: AccountId,
    token: &str,
) -> Result<Option<PartyState>, StoreError> {
    let row: Option<(i64, i64, i64, String, i32, i64)> = party::table
        .filter(party::token.eq(token).and(party::account.eq(account.0)))
        .select((party::id, party::campaign, party::site, party::state, party::extensions, party::expires_at))
        .first(conn)
        .optional()?;
    row.map(|(id, campaign, site, state, extensions, expires_at)| {
        Ok(PartyState {
            id: PartyId(id),
            campaign: crate::domain::ids::CampaignId(campaign),
            site: SiteId(site),
            state: super::values::word(&state, BookingState::from_word)?,
            extensions: super::values::small(extensions)?,
            expires_at: moment(expires_at)?,
        })
    })
    .transpose()
}
