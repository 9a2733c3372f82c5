//! The service put together from a configuration: engine, gateways and pages, until it is told to stop.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::gateways;
use crate::config::Config;
use crate::domain::booking::HoldRules;
use crate::engine::letters::Letterhead;
use crate::engine::{Engine, EngineSettings};
use crate::keys::KeyRing;
use crate::store::challenges::CodeRules;
use crate::system::{SystemChance, SystemClock};
use crate::telemetry::Metrics;
use crate::web::lanes::Lanes;
use crate::web::limits::CodeLimits;
use crate::web::opened::OpenedCookies;
use crate::web::pages::machines;
use crate::web::server::{self, ServerSettings};
use crate::web::sign_in_limits::SignInLimits;
use crate::web::{DemoSettings, GatewayTests, KeptPages, Web, WebSettings};

/// Commands that may wait for the ledger: some seconds of its work, so that nobody waits longer than a page may.
const QUEUE_MAX: usize = 8192;

/// Threads that the desks share. They only order work; the ledger and the pages do the rest.
const DESK_THREADS: usize = 1;

/// What a service is made of.
pub(super) struct Service {
    /// The configuration.
    pub(super) config: Config,
    /// The keys.
    pub(super) keys: Arc<KeyRing>,
    /// Where it listens.
    pub(super) listener: TcpListener,
    /// The spool that the demo shows; `None` in `serve`.
    pub(super) demo_spool: Option<PathBuf>,
}

impl Service {
    /// Runs until SIGTERM or SIGINT; then requests in flight finish and the ledger empties.
    ///
    /// # Errors
    /// When the database, a gateway or the server can't be set up.
    pub(super) fn run(self) -> Result<()> {
        let system = actix_web::rt::System::new();
        let (engine, ran) = system.block_on(async {
            let engine = Engine::start(self.engine_settings()?).context("the engine could not start")?;
            let web = Arc::new(self.web(engine.clone())?);
            let settings = self.server_settings();
            keep_tidy(&web);
            let ran = server::run(web, settings).await;
            engine.finish_messages().await;
            Ok::<_, anyhow::Error>((engine, ran))
        })?;
        // Off the system's own thread of work: closing waits for the ledger's last COMMIT.
        engine.stop();
        ran.context("the server ended")
    }

    fn public_url(&self) -> Result<String> {
        if let Some(url) = &self.config.server.public_url {
            return Ok(url.as_str().trim_end_matches('/').to_owned());
        }
        Ok(format!("http://{}", self.listener.local_addr().context("the address is unknown")?))
    }

    fn engine_settings(&self) -> Result<EngineSettings> {
        let config = &self.config;
        let gateways = gateways::open(&config.notify, &self.public_url()?)?;
        Ok(EngineSettings {
            database: config.database.url.clone(),
            readers: config.database.readers,
            writers: u16::try_from(config.database.writers)?,
            queue_max: QUEUE_MAX,
            desk_threads: DESK_THREADS,
            keys: self.keys.clone(),
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
            zone: config.time.zone.clone(),
            holds: HoldRules {
                hold_minutes: u16::try_from(config.booking.hold_minutes)?,
                extensions_max: u16::try_from(config.booking.extensions_max)?,
                people_max: u16::try_from(config.booking.people_max)?,
            },
            codes: CodeRules {
                minutes: u16::try_from(config.codes.minutes)?,
                tries: u16::try_from(config.codes.tries)?,
                resend_seconds: u16::try_from(config.codes.resend_seconds)?,
                per_contact_hour: config.codes.per_phone_hour,
                reserve_hour: config.codes.per_phone_reserve_hour,
                replies_hour: config.codes.per_hour,
            },
            letterhead: Letterhead {
                reads_replies: gateways::read_replies(&gateways),
                public_url: self.public_url()?,
                organizer: gateways::sender(&config.notify),
                code_minutes: u16::try_from(config.codes.minutes)?,
                zone: config.time.zone.clone(),
            },
            gateways,
            uncertain: config.notify.uncertain,
            quiet: config.notify.quiet,
        })
    }

    fn web(&self, engine: Arc<Engine>) -> Result<Web> {
        let config = &self.config;
        Ok(Web {
            code_limits: CodeLimits::new(&config.codes, engine.clock.clone()),
            sign_in_limits: SignInLimits::new(engine.clock.clone()),
            gateway_tests: GatewayTests::default(),
            kept: KeptPages::default(),
            opened: OpenedCookies::default(),
            lanes: Lanes::default(),
            metrics: Metrics::install(),
            engine,
            settings: WebSettings {
                demo: self.demo_spool.clone().map(|spool_file| DemoSettings { spool_file }),
                public_url: self.public_url()?,
                tls: config.server.tls.is_some(),
                trusted_proxies: config.server.trusted_proxies.clone(),
                monitors: config.server.monitors.clone(),
                countries: config.codes.countries.clone(),
                session_days: config.booking.session_days,
                people_max: u16::try_from(config.booking.people_max)?,
            },
        })
    }

    fn server_settings(self) -> ServerSettings {
        let config = self.config.server;
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        ServerSettings {
            listener: self.listener,
            tls: config.tls.map(|tls| (tls.certificate, tls.key)),
            workers: config.workers.and_then(|workers| usize::try_from(workers).ok()).unwrap_or(processors),
            shutdown_seconds: u64::from(config.shutdown_seconds),
        }
    }
}

/// Figures and rate limits keep fresh entries in memory until they are swept.
fn keep_tidy(web: &Arc<Web>) {
    let web = web.clone();
    actix_web::rt::spawn(async move {
        let mut every = tokio::time::interval(std::time::Duration::from_secs(10));
        loop {
            every.tick().await;
            web.metrics.tidy_up();
            web.code_limits.tidy_up();
            machines::count_outbox(&web).await;
            web.sign_in_limits.tidy_up();
        }
    });
}
