//! Free seats of each site and day, for searches: a table that is a minute late, and the changes since, which together are
//! exact. Nobody counts the lanes of millions of slots to start.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jiff::civil::Date;

use super::schema::{free_day, seat_change, site};
use super::seat_changes::{self, ByDay, SeatChange, Seen};
use super::slots::DayTotal;
use super::values::{date, date_number, unreadable};
use super::{Conn, StoreError, Tx, changes, slots};
use crate::domain::ids::{CampaignId, ProductId, SiteId};

/// How old changes are when their own node folds them, in seconds: the others have read them long before.
const FOLD_SECONDS: i64 = 60;

/// How old changes are when any node folds them, in seconds: theirs has gone.
const ORPHANED_SECONDS: i64 = 600;

/// Transactions whose changes are folded in one command, some milliseconds of work.
const FOLD_MAX: i64 = 8;

/// Rows in one statement.
const ROWS_MAX: usize = 400;

type Row = (i64, i64, i64, i32, i64);

/// All counts as of one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The days of all sites.
    pub days: Vec<DayTotal>,
    /// The changes that are in them.
    pub seen: Seen,
}

/// Free seats of every site by day, from `from` on.
///
/// # Errors
/// [`StoreError`] when a query fails or a row is unreadable.
pub fn snapshot(conn: &mut Conn, from: Date) -> Result<Snapshot, StoreError> {
    at_one_moment(conn, |conn| {
        let (mut changed, seen) = seat_changes::unfolded(conn, from)?;
        let rows: Vec<Row> = free_day::table.filter(free_day::local_date.ge(date_number(from))).load(conn)?;
        let mut days = Vec::with_capacity(rows.len() + changed.len());
        for (site, campaign, product, day, free) in rows {
            let key = (site, campaign, product, day);
            days.push(total(key, free + changed.remove(&key).unwrap_or_default())?);
        }
        for (key, free) in changed {
            days.push(total(key, free)?);
        }
        Ok(Snapshot { days, seen })
    })
}

fn at_one_moment<T>(
    conn: &mut Conn,
    read: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.transaction(|conn| {
        if let Conn::Postgres(conn) = conn {
            conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        }
        read(conn)
    })
}

/// What was found when some sites were counted.
#[derive(Debug)]
pub struct Stocktake {
    /// Days with more free seats than are written down, or fewer.
    pub wrong: Vec<DayTotal>,
    /// The last site that was counted; `None` when there is none after those of before.
    pub last: Option<SiteId>,
}

/// Counts the slots of up to `most` sites after `after`, from the day `from` on, and compares.
///
/// # Errors
/// [`StoreError`] when a query fails or a row is unreadable.
pub fn take_stock(conn: &mut Conn, after: SiteId, most: i64, from: Date) -> Result<Stocktake, StoreError> {
    at_one_moment(conn, |conn| {
        let ids = site::table.filter(site::id.gt(after.0)).order(site::id).limit(most);
        let sites: Vec<i64> = ids.select(site::id).load(conn)?;
        let (mut wrong, _) = seat_changes::unfolded(conn, from)?;
        wrong.retain(|(site, ..), _| sites.contains(site));
        let rows: Vec<Row> = free_day::table
            .filter(free_day::site.eq_any(&sites).and(free_day::local_date.ge(date_number(from))))
            .load(conn)?;
        for (site, campaign, product, day, free) in rows {
            *wrong.entry((site, campaign, product, day)).or_default() += free;
        }
        wrong.values_mut().for_each(|free| *free = -*free);
        let last = sites.last().copied().map(SiteId);
        for counted in slots::day_totals_of(conn, sites, from)? {
            let DayTotal { site, campaign, product, day, free } = counted;
            *wrong.entry((site.0, campaign.0, product.0, date_number(day))).or_default() += free;
        }
        let wrong = wrong.into_iter().filter(|(_, free)| *free != 0);
        Ok(Stocktake { wrong: wrong.map(|(key, free)| total(key, free)).collect::<Result<_, _>>()?, last })
    })
}

/// Corrects days that a stocktake found wrong. Only one node may do so, or what is wrong is corrected twice.
pub fn correct(tx: &Tx<'_>, wrong: &[DayTotal]) {
    wrong.iter().for_each(|day| tx.noted.seats(SeatChange::Day(*day)));
}

fn total((site, campaign, product, day): (i64, i64, i64, i32), free: i64) -> Result<DayTotal, StoreError> {
    Ok(DayTotal {
        site: SiteId(site),
        campaign: CampaignId(campaign),
        product: ProductId(product),
        day: date(day)?,
        free,
    })
}

/// Folds changes that everybody has seen into the table. Returns whether there may be more.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn fold(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let (now, mine) = (tx.now.as_second(), changes::siblings_of(tx.commit.writer));
    let is_mine = seat_change::writer.ge(mine.start).and(seat_change::writer.lt(mine.end));
    let is_due =
        seat_change::at.le(now - FOLD_SECONDS).and(is_mine).or(seat_change::at.le(now - ORPHANED_SECONDS));
    let rows: Vec<(i32, i64, String)> = seat_change::table
        .filter(is_due.and(seat_change::changes.ne("")))
        .order((seat_change::writer, seat_change::number))
        .limit(FOLD_MAX)
        .select((seat_change::writer, seat_change::number, seat_change::changes))
        .load(tx.conn)?;
    let mut folded: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for (writer, number, _) in &rows {
        folded.entry(*writer).or_default().push(*number);
    }
    for (writer, numbers) in folded {
        empty(tx, writer, &numbers)?;
    }
    add(tx.conn, &seat_changes::sum(rows.iter().map(|(_, _, text)| text.as_str()))?)?;
    Ok(i64::try_from(rows.len()).is_ok_and(|folded| folded == FOLD_MAX))
}

/// Empties rows of changes and takes away those before the last of them.
fn empty(tx: &mut Tx<'_>, writer: i32, numbers: &[i64]) -> Result<(), StoreError> {
    let is_empty = seat_change::writer.eq(writer).and(seat_change::changes.eq(""));
    let emptied = diesel::update(
        seat_change::table.filter(
            seat_change::writer
                .eq(writer)
                .and(seat_change::number.eq_any(numbers))
                .and(seat_change::changes.ne("")),
        ),
    )
    .set(seat_change::changes.eq(""))
    .execute(tx.conn)?;
    if emptied != numbers.len() {
        // Another node folds them too.
        return Err(StoreError::Overtaken);
    }
    let last = numbers.last().copied().unwrap_or_default();
    diesel::delete(seat_change::table.filter(is_empty.and(seat_change::number.lt(last)))).execute(tx.conn)?;
    Ok(())
}

/// Adds to the counts, in the order of their keys so that no two nodes wait for each other. The rows are literals: they
/// are all numbers, and one long statement is faster than many short ones.
fn add(conn: &mut Conn, changed: &ByDay) -> Result<(), StoreError> {
    let rows: Vec<_> = changed.iter().filter(|(_, free)| **free != 0).collect();
    for chunk in rows.chunks(ROWS_MAX) {
        let mut sql =
            String::from("INSERT INTO free_day (site, campaign, product, local_date, free) VALUES ");
        for (index, ((site, campaign, product, day), free)) in chunk.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(sql, "{comma}({site},{campaign},{product},{day},{free})").map_err(unreadable)?;
        }
        sql.push_str(
            " ON CONFLICT (site, campaign, product, local_date) DO UPDATE SET free = free_day.free + excluded.free",
        );
        conn.batch_execute(&sql)?;
    }
    Ok(())
}
