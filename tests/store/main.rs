//! The store on both databases: every story runs on SQLite in a temporary folder and on PostgreSQL, on a database of
//! its own, where `SUNBEON_TEST_POSTGRES` names a server.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "../support/mod.rs"]
mod support;

mod access_log;
mod admission_list;
mod challenges;
mod closings;
mod confirming;
mod constraints;
mod contention;
mod door_state;
mod doses;
mod duplicates;
mod erasing;
mod free_days;
mod gateway_minutes;
mod holding;
mod idle_accounts;
mod key_mark;
mod ledger;
mod leftovers;
mod messages;
mod migrations;
mod moving;
mod node;
mod outbox;
mod people;
mod phone_change;
mod phone_races;
mod plans;
mod restored;
mod roster;
mod sealing;
mod snapshot;
mod staff;
mod turn_texts;
mod visits;
