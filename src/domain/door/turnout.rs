//! Who is let in does not always come. From how many did, more are let in.

/// For how many seconds the past counts: after this time it counts a third.
const MEMORY_SECONDS: f64 = 120.0;

/// The share of one second in the averages.
const SHARE: f64 = 1.0 / MEMORY_SECONDS;

/// Seconds after which most of a difference between those who were expected and those who came is forgotten. While the
/// flow is steady it is all forgotten, for then the sessions that are alive tell enough; while the flow changes it is
/// what tells of those whom nobody sees yet.
const COMING_SECONDS: f64 = 60.0;

/// However many stay away, at most so many are let in for one who is to come: otherwise a minute in which nobody could
/// come (a failing network) would let in everybody.
const CORRECTION_MAX: f64 = 4.0;

/// How many of those who were let in came, as exponentially weighted moving averages of both.
///
/// Seconds in which nobody is let in age nothing, so that a pause changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turnout {
    let_in: f64,
    came: f64,
    coming: f64,
}

impl Turnout {
    /// Begins as if everybody had come so far, at `people_a_second`: the pace that is expected. The first seconds, in
    /// which nobody can have come yet, then count for little.
    pub fn new(people_a_second: f64) -> Self {
        let pace = people_a_second.max(1.0);
        Self { let_in: pace, came: pace, coming: 0.0 }
    }

    /// Takes in a second: about how many phones were newly let in, and how many came.
    pub fn note(&mut self, let_in: f64, came: f64) {
        let expected = let_in / self.correction();
        self.coming = (self.coming * (1.0 - 1.0 / COMING_SECONDS) + expected - came).max(0.0);
        if let_in > 0.0 {
            self.let_in *= 1.0 - SHARE;
            self.came *= 1.0 - SHARE;
        }
        self.let_in += let_in * SHARE;
        self.came += came * SHARE;
    }

    /// How many to let in for one who is to come, 1 to 4.
    pub fn correction(&self) -> f64 {
        if self.came > 0.0 { (self.let_in / self.came).clamp(1.0, CORRECTION_MAX) } else { CORRECTION_MAX }
    }

    /// About how many more are on their way than came lately.
    pub fn coming(&self) -> f64 {
        self.coming
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Ten minutes in which a share of those who are let in comes, five seconds later.
    fn evening(share: f64) -> Turnout {
        let mut turnout = Turnout::new(100.0);
        for second in 0..600 {
            turnout.note(100.0, if second < 5 { 0.0 } else { 100.0 * share });
        }
        turnout
    }

    #[test]
    fn it_finds_out_how_many_stay_away() {
        for (share, correction) in [(1.0, 1.0), (0.8, 1.25), (0.5, 2.0), (0.1, 4.0), (1.5, 1.0)] {
            let found = evening(share).correction();
            assert!((found - correction).abs() < 0.05, "{share}: {found}");
        }
    }

    #[test]
    fn those_who_were_just_let_in_are_on_their_way() {
        let mut turnout = Turnout::new(100.0);
        (0..5).for_each(|_| turnout.note(100.0, 0.0));
        assert!((450.0..=500.0).contains(&turnout.coming()), "{}", turnout.coming());
        (0..5).for_each(|_| turnout.note(0.0, 100.0));
        assert!(turnout.coming() < 1.0, "{}", turnout.coming());
    }

    #[test]
    fn the_first_seconds_and_a_pause_don_t_open_the_door_wider() {
        let mut turnout = Turnout::new(100.0);
        (0..5).for_each(|_| turnout.note(100.0, 0.0));
        assert!(turnout.correction() < 1.1);

        let mut paused = evening(0.5);
        let before = paused.correction();
        (0..3_600).for_each(|_| paused.note(0.0, 0.0));
        assert_eq!(paused.correction(), before);
        assert!(paused.coming() < 1.0);
    }

    proptest! {
        #[test]
        fn it_is_always_sane(pace in 0.0..1e6_f64, seconds in prop::collection::vec((0.0..1e6_f64, 0.0..1e6_f64), 0..200)) {
            let mut turnout = Turnout::new(pace);
            for (let_in, came) in seconds {
                turnout.note(let_in, came);
                prop_assert!((1.0..=CORRECTION_MAX).contains(&turnout.correction()));
                prop_assert!(turnout.coming().is_finite() && turnout.coming() >= 0.0);
            }
        }
    }
}
