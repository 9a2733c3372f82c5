//! What fails around the program, and what a visitor is told meanwhile: the disk is full, the database is gone, a queue
//! is full, an actor panics, the clock jumps, the service is told to stop. Afterwards everything goes on by itself.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;
#[path = "../journeys/way.rs"]
mod way;

#[path = "../durability/country.rs"]
#[allow(dead_code)]
mod country;
#[path = "../durability/household.rs"]
#[allow(dead_code)]
mod household;
#[path = "../durability/mailbox.rs"]
#[allow(dead_code)]
mod mailbox;
#[path = "../durability/service.rs"]
#[allow(dead_code)]
mod service;

#[path = "../durability/town.rs"]
mod town;

mod answers;
mod clock;
mod crowd;
mod database;
mod disk;
mod forms;
mod half_sent;
mod leading;
mod queue;
mod rounds;
#[path = "../support/server.rs"]
mod server;
mod signals;
mod stumbling;
