//! The front desk: desks and ledger over one database, without pages, and people who come to book.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix::Addr;
use jiff::tz::TimeZone;
use sunbeon::config::NotifyConfig;
use sunbeon::domain::booking::{HoldPartyError, HoldRules, SeatWish};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::ids::{AccountId, IdMaker, PersonId, SiteId, SlotId};
use sunbeon::domain::reminder::ReminderRule;
use sunbeon::engine::availability::Availability;
use sunbeon::engine::country::Country;
use sunbeon::engine::desk::{ComingSlots, ConfirmParty, Hold};
use sunbeon::engine::directory::SiteDirectory;
use sunbeon::engine::letters::Letterhead;
use sunbeon::engine::notifier::{Notifier, NotifierTools, Wake};
use sunbeon::engine::site_numbers::SiteNumbers;
use sunbeon::notify::Gateway;
use sunbeon::store::challenges::CodeRules;
use sunbeon::store::holds::HoldParty;
use sunbeon::store::ledger::{LedgerSettings, Tools};
use sunbeon::store::{DatabaseUrl, Ledger, LedgerError, Store, campaigns};
use sunbeon::system::{SystemChance, SystemClock};

use crate::country::{self, Size};
use crate::figures::precise;

/// Desks and ledger over one database, and people who come to book.
pub struct FrontDesk {
    desks: SiteDirectory,
    /// Tells people of their bookings, where that is measured too.
    notifier: Option<Addr<Notifier>>,
    ledger: Ledger,
    campaign: Arc<Campaign>,
    size: Size,
    next_person: AtomicU32,
}

/// Limits of codes, which nobody asks for here.
const CODES: CodeRules = CodeRules {
    minutes: 10,
    tries: 5,
    resend_seconds: 60,
    per_contact_hour: 5,
    reserve_hour: 3,
    replies_hour: 9,
};

/// A party that is held.
pub struct Held {
    account: AccountId,
    token: String,
    site: SiteId,
}

impl FrontDesk {
    /// Opens the database of a country of this size.
    pub fn open(url: DatabaseUrl, writers: u16, size: Size) -> Self {
        Self::build(url, writers, size, None)
    }

    /// The same on SQLite, and people are told of their bookings through a gateway.
    pub fn open_telling(url: DatabaseUrl, size: Size, gateway: Arc<dyn Gateway>) -> Self {
        Self::build(url, 1, size, Some(gateway))
    }

    fn build(url: DatabaseUrl, writers: u16, size: Size, gateway: Option<Arc<dyn Gateway>>) -> Self {
        let keys = country::keys();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(&url, 4, keys.clone()).expect("the store opens");
        let tools =
            Tools { ids: IdMaker::new(1), keys, chance: Arc::new(SystemChance), clock: clock.clone() };
        let settings = LedgerSettings { url, writers, queue_max: 8192, node: 1 };
        let ledger = Ledger::start(&settings, Arc::new(tools)).expect("the ledger starts");
        let availability = Arc::<Availability>::default();
        let campaign = store.read_now(|conn, _| campaigns::all(conn)).expect("campaigns").remove(0);
        assert_eq!(campaign.reminders, ReminderRule::USUAL[..1], "a confirmation queues two messages");
        let desks = SiteDirectory::new(store.clone(), ledger.clone(), clock.clone(), availability, 1);
        let notifier = gateway.map(|gateway| {
            let country = Country::load(&store, SiteNumbers::default()).expect("the country is read");
            let (usual, zone) = (NotifyConfig::default(), TimeZone::UTC);
            let tools = NotifierTools {
                store,
                ledger: ledger.clone(),
                clock,
                chance: Arc::new(SystemChance),
                country: Arc::new(country),
                letterhead: Letterhead {
                    public_url: "https://vaccination.example.org".into(),
                    organizer: "no-reply@example.org".into(),
                    code_minutes: 10,
                    reads_replies: false,
                    zone,
                },
                gateways: vec![gateway],
                uncertain: usual.uncertain,
                quiet: usual.quiet,
                codes: CODES,
                post: desks.post().clone(),
            };
            Notifier::start(tools).0
        });
        Self { desks, notifier, ledger, campaign: Arc::new(campaign), size, next_person: size.booked.into() }
    }

    /// Starts the desks of all sites, so that none is started while it counts.
    pub async fn open_everywhere(&self) {
        for site in 1..=self.size.sites {
            let question = ComingSlots { campaign: self.campaign.id };
            self.desks.question(SiteId(site.into()), question).await.expect("a desk");
        }
    }

    pub fn close(&self) {
        self.desks.stop();
        self.ledger.close();
    }

    /// Somebody without a booking; `None` when all have one.
    fn next_person(&self) -> Option<i64> {
        let last = self.next_person.fetch_add(1, Ordering::Relaxed);
        (last < self.size.booked + self.size.unbooked).then(|| i64::from(last) + 1)
    }

    /// Callers who book one after another until the time is over; gives commands a second.
    pub async fn book_closed_loop(self: Arc<Self>, callers: usize, time: Duration) -> f64 {
        let (began, commands) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let (desk, commands) = (self.clone(), commands.clone());
                actix_web::rt::spawn(async move {
                    while began.elapsed() < time {
                        let Some(person) = desk.next_person() else { break };
                        let held = desk.hold(person).await;
                        desk.confirm(held).await;
                        commands.fetch_add(2, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a caller");
        }
        precise(commands.load(Ordering::Relaxed)) / began.elapsed().as_secs_f64()
    }

    /// Holds and confirms at a fixed rate of commands, whatever the answers; gives the seconds from when each confirmation
    /// was to be sent until its answer.
    pub async fn book_open_loop(self: Arc<Self>, commands: f64, time: Duration) -> Vec<f64> {
        let (sender, held) = tokio::sync::mpsc::unbounded_channel();
        let held = Arc::new(tokio::sync::Mutex::new(held));
        let gap = Duration::from_secs_f64(2.0 / commands);
        let (began, mut confirms) = (Instant::now(), Vec::new());
        // Holds run one second ahead of confirmations; one that is later makes its confirmation late, too.
        let ahead = Duration::from_secs(1);
        for turn in 0_u32.. {
            let due = gap * turn;
            if due > time + ahead {
                break;
            }
            tokio::time::sleep_until((began + due).into()).await;
            let Some(person) = self.next_person() else { break };
            let (desk, sender) = (self.clone(), sender.clone());
            actix_web::rt::spawn(async move { sender.send(desk.hold(person).await) });
            if due >= ahead {
                let (desk, held, due) = (self.clone(), held.clone(), began + due);
                confirms.push(actix_web::rt::spawn(async move {
                    let held = held.lock().await.recv().await.expect("a hold for each confirmation");
                    desk.confirm(held).await;
                    due.elapsed().as_secs_f64()
                }));
            }
        }
        let mut seconds = Vec::with_capacity(confirms.len());
        for confirm in confirms {
            seconds.push(confirm.await.expect("a caller"));
        }
        seconds
    }

    /// Holds the first of some random slots that is free.
    async fn hold(&self, person: i64) -> Held {
        let mut mixed = person.cast_unsigned();
        loop {
            mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ 0x5851_F42D;
            let index = mixed % u64::from(self.size.slots());
            let slot = u32::try_from(index).expect("few slots") + 1;
            let site = SiteId(Size::site_of(slot).into());
            let order = HoldParty {
                account: AccountId(person),
                campaign: self.campaign.clone(),
                site,
                seats: vec![SeatWish { person: PersonId(person), dose: 1, slot: SlotId(slot.into()) }],
                rules: HoldRules { hold_minutes: 10, extensions_max: 10, people_max: 6 },
            };
            match self.desks.order(site, Hold { order, replaces: false }).await {
                Ok(held) => return Held { account: AccountId(person), token: held.token, site },
                Err(LedgerError::Refused(HoldPartyError::SlotFull)) => {}
                Err(other) => panic!("a hold failed: {other:?}"),
            }
        }
    }

    async fn confirm(&self, held: Held) {
        let order = ConfirmParty {
            account: held.account,
            token: held.token,
            campaign: self.campaign.clone(),
            door: None,
        };
        self.desks.order(held.site, order).await.expect("a confirmation");
        if let Some(notifier) = &self.notifier {
            // As pages do.
            drop(notifier.try_send(Wake));
        }
    }
}
