//! Slots made from the weekly hours of sites. A country has millions, so they are written in long statements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::schema::slot;
use super::seat_changes::SeatChange;
use super::slots::DayTotal;
use super::values::{date, date_number, unreadable};
use super::{StoreError, Tx};
use crate::domain::campaign::Campaign;
use crate::domain::ids::{ProductId, SiteId};
use crate::domain::site::Site;
use crate::domain::slot::{Lane, SLOT_MINUTES};

/// Rows in one statement.
const ROWS_MAX: usize = 400;

struct NewSlot {
    id: i64,
    product: i64,
    starts_at: i64,
    local_date: i32,
    seats: u16,
}

/// Adds the slots that `site`'s hours give for `campaign` between `from` and the campaign's last day and that are not
/// there yet; returns how many. Slots that are there stay as they are: the clinic may have changed their seats.
///
/// # Errors
/// [`StoreError`] when a statement fails or the site's time zone is unknown.
pub fn fill(
    tx: &mut Tx<'_>,
    id: SiteId,
    site: &Site,
    campaign: &Campaign,
    from: Date,
) -> Result<usize, StoreError> {
    let zone = TimeZone::get(&site.time_zone).map_err(unreadable)?;
    let known: Vec<(i64, i64)> = slot::table
        .filter(slot::site.eq(id.0).and(slot::campaign.eq(campaign.id.0)))
        .filter(slot::local_date.ge(date_number(from)))
        .select((slot::product, slot::starts_at))
        .load(tx.conn)?;
    let known: std::collections::HashSet<(i64, i64)> = known.into_iter().collect();
    let mut rows = Vec::new();
    let mut day = from.max(campaign.first_day);
    while day <= campaign.last_day {
        for start in site.hours.starts_on(day.weekday(), SLOT_MINUTES) {
            // A local time that a clock change skips has no moment and no slot.
            let Ok(zoned) = day.to_datetime(start).to_zoned(zone.clone()) else { continue };
            let starts_at = zoned.timestamp();
            for offer in site.offers.iter().filter(|offer| campaign.product(offer.product).is_some()) {
                if !known.contains(&(offer.product.0, starts_at.as_second())) && starts_at > tx.now {
                    rows.push(new_slot(tx, offer.product.0, starts_at, day, offer.seats));
                }
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    note(tx, id, campaign, &rows)?;
    for chunk in rows.chunks(ROWS_MAX) {
        insert(tx, id, campaign, chunk)?;
    }
    Ok(rows.len())
}

/// Notes for other processes how many seats each day has more.
fn note(tx: &Tx<'_>, site: SiteId, campaign: &Campaign, rows: &[NewSlot]) -> Result<(), StoreError> {
    let mut seats: BTreeMap<(i64, i32), i64> = BTreeMap::new();
    for row in rows {
        *seats.entry((row.product, row.local_date)).or_default() += i64::from(row.seats);
    }
    for ((product, day), free) in seats {
        let (product, day) = (ProductId(product), date(day)?);
        tx.noted.seats(SeatChange::Day(DayTotal { site, campaign: campaign.id, product, day, free }));
    }
    Ok(())
}

fn new_slot(tx: &Tx<'_>, product: i64, starts_at: Timestamp, day: Date, seats: u16) -> NewSlot {
    NewSlot {
        id: tx.new_id(),
        product,
        starts_at: starts_at.as_second(),
        local_date: date_number(day),
        seats,
    }
}

/// Writes the rows as literals: they are all numbers, and one long statement is ten times as fast as many short ones.
fn insert(tx: &mut Tx<'_>, site: SiteId, campaign: &Campaign, rows: &[NewSlot]) -> Result<(), StoreError> {
    let mut slots =
        String::from("INSERT INTO slot (id, site, campaign, product, starts_at, local_date) VALUES ");
    let mut lanes =
        String::from("INSERT INTO slot_lane (slot, lane, site, seats, held, booked, version) VALUES ");
    for (index, row) in rows.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let NewSlot { id, product, starts_at, local_date, seats } = row;
        write!(slots, "{comma}({id},{site},{},{product},{starts_at},{local_date})", campaign.id)
            .map_err(unreadable)?;
        write!(lanes, "{comma}({id},{},{site},{seats},0,0,0)", Lane::Public.number()).map_err(unreadable)?;
    }
    tx.conn.batch_execute(&slots)?;
    tx.conn.batch_execute(&lanes)?;
    Ok(())
}
