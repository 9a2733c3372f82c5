//! A whole store under test: database, keys, clock, ledger, readers and a small country.

use std::convert::Infallible;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sunbeon::domain::booking::HoldRules;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::ids::{CampaignId, IdMaker, SiteId};
use sunbeon::domain::message::Channel;
use sunbeon::domain::slot::{SeatCount, Slot};
use sunbeon::keys::KeyRing;
use sunbeon::store::ledger::{LedgerSettings, Tools};
use sunbeon::store::outbox::{self, DueMessage, Load, Room};
use sunbeon::store::{Conn, Failure, Ledger, LedgerError, Outcome, Store, StoreError, Tx, slots};
use sunbeon::system::SeededChance;

use super::clock::TestClock;
use super::country::{self, Country};
use super::database::TestDatabase;

/// Ten minutes, three extensions, six people.
pub const RULES: HoldRules = HoldRules { hold_minutes: 10, extensions_max: 3, people_max: 6 };

/// Commands that may wait for each writer.
const QUEUE_MAX: usize = 1024;

/// A store under test. Its parts are dropped in order: the database last.
pub struct Home {
    /// Writes.
    pub ledger: Ledger,
    /// Reads.
    pub store: Store,
    /// Tells and sets the time.
    pub clock: Arc<TestClock>,
    /// What is stored at the start.
    pub country: Country,
    /// The keys, the same on every node.
    pub keys: Arc<KeyRing>,
    /// The database itself.
    pub database: TestDatabase,
}

impl Home {
    /// A home on SQLite.
    pub fn on_sqlite() -> Self {
        Self::on(TestDatabase::sqlite())
    }

    /// A home on PostgreSQL, where there is one for tests.
    pub fn on_postgres() -> Option<Self> {
        TestDatabase::postgres().map(Self::on)
    }

    fn on(database: TestDatabase) -> Self {
        let keys = Arc::new(KeyRing::generate(&SeededChance::new(7), false));
        let clock = Arc::new(TestClock::monday_morning());
        let store = Store::open(&database.url(), 4, keys.clone()).unwrap();
        let ledger = start_ledger(&database, &keys, clock.clone(), (1, 1, QUEUE_MAX));
        let country = ledger.write_now(country::settle).unwrap();
        Self { ledger, store, clock, country, keys, database }
    }

    /// The ledger of one more process on the same database, with `writers` writers.
    pub fn another_node(&self, node: u16, writers: u16) -> Ledger {
        start_ledger(&self.database, &self.keys, self.clock.clone(), (node, writers, QUEUE_MAX))
    }

    /// All that may write at once: one writer on SQLite, two nodes of four writers each on PostgreSQL.
    pub fn nodes(&self) -> Vec<Ledger> {
        if self.database.is_postgres() {
            vec![self.another_node(2, 4), self.another_node(3, 4)]
        } else {
            vec![self.ledger.clone()]
        }
    }

    /// A ledger of one writer with a short queue.
    pub fn ledger_with_queue(&self, node: u16, queue_max: usize) -> Ledger {
        start_ledger(&self.database, &self.keys, self.clock.clone(), (node, 1, queue_max))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Does a command that may be refused; an outage fails the test.
    pub fn try_write<T, E, F>(&self, command: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + std::fmt::Debug + 'static,
    {
        refusal(self.ledger.write_now(command))
    }

    /// Does a command that nothing refuses.
    pub fn write<T, E, F>(&self, mut command: F) -> T
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Into<StoreError>,
    {
        let command = move |tx: &mut Tx<'_>| command(tx).map_err(|error| Failure::Store(error.into()));
        self.ledger.write_now::<_, Infallible, _>(command).unwrap()
    }

    /// Reads.
    pub fn read<T>(&self, query: impl FnOnce(&mut Conn, &KeyRing) -> Result<T, StoreError>) -> T {
        self.store.read_now(query).unwrap()
    }

    /// Leases what is due to `holder` for a minute, as the notifier does.
    pub fn lease(&self, holder: i64) -> Vec<DueMessage> {
        // What becomes of leases that ran out is written down first.
        self.write(move |tx| outbox::lease(tx, holder, &[], 60));
        let (now, mut due) = (self.now(), Vec::new());
        for channel in Channel::ALL {
            let room = Room { channel, codes: 10, others: 10 };
            let found = self.read(|conn, _| Ok(outbox::due(conn, now, room)?));
            due.extend(found.messages.iter().map(|one| one.id));
        }
        let load = Load { gateway: Some("spool".into()), ids: due };
        self.write(move |tx| outbox::lease(tx, holder, std::slice::from_ref(&load), 60))
    }

    /// The times of a site and campaign on a day.
    pub fn slots_on(&self, site: SiteId, campaign: CampaignId, day: Date) -> Vec<Slot> {
        let now = self.now();
        let slots = self.read(|conn, _| slots::of_site(conn, site, now));
        let wanted = |slot: &Slot| slot.campaign == campaign && slot.local_date == day;
        slots.into_iter().map(|(slot, _)| slot).filter(wanted).collect()
    }

    /// How full a slot is.
    pub fn count(&self, slot: &Slot) -> SeatCount {
        let slots = self.read(|conn, _| slots::of_site(conn, slot.site, slot.starts_at));
        slots.into_iter().find(|(other, _)| other.id == slot.id).unwrap().1
    }

    /// Fails unless every count and every claim says what the bookings say.
    pub fn assert_sound(&self) {
        for (state, column) in [("'held'", "held"), ("'booked','arrived','vaccinated','no-show'", "booked")] {
            let wrong = self.database.number(&format!(
                "SELECT COUNT(*) AS number FROM slot_lane l WHERE l.{column} <> (SELECT COUNT(*) FROM booking b \
                 WHERE b.slot = l.slot AND b.lane = l.lane AND b.state IN ({state}))"
            ));
            assert_eq!(wrong, 0, "slots whose column {column} differs from their bookings");
        }
        let unclaimed = self.database.number(
            "SELECT COUNT(*) AS number FROM booking b WHERE \
             (b.state = 'held' AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.pending_hold = b.id)) OR \
             (b.state IN ('booked','displaced','arrived','vaccinated') AND \
              NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking = b.id))",
        );
        let dangling = self.database.number(
            "SELECT COUNT(*) AS number FROM claim c JOIN booking b ON b.id = COALESCE(c.booking, c.pending_hold) \
             WHERE b.state NOT IN ('held','booked','displaced','arrived','vaccinated')",
        );
        assert_eq!((unclaimed, dangling), (0, 0), "bookings without a claim, claims without a booking");
    }
}

fn start_ledger(
    database: &TestDatabase,
    keys: &Arc<KeyRing>,
    clock: Arc<TestClock>,
    (node, writers, queue_max): (u16, u16, usize),
) -> Ledger {
    let chance = Arc::new(SeededChance::new(100 + u64::from(node)));
    let tools = Tools { ids: IdMaker::new(node), keys: keys.clone(), chance, clock };
    let settings = LedgerSettings { url: database.url(), writers, queue_max, node };
    Ledger::start(&settings, Arc::new(tools)).unwrap()
}

/// The refusal of a command; anything but a refusal fails the test.
pub fn refusal<T, E: std::fmt::Debug>(result: Result<T, LedgerError<E>>) -> Result<T, E> {
    match result {
        Ok(value) => Ok(value),
        Err(LedgerError::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("the ledger failed: {other:?}"),
    }
}
