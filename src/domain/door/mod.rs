//! The door: who may enter the booking pages now. Pure functions; the engine keeps the time, the chance and the rows.
//!
//! # The protocol
//!
//! Everybody who waits has a [place](place::Place), a number of 64 bits. The door publishes one
//! [threshold](place::Threshold) that only grows while an opening runs. Whoever's place is not above it may enter, now
//! and at any later time of the opening. There is no list of waiting people, so there is none to store, lose or jump.
//!
//! **A drawn opening**, when a whole population waits for it: a place is made of the phone number
//! ([`DrawKey::place`](draw_key::DrawKey::place)), so it is the same on every device, and coming early gains nothing.
//!
//! ```text
//! commitment  = SHA-256(seed)                                    each party's, published before any seed is revealed
//! draw key    = SHA-256(seed_1 ‖ … ‖ seed_m ‖ beacon ‖ opening)  a commitment in place of a missing seed
//! fingerprint = SHA-256(draw key)                                published as soon as the draw is made
//! place       = HMAC-SHA256(draw key, opening ‖ phone), first 8 bytes, big endian
//! ```
//!
//! A seed has 32 bytes, a beacon 32 to 64; an [opening's code](opening::OpeningCode) is ASCII; a phone is E.164 with its
//! plus sign (`+821000001234`). Seeds are revealed to the service before the beacon's round, and to everybody, with the
//! key, the day after: with the key anybody can compute anybody's place, and early phone numbers would be bought.
//!
//! **A line**, for any other busy hour: `place = milliseconds since 1970 ≪ 22 | 22 random bits`
//! ([`place_on_arrival`](line::place_on_arrival)), and a threshold is a moment before which people came.
//! In a line it is the [ticket] that is the place: signed, for one opening, until a time. In a draw there is none.
//!
//! # Waiting
//!
//! People wait in 1,024 [groups](place::Group): in a draw the top 10 bits of the place, in a [line](line::Line) the minute
//! they came in. All of a group get the same page. It tells [when their turn is](waiting::Flow::turn) by the present pace,
//! to the minute, or to five when it is far. It [looks again](waiting::refresh_seconds) after half of the remaining wait,
//! at least 5 seconds and at most 10 minutes (40 in a crowd of millions), 10 % more or less.
//!
//! # Pace
//!
//! Once a second a drawn opening's threshold rises ([`Pace::step`](pace::Pace::step)) by `Δθ = k · λ · (1 − θ) / J`:
//!
//! - θ is the fraction of all places that may enter;
//! - λ is people a second, from the [cap on sessions](session_cap) that are alive, which every 10 seconds follows the
//!   latency of booking steps, from [how long they last](stay), or from the operator;
//! - J is how many who joined still wait: the [crowd] is counted in 4 kilobytes, each phone once;
//! - k, 1 to 4, lets in more when [some stay away](turnout).
//!
//! A line's rises by as many people, whose [arrivals] are counted by the minute.
//!
//! Meanwhile a [limit on requests](concurrency) that are worked on at once keeps those quick that are taken on.
//!
//! # Showing it afterwards
//!
//! Every admission is an entry of a sealed list. The list's [hash tree](merkle) has its root published each minute, so that
//! no entry can be changed, added or taken away later, and each citizen can be shown that theirs is in it
//! ([`admission_list`]). What is public about a draw stands in one [document](published::Document), which checks itself, and an
//! [auditor](audit) checks the list against it and against the log.
//!
//! `tests/door/vectors.json` holds worked examples of all of this, and `tests/door/check.py` computes them again in
//! another language.

pub mod admission_list;
pub mod arrivals;
pub mod audit;
pub mod concurrency;
pub mod crowd;
pub mod digest;
pub mod draw;
pub mod draw_key;
pub mod joined;
pub mod line;
pub mod merkle;
pub mod opening;
pub mod pace;
pub mod place;
pub mod published;
pub mod seed;
pub mod session_cap;
pub mod stay;
pub mod ticket;
pub mod turnout;
pub mod waiting;
