//! Messages: how quickly a full outbox drains through a gateway in the real executable, and how soon after its confirmation a
//! message is handed over on a busy evening.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use rusqlite::Connection;
use sunbeon::config::DatabaseUrl;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::ids::IdMaker;
use sunbeon::domain::message::Channel;
use sunbeon::notify::{Gateway, Outcome, Outgoing, Traffic};
use sunbeon::system::SystemClock;

use crate::Wish;
use crate::country::{self, Size};
use crate::figures::{Table, median, precise, quantile};
use crate::front_desk::FrontDesk;
use crate::served::Served;

/// People without a booking: as many as are booked while it is measured.
const UNBOOKED: u32 = 500_000;

/// Bookings a second while it is measured how soon they are told of.
const BOOKINGS_A_SECOND: u32 = 1_000;

/// How long a gateway takes for an answer there.
const GATEWAY_TAKES: Duration = Duration::from_millis(5);

/// How long it runs before it is measured.
const WARM_UP: Duration = Duration::from_secs(2);

/// Measures and adds rows to the table.
pub fn measure(wish: &Wish, table: &mut Table) {
    for (name, how) in [("SMPP", "--smpp"), ("HTTP", "--texts")] {
        drain(wish, table, name, how);
    }
    hand_over(wish, table);
}

fn size(wish: &Wish) -> Size {
    Size { sites: 1_200, seats: 4, booked: wish.bookings, unbooked: UNBOOKED }
}

/// Lets everybody be told of their booking once more.
fn queue_all(database: &Path) {
    let conn = Connection::open(database).expect("a database");
    let now = SystemClock.now().as_second();
    let queue =
        "UPDATE outbox SET state = 'queued', due_at = ?1, created_at = ?1 WHERE kind = 'confirmation'";
    conn.execute(queue, [now]).expect("messages are queued");
}

fn drain(wish: &Wish, table: &mut Table, name: &str, how: &str) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let database = country::copy(&size(wish), folder.path());
    queue_all(&database);
    let carrier = Served::carrier(how);
    let (host, port) = (carrier.address.ip().to_string(), carrier.address.port().to_string());
    let url = format!("http://{}", carrier.address);
    let settings: &[(&str, &str)] = match how {
        "--smpp" => &[
            ("KIND", "smpp"),
            ("HOST", &host),
            ("PORT", &port),
            ("SECURITY", "none"),
            ("SYSTEM_ID", "bench"),
            ("PASSWORD", "bench"),
            ("BINDS", "4"),
            ("WINDOW", "128"),
            ("FROM", "15880000"),
            ("CONCURRENCY", "512"),
        ],
        _ => &[
            ("KIND", "twilio"),
            ("URL", &url),
            ("ACCOUNT", "AC0"),
            ("TOKEN", "bench"),
            ("RECEIPTS", "asked"),
            ("FROM", "+8215880000"),
            ("CONCURRENCY", "512"),
        ],
    };
    let sunbeon = Served::sunbeon_with_texts(folder.path(), &database, settings);
    while sent(&sunbeon) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(WARM_UP);
    let rounds: Vec<[f64; 2]> = (0..wish.rounds).map(|_| round(&sunbeon, wish.seconds)).collect();
    let middle = |place: usize| median(&rounds.iter().map(|round| round[place]).collect::<Vec<_>>());
    let (rate, cost) = (middle(0), middle(1));
    let waiting = wish.bookings;
    table.row(
        format!("{waiting} confirmations drain through {name}"),
        format!("{rate:.0} messages/s"),
        "aim 5000/s",
    );
    table.row(format!("of the processor for a message through {name}"), format!("{:.0} µs", 1e6 * cost), "");
}

/// Messages a second, and seconds of the processor for each.
fn round(sunbeon: &Served, seconds: u64) -> [f64; 2] {
    let (began, before, used) = (Instant::now(), sent(sunbeon), sunbeon.processor_time());
    std::thread::sleep(Duration::from_secs(seconds));
    let (took, messages) = (began.elapsed().as_secs_f64(), precise(sent(sunbeon) - before));
    let used = (sunbeon.processor_time() - used).as_secs_f64();
    println!("  {:.0} messages/s", messages / took);
    [messages / took, used / messages]
}

/// Messages that the service says it has handed over.
fn sent(sunbeon: &Served) -> usize {
    let mut stream = TcpStream::connect(sunbeon.address).expect("a connection");
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("a question");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("figures");
    let counts = answer
        .lines()
        .filter(|line| line.starts_with("sunbeon_messages_total{") && line.contains("outcome=\"sent\""));
    counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<usize>().ok()).sum()
}

/// A gateway that notes how old messages are when they come to it.
struct Watch {
    name: Arc<str>,
    /// In seconds, since they were queued with their confirmation.
    ages: Arc<Mutex<Vec<f64>>>,
}

impl Gateway for Watch {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &Channel::ALL
    }

    fn traffic(&self) -> Traffic {
        Traffic { concurrency: 256, ..Traffic::default() }
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        let age = SystemClock.now().duration_since(IdMaker::instant_of(message.id)).as_secs_f64();
        self.ages.lock().unwrap_or_else(PoisonError::into_inner).push(age);
        Box::pin(async {
            tokio::time::sleep(GATEWAY_TAKES).await;
            Outcome::Sent { gateway_id: None }
        })
    }
}

fn hand_over(wish: &Wish, table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let url = DatabaseUrl::Sqlite(country::copy(&size(wish), folder.path()));
    let (name, ages) = ("watch".into(), Arc::new(Mutex::default()));
    let gateway = Arc::new(Watch { name, ages: ages.clone() });
    let system = actix_web::rt::System::new();
    let time = Duration::from_secs(wish.seconds * u64::try_from(wish.rounds).expect("few rounds"));
    system.block_on(async {
        let desk = Arc::new(FrontDesk::open_telling(url, size(wish), gateway));
        desk.open_everywhere().await;
        desk.clone().book_open_loop(2.0 * f64::from(BOOKINGS_A_SECOND), time).await;
        tokio::time::sleep(WARM_UP).await;
        desk.close();
    });
    let ages = ages.lock().unwrap_or_else(PoisonError::into_inner);
    let [middle, late] = [median(&ages), quantile(&ages, 0.99)].map(|seconds| 1000.0 * seconds);
    table.row(
        format!(
            "from a confirmation to the gateway at {BOOKINGS_A_SECOND} bookings/s, p50 / p99 of {}",
            ages.len()
        ),
        format!("{middle:.0} / {late:.0} ms"),
        "p99 under 2 s",
    );
}
