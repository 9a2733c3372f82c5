//! How far the door of an opening is open: one row, which the leading node writes each second.

use std::time::Duration;

use diesel::prelude::*;
use jiff::Timestamp;

use super::admissions;
use super::door_nodes::{self, Measured, Slowest};
use super::schema::door_state;
use super::values::{moment, small, unreadable};
use super::{Conn, StoreError, Tx, admission_list, door_log};
use crate::domain::campaign::Localised;
use crate::domain::door::joined::Joined;
use crate::domain::door::line::Line;
use crate::domain::door::opening::{Opening, Phase};
use crate::domain::door::pace::{Mode, Pace};
use crate::domain::door::place::{Place, Threshold};
use crate::domain::door::session_cap::{KeptCap, SessionCap};
use crate::domain::ids::OpeningId;

/// How long a node leads without saying so again, in seconds. After that another takes over.
const LED_SECONDS: i64 = 5;

/// How far the door is open, and all that a restart needs to go on.
#[derive(Debug, Clone)]
pub struct DoorState {
    /// Who may enter.
    pub threshold: Threshold,
    /// How quickly the door opens at the moment: in a draw the fraction of all places by which the threshold rises in a
    /// second, in a line the people who are let in.
    pub rate: f64,
    /// Whether the operator has stopped it.
    pub paused: bool,
    /// Who sets the pace while it is not stopped.
    pub mode: Mode,
    /// The cap on sessions.
    pub cap: KeptCap,
    /// How many phones were admitted so far.
    pub admitted: u64,
    /// How many seats of the campaign were booked since the door began to open.
    pub booked: u64,
    /// What nineteen of twenty booking steps took at most, as far as the node that leads knows. It is not kept.
    pub booking_step: Option<Duration>,
    /// Who asked for a place.
    pub joined: Joined,
    /// What the operator tells those who wait; empty when nothing.
    pub note: Localised,
    /// The node that leads.
    pub leader: u16,
    /// Grows whenever another node takes over, and whenever the operator says something.
    pub fence: i64,
    /// When it was written last.
    pub turned_at: Timestamp,
}

/// What a node brings to a turn.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// Who joined at it since its last turn.
    pub joined: &'a Joined,
    /// What it measured: told to whoever leads, if it doesn't lead itself.
    pub measured: Measured,
}

/// What a second brought, for whoever leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// Sessions that are alive.
    pub alive: u32,
    /// Phones that were admitted since the last turn.
    pub since: u32,
    /// Seats that were booked since the last turn.
    pub booked: u32,
    /// Whether another node led until now.
    pub is_new: bool,
    /// What the slowest of the other nodes measured.
    pub others: Slowest,
}

/// Places without a sign in the order of numbers with one.
pub(super) fn kept_place(place: Place) -> i64 {
    (place.0 ^ (1 << 63)).cast_signed()
}

/// The place that [`kept_place`] kept.
pub(super) fn place_kept_as(kept: i64) -> Place {
    Place(kept.cast_unsigned() ^ (1 << 63))
}

pub(super) fn kept_threshold(threshold: Threshold) -> Option<i64> {
    threshold.last().map(kept_place)
}

pub(super) fn threshold(kept: Option<i64>) -> Threshold {
    kept.map_or(Threshold::CLOSED, |kept| Threshold::up_to(place_kept_as(kept)))
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
    booked: i64,
    crowd: Vec<u8>,
    note_ko: String,
    note_en: String,
    line_began: Option<i64>,
}

impl Row {
    fn state(self) -> Result<DoorState, StoreError> {
        let line = self.line_began.map(moment).transpose()?.map(Line::new);
        Ok(DoorState {
            threshold: threshold(self.threshold),
            rate: self.rate,
            paused: self.paused,
            mode: self.people.map_or(Mode::Automatic, |people| Mode::Fixed { people }),
            cap: KeptCap { cap: self.cap, lowest: self.cap_least, held_ticks: small(self.cap_held)? },
            admitted: u64::try_from(self.admitted).map_err(unreadable)?,
            booked: u64::try_from(self.booked).map_err(unreadable)?,
            booking_step: None,
            joined: Joined::from_bytes(line, &self.crowd).map_err(unreadable)?,
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
struct Moving {
    leader: i32,
    fence: i64,
    turned_at: i64,
    threshold: Option<i64>,
    rate: f64,
    cap: f64,
    cap_least: f64,
    cap_held: i32,
    admitted: i64,
    booked: i64,
    crowd: Vec<u8>,
}

impl Moving {
    fn of(state: &DoorState) -> Self {
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
            booked: i64::try_from(state.booked).unwrap_or(i64::MAX),
            crowd: state.joined.to_bytes(),
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

/// The openings whose doors have a state: people may have places there.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn begun(conn: &mut Conn) -> Result<Vec<OpeningId>, StoreError> {
    let ids: Vec<i64> = door_state::table.select(door_state::opening).load(conn)?;
    Ok(ids.into_iter().map(OpeningId).collect())
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

impl DoorState {
    /// A door that nobody has come to.
    fn closed(opening: &Opening, node: u16, now: Timestamp) -> Self {
        Self {
            threshold: Threshold::CLOSED,
            rate: 0.0,
            paused: false,
            mode: Mode::Automatic,
            cap: SessionCap::new(opening.cap_settings()).kept(),
            admitted: 0,
            booked: 0,
            booking_step: None,
            joined: Joined::nobody(opening.line()),
            note: Localised::default(),
            leader: node,
            fence: 1,
            turned_at: now,
        }
    }
}

/// The state of an opening's door, which is closed before anybody has come.
fn found_or_closed(tx: &mut Tx<'_>, opening: &Opening, node: u16) -> Result<(DoorState, i64), StoreError> {
    if let Some(row) = row(tx.conn, opening.id)? {
        let led_until = row.led_until;
        return Ok((row.state()?, led_until));
    }
    let state = DoorState::closed(opening, node, tx.now);
    insert(tx, opening.id, &state)?;
    Ok((state, tx.now.as_second() + LED_SECONDS))
}

/// A second of the door. Each node brings who joined at it and what it measured; the one that leads, or takes over from one
/// that has not been heard of for five seconds, moves the door by `step`. Everybody gets the state as it is afterwards.
///
/// What `step` does to the threshold is taken only as far as it rises.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn turn(
    tx: &mut Tx<'_>,
    opening: &Opening,
    node: u16,
    Brought { joined, measured }: Brought<'_>,
    step: impl FnOnce(&mut DoorState, Came),
) -> Result<DoorState, StoreError> {
    let id = opening.id;
    let (before, led_until) = found_or_closed(tx, opening, node)?;
    let mut state = before.clone();
    state.joined.take_in(joined);
    let leads = before.leader == node || led_until < tx.now.as_second();
    if leads {
        let came = Came {
            alive: admissions::alive(tx, id)?,
            since: admissions::began_between(tx, id, before.turned_at, tx.now)?,
            booked: door_log::booked_between(tx, opening, before.turned_at)?,
            is_new: before.leader != node,
            others: door_nodes::slowest_but(tx, node)?,
        };
        state.admitted += u64::from(came.since);
        state.booked += u64::from(came.booked);
        state.fence += i64::from(before.leader != node);
        state.leader = node;
        state.turned_at = tx.now;
        step(&mut state, came);
        state.threshold.raise_to(before.threshold);
        lead(tx, id, &before, &state)?;
        if opening.phase(tx.now) == Phase::Entering {
            door_log::note(tx, id, &state, came.alive)?;
        }
        admission_list::go_on(tx, id)?;
        return Ok(state);
    }
    door_nodes::tell(tx, node, measured)?;
    if state.joined == before.joined { Ok(state) } else { bring(tx, opening, node, joined) }
}

/// Adds those who joined at a node that does not lead. The row is locked before it is read again: several nodes bring theirs
/// in the same second, and each time all must count.
fn bring(tx: &mut Tx<'_>, opening: &Opening, node: u16, joined: &Joined) -> Result<DoorState, StoreError> {
    let row = door_state::table.find(opening.id.0);
    diesel::update(row).set(door_state::fence.eq(door_state::fence)).execute(tx.conn)?;
    let (mut state, _) = found_or_closed(tx, opening, node)?;
    state.joined.take_in(joined);
    diesel::update(row).set(door_state::crowd.eq(state.joined.to_bytes())).execute(tx.conn)?;
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
            door_state::line_began.eq(state.joined.line().map(|line| line.began().as_second())),
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

/// Writes what a turn moved; what the operator says stays. Another node may have taken over since the row was read, or the
/// operator may have said something: then this turn is made anew, or the threshold could fall. So it is when another node
/// has brought somebody, or they would count no more.
fn lead(
    tx: &mut Tx<'_>,
    opening: OpeningId,
    before: &DoorState,
    state: &DoorState,
) -> Result<(), StoreError> {
    let as_read = door_state::fence
        .eq(before.fence)
        .and(door_state::turned_at.eq(before.turned_at.as_second()))
        .and(door_state::crowd.eq(before.joined.to_bytes()));
    let until = door_state::led_until.eq(tx.now.as_second() + LED_SECONDS);
    let moved = diesel::update(door_state::table.find(opening.0).filter(as_read))
        .set((until, Moving::of(state)))
        .execute(tx.conn)?;
    if moved == 1 { Ok(()) } else { Err(StoreError::Overtaken) }
}

/// What an operator says of an opening's door.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// It stands still.
    Pause,
    /// It goes on.
    Resume,
    /// A tenth fewer people are let in.
    Slower,
    /// A tenth more people are let in.
    Faster,
    /// So many people a second are to come, whatever is free.
    Fixed(f64),
    /// As many people are let in as there are free sessions.
    Automatic,
    /// Nobody waits any more, for good: whoever comes walks in.
    Open,
    /// Those who wait are told this; nothing, when it is empty.
    Say(Localised),
}

/// Does what an operator says, and returns the state as it is then. The leading node goes by it from its next turn on.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn obey(tx: &mut Tx<'_>, opening: &Opening, order: &Order) -> Result<DoorState, StoreError> {
    let (mut state, _) = found_or_closed(tx, opening, 0)?;
    let cap = SessionCap::resumed(opening.cap_settings(), state.cap);
    let mut pace = Pace::resumed(state.mode, cap);
    match order {
        Order::Pause => state.paused = true,
        Order::Resume => state.paused = false,
        Order::Slower => pace.slower(),
        Order::Faster => pace.faster(),
        Order::Fixed(people) => pace.set_mode(Mode::Fixed { people: *people }),
        Order::Automatic => pace.set_mode(Mode::Automatic),
        Order::Open => state.threshold = Threshold::OPEN,
        Order::Say(note) => state.note = note.clone(),
    }
    (state.mode, state.cap) = (pace.mode(), pace.kept_cap());
    let as_read = door_state::fence.eq(state.fence);
    state.fence += 1;
    let obeyed = diesel::update(door_state::table.find(opening.id.0).filter(as_read))
        .set((
            door_state::fence.eq(state.fence),
            door_state::paused.eq(state.paused),
            door_state::people.eq(people(state.mode)),
            door_state::note_ko.eq(&state.note.korean),
            door_state::note_en.eq(&state.note.english),
            door_state::cap.eq(state.cap.cap),
            door_state::cap_least.eq(state.cap.lowest),
            door_state::cap_held.eq(i32::from(state.cap.held_ticks)),
        ))
        .execute(tx.conn)?;
    if obeyed == 0 {
        return Err(StoreError::Overtaken);
    }
    if *order == Order::Open {
        // Only then: any other threshold that was read may have risen since.
        let open = door_state::threshold.eq(kept_threshold(state.threshold));
        diesel::update(door_state::table.find(opening.id.0)).set(open).execute(tx.conn)?;
    }
    Ok(state)
}
