//! The demo: an invented country, the same for the same seed.

pub mod names;
pub mod people;
mod words;
