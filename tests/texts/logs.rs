//! What stands in the log when texts go, and when they don't: which message and what the gateway answered; never to whom,
//! what it said, or what opens the gateway.

use std::fs::{self, File};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sunbeon::config::{LogConfig, LogFormat, LogLevel};
use sunbeon::engine::EngineSettings;
use sunbeon::notify::inbox::Inbox;
use sunbeon::notify::sens::Sens;
use sunbeon::notify::smpp::{Smpp, SmppSettings};
use sunbeon::notify::twilio::Twilio;
use sunbeon::notify::{Gateway, Obstacle, Outcome, Outgoing, Question};
use sunbeon::telemetry::{self, Metrics};

use crate::app::{TestApp, TestDatabase, wait_for};
use crate::gateway::code;
use crate::needles::{Needle, found};
use crate::smpp::peer::{PASSWORD, Peer};
use crate::stand_in::{ACCESS_KEY, SECRET_KEY, StandIn, TOKEN};
use crate::stories::ask_for_code;

/// Phones whose texts arrive, are refused, are put off, are answered in a way that means nothing, or never.
const PHONES: [&str; 9] = ["0001", "0202", "0302", "0400", "0429", "0499", "0500", "0503", "0408"];

/// Stands in the log, so that a search which finds nothing means something.
const PLANTED: &str = "010-0000-0777";

#[test]
fn the_log_names_no_number_no_text_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "logs::texts_go_in_a_process_of_its_own", "--ignored", "--nocapture"]);
    let output = child.stderr(File::create(&log).unwrap()).output().unwrap();
    let (said, logged) = (String::from_utf8_lossy(&output.stdout), fs::read_to_string(&log).unwrap());
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{logged}");
    for sign in ["no connection to the carrier", "a gateway is in trouble"] {
        assert!(logged.contains(sign), "{sign} is missing: was anything logged?\n{logged}");
    }
    let mut needles = vec![
        Needle::text("a code", "012345"),
        Needle::text("what texts begin with", "[순번]"),
        Needle::text("the token", TOKEN),
        Needle::text("the access key", ACCESS_KEY),
        Needle::text("the secret key", SECRET_KEY),
        Needle::text("the password", PASSWORD),
    ];
    needles.extend(PHONES.map(|last| Needle::phone("a phone", &format!("010-0000-{last}"))));
    assert_eq!(found(&needles, logged.as_bytes()), Vec::<String>::new());
    assert_eq!(found(&[Needle::phone("what was planted", PLANTED)], logged.as_bytes()).len(), 1);
}

#[test]
#[ignore = "the test above runs it in a process of its own"]
fn texts_go_in_a_process_of_its_own() {
    assert!(telemetry::init_logging(&LogConfig { level: LogLevel::Trace, format: LogFormat::Json }));
    gateways_are_used();
    codes_are_asked_for();
    tracing::info!(target: "sunbeon", "a line about {PLANTED}");
}

/// Each gateway by itself, with everything that its peer can do to it.
#[tokio::main]
async fn gateways_are_used() {
    let (stand_in, naver, peer) = (StandIn::start(), StandIn::start_sens(), Peer::start(&[]));
    let smpp = Smpp::new(peer.settings()).unwrap();
    let (inbox, _heard) = Inbox::new();
    smpp.start(inbox);
    peer.await_lines("a bind", |line| line.get("bind").is_some(), 1);
    let gateways: [&dyn Gateway; 3] =
        [&Twilio::new(stand_in.settings()).unwrap(), &Sens::new(naver.sens_settings()).unwrap(), &smpp];
    let stranger = Smpp::new(SmppSettings { password: "unknown".to_owned(), ..peer.settings() }).unwrap();
    stranger.start(Inbox::new().0);
    for gateway in gateways {
        for last_digits in PHONES {
            let message = Outgoing { at: stand_in.now(), ..code(1, last_digits) };
            let gateway_id = match gateway.send(&message).await {
                Outcome::Sent { gateway_id } => gateway_id,
                _ => None,
            };
            let at = stand_in.now();
            let question =
                Question { gateway_id: gateway_id.as_deref(), message: Some(&message), tried_at: at, at };
            gateway.ask(question).await;
        }
    }
    while !matches!(
        stranger.send(&code(1, "0001")).await,
        Outcome::RetryLater { because: Obstacle::Account, .. }
    ) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    smpp.stop().await;
}

/// And by the notifier, which says what became of each.
fn codes_are_asked_for() {
    let app = TestApp::with(TestDatabase::sqlite(), |settings: &mut EngineSettings| {
        // The process is the story's own: its end is the gateway's.
        let stand_in: &StandIn = Box::leak(Box::new(StandIn::start()));
        settings.gateways = vec![Arc::new(Twilio::new(stand_in.settings()).unwrap())];
    });
    // Five in a row that it does not take show that the gateway is in trouble.
    for last_digits in PHONES.into_iter().chain(["0503", "0503", "0503", "0302", "0302", "0302"]) {
        ask_for_code(&app, &format!("010-0000-{last_digits}"));
        app.clock.pass_seconds(61);
    }
    let open = "sunbeon_gateway_open{gateway=\"texts\"} 1";
    wait_for("a gateway in trouble", || Metrics::install().render().contains(open).then_some(()));
    app.database.execute("DELETE FROM outbox").unwrap();
}
