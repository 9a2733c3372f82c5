//! Households that book: who lives there, how they sign in, and what they have been told. What they were told is kept
//! here, outside the process that is killed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::clock::ChanceExt;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::ids::AccountId;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::keys::{KeyRing, Use};
use sunbeon::language::Language;
use sunbeon::store::people::{self, PersonDetails, SavePersonError};
use sunbeon::store::{Failure, Tx, accounts};
use sunbeon::system::{SeededChance, SystemChance};
use sunbeon::web::session::Session;

use crate::country::{ONE_DOSE, TWO_DOSES, Time};

/// How long seats are held at least: the minute of the executable's setting, less what clocks of a second hide.
const HOLD: Duration = Duration::from_secs(57);

/// Where the messages about a person go, besides those to whoever booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnPhone {
    /// Nowhere.
    None,
    /// The person's phone, which nobody proved.
    Typed,
    /// The person's phone, and an account proved it. Reminders go there and to whoever booked.
    ProvedBoth,
    /// The same, and reminders go there alone.
    Proved,
}

/// What one household asks for in one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Hold(Time),
    Confirm {
        token: String,
    },
    Release {
        token: String,
    },
    /// The fields as the page gave them, and the bookings that move with what version the page showed.
    Change {
        reference: String,
        fields: Vec<(String, String)>,
        moves: Vec<(String, i32)>,
        to: Time,
    },
    Cancel {
        seen: Vec<(String, i32)>,
    },
}

/// A booking as its household was told of it.
#[derive(Debug, Clone)]
pub struct KnownBooking {
    pub reference: String,
    pub dose: u8,
    pub version: i32,
    pub is_cancelled: bool,
    /// Site and start, once it was moved.
    pub at: Option<(String, i64)>,
}

/// What a household was told.
#[derive(Debug, Default)]
pub struct Told {
    /// The name of the hold they have.
    pub hold: Option<String>,
    /// When they were told of it.
    pub held_at: Option<Instant>,
    /// The names of the parties that were confirmed.
    pub confirmed: Vec<String>,
    /// A confirmed party whose references nobody has looked at yet.
    pub unread: Option<String>,
    /// Every booking.
    pub bookings: Vec<KnownBooking>,
    /// What was asked for and never answered: it may be done or not.
    pub unanswered: Option<Act>,
}

/// Somebody with an account, and everybody they book for.
pub struct Household {
    pub account: i64,
    pub cookie: String,
    pub csrf: String,
    pub campaign: &'static str,
    /// For each person, by their number in the list, from 1.
    pub people: Vec<OwnPhone>,
    pub has_email: bool,
    /// Somebody in it is booked for by another household too: whoever holds last, holds.
    pub has_rival: bool,
    pub told: Told,
    pub chance: Arc<SeededChance>,
}

impl Household {
    /// Seats that a whole party has.
    pub fn seats(&self) -> usize {
        self.people.len() * if self.campaign == TWO_DOSES { 2 } else { 1 }
    }

    /// Whether the seats they hold may be gone, although nobody let them go: the time is over, or a rival came.
    pub fn may_have_lost_hold(&self) -> bool {
        self.has_rival || self.told.held_at.is_none_or(|at| at.elapsed() > HOLD)
    }

    /// A number below `most`.
    pub fn pick(&self, most: usize) -> usize {
        usize::try_from(self.chance.below(most as u64)).unwrap()
    }
}

/// A household that is to be stored: its campaign, its people besides the owner, an e-mail address, a rival.
type Plan = (&'static str, &'static [OwnPhone], bool, bool);

const PLANS: [Plan; 6] = [
    (ONE_DOSE, &[], false, false),
    (TWO_DOSES, &[], true, false),
    (ONE_DOSE, &[OwnPhone::None], true, false),
    (ONE_DOSE, &[OwnPhone::Typed], false, false),
    (ONE_DOSE, &[OwnPhone::Proved], true, true),
    (ONE_DOSE, &[OwnPhone::ProvedBoth], false, true),
];

/// The first of the numbers of people who have a phone of their own.
const OWN_PHONES_FROM: usize = 5_000;

/// Stores `number` households. A person with a proved phone has an account too, which is one more household.
pub fn settle(tx: &mut Tx<'_>, number: usize, seed: u64) -> Result<Vec<Household>, Failure<SavePersonError>> {
    let mut all = Vec::new();
    for index in 0..number {
        let (campaign, others, has_email, has_rival) = PLANS[index % PLANS.len()];
        let (account, epoch) = accounts::of_proved_phone(tx, &phone(index), Language::Korean)?;
        people::add(tx, account, &details("김민지", Relation::Me, OwnPhone::None, None), 6)?;
        for (offset, &own) in others.iter().enumerate() {
            let theirs = OWN_PHONES_FROM + index * 4 + offset;
            let parent = details("박순자", Relation::Mother, own, Some(phone(theirs)));
            if matches!(own, OwnPhone::Proved | OwnPhone::ProvedBoth) {
                let (rival, epoch) = accounts::of_proved_phone(tx, &phone(theirs), Language::Korean)?;
                people::add(tx, rival, &details("박순자", Relation::Me, OwnPhone::None, None), 6)?;
                all.push((rival, epoch, (campaign, &[][..], false, true)));
            }
            people::add(tx, account, &parent, 6)?;
        }
        if has_email {
            let address = EmailAddress::parse(&format!("household-{index}@example.org")).unwrap();
            accounts::set_email(tx, account, &address)?;
        }
        all.push((account, epoch, (campaign, others, has_email, has_rival)));
    }
    let household = |(index, (account, epoch, plan))| {
        signed_in(&tx.tools.keys, account, epoch, plan, seed.wrapping_add(index as u64))
    };
    Ok(all.into_iter().enumerate().map(household).collect())
}

fn phone(number: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("010-0000-{number:04}")).unwrap()
}

fn details(name: &str, relation: Relation, own: OwnPhone, phone: Option<PhoneNumber>) -> PersonDetails {
    let messages_to = match own {
        OwnPhone::None => MessagesTo::Mine,
        OwnPhone::Typed | OwnPhone::Proved => MessagesTo::Theirs,
        OwnPhone::ProvedBoth => MessagesTo::Both,
    };
    PersonDetails {
        name: PersonName::parse(name).unwrap(),
        birth: BirthDate::from_stored("1950-03-01").unwrap(),
        relation,
        messages_to,
        phone: phone.filter(|_| messages_to.needs_their_phone()),
    }
}

/// A household whose browser keeps the cookie of somebody who has proved their phone.
fn signed_in(
    keys: &KeyRing,
    account: AccountId,
    epoch: i32,
    (campaign, others, has_email, has_rival): Plan,
    seed: u64,
) -> Household {
    let chance = Arc::new(SeededChance::new(seed));
    let nonce = data_encoding::BASE64URL_NOPAD.encode(&SystemChance.bytes::<12>());
    let now = sunbeon::domain::clock::Clock::now(&sunbeon::system::SystemClock).as_second();
    let session: Session =
        serde_json::from_value(json!({ "a": account, "e": epoch, "n": nonce, "t": now })).unwrap();
    let sealed = keys.seal_token(Use::Session, &serde_json::to_vec(&session).unwrap(), &SystemChance);
    let mut people = vec![OwnPhone::None];
    people.extend(others);
    Household {
        account: account.0,
        cookie: format!("__Host-sunbeon={sealed}"),
        csrf: session.csrf(keys),
        campaign,
        people,
        has_email,
        has_rival,
        told: Told::default(),
        chance,
    }
}
