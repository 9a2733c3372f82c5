//! Many short histories, each with its own people and times, recorded and explained.

use std::collections::BTreeMap;
use std::sync::Arc;

use sunbeon::engine::Engine;

use crate::app::TestApp;
use crate::checker::{Event, Verdict, check};
use crate::clients::Crowd;
use crate::node::Node;
use crate::on_both;
use crate::orders::{Act, CHANGES};
use crate::recorder::Recorder;
use crate::seats::Seats;
use crate::town::{HISTORIES_MAX, TIMES, Town};

on_both!(what_a_crowd_is_told_could_have_been_told_one_after_the_other);

#[test]
fn two_nodes_on_one_database_tell_what_one_could_have_told() {
    let Some(app) = TestApp::start_on_postgres() else { return };
    let other = Node::start(&app);
    record_and_explain(&app, &[app.engine(), other.engine.clone()]);
    drop(other);
    app.stop();
}

/// Histories of each story unless the environment says otherwise.
const HISTORIES: usize = 16;

fn from_environment(name: &str, otherwise: usize) -> usize {
    std::env::var_os(name)
        .map_or(otherwise, |value| value.to_str().and_then(|value| value.parse().ok()).expect("a number"))
}

fn what_a_crowd_is_told_could_have_been_told_one_after_the_other(app: &TestApp) {
    record_and_explain(app, &[app.engine()]);
}

fn record_and_explain(app: &TestApp, nodes: &[Arc<Engine>]) {
    let histories = from_environment("SUNBEON_TEST_HISTORIES", HISTORIES).min(HISTORIES_MAX);
    let first_seed = from_environment("SUNBEON_TEST_SEED", 1) as u64;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut told, mut done) = ([0; 2], BTreeMap::<&str, usize>::new());
    for number in 0..histories {
        let seed = first_seed + number as u64;
        let with_time = seed.is_multiple_of(3);
        let times = if with_time { vec![0, 11] } else { vec![0] };
        let rules = Town::rules(times);
        let town = runtime.block_on(Town::settle(app, &nodes[0], number));
        let recorder = Recorder::new(town, nodes.to_vec(), app.clock.clone());
        runtime.block_on(Crowd::new(&recorder, &rules).run(seed, with_time));
        let history = recorder.history();
        let free = Seats::free(&TIMES.map(|time| time.2));
        if let Verdict::Unexplained(order, state) = check(&rules, &free, &history) {
            panic!("seed {seed}: {}", story(&history, &order, &state));
        }
        for event in &history {
            told[usize::from(event.told.is_some())] += 1;
            event.act.done().into_iter().for_each(|what| *done.entry(what).or_default() += 1);
        }
    }
    println!("{histories} histories explained: {} events answered, {} not, done {done:?}", told[1], told[0]);
    assert!(told[1] > told[0] * 5, "a history without answers proves nothing");
    let missing: Vec<_> = CHANGES.iter().filter(|change| !done.contains_key(*change)).collect();
    // Whoever asks for a few histories looks for something else.
    let are_few = histories < HISTORIES;
    assert!(
        are_few || missing.is_empty(),
        "nothing of these was ever done, which proves nothing: {missing:?}"
    );
}

/// A history for whoever must find out what is wrong with it.
fn story(history: &[Event<Act>], order: &[usize], state: &Seats) -> String {
    let line = |event: &Event<Act>| {
        let told = event.told.map_or("never".to_owned(), |told| told.to_string());
        let Act { order, answer, asked_at, slack } = &event.act;
        format!(
            "{:>4} to {told:>5}, minute {asked_at}, slack {slack:?}: {order:?} -> {answer:?}\n",
            event.asked
        )
    };
    let explained: String = order.iter().map(|&index| line(&history[index])).collect();
    let left = (0..history.len()).filter(|index| !order.contains(index));
    let left: String = left.map(|index| line(&history[index])).collect();
    format!(
        "no order explains this history.\nThe longest that can be:\n{explained}State: {state:?}\nLeft:\n{left}"
    )
}
