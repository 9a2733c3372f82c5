//! A carrier beside the test: the package `smpp` of npm, which knows nothing of ours.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use sunbeon::config::Charset;
use sunbeon::notify::Traffic;
use sunbeon::notify::smpp::{Long, MessageIds, SmppSecurity, SmppSettings, SmppVersion};
use tempfile::TempDir;

use super::PATIENCE;
use crate::mail;

const SYSTEM_ID: &str = "sunbeon";
pub const PASSWORD: &str = "secret08";

/// A running carrier and what it took. It ends with the value.
pub struct Peer {
    process: Child,
    port: u16,
    folder: TempDir,
    tls: bool,
}

/// Where its packages are: set up once under `target`.
fn modules() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (home, ready) = (root.join("target/smpp-of-tests"), root.join("target/smpp-of-tests/ready"));
    std::fs::create_dir_all(&home).unwrap();
    // Tests run as processes side by side: one sets it up, the others wait.
    let lock = File::create(root.join("target/smpp-of-tests.lock")).unwrap();
    lock.lock().unwrap();
    if !ready.exists() {
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(root.join("tests/texts/smpp").join(file), home.join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]).arg(&home);
        let output = npm.output().expect("npm");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        File::create(ready).unwrap();
    }
    home
}

impl Peer {
    /// Starts a carrier that is spoken to in plain text.
    pub fn start(more: &[&str]) -> Self {
        Self::run(more, false)
    }

    /// Starts one with a certificate of its own authority.
    pub fn start_with_tls() -> Self {
        Self::run(&[], true)
    }

    fn run(more: &[&str], tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("node");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts/smpp/peer.mjs")).arg(modules());
        command.arg(folder.path().join("taken")).args([SYSTEM_ID, PASSWORD]).args(more);
        if tls {
            mail::make_certificate(folder.path());
            let files = ["server.pem", "server.key"].map(|file| folder.path().join(file));
            command.arg("--tls").args(files);
        }
        // It ends with this process, whatever becomes of the value: its standard input is then closed.
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the carrier prints its port");
        Self { process, port, folder, tls }
    }

    /// Settings to reach it. A time-out of two seconds keeps the silent cases short.
    pub fn settings(&self) -> SmppSettings {
        SmppSettings {
            name: "carrier".to_owned(),
            host: if self.tls { "localhost" } else { "127.0.0.1" }.to_owned(),
            port: self.port,
            security: if self.tls { SmppSecurity::Tls } else { SmppSecurity::None },
            system_id: SYSTEM_ID.to_owned(),
            password: PASSWORD.to_owned(),
            system_type: String::new(),
            version: SmppVersion::V34,
            from: "15880000".to_owned(),
            charset: Charset::KsX1001,
            long: Long::Payload,
            message_ids: MessageIds::AsTheyAre,
            reads_replies: false,
            binds: 1,
            window: 50,
            enquire_seconds: 30,
            traffic: Traffic { timeout_seconds: 2, concurrency: 32, ..Traffic::default() },
        }
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("client.pem")).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        let lines = std::fs::read_to_string(self.folder.path().join("taken")).unwrap_or_default();
        lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The messages to numbers that begin so, the oldest first.
    pub fn taken(&self, number: &str) -> Vec<Value> {
        let is_to = |line: &Value| line["to"].as_str().is_some_and(|to| to.starts_with(number));
        self.lines().into_iter().filter(is_to).collect()
    }

    /// Who bound, and how.
    pub fn binds(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line.get("bind").is_some()).collect()
    }

    /// Lines of a kind, once there are as many.
    pub fn await_lines(&self, what: &str, is_one: impl Fn(&Value) -> bool, number: usize) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let found: Vec<Value> = self.lines().into_iter().filter(|line| is_one(line)).collect();
            if found.len() >= number {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}: {:?}", self.lines());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
