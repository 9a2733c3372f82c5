//! Courses: one person in one campaign, its doses in order. Whoever holds or changes a seat of a course locks the course
//! first, so that two writers never look at the same doses and both go on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::connection::directly;
use super::schema::{booking, course};
use super::{Tx, locks};
use crate::domain::booking::BookingState;
use crate::domain::ids::{BookingId, CampaignId, PersonId};

/// The courses of these people in the campaign, locked; made where there is none.
pub(super) fn of_people(
    tx: &mut Tx<'_>,
    campaign: CampaignId,
    claimants: &BTreeSet<PersonId>,
) -> QueryResult<BTreeMap<PersonId, i64>> {
    let (mut courses, mut known_ids) = (BTreeMap::new(), BTreeSet::new());
    for claimant in claimants.iter().copied() {
        let known: Option<i64> = directly!(tx.conn, conn => course::table
            .filter(course::campaign.eq(campaign.0).and(course::person.eq(claimant.0)))
            .select(course::id)
            .get_result(conn))
        .optional()?;
        known_ids.extend(known);
        let id = match known {
            Some(id) => id,
            None => insert(tx, campaign, claimant)?,
        };
        courses.insert(claimant, id);
    }
    lock(tx, &known_ids)?;
    Ok(courses)
}

fn insert(tx: &mut Tx<'_>, campaign: CampaignId, claimant: PersonId) -> QueryResult<i64> {
    let id = tx.new_id();
    directly!(tx.conn, conn => diesel::insert_into(course::table)
        .values((course::id.eq(id), course::campaign.eq(campaign.0), course::person.eq(claimant.0)))
        .execute(conn))?;
    Ok(id)
}

/// Locks the courses that these bookings are doses of, and the parties that hold other doses of them: a hold that is being
/// confirmed is a booking, or is still held, before anybody looks whether it stands in the way.
pub(super) fn lock_of_bookings(tx: &mut Tx<'_>, bookings: &[BookingId]) -> QueryResult<()> {
    let bookings: Vec<i64> = bookings.iter().map(|id| id.0).collect();
    let ids: Vec<i64> =
        booking::table.filter(booking::id.eq_any(bookings)).select(booking::course).load(tx.conn)?;
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    // Parties first, as whoever holds does; then those that were held meanwhile.
    lock_held(tx, &ids)?;
    lock(tx, &ids)?;
    lock_held(tx, &ids)
}

/// Confirming locks the party alone, which spares it a statement; so the few who change a course wait for the party too.
fn lock_held(tx: &mut Tx<'_>, courses: &BTreeSet<i64>) -> QueryResult<()> {
    let held: Vec<i64> = booking::table
        .filter(booking::course.eq_any(courses).and(booking::state.eq(BookingState::Held.as_str())))
        .order(booking::party)
        .select(booking::party)
        .distinct()
        .load(tx.conn)?;
    held.into_iter().try_for_each(|id| locks::held_party(tx, id))
}

/// One after the other in order of id, so that nobody waits in a circle.
fn lock(tx: &mut Tx<'_>, ids: &BTreeSet<i64>) -> QueryResult<()> {
    ids.iter().try_for_each(|id| locks::course(tx, *id))
}
