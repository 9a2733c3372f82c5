//! What people are told of a booking: for the page about it, and to tell it once more.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{count_star, max, not};
use diesel::prelude::*;
use jiff::Timestamp;

use super::{NewMessage, Occasion, Recipient, queue};
use crate::domain::ids::{AccountId, BookingId, PartyId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::message_state::MessageState;
use crate::store::bookings::Booking;
use crate::store::schema::{account, outbox};
use crate::store::values::{moment, unreadable, word};
use crate::store::{Conn, Failure, Outcome, StoreError, Tx, people};

/// How often a confirmation is sent again within a day, and how long after the last time, in seconds.
const AGAIN_MAX: i64 = 3;
const DAY_SECONDS: i64 = 86_400;
const AGAIN_SECONDS: i64 = 60;

/// A message about a booking, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it tells.
    pub kind: MessageKind,
    /// Whether it goes to the one who booked; otherwise to the person.
    pub to_booker: bool,
    /// How it goes.
    pub channel: Channel,
    /// Where it stands.
    pub state: MessageState,
    /// When it goes, or went.
    pub at: Timestamp,
    /// Whether it will not go, because whoever is to be told wants no reminders by text message.
    pub is_declined: bool,
}

/// The kinds of messages that tell of bookings.
fn kinds() -> impl Iterator<Item = &'static str> {
    MessageKind::ALL.into_iter().filter(|kind| kind.is_about_bookings()).map(MessageKind::as_str)
}

/// It was sent a moment ago, or often enough today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the confirmation was sent again a moment ago, or often enough today: wait, or ask the site")]
pub struct SentEnough;

/// What was and will be told about a booking, the first before the others. What was never sent, because there was nothing to
/// tell any more, is left out.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn about(conn: &mut Conn, one: &Booking) -> Result<Vec<Told>, StoreError> {
    type Row = (String, (String, i64), String, String, i64, Option<i64>);
    let rows: Vec<Row> = outbox::table
        .filter(outbox::kind.eq_any(kinds()))
        .filter(outbox::subject.eq_any([one.id.0, one.party.0]))
        .filter(outbox::state.ne(MessageState::Void.as_str()))
        .order((outbox::due_at, outbox::id))
        .select((
            outbox::kind,
            (outbox::recipient_kind, outbox::recipient),
            outbox::channel,
            outbox::state,
            outbox::due_at,
            outbox::tried_at,
        ))
        .load(conn)?;
    let mut told = |(kind, recipient, channel, state, due_at, tried_at): Row| {
        let state = word(&state, MessageState::from_word)?;
        let tried_at = tried_at.filter(|_| state != MessageState::Queued);
        let kind: MessageKind = kind.parse().map_err(unreadable)?;
        let channel: Channel = channel.parse().map_err(unreadable)?;
        let recipient = Recipient::from_columns(&recipient.0, recipient.1)?;
        let may_be_declined = state == MessageState::Queued && kind.is_reminder() && channel == Channel::Sms;
        Ok(Told {
            kind,
            to_booker: recipient == Recipient::Account(one.account),
            channel,
            state,
            at: moment(tried_at.unwrap_or(due_at))?,
            is_declined: may_be_declined && declines(conn, recipient)?,
        })
    };
    rows.into_iter().map(&mut told).collect()
}

/// Whether whoever is to be reminded wants no text messages for that.
fn declines(conn: &mut Conn, recipient: Recipient) -> QueryResult<bool> {
    let whose = match recipient {
        Recipient::Account(id) => Some(id),
        Recipient::Person(id) => people::account_of(conn, id)?,
        Recipient::Challenge(_) => None,
    };
    let Some(id) = whose else { return Ok(false) };
    account::table.find(id.0).select(not(account::text_reminders)).get_result(conn)
}

/// Those of these bookings, each with its party, of which nobody knows by text message: the last one to everybody who was to
/// be told of it did not arrive.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn unreached(
    conn: &mut Conn,
    bookings: &[(BookingId, PartyId)],
) -> Result<HashSet<BookingId>, StoreError> {
    let subjects = bookings.iter().flat_map(|(booking, party)| [booking.0, party.0]);
    // Few are lost: only those are looked at closer.
    let lost: HashSet<i64> = outbox::table
        .filter(outbox::kind.eq_any(kinds()).and(outbox::subject.eq_any(subjects)))
        .filter(outbox::state.eq_any([MessageState::Failed, MessageState::Dead].map(MessageState::as_str)))
        .select(outbox::subject)
        .load(conn)?
        .into_iter()
        .collect();
    let is_lost =
        |(booking, party): &&(BookingId, PartyId)| lost.contains(&booking.0) || lost.contains(&party.0);
    let mut found = HashSet::new();
    for (booking, party) in bookings.iter().filter(is_lost) {
        let rows: Vec<((String, i64), String)> = outbox::table
            .filter(outbox::kind.eq_any(kinds()).and(outbox::subject.eq_any([booking.0, party.0])))
            .filter(outbox::channel.eq(Channel::Sms.as_str()).and(outbox::tried_at.is_not_null()))
            .filter(
                outbox::state.ne_all([MessageState::Queued, MessageState::Void].map(MessageState::as_str)),
            )
            .order((outbox::tried_at, outbox::id))
            .select(((outbox::recipient_kind, outbox::recipient), outbox::state))
            .load(conn)?;
        let last: HashMap<(String, i64), String> = rows.into_iter().collect();
        let is_lost = |state: &String| {
            matches!(MessageState::from_word(state), Some(MessageState::Failed | MessageState::Dead))
        };
        if !last.is_empty() && last.values().all(is_lost) {
            found.insert(*booking);
        }
    }
    Ok(found)
}

/// Tells an account once more that this one booking stands, at the phone that it proved.
///
/// # Errors
/// [`SentEnough`] when it was told a moment ago, or three times within a day; [`StoreError`] when a statement fails.
pub fn tell_again(tx: &mut Tx<'_>, one: &Booking, account: AccountId) -> Outcome<(), SentEnough> {
    let (now, recipient) = (tx.now.as_second(), Recipient::Account(account));
    let (recipient_kind, recipient_id) = recipient.columns();
    let again = outbox::table
        .filter(outbox::kind.eq(MessageKind::Confirmation.as_str()).and(outbox::subject.eq(one.id.0)))
        .filter(outbox::recipient_kind.eq(recipient_kind).and(outbox::recipient.eq(recipient_id)))
        .filter(outbox::occasion.ne(""));
    let times: i64 = again.select(count_star()).get_result(tx.conn)?;
    let today: i64 =
        again.filter(outbox::created_at.gt(now - DAY_SECONDS)).select(count_star()).get_result(tx.conn)?;
    let last: Option<i64> = again.select(max(outbox::created_at)).get_result(tx.conn)?;
    if today >= AGAIN_MAX || last.is_some_and(|last| now < last + AGAIN_SECONDS) {
        return Err(Failure::Refused(SentEnough));
    }
    let message = NewMessage {
        kind: MessageKind::Confirmation,
        subject: one.id.0,
        version: one.version,
        recipient,
        channel: Channel::Sms,
        occasion: Occasion::Again(u32::try_from(times + 1).unwrap_or(u32::MAX)),
        due_at: tx.now,
    };
    queue(tx, &message)?;
    Ok(())
}
