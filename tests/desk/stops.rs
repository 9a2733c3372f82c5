//! Requests, desks and processes that stop in the middle.

use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use sunbeon::domain::booking::{ConfirmPartyError, HoldPartyError};
use sunbeon::domain::clock::ChanceExt;
use sunbeon::engine::desk::ReleaseHold;
use sunbeon::store::{Failure, LedgerError, Never, Tx};
use sunbeon::system::SeededChance;

use crate::app::{TestApp, block_on};
use crate::citizens::{Citizen, citizens, coming};
use crate::limits::wait_until;
use crate::on_both;
use crate::sound::{assert_sound, booked, held};

on_both!(
    a_request_dropped_anywhere_loses_no_seat,
    a_restart_keeps_holds_and_bookings,
    a_desk_that_cannot_read_answers_again_once_it_can,
    a_desk_let_go_in_the_middle_leaves_no_stale_count,
    desks_that_come_and_go_lose_no_seat,
);

/// Waits until the ledger has done everything that was asked of it before.
async fn ledger_has_caught_up(app: &TestApp) {
    let engine = app.engine();
    for key in 0..8 {
        let nothing = |_: &mut Tx<'_>| -> Result<(), Failure<Never>> { Ok(()) };
        engine.ledger.write(key, nothing).await.unwrap();
    }
}

fn a_request_dropped_anywhere_loses_no_seat(app: &TestApp) {
    let people = citizens(app, 300);
    let chance = SeededChance::new(3);
    block_on(async {
        let times = coming(app, app.site_id(0), "covid-2026").await;
        let visits = people.iter().enumerate().map(|(index, citizen)| {
            let mut hold = citizen.hold(app, times[index % 80].0, false);
            let wait = Duration::from_micros(chance.below(60_000));
            async move {
                if index % 3 == 0 {
                    hold.await.unwrap();
                } else {
                    // It is on its way to the desk, and nobody will read the answer.
                    let asked = std::future::poll_fn(|cx| Poll::Ready(hold.as_mut().poll(cx))).await;
                    assert!(asked.is_pending());
                    tokio::time::sleep(wait).await;
                }
            }
        });
        join_all(visits).await;
        ledger_has_caught_up(app).await;
    });
    assert!(held(app) > 100, "what nobody waits for is done all the same");
    app.pass_minutes(11);
    assert_eq!(held(app), 0, "every hold ran out, whether its visitor knew of it or not");
    assert_sound(app);
    let free =
        app.database.number("SELECT CAST(SUM(seats - held - booked) AS BIGINT) AS number FROM slot_lane");
    let seats = app.database.number("SELECT CAST(SUM(seats) AS BIGINT) AS number FROM slot_lane");
    assert_eq!(free, seats);
}

fn a_restart_keeps_holds_and_bookings(app: &TestApp) {
    let people = citizens(app, 3);
    let (slot, tokens) = block_on(async {
        let slot = coming(app, app.site_id(0), "covid-2026").await[0].0;
        let mut tokens = Vec::new();
        for citizen in &people {
            tokens.push(citizen.hold(app, slot, false).await.unwrap().token);
        }
        people[0].confirm(app, &tokens[0], &slot).await.unwrap();
        (slot, tokens)
    });
    app.restart();
    assert_eq!((held(app), booked(app)), (2, 1));
    assert_sound(app);
    block_on(people[1].confirm(app, &tokens[1], &slot)).unwrap();
    app.restart();
    app.pass_minutes(11);
    assert_eq!((held(app), booked(app)), (0, 2));
    let expired = block_on(people[2].confirm(app, &tokens[2], &slot));
    assert!(matches!(expired, Err(LedgerError::Refused(ConfirmPartyError::HoldExpired))), "{expired:?}");
    assert_sound(app);
}

fn a_desk_that_cannot_read_answers_again_once_it_can(app: &TestApp) {
    let citizen = citizens(app, 1)[0];
    let site = app.site_id(0);
    let slot = block_on(coming(app, site, "covid-2026"))[0].0;
    app.engine().desks.forget_all();
    app.database.execute("ALTER TABLE slot RENAME TO slot_away").unwrap();
    let answer = block_on(async {
        tokio::time::timeout(Duration::from_millis(500), citizen.hold(app, slot, false)).await
    });
    assert!(!matches!(answer, Ok(Ok(_))), "there are no slots to hold");
    app.database.execute("ALTER TABLE slot_away RENAME TO slot").unwrap();
    block_on(citizen.hold(app, slot, false)).unwrap();
    assert_eq!(held(app), 1);
    assert_sound(app);
}

fn a_desk_let_go_in_the_middle_leaves_no_stale_count(app: &TestApp) {
    let people = citizens(app, 2);
    let (engine, site) = (app.engine(), app.site_id(1));
    block_on(async {
        let slot = coming(app, site, "covid-2026").await[0].0;
        let held = people[0].hold(app, slot, false).await.unwrap();
        let release = app.block_ledger(site.0);
        let order = ReleaseHold { account: people[0].account, token: held.token };
        let desks = engine.desks.clone();
        let letting_go = tokio::spawn(async move { desks.order(site, order).await });
        wait_until(|| engine.ledger.depth() > 0).await;
        // Another process wrote, so every desk is let go; the next one reads before the seat is back.
        engine.desks.forget_all();
        assert_eq!(coming(app, site, "covid-2026").await[0].1, 0);
        drop(release);
        letting_go.await.unwrap().unwrap();
        assert_eq!(coming(app, site, "covid-2026").await[0].1, 1, "the new desk hears of it");
        people[1].hold(app, slot, false).await.unwrap();
    });
    assert_eq!(held(app), 1);
    assert_sound(app);
}

fn desks_that_come_and_go_lose_no_seat(app: &TestApp) {
    let people = citizens(app, 40);
    let (engine, site) = (app.engine(), app.site_id(1));
    block_on(async {
        let times = coming(app, site, "covid-2026").await;
        for (slot, _) in times.into_iter().take(5) {
            let visit =
                |citizen: &Citizen| hold_and_release(*citizen, app.engine(), citizen.hold(app, slot, true));
            let visits = join_all(people.iter().map(|citizen| tokio::spawn(visit(citizen))));
            let forget = async {
                for _ in 0..20 {
                    engine.desks.forget_all();
                    coming(app, site, "covid-2026").await;
                }
            };
            let (answers, ()) = tokio::join!(visits, forget);
            answers.into_iter().for_each(Result::unwrap);
        }
        ledger_has_caught_up(app).await;
    });
    assert_eq!(held(app), 0);
    assert_sound(app);
}

async fn hold_and_release(
    citizen: Citizen,
    engine: std::sync::Arc<sunbeon::engine::Engine>,
    hold: crate::citizens::HoldFuture,
) {
    match hold.await {
        Ok(held) => {
            let site = held.changes[0].slot.site;
            let order = ReleaseHold { account: citizen.account, token: held.token };
            engine.desks.order(site, order).await.unwrap();
        }
        Err(LedgerError::Refused(HoldPartyError::SlotFull)) => {}
        Err(other) => panic!("{other:?}"),
    }
}
