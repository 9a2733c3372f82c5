//! The row changes that holding and confirming are made of, for either database's bare loop. They read nothing, check
//! nothing, seal nothing and answer nobody.

use sunbeon::domain::clock::ChanceExt;
use sunbeon::system::SeededChance;

use crate::country::{self, Size};

/// Commands in one transaction.
pub const BATCH: u32 = 512;

/// Ids of rows that are made here; larger than those of the country.
const FIRST_ID: i64 = 1 << 40;

/// What is bound to a statement.
pub enum Value<'a> {
    Number(i64),
    Text(&'a str),
}

/// An open transaction of a bare database.
pub trait Rows {
    /// Runs a statement with `?` for each value, and gives the number of rows that changed.
    fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> usize;
}

/// People who book one after another.
pub struct RawPeople {
    size: Size,
    next_person: u32,
    next_id: i64,
    chance: SeededChance,
    next_reference: u64,
}

/// A seat that is held.
pub struct Held {
    party: i64,
    booking: i64,
    person: i64,
    slot: u32,
}

impl RawPeople {
    pub fn new(size: Size) -> Self {
        Self {
            size,
            next_person: size.booked,
            next_id: FIRST_ID,
            chance: SeededChance::new(17),
            next_reference: 1,
        }
    }

    /// Whether a whole batch of people has no booking yet.
    pub fn are_left(&self) -> bool {
        self.next_person + BATCH <= self.size.booked + self.size.unbooked
    }

    /// Holds a seat for everyone of a batch.
    pub fn hold_batch(&mut self, rows: &mut impl Rows) -> Vec<Held> {
        count(rows);
        (0..BATCH).map(|_| self.hold(rows)).collect()
    }

    /// Confirms what is held.
    pub fn confirm_batch(&mut self, rows: &mut impl Rows, held: &[Held]) {
        count(rows);
        for one in held {
            self.confirm(rows, one);
        }
    }

    /// Changes a single row for each command of a batch.
    pub fn change_batch(&mut self, rows: &mut impl Rows) {
        for _ in 0..BATCH {
            let slot = Value::Number(self.some_slot().into());
            rows.run("UPDATE slot_lane SET version = version + 1 WHERE slot = ? AND lane = 0", &[slot]);
        }
    }

    fn some_slot(&self) -> u32 {
        1 + u32::try_from(self.chance.below(self.size.slots().into())).expect("a slot")
    }

    fn fresh_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    fn hold(&mut self, rows: &mut impl Rows) -> Held {
        use Value::{Number as N, Text as T};
        self.next_person += 1;
        let person = i64::from(self.next_person);
        let slot = loop {
            let slot = self.some_slot();
            let take = "UPDATE slot_lane SET held = held + 1, version = version + 1
                        WHERE slot = ? AND lane = 0 AND held + booked + 1 <= seats";
            if rows.run(take, &[N(slot.into())]) == 1 {
                break slot;
            }
        };
        let (party, course, booking) = (self.fresh_id(), self.fresh_id(), self.fresh_id());
        let token = data_encoding::BASE64URL_NOPAD.encode(&self.chance.bytes::<16>());
        // Odd multiples of a constant visit every code once, in no order.
        self.next_reference = self.next_reference.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let reference = format!("{:016X}", self.next_reference);
        let (site, (day, starts_at)) = (Size::site_of(slot).into(), country::start_of(slot));
        rows.run(
            "INSERT INTO party (id, token, account, campaign, site, state, extensions, expires_at, created_at, version)
             VALUES (?, ?, ?, 1, ?, 'held', 0, ?, ?, 0)",
            &[N(party), T(&token), N(person), N(site), N(starts_at), N(starts_at)],
        );
        rows.run("INSERT INTO course (id, campaign, person) VALUES (?, 1, ?)", &[N(course), N(person)]);
        rows.run(
            "INSERT INTO booking (id, reference, party, course, account, person, campaign, dose, product, site, slot, lane,
                                  starts_at, local_date, state, kind, expires_at, version, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, 1, 1, 1, ?, ?, 0, ?, CAST(? AS BIGINT), 'held', 'journey', ?, 0, ?, ?)",
            &[
                N(booking), T(&reference), N(party), N(course), N(person), N(person), N(site), N(slot.into()),
                N(starts_at), N(day), N(starts_at), N(starts_at), N(starts_at),
            ],
        );
        rows.run(
            "INSERT INTO claim (campaign, person, dose, pending_hold) VALUES (1, ?, 1, ?)",
            &[N(person), N(booking)],
        );
        Held { party, booking, person, slot }
    }

    fn confirm(&mut self, rows: &mut impl Rows, held: &Held) {
        use Value::{Number as N, Text as T};
        let Held { party, booking, person, slot } = *held;
        rows.run(
            "UPDATE party SET state = 'booked', version = version + 1, confirmed_at = ? WHERE id = ?",
            &[N(booking), N(party)],
        );
        rows.run(
            "UPDATE slot_lane SET held = held - 1, booked = booked + 1, version = version + 1 WHERE slot = ? AND lane = 0",
            &[N(slot.into())],
        );
        rows.run(
            "UPDATE booking SET state = 'booked', expires_at = NULL, version = version + 1, updated_at = ? WHERE id = ?",
            &[N(booking), N(booking)],
        );
        rows.run(
            "UPDATE claim SET booking = ?, pending_hold = NULL WHERE campaign = 1 AND person = ? AND dose = 1",
            &[N(booking), N(person)],
        );
        for (kind, subject) in [("confirmation", party), ("reminder", booking)] {
            let id = self.fresh_id();
            rows.run(
                "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state,
                                     attempts, possible_repeat, created_at)
                 VALUES (?, ?, ?, 1, 'account', ?, 'sms', '', ?, 'queued', 0, FALSE, ?)",
                &[N(id), T(kind), N(subject), N(person), N(booking), N(booking)],
            );
        }
    }
}

fn count(rows: &mut impl Rows) {
    rows.run(
        "UPDATE change_counter SET transactions = transactions + 1, value = value + 1 WHERE writer = 1",
        &[],
    );
}
