//! A long random day: people hold, confirm, let go, move and cancel at every site, and time passes.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use sunbeon::domain::clock::ChanceExt;
use sunbeon::domain::ids::AccountId;
use sunbeon::domain::slot::Slot;
use sunbeon::engine::Engine;
use sunbeon::engine::desk::{CancelBookings, ExtendHold, ReleaseHold, SetSeats, SwapSeats};
use sunbeon::store::bookings::{self, Booking};
use sunbeon::store::moving::{Cancel, Move};
use sunbeon::store::{LedgerError, StoreError};
use sunbeon::system::SeededChance;

use crate::app::{TestApp, block_on};
use crate::citizens::{Citizen, RULES, citizens, coming};
use crate::on_both;
use crate::sound::{assert_sound, booked, held};

on_both!(after_a_random_day_every_count_is_right);

const PEOPLE: usize = 40;
const ROUNDS: usize = 12;

fn after_a_random_day_every_count_is_right(app: &TestApp) {
    let people = citizens(app, PEOPLE);
    let slots: Vec<Slot> = block_on(async {
        let mut slots = Vec::new();
        for site in 0..3 {
            let times = coming(app, app.site_id(site), "covid-2026").await;
            slots.extend(times.into_iter().take(4).map(|(slot, _)| slot));
        }
        slots
    });
    let chance = SeededChance::new(11);
    for round in 0..ROUNDS {
        block_on(async {
            let visits = people.iter().map(|citizen| {
                let (first, second) = (pick(&chance, &slots), pick(&chance, &slots));
                tokio::spawn(visit(
                    app.engine(),
                    *citizen,
                    Steps::of(app, *citizen, first, second, chance.below(6)),
                ))
            });
            join_all(visits).await.into_iter().for_each(Result::unwrap);
        });
        if round % 4 == 3 {
            app.pass(SignedDuration::from_mins(11));
            assert_eq!(held(app), 0);
        }
        assert_sound(app);
    }
    assert!(booked(app) > 0, "a day on which nobody booked proves nothing");
}

fn pick(chance: &SeededChance, slots: &[Slot]) -> Slot {
    slots[usize::try_from(chance.below(slots.len() as u64)).unwrap()]
}

/// What somebody does on one visit.
struct Steps {
    hold: crate::citizens::HoldFuture,
    slot: Slot,
    other: Slot,
    way: u64,
}

impl Steps {
    fn of(app: &TestApp, citizen: Citizen, slot: Slot, other: Slot, way: u64) -> Self {
        Self { hold: citizen.hold(app, slot, way.is_multiple_of(2)), slot, other, way }
    }
}

async fn visit(engine: Arc<Engine>, citizen: Citizen, steps: Steps) {
    let Steps { hold, slot, other, way } = steps;
    match way {
        0 | 1 => {
            let Some(held) = allowed(hold.await) else { return };
            let campaign = engine.country.now().campaign(slot.campaign).unwrap().clone();
            let order = sunbeon::engine::desk::ConfirmParty {
                account: citizen.account,
                token: held.token,
                campaign,
                door: None,
            };
            allowed(engine.desks.order(slot.site, order).await);
        }
        2 => {
            let Some(held) = allowed(hold.await) else { return };
            let (account, token) = (citizen.account, held.token);
            let order = ExtendHold { account, token: token.clone(), rules: RULES };
            allowed(engine.desks.order(slot.site, order).await);
            engine.desks.order(slot.site, ReleaseHold { account, token }).await.unwrap();
        }
        3 => drop(allowed(hold.await)),
        4 => {
            let Some(one) = booking_of(&engine, citizen.account).await else { return };
            let campaign = engine.country.now().campaign(slot.campaign).unwrap().clone();
            let moves = vec![Move { booking: one.id, version: one.version, slot: other.id }];
            allowed(engine.desks.order(other.site, SwapSeats { moves, campaign }).await);
        }
        _ => {
            let Some(one) = booking_of(&engine, citizen.account).await else { return };
            let bookings = vec![Cancel { booking: one.id, version: one.version }];
            allowed(engine.desks.order(one.site, CancelBookings { bookings }).await);
            let set = SetSeats { slot: other.id, seats: 2 };
            allowed(engine.desks.order(other.site, set).await);
        }
    }
}

async fn booking_of(engine: &Engine, account: AccountId) -> Option<Booking> {
    let read = engine
        .store
        .read(move |conn, keys| -> Result<_, StoreError> { bookings::visible_to(conn, keys, account) });
    let now = engine.now();
    read.await.unwrap().into_iter().find(|one| one.can_change(now))
}

/// What was got; a refusal is part of the day, anything else is not.
fn allowed<T: std::fmt::Debug, E: std::fmt::Debug>(answer: Result<T, LedgerError<E>>) -> Option<T> {
    match answer {
        Ok(got) => Some(got),
        Err(LedgerError::Refused(_)) => None,
        Err(other) => panic!("{other:?}"),
    }
}
