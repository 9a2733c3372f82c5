//! A place for imports: an empty database of its own, on a morning that stands still.

use std::sync::Arc;

use jiff::Timestamp;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::ids::IdMaker;
use sunbeon::keys::KeyRing;
use sunbeon::store::ledger::{LedgerSettings, Tools};
use sunbeon::store::{DatabaseUrl, Ledger, Store};
use sunbeon::system::SeededChance;

/// A clock that stands still.
struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The morning of 23 November 2026, a Monday.
pub fn now() -> Timestamp {
    "2026-11-23T09:00:00+09:00".parse().unwrap()
}

/// An empty database of its own, on that morning.
pub struct Office {
    pub ledger: Ledger,
    pub store: Store,
    _folder: tempfile::TempDir,
}

impl Office {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("sunbeon.db"));
        let chance = Arc::new(SeededChance::new(1));
        let keys = Arc::new(KeyRing::generate(&*chance, true));
        let store = Store::open(&url, 2, keys.clone()).unwrap();
        let tools = Tools { ids: IdMaker::new(1), keys, chance, clock: Arc::new(Still(now())) };
        let settings = LedgerSettings { url, writers: 1, queue_max: 64, node: 1 };
        Self { ledger: Ledger::start(&settings, Arc::new(tools)).unwrap(), store, _folder: folder }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.ledger.close();
    }
}
