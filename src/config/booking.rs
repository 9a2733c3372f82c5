//! `[booking]`: holds, parties and sessions.

use super::reader::Reader;

/// Holds, parties and sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingConfig {
    /// How many minutes a seat is held while answers are checked.
    pub hold_minutes: u32,
    /// How often a hold can be extended by as much again (WCAG 2.2.1 asks for at least ten times).
    pub extensions_max: u32,
    /// How many people an account may book for, its owner included.
    pub people_max: u32,
    /// How many days a citizen stays signed in.
    pub session_days: u32,
}

impl Default for BookingConfig {
    fn default() -> Self {
        Self { hold_minutes: 10, extensions_max: 10, people_max: 6, session_days: 30 }
    }
}

impl BookingConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        Self {
            hold_minutes: reader.number("booking.hold_minutes", 1..=60, default.hold_minutes),
            extensions_max: reader.number("booking.extensions_max", 0..=100, default.extensions_max),
            people_max: reader.number("booking.people_max", 1..=50, default.people_max),
            session_days: reader.number("booking.session_days", 1..=365, default.session_days),
        }
    }
}
