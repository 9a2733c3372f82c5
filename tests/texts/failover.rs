//! Two gateways: the second carries while the first is in trouble. And one with a flood of other texts, which keeps no code.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sunbeon::domain::clock::Clock;
use sunbeon::engine::EngineSettings;
use sunbeon::notify::twilio::{Twilio, TwilioSettings};

use crate::app::{TestApp, TestDatabase, wait_for};
use crate::stand_in::StandIn;
use crate::stories::{ask_for_code, sign_in};

static STAND_IN: LazyLock<StandIn> = LazyLock::new(StandIn::start);

/// A gateway that is not there, and one that is.
fn first_is_away(settings: &mut EngineSettings) {
    let away = TwilioSettings { url: "http://127.0.0.1:1".into(), ..STAND_IN.settings() };
    let spare = TwilioSettings { name: "spare".into(), ..STAND_IN.settings() };
    settings.gateways = vec![Arc::new(Twilio::new(away).unwrap()), Arc::new(Twilio::new(spare).unwrap())];
}

#[test]
fn the_next_carries_while_the_first_is_in_trouble() {
    let app = TestApp::with(TestDatabase::sqlite(), first_is_away);
    // Five texts that do not go show that it is in trouble.
    let asked: Vec<_> = (1..=6).map(|phone| ask_for_code(&app, &format!("010-0000-1{phone:03}"))).collect();
    wait_for("all codes", || {
        app.clock.pass_seconds(2);
        std::thread::sleep(Duration::from_millis(50));
        app.engine().wake_notifier();
        let sent = "SELECT COUNT(*) AS number FROM outbox WHERE gateway = 'spare' AND state IN ('sent', 'delivered')";
        (app.database.number(sent) == 6).then_some(())
    });
    for (page, phone) in asked.iter().zip(1..) {
        sign_in(page, &STAND_IN.texts_to(&format!("+821000001{phone:03}"))[0]);
    }
}

/// One gateway, eight texts at a time.
fn only_one(settings: &mut EngineSettings) {
    settings.gateways = vec![Arc::new(Twilio::new(STAND_IN.settings()).unwrap())];
}

/// Signs in with 010-0000-xxxx, as soon as the code is there.
fn prove(app: &TestApp, last_digits: &str) {
    let asked = ask_for_code(app, &format!("010-0000-{last_digits}"));
    let texts = wait_for("a code", || {
        let texts = STAND_IN.texts_to(&format!("+82100000{last_digits}"));
        (!texts.is_empty()).then_some(texts)
    });
    sign_in(&asked, &texts[0]);
}

#[test]
fn a_flood_keeps_no_code() {
    let app = TestApp::with(TestDatabase::sqlite(), only_one);
    prove(&app, "2000");
    // Texts that tell one's turn: they need no bookings.
    let opening = app.announce("flu-2026");
    app.draw(opening);
    let flood = format!(
        "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state, \
         attempts, possible_repeat, created_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
         SELECT 1000 + i, 'turn', {}, i, 'account', (SELECT MIN(id) FROM account), 'sms', '', {now}, 'queued', 0, FALSE, {now} \
         FROM n",
        opening.0,
        now = app.clock.now().as_second(),
    );
    app.database.execute(&flood).unwrap();
    app.engine().wake_notifier();
    let left = || {
        app.database.number("SELECT COUNT(*) AS number FROM outbox WHERE kind = 'turn' AND state = 'queued'")
    };
    wait_for("the flood to begin", || (left() < 4_950).then_some(()));
    for phone in 2001..=2005 {
        prove(&app, &phone.to_string());
    }
    assert!(left() > 1_000, "the flood is over already: {}", left());
    app.database.execute("DELETE FROM outbox WHERE kind = 'turn'").unwrap();
}
