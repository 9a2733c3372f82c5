//! Master keys as text: what stands in a key file, or in an environment variable.

use data_encoding::BASE64URL_NOPAD;
use thiserror::Error;
use zeroize::Zeroizing;

use super::keyring::KeyRing;
use super::master::{KEY_BYTES, KeyId, MasterKey};

const HEADER: &str = "\
# Master keys of Sunbeon. Whoever has this file and the database can read everything in it;
# without this file nobody can. Keep a copy in a safe place, apart from the backups of the database.
# `current` seals what is new, the others only open. `lookup` must never change by hand.
";

/// Why a text is no set of master keys. Never shows what stood there, because it may be a key.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum KeyTextError {
    /// Neither a comment nor `name = value`.
    #[error("line {line} is not of the form `name = value`")]
    NotAnEntry {
        /// Counted from 1; in an environment value `;` ends a line too.
        line: usize,
    },
    /// A name no key file has, or one that was given before.
    #[error("line {line}: expected `demo`, `current`, `lookup` or `key.NUMBER`, each once")]
    UnknownOrRepeated {
        /// Counted from 1.
        line: usize,
    },
    /// `demo` or a key id is not what it must be.
    #[error("line {line}: expected {accepted}")]
    BadValue {
        /// Counted from 1.
        line: usize,
        /// What may stand there.
        accepted: &'static str,
    },
    /// One of the lines every key file has is missing.
    #[error("the line `{0} = ...` is missing")]
    Missing(&'static str),
    /// `current` or `lookup` names a key that is not there.
    #[error("`{name}` names key {id}, but there is no line `key.{id} = ...`")]
    NoSuchKey {
        /// `current` or `lookup`.
        name: &'static str,
        /// The key id named.
        id: KeyId,
    },
}

impl KeyRing {
    /// Reads master keys from the text of a key file. So that they fit in one line of an environment file, `;` ends a
    /// line as well.
    pub fn parse(text: &str) -> Result<Self, KeyTextError> {
        let mut entries = Entries::default();
        for (index, line) in text.lines().flat_map(split_unless_comment).enumerate() {
            entries.take(index + 1, line.trim())?;
        }
        entries.into_ring()
    }

    /// The text of the key file. It is a secret.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(HEADER.len() + 64 * (self.keys.len() + 2)));
        text.push_str(HEADER);
        text.push_str(&format!("demo = {}\n", self.demo));
        text.push_str(&format!("current = {}\nlookup = {}\n", self.current_key(), self.lookup_key()));
        for key in &self.keys {
            text.push_str(&format!("key.{} = ", key.id()));
            BASE64URL_NOPAD.encode_append(key.secret(), &mut text);
            text.push('\n');
        }
        text
    }
}

/// What has been read of a key file so far.
#[derive(Default)]
struct Entries {
    demo: Option<bool>,
    current: Option<KeyId>,
    lookup: Option<KeyId>,
    keys: Vec<MasterKey>,
}

impl Entries {
    fn take(&mut self, line: usize, entry: &str) -> Result<(), KeyTextError> {
        if entry.is_empty() || entry.starts_with('#') {
            return Ok(());
        }
        let (name, value) = entry.split_once('=').ok_or(KeyTextError::NotAnEntry { line })?;
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        let bad = |accepted| KeyTextError::BadValue { line, accepted };
        let id_in = |text: &str| text.parse().map(KeyId).ok().ok_or(bad("a key id from 0 to 65535"));
        let fresh = match name {
            "demo" => self.demo.replace(value.parse().ok().ok_or(bad("true or false"))?).is_none(),
            "current" => self.current.replace(id_in(value)?).is_none(),
            "lookup" => self.lookup.replace(id_in(value)?).is_none(),
            _ => {
                let id = name.strip_prefix("key.").ok_or(KeyTextError::UnknownOrRepeated { line })?;
                let key = MasterKey::new(
                    id_in(id)?,
                    decode(value).ok_or(bad("32 bytes in base64url, as `sunbeon keys new` writes them"))?,
                );
                let fresh = self.keys.iter().all(|other| other.id() != key.id());
                self.keys.push(key);
                fresh
            }
        };
        if fresh { Ok(()) } else { Err(KeyTextError::UnknownOrRepeated { line }) }
    }

    fn into_ring(self) -> Result<KeyRing, KeyTextError> {
        if self.keys.is_empty() {
            return Err(KeyTextError::Missing("key.1"));
        }
        let place_of = |name, id: Option<KeyId>| {
            let id = id.ok_or(KeyTextError::Missing(name))?;
            self.keys.iter().position(|key| key.id() == id).ok_or(KeyTextError::NoSuchKey { name, id })
        };
        let current = place_of("current", self.current)?;
        let lookup_key = place_of("lookup", self.lookup)?;
        let demo = self.demo.ok_or(KeyTextError::Missing("demo"))?;
        Ok(KeyRing { keys: self.keys, current, lookup_key, demo })
    }
}

/// A comment may have a `;` in it.
fn split_unless_comment(line: &str) -> Vec<&str> {
    if line.trim_start().starts_with('#') { vec![line] } else { line.split(';').collect() }
}

fn decode(text: &str) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[test]
    fn keys_fit_in_one_line_of_an_environment_file() {
        let ring = KeyRing::parse(&format!("demo=false; current=7; lookup=7; key.7=\"{KEY}\"")).unwrap();
        assert!(!ring.is_demo());
        assert_eq!(ring.current_key(), KeyId(7));
        assert_eq!(ring.current().secret()[31], 31);
    }

    #[test]
    fn what_is_wrong_is_named_and_no_key_is_shown() {
        let good = format!("demo = false\ncurrent = 1\nlookup = 1\nkey.1 = {KEY}\n");
        assert!(KeyRing::parse(&good).is_ok());
        let number = "a key id from 0 to 65535";
        for (text, error) in [
            (String::new(), KeyTextError::Missing("key.1")),
            (format!("{good}{KEY}"), KeyTextError::NotAnEntry { line: 5 }),
            (format!("{good}key.1 = {KEY}"), KeyTextError::UnknownOrRepeated { line: 5 }),
            (format!("{good}kay.2 = {KEY}"), KeyTextError::UnknownOrRepeated { line: 5 }),
            (format!("{good}demo = true"), KeyTextError::UnknownOrRepeated { line: 5 }),
            (format!("{good}key.70000 = {KEY}"), KeyTextError::BadValue { line: 5, accepted: number }),
            (
                good.replace("current = 1", "current = 2"),
                KeyTextError::NoSuchKey { name: "current", id: KeyId(2) },
            ),
            (good.replace("lookup = 1", ""), KeyTextError::Missing("lookup")),
            (good.replace("demo = false", ""), KeyTextError::Missing("demo")),
        ] {
            let found = KeyRing::parse(&text).unwrap_err();
            assert!(!found.to_string().contains(KEY));
            assert_eq!(found, error, "{text}");
        }
        assert!(KeyRing::parse(&good.replace("Hh8", "Hh")).unwrap_err().to_string().contains("line 4"));
    }
}
