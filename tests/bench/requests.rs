//! Processor time of a request: the executable, against a bare handler that sends the same bytes.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use clap::ValueEnum;

use crate::Wish;
use crate::country::{self, Size};
use crate::figures::{Table, median, quantile};
use crate::served::Served;
use crate::visits::{self, Citizen};
use crate::wire::{self, Answer, Returned, Span};

/// Sites of a district: as many as a page shows.
const SITES_A_DISTRICT: u32 = 8;

/// People with a booking.
const BOOKED: u32 = 100_000;

/// People who hold and confirm in a round, for each second that a round takes.
const HOLDS_A_SECOND: u64 = 2_000;

/// People who look around.
const VISITORS: u32 = 512;

/// Before the first round caches fill and desks start.
const WARM_UP: Duration = Duration::from_secs(1);

/// A page that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// The first page.
    Home,
    /// Sites in a district.
    Search,
    /// Waiting for the door, and asking for one's turn.
    Wait,
    /// Times of a day at a site.
    Slot,
    /// Holding a seat, then confirming it.
    Book,
    /// The waiting page over TLS.
    Tls,
}

/// Processor time and waiting times of one server in one round.
struct Turn {
    microseconds: f64,
    seconds: Vec<f64>,
    locations: Vec<String>,
}

/// Both servers in all rounds.
#[derive(Default)]
struct Rounds {
    ours: Vec<Turn>,
    bare: Vec<Turn>,
}

/// Measures and adds rows to the table.
pub fn measure(wish: &Wish, table: &mut Table) {
    let rounds = u32::try_from(wish.rounds).expect("few rounds");
    let bookers = u32::try_from(HOLDS_A_SECOND * wish.seconds).expect("few people") * rounds;
    let sites = SITES_A_DISTRICT * country::districts_count();
    let size = Size { sites, seats: 4, booked: BOOKED, unbooked: VISITORS + bookers };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let database = country::copy(&size, folder.path());
    country::announce(&database);
    let bench = Bench {
        ours: Rc::new(Served::sunbeon(folder.path(), &database)),
        database: &database,
        folder: folder.path(),
        connections: wish.connections,
        time: Duration::from_secs(wish.seconds),
        rounds: wish.rounds,
    };
    let mut visitors: Vec<Citizen> =
        (0..VISITORS).map(|index| Citizen::of(BOOKED + 1 + index, &size)).collect();
    let bookers: Vec<Citizen> =
        (0..bookers).map(|index| Citizen::of(BOOKED + VISITORS + 1 + index, &size)).collect();
    let pages = if wish.page.is_empty() { Page::value_variants() } else { &wish.page };
    actix_web::rt::System::new().block_on(async {
        for page in pages {
            match page {
                Page::Home => {
                    bench.read("home", "at most 2 ×", vec![visits::home()], 200, table).await;
                    let requests = visitors.iter().map(Citizen::home).collect();
                    bench.read("home, signed in", "at most 2 ×", requests, 200, table).await;
                }
                Page::Search => {
                    let first: Vec<_> = visitors.iter().map(Citizen::search).collect();
                    bench.read("search, the first of a visit", "", first, 200, table).await;
                    bench.look_around(&mut visitors).await;
                    let requests = visitors.iter().map(Citizen::search).collect();
                    bench.read("search", "at most 2 ×", requests, 200, table).await;
                }
                Page::Wait => bench.wait(table).await,
                Page::Slot => {
                    bench.look_around(&mut visitors).await;
                    let requests = visitors.iter().map(Citizen::slot_page).collect();
                    bench.read("slot page", "", requests, 200, table).await;
                }
                Page::Book => bench.book(&bookers, table).await,
                Page::Tls => bench.tls(table).await,
            }
        }
    });
}

struct Bench<'a> {
    ours: Rc<Served>,
    folder: &'a Path,
    database: &'a Path,
    connections: usize,
    time: Duration,
    rounds: usize,
}

impl Bench<'_> {
    /// They were here a moment ago: what their first search gave them to keep for some minutes is there.
    async fn look_around(&self, visitors: &mut [Citizen]) {
        for visitor in visitors {
            visitor.keep(&wire::ask(&self.ours, &visitor.search()).await);
        }
    }

    /// The waiting pages, whole and when the browser has them, the door, and asking for one's turn.
    async fn wait(&self, table: &mut Table) {
        let groups = 1..=VISITORS;
        let pages: Vec<_> = groups.clone().map(visits::wait).collect();
        self.read("waiting page", "at most 1.3 ×", pages.clone(), 200, table).await;
        let answer = wire::ask(&self.ours, &pages[0]).await;
        let socket = Rc::new(Served::socket(self.folder, &answer));
        self.beside([&socket, &self.ours], &pages, Span::For(self.time)).await.tell(
            "waiting page, against a socket alone",
            "",
            table,
        );
        let again = groups.map(visits::wait_again).collect();
        self.read("waiting page, unchanged", "at most 1.3 ×", again, 304, table).await;
        let strangers = (1..=VISITORS).map(Citizen::stranger);
        let doors = strangers.clone().map(|one| one.door()).collect();
        self.read("the door", "", doors, 200, table).await;
        let joins = strangers.map(|one| one.join()).collect();
        self.read("asking for one's turn", "at most 2 ×", joins, 303, table).await;
    }

    /// A page that can be read again and again.
    async fn read(&self, name: &str, aim: &str, requests: Vec<Vec<u8>>, status: u16, table: &mut Table) {
        // A page that many ask for gets smaller.
        self.send(&self.ours, requests.clone(), status, Span::For(WARM_UP)).await;
        let answer = wire::ask(&self.ours, &requests[0]).await;
        assert_eq!(answer.status(), status, "{}", answer.head());
        let bare = self.bare(&answer, &requests).await;
        let rounds = self.beside([&bare, &self.ours], &requests, Span::For(self.time)).await;
        rounds.tell(&format!("{name}, {} bytes", answer.body().len()), aim, table);
    }

    /// Two servers in turns, the first of which is the floor; each answers with the same status.
    async fn beside(&self, [bare, ours]: [&Rc<Served>; 2], requests: &[Vec<u8>], span: Span) -> Rounds {
        let status = wire::ask(ours, &requests[0]).await.status();
        let mut rounds = Rounds::default();
        for _ in 0..self.rounds {
            rounds.bare.push(self.turn(bare, requests.to_vec(), status, span).await);
            rounds.ours.push(self.turn(ours, requests.to_vec(), status, span).await);
        }
        rounds
    }

    /// What TLS adds, against the same without it: over a connection that is kept, and over a new one each time.
    async fn tls(&self, table: &mut Table) {
        let Some(secured) = Served::sunbeon_with_tls(self.folder, self.database).map(Rc::new) else {
            return table.row("waiting page over TLS", "not measured: there is no openssl", "");
        };
        let requests: Vec<_> = (1..=VISITORS).map(visits::wait).collect();
        for (name, span) in [
            ("waiting page, plain and over TLS", Span::For(self.time)),
            ("waiting page over a new connection, plain and over TLS", Span::Anew(self.time)),
        ] {
            self.send(&secured, requests.clone(), 200, Span::For(WARM_UP)).await;
            self.beside([&self.ours, &secured], &requests, span).await.tell(name, "", table);
        }
    }

    /// Seats are held, and then confirmed, by other people in each round.
    async fn book(&self, people: &[Citizen], table: &mut Table) {
        let (mut holds, mut confirms) = (Rounds::default(), Rounds::default());
        let (mut held, mut confirmed): (Option<Rc<Served>>, Option<Rc<Served>>) = (None, None);
        for people in people.chunks(people.len() / self.rounds) {
            let requests: Vec<Vec<u8>> = people.iter().map(Citizen::hold).collect();
            let turn = self.turn(&self.ours, requests.clone(), 303, Span::Once).await;
            let seats = people.iter().zip(&turn.locations);
            let confirming: Vec<Vec<u8>> = seats.map(|(one, hold)| one.confirm(hold)).collect();
            assert!(turn.locations.iter().all(|to| to.starts_with("/hold/")), "{:?}", turn.locations[0]);
            holds.ours.push(turn);
            if held.is_none() {
                // Pressing the button twice gives the same answer.
                let answer = wire::ask(&self.ours, &requests[0]).await;
                held = Some(self.bare(&answer, &requests).await);
            }
            let turn = self.turn(&self.ours, confirming.clone(), 303, Span::Once).await;
            assert!(turn.locations.iter().all(|to| to.starts_with("/done/")), "{:?}", turn.locations[0]);
            confirms.ours.push(turn);
            if confirmed.is_none() {
                let answer = wire::ask(&self.ours, &confirming[0]).await;
                confirmed = Some(self.bare(&answer, &confirming).await);
            }
            for (bare, rounds, requests) in
                [(&held, &mut holds, requests), (&confirmed, &mut confirms, confirming)]
            {
                let bare = bare.as_ref().expect("a server");
                rounds.bare.push(self.turn(bare, requests, 303, Span::For(self.time)).await);
            }
        }
        holds.tell("hold", "", table);
        confirms.tell("confirm, its message included", "", table);
    }

    async fn bare(&self, answer: &Answer, requests: &[Vec<u8>]) -> Rc<Served> {
        let bare = Rc::new(Served::bare(self.folder, answer));
        self.send(&bare, requests.to_vec(), answer.status(), Span::For(WARM_UP)).await;
        bare
    }

    async fn send(&self, to: &Rc<Served>, requests: Vec<Vec<u8>>, status: u16, span: Span) -> Returned {
        wire::send(to, self.connections, requests, status, span).await
    }

    /// Sends requests and counts what the process used, until it has nothing more to do.
    async fn turn(&self, to: &Rc<Served>, requests: Vec<Vec<u8>>, status: u16, span: Span) -> Turn {
        to.grow_quiet().await;
        let before = to.processor_time();
        let Returned { seconds, locations } = self.send(to, requests, status, span).await;
        to.grow_quiet().await;
        let used = to.processor_time() - before;
        let answers = u32::try_from(seconds.len()).expect("few answers");
        Turn { microseconds: used.as_secs_f64() * 1e6 / f64::from(answers), seconds, locations }
    }
}

impl Rounds {
    fn tell(&self, name: &str, aim: &str, table: &mut Table) {
        let used = |turns: &[Turn]| turns.iter().map(|turn| turn.microseconds).collect::<Vec<_>>();
        let (ours, bare) = (used(&self.ours), used(&self.bare));
        let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
        let late = |turns: &[Turn]| {
            let all: Vec<f64> = turns.iter().map(|turn| 1000.0 * quantile(&turn.seconds, 0.99)).collect();
            median(&all)
        };
        table.row(
            format!("{name}: bare, ours, of the processor for a request"),
            format!("{:.1} µs, {:.1} µs, {:.2} ×", median(&bare), median(&ours), median(&ratios)),
            aim,
        );
        table.row(
            format!("{name}: bare, ours, waited for by 1 % of requests at least"),
            format!("{:.1} ms, {:.1} ms", late(&self.bare), late(&self.ours)),
            "",
        );
    }
}
