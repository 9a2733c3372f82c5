//! Who was admitted through the door: once for a phone, however many devices it was typed into.

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use jiff::Timestamp;

use super::connection::directly;
use super::door_state::{kept_place, threshold_of};
use super::kept::Kept;
use super::schema::admission;
use super::values::unreadable;
use super::{Conn, Failure, Outcome, StoreError, Tx, admission_list};
use crate::domain::door::place::Place;
use crate::domain::door::ticket::Ticket;
use crate::domain::ids::OpeningId;
use crate::keys::LookupHash;

/// It is not this place's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not this place's turn yet")]
pub struct NotYet;

/// Why a ticket lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefused {
    /// It is not its turn.
    #[error(transparent)]
    NotYet(NotYet),
    /// It has let in another phone.
    #[error("this ticket has let in another phone")]
    Used,
}

/// Admits a phone that was proved, until `ends_at`, by the place that was drawn for it. Whoever was admitted before joins
/// that admission and stays as long as the latest. The database's own threshold decides, whatever this node believes.
///
/// # Errors
/// [`NotYet`] when the place is above the threshold.
pub fn admit(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    phone: &LookupHash,
    place: Place,
    ends_at: Timestamp,
) -> Outcome<(), NotYet> {
    if !threshold_of(tx, opening)?.admits(place) {
        return Err(Failure::Refused(NotYet));
    }
    if !admit_again(tx, opening, phone, ends_at)? {
        insert(tx, opening, phone, (place, None), ends_at)?;
    }
    Ok(())
}

/// Admits a phone that was proved, until `ends_at`, by a ticket that was checked. A ticket lets in one phone, and a phone
/// that was let in needs none any more.
///
/// # Errors
/// [`TicketRefused`], as its variants say.
pub fn admit_by_ticket(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    phone: &LookupHash,
    ticket: &Ticket,
    ends_at: Timestamp,
) -> Outcome<(), TicketRefused> {
    if admit_again(tx, opening, phone, ends_at)? {
        return Ok(());
    }
    if !threshold_of(tx, opening)?.admits(ticket.place) {
        return Err(Failure::Refused(TicketRefused::NotYet(NotYet)));
    }
    let same = admission::place
        .eq(kept_place(ticket.place))
        .and(admission::ticket_until.eq(ticket.expires_at.as_second()));
    let used = admission::table.filter(admission::opening.eq(opening.0).and(same));
    if diesel::select(exists(used)).get_result(tx.conn)? {
        return Err(Failure::Refused(TicketRefused::Used));
    }
    insert(tx, opening, phone, (ticket.place, Some(ticket.expires_at)), ends_at)?;
    Ok(())
}

/// Lets in again, until `ends_at`, a phone that was admitted before. `Ok(false)` when it was not.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn admit_again(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    phone: &LookupHash,
    ends_at: Timestamp,
) -> QueryResult<bool> {
    let theirs = admission::table.find((opening.0, phone.as_bytes()));
    let known = diesel::update(theirs).set(admission::ends_at.eq(ends_at.as_second())).execute(tx.conn)?;
    Ok(known > 0)
}

fn insert(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    phone: &LookupHash,
    (place, ticket_until): (Place, Option<Timestamp>),
    ends_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(admission::table)
        .values((
            admission::opening.eq(opening.0),
            admission::phone_hash.eq(phone.as_bytes()),
            admission::place.eq(kept_place(place)),
            admission::began_at.eq(tx.now.as_second()),
            admission::ends_at.eq(ends_at.as_second()),
            admission::ticket_until.eq(ticket_until.map(Timestamp::as_second)),
        ))
        .execute(tx.conn)?;
    admission_list::add(tx, opening, phone, place)
}

/// Ends the session of a phone that has booked, so that the next can come in. Its devices may go on: only whoever comes in
/// again counts again. Who changes a booking has one already, and stays for the whole time: they are few.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn finish(tx: &mut Tx<'_>, opening: OpeningId, phone: &LookupHash) -> QueryResult<()> {
    let now = tx.now.as_second();
    let alive = admission::ends_at.gt(now);
    let theirs = admission::table.filter(
        admission::opening.eq(opening.0).and(admission::phone_hash.eq(phone.as_bytes().to_vec())).and(alive),
    );
    let finish = diesel::update(theirs).set(admission::ends_at.eq(now)).returning(admission::opening);
    let _finished: Option<i64> = directly!(tx.conn, conn => Kept(finish).get_result(conn).optional())?;
    Ok(())
}

/// Whether a phone was admitted.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn was_admitted(conn: &mut Conn, opening: OpeningId, phone: &LookupHash) -> Result<bool, StoreError> {
    let theirs = admission::table.find((opening.0, phone.as_bytes()));
    Ok(diesel::select(exists(theirs)).get_result(conn)?)
}

/// Sessions of an opening that are alive.
pub(super) fn alive(tx: &mut Tx<'_>, opening: OpeningId) -> Result<u32, StoreError> {
    let alive: i64 = admission::table
        .filter(admission::opening.eq(opening.0).and(admission::ends_at.gt(tx.now.as_second())))
        .select(count_star())
        .get_result(tx.conn)?;
    u32::try_from(alive).map_err(unreadable)
}

/// Phones that were admitted from one moment on and before another: each second counts once.
pub(super) fn began_between(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    from: Timestamp,
    to: Timestamp,
) -> Result<u32, StoreError> {
    let began = admission::began_at.ge(from.as_second()).and(admission::began_at.lt(to.as_second()));
    let came: i64 = admission::table
        .filter(admission::opening.eq(opening.0).and(began))
        .select(count_star())
        .get_result(tx.conn)?;
    u32::try_from(came).map_err(unreadable)
}
