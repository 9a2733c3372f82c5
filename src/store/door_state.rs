//! How far the door of an opening is open: one row, which the leading node writes each second.

use diesel::prelude::*;
use jiff::Timestamp;

use super::admissions;
use super::schema::{door_second, door_state};
use super::values::{moment, small, unreadable};
use super::{Conn, StoreError, Tx};
use crate::domain::campaign::Localised;
use crate::domain::door::crowd::Crowd;
use crate::domain::door::pace::Mode;
use crate::domain::door::place::{Place, Threshold};
use crate::domain::door::session_cap::KeptCap;
use crate::domain::ids::OpeningId;

/// How long a node leads without saying so again, in seconds. After that another takes over.
const LED_SECONDS: i64 = 5;

/// How far the door is open, and all that a restart needs to go on.
#[derive(Debug, Clone)]
pub struct DoorState {
    /// Who may enter.
    pub threshold: Threshold,
    /// How far the threshold rises in a second at the moment, as a fraction of all places.
    pub rate: f64,
    /// Whether the operator has stopped it.
    pub paused: bool,
    /// Who sets the pace while it is not stopped.
    pub mode: Mode,
    /// The cap on sessions.
    pub cap: KeptCap,
    /// How many phones were admitted so far.
    pub admitted: u64,
    /// The phones that joined.
    pub crowd: Crowd,
    /// What the operator tells those who wait; empty when nothing.
    pub note: Localised,
    /// The node that leads.
    pub leader: u16,
    /// Grows whenever another node takes over.
    pub fence: i64,
    /// When it was written last.
    pub turned_at: Timestamp,
}

/// What a second brought, for whoever leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// Sessions that are alive.
    pub alive: u32,
    /// Phones that were admitted since the last turn.
    pub since: u32,
}

/// Places without a sign in the order of numbers with one.
pub(super) fn kept_place(place: Place) -> i64 {
    (place.0 ^ (1 << 63)).cast_signed()
}

fn kept_threshold(threshold: Threshold) -> Option<i64> {
    threshold.last().map(kept_place)
}

fn threshold(kept: Option<i64>) -> Threshold {
    kept.map_or(Threshold::CLOSED, |kept| Threshold::up_to(Place(kept.cast_unsigned() ^ (1 << 63))))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = door_state)]
struct Row {
    leader: i32,
    fence: i64,
    led_until: i64,
    turned_at: i64,
    threshold: Option<i64>,
    rate: f64,
    paused: bool,
    people: Option<f64>,
    cap: f64,
    cap_least: f64,
    cap_held: i32,
    admitted: i64,
    crowd: Vec<u8>,
    note_ko: String,
    note_en: String,
}

impl Row {
    fn state(self) -> Result<DoorState, StoreError> {
        Ok(DoorState {
            threshold: threshold(self.threshold),
            rate: self.rate,
            paused: self.paused,
            mode: self.people.map_or(Mode::Automatic, |people| Mode::Fixed { people }),
            cap: KeptCap { cap: self.cap, lowest: self.cap_least, held_ticks: small(self.cap_held)? },
            admitted: u64::try_from(self.admitted).map_err(unreadable)?,
            crowd: Crowd::from_bytes(&self.crowd).map_err(unreadable)?,
            note: Localised { korean: self.note_ko, english: self.note_en },
            leader: small(self.leader)?,
            fence: self.fence,
            turned_at: moment(self.turned_at)?,
        })
    }
}

/// What a turn moves.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = door_state, treat_none_as_null = true)]
struct Moving<'a> {
    leader: i32,
    fence: i64,
    turned_at: i64,
    threshold: Option<i64>,
    rate: f64,
    cap: f64,
    cap_least: f64,
    cap_held: i32,
    admitted: i64,
    crowd: &'a [u8],
}

impl<'a> Moving<'a> {
    fn of(state: &'a DoorState) -> Self {
        Self {
            leader: i32::from(state.leader),
            fence: state.fence,
            turned_at: state.turned_at.as_second(),
            threshold: kept_threshold(state.threshold),
            rate: state.rate,
            cap: state.cap.cap,
            cap_least: state.cap.lowest,
            cap_held: i32::from(state.cap.held_ticks),
            admitted: i64::try_from(state.admitted).unwrap_or(i64::MAX),
            crowd: state.crowd.as_bytes(),
        }
    }
}

fn row(conn: &mut Conn, opening: OpeningId) -> QueryResult<Option<Row>> {
    door_state::table.find(opening.0).select(Row::as_select()).get_result(conn).optional()
}

/// The state of an opening's door; `None` before its first turn.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn find(conn: &mut Conn, opening: OpeningId) -> Result<Option<DoorState>, StoreError> {
    row(conn, opening)?.map(Row::state).transpose()
}

/// Who may enter now, as the database has it.
///
/// # Errors
/// [`diesel::result::Error`] when the query fails.
pub(super) fn threshold_of(tx: &mut Tx<'_>, opening: OpeningId) -> QueryResult<Threshold> {
    let kept: Option<Option<i64>> =
        door_state::table.find(opening.0).select(door_state::threshold).get_result(tx.conn).optional()?;
    Ok(threshold(kept.flatten()))
}

/// A second of the door. Each node brings the phones that joined at it; the one that leads, or takes over from one that has
/// not been heard of for five seconds, moves the door by `step`. Everybody gets the state as it is afterwards.
///
/// What `step` does to the threshold is taken only as far as it rises.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn turn(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    node: u16,
    joined: &Crowd,
    fresh: &DoorState,
    step: impl FnOnce(&mut DoorState, Came),
) -> Result<DoorState, StoreError> {
    let now = tx.now.as_second();
    let Some(row) = row(tx.conn, opening)? else {
        let state = DoorState { leader: node, fence: 1, turned_at: tx.now, ..fresh.clone() };
        insert(tx, opening, &state)?;
        return Ok(state);
    };
    let (led_until, before) = (row.led_until, row.state()?);
    let mut state = before.clone();
    state.crowd.merge(joined);
    let leads = before.leader == node || led_until < now;
    if leads {
        let came = Came {
            alive: admissions::alive(tx, opening)?,
            since: admissions::began_between(tx, opening, before.turned_at, tx.now)?,
        };
        state.admitted += u64::from(came.since);
        state.fence += i64::from(before.leader != node);
        state.leader = node;
        state.turned_at = tx.now;
        step(&mut state, came);
        state.threshold.raise_to(before.threshold);
        note_second(tx, opening, &state, came.alive)?;
    }
    if leads || state.crowd.as_bytes() != before.crowd.as_bytes() {
        update(tx, opening, &state, leads.then_some(now + LED_SECONDS))?;
    }
    Ok(state)
}

fn insert(tx: &mut Tx<'_>, opening: OpeningId, state: &DoorState) -> QueryResult<()> {
    diesel::insert_into(door_state::table)
        .values((
            door_state::opening.eq(opening.0),
            door_state::led_until.eq(tx.now.as_second() + LED_SECONDS),
            door_state::paused.eq(state.paused),
            door_state::people.eq(people(state.mode)),
            door_state::note_ko.eq(&state.note.korean),
            door_state::note_en.eq(&state.note.english),
            Moving::of(state),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn people(mode: Mode) -> Option<f64> {
    match mode {
        Mode::Fixed { people } => Some(people),
        Mode::Automatic | Mode::Paused => None,
    }
}

/// Writes what a turn moved; what the operator says stays.
fn update(tx: &mut Tx<'_>, opening: OpeningId, state: &DoorState, led_until: Option<i64>) -> QueryResult<()> {
    let row = door_state::table.find(opening.0);
    match led_until {
        Some(until) => {
            diesel::update(row).set((door_state::led_until.eq(until), Moving::of(state))).execute(tx.conn)?
        }
        None => diesel::update(row).set(door_state::crowd.eq(state.crowd.as_bytes())).execute(tx.conn)?,
    };
    Ok(())
}

/// Notes a second. One that is there stays: the clock was set back, or this is the same second.
fn note_second(tx: &mut Tx<'_>, opening: OpeningId, state: &DoorState, alive: u32) -> QueryResult<()> {
    let second = door_second::table.find((opening.0, tx.now.as_second()));
    if diesel::select(diesel::dsl::exists(second)).get_result(tx.conn)? {
        return Ok(());
    }
    diesel::insert_into(door_second::table)
        .values((
            door_second::opening.eq(opening.0),
            door_second::at.eq(tx.now.as_second()),
            door_second::threshold.eq(kept_threshold(state.threshold)),
            door_second::admitted.eq(i64::try_from(state.admitted).unwrap_or(i64::MAX)),
            door_second::alive.eq(i64::from(alive)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What the operator says of an opening's door.
#[derive(Debug, Clone, PartialEq)]
pub struct Orders {
    /// Whether the door stands still.
    pub paused: bool,
    /// So many people a second; by free sessions when `None`.
    pub people: Option<f64>,
    /// What those who wait are told; empty for nothing.
    pub note: Localised,
}

/// Does what the operator says. `Ok(false)` when the door has not had its first turn.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn obey(tx: &mut Tx<'_>, opening: OpeningId, orders: &Orders) -> QueryResult<bool> {
    let obeyed = diesel::update(door_state::table.find(opening.0))
        .set((
            door_state::paused.eq(orders.paused),
            door_state::people.eq(orders.people),
            door_state::note_ko.eq(&orders.note.korean),
            door_state::note_en.eq(&orders.note.english),
        ))
        .execute(tx.conn)?;
    Ok(obeyed == 1)
}
