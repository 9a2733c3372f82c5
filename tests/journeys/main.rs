//! Stories of people who use Sunbeon, told over HTTP.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod account;
mod audit;
mod bookings;
mod callers;
mod clinic;
mod closing;
mod day;
mod desk;
mod door;
mod doors;
mod draw;
mod evening;
mod family;
mod find;
mod full;
mod identity;
mod interruptions;
mod journey;
mod line;
mod looking_around;
mod machines;
mod messages;
mod mother_and_daughter;
mod own_messages;
mod pages;
mod pressed_twice;
mod replies;
mod standby;
mod supply;
mod told;
mod turn_text;
mod way;
mod ways_back;
