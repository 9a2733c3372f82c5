//! A whole Sunbeon that runs while a story is told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use sunbeon::config::{CodesConfig, NotifyConfig};
use sunbeon::domain::booking::HoldRules;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::ids::{IdMaker, SiteId};
use sunbeon::domain::message::Channel;
use sunbeon::domain::site::Site;
use sunbeon::engine::letters::Letterhead;
use sunbeon::engine::{Engine, EngineSettings};
use sunbeon::keys::KeyRing;
use sunbeon::notify::spool::Spool;
use sunbeon::store::challenges::CodeRules;
use sunbeon::store::ledger::{LedgerSettings, Tools};
use sunbeon::store::{Conn, DatabaseUrl, Failure, Ledger, Never, Store, StoreError, Tx, outbox};
use sunbeon::system::SeededChance;
use sunbeon::telemetry::Metrics;
use sunbeon::web::lanes::Lanes;
use sunbeon::web::limits::CodeLimits;
use sunbeon::web::opened::OpenedCookies;
use sunbeon::web::server::{self, ServerSettings};
use sunbeon::web::sign_in_limits::SignInLimits;
use sunbeon::web::{DemoSettings, GatewayTests, KeptPages, Web, WebSettings};
use tokio::sync::oneshot;

use super::{Browser, Language, TestClock, TestDatabase, country};

/// The longest wait for something that must happen by itself.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The longest that [`wait_for`] waits: for another process, too, on a machine that does much else.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Between two looks at something that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Commands that may wait for each ledger writer.
pub const QUEUE_MAX: usize = 1024;

/// The thread on which the actors live that belong to no site.
pub const MAIN_THREAD: &str = "sunbeon";

/// A whole Sunbeon: database, engine, server, messages. Its clock stands still until the story moves it.
pub struct TestApp {
    /// Tells and sets the time.
    pub clock: Arc<TestClock>,
    /// The database, for a look behind the pages.
    pub database: TestDatabase,
    pub(super) read_messages: Mutex<Vec<i64>>,
    address: Arc<RwLock<SocketAddr>>,
    folder: tempfile::TempDir,
    /// The keys of the installation.
    pub keys: Arc<KeyRing>,
    running: Mutex<Option<Running>>,
    starts: Mutex<u64>,
    change: fn(&mut EngineSettings),
    codes: CodesConfig,
}

struct Running {
    engine: Arc<Engine>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl TestApp {
    /// Sunbeon on SQLite.
    pub fn start() -> Self {
        Self::on(TestDatabase::sqlite())
    }

    /// Sunbeon on PostgreSQL; `None`, and a line that says so, when there is no server for tests.
    pub fn start_on_postgres() -> Option<Self> {
        TestDatabase::postgres().map(Self::on)
    }

    /// Sunbeon on a database that has nothing yet.
    pub fn on(database: TestDatabase) -> Self {
        Self::with(database, |_| {})
    }

    /// The same, with an engine that is set up in another way.
    pub fn with(database: TestDatabase, change: fn(&mut EngineSettings)) -> Self {
        Self::with_codes(database, change, CodesConfig::default())
    }

    /// The same, with other limits of what networks may ask for.
    pub fn with_codes(database: TestDatabase, change: fn(&mut EngineSettings), codes: CodesConfig) -> Self {
        let clock = Arc::new(TestClock::monday_morning());
        let keys = Arc::new(KeyRing::generate(&SeededChance::new(7), false));
        settle(&database.url(), &keys, &clock);
        let app = Self {
            clock,
            database,
            read_messages: Mutex::default(),
            address: Arc::new(RwLock::new(([127, 0, 0, 1], 0).into())),
            folder: tempfile::tempdir().unwrap(),
            keys,
            running: Mutex::default(),
            starts: Mutex::default(),
            change,
            codes,
        };
        app.run();
        app
    }

    /// Stops the server and the engine as SIGTERM would, and starts both a second later on the same database. Browsers
    /// find it.
    pub fn restart(&self) {
        self.halt();
        // Ids begin with the time: in the same millisecond a new process would make those of the old one again.
        self.clock.pass_seconds(1);
        self.run();
    }

    /// Waits until every message that is due was sent, then stops.
    ///
    /// # Panics
    /// When a message stays unsent, failed, or is uncertain.
    pub fn stop(&self) {
        if self.running.lock().unwrap().is_some() {
            self.await_messages_sent();
            self.halt();
        }
    }

    /// The engine behind the pages. Ask again after [`TestApp::restart`].
    pub fn engine(&self) -> Arc<Engine> {
        self.running.lock().unwrap().as_ref().expect("the app was stopped").engine.clone()
    }

    /// A browser that was never here, on a device in this language.
    pub fn browser(&self, language: Language) -> Browser {
        Browser::new(self.address.clone(), language)
    }

    /// Where it listens, for clients other than [`Browser`].
    pub fn address(&self) -> SocketAddr {
        *self.address.read().unwrap()
    }

    /// Moves the clock on, and lets the housekeeper and the notifier do what became due.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.pass(time);
        let engine = self.engine();
        block_on(async { engine.return_expired_holds().await }).unwrap();
        self.await_messages_sent();
    }

    /// Moves the clock on by minutes, see [`TestApp::pass`].
    pub fn pass_minutes(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    /// Reads from the database, past the pages.
    pub fn read<T>(&self, query: impl FnOnce(&mut Conn, &KeyRing) -> Result<T, StoreError>) -> T {
        self.engine().store.read_now(query).unwrap()
    }

    /// A site of [`country::PLACES`] by its number there.
    pub fn site(&self, number: usize) -> Arc<Site> {
        let name = country::PLACES[number].0;
        let engine = self.engine();
        let catalogue = engine.country.now();
        catalogue.sites().iter().find(|site| site.name == name).unwrap().clone()
    }

    /// The id of such a site.
    pub fn site_id(&self, number: usize) -> SiteId {
        self.site(number).id
    }

    /// Waits until no message is due or on its way.
    ///
    /// # Panics
    /// When one stays, or one failed.
    pub fn await_messages_sent(&self) {
        let engine = self.engine();
        engine.wake_notifier();
        wait_for("every due message to be sent", || {
            // In this order: what is due at the first look may be on its way at the second.
            let is_due = self.read(|conn, _| outbox::figures::any_due(conn, self.clock.now()));
            let states = self.read(|conn, _| outbox::figures::count_by_state(conn));
            // The clock of a test may run ahead of a lease; then whoever sends the message says how it went.
            let on_its_way = states.iter().any(|(state, _)| matches!(state.as_str(), "leased" | "uncertain"));
            let lost = states.iter().find(|(state, _)| matches!(state.as_str(), "failed" | "dead"));
            assert_eq!(lost, None, "a message could not be sent");
            (!is_due && !on_its_way).then_some(())
        });
    }

    /// Keeps the ledger's writer of a key from doing anything until the sender is dropped.
    pub fn block_ledger(&self, key: i64) -> std::sync::mpsc::Sender<()> {
        let (release, blocked) = std::sync::mpsc::channel::<()>();
        let (begin, begun) = std::sync::mpsc::channel();
        let engine = self.engine();
        let wait = move |_: &mut Tx<'_>| -> Result<(), Failure<Never>> {
            begin.send(()).unwrap();
            let _gone = blocked.recv();
            Ok(())
        };
        std::thread::spawn(move || block_on(engine.ledger.write(key, wait)).unwrap());
        begun.recv().unwrap();
        release
    }

    /// A gateway that writes messages of these channels down.
    pub fn spool(&self, channels: &[Channel]) -> Spool {
        Spool::open("spool", &self.spool_file(), channels.to_vec()).unwrap()
    }

    /// The file that messages are written to.
    pub fn spool_file(&self) -> PathBuf {
        self.folder.path().join("messages.jsonl")
    }

    fn run(&self) {
        let start = {
            let mut starts = self.starts.lock().unwrap();
            *starts += 1;
            *starts
        };
        let mut settings = self.engine_settings(start);
        (self.change)(&mut settings);
        let (web_settings, codes) = (self.web_settings(), self.codes.clone());
        let clock = self.clock.clone();
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name(MAIN_THREAD.into()).spawn(move || {
            let engine = actix_web::rt::System::new().block_on(async move {
                let engine = Engine::start(settings).unwrap();
                let listener = server::bind(([127, 0, 0, 1], 0).into()).unwrap();
                let address = listener.local_addr().unwrap();
                let web = Web {
                    engine: engine.clone(),
                    settings: web_settings,
                    code_limits: CodeLimits::new(&codes, clock.clone()),
                    sign_in_limits: SignInLimits::new(clock),
                    gateway_tests: GatewayTests::default(),
                    kept: KeptPages::default(),
                    opened: OpenedCookies::default(),
                    lanes: Lanes::default(),
                    metrics: Metrics::install(),
                };
                let settings = ServerSettings { listener, tls: None, workers: 1, shutdown_seconds: 5 };
                started.send((engine.clone(), address)).unwrap();
                let stop = async { drop(stopped.await) };
                server::run_until(Arc::new(web), settings, stop).await.unwrap();
                engine
            });
            engine.stop();
        });
        let thread = thread.unwrap();
        let (engine, address) = starting.recv().expect("Sunbeon did not start");
        *self.address.write().unwrap() = address;
        *self.running.lock().unwrap() = Some(Running { engine, stop, thread });
    }

    /// How the engine is set up that is started as the `start`-th on this database; each needs a number of its own.
    pub fn engine_settings(&self, start: u64) -> EngineSettings {
        EngineSettings {
            database: self.database.url(),
            readers: 4,
            writers: if self.database.is_postgres() { 3 } else { 1 },
            queue_max: QUEUE_MAX,
            desk_threads: 2,
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            // Another seed after a restart: chance never gives the same bytes twice in one database.
            chance: Arc::new(SeededChance::new(1000 + start)),
            zone: TimeZone::get("Asia/Seoul").unwrap(),
            holds: HoldRules { hold_minutes: 10, extensions_max: 10, people_max: 6 },
            codes: CodeRules {
                minutes: 10,
                tries: 5,
                resend_seconds: 60,
                per_contact_hour: 5,
                reserve_hour: 3,
                replies_hour: 1_000,
            },
            letterhead: Letterhead {
                public_url: "http://localhost".into(),
                organizer: "no-reply@example.org".into(),
                code_minutes: 10,
                reads_replies: false,
                zone: TimeZone::get("Asia/Seoul").unwrap(),
            },
            gateways: vec![Arc::new(self.spool(&Channel::ALL))],
            uncertain: NotifyConfig::default().uncertain,
            quiet: NotifyConfig::default().quiet,
        }
    }

    fn web_settings(&self) -> WebSettings {
        WebSettings {
            demo: Some(DemoSettings { spool_file: self.spool_file() }),
            public_url: "http://localhost".into(),
            tls: false,
            trusted_proxies: Vec::new(),
            monitors: vec!["127.0.0.1/32".parse().unwrap()],
            countries: vec!["82".into()],
            session_days: 30,
            people_max: 6,
        }
    }

    fn halt(&self) {
        let Some(running) = self.running.lock().unwrap().take() else { return };
        drop(running.engine);
        // The server may have ended by itself; joining its thread tells.
        running.stop.send(()).ok();
        running.thread.join().expect("the server ended with a panic");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Some(running) = self.running.lock().ok().and_then(|mut running| running.take()) {
                running.stop.send(()).ok();
                drop(running.thread.join());
            }
        } else {
            self.stop();
        }
    }
}

/// Stores the country before anything runs.
fn settle(url: &DatabaseUrl, keys: &Arc<KeyRing>, clock: &Arc<TestClock>) {
    sunbeon::store::migrate(url).unwrap();
    let (node, chance) = (1023, Arc::new(SeededChance::new(1)));
    let tools = Tools { ids: IdMaker::new(node), keys: keys.clone(), chance, clock: clock.clone() };
    let settings = LedgerSettings { url: url.clone(), writers: 1, queue_max: 16, node };
    let ledger = Ledger::start(&settings, Arc::new(tools)).unwrap();
    ledger.write_now(country::settle).unwrap();
    ledger.close();
}

/// Looks again and again until `look` finds something.
///
/// # Panics
/// After [`WAIT_MAX`].
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < WAIT_MAX, "waited in vain for {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Waits on this thread for something that the engine does on its own threads.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
