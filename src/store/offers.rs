//! Offers of leftover doses: what somebody is asked, and what becomes of their answer.

use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bookings::{self, Booking};
use super::holds::{self, HoldParty};
use super::leftovers::{Leftover, leftover_columns, leftover_of};
use super::moving::{self, Move};
use super::schema::{booking, claim, leftover, offer, person, slot, standby};
use super::values::{date, moment, small, word};
use super::{Conn, Failure, Outcome, StoreError, Tx, locks, people, standby as wishes};
use crate::domain::booking::{BookingState, HoldPartyError, HoldRules, LaneChange, SeatWish, SwapSeatsError};
use crate::domain::campaign::{Campaign, Eligibility};
use crate::domain::ids::{AccountId, BookingId, OfferId, PersonId, ProductId, StandbyId};
use crate::domain::person::{Person, words};
use crate::domain::slot::Lane;
use crate::keys::KeyRing;

words! {
    /// What became of an offer.
    OfferState {
        /// It waits for an answer.
        Open = "open",
        /// The dose was taken.
        Taken = "taken",
        /// The person said no.
        Declined = "declined",
        /// Nobody answered in time.
        Unanswered = "unanswered",
        /// The clinic has none left, or the person stands by no more.
        Withdrawn = "withdrawn",
    }
}

/// A leftover dose offered to somebody.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The row's id.
    pub id: OfferId,
    /// The wish it answers.
    pub standby: StandbyId,
    /// The wish's ticket.
    pub ticket: String,
    /// Who asked.
    pub account: AccountId,
    /// For whom.
    pub person: Person,
    /// In whose name they claim doses.
    pub claimant: PersonId,
    /// What is offered.
    pub leftover: Leftover,
    /// Where it stands.
    pub state: OfferState,
    /// Until when it can be answered.
    pub answer_by: Timestamp,
    /// The booking it became.
    pub booking: Option<BookingId>,
}

impl Offer {
    /// Whether it can be taken at `now`.
    pub fn can_be_taken(&self, now: Timestamp) -> bool {
        self.state == OfferState::Open && now < self.answer_by && now < self.leftover.until
    }
}

/// The offer with this id; `None` also when the person was erased.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: OfferId) -> Result<Option<Offer>, StoreError> {
    type Row = ((i64, i64, String, i64, Option<i64>), (String, i64, i64), Option<i64>);
    let row: Option<Row> = offer::table
        .inner_join(standby::table.on(standby::id.eq(offer::standby)))
        .inner_join(person::table.on(person::id.eq(standby::person)))
        .filter(offer::id.eq(id.0))
        .select((
            (offer::standby, offer::leftover, offer::state, offer::answer_by, offer::booking),
            (standby::ticket, standby::account, standby::person),
            person::same_person_as,
        ))
        .get_result(conn)
        .optional()?;
    let Some((what, (ticket, account, person), same)) = row else { return Ok(None) };
    let (wish, left, state, answer_by, booking) = what;
    let claimant = PersonId(same.unwrap_or(person));
    let Some(person) = people::find(conn, keys, PersonId(person))? else { return Ok(None) };
    let left = leftover::table
        .inner_join(slot::table.on(slot::id.eq(leftover::slot)))
        .filter(leftover::id.eq(left))
        .select(leftover_columns!())
        .get_result(conn)?;
    Ok(Some(Offer {
        id,
        standby: StandbyId(wish),
        ticket,
        account: AccountId(account),
        person,
        claimant,
        leftover: leftover_of(left)?,
        state: word(&state, OfferState::from_word)?,
        answer_by: moment(answer_by)?,
        booking: booking.map(BookingId),
    }))
}

/// The offers that an account can answer now.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn open_to(conn: &mut Conn, keys: &KeyRing, owner: AccountId) -> Result<Vec<Offer>, StoreError> {
    let ids: Vec<i64> = offer::table
        .inner_join(standby::table.on(standby::id.eq(offer::standby)))
        .filter(standby::account.eq(owner.0).and(offer::state.eq(OfferState::Open.as_str())))
        .order(offer::id)
        .select(offer::id)
        .load(conn)?;
    let mut open = Vec::with_capacity(ids.len());
    for id in ids {
        open.extend(find(conn, keys, OfferId(id))?);
    }
    Ok(open)
}

/// What somebody would get by an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextDose {
    /// Which dose.
    pub dose: u8,
    /// The later booking of the same dose that it takes the place of.
    pub replaces: Option<Replaced>,
}

/// A booking that a leftover dose takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The booking.
    pub booking: BookingId,
    /// Its version.
    pub version: i32,
}

/// The dose that somebody would get with a leftover on its day; `None` when the vaccine, their age, their other doses or the
/// campaign don't allow it, or they are booked for that very day.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn next_dose(
    conn: &mut Conn,
    campaign: &Campaign,
    whom: (&Person, PersonId),
    left: &Leftover,
    now: Timestamp,
) -> Result<Option<NextDose>, StoreError> {
    let (person, claimant) = whom;
    let suits = campaign.product(left.product).is_some_and(|one| one.ages.allow(&person.birth, left.day));
    if !suits || campaign.eligibility(&person.birth, now) != Eligibility::Open {
        return Ok(None);
    }
    let claims = claims_of(conn, campaign, claimant)?;
    let claim_of = |dose: u8| claims.iter().find(|claim| claim.dose == dose);
    let is_given = |dose: &u8| claim_of(*dose).is_some_and(|claim| claim.state == BookingState::Vaccinated);
    let Some(dose) = (1..=campaign.doses).find(|dose| !is_given(dose)) else { return Ok(None) };
    let here = (left.day, left.product);
    let may_follow = match claim_of(dose.saturating_sub(1)) {
        Some(earlier) => holds::follow(campaign, earlier.at, dose, here),
        None => dose == 1,
    };
    let may_precede =
        claim_of(dose + 1).is_none_or(|later| holds::follow(campaign, here, dose + 1, later.at));
    let has_next =
        dose >= campaign.doses || claim_of(dose + 1).is_some() || can_be_followed(campaign, here, dose);
    if !may_follow || !may_precede || !has_next {
        return Ok(None);
    }
    let Some(own) = claim_of(dose) else { return Ok(Some(NextDose { dose, replaces: None })) };
    let is_later = own.at.0 > left.day || own.state == BookingState::Displaced;
    // Whoever typed somebody's name, birth date and phone neither sees nor moves what that person has booked.
    let is_theirs = own.person == person.id;
    let is_booked = matches!(own.state, BookingState::Booked | BookingState::Displaced);
    let may_move = is_booked && is_later && is_theirs;
    Ok(may_move.then_some(NextDose {
        dose,
        replaces: Some(Replaced { booking: own.booking, version: own.version }),
    }))
}

/// Whether the campaign goes on long enough for the dose after this one.
fn can_be_followed(campaign: &Campaign, (day, product): (Date, ProductId), dose: u8) -> bool {
    let earliest = campaign
        .interval_before(product, dose + 1)
        .and_then(|interval| day.checked_add(jiff::Span::new().days(interval.minimum_days)).ok());
    earliest.is_some_and(|earliest| earliest <= campaign.last_day)
}

/// A live booking of a course.
struct Claimed {
    dose: u8,
    booking: BookingId,
    /// The row of the person in the list it was booked from.
    person: PersonId,
    version: i32,
    state: BookingState,
    at: (Date, ProductId),
}

fn claims_of(conn: &mut Conn, campaign: &Campaign, claimant: PersonId) -> Result<Vec<Claimed>, StoreError> {
    type Row = (i32, (i64, i64), i32, String, i32, i64);
    let rows: Vec<Row> = claim::table
        .inner_join(booking::table.on(claim::booking.eq(booking::id.nullable())))
        .filter(claim::campaign.eq(campaign.id.0).and(claim::person.eq(claimant.0)))
        .select((
            claim::dose,
            (booking::id, booking::person),
            booking::version,
            booking::state,
            booking::local_date,
            booking::product,
        ))
        .load(conn)?;
    let claimed = |(dose, (id, person), version, state, day, product): Row| {
        Ok(Claimed {
            dose: small(dose)?,
            booking: BookingId(id),
            person: PersonId(person),
            version,
            state: word(&state, BookingState::from_word)?,
            at: (date(day)?, ProductId(product)),
        })
    };
    rows.into_iter().map(claimed).collect()
}

/// Why an offer could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeOfferError {
    /// It was answered, or its time is over.
    #[error("the offer is over")]
    Over,
    /// The clinic has none left after all.
    #[error("no dose is left")]
    NoneLeft,
    /// The person's other doses or bookings have changed since, so that this one does not suit any more.
    #[error("the dose does not suit any more")]
    DoesNotSuit,
    /// The account has booked for as many people as it may.
    #[error("the account has booked for the most people it may")]
    TooManyPeople,
}

impl From<SwapSeatsError> for TakeOfferError {
    fn from(error: SwapSeatsError) -> Self {
        match error {
            SwapSeatsError::SlotFull => Self::NoneLeft,
            SwapSeatsError::SlotPassed | SwapSeatsError::NoSuchSlot => Self::Over,
            SwapSeatsError::ChangedMeanwhile
            | SwapSeatsError::TooLate
            | SwapSeatsError::IntervalBroken
            | SwapSeatsError::NotEligible => Self::DoesNotSuit,
        }
    }
}

impl From<HoldPartyError> for TakeOfferError {
    fn from(error: HoldPartyError) -> Self {
        match error {
            HoldPartyError::SlotFull => Self::NoneLeft,
            HoldPartyError::SlotPassed | HoldPartyError::NoSuchSlot => Self::Over,
            HoldPartyError::TooManyPeople => Self::TooManyPeople,
            HoldPartyError::AlreadyBooked(_)
            | HoldPartyError::BookedElsewhere(_)
            | HoldPartyError::IntervalBroken(_)
            | HoldPartyError::HoldExpired
            | HoldPartyError::NotEligible(_) => Self::DoesNotSuit,
        }
    }
}

/// A refusal of another command in this one's words.
fn as_take<E: Into<TakeOfferError>>(failure: Failure<E>) -> Failure<TakeOfferError> {
    match failure {
        Failure::Refused(error) => Failure::Refused(error.into()),
        Failure::Store(error) => Failure::Store(error),
    }
}

/// Takes an offered dose: a later booking of the same dose is given up for it in the same act. Taking what one took just
/// before is fine. What changed in public slots comes back.
///
/// # Errors
/// [`TakeOfferError`] as its variants say; nothing is changed then.
pub fn take(
    tx: &mut Tx<'_>,
    id: OfferId,
    campaign: &Arc<Campaign>,
    rules: HoldRules,
) -> Outcome<Vec<LaneChange>, TakeOfferError> {
    let over = Failure::Refused(TakeOfferError::Over);
    let keys = tx.tools.keys.clone();
    let Some(seen) = find(tx.conn, &keys, id)? else { return Err(over) };
    locks::account(tx, seen.account)?;
    lock(tx, id)?;
    let Some(now) = find(tx.conn, &keys, id)? else { return Err(over) };
    if now.state == OfferState::Taken {
        return Ok(Vec::new());
    }
    if !now.can_be_taken(tx.now) || now.leftover.is_over {
        return Err(over);
    }
    let (booking, changes) = book(tx, &now, campaign, rules)?;
    diesel::update(offer::table.find(id.0))
        .set((
            offer::state.eq(OfferState::Taken.as_str()),
            offer::answered_at.eq(tx.now.as_second()),
            offer::booking.eq(booking.0),
        ))
        .execute(tx.conn)?;
    wishes::end_rows(tx, &[now.standby.0])?;
    Ok(changes)
}

fn book(
    tx: &mut Tx<'_>,
    one: &Offer,
    campaign: &Arc<Campaign>,
    rules: HoldRules,
) -> Outcome<(BookingId, Vec<LaneChange>), TakeOfferError> {
    let unsuitable = Failure::Refused(TakeOfferError::DoesNotSuit);
    let Some(claimant) = people::claimant(tx, one.person.id)? else { return Err(unsuitable) };
    let whom = (&one.person, claimant.id);
    let Some(next) = next_dose(tx.conn, campaign, whom, &one.leftover, tx.now)? else {
        return Err(unsuitable);
    };
    if let Some(Replaced { booking, version }) = next.replaces {
        let moves = [Move { booking, version, slot: one.leftover.slot }];
        let changes = moving::swap_into(tx, &moves, Lane::Leftover, campaign).map_err(as_take)?;
        return Ok((booking, changes));
    }
    let order = HoldParty {
        account: one.account,
        campaign: campaign.clone(),
        site: one.leftover.site,
        seats: vec![SeatWish { person: one.person.id, dose: next.dose, slot: one.leftover.slot }],
        rules,
    };
    let held = holds::hold_in(tx, &order, Lane::Leftover).map_err(as_take)?;
    let confirmed = bookings::confirm(tx, one.account, &held.token, campaign);
    confirmed.map_err(|error| match error {
        Failure::Refused(_closed) => Failure::Refused(TakeOfferError::DoesNotSuit),
        Failure::Store(error) => Failure::Store(error),
    })?;
    let keys = tx.tools.keys.clone();
    let booked: Vec<Booking> = bookings::of_party(tx.conn, &keys, held.party)?;
    let first = booked.first().map(|one| one.id);
    let first = first.ok_or_else(|| StoreError::Unreadable("a confirmed party has no booking".into()))?;
    Ok((first, held.changes))
}

/// Locks an offer, so that it is answered once.
fn lock(tx: &mut Tx<'_>, id: OfferId) -> QueryResult<()> {
    diesel::update(offer::table.find(id.0)).set(offer::number.eq(offer::number)).execute(tx.conn)?;
    Ok(())
}

/// Says no to an offer, so that the next is asked. It does no harm to what was answered already. With `ends_wish` the person
/// stands by no more.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn decline(tx: &mut Tx<'_>, id: OfferId, ends_wish: bool) -> Outcome<(), super::Never> {
    let open = offer::table.find(id.0).filter(offer::state.eq(OfferState::Open.as_str()));
    let declined: Option<i64> = diesel::update(open)
        .set((offer::state.eq(OfferState::Declined.as_str()), offer::answered_at.eq(tx.now.as_second())))
        .returning(offer::standby)
        .get_result(tx.conn)
        .optional()?;
    if let Some(wish) = declined.filter(|_| ends_wish) {
        wishes::end_rows(tx, &[wish])?;
    }
    Ok(())
}
