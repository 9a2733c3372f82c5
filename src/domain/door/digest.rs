//! SHA-256 as the door publishes it, and HMAC-SHA256 with a key of 32 bytes.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit};
use sha2::{Digest as _, Sha256};

/// HMAC-SHA256 works on blocks of this many bytes; a shorter key is filled up with zeros (RFC 2104).
const HMAC_BLOCK_BYTES: usize = 64;

/// 32 bytes of SHA-256, written as 64 hexadecimal digits. Public: secrets have types that don't show themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// The text is not the bytes that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write it as {digits} hexadecimal digits")]
pub struct HexError {
    digits: usize,
}

impl Digest {
    /// SHA-256 of the parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for Digest {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        from_hex(text).map(Self)
    }
}

/// Exactly `N` bytes from hexadecimal digits, large or small.
pub(super) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(HexError { digits: 2 * N })
}

/// HMAC-SHA256 with its key already taken in: copying it costs half of starting with the key each time.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = zeroize::Zeroizing::new([0; HMAC_BLOCK_BYTES]);
    block[..key.len()].copy_from_slice(key);
    Hmac::new((&*block).into())
}

#[cfg(test)]
mod tests {
    use hmac::Mac;

    use super::*;

    #[test]
    fn hashes_are_the_ones_everybody_knows() {
        // FIPS 180-2, appendix B.1, and RFC 4231, test case 1 with its key of 20 bytes filled up.
        assert_eq!(
            Digest::of(&[b"a", b"bc"]).to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mac = keyed(&key).chain_update(b"Hi There").finalize().into_bytes();
        assert_eq!(HEXLOWER.encode(&mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let digest = Digest::of(&[b"abc"]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(digest.to_string().to_uppercase().parse(), Ok(digest));
        for text in ["", "ab", &"0".repeat(63), &"0".repeat(66), &"가".repeat(64)] {
            let error = text.parse::<Digest>().unwrap_err();
            assert_eq!(error.to_string(), "write it as 64 hexadecimal digits");
        }
    }
}
