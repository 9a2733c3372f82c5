//! What serving one after the other means for seats: the rules of holds, bookings, changes and cancellations, written down
//! once more, as plainly as they can be said.

use std::collections::{BTreeMap, BTreeSet};

use crate::checker::Model;
use crate::orders::{Act, Answer, Counts, Order, Reading, Refusal, Seat, Stands, Wish};

/// Minutes a hold lasts.
pub const HOLD_MINUTES: i64 = 10;

/// Extensions of a hold.
pub const EXTENSIONS_MAX: u16 = 10;

/// Days from the first dose to the second.
const INTERVAL_DAYS: std::ops::RangeInclusive<i64> = 21..=42;

/// Somebody in an account's list. Rows of several accounts can stand for the same human.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Whose list.
    pub account: usize,
    /// Which human.
    pub human: usize,
}

/// What does not change during a history.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Everybody in the lists.
    pub people: Vec<Person>,
    /// For each human, the account of their own.
    pub own_account: Vec<Option<usize>>,
    /// The day of each slot.
    pub days: Vec<i64>,
    /// All that the clock showed, in minutes, from 0 on.
    pub times: Vec<i64>,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Slot {
    seats: i32,
    held: i32,
    booked: i32,
}

/// A party that is held or was confirmed; one whose hold ended is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Party {
    account: usize,
    is_held: bool,
    extensions: u16,
    until: i64,
    seats: Vec<OneSeat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct OneSeat {
    human: usize,
    dose: u8,
    reading: Reading,
}

/// All seats, held parties and bookings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seats {
    now: i64,
    slots: Vec<Slot>,
    parties: BTreeMap<usize, Party>,
}

impl Seats {
    /// Slots with so many seats, all free.
    pub fn free(seats: &[i32]) -> Self {
        let slots = seats.iter().map(|&seats| Slot { seats, held: 0, booked: 0 }).collect();
        Self { now: 0, slots, parties: BTreeMap::new() }
    }

    fn booked(&self) -> impl Iterator<Item = (Seat, &Party, &OneSeat)> {
        let confirmed = self.parties.iter().filter(|(_, party)| !party.is_held);
        confirmed.flat_map(|(&hold, party)| {
            party.seats.iter().enumerate().map(move |(place, seat)| ((hold, place), party, seat))
        })
    }

    /// The live booking of a human's dose.
    fn live(&self, human: usize, dose: u8) -> Option<(Seat, &Party, &OneSeat)> {
        self.booked().find(|(_, _, one)| {
            one.human == human && one.dose == dose && one.reading.stands == Stands::Booked
        })
    }

    fn seat(&self, (hold, place): Seat) -> Option<&OneSeat> {
        self.parties.get(&hold)?.seats.get(place)
    }

    fn seat_mut(&mut self, (hold, place): Seat) -> Option<&mut OneSeat> {
        self.parties.get_mut(&hold)?.seats.get_mut(place)
    }

    fn holds(&self, is_meant: impl Fn(&Party) -> bool) -> Vec<usize> {
        let held = self.parties.iter().filter(|(_, party)| party.is_held && is_meant(party));
        held.map(|(&hold, _)| hold).collect()
    }

    fn end(&mut self, holds: Vec<usize>, touched: &mut BTreeSet<usize>) {
        for hold in holds {
            for seat in self.parties.remove(&hold).into_iter().flat_map(|party| party.seats) {
                self.slots[seat.reading.slot].held -= 1;
                touched.insert(seat.reading.slot);
            }
        }
    }

    fn end_run_out(&mut self, now: i64) {
        let over = self.holds(|party| party.until <= now);
        self.end(over, &mut BTreeSet::new());
    }

    /// This state, and those without some of the holds that ran out.
    fn with_some_ended(&self) -> Vec<Self> {
        let mut found = vec![self.clone()];
        for hold in self.holds(|party| party.until <= self.now) {
            for mut ended in found.clone() {
                ended.end(vec![hold], &mut BTreeSet::new());
                found.push(ended);
            }
        }
        found
    }

    fn counts(&self, touched: &BTreeSet<usize>) -> Counts {
        touched.iter().map(|&slot| (slot, (self.slots[slot].held, self.slots[slot].booked))).collect()
    }

    fn has_room(&self, slot: usize) -> bool {
        let slot = &self.slots[slot];
        slot.held + slot.booked <= slot.seats
    }
}

impl Rules {
    fn serve(&self, state: &mut Seats, order: &Order, now: i64) -> Answer {
        let served = match order {
            Order::Hold { hold, account, wishes, .. } => self.hold(state, (*hold, *account), wishes, now),
            Order::Confirm { hold } => confirm(state, *hold, now),
            Order::Release { hold } => {
                let mut touched = BTreeSet::new();
                let held = state.holds(|_| true).into_iter().filter(|held| held == hold).collect();
                state.end(held, &mut touched);
                Ok(Answer::Done(state.counts(&touched)))
            }
            Order::Extend { hold } => extend(state, *hold, now),
            Order::Swap { moves } => self.swap(state, moves),
            Order::Cancel { seats } => cancel(state, seats),
            Order::Pass { minutes } => {
                state.now += minutes;
                Ok(Answer::Done(Counts::new()))
            }
            Order::Sweep => {
                state.end_run_out(now);
                Ok(Answer::Done(Counts::new()))
            }
            Order::ReadBooking { seat } => Ok(Answer::Booking(state.seat(*seat).map(|seat| seat.reading))),
            Order::ReadSlot { slot } => {
                let slot = &state.slots[*slot];
                Ok(Answer::Slot(slot.seats, slot.held, slot.booked))
            }
            Order::ReadList { account } => {
                let sees = |party: &Party, seat: &OneSeat| {
                    party.account == *account || self.own_account[seat.human] == Some(*account)
                };
                let seen = state.booked().filter(|(_, party, seat)| sees(party, seat));
                Ok(Answer::List(seen.map(|(name, _, seat)| (name, seat.reading)).collect()))
            }
        };
        served.unwrap_or_else(Answer::Refused)
    }

    fn hold(
        &self,
        state: &mut Seats,
        (hold, account): (usize, usize),
        wishes: &[Wish],
        now: i64,
    ) -> Result<Answer, Refusal> {
        let mut touched = BTreeSet::new();
        state.end(state.holds(|party| party.account == account), &mut touched);
        for wish in wishes {
            let human = self.people[wish.person].human;
            if let Some((_, party, _)) = state.live(human, wish.dose) {
                let is_visible = party.account == account || self.own_account[human] == Some(account);
                return Err(if is_visible { Refusal::AlreadyBooked } else { Refusal::BookedElsewhere });
            }
            // Whoever holds last, holds.
            let same = |seat: &OneSeat| seat.human == human && seat.dose == wish.dose;
            state.end(state.holds(|party| party.seats.iter().any(same)), &mut touched);
        }
        for wish in wishes {
            self.check_interval(state, wishes, wish)?;
        }
        let seat = |wish: &Wish| OneSeat {
            human: self.people[wish.person].human,
            dose: wish.dose,
            reading: Reading { stands: Stands::Held, slot: wish.slot, version: 0 },
        };
        for wish in wishes {
            state.slots[wish.slot].held += 1;
            touched.insert(wish.slot);
        }
        if !wishes.iter().all(|wish| state.has_room(wish.slot)) {
            return Err(Refusal::SlotFull);
        }
        let (seats, until) = (wishes.iter().map(seat).collect(), now + HOLD_MINUTES);
        state.parties.insert(hold, Party { account, is_held: true, extensions: 0, until, seats });
        Ok(Answer::Held(until, state.counts(&touched)))
    }

    fn check_interval(&self, state: &Seats, wishes: &[Wish], wish: &Wish) -> Result<(), Refusal> {
        let day_of = |dose: u8| {
            let planned = wishes.iter().find(|other| other.person == wish.person && other.dose == dose);
            let booked =
                || state.live(self.people[wish.person].human, dose).map(|(_, _, one)| one.reading.slot);
            planned.map(|other| other.slot).or_else(booked).map(|slot| self.days[slot])
        };
        let day = self.days[wish.slot];
        let keeps = match wish.dose {
            1 => day_of(2).is_none_or(|second| INTERVAL_DAYS.contains(&(second - day))),
            _ => day_of(1).is_some_and(|first| INTERVAL_DAYS.contains(&(day - first))),
        };
        keeps.then_some(()).ok_or(Refusal::IntervalBroken)
    }

    fn swap(&self, state: &mut Seats, moves: &[(Seat, i32, usize)]) -> Result<Answer, Refusal> {
        let (mut touched, mut moved) = (BTreeSet::new(), Vec::new());
        for &(seat, version, slot) in moves {
            let now = state.seat(seat).map(|seat| seat.reading);
            // Pressed twice: it is done.
            if now == Some(Reading { stands: Stands::Booked, slot, version: version + 1 }) {
                continue;
            }
            let now = now.filter(|now| now.version == version).ok_or(Refusal::ChangedMeanwhile)?;
            if now.stands != Stands::Booked {
                return Err(Refusal::TooLate);
            }
            moved.push((seat, slot));
        }
        for &(seat, slot) in &moved {
            let Some(one) = state.seat_mut(seat) else { continue };
            let (human, before) = (one.human, one.reading.slot);
            one.reading = Reading { slot, version: one.reading.version + 1, ..one.reading };
            state.slots[before].booked -= 1;
            state.slots[slot].booked += 1;
            touched.extend([before, slot]);
            end_holds_of(state, human, &mut touched);
        }
        for &(seat, _) in &moved {
            let Some(human) = state.seat(seat).map(|seat| seat.human) else { continue };
            let day = |dose| state.live(human, dose).map(|(_, _, one)| self.days[one.reading.slot]);
            if let (Some(first), Some(second)) = (day(1), day(2))
                && !INTERVAL_DAYS.contains(&(second - first))
            {
                return Err(Refusal::IntervalBroken);
            }
        }
        let has_room = moved.iter().all(|&(_, slot)| state.has_room(slot));
        has_room.then(|| Answer::Done(state.counts(&touched))).ok_or(Refusal::SlotFull)
    }

    /// Whether a desk may say that a slot is full although it is not, see [`Act::slack`]. It never does so when the visitor
    /// holds seats already.
    fn may_refuse_early(state: &Seats, act: &Act) -> bool {
        let Order::Hold { wishes, replaces: false, .. } = &act.order else { return false };
        let is_full = |wish: &Wish| {
            let wanted = wishes.iter().filter(|other| other.slot == wish.slot).count();
            let slot = &state.slots[wish.slot];
            let free = slot.seats - slot.held - slot.booked - act.slack[wish.slot];
            free < i32::try_from(wanted).unwrap()
        };
        act.answer == Some(Answer::Refused(Refusal::SlotFull)) && wishes.iter().any(is_full)
    }
}

fn confirm(state: &mut Seats, hold: usize, now: i64) -> Result<Answer, Refusal> {
    let party = state.parties.get_mut(&hold).ok_or(Refusal::HoldExpired)?;
    let mut touched = BTreeSet::new();
    if party.is_held {
        if party.until <= now {
            return Err(Refusal::HoldExpired);
        }
        party.is_held = false;
        for seat in &mut party.seats {
            seat.reading = Reading { stands: Stands::Booked, version: 1, ..seat.reading };
            let slot = &mut state.slots[seat.reading.slot];
            (slot.held, slot.booked) = (slot.held - 1, slot.booked + 1);
            touched.insert(seat.reading.slot);
        }
    }
    Ok(Answer::Done(state.counts(&touched)))
}

fn extend(state: &mut Seats, hold: usize, now: i64) -> Result<Answer, Refusal> {
    let held = state.parties.get_mut(&hold).filter(|party| party.is_held && party.until > now);
    let party = held.ok_or(Refusal::HoldExpired)?;
    if party.extensions >= EXTENSIONS_MAX {
        return Err(Refusal::TooOften);
    }
    party.extensions += 1;
    party.until = now + HOLD_MINUTES;
    Ok(Answer::Until(party.until))
}

fn cancel(state: &mut Seats, seats: &[(Seat, i32)]) -> Result<Answer, Refusal> {
    let (mut touched, mut given_up) = (BTreeSet::new(), Vec::new());
    for &(seat, version) in seats {
        let one = state.seat(seat).ok_or(Refusal::ChangedMeanwhile)?;
        if one.reading.stands == Stands::Cancelled {
            continue;
        }
        if one.reading.version != version {
            return Err(Refusal::ChangedMeanwhile);
        }
        if one.reading.stands == Stands::Held {
            return Err(Refusal::TooLate);
        }
        let later_stays = one.dose == 1
            && state
                .live(one.human, 2)
                .is_some_and(|(later, _, _)| !seats.iter().any(|(other, _)| *other == later));
        if later_stays {
            return Err(Refusal::ChangedMeanwhile);
        }
        given_up.push(seat);
    }
    for seat in given_up {
        let Some(one) = state.seat_mut(seat) else { continue };
        let (human, slot) = (one.human, one.reading.slot);
        one.reading = Reading { stands: Stands::Cancelled, slot, version: one.reading.version + 1 };
        state.slots[slot].booked -= 1;
        touched.insert(slot);
        end_holds_of(state, human, &mut touched);
    }
    Ok(Answer::Done(state.counts(&touched)))
}

/// A hold of another dose was checked against the seat that is about to change.
fn end_holds_of(state: &mut Seats, human: usize, touched: &mut BTreeSet<usize>) {
    state.end(state.holds(|party| party.seats.iter().any(|seat| seat.human == human)), touched);
}

impl Model for Rules {
    type State = Seats;
    type Act = Act;

    /// Holds that ran out may be ended at any time by the housekeeper of any node, which ends them one by one; and
    /// whatever is asked reads the clock at some time between the question and its turn.
    fn after(&self, state: &Seats, act: &Act) -> Vec<Seats> {
        let mut found = Vec::new();
        for before in state.with_some_ended() {
            for &now in self.times.iter().filter(|time| (act.asked_at..=before.now).contains(time)) {
                let mut after = before.clone();
                let told = self.serve(&mut after, &act.order, now);
                if matches!(told, Answer::Refused(_)) {
                    after = before.clone();
                }
                if act.answer.as_ref().is_none_or(|answer| *answer == told) && !found.contains(&after) {
                    found.push(after);
                }
            }
            if Self::may_refuse_early(&before, act) && !found.contains(&before) {
                found.push(before);
            }
        }
        found
    }

    fn is_idle(&self, act: &Act) -> bool {
        match (&act.order, &act.answer) {
            (Order::Pass { .. } | Order::Sweep, _) | (_, None) => false,
            (_, Some(Answer::Done(touched))) => touched.is_empty(),
            (_, Some(Answer::Held(..) | Answer::Until(_))) => false,
            (_, Some(Answer::Refused(_) | Answer::Booking(_) | Answer::Slot(..) | Answer::List(_))) => true,
        }
    }
}
