//! Slots and how full their lanes are.

use std::collections::BTreeMap;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::connection::directly;
use super::kept::Kept;
use super::schema::{slot, slot_lane};
use super::seat_changes::SeatChange;
use super::values::{date, date_number, moment};
use super::{Conn, StoreError, Tx};
use crate::domain::booking::LaneChange;
use crate::domain::ids::{CampaignId, ProductId, SiteId, SlotId};
use crate::domain::slot::{Lane, Seat, SeatCount, Slot};

pub(super) type SlotRow = (i64, i64, i64, i64, i64, i32);
type CountRow = (i32, i32, i32, i64);

pub(super) fn slot_of(
    (id, site, campaign, product, starts_at, local_date): SlotRow,
) -> Result<Slot, StoreError> {
    Ok(Slot {
        id: SlotId(id),
        site: SiteId(site),
        campaign: CampaignId(campaign),
        product: ProductId(product),
        starts_at: moment(starts_at)?,
        local_date: date(local_date)?,
    })
}

fn count_of((seats, held, booked, version): CountRow) -> SeatCount {
    SeatCount { seats, held, booked, version }
}

/// The slot with this id.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, id: SlotId) -> Result<Option<Slot>, StoreError> {
    let row: Option<SlotRow> = directly!(conn, conn => slot::table
        .find(id.0)
        .select((slot::id, slot::site, slot::campaign, slot::product, slot::starts_at, slot::local_date))
        .get_result(conn))
    .optional()?;
    row.map(slot_of).transpose()
}

/// A site's slots that start at `from` or later, in order of start, with the count of their public lane.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_site(conn: &mut Conn, site: SiteId, from: Timestamp) -> Result<Vec<(Slot, SeatCount)>, StoreError> {
    let rows: Vec<(SlotRow, CountRow)> = slot::table
        .inner_join(
            slot_lane::table.on(slot_lane::slot.eq(slot::id).and(slot_lane::lane.eq(Lane::Public.number()))),
        )
        .filter(slot::site.eq(site.0).and(slot::starts_at.ge(from.as_second())))
        .order(slot::starts_at)
        .select((
            (slot::id, slot::site, slot::campaign, slot::product, slot::starts_at, slot::local_date),
            (slot_lane::seats, slot_lane::held, slot_lane::booked, slot_lane::version),
        ))
        .load(conn)?;
    rows.into_iter().map(|(slot, count)| Ok((slot_of(slot)?, count_of(count)))).collect()
}

/// Free seats of one site, campaign, product and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTotal {
    /// The site.
    pub site: SiteId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The product.
    pub product: ProductId,
    /// The day, local to the site.
    pub day: Date,
    /// Seats that can still be given in the public lane.
    pub free: i64,
}

/// Free seats of some sites by day, from `from` on, counted from the slots: what `free_days` must say.
pub(super) fn day_totals_of(
    conn: &mut Conn,
    sites: Vec<i64>,
    from: Date,
) -> Result<Vec<DayTotal>, StoreError> {
    use diesel::dsl::sum;
    type Row = (i64, i64, i64, i32, Option<i64>, Option<i64>, Option<i64>);
    let rows: Vec<Row> = slot::table
        .inner_join(
            slot_lane::table.on(slot_lane::slot.eq(slot::id).and(slot_lane::lane.eq(Lane::Public.number()))),
        )
        .filter(slot::site.eq_any(sites).and(slot::local_date.ge(date_number(from))))
        .group_by((slot::site, slot::campaign, slot::product, slot::local_date))
        .select((
            slot::site,
            slot::campaign,
            slot::product,
            slot::local_date,
            sum(slot_lane::seats),
            sum(slot_lane::held),
            sum(slot_lane::booked),
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(site, campaign, product, day, seats, held, booked)| {
            Ok(DayTotal {
                site: SiteId(site),
                campaign: CampaignId(campaign),
                product: ProductId(product),
                day: date(day)?,
                free: seats.unwrap_or(0) - held.unwrap_or(0) - booked.unwrap_or(0),
            })
        })
        .collect()
}

/// The seats of one site on one day, over all lanes, campaigns and products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaySeats {
    /// Seats the clinic decided on.
    pub seats: i64,
    /// Seats kept for people who check their answers.
    pub held: i64,
    /// Confirmed seats.
    pub booked: i64,
}

impl DaySeats {
    /// Seats that can still be given.
    pub fn free(&self) -> i64 {
        (self.seats - self.held - self.booked).max(0)
    }
}

/// How full a site is on a day.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn seats_of_day(conn: &mut Conn, site: SiteId, day: Date) -> Result<DaySeats, StoreError> {
    use diesel::dsl::sum;
    let (seats, held, booked): (Option<i64>, Option<i64>, Option<i64>) = slot::table
        .inner_join(slot_lane::table.on(slot_lane::slot.eq(slot::id)))
        .filter(slot::site.eq(site.0).and(slot::local_date.eq(date_number(day))))
        .select((sum(slot_lane::seats), sum(slot_lane::held), sum(slot_lane::booked)))
        .get_result(conn)?;
    Ok(DaySeats { seats: seats.unwrap_or(0), held: held.unwrap_or(0), booked: booked.unwrap_or(0) })
}

/// How full a site is on a day, by the times at which its slots begin.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn seats_by_time(
    conn: &mut Conn,
    site: SiteId,
    day: Date,
) -> Result<Vec<(Timestamp, DaySeats)>, StoreError> {
    use diesel::dsl::sum;
    type Row = (i64, Option<i64>, Option<i64>, Option<i64>);
    let rows: Vec<Row> = slot::table
        .inner_join(slot_lane::table.on(slot_lane::slot.eq(slot::id)))
        .filter(slot::site.eq(site.0).and(slot::local_date.eq(date_number(day))))
        .group_by(slot::starts_at)
        .order(slot::starts_at)
        .select((slot::starts_at, sum(slot_lane::seats), sum(slot_lane::held), sum(slot_lane::booked)))
        .load(conn)?;
    let seats = |(at, seats, held, booked): Row| {
        let [seats, held, booked] = [seats, held, booked].map(Option::unwrap_or_default);
        Ok((moment(at)?, DaySeats { seats, held, booked }))
    };
    rows.into_iter().map(seats).collect()
}

/// Changes the counts of lanes by (`held`, `booked`) for each of the seats, in the order of slots so that two writers never
/// wait for each other. `false` when one has too few seats. Only what becomes of public seats is a change to tell: the
/// others are counted nowhere but here.
pub(super) fn take(
    tx: &mut Tx<'_>,
    seats: &[Seat],
    held: i32,
    booked: i32,
    changes: &mut Vec<LaneChange>,
) -> QueryResult<bool> {
    if seats.is_empty() {
        return Ok(true);
    }
    let mut wanted: BTreeMap<(SiteId, SlotId, Lane), (Slot, i32)> = BTreeMap::new();
    for Seat { slot, lane } in seats {
        wanted.entry((slot.site, slot.id, *lane)).or_insert((*slot, 0)).1 += 1;
    }
    for ((_, _, lane), (slot, people)) in wanted {
        let Some(after) = change(tx.conn, (slot.id, lane), held * people, booked * people)? else {
            return Ok(false);
        };
        if lane != Lane::Public {
            continue;
        }
        let change = LaneChange { commit: tx.commit, slot, after, freed: -(held + booked) * people };
        note(tx, change);
        changes.push(change);
    }
    Ok(true)
}

/// Notes a change for other processes, when there are more or fewer free seats than before.
fn note(tx: &Tx<'_>, change: LaneChange) {
    if change.freed != 0 {
        tx.noted.seats(SeatChange::Lane(change));
    }
}

/// Changes how many seats of a lane are held and booked, and returns the new count; `None` when the slot has
/// too few seats for it, or fewer held or booked ones than are to be given back.
fn change(
    conn: &mut Conn,
    (slot, lane): (SlotId, Lane),
    held: i32,
    booked: i32,
) -> Result<Option<SeatCount>, diesel::result::Error> {
    let update = diesel::update(
        slot_lane::table.filter(
            slot_lane::slot
                .eq(slot.0)
                .and(slot_lane::lane.eq(lane.number()))
                .and((slot_lane::held + held).ge(0))
                .and((slot_lane::booked + booked).ge(0))
                .and((slot_lane::held + slot_lane::booked + (held + booked)).le(slot_lane::seats)),
        ),
    )
    .set((
        slot_lane::held.eq(slot_lane::held + held),
        slot_lane::booked.eq(slot_lane::booked + booked),
        slot_lane::version.eq(slot_lane::version + 1),
    ))
    .returning((slot_lane::seats, slot_lane::held, slot_lane::booked, slot_lane::version));
    let row: Option<CountRow> = directly!(conn, conn => Kept(update).get_result(conn)).optional()?;
    Ok(row.map(count_of))
}

/// Sets the seats of a slot's public lane, never below what is held and booked. `None` when it would be.
///
/// # Errors
/// [`StoreError`] when a statement fails or there is no such slot.
pub fn set_seats(tx: &mut Tx<'_>, slot: Slot, seats: u16) -> Result<Option<LaneChange>, StoreError> {
    let seats = i32::from(seats);
    let lane = (slot.id.0, Lane::Public.number());
    // Locked first: two nodes that set seats at once must not both count from the same number.
    let before: i32 = diesel::update(slot_lane::table.find(lane))
        .set(slot_lane::version.eq(slot_lane::version + 1))
        .returning(slot_lane::seats)
        .get_result(tx.conn)?;
    let row: Option<CountRow> =
        diesel::update(slot_lane::table.find(lane).filter((slot_lane::held + slot_lane::booked).le(seats)))
            .set((slot_lane::seats.eq(seats), slot_lane::version.eq(slot_lane::version + 1)))
            .returning((slot_lane::seats, slot_lane::held, slot_lane::booked, slot_lane::version))
            .get_result(tx.conn)
            .optional()?;
    let change =
        row.map(|row| LaneChange { commit: tx.commit, slot, after: count_of(row), freed: seats - before });
    change.into_iter().for_each(|change| note(tx, change));
    Ok(change)
}

/// Adds seats to a lane of a slot, which it may not have yet.
pub(super) fn add_seats(
    tx: &mut Tx<'_>,
    (slot, site): (SlotId, SiteId),
    lane: Lane,
    seats: i32,
) -> QueryResult<()> {
    let added = diesel::update(slot_lane::table.find((slot.0, lane.number())))
        .set((slot_lane::seats.eq(slot_lane::seats + seats), slot_lane::version.eq(slot_lane::version + 1)))
        .execute(tx.conn)?;
    if added == 0 {
        diesel::insert_into(slot_lane::table)
            .values((
                slot_lane::slot.eq(slot.0),
                slot_lane::lane.eq(lane.number()),
                slot_lane::site.eq(site.0),
                slot_lane::seats.eq(seats),
                slot_lane::held.eq(0),
                slot_lane::booked.eq(0),
                slot_lane::version.eq(0_i64),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Changes the seats of a slot's public lane by so many; `None` when fewer would be left than are held and booked.
fn shift_public(tx: &mut Tx<'_>, slot: Slot, by: i32) -> QueryResult<Option<LaneChange>> {
    let lane = slot_lane::table.find((slot.id.0, Lane::Public.number()));
    let row: Option<CountRow> =
        diesel::update(lane.filter((slot_lane::held + slot_lane::booked).le(slot_lane::seats + by)))
            .set((slot_lane::seats.eq(slot_lane::seats + by), slot_lane::version.eq(slot_lane::version + 1)))
            .returning((slot_lane::seats, slot_lane::held, slot_lane::booked, slot_lane::version))
            .get_result(tx.conn)
            .optional()?;
    let change = row.map(|row| LaneChange { commit: tx.commit, slot, after: count_of(row), freed: by });
    change.into_iter().for_each(|change| note(tx, change));
    Ok(change)
}

/// Leaves a slot no free seat in its public lane; `None` when it has none.
pub(super) fn close_free(tx: &mut Tx<'_>, slot: Slot) -> QueryResult<Option<LaneChange>> {
    // Locked first: nobody takes a seat between counting and closing.
    let (seats, taken): (i32, i32) =
        diesel::update(slot_lane::table.find((slot.id.0, Lane::Public.number())))
            .set(slot_lane::version.eq(slot_lane::version + 1))
            .returning((slot_lane::seats, slot_lane::held + slot_lane::booked))
            .get_result(tx.conn)?;
    if taken < seats { shift_public(tx, slot, taken - seats) } else { Ok(None) }
}

/// Keeps a seat apart from the public ones; `None` when none is free.
pub(super) fn keep_apart(tx: &mut Tx<'_>, slot: Slot) -> QueryResult<Option<LaneChange>> {
    let change = shift_public(tx, slot, -1)?;
    if change.is_some() {
        add_seats(tx, (slot.id, slot.site), Lane::Kept, 1)?;
    }
    Ok(change)
}

/// Makes a seat that was kept apart public again.
pub(super) fn give_back_kept(tx: &mut Tx<'_>, slot: Slot) -> Result<LaneChange, StoreError> {
    let change = shift_public(tx, slot, 1)?;
    add_seats(tx, (slot.id, slot.site), Lane::Kept, -1)?;
    change.ok_or_else(|| StoreError::Unreadable("a slot has no public lane".into()))
}
