//! How values of the domain are written in columns.

use jiff::Timestamp;
use jiff::civil::Date;

use super::StoreError;
use crate::domain::slot::Lane;

/// A local date as the number `yyyymmdd`, which sorts and reads well in both databases.
pub(super) fn date_number(date: Date) -> i32 {
    i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day())
}

pub(super) fn date(number: i32) -> Result<Date, StoreError> {
    let part = |value: i32| i8::try_from(value).map_err(unreadable);
    let year = i16::try_from(number / 10_000).map_err(unreadable)?;
    Date::new(year, part(number / 100 % 100)?, part(number % 100)?).map_err(unreadable)
}

pub(super) fn moment(seconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_second(seconds).map_err(unreadable)
}

/// A share of a slot.
pub(super) fn lane_of(number: i16) -> Result<Lane, StoreError> {
    Lane::from_number(number)
        .ok_or_else(|| StoreError::Unreadable(format!("there is no lane with the number {number}")))
}

/// A small number, such as a dose.
pub(super) fn small<T: TryFrom<i32>>(value: i32) -> Result<T, StoreError> {
    T::try_from(value)
        .ok()
        .ok_or_else(|| StoreError::Unreadable(format!("the number {value} is out of range")))
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable(error.to_string())
}

/// Looks a word up, or says which one is unknown.
pub(super) fn word<T>(word: &str, look_up: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    look_up(word).ok_or_else(|| StoreError::Unreadable(format!("the word {word:?} is unknown")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_back() {
        let day = Date::constant(2026, 11, 24);
        assert_eq!(date_number(day), 20_261_124);
        assert_eq!(date(20_261_124).unwrap(), day);
        assert!(date(20_261_301).is_err());
    }
}
