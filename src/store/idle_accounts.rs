//! Accounts whose phone nobody proved for long. The number may be somebody else's by now, so proving it is not enough:
//! whoever did gives the birth date of somebody in the account, or begins anew with nothing of it.
//!
//! Everything here looks at the same moment of the row: once the phone is trusted again, or has passed on, whatever was
//! asked before that is over.

use diesel::prelude::*;
use jiff::Timestamp;

use super::accounts::{self, phone_hash};
use super::schema::{account, care, person};
use super::values::small;
use super::{Conn, Never, Outcome, StoreError, Tx, bookings, locks, people};
use crate::domain::birth_date::BirthDate;
use crate::domain::idleness::{BIRTH_TRIES_MAX, birth_tries_left, idle_since, is_birth_date_of_one};
use crate::domain::ids::AccountId;
use crate::domain::phone::PhoneNumber;
use crate::keys::KeyRing;
use crate::language::Language;

/// Rows that are still asked about at `$now`: neither was the phone trusted again since, nor has it passed on.
macro_rules! still_idle {
    ($now:expr) => {
        account::erased_at.is_null().and(account::seen_at.le(idle_since($now).as_second()))
    };
}

/// What proving a phone opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proved {
    /// The account, with the epoch of its sessions.
    Account(AccountId, i32),
    /// Nothing yet: this account is idle, and a birth date is asked first.
    Idle(AccountId),
}

/// What a birth date brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Somebody in the account has it. The phone is trusted again; the epoch of the account's sessions.
    Right(i32),
    /// Nobody has it; so many tries are left, at least one.
    Wrong(u16),
    /// No try is left, or nothing is asked any more.
    Over,
}

/// The account of a phone number that was just proved; made when there is none. An idle account opens only to an answer,
/// see [`answer`], unless there is nobody in it: then nobody could answer, and a new one takes its place, so that neither
/// an e-mail address nor a device of whoever had the number before goes with it.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn prove_phone(tx: &mut Tx<'_>, phone: &PhoneNumber, language: Language) -> Result<Proved, StoreError> {
    if let Some(idle) = idle_with_people(tx, phone)? {
        return Ok(Proved::Idle(idle));
    }
    let (id, epoch) = match idle_with(tx, phone)? {
        Some(idle) => replace(tx, idle, phone, language)?,
        None => accounts::of_proved_phone(tx, phone, language)?,
    };
    Ok(Proved::Account(id, epoch))
}

/// The idle account with this phone, if there is anybody in it.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn idle_with_people(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<Option<AccountId>, StoreError> {
    let Some(idle) = idle_with(tx, phone)? else { return Ok(None) };
    let is_empty = births_in(tx.conn, &tx.tools.keys, idle)?.is_empty();
    Ok((!is_empty).then_some(idle))
}

fn idle_with(tx: &mut Tx<'_>, phone: &PhoneNumber) -> QueryResult<Option<AccountId>> {
    let hash = phone_hash(&tx.tools.keys, phone);
    let id: Option<i64> = account::table
        .filter(account::phone_hash.eq(hash.as_bytes()).and(still_idle!(tx.now)))
        .select(account::id)
        .get_result(tx.conn)
        .optional()?;
    Ok(id.map(AccountId))
}

/// Tries that are left for an account; `None` when nothing is asked about it any more.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn tries_left(conn: &mut Conn, id: AccountId, now: Timestamp) -> Result<Option<u16>, StoreError> {
    let tries: Option<i32> = account::table
        .find(id.0)
        .filter(still_idle!(now))
        .select(account::birth_tries)
        .get_result(conn)
        .optional()?;
    tries.map(|tries| Ok(birth_tries_left(small(tries)?))).transpose()
}

/// Counts a try and looks at the birth date. A try is counted even when it is wrong, so this never refuses.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn answer(
    tx: &mut Tx<'_>,
    id: AccountId,
    birth: BirthDate,
    language: Language,
) -> Outcome<Answered, Never> {
    let has_tries = account::birth_tries.lt(i32::from(BIRTH_TRIES_MAX));
    let counted: Option<(i32, i32)> =
        diesel::update(account::table.filter(account::id.eq(id.0).and(still_idle!(tx.now)).and(has_tries)))
            .set(account::birth_tries.eq(account::birth_tries + 1))
            .returning((account::birth_tries, account::epoch))
            .get_result(tx.conn)
            .optional()?;
    let Some((tries, epoch)) = counted else { return Ok(Answered::Over) };
    if !is_birth_date_of_one(&births_in(tx.conn, &tx.tools.keys, id)?, birth) {
        let left = birth_tries_left(small(tries)?);
        return Ok(if left == 0 { Answered::Over } else { Answered::Wrong(left) });
    }
    diesel::update(account::table.find(id.0))
        .set((
            account::birth_tries.eq(0),
            account::seen_at.eq(tx.now.as_second()),
            account::language.eq(language.code()),
        ))
        .execute(tx.conn)?;
    Ok(Answered::Right(epoch))
}

/// The birth dates of everybody whom the account's pages would show: who is listed, and whom a booking is for.
fn births_in(conn: &mut Conn, keys: &KeyRing, id: AccountId) -> Result<Vec<BirthDate>, StoreError> {
    let listed = people::cared_for(conn, keys, id)?.into_iter().map(|one| one.person.birth);
    let booked = bookings::visible_to(conn, keys, id)?.into_iter().map(|one| one.person.birth);
    Ok(listed.chain(booked).collect())
}

/// Gives whoever proved the phone of an idle account a new one in its place, with its epoch; `None` when nothing is asked
/// about the old one any more.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn begin_anew(
    tx: &mut Tx<'_>,
    id: AccountId,
    language: Language,
) -> Outcome<Option<(AccountId, i32)>, Never> {
    // Taking the tries makes a right answer on another node wait for this, and find that it is over.
    let closed = diesel::update(account::table.filter(account::id.eq(id.0).and(still_idle!(tx.now))))
        .set(account::birth_tries.eq(i32::from(BIRTH_TRIES_MAX)))
        .execute(tx.conn)?;
    if closed == 0 {
        return Ok(None);
    }
    let Some(old) = accounts::find(tx.conn, &tx.tools.keys, id)? else { return Ok(None) };
    Ok(Some(replace(tx, id, &old.phone, language)?))
}

/// The old account loses its phone, its e-mail address and its sessions, and its people lose the phone where it was their
/// own: no message about them goes to whoever has the number now. People and bookings stay as they are, for the clinic.
fn replace(
    tx: &mut Tx<'_>,
    old: AccountId,
    phone: &PhoneNumber,
    language: Language,
) -> Result<(AccountId, i32), StoreError> {
    let hash = phone_hash(&tx.tools.keys, phone);
    locks::account(tx, old)?;
    let is_theirs = account::table.find(old.0).filter(account::phone_hash.eq(hash.as_bytes()));
    if !diesel::select(diesel::dsl::exists(is_theirs)).get_result(tx.conn)? {
        // It has another phone since.
        return Err(StoreError::Overtaken);
    }
    let theirs: Vec<i64> = care::table.filter(care::account.eq(old.0)).select(care::person).load(tx.conn)?;
    diesel::update(person::table.filter(person::id.eq_any(theirs)))
        .filter(person::phone_hash.eq(hash.as_bytes()))
        .set((person::phone_hash.eq(None::<Vec<u8>>), person::phone_sealed.eq(None::<Vec<u8>>)))
        .execute(tx.conn)?;
    accounts::erase(tx, old)?;
    accounts::of_proved_phone(tx, phone, language)
}
