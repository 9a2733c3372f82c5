//! The ledger's queue is full, and a desk that panics.

use actix::{Context, Handler, Message};
use futures_util::FutureExt;
use sunbeon::engine::desk::SiteDesk;
use sunbeon::store::{Failure, LedgerError, Never, Tx};

use crate::answers::{assert_busy, assert_outage, seats, send_again};
use crate::app::{Language, TestApp, block_on, wait_for};
use crate::on_both;
use crate::way;

on_both!(
    whoever_finds_the_ledger_full_keeps_what_they_chose,
    whoever_stands_at_a_desk_that_panics_keeps_what_they_chose,
);

const L: Language = Language::English;

/// Fills the queue of a key's writer with commands for whose answers nobody waits.
fn fill_ledger(app: &TestApp, key: i64) {
    let engine = app.engine();
    let nothing = |_: &mut Tx<'_>| -> Result<(), Failure<Never>> { Ok(()) };
    while !matches!(engine.ledger.write(key, nothing).now_or_never(), Some(Err(LedgerError::Busy))) {}
}

fn whoever_finds_the_ledger_full_keeps_what_they_chose(app: &TestApp) {
    let browser = app.browser(L);
    browser.expect_outages();
    let times = way::times_of_both(app, &browser, "covid-2026");
    let site = app.site_id(0).0;
    let release = app.block_ledger(site);
    fill_ledger(app, site);
    let busy = way::press_time(&times, 0);
    assert_busy(&busy, L);
    assert_eq!(seats(app), (0, 0));
    drop(release);
    wait_for("the ledger's queue to be empty", || (app.engine().ledger.depth() == 0).then_some(()));
    let held = send_again(&busy, L);
    way::assert_holds(&held, L);
    way::confirm(&held);
    assert_eq!(seats(app), (0, 4));
}

/// An order that makes a desk panic.
#[derive(Message)]
#[rtype(result = "()")]
struct Stumble;

impl Handler<Stumble> for SiteDesk {
    type Result = ();

    fn handle(&mut self, _: Stumble, _: &mut Context<Self>) {
        panic!("on purpose");
    }
}

fn whoever_stands_at_a_desk_that_panics_keeps_what_they_chose(app: &TestApp) {
    let browser = app.browser(L);
    browser.expect_outages();
    let times = way::times_of_both(app, &browser, "covid-2026");
    let (engine, site) = (app.engine(), app.site_id(0));
    let release = app.block_ledger(site.0);
    let pressed = std::thread::spawn(move || way::press_time(&times, 0));
    wait_for("the order to be at the desk", || (engine.ledger.depth() > 0).then_some(()));
    let stumbled = block_on(engine.desks.question(site, Stumble));
    assert!(matches!(stumbled, Err(LedgerError::Outage(_))), "{stumbled:?}");
    let told = pressed.join().unwrap();
    assert_outage(&told, L);
    drop(release);
    let held = send_again(&told, L);
    way::assert_holds(&held, L);
    way::confirm(&held);
    assert_eq!(seats(app), (0, 4));
}
