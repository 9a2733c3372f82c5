//! The access log: which member of staff saw whom, when and why. Ids only; the reason is sealed. Each row's hash covers
//! the row before it, so that a row can't be changed or taken out unseen. Every writer has a chain of its own.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::schema::access_log;
use super::{Conn, StoreError, Tx};
use crate::domain::ids::{BookingId, SiteId, StaffId};

/// An access to write down.
#[derive(Debug, Clone)]
pub struct Access {
    /// Who looked.
    pub staff: StaffId,
    /// What they did, one word: such as `roster`, `open-name`, `door-turn` or `check-in`.
    pub action: &'static str,
    /// Whose booking.
    pub booking: Option<BookingId>,
    /// At which site.
    pub site: Option<SiteId>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// Writes an access down.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn record(tx: &mut Tx<'_>, access: &Access) -> QueryResult<()> {
    let last: Option<(i64, Vec<u8>)> = access_log::table
        .filter(access_log::chain.eq(tx.commit.writer))
        .order(access_log::sequence.desc())
        .select((access_log::sequence, access_log::hash))
        .first(tx.conn)
        .optional()?;
    let (sequence, before) = last.map_or((1, Vec::new()), |(sequence, hash)| (sequence + 1, hash));
    // A chain is 63 bits of the row id that the reason is sealed for: its writer, then its sequence.
    let row = (i64::from(tx.commit.writer) << 40) | sequence;
    let reason = access.reason.as_deref().map(|reason| tx.seal("access_log", "reason_sealed", row, reason));
    let entry = Entry {
        at: tx.now.as_second(),
        staff: access.staff.0,
        action: access.action.to_owned(),
        booking: access.booking.map(|id| id.0),
        site: access.site.map(|id| id.0),
        reason_sealed: reason,
    };
    diesel::insert_into(access_log::table)
        .values((
            access_log::chain.eq(tx.commit.writer),
            access_log::sequence.eq(sequence),
            access_log::at.eq(entry.at),
            access_log::staff.eq(entry.staff),
            access_log::action.eq(&entry.action),
            access_log::booking.eq(entry.booking),
            access_log::site.eq(entry.site),
            access_log::reason_sealed.eq(&entry.reason_sealed),
            access_log::hash.eq(entry.hash_after(&before)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

struct Entry {
    at: i64,
    staff: i64,
    action: String,
    booking: Option<i64>,
    site: Option<i64>,
    reason_sealed: Option<Vec<u8>>,
}

impl Entry {
    fn hash_after(&self, before: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        part(before);
        part(&self.at.to_be_bytes());
        part(&self.staff.to_be_bytes());
        part(self.action.as_bytes());
        part(&self.booking.unwrap_or(0).to_be_bytes());
        part(&self.site.unwrap_or(0).to_be_bytes());
        part(self.reason_sealed.as_deref().unwrap_or_default());
        hash.finalize().to_vec()
    }
}

/// The first row whose hash does not follow from the row before it, as chain and sequence; `None` when all do.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn first_broken(conn: &mut Conn) -> Result<Option<(i32, i64)>, StoreError> {
    type Row = (i32, i64, i64, i64, String, Option<i64>, Option<i64>, Option<Vec<u8>>, Vec<u8>);
    let rows: Vec<Row> = access_log::table.order((access_log::chain, access_log::sequence)).load(conn)?;
    let mut before: (i32, i64, Vec<u8>) = (-1, 0, Vec::new());
    for (chain, sequence, at, staff, action, booking, site, reason_sealed, hash) in rows {
        if chain != before.0 {
            before = (chain, 0, Vec::new());
        }
        let entry = Entry { at, staff, action, booking, site, reason_sealed };
        if sequence != before.1 + 1 || entry.hash_after(&before.2) != hash {
            return Ok(Some((chain, sequence)));
        }
        before = (chain, sequence, hash);
    }
    Ok(None)
}
