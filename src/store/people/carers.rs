//! Who cares for an account's owner, and how the owner ends it.

use diesel::prelude::*;

use super::super::schema::{booking, care};
use super::super::values::word;
use super::super::{Conn, Failure, Outcome, StoreError, Tx, accounts, locks, reminders};
use super::SavePersonError;
use super::identity::{own_row, rows_of_owner};
use crate::domain::booking::BookingState;
use crate::domain::ids::{AccountId, BookingId, CareId};
use crate::domain::person::Relation;
use crate::domain::phone::PhoneNumber;
use crate::keys::KeyRing;

/// Somebody who has the account's owner in their list.
#[derive(Debug, Clone)]
pub struct Carer {
    /// Names this care in a form.
    pub care: CareId,
    /// Their phone.
    pub phone: PhoneNumber,
    /// What they say the owner is to them.
    pub relation: Relation,
}

/// Who cares for the account's owner, by name, birth date and proved phone.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn carers(conn: &mut Conn, keys: &KeyRing, owner: AccountId) -> Result<Vec<Carer>, StoreError> {
    let rows = rows_of_owner(conn, owner)?;
    let cares: Vec<(i64, i64, String)> = care::table
        .filter(care::person.eq_any(rows).and(care::account.ne(owner.0)).and(care::removed_at.is_null()))
        .order(care::id)
        .select((care::id, care::account, care::relation))
        .load(conn)?;
    let mut carers = Vec::new();
    for (id, account, relation) in cares {
        if let Some(account) = accounts::find(conn, keys, AccountId(account))? {
            let relation = word(&relation, Relation::from_word)?;
            carers.push(Carer { care: CareId(id), phone: account.phone, relation });
        }
    }
    Ok(carers)
}

/// Ends a care on behalf of the person: the carer loses the person from their list, and the bookings they made for the
/// person pass to the person's own account.
///
/// # Errors
/// [`SavePersonError::NotFound`] when the care is not about the account's owner.
pub fn revoke(tx: &mut Tx<'_>, owner: AccountId, id: CareId) -> Outcome<(), SavePersonError> {
    locks::account(tx, owner)?;
    let rows = rows_of_owner(tx.conn, owner)?;
    let found: Option<(i64, i64)> = care::table
        .find(id.0)
        .filter(care::person.eq_any(rows).and(care::account.ne(owner.0)).and(care::removed_at.is_null()))
        .select((care::account, care::person))
        .get_result(tx.conn)
        .optional()?;
    let own = own_row(tx.conn, owner)?;
    let Some(((carer, person), own)) = found.zip(own) else {
        return Err(Failure::Refused(SavePersonError::NotFound));
    };
    diesel::update(care::table.find(id.0)).set(care::removed_at.eq(tx.now.as_second())).execute(tx.conn)?;
    lock_held(tx, carer, person)?;
    // A hold stays with the party it is part of: it ends by itself in minutes.
    let passing: Vec<i64> = booking::table
        .filter(booking::account.eq(carer).and(booking::person.eq(person)))
        .filter(booking::state.ne(BookingState::Held.as_str()))
        .select(booking::id)
        .load(tx.conn)?;
    diesel::update(booking::table.filter(booking::id.eq_any(&passing)))
        .set((booking::account.eq(owner.0), booking::person.eq(own)))
        .execute(tx.conn)?;
    for id in passing {
        reminders::pass(tx, BookingId(id))?;
    }
    Ok(())
}

/// Locks what a carer holds for a person: what is being confirmed passes too, and what is confirmed later is refused.
fn lock_held(tx: &mut Tx<'_>, carer: i64, person: i64) -> QueryResult<()> {
    let held: Vec<i64> = booking::table
        .filter(booking::account.eq(carer).and(booking::person.eq(person)))
        .filter(booking::state.eq(BookingState::Held.as_str()))
        .order(booking::party)
        .select(booking::party)
        .distinct()
        .load(tx.conn)?;
    held.into_iter().try_for_each(|id| locks::held_party(tx, id))
}
