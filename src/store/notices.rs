//! Notices to people about what somebody else tried.

use super::outbox::{self, NewMessage, Occasion, Recipient};
use super::{Never, Outcome, Tx, people};
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
