//! When a site is open, week by week, in its own local time.

use std::fmt;

use jiff::civil::{Time, Weekday};

pub use super::span::Span;
use super::span::SpanError;
use super::text::{fold_width, is_hyphen};

/// What each day may be called, Monday first; the first name is the one written.
const DAY_NAMES: [[&str; 4]; 7] = [
    ["Mon", "Monday", "월", "월요일"],
    ["Tue", "Tuesday", "화", "화요일"],
    ["Wed", "Wednesday", "수", "수요일"],
    ["Thu", "Thursday", "목", "목요일"],
    ["Fri", "Friday", "금", "금요일"],
    ["Sat", "Saturday", "토", "토요일"],
    ["Sun", "Sunday", "일", "일요일"],
];

/// What a day or a week without hours may be called; the first is the one written.
const CLOSED: [&str; 2] = ["closed", "휴무"];

/// The opening spans of each weekday, in order and without overlap. By default a site is never open.
///
/// `Display` writes a short English form that [`parse`](Self::parse) reads back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct WeeklyHours([Vec<Span>; 7]);

/// Why a text is not opening hours. Each names the piece of text at fault and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeeklyHoursError {
    /// Nothing was written.
    #[error("the opening hours are missing; write \"Mon-Fri 09:00-18:00; Sat 09:00-13:00\", or \"closed\"")]
    Empty,
    /// A word where a day was looked for.
    #[error("\"{found}\" is not a day; write Mon to Sun or 월 to 일, like \"Mon-Fri\" or \"월,수-금\"")]
    UnknownDay {
        /// The word.
        found: String,
    },
    /// Days without hours.
    #[error("\"{found}\" has no hours; write \"Sat 09:00-13:00\", or \"Sat closed\"")]
    HoursMissing {
        /// The days.
        found: String,
    },
    /// A word where a span of time was looked for.
    #[error("\"{found}\" is not a span of time; write two times from 00:00 to 23:59, like 09:00-12:00")]
    NotASpan {
        /// The word.
        found: String,
    },
    /// A span that ends no later than it begins.
    #[error("\"{found}\" ends before it begins; write the earlier time first, at most up to 23:59")]
    EndsTooEarly {
        /// The span.
        found: String,
    },
    /// Two spans of one day share some time.
    #[error("on {day} {first} and {second} overlap; write spans of one day that don't")]
    Overlap {
        /// The day, as `Mon`.
        day: &'static str,
        /// The earlier span.
        first: Span,
        /// The later span.
        second: Span,
    },
}

impl WeeklyHours {
    /// Reads hours like `Mon-Fri 09:00-12:00 13:00-18:00; Sat 09:00-13:00` or `월-금 09:00-18:00; 토 09:00-13:00`.
    ///
    /// A semicolon or a line end parts the clauses, commas or blanks part days and spans, and a day may come in several
    /// clauses. `closed` alone is a week without hours, days that are not named are closed, and in
    /// `Mon-Fri 09:00-18:00; Wed closed` Wednesday is: a closed day wins, wherever it stands.
    pub fn parse(text: &str) -> Result<Self, WeeklyHoursError> {
        let plain = plain_text(text);
        let mut clauses =
            plain.split([';', '\n']).map(str::trim).filter(|clause| !clause.is_empty()).peekable();
        if clauses.peek().is_none() {
            return Err(WeeklyHoursError::Empty);
        }
        let mut hours = Self::default();
        if is_closed(plain.trim()) {
            return Ok(hours);
        }
        let mut closed_days = Vec::new();
        for clause in clauses {
            closed_days.extend(hours.add_clause(clause)?);
        }
        for (day, open) in hours.0.iter_mut().enumerate() {
            if closed_days.contains(&day) {
                open.clear();
            }
        }
        hours.sort_and_check()?;
        Ok(hours)
    }

    /// The opening spans of a day, earliest first; none if the site is closed.
    pub fn spans_on(&self, weekday: Weekday) -> &[Span] {
        let day = usize::try_from(weekday.to_monday_zero_offset()).ok();
        day.and_then(|day| self.0.get(day)).map_or(&[], Vec::as_slice)
    }

    /// When slots of `step_minutes` begin on a day: one after the other from the start of each span, as many as fit
    /// wholly. None if `step_minutes` is 0.
    pub fn starts_on(&self, weekday: Weekday, step_minutes: u16) -> Vec<Time> {
        let spans = self.spans_on(weekday).iter();
        spans.flat_map(|span| span.starts(step_minutes)).collect()
    }

    /// Adds the spans of a clause, or gives back its days if it says they are closed.
    fn add_clause(&mut self, clause: &str) -> Result<Vec<usize>, WeeklyHoursError> {
        let words: Vec<&str> = clause.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let is_hours = |word: &&str| word.starts_with(|sign: char| sign.is_ascii_digit()) || is_closed(word);
        let (days, spans) = words.split_at(words.iter().position(is_hours).unwrap_or(words.len()));
        if days.is_empty() {
            let found = words.first().copied().unwrap_or(clause).to_owned();
            return Err(WeeklyHoursError::UnknownDay { found });
        }
        let days = days.iter().map(|word| days_in(word)).collect::<Result<Vec<_>, _>>()?.concat();
        let spans = match spans {
            [] => {
                return Err(WeeklyHoursError::HoursMissing { found: clause.to_owned() });
            }
            [word] if is_closed(word) => return Ok(days),
            _ => spans.iter().map(|word| Self::span_in(word)).collect::<Result<Vec<_>, _>>()?,
        };
        for day in days {
            if let Some(open) = self.0.get_mut(day) {
                open.extend(&spans);
            }
        }
        Ok(Vec::new())
    }

    fn span_in(word: &str) -> Result<Span, WeeklyHoursError> {
        let found = || word.to_owned();
        Span::parse(word).map_err(|fault| match fault {
            SpanError::NotASpan => WeeklyHoursError::NotASpan { found: found() },
            SpanError::EndsTooEarly => WeeklyHoursError::EndsTooEarly { found: found() },
        })
    }

    fn sort_and_check(&mut self) -> Result<(), WeeklyHoursError> {
        for (open, [day, ..]) in self.0.iter_mut().zip(DAY_NAMES) {
            open.sort_by_key(|span| span.from);
            if let Some(&[first, second]) = open.windows(2).find(|pair| pair[1].from < pair[0].to) {
                return Err(WeeklyHoursError::Overlap { day, first, second });
            }
        }
        Ok(())
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parting = "";
        let mut day = 0;
        // Neighbouring days with the same hours share a clause.
        for alike in self.0.chunk_by(|one, next| one == next) {
            let (first, last) = (day, day + alike.len() - 1);
            day += alike.len();
            let Some(open) = alike.first().filter(|open| !open.is_empty()) else {
                continue;
            };
            write!(f, "{parting}{}", DAY_NAMES[first][0])?;
            if last > first {
                write!(f, "-{}", DAY_NAMES[last][0])?;
            }
            for span in open {
                write!(f, " {span}")?;
            }
            parting = "; ";
        }
        if parting.is_empty() { f.write_str(CLOSED[0]) } else { Ok(()) }
    }
}

/// Plain width, plain hyphens (a wave dash counts as one), no blanks around them.
fn plain_text(text: &str) -> String {
    let folded = fold_width(text);
    let hyphened = folded.replace(|sign| is_hyphen(sign) || matches!(sign, '~' | '\u{301C}'), "-");
    let mut plain = String::with_capacity(hyphened.len());
    for sign in hyphened.chars().map(|sign| if sign == '\t' { ' ' } else { sign }) {
        match sign {
            ' ' if plain.ends_with('-') => {}
            '-' => {
                plain.truncate(plain.trim_end_matches(' ').len());
                plain.push(sign);
            }
            _ => plain.push(sign),
        }
    }
    plain
}

fn is_closed(word: &str) -> bool {
    CLOSED.iter().any(|closed| closed.eq_ignore_ascii_case(word))
}

/// The days in `Mon` or `Mon-Fri`, counted from Monday as 0. `Sat-Mon` goes round the end of the week.
fn days_in(word: &str) -> Result<Vec<usize>, WeeklyHoursError> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (day_named(first)?, day_named(last)?);
    let count = (last + 7 - first) % 7;
    Ok((first..=first + count).map(|day| day % 7).collect())
}

fn day_named(word: &str) -> Result<usize, WeeklyHoursError> {
    let is_called = |names: &[&str; 4]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let unknown = || WeeklyHoursError::UnknownDay { found: word.to_owned() };
    DAY_NAMES.iter().position(is_called).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;

    use super::*;

    fn hours(text: &str) -> WeeklyHours {
        WeeklyHours::parse(text).unwrap()
    }

    #[test]
    fn a_clinic_writes_its_week_in_either_language() {
        let english = hours("Mon-Fri 09:00-12:00 13:00-18:00; Sat 09:00-13:00");
        for text in [
            "월-금 09:00-12:00 13:00-18:00; 토 09:00-13:00",
            "월~금 9:00~12:00, 13:00~18:00\n토 9:00~13:00; 일 휴무",
            "월요일 – 금요일 09:00 – 12:00 13:00 - 18:00;토요일 09:00-13:00;",
            "MON,tue, Wed-Friday 13:00-18:00 09:00-12:00; sat 09:00-13:00; sun closed",
            "Mon-Fri 09:00-12:00; Mon-Fri 13:00-18:00; Sat 09:00-13:00",
            "월－금　０９：００－１２：００　１３：００－１８：００；토 09:00-13:00",
        ] {
            assert_eq!(WeeklyHours::parse(text).as_ref(), Ok(&english), "{text}");
        }
        assert_eq!(english.to_string(), "Mon-Fri 09:00-12:00 13:00-18:00; Sat 09:00-13:00");
        assert_eq!(english.spans_on(Weekday::Sunday), []);
        let saturday = Span { from: time(9, 0, 0, 0), to: time(13, 0, 0, 0) };
        assert_eq!(english.spans_on(Weekday::Saturday), [saturday]);
    }

    #[test]
    fn days_may_go_round_the_end_of_the_week_and_a_week_may_be_closed() {
        assert_eq!(hours("Sat-Mon 10:00-11:00").to_string(), "Mon 10:00-11:00; Sat-Sun 10:00-11:00");
        assert_eq!(hours("closed"), WeeklyHours::default());
        assert_eq!(hours("Tue closed; Mon-Wed 9:00-10:00").to_string(), "Mon 09:00-10:00; Wed 09:00-10:00");
        assert_eq!(hours("휴무").to_string(), "closed");
    }

    #[test]
    fn an_error_names_the_piece_at_fault() {
        for (text, piece) in [
            (" ; ", "missing"),
            ("09:00-12:00", "\"09:00-12:00\" is not a day"),
            ("Mon-Fry 09:00-12:00", "\"Fry\" is not a day"),
            ("Mon 09:00-12:00; Tue", "\"Tue\" has no hours"),
            ("Mon 09:00", "\"09:00\" is not a span"),
            ("Mon 09:00-24:00", "\"09:00-24:00\" is not a span"),
            ("Mon 9-12", "\"9-12\" is not a span"),
            ("Mon 09:00-12:00 closed", "\"closed\" is not a span"),
            ("Mon 12:00-09:00", "\"12:00-09:00\" ends before"),
            ("Mon 09:00-09:00", "\"09:00-09:00\" ends before"),
            ("Mon-Tue 09:00-12:00; Tue 11:59-13:00", "on Tue 09:00-12:00 and 11:59-13:00 overlap"),
        ] {
            let error = WeeklyHours::parse(text).unwrap_err().to_string();
            assert!(error.contains(piece), "{text}: {error}");
        }
    }

    #[test]
    fn slots_begin_where_they_fit_wholly() {
        let week = hours("Mon 09:00-10:00 13:00-13:50; Tue 23:30-23:59");
        let starts = |day, step| -> Vec<String> {
            week.starts_on(day, step).iter().map(|start| start.strftime("%H:%M").to_string()).collect()
        };
        assert_eq!(starts(Weekday::Monday, 20), ["09:00", "09:20", "09:40", "13:00", "13:20"]);
        assert_eq!(starts(Weekday::Monday, 60), ["09:00"]);
        assert_eq!(starts(Weekday::Tuesday, 29), ["23:30"]);
        assert!(starts(Weekday::Tuesday, 30).is_empty());
        assert!(starts(Weekday::Monday, 0).is_empty());
    }

    /// Distinct minutes in order, taken two by two, are spans that don't overlap.
    fn week() -> impl Strategy<Value = WeeklyHours> {
        let day = prop::collection::btree_set(0..24 * 60_i32, 0..5).prop_map(|minutes| {
            let times: Vec<Time> = minutes
                .into_iter()
                .map(|minute| time((minute / 60) as i8, (minute % 60) as i8, 0, 0))
                .collect();
            times.chunks_exact(2).map(|pair| Span { from: pair[0], to: pair[1] }).collect::<Vec<_>>()
        });
        let days = prop::collection::vec(day, 3);
        // Few different days, so that neighbours are often alike.
        (days, prop::array::uniform7(0..3_usize))
            .prop_map(|(days, picks)| WeeklyHours(picks.map(|at| days[at].clone())))
    }

    proptest! {
        #[test]
        fn written_hours_are_read_back(week in week()) {
            prop_assert_eq!(WeeklyHours::parse(&week.to_string()), Ok(week));
        }

        #[test]
        fn anything_typed_is_answered(text in "\\PC*|[MonTue월화 0-9:;,~-]{0,40}") {
            if let Ok(hours) = WeeklyHours::parse(&text) {
                prop_assert_eq!(WeeklyHours::parse(&hours.to_string()), Ok(hours));
            }
        }
    }
}
