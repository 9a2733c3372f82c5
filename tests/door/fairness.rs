//! Places of a draw are spread as chance would spread them.

use sunbeon::domain::door::digest::Digest;
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::domain::door::place::Threshold;
use sunbeon::domain::phone::PhoneNumber;

const PHONES: usize = 20_000;
const KEYS: u8 = 20;

/// The greatest distance that 20,000 numbers taken evenly from [0, 1] exceed once in a hundred times: 1.63 / √20,000.
const DISTANCE_MAX: f64 = 0.0115;

/// Numbers one after the other, as no chance would give them.
fn phones() -> Vec<PhoneNumber> {
    let numbers = ["10", "70"].map(|network| {
        (0..PHONES / 2)
            .map(move |last| PhoneNumber::from_e164(&format!("+82{network}0000{last:04}")).unwrap())
    });
    numbers.into_iter().flatten().collect()
}

/// How far numbers are from even on [0, 1]: the greatest difference between the share of them up to a point and that
/// point (Kolmogorov and Smirnov).
fn distance(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len() as f64;
    let gaps = numbers.iter().enumerate().map(|(before, number)| {
        let (below, up_to) = (before as f64 / count, (before + 1) as f64 / count);
        (number - below).max(up_to - number)
    });
    gaps.fold(0.0, f64::max)
}

fn fractions(key: &DrawKey, opening: &OpeningCode, phones: &[PhoneNumber]) -> Vec<f64> {
    phones.iter().map(|phone| Threshold::up_to(key.place(opening, phone)).fraction()).collect()
}

#[test]
fn places_are_even_whatever_the_key() {
    let (opening, phones) = ("flu-2026".parse().unwrap(), phones());
    let distances: Vec<f64> = (0..KEYS)
        .map(|number| DrawKey::new(Digest::of(&[b"key", &[number]]).0))
        .map(|key| distance(fractions(&key, &opening, &phones)))
        .collect();
    let above = distances.iter().filter(|distance| **distance >= DISTANCE_MAX).count();
    assert!(above <= 1, "{distances:?}");
}

/// What the test above would say of a draw that favours somebody.
#[test]
fn a_small_favour_is_noticed() {
    let (opening, phones) = ("flu-2026".parse().unwrap(), phones());
    let fair = fractions(&DrawKey::new([1; 32]), &opening, &phones);
    assert!(distance(fair.clone()) < DISTANCE_MAX);
    // One in ten gets the square of a fraction, which is the smaller one.
    let favoured = fair.iter().enumerate().map(|(at, own)| if at % 10 == 0 { own * own } else { *own });
    assert!(distance(favoured.collect()) > DISTANCE_MAX);
}
