//! Lots: what a site has received of each vaccine.

use diesel::dsl::exists;
use diesel::prelude::*;
use jiff::civil::Date;

use super::schema::{booking, lot, vaccination};
use super::values::{date, date_number};
use super::{Conn, Failure, Outcome, StoreError, Tx};
use crate::domain::ids::{LotId, ProductId, SiteId, StaffId};
use crate::domain::visit::VisitError;

/// A lot of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The row's id.
    pub id: LotId,
    /// What it is.
    pub product: ProductId,
    /// What the maker calls it.
    pub number: String,
    /// The last day on which it may be given.
    pub expires_on: Date,
    /// Whether it must not be given, whatever the day.
    pub is_recalled: bool,
}

impl Lot {
    /// Whether it may be given on a day.
    ///
    /// # Errors
    /// [`VisitError::LotRecalled`] and [`VisitError::LotExpired`].
    pub fn may_be_given(&self, day: Date) -> Result<(), VisitError> {
        if self.is_recalled {
            return Err(VisitError::LotRecalled);
        }
        if day > self.expires_on { Err(VisitError::LotExpired(self.expires_on)) } else { Ok(()) }
    }
}

/// Why a lot could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddLotError {
    /// The site has it already, with another last day.
    #[error("the lot is there already, and expires on {0}")]
    OtherDay(Date),
    /// It was recalled, here or at another site.
    #[error("the lot was recalled")]
    Recalled,
}

/// A lot that arrived.
#[derive(Debug, Clone)]
pub struct NewLot {
    /// Where.
    pub site: SiteId,
    /// What it is.
    pub product: ProductId,
    /// What the maker calls it.
    pub number: String,
    /// The last day on which it may be given.
    pub expires_on: Date,
    /// Who adds it.
    pub staff: StaffId,
}

/// Adds a lot. One that is there already is the same lot.
///
/// # Errors
/// [`AddLotError`] as its variants say.
pub fn add(tx: &mut Tx<'_>, new: &NewLot) -> Outcome<LotId, AddLotError> {
    let recalled = lot::table
        .filter(lot::product.eq(new.product.0).and(lot::number.eq(&new.number)))
        .filter(lot::recalled_at.is_not_null());
    if diesel::select(exists(recalled)).get_result(tx.conn)? {
        return Err(Failure::Refused(AddLotError::Recalled));
    }
    let known = of_site(tx.conn, new.site)?;
    if let Some(one) = known.iter().find(|one| one.product == new.product && one.number == new.number) {
        let is_same = one.expires_on == new.expires_on;
        return if is_same {
            Ok(one.id)
        } else {
            Err(Failure::Refused(AddLotError::OtherDay(one.expires_on)))
        };
    }
    let id = tx.new_id();
    diesel::insert_into(lot::table)
        .values((
            lot::id.eq(id),
            lot::site.eq(new.site.0),
            lot::product.eq(new.product.0),
            lot::number.eq(&new.number),
            lot::expires_on.eq(date_number(new.expires_on)),
            lot::added_by.eq(new.staff.0),
            lot::added_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(LotId(id))
}

/// Calls a lot back, at every site that has it, and returns how many have.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn recall(tx: &mut Tx<'_>, product: ProductId, number: &str) -> QueryResult<usize> {
    diesel::update(lot::table.filter(lot::product.eq(product.0).and(lot::number.eq(number))))
        .filter(lot::recalled_at.is_null())
        .set(lot::recalled_at.eq(tx.now.as_second()))
        .execute(tx.conn)
}

/// Lets a lot be given again that was called back by mistake, and returns at how many sites.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn lift(tx: &mut Tx<'_>, product: ProductId, number: &str) -> QueryResult<usize> {
    diesel::update(lot::table.filter(lot::product.eq(product.0).and(lot::number.eq(number))))
        .set(lot::recalled_at.eq(None::<i64>))
        .execute(tx.conn)
}

/// A lot at every site that has it.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn called(conn: &mut Conn, product: ProductId, number: &str) -> Result<Vec<Lot>, StoreError> {
    let rows: Vec<LotRow> = lot::table
        .filter(lot::product.eq(product.0).and(lot::number.eq(number)))
        .order(lot::id)
        .select((lot::id, lot::product, lot::number, lot::expires_on, lot::recalled_at))
        .load(conn)?;
    rows.into_iter().map(lot_of).collect()
}

/// Somebody who got a dose of a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFrom {
    /// Where.
    pub site: SiteId,
    /// The day of the appointment.
    pub day: Date,
    /// The reference of the booking.
    pub reference: String,
}

/// Everybody whose vaccination counts and was from this lot, at all sites, by day.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn given_from(conn: &mut Conn, product: ProductId, number: &str) -> Result<Vec<GivenFrom>, StoreError> {
    let rows: Vec<(i64, i32, String)> = vaccination::table
        .inner_join(lot::table.on(lot::id.eq(vaccination::lot)))
        .inner_join(booking::table.on(booking::id.eq(vaccination::booking)))
        .filter(lot::product.eq(product.0).and(lot::number.eq(number)))
        .filter(vaccination::ended_by.is_null())
        .order((booking::local_date, booking::id))
        .select((booking::site, booking::local_date, booking::reference))
        .load(conn)?;
    let given = |(site, day, reference)| Ok(GivenFrom { site: SiteId(site), day: date(day)?, reference });
    rows.into_iter().map(given).collect()
}

/// The lots of a site, those that expire first before the others.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_site(conn: &mut Conn, site: SiteId) -> Result<Vec<Lot>, StoreError> {
    let rows: Vec<LotRow> = lot::table
        .filter(lot::site.eq(site.0))
        .order((lot::expires_on, lot::number))
        .select((lot::id, lot::product, lot::number, lot::expires_on, lot::recalled_at))
        .load(conn)?;
    rows.into_iter().map(lot_of).collect()
}

type LotRow = (i64, i64, String, i32, Option<i64>);

fn lot_of((id, product, number, expires_on, recalled_at): LotRow) -> Result<Lot, StoreError> {
    Ok(Lot {
        id: LotId(id),
        product: ProductId(product),
        number,
        expires_on: date(expires_on)?,
        is_recalled: recalled_at.is_some(),
    })
}
