//! The day a person was born, and how old that makes them on another day.

use std::fmt;

use jiff::civil::Date;

use super::text::{fold_width, is_blank};

/// The oldest a living person may be, in years. Nobody is known to have passed 122.
const MOST_YEARS: i16 = 130;

/// The day a person was born: not in the future and at most 130 years ago when it was typed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate(Date);

/// Why a text is not a date of birth. The first three name the field to fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BirthDateError {
    /// The year was left empty.
    #[error("the year of birth is missing; write four digits, like 1941")]
    YearMissing,
    /// The month was left empty.
    #[error("the month of birth is missing; write a number from 1 to 12")]
    MonthMissing,
    /// The day was left empty.
    #[error("the day of birth is missing; write a number from 1 to 31")]
    DayMissing,
    /// There is no such day, like 30 February, or it is not written in numbers.
    #[error("there is no such day; write the date of birth in numbers, like 1941 3 9")]
    NotADate,
    /// The day is after today.
    #[error("the date of birth is in the future; check the year")]
    InFuture,
    /// The day is more than 130 years ago, or the year was written with two digits.
    #[error("the date of birth is too long ago; write the year with four digits, like 1941")]
    TooLongAgo,
}

impl BirthDate {
    /// Takes `date` as a date of birth, if it is neither after `today` nor more than 130 years before it.
    pub fn new(date: Date, today: Date) -> Result<Self, BirthDateError> {
        if date > today {
            return Err(BirthDateError::InFuture);
        }
        let last = (date.year().saturating_add(MOST_YEARS), date.month(), date.day());
        if last < (today.year(), today.month(), today.day()) {
            return Err(BirthDateError::TooLongAgo);
        }
        Ok(Self(date))
    }

    /// Reads the three fields of a form; blanks, leading zeros and full-width digits are fine.
    pub fn parse(year: &str, month: &str, day: &str, today: Date) -> Result<Self, BirthDateError> {
        let year = number_in(year)?.ok_or(BirthDateError::YearMissing)?;
        let month = number_in(month)?.ok_or(BirthDateError::MonthMissing)?;
        let day = number_in(day)?.ok_or(BirthDateError::DayMissing)?;
        Self::from_numbers(year, month, day, today)
    }

    /// Reads `1941-03-09`, as [`iso`](Self::iso) writes it. Empty text lacks its year.
    pub fn parse_iso(text: &str, today: Date) -> Result<Self, BirthDateError> {
        if text.chars().all(is_blank) {
            return Err(BirthDateError::YearMissing);
        }
        let parts: Vec<&str> = text.trim().split('-').collect();
        let &[year, month, day] = parts.as_slice() else {
            return Err(BirthDateError::NotADate);
        };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return Err(BirthDateError::NotADate);
        }
        Self::parse(year, month, day, today)
    }

    /// Reads a stored `YYYY-MM-DD`, which was checked against the calendar of its day when it came in.
    ///
    /// # Errors
    /// [`BirthDateError::NotADate`] when it is none.
    pub fn from_stored(text: &str) -> Result<Self, BirthDateError> {
        text.parse().map(Self).ok().ok_or(BirthDateError::NotADate)
    }

    /// The day itself.
    pub fn date(&self) -> Date {
        self.0
    }

    /// The year of birth, by which cohorts are let in.
    pub fn year(&self) -> i16 {
        self.0.year()
    }

    /// The age in whole years on `day`; 0 before the birth.
    ///
    /// Someone born on 29 February turns a year older on 1 March in ordinary years: by articles 158 and 160 of the
    /// Civil Act of Korea the birth day counts in, and a year whose last month lacks the day ends with that month.
    pub fn age_on(&self, day: Date) -> u16 {
        let born = self.0;
        let birthday_to_come = (day.month(), day.day()) < (born.month(), born.day());
        let years = i32::from(day.year()) - i32::from(born.year()) - i32::from(birthday_to_come);
        u16::try_from(years).unwrap_or(0)
    }

    /// The date as `1941-03-09`, for storing and for the identity key.
    pub fn iso(&self) -> String {
        self.0.to_string()
    }

    fn from_numbers(year: u32, month: u32, day: u32, today: Date) -> Result<Self, BirthDateError> {
        let date = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok())
            .zip(i8::try_from(day).ok())
            .and_then(|((year, month), day)| Date::new(year, month, day).ok());
        Self::new(date.ok_or(BirthDateError::NotADate)?, today)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(..)")
    }
}

/// The number in a field, or `None` if the field is blank.
fn number_in(field: &str) -> Result<Option<u32>, BirthDateError> {
    let folded = fold_width(field);
    let digits = folded.trim_matches(is_blank);
    if digits.is_empty() {
        return Ok(None);
    }
    if !digits.bytes().all(|sign| sign.is_ascii_digit()) {
        return Err(BirthDateError::NotADate);
    }
    digits.parse().ok().map(Some).ok_or(BirthDateError::NotADate)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2021, 7, 19);

    fn born(year: i16, month: i8, day: i8) -> BirthDate {
        BirthDate::new(date(year, month, day), TODAY).unwrap()
    }

    #[test]
    fn three_fields_are_read_as_people_fill_them() {
        for (year, month, day) in [("1941", "3", "9"), (" 1941", "03", "09 "), ("１９４１", "０３", "９")]
        {
            assert_eq!(BirthDate::parse(year, month, day, TODAY), Ok(born(1941, 3, 9)));
        }
    }

    #[test]
    fn a_refusal_names_the_field_or_the_fault() {
        use BirthDateError::*;
        for (year, month, day, error) in [
            ("", "", "", YearMissing),
            ("1941", " ", "9", MonthMissing),
            ("1941", "3", "\u{3000}", DayMissing),
            ("1941", "2", "30", NotADate),
            ("1941", "13", "1", NotADate),
            ("1941", "0", "1", NotADate),
            ("1941", "March", "9", NotADate),
            ("-1941", "3", "9", NotADate),
            ("99999999999", "3", "9", NotADate),
            ("2021", "7", "20", InFuture),
            ("1891", "7", "18", TooLongAgo),
            ("41", "3", "9", TooLongAgo),
        ] {
            assert_eq!(BirthDate::parse(year, month, day, TODAY), Err(error), "{year} {month} {day}");
        }
        assert!(BirthDate::parse("2021", "7", "19", TODAY).is_ok());
        assert!(BirthDate::parse("1891", "7", "19", TODAY).is_ok());
    }

    #[test]
    fn a_written_date_is_read_in_one_form_only() {
        assert_eq!(BirthDate::parse_iso("1941-03-09", TODAY), Ok(born(1941, 3, 9)));
        assert_eq!(BirthDate::parse_iso(" ", TODAY), Err(BirthDateError::YearMissing));
        for text in ["1941-3-9", "19410309", "41-03-09", "1941-03-09-01", "1941-03-0x", "1941/03/09"] {
            assert_eq!(BirthDate::parse_iso(text, TODAY), Err(BirthDateError::NotADate), "{text}");
        }
    }

    #[test]
    fn a_person_is_a_year_older_on_the_birthday_itself() {
        let mother = born(1941, 3, 9);
        assert_eq!(mother.age_on(date(2021, 3, 8)), 79);
        assert_eq!(mother.age_on(date(2021, 3, 9)), 80);
        assert_eq!(mother.age_on(date(1941, 3, 9)), 0);
        assert_eq!(mother.age_on(date(1930, 1, 1)), 0);
        assert_eq!(born(1916, 1, 1).age_on(TODAY), 105);
    }

    #[test]
    fn a_leap_day_child_is_older_on_the_first_of_march() {
        let child = born(2004, 2, 29);
        assert_eq!(child.age_on(date(2021, 2, 28)), 16);
        assert_eq!(child.age_on(date(2021, 3, 1)), 17);
        assert_eq!(child.age_on(date(2024, 2, 28)), 19);
        assert_eq!(child.age_on(date(2024, 2, 29)), 20);
    }

    #[test]
    fn a_log_never_has_a_birth_date() {
        let mother = born(1941, 3, 9);
        assert_eq!(format!("{mother:?}"), "BirthDate(..)");
        assert_eq!((mother.iso().as_str(), mother.year()), ("1941-03-09", 1941));
    }

    proptest! {
        #[test]
        fn anything_typed_is_answered(year in any::<String>(), month in "[0-9 ]{0,3}", day in any::<String>()) {
            let _ = BirthDate::parse(&year, &month, &day, TODAY);
            let _ = BirthDate::parse_iso(&year, TODAY);
        }

        #[test]
        fn a_birth_date_comes_back_from_its_text(days in 0..47_000_i32) {
            let birth = BirthDate::new(TODAY - days.days(), TODAY).unwrap();
            prop_assert_eq!(BirthDate::parse_iso(&birth.iso(), TODAY), Ok(birth));
        }

        #[test]
        fn ages_grow_by_one_a_year_and_never_shrink(days in 0..47_000_i32, later in 0..3_000_i32) {
            let birth = BirthDate::new(TODAY - days.days(), TODAY).unwrap();
            let day = TODAY + later.days();
            let age = birth.age_on(day);
            prop_assert!(birth.age_on(day + 1.day()) - age <= 1);
            let next = date(day.year() + 1, day.month(), day.day().min(28));
            let this = date(day.year(), day.month(), day.day().min(28));
            prop_assert_eq!(birth.age_on(next), birth.age_on(this) + 1);
        }
    }
}
