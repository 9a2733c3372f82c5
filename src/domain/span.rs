//! A stretch of time on one day during which a site is open.

use std::fmt;

use jiff::civil::Time;

/// A time a site is open without a break, on one day, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Opening time.
    pub from: Time,
    /// Closing time, later than `from` and at most 23:59.
    pub to: Time,
}

/// Why a word is not a span; the caller knows where the word stands and tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanError {
    /// Not two times with a hyphen between.
    NotASpan,
    /// The end is not after the beginning.
    EndsTooEarly,
}

impl Span {
    /// Reads `09:00-12:00` or `9:00-12:00`.
    pub(crate) fn parse(word: &str) -> Result<Self, SpanError> {
        let times = word.split_once('-').and_then(|(from, to)| time_in(from).zip(time_in(to)));
        let (from, to) = times.ok_or(SpanError::NotASpan)?;
        if from >= to {
            return Err(SpanError::EndsTooEarly);
        }
        Ok(Self { from, to })
    }

    /// When slots of `step_minutes` begin, one after the other, as many as fit wholly; none if `step_minutes` is 0.
    pub fn starts(&self, step_minutes: u16) -> Vec<Time> {
        let step = u32::from(step_minutes);
        let (from, to) = (minutes_of(self.from), minutes_of(self.to));
        let count = to.saturating_sub(from).checked_div(step).unwrap_or(0);
        (0..count).filter_map(|nth| time_at(from + nth * step)).collect()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), to.hour(), to.minute())
    }
}

/// The time in `9:00` or `09:00`.
fn time_in(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    let plain = |digits: &str| digits.bytes().all(|sign| sign.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !plain(hour) || !plain(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn minutes_of(time: Time) -> u32 {
    u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs())
}

fn time_at(minutes: u32) -> Option<Time> {
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    Time::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_span_is_two_times_in_order() {
        assert_eq!(Span::parse("9:00-12:05").map(|span| span.to_string()).as_deref(), Ok("09:00-12:05"));
        for word in ["", "-", "9-12", "09:00", "09:00-24:00", "09:60-10:00", "+9:00-10:00", "009:00-10:00"] {
            assert_eq!(Span::parse(word), Err(SpanError::NotASpan), "{word}");
        }
        for word in ["12:00-09:00", "09:00-09:00"] {
            assert_eq!(Span::parse(word), Err(SpanError::EndsTooEarly), "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_written_span_is_read_back(from in 0..1439_u32, length in 1..1440_u32) {
            let to = (from + length).min(1439);
            let span = Span { from: time_at(from).unwrap(), to: time_at(to).unwrap() };
            prop_assert_eq!(Span::parse(&span.to_string()), Ok(span));
        }

        #[test]
        fn slots_fill_a_span_and_leave_less_than_one_over(from in 0..1439_u32, length in 1..1440_u32, step in 1..300_u16) {
            let to = (from + length).min(1439);
            let span = Span { from: time_at(from).unwrap(), to: time_at(to).unwrap() };
            let starts: Vec<u32> = span.starts(step).into_iter().map(minutes_of).collect();
            let step = u32::from(step);
            prop_assert!(starts.iter().enumerate().all(|(nth, start)| *start == from + nth as u32 * step));
            let end = from + starts.len() as u32 * step;
            prop_assert!(end <= to && to - end < step);
        }
    }
}
