//! Erasing an account.

use diesel::prelude::*;

use super::super::schema::{booking, care, person};
use super::super::{Failure, Outcome, Tx, accounts, challenges, locks, reminders, standby, turn_texts};
use super::live_or_held;
use crate::domain::ids::AccountId;

/// Why an account could not be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EraseError {
    /// A booking is to come; it must be cancelled first.
    #[error("a booking is to come")]
    HasBooking,
}

/// Erases an account, the people in its list and the codes it was sent: every sealed column is wiped. What stays is
/// numbers without names.
///
/// # Errors
/// [`EraseError::HasBooking`] while a hold or a booking of the account is to come.
pub fn erase_account(tx: &mut Tx<'_>, owner: AccountId) -> Outcome<(), EraseError> {
    locks::account(tx, owner)?;
    let people: Vec<i64> =
        care::table.filter(care::account.eq(owner.0)).select(care::person).load(tx.conn)?;
    let coming: i64 = booking::table
        .filter(booking::account.eq(owner.0).or(booking::person.eq_any(&people)))
        .filter(booking::state.eq_any(live_or_held()).and(booking::starts_at.gt(tx.now.as_second())))
        .count()
        .get_result(tx.conn)?;
    if coming > 0 {
        return Err(Failure::Refused(EraseError::HasBooking));
    }
    diesel::update(person::table.filter(person::id.eq_any(&people)))
        .set((
            person::name_sealed.eq(None::<Vec<u8>>),
            person::birth_sealed.eq(None::<Vec<u8>>),
            person::phone_sealed.eq(None::<Vec<u8>>),
            person::phone_hash.eq(None::<Vec<u8>>),
            person::identity_key.eq(None::<Vec<u8>>),
            person::erased_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    diesel::update(care::table.filter(care::account.eq(owner.0).and(care::removed_at.is_null())))
        .set(care::removed_at.eq(tx.now.as_second()))
        .execute(tx.conn)?;
    let account = accounts::find(tx.conn, &tx.tools.keys, owner)?;
    turn_texts::forget(tx, owner)?;
    standby::end_of(tx, owner, None)?;
    accounts::erase(tx, owner)?;
    if let Some(account) = account {
        challenges::forget(tx, owner, &account.phone)?;
        reminders::pass_from_phone(tx, &account.phone)?;
    }
    Ok(())
}
