//! The door decides who may enter the booking pages now.
//!
//! Every route tagged *booking* asks it, for every verb. No opening is paced yet, so whoever asks may enter; the waiting
//! room will answer here.

use jiff::Timestamp;

/// Whether somebody may enter the booking pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// They may enter.
    Open,
}

/// Decides who may enter.
#[derive(Debug, Default)]
pub struct Door;

impl Door {
    /// Whether a visitor may enter at `now`.
    pub fn admits(&self, _now: Timestamp) -> Admission {
        Admission::Open
    }
}
