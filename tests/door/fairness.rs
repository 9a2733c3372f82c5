//! Places of a draw are spread as chance would spread them, and so are those of whoever comes in.

use sunbeon::domain::door::digest::Digest;
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::domain::door::place::Threshold;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::rehearse::evenness::{correlation, distance};
use sunbeon::rehearse::people::mixed;

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

/// People of an evening, of whom [`PHONES`] come in.
const PEOPLE: u32 = 60_000;

/// The correlation that nobody may have with coming in.
const CORRELATION_MAX: f64 = 0.02;

/// Somebody who comes to the door: where they stand, when the first of their devices comes, and how many they have.
struct Visitor {
    place: Threshold,
    comes: f64,
    devices: u32,
}

/// Half come in the first minute and the rest over half an hour, each with one to ten devices, each of which comes when it likes.
fn visitor(key: &DrawKey, opening: &OpeningCode, [number, person]: [u32; 2]) -> Visitor {
    let phone = PhoneNumber::from_e164(&format!("+821{person:09}")).unwrap();
    let mut chance = mixed(u64::from(person) ^ u64::from(number) << 40);
    let mut below = |limit: u64| {
        chance = mixed(chance);
        (chance % limit) as f64
    };
    let devices = 1 + below(10) as u32;
    let arrivals = (0..devices).map(|_| if below(2) < 1.0 { below(60) } else { 60.0 + below(1_740) });
    let comes = arrivals.fold(f64::INFINITY, f64::min);
    Visitor { place: Threshold::up_to(key.place(opening, &phone)), comes, devices }
}

/// An evening whose threshold rises evenly until 20,000 people are in: how far their places are from even up to there, and how
/// coming in goes with the time of arrival and with the number of devices, of those who had come.
fn evening(number: u8) -> [f64; 3] {
    /// Seconds in which the door would open whole.
    const WHOLE: f64 = 3_600.0;
    let (key, opening) = (DrawKey::new(Digest::of(&[b"evening", &[number]]).0), "flu-2026".parse().unwrap());
    let visitors: Vec<Visitor> =
        (0..PEOPLE).map(|person| visitor(&key, &opening, [number.into(), person])).collect();
    let enters = |one: &Visitor| one.comes.max(one.place.fraction() * WHOLE);
    let mut entered: Vec<f64> = visitors.iter().map(enters).collect();
    entered.sort_by(f64::total_cmp);
    let now = entered[PHONES - 1];
    let here: Vec<&Visitor> = visitors.iter().filter(|one| one.comes <= now).collect();
    let is_in = |one: &Visitor| f64::from(u8::from(enters(one) <= now));
    let inside = here.iter().filter(|one| is_in(one) > 0.0);
    let places: Vec<f64> = inside.map(|one| one.place.fraction() / (now / WHOLE)).collect();
    assert!(places.len() >= PHONES);
    let with = |what: &dyn Fn(&Visitor) -> f64| {
        correlation(&here.iter().map(|one| (is_in(one), what(one))).collect::<Vec<_>>()).abs()
    };
    [distance(places), with(&|one| one.comes), with(&|one| f64::from(one.devices))]
}

#[test]
fn whoever_comes_in_is_who_chance_would_let_in() {
    let evenings: Vec<[f64; 3]> = (0..KEYS).map(evening).collect();
    let above = evenings.iter().filter(|[distance, ..]| *distance >= DISTANCE_MAX).count();
    assert!(above <= 1, "{evenings:?}");
    for [_, arrival, devices] in &evenings {
        assert!(arrival.max(*devices) < CORRELATION_MAX, "{evenings:?}");
    }
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
