//! The demo's days, counted from the day it is started.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Days that have slots, today included: six weeks.
const DAYS: i64 = 42;

/// The hour at which bookings open, local: in the evening, when families are at home.
const OPENING_HOUR: i8 = 20;

/// The demo's days, counted from today.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// The moment the demo was started.
    pub now: Timestamp,
    /// Today in the country.
    pub today: Date,
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of a country in `zone` at `now`.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now, today: now.to_zoned(zone.clone()).date(), zone }
    }

    /// The day after today.
    pub fn tomorrow(&self) -> Date {
        self.day(1)
    }

    /// The day `days` after today.
    pub fn day(&self, days: i64) -> Date {
        self.today.saturating_add(days.days())
    }

    /// The last day with slots.
    pub fn last_day(&self) -> Date {
        self.day(DAYS - 1)
    }

    /// The moment bookings open `days` after today, or before it when `days` is negative.
    pub fn opening(&self, days: i64) -> Timestamp {
        self.moment(self.day(days), OPENING_HOUR)
    }

    /// The end of the last day with slots.
    pub fn closing(&self) -> Timestamp {
        self.moment(self.day(DAYS), 0)
    }

    /// The winter that a flu vaccine is for, by the year it begins in: the half year from July counts as the next one.
    pub fn season(&self) -> i16 {
        if self.today.month() >= 7 { self.today.year() } else { self.today.year() - 1 }
    }

    fn moment(&self, day: Date, hour: i8) -> Timestamp {
        let local = day.at(hour, 0, 0, 0);
        // A zone of this world gives every day's hours a moment.
        local.to_zoned(self.zone.clone()).map_or(self.now, |zoned| zoned.timestamp())
    }
}
