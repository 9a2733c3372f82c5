//! A text gateway where everything goes wrong: it is down, slow, answers garbage, takes a message and hangs up, or answers when
//! nobody waits any more. It remembers what it took, outside the process that is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::system::{SeededChance, SystemClock};

/// Longer than the service waits.
const TOO_LONG: Duration = Duration::from_millis(1_600);

/// Of a hundred messages, so many go wrong: few enough that it is not left alone for good.
const WRONG: u64 = 14;

/// Slow, and in time.
const SLOW: Duration = Duration::from_millis(300);

/// A message that was taken.
struct Taken {
    row: i64,
    to: String,
    text: String,
    at: String,
}

#[derive(Default)]
struct Shared {
    is_down: AtomicBool,
    taken: Mutex<Vec<Taken>>,
    wrong: AtomicUsize,
    asked: AtomicUsize,
}

/// The gateway. It ends with the test's process.
pub struct RoughGateway {
    port: u16,
    shared: Arc<Shared>,
}

/// What a request says.
struct Request {
    verb: String,
    path: String,
    row: i64,
    body: String,
}

impl RoughGateway {
    pub fn open(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (shared, chance) = (Arc::<Shared>::default(), Arc::new(SeededChance::new(seed ^ 0x600D)));
        let for_thread = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared, chance) = (stream.unwrap(), for_thread.clone(), chance.clone());
                if shared.is_down.load(Ordering::Relaxed) {
                    continue;
                }
                // Whoever is killed in the middle of a request has made none.
                std::thread::spawn(move || drop(converse(&stream, &shared, &chance)));
            }
        });
        Self { port, shared }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets it hang up on everybody, or be there again.
    pub fn set_down(&self, is_down: bool) {
        self.shared.is_down.store(is_down, Ordering::Relaxed);
    }

    /// The rows of the messages that it took, each as often as it did.
    pub fn taken(&self) -> Vec<i64> {
        self.shared.taken.lock().unwrap().iter().map(|one| one.row).collect()
    }

    pub fn figures(&self) -> String {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        format!(
            "{} messages went wrong there, {} questions",
            count(&self.shared.wrong),
            count(&self.shared.asked)
        )
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(ToOwned::to_owned);
    let (verb, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (mut length, mut row) = (0, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap_or(0),
            "idempotency-key" => {
                row = value.trim_matches('"').trim_start_matches("sunbeon-").parse().unwrap()
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { verb, path, row, body: String::from_utf8(body).unwrap() })
}

fn converse(stream: &TcpStream, shared: &Shared, chance: &SeededChance) -> std::io::Result<()> {
    let request = read(stream)?;
    if request.verb == "GET" {
        shared.asked.fetch_add(1, Ordering::Relaxed);
        if chance.below(10) == 0 {
            return say(stream, 503, "later");
        }
        return say(stream, 200, &told(shared, &request.path));
    }
    let what = chance.below(100);
    shared.wrong.fetch_add(usize::from(what < WRONG), Ordering::Relaxed);
    match what {
        0..2 => return say(stream, 503, "later"),
        2..4 => return say(stream, 200, "<h1>It works!</h1>"),
        _ => {}
    }
    let name = take(shared, &request);
    match what {
        4..6 => return say(stream, 200, "<h1>It works!</h1>"),
        6..8 => return say(stream, 502, "<h1>Bad Gateway</h1>"),
        // It hangs up.
        8..12 => return Ok(()),
        12..WRONG => std::thread::sleep(TOO_LONG),
        WRONG..20 => std::thread::sleep(SLOW),
        _ => {}
    }
    say(stream, 201, &json!({ "sid": name, "status": "queued" }).to_string())
}

fn take(shared: &Shared, request: &Request) -> String {
    let fields: Vec<(String, String)> = serde_html_form::from_str(&request.body).unwrap();
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let now = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC);
    let at = jiff::fmt::rfc2822::to_string(&now).unwrap();
    let mut taken = shared.taken.lock().unwrap();
    taken.push(Taken { row: request.row, to: field("To"), text: field("Body"), at });
    format!("SM{:032x}", taken.len())
}

/// The answer to a question: about one message by its name, or about those to a number.
fn told(shared: &Shared, path: &str) -> String {
    let taken = shared.taken.lock().unwrap();
    let entry = |(place, one): (usize, &Taken)| json!({ "sid": format!("SM{:032x}", place + 1), "status": "delivered", "body": one.text, "date_created": one.at });
    if let Some((_, query)) = path.split_once('?') {
        let asked: Vec<(String, String)> = serde_html_form::from_str(query).unwrap();
        let to = &asked.iter().find(|(name, _)| name == "To").unwrap().1;
        let messages: Vec<_> = taken.iter().enumerate().filter(|(_, one)| one.to == *to).map(entry).collect();
        return json!({ "messages": messages, "next_page_uri": null }).to_string();
    }
    let name = path.rsplit('/').next().unwrap().trim_end_matches(".json").trim_start_matches("SM");
    let place = usize::from_str_radix(name, 16).unwrap() - 1;
    entry((place, &taken[place])).to_string()
}

fn say(mut stream: &TcpStream, status: u16, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}
