//! How much of the messages a gateway gets beside others: as configured at first, less while it errs or is slow, and slowly as
//! much again.

use jiff::{SignedDuration, Timestamp};

use crate::domain::clock::{Chance, ChanceExt};

/// How often it is looked at, and how many attempts a look needs.
const LOOK: SignedDuration = SignedDuration::from_secs(10);
const ENOUGH: usize = 50;

/// A share of errors, and so much longer than usual, cost weight.
const ERRORS: f64 = 0.05;
const SLOWER: f64 = 1.15;

/// What a bad look costs, what is always left, and what comes back in a minute.
const LOSS: f64 = 10.0;
const LEAST: f64 = 5.0;
const RETURN: f64 = 2.0;

/// How much of a look goes into what is usual.
const SHARE: f64 = 0.1;

/// One gateway's weight.
#[derive(Debug, Clone)]
pub struct Weight {
    configured: f64,
    lost: f64,
    since: Timestamp,
    errors: usize,
    seconds: Vec<f64>,
    usual: Option<f64>,
}

impl Weight {
    /// As configured; 0 for a gateway that only takes over when those before it can't carry.
    pub fn new(configured: u32, now: Timestamp) -> Self {
        let configured = f64::from(configured);
        Self { configured, lost: 0.0, since: now, errors: 0, seconds: Vec::new(), usual: None }
    }

    /// What it is now.
    pub fn now(&self) -> f64 {
        (self.configured - self.lost).max(LEAST.min(self.configured))
    }

    /// What it has lost.
    pub fn lost(&self) -> f64 {
        self.configured - self.now()
    }

    /// Notes an attempt: how long it took, and whether the gateway was in trouble.
    pub fn note(&mut self, now: Timestamp, seconds: f64, in_trouble: bool) {
        self.seconds.push(seconds);
        self.errors += usize::from(in_trouble);
        let passed = now.duration_since(self.since);
        if passed.is_negative() {
            self.since = now;
        }
        if passed < LOOK {
            return;
        }
        self.lost = (self.lost - RETURN * passed.as_secs_f64() / 60.0).max(0.0);
        if self.seconds.len() >= ENOUGH {
            self.look();
        }
        (self.since, self.errors) = (now, 0);
        self.seconds.clear();
    }

    fn look(&mut self) {
        let middle = self.seconds.len() / 2;
        let (_, median, _) = self.seconds.select_nth_unstable_by(middle, f64::total_cmp);
        let (median, all) = (*median, f64::from(u32::try_from(self.seconds.len()).unwrap_or(u32::MAX)));
        let errors = f64::from(u32::try_from(self.errors).unwrap_or(u32::MAX)) / all;
        let usual = *self.usual.get_or_insert(median);
        if errors >= ERRORS || median >= usual * SLOWER {
            self.lost = (self.lost + LOSS).min(self.configured);
        }
        self.usual = Some(usual * (1.0 - SHARE) + median * SHARE);
    }
}

/// Chooses one of several by their weights; the first when none has any.
pub fn choose(weights: &[f64], chance: &dyn Chance) -> Option<usize> {
    const STEPS: u32 = 1 << 20;
    let total: f64 = weights.iter().sum();
    let drawn = f64::from(u32::try_from(chance.below(u64::from(STEPS))).unwrap_or(0)) / f64::from(STEPS);
    let mut left = drawn * total;
    let chosen = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    chosen.or((!weights.is_empty()).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    /// Ten seconds of a gateway's work, and the moment after them.
    fn work(weight: &mut Weight, from: Timestamp, seconds: f64, errors: usize) -> Timestamp {
        let mut now = from;
        for index in 0..100 {
            now += SignedDuration::from_millis(101);
            weight.note(now, seconds, index < errors);
        }
        now
    }

    #[test]
    fn errors_and_slowness_cost_and_time_heals() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut weight = Weight::new(100, now);
        now = work(&mut weight, now, 0.1, 0);
        assert!((weight.now() - 100.0).abs() < 0.01);
        now = work(&mut weight, now, 0.1, 10);
        assert!((weight.now() - 90.0).abs() < 1.0, "{}", weight.now());
        now = work(&mut weight, now, 0.2, 0);
        assert!((weight.now() - 80.0).abs() < 1.0, "{}", weight.now());
        for _ in 0..20 {
            now = work(&mut weight, now, 0.1, 50);
        }
        assert!((weight.now() - 5.0).abs() < 2.0, "something is left: {}", weight.now());
        for _ in 0..(60 * 60 / 10) {
            now = work(&mut weight, now, 0.1, 0);
        }
        assert!((weight.now() - 100.0).abs() < 0.01, "it drifts back: {}", weight.now());
    }

    #[test]
    fn a_spare_has_no_weight() {
        let mut weight = Weight::new(0, Timestamp::UNIX_EPOCH);
        work(&mut weight, Timestamp::UNIX_EPOCH, 0.1, 100);
        assert!(weight.now().abs() < f64::EPSILON);
    }

    #[test]
    fn shares_follow_weights() {
        let chance = SeededChance::new(3);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[choose(&[75.0, 0.0, 25.0], &chance).unwrap()] += 1;
        }
        assert!((7_300..7_700).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        assert_eq!((choose(&[], &chance), choose(&[0.0, 0.0], &chance)), (None, Some(0)));
    }
}
