//! What becomes of a held party: it is let go, kept longer, or runs out.

use std::collections::BTreeSet;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::connection::directly;
use super::super::schema::{booking, claim, course, party};
use super::super::states::PartyIsHeld;
use super::super::values::{date_number, moment, small, word};
use super::super::{Conn, Failure, Never, Outcome, StoreError, Tx, bookings, slots};
use crate::domain::booking::{BookingState, ExtendHoldError, HoldRules, LaneChange};
use crate::domain::ids::{AccountId, CampaignId, PartyId, PersonId, SiteId};
use crate::domain::slot::Seat;

/// What an account has booked or held before.
pub(super) struct EarlierParties {
    /// The one that it holds: one at most.
    held: Option<i64>,
    /// For whom it ever booked, and in which campaign, removed ones and cancelled bookings included.
    booked: BTreeSet<(CampaignId, PersonId)>,
}

impl EarlierParties {
    /// Those of an account.
    pub(super) fn of_account(tx: &mut Tx<'_>, account: AccountId) -> QueryResult<Self> {
        let rows: Vec<(i64, String, i64, i64)> = directly!(tx.conn, conn => booking::table
            .inner_join(party::table.on(party::id.eq(booking::party)))
            .inner_join(course::table.on(course::id.eq(booking::course)))
            .filter(party::account.eq(account.0).and(booking::state.ne(BookingState::Expired.as_str())))
            .select((party::id, booking::state, booking::campaign, course::person))
            .load(conn))?;
        let mut earlier = Self { held: None, booked: BTreeSet::new() };
        for (party, state, campaign, person) in rows {
            if state == BookingState::Held.as_str() {
                earlier.held = Some(party);
            } else {
                earlier.booked.insert((CampaignId(campaign), PersonId(person)));
            }
        }
        Ok(earlier)
    }

    /// Ends the hold that the account has already: it may have one only.
    pub(super) fn free_hold(&self, tx: &mut Tx<'_>, changes: &mut Vec<LaneChange>) -> Result<(), StoreError> {
        let Some(party) = self.held else { return Ok(()) };
        if end_hold(tx, party, changes)? {
            return Ok(());
        }
        // Another node confirmed or ended it just now.
        Err(StoreError::Overtaken)
    }

    /// For whom it booked in a campaign. Two rows for the same person count once.
    pub(super) fn booked_in(&self, campaign: CampaignId) -> BTreeSet<PersonId> {
        self.booked.iter().filter(|(one, _)| *one == campaign).map(|(_, person)| *person).collect()
    }
}

/// Ends the holds of other doses of these courses: what they were checked against is about to change.
pub(in super::super) fn end_holds_of(
    tx: &mut Tx<'_>,
    courses: &BTreeSet<i64>,
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let held: Vec<i64> = booking::table
        .filter(booking::course.eq_any(courses).and(booking::state.eq(BookingState::Held.as_str())))
        .select(booking::party)
        .distinct()
        .load(tx.conn)?;
    end_all(tx, &held, changes)
}

/// Ends the holds that have a seat in any of these slots of a site on a day.
pub(in super::super) fn end_holds_in(
    tx: &mut Tx<'_>,
    (site, day): (SiteId, Date),
    slots: &[i64],
    changes: &mut Vec<LaneChange>,
) -> Result<(), StoreError> {
    let held: Vec<i64> = booking::table
        .filter(booking::site.eq(site.0).and(booking::local_date.eq(date_number(day))))
        .filter(booking::slot.eq_any(slots).and(booking::state.eq(BookingState::Held.as_str())))
        .select(booking::party)
        .distinct()
        .load(tx.conn)?;
    end_all(tx, &held, changes)
}

fn end_all(tx: &mut Tx<'_>, parties: &[i64], changes: &mut Vec<LaneChange>) -> Result<(), StoreError> {
    parties.iter().try_for_each(|party| end_hold(tx, *party, changes).map(|_| ()))
}

/// Ends a party's hold: its seats go back, its claims go away. A party that is not held any more stays as it is: its
/// row decides between this node and others that confirm or end it at the same instant. Says whether it was held.
pub(super) fn end_hold(
    tx: &mut Tx<'_>,
    party: i64,
    changes: &mut Vec<LaneChange>,
) -> Result<bool, StoreError> {
    let ended = diesel::update(party::table.filter(party::id.eq(party).and(PartyIsHeld)))
        .set((party::state.eq("expired"), party::version.eq(party::version + 1)))
        .execute(tx.conn)?;
    if ended > 0 {
        give_back(tx, party, changes)?;
    }
    Ok(ended > 0)
}

/// The same for a hold that ran out, unless it is being extended at the same instant.
fn end_run_out(tx: &mut Tx<'_>, party: i64, changes: &mut Vec<LaneChange>) -> Result<(), StoreError> {
    let is_over = PartyIsHeld.and(party::expires_at.le(tx.now.as_second()));
    let ended = diesel::update(party::table.filter(party::id.eq(party).and(is_over)))
        .set((party::state.eq("expired"), party::version.eq(party::version + 1)))
        .execute(tx.conn)?;
    if ended > 0 { give_back(tx, party, changes) } else { Ok(()) }
}

fn give_back(tx: &mut Tx<'_>, party: i64, changes: &mut Vec<LaneChange>) -> Result<(), StoreError> {
    let held = bookings::held_seats(tx.conn, party)?;
    let ids: Vec<i64> = held.iter().map(|seat| seat.id.0).collect();
    let seats: Vec<Seat> = held.iter().map(|one| one.seat).collect();
    if !slots::take(tx, &seats, -1, 0, changes)? {
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
    Ok(())
}

/// Lets an account's hold go before it runs out. Letting go what is not held any more is fine.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn release(tx: &mut Tx<'_>, account: AccountId, token: &str) -> Outcome<Vec<LaneChange>, Never> {
    let held: Option<i64> = party::table
        .filter(party::token.eq(token).and(party::account.eq(account.0)).and(PartyIsHeld))
        .select(party::id)
        .get_result(tx.conn)
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
    let held = party::token.eq(token).and(party::account.eq(account.0)).and(PartyIsHeld);
    let row: Option<(i64, i32)> = party::table
        .filter(held.and(party::expires_at.gt(tx.now.as_second())))
        .select((party::id, party::extensions))
        .get_result(tx.conn)
        .optional()?;
    let expired = Failure::Refused(ExtendHoldError::HoldExpired);
    let Some((id, extensions)) = row else { return Err(expired) };
    if extensions >= i32::from(rules.extensions_max) {
        return Err(Failure::Refused(ExtendHoldError::TooOften));
    }
    let until = rules.ends_at(tx.now);
    let extended = diesel::update(party::table.filter(party::id.eq(id).and(PartyIsHeld)))
        .set((party::extensions.eq(party::extensions + 1), party::expires_at.eq(until.as_second())))
        .execute(tx.conn)?;
    if extended == 0 {
        return Err(expired);
    }
    diesel::update(
        booking::table.filter(booking::party.eq(id).and(booking::state.eq(BookingState::Held.as_str()))),
    )
    .set(booking::expires_at.eq(until.as_second()))
    .execute(tx.conn)?;
    Ok(until)
}

/// The token of the party that an account holds now.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn held_by(conn: &mut Conn, account: AccountId, now: Timestamp) -> Result<Option<String>, StoreError> {
    let held = party::table
        .filter(party::account.eq(account.0).and(PartyIsHeld).and(party::expires_at.gt(now.as_second())))
        .select(party::token);
    Ok(held.first(conn).optional()?)
}

/// Whether a hold has run out, so that [`expire`] has work.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn any_expired(conn: &mut Conn, now: Timestamp) -> Result<bool, StoreError> {
    let first: Option<i64> = party::table
        .filter(PartyIsHeld.and(party::expires_at.le(now.as_second())))
        .select(party::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// Up to `most` parties whose hold ran out, those that end first before the others, without the parties `except`.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn expired(
    conn: &mut Conn,
    now: Timestamp,
    most: i64,
    except: &[i64],
) -> Result<Vec<PartyId>, StoreError> {
    let over: Vec<i64> = party::table
        .filter(PartyIsHeld.and(party::expires_at.le(now.as_second())).and(party::id.ne_all(except)))
        .order(party::expires_at)
        .limit(most)
        .select(party::id)
        .load(conn)?;
    Ok(over.into_iter().map(PartyId).collect())
}

/// Ends up to `most` holds that ran out, without those of the parties `except`.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn expire(tx: &mut Tx<'_>, most: i64, except: &[i64]) -> Outcome<Vec<LaneChange>, Never> {
    let mut changes = Vec::new();
    for party in expired(tx.conn, tx.now, most, except)? {
        end_run_out(tx, party.0, &mut changes)?;
    }
    Ok(changes)
}

/// Ends one of the holds that [`expired`] gave. It may have been extended since, and then it stays.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn end_expired(tx: &mut Tx<'_>, party: PartyId) -> Outcome<Vec<LaneChange>, Never> {
    let mut changes = Vec::new();
    end_run_out(tx, party.0, &mut changes)?;
    Ok(changes)
}

/// A held or confirmed party, as its pages need it.
#[derive(Debug, Clone)]
pub struct PartyState {
    /// The party.
    pub id: PartyId,
    /// Its campaign.
    pub campaign: CampaignId,
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
    conn: &mut Conn,
    account: AccountId,
    token: &str,
) -> Result<Option<PartyState>, StoreError> {
    let row: Option<(i64, i64, i64, String, i32, i64)> = party::table
        .filter(party::token.eq(token).and(party::account.eq(account.0)))
        .select((party::id, party::campaign, party::site, party::state, party::extensions, party::expires_at))
        .get_result(conn)
        .optional()?;
    row.map(|(id, campaign, site, state, extensions, expires_at)| {
        Ok(PartyState {
            id: PartyId(id),
            campaign: CampaignId(campaign),
            site: SiteId(site),
            state: word(&state, BookingState::from_word)?,
            extensions: small(extensions)?,
            expires_at: moment(expires_at)?,
        })
    })
    .transpose()
}
