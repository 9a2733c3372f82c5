//! The access log as an auditor reads it: who looked how often in a month, and each entry with its reason.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use jiff::Timestamp;

use super::access_log::row_of;
use super::schema::{access_log, booking, staff};
use super::values::moment;
use super::{Conn, StoreError};
use crate::domain::ids::{SiteId, StaffId};
use crate::keys::{Cell, KeyRing, Sealed};

/// What stands beside a search for somebody: how, and not for whom.
pub const BY_NAME: &str = "by name";
/// The same, by the digits of a phone or a birth date.
pub const BY_DIGITS: &str = "by digits";

/// From when, and until when without that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

/// How often somebody did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The name they sign in with.
    pub login: String,
    /// What they did, as the log calls it.
    pub action: String,
    /// How often.
    pub times: i64,
}

/// Where a reading goes on: behind the entry with this moment, chain and number.
pub type After = (i64, i32, i64);

/// An entry of the log.
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who, by the name they sign in with.
    pub login: String,
    /// What they did.
    pub action: String,
    /// At which site.
    pub site: Option<SiteId>,
    /// Whose booking, by its reference.
    pub reference: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where the next reading goes on.
    pub place: After,
}

/// How often each member of staff did what, by login.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn counts(conn: &mut Conn, span: Span) -> Result<Vec<Count>, StoreError> {
    let rows: Vec<(i64, String, i64)> = access_log::table
        .filter(access_log::at.ge(span.from.as_second()).and(access_log::at.lt(span.until.as_second())))
        .group_by((access_log::staff, access_log::action))
        .select((access_log::staff, access_log::action, count_star()))
        .load(conn)?;
    let logins: Vec<(i64, String)> = staff::table.select((staff::id, staff::login)).load(conn)?;
    let logins: HashMap<i64, String> = logins.into_iter().collect();
    let count =
        |(id, action, times)| Count { login: logins.get(&id).cloned().unwrap_or_default(), action, times };
    let mut counts: Vec<Count> = rows.into_iter().map(count).collect();
    counts.sort_by(|one, next| (&one.login, &one.action).cmp(&(&next.login, &next.action)));
    Ok(counts)
}

/// The member of staff with this login, also when they have left.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn staff_called(conn: &mut Conn, login: &str) -> Result<Option<StaffId>, StoreError> {
    let id: Option<i64> =
        staff::table.filter(staff::login.eq(login)).select(staff::id).get_result(conn).optional()?;
    Ok(id.map(StaffId))
}

/// Entries of a span behind a place, of one member of staff or of all, the oldest first. A reason that does not open is told
/// as such: whoever can damage one row must not hide the others.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn entries(
    conn: &mut Conn,
    keys: &KeyRing,
    span: Span,
    whose: Option<StaffId>,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    type Row = (i64, i32, i64, String, String, Option<i64>, Option<Vec<u8>>, Option<String>);
    let first = (span.from.as_second(), i32::MIN, 0);
    let (at, chain, sequence) = after.unwrap_or(first).max(first);
    let is_behind = access_log::at.gt(at).or(access_log::at.eq(at).and(
        access_log::chain.gt(chain).or(access_log::chain.eq(chain).and(access_log::sequence.gt(sequence))),
    ));
    let mut query = access_log::table
        .inner_join(staff::table.on(staff::id.eq(access_log::staff)))
        .left_join(booking::table.on(access_log::booking.eq(booking::id.nullable())))
        // The first says the same as the second, in a way that an index understands.
        .filter(access_log::at.ge(at).and(is_behind))
        .filter(access_log::at.lt(span.until.as_second()))
        .order((access_log::at, access_log::chain, access_log::sequence))
        .limit(most)
        .select((
            access_log::at,
            access_log::chain,
            access_log::sequence,
            staff::login,
            access_log::action,
            access_log::site,
            access_log::reason_sealed,
            booking::reference.nullable(),
        ))
        .into_boxed();
    if let Some(StaffId(id)) = whose {
        query = query.filter(access_log::staff.eq(id));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let entry = |(at, chain, sequence, login, action, site, sealed, reference): Row| {
        let row = row_of(chain, sequence);
        let cell = Cell { table: "access_log", column: "reason_sealed", row };
        let open = |sealed| {
            keys.open_text(cell, &Sealed::from_bytes(sealed)).unwrap_or_else(|error| format!("({error})"))
        };
        Ok(Entry {
            at: moment(at)?,
            reason: sealed.map(open).filter(|reason| is_shown(&action, reason)),
            login,
            action,
            site: site.map(SiteId),
            reference,
            place: (at, chain, sequence),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Whether an auditor may read a reason. Beside a search once stood what was typed, which may have been a name.
fn is_shown(action: &str, reason: &str) -> bool {
    action != "find" || reason == BY_NAME || reason == BY_DIGITS
}
