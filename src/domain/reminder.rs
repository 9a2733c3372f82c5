//! When people are reminded of an appointment: data of the campaign.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::message::MessageKind;

/// One reminder of each appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReminderRule {
    /// Which doses it is about.
    pub doses: RemindedDoses,
    /// Days before the appointment's own; 0 is that day.
    pub days_before: u16,
    /// At which time of that day, where the site is.
    pub at: Time,
    /// The way it takes to whoever has more than one.
    pub by: ReminderWay,
}

/// Which doses a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemindedDoses {
    /// Every dose.
    Every,
    /// Those after the first: the days between doses matter.
    Later,
}

/// The way a reminder takes. Whoever has no e-mail gets a text message, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReminderWay {
    /// Text message and e-mail.
    Both,
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
}

impl RemindedDoses {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Every, Self::Later];

    /// The name in tables and campaign files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Later => "later",
        }
    }

    /// The one of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|doses| doses.as_str() == word)
    }
}

impl ReminderWay {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Both, Self::Sms, Self::Email];

    /// The name in tables and campaign files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// The one of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }
}

impl ReminderRule {
    /// What a campaign has that says nothing else: the day before, and a week before a later dose, at ten in the morning.
    pub const USUAL: [Self; 2] = [Self::usual(RemindedDoses::Every, 1), Self::usual(RemindedDoses::Later, 7)];

    const fn usual(doses: RemindedDoses, days_before: u16) -> Self {
        Self { doses, days_before, at: Time::constant(10, 0, 0, 0), by: ReminderWay::Both }
    }

    /// What the reminder says.
    pub fn kind(self) -> MessageKind {
        match self.doses {
            RemindedDoses::Every => MessageKind::Reminder,
            RemindedDoses::Later => MessageKind::SecondDoseReminder,
        }
    }

    /// Whether it is about this dose.
    pub fn is_for(self, dose: u8) -> bool {
        self.doses == RemindedDoses::Every || dose > 1
    }

    /// When it goes out for an appointment on `day`. A time that the zone skips comes as much later.
    ///
    /// # Errors
    /// When the calendar has no such day.
    pub fn due_at(self, day: Date, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
        let day = day.checked_sub(i64::from(self.days_before).days())?;
        Ok(day.to_datetime(self.at).to_zoned(zone.clone())?.timestamp())
    }
}

/// A time of day to the minute: `10:00`, or `10:00:00` as TOML writes it.
pub fn time_of_day(text: &str) -> Option<Time> {
    let text = text.strip_suffix(":00").filter(|short| short.len() == 5).unwrap_or(text);
    let is_short = text.len() == 5 && text.as_bytes().get(2) == Some(&b':');
    if is_short { text.parse().ok() } else { None }
}

/// The hours in which nobody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// When they begin, where the site is.
    pub from: Time,
    /// When they end; on the next day when that is not later. Equal to `from` for none.
    pub until: Time,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self { from: Time::constant(21, 0, 0, 0), until: Time::constant(8, 0, 0, 0) }
    }
}

impl QuietHours {
    /// No hour is quiet.
    pub const NONE: Self = Self { from: Time::midnight(), until: Time::midnight() };

    /// When the quiet hours end in which `now` lies; `None` when it lies in none.
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = now.to_zoned(zone.clone()).datetime();
        let (date, time) = (local.date(), local.time());
        let is_over_midnight = self.until < self.from;
        let day = match (time >= self.from, time < self.until) {
            (true, true) => date,
            (true, false) if is_over_midnight => date.tomorrow().ok()?,
            (false, true) if is_over_midnight => date,
            _ => return None,
        };
        let end = day.to_datetime(self.until).to_zoned(zone.clone()).ok()?.timestamp();
        // In an hour that comes twice the end may be in the first.
        (end > now).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn seoul() -> TimeZone {
        TimeZone::get("Asia/Seoul").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_says_when_and_of_which_doses() {
        let [every, later] = ReminderRule::USUAL;
        let day = date(2026, 12, 24);
        assert_eq!(every.due_at(day, &seoul()).unwrap(), at("2026-12-23T10:00:00+09:00"));
        assert_eq!(later.due_at(day, &seoul()).unwrap(), at("2026-12-17T10:00:00+09:00"));
        let same_day = ReminderRule { days_before: 0, at: time(7, 30, 0, 0), ..every };
        assert_eq!(same_day.due_at(day, &seoul()).unwrap(), at("2026-12-24T07:30:00+09:00"));
        assert!(every.is_for(1) && every.is_for(2) && !later.is_for(1) && later.is_for(2));
    }

    #[test]
    fn only_hours_and_minutes_are_a_time_of_day() {
        for right in ["10:00", "10:00:00", "00:00", "00:00:00"] {
            assert_eq!(time_of_day(right), Some(time(right[..2].parse().unwrap(), 0, 0, 0)), "{right}");
        }
        for wrong in ["", "10", "1000", "10:00:30", "25:00", "10:00+09:00", "2026-11-25T10:00:00", "열 시"]
        {
            assert_eq!(time_of_day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_night_is_quiet() {
        let night = QuietHours::default();
        for (now, end) in [
            ("2026-11-30T20:59:59+09:00", None),
            ("2026-11-30T21:00:00+09:00", Some("2026-12-01T08:00:00+09:00")),
            ("2026-12-01T00:00:00+09:00", Some("2026-12-01T08:00:00+09:00")),
            ("2026-12-01T07:59:59+09:00", Some("2026-12-01T08:00:00+09:00")),
            ("2026-12-01T08:00:00+09:00", None),
        ] {
            assert_eq!(night.end(at(now), &seoul()), end.map(at), "{now}");
        }
        let noon = QuietHours { from: time(12, 0, 0, 0), until: time(13, 0, 0, 0) };
        assert_eq!(
            noon.end(at("2026-12-01T12:30:00+09:00"), &seoul()),
            Some(at("2026-12-01T13:00:00+09:00"))
        );
        assert_eq!(noon.end(at("2026-12-01T23:00:00+09:00"), &seoul()), None);
    }

    proptest! {
        #[test]
        fn quiet_hours_end_within_a_day_and_are_then_over(
            now in 1_700_000_000_i64..1_900_000_000,
            (from, until) in (0_i16..1440, 0_i16..1440),
            zone in prop::sample::select(vec!["Asia/Seoul", "Europe/Berlin", "America/New_York"]),
        ) {
            let at = |minute: i16| time((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            let hours = QuietHours { from: at(from), until: at(until) };
            let zone = TimeZone::get(zone).unwrap();
            let now = Timestamp::from_second(now).unwrap();
            if let Some(end) = hours.end(now, &zone) {
                prop_assert!(from != until && end > now);
                prop_assert!(end.as_second() - now.as_second() <= 25 * 3600);
                prop_assert_eq!(hours.end(end, &zone), None);
            }
        }
    }
}
