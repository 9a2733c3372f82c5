//! The keys that sign places in a line.

use super::keyring::KeyRing;
use super::master::{MasterKey, Use};
use crate::domain::door::ticket::{TicketKey, TicketKeys};

impl KeyRing {
    /// The keys of tickets: the current one signs, and the newest of the others is believed too. So tickets outlive one
    /// rotation, and a node that has the next key already is understood.
    pub fn ticket_keys(&self) -> TicketKeys {
        let current = ticket_key(self.current());
        let others = self.keys.iter().filter(|key| key.id() != self.current_key());
        let other = others.max_by_key(|key| key.id()).map(ticket_key);
        // The same low byte means 256 rotations in between: nobody keeps a ticket for so long.
        TicketKeys::new(current.clone(), other).unwrap_or_else(|_same_id| TicketKeys::one(current))
    }
}

/// A ticket names its key by a byte.
fn ticket_key(key: &MasterKey) -> TicketKey {
    TicketKey::new(key.id().0.to_le_bytes()[0], key.derived(Use::Ticket))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::{Timestamp, ToSpan};

    use super::*;
    use crate::domain::door::place::Place;
    use crate::domain::door::ticket::{Ticket, TicketError};
    use crate::system::SeededChance;

    #[test]
    fn a_ticket_outlives_one_rotation() {
        let chance = SeededChance::new(1);
        let mut ring = KeyRing::generate(&chance, false);
        let now = Timestamp::UNIX_EPOCH;
        let ticket = Ticket { opening: "flu".parse().unwrap(), place: Place(7), expires_at: now + 1.hour() };
        let text = ring.ticket_keys().sign(&ticket);
        let read = |ring: &KeyRing| ring.ticket_keys().verify(&text, &ticket.opening, now);
        assert_eq!(read(&ring), Ok(ticket.clone()));
        ring = ring.rotated(&chance).unwrap();
        assert_eq!(read(&ring), Ok(ticket.clone()));
        assert_ne!(ring.ticket_keys().sign(&ticket), text);
        ring = ring.rotated(&chance).unwrap();
        assert_eq!(read(&ring), Err(TicketError::UnknownKey));
    }

    #[test]
    fn a_node_that_signs_with_the_next_key_is_believed() {
        let chance = SeededChance::new(2);
        let before = KeyRing::generate(&chance, false);
        let after = before.rotated(&chance).unwrap();
        let mut waits = after.clone();
        waits.current = 0;
        let ticket = Ticket {
            opening: "flu".parse().unwrap(),
            place: Place(7),
            expires_at: Timestamp::UNIX_EPOCH + 1.hour(),
        };
        let text = after.ticket_keys().sign(&ticket);
        assert!(waits.ticket_keys().verify(&text, &ticket.opening, Timestamp::UNIX_EPOCH).is_ok());
    }
}
