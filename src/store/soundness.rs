//! What must never be, counted in what is stored: a rehearsal looks at it afterwards.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use jiff::Timestamp;

use super::door_state::place_kept_as;
use super::schema::{admission, booking, opening};
use super::values::moment;
use super::{Conn, StoreError};
use crate::domain::door::opening::Opening;
use crate::domain::door::place::Place;
use crate::domain::ids::OpeningId;

/// The states in which a booking takes a seat.
const SEATED: &str = "('held', 'booked', 'arrived', 'vaccinated', 'no-show')";

/// The states in which a booking keeps its person from another one.
const LIVE: &str = "('held', 'booked', 'displaced', 'arrived', 'vaccinated')";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// A phone that was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The keyed hash of its number.
    pub phone: Vec<u8>,
    /// Its place.
    pub place: Place,
    /// When it was admitted.
    pub at: Timestamp,
}

fn count(conn: &mut Conn, statement: &str) -> Result<u64, StoreError> {
    let count: Count = sql_query(statement).get_result(conn)?;
    Ok(u64::try_from(count.number).unwrap_or(0))
}

/// Slots in which more people sit than there are seats, or not as many as the slot itself counts.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn slots_miscounted(conn: &mut Conn) -> Result<u64, StoreError> {
    count(
        conn,
        &format!(
            "SELECT COUNT(*) AS number FROM slot_lane LEFT JOIN (\
             SELECT slot, lane, COUNT(*) AS people FROM booking WHERE state IN {SEATED} GROUP BY slot, lane\
             ) AS seated ON seated.slot = slot_lane.slot AND seated.lane = slot_lane.lane \
             WHERE COALESCE(seated.people, 0) > slot_lane.seats \
             OR COALESCE(seated.people, 0) <> slot_lane.held + slot_lane.booked"
        ),
    )
}

/// People who have more than one live booking for a dose of a campaign.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn people_booked_twice(conn: &mut Conn) -> Result<u64, StoreError> {
    count(
        conn,
        &format!(
            "SELECT COUNT(*) AS number FROM (\
             SELECT COALESCE(person.same_person_as, person.id) AS who, booking.campaign, booking.dose \
             FROM booking JOIN person ON person.id = booking.person WHERE booking.state IN {LIVE} \
             GROUP BY 1, 2, 3 HAVING COUNT(*) > 1) AS twice"
        ),
    )
}

/// The references of confirmed bookings of an opening's campaign.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn booked(conn: &mut Conn, opening: OpeningId) -> Result<Vec<String>, StoreError> {
    let campaign: i64 = opening::table.find(opening.0).select(opening::campaign).first(conn)?;
    let booked = booking::table.filter(booking::campaign.eq(campaign).and(booking::state.eq("booked")));
    Ok(booked.select(booking::reference).load(conn)?)
}

/// Bookings of an opening's campaign that were made while its door stood, which was until `until`, by accounts whose phone
/// was never let in.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn booked_without_admission(
    conn: &mut Conn,
    opening: &Opening,
    until: Timestamp,
) -> Result<u64, StoreError> {
    let (id, campaign) = (opening.id, opening.campaign);
    let (opens, until) = (opening.opens_at.as_second(), until.as_second());
    count(
        conn,
        &format!(
            "SELECT COUNT(*) AS number FROM booking JOIN account ON account.id = booking.account \
             LEFT JOIN admission ON admission.opening = {id} AND admission.phone_hash = account.phone_hash \
             WHERE booking.campaign = {campaign} \
             AND booking.created_at >= {opens} AND booking.created_at < {until} \
             AND admission.opening IS NULL"
        ),
    )
}

/// Everybody who was admitted.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn admitted(conn: &mut Conn, opening: OpeningId) -> Result<Vec<Admitted>, StoreError> {
    let rows: Vec<(Vec<u8>, i64, i64)> = admission::table
        .filter(admission::opening.eq(opening.0))
        .select((admission::phone_hash, admission::place, admission::began_at))
        .load(conn)?;
    rows.into_iter()
        .map(|(phone, kept, at)| Ok(Admitted { phone, place: place_kept_as(kept), at: moment(at)? }))
        .collect()
}
