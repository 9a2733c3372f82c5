//! The people and the times of one history, new for each.

use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::booking::HoldRules;
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, PersonId};
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::slot::Slot;
use sunbeon::engine::Engine;
use sunbeon::engine::desk::{ComingSlots, SetSeats};
use sunbeon::language::Language;
use sunbeon::store::people::{self, PersonDetails, SavePersonError};
use sunbeon::store::{Failure, Tx, accounts};

use crate::app::TestApp;
use crate::seats::{EXTENSIONS_MAX, HOLD_MINUTES, Person, Rules};

/// Who is in whose list: the account, the human, and what they are to the account. Two daughters care for one mother, and
/// somebody cares for a human who has an account of their own.
const LISTS: [(usize, usize, Relation); 7] = [
    (0, 0, Relation::Me),
    (1, 1, Relation::Me),
    (2, 2, Relation::Me),
    (3, 3, Relation::Me),
    (0, 4, Relation::Mother),
    (1, 4, Relation::Mother),
    (3, 2, Relation::Spouse),
];

/// Accounts.
pub const ACCOUNTS: usize = 4;

const HUMANS: usize = 5;

/// The times: the number of the site, days after the first day, seats. The last two suit a second dose.
pub const TIMES: [(usize, i64, i32); 5] = [(0, 0, 2), (1, 0, 1), (0, 1, 1), (2, 28, 2), (2, 22, 1)];

/// The first of the times that suit a second dose.
pub const SECOND_DOSES_FROM: usize = 3;

/// Histories that one country has times for.
pub const HISTORIES_MAX: usize = TIMES_A_DAY * FIRST_DAYS.len();

const TIMES_A_DAY: usize = 18;

/// Days on which histories begin, so that none has a time of another.
const FIRST_DAYS: [Date; 4] = [date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 8), date(2026, 12, 10)];

/// How long a hold lasts here.
pub const RULES: HoldRules =
    HoldRules { hold_minutes: HOLD_MINUTES as u16, extensions_max: EXTENSIONS_MAX, people_max: 6 };

/// The people and times of one history.
#[derive(Debug, Clone)]
pub struct Town {
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// The rows of [`LISTS`].
    pub people: Vec<PersonId>,
    /// The slots of [`TIMES`].
    pub slots: Vec<Slot>,
    /// Their campaign.
    pub campaign: Arc<Campaign>,
    /// When the history begins.
    pub began: Timestamp,
}

impl Town {
    /// Settles the town of the history with this number.
    pub async fn settle(app: &TestApp, engine: &Arc<Engine>, number: usize) -> Self {
        let campaign = engine.country.now().campaign_by_slug("covid-2026").unwrap().clone();
        let first_day = FIRST_DAYS[number / TIMES_A_DAY];
        let mut slots = Vec::new();
        for (place, days, seats) in TIMES {
            let day = first_day + SignedDuration::from_hours(24 * days);
            let slot = slot_of(app, engine, &campaign, (place, day, number % TIMES_A_DAY)).await;
            let order = SetSeats { slot: slot.id, seats: u16::try_from(seats).unwrap() };
            engine.desks.order(slot.site, order).await.unwrap();
            slots.push(slot);
        }
        let settle = move |tx: &mut Tx<'_>| settle(tx, number);
        let (accounts, people) = engine.ledger.write(0, settle).await.unwrap();
        Self { accounts, people, slots, campaign, began: engine.now() }
    }

    /// The rules of a history during which the clock showed these minutes.
    pub fn rules(times: Vec<i64>) -> Rules {
        let mut own_account = vec![None; HUMANS];
        for (account, human, relation) in LISTS {
            if relation == Relation::Me {
                own_account[human] = Some(account);
            }
        }
        let people = LISTS.iter().map(|&(account, human, _)| Person { account, human }).collect();
        Rules { people, own_account, days: TIMES.iter().map(|time| time.1).collect(), times }
    }
}

async fn slot_of(
    app: &TestApp,
    engine: &Arc<Engine>,
    campaign: &Campaign,
    (place, day, number): (usize, Date, usize),
) -> Slot {
    let question = ComingSlots { campaign: campaign.id };
    let coming = engine.desks.question(app.site_id(place), question).await.unwrap();
    coming.into_iter().map(|free| free.slot).filter(|slot| slot.local_date == day).nth(number).unwrap()
}

fn settle(
    tx: &mut Tx<'_>,
    number: usize,
) -> Result<(Vec<AccountId>, Vec<PersonId>), Failure<SavePersonError>> {
    let phone =
        |human: usize| PhoneNumber::parse(&format!("010-0000-{:04}", number * HUMANS + human)).unwrap();
    let mut accounts = Vec::new();
    for account in 0..ACCOUNTS {
        accounts.push(accounts::of_proved_phone(tx, &phone(account), Language::Korean)?.0);
    }
    let mut rows = Vec::new();
    for (account, human, relation) in LISTS {
        let details = PersonDetails {
            name: PersonName::parse("김순자").unwrap(),
            birth: BirthDate::from_stored(&format!("19{}-0{}-01", 50 + human, 1 + number % 9)).unwrap(),
            relation,
            messages_to: if relation == Relation::Me { MessagesTo::Mine } else { MessagesTo::Both },
            phone: Some(phone(human)),
        };
        let number = people::add(tx, accounts[account], &details, 6)?;
        let listed = people::cared_for(tx.conn, &tx.tools.keys, accounts[account])?;
        rows.push(listed.iter().find(|one| one.number == number).unwrap().person.id);
    }
    Ok((accounts, rows))
}
