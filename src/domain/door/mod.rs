//! The door: who may enter the booking pages now. Pure functions; the engine keeps the time and the rows.

pub mod digest;
pub mod draw;
pub mod line;
pub mod opening;
pub mod place;
pub mod seed;
pub mod ticket;
