//! Backups of a country that goes on booking, put back into empty places.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]
#![allow(dead_code, reason = "the citizens do more elsewhere")]

#[path = "../app/mod.rs"]
mod app;
#[path = "../desk/citizens.rs"]
mod citizens;

mod demo;
mod load;
mod place;
mod refusals;
mod standby;
mod stories;
