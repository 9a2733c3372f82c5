//! A ticket: somebody's place in one opening, signed, for the browser to keep. It names nobody.
//!
//! Its bytes, written as base64url without padding:
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version, 1 |
//! | 1 | key id |
//! | 1 | length of the opening's code |
//! | 1 to 40 | the opening's code |
//! | 8 | place, big endian |
//! | 8 | when it ends, in seconds since 1970, big endian |
//! | 16 | the first bytes of HMAC-SHA256 over all before them |
//!
//! 16 bytes of HMAC-SHA256 are what RFC 2104 (section 5) asks for at least; who guesses has one chance in 2^128.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::digest::keyed;
use super::opening::{OpeningCode, SIGNS_MAX};
use super::place::Place;

const VERSION: u8 = 1;
const MAC_BYTES: usize = 16;

/// The longest text a ticket has: 75 bytes.
const TEXT_SIGNS_MAX: usize = (3 + SIGNS_MAX + 8 + 8 + MAC_BYTES).div_ceil(3) * 4;

/// Somebody's place in one opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// For which opening.
    pub opening: OpeningCode,
    /// Which place.
    pub place: Place,
    /// From when on it is worth nothing; whole seconds.
    pub expires_at: Timestamp,
}

/// Why a text admits nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is no ticket at all.
    #[error("this is no ticket")]
    Malformed,
    /// It names a key that is not in use, or no longer.
    #[error("the key of this ticket is not in use")]
    UnknownKey,
    /// It was not signed like that: made up, or changed.
    #[error("this ticket was not signed by us")]
    Forged,
    /// It is genuine, for another opening.
    #[error("this ticket is for another opening")]
    OtherOpening,
    /// It is genuine, and its time is over.
    #[error("this ticket has expired")]
    Expired,
}

/// Two keys have the same id, so that a ticket would not tell which of them signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("two ticket keys have the id {0}")]
pub struct SameKeyId(pub u8);

/// A key that signs tickets, and nothing else.
#[derive(Clone)]
pub struct TicketKey {
    id: u8,
    hmac: Hmac<Sha256>,
}

impl TicketKey {
    /// A key of these bytes, which nobody outside may know.
    pub fn new(id: u8, bytes: &[u8; 32]) -> Self {
        Self { id, hmac: keyed(bytes) }
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TicketKey({}, …)", self.id)
    }
}

/// The keys of tickets: the current one signs; the one before it is still believed. There are never more.
#[derive(Debug, Clone)]
pub struct TicketKeys {
    current: TicketKey,
    previous: Option<TicketKey>,
}

impl TicketKeys {
    /// One key and none before it.
    pub fn one(current: TicketKey) -> Self {
        Self { current, previous: None }
    }

    /// Keys with different ids.
    pub fn new(current: TicketKey, previous: Option<TicketKey>) -> Result<Self, SameKeyId> {
        match &previous {
            Some(previous) if previous.id == current.id => Err(SameKeyId(current.id)),
            _ => Ok(Self { current, previous }),
        }
    }

    /// The keys after `next` became the current one. Tickets of the key before the current one end with that.
    pub fn rotated(&self, next: TicketKey) -> Result<Self, SameKeyId> {
        Self::new(next, Some(self.current.clone()))
    }

    /// The text of a ticket, at most 100 signs of `[A-Za-z0-9_-]`.
    pub fn sign(&self, ticket: &Ticket) -> String {
        let code = ticket.opening.as_bytes();
        let ends = u64::try_from(ticket.expires_at.as_second()).unwrap_or(0);
        // A code has at most 40 signs, so its length fits into a byte.
        let mut bytes = vec![VERSION, self.current.id, code.len() as u8];
        bytes.extend_from_slice(code);
        bytes.extend_from_slice(&ticket.place.0.to_be_bytes());
        bytes.extend_from_slice(&ends.to_be_bytes());
        let mac = self.current.hmac.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC_BYTES));
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The ticket that a text is, when it is ours, for this opening, and not over at `now`. Where a wrong signature
    /// differs can't be measured.
    pub fn verify(&self, text: &str, opening: &OpeningCode, now: Timestamp) -> Result<Ticket, TicketError> {
        if text.len() > TEXT_SIGNS_MAX {
            return Err(TicketError::Malformed);
        }
        let bytes =
            BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_says_nothing| TicketError::Malformed)?;
        let (signed, mac) = bytes.split_last_chunk::<MAC_BYTES>().ok_or(TicketError::Malformed)?;
        let (key_id, ticket) = read(signed).ok_or(TicketError::Malformed)?;
        let hmac = self.key(key_id)?.hmac.clone().chain_update(signed);
        hmac.verify_truncated_left(mac).map_err(|_says_nothing| TicketError::Forged)?;
        match ticket {
            other if other.opening != *opening => Err(TicketError::OtherOpening),
            over if over.expires_at <= now => Err(TicketError::Expired),
            good => Ok(good),
        }
    }

    fn key(&self, id: u8) -> Result<&TicketKey, TicketError> {
        let both = std::iter::once(&self.current).chain(&self.previous);
        both.into_iter().find(|key| key.id == id).ok_or(TicketError::UnknownKey)
    }
}

/// Key id and ticket of the bytes before the signature, which nobody should believe yet.
fn read(bytes: &[u8]) -> Option<(u8, Ticket)> {
    let ([version, key_id, length], rest) = bytes.split_first_chunk()?;
    let (code, rest) = rest.split_at_checked(usize::from(*length))?;
    let (place, ends) = rest.split_first_chunk()?;
    let ends: [u8; 8] = ends.try_into().ok()?;
    let ticket = Ticket {
        opening: std::str::from_utf8(code).ok()?.parse().ok()?,
        place: Place(u64::from_be_bytes(*place)),
        expires_at: Timestamp::from_second(u64::from_be_bytes(ends).try_into().ok()?).ok()?,
    };
    (*version == VERSION).then_some((*key_id, ticket))
}

#[cfg(test)]
mod tests;
