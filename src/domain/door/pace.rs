//! How far the door opens each second.

use std::time::Duration;

use jiff::Timestamp;

use super::arrivals::Arrivals;
use super::place::Threshold;
use super::session_cap::{KeptCap, Measured, NUDGE, SessionCap};
use super::stay::Stay;
use super::turnout::Turnout;

/// Seconds in which free sessions are given away. People see their turn some seconds after it came, and press a button
/// some seconds later; giving everything away at once would by then have let in several times as many. In a simulation
/// with half a minute between, sessions exceeded the cap three times over with 10 seconds, and by a tenth with 60.
const GIVING_SECONDS: f64 = 60.0;

/// How much more than a second ago may come at most: 1.7 times as many in the longest time between two looks of a waiting
/// page. People look again after half of the time that they were told, and meanwhile it is found out how many stay away, which
/// lets in more, too.
const GROWTH_A_SECOND: f64 = 1.000_8;

/// The share of the pace that is left while the service turns people away. Those who were let in and can't prove their phone
/// yet are no sessions, and seem to stay away: more and more would be let in for them. It is not nothing, so that nobody can
/// close the door by sending more than the service can do.
const BEHIND: f64 = 0.1;

/// So many people a second are everybody: with this pace the door is open within moments.
pub const EVERYBODY: f64 = 1e6;

/// Half a person and fewer is nobody.
const NOBODY: f64 = 0.5;

/// Who sets the pace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// Free sessions do.
    Automatic,
    /// The operator does: so many people a second are to come.
    Fixed {
        /// People a second.
        people: f64,
    },
    /// The threshold stays where it is.
    Paused,
}

/// What a second of a draw brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Second {
    /// Sessions that are alive now.
    pub alive: u32,
    /// Admissions that began since the second before.
    pub came: u32,
    /// About how many different phones have joined ([`Crowd::joined`](super::crowd::Crowd::joined)).
    pub joined: f64,
    /// How many are expected to join at least, from prepared accounts or the operator; 0 when most have had the time to.
    ///
    /// Without it the first second, in which only a few have joined yet, would open the door fully, and for good.
    pub expected: f64,
}

/// The outer loop: sessions that are free become steps of the threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    mode: Mode,
    is_behind: bool,
    cap: SessionCap,
    stay: Stay,
    /// So many people a second come in the long run; it moves slowly.
    ceiling: f64,
    turnout: Turnout,
}

impl Pace {
    /// A pace with its cap and what is known of who comes.
    pub fn new(mode: Mode, cap: SessionCap, turnout: Turnout) -> Self {
        let stay = Stay::new(cap.sessions());
        let ceiling = steady(&cap, &stay);
        Self { mode, is_behind: false, cap, stay, ceiling, turnout }
    }

    /// A pace that goes on after a restart: who comes is not known yet, so everybody is thought to.
    pub fn resumed(mode: Mode, cap: SessionCap) -> Self {
        let people_a_second = steady(&cap, &Stay::new(cap.sessions()));
        Self::new(mode, cap, Turnout::new(people_a_second))
    }

    /// Goes on where another node let in so many people a second.
    pub fn keep_up(&mut self, people_a_second: f64) {
        let most = f64::from(self.cap.sessions()) / GIVING_SECONDS;
        self.ceiling = self.ceiling.max(people_a_second.min(most));
    }

    /// Goes on with another cap: the operator has said something, which changes nothing of what is known of sessions.
    pub fn go_on(&mut self, cap: SessionCap) {
        self.change_cap(|known| *known = cap);
    }

    fn change_cap(&mut self, change: impl FnOnce(&mut SessionCap)) {
        let before = self.cap.sessions();
        change(&mut self.cap);
        self.ceiling *= f64::from(self.cap.sessions()) / f64::from(before);
    }

    /// Looks at how long booking steps took: every [`TICK_SECONDS`](super::session_cap::TICK_SECONDS).
    pub fn tick(&mut self, p95: Option<Duration>, alive: u32) {
        let (stay, before) = (self.stay.seconds(), self.cap.sessions());
        self.cap.tick(&Measured { p95, alive, reachable: stay / (stay + GIVING_SECONDS) });
        // What is too much is too much at once.
        self.ceiling *= (f64::from(self.cap.sessions()) / f64::from(before)).min(1.0);
    }

    /// Who sets the pace.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The operator says who sets the pace.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Whether more comes than the service can do.
    pub fn set_behind(&mut self, is_behind: bool) {
        self.is_behind = is_behind;
    }

    /// What to keep of the cap on sessions.
    pub fn kept_cap(&self) -> KeptCap {
        self.cap.kept()
    }

    /// The operator wants it faster by a tenth. A pause stays one, and ends with the pace before it.
    pub fn faster(&mut self) {
        match &mut self.mode {
            Mode::Automatic => self.change_cap(SessionCap::faster),
            Mode::Fixed { people } => *people *= 1.0 + NUDGE,
            Mode::Paused => {}
        }
    }

    /// The operator wants it slower by a tenth. A pause stays one, and ends with the pace before it.
    pub fn slower(&mut self) {
        match &mut self.mode {
            Mode::Automatic => self.change_cap(SessionCap::slower),
            Mode::Fixed { people } => *people *= 1.0 - NUDGE,
            Mode::Paused => {}
        }
    }

    /// How many people are to come this second (λ): of the sessions that may be alive, those that neither are nor belong
    /// to somebody who was let in and is on the way. It is not more than come in the long run, as far as that is known: an
    /// evening that began with all of its free sessions would slow down to a fifth, and everybody was told too early a time.
    pub fn people_a_second(&self, alive: u32) -> f64 {
        let people = match self.mode {
            Mode::Automatic => {
                let cap = f64::from(self.cap.sessions());
                let free = cap - f64::from(alive) - self.turnout.coming();
                (free.max(0.0) / GIVING_SECONDS).min(self.ceiling)
            }
            Mode::Fixed { people } => people.max(0.0),
            Mode::Paused => 0.0,
        };
        if self.is_behind { people * BEHIND } else { people }
    }

    /// The threshold of the next second of a draw: `Δθ = k · λ · (1 − θ) / J`. To be called once a second.
    pub fn step(&mut self, threshold: Threshold, second: &Second) -> Threshold {
        let waiting = second.joined.max(second.expected) * (1.0 - threshold.fraction());
        let next = raised(threshold, self.let_in(second.alive), waiting);
        // Only those who joined can come. Of the rest of a step nobody is on the way.
        let newly = second.joined * (next.fraction() - threshold.fraction());
        self.note(newly, second.alive, second.came);
        next
    }

    /// The threshold of the next second of a line, where whoever came first is let in first. `alive` are sessions now, and
    /// `came` admissions that began since the second before. To be called once a second.
    pub fn step_in_line(
        &mut self,
        threshold: Threshold,
        line: &Arrivals,
        alive: u32,
        came: u32,
        now: Timestamp,
    ) -> Threshold {
        let next = line.raised(threshold, self.let_in(alive), now);
        let newly = line.above(threshold, now) - line.above(next, now);
        self.note(newly, alive, came);
        next
    }

    /// Learns from a second: how many were newly let in, how many sessions are alive, and how many came.
    fn note(&mut self, newly: f64, alive: u32, came: u32) {
        // Who can't come in for others is not who stays away.
        self.turnout.note(if self.is_behind { 0.0 } else { newly }, f64::from(came));
        if self.mode == Mode::Paused || self.is_behind {
            return self.stay.look(alive);
        }
        self.stay.note(alive, came);
        let full = steady(&self.cap, &self.stay);
        // Nor does it fall quickly: after a quiet hour nobody is seen to leave before the first have stayed their time.
        self.ceiling = full.clamp(self.ceiling / GROWTH_A_SECOND, self.ceiling * GROWTH_A_SECOND);
    }

    /// How many to let in so that as many come as are to come: `k · λ`.
    pub fn let_in(&self, alive: u32) -> f64 {
        self.people_a_second(alive) * self.turnout.correction()
    }
}

/// How many people a second come in the long run: so many that as many sessions are free as are given away meanwhile.
fn steady(cap: &SessionCap, stay: &Stay) -> f64 {
    f64::from(cap.sessions()) / (stay.seconds() + GIVING_SECONDS)
}

/// The threshold that lets in so many more of those who wait above it, who are spread evenly. When nobody waits there,
/// it opens fully; when nobody is to be let in, it stays.
fn raised(threshold: Threshold, let_in: f64, waiting: f64) -> Threshold {
    let mut next = threshold;
    if let_in > 0.0 {
        let share = if waiting > NOBODY { (let_in / waiting).min(1.0) } else { 1.0 };
        let reached = threshold.fraction() + (1.0 - threshold.fraction()) * share;
        next.raise_to(if share < 1.0 { Threshold::at_fraction(reached) } else { Threshold::OPEN });
    }
    next
}

#[cfg(test)]
mod tests;
