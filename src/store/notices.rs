//! Notices to people about what somebody else did or tried.

use super::accounts::Account;
use super::outbox::{self, NewMessage, Occasion, Recipient};
use super::{Never, Outcome, StoreError, Tx, challenges, people};
use crate::domain::ids::{CampaignId, PersonId};
use crate::domain::message::{Channel, MessageKind};

/// Tells a person, once a campaign, that somebody tried to book for them although they have a booking. The page says
/// nothing of the sort: the one who tried may be a stranger.
///
/// # Errors
/// [`super::StoreError`] when a statement fails.
pub fn tell_already_booked(tx: &mut Tx<'_>, campaign: CampaignId, who: PersonId) -> Outcome<(), Never> {
    let Some(known_as) = people::claimant(tx, who)? else { return Ok(()) };
    let notice = NewMessage {
        kind: MessageKind::AlreadyBookedNotice,
        subject: campaign.0,
        version: 0,
        recipient: Recipient::Person(known_as.id),
        channel: Channel::Sms,
        occasion: Occasion::First,
        due_at: tx.now,
    };
    outbox::queue(tx, &notice)?;
    Ok(())
}

/// Tells the phone that an account had until now, and its e-mail address if there is one, that the account has another.
pub(super) fn tell_phone_changed(tx: &mut Tx<'_>, before: &Account) -> Result<(), StoreError> {
    let left = challenges::keep_left_phone(tx, before.id, &before.phone, before.language)?;
    let by_mail = before.email.as_ref().map(|_| (Recipient::Account(before.id), Channel::Email));
    for (recipient, channel) in [(Recipient::Challenge(left), Channel::Sms)].into_iter().chain(by_mail) {
        let notice = NewMessage {
            kind: MessageKind::PhoneChangedNotice,
            subject: before.id.0,
            version: before.epoch,
            recipient,
            channel,
            occasion: Occasion::First,
            due_at: tx.now,
        };
        outbox::queue(tx, &notice)?;
    }
    Ok(())
}
