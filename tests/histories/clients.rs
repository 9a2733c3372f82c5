//! Clients that ask at random: two for each account, like a daughter on her phone and on her computer.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use sunbeon::domain::clock::ChanceExt;
use sunbeon::system::SeededChance;

use crate::orders::{Answer, Order, Reading, Seat, Stands, Wish};
use crate::recorder::Recorder;
use crate::seats::Rules;
use crate::town::{ACCOUNTS, SECOND_DOSES_FROM, TIMES};

/// Orders and questions of one client.
const STEPS: usize = 8;

/// The longest that somebody waits who does not wait for the answer.
const IMPATIENT_MICROSECONDS: u64 = 3000;

/// What the clients of one account know.
#[derive(Default)]
struct Notes {
    holds: Vec<(usize, Vec<Wish>)>,
    bookings: BTreeMap<Seat, Reading>,
}

/// Everybody at once.
pub struct Crowd<'a> {
    recorder: &'a Recorder,
    rules: &'a Rules,
    notes: Vec<Mutex<Notes>>,
    holds: AtomicUsize,
}

impl<'a> Crowd<'a> {
    /// A crowd that knows nothing yet.
    pub fn new(recorder: &'a Recorder, rules: &'a Rules) -> Self {
        let notes = (0..ACCOUNTS).map(|_| Mutex::default()).collect();
        Self { recorder, rules, notes, holds: AtomicUsize::new(0) }
    }

    /// Lets eight clients ask, and time pass once when `with_time`; then reads everything once more.
    pub async fn run(&self, seed: u64, with_time: bool) {
        let clients = (0..2 * ACCOUNTS).map(|client| self.client(client, seed));
        let time = async {
            if with_time {
                let chance = SeededChance::new(seed * 100 + 99);
                tokio::time::sleep(Duration::from_micros(chance.below(20_000))).await;
                self.recorder.ask(0, Order::Pass { minutes: 11 }).await;
                self.recorder.ask(self.node(1), Order::Sweep).await;
            }
        };
        tokio::join!(join_all(clients), time);
        for slot in 0..TIMES.len() {
            self.recorder.ask(self.node(slot), Order::ReadSlot { slot }).await;
        }
        for account in 0..ACCOUNTS {
            self.recorder.ask(self.node(account), Order::ReadList { account }).await;
        }
    }

    fn node(&self, client: usize) -> usize {
        client % self.recorder.nodes.len()
    }

    async fn client(&self, client: usize, seed: u64) {
        let chance = SeededChance::new(seed * 100 + client as u64);
        let account = client / 2;
        for _ in 0..STEPS {
            let order = self.choose(account, &chance);
            let asking = self.recorder.ask(self.node(client), order.clone());
            let answer = if chance.below(14) == 0 {
                let patience = Duration::from_micros(chance.below(IMPATIENT_MICROSECONDS));
                tokio::time::timeout(patience, asking).await.unwrap_or(None)
            } else {
                asking.await
            };
            if let Some(answer) = answer {
                self.learn(account, &order, answer);
            }
            tokio::time::sleep(Duration::from_micros(chance.below(1500))).await;
        }
    }

    fn choose(&self, account: usize, chance: &SeededChance) -> Order {
        let notes = self.notes[account].lock().unwrap();
        // Mostly what is known last, so that something gets done; now and then something old.
        let pick = |len: usize| match chance.below(3) {
            0 => below(chance, len),
            _ => len - 1,
        };
        let hold = (!notes.holds.is_empty()).then(|| notes.holds[pick(notes.holds.len())].0);
        let bookings: Vec<(Seat, Reading)> = notes.bookings.iter().map(|(&seat, &one)| (seat, one)).collect();
        let booking = (!bookings.is_empty()).then(|| bookings[pick(bookings.len())]);
        match (chance.below(16), hold, booking) {
            (0..=4, Some(hold), _) => Order::Confirm { hold },
            (5, Some(hold), _) => Order::Release { hold },
            (6, Some(hold), _) => Order::Extend { hold },
            (7..=8, _, Some(booking)) => self.swap(booking, &bookings, chance),
            (9, _, Some(booking)) => cancel(booking, &bookings, chance),
            (10, _, Some((seat, _))) => Order::ReadBooking { seat },
            (11, ..) => Order::ReadList { account },
            (12, ..) => Order::ReadSlot { slot: below(chance, TIMES.len()) },
            _ => self.hold(account, chance),
        }
    }

    fn hold(&self, account: usize, chance: &SeededChance) -> Order {
        let people = self.rules.people.iter().enumerate().filter(|(_, person)| person.account == account);
        let people: Vec<usize> = people.map(|(index, _)| index).collect();
        let wish = |person: usize, dose: u8| Wish { person, dose, slot: time_for(dose, chance) };
        let person = people[below(chance, people.len())];
        let wishes = match chance.below(8) {
            0 => vec![wish(person, 1), wish(person, 2)],
            1 => people.iter().map(|&person| wish(person, 1)).collect(),
            2 => vec![wish(person, 2)],
            _ => vec![wish(person, 1)],
        };
        // One order goes to one site.
        let same_site = |wish: &Wish| TIMES[wish.slot].0 == TIMES[wishes[0].slot].0;
        let wishes = wishes.iter().copied().filter(same_site).collect();
        let hold = self.holds.fetch_add(1, Ordering::Relaxed);
        Order::Hold { hold, account, wishes, replaces: chance.below(2) == 0 }
    }

    fn swap(
        &self,
        (seat, one): (Seat, Reading),
        bookings: &[(Seat, Reading)],
        chance: &SeededChance,
    ) -> Order {
        let goes = |one: &Reading| {
            let is_second = one.slot >= SECOND_DOSES_FROM;
            time_for(if is_second { 2 } else { 1 }, chance)
        };
        let mut moves = vec![(seat, stale(one.version, chance), goes(&one))];
        let other = bookings.iter().find(|(other, one)| *other != seat && one.stands == Stands::Booked);
        if let Some((other, one)) = other.filter(|_| chance.below(3) == 0) {
            moves.push((*other, one.version, goes(one)));
        }
        Order::Swap { moves }
    }

    fn learn(&self, account: usize, order: &Order, answer: Answer) {
        let mut notes = self.notes[account].lock().unwrap();
        match (order, answer) {
            (Order::Hold { hold, wishes, .. }, Answer::Held(..)) if self.recorder.knows(*hold) => {
                notes.holds.push((*hold, wishes.clone()));
            }
            (Order::Confirm { hold }, Answer::Done(touched)) if !touched.is_empty() => {
                let wishes =
                    notes.holds.iter().find(|(held, _)| held == hold).map(|(_, wishes)| wishes.clone());
                for (place, wish) in wishes.unwrap_or_default().iter().enumerate() {
                    let reading = Reading { stands: Stands::Booked, slot: wish.slot, version: 1 };
                    notes.bookings.insert((*hold, place), reading);
                }
            }
            (Order::Swap { moves }, Answer::Done(_)) => {
                for &(seat, version, slot) in moves {
                    let reading = Reading { stands: Stands::Booked, slot, version: version + 1 };
                    notes.bookings.insert(seat, reading);
                }
            }
            (Order::ReadList { .. }, Answer::List(list)) => notes.bookings.extend(list),
            _ => {}
        }
    }
}

fn cancel((seat, one): (Seat, Reading), bookings: &[(Seat, Reading)], chance: &SeededChance) -> Order {
    let mut seats = vec![(seat, stale(one.version, chance))];
    let other = bookings.iter().find(|(other, one)| *other != seat && one.stands == Stands::Booked);
    if let Some((other, one)) = other.filter(|_| chance.below(2) == 0) {
        seats.push((*other, one.version));
    }
    Order::Cancel { seats }
}

/// The version that was seen, or now and then one that is older.
fn stale(version: i32, chance: &SeededChance) -> i32 {
    if chance.below(5) == 0 { (version - 1).max(1) } else { version }
}

/// A time that suits the dose, or now and then one that does not.
fn time_for(dose: u8, chance: &SeededChance) -> usize {
    match (chance.below(10), dose) {
        (0, _) => below(chance, TIMES.len()),
        (_, 1) => below(chance, SECOND_DOSES_FROM),
        _ => SECOND_DOSES_FROM + below(chance, TIMES.len() - SECOND_DOSES_FROM),
    }
}

fn below(chance: &SeededChance, most: usize) -> usize {
    usize::try_from(chance.below(most as u64)).unwrap()
}
