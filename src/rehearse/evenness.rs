//! Whether those who were let in are who chance would let in, whenever they came and however many devices they have.

use std::collections::HashSet;

use jiff::SignedDuration;
use serde::Serialize;

use super::check::{Stored, phone_of};
use super::evening::Evening;
use super::people::Question;
use crate::domain::door::place::Threshold;
use crate::keys::KeyRing;
use crate::store::accounts::phone_hash;
use crate::store::openings::StoredOpening;

/// How long people may take to notice that it is their turn: only those count whose turn came earlier.
const NOTICED: SignedDuration = SignedDuration::from_mins(3);

/// How far who was let in is from what chance would do. Every number is near 0 when nothing but the place counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub struct Evenness {
    /// Admissions that were compared.
    pub admissions: u64,
    /// The greatest difference between the share of their places up to a point and that point, of all places whose turn had
    /// come (Kolmogorov and Smirnov).
    pub distance: f64,
    /// What that exceeds once in a hundred times by chance: 1.63 / √admissions.
    pub distance_by_chance: f64,
    /// Pearson's correlation of being let in with the moment at which somebody first came.
    pub with_arrival: f64,
    /// The same with the number of their devices.
    pub with_devices: f64,
}

/// The distance of numbers from even on [0, 1] (Kolmogorov and Smirnov).
pub fn distance(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len().max(1) as f64;
    let gaps = numbers.iter().enumerate().map(|(before, number)| {
        let (below, up_to) = (before as f64 / count, (before + 1) as f64 / count);
        (number - below).max(up_to - number)
    });
    gaps.fold(0.0, f64::max)
}

/// Pearson's correlation of pairs; 0 when one of the two is always the same.
pub fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len().max(1) as f64;
    let (sum, other_sum) = pairs.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let (mean, other_mean) = (sum / count, other_sum / count);
    let (mut both, mut own, mut others) = (0.0, 0.0, 0.0);
    for (one, other) in pairs {
        let (one, other) = (one - mean, other - other_mean);
        (both, own, others) = (both + one * other, own + one * one, others + other * other);
    }
    let spread = (own * others).sqrt();
    if spread > 0.0 { both / spread } else { 0.0 }
}

/// What an evening came to.
pub fn of(evening: &Evening, stored: &Stored, opening: &StoredOpening, keys: &KeyRing) -> Evenness {
    let (Some(key), Some(reached)) = (&opening.key, stored.threshold_before_end(NOTICED)) else {
        return Evenness::default();
    };
    let inside: HashSet<&[u8]> = stored.admitted().iter().map(|one| one.phone.as_slice()).collect();
    let population = &evening.population;
    let mut people = vec![(f64::INFINITY, 0_u32); population.people as usize];
    for (index, _) in (0..).zip(evening.visitors.borrow().iter()).filter(|(_, visitor)| visitor.has_come()) {
        if let Some((came, devices)) = people.get_mut(population.owner(index) as usize) {
            let before = if population.is_early(index) { 0.0 } else { 1.0 };
            *came = came.min(before + population.fraction(index, Question::Arrival));
            *devices += 1;
        }
    }
    let (mut places, mut arrivals, mut devices_of) = (Vec::new(), Vec::new(), Vec::new());
    for (person, (came, devices)) in (0..).zip(people) {
        if devices == 0 || population.is_no_show(person) {
            continue;
        }
        let Some(phone) = phone_of(person) else { continue };
        let place = key.place(&opening.opening.code, &phone);
        let is_inside = reached.admits(place) && inside.contains(phone_hash(keys, &phone).as_bytes());
        if is_inside {
            places.push(Threshold::up_to(place).fraction() / reached.fraction());
        }
        let is_inside = f64::from(u8::from(is_inside));
        arrivals.push((is_inside, came));
        devices_of.push((is_inside, f64::from(devices)));
    }
    Evenness {
        admissions: places.len() as u64,
        distance_by_chance: 1.63 / (places.len().max(1) as f64).sqrt(),
        distance: distance(places),
        with_arrival: correlation(&arrivals),
        with_devices: correlation(&devices_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_even_is_near_and_what_is_not_is_far() {
        let even: Vec<f64> = (0..1_000).map(|number| (f64::from(number) + 0.5) / 1_000.0).collect();
        assert!(distance(even.clone()) < 0.001);
        assert!(distance(even.iter().map(|number| number * number).collect()) > 0.2);
        assert_eq!(distance(Vec::new()), 0.0);
    }

    #[test]
    fn correlations_have_their_sign() {
        let line: Vec<(f64, f64)> =
            (0..10).map(|number| (f64::from(number), 3.0 - f64::from(number))).collect();
        assert!((correlation(&line) + 1.0).abs() < 1e-9);
        assert_eq!(correlation(&[(1.0, 5.0), (2.0, 5.0)]), 0.0);
        assert_eq!(correlation(&[]), 0.0);
    }
}
