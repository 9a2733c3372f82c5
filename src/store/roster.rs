//! The roster: a clinic's list of one day.

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::outbox::told;
use super::people::person_of;
use super::schema::{booking, person};
use super::values::{date_number, moment, small, unreadable, word};
use super::{Conn, StoreError};
use crate::domain::booking::BookingState;
use crate::domain::ids::{BookingId, PartyId, ProductId, SiteId};
use crate::domain::person::Person;
use crate::domain::reference::ReferenceCode;
use crate::keys::KeyRing;

/// A line of the roster. The page shows the name masked until it is opened.
#[derive(Debug, Clone)]
pub struct RosterLine {
    /// The booking.
    pub booking: BookingId,
    /// Its reference.
    pub reference: ReferenceCode,
    /// When.
    pub starts_at: Timestamp,
    /// Who.
    pub person: Person,
    /// Which dose.
    pub dose: u8,
    /// With what.
    pub product: ProductId,
    /// Where it stands.
    pub state: BookingState,
    /// Grows with every change.
    pub version: i32,
    /// Whether another person has the same name and birth date.
    pub suspected_duplicate: bool,
    /// Whether no text message about it arrived.
    pub is_unreached: bool,
}

type Who = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
type RosterRow = ((i64, i64, i32), String, i64, i32, i64, String, Who, (Option<i64>, Option<i64>));

/// Everyone who has, had or gave up a seat at the site on the day, by time.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_day(
    conn: &mut Conn,
    keys: &KeyRing,
    site: SiteId,
    day: Date,
) -> Result<Vec<RosterLine>, StoreError> {
    let rows: Vec<RosterRow> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(booking::site.eq(site.0).and(booking::local_date.eq(date_number(day))))
        .filter(booking::state.ne_all([BookingState::Held.as_str(), BookingState::Expired.as_str()]))
        .filter(person::erased_at.is_null())
        .order((booking::starts_at, booking::id))
        .select((
            (booking::id, booking::party, booking::version),
            booking::reference,
            booking::starts_at,
            booking::dose,
            booking::product,
            booking::state,
            (person::id, person::name_sealed, person::birth_sealed, person::phone_sealed),
            (person::same_person_as, person::suspected_duplicate_of),
        ))
        .load(conn)?;
    // Suspicions name the first row of a person.
    let shown: Vec<i64> = rows.iter().map(|row| row.7.0.unwrap_or(row.6.0)).collect();
    let suspected: Vec<Option<i64>> = person::table
        .filter(person::suspected_duplicate_of.eq_any(&shown))
        .select(person::suspected_duplicate_of)
        .load(conn)?;
    let asked: Vec<_> = rows.iter().map(|row| (BookingId(row.0.0), PartyId(row.0.1))).collect();
    let unreached = told::unreached(conn, &asked)?;
    rows.into_iter()
        .map(
            |((id, _, version), reference, starts_at, dose, product, state, who, (same_as, duplicate_of))| {
                Ok(RosterLine {
                    booking: BookingId(id),
                    version,
                    reference: ReferenceCode::parse(&reference).map_err(unreadable)?,
                    starts_at: moment(starts_at)?,
                    suspected_duplicate: duplicate_of.is_some()
                        || suspected.contains(&Some(same_as.unwrap_or(who.0))),
                    is_unreached: unreached.contains(&BookingId(id)),
                    person: person_of(keys, &who)?,
                    dose: small(dose)?,
                    product: ProductId(product),
                    state: word(&state, BookingState::from_word)?,
                })
            },
        )
        .collect()
}
