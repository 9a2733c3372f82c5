//! The rehearsal: a small population comes to the real executable, and a report that has something to tell tells it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod red;
mod small;
