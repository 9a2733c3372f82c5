//! Codes that go to a carrier by SMPP, and its receipts, which end what was sent.

use std::sync::{Arc, LazyLock};

use sunbeon::engine::EngineSettings;
use sunbeon::notify::Traffic;
use sunbeon::notify::smpp::{Smpp, SmppSettings};

use crate::app::{TestApp, TestDatabase, wait_for};
use crate::smpp::peer::Peer;
use crate::stories::{ask_for_code, await_state, sign_in};

/// One for every story in this process, each with phones of its own.
static PEER: LazyLock<Peer> = LazyLock::new(|| Peer::start(&[]));

fn equip(settings: &mut EngineSettings) {
    let usual = PEER.settings();
    // Nothing here is slow on purpose, but the machine may be.
    let patient = SmppSettings { traffic: Traffic { timeout_seconds: 30, ..usual.traffic }, ..usual };
    settings.gateways = vec![Arc::new(Smpp::new(patient).unwrap())];
}

/// A Sunbeon on each database.
fn apps() -> impl Iterator<Item = TestApp> {
    let databases = [Some(TestDatabase::sqlite()), TestDatabase::postgres()];
    databases.into_iter().flatten().map(|database| TestApp::with(database, equip))
}

#[test]
fn what_a_carrier_says_of_a_code_is_written_down() {
    for (app, number) in apps().zip(["01", "02"]) {
        // The carrier may not be connected yet, and is tried again.
        for (kind, expected) in [
            ("00", "delivered"),
            ("05", "failed the carrier says UNDELIV with its code 045"),
            // Its receipt overtakes its answer, and so what we write down ourselves.
            ("06", "delivered"),
        ] {
            let digits = match kind {
                "00" => format!("00{number}"),
                _ => format!("00{kind}"),
            };
            let asked = ask_for_code(&app, &format!("010-0000-{digits}"));
            let code = wait_for("a code", || {
                app.clock.pass_seconds(1);
                std::thread::sleep(std::time::Duration::from_millis(50));
                app.engine().wake_notifier();
                PEER.taken(&format!("82100000{digits}")).pop()
            });
            await_state(&app, expected);
            if kind == "00" {
                sign_in(&asked, code["text"].as_str().unwrap());
            }
            app.database.execute("DELETE FROM outbox").unwrap();
            app.clock.pass_minutes(61);
        }
    }
}
