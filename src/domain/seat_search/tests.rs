use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::super::campaign::Localised;
use super::super::ids::{CampaignId, SiteId};
use super::super::product::{AgeLimits, DoseInterval};
use super::*;

const FIRST: Date = date(2026, 11, 24);
const MRNA: ProductId = ProductId(1);
const HIGH_DOSE: ProductId = ProductId(2);

fn product(id: ProductId, youngest: u16, oldest: Option<u16>, intervals: Vec<DoseInterval>) -> Product {
    let ages = AgeLimits { youngest, oldest };
    Product { id, code: format!("p{id}"), name: Localised::default(), ages, intervals, may_follow: vec![] }
}

fn campaign(doses: u8) -> Arc<Campaign> {
    let intervals = vec![DoseInterval::new(2, 21, 28, 42).unwrap()];
    Arc::new(Campaign {
        id: CampaignId(1),
        slug: "covid".into(),
        name: Localised::default(),
        about: Localised::default(),
        doses,
        opens_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        closes_at: "2027-01-20T00:00:00Z".parse().unwrap(),
        first_day: FIRST,
        last_day: date(2027, 1, 31),
        cohorts: vec![],
        products: vec![product(MRNA, 12, None, intervals.clone()), product(HIGH_DOSE, 65, None, intervals)],
        reminders: vec![],
    })
}

fn born(year: i16) -> BirthDate {
    BirthDate::new(date(year, 3, 9), FIRST).unwrap()
}

fn search(doses: u8, births: &[i16]) -> SeatSearch {
    SeatSearch {
        campaign: campaign(doses),
        births: births.iter().map(|year| born(*year)).collect(),
        dose: 1,
        earlier: vec![],
        later: if doses > 1 { LaterDose::Wanted } else { LaterDose::None },
        only: None,
    }
}

fn on(days: i64, product: ProductId, free: i64) -> DaySeats {
    DaySeats { product, day: FIRST.saturating_add(days.days()), free }
}

/// A slot of the day `days` after the first, `half_hours` after 9 o'clock in Seoul.
fn slot(days: i64, half_hours: i64, free: u32) -> FreeSlot {
    let nine: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    let starts_at = Timestamp::from_second(nine.as_second() + days * 86_400 + half_hours * 1800).unwrap();
    let slot = Slot {
        id: SlotId(days * 100 + half_hours),
        site: SiteId(1),
        campaign: CampaignId(1),
        product: MRNA,
        starts_at,
        local_date: FIRST.saturating_add(days.days()),
    };
    FreeSlot { slot, free }
}

#[test]
fn only_vaccines_for_everyones_age_are_offered() {
    let ids = |search: &SeatSearch| search.products().iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&search(1, &[1950])), [MRNA, HIGH_DOSE]);
    assert_eq!(ids(&search(1, &[1950, 1990])), [MRNA], "the daughter is too young for the other");
    assert!(ids(&search(1, &[1950, 2020])).is_empty(), "a small child and a grandmother share none");
}

#[test]
fn a_day_fits_when_it_has_a_seat_for_each() {
    let days = [on(0, MRNA, 1), on(0, HIGH_DOSE, 1), on(1, MRNA, 2)];
    let open = search(1, &[1950, 1951]).open_days(&days);
    let fits: Vec<_> = open.iter().map(|day| (day.free, day.fits)).collect();
    assert_eq!(fits, [(2, false), (2, true)], "one product for all, not one seat of each");
    let younger = search(1, &[1990]).open_days(&days);
    assert_eq!((younger[0].free, younger[0].fits), (1, true));
}

#[test]
fn a_first_dose_without_a_possible_second_is_not_offered() {
    let days = [on(0, MRNA, 5), on(10, MRNA, 5), on(28, MRNA, 1), on(31, MRNA, 2)];
    let fits: Vec<bool> = search(2, &[1990]).open_days(&days).iter().map(|day| day.fits).collect();
    assert_eq!(fits, [true, true, false, false]);
    let pair: Vec<bool> = search(2, &[1990, 1991]).open_days(&days).iter().map(|day| day.fits).collect();
    assert_eq!(pair, [true, true, false, false]);
    let three = search(2, &[1990, 1991, 1992]).open_days(&days);
    assert!(three.iter().all(|day| !day.fits), "the second doses have seats for two at most");
}

#[test]
fn the_second_dose_is_proposed_near_the_day_and_the_hour() {
    let search = search(2, &[1990]);
    let first = slot(0, 2, 1);
    let at = |slots: &[FreeSlot]| search.propose_later(slots, &first.slot).map(|seats| seats[0].0);
    assert_eq!(at(&[first, slot(27, 2, 1), slot(28, 0, 1), slot(28, 3, 1)]), Some(2803));
    assert_eq!(at(&[first, slot(28, 2, 0), slot(29, 2, 1), slot(35, 2, 1)]), Some(2902));
    assert_eq!(at(&[first, slot(20, 2, 1), slot(43, 2, 1)]), None, "too early and too late");
}

#[test]
fn the_second_dose_is_proposed_for_the_whole_party() {
    let search = search(2, &[1990, 1991]);
    let slots = [slot(0, 2, 2), slot(28, 2, 1), slot(28, 6, 1), slot(30, 2, 1), slot(30, 3, 1)];
    let seats = search.propose_later(&slots, &slots[0].slot).unwrap();
    assert_eq!(
        seats,
        [SlotId(3002), SlotId(3003)],
        "neighbours on a later day before strangers on the best one"
    );
}

#[test]
fn a_later_dose_that_stands_is_left_alone_while_the_interval_holds() {
    let at = DoseDay { day: FIRST.saturating_add(28.days()), product: MRNA };
    let stands = |movable| SeatSearch { later: LaterDose::Stands { at, movable }, ..search(2, &[1990]) };
    assert!(!stands(true).needs_later(MRNA, FIRST.saturating_add(7.days())));
    assert!(stands(true).needs_later(MRNA, FIRST.saturating_add(8.days())));
    assert!(stands(true).needs_later(HIGH_DOSE, FIRST), "the second dose is of the same product");
    let days = [on(0, MRNA, 1), on(10, MRNA, 1), on(38, MRNA, 1)];
    let fits = |movable| stands(movable).open_days(&days).iter().map(|day| day.fits).collect::<Vec<_>>();
    assert_eq!(fits(true), [true, true, false]);
    assert_eq!(fits(false), [true, false, false]);
}

#[test]
fn a_second_dose_alone_keeps_to_its_window() {
    let earlier = vec![DoseDay { day: FIRST, product: MRNA }];
    let alone = SeatSearch { dose: 2, earlier, later: LaterDose::None, ..search(2, &[1990]) };
    assert!(!alone.suits(MRNA, FIRST.saturating_add(20.days())));
    assert!(alone.suits(MRNA, FIRST.saturating_add(21.days())));
    assert!(!alone.suits(HIGH_DOSE, FIRST.saturating_add(21.days())));
    assert_eq!(alone.products().len(), 1);
}

#[test]
fn times_are_offered_only_where_the_party_fits() {
    let search = search(1, &[1950, 1951]);
    let slots = [slot(0, 0, 1), slot(0, 1, 1), slot(0, 5, 1), slot(1, 0, 2), slot(2, 0, 1)];
    let days = search.count_days(&slots);
    assert_eq!(days.iter().map(|day| day.free).collect::<Vec<_>>(), [3, 2, 0]);
    let fitting: Vec<i64> =
        search.fitting(&slots, MRNA, &days).iter().map(|(one, _)| one.slot.id.0).collect();
    assert_eq!(fitting, [0, 100]);
    let near = search.nearest(&slots, (MRNA, slots[4].slot.starts_at), 1);
    assert_eq!(near[0].0.slot.id, SlotId(100));
}

fn later_dose() -> impl Strategy<Value = LaterDose> {
    let stands = (0_i64..90, any::<bool>(), any::<bool>()).prop_map(|(days, same, movable)| {
        let product = if same { MRNA } else { HIGH_DOSE };
        LaterDose::Stands { at: DoseDay { day: FIRST.saturating_add(days.days()), product }, movable }
    });
    prop_oneof![Just(LaterDose::None), Just(LaterDose::Wanted), stands]
}

proptest! {
    /// What is worked out ahead says of every day what the rules say of it alone.
    #[test]
    fn the_outlook_is_what_the_rules_say(
        births in proptest::collection::vec(prop_oneof![1958_i16..1964, 2012_i16..2016], 1..3),
        later in later_dose(),
        given in proptest::option::of(-40_i64..10),
        counts in proptest::collection::btree_map((0_i64..60, 1_i64..3), 0_i64..4, 0..60),
    ) {
        let dose = if given.is_some() { 2 } else { 1 };
        let earlier = given.map(|days| DoseDay { day: FIRST.saturating_add(days.days()), product: MRNA });
        let search = SeatSearch { dose, later, earlier: earlier.into_iter().collect(), ..search(2, &births) };
        let days: Vec<DaySeats> =
            counts.iter().map(|((day, product), free)| on(*day, ProductId(*product), *free)).collect();
        let mut wanted: Vec<OpenDay> = Vec::new();
        for one in days.iter().filter(|one| search.suits(one.product, one.day)) {
            let fits = search.fits(one, &days);
            match wanted.last_mut().filter(|last| last.day == one.day) {
                Some(last) => (last.free, last.fits) = (last.free + one.free, last.fits | fits),
                None => wanted.push(OpenDay { day: one.day, free: one.free, fits }),
            }
        }
        let fits_somewhere = wanted.iter().any(|day| day.fits);
        prop_assert_eq!(search.open_days(&days), wanted);
        let outlook = search.outlook(FIRST, 60);
        let free = |row: usize, day: usize| {
            let key = (i64::try_from(day).unwrap(), outlook.products[row].product.0);
            counts.get(&key).map_or(NO_SLOTS, |free| i32::try_from(*free).unwrap())
        };
        prop_assert_eq!(outlook.fits_on_some_day(0, free), fits_somewhere);
    }
}
