//! Many at once for what only one can have.

use std::collections::HashMap;

use futures_util::future::join_all;
use sunbeon::domain::booking::HoldPartyError;
use sunbeon::engine::desk::Hold;
use sunbeon::store::LedgerError;

use crate::app::{TestApp, block_on};
use crate::citizens::{citizens, coming, mother_of, order};
use crate::on_both;
use crate::sound::{assert_sound, booked, held};

on_both!(
    of_five_hundred_who_want_the_last_seat_one_gets_it,
    of_five_hundred_whom_no_desk_refuses_from_memory_one_gets_the_seat,
    who_presses_twice_books_once,
    families_that_want_one_another_s_times_all_get_an_answer,
);

/// How five hundred hold one seat at once.
fn five_hundred_for_one_seat(app: &TestApp, replaces: bool) {
    let people = citizens(app, 500);
    block_on(async {
        let slot = coming(app, app.site_id(1), "covid-2026").await[0].0;
        let asked = people.iter().map(|citizen| citizen.hold(app, slot, replaces));
        let answers = join_all(asked.map(tokio::spawn)).await;
        let mut got = Vec::new();
        for (citizen, answer) in people.iter().zip(answers) {
            match answer.unwrap() {
                Ok(held) => got.push((*citizen, held.token)),
                Err(LedgerError::Refused(HoldPartyError::SlotFull)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(got.len(), 1);
        got[0].0.confirm(app, &got[0].1, &slot).await.unwrap();
    });
    assert_eq!((held(app), booked(app)), (0, 1));
    assert_sound(app);
}

fn of_five_hundred_who_want_the_last_seat_one_gets_it(app: &TestApp) {
    five_hundred_for_one_seat(app, false);
}

fn of_five_hundred_whom_no_desk_refuses_from_memory_one_gets_the_seat(app: &TestApp) {
    five_hundred_for_one_seat(app, true);
}

fn who_presses_twice_books_once(app: &TestApp) {
    let citizen = citizens(app, 1)[0];
    block_on(async {
        let slot = coming(app, app.site_id(0), "flu-2026").await[0].0;
        let holds = join_all((0..5).map(|_| tokio::spawn(citizen.hold(app, slot, false)))).await;
        let held: Vec<_> = holds.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
        // Each hold took the place of the one before: only the last can be confirmed, as often as one likes.
        let mut confirmed = HashMap::new();
        for held in held.iter().chain(&held) {
            let answer = citizen.confirm(app, &held.token, &slot).await;
            *confirmed.entry(answer.is_ok()).or_insert(0) += 1;
        }
        assert_eq!(confirmed, HashMap::from([(true, 2), (false, 8)]));
    });
    assert_eq!((held(app), booked(app)), (0, 1));
    assert_sound(app);
}

fn families_that_want_one_another_s_times_all_get_an_answer(app: &TestApp) {
    let people: Vec<_> = citizens(app, 30).into_iter().map(|one| (one, mother_of(app, one))).collect();
    block_on(async {
        let times: Vec<_> = coming(app, app.site_id(0), "covid-2026").await;
        let (early, late) = (times[0].0, times[1].0);
        let asked = people.iter().enumerate().map(|(index, (daughter, mother))| {
            // Two people of one account, in either order of times: whoever locks must lock in one order.
            let seats = if index % 2 == 0 { [early, late] } else { [late, early] };
            let mut order = order(app, daughter.account, &[(daughter.person, seats[0]), (*mother, seats[1])]);
            order.rules.people_max = 6;
            let engine = app.engine();
            tokio::spawn(async move { engine.desks.order(early.site, Hold { order, replaces: true }).await })
        });
        let answers = join_all(asked).await;
        let got = answers.into_iter().filter(|answer| match answer.as_ref().unwrap() {
            Ok(_) => true,
            Err(LedgerError::Refused(HoldPartyError::SlotFull)) => false,
            Err(other) => panic!("{other:?}"),
        });
        assert_eq!(got.count(), 4, "each time has four seats");
    });
    assert_eq!(held(app), 8);
    assert_sound(app);
}
