//! When a proved phone says too little about who holds it. Carriers give numbers that were given up to other people, so
//! whoever proves the phone of an idle account answers with a birth date that somebody in it has.

use jiff::{SignedDuration, Timestamp};

use super::birth_date::BirthDate;

/// Days after which an account is idle, counted from the last time its phone was proved. Using it in between on a device
/// that stays signed in counts for nothing: that proves no phone.
const IDLE_DAYS: i64 = 90;

/// Wrong birth dates that may be given for an idle account, over all devices and codes, until a right one.
pub const BIRTH_TRIES_MAX: u16 = 5;

/// An account is idle at `now` when its phone was last proved at this moment or before it.
pub fn idle_since(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(IDLE_DAYS * 24)
}

/// Tries that are left after so many.
pub fn birth_tries_left(tries: u16) -> u16 {
    BIRTH_TRIES_MAX.saturating_sub(tries)
}

/// Whether the answer is the birth date of one of them. All are looked at, whichever it is.
pub fn is_birth_date_of_one(births: &[BirthDate], answer: BirthDate) -> bool {
    births.iter().filter(|birth| **birth == answer).count() > 0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_idle_after_ninety_days() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        assert_eq!(idle_since(now), "2026-08-25T00:00:00Z".parse::<Timestamp>().unwrap());
    }

    #[test]
    fn any_of_them_will_do_and_nobody_is_not_one() {
        let born = |text: &str| BirthDate::from_stored(text).unwrap();
        let family = [born("1947-03-09"), born("1970-05-06")];
        assert!(family.iter().all(|birth| is_birth_date_of_one(&family, *birth)));
        assert!(!is_birth_date_of_one(&family, born("1947-03-10")));
        assert!(!is_birth_date_of_one(&[], born("1947-03-09")));
    }

    #[test]
    fn tries_run_out_and_never_below_none() {
        assert_eq!([0, 4, 5, 6].map(birth_tries_left), [5, 1, 0, 0]);
    }
}
