//! Sealing: personal columns are encrypted, and each belongs to the one place it was sealed for.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use thiserror::Error;

use crate::domain::clock::{Chance, ChanceExt};

use super::keyring::KeyRing;
use super::master::{KeyId, MasterKey, Use};
use super::opening::{self, NONCE_BYTES};

const KEY_ID_BYTES: usize = 2;
const TAG_BYTES: usize = 16;

/// The place in the database a sealed value belongs to. Moved to any other place it doesn't open, so nobody who can
/// write to the database can give one person's phone to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The table's name.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The row's id, which is therefore made before sealing.
    pub row: i64,
}

/// An encrypted value: key id (2 bytes) ‖ nonce (24) ‖ ciphertext and tag (16 more than the plain text).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes bytes as they stand in the database. Whether they are genuine shows when they are opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes for the database.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The master key that sealed this; `None` when it is too short to be a sealed value.
    pub fn key_id(&self) -> Option<KeyId> {
        self.0.first_chunk().map(|id| KeyId(u16::from_be_bytes(*id)))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Why something sealed didn't open.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// Too short, or no base64url.
    #[error("this is not a sealed value")]
    Malformed,
    /// The key file lacks the key it was sealed with.
    #[error("sealed with master key {0}, which the key file doesn't hold: put that key back into it")]
    UnknownKey(KeyId),
    /// Changed, moved from another place, or sealed with another key under the same id.
    #[error("the sealed value was changed, moved, or sealed by another installation's key")]
    NotGenuine,
    /// It opened, but a text was expected and it is none.
    #[error("the sealed value is not a text in UTF-8")]
    NotText,
}

impl KeyRing {
    /// Seals `plain` for one place in the database, with the current key.
    pub fn seal(&self, cell: Cell, plain: &[u8], chance: &dyn Chance) -> Sealed {
        let key = self.current();
        Sealed(encrypt(key, Use::Seal, &cell.associated_data(key.id()), plain, chance))
    }

    /// Opens what was sealed for this place, by any key of the ring.
    pub fn open(&self, cell: Cell, sealed: &Sealed) -> Result<Vec<u8>, OpenError> {
        self.decrypt(Use::Seal, |id| cell.associated_data(id), &sealed.0)
    }

    /// Opens what was sealed for this place and is a text.
    pub fn open_text(&self, cell: Cell, sealed: &Sealed) -> Result<String, OpenError> {
        String::from_utf8(self.open(cell, sealed)?).map_err(|_not_shown| OpenError::NotText)
    }

    /// Whether this was sealed with another key than the current one, so that the next write should seal it anew.
    /// `false` for what is no sealed value at all: sealing it anew would not help.
    pub fn needs_rotation(&self, sealed: &Sealed) -> bool {
        sealed.key_id().is_some_and(|id| id != self.current_key())
    }

    pub(super) fn decrypt(
        &self,
        for_use: Use,
        associated_data: impl Fn(KeyId) -> Vec<u8>,
        bytes: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        if bytes.len() < KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES {
            return Err(OpenError::Malformed);
        }
        let (id, rest) = bytes.split_first_chunk::<KEY_ID_BYTES>().ok_or(OpenError::Malformed)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Malformed)?;
        let id = KeyId(u16::from_be_bytes(*id));
        let key = self.key(id).ok_or(OpenError::UnknownKey(id))?;
        opening::open(key.derived(for_use), nonce, &associated_data(id), ciphertext)
            .ok_or(OpenError::NotGenuine)
    }
}

/// Key id ‖ nonce ‖ ciphertext. A random nonce of 24 bytes never repeats in practice, over any number of nodes.
pub(super) fn encrypt(
    key: &MasterKey,
    for_use: Use,
    associated_data: &[u8],
    plain: &[u8],
    chance: &dyn Chance,
) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = chance.bytes();
    let payload = Payload { msg: plain, aad: associated_data };
    match XChaCha20Poly1305::new(key.derived(for_use).into()).encrypt(&XNonce::from(nonce), payload) {
        Ok(ciphertext) => [&key.id().0.to_be_bytes()[..], &nonce, &ciphertext].concat(),
        Err(_) => {
            unreachable!("XChaCha20-Poly1305 takes up to 256 GB, far more than fits in memory here")
        }
    }
}

impl Cell {
    /// Table ‖ column ‖ row ‖ key id. Each name follows its length, so that no two places give the same bytes.
    fn associated_data(self, id: KeyId) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.table.len() + self.column.len() + 26);
        for name in [self.table, self.column] {
            bytes.extend((name.len() as u64).to_be_bytes());
            bytes.extend(name.as_bytes());
        }
        bytes.extend(self.row.to_be_bytes());
        bytes.extend(id.0.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::system::SeededChance;

    const PHONE: Cell = Cell { table: "account", column: "phone", row: 42 };
    const NUMBER: &[u8] = "010-0000-1234".as_bytes();

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed() {
        let chance = SeededChance::new(1);
        let ring = KeyRing::generate(&chance, false);
        let sealed = ring.seal(PHONE, NUMBER, &chance);
        assert_eq!(ring.open(PHONE, &sealed).unwrap(), NUMBER);
        assert_eq!(ring.open_text(PHONE, &sealed).unwrap(), "010-0000-1234");
        for elsewhere in [
            Cell { row: 43, ..PHONE },
            Cell { table: "person", ..PHONE },
            Cell { column: "email", ..PHONE },
            Cell { table: "accountp", column: "hone", row: 42 },
        ] {
            assert_eq!(ring.open(elsewhere, &sealed), Err(OpenError::NotGenuine), "{elsewhere:?}");
        }
    }

    #[test]
    fn nothing_of_the_plain_text_shows() {
        let chance = SeededChance::new(2);
        let ring = KeyRing::generate(&chance, false);
        let (one, two) = (ring.seal(PHONE, NUMBER, &chance), ring.seal(PHONE, NUMBER, &chance));
        assert_ne!(one, two);
        assert!(!one.as_bytes().windows(4).any(|part| part == b"1234"));
        assert_eq!(format!("{one:?}"), "Sealed(55 bytes)");
    }

    #[test]
    fn changing_any_byte_is_noticed() {
        let chance = SeededChance::new(3);
        let ring = KeyRing::generate(&chance, false);
        let sealed = ring.seal(PHONE, NUMBER, &chance).into_bytes();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(ring.open(PHONE, &Sealed::from_bytes(changed)).is_err(), "byte {place}");
        }
        for length in 0..sealed.len() {
            assert!(
                ring.open(PHONE, &Sealed::from_bytes(sealed[..length].to_vec())).is_err(),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn after_a_rotation_the_old_still_opens_and_asks_to_be_sealed_anew() {
        let chance = SeededChance::new(4);
        let before = KeyRing::generate(&chance, false);
        let sealed = before.seal(PHONE, NUMBER, &chance);
        assert!(!before.needs_rotation(&sealed));
        let after = before.rotated(&chance).unwrap();
        assert_eq!(after.open(PHONE, &sealed).unwrap(), NUMBER);
        assert!(after.needs_rotation(&sealed));
        let anew = after.seal(PHONE, NUMBER, &chance);
        assert!(!after.needs_rotation(&anew));
        assert_eq!(before.open(PHONE, &anew), Err(OpenError::UnknownKey(KeyId(2))));
    }

    #[test]
    fn another_installation_opens_nothing() {
        let chance = SeededChance::new(5);
        let (ours, theirs) = (KeyRing::generate(&chance, false), KeyRing::generate(&chance, false));
        let sealed = ours.seal(PHONE, NUMBER, &chance);
        assert_eq!(theirs.open(PHONE, &sealed), Err(OpenError::NotGenuine));
    }

    #[test]
    fn bytes_that_are_no_text_are_told_apart_from_forgeries() {
        let chance = SeededChance::new(6);
        let ring = KeyRing::generate(&chance, false);
        let sealed = ring.seal(PHONE, &[0xff, 0xfe], &chance);
        assert_eq!(ring.open_text(PHONE, &sealed), Err(OpenError::NotText));
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_comes_back(
            seed: u64, row: i64, plain in proptest::collection::vec(any::<u8>(), 0..300)
        ) {
            let chance = SeededChance::new(seed);
            let ring = KeyRing::generate(&chance, false);
            let cell = Cell { row, ..PHONE };
            let sealed = ring.seal(cell, &plain, &chance);
            prop_assert_eq!(sealed.as_bytes().len(), plain.len() + 42);
            prop_assert_eq!(ring.open(cell, &Sealed::from_bytes(sealed.as_bytes().to_vec())), Ok(plain));
        }

        #[test]
        fn no_bytes_make_opening_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let ring = KeyRing::generate(&SeededChance::new(7), false);
            prop_assert!(ring.open(PHONE, &Sealed::from_bytes(bytes)).is_err());
        }
    }
}
