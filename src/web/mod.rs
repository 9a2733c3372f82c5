//! (being written)

pub mod form;
pub mod style;
