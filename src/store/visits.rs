//! What staff do with bookings at the clinic, act by act. The booking says where it stands; the acts say who brought it there.

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bookings::{self, Booking};
use super::lots::{self, Lot};
use super::reminders::{self, Told};
use super::schema::{booking, claim, course, lot, staff, vaccination, visit};
use super::values::{moment, word};
use super::{Conn, Failure, Outcome, StoreError, Tx, courses, people};
use crate::domain::booking::BookingState;
use crate::domain::campaign::Campaign;
use crate::domain::ids::{BookingId, LotId, ProductId, StaffId};
use crate::domain::visit::{Act, BodySite, Identified, VisitError};

/// What a member of staff wants to do with a booking, as they saw it.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    /// The booking.
    pub booking: BookingId,
    /// Its version on the page.
    pub version: i32,
    /// Who does it.
    pub staff: StaffId,
    /// The day at the site.
    pub today: Date,
    /// When that day began.
    pub day_began: Timestamp,
}

/// How somebody was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reception {
    /// How they showed who they are.
    pub identified: Identified,
    /// Whether they answered the questions before a vaccination.
    pub screened: bool,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// From which lot.
    pub lot: LotId,
    /// Where.
    pub body_site: BodySite,
}

/// The person is here.
///
/// # Errors
/// [`VisitError`] as its variants say.
pub fn check_in(tx: &mut Tx<'_>, order: &Order, reception: Reception) -> Outcome<(), VisitError> {
    let Some(before) = begin(tx, order, Act::CheckIn)? else {
        let last = history(tx.conn, order.booking)?.pop();
        return same_press(last.and_then(|done| done.reception) == Some(reception));
    };
    if before.local_date != order.today {
        return Err(Failure::Refused(VisitError::OtherDay(before.local_date)));
    }
    if before.state == BookingState::NoShow {
        claim_again(tx, &before)?;
    }
    write(tx, &before, order, Act::CheckIn, Some(reception))?;
    Ok(())
}

/// The vaccination was given. Whoever was received can be recorded on a later day too: paper is entered when there is time.
///
/// # Errors
/// [`VisitError`] as its variants say.
pub fn record(tx: &mut Tx<'_>, order: &Order, given: Given, campaign: &Campaign) -> Outcome<(), VisitError> {
    let Some(before) = begin(tx, order, Act::Record)? else { return is_given(tx, order, given) };
    check_lot(tx, &before, given.lot, campaign)?;
    let visit = write(tx, &before, order, Act::Record, None)?;
    insert_vaccination(tx, &before, visit, given)?;
    if before.local_date == order.today {
        // Paper that is entered days later tells nobody to rest today.
        reminders::tell(tx, before.id, Told::Vaccinated)?;
    }
    Ok(())
}

/// The person did not come. Their dose is free to be booked again.
///
/// # Errors
/// [`VisitError`] as its variants say.
pub fn mark_no_show(tx: &mut Tx<'_>, order: &Order) -> Outcome<(), VisitError> {
    let Some(before) = begin(tx, order, Act::NoShow)? else { return Ok(()) };
    if before.starts_at > tx.now {
        return Err(Failure::Refused(VisitError::StillToCome));
    }
    write(tx, &before, order, Act::NoShow, None)?;
    diesel::delete(claim::table.filter(claim::booking.eq(before.id.0))).execute(tx.conn)?;
    Ok(())
}

/// The act before was a mistake: see [`can_undo`].
///
/// # Errors
/// [`VisitError`] as its variants say.
pub fn undo(tx: &mut Tx<'_>, order: &Order) -> Outcome<(), VisitError> {
    let Some(before) = begin(tx, order, Act::Undo)? else { return Ok(()) };
    let last = history(tx.conn, before.id)?.pop();
    if !last.is_some_and(|done| can_undo(before.state, &done, order.day_began)) {
        return Err(Failure::Refused(VisitError::OtherDay(before.local_date)));
    }
    if before.state == BookingState::NoShow {
        claim_again(tx, &before)?;
    }
    let visit = write(tx, &before, order, Act::Undo, None)?;
    end_vaccination(tx, before.id, visit)?;
    reminders::untell_vaccinated(tx, before.id)?;
    Ok(())
}

/// What was recorded was wrong: it stays, and this counts instead.
///
/// # Errors
/// [`VisitError`] as its variants say.
pub fn correct(tx: &mut Tx<'_>, order: &Order, given: Given, campaign: &Campaign) -> Outcome<(), VisitError> {
    let Some(before) = begin(tx, order, Act::Correct)? else { return is_given(tx, order, given) };
    check_lot(tx, &before, given.lot, campaign)?;
    let visit = write(tx, &before, order, Act::Correct, None)?;
    end_vaccination(tx, before.id, visit)?;
    insert_vaccination(tx, &before, visit, given)?;
    Ok(())
}

/// The booking as it is now, which stays so until the act is done; `None` when this press of the button came twice.
fn begin(tx: &mut Tx<'_>, order: &Order, act: Act) -> Outcome<Option<Booking>, VisitError> {
    let refuse = |why| Err(Failure::Refused(why));
    courses::lock_of_bookings(tx, &[order.booking])?;
    let Some(before) = bookings::find(tx.conn, &tx.tools.keys, order.booking)? else {
        return refuse(VisitError::ChangedMeanwhile);
    };
    if order.version.checked_add(1) == Some(before.version) && is_last(tx, order, act)? {
        return Ok(None);
    }
    if before.version != order.version {
        return refuse(VisitError::ChangedMeanwhile);
    }
    let can = act
        .step()
        .map_or(before.state == BookingState::Vaccinated, |step| before.state.after(step).is_some());
    if can { Ok(Some(before)) } else { refuse(VisitError::NotNow(before.state)) }
}

/// Whether the last thing that was done is this act by the same member of staff.
fn is_last(tx: &mut Tx<'_>, order: &Order, act: Act) -> QueryResult<bool> {
    let last: Option<(String, i64)> = visit::table
        .filter(visit::booking.eq(order.booking.0))
        .order(visit::id.desc())
        .select((visit::act, visit::staff))
        .first(tx.conn)
        .optional()?;
    Ok(last.is_some_and(|(done, by)| done == act.as_str() && by == order.staff.0))
}

/// Whether the last act can be undone: on the day on which it was done, so that what was recorded earlier is corrected
/// instead; a correction by another one. Somebody who was received and left can be taken back on any day.
pub fn can_undo(state: BookingState, last: &Done, day_began: Timestamp) -> bool {
    match state {
        BookingState::Arrived => true,
        BookingState::Vaccinated | BookingState::NoShow => last.act != Act::Correct && last.at >= day_began,
        _ => false,
    }
}

/// What a second press asks for must be what the first one did.
fn same_press(is_same: bool) -> Outcome<(), VisitError> {
    if is_same { Ok(()) } else { Err(Failure::Refused(VisitError::ChangedMeanwhile)) }
}

fn is_given(tx: &mut Tx<'_>, order: &Order, given: Given) -> Outcome<(), VisitError> {
    let counts = vaccination_of(tx.conn, order.booking)?;
    same_press(counts.is_some_and(|one| (one.lot_id, one.body_site) == (given.lot, given.body_site)))
}

/// Writes an act down, and where the booking stands after it.
fn write(
    tx: &mut Tx<'_>,
    before: &Booking,
    order: &Order,
    act: Act,
    reception: Option<Reception>,
) -> QueryResult<i64> {
    let id = tx.new_id();
    diesel::insert_into(visit::table)
        .values((
            visit::id.eq(id),
            visit::booking.eq(before.id.0),
            visit::act.eq(act.as_str()),
            visit::staff.eq(order.staff.0),
            visit::at.eq(tx.now.as_second()),
            visit::identified.eq(reception.map(|one| one.identified.as_str())),
            visit::screened.eq(reception.map(|one| one.screened)),
        ))
        .execute(tx.conn)?;
    let state = act.step().and_then(|step| before.state.after(step)).unwrap_or(before.state);
    diesel::update(booking::table.find(before.id.0))
        .set((
            booking::state.eq(state.as_str()),
            booking::version.eq(before.version + 1),
            booking::updated_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// Claims the dose again for somebody who came after all.
fn claim_again(tx: &mut Tx<'_>, before: &Booking) -> Outcome<(), VisitError> {
    let claimant: i64 = course::table.find(before.course.0).select(course::person).get_result(tx.conn)?;
    let (campaign, person, dose) = (before.campaign.0, claimant, i32::from(before.dose));
    // While they had no claim, their name or phone may have changed, and they claim as somebody else now.
    let by_now = people::claimant(tx, before.person.id)?.map_or(claimant, |one| one.id.0);
    let taken = claim::campaign.eq(campaign).and(claim::dose.eq(dose));
    let taken = claim::table.filter(taken.and(claim::person.eq_any([person, by_now])));
    if diesel::select(exists(taken)).get_result(tx.conn)? {
        return Err(Failure::Refused(VisitError::BookedAgain));
    }
    diesel::insert_into(claim::table)
        .values((
            claim::campaign.eq(campaign),
            claim::person.eq(person),
            claim::dose.eq(dose),
            claim::booking.eq(before.id.0),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a lot may be given to somebody on the day of their appointment.
fn check_lot(tx: &mut Tx<'_>, before: &Booking, id: LotId, campaign: &Campaign) -> Outcome<(), VisitError> {
    let refuse = |why| Err(Failure::Refused(why));
    let known = lots::of_site(tx.conn, before.site)?;
    let Some(lot) = known.into_iter().find(|lot| lot.id == id) else { return refuse(VisitError::NoSuchLot) };
    lot.may_be_given(before.local_date).map_err(Failure::Refused)?;
    if suits(tx, before, &lot, campaign)? { Ok(()) } else { refuse(VisitError::WrongVaccine) }
}

/// Whether the vaccine is of the campaign, for somebody of this age, and goes with the doses before and after it.
fn suits(tx: &mut Tx<'_>, before: &Booking, lot: &Lot, campaign: &Campaign) -> Result<bool, StoreError> {
    let Some(product) = campaign.product(lot.product) else { return Ok(false) };
    let doses = bookings::of_course(tx.conn, &tx.tools.keys, before.course)?;
    let given = given_in_course(tx.conn, before)?;
    let follows =
        given.iter().all(|(dose, earlier)| *dose >= before.dose || product.may_come_after(*earlier));
    let is_followed = doses
        .iter()
        .filter(|one| one.dose > before.dose && one.state.is_live())
        .all(|later| campaign.product(later.product).is_some_and(|later| later.may_come_after(lot.product)));
    Ok(follows && is_followed && product.ages.allow(&before.person.birth, before.local_date))
}

/// The doses of a course that were given, with what.
fn given_in_course(conn: &mut Conn, one: &Booking) -> Result<Vec<(u8, ProductId)>, StoreError> {
    let rows: Vec<(i32, i64)> = vaccination::table
        .inner_join(booking::table.on(booking::id.eq(vaccination::booking)))
        .inner_join(lot::table.on(lot::id.eq(vaccination::lot)))
        .filter(booking::course.eq(one.course.0).and(vaccination::ended_by.is_null()))
        .select((vaccination::dose, lot::product))
        .load(conn)?;
    rows.into_iter().map(|(dose, product)| Ok((super::values::small(dose)?, ProductId(product)))).collect()
}

fn insert_vaccination(tx: &mut Tx<'_>, before: &Booking, visit: i64, given: Given) -> QueryResult<()> {
    let id = tx.new_id();
    diesel::insert_into(vaccination::table)
        .values((
            vaccination::id.eq(id),
            vaccination::visit.eq(visit),
            vaccination::booking.eq(before.id.0),
            vaccination::lot.eq(given.lot.0),
            vaccination::dose.eq(i32::from(before.dose)),
            vaccination::body_site.eq(given.body_site.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What was recorded counts no more: this act ended it.
fn end_vaccination(tx: &mut Tx<'_>, id: BookingId, visit: i64) -> QueryResult<()> {
    let counts = vaccination::booking.eq(id.0).and(vaccination::ended_by.is_null());
    diesel::update(vaccination::table.filter(counts))
        .set(vaccination::ended_by.eq(visit))
        .execute(tx.conn)?;
    Ok(())
}

/// An act, as pages tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What was done.
    pub act: Act,
    /// By whom: the name they sign in with.
    pub login: String,
    /// When.
    pub at: Timestamp,
    /// How somebody was received.
    pub reception: Option<Reception>,
}

/// Everything that was done with a booking, the first act first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn history(conn: &mut Conn, id: BookingId) -> Result<Vec<Done>, StoreError> {
    type Row = (String, String, i64, Option<String>, Option<bool>);
    let rows: Vec<Row> = visit::table
        .inner_join(staff::table.on(staff::id.eq(visit::staff)))
        .filter(visit::booking.eq(id.0))
        .order(visit::id)
        .select((visit::act, staff::login, visit::at, visit::identified, visit::screened))
        .load(conn)?;
    let done = |(act, login, at, identified, screened): Row| {
        let identified = identified.map(|one| word(&one, Identified::from_word)).transpose()?;
        Ok(Done {
            act: word(&act, Act::from_word)?,
            login,
            at: moment(at)?,
            reception: identified
                .zip(screened)
                .map(|(identified, screened)| Reception { identified, screened }),
        })
    };
    rows.into_iter().map(done).collect()
}

/// The vaccination of a booking, as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vaccination {
    /// With what.
    pub product: ProductId,
    /// From which lot.
    pub lot_id: LotId,
    /// What the maker calls it.
    pub lot: String,
    /// Where.
    pub body_site: BodySite,
    /// When it was recorded.
    pub at: Timestamp,
}

/// What was given for a booking; `None` when nothing was recorded, or all of it was a mistake.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn vaccination_of(conn: &mut Conn, id: BookingId) -> Result<Option<Vaccination>, StoreError> {
    type Row = (i64, i64, String, String, i64);
    let row: Option<Row> = vaccination::table
        .inner_join(visit::table.on(visit::id.eq(vaccination::visit)))
        .inner_join(lot::table.on(lot::id.eq(vaccination::lot)))
        .filter(vaccination::booking.eq(id.0).and(vaccination::ended_by.is_null()))
        .select((lot::product, lot::id, lot::number, vaccination::body_site, visit::at))
        .first(conn)
        .optional()?;
    let given = |(product, lot_id, lot, body_site, at): Row| {
        let body_site = word(&body_site, BodySite::from_word)?;
        Ok(Vaccination {
            product: ProductId(product),
            lot_id: LotId(lot_id),
            lot,
            body_site,
            at: moment(at)?,
        })
    };
    row.map(given).transpose()
}
