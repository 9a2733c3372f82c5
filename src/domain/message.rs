//! What Sunbeon tells people, and the way it takes.

use std::fmt;
use std::str::FromStr;

/// The way a message takes to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A text message to a phone number.
    Sms,
    /// An e-mail to a verified address.
    Email,
}

impl Channel {
    /// Every channel, in the order people are asked about them.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Email];

    /// The name in tables, logs and the spool.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// A one-time code that proves a phone.
    Code,
    /// Seats are booked.
    Confirmation,
    /// A booking has another time or place than before.
    Change,
    /// A booking is no more.
    Cancellation,
    /// A booking lost its seat, because its site has closed: another time is to be picked.
    Displaced,
    /// The appointment is near.
    Reminder,
    /// A later dose is near.
    SecondDoseReminder,
    /// Somebody was vaccinated: what to look out for, and the next dose.
    Aftercare,
    /// Somebody wrote down this phone, which nobody has proved, for a person they care for.
    CareNotice,
    /// A code that proves an e-mail address.
    EmailCheck,
    /// A leftover dose for whoever stands by for one.
    Offer,
    /// An answer to a text that asked to cancel: the code that confirms it.
    CancelCode,
    /// The lots are drawn: when somebody's turn is.
    Turn,
    /// Somebody tried to book once more for the person this phone belongs to.
    AlreadyBookedNotice,
    /// An account has another phone now.
    PhoneChangedNotice,
    /// A gateway is tried. It never stands in the outbox.
    Test,
}

impl MessageKind {
    /// Every kind in the outbox, the most urgent first.
    pub const ALL: [Self; 15] = [
        Self::Code,
        Self::EmailCheck,
        Self::CancelCode,
        Self::Offer,
        Self::Displaced,
        Self::Cancellation,
        Self::Change,
        Self::Confirmation,
        Self::Aftercare,
        Self::CareNotice,
        Self::AlreadyBookedNotice,
        Self::PhoneChangedNotice,
        Self::Turn,
        Self::Reminder,
        Self::SecondDoseReminder,
    ];

    const IN_ORDER: &[Self] = &Self::ALL;

    /// Those that somebody sits and waits for: the first three.
    pub const CODES: &[Self] = Self::IN_ORDER.split_at(3).0;

    /// All others.
    pub const OTHERS: &[Self] = Self::IN_ORDER.split_at(3).1;

    /// Whether somebody sits and waits for it now.
    pub fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::EmailCheck | Self::CancelCode)
    }

    /// Whether it tells of bookings, or of one; otherwise it is about something else.
    pub fn is_about_bookings(self) -> bool {
        use MessageKind::{Aftercare, Cancellation, Change, Confirmation, Displaced};
        matches!(self, Confirmation | Change | Cancellation | Displaced | Aftercare) || self.is_reminder()
    }

    /// Whether it tells what was known before, so that it can wait for the morning.
    pub fn is_reminder(self) -> bool {
        matches!(self, Self::Reminder | Self::SecondDoseReminder)
    }

    /// The name in tables, logs and the spool.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Confirmation => "confirmation",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
            Self::Reminder => "reminder",
            Self::SecondDoseReminder => "second-dose-reminder",
            Self::CareNotice => "care-notice",
            Self::EmailCheck => "email-check",
            Self::CancelCode => "cancel-code",
            Self::AlreadyBookedNotice => "already-booked-notice",
            Self::PhoneChangedNotice => "phone-changed-notice",
            Self::Test => "test",
            Self::Turn => "turn",
            Self::Offer => "offer",
            Self::Aftercare => "aftercare",
            Self::Displaced => "displaced",
        }
    }
}

/// A name that is not one of the known channels or kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known {noun}: write one of the names that the documentation lists")]
pub struct UnknownName {
    noun: &'static str,
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for MessageKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name).ok_or(UnknownName { noun: "channel" })
    }
}

impl FromStr for MessageKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .chain([Self::Test])
            .find(|kind| kind.as_str() == name)
            .ok_or(UnknownName { noun: "kind of message" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_first() {
        assert!(MessageKind::CODES.iter().all(|kind| kind.is_code()));
        assert!(!MessageKind::OTHERS.iter().any(|kind| kind.is_code()));
    }

    #[test]
    fn every_name_leads_back_to_its_kind() {
        for kind in MessageKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(channel));
        }
        assert!("pigeon".parse::<Channel>().is_err());
    }
}
