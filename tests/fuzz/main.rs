//! Hostile input, made at random from valid input, for every reader of what comes from outside: nothing panics, and no page
//! answers with a fault.
//!
//! `SUNBEON_TEST_FUZZ=1000` runs that many times as many cases as usual. A failure prints the smallest input that was
//! found; `PROPTEST_RNG_SEED=7` makes a run again.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod door;
mod files;
mod hostile;
mod http;
#[path = "../import/office.rs"]
mod office;
mod requests;
mod visitors;
mod words;

/// How a reader is tried: `usual` cases, more of them when the environment says so.
pub fn cases(usual: u32) -> proptest::test_runner::Config {
    let times = std::env::var_os("SUNBEON_TEST_FUZZ")
        .map_or(1, |times| times.to_str().and_then(|times| times.parse().ok()).expect("a number"));
    let cases = usual.saturating_mul(times);
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
