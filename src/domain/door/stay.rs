//! How long sessions last, found out from how many are alive and how many end (Little's law).

/// For how many seconds the past counts: after this time it counts a third.
const MEMORY_SECONDS: f64 = 300.0;

/// The share of one second in the averages.
const SHARE: f64 = 1.0 / MEMORY_SECONDS;

/// How long people are thought to need before anybody has shown it: to find a site and a time, and to confirm.
const USUAL_SECONDS: f64 = 240.0;

/// Sessions are never thought shorter or longer than this, in seconds: the longest is that of somebody who does nothing.
const LIMITS: (f64, f64) = (30.0, 1_200.0);

/// So few sessions that end in a second say nothing; beside them the usual time counts.
const FAINT: f64 = 0.01;

/// How many sessions were alive and how many ended in a second, as exponentially weighted moving averages of both.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    alive: f64,
    ended: f64,
    /// How many were alive a second ago.
    before: Option<u32>,
}

impl Stay {
    /// Begins as if so many sessions had been alive for the usual time.
    pub fn new(sessions: u32) -> Self {
        let alive = f64::from(sessions);
        Self { alive, ended: alive / USUAL_SECONDS, before: None }
    }

    /// Looks how many sessions are alive in a second that counts no further: nobody was let in.
    pub fn look(&mut self, alive: u32) {
        self.before = Some(alive);
    }

    /// Takes in a second: how many sessions are alive, and how many of them are new.
    pub fn note(&mut self, alive: u32, came: u32) {
        let before = self.before.replace(alive).unwrap_or(alive);
        // A second counts one end of a session early or late, so that single ones may be negative. Who comes in again is
        // alive and not new: many at once would seem to begin sessions that end never.
        let ended = f64::from(before) + f64::from(came) - f64::from(alive);
        self.alive += (f64::from(alive) - self.alive) * SHARE;
        self.ended = (self.ended + (ended - self.ended) * SHARE).max(0.0);
    }

    /// How long a session lasts, in seconds.
    pub fn seconds(&self) -> f64 {
        let (least, most) = LIMITS;
        ((self.alive + FAINT * USUAL_SECONDS) / (self.ended + FAINT)).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour in which ten sessions begin each second, and each lasts so long.
    fn hour(seconds: usize) -> Stay {
        let mut stay = Stay::new(1_000);
        for passed in 1..=3_600 {
            stay.note(10 * seconds.min(passed) as u32, 10);
        }
        stay
    }

    #[test]
    fn it_finds_out_how_long_they_last() {
        for seconds in [60, 240, 900] {
            let found = hour(seconds).seconds();
            assert!((found / seconds as f64 - 1.0).abs() < 0.05, "{seconds}: {found}");
        }
        assert_eq!(hour(5).seconds(), 30.0);
    }

    #[test]
    fn nothing_is_found_out_where_nobody_is() {
        let mut stay = Stay::new(1_000);
        assert!((stay.seconds() - USUAL_SECONDS).abs() < 1e-9);
        for _ in 0..36_000 {
            stay.note(0, 0);
        }
        assert!((stay.seconds() - USUAL_SECONDS).abs() < 1e-6, "{}", stay.seconds());
    }

    #[test]
    fn those_who_come_back_end_no_session() {
        let mut stay = Stay::new(0);
        (1..=999).for_each(|alive| stay.note(alive, 0));
        assert_eq!((stay.ended, stay.seconds()), (0.0, LIMITS.1));
    }

    #[test]
    fn an_end_that_is_seen_a_second_late_counts_once() {
        let mut stay = Stay::new(1_000);
        for passed in 0..3_600 {
            // Ten come each ten seconds, and stay for a thousand; who came is counted a second late.
            let (alive, came) = (1_000 + 10 * u32::from(passed % 10 == 0), 10 * u32::from(passed % 10 == 1));
            stay.note(alive, came);
        }
        assert!((stay.seconds() / 1_000.0 - 1.0).abs() < 0.05, "{}", stay.seconds());
    }
}
