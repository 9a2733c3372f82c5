//! Receipts that the gateway brings by itself.

use std::sync::{Arc, LazyLock};

use serde_json::Value;
use sunbeon::engine::EngineSettings;
use sunbeon::notify::Traffic;
use sunbeon::notify::twilio::{Twilio, TwilioSettings};

use crate::app::{TestApp, TestDatabase, Wire, wait_for};
use crate::stand_in::StandIn;
use crate::stories::{ask_for_code, await_state};

const PUBLIC_URL: &str = "https://sunbeon.test";

/// One for every story in this process, each with phones of its own.
static STAND_IN: LazyLock<StandIn> = LazyLock::new(StandIn::start);

fn equip(settings: &mut EngineSettings) {
    let usual = STAND_IN.settings();
    let traffic = Traffic { timeout_seconds: 30, ..usual.traffic };
    let public_url = Some(PUBLIC_URL.to_owned());
    let brings = TwilioSettings { public_url, brings_receipts: true, traffic, ..usual };
    settings.gateways = vec![Arc::new(Twilio::new(brings).unwrap())];
}

/// A Sunbeon on each database.
fn apps() -> impl Iterator<Item = TestApp> {
    let databases = [Some(TestDatabase::sqlite()), TestDatabase::postgres()];
    databases.into_iter().flatten().map(|database| TestApp::with(database, equip))
}

/// Asks for a code, and what the gateway would bring of it, by what became of it.
fn receipts(app: &TestApp, last_digits: &str) -> Value {
    ask_for_code(app, &format!("010-0000-{last_digits}"));
    let number = format!("+82100000{last_digits}");
    wait_for("a text", || {
        let mut texts = STAND_IN.texts();
        texts.retain(|text| text["to"] == number);
        texts.pop().map(|text| text["receipts"].clone())
    })
}

/// The status of the answer to a receipt, brought with this signature.
fn bring_signed(app: &TestApp, receipt: &Value, signature: &str) -> u16 {
    let path = receipt["url"].as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature)];
    Wire::to(app).ask("POST", path, &headers, receipt["body"].as_str().unwrap()).status
}

fn bring(app: &TestApp, receipt: &Value) -> u16 {
    bring_signed(app, receipt, receipt["signature"].as_str().unwrap())
}

fn again(app: &TestApp) {
    app.database.execute("DELETE FROM outbox").unwrap();
    app.clock.pass_minutes(61);
}

#[test]
fn what_a_gateway_brings_is_written_down_once() {
    for (app, digits) in apps().zip(["2101", "2102"]) {
        let receipts = receipts(&app, digits);
        await_state(&app, "sent");
        for (status, state) in [("queued", "sent"), ("sent", "sent"), ("delivered", "delivered")] {
            assert_eq!(bring(&app, &receipts[status]), 204, "{status}");
            await_state(&app, state);
        }
        // Twice, and late.
        for status in ["delivered", "undelivered", "sent"] {
            assert_eq!(bring(&app, &receipts[status]), 204, "{status}");
            await_state(&app, "delivered");
        }
    }
}

#[test]
fn what_did_not_arrive_says_why() {
    for (app, digits) in apps().zip(["2103", "2104"]) {
        let receipts = receipts(&app, digits);
        await_state(&app, "sent");
        assert_eq!(bring(&app, &receipts["undelivered"]), 204);
        await_state(&app, "failed the text gateway could not deliver it with its code 30003");
        // What failed would be a fault when the service stops.
        again(&app);
    }
}

#[test]
fn a_receipt_ends_the_doubt_whether_a_text_went() {
    for app in apps() {
        // The gateway takes it and hangs up. What it would say when asked is not waited for.
        let receipts = receipts(&app, "0499");
        wait_for("the doubt", || {
            (app.database.number("SELECT COUNT(*) AS number FROM outbox WHERE state = 'leased'") == 0)
                .then_some(())
        });
        assert_eq!(bring(&app, &receipts["delivered"]), 204);
        await_state(&app, "delivered");
        again(&app);
    }
}

#[test]
fn who_does_not_sign_brings_nothing() {
    for (app, digits) in apps().zip(["2105", "2106"]) {
        let receipts = receipts(&app, digits);
        await_state(&app, "sent");
        let receipt = &receipts["delivered"];
        let other = receipts["undelivered"]["signature"].as_str().unwrap();
        for signature in ["", "AAAA", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", other] {
            assert_eq!(bring_signed(&app, receipt, signature), 403, "{signature}");
        }
        let url = receipt["url"].as_str().unwrap();
        let body = receipt["body"].as_str().unwrap();
        for (name, value) in [
            ("url", format!("{url}1")),
            ("url", format!("{url}?a=b")),
            ("url", url.replace("/texts/", "/spool/")),
            ("body", body.replace("SM0", "SM1")),
            ("body", format!("{body}&more=1")),
            ("body", "\0=%ff".to_owned()),
        ] {
            let mut changed = receipt.clone();
            changed[name] = value.clone().into();
            assert!(matches!(bring(&app, &changed), 403 | 404), "{value}");
        }
        await_state(&app, "sent");
    }
}
