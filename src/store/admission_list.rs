//! The sealed list of admissions: entries are added, numbered by the node that leads, and hashed once a minute.

use diesel::dsl::{max, sql_query};
use diesel::prelude::*;
use jiff::Timestamp;

use super::draws::digest;
use super::schema::{admission_block, admission_entry, door_minute};
use super::values::{moment, unreadable};
use super::{Conn, StoreError, Tx};
use crate::domain::clock::ChanceExt;
use crate::domain::door::admission_list::{self as list, BLOCK, Entry};
use crate::domain::door::digest::Digest;
use crate::domain::door::merkle;
use crate::domain::door::place::Place;
use crate::domain::ids::OpeningId;
use crate::keys::LookupHash;

/// The list as it was at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// The moment.
    pub at: Timestamp,
    /// How many entries it had.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// What shows that a phone's admission is in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The entry.
    pub entry: Entry,
    /// Its number, from 0.
    pub index: u64,
    /// The list that it is shown to be in.
    pub minute: Minute,
    /// The roots beside its way up.
    pub proof: Vec<Digest>,
}

/// What the list says of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InList {
    /// The phone was not admitted.
    Absent,
    /// It was admitted, and the next minute's root will tell.
    Soon,
    /// It is in the list.
    Shown(Box<Shown>),
}

/// Writes down an admission. It has no number yet.
pub(super) fn add(tx: &mut Tx<'_>, opening: OpeningId, phone: &LookupHash, place: Place) -> QueryResult<()> {
    let entry = Entry { at: tx.now, place, phone: phone.0, random: tx.tools.chance.bytes() };
    diesel::insert_into(admission_entry::table)
        .values((
            admission_entry::opening.eq(opening.0),
            admission_entry::phone_hash.eq(phone.as_bytes()),
            admission_entry::entry.eq(entry.to_bytes().as_slice()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Numbers the entries that came since the last time, hashes the blocks that are full, and appends a root when a minute
/// has begun. Only whoever leads does this, so that numbers have no gaps and no two writers want the same.
pub(super) fn go_on(tx: &mut Tx<'_>, opening: OpeningId) -> Result<(), StoreError> {
    let size = number_new(tx, opening)?;
    hash_full_blocks(tx, opening, size)?;
    let last = last_minute(tx.conn, opening)?;
    let begun = tx.now.as_second().div_euclid(60);
    let is_new = last.is_none_or(|last| last.at.as_second().div_euclid(60) < begun);
    if is_new && size > 0 { append_root(tx, opening, size) } else { Ok(()) }
}

/// Numbers and hashes whatever is left, when the evening is over.
pub(super) fn seal(tx: &mut Tx<'_>, opening: OpeningId) -> Result<(), StoreError> {
    let size = number_new(tx, opening)?;
    hash_full_blocks(tx, opening, size)?;
    let last = last_minute(tx.conn, opening)?;
    if last.map_or(0, |last| last.size) < size { append_root(tx, opening, size) } else { Ok(()) }
}

/// Gives numbers, in the order of time, and returns how many entries have one.
fn number_new(tx: &mut Tx<'_>, opening: OpeningId) -> Result<u64, StoreError> {
    let known = size(tx.conn, opening)?;
    // Numbers only stand in the text, and diesel has no words for it.
    let given = sql_query(format!(
        "UPDATE admission_entry SET number = fresh.number FROM (\
         SELECT phone_hash, {known} - 1 + ROW_NUMBER() OVER (ORDER BY entry) AS number \
         FROM admission_entry WHERE opening = {opening} AND number IS NULL) AS fresh \
         WHERE admission_entry.opening = {opening} AND admission_entry.phone_hash = fresh.phone_hash"
    ));
    let given = given.execute(tx.conn)?;
    Ok(known + given as u64)
}

fn size(conn: &mut Conn, opening: OpeningId) -> Result<u64, StoreError> {
    let of_opening = admission_entry::table.filter(admission_entry::opening.eq(opening.0));
    let last: Option<i64> = of_opening.select(max(admission_entry::number)).get_result(conn)?;
    last.map_or(Ok(0), |last| u64::try_from(last + 1).map_err(unreadable))
}

/// The entries from one number on and before another, as they are hashed; fewer when the list is shorter.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn entries(conn: &mut Conn, opening: OpeningId, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let number = admission_entry::number;
    let entries = admission_entry::table
        .filter(admission_entry::opening.eq(opening.0))
        .filter(number.ge(from.cast_signed()).and(number.lt(to.cast_signed())))
        .order(number)
        .select(admission_entry::entry)
        .load(conn)?;
    Ok(entries)
}

/// The hashes of the entries from one number on and before another.
fn leaves(conn: &mut Conn, opening: OpeningId, from: u64, to: u64) -> Result<Vec<Digest>, StoreError> {
    let entries = entries(conn, opening, from, to)?;
    if entries.len() as u64 != to.saturating_sub(from) {
        return Err(unreadable(format!("entries {from} to {to} of a list of admissions have gaps")));
    }
    Ok(entries.iter().map(|entry| merkle::leaf(entry)).collect())
}

/// The roots of the full blocks of a list of this size.
fn blocks(conn: &mut Conn, opening: OpeningId, size: u64) -> Result<Vec<Digest>, StoreError> {
    let full = size / BLOCK;
    let roots: Vec<Vec<u8>> = admission_block::table
        .filter(admission_block::opening.eq(opening.0).and(admission_block::number.lt(full.cast_signed())))
        .order(admission_block::number)
        .select(admission_block::root)
        .load(conn)?;
    roots.into_iter().map(digest).collect()
}

/// Keeps the roots of blocks that are full now. Every second, so that no minute brings much work at once.
fn hash_full_blocks(tx: &mut Tx<'_>, opening: OpeningId, size: u64) -> Result<(), StoreError> {
    let of_opening = admission_block::table.filter(admission_block::opening.eq(opening.0));
    let last: Option<i64> = of_opening.select(max(admission_block::number)).get_result(tx.conn)?;
    let known = last.map_or(Ok(0), |last| u64::try_from(last + 1)).map_err(unreadable)?;
    for number in known..size / BLOCK {
        let root = merkle::root(&leaves(tx.conn, opening, number * BLOCK, (number + 1) * BLOCK)?);
        diesel::insert_into(admission_block::table)
            .values((
                admission_block::opening.eq(opening.0),
                admission_block::number.eq(number.cast_signed()),
                admission_block::root.eq(root.0.as_slice()),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn append_root(tx: &mut Tx<'_>, opening: OpeningId, size: u64) -> Result<(), StoreError> {
    let known = blocks(tx.conn, opening, size)?;
    let rest = leaves(tx.conn, opening, size - size % BLOCK, size)?;
    diesel::insert_into(door_minute::table)
        .values((
            door_minute::opening.eq(opening.0),
            door_minute::at.eq(tx.now.as_second()),
            door_minute::size.eq(size.cast_signed()),
            door_minute::root.eq(list::root(&known, &rest).0.as_slice()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

type MinuteRow = (i64, i64, Vec<u8>);

fn minute((at, size, root): MinuteRow) -> Result<Minute, StoreError> {
    Ok(Minute { at: moment(at)?, size: u64::try_from(size).map_err(unreadable)?, root: digest(root)? })
}

/// The roots of a list, the oldest first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn minutes(conn: &mut Conn, opening: OpeningId) -> Result<Vec<Minute>, StoreError> {
    let rows: Vec<MinuteRow> = door_minute::table
        .filter(door_minute::opening.eq(opening.0))
        .order(door_minute::at)
        .select((door_minute::at, door_minute::size, door_minute::root))
        .load(conn)?;
    rows.into_iter().map(minute).collect()
}

fn last_minute(conn: &mut Conn, opening: OpeningId) -> Result<Option<Minute>, StoreError> {
    let row: Option<MinuteRow> = door_minute::table
        .filter(door_minute::opening.eq(opening.0))
        .order(door_minute::at.desc())
        .select((door_minute::at, door_minute::size, door_minute::root))
        .first(conn)
        .optional()?;
    row.map(minute).transpose()
}

/// Shows that a phone's admission is in the list of the last minute. It reads one block of entries and the roots of the
/// others, however long the list is.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn of_phone(conn: &mut Conn, opening: OpeningId, phone: &LookupHash) -> Result<InList, StoreError> {
    let row: Option<(Option<i64>, Vec<u8>)> = admission_entry::table
        .find((opening.0, phone.as_bytes()))
        .select((admission_entry::number, admission_entry::entry))
        .get_result(conn)
        .optional()?;
    let Some((number, entry)) = row else { return Ok(InList::Absent) };
    let index = number.map(u64::try_from).transpose().map_err(unreadable)?;
    let minute = last_minute(conn, opening)?;
    let (Some(index), Some(minute)) = (index, minute) else { return Ok(InList::Soon) };
    if index >= minute.size {
        return Ok(InList::Soon);
    }
    let (first, end) = (index - index % BLOCK, minute.size - minute.size % BLOCK);
    let block = leaves(conn, opening, first, (first + BLOCK).min(minute.size))?;
    let known = blocks(conn, opening, minute.size)?;
    let rest = leaves(conn, opening, end, minute.size)?;
    let at = |number: u64| usize::try_from(number).map_err(unreadable);
    let proof = list::proof(&known, &rest, (at(first / BLOCK)?, &block), at(index - first)?);
    let proof = proof.ok_or_else(|| unreadable("an entry is not in its own list of admissions"))?;
    let entry = Entry::from_bytes(&entry).map_err(unreadable)?;
    Ok(InList::Shown(Box::new(Shown { entry, index, minute, proof })))
}
