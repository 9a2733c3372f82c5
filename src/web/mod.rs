//! (being written)

pub mod style;
