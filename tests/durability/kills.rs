//! The executable is killed at random moments, under the load of households that book, change and cancel over HTTP, and
//! started again on the same database. What anybody was told is kept outside of it and held against the database.

use std::ffi::OsString;
use std::time::Duration;

use jiff::tz::TimeZone;
use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::system::{SeededChance, SystemChance, SystemClock};

use crate::app::TestDatabase;
use crate::country::{self, Time};
use crate::facts::Facts;
use crate::household::{self, Household};
use crate::service::{Place, Service};
use crate::visit::{Figures, Visits};

/// How often to kill, and the seed of what people do and of the moments; CONTRIBUTING tells how to use them.
const KILLS_VARIABLE: &str = "SUNBEON_TEST_KILLS";
const SEED_VARIABLE: &str = "SUNBEON_TEST_SEED";

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

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var_os(name).map(OsString::into_string)?.unwrap();
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and it is {text:?}")))
}

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So many milliseconds after it was started, whatever it does then.
    Starting(u64),
    /// After so many milliseconds of load.
    Working(u64),
}

/// One kill in five hits a start; one in ten hits a process that is old enough to make checkpoints.
fn moment(chance: &SeededChance) -> Moment {
    match chance.below(10) {
        0 | 1 => Moment::Starting(chance.below(250)),
        2 => Moment::Working(1_900 + chance.below(400)),
        _ => Moment::Working(50 + chance.below(750)),
    }
}

struct Run {
    place: Place,
    homes: Vec<Household>,
    times: Vec<Time>,
    services: Vec<Service>,
    nodes: usize,
    figures: Figures,
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
            Moment::Working(milliseconds) => run.kill_while_working(milliseconds, &chance),
        }
    }
    run.end();
    println!(
        "{kills} kills, {starting} of them during a start; {} acknowledgements hold: {:?}",
        run.figures.acknowledged(),
        run.figures
    );
    assert!(run.figures.acknowledged() > kills, "a load of nothing proves nothing: {:?}", run.figures);
}

impl Run {
    fn settle(database: TestDatabase, nodes: usize, seed: u64) -> Self {
        let place = Place::new(database);
        let today = SystemClock.now().to_zoned(TimeZone::get("Asia/Seoul").unwrap()).date();
        let ledger = place.ledger();
        ledger.write_now(move |tx| country::settle(tx, today)).unwrap();
        let homes = ledger.write_now(move |tx| household::settle(tx, HOUSEHOLDS, seed)).unwrap();
        ledger.close();
        let lines = place.database.lines(&country::times_query(today));
        let times = lines.iter().map(|line| Time::of_line(line)).collect();
        Self { place, homes, times, services: Vec::new(), nodes, figures: Figures::default() }
    }

    /// Starts what does not run, and looks at what the last kill left.
    fn start_all(&mut self) {
        while self.services.len() < self.nodes {
            self.services.push(self.place.start_and_wait());
        }
        self.check();
    }

    fn check(&self) {
        Facts::read(&self.place).check(&self.homes);
        let log = self.place.log_text();
        assert!(!log.contains("panicked"), "{log}");
    }

    fn kill_while_starting(&mut self, milliseconds: u64) {
        self.services.truncate(self.nodes - 1);
        let service = self.place.start();
        std::thread::sleep(Duration::from_millis(milliseconds));
        service.kill();
    }

    fn kill_while_working(&mut self, milliseconds: u64, chance: &SeededChance) {
        self.start_all();
        let all = chance.below(3) == 0;
        let victims = if all { self.services.len() } else { 1 };
        self.work(Duration::from_millis(milliseconds), victims);
    }

    /// Lets every household book for a while, and kills `victims` services in the middle of it.
    fn work(&mut self, time: Duration, victims: usize) {
        let visits = Visits {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            services: self.services.iter().map(|service| service.address).collect(),
            times: self.times.clone(),
            stop: false.into(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (homes, services) = (&mut self.homes, &mut self.services);
        let figures = runtime.block_on(async {
            let all = futures_util::future::join_all(homes.iter_mut().map(|home| visits.book(home)));
            let end = async {
                tokio::time::sleep(time).await;
                visits.stop.store(true, std::sync::atomic::Ordering::Relaxed);
                let living = services.len() - victims;
                services.drain(living..).for_each(Service::kill);
            };
            tokio::join!(all, end).0
        });
        figures.iter().for_each(|one| self.figures.add(one));
    }

    /// A last load, a clean stop, and a last look.
    fn end(&mut self) {
        self.start_all();
        self.work(Duration::from_millis(500), 0);
        assert!(self.homes.iter().all(|home| home.told.unanswered.is_none()), "nobody was killed");
        self.services.drain(..).for_each(Service::stop);
        self.check();
    }
}
