//! Master keys sealed by a passphrase, so that they can lie beside a backup.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::clock::{Chance, ChanceExt};

use super::key_text::KeyTextError;
use super::keyring::KeyRing;

/// Fewest signs of a passphrase. Whoever has a backup can try as often as they like, so it is longer than a password.
pub const PASSPHRASE_SIGNS_MIN: usize = 16;

/// The form of the text, raised when an older program can't read it.
const FORMAT: u32 = 1;

/// 64 MiB, three passes, four lanes: the second choice of RFC 9106, for machines that have no 2 GiB to spare.
const MEMORY_KIBIBYTES: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
const CHECK_BYTES: usize = 32;

const HEADER: &str = "\
# Master keys of Sunbeon, sealed by a passphrase. Without it they are lost.
#
# argon2id (version 0x13, 64 MiB, 3 passes, 4 lanes) makes 64 bytes of the passphrase (UTF-8, NFC) and `salt`. The
# last 32 stand here as `check`, which tells a wrong passphrase. The first 32 open `sealed`: a nonce of 24 bytes, then
# XChaCha20-Poly1305 of the key file; its associated data is the backup's `backup.toml`, byte for byte. `sum` is the
# SHA-256 of everything above its line. Bytes are in base64url, the sum in hexadecimal.
";

/// What stands in the text.
#[derive(Deserialize)]
struct Fields {
    salt: String,
    check: String,
    sealed: String,
}

/// Why keys were not sealed, or did not open.
#[derive(Debug, Error)]
pub enum PassphraseError {
    /// It is easy to guess.
    #[error("the passphrase is too short: use at least {PASSPHRASE_SIGNS_MIN} signs, such as five words")]
    TooShort,
    /// There was no memory.
    #[error("the passphrase can't be stretched: that takes 64 MiB of memory")]
    NotStretched,
    /// A newer program sealed them.
    #[error("the keys were sealed in format {0}, this Sunbeon knows {FORMAT}: use a newer Sunbeon")]
    Newer(u32),
    /// The text was changed or cut off.
    #[error("the sealed keys are damaged: take them from another copy of the backup")]
    Damaged,
    /// Another passphrase sealed them.
    #[error("this is not the passphrase that sealed the keys: nothing was changed, try again")]
    Wrong,
    /// The passphrase is right, but what the keys were sealed with was changed.
    #[error(
        "the passphrase is right, but the keys were sealed for another backup.toml: take both from one copy of the backup"
    )]
    NotTogether,
    /// What was sealed is no key file.
    #[error("what the passphrase opened is no key file")]
    NoKeys(#[from] KeyTextError),
}

impl KeyRing {
    /// The text of a file with these keys, sealed by a passphrase together with `about`: they open only beside it.
    ///
    /// # Errors
    /// [`PassphraseError::TooShort`], or `NotStretched` without memory.
    pub fn seal_by_passphrase(
        &self,
        passphrase: &str,
        about: &[u8],
        chance: &dyn Chance,
    ) -> Result<String, PassphraseError> {
        if passphrase.chars().count() < PASSPHRASE_SIGNS_MIN {
            return Err(PassphraseError::TooShort);
        }
        let (salt, nonce): ([u8; SALT_BYTES], [u8; NONCE_BYTES]) = (chance.bytes(), chance.bytes());
        let stretched = stretch(passphrase, &salt)?;
        let (key, check) = stretched.split_at(KEY_BYTES);
        let text = self.to_text();
        let payload = Payload { msg: text.as_bytes(), aad: about };
        let Ok(ciphertext) = cipher(key)?.encrypt(&XNonce::from(nonce), payload) else {
            unreachable!("XChaCha20-Poly1305 takes up to 256 GB, and a key file has some lines");
        };
        let fields = format!(
            "{HEADER}format = {FORMAT}\nsalt = \"{}\"\ncheck = \"{}\"\nsealed = \"{}\"\n",
            BASE64URL_NOPAD.encode(&salt),
            BASE64URL_NOPAD.encode(check),
            BASE64URL_NOPAD.encode(&[&nonce, ciphertext.as_slice()].concat())
        );
        Ok(format!("{fields}sum = \"{}\"\n", sum(&fields)))
    }

    /// Opens keys that [`KeyRing::seal_by_passphrase`] sealed together with the same `about`.
    ///
    /// # Errors
    /// [`PassphraseError`] as its variants say.
    pub fn open_by_passphrase(text: &str, passphrase: &str, about: &[u8]) -> Result<Self, PassphraseError> {
        let fields = fields_of(text)?;
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok().ok_or(PassphraseError::Damaged);
        let (salt, check, sealed) = (bytes(&fields.salt)?, bytes(&fields.check)?, bytes(&fields.sealed)?);
        let stretched = stretch(passphrase, &salt)?;
        let (key, expected) = stretched.split_at(KEY_BYTES);
        // Who has the file can try passphrases at leisure: the time of this comparison tells them nothing.
        if check != expected {
            return Err(PassphraseError::Wrong);
        }
        let (nonce, ciphertext) =
            sealed.split_first_chunk::<NONCE_BYTES>().ok_or(PassphraseError::Damaged)?;
        let opened = cipher(key)?
            .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: about })
            .map_err(|_says_nothing| PassphraseError::NotTogether)?;
        let opened = Zeroizing::new(opened);
        let text = str::from_utf8(&opened).map_err(|_not_shown| PassphraseError::Damaged)?;
        Ok(Self::parse(text)?)
    }
}

/// The fields of a whole text of a known format.
fn fields_of(text: &str) -> Result<Fields, PassphraseError> {
    let table: toml::Table = text.parse().map_err(|_not_shown| PassphraseError::Damaged)?;
    match table.get("format").and_then(toml::Value::as_integer) {
        Some(format) if format == i64::from(FORMAT) => {}
        Some(format) if format > i64::from(FORMAT) => {
            return Err(PassphraseError::Newer(u32::try_from(format).unwrap_or(u32::MAX)));
        }
        _ => return Err(PassphraseError::Damaged),
    }
    let (fields, stated) = text.rsplit_once("sum = ").ok_or(PassphraseError::Damaged)?;
    if stated.trim_end() != format!("\"{}\"", sum(fields)) {
        return Err(PassphraseError::Damaged);
    }
    table.try_into().map_err(|_not_shown| PassphraseError::Damaged)
}

fn sum(fields: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(fields.as_bytes()))
}

fn cipher(key: &[u8]) -> Result<XChaCha20Poly1305, PassphraseError> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_cannot_be| PassphraseError::NotStretched)
}

/// Hangul typed on one system and on another can be different bytes; normalised they are the same.
fn stretch(
    passphrase: &str,
    salt: &[u8],
) -> Result<Zeroizing<[u8; KEY_BYTES + CHECK_BYTES]>, PassphraseError> {
    let passphrase: Zeroizing<String> = Zeroizing::new(passphrase.nfc().collect());
    let mut bytes = Zeroizing::new([0; KEY_BYTES + CHECK_BYTES]);
    Params::new(MEMORY_KIBIBYTES, PASSES, LANES, Some(bytes.len()))
        .and_then(|params| {
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            argon.hash_password_into(passphrase.as_bytes(), salt, &mut *bytes)
        })
        .map_err(|_no_memory| PassphraseError::NotStretched)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    const PASSPHRASE: &str = "다섯 낱말로 된 긴 암호를 쓴다";
    const ABOUT: &[u8] = b"taken_at = \"2026-11-24T11:00:00Z\"\n";

    fn sealed() -> (KeyRing, String) {
        let chance = SeededChance::new(1);
        let ring = KeyRing::generate(&chance, true).rotated(&chance).unwrap();
        let text = ring.seal_by_passphrase(PASSPHRASE, ABOUT, &chance).unwrap();
        (ring, text)
    }

    #[test]
    fn the_passphrase_opens_the_keys_whole() {
        let (ring, text) = sealed();
        let opened = KeyRing::open_by_passphrase(&text, PASSPHRASE, ABOUT).unwrap();
        assert!(opened.is_same_as(&ring) && opened.is_demo());
        let typed_elsewhere: String = PASSPHRASE.nfd().collect();
        assert_ne!(typed_elsewhere, PASSPHRASE);
        assert!(KeyRing::open_by_passphrase(&text, &typed_elsewhere, ABOUT).is_ok());
        for line in ring.to_text().lines().filter(|line| line.starts_with("key.")) {
            assert!(!text.contains(line.rsplit(' ').next().unwrap()), "a key shows");
        }
    }

    #[test]
    fn each_thing_that_can_be_wrong_is_told_apart() {
        let (_, text) = sealed();
        let open = |text: &str, passphrase, about| {
            KeyRing::open_by_passphrase(text, passphrase, about).map(drop).unwrap_err()
        };
        let wrong = open(&text, "다섯 낱말로 된 긴 암호를 썼다", ABOUT);
        assert!(matches!(wrong, PassphraseError::Wrong));
        assert!(matches!(open(&text, PASSPHRASE, b"another"), PassphraseError::NotTogether));
        let newer = text.replace("format = 1", "format = 2");
        assert!(matches!(open(&newer, PASSPHRASE, ABOUT), PassphraseError::Newer(2)));
        assert!(matches!(open("", PASSPHRASE, ABOUT), PassphraseError::Damaged));
        for name in ["salt", "check", "sealed", "sum"] {
            let at = text.find(&format!("\n{name} = \"")).unwrap() + name.len() + 5;
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(matches!(open(&changed, PASSPHRASE, ABOUT), PassphraseError::Damaged), "{name}");
        }
        for cut in [text.len() / 2, text.len() - 3] {
            assert!(matches!(open(&text[..cut], PASSPHRASE, ABOUT), PassphraseError::Damaged), "{cut}");
        }
    }

    #[test]
    fn a_short_passphrase_is_refused() {
        let chance = SeededChance::new(2);
        let ring = KeyRing::generate(&chance, false);
        let refused = ring.seal_by_passphrase("열다섯 글자짜리 암호말입니다", ABOUT, &chance);
        assert!(matches!(refused, Err(PassphraseError::TooShort)));
    }
}
