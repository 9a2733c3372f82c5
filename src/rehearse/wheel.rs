//! Who does something next: a wheel of milliseconds, on each of which hangs a chain of visitors. A visitor's place in the chain
//! is kept with the visitor, so that ten million of them cost four bytes each.

/// Nobody.
pub const NOBODY: u32 = u32::MAX;

/// Milliseconds in one turn of the wheel, some 17 minutes. Whoever waits longer hangs on it for more than one turn.
const SLOTS: u32 = 1 << 20;

/// What the wheel keeps with each visitor.
pub trait Due {
    /// Whoever hangs behind on the same millisecond, and when this one does something, in milliseconds since the start.
    fn due(&mut self) -> (&mut u32, &mut u32);
}

/// The wheel.
pub struct Wheel {
    first: Vec<u32>,
    /// Up to here, this millisecond not included, everything was done.
    reached: u32,
}

impl Default for Wheel {
    fn default() -> Self {
        Self { first: vec![NOBODY; SLOTS as usize], reached: 0 }
    }
}

impl Wheel {
    /// Lets a visitor do something at a moment; at once, when the moment is past.
    pub fn set(&mut self, all: &mut [impl Due], index: u32, at: u32) {
        let slot = at.max(self.reached) % SLOTS;
        let Some(visitor) = all.get_mut(index as usize) else { return };
        let first = &mut self.first[slot as usize];
        let (next, due) = visitor.due();
        (*next, *due) = (*first, at);
        *first = index;
    }

    /// Hands out everybody whose moment has come by `now`, this millisecond included.
    pub fn turn(&mut self, all: &mut [impl Due], now: u32, mut act: impl FnMut(u32)) {
        // Whoever hangs on a slot for a later turn of the wheel is left there, so one turn at most is looked at.
        let from = self.reached.max((now + 1).saturating_sub(SLOTS));
        for moment in from..=now {
            let slot = &mut self.first[(moment % SLOTS) as usize];
            let (mut index, mut later) = (std::mem::replace(slot, NOBODY), NOBODY);
            while let Some(visitor) = all.get_mut(index as usize) {
                let (next, due) = visitor.due();
                let here = std::mem::replace(&mut index, *next);
                if *due <= now {
                    act(here);
                } else {
                    *next = later;
                    later = here;
                }
            }
            self.first[(moment % SLOTS) as usize] = later;
        }
        self.reached = now + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Due for (u32, u32) {
        fn due(&mut self) -> (&mut u32, &mut u32) {
            (&mut self.0, &mut self.1)
        }
    }

    fn turned(wheel: &mut Wheel, all: &mut [(u32, u32)], now: u32) -> Vec<u32> {
        let mut acted = Vec::new();
        wheel.turn(all, now, |index| acted.push(index));
        acted.sort_unstable();
        acted
    }

    #[test]
    fn everybody_acts_once_at_their_moment() {
        let (mut wheel, mut all) = (Wheel::default(), vec![(0, 0); 6]);
        for (index, at) in [(0, 5), (1, 5), (2, 6), (3, 5 + SLOTS), (4, 5 + 3 * SLOTS), (5, 0)] {
            wheel.set(&mut all, index, at);
        }
        assert_eq!(turned(&mut wheel, &mut all, 4), [5]);
        assert_eq!(turned(&mut wheel, &mut all, 5), [0, 1]);
        wheel.set(&mut all, 0, 3);
        assert_eq!(turned(&mut wheel, &mut all, 6), [0, 2], "a moment that is past comes at once");
        assert_eq!(turned(&mut wheel, &mut all, SLOTS + 4), [0; 0]);
        assert_eq!(turned(&mut wheel, &mut all, SLOTS + 5), [3]);
        assert_eq!(turned(&mut wheel, &mut all, 4 * SLOTS), [4], "also when nobody looked for several turns");
        assert_eq!(turned(&mut wheel, &mut all, 5 * SLOTS), [0; 0]);
    }
}
