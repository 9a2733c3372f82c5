//! Histories: what many clients asked and were told at once, in the order in which they asked and were told, must be what
//! one desk that serves one after the other could have said (linearizability).
//!
//! `SUNBEON_TEST_HISTORIES=72` records more of them than the usual few, `SUNBEON_TEST_SEED=7` begins with another seed.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod checker;
mod clients;
mod node;
mod orders;
mod recorder;
mod seats;
mod stories;
mod town;
mod wrong;
