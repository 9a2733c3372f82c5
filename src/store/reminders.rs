//! What is told about a booking, to whom, and when: one rule for confirmations, changes, cancellations and reminders.
//!
//! The one who booked is always told of what was done. The person is told besides, when they have a phone of their own
//! and want messages there: in full once they have proved it, and until then by one text without a name or a clinic.

use diesel::prelude::*;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::bookings::{self, Booking};
use super::outbox::{self, NewMessage, Recipient};
use super::schema::{account, care, outbox as outbox_table, person, site};
use super::values::{unreadable, word};
use super::{StoreError, Tx, people};
use crate::domain::booking::BookingState;
use crate::domain::ids::{BookingId, PartyId, PersonId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::person::MessagesTo;

/// The hour of the day before at which reminders go out, local to the site.
const REMINDER_HOUR: i8 = 10;

/// Days before a later dose on which its own reminder goes out.
const SECOND_DOSE_DAYS: i64 = 7;

/// What happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// A party was confirmed.
    Confirmed(PartyId),
    /// A booking moved to another seat.
    Changed(BookingId),
    /// A booking was given up.
    Cancelled(BookingId),
}

/// Queues what is to be told about `what`, and puts the reminders right.
pub(super) fn tell(tx: &mut Tx<'_>, what: Told) -> Result<(), StoreError> {
    match what {
        Told::Confirmed(party) => {
            let made = bookings::of_party(tx.conn, &tx.tools.keys, party)?;
            if let Some(first) = made.first() {
                tell_booker(tx, first, MessageKind::Confirmation, (party.0, 1))?;
            }
            for one in &made {
                tell_person(tx, one, MessageKind::Confirmation, (one.id.0, one.version))?;
                remind(tx, one)?;
            }
        }
        Told::Changed(id) => {
            let one = the_booking(tx, id)?;
            void_reminders(tx, id)?;
            tell_booker(tx, &one, MessageKind::Change, (id.0, one.version))?;
            tell_person(tx, &one, MessageKind::Change, (id.0, one.version))?;
            remind(tx, &one)?;
        }
        Told::Cancelled(id) => {
            let one = the_booking(tx, id)?;
            void_reminders(tx, id)?;
            tell_booker(tx, &one, MessageKind::Cancellation, (id.0, one.version))?;
            tell_person(tx, &one, MessageKind::Cancellation, (id.0, one.version))?;
        }
    }
    Ok(())
}

/// Queues the reminders of a booking anew, after it passed to another account.
pub(super) fn pass(tx: &mut Tx<'_>, id: BookingId) -> Result<(), StoreError> {
    let one = the_booking(tx, id)?;
    void_reminders(tx, id)?;
    if one.state == BookingState::Booked { remind(tx, &one) } else { Ok(()) }
}

fn the_booking(tx: &mut Tx<'_>, id: BookingId) -> Result<Booking, StoreError> {
    bookings::find(tx.conn, &tx.tools.keys, id)?
        .ok_or_else(|| StoreError::Unreadable("a booking that was just written is gone".into()))
}

fn void_reminders(tx: &mut Tx<'_>, id: BookingId) -> QueryResult<()> {
    outbox::void(tx, id.0, &[MessageKind::Reminder, MessageKind::SecondDoseReminder])
}

fn queue(
    tx: &mut Tx<'_>,
    kind: MessageKind,
    (subject, version): (i64, i32),
    (recipient, channel): (Recipient, Channel),
    due_at: Timestamp,
) -> QueryResult<()> {
    outbox::queue(tx, &NewMessage { kind, subject, version, recipient, channel, occasion: "", due_at })
}

fn tell_booker(tx: &mut Tx<'_>, one: &Booking, kind: MessageKind, about: (i64, i32)) -> QueryResult<()> {
    let now = tx.now;
    let recipient = Recipient::Account(one.account);
    queue(tx, kind, about, (recipient, Channel::Sms), now)?;
    if has_email(tx, one)? {
        queue(tx, kind, about, (recipient, Channel::Email), now)?;
    }
    Ok(())
}

fn has_email(tx: &mut Tx<'_>, one: &Booking) -> QueryResult<bool> {
    let verified: Option<Option<i64>> =
        account::table.find(one.account.0).select(account::email_verified_at).first(tx.conn).optional()?;
    Ok(verified.flatten().is_some())
}

/// Whom the person wants to be told, by the care of the account that booked.
fn messages_to(tx: &mut Tx<'_>, one: &Booking) -> Result<MessagesTo, StoreError> {
    let chosen: Option<String> = care::table
        .filter(care::account.eq(one.account.0).and(care::person.eq(one.person.id.0)))
        .select(care::messages_to)
        .first(tx.conn)
        .optional()?;
    // Bookings that passed to the person's own account have no care there: they are the person's own.
    chosen.map_or(Ok(MessagesTo::Mine), |chosen| word(&chosen, MessagesTo::from_word))
}

/// Whether the person has a phone that is not the booker's, and whether it was proved.
fn own_phone(tx: &mut Tx<'_>, one: &Booking) -> Result<Option<bool>, StoreError> {
    if !messages_to(tx, one)?.needs_their_phone() {
        return Ok(None);
    }
    let theirs: Option<Vec<u8>> =
        person::table.find(one.person.id.0).select(person::phone_hash).first(tx.conn)?;
    let bookers: Option<Vec<u8>> =
        account::table.find(one.account.0).select(account::phone_hash).first(tx.conn)?;
    match theirs {
        Some(theirs) if Some(&theirs) != bookers.as_ref() => {
            Ok(Some(people::phone_is_proved(tx.conn, one.person.id)?))
        }
        _ => Ok(None),
    }
}

fn tell_person(
    tx: &mut Tx<'_>,
    one: &Booking,
    kind: MessageKind,
    about: (i64, i32),
) -> Result<(), StoreError> {
    let now = tx.now;
    let recipient = Recipient::Person(one.person.id);
    match own_phone(tx, one)? {
        Some(true) => queue(tx, kind, about, (recipient, Channel::Sms), now)?,
        Some(false) if was_noticed(tx, one.person.id)? => {}
        Some(false) => {
            queue(tx, MessageKind::CareNotice, (one.person.id.0, 0), (recipient, Channel::Sms), now)?;
        }
        None => {}
    }
    Ok(())
}

/// Whether the phone of this person got its one text before, under whatever name and account.
fn was_noticed(tx: &mut Tx<'_>, id: PersonId) -> QueryResult<bool> {
    let phone: Option<Vec<u8>> = person::table.find(id.0).select(person::phone_hash).first(tx.conn)?;
    let notices: i64 = outbox_table::table
        .inner_join(person::table.on(person::id.eq(outbox_table::subject)))
        .filter(outbox_table::kind.eq(MessageKind::CareNotice.as_str()))
        .filter(person::phone_hash.eq(phone))
        .count()
        .get_result(tx.conn)?;
    Ok(notices > 0)
}

/// Queues the reminders of a booking that are still to come.
fn remind(tx: &mut Tx<'_>, one: &Booking) -> Result<(), StoreError> {
    let zone: String = site::table.find(one.site.0).select(site::time_zone).first(tx.conn)?;
    let zone = TimeZone::get(&zone).map_err(unreadable)?;
    remind_at(tx, one, MessageKind::Reminder, morning_before(one, 1, &zone)?)?;
    if one.dose > 1 {
        remind_at(tx, one, MessageKind::SecondDoseReminder, morning_before(one, SECOND_DOSE_DAYS, &zone)?)?;
    }
    Ok(())
}

fn morning_before(one: &Booking, days: i64, zone: &TimeZone) -> Result<Timestamp, StoreError> {
    let morning = one.local_date.saturating_sub(days.days()).at(REMINDER_HOUR, 0, 0, 0);
    Ok(morning.to_zoned(zone.clone()).map_err(unreadable)?.timestamp())
}

fn remind_at(tx: &mut Tx<'_>, one: &Booking, kind: MessageKind, due_at: Timestamp) -> Result<(), StoreError> {
    if due_at <= tx.now {
        return Ok(());
    }
    let about = (one.id.0, one.version);
    let theirs = own_phone(tx, one)?;
    if theirs == Some(true) {
        queue(tx, kind, about, (Recipient::Person(one.person.id), Channel::Sms), due_at)?;
    }
    if theirs != Some(true) || messages_to(tx, one)?.reminds_booker() {
        let recipient = Recipient::Account(one.account);
        queue(tx, kind, about, (recipient, Channel::Sms), due_at)?;
        if has_email(tx, one)? {
            queue(tx, kind, about, (recipient, Channel::Email), due_at)?;
        }
    }
    Ok(())
}
