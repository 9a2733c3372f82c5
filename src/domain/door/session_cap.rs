//! How many sessions may be alive at once: raised while booking is quick, lowered as soon as it is not.

use std::collections::VecDeque;
use std::time::Duration;

/// Seconds between two looks at the measured latency.
pub const TICK_SECONDS: u32 = 10;

const RAISE: f64 = 1.03;
const LOWER: f64 = 0.9;

/// What is left when it is far too slow: an evening that begins with ten times what the machine can do, because that was
/// never rehearsed, would take half an hour to get there by tenths.
const HALVE: f64 = 0.5;

/// So many times the target is far too slow. What is measured may be up to twice what it was.
const FAR: u32 = 4;

/// An operator's step, to both sides.
pub(super) const NUDGE: f64 = 0.1;

/// Ticks after lowering in which nothing is changed: sessions that are alive stay, so it takes a while to show.
const HELD_TICKS: u8 = 6;

/// Ticks after lowering in which it is not lowered further, also when it is far too slow: whoever was let in is there by then.
const SETTLING_TICKS: u8 = 3;

/// The share of what can be in use that must be, before the cap is raised: what was never used was never tried.
const USED: f64 = 0.6;

/// Ticks in the longest time between two looks of a waiting page: ten minutes and the tenth that spreads them. People
/// are told their turn by the pace, and look again after half of what they were told; so nobody is late as long as the
/// pace doesn't double in between.
const INTERVAL_TICKS: usize = 66;

/// How much higher a cap may be than any in the last interval: a little less than double.
const GROWTH_MAX: f64 = 1.9;

/// Between which limits the cap is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CapSettings {
    /// Sessions that the rehearsal showed to be possible: where it begins.
    pub rehearsed: u32,
    /// It is never lower.
    pub least: u32,
    /// It is never higher.
    pub most: u32,
    /// Nineteen of twenty booking steps are to be answered within this time.
    pub target_p95: Duration,
}

/// What was measured since the last tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The 95th percentile of the time that booking steps took; `None` when there were none.
    pub p95: Option<Duration>,
    /// Sessions that are alive now.
    pub alive: u32,
    /// The share of the cap that can be alive at most: free sessions are given away slowly, so that short ones never fill it.
    pub reachable: f64,
}

/// What is kept of a cap over a restart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeptCap {
    /// Sessions that may be alive.
    pub cap: f64,
    /// The lowest it was in the last interval.
    pub lowest: f64,
    /// Ticks in which it is not changed.
    pub held_ticks: u8,
}

/// The cap on sessions that are alive (additive increase, multiplicative decrease, as TCP does it; here both by shares).
#[derive(Debug, Clone, PartialEq)]
pub struct SessionCap {
    settings: CapSettings,
    cap: f64,
    held_ticks: u8,
    /// The cap at each tick of the last interval, this one's last.
    recent: VecDeque<f64>,
}

impl SessionCap {
    /// A cap that begins with what was rehearsed.
    pub fn new(settings: CapSettings) -> Self {
        let cap = f64::from(settings.rehearsed);
        Self::resumed(settings, KeptCap { cap, lowest: cap, held_ticks: 0 })
    }

    /// A cap that goes on after a restart. Its lowest counts for a whole interval more, which errs on the slow side.
    pub fn resumed(settings: CapSettings, kept: KeptCap) -> Self {
        let held_ticks = kept.held_ticks.min(HELD_TICKS);
        let mut cap = Self { settings, cap: kept.cap, held_ticks, recent: VecDeque::new() };
        cap.recent.push_back(cap.in_limits(kept.lowest));
        cap.set(kept.cap);
        cap
    }

    /// What to keep of it over a restart.
    pub fn kept(&self) -> KeptCap {
        KeptCap { cap: self.cap, lowest: self.lowest(), held_ticks: self.held_ticks }
    }

    /// Sessions that may be alive.
    pub fn sessions(&self) -> u32 {
        // In the limits, which are of this type.
        self.cap as u32
    }

    /// Looks at what was measured. To be called every [`TICK_SECONDS`].
    pub fn tick(&mut self, measured: &Measured) {
        let used = f64::from(measured.alive) >= self.cap * measured.reachable * USED;
        let target = self.settings.target_p95;
        let next = match measured.p95 {
            Some(p95) if p95 > target * FAR && self.held_ticks <= HELD_TICKS - SETTLING_TICKS => {
                self.lowered(HALVE)
            }
            _ if self.held_ticks > 0 => {
                self.held_ticks -= 1;
                self.cap
            }
            Some(p95) if p95 > target => self.lowered(LOWER),
            Some(_) if used => self.cap * RAISE,
            _ => self.cap,
        };
        self.set(next);
        self.recent.push_back(self.cap);
        if self.recent.len() > INTERVAL_TICKS {
            self.recent.pop_front();
        }
    }

    /// The operator wants it faster by a tenth. It may still not double within an interval.
    pub fn faster(&mut self) {
        self.set(self.cap * (1.0 + NUDGE));
    }

    /// The operator wants it slower by a tenth, and not raised again at once.
    pub fn slower(&mut self) {
        let next = self.lowered(1.0 - NUDGE);
        self.set(next);
    }

    fn lowered(&mut self, factor: f64) -> f64 {
        self.held_ticks = HELD_TICKS;
        self.cap * factor
    }

    fn set(&mut self, cap: f64) {
        self.cap = self.in_limits(cap.min(self.lowest() * GROWTH_MAX));
        // Lower than ever counts at once, whether or not it is still so at the next tick.
        if let Some(last) = self.recent.back_mut() {
            *last = last.min(self.cap);
        }
    }

    fn lowest(&self) -> f64 {
        self.recent.iter().fold(f64::INFINITY, |lowest, cap| lowest.min(*cap))
    }

    fn in_limits(&self, cap: f64) -> f64 {
        // What is no number becomes the least.
        cap.max(f64::from(self.settings.least)).min(f64::from(self.settings.most))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETTINGS: CapSettings =
        CapSettings { rehearsed: 1_000, least: 50, most: 5_000, target_p95: Duration::from_millis(300) };

    fn measured(milliseconds: u64, alive: u32) -> Measured {
        Measured { p95: Some(Duration::from_millis(milliseconds)), alive, reachable: 1.0 }
    }

    /// The cap after so many ticks of the same.
    fn after(cap: &mut SessionCap, ticks: usize, milliseconds: u64, alive: u32) -> u32 {
        (0..ticks).for_each(|_| cap.tick(&measured(milliseconds, alive)));
        cap.sessions()
    }

    #[test]
    fn it_rises_while_it_is_quick_and_used() {
        let mut cap = SessionCap::new(SETTINGS);
        assert_eq!(after(&mut cap, 1, 200, 1_000), 1_030);
        assert_eq!(after(&mut cap, 5, 200, 600), 1_030, "nobody needs more");
        let short = Measured { reachable: 0.5, ..measured(200, 400) };
        let mut busy = cap.clone();
        busy.tick(&short);
        assert_eq!(busy.sessions(), 1_060, "more of them can't be alive at once");
        cap.tick(&Measured { p95: None, ..measured(0, 2_000) });
        assert_eq!(cap.sessions(), 1_030, "nothing was measured");
    }

    #[test]
    fn it_falls_by_a_tenth_and_rests_for_a_minute() {
        let mut cap = SessionCap::new(SETTINGS);
        assert_eq!(after(&mut cap, 1, 301, 1_000), 900);
        assert_eq!(after(&mut cap, 6, 301, 1_000), 900);
        assert_eq!(after(&mut cap, 1, 301, 1_000), 810);
        assert_eq!(after(&mut cap, 6, 200, 1_000), 810);
        assert_eq!(after(&mut cap, 1, 300, 1_000), 834);
    }

    #[test]
    fn it_halves_each_half_minute_while_it_is_far_too_slow() {
        let mut cap = SessionCap::new(CapSettings { rehearsed: 1_000_000, most: 2_000_000, ..SETTINGS });
        assert_eq!(after(&mut cap, 1, 1_201, 9_999), 500_000);
        assert_eq!(after(&mut cap, 3, 1_201, 9_999), 500_000);
        assert_eq!(after(&mut cap, 1, 1_201, 9_999), 250_000);
        assert_eq!(after(&mut cap, 16, 1_201, 9_999), 15_625, "three minutes after it began");
        assert_eq!(after(&mut cap, 6, 1_200, 9_999), 15_625);
        assert_eq!(after(&mut cap, 1, 1_200, 9_999), 14_062);
    }

    #[test]
    fn it_takes_ten_minutes_to_nearly_double() {
        let mut cap = SessionCap::new(SETTINGS);
        assert_eq!(after(&mut cap, 60, 100, 9_999), 1_900);
        let later = after(&mut cap, 66, 100, 9_999);
        assert!((3_000..=3_610).contains(&later), "{later}");
        assert_eq!(after(&mut cap, 999, 100, 9_999), SETTINGS.most);
    }

    #[test]
    fn an_operator_steps_by_a_tenth() {
        let mut cap = SessionCap::new(SETTINGS);
        cap.faster();
        assert_eq!(cap.sessions(), 1_100);
        cap.slower();
        assert_eq!(cap.sessions(), 990);
        assert_eq!(after(&mut cap, 6, 100, 9_999), 990);
        (0..99).for_each(|_| cap.faster());
        assert_eq!(cap.sessions(), 1_881, "not double of 990");
        (0..99).for_each(|_| cap.slower());
        assert_eq!(cap.sessions(), SETTINGS.least);
    }

    #[test]
    fn a_restart_goes_on_where_it_was() {
        let mut cap = SessionCap::new(SETTINGS);
        after(&mut cap, 20, 100, 9_999);
        let mut resumed = SessionCap::resumed(SETTINGS, cap.kept());
        assert_eq!(resumed.kept(), cap.kept());
        assert_eq!(after(&mut resumed, 60, 100, 9_999), 1_900);
        let odd = KeptCap { cap: f64::NAN, lowest: f64::NAN, held_ticks: 255 };
        assert!(
            (SETTINGS.least..2 * SETTINGS.least).contains(&SessionCap::resumed(SETTINGS, odd).sessions())
        );
    }

    proptest! {
        #[test]
        fn it_stays_in_its_limits_and_never_doubles_in_an_interval(
            milliseconds in prop::collection::vec((0..600_u64, 0..6_000_u32, 0..10_u8), 1..300),
        ) {
            let mut cap = SessionCap::new(SETTINGS);
            let mut caps = vec![cap.sessions()];
            for (milliseconds, alive, nudge) in milliseconds {
                cap.tick(&measured(milliseconds, alive));
                match nudge {
                    0 => cap.slower(),
                    1 | 2 => cap.faster(),
                    _ => {}
                }
                caps.push(cap.sessions());
                prop_assert!((SETTINGS.least..=SETTINGS.most).contains(&cap.sessions()));
                let interval = &caps[caps.len().saturating_sub(INTERVAL_TICKS)..];
                prop_assert!(interval.iter().all(|before| cap.sessions() < 2 * before), "{:?}", interval);
            }
        }
    }
}
