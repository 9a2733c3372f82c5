//! A text gateway beside the test, which takes nothing that breaks the rules.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::Timestamp;
use serde_json::Value;
use sunbeon::config::Charset;
use sunbeon::domain::clock::Clock;
use sunbeon::notify::Traffic;
use sunbeon::notify::sens::SensSettings;
use sunbeon::notify::twilio::TwilioSettings;
use sunbeon::system::SystemClock;
use tempfile::TempDir;

use crate::mail;

/// The account, its token and its sender.
pub const ACCOUNT: &str = "AC0123456789abcdef";
pub const TOKEN: &str = "a token: with ~ signs";
pub const SENDER: &str = "+8215880000";

/// The same at Naver Cloud's.
pub const SERVICE: &str = "ncp:sms:kr:000000000000:sunbeon";
pub const ACCESS_KEY: &str = "AccessKey0000";
pub const SECRET_KEY: &str = "a secret with ~ signs";
pub const SENS_SENDER: &str = "15880000";

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
        Self::run("gateway.py", &[ACCOUNT, TOKEN, SENDER], false)
    }

    /// Starts a gateway with a certificate of its own authority.
    pub fn start_with_tls() -> Self {
        Self::run("gateway.py", &[ACCOUNT, TOKEN, SENDER], true)
    }

    /// Starts Naver Cloud's service.
    pub fn start_sens() -> Self {
        Self::run("sens.py", &[SERVICE, ACCESS_KEY, SECRET_KEY, SENS_SENDER], false)
    }

    fn run(script: &str, arguments: &[&str], tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(mail::python());
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts").join(script));
        command.arg(folder.path().join("texts")).args(arguments);
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

    /// Settings to reach Naver Cloud's service.
    pub fn sens_settings(&self) -> SensSettings {
        SensSettings {
            name: "naver".to_owned(),
            url: format!("http://127.0.0.1:{}", self.port),
            service: SERVICE.to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            from: SENS_SENDER.to_owned(),
            traffic: Traffic { timeout_seconds: 1, concurrency: 8, ..Traffic::default() },
        }
    }

    /// Settings to reach the gateway. A time-out of one second keeps the silent cases short.
    pub fn settings(&self) -> TwilioSettings {
        let url = if self.tls { "https://localhost" } else { "http://127.0.0.1" };
        TwilioSettings {
            name: "texts".to_owned(),
            url: format!("{url}:{}", self.port),
            account: ACCOUNT.to_owned(),
            token: TOKEN.to_owned(),
            from: SENDER.to_owned(),
            charset: Charset::KsX1001,
            public_url: None,
            brings_receipts: false,
            reads_replies: false,
            traffic: Traffic { timeout_seconds: 1, concurrency: 8, ..Traffic::default() },
        }
    }

    /// What time it is there.
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
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
        texts.iter().map(|text| said(text).to_owned()).collect()
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

/// What a text says; each gateway calls it in another way.
fn said(text: &Value) -> &str {
    text.get("text").or(text.get("content")).and_then(Value::as_str).unwrap()
}
