//! The real executable as a process of its own, on a database and keys that outlive it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sunbeon::domain::ids::IdMaker;
use sunbeon::keys::KeyRing;
use sunbeon::store::ledger::{LedgerSettings, Tools};
use sunbeon::store::{DatabaseUrl, Ledger};
use sunbeon::system::{SystemChance, SystemClock};

use crate::app::TestDatabase;
use crate::mailbox::Mailbox;

/// The longest wait for a service that starts or stops: far more than it needs, on a machine with other work.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What stays when the process is gone.
pub struct Place {
    /// The database.
    pub database: TestDatabase,
    /// The keys.
    pub keys: Arc<KeyRing>,
    /// Takes their e-mail.
    pub mailbox: Mailbox,
    /// Where its text gateway is; without one no text goes out.
    pub texts: Option<String>,
    folder: tempfile::TempDir,
}

impl Place {
    /// A place with new keys and an empty database.
    pub fn new(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(KeyRing::generate(&SystemChance, false));
        keys.write_new(&folder.path().join("master.keys")).unwrap();
        Self { database, keys, mailbox: Mailbox::open(), texts: None, folder }
    }

    /// A ledger on the database, with every table, to store what is there from the start.
    pub fn ledger(&self) -> Ledger {
        sunbeon::store::migrate(&self.database.url()).unwrap();
        let node = 1023;
        let (keys, chance) = (self.keys.clone(), Arc::new(SystemChance));
        let tools = Tools { ids: IdMaker::new(node), keys, chance, clock: Arc::new(SystemClock) };
        let settings = LedgerSettings { url: self.database.url(), writers: 1, queue_max: 16, node };
        Ledger::start(&settings, Arc::new(tools)).unwrap()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What every process wrote into the log.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Listening on `address`. Its e-mail is taken; where no gateway carries its text messages, they die.
    fn configure(&self, mut command: Command, address: SocketAddr) -> Command {
        let url = match self.database.url() {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        };
        let writers = if self.database.is_postgres() { "3" } else { "1" };
        let log = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        command
            .env("SUNBEON_SERVER__LISTEN", address.to_string())
            .env("SUNBEON_SERVER__PUBLIC_URL", "https://vaccination.example.org")
            .env("SUNBEON_SERVER__WORKERS", "2")
            .env("SUNBEON_DATABASE__URL", url)
            .env("SUNBEON_DATABASE__WRITERS", writers)
            .env("SUNBEON_KEYS__FILE", self.folder.path().join("master.keys"))
            .env("SUNBEON_BOOKING__HOLD_MINUTES", "1")
            .env("SUNBEON_NOTIFY__SMS", "")
            .env("SUNBEON_NOTIFY__EMAIL", "mail")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__KIND", "smtp")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__HOST", "127.0.0.1")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__PORT", self.mailbox.port.to_string())
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__SECURITY", "none")
            .env("SUNBEON_NOTIFY__GATEWAYS__MAIL__FROM", "no-reply@example.org")
            .env("SUNBEON_LOG__LEVEL", "warn")
            .env_remove("SUNBEON_MASTER_KEYS")
            .stdin(Stdio::null())
            .stdout(File::open("/dev/null").unwrap())
            .stderr(log);
        if let Some(url) = &self.texts {
            command
                .env("SUNBEON_NOTIFY__SMS", "texts")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__KIND", "twilio")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__URL", url)
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__ACCOUNT", "AC0")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__TOKEN", "token")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__FROM", "+8215880000")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__RECEIPTS", "asked")
                .env("SUNBEON_NOTIFY__GATEWAYS__TEXTS__TIMEOUT_SECONDS", "1");
        }
        command
    }

    /// Starts the executable and does not wait for it.
    pub fn start(&self) -> Service {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_sunbeon"));
        serve.arg("serve");
        self.spawn(serve)
    }

    fn spawn(&self, command: Command) -> Service {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let process = self.configure(command, address).spawn().unwrap();
        Service { process: Some(process), address }
    }

    /// Starts the executable and waits until it takes requests.
    pub fn start_and_wait(&self) -> Service {
        self.wait_for(|| self.start())
    }

    /// Lets a shell's command line start the executable, which it knows as `$0`, and waits until it takes requests.
    #[allow(dead_code, reason = "not every target that has this file needs it")]
    pub fn start_by_shell(&self, line: &str) -> Service {
        self.wait_for(|| {
            let mut shell = Command::new("sh");
            shell.args(["-c", line, env!("CARGO_BIN_EXE_sunbeon")]);
            self.spawn(shell)
        })
    }

    fn wait_for(&self, start: impl Fn() -> Service) -> Service {
        let mut service = start();
        let began = Instant::now();
        while !service.is_ready() {
            if let Some(ended) = service.process.as_mut().unwrap().try_wait().unwrap() {
                // Somebody else may have taken the port meanwhile.
                assert!(
                    self.log_text().contains("can't listen"),
                    "it did not start, {ended}:\n{}",
                    self.log_text()
                );
                service = start();
            }
            assert!(began.elapsed() < PATIENCE, "it was not ready in time:\n{}", self.log_text());
            std::thread::sleep(Duration::from_millis(5));
        }
        service
    }
}

/// A running process. Whatever ends the value kills it.
pub struct Service {
    process: Option<Child>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Service {
    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address) else { return false };
        let asked = stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n");
        let mut answer = String::new();
        asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.0 200")
    }

    /// SIGKILL: nothing of it runs any more.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let process = self.process.as_ref().unwrap().id().to_string();
        let told = Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for a clean end.
    pub fn await_end(mut self) {
        let ended = self.process.take().unwrap().wait().unwrap();
        assert!(ended.success(), "a clean stop ended with {ended}");
    }

    /// SIGTERM, and the wait for a clean end.
    pub fn stop(self) {
        self.signal("TERM");
        self.await_end();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.end();
    }
}
