//! Log lines and figures.
//!
//! **What a log line may hold**: a readable sentence, ids (of accounts, people, bookings, sites, messages), kinds,
//! counts, durations, outcomes. **What it may never hold**: names, birth dates, phones, e-mail addresses, codes,
//! tokens, cookies, reference codes, addresses of visitors, or whatever somebody typed.
//!
//! ```text
//! Good: info!(site = %site, seats = 2, "party held")
//! Bad:  info!("held 2 seats for {name} ({phone})")
//! ```
//!
//! Figures carry labels with few values (a kind, an outcome, a gateway), never an id: each value is a series of its
//! own for as long as the process lives.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::config::{LogConfig, LogFormat, LogLevel};

/// Upper bounds, in seconds, of what durations are counted into: a refusal from memory takes microseconds, a commit
/// milliseconds, a gateway seconds.
const DURATION_SECONDS: [f64; 12] =
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Sends log lines to standard error from now on. Says whether it did: once they go somewhere, they stay there, so
/// that tests may call this as often as they like.
pub fn init_logging(config: &LogConfig) -> bool {
    subscriber(config, std::io::stderr).try_init().is_ok()
}

fn subscriber<W>(config: &LogConfig, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Json => {
            fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer).boxed()
        }
        LogFormat::Text => fmt::layer().with_ansi(false).with_target(false).with_writer(writer).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter(config.level)))
}

/// Our own lines at the level asked for. Libraries never below `info`: at `debug` some of them log what they carry,
/// and that is personal.
fn filter(level: LogLevel) -> Targets {
    let ours = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // What strangers send that is no HTTP is no error of ours, and actix calls it one.
    let nonsense = if ours < LevelFilter::DEBUG { LevelFilter::OFF } else { LevelFilter::INFO };
    Targets::new()
        .with_default(ours.min(LevelFilter::INFO))
        .with_target("actix_http::h1::dispatcher", nonsense)
        .with_target(env!("CARGO_CRATE_NAME"), ours)
}

/// The figures of this process, in Prometheus' text format.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Collects figures from now on. Called again, it gives the same figures.
    pub fn install() -> Self {
        static INSTALLED: OnceLock<Metrics> = OnceLock::new();
        INSTALLED.get_or_init(Self::install_once).clone()
    }

    /// Everything collected so far, for `/metrics`.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Sorts fresh durations into their buckets. Call it every few seconds: they pile up in memory until this or
    /// [`Metrics::render`] is called, and nobody may be asking for figures.
    pub fn tidy_up(&self) {
        self.0.run_upkeep();
    }

    fn install_once() -> Self {
        let durations = Matcher::Suffix("_seconds".to_owned());
        let recorder = match PrometheusBuilder::new().set_buckets_for_metric(durations, &DURATION_SECONDS) {
            Ok(builder) => builder.build_recorder(),
            Err(_) => unreachable!("only an empty list of buckets is refused"),
        };
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("figures are collected elsewhere already; /metrics stays empty");
        }
        Self(handle)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps what was written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LogLevel, format: LogFormat) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(&LogConfig { level, format }, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(site = 7, "party held");
            tracing::debug!("own detail");
            tracing::debug!(target: "lettre", "what a library carries");
        });
        String::from_utf8(kept.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_json_line_has_its_fields_beside_the_message() {
        let line: serde_json::Value = serde_json::from_str(&logged(LogLevel::Info, LogFormat::Json)).unwrap();
        assert_eq!(
            (&line["message"], &line["site"], &line["level"]),
            (&"party held".into(), &7.into(), &"INFO".into())
        );
    }

    #[test]
    fn libraries_stay_silent_about_what_they_carry() {
        let lines = logged(LogLevel::Trace, LogFormat::Text);
        assert!(lines.contains("party held site=7") && lines.contains("own detail"), "{lines}");
        assert!(!lines.contains("carries"), "{lines}");
        assert_eq!(logged(LogLevel::Error, LogFormat::Text), "");
    }

    #[test]
    fn logging_and_figures_can_be_started_twice() {
        let config = LogConfig::default();
        init_logging(&config);
        assert!(!init_logging(&config));

        let (one, other) = (Metrics::install(), Metrics::install());
        metrics::counter!("sunbeon_test_total").increment(2);
        metrics::histogram!("sunbeon_test_seconds").record(0.003);
        one.tidy_up();
        for metrics in [one, other] {
            let text = metrics.render();
            assert!(text.contains("sunbeon_test_total 2"), "{text}");
            assert!(text.contains("sunbeon_test_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        }
    }
}
