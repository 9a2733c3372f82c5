//! The pages, a file or folder a journey.

pub mod access;
pub mod book;
pub mod campaign;
pub mod change;
pub mod home;
