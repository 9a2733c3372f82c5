//! Who may open what: walks the whole URL map in every role. A page that the map gains is walked too, and a placeholder
//! that nobody taught this test fails it.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;

mod codes;
mod cookies;
mod door;
mod forms;
mod journey;
mod matrix;
#[path = "../support/needles.rs"]
mod needles;
mod pages;
mod paths;
mod roles;
#[path = "../support/server.rs"]
#[allow(dead_code)]
mod server;
mod timing;
mod traces;
