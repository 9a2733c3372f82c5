//! Another phone for an account. Who changes it has proved the new one; the old one is told.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::accounts::{self, phone_hash};
use super::people::EraseError;
use super::schema::{account, booking, care};
use super::{Failure, Never, Outcome, StoreError, Tx, locks, notices, people, reminders};
use crate::domain::booking::BookingState;
use crate::domain::ids::AccountId;
use crate::domain::phone::PhoneNumber;

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneChanged {
    /// The account has the new phone; the new epoch of its sessions.
    Done(i32),
    /// Another account with people or bookings has that phone. Its owner can sign in there.
    Taken,
    /// There is no such account any more.
    Gone,
}

/// Gives an account another phone, which was just proved, ends its sessions, and tells the phone it had. The people in its
/// list whose own phone was the account's follow. Doing it twice is the same as once.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn change(tx: &mut Tx<'_>, id: AccountId, phone: &PhoneNumber) -> Outcome<PhoneChanged, Never> {
    locks::account(tx, id)?;
    let Some(before) = accounts::find(tx.conn, &tx.tools.keys, id)? else { return Ok(PhoneChanged::Gone) };
    if before.phone == *phone {
        return Ok(PhoneChanged::Done(before.epoch));
    }
    if !is_given_up(tx, phone)? {
        return Ok(PhoneChanged::Taken);
    }
    let epoch = accounts::set_phone(tx, id, phone)?;
    people::follow(tx, id, &before.phone, phone)?;
    reminders::pass_from_phone(tx, &before.phone)?;
    notices::tell_phone_changed(tx, &before)?;
    Ok(PhoneChanged::Done(epoch))
}

/// Whether no account has the phone. An empty one, as whoever signs in by their new phone first sees it, gives it up.
fn is_given_up(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool, StoreError> {
    let hash = phone_hash(&tx.tools.keys, phone);
    let other: Option<i64> = account::table
        .filter(account::phone_hash.eq(hash.as_bytes()))
        .select(account::id)
        .get_result(tx.conn)
        .optional()?;
    let Some(other) = other.map(AccountId) else { return Ok(true) };
    locks::account(tx, other)?;
    let is_theirs = account::table.find(other.0).filter(account::phone_hash.eq(hash.as_bytes()));
    if !diesel::select(exists(is_theirs)).get_result(tx.conn)? {
        return Err(StoreError::Overtaken);
    }
    let listed = care::table.filter(care::account.eq(other.0).and(care::removed_at.is_null()));
    let booked = booking::table
        .filter(booking::account.eq(other.0).and(booking::state.ne(BookingState::Expired.as_str())));
    if diesel::select(exists(listed)).get_result(tx.conn)?
        || diesel::select(exists(booked)).get_result(tx.conn)?
    {
        return Ok(false);
    }
    match people::erase_account(tx, other) {
        Ok(()) => Ok(true),
        Err(Failure::Refused(EraseError::HasBooking)) => Ok(false),
        Err(Failure::Store(error)) => Err(error),
    }
}
