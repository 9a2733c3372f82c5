//! Every queue has a limit, and whoever finds it full is told to come back; nobody waits for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use sunbeon::engine::desk::ComingSlots;
use sunbeon::store::{Failure, LedgerError, Never, Tx};

use crate::app::{QUEUE_MAX, TestApp, block_on};
use crate::citizens::{citizens, coming};
use crate::on_both;
use crate::sound::{assert_sound, held};

on_both!(
    a_full_ledger_says_so_and_keeps_what_it_took,
    a_desk_with_too_many_open_questions_says_so,
    an_idle_desk_is_let_go_and_comes_back_with_the_same_counts,
);

/// Questions and orders that a desk may have open.
const OPEN_MAX: usize = 2048;

/// More than that.
const QUESTIONS: usize = 2200;

fn a_full_ledger_says_so_and_keeps_what_it_took(app: &TestApp) {
    let release = app.block_ledger(0);
    let engine = app.engine();
    block_on(async {
        let nothing = |_: &mut Tx<'_>| -> Result<(), Failure<Never>> { Ok(()) };
        let writes: Vec<_> = (0..QUEUE_MAX + 100)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.ledger.write(0, nothing).await })
            })
            .collect();
        // The housekeeper and the notifier write too, so a few places may be theirs.
        wait_until(|| writes.iter().filter(|write| write.is_finished()).count() >= 100).await;
        assert!(engine.ledger.depth() >= QUEUE_MAX);
        assert!(matches!(engine.ledger.write(0, nothing).await, Err(LedgerError::Busy)));
        drop(release);
        let answers = join_all(writes).await;
        let busy = answers.iter().filter(|answer| matches!(answer.as_ref().unwrap(), Err(LedgerError::Busy)));
        let busy = busy.count();
        let done = answers.iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
        assert_eq!(busy + done, QUEUE_MAX + 100, "nobody gets any other answer");
        assert!((100..=110).contains(&busy), "{busy} were sent away");
        engine.ledger.write(0, nothing).await.unwrap();
    });
}

/// Waits until something is so.
pub async fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("waited in vain");
}

fn a_desk_with_too_many_open_questions_says_so(app: &TestApp) {
    let (engine, site) = (app.engine(), app.site_id(0));
    // A desk that can't read its slots lets everyone wait until it can.
    app.database.execute("ALTER TABLE slot RENAME TO slot_away").unwrap();
    let campaign = engine.country.now().campaign_by_slug("covid-2026").unwrap().id;
    block_on(async {
        let busy = Arc::new(AtomicUsize::new(0));
        let questions: Vec<_> = (0..QUESTIONS)
            .map(|_| {
                let (desks, busy) = (engine.desks.clone(), busy.clone());
                tokio::spawn(async move {
                    let answer = desks.question(site, ComingSlots { campaign }).await;
                    if matches!(answer, Err(LedgerError::Busy)) {
                        busy.fetch_add(1, Ordering::Relaxed);
                    }
                    answer.is_ok()
                })
            })
            .collect();
        wait_until(|| busy.load(Ordering::Relaxed) == QUESTIONS - OPEN_MAX).await;
        app.database.execute("ALTER TABLE slot_away RENAME TO slot").unwrap();
        let answers = join_all(questions).await;
        assert_eq!(answers.into_iter().filter(|answer| *answer.as_ref().unwrap()).count(), OPEN_MAX);
    });
    assert_sound(app);
}

fn an_idle_desk_is_let_go_and_comes_back_with_the_same_counts(app: &TestApp) {
    let people = citizens(app, 2);
    let engine = app.engine();
    let site = app.site_id(1);
    let slot = block_on(async {
        let slot = coming(app, site, "covid-2026").await[0].0;
        people[0].hold(app, slot, false).await.unwrap();
        slot
    });
    assert_eq!(engine.desks.running(), 1);
    app.clock.pass_seconds(300);
    engine.desks.passivate_idle();
    assert_eq!(engine.desks.running(), 1, "it was used five minutes ago");
    // The clock goes past the hold's end, but nobody has returned its seat: what the new desk knows is what is stored.
    app.clock.pass_seconds(301);
    engine.desks.passivate_idle();
    assert_eq!(engine.desks.running(), 0);
    app.pass_minutes(0);
    block_on(people[1].hold(app, slot, false)).unwrap();
    assert_eq!(held(app), 1);
    assert_sound(app);
}
