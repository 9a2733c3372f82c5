//! (being written)

pub mod demo;
mod service;
