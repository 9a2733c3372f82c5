//! The actors and what they share: site desks and their directory, the door, the notifier, the housekeeper.

mod address_book;
pub mod availability;
mod board;
mod clock_watch;
pub mod country;
pub mod desk;
mod diary;
pub mod directory;
pub mod displaced;
pub mod door;
pub mod finder;
pub mod housekeeper;
mod leftovers;
pub mod letters;
pub mod notifier;
mod run_out;
mod seat_sheet;
pub mod site_numbers;
mod stock;
mod turn_texts;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::booking::HoldRules;
use crate::domain::clock::{Chance, ChanceExt, Clock};
use crate::domain::ids::IdMaker;
use crate::domain::message::Channel;
use crate::domain::message_state::UncertainRules;
use crate::domain::reminder::QuietHours;
use crate::keys::KeyRing;
use crate::notify::Gateway;
use crate::store::challenges::CodeRules;
use crate::store::ledger::{LedgerSettings, Tools};
use crate::store::{DatabaseUrl, Ledger, LedgerError, Never, Store, StoreError, changes, node};

use availability::Availability;
use clock_watch::ClockWatch;
use country::Country;
use directory::SiteDirectory;
use door::Door;
use finder::CountedSites;
use leftovers::Deserted;
use letters::Letterhead;
use notifier::{Notifier, NotifierHealth, NotifierTools, Wake};
use run_out::PassedOver;
use site_numbers::SiteNumbers;
use stock::Stock;

/// How the engine is set up.
pub struct EngineSettings {
    /// Where the database is.
    pub database: DatabaseUrl,
    /// Connections that read.
    pub readers: u32,
    /// Ledger writers; more than one only on PostgreSQL.
    pub writers: u16,
    /// Commands that may wait for each writer.
    pub queue_max: usize,
    /// Threads that the desks share.
    pub desk_threads: usize,
    /// The keys.
    pub keys: Arc<KeyRing>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The time zone of pages that belong to no site.
    pub zone: TimeZone,
    /// How long seats are held.
    pub holds: HoldRules,
    /// Limits of one-time codes.
    pub codes: CodeRules,
    /// What letters say about the service.
    pub letterhead: Letterhead,
    /// Carry messages, in order of preference.
    pub gateways: Vec<Arc<dyn Gateway>>,
    /// What is done about messages that may have gone.
    pub uncertain: UncertainRules,
    /// When nobody is reminded.
    pub quiet: QuietHours,
}

impl EngineSettings {
    fn open_ledger(&self, node: u16) -> Result<Ledger, StoreError> {
        let (keys, clock, chance) = (self.keys.clone(), self.clock.clone(), self.chance.clone());
        let tools = Tools { ids: IdMaker::new(node), keys, chance, clock };
        let (url, writers, queue_max) = (self.database.clone(), self.writers, self.queue_max);
        Ledger::start(&LedgerSettings { url, writers, queue_max, node }, Arc::new(tools))
    }
}

/// The number this process leased.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// The number, part of every id.
    pub number: u16,
    /// Proves that the number is this process's.
    pub token: [u8; 16],
}

/// Everything the pages ask. One for each process.
pub struct Engine {
    /// Reads.
    pub store: Store,
    /// Writes.
    pub ledger: Ledger,
    /// Campaigns and sites.
    pub country: Arc<Country>,
    /// Free seats by day.
    pub availability: Arc<Availability>,
    /// The desks.
    pub desks: SiteDirectory,
    /// Who may enter now.
    pub door: Door,
    /// The keys.
    pub keys: Arc<KeyRing>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// The time zone of pages that belong to no site.
    pub zone: TimeZone,
    /// How long seats are held.
    pub holds: HoldRules,
    /// Limits of one-time codes.
    pub codes: CodeRules,
    /// The number this process leased.
    pub node: Node,
    counted: CountedSites,
    stock: Stock,
    gateways: Vec<Arc<dyn Gateway>>,
    notifier: actix::Addr<Notifier>,
    notifier_health: Arc<NotifierHealth>,
    passed_over: PassedOver,
    deserted: Deserted,
    clock_watch: ClockWatch,
    diary: diary::Diary,
    database: DatabaseUrl,
}

impl Engine {
    /// Opens the database, reads what is kept in memory, and starts the actors. Needs a running actix system.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached, migrated or read.
    pub fn start(settings: EngineSettings) -> Result<Arc<Self>, StoreError> {
        let store = Store::open(&settings.database, settings.readers, settings.keys.clone())?;
        let token = settings.chance.bytes();
        let node = Node { number: node::lease(&settings.database, &token, settings.clock.now())?, token };
        let ledger = settings.open_ledger(node.number)?;
        let EngineSettings { database, keys, clock, chance, zone, .. } = settings;
        let written = store.read_now(|conn, _| changes::of_others(conn, node.number))?;
        let from = availability::first_day(clock.now(), &zone);
        let numbers = SiteNumbers::default();
        let country = Arc::new(Country::load(&store, numbers.clone())?);
        let availability = Arc::new(Availability::load(&store, numbers, from)?);
        let desks = SiteDirectory::new(
            store.clone(),
            ledger.clone(),
            clock.clone(),
            availability.clone(),
            settings.desk_threads,
        );
        let (notifier, notifier_health) = Notifier::start(NotifierTools {
            store: store.clone(),
            ledger: ledger.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            country: country.clone(),
            letterhead: settings.letterhead,
            gateways: settings.gateways.clone(),
            uncertain: settings.uncertain,
            quiet: settings.quiet,
            codes: settings.codes,
            post: desks.post().clone(),
        });
        let engine = Arc::new(Self {
            store,
            ledger,
            country,
            availability,
            desks,
            door: Door::new(keys.ticket_keys()),
            keys,
            clock,
            chance,
            zone,
            holds: settings.holds,
            codes: settings.codes,
            node,
            counted: CountedSites::default(),
            stock: Stock::default(),
            gateways: settings.gateways,
            notifier,
            notifier_health,
            passed_over: PassedOver::default(),
            deserted: Deserted::default(),
            clock_watch: ClockWatch::default(),
            diary: diary::Diary::default(),
            database,
        });
        housekeeper::Housekeeper::start(engine.clone(), written);
        Ok(engine)
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Today, where the service is.
    pub fn today(&self) -> Date {
        self.now().to_zoned(self.zone.clone()).date()
    }

    /// Wakes the notifier after something was queued.
    pub fn wake_notifier(&self) {
        // A full mailbox means that it is awake.
        drop(self.notifier.try_send(Wake));
    }

    /// The gateway that the operator calls so.
    pub fn gateway(&self, name: &str) -> Option<&Arc<dyn Gateway>> {
        self.gateways.iter().find(|one| **one.name() == *name)
    }

    /// The gateways that carry a channel.
    pub fn gateways_of(&self, channel: Channel) -> impl Iterator<Item = &Arc<dyn Gateway>> {
        self.gateways.iter().filter(move |one| one.channels().contains(&channel))
    }

    /// How the gateways do on this node.
    pub fn gateway_looks(&self) -> Vec<notifier::GatewayLook> {
        self.notifier_health.gateways()
    }

    /// Whether the notifier gets its work done.
    pub fn notifier_is_healthy(&self) -> bool {
        self.notifier_health.is_healthy() && self.notifier.connected()
    }

    /// Sends no more messages, and waits until it is written down how those on their way went.
    pub async fn finish_messages(&self) {
        self.notifier_health.finish().await;
        if let Err(error) = self.diary.close(self).await {
            tracing::warn!(%error, "what the gateways did last could not be written down");
        }
    }

    /// Returns the seats of holds that have run out, now rather than at the housekeeper's next round. Those that could not
    /// be returned in this round are tried again.
    ///
    /// # Errors
    /// [`StoreError`] when the ledger fails.
    pub async fn return_expired_holds(&self) -> Result<(), StoreError> {
        self.passed_over.forget();
        run_out::return_expired(self).await
    }

    /// Keeps the table of free seats right, now rather than at the housekeeper's next round.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_stock(&self) -> Result<(), StoreError> {
        stock::keep(self).await
    }

    /// Finishes what waits in the ledger and gives the node's number back. The last thing a process does.
    pub fn stop(&self) {
        self.desks.stop();
        self.ledger.close();
        if let Err(error) = node::release(&self.database, self.node.number, &self.node.token, self.now()) {
            tracing::warn!(%error, "the node's number could not be given back");
        }
    }
}

/// Does one round of an actor. A panic in it would be the end of the actor, of its supervisor too, and of every later round:
/// instead this one has failed.
async fn unless_it_panics<T>(round: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    AssertUnwindSafe(round).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("a round panicked and is given up");
        Err(StoreError::Closed)
    })
}

/// The outage behind a command that nothing can refuse.
pub(crate) fn outage(error: LedgerError<Never>) -> StoreError {
    match error {
        LedgerError::Outage(error) => error,
        LedgerError::Busy => StoreError::Unreachable("the ledger is busy".into()),
        LedgerError::Refused(never) => match never {},
    }
}
