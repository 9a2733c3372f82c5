//! What is told about a booking, to whom, and when: one rule for confirmations, changes, cancellations and reminders.
//!
//! The one who booked is always told of what was done. The person is told besides, when they have a phone of their own
//! and want messages there: in full once they have proved it, and until then by one text without a name or a clinic.

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::bookings::HeldSeat;
use super::connection::directly;
use super::outbox::{self, NewMessage, Occasion, Recipient};
use super::schema::{account, booking, care, outbox as outbox_table, person, site};
use super::values::{date, moment, small, unreadable, word};
use super::{StoreError, Tx, accounts, campaigns, people};
use crate::domain::booking::BookingState;
use crate::domain::ids::{AccountId, BookingId, CampaignId, PartyId, PersonId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::person::MessagesTo;
use crate::domain::phone::PhoneNumber;
use crate::domain::reminder::{ReminderRule, ReminderWay};

/// What happened to a booking.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// It moved to another seat.
    Changed,
    /// It was given up.
    Cancelled,
    /// Its site has closed, and it needs another time.
    Displaced,
    /// The vaccination was given.
    Vaccinated,
}

/// What messages need to know of a booking. Nothing in it is sealed.
struct Seat {
    id: BookingId,
    version: i32,
    booker: AccountId,
    person: PersonId,
    time_zone: String,
    dose: u8,
    local_date: Date,
    starts_at: Timestamp,
}

/// Queues what is to be told about a party that was just confirmed, and its reminders.
pub(super) fn tell_confirmed(
    tx: &mut Tx<'_>,
    party: PartyId,
    booker: &Booker,
    held: &[HeldSeat],
    rules: &[ReminderRule],
) -> Result<(), StoreError> {
    if held.is_empty() {
        return Ok(());
    }
    booker.tell(tx, MessageKind::Confirmation, (party.0, 1), tx.now)?;
    for one in held {
        let seat = Seat {
            id: one.id,
            version: one.version + 1,
            booker: booker.id,
            person: one.person,
            time_zone: one.time_zone.clone(),
            dose: one.dose,
            local_date: one.seat.slot.local_date,
            starts_at: one.seat.slot.starts_at,
        };
        let whom = Whom::of(tx, &seat, booker)?;
        whom.tell_person(tx, MessageKind::Confirmation, (seat.id.0, seat.version))?;
        remind(tx, &seat, &whom, rules, &[])?;
    }
    Ok(())
}

/// Queues what is to be told about a booking, and puts its reminders right.
pub(super) fn tell(tx: &mut Tx<'_>, id: BookingId, what: Told) -> Result<(), StoreError> {
    let (seat, campaign, _) = find(tx, id)?;
    void_reminders(tx, id)?;
    let booker = Booker::find(tx, seat.booker)?;
    let whom = Whom::of(tx, &seat, &booker)?;
    let kind = match what {
        Told::Changed => MessageKind::Change,
        Told::Cancelled => MessageKind::Cancellation,
        Told::Displaced => MessageKind::Displaced,
        Told::Vaccinated => MessageKind::Aftercare,
    };
    let about = (id.0, seat.version);
    booker.tell(tx, kind, about, tx.now)?;
    whom.tell_person(tx, kind, about)?;
    match what {
        Told::Changed => {
            let rules = campaigns::reminders(tx.conn, campaign)?;
            remind(tx, &seat, &whom, &rules, &[])
        }
        Told::Cancelled | Told::Displaced | Told::Vaccinated => Ok(()),
    }
}

/// Nobody is reminded of a time that is no more.
pub(super) fn withdraw(tx: &mut Tx<'_>, id: BookingId) -> QueryResult<()> {
    void_reminders(tx, id).map(|_| ())
}

/// What was to be told of a vaccination is not told any more: it was recorded by mistake.
pub(super) fn untell_vaccinated(tx: &mut Tx<'_>, id: BookingId) -> QueryResult<()> {
    outbox::void(tx, id.0, &[MessageKind::Aftercare]).map(|_| ())
}

/// Queues the reminders of bookings to come anew whose person's phone nobody has proved any more: they went there.
pub(super) fn pass_from_phone(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<(), StoreError> {
    let hash = accounts::phone_hash(&tx.tools.keys, phone);
    let coming: Vec<i64> = booking::table
        .inner_join(person::table.on(person::id.eq(booking::person)))
        .filter(person::phone_hash.eq(hash.as_bytes()))
        .filter(
            booking::state.eq(BookingState::Booked.as_str()).and(booking::starts_at.gt(tx.now.as_second())),
        )
        .order(booking::id)
        .select(booking::id)
        .load(tx.conn)?;
    coming.into_iter().try_for_each(|id| pass(tx, BookingId(id)))
}

/// Queues the reminders of a booking anew, after it passed to another account.
pub(super) fn pass(tx: &mut Tx<'_>, id: BookingId) -> Result<(), StoreError> {
    let (seat, campaign, state) = find(tx, id)?;
    let waited = void_reminders(tx, id)?;
    if state != BookingState::Booked {
        return Ok(());
    }
    let booker = Booker::find(tx, seat.booker)?;
    let whom = Whom::of(tx, &seat, &booker)?;
    let rules = campaigns::reminders(tx.conn, campaign)?;
    remind(tx, &seat, &whom, &rules, &waited)
}

fn find(tx: &mut Tx<'_>, id: BookingId) -> Result<(Seat, CampaignId, BookingState), StoreError> {
    type Row = (i32, i64, i64, String, i32, (i32, i64), i64, String);
    let (version, booker, person, time_zone, dose, (day, starts_at), campaign, state): Row = booking::table
        .inner_join(site::table.on(site::id.eq(booking::site)))
        .filter(booking::id.eq(id.0))
        .select((
            booking::version,
            booking::account,
            booking::person,
            site::time_zone,
            booking::dose,
            (booking::local_date, booking::starts_at),
            booking::campaign,
            booking::state,
        ))
        .get_result(tx.conn)?;
    let seat = Seat {
        id,
        version,
        booker: AccountId(booker),
        person: PersonId(person),
        time_zone,
        dose: small(dose)?,
        local_date: date(day)?,
        starts_at: moment(starts_at)?,
    };
    Ok((seat, CampaignId(campaign), word(&state, BookingState::from_word)?))
}

fn void_reminders(tx: &mut Tx<'_>, id: BookingId) -> QueryResult<Vec<(String, String)>> {
    outbox::void(tx, id.0, &[MessageKind::Reminder, MessageKind::SecondDoseReminder])
}

fn queue(
    tx: &mut Tx<'_>,
    kind: MessageKind,
    (subject, version): (i64, i32),
    (recipient, channel): (Recipient, Channel),
    due_at: Timestamp,
) -> QueryResult<()> {
    outbox::queue(
        tx,
        &NewMessage { kind, subject, version, recipient, channel, occasion: Occasion::First, due_at },
    )
}

/// The one who booked, as far as messages need to know, and for whom they care.
pub(super) struct Booker {
    id: AccountId,
    phone_hash: Option<Vec<u8>>,
    has_email: bool,
    cares: Vec<CareRow>,
}

/// A person, whose phone gets the messages, and since when the care has ended.
type CareRow = (i64, String, Option<i64>);

impl Booker {
    /// Reads account and list in one statement: a booking is confirmed with it.
    pub(super) fn find(tx: &mut Tx<'_>, id: AccountId) -> QueryResult<Self> {
        type Row = ((Option<Vec<u8>>, Option<i64>), Option<CareRow>);
        let rows: Vec<Row> = directly!(tx.conn, conn => account::table
            .left_join(care::table.on(care::account.eq(account::id)))
            .filter(account::id.eq(id.0))
            .select((
                (account::phone_hash, account::email_verified_at),
                (care::person, care::messages_to, care::removed_at).nullable(),
            ))
            .load(conn))?;
        let (accounts, cares): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let (phone_hash, verified) = accounts.into_iter().next().unwrap_or_default();
        let cares = cares.into_iter().flatten().collect();
        Ok(Self { id, phone_hash, has_email: verified.is_some(), cares })
    }

    /// Whether the person is in their list.
    pub(super) fn cares_for(&self, person: PersonId) -> bool {
        self.cares.iter().any(|(one, _, removed)| *one == person.0 && removed.is_none())
    }

    /// Whose phone they chose for the person's messages. Who was taken off the list keeps what was chosen.
    fn messages_to(&self, person: PersonId) -> Result<Option<MessagesTo>, StoreError> {
        let care = self.cares.iter().find(|(one, ..)| *one == person.0);
        care.map(|(_, chosen, _)| word(chosen, MessagesTo::from_word)).transpose()
    }

    fn tell(
        &self,
        tx: &mut Tx<'_>,
        kind: MessageKind,
        about: (i64, i32),
        due_at: Timestamp,
    ) -> QueryResult<()> {
        let recipient = Recipient::Account(self.id);
        queue(tx, kind, about, (recipient, Channel::Sms), due_at)?;
        if self.has_email {
            queue(tx, kind, about, (recipient, Channel::Email), due_at)?;
        }
        Ok(())
    }
}

/// Who is told of a booking besides or instead of the one who booked.
struct Whom<'a> {
    booker: &'a Booker,
    person: PersonId,
    /// Whether reminders go to the one who booked even when the person gets them.
    reminds_booker: bool,
    /// Whether the person has a phone that is not the booker's, and whether it was proved.
    own_phone: Option<bool>,
}

impl<'a> Whom<'a> {
    fn of(tx: &mut Tx<'_>, one: &Seat, booker: &'a Booker) -> Result<Self, StoreError> {
        // Bookings that passed to the person's own account have no care there: they are the person's own.
        let messages_to = booker.messages_to(one.person)?.unwrap_or(MessagesTo::Mine);
        let own_phone =
            if messages_to.needs_their_phone() { own_phone(tx, one.person, booker)? } else { None };
        Ok(Self { booker, person: one.person, reminds_booker: messages_to.reminds_booker(), own_phone })
    }

    fn tell_person(&self, tx: &mut Tx<'_>, kind: MessageKind, about: (i64, i32)) -> QueryResult<()> {
        let now = tx.now;
        let recipient = Recipient::Person(self.person);
        match self.own_phone {
            Some(true) => queue(tx, kind, about, (recipient, Channel::Sms), now),
            Some(false) if was_noticed(tx, self.person)? => Ok(()),
            Some(false) => {
                queue(tx, MessageKind::CareNotice, (self.person.0, 0), (recipient, Channel::Sms), now)
            }
            None => Ok(()),
        }
    }

    fn remind(
        &self,
        tx: &mut Tx<'_>,
        rule: ReminderRule,
        (subject, version): (i64, i32),
        due_at: Timestamp,
    ) -> QueryResult<()> {
        let (kind, occasion) = (rule.kind(), Occasion::DaysBefore(rule.days_before));
        let mut queue = |recipient, channel| {
            outbox::queue(tx, &NewMessage { kind, subject, version, recipient, channel, occasion, due_at })
        };
        if self.own_phone == Some(true) {
            queue(Recipient::Person(self.person), Channel::Sms)?;
        }
        if self.own_phone != Some(true) || self.reminds_booker {
            let (recipient, has_email) = (Recipient::Account(self.booker.id), self.booker.has_email);
            if !has_email || rule.by != ReminderWay::Email {
                queue(recipient, Channel::Sms)?;
            }
            if has_email && rule.by != ReminderWay::Sms {
                queue(recipient, Channel::Email)?;
            }
        }
        Ok(())
    }
}

fn own_phone(tx: &mut Tx<'_>, person: PersonId, booker: &Booker) -> QueryResult<Option<bool>> {
    let theirs: Option<Vec<u8>> =
        person::table.find(person.0).select(person::phone_hash).get_result(tx.conn)?;
    let is_other = theirs.is_some() && theirs != booker.phone_hash;
    let is_proved = |tx: &mut Tx<'_>| people::account_of(tx.conn, person).map(|account| account.is_some());
    is_other.then(|| is_proved(tx)).transpose()
}

/// Whether the phone of this person got its one text before, under whatever name and account.
fn was_noticed(tx: &mut Tx<'_>, id: PersonId) -> QueryResult<bool> {
    let phone: Option<Vec<u8>> = person::table.find(id.0).select(person::phone_hash).get_result(tx.conn)?;
    let notices: i64 = outbox_table::table
        .inner_join(person::table.on(person::id.eq(outbox_table::subject)))
        .filter(outbox_table::kind.eq(MessageKind::CareNotice.as_str()))
        .filter(person::phone_hash.eq(phone))
        .count()
        .get_result(tx.conn)?;
    Ok(notices > 0)
}

/// Queues the reminders of a booking that are still to come, and those that `waited`, by kind and occasion: they were due, and
/// put off for the night.
fn remind(
    tx: &mut Tx<'_>,
    one: &Seat,
    whom: &Whom<'_>,
    rules: &[ReminderRule],
    waited: &[(String, String)],
) -> Result<(), StoreError> {
    let zone = TimeZone::get(&one.time_zone).map_err(unreadable)?;
    for rule in rules.iter().filter(|rule| rule.is_for(one.dose)) {
        let due_at = rule.due_at(one.local_date, &zone).map_err(unreadable)?;
        let occasion = Occasion::DaysBefore(rule.days_before).column();
        let did_wait = || waited.iter().any(|(kind, of)| *kind == rule.kind().as_str() && *of == occasion);
        if due_at < one.starts_at && (due_at > tx.now || did_wait()) {
            whom.remind(tx, *rule, (one.id.0, one.version), due_at.max(tx.now))?;
        }
    }
    Ok(())
}
