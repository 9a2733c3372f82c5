use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::domain::door::line::{Line, place_on_arrival};
use crate::domain::door::place::Place;
use crate::domain::door::session_cap::CapSettings;

fn cap_settings() -> CapSettings {
    let target_p95 = Duration::from_millis(300);
    CapSettings { rehearsed: 10_000, least: 100, most: 50_000, target_p95 }
}

fn pace(mode: Mode) -> Pace {
    Pace::new(mode, SessionCap::new(cap_settings()), Turnout::new(100.0))
}

fn second(alive: u32, joined: f64) -> Second {
    Second { alive, came: 0, joined, expected: 0.0 }
}

#[test]
fn a_fixed_pace_lets_in_so_many_a_second() {
    let mut pace = pace(Mode::Fixed { people: 1_000.0 });
    let mut threshold = Threshold::CLOSED;
    for passed in 1..=1_000 {
        let quiet = Second { came: 1_000, ..second(0, 1_000_000.0) };
        threshold = pace.step(threshold, &quiet);
        assert!((threshold.fraction() - f64::from(passed) / 1_000.0).abs() < 1e-9, "{passed}");
    }
    assert_eq!(threshold, Threshold::OPEN);
}

#[test]
fn more_are_let_in_when_half_of_them_stay_away() {
    let mut pace = pace(Mode::Fixed { people: 1_000.0 });
    let mut threshold = Threshold::CLOSED;
    let mut newly = 1_000.0;
    for _ in 0..900 {
        let came = (newly * 0.5) as u32;
        let next = pace.step(threshold, &Second { came, ..second(0, 1e8) });
        newly = (next.fraction() - threshold.fraction()) * 1e8;
        threshold = next;
    }
    assert!((newly - 2_000.0).abs() < 50.0, "{newly}");
}

#[test]
fn a_full_house_lets_in_nobody_even_when_nobody_waits() {
    let mut pace = pace(Mode::Automatic);
    assert_eq!(pace.step(Threshold::CLOSED, &second(10_000, 0.0)), Threshold::CLOSED);
    assert_eq!(pace.step(Threshold::CLOSED, &second(9_999, 0.0)), Threshold::OPEN);
}

#[test]
fn the_first_few_who_join_don_t_open_the_door_for_all() {
    let mut pace = pace(Mode::Fixed { people: 1_000.0 });
    let early = Second { expected: 1_000_000.0, ..second(0, 20.0) };
    assert!((pace.step(Threshold::CLOSED, &early).fraction() - 0.001).abs() < 1e-9);
    assert_eq!(pace.step(Threshold::CLOSED, &second(0, 20.0)), Threshold::OPEN);
}

/// How many were let in each second of some hours, and how many sessions were alive at most. Many wait, four of five of them
/// come, twenty seconds after they were let in, and each session lasts so long.
fn hours(pace: &mut Pace, session: usize, modes: &[Mode]) -> (Vec<f64>, u32) {
    let (mut threshold, mut alive, mut arrivals) = (Threshold::CLOSED, vec![0_u32; session], vec![0_u32; 20]);
    let (mut most, mut let_in) = (0, Vec::new());
    for passed in 0..3_600 * modes.len() {
        pace.set_mode(modes[passed / 3_600]);
        let came = arrivals[passed % 20];
        alive[passed % session] = came;
        let sessions: u32 = alive.iter().sum();
        most = most.max(sessions);
        let next = pace.step(threshold, &Second { came, ..second(sessions, 2e6) });
        let_in.push((next.fraction() - threshold.fraction()) * 1.6e6);
        arrivals[passed % 20] = let_in[passed] as u32;
        threshold = next;
    }
    (let_in, most)
}

fn hour(pace: &mut Pace, session: usize) -> (Vec<f64>, u32) {
    hours(pace, session, &[Mode::Automatic])
}

fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().sum::<f64>() / seconds.len() as f64
}

#[test]
fn an_evening_fills_the_cap_and_stays_near_it() {
    let (let_in, most) = hour(&mut pace(Mode::Automatic), 240);
    assert!((8_000..=11_000).contains(&most), "{most}");
    // One in 240 + 60 seconds for each of 10,000 sessions.
    let steady = mean(&let_in[2_400..]);
    assert!((30.0..36.0).contains(&steady), "{steady}");
    let first = mean(&let_in[..60]);
    assert!(
        (0.8..1.5).contains(&(first / steady)),
        "who is told a time by the first minute: {first}, {steady}"
    );
}

#[test]
fn short_sessions_make_it_faster_and_never_double_it_at_once() {
    let (let_in, most) = hour(&mut pace(Mode::Automatic), 45);
    let steady = mean(&let_in[3_000..]);
    assert!((86.0..105.0).contains(&steady), "10,000 in 45 + 60 seconds: {steady}");
    assert!(most < 11_000, "{most}");
    let looks: Vec<f64> = let_in.chunks(60).map(mean).collect();
    for (at, now) in looks.iter().enumerate() {
        let before = &looks[at.saturating_sub(10)..at];
        assert!(before.iter().all(|before| *now < 2.0 * before), "minute {at}: {looks:?}");
    }
}

#[test]
fn long_sessions_never_fill_more_than_the_cap() {
    let (let_in, most) = hour(&mut pace(Mode::Automatic), 900);
    assert!(most < 11_000, "{most}");
    let steady = mean(&let_in[2_700..]);
    assert!((8.0..12.5).contains(&steady), "10,000 in 900 + 60 seconds: {steady}");
}

#[test]
fn after_an_hour_s_pause_it_goes_on_as_before() {
    let modes = [Mode::Automatic, Mode::Paused, Mode::Automatic];
    let (let_in, most) = hours(&mut pace(Mode::Automatic), 240, &modes);
    assert!(most < 11_000, "{most}");
    let before = mean(&let_in[3_000..3_600]);
    for (minute, now) in let_in[7_200..].chunks(60).map(mean).enumerate() {
        assert!((0.7..1.3).contains(&(now / before)), "minute {minute}: {now} after {before}");
    }
}

#[test]
fn after_a_quiet_hour_a_line_goes_on_as_it_began() {
    let began: Timestamp = "2026-07-19T11:00:00Z".parse().unwrap();
    let at = |seconds| began + SignedDuration::from_secs(seconds);
    let (mut pace, mut line) = (pace(Mode::Automatic), Arrivals::new(Line::new(began)));
    let mut threshold = Threshold::CLOSED;
    (0..3_600).for_each(|passed| threshold = pace.step_in_line(threshold, &line, 0, 0, at(passed)));
    (0..100_000).for_each(|chance| line.join(place_on_arrival(at(3_600), chance)));
    let (mut alive, mut above) = (vec![0_u32; 240], line.above(threshold, at(3_600)));
    for passed in 1..=900_usize {
        let now = at(3_600 + passed as i64);
        let sessions: u32 = alive.iter().sum();
        threshold = pace.step_in_line(threshold, &line, sessions, alive[(passed - 1) % 240], now);
        let left = line.above(threshold, now);
        alive[passed % 240] = (above - left).round() as u32;
        above = left;
    }
    let entered = 100_000.0 - above;
    assert!(entered > 900.0 * 25.0, "{entered} of those who would be 30,000 at the steady pace");
}

#[test]
fn another_node_goes_on_at_the_pace_that_it_finds() {
    let mut next = pace(Mode::Automatic);
    next.keep_up(95.0);
    assert_eq!(next.people_a_second(0), 95.0);
    next.keep_up(1e9);
    assert!((next.people_a_second(0) - 10_000.0 / 60.0).abs() < 1e-9);
    // What is too much is less at once, also when nobody comes in yet.
    let before = next.people_a_second(0);
    next.tick(Some(Duration::from_millis(400)), 0);
    assert!((next.people_a_second(0) / before - 0.9).abs() < 1e-9);
}

#[test]
fn hardly_anybody_is_let_in_while_the_service_is_behind() {
    for mode in [Mode::Automatic, Mode::Fixed { people: 40.0 }] {
        let mut pace = pace(mode);
        let quick = pace.people_a_second(0);
        pace.set_behind(true);
        let mut threshold = Threshold::CLOSED;
        for _ in 0..600 {
            threshold = pace.step(threshold, &second(0, 2e6));
        }
        let let_in = threshold.fraction() * 2e6;
        assert!(
            (let_in / (600.0 * quick) - 0.1).abs() < 0.01,
            "{let_in}: who can't come in is not made up for"
        );
        pace.set_behind(false);
        assert!((pace.let_in(0) / quick - 1.0).abs() < 0.01);
    }
}

#[test]
fn what_the_operator_says_forgets_nothing() {
    let mut pace = pace(Mode::Automatic);
    hour(&mut pace, 90);
    let (before, cap) = (pace.people_a_second(5_000), pace.cap.clone());
    assert!(before > 60.0, "{before}");
    pace.go_on(cap.clone());
    assert_eq!(pace.people_a_second(5_000), before);
    pace.go_on(SessionCap::resumed(cap_settings(), cap.kept()));
    assert_eq!(pace.people_a_second(5_000), before);
}

#[test]
fn an_operator_s_steps_change_what_sets_the_pace() {
    let mut fixed = pace(Mode::Fixed { people: 100.0 });
    fixed.faster();
    assert!((fixed.people_a_second(0) - 110.0).abs() < 1e-9);
    fixed.slower();
    assert!((fixed.people_a_second(0) - 99.0).abs() < 1e-9);

    let mut automatic = pace(Mode::Automatic);
    automatic.slower();
    let people = |pace: &Pace| (pace.people_a_second(0) * 100.0).round() / 100.0;
    assert_eq!(people(&automatic), 30.0, "9,000 sessions of four minutes and one");
    automatic.set_mode(Mode::Paused);
    automatic.faster();
    assert_eq!((automatic.mode(), automatic.people_a_second(0)), (Mode::Paused, 0.0));
    automatic.set_mode(Mode::Automatic);
    automatic.faster();
    assert_eq!(people(&automatic), 33.0);
}

#[test]
fn a_line_lets_in_as_many_as_a_draw() {
    let began: Timestamp = "2026-07-19T11:00:00Z".parse().unwrap();
    let at = |seconds| began + SignedDuration::from_secs(seconds);
    let mut line = Arrivals::new(Line::new(began));
    (0..600).for_each(|seconds| (0..50).for_each(|chance| line.join(place_on_arrival(at(seconds), chance))));
    let (mut pace, mut threshold) = (pace(Mode::Fixed { people: 20.0 }), Threshold::CLOSED);
    for passed in 0..600 {
        threshold = pace.step_in_line(threshold, &line, 0, 20, at(600 + passed));
    }
    assert!((line.above(threshold, at(1_200)) - 18_000.0).abs() < 20.0);
    assert!(
        threshold.admits(place_on_arrival(at(239), 0)) && !threshold.admits(place_on_arrival(at(241), 0))
    );
    pace.set_mode(Mode::Paused);
    assert_eq!(pace.step_in_line(threshold, &line, 0, 0, at(1_200)), threshold);
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        Just(Mode::Automatic),
        (-10.0..1e7_f64).prop_map(|people| Mode::Fixed { people }),
        // Less than one place.
        Just(Mode::Fixed { people: 1e-12 }),
        Just(Mode::Paused)
    ]
}

fn odd() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..1e7_f64, Just(0.0), Just(f64::NAN), Just(f64::INFINITY)]
}

proptest! {
    #[test]
    fn it_never_falls_and_a_pause_never_moves(
        start in any::<Option<u64>>(),
        seconds in prop::collection::vec((mode(), 0..20_000_u32, 0..2_000_u32, odd(), odd()), 1..60),
    ) {
        let start = start.map_or(Threshold::CLOSED, |last| Threshold::up_to(Place(last)));
        let (mut pace, mut threshold) = (pace(Mode::Automatic), start);
        for (mode, alive, came, joined, expected) in seconds {
            pace.set_mode(mode);
            pace.tick(Some(Duration::from_millis(u64::from(came))), alive);
            let next = pace.step(threshold, &Second { alive, came, joined, expected });
            prop_assert!(next >= threshold);
            prop_assert!((0.0..=1.0).contains(&next.fraction()));
            prop_assert!(mode != Mode::Paused || next == threshold);
            threshold = next;
        }
    }
}
