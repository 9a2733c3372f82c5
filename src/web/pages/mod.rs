//! The pages, a file or folder a journey.

pub mod access;
pub mod answers;
pub mod appointment;
pub mod book;
pub mod bookings;
pub mod campaign;
pub mod cancel;
pub mod change;
pub mod clinic;
pub mod code;
pub mod demo;
pub mod done;
pub mod door;
pub mod draw;
pub mod find;
pub mod find_code;
pub mod hold;
pub mod home;
pub mod line;
pub mod machines;
pub mod me;
pub mod paper;
pub mod people;
pub mod sign_in;
pub mod turn_text;
pub mod wait;
