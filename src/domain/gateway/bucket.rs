//! A token bucket: so many messages a second, and a little at once. A quarter of it is for codes alone.

use std::time::Duration;

use jiff::Timestamp;

/// One in so many tokens is kept for codes, and one at least.
const CODES_SHARE: f64 = 4.0;

/// How much is left of the rate when the gateway says that it is too much, and at least.
const SLOWER: f64 = 0.7;
const SLOWEST: f64 = 0.05;

/// How much of the rate comes back each second.
const RECOVERY: f64 = 0.05;

/// One gateway's rate.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Messages a second; `None` when there is no limit.
    rate: Option<f64>,
    tokens: f64,
    /// The share of the rate that it bears now.
    share: f64,
    seen: Timestamp,
}

/// How many messages may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// When they are codes.
    pub codes: usize,
    /// When there are others among them.
    pub others: usize,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Option<u32>, now: Timestamp) -> Self {
        let rate = rate.map(f64::from);
        Self { rate, tokens: rate.map_or(0.0, size), share: 1.0, seen: now }
    }

    /// How many may go now.
    pub fn look(&mut self, now: Timestamp) -> Tokens {
        // A clock that is set back fills nothing, and counts on from there.
        let seconds = now.duration_since(self.seen).as_secs_f64().max(0.0);
        self.seen = now;
        self.share = (self.share + RECOVERY * seconds).min(1.0);
        let Some(rate) = self.rate else {
            return Tokens { codes: usize::MAX, others: usize::MAX };
        };
        self.tokens = (self.tokens + rate * self.share * seconds).min(size(rate));
        let reserve = (size(rate) / CODES_SHARE).max(1.0);
        Tokens { codes: whole(self.tokens), others: whole(self.tokens - reserve) }
    }

    /// How long it is until another may go, whatever it is; nothing when one may go now.
    pub fn wait(&self) -> Option<Duration> {
        let rate = self.rate?;
        let lacking = (size(rate) / CODES_SHARE).max(1.0) + 1.0 - self.tokens;
        (lacking > 0.0).then(|| Duration::from_secs_f64(lacking / (rate * self.share)))
    }

    /// Takes tokens for messages that go.
    pub fn take(&mut self, messages: usize) {
        self.tokens -= f64::from(u32::try_from(messages).unwrap_or(u32::MAX));
    }

    /// The gateway said that it gets too much.
    pub fn slow_down(&mut self) {
        self.share = (self.share * SLOWER).max(SLOWEST);
    }
}

/// What a bucket holds: a quarter of a second's messages, and two at least: one for a code.
fn size(rate: f64) -> f64 {
    (rate / 4.0).max(2.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is not negative, and small")]
fn whole(tokens: f64) -> usize {
    tokens.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn no_more_go_than_the_rate_and_codes_find_a_reserve() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::new(Some(100), now);
        assert_eq!(bucket.look(now), Tokens { codes: 25, others: 18 });
        let mut sent = 0;
        for _ in 0..100 {
            let Tokens { others, .. } = bucket.look(now);
            bucket.take(others);
            sent += others;
            now += SignedDuration::from_millis(100);
        }
        assert!((1_000..=1_020).contains(&sent), "{sent} in ten seconds");
        assert!(bucket.look(now).codes >= 6, "the reserve is there in the middle of a flood");
    }

    #[test]
    fn a_gateway_of_one_a_second_carries_everything() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::new(Some(1), now);
        for _ in 0..5 {
            assert_eq!(bucket.look(now), Tokens { codes: 2, others: 1 });
            bucket.take(1);
            assert_eq!(bucket.look(now), Tokens { codes: 1, others: 0 }, "one is kept for a code");
            assert_eq!(bucket.wait(), Some(Duration::from_secs(1)));
            now += SignedDuration::from_secs(1);
        }
    }

    #[test]
    fn too_much_slows_it_for_a_while() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut bucket = Bucket::new(Some(100), now);
        for _ in 0..10 {
            bucket.slow_down();
        }
        bucket.take(25);
        now += SignedDuration::from_secs(1);
        assert!(bucket.look(now).codes <= 10, "a tenth, and five hundredths that came back");
        now += SignedDuration::from_secs(30);
        assert_eq!(bucket.look(now).codes, 25);
        let unlimited = Bucket::new(None, now).look(now - SignedDuration::from_hours(1));
        assert_eq!(unlimited, Tokens { codes: usize::MAX, others: usize::MAX });
    }
}
