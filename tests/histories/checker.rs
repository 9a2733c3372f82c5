//! Finds out whether a history could have come from serving one after the other.
//!
//! It is the search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe ("Testing
//! for Linearizability", 2017): put first any event that was asked before every event left was answered, and never look
//! twice at the same events done with the same state reached.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// Events of one history; a set of them fits in 128 bits.
pub const EVENTS_MAX: usize = 128;

/// Something that was asked, and what was told if anything was.
#[derive(Debug, Clone)]
pub struct Event<A> {
    /// What was asked and told.
    pub act: A,
    /// The place of the question in the history.
    pub asked: u64,
    /// The place of the answer; `None` when none came: then the event may have happened at any time since, or never.
    pub told: Option<u64>,
}

/// What serving one after the other means.
pub trait Model {
    /// All that matters for what comes next.
    type State: Clone + Eq + Hash + Debug;
    /// What is asked and told.
    type Act: Debug;

    /// Every state that the act may lead to from `state` when it is told what it was told; none when it can't be.
    fn after(&self, state: &Self::State, act: &Self::Act) -> Vec<Self::State>;

    /// Whether the act, told what it was told, never changes anything, like a reading or a refusal.
    fn is_idle(&self, act: &Self::Act) -> bool;
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<S> {
    /// There is an order that explains every answer.
    Explained,
    /// There is none; this many events can be explained, in this order, which leads to this state.
    Unexplained(Vec<usize>, S),
}

struct Search<'a, M: Model> {
    model: &'a M,
    history: &'a [Event<M::Act>],
    seen: HashSet<(u128, M::State)>,
    order: Vec<usize>,
    longest: (Vec<usize>, M::State),
}

/// Whether `history` can be explained by serving one after the other from `start` on.
pub fn check<M: Model>(model: &M, start: &M::State, history: &[Event<M::Act>]) -> Verdict<M::State> {
    assert!(history.len() <= EVENTS_MAX, "a history of {} events", history.len());
    let longest = (Vec::new(), start.clone());
    let mut search = Search { model, history, seen: HashSet::new(), order: Vec::new(), longest };
    if search.can_finish(0, start) {
        Verdict::Explained
    } else {
        Verdict::Unexplained(search.longest.0, search.longest.1)
    }
}

impl<M: Model> Search<'_, M> {
    fn left(&self, done: u128) -> impl Iterator<Item = (usize, &Event<M::Act>)> {
        self.history.iter().enumerate().filter(move |(index, _)| done & (1 << index) == 0)
    }

    fn can_finish(&mut self, done: u128, state: &M::State) -> bool {
        let Some(first_told) = self.left(done).filter_map(|(_, event)| event.told).min() else { return true };
        if !self.seen.insert((done, state.clone())) {
            return false;
        }
        if self.order.len() > self.longest.0.len() {
            self.longest = (self.order.clone(), state.clone());
        }
        let mut next: Vec<usize> =
            self.left(done).filter(|(_, event)| event.asked < first_told).map(|(index, _)| index).collect();
        // What was answered early most often happened early; what was never answered is tried last.
        next.sort_by_key(|&index| self.history[index].told.unwrap_or(u64::MAX));
        // What changes nothing and fits now may as well happen now: whatever comes later is the same without it.
        let fits = |index: &usize| {
            let act = &self.history[*index].act;
            self.model.is_idle(act) && self.model.after(state, act).contains(state)
        };
        if let Some(idle) = next.iter().copied().find(fits) {
            self.order.push(idle);
            let can_finish = self.can_finish(done | 1 << idle, state);
            if !can_finish {
                self.order.pop();
            }
            return can_finish;
        }
        for index in next {
            for after in self.model.after(state, &self.history[index].act) {
                self.order.push(index);
                if self.can_finish(done | 1 << index, &after) {
                    return true;
                }
                self.order.pop();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A register: writes, and reads with what they saw.
    struct Register;

    #[derive(Debug, Clone, Copy)]
    enum Act {
        Write(u8),
        Read(u8),
    }

    impl Model for Register {
        type State = u8;
        type Act = Act;

        fn after(&self, state: &u8, act: &Act) -> Vec<u8> {
            match *act {
                Act::Write(value) => vec![value],
                Act::Read(seen) => (seen == *state).then_some(*state).into_iter().collect(),
            }
        }

        fn is_idle(&self, act: &Act) -> bool {
            matches!(act, Act::Read(_))
        }
    }

    fn event(act: Act, asked: u64, told: impl Into<Option<u64>>) -> Event<Act> {
        Event { act, asked, told: told.into() }
    }

    fn is_explained(history: &[Event<Act>]) -> bool {
        check(&Register, &0, history) == Verdict::Explained
    }

    #[test]
    fn overlapping_events_may_have_happened_in_either_order() {
        let history = |seen| [event(Act::Write(1), 0, 3), event(Act::Read(seen), 1, 2)];
        assert!(is_explained(&history(0)) && is_explained(&history(1)) && !is_explained(&history(2)));
    }

    #[test]
    fn nobody_reads_what_was_before_an_answered_write() {
        assert!(!is_explained(&[event(Act::Write(1), 0, 1), event(Act::Read(0), 2, 3)]));
    }

    #[test]
    fn once_read_the_new_value_stays() {
        let reads = [event(Act::Read(1), 1, 2), event(Act::Read(0), 3, 4), event(Act::Write(1), 0, 5)];
        assert!(!is_explained(&reads));
    }

    #[test]
    fn what_was_never_answered_may_have_happened_late_or_never() {
        let lost = event(Act::Write(1), 0, None);
        for seen in [[0, 0], [0, 1], [1, 1]] {
            let reads = [event(Act::Read(seen[0]), 1, 2), event(Act::Read(seen[1]), 3, 4), lost.clone()];
            assert!(is_explained(&reads), "{seen:?}");
        }
        let back = [event(Act::Read(1), 1, 2), event(Act::Read(0), 3, 4), lost.clone()];
        assert!(!is_explained(&back), "it can't be undone");
        assert!(!is_explained(&[event(Act::Read(1), 0, 1), event(Act::Write(1), 2, None)]), "nor foreseen");
    }
}
