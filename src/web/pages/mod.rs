//! The pages, a file or folder a journey.

pub mod access;
pub mod home;
