//! Sealed tokens: what the server gives to a browser to keep, in a cookie or a hidden field.

use data_encoding::BASE64URL_NOPAD;

use crate::domain::clock::Chance;

use super::keyring::KeyRing;
use super::master::Use;
use super::sealed::{OpenError, encrypt};

impl KeyRing {
    /// Seals `plain` for one use, as base64url: 4 characters for 3 bytes, 56 more than the plain text alone.
    ///
    /// A token says nothing about its age or its browser; put into `plain` what must be checked.
    pub fn seal_token(&self, for_use: Use, plain: &[u8], chance: &dyn Chance) -> String {
        BASE64URL_NOPAD.encode(&encrypt(self.current(), for_use, token_data(for_use), plain, chance))
    }

    /// Opens a token sealed for this use, by any key of the ring.
    pub fn open_token(&self, for_use: Use, token: &str) -> Result<Vec<u8>, OpenError> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_says_nothing| OpenError::Malformed)?;
        self.decrypt(for_use, |_id| token_data(for_use).to_vec(), &bytes)
    }
}

/// Keeps a token apart from a sealed column even where a use has both: a column's data starts with a length.
fn token_data(for_use: Use) -> &'static [u8] {
    for_use.label().as_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keys::{Cell, Sealed};
    use crate::system::SeededChance;

    #[test]
    fn a_token_opens_for_its_use_only() {
        let chance = SeededChance::new(1);
        let ring = KeyRing::generate(&chance, false);
        let token = ring.seal_token(Use::Session, b"account 7", &chance);
        assert_eq!(ring.open_token(Use::Session, &token).unwrap(), b"account 7");
        assert_eq!(ring.open_token(Use::Resume, &token), Err(OpenError::NotGenuine));
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn a_sealed_column_is_no_token() {
        let chance = SeededChance::new(2);
        let ring = KeyRing::generate(&chance, false);
        let sealed = ring.seal(Cell { table: "a", column: "b", row: 1 }, b"x", &chance);
        let as_token = BASE64URL_NOPAD.encode(sealed.as_bytes());
        assert_eq!(ring.open_token(Use::Seal, &as_token), Err(OpenError::NotGenuine));

        let token = ring.seal_token(Use::Seal, b"x", &chance);
        let as_sealed = Sealed::from_bytes(BASE64URL_NOPAD.decode(token.as_bytes()).unwrap());
        assert!(ring.open(Cell { table: "a", column: "b", row: 1 }, &as_sealed).is_err());
    }

    #[test]
    fn a_cookie_outlives_a_rotation() {
        let chance = SeededChance::new(3);
        let before = KeyRing::generate(&chance, false);
        let token = before.seal_token(Use::Session, b"account 7", &chance);
        assert_eq!(before.rotated(&chance).unwrap().open_token(Use::Session, &token).unwrap(), b"account 7");
    }

    proptest! {
        #[test]
        fn whatever_a_browser_sends_nothing_panics(token in "\\PC{0,200}") {
            let ring = KeyRing::generate(&SeededChance::new(4), false);
            prop_assert!(ring.open_token(Use::Session, &token).is_err());
        }
    }
}
