//! A circuit breaker: a gateway in trouble is left alone for a while, and then tried with one message.

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::{Chance, ChanceExt};

/// So many troubles in a row open it.
const ROW: u32 = 5;

/// Half of this many within [`WINDOW`] open it, too.
const MANY: u32 = 20;
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

/// How long it stays open at first, and at the most, in seconds; it doubles with each trial that fails.
const WAIT_SECONDS: u64 = 5;
const WAIT_MAX_SECONDS: u64 = 60;

/// The longest that a gateway may ask to be left alone.
const REST_MAX_SECONDS: u32 = 3_600;

/// After so long a trial that nobody went to is urgent.
const UNTRIED: SignedDuration = SignedDuration::from_secs(30);

/// Messages that try a gateway once the first has passed.
const TRIAL: usize = 5;

/// How an attempt went, as far as the gateway itself goes: a number that can't be reached is no trouble of its.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answered.
    Well,
    /// It could not be reached, or was busy, or did not answer.
    Trouble,
    /// It does not know us: no message will go before that is mended.
    Refused,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open {
        since: Timestamp,
        until: Timestamp,
    },
    /// So many messages may try it, and as many have passed.
    Trial {
        since: Timestamp,
        most: usize,
        passed: usize,
    },
}

/// One gateway's circuit breaker.
#[derive(Debug, Clone)]
pub struct Breaker {
    state: State,
    in_a_row: u32,
    since: Timestamp,
    all: u32,
    troubles: u32,
    wait_seconds: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed,
            in_a_row: 0,
            since: Timestamp::UNIX_EPOCH,
            all: 0,
            troubles: 0,
            wait_seconds: WAIT_SECONDS,
        }
    }
}

impl Breaker {
    /// How many messages may be on their way now.
    pub fn places(&mut self, now: Timestamp) -> usize {
        if let State::Open { since, until } = self.state {
            // A clock that was set back must not keep it open.
            if (since..until).contains(&now) {
                return 0;
            }
            self.state = State::Trial { since: now, most: 1, passed: 0 };
        }
        match self.state {
            State::Closed => usize::MAX,
            State::Open { .. } => 0,
            State::Trial { most, .. } => most,
        }
    }

    /// Leaves the gateway alone for as long as it asked for, an hour at the most; longer when it is left alone already.
    pub fn rest(&mut self, now: Timestamp, seconds: u32) {
        let asked = now + SignedDuration::from_secs(i64::from(seconds.min(REST_MAX_SECONDS)));
        match self.state {
            State::Open { until, .. } if until >= asked => {}
            _ if seconds == 0 => {}
            _ => self.state = State::Open { since: now, until: asked },
        }
    }

    /// Whether everything goes through.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Whether nobody has tried it for a while since it might be tried: then even a code may.
    pub fn is_untried(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Trial { since, passed: 0, .. } if now.duration_since(since) > UNTRIED)
    }

    /// Whether nothing goes through.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Notes how an attempt went.
    pub fn note(&mut self, now: Timestamp, health: Health, chance: &dyn Chance) {
        if now.duration_since(self.since) > WINDOW || now < self.since {
            (self.since, self.all, self.troubles) = (now, 0, 0);
        }
        self.all += 1;
        if health == Health::Well {
            self.in_a_row = 0;
            self.pass();
            return;
        }
        self.troubles += 1;
        self.in_a_row += 1;
        let is_bad = self.in_a_row >= ROW || (self.all >= MANY && self.troubles * 2 >= self.all);
        match self.state {
            // What was on its way when it opened says nothing new.
            State::Open { .. } => {}
            State::Trial { .. } => self.open(now, chance),
            State::Closed if is_bad || health == Health::Refused => self.open(now, chance),
            State::Closed => {}
        }
    }

    fn pass(&mut self) {
        let State::Trial { since, most, passed } = self.state else { return };
        let passed = passed + 1;
        self.state = match most {
            1 => State::Trial { since, most: TRIAL, passed: 0 },
            _ if passed >= TRIAL => {
                self.wait_seconds = WAIT_SECONDS;
                State::Closed
            }
            _ => State::Trial { since, most, passed },
        };
    }

    /// Opens it for a while: full jitter, so that several nodes do not come back together.
    fn open(&mut self, now: Timestamp, chance: &dyn Chance) {
        let seconds = 1 + chance.below(self.wait_seconds);
        let until = now + SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(1));
        self.state = State::Open { since: now, until };
        self.wait_seconds = (self.wait_seconds * 2).min(WAIT_MAX_SECONDS);
        (self.in_a_row, self.all, self.troubles) = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    fn note(breaker: &mut Breaker, second: i64, health: Health) {
        breaker.note(at(second), health, &SeededChance::new(7));
    }

    #[test]
    fn five_troubles_in_a_row_open_it_and_a_trial_closes_it() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            note(&mut breaker, 0, Health::Trouble);
        }
        assert_eq!(breaker.places(at(0)), usize::MAX);
        note(&mut breaker, 0, Health::Trouble);
        assert_eq!(breaker.places(at(0)), 0);
        assert_eq!(breaker.places(at(6)), 1, "one message tries it");
        note(&mut breaker, 6, Health::Well);
        assert_eq!(breaker.places(at(6)), 5);
        for _ in 0..5 {
            note(&mut breaker, 7, Health::Well);
        }
        assert_eq!(breaker.places(at(7)), usize::MAX);
    }

    #[test]
    fn a_trial_that_fails_opens_it_for_longer() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            note(&mut breaker, 0, Health::Trouble);
        }
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..8 {
            let began = now;
            while breaker.places(at(now)) == 0 {
                now += 1;
            }
            waits.push(now - began);
            note(&mut breaker, now, Health::Trouble);
        }
        assert!(waits.iter().all(|wait| (1..=60).contains(wait)), "{waits:?}");
        assert!(waits.iter().skip(4).sum::<i64>() > waits.iter().take(2).sum(), "{waits:?}");
    }

    #[test]
    fn half_of_many_open_it_and_a_few_don_t() {
        let mut breaker = Breaker::default();
        for index in 0..40 {
            note(&mut breaker, 0, if index % 3 == 0 { Health::Trouble } else { Health::Well });
        }
        assert!(!breaker.is_open());
        let mut breaker = Breaker::default();
        for index in 0..40 {
            note(&mut breaker, 0, if index % 2 == 0 { Health::Trouble } else { Health::Well });
        }
        assert!(breaker.is_open());
    }

    #[test]
    fn who_does_not_know_us_is_left_alone_at_once_and_a_clock_set_back_does_no_harm() {
        let mut breaker = Breaker::default();
        note(&mut breaker, 10_000, Health::Refused);
        assert_eq!(breaker.places(at(10_000)), 0);
        assert_eq!(breaker.places(at(0)), 1);
    }

    #[test]
    fn a_gateway_that_asks_for_rest_gets_it_for_an_hour_at_the_most() {
        let mut breaker = Breaker::default();
        breaker.rest(at(0), 90);
        assert_eq!((breaker.places(at(89)), breaker.places(at(90))), (0, 1));
        assert!(!breaker.is_untried(at(120)) && breaker.is_untried(at(121)), "nobody dared");
        breaker.rest(at(150), 0);
        assert_eq!(breaker.places(at(150)), 1, "no rest was asked for");
        breaker.rest(at(200), u32::MAX);
        breaker.rest(at(201), 1);
        assert_eq!((breaker.places(at(3_799)), breaker.places(at(3_800))), (0, 1));
    }
}
