//! What people ask for by answering a text message. Whoever writes is known by their number alone, which can be forged: so
//! nothing is done before a code that was sent to that number has come back.

use super::challenges::{self, CodeRules, NewChallenge, Purpose, Tried};
use super::moving::{self, Cancel};
use super::{Failure, Never, Outcome, Tx, accounts, bookings, idle_accounts};
use crate::domain::booking::LaneChange;
use crate::domain::phone::PhoneNumber;
use crate::domain::reference::ReferenceCode;
use crate::language::Language;

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
/// [`super::StoreError`] when a statement fails.
pub fn ask_for_code(tx: &mut Tx<'_>, asked: &CancelAsked, rules: &CodeRules) -> Outcome<bool, Never> {
    let phone = &asked.phone;
    if idle_accounts::idle_with_people(tx, phone)?.is_some() {
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
        purpose: Purpose::Reply,
        contact: phone.as_e164().to_owned(),
        account: None,
        booking: booking.map(|one| one.id),
        reachable: true,
        remembered: false,
        // A gateway that brings the same text again asks for no other code.
        press: asked.reference.map(|reference| reference.spoken()).unwrap_or_default(),
        language: asked.language,
    };
    Ok(refused_quietly(challenges::start(tx, &new, rules))?.is_some())
}

/// What a code in a reply brought.
#[derive(Debug)]
pub enum Confirmed {
    /// The booking is cancelled, and these seats are free again.
    Cancelled(Vec<LaneChange>),
    /// It was not the code, and the right one goes out again.
    Again,
    /// Nothing: no code was waited for, or there is nothing to cancel any more.
    Nothing,
}

/// Cancels what a code was sent for, with the later doses that can't stay without it, as the message with the code said.
///
/// # Errors
/// [`super::StoreError`] when a statement fails.
pub fn confirm(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
    code: &str,
    rules: &CodeRules,
) -> Outcome<Confirmed, Never> {
    let Some(awaited) = challenges::awaited_from(tx, Purpose::Reply, phone, rules)? else {
        return Ok(Confirmed::Nothing);
    };
    match challenges::attempt(tx, awaited, code, rules)? {
        Tried::Over => Ok(Confirmed::Nothing),
        Tried::Wrong { .. } => {
            let again = refused_quietly(challenges::send_again(tx, awaited, rules))?;
            Ok(again.map_or(Confirmed::Nothing, |()| Confirmed::Again))
        }
        Tried::Solved(solved) => {
            let keys = tx.tools.keys.clone();
            let booking = solved.booking.map(|id| bookings::find(tx.conn, &keys, id)).transpose()?.flatten();
            let Some(booking) = booking.filter(|one| one.can_change(tx.now)) else {
                return Ok(Confirmed::Nothing);
            };
            let doses = moving::given_up_with(tx.conn, &keys, &booking)?;
            let orders: Vec<Cancel> =
                doses.iter().map(|dose| Cancel { booking: dose.id, version: dose.version }).collect();
            let changes = refused_quietly(moving::cancel(tx, &orders))?;
            Ok(changes.map_or(Confirmed::Nothing, Confirmed::Cancelled))
        }
    }
}

/// What nobody is told of: whoever writes too often gets no answer.
fn refused_quietly<T, E>(outcome: Outcome<T, E>) -> Outcome<Option<T>, Never> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Store(error)) => Err(Failure::Store(error)),
    }
}
