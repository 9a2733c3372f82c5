//! People who book and cancel without end while something else is done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use sunbeon::domain::ids::PartyId;
use sunbeon::domain::slot::Slot;
use sunbeon::engine::desk::CancelBookings;
use sunbeon::store::bookings;
use sunbeon::store::moving::Cancel;

use crate::app::{TestApp, block_on, wait_for};
use crate::citizens::{Citizen, citizens, coming};

/// Families that book at the same time, each one after the other.
const FAMILIES: usize = 8;

/// People of each family who book once and keep it.
const KEEPERS: usize = 60;

/// What was answered so far.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Parties that were told that they are confirmed, and that nobody cancels.
    pub confirmed: Vec<PartyId>,
    /// Parties that were told that they are cancelled.
    pub cancelled: Vec<PartyId>,
}

/// Load that goes on until it is ended.
pub struct Load {
    answered: Arc<Mutex<Answered>>,
    end: Arc<AtomicBool>,
    families: Vec<JoinHandle<()>>,
}

impl Load {
    /// Lets families book, each with one person who books and cancels again and again.
    pub fn begin(app: &Arc<TestApp>) -> Self {
        let people = citizens(app, FAMILIES * (KEEPERS + 1));
        let slots: Vec<Slot> = block_on(coming(app, app.site_id(0), "flu-2026"))
            .into_iter()
            .flat_map(|(slot, free)| (0..free).map(move |_| slot))
            // Later than a week from now, so that every booking has a reminder.
            .skip(600)
            .collect();
        let (answered, end) = <(Arc<Mutex<Answered>>, Arc<AtomicBool>)>::default();
        let families = (people.chunks(KEEPERS + 1).zip(slots.chunks(KEEPERS + 1)))
            .map(|(people, slots)| {
                let (app, answered, end) = (app.clone(), answered.clone(), end.clone());
                let places: Vec<_> = people.iter().copied().zip(slots.iter().copied()).collect();
                std::thread::spawn(move || block_on(family(&app, &places, &answered, &end)))
            })
            .collect();
        Self { answered, end, families }
    }

    /// Waits until so many were told that they are confirmed.
    pub fn await_confirmed(&self, number: usize) -> Answered {
        wait_for("people to be confirmed", || {
            let answered = self.answered.lock().unwrap().clone();
            (answered.confirmed.len() >= number).then_some(answered)
        })
    }

    /// Ends it.
    pub fn end(self) {
        self.end.store(true, Ordering::Relaxed);
        for family in self.families {
            family.join().unwrap();
        }
    }
}

async fn family(app: &TestApp, places: &[(Citizen, Slot)], answered: &Mutex<Answered>, end: &AtomicBool) {
    let (restless, keepers) = places.split_last().unwrap();
    let mut keepers = keepers.iter();
    while !end.load(Ordering::Relaxed) {
        if let Some((citizen, slot)) = keepers.next() {
            let party = book(app, *citizen, *slot).await;
            answered.lock().unwrap().confirmed.push(party);
        }
        let party = book(app, restless.0, restless.1).await;
        cancel(app, party, &restless.1).await;
        answered.lock().unwrap().cancelled.push(party);
    }
}

async fn book(app: &TestApp, citizen: Citizen, slot: Slot) -> PartyId {
    let held = citizen.hold(app, slot, false).await.unwrap();
    citizen.confirm(app, &held.token, &slot).await.unwrap();
    held.party
}

async fn cancel(app: &TestApp, party: PartyId, slot: &Slot) {
    let engine = app.engine();
    let made = engine.store.read(move |conn, keys| bookings::of_party(conn, keys, party)).await.unwrap();
    let orders = made.iter().map(|one| Cancel { booking: one.id, version: one.version }).collect();
    engine.desks.order(slot.site, CancelBookings { bookings: orders }).await.unwrap();
}
