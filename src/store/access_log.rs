//! The access log: which member of staff saw whom, when and why. Ids only; the reason is sealed. Each row's hash covers
//! the row before it, so that a row can't be changed or taken out unseen. Every writer has a chain of its own.

use diesel::prelude::*;
use sha2::{Digest as _, Sha256};

use super::schema::access_log;
use super::{Conn, StoreError, Tx};
use crate::domain::door::digest::Digest;
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
    let row = row_of(tx.commit.writer, sequence);
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

/// The row id that a reason is sealed for: 63 bits, of the chain and then of the number in it.
pub(super) fn row_of(chain: i32, sequence: i64) -> i64 {
    (i64::from(chain) << 40) | sequence
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

/// The last row of a chain. Whoever keeps it can tell later that nothing before it was changed or cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whose chain: that of a writer.
    pub chain: i32,
    /// How many rows it has.
    pub sequence: i64,
    /// The hash over all of them.
    pub hash: Digest,
}

/// The first row whose hash does not follow from the row before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {sequence} of chain {chain} was changed, or one before it was taken out")]
pub struct Broken {
    /// Whose chain.
    pub chain: i32,
    /// Which row of it.
    pub sequence: i64,
}

/// Rows of a chain that are read at once.
const ROWS: i64 = 10_000;

/// Goes through the whole log: the last row of each chain, or the first row that is not what was written.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn verify(conn: &mut Conn) -> Result<Result<Vec<Head>, Broken>, StoreError> {
    let chains: Vec<i32> =
        access_log::table.select(access_log::chain).distinct().order(access_log::chain).load(conn)?;
    let mut heads = Vec::with_capacity(chains.len());
    for chain in chains {
        match verify_chain(conn, chain)? {
            Ok(head) => heads.push(head),
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(Ok(heads))
}

fn verify_chain(conn: &mut Conn, chain: i32) -> Result<Result<Head, Broken>, StoreError> {
    type Row = (i64, i64, i64, String, Option<i64>, Option<i64>, Option<Vec<u8>>, Vec<u8>);
    let (mut last, mut before): (i64, Vec<u8>) = (0, Vec::new());
    loop {
        let rows: Vec<Row> = access_log::table
            .filter(access_log::chain.eq(chain).and(access_log::sequence.gt(last)))
            .order(access_log::sequence)
            .limit(ROWS)
            .select((
                access_log::sequence,
                access_log::at,
                access_log::staff,
                access_log::action,
                access_log::booking,
                access_log::site,
                access_log::reason_sealed,
                access_log::hash,
            ))
            .load(conn)?;
        if rows.is_empty() {
            let hash = Digest(before.try_into().unwrap_or_default());
            return Ok(Ok(Head { chain, sequence: last, hash }));
        }
        for (sequence, at, staff, action, booking, site, reason_sealed, hash) in rows {
            let entry = Entry { at, staff, action, booking, site, reason_sealed };
            if sequence != last + 1 || entry.hash_after(&before) != hash {
                return Ok(Err(Broken { chain, sequence }));
            }
            (last, before) = (sequence, hash);
        }
    }
}

/// Whether a chain has this very row: one that was its last before is still there.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn holds(conn: &mut Conn, head: &Head) -> Result<bool, StoreError> {
    let found: Option<Vec<u8>> = access_log::table
        .find((head.chain, head.sequence))
        .select(access_log::hash)
        .get_result(conn)
        .optional()?;
    Ok(found.is_some_and(|hash| hash == head.hash.0))
}
