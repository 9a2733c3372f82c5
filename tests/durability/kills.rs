//! The executable is killed at random moments, under the load of households that book, change and cancel over HTTP, and
//! started again on the same database. What anybody was told is kept outside of it and held against the database.

use std::ffi::OsString;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::system::{SeededChance, SystemChance, SystemClock};

use crate::app::TestDatabase;
use crate::country::Time;
use crate::facts::Facts;
use crate::household::Household;
use crate::service::{PATIENCE, Place, Service};
use crate::town;
use crate::visit::{Figures, Visits};

/// How often to kill, and the seed of what people do and of the moments; CONTRIBUTING tells how to use them.
pub const KILLS_VARIABLE: &str = "SUNBEON_TEST_KILLS";
pub const SEED_VARIABLE: &str = "SUNBEON_TEST_SEED";

/// Kills without the variable, on SQLite and on PostgreSQL, where two nodes take longer to start.
const KILLS: (usize, usize) = (12, 8);

/// Households, besides those of people whom others book for.
const HOUSEHOLDS: usize = 24;

#[test]
fn what_people_were_told_outlives_every_kill_on_sqlite() {
    survive(TestDatabase::sqlite(), 1, KILLS.0);
}

/// Two nodes share the database; mostly one of them is killed, and the other goes on.
#[test]
fn what_people_were_told_outlives_every_kill_on_postgres() {
    if let Some(database) = TestDatabase::postgres() {
        survive(database, 2, KILLS.1);
    }
}

/// The first start makes every table.
#[test]
fn a_first_start_that_is_killed_is_made_good_by_the_next() {
    for database in [Some(TestDatabase::sqlite()), TestDatabase::postgres()].into_iter().flatten() {
        let place = Place::new(database);
        for milliseconds in [10, 20, 40, 60, 80] {
            let service = place.start();
            std::thread::sleep(Duration::from_millis(milliseconds));
            service.kill();
        }
        place.start_and_wait().stop();
    }
}

pub fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var_os(name).map(OsString::into_string)?.unwrap();
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and it is {text:?}")))
}

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So many milliseconds after it was started, whatever it does then.
    Starting(u64),
    /// After so many milliseconds of load and so many acknowledgements: a slow machine has a load, too.
    Working(u64, usize),
}

/// One kill in five hits a start; one in ten hits a process that is old enough to make checkpoints.
fn moment(chance: &SeededChance) -> Moment {
    match chance.below(10) {
        0 | 1 => Moment::Starting(chance.below(250)),
        2 => Moment::Working(1_900 + chance.below(400), 1),
        _ => Moment::Working(50 + chance.below(750), 1 + usize::try_from(chance.below(20)).unwrap()),
    }
}

/// A database, those who book on it, and the processes that serve them.
pub struct Run {
    pub place: Place,
    homes: Vec<Household>,
    times: Vec<Time>,
    services: Vec<Service>,
    nodes: usize,
    pub figures: Figures,
}

fn survive(database: TestDatabase, nodes: usize, kills: usize) {
    let kills = variable(KILLS_VARIABLE).unwrap_or(kills);
    let seed = variable(SEED_VARIABLE).unwrap_or_else(|| u64::from_be_bytes(SystemChance.bytes()));
    println!("{kills} kills with {SEED_VARIABLE}={seed}");
    let chance = SeededChance::new(seed);
    let mut run = Run::settle(database, nodes, seed);
    let mut starting = 0;
    for kill in 1..=kills {
        let moment = moment(&chance);
        println!("kill {kill} of {kills}: {moment:?}");
        match moment {
            Moment::Starting(milliseconds) => {
                starting += 1;
                run.kill_while_starting(milliseconds);
            }
            Moment::Working(milliseconds, least) => {
                run.start_all();
                let victims = if chance.below(3) == 0 { run.nodes } else { 1 };
                run.work((Duration::from_millis(milliseconds), least), victims);
            }
        }
    }
    run.end();
    println!(
        "{kills} kills, {starting} of them during a start; {} acknowledgements hold: {:?}",
        run.figures.acknowledged(),
        run.figures
    );
    assert!(
        run.figures.acknowledged() > kills - starting,
        "a load of nothing proves nothing: {:?}",
        run.figures
    );
}

impl Run {
    pub fn settle(database: TestDatabase, nodes: usize, seed: u64) -> Self {
        let (place, homes, times) = town::settle(database, HOUSEHOLDS, seed);
        Self { place, homes, times, services: Vec::new(), nodes, figures: Figures::default() }
    }

    /// Starts what does not run, and looks at what the last kill left.
    pub fn start_all(&mut self) {
        while self.services.len() < self.nodes {
            self.services.push(self.place.start_and_wait());
        }
        self.check();
    }

    pub fn check(&self) {
        Facts::read(&self.place).check(&self.homes);
        Facts::check_free_days(&self.place);
        let log = self.place.log_text();
        assert!(!log.contains("panicked"), "{log}");
    }

    fn kill_while_starting(&mut self, milliseconds: u64) {
        self.services.truncate(self.nodes - 1);
        let service = self.place.start();
        std::thread::sleep(Duration::from_millis(milliseconds));
        service.kill();
    }

    /// Lets every household book for a while and until `least` requests were acknowledged, and kills `victims` services
    /// in the middle of it.
    pub fn work(&mut self, (time, least): (Duration, usize), victims: usize) {
        let visits = Visits {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            services: self.services.iter().map(|service| service.address).collect(),
            times: self.times.clone(),
            stop: false.into(),
            acknowledged: 0.into(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (homes, services) = (&mut self.homes, &mut self.services);
        let figures = runtime.block_on(async {
            let all = futures_util::future::join_all(homes.iter_mut().map(|home| visits.book(home)));
            let end = async {
                tokio::time::sleep(time).await;
                let began = Instant::now();
                while visits.acknowledged.load(Ordering::Relaxed) < least {
                    assert!(began.elapsed() < PATIENCE, "nobody is answered");
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                visits.stop.store(true, Ordering::Relaxed);
                let living = services.len() - victims;
                services.drain(living..).for_each(Service::kill);
            };
            tokio::join!(all, end).0
        });
        figures.iter().for_each(|one| self.figures.add(one));
    }

    /// A last load, everything that is left is done, a clean stop, and a last look.
    fn end(&mut self) {
        self.start_all();
        self.work((Duration::from_millis(500), 1), 0);
        assert!(self.homes.iter().all(|home| home.told.unanswered.is_none()), "nobody was killed");
        self.await_rest();
        self.stop_all();
        self.check();
    }

    /// A clean stop.
    pub fn stop_all(&mut self) {
        self.services.drain(..).for_each(Service::stop);
    }

    /// Whether a household has been told of a hold that must be there now.
    pub fn somebody_surely_holds(&self) -> bool {
        self.homes.iter().any(|home| home.told.hold.is_some() && !home.may_have_lost_hold())
    }

    /// Waits until every message that is due was sent or is dead, and no hold is over and still held. The messages that
    /// killed processes had in flight are uncertain when their leases have run out, so they have now; and they go once more
    /// when no receipt has come for a while, so none has.
    fn await_rest(&self) {
        let database = &self.place.database;
        // The service works on the same rows: PostgreSQL may undo either.
        let is_done = |statement: &str| database.execute(statement).is_ok();
        while !is_done("UPDATE outbox SET leased_until = 0 WHERE state = 'leased'") {}
        let began = Instant::now();
        loop {
            let now = SystemClock.now().as_second();
            let waited = "UPDATE outbox SET tried_at = tried_at - 86400, check_at = 0 \
                          WHERE state = 'uncertain' AND check_at > 0 AND NOT possible_repeat";
            is_done(waited);
            let left = database.lines(&format!(
                "SELECT 'message ' || id || ' ' || state AS line FROM outbox \
                 WHERE state = 'leased' OR (state = 'queued' AND due_at <= {now}) \
                 OR (state = 'uncertain' AND check_at IS NOT NULL AND NOT possible_repeat) \
                 UNION ALL SELECT 'hold ' || token FROM party WHERE state = 'held' AND expires_at <= {now}"
            ));
            if left.is_empty() {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "nobody does what is left: {left:#?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let sent = database.lines("SELECT CAST(id AS TEXT) AS line FROM outbox WHERE state = 'sent'");
        let taken = self.place.mailbox.messages();
        let lost: Vec<&String> = sent.iter().filter(|id| !taken.contains(&id.parse().unwrap())).collect();
        assert!(lost.is_empty() && !sent.is_empty(), "said to be sent, and never taken: {lost:?}");
    }
}
