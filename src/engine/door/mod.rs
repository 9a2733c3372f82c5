//! The door decides who may enter the booking pages now.
//!
//! An opening that was drawn gives every phone number its place, a line gives one to whoever comes, in a ticket; the node
//! that leads raises the threshold once a second, and every node reads it. What is kept here may be a second old, and then it admits fewer, never more: the threshold only
//! grows, and admitting asks the database itself. So a node that has lost the database shows waiting pages and admits nobody.

mod latency;
mod pressure;
mod stand;
mod turn;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};

use super::Engine;
use crate::domain::door::joined::Joined;
use crate::domain::door::line::{Line, place_on_arrival};
use crate::domain::door::opening::{Opening, OpeningCode, Phase};
use crate::domain::door::place::{Place, Threshold};
use crate::domain::door::ticket::{Ticket, TicketError, TicketKeys};
use crate::domain::door::waiting::{Flow, longest_interval, refresh_seconds};
use crate::domain::ids::{CampaignId, OpeningId};
use crate::store::door_state::DoorState;
use crate::store::openings::StoredOpening;

use latency::Latencies;
use pressure::Pressure;
pub use stand::Stand;
use turn::Led;
pub(super) use turn::turn;

/// How long after its opening a ticket still counts: the evening may be made longer.
const TICKET_GRACE: SignedDuration = SignedDuration::from_hours(24);

/// Bits of chance that go into the second at which a ticket ends. With those of its place they tell apart all tickets of a
/// millisecond, so that a used one is nobody else's.
const TICKET_SPREAD_BITS: u32 = 15;

/// How far the doors of all openings are open, as this node knows it.
pub struct Door {
    tickets: TicketKeys,
    states: ArcSwap<HashMap<OpeningId, Known>>,
    here: Mutex<HashMap<OpeningId, Here>>,
    full: ArcSwap<HashSet<CampaignId>>,
    booking_steps: Latencies,
    pressure: Pressure,
    turns: AtomicU32,
}

/// How a door stood when this node looked last.
#[derive(Clone)]
struct Known {
    state: Arc<DoorState>,
    /// After how long those look again whose turn is far away.
    longest_interval: Duration,
}

/// What this node alone knows of an opening.
#[derive(Default)]
struct Here {
    /// Who joined here and is not in the database yet.
    joined: Option<Joined>,
    /// When somebody came last.
    last_came: Timestamp,
    /// How it leads, while it does.
    led: Led,
}

impl Here {
    fn take_in(&mut self, joined: Joined) {
        match &mut self.joined {
            Some(known) => known.take_in(&joined),
            none => *none = Some(joined),
        }
    }
}

impl Door {
    /// Doors that nobody has come to.
    pub(super) fn new(tickets: TicketKeys) -> Self {
        Self {
            tickets,
            states: ArcSwap::default(),
            here: Mutex::default(),
            full: ArcSwap::default(),
            booking_steps: Latencies::default(),
            pressure: Pressure::default(),
            turns: AtomicU32::default(),
        }
    }

    /// How far the door of an opening is open; `None` before its first turn.
    pub fn state(&self, opening: OpeningId) -> Option<Arc<DoorState>> {
        self.states.load().get(&opening).map(|known| known.state.clone())
    }

    /// Notes that somebody asked for their place. The same phone counts once.
    pub fn join(&self, opening: &Opening, place: Place) {
        let nobody = Joined::nobody(self.line(opening));
        self.here().entry(opening.id).or_default().joined.get_or_insert(nobody).join(place);
    }

    /// Gives the next place in a line, as a ticket. Also when the clock was set back nobody gets an earlier place than those
    /// who came before.
    pub fn hand_ticket(&self, opening: &Opening, now: Timestamp, chance: u64) -> Ticket {
        let turned_at = self.state(opening.id).map_or(now, |state| state.turned_at);
        let at = {
            let mut here = self.here();
            let here = here.entry(opening.id).or_default();
            here.last_came = here.last_came.max(now).max(turned_at);
            here.last_came
        };
        let place = place_on_arrival(at, chance);
        self.join(opening, place);
        let spread = chance.rotate_left(TICKET_SPREAD_BITS) & ((1 << TICKET_SPREAD_BITS) - 1);
        let spread = SignedDuration::from_secs(spread.cast_signed());
        let ends = opening.ends_at.checked_add(TICKET_GRACE + spread).unwrap_or(Timestamp::MAX);
        // Tickets count in whole seconds.
        let expires_at = Timestamp::from_second(ends.as_second()).unwrap_or(ends);
        Ticket { opening: opening.code.clone(), place, expires_at }
    }

    /// The text of a ticket, for the browser to keep.
    pub fn write_ticket(&self, ticket: &Ticket) -> String {
        self.tickets.sign(ticket)
    }

    /// The ticket that a browser shows.
    ///
    /// # Errors
    /// [`TicketError`] when it counts nothing for this opening now.
    pub fn read_ticket(
        &self,
        text: &str,
        opening: &OpeningCode,
        now: Timestamp,
    ) -> Result<Ticket, TicketError> {
        self.tickets.verify(text, opening, now)
    }

    /// Whether a campaign that has an opening has no free seat at the moment.
    pub fn is_full(&self, campaign: CampaignId) -> bool {
        self.full.load().contains(&campaign)
    }

    /// Notes how long a booking step took: while they are quick, more people are let in.
    pub fn note_booking_step(&self, took: Duration) {
        self.booking_steps.note(took);
    }

    /// Notes that a request of somebody who was let in was taken on, or turned away since there was too much to do: then
    /// hardly anybody else is let in.
    pub fn note_request(&self, is_turned_away: bool) {
        self.pressure.note(is_turned_away);
    }

    /// Notes the same of a request of somebody whose turn it is, and who has yet to prove their phone.
    pub fn note_entering(&self, is_turned_away: bool) {
        self.pressure.note_entering(is_turned_away);
    }

    /// The line of an opening, as it began; `None` for a draw.
    fn line(&self, opening: &Opening) -> Option<Line> {
        Stand::new(opening, self.state(opening.id).as_deref()).line()
    }

    fn here(&self) -> MutexGuard<'_, HashMap<OpeningId, Here>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, opening: OpeningId, state: DoorState, led: Led) {
        self.here().entry(opening).or_default().led = led;
        // Nobody knows when a door that was stopped goes on: whoever is next must not miss it for long.
        let waiting = if state.paused { 0.0 } else { state.joined.above(state.threshold, state.turned_at) };
        let known = Known { state: Arc::new(state), longest_interval: longest_interval(waiting) };
        self.states.rcu(|states| {
            let mut states = HashMap::clone(states);
            states.insert(opening, known.clone());
            states
        });
    }

    /// After how many seconds a page looks again whose turn comes after this wait; `salt` spreads them.
    pub fn refresh_seconds(&self, opening: OpeningId, wait: Option<Duration>, salt: u64) -> u64 {
        let longest = self.states.load().get(&opening).map(|known| known.longest_interval);
        refresh_seconds(wait, longest.unwrap_or_else(|| longest_interval(0.0)), salt)
    }

    /// How an opening's door opens at the moment.
    pub fn flow(&self, opening: OpeningId) -> Flow {
        flow_of(self.states.load().get(&opening).map(|known| &*known.state))
    }
}

/// How a door opens that stands so. Before its first turn it is closed.
pub fn flow_of(state: Option<&DoorState>) -> Flow {
    let closed = Flow { threshold: Threshold::CLOSED, rate: 0.0 };
    state.map_or(closed, |state| Flow {
        threshold: state.threshold,
        rate: if state.paused { 0.0 } else { state.rate },
    })
}

impl Engine {
    /// The opening with this code.
    pub fn opening(&self, code: &str) -> Option<Arc<StoredOpening>> {
        let catalogue = self.country.now();
        catalogue.openings().iter().find(|one| one.opening.code.as_str() == code).cloned()
    }

    /// The openings whose doors stand before booking pages now: nearly always none.
    pub fn standing_doors(&self, now: Timestamp) -> Vec<Arc<StoredOpening>> {
        let catalogue = self.country.now();
        let stands = |one: &&Arc<StoredOpening>| {
            one.opening.phase(now) == Phase::Entering
                && self.door.flow(one.opening.id).threshold != Threshold::OPEN
        };
        catalogue.openings().iter().filter(stands).cloned().collect()
    }

    /// The opening whose door stands before a campaign's booking pages now.
    pub fn door_of(&self, campaign: CampaignId) -> Option<Arc<StoredOpening>> {
        self.standing_doors(self.now()).into_iter().find(|one| one.opening.campaign == campaign)
    }

    /// Turns the doors of all openings, now rather than at the housekeeper's next round.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] when the ledger fails.
    pub async fn turn_doors(&self) -> Result<(), crate::store::StoreError> {
        turn(self).await
    }
}
