//! Keyed look-ups: how a phone is found in a database that holds no phone in the clear.

use super::keyring::KeyRing;
use super::master::Use;

/// A keyed hash of a normalised value. Says nothing about the value to anyone without the key; with it, ten million
/// phone numbers are tried in seconds, so a hash is as confidential as the key file makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookupHash(pub [u8; 32]);

impl LookupHash {
    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its first eight bytes as a number, for what is told apart by one: a queue, a lock.
    pub fn number(&self) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl KeyRing {
    /// HMAC-SHA256 of `value`, which the caller has normalised. `domain` ("phone", "email", "identity") keeps equal
    /// texts of different meaning apart.
    ///
    /// Always made with the key the file names as `lookup`, never the current one: that a phone has one account is a
    /// unique index over these hashes, and with a second key the same phone would get a second account. Moving them to
    /// another key is `sunbeon keys rehash`, offline and all at once.
    pub fn lookup(&self, domain: &'static str, value: &str) -> LookupHash {
        let length = (domain.len() as u64).to_be_bytes();
        LookupHash(
            self.keys[self.lookup_key].hmac(Use::Lookup, &[&length, domain.as_bytes(), value.as_bytes()]),
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn equal_values_meet_and_domains_stay_apart() {
        let ring = KeyRing::generate(&SeededChance::new(1), false);
        assert_eq!(ring.lookup("phone", "+821000001234"), ring.lookup("phone", "+821000001234"));
        assert_ne!(ring.lookup("phone", "+821000001234"), ring.lookup("phone", "+821000001235"));
        assert_ne!(ring.lookup("phone", "+821000001234"), ring.lookup("email", "+821000001234"));
        assert_ne!(ring.lookup("phone", "x"), ring.lookup("phonex", ""));
    }

    #[test]
    fn a_rotation_loses_nobody() {
        let chance = SeededChance::new(2);
        let before = KeyRing::generate(&chance, false);
        let after = before.rotated(&chance).unwrap();
        assert_eq!(before.lookup("phone", "+821000001234"), after.lookup("phone", "+821000001234"));
    }
}
