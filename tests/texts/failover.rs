//! Two gateways: the second carries while the first is in trouble, and codes never wait behind a flood.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

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
