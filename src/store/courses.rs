//! Courses: one person in one campaign, its doses in order. Whoever holds or changes a seat of a course locks the course
//! first, so that two writers never look at the same doses and both go on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::connection::directly;
use super::schema::{booking, claim, course};
use super::values::small;
use super::{StoreError, Tx, locks};
use crate::domain::booking::BookingState;
use crate::domain::ids::{BookingId, CampaignId, CourseId, PersonId};

/// What stands at a dose of a course.
#[derive(Debug, Clone, Copy)]
pub(super) enum Claim {
    /// A live booking.
    Booked(i64),
    /// A hold.
    Held(i64),
}

/// A course, if there is one, and what is claimed of its doses.
pub(super) struct Claimed {
    /// The course.
    pub(super) id: Option<CourseId>,
    claims: Vec<(u8, Claim)>,
}

impl Claimed {
    /// What stands at a dose.
    pub(super) fn claim_of(&self, dose: u8) -> Option<Claim> {
        self.claims.iter().find(|(one, _)| *one == dose).map(|(_, claim)| *claim)
    }
}

/// The course of a person in a campaign, with its claims: nobody claims anything before they have one.
pub(super) fn claimed(
    tx: &mut Tx<'_>,
    campaign: CampaignId,
    claimant: PersonId,
) -> Result<Claimed, StoreError> {
    type Row = (i64, Option<(i32, Option<i64>, Option<i64>)>);
    let of_course = claim::campaign.eq(course::campaign).and(claim::person.eq(course::person));
    let rows: Vec<Row> = directly!(tx.conn, conn => course::table
        .left_join(claim::table.on(of_course))
        .filter(course::campaign.eq(campaign.0).and(course::person.eq(claimant.0)))
        .select((course::id, (claim::dose, claim::booking, claim::pending_hold).nullable()))
        .load(conn))?;
    let id = rows.first().map(|(id, _)| CourseId(*id));
    let mut claims = Vec::with_capacity(rows.len());
    for (dose, booking, hold) in rows.into_iter().filter_map(|(_, claim)| claim) {
        let claim = booking.map(Claim::Booked).or(hold.map(Claim::Held));
        claims.extend(claim.map(|claim| Ok::<_, StoreError>((small(dose)?, claim))).transpose()?);
    }
    Ok(Claimed { id, claims })
}

/// The courses of these people in the campaign, locked; made where none is known.
pub(super) fn of_people(
    tx: &mut Tx<'_>,
    campaign: CampaignId,
    known: BTreeMap<PersonId, Option<CourseId>>,
) -> Result<BTreeMap<PersonId, CourseId>, StoreError> {
    let mut courses = BTreeMap::new();
    let ids: BTreeSet<i64> = known.values().flatten().map(|id| id.0).collect();
    for (claimant, id) in known {
        let id = match id {
            Some(id) => id,
            None => insert(tx, campaign, claimant)?,
        };
        courses.insert(claimant, id);
    }
    lock(tx, &ids)?;
    Ok(courses)
}

/// A new course. Its person stays the one who claims: two rows for one person are joined before, or see the course.
fn insert(tx: &mut Tx<'_>, campaign: CampaignId, claimant: PersonId) -> Result<CourseId, StoreError> {
    if !locks::claimant(tx, claimant.0)? {
        return Err(StoreError::Overtaken);
    }
    let id = tx.new_id();
    directly!(tx.conn, conn => diesel::insert_into(course::table)
        .values((course::id.eq(id), course::campaign.eq(campaign.0), course::person.eq(claimant.0)))
        .execute(conn))?;
    Ok(CourseId(id))
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
