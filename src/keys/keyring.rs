//! All master keys of an installation, and which of them is used for what.

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::domain::clock::Chance;

use super::master::{KEY_BYTES, KeyId, MasterKey, Use};

/// The master keys, oldest first; never empty.
#[derive(Debug, Clone)]
pub struct KeyRing {
    pub(super) keys: Vec<MasterKey>,
    /// Place in `keys` of the key that seals and signs.
    pub(super) current: usize,
    /// Place in `keys` of the key that hashes look-ups.
    pub(super) lookup_key: usize,
    pub(super) demo: bool,
}

impl KeyRing {
    /// A ring with one fresh key. `demo` marks it for ever, so that `serve` can refuse it.
    pub fn generate(chance: &dyn Chance, demo: bool) -> Self {
        Self { keys: vec![fresh_key(KeyId(1), chance)], current: 0, lookup_key: 0, demo }
    }

    /// This ring with one fresh key more, which is current. Look-ups stay with the key they had.
    ///
    /// `None` when the highest key id, 65535, is taken.
    pub fn rotated(&self, chance: &dyn Chance) -> Option<Self> {
        let highest = self.keys.iter().map(|key| key.id().0).max().unwrap_or(0);
        let mut ring = self.clone();
        ring.keys.push(fresh_key(KeyId(highest.checked_add(1)?), chance));
        ring.current = ring.keys.len() - 1;
        Some(ring)
    }

    /// Whether the keys were made by the demo, which shows its messages to everybody.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// Whether the other ring holds the same keys for the same uses.
    pub fn is_same_as(&self, other: &Self) -> bool {
        *self.to_text() == *other.to_text()
    }

    /// The id of the key that seals and signs now.
    pub fn current_key(&self) -> KeyId {
        self.current().id()
    }

    /// The id of the key that hashes look-ups. Keep it beside the data: with another one nothing is found.
    pub fn lookup_key(&self) -> KeyId {
        self.keys[self.lookup_key].id()
    }

    /// By what a key is known again, in a place that may never hold the key; `None` when the ring lacks it.
    pub fn fingerprint(&self, id: KeyId) -> Option<String> {
        Some(data_encoding::HEXLOWER.encode(&self.key(id)?.hmac(Use::Fingerprint, &[b"sunbeon"])))
    }

    /// Signs `bytes` for one use, with the current key.
    pub fn mac(&self, for_use: Use, bytes: &[u8]) -> [u8; 32] {
        self.current().hmac(for_use, &[bytes])
    }

    /// Whether `mac` is the signature of `bytes` for this use, by any key of the ring. Takes the same time for every
    /// wrong signature of the right length.
    pub fn check_mac(&self, for_use: Use, bytes: &[u8], mac: &[u8]) -> bool {
        let by_any_key = self
            .keys
            .iter()
            .map(|key| key.hmac(for_use, &[bytes]).ct_eq(mac))
            .fold(Choice::from(0), |found, equal| found | equal);
        by_any_key.into()
    }

    pub(super) fn current(&self) -> &MasterKey {
        &self.keys[self.current]
    }

    pub(super) fn key(&self, id: KeyId) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.id() == id)
    }
}

fn fresh_key(id: KeyId, chance: &dyn Chance) -> MasterKey {
    let mut secret = Zeroizing::new([0_u8; KEY_BYTES]);
    chance.fill(&mut *secret);
    MasterKey::new(id, secret)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_use_only() {
        let ring = KeyRing::generate(&SeededChance::new(1), false);
        let mac = ring.mac(Use::Csrf, b"session");
        assert!(ring.check_mac(Use::Csrf, b"session", &mac));
        assert!(!ring.check_mac(Use::Csrf, b"sessiom", &mac));
        assert!(!ring.check_mac(Use::Link, b"session", &mac));
        assert!(!ring.check_mac(Use::Csrf, b"session", &mac[..31]));
        assert!(!ring.check_mac(Use::Csrf, b"session", b""));
    }

    #[test]
    fn a_form_opened_before_a_rotation_can_be_sent_after_it() {
        let chance = SeededChance::new(2);
        let before = KeyRing::generate(&chance, false);
        let mac = before.mac(Use::Csrf, b"session");
        let after = before.rotated(&chance).unwrap();
        assert_eq!((after.current_key(), after.lookup_key()), (KeyId(2), KeyId(1)));
        assert!(after.check_mac(Use::Csrf, b"session", &mac));
        assert!(!before.check_mac(Use::Csrf, b"session", &after.mac(Use::Csrf, b"session")));
    }

    #[test]
    fn the_mark_of_the_demo_outlives_a_rotation() {
        let chance = SeededChance::new(3);
        assert!(KeyRing::generate(&chance, true).rotated(&chance).unwrap().is_demo());
    }
}
