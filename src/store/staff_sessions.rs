//! Sessions of staff are rows, so that they can be seen and ended. One that waits for its second factor opens nothing yet.

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::schema::{staff, staff_session};
use super::staff::{StaffMember, member_of};
use super::values::moment;
use super::{Conn, Never, Outcome, StoreError, Tx};
use crate::domain::clock::ChanceExt;
use crate::domain::ids::StaffId;
use crate::keys::LookupHash;

/// How long a session lasts, in hours: a working day.
const SESSION_HOURS: i64 = 12;

/// How long it waits for the second factor, in minutes.
const WAITING_MINUTES: i64 = 10;

/// How many codes may be tried before the password is asked for again: it was right, so that nobody locks a colleague out.
const TRIES_MAX: i32 = 5;

/// How many codes of one person may be tried within an hour: whoever knows the password could ask from many networks.
const TRIES_AN_HOUR: i64 = 30;

/// A session as its owner sees it.
pub struct Session {
    /// When it began.
    pub began_at: Timestamp,
    /// The network it began in, as a keyed hash.
    pub network: Option<Vec<u8>>,
    /// What it is ended by; it opens nothing.
    pub token_hash: Vec<u8>,
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Whether a token is that of a session.
pub fn is_of(token: &str, session: &Session) -> bool {
    hash_of(token) == session.token_hash
}

/// What a new session is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Signed in.
    SignedIn,
    /// The password was right, and the second factor is asked for.
    AwaitingCode,
}

/// Starts a session and returns its secret token, of which only a hash is stored.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn start(
    tx: &mut Tx<'_>,
    id: StaffId,
    begins: Begins,
    network: Option<&LookupHash>,
) -> Outcome<String, Never> {
    let token = data_encoding::BASE64URL_NOPAD.encode(&tx.tools.chance.bytes::<32>());
    let lasts = match begins {
        Begins::SignedIn => SignedDuration::from_hours(SESSION_HOURS),
        Begins::AwaitingCode => SignedDuration::from_mins(WAITING_MINUTES),
    };
    diesel::insert_into(staff_session::table)
        .values((
            staff_session::token_hash.eq(hash_of(&token)),
            staff_session::staff.eq(id.0),
            staff_session::created_at.eq(tx.now.as_second()),
            staff_session::expires_at.eq((tx.now + lasts).as_second()),
            staff_session::awaits_code.eq(begins == Begins::AwaitingCode),
            staff_session::network_hash.eq(network.map(|hash| hash.as_bytes().to_vec())),
        ))
        .execute(tx.conn)?;
    Ok(token)
}

/// Locks somebody's row: what opens and closes their account happens one after the other.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn lock(tx: &mut Tx<'_>, id: StaffId) -> QueryResult<()> {
    diesel::update(staff::table.find(id.0)).set(staff::login.eq(staff::login)).execute(tx.conn)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// [`StoreError`] when the statement fails.
pub fn end(tx: &mut Tx<'_>, token: &str) -> Outcome<(), Never> {
    diesel::update(staff_session::table.find(hash_of(token)).filter(staff_session::ended_at.is_null()))
        .set(staff_session::ended_at.eq(tx.now.as_second()))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends one session of somebody, by the hash that their list of sessions names it by. Nothing is ended twice.
///
/// # Errors
/// [`StoreError`] when the statement fails.
pub fn end_one(tx: &mut Tx<'_>, id: StaffId, token_hash: &[u8]) -> Outcome<(), Never> {
    diesel::update(staff_session::table.find(token_hash))
        .filter(staff_session::staff.eq(id.0).and(staff_session::ended_at.is_null()))
        .set(staff_session::ended_at.eq(tx.now.as_second()))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends all sessions of somebody, but for the one with the token `kept`.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn end_all(tx: &mut Tx<'_>, id: StaffId, kept: Option<&str>) -> QueryResult<()> {
    let kept = kept.map(hash_of).unwrap_or_default();
    let others = staff_session::table
        .filter(staff_session::staff.eq(id.0).and(staff_session::ended_at.is_null()))
        .filter(staff_session::token_hash.ne(kept));
    diesel::update(others).set(staff_session::ended_at.eq(tx.now.as_second())).execute(tx.conn)?;
    Ok(())
}

/// Who a session token belongs to, while it lasts.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn member(conn: &mut Conn, token: &str, now: Timestamp) -> Result<Option<StaffMember>, StoreError> {
    of(conn, token, now, false)
}

/// Whose second factor a session token waits for.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn awaited(conn: &mut Conn, token: &str, now: Timestamp) -> Result<Option<StaffMember>, StoreError> {
    of(conn, token, now, true)
}

fn of(
    conn: &mut Conn,
    token: &str,
    now: Timestamp,
    awaits_code: bool,
) -> Result<Option<StaffMember>, StoreError> {
    let row: Option<(i64, String, String)> = staff_session::table
        .inner_join(staff::table.on(staff::id.eq(staff_session::staff)))
        .filter(staff_session::token_hash.eq(hash_of(token)))
        .filter(staff_session::ended_at.is_null().and(staff_session::expires_at.gt(now.as_second())))
        .filter(staff_session::awaits_code.eq(awaits_code))
        .filter(staff::ended_at.is_null())
        .select((staff::id, staff::login, staff::role))
        .get_result(conn)
        .optional()?;
    row.map(|row| member_of(conn, row)).transpose()
}

/// Counts a try at the second factor; `false` when there were too many in this session, or it has ended.
///
/// # Errors
/// [`StoreError`] when the statement fails.
pub fn try_code(tx: &mut Tx<'_>, token: &str, id: StaffId) -> Outcome<bool, Never> {
    let lasts = staff_session::ended_at.is_null().and(staff_session::expires_at.gt(tx.now.as_second()));
    let session = staff_session::table
        .find(hash_of(token))
        .filter(staff_session::staff.eq(id.0).and(staff_session::tries.lt(TRIES_MAX)))
        .filter(lasts);
    let counted =
        diesel::update(session).set(staff_session::tries.eq(staff_session::tries + 1)).execute(tx.conn)?;
    Ok(counted > 0)
}

/// Whether so many codes of somebody were tried within the hour, in all of their sessions, that those of the app count no more:
/// whoever knows the password could guess from many networks. Recovery codes are too long to be guessed.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn is_guessed_at(conn: &mut Conn, id: StaffId, now: Timestamp) -> Result<bool, StoreError> {
    let lately = (now - SignedDuration::from_hours(1)).as_second();
    let tries: Option<i64> = staff_session::table
        .filter(staff_session::staff.eq(id.0).and(staff_session::expires_at.gt(lately)))
        .filter(staff_session::created_at.gt(lately))
        .select(diesel::dsl::sum(staff_session::tries))
        .get_result(conn)?;
    Ok(tries.unwrap_or(0) > TRIES_AN_HOUR)
}

/// The sessions of somebody that last, the newest first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_staff(conn: &mut Conn, id: StaffId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let rows: Vec<(i64, Option<Vec<u8>>, Vec<u8>)> = staff_session::table
        .filter(staff_session::staff.eq(id.0).and(staff_session::expires_at.gt(now.as_second())))
        .filter(staff_session::ended_at.is_null().and(staff_session::awaits_code.eq(false)))
        .order((staff_session::created_at.desc(), staff_session::token_hash))
        .select((staff_session::created_at, staff_session::network_hash, staff_session::token_hash))
        .load(conn)?;
    let session = |(began_at, network, token_hash)| -> Result<Session, StoreError> {
        Ok(Session { began_at: moment(began_at)?, network, token_hash })
    };
    rows.into_iter().map(session).collect()
}
