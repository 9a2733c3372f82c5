//! Processes that answer requests, and how much of the processor they used.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio_rustls::TlsConnector;

use crate::country;
use crate::wire::{self, Answer};

/// Worker threads of either server.
pub const WORKERS: usize = 1;

/// The longest wait for a process to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ticks of a second in `/proc`, the same on every Linux.
const TICKS: u32 = 100;

/// A process that is quiet uses less than a tick in this time.
const QUIET: Duration = Duration::from_millis(150);

/// A process that answers requests. Whatever ends the value kills it.
pub struct Served {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How it is spoken to, when not in plain text.
    pub tls: Option<TlsConnector>,
}

impl Served {
    /// The executable on a country in a folder, as behind a proxy that does TLS, with the settings that it has by itself.
    pub fn sunbeon(folder: &Path, database: &Path) -> Self {
        let (command, address) = Self::command(folder, database);
        Self::start(command, address)
    }

    /// The same, and texts go through a gateway with these settings.
    pub fn sunbeon_with_texts(folder: &Path, database: &Path, gateway: &[(&str, &str)]) -> Self {
        let (mut command, address) = Self::command(folder, database);
        command.env("SUNBEON_NOTIFY__SMS", "texts");
        for (key, value) in gateway {
            command.env(format!("SUNBEON_NOTIFY__GATEWAYS__TEXTS__{key}"), value);
        }
        Self::start(command, address)
    }

    /// A carrier that takes messages: this program, called in another way.
    pub fn carrier(how: &str) -> Self {
        let address = free_address();
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg(how).arg(address.to_string());
        Self::start(command, address)
    }

    /// The same, but it does TLS itself; nothing when there is no OpenSSL to make a certificate with.
    pub fn sunbeon_with_tls(folder: &Path, database: &Path) -> Option<Self> {
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        let name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
        // A server's own certificate must be no authority's.
        let end = ["-addext", "basicConstraints=critical,CA:FALSE"];
        let mut openssl = Command::new("openssl");
        openssl
            .args(["req", "-x509"])
            .args(curve)
            .args(name)
            .args(end)
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate);
        openssl.stderr(Stdio::null()).status().ok().filter(ExitStatus::success)?;
        let (mut command, address) = Self::command(folder, database);
        command.env("SUNBEON_SERVER__TLS_CERTIFICATE", &certificate).env("SUNBEON_SERVER__TLS_KEY", &key);
        let tls = Some(wire::tls(&std::fs::read(&certificate).expect("a certificate")));
        let mut served = Self::start(command, address);
        served.tls = tls;
        Some(served)
    }

    fn command(folder: &Path, database: &Path) -> (Command, SocketAddr) {
        let keys = folder.join("master.keys");
        if !keys.exists() {
            country::keys().write_new(&keys).expect("the keys are written");
        }
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunbeon"));
        command
            .arg("serve")
            .env("SUNBEON_SERVER__LISTEN", address.to_string())
            .env("SUNBEON_SERVER__PUBLIC_URL", "https://vaccination.example.org")
            .env("SUNBEON_SERVER__WORKERS", WORKERS.to_string())
            .env("SUNBEON_DATABASE__URL", format!("sqlite://{}", database.display()))
            .env("SUNBEON_KEYS__FILE", keys)
            .env("SUNBEON_NOTIFY__SMS", "")
            .env("SUNBEON_NOTIFY__EMAIL", "mail")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__KIND", "smtp")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__HOST", "127.0.0.1")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__SECURITY", "none")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__FROM", "no-reply@example.org")
            // All of them come from one network.
            .env("SUNBEON_CODES__TURNS_PER_NETWORK_HOUR", "100000000")
            .env_remove("SUNBEON_MASTER_KEYS")
            .stderr(log);
        (command, address)
    }

    /// A bare actix-web handler that sends an answer again and again: this program, called in another way.
    pub fn bare(folder: &Path, answer: &Answer) -> Self {
        Self::floor(folder, answer, "--bare")
    }

    /// A bare loop over a socket, without anything that knows HTTP, which does the same.
    pub fn socket(folder: &Path, answer: &Answer) -> Self {
        Self::floor(folder, answer, "--socket")
    }

    fn floor(folder: &Path, answer: &Answer, how: &str) -> Self {
        let (file, address) = (folder.join("answer"), free_address());
        std::fs::write(&file, answer.bytes()).expect("the answer is written");
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.arg(how).arg(address.to_string()).arg(file);
        Self::start(command, address)
    }

    fn start(mut command: Command, address: SocketAddr) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut served = Self { process: command.spawn().expect("a process starts"), address, tls: None };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = served.process.try_wait().expect("a process");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "the server did not start: {ended:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        served
    }

    /// What the process has used of the processor until now, user and system together.
    pub fn processor_time(&self) -> Duration {
        let file = format!("/proc/{}/stat", self.process.id());
        let text = std::fs::read_to_string(file).expect("a running process");
        let (_, fields) = text.rsplit_once(')').expect("a name in brackets");
        let ticks: u32 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u32>().expect("a number of ticks"))
            .sum();
        Duration::from_secs(1) * ticks / TICKS
    }

    /// The memory of the process that is in use now, in MB.
    pub fn memory(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// The most that it ever was.
    pub fn memory_peak(&self) -> f64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> f64 {
        let file = format!("/proc/{}/status", self.process.id());
        let text = std::fs::read_to_string(file).expect("a running process");
        let line = text.lines().find_map(|line| line.strip_prefix(field)).expect("its memory");
        let kilobytes: u32 = line.trim_end_matches("kB").trim().parse().expect("a number");
        f64::from(kilobytes) / 1000.0
    }

    /// Waits until the process has nothing more to do, such as messages after a booking.
    pub async fn grow_quiet(&self) {
        let mut before = self.processor_time();
        loop {
            tokio::time::sleep(QUIET).await;
            let now = self.processor_time();
            if now == before {
                return;
            }
            before = now;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}
