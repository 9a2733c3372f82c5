//! The pages, a file or folder a journey.

pub mod access;
pub mod code;
pub mod home;
pub mod me;
pub mod people;
pub mod sign_in;
