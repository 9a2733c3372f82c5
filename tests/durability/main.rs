//! What was acknowledged is there: after a SIGKILL at any moment, and on disk before anybody is told.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod chaos;
mod country;
mod disk;
mod facts;
mod household;
mod intruder;
mod kills;
mod mailbox;
mod messages;
mod rough_gateway;
mod service;
mod town;
mod trace;
mod visit;
