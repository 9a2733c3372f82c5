//! What people were told of a booking: what was sent when, whether it arrived, and once more on request.

use actix_web::web::Path;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::access::open_booking;
use crate::domain::booking::BookingState;
use crate::domain::ids::AccountId;
use crate::domain::message::{Channel, MessageKind};
use crate::domain::message_state::MessageState;
use crate::language::Language;
use crate::store::bookings::{self, Booking};
use crate::store::outbox::told::{self, SentEnough, Told};
use crate::store::{StoreError, Tx};
use crate::web::page::Answer;
use crate::web::posted::{NoFields, Posted};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// A message in words.
pub(super) struct ToldLine {
    /// What it tells, and how and to whom it goes.
    pub(super) what: String,
    /// When it went or goes, and whether it arrived.
    pub(super) fate: String,
    /// Whether it did not arrive.
    pub(super) is_lost: bool,
}

/// What was and will be told of a booking, in words.
pub(super) async fn lines(visitor: &Visitor, one: &Booking) -> Result<Vec<ToldLine>, StoreError> {
    let (engine, booking) = (visitor.engine(), one.clone());
    let told = engine.store.read(move |conn, _| told::about(conn, &booking)).await?;
    let zone = engine.country.now().site(one.site).and_then(|site| TimeZone::get(&site.time_zone).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    Ok(told.iter().map(|one| ToldLine::of(visitor.language, engine.now(), &zone, one)).collect())
}

impl ToldLine {
    fn of(l: Language, now: Timestamp, zone: &TimeZone, one: &Told) -> Self {
        let what = l.say(what_key(one.kind)).to_string();
        let what = l.say("booking-told").with("what", what).with("way", l.say(way_key(one)).to_string());
        let at = one.at.to_zoned(zone.clone()).datetime();
        let when = format!("{} {}", l.short_date(at.date()), l.time(at.time()));
        Self {
            what: what.to_string(),
            fate: l.say(fate_key(one, now)).with("when", when).to_string(),
            is_lost: matches!(one.state, MessageState::Failed | MessageState::Dead),
        }
    }
}

fn what_key(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Change => "booking-told-change",
        MessageKind::Cancellation => "booking-told-cancellation",
        MessageKind::Reminder | MessageKind::SecondDoseReminder => "booking-told-reminder",
        MessageKind::Displaced => "booking-told-displaced",
        MessageKind::Aftercare => "booking-told-aftercare",
        _ => "booking-told-confirmation",
    }
}

fn way_key(one: &Told) -> &'static str {
    match (one.channel, one.to_booker) {
        (Channel::Email, _) => "booking-told-email",
        (Channel::Sms, true) => "booking-told-booker",
        (Channel::Sms, false) => "booking-told-person",
    }
}

fn fate_key(one: &Told, now: Timestamp) -> &'static str {
    match one.state {
        _ if one.is_declined => "booking-told-declined",
        MessageState::Queued if one.at > now => "booking-told-later",
        MessageState::Queued | MessageState::Leased => "booking-told-now",
        MessageState::Sent => "booking-told-sent",
        MessageState::Delivered => "booking-told-arrived",
        MessageState::Uncertain => "booking-told-uncertain",
        MessageState::Failed | MessageState::Dead | MessageState::Void => "booking-told-lost",
    }
}

/// Sends the confirmation once more: to the account that asks, when the booking is its own or it is the person's, and otherwise
/// to the one who booked.
pub async fn again(posted: Posted<NoFields>, reference: Path<String>) -> Answer {
    let Posted { visitor, .. } = posted;
    let one = open_booking(&visitor, &reference).await?;
    let page = format!("/bookings/{}", one.reference.as_str());
    if !may_be_told(&one, visitor.engine().now()) {
        return visitor.go_to(&page);
    }
    let whom = whom(&visitor, &one).await?;
    let key = one.account.0;
    let tell = move |tx: &mut Tx<'_>| told::tell_again(tx, &one, whom);
    match visitor.engine().ledger.write(key, tell).await {
        Ok(()) => {
            visitor.engine().wake_notifier();
            visitor.go_to(&format!("{page}?told=1"))
        }
        Err(error) => {
            let SentEnough = Problem::refusal(error)?;
            visitor.go_to(&format!("{page}?told=enough"))
        }
    }
}

async fn whom(visitor: &Visitor, one: &Booking) -> Result<AccountId, StoreError> {
    let Some(asks) = visitor.account.as_ref().map(|account| account.id) else { return Ok(one.account) };
    let booking = one.clone();
    let is_theirs =
        visitor.engine().store.read(move |conn, _| bookings::may_see(conn, asks, &booking)).await?;
    Ok(if is_theirs { asks } else { one.account })
}

/// Whether there is anything to confirm.
pub(super) fn may_be_told(one: &Booking, now: Timestamp) -> bool {
    one.state.is_live() && one.state != BookingState::Displaced && one.starts_at > now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_is_said_in_every_language() {
        let now = Timestamp::UNIX_EPOCH;
        for &language in Language::all() {
            for kind in MessageKind::ALL {
                for state in MessageState::ALL {
                    for (channel, to_booker) in
                        [(Channel::Sms, true), (Channel::Sms, false), (Channel::Email, true)]
                    {
                        for is_declined in [false, true] {
                            let told = Told { kind, to_booker, channel, state, at: now, is_declined };
                            let line = ToldLine::of(language, now, &TimeZone::UTC, &told);
                            assert!(!format!("{} {}", line.what, line.fate).contains('⟨'), "{}", line.what);
                        }
                    }
                }
            }
        }
    }
}
