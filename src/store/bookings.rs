//! Bookings: confirmed seats, how they are confirmed, and how they are read.

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::connection::directly;
use super::kept::Kept;
use super::people::{self, person_of};
use super::reminders::{self, Booker};
use super::schema::{booking, claim, party, person, site};
use super::slots::{SlotRow, slot_of};
use super::states::PartyIsHeld;
use super::values::{date, lane_of, moment, small, unreadable, word};
use super::{Conn, Failure, Outcome, StoreError, Tx, accounts, slots};
use crate::domain::booking::{BookingState, BookingStep, ConfirmPartyError, LaneChange};
use crate::domain::campaign::Campaign;
use crate::domain::ids::{
    AccountId, BookingId, CampaignId, CourseId, PartyId, PersonId, ProductId, SiteId, SlotId,
};
use crate::domain::person::Person;
use crate::domain::phone::PhoneNumber;
use crate::domain::reference::ReferenceCode;
use crate::domain::slot::{Lane, Seat};
use crate::keys::KeyRing;

/// A booking with the person it is for.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The row's id.
    pub id: BookingId,
    /// What people call it.
    pub reference: ReferenceCode,
    /// The party it was made in.
    pub party: PartyId,
    /// The course it is a dose of.
    pub course: CourseId,
    /// Who booked it.
    pub account: AccountId,
    /// Who is vaccinated.
    pub person: Person,
    /// In which campaign.
    pub campaign: CampaignId,
    /// Which dose, from 1.
    pub dose: u8,
    /// With what.
    pub product: ProductId,
    /// Where.
    pub site: SiteId,
    /// The slot.
    pub slot: SlotId,
    /// Of which of its shares the seat is.
    pub lane: Lane,
    /// When it starts.
    pub starts_at: Timestamp,
    /// The day it starts on, local to the site.
    pub local_date: Date,
    /// Where it stands.
    pub state: BookingState,
    /// Grows with every change.
    pub version: i32,
}

impl Booking {
    /// Whether it can still be changed or cancelled by the person at `now`. The time of a displaced one is no more: it may pass.
    pub fn can_change(&self, now: Timestamp) -> bool {
        let is_coming = self.starts_at > now || self.state == BookingState::Displaced;
        self.state.after(BookingStep::Cancel).is_some() && is_coming
    }
}

type BookingRow = (
    (i64, String, i64, i64, i64, i64, i32, i64, i64),
    (i64, i16, i64, i32, String, i32),
    (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>),
);

macro_rules! booking_columns {
    () => {
        (
            (
                booking::id,
                booking::reference,
                booking::party,
                booking::course,
                booking::account,
                booking::campaign,
                booking::dose,
                booking::product,
                booking::site,
            ),
            (
                booking::slot,
                booking::lane,
                booking::starts_at,
                booking::local_date,
                booking::state,
                booking::version,
            ),
            (person::id, person::name_sealed, person::birth_sealed, person::phone_sealed),
        )
    };
}

fn booking_of(keys: &KeyRing, row: BookingRow) -> Result<Booking, StoreError> {
    let ((id, reference, party, course, account, campaign, dose, product, site), when, who) = row;
    let (slot, lane, starts_at, local_date, state, version) = when;
    Ok(Booking {
        id: BookingId(id),
        reference: ReferenceCode::parse(&reference).map_err(unreadable)?,
        party: PartyId(party),
        course: CourseId(course),
        account: AccountId(account),
        person: person_of(keys, &who)?,
        campaign: CampaignId(campaign),
        dose: small(dose)?,
        product: ProductId(product),
        site: SiteId(site),
        slot: SlotId(slot),
        lane: lane_of(lane)?,
        starts_at: moment(starts_at)?,
        local_date: date(local_date)?,
        state: word(&state, BookingState::from_word)?,
        version,
    })
}

/// The bookings of a party, by dose and then by person, without those that have passed to a person's own account.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_party(conn: &mut Conn, keys: &KeyRing, id: PartyId) -> Result<Vec<Booking>, StoreError> {
    let rows: Vec<BookingRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .inner_join(party::table.on(party::id.eq(booking::party)))
        .filter(booking::party.eq(id.0).and(person::erased_at.is_null()))
        .filter(booking::account.eq(party::account))
        .order((booking::dose, booking::id))
        .select(booking_columns!())
        .load(conn)?;
    rows.into_iter().map(|row| booking_of(keys, row)).collect()
}

/// The booking with this id.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: BookingId) -> Result<Option<Booking>, StoreError> {
    let row: Option<BookingRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(booking::id.eq(id.0).and(person::erased_at.is_null()))
        .select(booking_columns!())
        .get_result(conn)
        .optional()?;
    row.map(|row| booking_of(keys, row)).transpose()
}

/// The booking with this reference, once it was confirmed.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn by_reference(
    conn: &mut Conn,
    keys: &KeyRing,
    reference: &ReferenceCode,
) -> Result<Option<Booking>, StoreError> {
    let row: Option<BookingRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(booking::reference.eq(reference.as_str()).and(person::erased_at.is_null()))
        .filter(booking::state.ne_all([BookingState::Held.as_str(), BookingState::Expired.as_str()]))
        .select(booking_columns!())
        .get_result(conn)
        .optional()?;
    row.map(|row| booking_of(keys, row)).transpose()
}

/// The booking with this reference, if the phone is that of whoever booked or of the person.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn of_phone(
    conn: &mut Conn,
    keys: &KeyRing,
    reference: &ReferenceCode,
    phone: &PhoneNumber,
) -> Result<Option<Booking>, StoreError> {
    let one = by_reference(conn, keys, reference)?;
    // Asked for an account that does not exist too: a page that looks for nothing must take about as long.
    let booker = accounts::find(conn, keys, one.as_ref().map_or(AccountId(0), |one| one.account))?;
    let is_bookers = booker.is_some_and(|booker| booker.phone == *phone);
    let own = one.as_ref().map_or(Ok(None), |one| people::phone_of(conn, keys, &one.person))?;
    Ok(one.filter(|_| is_bookers || own.is_some_and(|own| own == *phone)))
}

/// The campaign of the booking with this reference.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn campaign_of(conn: &mut Conn, reference: &ReferenceCode) -> Result<Option<CampaignId>, StoreError> {
    let named = booking::table.filter(booking::reference.eq(reference.as_str())).select(booking::campaign);
    let campaign: Option<i64> = directly!(conn, conn => named.get_result(conn)).optional()?;
    Ok(campaign.map(CampaignId))
}

/// All doses of a course that were confirmed, by dose.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_course(conn: &mut Conn, keys: &KeyRing, id: CourseId) -> Result<Vec<Booking>, StoreError> {
    let rows: Vec<BookingRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(booking::course.eq(id.0).and(person::erased_at.is_null()))
        .filter(booking::state.ne_all([BookingState::Held.as_str(), BookingState::Expired.as_str()]))
        .order((booking::dose, booking::id))
        .select(booking_columns!())
        .load(conn)?;
    rows.into_iter().map(|row| booking_of(keys, row)).collect()
}

/// The bookings an account may see: those it made, and those made for its owner. The next one first, past and ended
/// ones last.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn visible_to(conn: &mut Conn, keys: &KeyRing, owner: AccountId) -> Result<Vec<Booking>, StoreError> {
    macro_rules! shown {
        ($whose:expr) => {
            booking::table
                .inner_join(person::table.on(person::id.eq(booking::person)))
                .filter($whose.and(person::erased_at.is_null()))
                .filter(booking::state.ne(BookingState::Held.as_str()))
                .filter(booking::state.ne(BookingState::Expired.as_str()))
                .select(booking_columns!())
                .load(conn)?
        };
    }
    let mut rows: Vec<BookingRow> = shown!(booking::account.eq(owner.0));
    // One by one, nearly always one: the database would have to read a statement with a list in it anew each time.
    for me in people::rows_of_owner(conn, owner)? {
        let others: Vec<BookingRow> = shown!(booking::person.eq(me).and(booking::account.ne(owner.0)));
        rows.extend(others);
    }
    let mut bookings =
        rows.into_iter().map(|row| booking_of(keys, row)).collect::<Result<Vec<_>, StoreError>>()?;
    bookings.sort_by_key(|one| (one.starts_at, one.id));
    Ok(bookings)
}

/// The next appointment of a person, or, when none is to come, their last one.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn next_of(
    conn: &mut Conn,
    keys: &KeyRing,
    id: PersonId,
    now: Timestamp,
) -> Result<Option<Booking>, StoreError> {
    let rows: Vec<BookingRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(booking::person.eq(id.0).and(booking::state.eq_any(live_states())))
        .filter(person::erased_at.is_null())
        .order((booking::starts_at, booking::id))
        .select(booking_columns!())
        .load(conn)?;
    let all: Vec<Booking> = rows.into_iter().map(|row| booking_of(keys, row)).collect::<Result<_, _>>()?;
    let next = all.iter().find(|one| one.starts_at > now).or(all.last());
    Ok(next.cloned())
}

/// Whether an account may see and change a booking: it made it, or the booking is for its owner.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn may_see(conn: &mut Conn, owner: AccountId, one: &Booking) -> Result<bool, StoreError> {
    Ok(one.account == owner || people::rows_of_owner(conn, owner)?.contains(&one.person.id.0))
}

/// The doses of a campaign that people have a live booking for: pages do not offer those again.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn live_doses(
    conn: &mut Conn,
    campaign: CampaignId,
    people: &[PersonId],
) -> Result<Vec<(PersonId, u8)>, StoreError> {
    let people: Vec<i64> = people.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, i32)> = booking::table
        .filter(booking::campaign.eq(campaign.0).and(booking::person.eq_any(people)))
        .filter(booking::state.eq_any(live_states()))
        .select((booking::person, booking::dose))
        .load(conn)?;
    rows.into_iter().map(|(person, dose)| Ok((PersonId(person), small(dose)?))).collect()
}

pub(super) fn live_states() -> Vec<&'static str> {
    BookingState::ALL.iter().filter(|state| state.is_live()).map(|state| state.as_str()).collect()
}

/// Day and product of the live dose that is claimed in the name of `claimant`.
pub(super) fn live_dose(
    conn: &mut Conn,
    campaign: CampaignId,
    claimant: PersonId,
    dose: u8,
) -> Result<Option<(Date, ProductId)>, StoreError> {
    let row: Option<(i32, i64)> = directly!(conn, conn => claim::table
        .inner_join(booking::table.on(claim::booking.eq(booking::id.nullable())))
        .filter(claim::campaign.eq(campaign.0).and(claim::person.eq(claimant.0)))
        .filter(claim::dose.eq(i32::from(dose)))
        .select((booking::local_date, booking::product))
        .get_result(conn))
    .optional()?;
    row.map(|(day, product)| Ok((date(day)?, ProductId(product)))).transpose()
}

/// A party's seats are confirmed.
#[derive(Debug, Clone)]
pub struct PartyConfirmed {
    /// What changed in the slots; nothing when it had been confirmed before.
    pub changes: Vec<LaneChange>,
}

/// Turns a held party into bookings and queues what is to be told. Confirming what is confirmed is fine: the visitor
/// pressed the button twice.
///
/// # Errors
/// [`ConfirmPartyError`] as its variants say.
pub fn confirm(
    tx: &mut Tx<'_>,
    owner: AccountId,
    token: &str,
    campaign: &Campaign,
) -> Outcome<PartyConfirmed, ConfirmPartyError> {
    // The party's row decides between this node and others that confirm or end it at the same instant.
    let mine = party::token.eq(token.to_owned()).and(party::account.eq(owner.0));
    let confirm = diesel::update(party::table.filter(mine.and(party::campaign.eq(campaign.id.0))))
        .filter(PartyIsHeld.and(party::expires_at.gt(tx.now.as_second())))
        .set((
            party::state.eq(BookingState::Booked.as_str()),
            party::version.eq(party::version + 1),
            party::confirmed_at.eq(tx.now.as_second()),
        ))
        .returning(party::id);
    let is_open = tx.now < campaign.closes_at;
    let confirmed: Option<i64> =
        if is_open { directly!(tx.conn, conn => Kept(confirm).get_result(conn).optional())? } else { None };
    let Some(id) = confirmed else { return why_unconfirmed(tx, owner, token, campaign) };
    let held = held_seats(tx.conn, id)?;
    // Asked now, while others wait for the party: a care that ends at the same time has ended, or lets the booking pass.
    let booker = Booker::find(tx, owner)?;
    if !held.iter().all(|one| booker.cares_for(one.person) && one.seat.slot.starts_at > tx.now) {
        return Err(Failure::Refused(ConfirmPartyError::HoldExpired));
    }
    let changes = turn_into_bookings(tx, &held)?;
    reminders::tell_confirmed(tx, PartyId(id), &booker, &held, &campaign.reminders)?;
    Ok(PartyConfirmed { changes })
}

/// What becomes of a party that is not held, or any more.
fn why_unconfirmed(
    tx: &mut Tx<'_>,
    owner: AccountId,
    token: &str,
    campaign: &Campaign,
) -> Outcome<PartyConfirmed, ConfirmPartyError> {
    let state: Option<String> = party::table
        .filter(party::token.eq(token).and(party::account.eq(owner.0)).and(party::campaign.eq(campaign.id.0)))
        .select(party::state)
        .get_result(tx.conn)
        .optional()?;
    match state.as_deref().and_then(BookingState::from_word) {
        Some(BookingState::Booked) => Ok(PartyConfirmed { changes: Vec::new() }),
        Some(BookingState::Held) if tx.now >= campaign.closes_at => {
            Err(Failure::Refused(ConfirmPartyError::Closed))
        }
        _ => Err(Failure::Refused(ConfirmPartyError::HoldExpired)),
    }
}

/// A held seat, as its row says before it is confirmed or given back.
pub(super) struct HeldSeat {
    pub(super) id: BookingId,
    pub(super) person: PersonId,
    pub(super) dose: u8,
    pub(super) seat: Seat,
    pub(super) version: i32,
    /// Where the site is, so that reminders come in its morning.
    pub(super) time_zone: String,
}

/// The seats of a party that are held, by dose and then by person.
pub(super) fn held_seats(conn: &mut Conn, party: i64) -> Result<Vec<HeldSeat>, StoreError> {
    type Row = ((i64, i64, i32, i32, i16, String), SlotRow);
    let rows: Vec<Row> = directly!(conn, conn => booking::table
        .inner_join(site::table.on(site::id.eq(booking::site)))
        .filter(booking::party.eq(party).and(booking::state.eq(BookingState::Held.as_str())))
        .order((booking::dose, booking::id))
        .select((
            (booking::id, booking::person, booking::dose, booking::version, booking::lane, site::time_zone),
            (
                booking::slot,
                booking::site,
                booking::campaign,
                booking::product,
                booking::starts_at,
                booking::local_date,
            ),
        ))
        .load(conn))?;
    rows.into_iter()
        .map(|((id, person, dose, version, lane, time_zone), slot)| {
            let (id, person) = (BookingId(id), PersonId(person));
            let seat = Seat { slot: slot_of(slot)?, lane: lane_of(lane)? };
            Ok(HeldSeat { id, person, dose: small(dose)?, seat, version, time_zone })
        })
        .collect()
}

fn turn_into_bookings(tx: &mut Tx<'_>, held: &[HeldSeat]) -> Result<Vec<LaneChange>, StoreError> {
    let seats: Vec<Seat> = held.iter().map(|one| one.seat).collect();
    let mut changes = Vec::new();
    if !slots::take(tx, &seats, -1, 1, &mut changes)? {
        return Err(StoreError::Unreadable("a held seat was not counted".into()));
    }
    for seat in held {
        let book = diesel::update(booking::table.find(seat.id.0))
            .set((
                booking::state.eq(BookingState::Booked.as_str()),
                booking::expires_at.eq(None::<i64>),
                booking::version.eq(seat.version + 1),
                booking::updated_at.eq(tx.now.as_second()),
            ))
            .returning(booking::id);
        let _: i64 = directly!(tx.conn, conn => Kept(book).get_result(conn))?;
        let claim = diesel::update(claim::table.filter(claim::pending_hold.eq(seat.id.0)))
            .set((claim::booking.eq(seat.id.0), claim::pending_hold.eq(None::<i64>)))
            .returning(claim::person);
        let _: i64 = directly!(tx.conn, conn => Kept(claim).get_result(conn))?;
    }
    Ok(changes)
}
