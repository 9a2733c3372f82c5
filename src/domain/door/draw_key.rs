//! The key of a draw, which makes a place of every phone number.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::digest::{Digest, HexError, from_hex, keyed};
use super::opening::OpeningCode;
use super::place::Place;
use crate::domain::phone::PhoneNumber;

/// The key of a draw. With it everybody's place can be computed, so it is a secret until the day after.
#[derive(Clone)]
pub struct DrawKey {
    bytes: Zeroizing<[u8; 32]>,
    hmac: Hmac<Sha256>,
}

impl DrawKey {
    /// A key of these bytes, as they were kept or published.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { hmac: keyed(&bytes), bytes: Zeroizing::new(bytes) }
    }

    /// Reads a key as [`reveal`](Self::reveal) writes it.
    pub fn from_hex(text: &str) -> Result<Self, HexError> {
        from_hex(text).map(Self::new)
    }

    /// The key as 64 hexadecimal digits: for a sealed column, and for everybody the day after.
    pub fn reveal(&self) -> String {
        HEXLOWER.encode(&*self.bytes)
    }

    /// `SHA-256(draw key)`, public as soon as the draw is made: nobody can put another key in its place.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[&*self.bytes])
    }

    /// The place of a phone: the first 8 bytes, big endian, of `HMAC-SHA256(draw key, opening code ‖ phone)`, the phone
    /// in E.164 with its plus sign. Whoever has the phone has the place, on any device and at any time.
    pub fn place(&self, opening: &OpeningCode, phone: &PhoneNumber) -> Place {
        let hmac = self.hmac.clone().chain_update(opening.as_bytes()).chain_update(phone.as_e164());
        let bytes = hmac.finalize().into_bytes();
        Place(bytes.iter().take(8).fold(0, |place, byte| place << 8 | u64::from(*byte)))
    }
}

impl fmt::Debug for DrawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrawKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening() -> OpeningCode {
        "flu-2026".parse().unwrap()
    }

    #[test]
    fn a_place_is_the_phone_and_the_opening_and_nothing_else() {
        let (key, phone) = (DrawKey::new([7; 32]), PhoneNumber::parse("010-0000-1234").unwrap());
        let place = key.place(&opening(), &phone);
        assert_eq!(place, key.place(&opening(), &PhoneNumber::parse("+82 10 0000 1234").unwrap()));
        assert_ne!(place, key.place(&opening(), &PhoneNumber::parse("010-0000-1235").unwrap()));
        assert_ne!(place, key.place(&"flu-2027".parse().unwrap(), &phone));
        assert_ne!(place, DrawKey::new([8; 32]).place(&opening(), &phone));
    }

    #[test]
    fn the_key_shows_itself_only_when_revealed() {
        let key = DrawKey::new([0xab; 32]);
        assert_eq!(format!("{key:?}"), "DrawKey(…)");
        assert_eq!(DrawKey::from_hex(&key.reveal()).unwrap().fingerprint(), key.fingerprint());
        assert_eq!(key.fingerprint(), Digest::of(&[&[0xab; 32]]));
    }
}
