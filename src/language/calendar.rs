//! Days and times in words. The word order is the catalog's (`date.ftl`); here are only the numbers.

use jiff::civil::{Date, DateTime, Time};

use super::{Language, Phrase, Remembered};

thread_local! {
    static SHORT_DATES: Remembered<(Language, Date)> = Remembered::default();
    static TIMES: Remembered<(Language, Time)> = Remembered::default();
}

impl Language {
    /// A day in full: `2026년 11월 25일(수)`, `Wednesday 25 November 2026`.
    pub fn date(self, date: Date) -> String {
        self.day("date-full", date).to_string()
    }

    /// A day of a year that is understood: `11월 25일(수)`, `Wed 25 Nov`.
    pub fn short_date(self, date: Date) -> String {
        SHORT_DATES.with(|known| known.say((self, date), || self.day("date-short", date).to_string()))
    }

    /// A time of day by the twelve-hour clock: `오전 9시 30분`, `9:30 am`. Noon and midnight are named, because many read
    /// "12:00 pm" as night.
    pub fn time(self, time: Time) -> String {
        TIMES.with(|known| known.say((self, time), || self.time_of_day(time)))
    }

    fn time_of_day(self, time: Time) -> String {
        let half = match (time.hour(), time.minute()) {
            (0, 0) => "midnight",
            (12, 0) => "noon",
            (0..12, _) => "am",
            _ => "pm",
        };
        let hour = match time.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        self.say("date-time-of-day")
            .with("half", half)
            .with("hour", hour)
            .with("minute", time.minute())
            .to_string()
    }

    /// A day and a time: `2026년 11월 25일(수) 오전 9시 30분`, `Wednesday 25 November 2026 at 9:30 am`.
    pub fn date_time(self, moment: DateTime) -> String {
        self.say("date-and-time")
            .with("date", self.date(moment.date()))
            .with("time", self.time(moment.time()))
            .to_string()
    }

    fn day(self, key: &str, date: Date) -> Phrase<'_> {
        self.say(key)
            .with("year", date.year().to_string())
            .with("month", date.month())
            .with("day", date.day())
            .with("weekday", date.weekday().to_monday_one_offset())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::Language::{English, Korean};

    #[test]
    fn days_are_said_as_people_say_them() {
        let day = date(2026, 11, 25);
        assert_eq!(Korean.date(day), "2026년 11월 25일(수)");
        assert_eq!(English.date(day), "Wednesday 25 November 2026");
        assert_eq!(Korean.short_date(day), "11월 25일(수)");
        assert_eq!(English.short_date(day), "Wed 25 Nov");
        assert_eq!(Korean.date(date(2027, 1, 3)), "2027년 1월 3일(일)");
    }

    #[test]
    fn every_month_and_weekday_has_its_own_word() {
        let months: std::collections::BTreeSet<_> =
            (1..=12).map(|month| English.date(date(2026, month, 1))).collect();
        assert_eq!(months.len(), 12);
        let names = |language: super::Language| -> String {
            (1..=7).map(|day| language.short_date(date(2026, 6, day))).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(English), "Mon 1 Jun Tue 2 Jun Wed 3 Jun Thu 4 Jun Fri 5 Jun Sat 6 Jun Sun 7 Jun");
        assert!(names(Korean).starts_with("6월 1일(월) 6월 2일(화) 6월 3일(수) 6월 4일(목)"));
    }

    #[test]
    fn times_are_said_by_the_twelve_hour_clock() {
        let cases = [
            (time(9, 30, 0, 0), "오전 9시 30분", "9:30 am"),
            (time(0, 0, 0, 0), "0시", "0:00 (midnight)"),
            (time(0, 5, 0, 0), "오전 0시 5분", "12:05 am"),
            (time(12, 0, 0, 0), "낮 12시", "12:00 noon"),
            (time(12, 30, 0, 0), "오후 12시 30분", "12:30 pm"),
            (time(23, 59, 0, 0), "오후 11시 59분", "11:59 pm"),
        ];
        for (time, korean, english) in cases {
            assert_eq!(Korean.time(time), korean);
            assert_eq!(English.time(time), english);
        }
    }

    #[test]
    fn a_moment_is_a_day_and_a_time() {
        let moment = date(2026, 11, 25).at(14, 0, 0, 0);
        assert_eq!(Korean.date_time(moment), "2026년 11월 25일(수) 오후 2시");
        assert_eq!(English.date_time(moment), "Wednesday 25 November 2026 at 2:00 pm");
    }
}
