//! Who is the same person: rows that different accounts typed with the same name, birth date and own phone.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::super::connection::directly;
use super::super::schema::{account, care, course, person};
use super::super::values::unreadable;
use super::super::{Conn, StoreError, Tx, locks};
use super::{PersonDetails, open};
use crate::domain::birth_date::BirthDate;
use crate::domain::ids::{AccountId, PersonId};
use crate::domain::person::Relation;
use crate::keys::{KeyRing, LookupHash};

pub(super) fn identity_key(keys: &KeyRing, details: &PersonDetails) -> LookupHash {
    keys.lookup("identity", &format!("{}\u{1f}{}", details.name.normalised(), details.birth.iso()))
}

pub(super) struct Likeness {
    pub(super) same_person_as: Option<i64>,
    pub(super) suspected_duplicate_of: Option<i64>,
}

/// Finds earlier rows for the same person (name, birth date and own phone) or perhaps the same (name and birth date).
///
/// # Errors
/// [`StoreError::Overtaken`] when the first row for the same person was made another's at the same time.
pub(super) fn likeness(
    tx: &mut Tx<'_>,
    identity: &LookupHash,
    phone: Option<&LookupHash>,
    except: i64,
) -> Result<Likeness, StoreError> {
    let rows: Vec<(i64, Option<Vec<u8>>, Option<i64>)> = person::table
        .filter(person::identity_key.eq(identity.as_bytes()).and(person::id.ne(except)))
        .order(person::id)
        .select((person::id, person::phone_hash, person::same_person_as))
        .load(tx.conn)?;
    let is_same = |row: &&(i64, Option<Vec<u8>>, Option<i64>)| {
        phone.is_some_and(|phone| row.1.as_deref() == Some(phone.as_bytes()))
    };
    let same_person_as = rows.iter().find(is_same).map(|row| row.2.unwrap_or(row.0));
    if let Some(first) = same_person_as {
        lock_first(tx, first, identity.as_bytes())?;
    }
    let suspected_duplicate_of = rows
        .iter()
        .map(|row| row.2.unwrap_or(row.0))
        .find(|root| Some(*root) != same_person_as && *root != except);
    Ok(Likeness { same_person_as, suspected_duplicate_of })
}

/// Locks the first row for a person, so that others can be joined to it. One that was erased stands for them still.
///
/// # Errors
/// [`StoreError::Overtaken`] when it was made another's at the same time.
fn lock_first(tx: &mut Tx<'_>, first: i64, identity: &[u8]) -> Result<(), StoreError> {
    locks::person(tx, first)?;
    let is_theirs = person::identity_key.eq(identity).or(person::erased_at.is_not_null());
    let still = person::table.find(first).filter(is_theirs);
    let stands: bool = diesel::select(exists(still)).get_result(tx.conn)?;
    if stands { Ok(()) } else { Err(StoreError::Overtaken) }
}

/// Whoever an account takes off its list and types again is the same person, also without a phone; only two different
/// phones tell two people of one list apart.
pub(super) fn join_with_earlier(tx: &mut Tx<'_>, owner: AccountId, id: i64) -> QueryResult<()> {
    type Row = (i64, Option<i64>, Option<Vec<u8>>);
    let (identity, phone): (Option<Vec<u8>>, Option<Vec<u8>>) =
        person::table.find(id).select((person::identity_key, person::phone_hash)).get_result(tx.conn)?;
    let Some(identity) = identity else { return Ok(()) };
    let earlier: Vec<Row> = care::table
        .inner_join(person::table.on(person::id.eq(care::person)))
        .filter(care::account.eq(owner.0).and(person::identity_key.eq(identity)).and(person::id.lt(id)))
        .order(person::id)
        .select((person::id, person::same_person_as, person::phone_hash))
        .load(tx.conn)?;
    let is_other = |row: &Row| phone.is_some() && row.2.is_some() && row.2 != phone;
    for (earlier, same, _) in earlier.into_iter().filter(|row| !is_other(row)) {
        let first = same.unwrap_or(earlier);
        if !may_have_phone(tx, first, phone.as_ref())? {
            continue;
        }
        diesel::update(person::table.find(id).filter(person::same_person_as.is_null()))
            .set((person::same_person_as.eq(first), person::suspected_duplicate_of.eq(None::<i64>)))
            .execute(tx.conn)?;
        return Ok(());
    }
    Ok(())
}

/// Whether somebody with this phone can be the same person as those of `first`: one of them has it, or none has any. Else
/// whoever typed a stranger's number, and then the stranger without one, could bring themselves in as a third.
fn may_have_phone(tx: &mut Tx<'_>, first: i64, phone: Option<&Vec<u8>>) -> QueryResult<bool> {
    let Some(phone) = phone else { return Ok(true) };
    let known: Vec<Vec<u8>> = person::table
        .filter(person::id.eq(first).or(person::same_person_as.eq(first)))
        .filter(person::phone_hash.is_not_null())
        .select(person::phone_hash.assume_not_null())
        .load(tx.conn)?;
    Ok(known.is_empty() || known.contains(phone))
}

/// Joins a person whose phone has changed with whom others typed with the new one: whoever has claimed nothing to the other.
/// Where both have, each keeps their claims, and staff are to look whether they are one.
pub(super) fn join_by_phone(tx: &mut Tx<'_>, id: i64, phone: &LookupHash) -> Result<(), StoreError> {
    let (identity, same): (Option<Vec<u8>>, Option<i64>) =
        person::table.find(id).select((person::identity_key, person::same_person_as)).get_result(tx.conn)?;
    let Some(identity) = identity else { return Ok(()) };
    let others: Vec<(i64, Option<i64>)> = person::table
        .filter(person::identity_key.eq(&identity).and(person::phone_hash.eq(phone.as_bytes())))
        .order(person::id)
        .select((person::id, person::same_person_as))
        .load(tx.conn)?;
    let others: BTreeSet<i64> = others.into_iter().map(|(id, same)| same.unwrap_or(id)).collect();
    let mut first = same.unwrap_or(id);
    for other in others {
        if other != first {
            lock_first(tx, other, &identity)?;
            first = join(tx, first, other)?;
        }
    }
    Ok(())
}

/// Makes two groups one, if not both have claimed something. The first row of the first of them as it is then.
fn join(tx: &mut Tx<'_>, first: i64, other: i64) -> Result<i64, StoreError> {
    locks::person(tx, first)?;
    let both = person::table.filter(person::id.eq_any([first, other]).and(person::same_person_as.is_null()));
    if both.count().get_result::<i64>(tx.conn)? < 2 {
        return Err(StoreError::Overtaken);
    }
    let (from, to) = match (has_claimed(tx, first)?, has_claimed(tx, other)?) {
        (false, _) => (first, other),
        (true, false) => (other, first),
        (true, true) => {
            diesel::update(person::table.find(first).filter(person::suspected_duplicate_of.is_null()))
                .set(person::suspected_duplicate_of.eq(other))
                .execute(tx.conn)?;
            return Ok(first);
        }
    };
    diesel::update(person::table.filter(person::id.eq(from).or(person::same_person_as.eq(from))))
        .set((person::same_person_as.eq(to), person::suspected_duplicate_of.eq(None::<i64>)))
        .execute(tx.conn)?;
    // Who was suspected to be the one is suspected to be the other, and nobody to be themselves.
    diesel::update(person::table.filter(person::suspected_duplicate_of.eq(from)))
        .set(person::suspected_duplicate_of.eq(to))
        .execute(tx.conn)?;
    let of_to = person::id.eq(to).or(person::same_person_as.eq(to));
    diesel::update(person::table.filter(of_to.and(person::suspected_duplicate_of.eq(to))))
        .set(person::suspected_duplicate_of.eq(None::<i64>))
        .execute(tx.conn)?;
    Ok(to)
}

/// Whether anything was ever held or booked in the name of this first row.
fn has_claimed(tx: &mut Tx<'_>, first: i64) -> QueryResult<bool> {
    diesel::select(exists(course::table.filter(course::person.eq(first)))).get_result(tx.conn)
}

/// The person in whose name claims are made, and when they were born.
pub(in super::super) struct Claimant {
    pub(in super::super) id: PersonId,
    pub(in super::super) birth: BirthDate,
}

/// What tells who claims for a person: their row, the first for the same person, how they are known, and when they were born.
type Known = (i64, Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

macro_rules! known_columns {
    () => {
        (person::id, person::same_person_as, person::identity_key, person::phone_hash, person::birth_sealed)
    };
}

/// Who claims for `id`; `None` when there is no such person, or they were erased.
pub(in super::super) fn claimant(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Claimant>, StoreError> {
    let row: Option<Known> = directly!(tx.conn, conn => person::table
        .find(id.0)
        .filter(person::erased_at.is_null())
        .select(known_columns!())
        .get_result(conn))
    .optional()?;
    row.map_or(Ok(None), |known| claimant_of(tx, &known))
}

/// Who claims for each of `wished`; an error is the first of them who is not in the account's list any more, or never was.
pub(in super::super) fn claimants(
    tx: &mut Tx<'_>,
    owner: AccountId,
    wished: &[PersonId],
) -> Result<Result<Vec<Claimant>, PersonId>, StoreError> {
    let listed: Vec<Known> = directly!(tx.conn, conn => care::table
        .inner_join(person::table.on(person::id.eq(care::person)))
        .filter(care::account.eq(owner.0).and(care::removed_at.is_null()).and(person::erased_at.is_null()))
        .select(known_columns!())
        .load(conn))?;
    let mut claimants = Vec::with_capacity(wished.len());
    for one in wished {
        let known = listed.iter().find(|known| known.0 == one.0);
        let claimant = known.map_or(Ok(None), |known| claimant_of(tx, known))?;
        let Some(claimant) = claimant else { return Ok(Err(*one)) };
        claimants.push(claimant);
    }
    Ok(Ok(claimants))
}

fn claimant_of(tx: &mut Tx<'_>, known: &Known) -> Result<Option<Claimant>, StoreError> {
    let (id, same, identity, phone, birth) = known;
    let Some(birth) = open(&tx.tools.keys, "birth_sealed", *id, birth)? else { return Ok(None) };
    let claims = first_of(tx, same.unwrap_or(*id), identity.as_ref().zip(phone.as_ref()))?;
    Ok(Some(Claimant { id: claims, birth: BirthDate::from_stored(&birth).map_err(unreadable)? }))
}

/// The first row for the same person as `first`.
///
/// Rows for the same person that were typed at the same instant on two nodes did not see each other. They are joined
/// here, before the first claim is made. Where one writes, each was joined when it was typed.
fn first_of(
    tx: &mut Tx<'_>,
    first: i64,
    known_by: Option<(&Vec<u8>, &Vec<u8>)>,
) -> Result<PersonId, StoreError> {
    let known_by = known_by.filter(|_| !locks::has_one_writer(tx));
    let Some((identity, phone)) = known_by else { return Ok(PersonId(first)) };
    let earlier: Option<i64> = directly!(tx.conn, conn => person::table
        .filter(person::identity_key.eq(identity).and(person::phone_hash.eq(phone)))
        .filter(person::id.lt(first).and(person::same_person_as.is_null()))
        .select(diesel::dsl::min(person::id))
        .get_result(conn))?;
    let Some(earlier) = earlier else { return Ok(PersonId(first)) };
    locks::person(tx, first)?;
    if has_claimed(tx, first)? {
        return Ok(PersonId(first));
    }
    lock_first(tx, earlier, identity)?;
    diesel::update(person::table.filter(person::id.eq(first).or(person::same_person_as.eq(first))))
        .set(person::same_person_as.eq(earlier))
        .execute(tx.conn)?;
    Ok(PersonId(earlier))
}

/// The person's own account: that of whoever is in their own list as the same person, or has proved the phone that was
/// typed for them. The first is theirs also when they have another phone by now; of several the one that was there first,
/// since a number that was given up may be a stranger's.
///
/// # Errors
/// [`diesel::result::Error`] when a query fails.
pub fn account_of(conn: &mut Conn, id: PersonId) -> QueryResult<Option<AccountId>> {
    let known: Option<(Option<i64>, Option<Vec<u8>>)> = person::table
        .find(id.0)
        .select((person::same_person_as, person::phone_hash))
        .get_result(conn)
        .optional()?;
    let Some((same, phone)) = known else { return Ok(None) };
    let first = same.unwrap_or(id.0);
    let own: Option<i64> = care::table
        .inner_join(person::table.on(person::id.eq(care::person)))
        .inner_join(account::table.on(account::id.eq(care::account)))
        .filter(person::id.eq(first).or(person::same_person_as.eq(first)))
        .filter(care::relation.eq(Relation::Me.as_str()).and(care::removed_at.is_null()))
        .filter(account::erased_at.is_null())
        .order(account::id)
        .select(account::id)
        .first(conn)
        .optional()?;
    let (None, Some(phone)) = (own, phone) else { return Ok(own.map(AccountId)) };
    let proved: Option<i64> = account::table
        .filter(account::phone_hash.eq(phone))
        .select(account::id)
        .get_result(conn)
        .optional()?;
    Ok(proved.map(AccountId))
}

/// The account owner's own row in their list.
pub(super) fn own_row(conn: &mut Conn, owner: AccountId) -> QueryResult<Option<i64>> {
    care::table
        .filter(care::account.eq(owner.0).and(care::removed_at.is_null()))
        .filter(care::relation.eq(Relation::Me.as_str()))
        .select(care::person)
        .get_result(conn)
        .optional()
}

/// The rows that stand for the account's owner: their own, and those that others typed with the same name, birth date
/// and proved phone. A phone that the owner only typed proves nothing and opens nothing.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn rows_of_owner(conn: &mut Conn, id: AccountId) -> Result<Vec<i64>, StoreError> {
    let Some(own) = own_row(conn, id)? else { return Ok(Vec::new()) };
    let (same, phone, identity): (Option<i64>, Option<Vec<u8>>, Option<Vec<u8>>) = person::table
        .find(own)
        .select((person::same_person_as, person::phone_hash, person::identity_key))
        .get_result(conn)?;
    let proved: Option<Vec<u8>> = account::table.find(id.0).select(account::phone_hash).get_result(conn)?;
    if phone.is_none() || phone != proved {
        return Ok(vec![own]);
    }
    let first = same.unwrap_or(own);
    let of_group = person::id.eq(first).or(person::same_person_as.eq(first));
    // Others who claimed something were not joined when the phone was changed to theirs.
    let typed_so = person::identity_key.eq(identity).and(person::phone_hash.eq(phone));
    Ok(person::table.filter(of_group.or(typed_so.assume_not_null())).select(person::id).load(conn)?)
}
