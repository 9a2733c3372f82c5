//! The pages, a file or folder a journey.

pub mod clinic;
pub mod demo;
pub mod home;
pub mod machines;
