//! The floor under the ledger: the row changes of holding and confirming, as a bare loop over the raw SQLite library makes
//! them. It reads nothing, checks nothing, seals nothing and answers nobody.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, params};
use sunbeon::domain::clock::ChanceExt;
use sunbeon::system::SeededChance;

use crate::country::{self, Size};

/// Commands in one transaction.
pub const BATCH: u32 = 512;

/// Settings of the connection, the same as the ledger's.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

/// Ids of rows that are made here; larger than those of the country.
const FIRST_ID: i64 = 1 << 40;

/// A bare loop with its connection.
pub struct RawLedger {
    conn: Connection,
    size: Size,
    next_person: u32,
    next_id: i64,
    chance: SeededChance,
    next_reference: u64,
    checkpointed: Instant,
    checkpoints: Connection,
}

struct Held {
    party: i64,
    booking: i64,
    person: i64,
    slot: u32,
}

impl RawLedger {
    pub fn open(file: &Path, size: Size) -> Self {
        let open = || {
            let conn = Connection::open(file).expect("the file opens");
            conn.execute_batch(PRAGMAS).expect("the file is set up");
            conn.set_prepared_statement_cache_capacity(32);
            conn
        };
        let conn = open();
        conn.execute_batch(
            "INSERT OR IGNORE INTO change_counter (writer, transactions, value) VALUES (1, 0, 0)",
        )
        .expect("a counter");
        Self {
            conn,
            size,
            next_person: size.booked,
            next_id: FIRST_ID,
            chance: SeededChance::new(17),
            next_reference: 1,
            checkpointed: Instant::now(),
            checkpoints: open(),
        }
    }

    /// Holds and confirms in batches until the time is over; gives commands a second.
    pub fn run(&mut self, time: Duration) -> f64 {
        let began = Instant::now();
        let mut commands = 0.0;
        while began.elapsed() < time && self.next_person + BATCH <= self.size.booked + self.size.unbooked {
            let held = self.hold_batch();
            self.confirm_batch(&held);
            commands += f64::from(2 * BATCH);
            self.checkpoint();
        }
        commands / began.elapsed().as_secs_f64()
    }

    /// How long transactions of 512 single rows take, COMMIT included.
    pub fn commits(&mut self, time: Duration) -> Vec<f64> {
        let began = Instant::now();
        let mut seconds = Vec::new();
        while began.elapsed() < time {
            let one = Instant::now();
            let tx = self.conn.transaction().expect("a transaction begins");
            for _ in 0..BATCH {
                let slot =
                    1 + u32::try_from(self.chance.below(u64::from(self.size.slots()))).expect("a slot");
                tx.prepare_cached("UPDATE slot_lane SET version = version + 1 WHERE slot = ? AND lane = 0")
                    .and_then(|mut update| update.execute([slot]))
                    .expect("a row is changed");
            }
            tx.commit().expect("a commit");
            seconds.push(one.elapsed().as_secs_f64());
            self.checkpoint();
        }
        seconds
    }

    /// The ledger's checkpoints run beside it every two seconds. Here they run in turn, outside of the time that counts
    /// only by being few.
    fn checkpoint(&mut self) {
        if self.checkpointed.elapsed() > Duration::from_secs(2) {
            self.checkpoints
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                .expect("a checkpoint");
            self.checkpointed = Instant::now();
        }
    }

    fn hold_batch(&mut self) -> Vec<Held> {
        let Self { conn, size, next_person, next_id, chance, next_reference, .. } = self;
        let tx =
            conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).expect("a transaction");
        count(&tx);
        let held = (0..BATCH)
            .map(|_| {
                *next_person += 1;
                // Odd multiples of a constant visit every code once, in no order.
                *next_reference = next_reference.wrapping_add(0x9E37_79B9_7F4A_7C15);
                hold(&tx, size, (i64::from(*next_person), *next_reference), next_id, chance)
            })
            .collect();
        tx.commit().expect("a commit");
        held
    }

    fn confirm_batch(&mut self, held: &[Held]) {
        let Self { conn, next_id, .. } = self;
        let tx =
            conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).expect("a transaction");
        count(&tx);
        for one in held {
            confirm(&tx, one, next_id);
        }
        tx.commit().expect("a commit");
    }
}

fn run<P: rusqlite::Params>(tx: &Transaction<'_>, sql: &str, params: P) -> usize {
    tx.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).expect("a row is changed")
}

fn count(tx: &Transaction<'_>) {
    run(
        tx,
        "UPDATE change_counter SET transactions = transactions + 1, value = value + 1 WHERE writer = 1",
        [],
    );
}

fn fresh(next_id: &mut i64) -> i64 {
    *next_id += 1;
    *next_id
}

fn hold(
    tx: &Transaction<'_>,
    size: &Size,
    (person, reference): (i64, u64),
    next_id: &mut i64,
    chance: &SeededChance,
) -> Held {
    let slot = loop {
        let slot = 1 + u32::try_from(chance.below(u64::from(size.slots()))).expect("a slot");
        let taken = run(
            tx,
            "UPDATE slot_lane SET held = held + 1, version = version + 1 WHERE slot = ? AND lane = 0 AND held + booked + 1 <= seats",
            [slot],
        );
        if taken == 1 {
            break slot;
        }
    };
    let (party, course, booking) = (fresh(next_id), fresh(next_id), fresh(next_id));
    let token = data_encoding::BASE64URL_NOPAD.encode(&chance.bytes::<16>());
    let (site, (day, starts_at)) = (Size::site_of(slot), country::start_of(slot));
    run(
        tx,
        "INSERT INTO party (id, token, account, campaign, site, state, extensions, expires_at, created_at, version)
         VALUES (?, ?, ?, 1, ?, 'held', 0, ?, ?, 0)",
        params![party, token, person, site, starts_at, starts_at],
    );
    run(tx, "INSERT INTO course (id, campaign, person) VALUES (?, 1, ?)", [course, person]);
    run(
        tx,
        "INSERT INTO booking (id, reference, party, course, account, person, campaign, dose, product, site, slot, lane,
                              starts_at, local_date, state, kind, expires_at, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, 1, 1, 1, ?, ?, 0, ?, ?, 'held', 'journey', ?, 0, ?, ?)",
        params![
            booking, format!("{reference:016X}"), party, course, person, person, site, slot, starts_at, day,
            starts_at, starts_at, starts_at
        ],
    );
    run(
        tx,
        "INSERT INTO claim (campaign, person, dose, pending_hold) VALUES (1, ?, 1, ?)",
        [person, booking],
    );
    Held { party, booking, person, slot }
}

fn confirm(tx: &Transaction<'_>, held: &Held, next_id: &mut i64) {
    run(tx, "UPDATE party SET state = 'booked', version = version + 1 WHERE id = ?", [held.party]);
    run(
        tx,
        "UPDATE slot_lane SET held = held - 1, booked = booked + 1, version = version + 1 WHERE slot = ? AND lane = 0",
        [held.slot],
    );
    run(
        tx,
        "UPDATE booking SET state = 'booked', expires_at = NULL, version = version + 1, updated_at = ? WHERE id = ?",
        [held.booking, held.booking],
    );
    run(
        tx,
        "UPDATE claim SET booking = ?, pending_hold = NULL WHERE campaign = 1 AND person = ? AND dose = 1",
        [held.booking, held.person],
    );
    for (kind, subject) in [("confirmation", held.party), ("reminder", held.booking)] {
        run(
            tx,
            "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state,
                                 attempts, possible_repeat, created_at)
             VALUES (?, ?, ?, 1, 'account', ?, 'sms', '', ?, 'queued', 0, FALSE, ?)",
            params![fresh(next_id), kind, subject, held.person, held.booking, held.booking],
        );
    }
}
