//! What the database holds, read past the program, and whether it is what people were told.

use std::collections::HashMap;

use jiff::civil::date;
use sunbeon::domain::ids::SiteId;
use sunbeon::store::{Store, free_days};

use crate::household::{Act, Household, KnownBooking};
use crate::messages;
use crate::service::Place;

/// A party's row.
#[derive(Debug)]
pub struct PartyRow {
    pub id: i64,
    pub account: i64,
    pub state: String,
}

/// A booking's row.
#[derive(Debug)]
pub struct BookingRow {
    pub id: i64,
    pub account: i64,
    pub party: String,
    pub state: String,
    pub version: i32,
    pub dose: u8,
    pub person: i64,
    /// The person's number in the account's list.
    pub number: usize,
    pub at: (String, i64),
}

/// The database as of one moment.
pub struct Facts {
    /// By their names.
    pub parties: HashMap<String, PartyRow>,
    /// By their references.
    pub bookings: HashMap<String, BookingRow>,
    /// Every message about bookings: its key and its state.
    pub messages: Vec<(String, String)>,
}

const PARTIES: &str = "SELECT token || '|' || id || '|' || account || '|' || state AS line FROM party";

const BOOKINGS: &str = "SELECT b.reference || '|' || b.id || '|' || b.account || '|' || p.token || '|' || b.state || '|' || b.version \
     || '|' || b.dose || '|' || b.person || '|' || c.number || '|' || s.code || '|' || b.starts_at AS line \
     FROM booking b JOIN party p ON p.id = b.party JOIN site s ON s.id = b.site \
     JOIN care c ON c.account = b.account AND c.person = b.person";

/// Everything that tells of bookings; what a refused attempt sends is no fact of theirs.
const MESSAGES: &str = "SELECT kind || ' ' || subject || ' ' || version || ' ' || recipient_kind || ' ' || recipient || ' ' || channel \
     || ' ' || occasion || '|' || state AS line FROM outbox WHERE kind <> 'already-booked-notice'";

/// What must give no line: each line is something wrong.
const WRONG: [&str; 7] = [
    "SELECT 'more people than seats in slot ' || slot AS line FROM slot_lane WHERE held + booked > seats",
    "SELECT 'held seats counted wrongly in slot ' || l.slot AS line FROM slot_lane l WHERE l.held <> \
     (SELECT COUNT(*) FROM booking b WHERE b.slot = l.slot AND b.lane = l.lane AND b.state = 'held')",
    "SELECT 'booked seats counted wrongly in slot ' || l.slot AS line FROM slot_lane l WHERE l.booked <> \
     (SELECT COUNT(*) FROM booking b WHERE b.slot = l.slot AND b.lane = l.lane AND b.state = 'booked')",
    "SELECT 'two live seats in course ' || course AS line FROM booking WHERE state IN ('held', 'booked') \
     GROUP BY course, dose HAVING COUNT(*) > 1",
    "SELECT 'no claim for booking ' || b.id AS line FROM booking b WHERE \
     (b.state = 'held' AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.pending_hold = b.id)) OR \
     (b.state = 'booked' AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking = b.id))",
    "SELECT 'a claim without its booking: ' || c.person AS line FROM claim c WHERE \
     (c.booking IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.id = c.booking AND b.state = 'booked')) OR \
     (c.pending_hold IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.id = c.pending_hold AND b.state = 'held'))",
    "SELECT 'a party and its booking differ: ' || b.id AS line FROM booking b JOIN party p ON p.id = b.party WHERE \
     (p.state = 'held') <> (b.state = 'held') OR (p.state = 'expired') <> (b.state = 'expired')",
];

/// What SQLite itself finds wrong with the file.
const BROKEN: [&str; 2] = [
    "SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    "SELECT \"table\" AS line FROM pragma_foreign_key_check",
];

impl Facts {
    /// Reads everything in one transaction, and fails when it contradicts itself.
    pub fn read(place: &Place) -> Self {
        let mut queries = vec![PARTIES, BOOKINGS, MESSAGES];
        queries.extend(WRONG);
        if !place.database.is_postgres() {
            queries.extend(BROKEN);
        }
        let mut answers = place.database.lines_at_one_moment(&queries).into_iter();
        let [parties, bookings, messages] = [(); 3].map(|()| answers.next().unwrap());
        let wrong: Vec<String> = answers.flatten().collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let pair = |line: String| {
            let (key, state) = line.split_once('|').unwrap();
            (key.to_owned(), state.to_owned())
        };
        Self {
            parties: parties.iter().map(|line| party_of(line)).collect(),
            bookings: bookings.iter().map(|line| booking_of(line)).collect(),
            messages: messages.into_iter().map(pair).collect(),
        }
    }

    /// Fails unless the free seats that are written down for searches are those of the slots.
    pub fn check_free_days(place: &Place) {
        let store = Store::open(&place.database.url(), 1, place.keys.clone()).unwrap();
        let (first, all, ever) = (SiteId(0), 1_000, date(2026, 1, 1));
        let stock = store.read_now(|conn, _| free_days::take_stock(conn, first, all, ever)).unwrap();
        assert!(stock.wrong.is_empty(), "free seats are written down wrongly: {:?}", stock.wrong);
    }

    /// Fails unless what every household was told is so, nothing else is, and every fact has its messages.
    pub fn check(&self, homes: &[Household]) {
        for home in homes {
            self.check_hold(home);
            self.check_bookings(home);
        }
        messages::check(self, homes);
    }

    fn seats_of(&self, party: &str, states: &[&str]) -> usize {
        self.bookings
            .values()
            .filter(|row| row.party == party && states.contains(&row.state.as_str()))
            .count()
    }

    fn check_hold(&self, home: &Household) {
        let Some(token) = &home.told.hold else { return };
        let state = self.parties.get(token).map_or("missing", |party| party.state.as_str());
        let is_explained = match (state, &home.told.unanswered) {
            ("held", _) => self.seats_of(token, &["held"]) == home.seats(),
            ("booked", Some(Act::Confirm { .. })) => self.seats_of(token, &["booked"]) == home.seats(),
            ("expired", Some(Act::Release { .. } | Act::Hold(_))) => true,
            ("expired", _) => home.may_have_lost_hold(),
            _ => false,
        };
        assert!(is_explained, "the acknowledged hold {token} is {state}: {:?}", home.told);
    }

    fn check_bookings(&self, home: &Household) {
        let told = &home.told;
        for token in &told.confirmed {
            let seats = self.seats_of(token, &["booked", "cancelled"]);
            assert_eq!(seats, home.seats(), "the acknowledged booking {token} is not there: {told:?}");
        }
        for known in &told.bookings {
            let row = self.bookings.get(&known.reference);
            let is_so =
                row.is_some_and(|row| is_as_told(known, row) || may_be(known, row, told.unanswered.as_ref()));
            assert!(is_so, "{known:?} was told, and {row:?} is stored; unanswered: {:?}", told.unanswered);
        }
        for (reference, row) in self.bookings.iter().filter(|(_, row)| row.account == home.account) {
            let is_known = told.bookings.iter().any(|known| known.reference == *reference)
                || told.unread.as_ref() == Some(&row.party)
                || matches!(&told.unanswered, Some(Act::Confirm { token }) if *token == row.party);
            let is_booking = ["booked", "cancelled"].contains(&row.state.as_str());
            assert!(is_known || !is_booking, "nobody asked for {reference}: {row:?}; {told:?}");
        }
    }
}

fn is_as_told(known: &KnownBooking, row: &BookingRow) -> bool {
    row.version == known.version
        && row.state == if known.is_cancelled { "cancelled" } else { "booked" }
        && known.at.as_ref().is_none_or(|at| *at == row.at)
}

/// Whether a booking is as the request that was never answered would have left it.
fn may_be(known: &KnownBooking, row: &BookingRow, unanswered: Option<&Act>) -> bool {
    let is_next = |reference: &str, version: i32| known.reference == reference && row.version == version + 1;
    match unanswered {
        Some(Act::Change { moves, to, .. }) => {
            let is_first = moves[0].0 == known.reference;
            row.state == "booked"
                && moves.iter().any(|(reference, version)| is_next(reference, *version))
                && (!is_first || row.at == (to.site.clone(), to.starts_at))
        }
        Some(Act::Cancel { seen }) => {
            row.state == "cancelled" && seen.iter().any(|(reference, version)| is_next(reference, *version))
        }
        _ => false,
    }
}

fn party_of(line: &str) -> (String, PartyRow) {
    let parts: Vec<&str> = line.split('|').collect();
    let [token, id, account, state] = parts.try_into().unwrap();
    let row = PartyRow { id: id.parse().unwrap(), account: account.parse().unwrap(), state: state.into() };
    (token.into(), row)
}

fn booking_of(line: &str) -> (String, BookingRow) {
    let parts: Vec<&str> = line.split('|').collect();
    let [reference, id, account, party, state, version, dose, person, number, site, starts_at] =
        parts.try_into().unwrap();
    let row = BookingRow {
        id: id.parse().unwrap(),
        account: account.parse().unwrap(),
        party: party.into(),
        state: state.into(),
        version: version.parse().unwrap(),
        dose: dose.parse().unwrap(),
        person: person.parse().unwrap(),
        number: number.parse().unwrap(),
        at: (site.into(), starts_at.parse().unwrap()),
    };
    (reference.into(), row)
}
