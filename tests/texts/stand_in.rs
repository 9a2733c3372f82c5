//! A text gateway beside the test, which takes nothing that breaks the rules.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sunbeon::notify::http::HttpSettings;
use tempfile::TempDir;

use crate::mail;

/// The account, its token and its sender.
pub const ACCOUNT: &str = "AC0123456789abcdef";
pub const TOKEN: &str = "a token: with ~ signs";
pub const SENDER: &str = "+8215880000";

/// A running gateway and the texts it took. It ends with the value.
pub struct StandIn {
    process: Child,
    port: u16,
    folder: TempDir,
    tls: bool,
}

impl StandIn {
    /// Starts a gateway that speaks plain HTTP.
    pub fn start() -> Self {
        Self::run(false)
    }

    /// Starts a gateway with a certificate of its own authority.
    pub fn start_with_tls() -> Self {
        Self::run(true)
    }

    fn run(tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(mail::python());
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts/gateway.py"));
        command.arg(folder.path().join("texts")).args([ACCOUNT, TOKEN, SENDER]);
        if tls {
            mail::make_certificate(folder.path());
            command.arg("--certificate").arg(folder.path().join("server.pem"));
            command.arg("--key").arg(folder.path().join("server.key"));
        }
        // It ends with this process, whatever becomes of the value: its standard input is then closed.
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the gateway prints its port");
        Self { process, port, folder, tls }
    }

    /// Settings to reach the gateway. A time-out of one second keeps the silent cases short.
    pub fn settings(&self) -> HttpSettings {
        let url = if self.tls { "https://localhost" } else { "http://127.0.0.1" };
        HttpSettings {
            url: format!("{url}:{}", self.port),
            account: ACCOUNT.to_owned(),
            token: TOKEN.to_owned(),
            from: SENDER.to_owned(),
            timeout_seconds: 1,
            concurrency: 8,
        }
    }

    /// The certificate of the authority that vouches for the gateway.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("client.pem")).unwrap()
    }

    /// The texts so far, the oldest first.
    ///
    /// # Panics
    /// When a request broke the rules.
    pub fn texts(&self) -> Vec<Value> {
        let texts = std::fs::read_to_string(self.file()).unwrap_or_default();
        let texts: Vec<Value> = texts.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let broken: Vec<_> = texts.iter().filter_map(|text| text.get("broken")).collect();
        assert!(broken.is_empty(), "rules were broken: {broken:?}");
        texts
    }

    /// The texts to a number so far.
    pub fn texts_to(&self, number: &str) -> Vec<String> {
        let mut texts = self.texts();
        texts.retain(|text| text["to"] == number);
        texts.iter().map(|text| text["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Ends the gateway, as a restart of its machine would.
    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("texts")
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
