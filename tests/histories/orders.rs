//! What clients ask and what they are told, in numbers of the history instead of ids of the database.

use std::collections::BTreeMap;

/// Seats of a slot that are (held, booked).
pub type Counts = BTreeMap<usize, (i32, i32)>;

/// One seat of a hold: the number of the hold and the place of the wish in it. It stays the name of the booking.
pub type Seat = (usize, usize);

/// A wish of a hold: whom, which dose, which slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The row in some account's list.
    pub person: usize,
    /// Which dose, from 1.
    pub dose: u8,
    /// The slot.
    pub slot: usize,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Hold seats. `replaces` says that memory must not refuse.
    Hold { hold: usize, account: usize, wishes: Vec<Wish>, replaces: bool },
    /// Confirm what is held.
    Confirm { hold: usize },
    /// Let it go.
    Release { hold: usize },
    /// Keep it longer.
    Extend { hold: usize },
    /// Move bookings, each with the version seen and the new slot.
    Swap { moves: Vec<(Seat, i32, usize)> },
    /// Cancel bookings, each with the version seen.
    Cancel { seats: Vec<(Seat, i32)> },
    /// Let minutes pass.
    Pass { minutes: i64 },
    /// End every hold that ran out.
    Sweep,
    /// Read a booking.
    ReadBooking { seat: Seat },
    /// Read a slot's seats.
    ReadSlot { slot: usize },
    /// Read all bookings an account sees.
    ReadList { account: usize },
}

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    SlotFull,
    AlreadyBooked,
    BookedElsewhere,
    IntervalBroken,
    HoldExpired,
    TooOften,
    ChangedMeanwhile,
    TooLate,
}

/// A booking as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    /// Where it stands.
    pub stands: Stands,
    /// The slot.
    pub slot: usize,
    /// The version.
    pub version: i32,
}

/// Where a seat of a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stands {
    Held,
    Booked,
    Cancelled,
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done, and how full the slots are that it touched.
    Done(Counts),
    /// Held until then, and how full the slots are that it touched.
    Held(i64, Counts),
    /// Extended until then.
    Until(i64),
    /// Refused.
    Refused(Refusal),
    /// A booking; `None` when its hold ended before it was confirmed.
    Booking(Option<Reading>),
    /// A slot's seats: all, held, booked.
    Slot(i32, i32, i32),
    /// What an account sees.
    List(BTreeMap<Seat, Reading>),
}

/// What one client asked and was told.
#[derive(Debug, Clone)]
pub struct Act {
    /// What was asked.
    pub order: Order,
    /// What was told; `None` when no answer came, or one that doesn't say whether it was done.
    pub answer: Option<Answer>,
    /// What the clock showed then, in minutes since the history began.
    pub asked_at: i64,
    /// For each slot, the seats that its desk may take for taken although they are free: it counts those that others ask
    /// for at the same time; and on several nodes it may not have heard yet that a seat was given back, so that every one
    /// that anybody ever asked for there may count.
    pub slack: Vec<i32>,
}

/// What changes seats, each in a word of its own: a crowd has to have done each of them.
pub const CHANGES: [&str; 6] = ["hold", "confirm", "release", "extend", "swap", "cancel"];

impl Act {
    /// Which of [`CHANGES`] was done.
    pub fn done(&self) -> Option<&'static str> {
        let changed = match &self.answer {
            Some(Answer::Done(touched)) => !touched.is_empty(),
            Some(Answer::Held(..) | Answer::Until(_)) => true,
            _ => false,
        };
        let what = match self.order {
            Order::Hold { .. } => "hold",
            Order::Confirm { .. } => "confirm",
            Order::Release { .. } => "release",
            Order::Extend { .. } => "extend",
            Order::Swap { .. } => "swap",
            Order::Cancel { .. } => "cancel",
            Order::Pass { .. }
            | Order::Sweep
            | Order::ReadBooking { .. }
            | Order::ReadSlot { .. }
            | Order::ReadList { .. } => return None,
        };
        changed.then_some(what)
    }
}
