//! How long booking steps take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Classes of latency: each begins at twice as many microseconds as the one before, the last at more than an hour.
const CLASSES: usize = 33;

/// Counts latencies until they are asked for.
#[derive(Debug)]
pub(super) struct Latencies([AtomicU64; CLASSES]);

impl Default for Latencies {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; CLASSES])
    }
}

impl Latencies {
    pub(super) fn note(&self, took: Duration) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let class = usize::try_from(microseconds.ilog2()).unwrap_or(CLASSES).min(CLASSES - 1);
        if let Some(count) = self.0.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What nineteen of twenty stayed under since this was asked last, to a factor of two on the slow side; `None` when
    /// there was nothing.
    pub(super) fn take_p95(&self) -> Option<Duration> {
        let counts: Vec<u64> = self.0.iter().map(|count| count.swap(0, Ordering::Relaxed)).collect();
        let all: u64 = counts.iter().sum();
        let most = all - all / 20;
        let mut seen = 0;
        let class = counts.iter().position(|count| {
            seen += count;
            all > 0 && seen >= most
        })?;
        Some(Duration::from_micros(2 << class))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_twentieth_is_left_out() {
        let latencies = Latencies::default();
        assert_eq!(latencies.take_p95(), None);
        for _ in 0..95 {
            latencies.note(Duration::from_millis(3));
        }
        for _ in 0..5 {
            latencies.note(Duration::from_secs(9));
        }
        let p95 = latencies.take_p95().unwrap();
        assert!(p95 >= Duration::from_millis(3) && p95 <= Duration::from_millis(6), "{p95:?}");
        assert_eq!(latencies.take_p95(), None, "each counts once");
    }

    #[test]
    fn any_latency_has_a_class() {
        let latencies = Latencies::default();
        for took in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            latencies.note(took);
        }
        assert!(latencies.take_p95().unwrap() >= Duration::from_secs(3600));
    }
}
