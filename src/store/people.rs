//! People and the accounts that care for them.
//!
//! Every account has rows of its own for the people it books for, so that nobody's typing changes what another sees.
//! Rows with the same name, birth date and own phone are one person: all but the first name it in `same_person_as`, and
//! claims are made in its name.

mod carers;
mod erasure;
mod identity;

use diesel::prelude::*;

use super::accounts::phone_hash;
use super::schema::{booking, care, person};
use super::values::{unreadable, word};
use super::{Conn, Failure, Outcome, StoreError, Tx, accounts, locks, standby};
use crate::domain::birth_date::BirthDate;
use crate::domain::booking::BookingState;
use crate::domain::ids::{AccountId, CareId, PersonId};
use crate::domain::person::{CaredFor, MessagesTo, Person, Relation};
use crate::domain::person_name::PersonName;
use crate::domain::phone::PhoneNumber;
use crate::keys::{Cell, KeyRing, LookupHash, Sealed};

pub use carers::{Carer, carers, revoke};
pub use erasure::{EraseError, erase_account};
pub(super) use identity::{Claimant, claimant, claimants};
pub use identity::{account_of, rows_of_owner};
use identity::{identity_key, likeness};

/// What a form says about a person.
#[derive(Debug, Clone)]
pub struct PersonDetails {
    /// Their name.
    pub name: PersonName,
    /// Their birth date.
    pub birth: BirthDate,
    /// What they are to the account's owner.
    pub relation: Relation,
    /// Whose phone gets the messages.
    pub messages_to: MessagesTo,
    /// Their own phone. For the account's owner it is always the one they proved.
    pub phone: Option<PhoneNumber>,
}

/// Why a person could not be added or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SavePersonError {
    /// The list is full.
    #[error("the list has as many people as it may")]
    TooMany,
    /// The account's owner is in the list already.
    #[error("the owner is in the list already")]
    MeTwice,
    /// There is no such person in the list.
    #[error("there is no such person in the list")]
    NotFound,
    /// Name and birth date can't change while a booking is to come.
    #[error("a booking is to come for this person")]
    HasBooking,
}

type PersonRow = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

fn open(
    keys: &KeyRing,
    column: &'static str,
    row: i64,
    sealed: &Option<Vec<u8>>,
) -> Result<Option<String>, StoreError> {
    let cell = Cell { table: "person", column, row };
    let open = |bytes: &Vec<u8>| keys.open_text(cell, &Sealed::from_bytes(bytes.clone())).map_err(unreadable);
    sealed.as_ref().map(open).transpose()
}

pub(super) fn person_of(keys: &KeyRing, row: &PersonRow) -> Result<Person, StoreError> {
    let (id, name, birth, phone) = row;
    let erased = || StoreError::Unreadable("the person was erased".into());
    let name = open(keys, "name_sealed", *id, name)?.ok_or_else(erased)?;
    let birth = open(keys, "birth_sealed", *id, birth)?.ok_or_else(erased)?;
    let phone = open(keys, "phone_sealed", *id, phone)?;
    Ok(Person {
        id: PersonId(*id),
        name: PersonName::parse(&name).map_err(unreadable)?,
        birth: BirthDate::from_stored(&birth).map_err(unreadable)?,
        phone: phone.map(|phone| PhoneNumber::from_e164(&phone).map_err(unreadable)).transpose()?,
    })
}

/// The person with this id, unless erased.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: PersonId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> = person::table
        .find(id.0)
        .filter(person::erased_at.is_null())
        .select((person::id, person::name_sealed, person::birth_sealed, person::phone_sealed))
        .get_result(conn)
        .optional()?;
    row.map(|row| person_of(keys, &row)).transpose()
}

/// The phone at which a person is: that of their own account, or the one that was typed for them.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn phone_of(conn: &mut Conn, keys: &KeyRing, one: &Person) -> Result<Option<PhoneNumber>, StoreError> {
    let account = account_of(conn, one.id)?.map_or(Ok(None), |own| accounts::find(conn, keys, own))?;
    Ok(account.map(|own| own.phone).or_else(|| one.phone.clone()))
}

/// The people in an account's list, the owner first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn cared_for(conn: &mut Conn, keys: &KeyRing, id: AccountId) -> Result<Vec<CaredFor>, StoreError> {
    let rows: Vec<(PersonRow, i32, String, String)> = care::table
        .inner_join(person::table.on(person::id.eq(care::person)))
        .filter(care::account.eq(id.0).and(care::removed_at.is_null()))
        .order(care::number)
        .select((
            (person::id, person::name_sealed, person::birth_sealed, person::phone_sealed),
            care::number,
            care::relation,
            care::messages_to,
        ))
        .load(conn)?;
    let mut people = rows
        .into_iter()
        .map(|(row, number, relation, messages_to)| {
            Ok(CaredFor {
                person: person_of(keys, &row)?,
                number,
                relation: word(&relation, Relation::from_word)?,
                messages_to: word(&messages_to, MessagesTo::from_word)?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    people.sort_by_key(|one| (one.relation != Relation::Me, one.number));
    Ok(people)
}

/// Adds a person to an account's list and returns their number in it. Whoever stands in it just so was added by an earlier
/// press of the same button.
///
/// # Errors
/// [`SavePersonError`] as its variants say.
pub fn add(
    tx: &mut Tx<'_>,
    owner: AccountId,
    details: &PersonDetails,
    people_max: u16,
) -> Outcome<i32, SavePersonError> {
    let details = &begin(tx, owner, details)?;
    let mine = cared_for(tx.conn, &tx.tools.keys, owner)?;
    if let Some(added) = mine.iter().find(|one| is_just_so(one, details)) {
        return Ok(added.number);
    }
    if mine.len() >= usize::from(people_max) {
        return Err(Failure::Refused(SavePersonError::TooMany));
    }
    if details.relation == Relation::Me && mine.iter().any(|one| one.relation == Relation::Me) {
        return Err(Failure::Refused(SavePersonError::MeTwice));
    }
    let last: Option<i32> = care::table
        .filter(care::account.eq(owner.0))
        .select(diesel::dsl::max(care::number))
        .get_result(tx.conn)?;
    let number = last.unwrap_or(0) + 1;
    let id = insert_person(tx, details)?;
    diesel::insert_into(care::table)
        .values((
            care::id.eq(CareId(tx.new_id()).0),
            care::account.eq(owner.0),
            care::person.eq(id),
            care::number.eq(number),
            care::relation.eq(details.relation.as_str()),
            care::messages_to.eq(details.messages_to.as_str()),
            care::consent_at.eq((details.relation != Relation::Me).then_some(tx.now.as_second())),
            care::created_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    identity::join_with_earlier(tx, owner, id)?;
    Ok(number)
}

fn is_just_so(one: &CaredFor, details: &PersonDetails) -> bool {
    let PersonDetails { name, birth, relation, messages_to, phone } = details;
    (&one.person.name, &one.person.birth, &one.person.phone) == (name, birth, phone)
        && (one.relation, one.messages_to) == (*relation, *messages_to)
}

/// Begins to change an account's list, and says what is to be written: the owner's own phone is the one they proved,
/// whatever a form says, for by it they see what others booked for them. Nothing is written for an account that was erased
/// meanwhile, where nobody could erase it again.
fn begin(
    tx: &mut Tx<'_>,
    owner: AccountId,
    details: &PersonDetails,
) -> Outcome<PersonDetails, SavePersonError> {
    locks::account(tx, owner)?;
    let account = accounts::find(tx.conn, &tx.tools.keys, owner)?;
    let account = account.ok_or(Failure::Refused(SavePersonError::NotFound))?;
    let mut details = details.clone();
    if details.relation == Relation::Me {
        details.phone = Some(account.phone);
    }
    Ok(details)
}

fn insert_person(tx: &mut Tx<'_>, details: &PersonDetails) -> Result<i64, StoreError> {
    let id = tx.new_id();
    diesel::insert_into(person::table)
        .values((person::id.eq(id), person::created_at.eq(tx.now.as_second())))
        .execute(tx.conn)?;
    write_details(tx, id, details)?;
    Ok(id)
}

fn write_details(tx: &mut Tx<'_>, id: i64, details: &PersonDetails) -> Result<(), StoreError> {
    let identity = identity_key(&tx.tools.keys, details);
    let phone_hash = details.phone.as_ref().map(|phone| phone_hash(&tx.tools.keys, phone));
    let likeness = likeness(tx, &identity, phone_hash.as_ref(), id)?;
    let name = tx.seal("person", "name_sealed", id, details.name.as_str());
    let birth = tx.seal("person", "birth_sealed", id, &details.birth.iso());
    let phone = details.phone.as_ref().map(|phone| tx.seal("person", "phone_sealed", id, phone.as_e164()));
    diesel::update(person::table.find(id))
        .set((
            person::name_sealed.eq(name),
            person::birth_sealed.eq(birth),
            person::phone_sealed.eq(phone),
            person::phone_hash.eq(phone_hash.as_ref().map(LookupHash::as_bytes)),
            person::identity_key.eq(identity.as_bytes()),
            person::same_person_as.eq(likeness.same_person_as),
            person::suspected_duplicate_of.eq(likeness.suspected_duplicate_of),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Changes a person of the list. Name, birth date and phone stay as they are while a booking is to come, because the
/// claim and the roster rest on them; whose phone gets messages and the relation may always change.
///
/// # Errors
/// [`SavePersonError`] as its variants say.
pub fn change(
    tx: &mut Tx<'_>,
    owner: AccountId,
    number: i32,
    details: &PersonDetails,
) -> Outcome<(), SavePersonError> {
    let details = &begin(tx, owner, details)?;
    let mine = cared_for(tx.conn, &tx.tools.keys, owner)?;
    let Some(before) = mine.iter().find(|one| one.number == number) else {
        return Err(Failure::Refused(SavePersonError::NotFound));
    };
    let becomes_me = details.relation == Relation::Me && before.relation != Relation::Me;
    if becomes_me && mine.iter().any(|one| one.relation == Relation::Me) {
        return Err(Failure::Refused(SavePersonError::MeTwice));
    }
    let id = before.person.id;
    let same_identity = before.person.name == details.name
        && before.person.birth == details.birth
        && before.person.phone == details.phone;
    if !same_identity {
        locks::person(tx, id.0)?;
        let is_root =
            person::table.filter(person::same_person_as.eq(id.0)).count().get_result::<i64>(tx.conn)? > 0;
        if is_root || has_claims(tx.conn, id)? {
            return Err(Failure::Refused(SavePersonError::HasBooking));
        }
        write_details(tx, id.0, details)?;
    }
    diesel::update(care::table.filter(care::account.eq(owner.0).and(care::number.eq(number))))
        .set((
            care::relation.eq(details.relation.as_str()),
            care::messages_to.eq(details.messages_to.as_str()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a hold or a live booking stands for the person.
fn has_claims(conn: &mut Conn, id: PersonId) -> QueryResult<bool> {
    let live: Vec<&str> = live_or_held();
    let found: i64 = booking::table
        .filter(booking::person.eq(id.0).and(booking::state.eq_any(live)))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

fn live_or_held() -> Vec<&'static str> {
    BookingState::ALL
        .iter()
        .filter(|state| state.is_live() || **state == BookingState::Held)
        .map(|state| state.as_str())
        .collect()
}

/// Takes a person off the list. Their bookings stay where they are; they stand by for leftover doses no more.
///
/// # Errors
/// [`SavePersonError::NotFound`] when there is no such person in the list.
pub fn remove(tx: &mut Tx<'_>, owner: AccountId, number: i32) -> Outcome<(), SavePersonError> {
    locks::account(tx, owner)?;
    let removed: Option<i64> = diesel::update(
        care::table
            .filter(care::account.eq(owner.0).and(care::number.eq(number)).and(care::removed_at.is_null())),
    )
    .set(care::removed_at.eq(tx.now.as_second()))
    .returning(care::person)
    .get_result(tx.conn)
    .optional()?;
    let Some(person) = removed else { return Err(Failure::Refused(SavePersonError::NotFound)) };
    Ok(standby::end_of(tx, owner, Some(PersonId(person)))?)
}

/// People whose own phone is their account's have the new one too when that changes: also those who were taken off the
/// list, since their bookings stay.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    owner: AccountId,
    before: &PhoneNumber,
    phone: &PhoneNumber,
) -> Result<(), StoreError> {
    let [left, hash] = [before, phone].map(|phone| phone_hash(&tx.tools.keys, phone));
    let theirs: Vec<i64> = care::table
        .inner_join(person::table.on(person::id.eq(care::person)))
        .filter(care::account.eq(owner.0).and(person::phone_hash.eq(left.as_bytes())))
        .order(person::id)
        .select(person::id)
        .load(tx.conn)?;
    for id in theirs {
        let sealed = tx.seal("person", "phone_sealed", id, phone.as_e164());
        diesel::update(person::table.find(id))
            .set((person::phone_sealed.eq(sealed), person::phone_hash.eq(hash.as_bytes())))
            .execute(tx.conn)?;
        identity::join_by_phone(tx, id, &hash)?;
    }
    Ok(())
}
