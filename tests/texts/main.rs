//! Text messages, against stand-ins that keep to the vendors' guides and let everything go wrong.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

#[path = "../app/mod.rs"]
mod app;
#[path = "../mail/mod.rs"]
#[allow(dead_code)]
mod mail;

mod brought;
mod failover;
mod gateway;
mod logs;
#[path = "../support/needles.rs"]
mod needles;
mod receipts;
mod sens;
mod smpp;
mod stand_in;
mod stories;
