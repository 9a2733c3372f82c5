//! Stories of people who use Sunbeon, told over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod bookings;
mod clinic;
mod family;
mod find;
mod identity;
mod machines;
mod pages;
