//! The random name of a party in addresses. It is no secret on its own: only the party's account may use it.

use std::fmt;
use std::ops::Deref;

use serde::Deserialize;

/// Bytes of chance behind a name.
pub const PARTY_TOKEN_BYTES: usize = 16;

/// The signs that write them.
const SIGNS: usize = 22;

/// A party's name as an address may hold it. Whatever else stands there is no name of ours and is asked of no database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PartyToken(String);

/// The text is no party's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no party has such a name")]
pub struct PartyTokenError;

impl TryFrom<String> for PartyToken {
    type Error = PartyTokenError;

    fn try_from(text: String) -> Result<Self, PartyTokenError> {
        let is_name = text.len() == SIGNS
            && text.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'_'));
        is_name.then_some(Self(text)).ok_or(PartyTokenError)
    }
}

impl Deref for PartyToken {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PartyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_signs_and_nothing_else() {
        let read = |text: &str| PartyToken::try_from(text.to_owned());
        assert_eq!(read("AAAAAAAAAAAAAAAAAAAAA_").unwrap().to_string(), "AAAAAAAAAAAAAAAAAAAAA_");
        for wrong in [
            "",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAA\0",
            "AAAAAAAAAAAAAAAAAAAAAAA",
            "가나다라마바사",
        ] {
            assert_eq!(read(wrong), Err(PartyTokenError), "{wrong:?}");
        }
    }
}
