//! One master key and the keys derived from it.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// How many bytes a master key and each derived key have.
pub(super) const KEY_BYTES: usize = 32;

/// HMAC-SHA256 works on blocks of this many bytes; a shorter key is filled up with zeros.
const HMAC_BLOCK_BYTES: usize = 64;

/// Which master key made something. Stands in front of everything sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u16);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a derived key is for. Two uses never share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    /// Personal columns of the database.
    Seal,
    /// Keyed hashes by which a phone or a person is found.
    Lookup,
    /// The session cookie.
    Session,
    /// Tokens in forms, bound to the session.
    Csrf,
    /// The six digits of a challenge.
    OneTimeCode,
    /// Links in messages.
    Link,
    /// Hidden fields that carry a journey on after signing in.
    Resume,
    /// The cookie with the people for whom a place is sought.
    Party,
    /// What a database remembers of its keys.
    Fingerprint,
    /// Places in a line, which browsers keep.
    Ticket,
    /// The secret of an authenticator app on its way through the page that sets it up.
    SecondFactor,
}

impl Use {
    /// Every use, in the order in which derived keys are kept.
    const ALL: [Self; 11] = [
        Self::Seal,
        Self::Lookup,
        Self::Session,
        Self::Csrf,
        Self::OneTimeCode,
        Self::Link,
        Self::Resume,
        Self::Party,
        Self::Fingerprint,
        Self::Ticket,
        Self::SecondFactor,
    ];

    /// The name that goes into the derivation. Changing one makes everything of that use unreadable.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Lookup => "lookup",
            Self::Session => "session",
            Self::Csrf => "csrf",
            Self::OneTimeCode => "one-time-code",
            Self::Link => "link",
            Self::Resume => "resume",
            Self::Party => "party",
            Self::Fingerprint => "fingerprint",
            Self::Ticket => "ticket",
            Self::SecondFactor => "second-factor",
        }
    }
}

/// A master key with the keys derived from it. Wiped from memory when dropped; its `Debug` shows the id only.
#[derive(Clone)]
pub struct MasterKey {
    id: KeyId,
    secret: Zeroizing<[u8; KEY_BYTES]>,
    derived: [Zeroizing<[u8; KEY_BYTES]>; Use::ALL.len()],
}

impl MasterKey {
    /// Derives the key of every use once, because sealing and looking up happen many times a request.
    pub(super) fn new(id: KeyId, secret: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let derived = Use::ALL.map(|for_use| derive(id, &secret, for_use));
        Self { id, secret, derived }
    }

    /// The id that stands in front of everything this key seals.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The bytes for the key file, and for nothing else.
    pub(super) fn secret(&self) -> &[u8; KEY_BYTES] {
        &self.secret
    }

    /// The derived key of one use.
    pub(super) fn derived(&self, for_use: Use) -> &[u8; KEY_BYTES] {
        &self.derived[for_use as usize]
    }

    /// HMAC-SHA256 over `parts`, one after the other, with the key of one use.
    pub(super) fn hmac(&self, for_use: Use, parts: &[&[u8]]) -> [u8; 32] {
        let mut block = Zeroizing::new([0_u8; HMAC_BLOCK_BYTES]);
        block[..KEY_BYTES].copy_from_slice(self.derived(for_use));
        let mut hmac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            hmac.update(part);
        }
        hmac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, …)", self.id)
    }
}

fn derive(id: KeyId, secret: &[u8; KEY_BYTES], for_use: Use) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
    let info: [&[u8]; 3] = [b"sunbeon 1 ", for_use.label().as_bytes(), &id.0.to_be_bytes()];
    match Hkdf::<Sha256>::new(Some(b"sunbeon"), secret).expand_multi_info(&info, &mut *key) {
        Ok(()) => key,
        Err(_) => unreachable!("HKDF-SHA256 gives up to 8,160 bytes and 32 were asked for"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_and_every_key_id_has_keys_of_its_own() {
        let one = MasterKey::new(KeyId(1), Zeroizing::new([7; 32]));
        let two = MasterKey::new(KeyId(2), Zeroizing::new([7; 32]));
        let mut keys: Vec<_> =
            [&one, &two].iter().flat_map(|key| Use::ALL.map(|for_use| *key.derived(for_use))).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 2 * Use::ALL.len());
    }

    #[test]
    fn uses_stand_where_they_are_looked_for() {
        for (place, for_use) in Use::ALL.into_iter().enumerate() {
            assert_eq!(for_use as usize, place);
        }
    }

    /// Data sealed today must open in a later version, so the derivation may never change. The value was computed
    /// apart from this code, with HMAC alone (RFC 5869).
    #[test]
    fn the_derivation_stays_what_it_was() {
        let key = MasterKey::new(KeyId(1), Zeroizing::new([7; 32]));
        assert_eq!(
            data_encoding::HEXLOWER.encode(key.derived(Use::Seal)),
            "c92bc223b5b2dd6ea09f4ca1b99ce1e9ffcba2c74ca016cd08878890ddae11ea"
        );
        assert_eq!(
            data_encoding::HEXLOWER.encode(&key.hmac(Use::Lookup, &[b"sun", b"beon"])),
            "43bc47ce816850e93ff57170be48fd6c3b950645d76bcb4013eb707d85e27450"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = MasterKey::new(KeyId(3), Zeroizing::new([7; 32]));
        assert_eq!(format!("{key:?}"), "MasterKey(3, …)");
    }
}
