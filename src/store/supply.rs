//! What a site has of each lot: doses received, opened, given and wasted. Doses that were given are vaccinations; the rest are
//! entries, which staff write.

use std::collections::HashMap;

use diesel::dsl::{count_star, max, sum};
use diesel::prelude::*;
use jiff::civil::Date;

use super::lots::{self, Lot};
use super::schema::{booking, lot, stock_entry, vaccination};
use super::values::{date_number, small, word};
use super::{Conn, Failure, Outcome, StoreError, Tx};
use crate::domain::booking::BookingState;
use crate::domain::ids::{LotId, ProductId, SiteId, StaffId};
use crate::domain::person::words;

words! {
    /// What became of doses.
    Act {
        /// They arrived.
        Received = "received",
        /// Their vial was opened: it is to be used up soon.
        Opened = "opened",
        /// They can't be given.
        Wasted = "wasted",
    }
}

words! {
    /// Why doses were wasted.
    Why {
        /// Nobody was left to give them to.
        LeftOver = "left-over",
        /// They were out of the cold for too long.
        TooWarm = "too-warm",
        /// Broken, spilled, drawn up wrongly.
        Broken = "broken",
        /// Their last day is over.
        Expired = "expired",
        /// Anything else.
        Other = "other",
    }
}

/// Doses of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// The lot.
    pub lot: Lot,
    /// Doses that arrived.
    pub received: i64,
    /// Doses of vials that were opened.
    pub opened: i64,
    /// Doses that were given.
    pub given: i64,
    /// Doses that were wasted.
    pub wasted: i64,
}

impl Supply {
    /// Doses that are there. Below 0 when more was given than anybody wrote down as received.
    pub fn left(&self) -> i64 {
        self.received - self.given - self.wasted
    }

    /// Whether anybody keeps count of it.
    pub fn is_counted(&self) -> bool {
        self.received > 0
    }
}

/// What a site has of each lot, those that expire first before the others.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn of_site(conn: &mut Conn, site: SiteId) -> Result<Vec<Supply>, StoreError> {
    let entries: Vec<(i64, String, Option<i64>)> = stock_entry::table
        .inner_join(lot::table.on(lot::id.eq(stock_entry::lot)))
        .filter(lot::site.eq(site.0).and(stock_entry::undone_by.is_null()))
        .group_by((stock_entry::lot, stock_entry::act))
        .select((stock_entry::lot, stock_entry::act, sum(stock_entry::doses)))
        .load(conn)?;
    let given: Vec<(i64, i64)> = vaccination::table
        .inner_join(lot::table.on(lot::id.eq(vaccination::lot)))
        .filter(lot::site.eq(site.0).and(vaccination::ended_by.is_null()))
        .group_by(vaccination::lot)
        .select((vaccination::lot, count_star()))
        .load(conn)?;
    let given: HashMap<i64, i64> = given.into_iter().collect();
    let mut doses: HashMap<(i64, Act), i64> = HashMap::new();
    for (lot, act, all) in entries {
        doses.insert((lot, word(&act, Act::from_word)?), all.unwrap_or(0));
    }
    let supply = |lot: Lot| {
        let of = |act| doses.get(&(lot.id.0, act)).copied().unwrap_or(0);
        Supply {
            received: of(Act::Received),
            opened: of(Act::Opened),
            given: given.get(&lot.id.0).copied().unwrap_or(0),
            wasted: of(Act::Wasted),
            lot,
        }
    };
    Ok(lots::of_site(conn, site)?.into_iter().map(supply).collect())
}

/// Days, the first included, whose bookings stand against the doses that are left.
const DAYS: i64 = 7;

/// The last of the days whose bookings stand against the doses that are left on `first`.
pub fn week_from(first: Date) -> Date {
    first.saturating_add(jiff::Span::new().days(DAYS - 1))
}

/// Doses that can be given: what was recalled is not among them.
pub fn usable<'a>(supplies: impl IntoIterator<Item = &'a Supply>) -> i64 {
    supplies.into_iter().filter(|one| !one.lot.is_recalled).map(|one| one.left().max(0)).sum()
}

/// Whether of any vaccine that is counted fewer doses are left than people are booked.
pub fn is_short(supplies: &[Supply], booked: &HashMap<ProductId, i64>) -> bool {
    booked.iter().any(|(product, people)| {
        let of_it = || supplies.iter().filter(|one| one.lot.product == *product);
        of_it().any(Supply::is_counted) && usable(of_it()) < *people
    })
}

/// People who are booked at a site from a day to another, both included, by vaccine.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn booked(
    conn: &mut Conn,
    site: SiteId,
    (from, to): (Date, Date),
) -> Result<HashMap<ProductId, i64>, StoreError> {
    let expected = [BookingState::Booked.as_str(), BookingState::Arrived.as_str()];
    let rows: Vec<(i64, i64)> = booking::table
        .filter(booking::site.eq(site.0).and(booking::state.eq_any(expected)))
        .filter(booking::local_date.between(date_number(from), date_number(to)))
        .group_by(booking::product)
        .select((booking::product, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(product, people)| (ProductId(product), people)).collect())
}

/// What staff write down.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry {
    /// Where.
    pub site: SiteId,
    /// Which lot.
    pub lot: LotId,
    /// What became of the doses.
    pub act: Act,
    /// How many.
    pub doses: u16,
    /// Why, when they were wasted.
    pub why: Option<Why>,
    /// The day, local to the site.
    pub day: Date,
    /// Who writes it.
    pub staff: StaffId,
    /// The newest entry that stood on their page; 0 when there was none.
    pub seen: i64,
}

/// Why nothing was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The site has no such lot.
    #[error("there is no such lot at the site")]
    NoSuchLot,
    /// Somebody else wrote something down since the page was shown.
    #[error("something else was written down meanwhile")]
    ChangedMeanwhile,
    /// Fewer doses are there.
    #[error("only {0} doses are there")]
    MoreThanLeft(i64),
}

/// The newest entry of a site; 0 when there is none.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn newest(conn: &mut Conn, site: SiteId) -> Result<i64, StoreError> {
    let newest: Option<i64> = stock_entry::table
        .inner_join(lot::table.on(lot::id.eq(stock_entry::lot)))
        .filter(lot::site.eq(site.0))
        .select(max(stock_entry::id))
        .get_result(conn)?;
    Ok(newest.unwrap_or(0))
}

/// Writes down what became of doses. The same press once more is one entry.
///
/// # Errors
/// [`EntryError`] as its variants say.
pub fn add(tx: &mut Tx<'_>, new: &NewEntry) -> Outcome<(), EntryError> {
    // Locked one after the other: what is left is counted by one at a time.
    let locked = diesel::update(lot::table.filter(lot::site.eq(new.site.0)))
        .set(lot::number.eq(lot::number))
        .execute(tx.conn)?;
    let supply = of_site(tx.conn, new.site)?;
    let one = supply.iter().find(|one| one.lot.id == new.lot && locked > 0);
    let Some(one) = one else { return Err(Failure::Refused(EntryError::NoSuchLot)) };
    if newest(tx.conn, new.site)? != new.seen {
        let is_same = is_last(tx.conn, new)?;
        return if is_same { Ok(()) } else { Err(Failure::Refused(EntryError::ChangedMeanwhile)) };
    }
    let most = match new.act {
        Act::Received => i64::MAX,
        Act::Opened => one.left().min(one.received - one.opened),
        Act::Wasted => one.left(),
    };
    if i64::from(new.doses) > most {
        return Err(Failure::Refused(EntryError::MoreThanLeft(most.max(0))));
    }
    diesel::insert_into(stock_entry::table)
        .values((
            stock_entry::id.eq(tx.new_id()),
            stock_entry::lot.eq(new.lot.0),
            stock_entry::act.eq(new.act.as_str()),
            stock_entry::doses.eq(i32::from(new.doses)),
            stock_entry::why.eq(new.why.map(Why::as_str)),
            stock_entry::local_date.eq(date_number(new.day)),
            stock_entry::staff.eq(new.staff.0),
            stock_entry::at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether the one entry after the newest that was seen says the same: the button was pressed twice.
fn is_last(conn: &mut Conn, new: &NewEntry) -> Result<bool, StoreError> {
    type Row = (i64, String, i32, Option<String>, i64);
    let since: Vec<Row> = stock_entry::table
        .inner_join(lot::table.on(lot::id.eq(stock_entry::lot)))
        .filter(lot::site.eq(new.site.0).and(stock_entry::id.gt(new.seen)))
        .limit(2)
        .select((
            stock_entry::lot,
            stock_entry::act,
            stock_entry::doses,
            stock_entry::why,
            stock_entry::staff,
        ))
        .load(conn)?;
    let same = (
        new.lot.0,
        new.act.as_str().to_owned(),
        i32::from(new.doses),
        new.why.map(|why| why.as_str().to_owned()),
        new.staff.0,
    );
    Ok(since == [same])
}

/// An entry of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The row's id.
    pub id: i64,
    /// Which lot.
    pub lot: LotId,
    /// What became of the doses.
    pub act: Act,
    /// How many.
    pub doses: u16,
    /// Why, when they were wasted.
    pub why: Option<Why>,
    /// Whether it was a mistake.
    pub is_undone: bool,
}

/// The entries of a site on a day, the first before the others.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_day(conn: &mut Conn, site: SiteId, day: Date) -> Result<Vec<Entry>, StoreError> {
    type Row = (i64, i64, String, i32, Option<String>, Option<i64>);
    let rows: Vec<Row> = stock_entry::table
        .inner_join(lot::table.on(lot::id.eq(stock_entry::lot)))
        .filter(lot::site.eq(site.0).and(stock_entry::local_date.eq(date_number(day))))
        .order(stock_entry::id)
        .select((
            stock_entry::id,
            stock_entry::lot,
            stock_entry::act,
            stock_entry::doses,
            stock_entry::why,
            stock_entry::undone_by,
        ))
        .load(conn)?;
    let entry = |(id, lot, act, doses, why, undone_by): Row| {
        Ok(Entry {
            id,
            lot: LotId(lot),
            act: word(&act, Act::from_word)?,
            doses: small(doses)?,
            why: why.map(|why| word(&why, Why::from_word)).transpose()?,
            is_undone: undone_by.is_some(),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Undoes an entry of a day that was a mistake, unless doses would be missing then that were opened, given or wasted since. Undoing
/// what is undone is fine.
///
/// # Errors
/// [`EntryError::NoSuchLot`] when the site has no such entry on that day, and [`EntryError::MoreThanLeft`].
pub fn undo(
    tx: &mut Tx<'_>,
    (site, day): (SiteId, Date),
    id: i64,
    staff: StaffId,
) -> Outcome<(), EntryError> {
    diesel::update(lot::table.filter(lot::site.eq(site.0)))
        .set(lot::number.eq(lot::number))
        .execute(tx.conn)?;
    let entries = of_day(tx.conn, site, day)?;
    let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
        return Err(Failure::Refused(EntryError::NoSuchLot));
    };
    if entry.is_undone {
        return Ok(());
    }
    let supply = of_site(tx.conn, site)?;
    let unused = |one: &Supply| one.left().min(one.received - one.opened);
    let left = supply.iter().find(|one| one.lot.id == entry.lot).map_or(0, unused);
    if entry.act == Act::Received && i64::from(entry.doses) > left {
        return Err(Failure::Refused(EntryError::MoreThanLeft(left.max(0))));
    }
    diesel::update(stock_entry::table.find(id)).set(stock_entry::undone_by.eq(staff.0)).execute(tx.conn)?;
    Ok(())
}
