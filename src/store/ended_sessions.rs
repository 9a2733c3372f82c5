//! Sessions of citizens that were signed out. The cookie itself can't be taken back, so its id is remembered until it would
//! have run out.

use diesel::prelude::*;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::connection::directly;
use super::schema::ended_session;
use super::{Conn, Never, Outcome, StoreError, Tx};

fn hash(id: &str) -> Vec<u8> {
    Sha256::digest(id.as_bytes()).to_vec()
}

/// Ends a session whose cookies run out at `forget_at` at the latest. Ending it twice is fine. What ran out is forgotten.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn end(tx: &mut Tx<'_>, id: &str, forget_at: Timestamp) -> Outcome<(), Never> {
    diesel::delete(ended_session::table.filter(ended_session::forget_at.lt(tx.now.as_second())))
        .execute(tx.conn)?;
    if has_ended(tx.conn, id)? {
        return Ok(());
    }
    diesel::insert_into(ended_session::table)
        .values((ended_session::id_hash.eq(hash(id)), ended_session::forget_at.eq(forget_at.as_second())))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a session was ended.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn has_ended(conn: &mut Conn, id: &str) -> Result<bool, StoreError> {
    let found: i64 = directly!(conn, conn => ended_session::table.find(hash(id)).count().get_result(conn))?;
    Ok(found > 0)
}
