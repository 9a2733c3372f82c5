//! Stories of people who use Sunbeon, told over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod clinic;
mod machines;
mod pages;
