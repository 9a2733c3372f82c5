//! Courses: one person in one campaign, its doses in order. Whoever changes a seat of a course locks the course first, so
//! that two nodes never look at the same doses and both go on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::Tx;
use super::schema::{booking, course};
use crate::domain::ids::{BookingId, CampaignId, PersonId};

/// The courses of these people in the campaign, locked; made where there is none.
pub(super) fn of_people(
    tx: &mut Tx<'_>,
    campaign: CampaignId,
    claimants: &[PersonId],
) -> QueryResult<BTreeMap<PersonId, i64>> {
    let distinct: BTreeSet<PersonId> = claimants.iter().copied().collect();
    let mut courses = BTreeMap::new();
    for claimant in distinct {
        let known: Option<i64> = course::table
            .filter(course::campaign.eq(campaign.0).and(course::person.eq(claimant.0)))
            .select(course::id)
            .first(tx.conn)
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => insert(tx, campaign, claimant)?,
        };
        courses.insert(claimant, id);
    }
    let ids: BTreeSet<i64> = courses.values().copied().collect();
    lock(tx, &ids)?;
    Ok(courses)
}

fn insert(tx: &mut Tx<'_>, campaign: CampaignId, claimant: PersonId) -> QueryResult<i64> {
    let id = tx.new_id();
    diesel::insert_into(course::table)
        .values((course::id.eq(id), course::campaign.eq(campaign.0), course::person.eq(claimant.0)))
        .execute(tx.conn)?;
    Ok(id)
}

/// Locks the courses that these bookings are doses of.
pub(super) fn lock_of_bookings(tx: &mut Tx<'_>, bookings: &[BookingId]) -> QueryResult<()> {
    let bookings: Vec<i64> = bookings.iter().map(|id| id.0).collect();
    let ids: Vec<i64> =
        booking::table.filter(booking::id.eq_any(bookings)).select(booking::course).load(tx.conn)?;
    lock(tx, &ids.into_iter().collect())
}

/// Takes the rows' locks until the transaction ends, one after the other in order of id so that nobody waits in a
/// circle. An update that changes nothing is the one row lock that both databases have.
fn lock(tx: &mut Tx<'_>, ids: &BTreeSet<i64>) -> QueryResult<()> {
    for id in ids {
        diesel::update(course::table.find(id)).set(course::campaign.eq(course::campaign)).execute(tx.conn)?;
    }
    Ok(())
}
