//! The nouns a nurse knows, their rules and their errors. Pure: no database, no web, no system time, no randomness.

pub mod birth_date;
pub mod booking;
pub mod campaign;
pub mod clock;
pub mod door;
pub mod email;
pub mod gateway;
pub mod idleness;
pub mod ids;
pub mod message;
pub mod message_state;
pub mod party_token;
pub mod person;
pub mod person_name;
pub mod phone;
pub mod position;
pub mod product;
pub mod reference;
pub mod region;
pub mod reminder;
pub mod seat_search;
pub mod site;
pub mod slot;
pub mod span;
pub(crate) mod text;
pub mod weekly_hours;
