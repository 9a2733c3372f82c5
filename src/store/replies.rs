//! What people ask for by answering a text message. Whoever writes is known by their number alone, which can be forged: so
//! nothing is done before a code that was sent to that number has come back.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::bookings::Booking;
use super::challenges::{self, CodeRules, NewChallenge, Purpose, Tried};
use super::moving::{self, Cancel};
use super::outbox::{NewMessage, Occasion, Recipient, queue};
use super::schema::{booking, challenge, outbox};
use super::{Failure, Never, Outcome, StoreError, Tx, accounts, bookings, courses, idle_accounts};
use crate::domain::booking::{CancelBookingsError, LaneChange};
use crate::domain::ids::ChallengeId;
use crate::domain::message::{Channel, MessageKind};
use crate::domain::phone::PhoneNumber;
use crate::domain::reference::ReferenceCode;
use crate::language::Language;

/// Answers to one number in a day: whoever forges its texts can't have it written to all night.
const ANSWERS_A_DAY: i64 = 12;

const DAY_SECONDS: i64 = 86_400;

/// Somebody wants to cancel a booking.
#[derive(Clone)]
pub struct CancelAsked {
    /// The number that the text came from.
    pub phone: PhoneNumber,
    /// Which booking, when one was named.
    pub reference: Option<ReferenceCode>,
    /// The language of what they wrote.
    pub language: Language,
}

/// Answers a wish to cancel: with a code, or, when that number has no such booking, with how to ask. Nothing is sent to a number
/// that means nothing here, nor to one that may have become somebody else's. Whether a message is due.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn ask_for_code(tx: &mut Tx<'_>, asked: &CancelAsked, rules: &CodeRules) -> Outcome<bool, Never> {
    let phone = &asked.phone;
    if idle_accounts::idle_with_people(tx, phone)?.is_some() || has_had_enough(tx, phone)? {
        return Ok(false);
    }
    let keys = tx.tools.keys.clone();
    let booking = match &asked.reference {
        Some(reference) => bookings::of_phone(tx.conn, &keys, reference, phone)?,
        None => None,
    };
    if booking.is_none() && !accounts::has_phone(tx.conn, &keys, phone)? {
        return Ok(false);
    }
    let new = NewChallenge {
        booking: booking.map(|one| one.id),
        // A gateway that brings the same text twice asks for one code.
        press: asked.reference.map(|reference| reference.spoken()).unwrap_or_default(),
        ..answer(phone, asked.language)
    };
    Ok(refused_quietly(challenges::start(tx, &new, rules))?.is_some())
}

/// An answer to a number that is about no booking.
fn answer(phone: &PhoneNumber, language: Language) -> NewChallenge {
    NewChallenge {
        purpose: Purpose::Reply,
        contact: phone.as_e164().to_owned(),
        account: None,
        booking: None,
        reachable: true,
        remembered: false,
        press: String::new(),
        language,
    }
}

fn has_had_enough(tx: &mut Tx<'_>, phone: &PhoneNumber) -> QueryResult<bool> {
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let answered: Option<i64> = challenge::table
        .filter(challenge::contact_hash.eq(hash.as_bytes()))
        .filter(challenge::created_at.gt(tx.now.as_second() - DAY_SECONDS))
        .filter(challenge::purpose.eq(Purpose::Reply.as_str()))
        .select(diesel::dsl::sum(challenge::sends))
        .get_result(tx.conn)?;
    Ok(answered.unwrap_or(0) >= ANSWERS_A_DAY)
}

/// What a code in a reply brought.
#[derive(Debug)]
pub enum Confirmed {
    /// The booking is cancelled, and these seats are free again.
    Cancelled(Vec<LaneChange>),
    /// Nothing was done, and a message says why or what to do.
    Answered,
    /// Nothing: nobody waits for a code from that number.
    Nothing,
}

/// Cancels what a code was sent for, with the later doses that can't stay without it, as the message with the code said. Whoever
/// gets nothing done is told so: who hears nothing takes it for done.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn confirm(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    code: &str,
    rules: &CodeRules,
) -> Outcome<Confirmed, Never> {
    let awaited = challenges::awaited_from(tx, Purpose::Reply, phone, rules)?;
    let keys = tx.tools.keys.clone();
    let fits = |id: &ChallengeId| keys.code_for(id.0).matches(code);
    if let Some(id) = awaited.iter().copied().find(fits) {
        return cancel(tx, phone, id, code, rules);
    }
    if solved_by(tx, phone)?.iter().any(fits) {
        // The gateway brings it again.
        return Ok(Confirmed::Nothing);
    }
    // It is a try of each: whoever guesses gains nothing by asking for many.
    for id in awaited {
        challenges::attempt(tx, id, code, rules)?;
    }
    match challenges::awaited_from(tx, Purpose::Reply, phone, rules)?.first() {
        Some(newest) => tell_again(tx, phone, *newest, rules),
        None => start_again(tx, phone, rules),
    }
}

fn cancel(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    id: ChallengeId,
    code: &str,
    rules: &CodeRules,
) -> Outcome<Confirmed, Never> {
    let keys = tx.tools.keys.clone();
    let Some(asked) = challenges::find(tx.conn, &keys, id)? else { return Ok(Confirmed::Nothing) };
    // From here on nobody changes the booking until it is cancelled.
    courses::lock_of_bookings(tx, asked.booking.as_slice())?;
    let booking = asked.booking.map(|id| bookings::find(tx.conn, &keys, id)).transpose()?.flatten();
    let booking = match booking {
        Some(one) => bookings::of_phone(tx.conn, &keys, &one.reference, phone)?,
        None => None,
    };
    let Some(booking) = booking else { return start_again(tx, phone, rules) };
    let doses = moving::given_up_with(tx.conn, &keys, &booking)?;
    if !booking.can_change(tx.now) || has_changed(tx, &doses, asked.sent_at.as_second())? {
        return tell_again(tx, phone, id, rules);
    }
    let Tried::Solved(_) = challenges::attempt(tx, id, code, rules)? else { return Ok(Confirmed::Nothing) };
    let orders: Vec<Cancel> =
        doses.iter().map(|dose| Cancel { booking: dose.id, version: dose.version }).collect();
    let changes = moving::cancel(tx, &orders).map_err(|failure| match failure {
        // Then the code is not used up, and it is tried anew.
        Failure::Refused(CancelBookingsError::ChangedMeanwhile) => StoreError::Overtaken,
        Failure::Refused(CancelBookingsError::TooLate(_)) => {
            StoreError::Unreadable("a booking ended while it was locked".into())
        }
        Failure::Store(error) => error,
    })?;
    let booker = accounts::find(tx.conn, &keys, booking.account)?;
    if booker.is_none_or(|booker| booker.phone != *phone) {
        doses.iter().try_for_each(|dose| tell_cancelled(tx, id, dose))?;
    }
    Ok(Confirmed::Cancelled(changes))
}

/// Whether a booking is another than the message with the code said.
fn has_changed(tx: &mut Tx<'_>, doses: &[Booking], sent_at: i64) -> QueryResult<bool> {
    let ids: Vec<i64> = doses.iter().map(|dose| dose.id.0).collect();
    let changed = booking::table.filter(booking::id.eq_any(ids).and(booking::updated_at.gt(sent_at)));
    diesel::select(exists(changed)).get_result(tx.conn)
}

/// Tells somebody who did not book what they have cancelled, unless they hear of it as the person it was for.
fn tell_cancelled(tx: &mut Tx<'_>, id: ChallengeId, before: &Booking) -> QueryResult<()> {
    let (kind, subject, version) = (MessageKind::Cancellation, before.id.0, before.version + 1);
    let told = outbox::table
        .filter(outbox::kind.eq(kind.as_str()).and(outbox::recipient_kind.eq("person")))
        .filter(outbox::subject.eq(subject).and(outbox::version.eq(version)));
    if diesel::select(exists(told)).get_result(tx.conn)? {
        return Ok(());
    }
    let (recipient, channel, due_at) = (Recipient::Challenge(id), Channel::Sms, tx.now);
    queue(tx, &NewMessage { kind, subject, version, recipient, channel, occasion: Occasion::First, due_at })
}

/// What somebody has done already by codes that they sent back.
fn solved_by(tx: &mut Tx<'_>, phone: &PhoneNumber) -> QueryResult<Vec<ChallengeId>> {
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let solved: Vec<i64> = challenge::table
        .filter(challenge::contact_hash.eq(hash.as_bytes()).and(challenge::solved_at.is_not_null()))
        .filter(challenge::created_at.gt(tx.now.as_second() - DAY_SECONDS))
        .filter(challenge::purpose.eq(Purpose::Reply.as_str()))
        .select(challenge::id)
        .load(tx.conn)?;
    Ok(solved.into_iter().map(ChallengeId).collect())
}

/// Sends the message of a challenge once more, at once: it says how things stand now.
fn tell_again(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    id: ChallengeId,
    rules: &CodeRules,
) -> Outcome<Confirmed, Never> {
    if has_had_enough(tx, phone)? {
        return Ok(Confirmed::Nothing);
    }
    let at_once = CodeRules { resend_seconds: 0, ..*rules };
    let sent = refused_quietly(challenges::send_again(tx, id, &at_once))?;
    Ok(sent.map_or(Confirmed::Nothing, |()| Confirmed::Answered))
}

/// Tells somebody whose code counts no longer how to ask for another; whoever never asked for one sent something else.
fn start_again(tx: &mut Tx<'_>, phone: &PhoneNumber, rules: &CodeRules) -> Outcome<Confirmed, Never> {
    let hash = tx.tools.keys.lookup("contact", phone.as_e164());
    let latest: Option<String> = challenge::table
        .filter(challenge::contact_hash.eq(hash.as_bytes()).and(challenge::solved_at.is_null()))
        .filter(challenge::created_at.gt(tx.now.as_second() - DAY_SECONDS))
        .filter(challenge::purpose.eq(Purpose::Reply.as_str()).and(challenge::booking.is_not_null()))
        .order(challenge::id.desc())
        .select(challenge::language)
        .first(tx.conn)
        .optional()?;
    let Some(language) = latest.and_then(|code| Language::from_code(&code)) else {
        return Ok(Confirmed::Nothing);
    };
    if has_had_enough(tx, phone)? {
        return Ok(Confirmed::Nothing);
    }
    // From the reserve: the codes of this hour may have been used up by the wrong ones.
    let new = NewChallenge { remembered: true, ..answer(phone, language) };
    let sent = refused_quietly(challenges::start(tx, &new, rules))?;
    Ok(sent.map_or(Confirmed::Nothing, |_| Confirmed::Answered))
}

/// What nobody is told of: whoever writes too often gets no answer.
fn refused_quietly<T, E>(outcome: Outcome<T, E>) -> Outcome<Option<T>, Never> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Store(error)) => Err(Failure::Store(error)),
    }
}
