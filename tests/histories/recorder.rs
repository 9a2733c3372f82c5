//! Asks the desks, and writes down what was asked and told in the order of the questions and answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sunbeon::domain::booking::{
    BookingState, CancelBookingsError, ConfirmPartyError, ExtendHoldError, HoldPartyError, LaneChange,
    SeatWish, SwapSeatsError,
};
use sunbeon::domain::ids::{BookingId, SiteId};
use sunbeon::engine::Engine;
use sunbeon::engine::desk::{CancelBookings, ConfirmParty, ExtendHold, Hold, ReleaseHold, SwapSeats};
use sunbeon::store::bookings::{self, Booking};
use sunbeon::store::holds::{HoldParty, PartyHeld};
use sunbeon::store::moving::{Cancel, Move};
use sunbeon::store::{LedgerError, Never, slots};

use crate::app::TestClock;
use crate::checker::Event;
use crate::orders::{Act, Answer, Counts, Order, Reading, Refusal, Seat, Stands, Wish};
use crate::town::{RULES, TIMES, Town};

/// What a hold that was answered is called by the service.
#[derive(Debug, Clone)]
struct Known {
    account: usize,
    site: SiteId,
    token: String,
    bookings: Vec<BookingId>,
}

/// Asks on behalf of clients and writes down.
pub struct Recorder {
    /// The people and times.
    pub town: Town,
    /// The nodes that can be asked.
    pub nodes: Vec<Arc<Engine>>,
    clock: Arc<TestClock>,
    sequence: AtomicU64,
    events: Mutex<Vec<Event<Act>>>,
    holds: Mutex<HashMap<usize, Known>>,
}

impl Recorder {
    /// A recorder with nothing written down.
    pub fn new(town: Town, nodes: Vec<Arc<Engine>>, clock: Arc<TestClock>) -> Self {
        let (sequence, events, holds) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Self { town, nodes, clock, sequence, events, holds }
    }

    /// The history so far, with what others asked for during each event.
    pub fn history(&self) -> Vec<Event<Act>> {
        let mut history = self.events.lock().unwrap().clone();
        let slack: Vec<Vec<i32>> =
            history.iter().map(|event| slack(event, &history, self.nodes.len())).collect();
        history.iter_mut().zip(slack).for_each(|(event, slack)| event.act.slack = slack);
        history
    }

    /// Asks a node and gives the answer, if one came that says what happened. Whoever does not wait for the answer may
    /// have been served all the same.
    pub async fn ask(&self, node: usize, order: Order) -> Option<Answer> {
        let asked_at = self.minutes(sunbeon::domain::clock::Clock::now(&*self.clock));
        let act = Act { order: order.clone(), answer: None, asked_at, slack: Vec::new() };
        let index = {
            let mut events = self.events.lock().unwrap();
            events.push(Event { act, asked: self.sequence.fetch_add(1, Ordering::SeqCst), told: None });
            events.len() - 1
        };
        let (answer, held) = self.perform(node, &order).await;
        if answer.is_some() {
            let mut events = self.events.lock().unwrap();
            events[index].told = Some(self.sequence.fetch_add(1, Ordering::SeqCst));
            events[index].act.answer = answer.clone();
        }
        if let (Order::Hold { hold, account, wishes, .. }, Some(held)) = (&order, held) {
            self.learn(node, (*hold, *account), wishes, held).await;
        }
        answer
    }

    /// Learns the ids of the bookings of a hold, which never change.
    async fn learn(&self, node: usize, (hold, account): (usize, usize), wishes: &[Wish], held: PartyHeld) {
        let read = move |conn: &mut _, keys: &_| bookings::of_party(conn, keys, held.party);
        let Ok(rows) = self.nodes[node].store.read(read).await else { return };
        let id = |wish: &Wish| {
            let is_it =
                |row: &&Booking| row.person.id == self.town.people[wish.person] && row.dose == wish.dose;
            rows.iter().find(is_it).map(|row| row.id)
        };
        let bookings: Option<Vec<BookingId>> = wishes.iter().map(id).collect();
        let known = Known {
            account,
            site: self.town.slots[wishes[0].slot].site,
            token: held.token,
            bookings: bookings.expect("a hold has its bookings"),
        };
        self.holds.lock().unwrap().insert(hold, known);
    }

    /// Whether a hold can be named to the service.
    pub fn knows(&self, hold: usize) -> bool {
        self.holds.lock().unwrap().contains_key(&hold)
    }

    fn known(&self, hold: usize) -> Known {
        self.holds.lock().unwrap()[&hold].clone()
    }

    fn id(&self, (hold, place): Seat) -> BookingId {
        self.known(hold).bookings[place]
    }

    fn seat(&self, id: BookingId) -> Seat {
        let holds = self.holds.lock().unwrap();
        let place = |known: &Known| known.bookings.iter().position(|other| *other == id);
        holds.iter().find_map(|(&hold, known)| Some((hold, place(known)?))).expect("a booking from nowhere")
    }

    fn minutes(&self, time: Timestamp) -> i64 {
        time.duration_since(self.town.began).as_mins()
    }

    fn counts(&self, changes: &[LaneChange]) -> Counts {
        let number = |change: &LaneChange| {
            self.town.slots.iter().position(|slot| slot.id == change.slot.id).expect("a slot from nowhere")
        };
        // Of several changes of a slot in one order the last one counts.
        changes.iter().map(|change| (number(change), (change.after.held, change.after.booked))).collect()
    }

    async fn perform(&self, node: usize, order: &Order) -> (Option<Answer>, Option<PartyHeld>) {
        let engine = &self.nodes[node];
        if let Order::Hold { account, wishes, replaces, .. } = order {
            return self.hold(engine, *account, wishes, *replaces).await;
        }
        let answer = match order {
            Order::Hold { .. } => unreachable!(),
            Order::Confirm { .. } | Order::Release { .. } | Order::Extend { .. } => {
                self.for_party(engine, order).await
            }
            Order::Swap { .. } | Order::Cancel { .. } => self.for_bookings(engine, order).await,
            Order::Pass { minutes } => {
                self.clock.pass_minutes(*minutes);
                Some(Answer::Done(Counts::new()))
            }
            Order::Sweep => engine.return_expired_holds().await.ok().map(|()| Answer::Done(Counts::new())),
            Order::ReadBooking { .. } | Order::ReadSlot { .. } | Order::ReadList { .. } => {
                self.read(engine, order).await
            }
        };
        (answer, None)
    }

    async fn hold(
        &self,
        engine: &Engine,
        account: usize,
        wishes: &[Wish],
        replaces: bool,
    ) -> (Option<Answer>, Option<PartyHeld>) {
        let town = &self.town;
        let seat = |wish: &Wish| SeatWish {
            person: town.people[wish.person],
            dose: wish.dose,
            slot: town.slots[wish.slot].id,
        };
        let site = town.slots[wishes[0].slot].site;
        let order = HoldParty {
            account: town.accounts[account],
            campaign: town.campaign.clone(),
            site,
            seats: wishes.iter().map(seat).collect(),
            rules: RULES,
        };
        match engine.desks.order(site, Hold { order, replaces }).await {
            Ok(held) => {
                let told = Answer::Held(self.minutes(held.expires_at), self.counts(&held.changes));
                (Some(told), Some(held))
            }
            Err(error) => (refused(error, why_not_held), None),
        }
    }

    async fn for_party(&self, engine: &Engine, order: &Order) -> Option<Answer> {
        let (Order::Confirm { hold } | Order::Release { hold } | Order::Extend { hold }) = order else {
            unreachable!()
        };
        let Known { account, site, token, .. } = self.known(*hold);
        let account = self.town.accounts[account];
        match order {
            Order::Confirm { .. } => {
                let order = ConfirmParty { account, token, campaign: self.town.campaign.clone(), door: None };
                let done = engine.desks.order(site, order).await;
                done.map_or_else(
                    |error| refused(error, why_not_confirmed),
                    |done| Some(Answer::Done(self.counts(&done.changes))),
                )
            }
            Order::Release { .. } => {
                let done = engine.desks.order(site, ReleaseHold { account, token }).await;
                done.map_or_else(
                    |error| refused(error, |never: Never| match never {}),
                    |changes| Some(Answer::Done(self.counts(&changes))),
                )
            }
            _ => {
                let done = engine.desks.order(site, ExtendHold { account, token, rules: RULES }).await;
                done.map_or_else(
                    |error| refused(error, why_not_extended),
                    |until| Some(Answer::Until(self.minutes(until))),
                )
            }
        }
    }

    async fn for_bookings(&self, engine: &Engine, order: &Order) -> Option<Answer> {
        let slots = &self.town.slots;
        match order {
            Order::Swap { moves } => {
                let site = slots[moves[0].2].site;
                let one = |&(seat, version, slot): &(Seat, i32, usize)| Move {
                    booking: self.id(seat),
                    version,
                    slot: slots[slot].id,
                };
                let moves = moves.iter().map(one).collect();
                let order = SwapSeats { moves, campaign: self.town.campaign.clone() };
                let done = engine.desks.order(site, order).await;
                done.map_or_else(
                    |error| refused(error, why_not_swapped),
                    |changes| Some(Answer::Done(self.counts(&changes))),
                )
            }
            Order::Cancel { seats } => {
                let site = self.known(seats[0].0.0).site;
                let one = |&(seat, version): &(Seat, i32)| Cancel { booking: self.id(seat), version };
                let order = CancelBookings { bookings: seats.iter().map(one).collect() };
                let done = engine.desks.order(site, order).await;
                done.map_or_else(
                    |error| refused(error, why_not_cancelled),
                    |changes| Some(Answer::Done(self.counts(&changes))),
                )
            }
            _ => unreachable!(),
        }
    }

    async fn read(&self, engine: &Engine, order: &Order) -> Option<Answer> {
        match *order {
            Order::ReadBooking { seat } => {
                let id = self.id(seat);
                let row = engine.store.read(move |conn, keys| bookings::find(conn, keys, id)).await.ok()?;
                Some(Answer::Booking(self.reading(&row.expect("a booking stays"))))
            }
            Order::ReadSlot { slot } => {
                let slot = self.town.slots[slot];
                let read = move |conn: &mut _, _: &_| slots::of_site(conn, slot.site, slot.starts_at);
                let rows = engine.store.read(read).await.ok()?;
                let count = rows.into_iter().find(|(other, _)| other.id == slot.id)?.1;
                Some(Answer::Slot(count.seats, count.held, count.booked))
            }
            Order::ReadList { account } => {
                let account = self.town.accounts[account];
                let read = move |conn: &mut _, keys: &_| bookings::visible_to(conn, keys, account);
                let rows = engine.store.read(read).await.ok()?;
                let seen = rows.iter().filter_map(|row| Some((self.seat(row.id), self.reading(row)?)));
                Some(Answer::List(seen.collect::<BTreeMap<_, _>>()))
            }
            _ => unreachable!(),
        }
    }

    fn reading(&self, row: &Booking) -> Option<Reading> {
        let stands = match row.state {
            BookingState::Held => Stands::Held,
            BookingState::Booked => Stands::Booked,
            BookingState::Cancelled => Stands::Cancelled,
            BookingState::Expired => return None,
            other => panic!("nobody makes a booking {other:?}"),
        };
        let slot = self.town.slots.iter().position(|slot| slot.id == row.slot).expect("a slot from nowhere");
        Some(Reading { stands, slot, version: row.version })
    }
}

/// For each slot the seats that others asked for while this was asked and answered, or gave back without its desk having
/// heard of it: see [`Act::slack`].
fn slack(event: &Event<Act>, history: &[Event<Act>], nodes: usize) -> Vec<i32> {
    let mut slack = vec![0; TIMES.len()];
    let told = event.told.unwrap_or(u64::MAX);
    for other in history.iter().filter(|other| other.asked != event.asked && other.asked < told) {
        let overlaps = other.told.is_none_or(|told| told > event.asked);
        match &other.act.order {
            Order::Pass { .. } => slack.fill(i32::from(u8::MAX)),
            Order::ReadBooking { .. } | Order::ReadSlot { .. } | Order::ReadList { .. } => {}
            Order::Hold { wishes, .. } if !overlaps && nodes > 1 => {
                wishes.iter().for_each(|wish| slack[wish.slot] += 1);
            }
            Order::Swap { moves } if !overlaps && nodes > 1 => {
                moves.iter().for_each(|(_, _, slot)| slack[*slot] += 1);
            }
            _ if !overlaps => {}
            Order::Hold { wishes, .. } => {
                wishes.iter().for_each(|wish| slack[wish.slot] += 1);
                match &other.act.answer {
                    Some(Answer::Held(_, touched)) => touched.keys().for_each(|slot| slack[*slot] += 2),
                    Some(_) => {}
                    None => slack.fill(i32::from(u8::MAX)),
                }
            }
            _ => slack.fill(i32::from(u8::MAX)),
        }
    }
    slack
}

/// The refusal, if it is one; anything else does not say whether the order was done.
fn refused<E>(error: LedgerError<E>, why: impl Fn(E) -> Refusal) -> Option<Answer> {
    match error {
        LedgerError::Refused(refusal) => Some(Answer::Refused(why(refusal))),
        LedgerError::Busy | LedgerError::Outage(_) => None,
    }
}

fn why_not_held(error: HoldPartyError) -> Refusal {
    match error {
        HoldPartyError::SlotFull => Refusal::SlotFull,
        HoldPartyError::AlreadyBooked(_) => Refusal::AlreadyBooked,
        HoldPartyError::BookedElsewhere(_) => Refusal::BookedElsewhere,
        HoldPartyError::IntervalBroken(_) => Refusal::IntervalBroken,
        other => panic!("{other:?}"),
    }
}

fn why_not_confirmed(error: ConfirmPartyError) -> Refusal {
    match error {
        ConfirmPartyError::HoldExpired => Refusal::HoldExpired,
        ConfirmPartyError::Closed => panic!("the campaign is open"),
    }
}

fn why_not_extended(error: ExtendHoldError) -> Refusal {
    match error {
        ExtendHoldError::HoldExpired => Refusal::HoldExpired,
        ExtendHoldError::TooOften => Refusal::TooOften,
    }
}

fn why_not_swapped(error: SwapSeatsError) -> Refusal {
    match error {
        SwapSeatsError::SlotFull => Refusal::SlotFull,
        SwapSeatsError::ChangedMeanwhile => Refusal::ChangedMeanwhile,
        SwapSeatsError::TooLate => Refusal::TooLate,
        SwapSeatsError::IntervalBroken => Refusal::IntervalBroken,
        other => panic!("{other:?}"),
    }
}

fn why_not_cancelled(error: CancelBookingsError) -> Refusal {
    match error {
        CancelBookingsError::ChangedMeanwhile => Refusal::ChangedMeanwhile,
        CancelBookingsError::TooLate(_) => Refusal::TooLate,
    }
}
