//! What each transaction changed in the seats: one row a transaction, written with it, so that other processes follow
//! without counting anything. After a while `free_days` folds the rows into its table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use diesel::prelude::*;
use jiff::civil::Date;

use super::changes::writers_of;
use super::connection::directly;
use super::schema::seat_change::dsl;
use super::slots::DayTotal;
use super::values::{date, date_number, moment, unreadable};
use super::{Conn, StoreError};
use crate::domain::booking::{Commit, LaneChange};
use crate::domain::ids::{CampaignId, ProductId, SiteId, SlotId};
use crate::domain::slot::{SeatCount, Slot};

/// Rows of one writer that are read at once.
const ROWS_MAX: i64 = 256;

/// A change of seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatChange {
    /// Free seats of a slot were taken or given back.
    Lane(LaneChange),
    /// A day got new slots, with so many free seats.
    Day(DayTotal),
}

impl SeatChange {
    /// The day it is about, with the free seats it has more than before.
    pub fn of_day(&self) -> DayTotal {
        match self {
            Self::Lane(LaneChange { slot, freed, .. }) => DayTotal {
                site: slot.site,
                campaign: slot.campaign,
                product: slot.product,
                day: slot.local_date,
                free: i64::from(*freed),
            },
            Self::Day(day) => *day,
        }
    }

    /// One line of numbers; a slot has more of them than a day.
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let DayTotal { site, campaign, product, day, free } = self.of_day();
        write!(text, "{site} {campaign} {product} {} {free}", date_number(day))?;
        if let Self::Lane(LaneChange { slot, after, .. }) = self {
            let SeatCount { seats, held, booked, version } = after;
            let start = slot.starts_at.as_second();
            write!(text, " {} {start} {seats} {held} {booked} {version}", slot.id)?;
        }
        text.push('\n');
        Ok(())
    }

    fn read(line: &str, commit: Commit) -> Result<Self, StoreError> {
        let numbers: Result<Vec<i64>, _> = line.split(' ').map(str::parse).collect();
        let numbers = numbers.map_err(unreadable)?;
        let Some((&[site, campaign, product, day, free], of_slot)) = numbers.split_first_chunk() else {
            return Err(unreadable(format!("the change of seats {line:?}")));
        };
        let day = date(small(day)?)?;
        let (site, campaign, product) = (SiteId(site), CampaignId(campaign), ProductId(product));
        match *of_slot {
            [] => Ok(Self::Day(DayTotal { site, campaign, product, day, free })),
            [id, start, seats, held, booked, version] => {
                let slot = Slot {
                    id: SlotId(id),
                    site,
                    campaign,
                    product,
                    starts_at: moment(start)?,
                    local_date: day,
                };
                let after =
                    SeatCount { seats: small(seats)?, held: small(held)?, booked: small(booked)?, version };
                Ok(Self::Lane(LaneChange { commit, slot, after, freed: small(free)? }))
            }
            _ => Err(unreadable(format!("the change of seats {line:?}"))),
        }
    }
}

fn small(number: i64) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(unreadable)
}

/// Stores what a transaction changed.
pub(super) fn append(conn: &mut Conn, commit: Commit, at: i64, changes: &[SeatChange]) -> QueryResult<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for change in changes {
        change.write(&mut text).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    }
    let row =
        (dsl::writer.eq(commit.writer), dsl::number.eq(commit.number), dsl::at.eq(at), dsl::changes.eq(text));
    directly!(conn, conn => diesel::insert_into(dsl::seat_change).values(row).execute(conn))?;
    Ok(())
}

/// Up to which transaction of each writer somebody knows the changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<i32, i64>);

impl Seen {
    /// Whether a transaction is among them.
    pub fn includes(&self, commit: Commit) -> bool {
        commit.number <= self.of(commit.writer)
    }

    /// Adds a transaction, and all before it.
    pub fn add(&mut self, commit: Commit) {
        let known = self.0.entry(commit.writer).or_default();
        *known = commit.number.max(*known);
    }

    fn of(&self, writer: i32) -> i64 {
        self.0.get(&writer).copied().unwrap_or_default()
    }
}

/// What one transaction changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The transaction.
    pub commit: Commit,
    /// Its changes, in order.
    pub changes: Vec<SeatChange>,
}

/// What the writers of all other nodes changed beyond what was seen, in the order of each; `None` when some of it is folded
/// already, so that everything must be read anew.
///
/// # Errors
/// [`StoreError`] when a query fails or a row is unreadable.
pub fn after(conn: &mut Conn, node: u16, seen: &Seen) -> Result<Option<Vec<News>>, StoreError> {
    let mine = writers_of(node);
    let newest: Vec<(i32, Option<i64>)> = dsl::seat_change
        .group_by(dsl::writer)
        .select((dsl::writer, diesel::dsl::max(dsl::number)))
        .load(conn)?;
    let mut news = Vec::new();
    for (writer, newest) in newest {
        let known = seen.of(writer);
        if mine.contains(&writer) || newest.is_none_or(|newest| newest <= known) {
            continue;
        }
        let rows: Vec<(i64, String)> = dsl::seat_change
            .filter(dsl::writer.eq(writer).and(dsl::number.gt(known)))
            .order(dsl::number)
            .limit(ROWS_MAX)
            .select((dsl::number, dsl::changes))
            .load(conn)?;
        for (number, text) in rows {
            if text.is_empty() {
                return Ok(None);
            }
            let commit = Commit { writer, number };
            let changes: Result<Vec<_>, _> =
                text.lines().map(|line| SeatChange::read(line, commit)).collect();
            news.push(News { commit, changes: changes? });
        }
    }
    Ok(Some(news))
}

/// Free seats by site, campaign, product and day, as their columns have them.
pub(super) type ByDay = BTreeMap<(i64, i64, i64, i32), i64>;

/// Adds up what some rows changed.
pub(super) fn sum<'a>(texts: impl Iterator<Item = &'a str>) -> Result<ByDay, StoreError> {
    let mut sum = ByDay::new();
    for line in texts.flat_map(str::lines) {
        let DayTotal { site, campaign, product, day, free } =
            SeatChange::read(line, Commit { writer: 0, number: 0 })?.of_day();
        *sum.entry((site.0, campaign.0, product.0, date_number(day))).or_default() += free;
    }
    Ok(sum)
}

/// All that is not folded yet, from a day on, and how far it goes.
pub(super) fn unfolded(conn: &mut Conn, from: Date) -> Result<(ByDay, Seen), StoreError> {
    let rows: Vec<(i32, i64, String)> =
        dsl::seat_change.select((dsl::writer, dsl::number, dsl::changes)).load(conn)?;
    let mut seen = Seen::default();
    for (writer, number, _) in &rows {
        seen.add(Commit { writer: *writer, number: *number });
    }
    let mut sum = sum(rows.iter().map(|(_, _, text)| text.as_str()))?;
    sum.retain(|(_, _, _, day), _| *day >= date_number(from));
    Ok((sum, seen))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const COMMIT: Commit = Commit { writer: 3, number: 8 };

    fn day(free: i64) -> DayTotal {
        let day = Date::constant(2026, 11, 24);
        DayTotal { site: SiteId(7 << 50), campaign: CampaignId(2), product: ProductId(3), day, free }
    }

    #[test]
    fn changes_read_back() {
        let DayTotal { site, campaign, product, day: local_date, .. } = day(0);
        let starts_at = "2026-11-24T00:30:00Z".parse().unwrap();
        let slot = Slot { id: SlotId(5), site, campaign, product, starts_at, local_date };
        let after = SeatCount { seats: 4, held: 1, booked: 2, version: 9 };
        let lane = SeatChange::Lane(LaneChange { commit: COMMIT, slot, after, freed: -1 });
        for change in [lane, SeatChange::Day(day(64))] {
            let mut text = String::new();
            change.write(&mut text).unwrap();
            assert_eq!(SeatChange::read(text.trim_end(), COMMIT).unwrap(), change);
        }
        for wrong in ["", "1 2 3 20261124", "1 2 3 20261124 x", "1 2 3 20261324 4", "1 2 3 20261124 4 5"] {
            assert!(SeatChange::read(wrong, COMMIT).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_seen_only_grows() {
        let mut seen = Seen::default();
        assert!(!seen.includes(COMMIT));
        seen.add(COMMIT);
        seen.add(Commit { number: 5, ..COMMIT });
        assert!(seen.includes(COMMIT) && !seen.includes(Commit { number: 9, ..COMMIT }));
        assert!(!seen.includes(Commit { writer: 4, ..COMMIT }));
    }
}
