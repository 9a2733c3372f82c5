//! Desks under contention, through the engine: whatever happens, no seat is given twice and none is lost.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod citizens;
mod contention;
mod limits;
mod neighbours;
#[path = "../histories/node.rs"]
mod node;
mod sound;
mod stops;
mod stories;
