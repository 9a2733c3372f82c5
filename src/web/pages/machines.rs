//! What machines ask for: whether the service is alive and ready, its figures, the icon.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use serde::Serialize;

use crate::store::{Conn, changes, outbox};
use crate::web::Web;
use crate::web::network::Monitor;

/// How long the database may take to answer a probe, in seconds.
const PROBE_SECONDS: u64 = 2;

/// How long the icon and the like are kept by browsers.
const A_DAY: &str = "public, max-age=86400";

const ICON: &str = include_str!("../../../static/icon.svg");

const ROBOTS: &str = include_str!("../../../static/robots.txt");

/// Says that the process answers.
pub async fn alive() -> HttpResponse {
    plain("ok")
}

#[derive(Serialize)]
struct Readiness {
    database: &'static str,
    ledger: &'static str,
    notifier: &'static str,
}

/// Says whether database, ledger and notifier do their work; 503 when one does not.
pub async fn ready(_: Monitor, web: Data<Web>) -> HttpResponse {
    let node = web.engine.node.number;
    let probe = web.engine.store.read(move |conn, _| changes::of_others(conn, node));
    let database = matches!(tokio::time::timeout(Duration::from_secs(PROBE_SECONDS), probe).await, Ok(Ok(_)));
    let (ledger, notifier) = (web.engine.ledger.is_healthy(), web.engine.notifier_is_healthy());
    let mut answer =
        if database && ledger && notifier { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let word = |is_ok| if is_ok { "ok" } else { "failing" };
    answer.insert_header((header::CACHE_CONTROL, "no-store")).json(Readiness {
        database: word(database),
        ledger: word(ledger),
        notifier: word(notifier),
    })
}

/// The figures of this process in Prometheus' text format.
pub async fn figures(_: Monitor, web: Data<Web>) -> HttpResponse {
    let engine = &web.engine;
    let (commits, commands) = engine.ledger.committed();
    metrics::counter!("sunbeon_ledger_commits_total").absolute(commits);
    metrics::counter!("sunbeon_ledger_commands_total").absolute(commands);
    metrics::gauge!("sunbeon_ledger_waiting").set(as_figure(engine.ledger.depth()));
    metrics::gauge!("sunbeon_ledger_healthy").set(f64::from(u8::from(engine.ledger.is_healthy())));
    metrics::gauge!("sunbeon_notifier_healthy").set(f64::from(u8::from(engine.notifier_is_healthy())));
    metrics::gauge!("sunbeon_desks_running").set(as_figure(engine.desks.running()));
    plain(web.metrics.render())
}

/// Counts the outbox for [`figures`], now and then: not for everybody who asks.
pub async fn count_outbox(web: &Web) {
    let now = web.engine.now();
    let read = move |conn: &mut Conn, _: &_| {
        Ok((outbox::figures::count_open(conn, now)?, outbox::figures::waiting(conn, now)?))
    };
    let Ok((counts, waiting)) = web.engine.store.read(read).await else { return };
    let oldest = waiting.iter().map(|one| (now.as_second() - one.oldest.as_second()).max(0)).max();
    metrics::gauge!("sunbeon_outbox_oldest_seconds").set(oldest.unwrap_or(0) as f64);
    for (state, count) in counts {
        let messages = usize::try_from(count).unwrap_or(0);
        metrics::gauge!("sunbeon_outbox_messages", "state" => state).set(as_figure(messages));
    }
}

/// Which pages search engines may keep.
pub async fn robots() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, A_DAY))
        .body(ROBOTS)
}

/// The icon, also for browsers that ask for it by its old name.
pub async fn icon() -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").insert_header((header::CACHE_CONTROL, A_DAY)).body(ICON)
}

fn plain(text: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text.into())
}

#[allow(clippy::cast_precision_loss, reason = "figures are small, and nobody counts their last digit")]
fn as_figure(count: usize) -> f64 {
    count as f64
}
