//! Challenges: a one-time code was sent somewhere, and whoever reads it there may prove it, five tries at most.
//! The code itself is nowhere: it is derived from the challenge's id.

use std::fmt;

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

use super::outbox::{self, Occasion, Recipient};
use super::schema::challenge;
use super::values::{moment, unreadable, word};
use super::{Conn, Failure, Never, Outcome, StoreError, Tx, locks};
use crate::domain::ids::{AccountId, BookingId, ChallengeId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::person::words;
use crate::domain::phone::PhoneNumber;
use crate::keys::{Cell, KeyRing, Sealed};
use crate::language::Language;

words! {
    /// What solving a challenge is for.
    Purpose {
        /// Signing in by phone.
        SignIn = "sign-in",
        /// Seeing one booking without an account.
        Find = "find",
        /// Adding an e-mail address.
        Email = "email",
        /// Giving an account another phone.
        Phone = "phone",
        /// Cancelling a booking by text message.
        Reply = "reply",
    }
}

/// Limits of codes, see `[codes]` in the configuration.
#[derive(Debug, Clone, Copy)]
pub struct CodeRules {
    /// Minutes a code is good for.
    pub minutes: u16,
    /// Tries for one challenge.
    pub tries: u16,
    /// Seconds until a code can be sent again.
    pub resend_seconds: u16,
    /// Codes an hour for one contact, for each purpose.
    pub per_contact_hour: u32,
    /// Codes an hour besides, for devices that proved the contact before, so that strangers lock nobody out.
    pub reserve_hour: u32,
    /// Replies by text message that are answered in an hour, at each node.
    pub replies_hour: u32,
}

/// What to send a code for.
#[derive(Clone)]
pub struct NewChallenge {
    /// What solving it is for.
    pub purpose: Purpose,
    /// The phone number (E.164) or e-mail address.
    pub contact: String,
    /// The account that adds an e-mail address, or changes its phone.
    pub account: Option<AccountId>,
    /// The booking that was asked for.
    pub booking: Option<BookingId>,
    /// Whether a message may be sent: `false` when what was asked for does not exist, and nobody may notice.
    pub reachable: bool,
    /// Whether this device proved the contact before.
    pub remembered: bool,
    /// Which browser asks, and what for: the same twice is one press too many.
    pub press: String,
    /// The language of the message.
    pub language: Language,
}

/// Why no code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendCodeError {
    /// Too many codes for this contact in the last hour.
    #[error("too many codes for this contact")]
    TooMany,
    /// A code was sent less than a minute ago.
    #[error("a code was sent a moment ago")]
    TooSoon,
    /// The challenge is over.
    #[error("the challenge is over")]
    Over,
}

/// Starts a challenge and queues its message. A browser that asked for the same a moment ago pressed twice: it awaits the
/// code that is on its way, since of two codes people type the one that comes first.
///
/// # Errors
/// [`SendCodeError::TooMany`] when the contact's cap is reached.
pub fn start(tx: &mut Tx<'_>, new: &NewChallenge, rules: &CodeRules) -> Outcome<ChallengeId, SendCodeError> {
    let id = tx.new_id();
    let hash = tx.tools.keys.lookup("contact", &new.contact);
    locks::contact(tx, &hash)?;
    let press = tx.tools.keys.lookup("challenge-press", &new.press);
    if let Some(awaited) = pressed_just_now(tx, new.purpose, [hash.as_bytes(), press.as_bytes()], rules)? {
        return Ok(awaited);
    }
    if is_capped(tx, (new.purpose, hash.as_bytes()), new.remembered, rules)? {
        return Err(Failure::Refused(SendCodeError::TooMany));
    }
    let sealed = tx.seal("challenge", "contact_sealed", id, &new.contact);
    let now = tx.now.as_second();
    diesel::insert_into(challenge::table)
        .values((
            (
                challenge::id.eq(id),
                challenge::purpose.eq(new.purpose.as_str()),
                challenge::contact_hash.eq(hash.as_bytes()),
                challenge::contact_sealed.eq(sealed),
                challenge::account.eq(new.account.map(|id| id.0)),
                challenge::booking.eq(new.booking.map(|id| id.0)),
                challenge::reachable.eq(new.reachable),
                challenge::remembered.eq(new.remembered),
                challenge::press.eq(press.as_bytes()),
            ),
            (
                challenge::language.eq(new.language.code()),
                challenge::tries.eq(0),
                challenge::sends.eq(1),
                challenge::sent_at.eq(now),
                challenge::created_at.eq(now),
                challenge::expires_at
                    .eq((tx.now + SignedDuration::from_mins(i64::from(rules.minutes))).as_second()),
            ),
        ))
        .execute(tx.conn)?;
    if new.reachable {
        queue_code(tx, id, new.purpose, 1)?;
    }
    Ok(ChallengeId(id))
}

/// Keeps a phone that an account no longer has, so that it can be told so: what was proved there is over.
pub(super) fn keep_left_phone(
    tx: &mut Tx<'_>,
    account: AccountId,
    phone: &PhoneNumber,
    language: Language,
) -> QueryResult<ChallengeId> {
    let (id, now) = (tx.new_id(), tx.now.as_second());
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let sealed = tx.seal("challenge", "contact_sealed", id, phone.as_e164());
    diesel::insert_into(challenge::table)
        .values((
            (
                challenge::id.eq(id),
                challenge::purpose.eq(Purpose::Phone.as_str()),
                challenge::contact_hash.eq(hash.as_bytes()),
                challenge::contact_sealed.eq(sealed),
                challenge::account.eq(account.0),
                challenge::reachable.eq(true),
                challenge::remembered.eq(true),
                challenge::language.eq(language.code()),
            ),
            (
                challenge::tries.eq(0),
                challenge::sends.eq(0),
                challenge::sent_at.eq(now),
                challenge::created_at.eq(now),
                challenge::expires_at.eq(now),
                challenge::solved_at.eq(now),
            ),
        ))
        .execute(tx.conn)?;
    Ok(ChallengeId(id))
}

/// The challenge that the same browser awaits since it asked for the same a moment ago. Whether that exists is not looked
/// at: else the cap would tell.
fn pressed_just_now(
    tx: &mut Tx<'_>,
    purpose: Purpose,
    [contact, press]: [&[u8]; 2],
    rules: &CodeRules,
) -> QueryResult<Option<ChallengeId>> {
    let now = tx.now.as_second();
    let last: Option<i64> = challenge::table
        .filter(challenge::contact_hash.eq(contact).and(challenge::press.eq(press)))
        .filter(challenge::purpose.eq(purpose.as_str()).and(challenge::solved_at.is_null()))
        .filter(challenge::sent_at.gt(now - i64::from(rules.resend_seconds)))
        .filter(challenge::expires_at.gt(now).and(challenge::tries.lt(i32::from(rules.tries))))
        .order(challenge::id.desc())
        .select(challenge::id)
        .first(tx.conn)
        .optional()?;
    Ok(last.map(ChallengeId))
}

/// Whether the contact got as many codes in the last hour as it may, over all its challenges of one purpose. Those that
/// reach nobody count too, or the cap would tell what exists. Purposes are counted apart: otherwise whoever looks for
/// bookings that don't exist would keep the owner of the phone from signing in, without a single text that warns them.
fn is_capped(
    tx: &mut Tx<'_>,
    (purpose, contact): (Purpose, &[u8]),
    remembered: bool,
    rules: &CodeRules,
) -> QueryResult<bool> {
    let sent: Option<i64> = challenge::table
        .filter(challenge::contact_hash.eq(contact).and(challenge::created_at.gt(tx.now.as_second() - 3600)))
        .filter(challenge::purpose.eq(purpose.as_str()).and(challenge::remembered.eq(remembered)))
        .select(diesel::dsl::sum(challenge::sends))
        .get_result(tx.conn)?;
    let cap = if remembered { rules.reserve_hour } else { rules.per_contact_hour };
    Ok(sent.unwrap_or(0) >= i64::from(cap))
}

fn queue_code(tx: &mut Tx<'_>, id: i64, purpose: Purpose, sends: i32) -> QueryResult<()> {
    let (kind, channel) = match purpose {
        Purpose::Email => (MessageKind::EmailCheck, Channel::Email),
        Purpose::SignIn | Purpose::Find | Purpose::Phone => (MessageKind::Code, Channel::Sms),
        Purpose::Reply => (MessageKind::CancelCode, Channel::Sms),
    };
    let message = outbox::NewMessage {
        kind,
        subject: id,
        version: sends,
        recipient: Recipient::Challenge(ChallengeId(id)),
        channel,
        occasion: Occasion::First,
        due_at: tx.now,
    };
    outbox::queue(tx, &message)
}

/// Sends the same code again.
///
/// # Errors
/// [`SendCodeError`] when it is too soon, too often, or the challenge is over.
pub fn send_again(tx: &mut Tx<'_>, id: ChallengeId, rules: &CodeRules) -> Outcome<(), SendCodeError> {
    type Row = (String, i32, i64, bool, (Vec<u8>, bool));
    let row: Option<Row> = challenge::table
        .find(id.0)
        .filter(challenge::solved_at.is_null().and(challenge::expires_at.gt(tx.now.as_second())))
        .select((
            challenge::purpose,
            challenge::sends,
            challenge::sent_at,
            challenge::reachable,
            (challenge::contact_hash, challenge::remembered),
        ))
        .get_result(tx.conn)
        .optional()?;
    let Some((purpose, sends, sent_at, reachable, (contact, remembered))) = row else {
        return Err(Failure::Refused(SendCodeError::Over));
    };
    if tx.now.as_second() < sent_at + i64::from(rules.resend_seconds) {
        return Err(Failure::Refused(SendCodeError::TooSoon));
    }
    let purpose = word(&purpose, Purpose::from_word)?;
    if is_capped(tx, (purpose, &contact), remembered, rules)? {
        return Err(Failure::Refused(SendCodeError::TooMany));
    }
    diesel::update(challenge::table.find(id.0))
        .set((challenge::sends.eq(sends + 1), challenge::sent_at.eq(tx.now.as_second())))
        .execute(tx.conn)?;
    if reachable {
        queue_code(tx, id.0, purpose, sends + 1)?;
    }
    Ok(())
}

/// A challenge as a page needs it.
#[derive(Clone)]
pub struct Challenge {
    /// The row's id.
    pub id: ChallengeId,
    /// What solving it is for.
    pub purpose: Purpose,
    /// The phone number (E.164) or e-mail address; never shown to anyone who did not type it.
    pub contact: String,
    /// The account that adds an e-mail address, or changes its phone.
    pub account: Option<AccountId>,
    /// The booking that was asked for.
    pub booking: Option<BookingId>,
    /// The language of the message.
    pub language: Language,
    /// When the code was sent last.
    pub sent_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was solved.
    pub solved: bool,
}

/// Where the code was sent stays out of every log.
impl fmt::Debug for Challenge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Challenge({}, {})", self.id.0, self.purpose.as_str())
    }
}

type ChallengeRow = ((String, Vec<u8>, Option<i64>, Option<i64>), String, i64, i64, Option<i64>);

/// The challenge with this id.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, keys: &KeyRing, id: ChallengeId) -> Result<Option<Challenge>, StoreError> {
    let row: Option<ChallengeRow> = challenge::table
        .find(id.0)
        .select((
            (challenge::purpose, challenge::contact_sealed, challenge::account, challenge::booking),
            challenge::language,
            challenge::sent_at,
            challenge::expires_at,
            challenge::solved_at,
        ))
        .get_result(conn)
        .optional()?;
    row.map(|((purpose, contact, account, booking), language, sent_at, expires_at, solved_at)| {
        let cell = Cell { table: "challenge", column: "contact_sealed", row: id.0 };
        Ok(Challenge {
            id,
            purpose: word(&purpose, Purpose::from_word)?,
            contact: keys.open_text(cell, &Sealed::from_bytes(contact)).map_err(unreadable)?,
            account: account.map(AccountId),
            booking: booking.map(BookingId),
            language: Language::from_code(&language).unwrap_or_default(),
            sent_at: moment(sent_at)?,
            expires_at: moment(expires_at)?,
            solved: solved_at.is_some(),
        })
    })
    .transpose()
}

/// The challenges of a purpose whose codes may come back from a phone, the newest first.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn awaited_from(
    tx: &mut Tx<'_>,
    purpose: Purpose,
    phone: &PhoneNumber,
    rules: &CodeRules,
) -> Result<Vec<ChallengeId>, StoreError> {
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let awaited: Vec<i64> = challenge::table
        .filter(challenge::contact_hash.eq(hash.as_bytes()).and(challenge::purpose.eq(purpose.as_str())))
        .filter(challenge::booking.is_not_null().and(challenge::solved_at.is_null()))
        .filter(challenge::expires_at.gt(tx.now.as_second()).and(challenge::tries.lt(i32::from(rules.tries))))
        .order(challenge::id.desc())
        .select(challenge::id)
        .load(tx.conn)?;
    Ok(awaited.into_iter().map(ChallengeId).collect())
}

/// What a try brought.
#[derive(Debug, Clone)]
pub enum Tried {
    /// The code was right; the challenge is used up.
    Solved(Box<Challenge>),
    /// The code was wrong; so many tries are left.
    Wrong {
        /// Tries left, at least 1.
        left: u16,
    },
    /// The challenge ran out, was solved, or had too many tries.
    Over,
}

/// Counts a try and looks at the code. A try is counted even when the code is wrong, so this never refuses.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn attempt(tx: &mut Tx<'_>, id: ChallengeId, typed: &str, rules: &CodeRules) -> Outcome<Tried, Never> {
    let tries: Option<i32> = diesel::update(
        challenge::table.filter(
            challenge::id
                .eq(id.0)
                .and(challenge::solved_at.is_null())
                .and(challenge::expires_at.gt(tx.now.as_second()))
                .and(challenge::tries.lt(i32::from(rules.tries))),
        ),
    )
    .set(challenge::tries.eq(challenge::tries + 1))
    .returning(challenge::tries)
    .get_result(tx.conn)
    .optional()?;
    let Some(tries) = tries else { return Ok(Tried::Over) };
    let reachable: bool = challenge::table.find(id.0).select(challenge::reachable).get_result(tx.conn)?;
    // Derived also where no code was sent, so that both take as long.
    let fits = tx.tools.keys.code_for(id.0).matches(typed);
    if reachable && fits {
        diesel::update(challenge::table.find(id.0))
            .set(challenge::solved_at.eq(tx.now.as_second()))
            .execute(tx.conn)?;
        if let Some(solved) = find(tx.conn, &tx.tools.keys, id)? {
            return Ok(Tried::Solved(Box::new(solved)));
        }
    }
    let left = i32::from(rules.tries) - tries;
    if left <= 0 { Ok(Tried::Over) } else { Ok(Tried::Wrong { left: u16::try_from(left).unwrap_or(1) }) }
}

/// Forgets every challenge of an account, of its phone, and of those that it had before: what it proved as another phone, or
/// kept as one that it left.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId, phone: &PhoneNumber) -> QueryResult<()> {
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let mut phones: Vec<Vec<u8>> = challenge::table
        .filter(challenge::account.eq(account.0).and(challenge::purpose.eq(Purpose::Phone.as_str())))
        .filter(challenge::solved_at.is_not_null())
        .select(challenge::contact_hash)
        .load(tx.conn)?;
    phones.push(hash.as_bytes().to_vec());
    let theirs = challenge::account.eq(account.0).or(challenge::contact_hash.eq_any(phones));
    diesel::delete(challenge::table.filter(theirs)).execute(tx.conn)?;
    Ok(())
}
