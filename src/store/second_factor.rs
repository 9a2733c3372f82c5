//! The second factor of staff: the secret of their app, and their recovery codes. What was used counts no more.

use diesel::prelude::*;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::schema::{recovery_code, second_factor};
use super::values::{moment, unreadable};
use super::{Conn, Failure, Never, Outcome, StoreError, Tx};
use crate::domain::ids::StaffId;
use crate::keys::{Cell, KeyRing, LookupHash, Sealed};

/// What is known of somebody's second factor.
pub struct Known {
    /// The secret's text.
    pub secret: Zeroizing<String>,
    /// The last half minute whose code was used, counted from 1970.
    pub last_step: i64,
    /// Wrong codes since the last right one.
    pub failed: i32,
    /// When it was begun with.
    pub begun_at: Timestamp,
}

/// A code that was used already, or is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code was used already, or is none of theirs")]
pub struct Void;

/// Begins with a secret, in the place of the one before if there was one; the code that proved it is used up.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn begin(
    tx: &mut Tx<'_>,
    id: StaffId,
    secret: &str,
    step: i64,
    recovery: &[LookupHash],
) -> Outcome<(), Never> {
    forget(tx, id)?;
    let sealed = tx.seal("second_factor", "secret_sealed", id.0, secret);
    diesel::insert_into(second_factor::table)
        .values((
            second_factor::staff.eq(id.0),
            second_factor::secret_sealed.eq(sealed),
            second_factor::last_step.eq(step),
            second_factor::begun_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    for hash in recovery {
        diesel::insert_into(recovery_code::table)
            .values((recovery_code::staff.eq(id.0), recovery_code::code_hash.eq(hash.as_bytes().to_vec())))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Forgets secret and recovery codes.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub(super) fn forget(tx: &mut Tx<'_>, id: StaffId) -> QueryResult<()> {
    diesel::delete(recovery_code::table.filter(recovery_code::staff.eq(id.0))).execute(tx.conn)?;
    diesel::delete(second_factor::table.find(id.0)).execute(tx.conn)?;
    Ok(())
}

/// The second factor of somebody; `None` when they have none.
///
/// # Errors
/// [`StoreError`] when it can't be read.
pub fn of(conn: &mut Conn, keys: &KeyRing, id: StaffId) -> Result<Option<Known>, StoreError> {
    let row: Option<(Vec<u8>, i64, i32, i64)> = second_factor::table
        .find(id.0)
        .select((
            second_factor::secret_sealed,
            second_factor::last_step,
            second_factor::failed,
            second_factor::begun_at,
        ))
        .get_result(conn)
        .optional()?;
    let known = |(sealed, last_step, failed, begun_at)| -> Result<Known, StoreError> {
        let cell = Cell { table: "second_factor", column: "secret_sealed", row: id.0 };
        let secret = Zeroizing::new(keys.open_text(cell, &Sealed::from_bytes(sealed)).map_err(unreadable)?);
        Ok(Known { secret, last_step, failed, begun_at: moment(begun_at)? })
    };
    row.map(known).transpose()
}

/// Whether somebody has a second factor.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn has_one(conn: &mut Conn, id: StaffId) -> Result<bool, StoreError> {
    let found: i64 = second_factor::table.find(id.0).count().get_result(conn)?;
    Ok(found > 0)
}

/// How many recovery codes somebody has not used.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn recovery_codes_left(conn: &mut Conn, id: StaffId) -> Result<i64, StoreError> {
    let left =
        recovery_code::table.filter(recovery_code::staff.eq(id.0).and(recovery_code::used_at.is_null()));
    Ok(left.count().get_result(conn)?)
}

/// Uses a code of the app up, by its half minute.
///
/// # Errors
/// [`Void`] when it, or a later one, was used before.
pub fn use_step(tx: &mut Tx<'_>, id: StaffId, step: i64) -> Outcome<(), Void> {
    let newer = second_factor::table.find(id.0).filter(second_factor::last_step.lt(step));
    let used = diesel::update(newer)
        .set((second_factor::last_step.eq(step), second_factor::failed.eq(0)))
        .execute(tx.conn)?;
    if used == 0 { Err(Failure::Refused(Void)) } else { Ok(()) }
}

/// Counts a code that was wrong.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn note_wrong(tx: &mut Tx<'_>, id: StaffId) -> QueryResult<()> {
    diesel::update(second_factor::table.find(id.0))
        .set(second_factor::failed.eq(second_factor::failed + 1))
        .execute(tx.conn)?;
    Ok(())
}

/// Uses a recovery code up.
///
/// # Errors
/// [`Void`] when it was used before, or is none of theirs.
pub fn use_recovery_code(tx: &mut Tx<'_>, id: StaffId, hash: &LookupHash) -> Outcome<(), Void> {
    let row = (id.0, hash.as_bytes().to_vec());
    let unused = recovery_code::table.find(row).filter(recovery_code::used_at.is_null());
    let used = diesel::update(unused).set(recovery_code::used_at.eq(tx.now.as_second())).execute(tx.conn)?;
    if used == 0 {
        return Err(Failure::Refused(Void));
    }
    diesel::update(second_factor::table.find(id.0)).set(second_factor::failed.eq(0)).execute(tx.conn)?;
    Ok(())
}
