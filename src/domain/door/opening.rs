//! An opening and its public name.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use super::line::Line;
use super::session_cap::CapSettings;
use crate::domain::ids::{CampaignId, OpeningId};
use crate::domain::person::words;

/// The moment a campaign, or a birth cohort of it, starts taking bookings of everybody at once, and the evening after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The row's id; 0 while it has none.
    pub id: OpeningId,
    /// Its public name.
    pub code: OpeningCode,
    /// Its campaign.
    pub campaign: CampaignId,
    /// How places are given.
    pub places: Places,
    /// The first and the last birth year it is for; everybody's when `None`.
    pub born: Option<(i16, i16)>,
    /// From when on people can ask for their place.
    pub joins_from: Timestamp,
    /// When the door begins to open.
    pub opens_at: Timestamp,
    /// From when on nobody waits any more: whoever comes walks in.
    pub ends_at: Timestamp,
    /// How many people are expected to come at least.
    pub expected: u32,
    /// How many sessions may be alive at once to begin with, as the rehearsal showed.
    pub sessions: u32,
}

words! {
    /// How an opening gives places.
    Places {
        /// By lot, from phone numbers.
        Drawn = "draw",
        /// To whoever comes first, in tickets.
        InLine = "line",
    }
}

/// What is so at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is announced; places can't be asked for yet.
    Announced,
    /// Places can be asked for; nobody enters yet.
    Joining,
    /// The door opens bit by bit.
    Entering,
    /// It is over.
    Over,
}

/// Nineteen of twenty booking steps are to be answered within this time, so that ninety-nine of a hundred stay under the 300 ms
/// that the product promises. A rehearsal in which nineteen of twenty were to take 300 ms had half a second for these.
const TARGET_P95: Duration = Duration::from_millis(150);

/// How many times smaller the cap on sessions may become than what was rehearsed: whoever never rehearsed may be far off.
const CAP_SMALLER: u32 = 200;

/// How many times larger it may become.
const CAP_LARGER: u32 = 20;

impl Opening {
    /// Between which limits the cap on sessions is looked for.
    pub fn cap_settings(&self) -> CapSettings {
        CapSettings {
            rehearsed: self.sessions,
            least: (self.sessions / CAP_SMALLER).max(1),
            most: self.sessions.saturating_mul(CAP_LARGER),
            target_p95: TARGET_P95,
        }
    }

    /// The line, where places are given in one. It begins when places can be asked for.
    pub fn line(&self) -> Option<Line> {
        (self.places == Places::InLine).then(|| Line::new(self.joins_from))
    }

    /// What is so at `now`.
    pub fn phase(&self, now: Timestamp) -> Phase {
        if now >= self.ends_at {
            Phase::Over
        } else if now >= self.opens_at {
            Phase::Entering
        } else if now >= self.joins_from {
            Phase::Joining
        } else {
            Phase::Announced
        }
    }
}

/// As many as a campaign's name in addresses may have, so that an opening can be called like its campaign.
pub(super) const SIGNS_MAX: usize = 40;

/// An opening's name in addresses, in tickets and in the arithmetic of the draw: small letters a to z, digits, and
/// hyphens between them. It has no plus sign, so a phone number behind it begins where it ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpeningCode(String);

/// Why a text is no opening's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningCodeError {
    /// Nothing is written.
    #[error("the code of the opening is missing")]
    Empty,
    /// There are more signs than a code has.
    #[error("the code of an opening has at most 40 signs")]
    TooLong,
    /// A sign that no code has.
    #[error(
        "{0:?} is no sign of a code; write small letters a to z, digits and hyphens, such as \"flu-2026\""
    )]
    UnknownCharacter(char),
    /// A hyphen at one of its ends.
    #[error("the code of an opening begins and ends with a letter or a digit")]
    HyphenAtEnd,
}

impl OpeningCode {
    /// The code as it stands in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code as it goes into hashes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for OpeningCode {
    type Err = OpeningCodeError;

    fn from_str(text: &str) -> Result<Self, OpeningCodeError> {
        let known = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        match text.chars().find(|sign| !known(*sign)) {
            _ if text.is_empty() => Err(OpeningCodeError::Empty),
            Some(sign) => Err(OpeningCodeError::UnknownCharacter(sign)),
            None if text.len() > SIGNS_MAX => Err(OpeningCodeError::TooLong),
            None if text.starts_with('-') || text.ends_with('-') => Err(OpeningCodeError::HyphenAtEnd),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for OpeningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evening_has_its_phases() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let opening = Opening {
            id: OpeningId(1),
            code: "flu-2026".parse().unwrap(),
            campaign: CampaignId(1),
            places: Places::Drawn,
            born: None,
            joins_from: at(100),
            opens_at: at(200),
            ends_at: at(300),
            expected: 0,
            sessions: 10,
        };
        let phases = [99, 100, 199, 200, 299, 300].map(|second| opening.phase(at(second)));
        use Phase::{Announced, Entering, Joining, Over};
        assert_eq!(phases, [Announced, Joining, Joining, Entering, Entering, Over]);
    }

    #[test]
    fn a_code_is_plain_and_a_refusal_says_what_is_wrong() {
        for text in ["flu-2026", "7", "a", &"a".repeat(40), "a--b"] {
            assert_eq!(text.parse::<OpeningCode>().unwrap().as_str(), text);
        }
        for (text, error) in [
            ("", OpeningCodeError::Empty),
            (&"a".repeat(41), OpeningCodeError::TooLong),
            ("Flu", OpeningCodeError::UnknownCharacter('F')),
            ("a+b", OpeningCodeError::UnknownCharacter('+')),
            ("독감", OpeningCodeError::UnknownCharacter('독')),
            ("a b", OpeningCodeError::UnknownCharacter(' ')),
            ("-a", OpeningCodeError::HyphenAtEnd),
            ("a-", OpeningCodeError::HyphenAtEnd),
        ] {
            assert_eq!(text.parse::<OpeningCode>(), Err(error), "{text}");
        }
    }
}
