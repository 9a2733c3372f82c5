//! Accounts: a verified phone number, and perhaps a verified e-mail address.

use diesel::prelude::*;

use super::connection::directly;
use super::schema::account;
use super::values::unreadable;
use super::{Conn, StoreError, Tx};
use crate::domain::email::EmailAddress;
use crate::domain::ids::AccountId;
use crate::domain::phone::PhoneNumber;
use crate::keys::{Cell, KeyRing, LookupHash, Sealed};
use crate::language::Language;

/// What a session needs to know of its account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The row's id.
    pub id: AccountId,
    /// The proved number.
    pub phone: PhoneNumber,
    /// The proved address, when there is one.
    pub email: Option<EmailAddress>,
    /// The language of its messages: the one that was chosen for them, or else the last one it used the pages in.
    pub language: Language,
    /// Whether it wants to be reminded of appointments by text message.
    pub text_reminders: bool,
    /// Sessions of an older epoch have ended.
    pub epoch: i32,
}

/// The keyed hash by which a phone number is looked up.
pub fn phone_hash(keys: &KeyRing, phone: &PhoneNumber) -> LookupHash {
    keys.lookup("phone", phone.as_e164())
}

type AccountRow = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>, (Option<String>, String, bool), i32);

/// The account with this id, unless it was erased.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row: Option<AccountRow> = directly!(conn, conn => account::table
        .find(id.0)
        .filter(account::erased_at.is_null())
        .select((
            account::id,
            account::phone_sealed,
            account::email_sealed,
            account::email_verified_at,
            (account::messages_in, account::language, account::text_reminders),
            account::epoch,
        ))
        .get_result(conn))
    .optional()?;
    row.map(|row| account_of(keys, row)).transpose()
}

fn account_of(keys: &KeyRing, row: AccountRow) -> Result<Account, StoreError> {
    let (id, phone, email, verified, (messages_in, language, text_reminders), epoch) = row;
    let phone = open(keys, "phone_sealed", id, phone)?
        .ok_or_else(|| StoreError::Unreadable("an account has no phone number".into()))?;
    let email = if verified.is_some() { open(keys, "email_sealed", id, email)? } else { None };
    Ok(Account {
        id: AccountId(id),
        phone: PhoneNumber::from_e164(&phone).map_err(unreadable)?,
        email: email.map(|email| EmailAddress::parse(&email).map_err(unreadable)).transpose()?,
        language: Language::from_code(&messages_in.unwrap_or(language)).unwrap_or_default(),
        text_reminders,
        epoch,
    })
}

fn open(
    keys: &KeyRing,
    column: &'static str,
    row: i64,
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, StoreError> {
    let cell = Cell { table: "account", column, row };
    sealed.map(|bytes| keys.open_text(cell, &Sealed::from_bytes(bytes)).map_err(unreadable)).transpose()
}

/// Whether an account has this phone.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn has_phone(conn: &mut Conn, keys: &KeyRing, phone: &PhoneNumber) -> Result<bool, StoreError> {
    let hash = phone_hash(keys, phone);
    let theirs = account::table.filter(account::phone_hash.eq(hash.as_bytes()));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(conn)?)
}

/// The account of a phone number that was just proved; made when there is none. It is trusted from now on, however long
/// it was idle: whoever signs in comes by [`super::idle_accounts::prove_phone`].
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn of_proved_phone(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    language: Language,
) -> Result<(AccountId, i32), StoreError> {
    let hash = phone_hash(&tx.tools.keys, phone);
    let now = tx.now.as_second();
    let known: Option<(i64, i32)> = account::table
        .filter(account::phone_hash.eq(hash.as_bytes()))
        .select((account::id, account::epoch))
        .get_result(tx.conn)
        .optional()?;
    if let Some((id, epoch)) = known {
        diesel::update(account::table.find(id))
            .set((account::seen_at.eq(now), account::language.eq(language.code())))
            .execute(tx.conn)?;
        return Ok((AccountId(id), epoch));
    }
    let id = tx.new_id();
    let sealed = tx.seal("account", "phone_sealed", id, phone.as_e164());
    diesel::insert_into(account::table)
        .values((
            account::id.eq(id),
            account::phone_hash.eq(hash.as_bytes()),
            account::phone_sealed.eq(sealed),
            account::language.eq(language.code()),
            account::epoch.eq(0),
            account::created_at.eq(now),
            account::seen_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok((AccountId(id), 0))
}

/// Stores a proved e-mail address.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn set_email(tx: &mut Tx<'_>, id: AccountId, email: &EmailAddress) -> QueryResult<()> {
    let sealed = tx.seal("account", "email_sealed", id.0, email.as_str());
    diesel::update(account::table.find(id.0))
        .set((account::email_sealed.eq(sealed), account::email_verified_at.eq(tx.now.as_second())))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets the e-mail address.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn remove_email(tx: &mut Tx<'_>, id: AccountId) -> QueryResult<()> {
    diesel::update(account::table.find(id.0))
        .set((account::email_sealed.eq(None::<Vec<u8>>), account::email_verified_at.eq(None::<i64>)))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends every session of the account, on every device.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn end_sessions(tx: &mut Tx<'_>, id: AccountId) -> QueryResult<()> {
    diesel::update(account::table.find(id.0)).set(account::epoch.eq(account::epoch + 1)).execute(tx.conn)?;
    Ok(())
}

/// Gives the account another phone, which was just proved, and ends its sessions. Their new epoch.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub(super) fn set_phone(tx: &mut Tx<'_>, id: AccountId, phone: &PhoneNumber) -> QueryResult<i32> {
    let hash = phone_hash(&tx.tools.keys, phone);
    let sealed = tx.seal("account", "phone_sealed", id.0, phone.as_e164());
    diesel::update(account::table.find(id.0))
        .set((
            account::phone_hash.eq(hash.as_bytes()),
            account::phone_sealed.eq(sealed),
            account::seen_at.eq(tx.now.as_second()),
            account::birth_tries.eq(0),
            account::epoch.eq(account::epoch + 1),
        ))
        .returning(account::epoch)
        .get_result(tx.conn)
}

/// Notes how the account wants its messages: in which language, and whether it is to be reminded by text message.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn set_messages(
    tx: &mut Tx<'_>,
    id: AccountId,
    language: Language,
    text_reminders: bool,
) -> QueryResult<()> {
    diesel::update(account::table.find(id.0))
        .set((account::messages_in.eq(language.code()), account::text_reminders.eq(text_reminders)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes the language in which the account uses the pages.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn set_language(tx: &mut Tx<'_>, id: AccountId, language: Language) -> QueryResult<()> {
    diesel::update(account::table.find(id.0)).set(account::language.eq(language.code())).execute(tx.conn)?;
    Ok(())
}

/// Wipes what is personal and ends all sessions. The caller makes sure that no booking is to come.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub(super) fn erase(tx: &mut Tx<'_>, id: AccountId) -> QueryResult<()> {
    diesel::update(account::table.find(id.0))
        .set((
            account::phone_hash.eq(None::<Vec<u8>>),
            account::phone_sealed.eq(None::<Vec<u8>>),
            account::email_sealed.eq(None::<Vec<u8>>),
            account::email_verified_at.eq(None::<i64>),
            account::epoch.eq(account::epoch + 1),
            account::erased_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(())
}
