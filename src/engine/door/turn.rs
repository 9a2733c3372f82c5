//! A second of the door: whoever leads raises the threshold, everybody reads it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::door::joined::Joined;
use crate::domain::door::opening::{Opening, Phase};
use crate::domain::door::pace::{Mode, Pace, Second};
use crate::domain::door::session_cap::{SessionCap, TICK_SECONDS};
use crate::engine::country::Catalogue;
use crate::engine::{Engine, outage};
use crate::store::door_nodes::Measured;
use crate::store::door_state::{self, Brought, Came, DoorState};
use crate::store::{Failure, Never, StoreError, Tx};

/// For how long after the opening as many people count as were expected, though they have not joined yet, in minutes.
const EXPECTED_MINUTES: i64 = 10;

/// The share of one second in the pace that people are told.
const RATE_SHARE: f64 = 0.1;

/// How this node leads an opening.
#[derive(Debug, Clone, Default)]
pub(super) struct Led {
    /// Its pace, and the fence under which it turned last.
    pace: Option<(i64, Pace)>,
    /// What booking steps took at the last look, at the slowest node.
    booking_step: Option<Duration>,
    /// The latest moment of its turns: when the clock is set back, a line goes on from there.
    latest: Timestamp,
}

/// What a turn goes by, besides the row.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// What was measured here.
    measured: Measured,
    /// Whether there is no seat to let anybody in for.
    is_full: bool,
}

/// For how long a door that is over still turns, without moving: the list of admissions gets its last root with the minute
/// after the end.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_mins(2);

/// Turns the doors of all openings that people join or enter now.
pub(in crate::engine) async fn turn(engine: &Engine) -> Result<(), StoreError> {
    let (now, turns) = (engine.now(), engine.door.turns.fetch_add(1, Ordering::Relaxed) + 1);
    // All that was measured since the last look counts, not only the last second.
    let look = turns.is_multiple_of(TICK_SECONDS).then(|| engine.door.booking_steps.take_p95());
    let measured = Measured { look, is_behind: engine.door.pressure.take() };
    let catalogue = engine.country.now().clone();
    note_full(engine, &catalogue, now);
    let moving = catalogue.openings().iter().filter(|one| {
        let is_just_over = || now < one.opening.ends_at + SEALED_WITHIN;
        one.gives_places()
            && match one.opening.phase(now) {
                Phase::Announced => false,
                Phase::Joining | Phase::Entering => true,
                Phase::Over => is_just_over(),
            }
    });
    for one in moving {
        let is_full = engine.door.is_full(one.opening.campaign);
        turn_one(engine, &one.opening, Round { measured, is_full }).await?;
    }
    Ok(())
}

/// Looks which campaigns have no free seat.
fn note_full(engine: &Engine, catalogue: &Catalogue, now: Timestamp) {
    let today = engine.today();
    let coming = catalogue.openings().iter().filter(|one| one.opening.phase(now) != Phase::Over);
    let campaigns = coming.map(|one| one.opening.campaign);
    let full = campaigns.filter(|campaign| engine.availability.is_full(*campaign, today)).collect();
    engine.door.full.store(Arc::new(full));
}

async fn turn_one(engine: &Engine, opening: &Opening, round: Round) -> Result<(), StoreError> {
    let (joined, led) = {
        let mut here = engine.door.here();
        let here = here.entry(opening.id).or_default();
        (here.joined.take(), here.led.clone())
    };
    let joined = Arc::new(joined.unwrap_or_else(|| Joined::nobody(engine.door.line(opening))));
    let (node, opening, brought) = (engine.node.number, Arc::new(opening.clone()), joined.clone());
    let id = opening.id;
    let turn = move |tx: &mut Tx<'_>| {
        let (mut led, now) = (led.clone(), tx.now);
        let step = |state: &mut DoorState, came: Came| led.step(state, came, &opening, now, round);
        let brought = Brought { joined: &brought, measured: round.measured };
        let state = door_state::turn(tx, &opening, node, brought, step).map_err(Failure::<Never>::Store)?;
        Ok((state, led))
    };
    match engine.ledger.write(id.0, turn).await {
        Ok((state, led)) => {
            engine.door.keep(id, state, led);
            Ok(())
        }
        Err(error) => {
            // They are brought with the next turn. If it was only the answer that was lost, a line counts them twice, and lets
            // in a little slower.
            engine.door.here().entry(id).or_default().take_in(Joined::clone(&joined));
            Err(outage(error))
        }
    }
}

impl Led {
    fn step(&mut self, state: &mut DoorState, came: Came, opening: &Opening, now: Timestamp, round: Round) {
        let pace = pace_now(&mut self.pace, state, came, opening);
        if opening.phase(now) == Phase::Over {
            return;
        }
        let stands_still = state.paused || round.is_full;
        pace.set_mode(if stands_still { Mode::Paused } else { state.mode });
        let Measured { look, is_behind } = round.measured;
        pace.set_behind(is_behind || came.others.is_behind);
        if let Some(here) = look {
            self.booking_step = here.max(came.others.booking_step);
            pace.tick(self.booking_step, came.alive);
        }
        (state.cap, state.booking_step) = (pace.kept_cap(), self.booking_step);
        self.latest = self.latest.max(now);
        if let Some(line) = state.joined.arrivals() {
            let may_enter = opening.phase(now) == Phase::Entering;
            if !stands_still {
                let let_in = pace.let_in(if may_enter { came.alive } else { 0 });
                // What people are told does not jump with each second.
                let share = if may_enter && state.rate > 0.0 { RATE_SHARE } else { 1.0 };
                state.rate = state.rate * (1.0 - share) + let_in * share;
            }
            if may_enter {
                state.threshold =
                    pace.step_in_line(state.threshold, line, came.alive, came.since, self.latest);
            }
            return;
        }
        let joined = state.joined.count();
        let is_young = now < opening.opens_at + SignedDuration::from_mins(EXPECTED_MINUTES);
        let expected = if is_young { f64::from(opening.expected) } else { 0.0 };
        if opening.phase(now) == Phase::Joining {
            // What people are told of the evening before it begins.
            state.rate = pace.people_a_second(0) / joined.max(expected).max(1.0);
            return;
        }
        let second = Second { alive: came.alive, came: came.since, joined, expected };
        let before = state.threshold.fraction();
        state.threshold = pace.step(state.threshold, &second);
        let risen = state.threshold.fraction() - before;
        state.rate = state.rate * (1.0 - RATE_SHARE) + risen * RATE_SHARE;
    }
}

/// The pace as it goes on: what this node knows of sessions holds as long as it leads, and the cap is the row's as soon as
/// the operator has said something.
fn pace_now<'a>(
    known: &'a mut Option<(i64, Pace)>,
    state: &DoorState,
    came: Came,
    opening: &Opening,
) -> &'a mut Pace {
    let cap = || SessionCap::resumed(opening.cap_settings(), state.cap);
    if came.is_new {
        *known = None;
    }
    let (fence, pace) = known.get_or_insert_with(|| {
        let mut pace = Pace::resumed(state.mode, cap());
        let people = state.joined.arrivals().map_or_else(|| state.joined.count(), |_line| 1.0);
        pace.keep_up(state.rate * people);
        (state.fence, pace)
    });
    if *fence != state.fence {
        pace.go_on(cap());
        *fence = state.fence;
    }
    pace
}
