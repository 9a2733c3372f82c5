//! What is rehearsed.

use serde::Serialize;

/// Mobile numbers that are never assigned: ten million begin with 010-0 and are for people, as many with 010-1, for whoever only
/// pretends to be some. The Korean numbering plan begins mobile numbers at 010-2.
pub const NUMBERS: u32 = 10_000_000;

/// The population and what it does.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Phones whose owners want to book.
    pub people: u32,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// The share that comes before the opening opens.
    pub early: f64,
    /// The share that proved its phone in the days before, and wrote down whom it books for.
    pub prepared: f64,
    /// The share that books for others, one to three of them.
    pub families: f64,
    /// The share that isn't there when its turn comes.
    pub no_shows: f64,
    /// Devices a person has, on average.
    pub devices: f64,
    /// The share that reloads the page every few seconds.
    pub impatient: f64,
    /// How many try to get in without their turn.
    pub attackers: u32,
    /// Minutes after the opening at which the rehearsal ends, whoever still waits.
    pub minutes: u32,
    /// Connections that everybody shares, as behind a proxy.
    pub connections: usize,
    /// Seconds that somebody takes for a page while booking, on average.
    pub think_seconds: f64,
    /// Another seed makes another population.
    pub seed: u64,
}

/// How people arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrivals {
    /// Half of those who don't come early come in the first minute, the rest over half an hour.
    Evening,
    /// As fast as the server takes them.
    Compressed,
}

/// Minutes over which those come who don't come in the first one.
const LATE_MINUTES: f64 = 30.0;

impl Arrivals {
    /// How long after the opening somebody comes, in seconds: those who are at `share` of all who come, from 0 to 1.
    pub fn seconds(self, share: f64) -> f64 {
        match self {
            Self::Evening if share < 0.5 => share * 2.0 * 60.0,
            Self::Evening => 60.0 + (share - 0.5) * 2.0 * (LATE_MINUTES - 1.0) * 60.0,
            Self::Compressed => 0.0,
        }
    }
}

impl Plan {
    /// All devices of all people.
    pub fn visitors(&self) -> u32 {
        // Conversions from floating point saturate.
        self.people + (f64::from(self.people) * (self.devices - 1.0).max(0.0)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_them_come_in_the_first_minute() {
        let evening = Arrivals::Evening;
        assert_eq!((evening.seconds(0.0), evening.seconds(0.25), evening.seconds(0.5)), (0.0, 30.0, 60.0));
        assert_eq!((evening.seconds(0.75), evening.seconds(1.0)), (930.0, 1_800.0));
        assert_eq!(Arrivals::Compressed.seconds(0.9), 0.0);
    }
}
