//! Sunbeon (순번, "your number in line") books vaccination appointments for a whole country.
//!
//! In reading order: [`domain`] holds the nouns and rules, [`keys`] seals what is personal, [`store`] remembers,
//! [`notify`] carries messages, [`engine`] runs the actors, [`import`] reads an operator's files, [`backup`] keeps
//! it all safe, [`web`] shows the pages, [`rehearse`] tries an evening, and [`cli`] starts it.

pub mod backup;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod import;
pub mod keys;
pub mod language;
pub mod notify;
pub mod rehearse;
pub mod store;
pub mod system;
pub mod telemetry;
pub mod web;
