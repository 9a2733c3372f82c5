//! What goes into a draw: the secret seeds of its parties, what they publish about them beforehand, and the beacon.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::digest::{Digest, HexError, from_hex};

/// Public beacons give 32 bytes (drand) to 64 bytes (NIST) a round.
const BEACON_BYTES: RangeInclusive<usize> = 32..=64;

/// 32 random bytes that one party of a draw keeps to itself until it reveals it to the service. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// A seed of these bytes, which nobody else may know.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a seed as [`reveal`](Self::reveal) writes it.
    pub fn from_hex(text: &str) -> Result<Self, HexError> {
        from_hex(text).map(Self::new)
    }

    /// The seed as 64 hexadecimal digits: for its party, and for everybody the day after.
    pub fn reveal(&self) -> String {
        HEXLOWER.encode(self.as_bytes())
    }

    /// What the party publishes before any seed is revealed, so that it can't choose another seed afterwards.
    pub fn commitment(&self) -> Commitment {
        Commitment(Digest::of(&[self.as_bytes()]))
    }

    /// The bytes that go into the draw.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// SHA-256 of a seed. It says nothing about the seed, and no other seed can be found for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment(pub Digest);

impl Commitment {
    /// Whether it was made from this seed. How nearly can't be measured.
    pub fn is_of(&self, seed: &Seed) -> bool {
        self.0.0.ct_eq(&seed.commitment().0.0).into()
    }
}

/// The round of a public beacon that counts in a draw, named before anybody can know what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeaconRound {
    /// Which round of which beacon, in the operator's words.
    pub name: String,
    /// When it gives its number: from then on no seed counts any more.
    pub at: Timestamp,
}

/// What a public beacon gave in the round that was named beforehand. Nobody knew it before that round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon(Vec<u8>);

/// The text is nothing that a beacon gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write what the beacon gave as 64 to 128 hexadecimal digits")]
pub struct BeaconError;

impl Beacon {
    /// The bytes that go into the draw.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Beacon {
    type Err = BeaconError;

    fn from_str(text: &str) -> Result<Self, BeaconError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        bytes.filter(|bytes| BEACON_BYTES.contains(&bytes.len())).map(Self).ok_or(BeaconError)
    }
}

impl fmt::Display for Beacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_seed_shows_itself_only_when_revealed() {
        let seed = Seed::new([0xab; 32]);
        assert_eq!(format!("{seed:?}"), "Seed(…)");
        assert_eq!(seed.reveal(), "ab".repeat(32));
        assert_eq!(Seed::from_hex(&seed.reveal()).unwrap().as_bytes(), seed.as_bytes());
        assert!(Seed::from_hex("ab").is_err());
    }

    #[test]
    fn a_beacon_has_32_to_64_bytes() {
        for (digits, fits) in [(62, false), (64, true), (65, false), (128, true), (130, false)] {
            assert_eq!("a".repeat(digits).parse::<Beacon>().is_ok(), fits, "{digits}");
        }
        let beacon: Beacon = "AB".repeat(48).parse().unwrap();
        assert_eq!(beacon.to_string(), "ab".repeat(48));
        assert_eq!("나".repeat(32).parse::<Beacon>(), Err(BeaconError));
    }

    proptest! {
        #[test]
        fn a_commitment_is_of_its_seed_and_of_no_other(bytes in any::<[u8; 32]>(), bit in 0..256_usize) {
            let commitment = Seed::new(bytes).commitment();
            prop_assert!(commitment.is_of(&Seed::new(bytes)));
            let mut other = bytes;
            other[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!commitment.is_of(&Seed::new(other)));
        }
    }
}
