//! What happened, counted while it happens.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use hdrhistogram::Histogram;
use hyper::StatusCode;
use serde::Serialize;

/// The longest latency that is told apart, in microseconds: longer than a browser waits.
const LONGEST: u64 = 120_000_000;

macro_rules! kinds {
    ($($kind:ident = $name:literal),+ $(,)?) => {
        /// A kind of request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $(#[doc = $name] $kind),+ }

        impl Kind {
            /// Every one, in the order of a journey.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// What it is called in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }
    };
}

kinds! {
    Door = "GET /door",
    Knock = "POST /door",
    Wait = "GET /wait",
    WaitSame = "GET /wait (304)",
    SignIn = "GET /sign-in",
    SendCode = "POST /sign-in",
    Code = "GET /sign-in/code",
    TryCode = "POST /sign-in/code",
    Who = "GET /book/who",
    Person = "GET /people/new",
    AddPerson = "POST /people/new",
    Place = "GET /book/where",
    Time = "GET /book/when",
    Hold = "POST /book/hold",
    Held = "GET /hold",
    Confirm = "POST /hold/confirm",
    Done = "GET /done",
    Attack = "attackers",
    Other = "other",
}

impl Kind {
    /// The kind of a request and its answer.
    pub fn of(is_post: bool, path: &str, status: StatusCode) -> Self {
        let (first, last) = ends_of(path);
        match (is_post, first, last) {
            (false, "wait", _) if status == StatusCode::NOT_MODIFIED => Self::WaitSame,
            (false, "wait", _) => Self::Wait,
            (false, "door", _) => Self::Door,
            (true, "door", _) => Self::Knock,
            (false, "sign-in", "") => Self::SignIn,
            (true, "sign-in", "" | "again") => Self::SendCode,
            (false, "sign-in", "code") => Self::Code,
            (true, "sign-in", "code") => Self::TryCode,
            (false, "book", "who") => Self::Who,
            (false, "people", "new") => Self::Person,
            (true, "people", "new") => Self::AddPerson,
            (false, "book", "where") => Self::Place,
            (false, "book", "when") => Self::Time,
            (true, "book", "hold") => Self::Hold,
            (false, "hold", _) => Self::Held,
            (true, "hold", "confirm") => Self::Confirm,
            (false, "done", _) => Self::Done,
            _ => Self::Other,
        }
    }
}

/// The first and the last part of a path; the last is empty when there is only one.
pub fn ends_of(path: &str) -> (&str, &str) {
    let path = path.split('?').next().unwrap_or_default();
    let mut parts = path.trim_start_matches('/').split('/');
    (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default())
}

/// What was counted of a kind of request.
#[derive(Debug, Clone)]
pub struct KindTally {
    /// Answers.
    pub answers: u64,
    /// Bytes of requests and answers.
    pub bytes: u64,
    /// Answers that the server was too busy (503).
    pub busy: u64,
    /// Answers that something is broken (other 5xx).
    pub broken: u64,
    /// From the moment at which it was to be sent until the answer was there, in microseconds.
    pub latency: Histogram<u64>,
}

/// What happens to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A device came to the door.
    Arrived,
    /// It was told to wait.
    Waits,
    /// It saw that its turn has come.
    TurnCame,
    /// It was let in.
    Entered,
    /// Somebody confirmed a seat.
    Booked,
    /// A request was answered.
    Answered,
}

/// What happened in a second.
#[derive(Debug, Default, Clone, Copy)]
pub struct Second(pub [u32; 6]);

impl Second {
    /// How often an event happened.
    pub fn count(&self, event: Event) -> u32 {
        self.0[event as usize]
    }
}

/// All that was counted.
#[derive(Debug)]
pub struct Tally {
    kinds: Vec<KindTally>,
    /// Seconds since the start.
    pub seconds: Vec<Second>,
    /// Requests that were never answered.
    pub unanswered: u64,
    /// Why journeys ended without a seat, and how often.
    pub given_up: BTreeMap<String, u64>,
    /// What those tried who wanted to get in without their turn.
    pub attacks: BTreeMap<&'static str, Attack>,
    /// The references of bookings that a page called confirmed.
    pub confirmed: HashSet<String>,
}

/// How often something was tried to get in without one's turn.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attack {
    /// Requests.
    pub tried: u64,
    /// Those of them that reached a booking page.
    pub got_in: u64,
}

impl Default for Tally {
    fn default() -> Self {
        let latency = Histogram::new_with_bounds(1, LONGEST, 3);
        // These bounds make one; the other is a histogram that grows as it needs.
        let latency = latency.or_else(|_| Histogram::new(3)).ok();
        let none = latency.map(|latency| KindTally { answers: 0, bytes: 0, busy: 0, broken: 0, latency });
        Self {
            kinds: none.map(|none| vec![none; Kind::ALL.len()]).unwrap_or_default(),
            seconds: Vec::new(),
            unanswered: 0,
            given_up: BTreeMap::new(),
            attacks: BTreeMap::new(),
            confirmed: HashSet::new(),
        }
    }
}

impl Tally {
    /// Counts an answer.
    pub fn answered(&mut self, kind: Kind, status: StatusCode, bytes: u64, took: Duration) {
        let Some(tally) = self.kinds.get_mut(kind as usize) else { return };
        tally.answers += 1;
        tally.bytes += bytes;
        tally.busy += u64::from(status == StatusCode::SERVICE_UNAVAILABLE);
        tally.broken += u64::from(status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE);
        tally.latency.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST).min(LONGEST));
    }

    /// Counts what happened so many milliseconds after the start.
    pub fn happened(&mut self, event: Event, at: u32) {
        let second = (at / 1_000) as usize;
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, Second::default());
        }
        self.seconds[second].0[event as usize] += 1;
    }

    /// Notes why a journey ended without a seat.
    pub fn gave_up(&mut self, why: &str) {
        *self.given_up.entry(why.to_owned()).or_default() += 1;
    }

    /// Counts a try to get in without one's turn.
    pub fn tried(&mut self, trick: &'static str, got_in: bool) {
        let attack = self.attacks.entry(trick).or_default();
        attack.tried += 1;
        attack.got_in += u64::from(got_in);
    }

    /// How often an event happened in all.
    pub fn total(&self, event: Event) -> u64 {
        self.seconds.iter().map(|second| u64::from(second.count(event))).sum()
    }

    /// The kinds that were asked for.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, &KindTally)> {
        Kind::ALL.iter().copied().zip(&self.kinds).filter(|(_, tally)| tally.answers > 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_by_its_address() {
        for (is_post, path, kind) in [
            (false, "/door/flu?next=%2Fbook", Kind::Door),
            (true, "/door/flu", Kind::Knock),
            (false, "/wait/flu/12/ko", Kind::Wait),
            (false, "/sign-in?next=1", Kind::SignIn),
            (true, "/sign-in/code?next=1", Kind::TryCode),
            (false, "/book/flu/who", Kind::Who),
            (false, "/book/flu/AB12/when?p=1", Kind::Time),
            (true, "/book/flu/AB12/hold?p=1", Kind::Hold),
            (false, "/hold/token", Kind::Held),
            (true, "/hold/token/confirm", Kind::Confirm),
            (false, "/done/token", Kind::Done),
            (false, "/", Kind::Other),
        ] {
            assert_eq!(Kind::of(is_post, path, StatusCode::OK), kind, "{path}");
        }
        assert_eq!(Kind::of(false, "/wait/flu/12/ko", StatusCode::NOT_MODIFIED), Kind::WaitSame);
    }

    #[test]
    fn what_happens_is_counted_by_second_and_kind() {
        let mut tally = Tally::default();
        tally.happened(Event::Booked, 2_999);
        tally.happened(Event::Booked, 500);
        assert_eq!((tally.total(Event::Booked), tally.seconds[2].count(Event::Booked)), (2, 1));
        tally.answered(Kind::Door, StatusCode::OK, 10, Duration::from_millis(3));
        tally.answered(Kind::Door, StatusCode::SERVICE_UNAVAILABLE, 10, Duration::from_secs(900));
        let (kind, door) = tally.kinds().next().unwrap();
        assert_eq!((kind, door.answers, door.bytes, door.busy, door.broken), (Kind::Door, 2, 20, 1, 0));
        assert!(door.latency.max() >= LONGEST, "an answer that took too long still counts");
    }
}
