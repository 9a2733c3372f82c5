//! What becomes of a message: its states, and what leads from one to another.
//!
//! A message that was handed over and never answered is *uncertain*: it may have gone. Only from there can anything be told
//! twice, and only when the operator's rule says so ([`UncertainRules`]).

use jiff::{SignedDuration, Timestamp};

use super::message::MessageKind;

/// Where a message stands. One that failed for a while is queued again, with the number of its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// It waits until it is due.
    Queued,
    /// A process has it, for as long as its lease lasts.
    Leased,
    /// A gateway has taken it.
    Sent,
    /// It has arrived.
    Delivered,
    /// It did not arrive, and won't.
    Failed,
    /// It may have gone or not.
    Uncertain,
    /// It was tried too often, or can't be written: an operator looks at it.
    Dead,
    /// There was nothing to tell any more.
    Void,
}

/// What happens to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// A process takes it, to send it.
    Lease,
    /// The process gives it back without having tried.
    GiveBack,
    /// A gateway took it.
    HandedOver,
    /// It did not go out, and trying again makes sense.
    TryLater,
    /// It will never go out.
    Refused,
    /// Nobody knows: no answer came, or the process ended in the middle.
    NoAnswer,
    /// It was tried too often, or can't be written.
    GivenUp,
    /// There is nothing to tell any more.
    Void,
    /// The gateway says that it arrived.
    Arrived,
    /// The gateway says that it did not.
    DidNotArrive,
    /// Asked, the gateway says that it has the message.
    FoundThere,
    /// Asked, the gateway says that it never had it.
    NotThere,
    /// The rule for uncertain messages, or an operator, says to send it once more.
    SendAnew,
}

impl MessageState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Leased,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
        Self::Uncertain,
        Self::Dead,
        Self::Void,
    ];

    /// The name in tables and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Dead => "dead",
            Self::Void => "void",
        }
    }

    /// The state of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The state after an event; `None` when the event means nothing here, as a receipt that comes late.
    pub fn after(self, event: Event) -> Option<Self> {
        Some(match (self, event) {
            (Self::Queued, Event::Lease) => Self::Leased,
            (Self::Queued, Event::Void) => Self::Void,
            (Self::Uncertain, Event::FoundThere) => Self::Sent,
            // Of a lease that ran out it may become known late how the attempt went.
            (Self::Leased | Self::Uncertain, Event::GiveBack | Event::TryLater) => Self::Queued,
            (Self::Leased | Self::Uncertain, Event::HandedOver) => Self::Sent,
            (Self::Leased | Self::Uncertain, Event::Refused) => Self::Failed,
            (Self::Leased | Self::Uncertain, Event::NoAnswer) => Self::Uncertain,
            (Self::Leased | Self::Uncertain, Event::GivenUp) => Self::Dead,
            (Self::Leased | Self::Uncertain, Event::Void) => Self::Void,
            // A receipt may overtake what we write down ourselves.
            (Self::Leased | Self::Sent | Self::Uncertain, Event::Arrived) => Self::Delivered,
            (Self::Leased | Self::Sent | Self::Uncertain, Event::DidNotArrive) => Self::Failed,
            (Self::Uncertain, Event::NotThere | Event::SendAnew) => Self::Queued,
            (Self::Failed | Self::Dead, Event::SendAnew) => Self::Queued,
            _ => return None,
        })
    }
}

/// What is done about a message that may have gone, when its gateway can't tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenUncertain {
    /// It is sent once more at once.
    Again,
    /// It is sent once more when no receipt has come for a while.
    Wait,
    /// It is left for an operator.
    Keep,
}

/// The operator's rules for messages that may have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UncertainRules {
    /// For codes: whoever waits for one would rather have it twice.
    pub codes: WhenUncertain,
    /// For all others.
    pub others: WhenUncertain,
    /// How long a receipt is waited for.
    pub wait: SignedDuration,
}

impl UncertainRules {
    /// When a message that was tried at `tried_at` may be sent once more; `None` when never unasked.
    pub fn again_at(&self, kind: MessageKind, tried_at: Timestamp) -> Option<Timestamp> {
        match if kind.is_code() { self.codes } else { self.others } {
            WhenUncertain::Again => Some(tried_at),
            WhenUncertain::Wait => Some(tried_at + self.wait),
            WhenUncertain::Keep => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [Event; 13] = [
        Event::Lease,
        Event::GiveBack,
        Event::HandedOver,
        Event::TryLater,
        Event::Refused,
        Event::NoAnswer,
        Event::GivenUp,
        Event::Void,
        Event::Arrived,
        Event::DidNotArrive,
        Event::FoundThere,
        Event::NotThere,
        Event::SendAnew,
    ];

    /// The table in ARCHITECTURE.md is this one.
    #[test]
    fn the_table_of_the_architecture_is_the_truth() {
        let architecture = include_str!("../../ARCHITECTURE.md");
        for state in MessageState::ALL {
            let ways: Vec<String> = EVENTS
                .into_iter()
                .filter_map(|event| Some(format!("{event:?} → {}", state.after(event)?.as_str())))
                .collect();
            let ways = if ways.is_empty() { "nothing".to_owned() } else { ways.join(", ") };
            let line = format!("| {} | {ways} |", state.as_str());
            assert!(architecture.contains(&line), "ARCHITECTURE.md lacks the line\n{line}");
        }
    }

    #[test]
    fn names_lead_back() {
        for state in MessageState::ALL {
            assert_eq!(MessageState::from_word(state.as_str()), Some(state));
        }
        assert_eq!(MessageState::from_word("retry"), None);
    }

    proptest! {
        #[test]
        fn what_has_arrived_or_means_nothing_stays_and_nothing_is_sent_twice_unless_it_may_have_gone(
            events in prop::collection::vec(prop::sample::select(&EVENTS[..]), 0..60)
        ) {
            let (mut state, mut may_have_gone, mut told) = (MessageState::Queued, false, 0);
            for event in events {
                let Some(next) = state.after(event) else { continue };
                prop_assert!(!matches!(state, MessageState::Delivered | MessageState::Void));
                match event {
                    Event::Lease => prop_assert_eq!(told, 0, "taken once more though it had gone"),
                    Event::HandedOver | Event::FoundThere => told += 1,
                    Event::NoAnswer => may_have_gone = true,
                    // Whoever sends anew knows that it may be a repeat, or that it has not arrived.
                    Event::SendAnew | Event::NotThere => told = 0,
                    _ => {}
                }
                prop_assert!(next != MessageState::Uncertain || may_have_gone);
                state = next;
            }
        }
    }

    #[test]
    fn codes_go_again_at_once_and_others_wait_for_a_receipt() {
        let rules = UncertainRules {
            codes: WhenUncertain::Again,
            others: WhenUncertain::Wait,
            wait: SignedDuration::from_mins(15),
        };
        let tried = Timestamp::UNIX_EPOCH;
        assert_eq!(rules.again_at(MessageKind::Code, tried), Some(tried));
        assert_eq!(rules.again_at(MessageKind::Confirmation, tried), Some(tried + rules.wait));
        let kept = UncertainRules { others: WhenUncertain::Keep, ..rules };
        assert_eq!(kept.again_at(MessageKind::Reminder, tried), None);
    }
}
