//! Text messages by HTTP, against a gateway that keeps to the vendor's guide and lets everything go wrong.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;
#[path = "../mail/mod.rs"]
#[allow(dead_code)]
mod mail;

mod gateway;
mod stand_in;
mod stories;
