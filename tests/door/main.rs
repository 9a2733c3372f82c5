//! The door's arithmetic against its published examples, against an independent check, and against pure chance.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fairness;
mod independent;
mod vectors;
