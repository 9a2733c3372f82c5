//! How many different phones have joined, in 4 kilobytes, however many they are and however often each comes.

use std::fmt;

use super::place::{Place, Threshold};

/// Bits that choose a register.
const INDEX_BITS: u32 = 12;

/// How many registers there are, a byte each.
pub const REGISTERS: usize = 1 << INDEX_BITS;

/// Low bits of a place that are looked at. The ten above them are the group, so that a crowd's estimate says the same
/// whichever groups its people are in.
const PLACE_BITS: u32 = 54;

/// Bits in which a register looks for the first one.
const RANK_BITS: u32 = PLACE_BITS - INDEX_BITS;

/// The highest value of a register.
const RANK_MAX: u8 = RANK_BITS as u8 + 1;

/// A sketch of the phones that joined a draw (HyperLogLog: Flajolet and others, 2007). Places of a draw are as good as
/// random, so they are their own hashes; places of a line are not, and there each ticket counts once anyway.
///
/// The standard error of [`joined`](Self::joined) is 1.04 / √4,096 = 1.6 %.
#[derive(Clone, PartialEq, Eq)]
pub struct Crowd(Box<[u8; REGISTERS]>);

/// The bytes are no sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sketch of a crowd has 4,096 bytes from 0 to 43")]
pub struct CrowdError;

impl Crowd {
    /// Nobody.
    pub fn new() -> Self {
        Self(Box::new([0; REGISTERS]))
    }

    /// A crowd as [`as_bytes`](Self::as_bytes) wrote it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CrowdError> {
        let registers: [u8; REGISTERS] = bytes.try_into().map_err(|_says_nothing| CrowdError)?;
        let known = registers.iter().all(|register| *register <= RANK_MAX);
        known.then(|| Self(Box::new(registers))).ok_or(CrowdError)
    }

    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Takes in somebody's place. Whoever is in it already changes nothing.
    pub fn join(&mut self, place: Place) {
        let index = place.0 as usize % REGISTERS;
        let rest = place.0 << (u64::BITS - PLACE_BITS) >> (u64::BITS - RANK_BITS);
        // How many zeros stand before the first one, and one more: at most 43.
        let rank = (rest.leading_zeros() + RANK_BITS + 1 - u64::BITS) as u8;
        self.0[index] = self.0[index].max(rank);
    }

    /// Takes in everybody of another crowd, such as that of another node.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(other.0.iter()) {
            *own = (*own).max(*other);
        }
    }

    /// About how many different phones have joined. 0 exactly when nobody has.
    pub fn joined(&self) -> f64 {
        let mut counts = [0_u32; RANK_MAX as usize + 1];
        for register in self.0.iter() {
            counts[usize::from(*register)] += 1;
        }
        estimate(&counts)
    }

    /// About how many of them still wait. Places of a draw are spread evenly, so it is their share above the threshold.
    pub fn above(&self, threshold: Threshold) -> f64 {
        self.joined() * (1.0 - threshold.fraction())
    }
}

impl Default for Crowd {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crowd(about {:.0})", self.joined())
    }
}

/// The estimate of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6, which
/// has no bias for small crowds and needs no tables. `counts` says how many registers have each value.
fn estimate(counts: &[u32; RANK_MAX as usize + 1]) -> f64 {
    let registers = REGISTERS as f64;
    let share = |count: u32| f64::from(count) / registers;
    let (empty, full) = (counts[0], counts[usize::from(RANK_MAX)]);
    if empty as usize == REGISTERS {
        return 0.0;
    }
    let mut sum = registers * tau(1.0 - share(full));
    for count in counts[1..usize::from(RANK_MAX)].iter().rev() {
        sum = 0.5 * (sum + f64::from(*count));
    }
    sum += registers * sigma(share(empty));
    // Registers that are all full are no number of people, and the most there are will do.
    (registers * registers / (2.0 * std::f64::consts::LN_2 * sum)).min((1_u64 << PLACE_BITS) as f64)
}

/// What empty registers add: `x + Σ x^(2^k) · 2^(k-1)`, for x below 1.
fn sigma(mut x: f64) -> f64 {
    let (mut weight, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * weight;
        weight += weight;
        if sum == before {
            return sum;
        }
    }
}

/// What full registers take away: `(1 - x - Σ (1 - x^(2^-k))² · 2^-k) / 3`.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut weight, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - x) * (1.0 - x) * weight;
        if sum == before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    /// Places as a draw gives them, always the same for a seed.
    fn crowd(seed: u64, people: usize) -> (Crowd, Vec<Place>) {
        let mut rng = StdRng::seed_from_u64(seed);
        let places: Vec<Place> = (0..people).map(|_| Place(rng.next_u64())).collect();
        let mut crowd = Crowd::new();
        places.iter().for_each(|place| crowd.join(*place));
        (crowd, places)
    }

    #[test]
    fn the_error_is_the_one_that_is_promised() {
        for people in [1, 10, 100, 1_000, 4_096, 10_000, 100_000] {
            let errors: Vec<f64> =
                (0..20).map(|seed| crowd(seed, people).0.joined() / people as f64 - 1.0).collect();
            let worst = errors.iter().fold(0.0_f64, |worst, error| worst.max(error.abs()));
            let mean = errors.iter().sum::<f64>() / 20.0;
            // Three and a half standard errors for the worst of 20, and four of their mean.
            assert!(worst < 3.5 * 0.0163, "{people}: {worst}");
            assert!(mean.abs() < 4.0 * 0.0163 / 20.0_f64.sqrt(), "{people}: {mean}");
        }
    }

    #[test]
    fn the_same_phone_ten_times_counts_once() {
        let (mut crowd, places) = crowd(1, 1_000);
        let before = crowd.clone();
        for place in places.iter().cycle().take(10_000) {
            crowd.join(*place);
        }
        assert_eq!(crowd, before);
    }

    #[test]
    fn people_of_one_group_are_counted_like_any() {
        let (all, places) = crowd(2, 50_000);
        let mut one_group = Crowd::new();
        places.iter().for_each(|place| one_group.join(Place(place.0 & (u64::MAX >> 10))));
        assert_eq!(one_group, all);
    }

    #[test]
    fn nobody_is_nobody_and_everybody_has_a_number() {
        assert_eq!(Crowd::new().joined(), 0.0);
        assert_eq!(Crowd::default().above(Threshold::CLOSED), 0.0);
        let full = Crowd::from_bytes(&[RANK_MAX; REGISTERS]).unwrap();
        assert!(full.joined() > 1e15);
        let mut highest = Crowd::new();
        highest.join(Place::FIRST);
        assert_eq!(highest.as_bytes()[0], RANK_MAX);
        highest.join(Place::LAST);
        assert_eq!(highest.as_bytes()[REGISTERS - 1], 1);
    }

    #[test]
    fn the_share_above_the_threshold_still_waits() {
        let (crowd, places) = crowd(3, 100_000);
        for fraction in [0.1, 0.5, 0.9] {
            let threshold = Threshold::at_fraction(fraction);
            let waiting = places.iter().filter(|place| !threshold.admits(**place)).count() as f64;
            assert!((crowd.above(threshold) / waiting - 1.0).abs() < 0.06, "{fraction}");
        }
        assert_eq!(crowd.above(Threshold::OPEN), 0.0);
    }

    #[test]
    fn bytes_that_are_no_sketch_are_refused() {
        assert_eq!(Crowd::from_bytes(&[0; REGISTERS - 1]), Err(CrowdError));
        assert_eq!(Crowd::from_bytes(&[RANK_MAX + 1; REGISTERS]), Err(CrowdError));
    }

    proptest! {
        #[test]
        fn nodes_together_know_what_one_would(places in prop::collection::vec(any::<u64>(), 0..200), split in 0..200_usize) {
            let (mut all, mut one, mut other) = (Crowd::new(), Crowd::new(), Crowd::new());
            for (at, place) in places.iter().map(|place| Place(*place)).enumerate() {
                all.join(place);
                if at < split { one.join(place) } else { other.join(place) }
            }
            one.merge(&other);
            prop_assert_eq!(&one, &all);
            prop_assert_eq!(Crowd::from_bytes(one.as_bytes()), Ok(all));
        }
    }
}
