//! Who was admitted through the door: once for a phone, however many devices it was typed into.

use diesel::dsl::count_star;
use diesel::prelude::*;
use jiff::Timestamp;

use super::door_state::{kept_place, threshold_of};
use super::schema::admission;
use super::values::unreadable;
use super::{Failure, Outcome, StoreError, Tx, admission_list};
use crate::domain::door::place::Place;
use crate::domain::ids::OpeningId;
use crate::keys::LookupHash;

/// It is not this place's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not this place's turn yet")]
pub struct NotYet;

/// Admits a phone that was proved, until `ends_at`. Whoever was admitted before joins that admission and stays as long as the
/// latest. The database's own threshold decides, whatever this node believes.
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
    let until = ends_at.as_second();
    let theirs = admission::table.find((opening.0, phone.as_bytes()));
    let known = diesel::update(theirs).set(admission::ends_at.eq(until)).execute(tx.conn)?;
    if known == 0 {
        diesel::insert_into(admission::table)
            .values((
                admission::opening.eq(opening.0),
                admission::phone_hash.eq(phone.as_bytes()),
                admission::place.eq(kept_place(place)),
                admission::began_at.eq(tx.now.as_second()),
                admission::ends_at.eq(until),
            ))
            .execute(tx.conn)?;
        admission_list::add(tx, opening, phone, place)?;
    }
    Ok(())
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
