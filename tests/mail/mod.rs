//! A real mail server beside the test: Python's aiosmtpd, and Python's own e-mail package to read what arrived.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sunbeon::notify::Traffic;
use sunbeon::notify::smtp::{SmtpSecurity, SmtpSettings};
use tempfile::TempDir;

/// The Python that has the packages of `tests/requirements.txt`: `SUNBEON_TEST_PYTHON`, or one that is set up once
/// under `target`.
pub fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("SUNBEON_TEST_PYTHON") {
        return python.into();
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let (home, ready) = (target.join("python-of-tests"), target.join("python-of-tests/ready"));
    std::fs::create_dir_all(&target).unwrap();
    // Tests run as processes side by side: one sets Python up, the others wait.
    let lock = File::create(target.join("python-of-tests.lock")).unwrap();
    lock.lock().unwrap();
    let python = home.join("bin/python");
    if !ready.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home));
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requirements.txt");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(packages));
        File::create(ready).unwrap();
    }
    python
}

/// Puts a certificate for localhost into a folder (`server.pem`, `server.key`), and the authority behind it (`client.pem`).
pub fn make_certificate(folder: &Path) {
    run(Command::new(python()).args(["-m", "trustme", "-q", "-i", "localhost", "-d"]).arg(folder));
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A running mail server and the letters it took. It ends with the value.
pub struct MailServer {
    process: Child,
    host: String,
    port: u16,
    folder: TempDir,
}

impl MailServer {
    /// Starts a server that protects connections as `security` says and asks for `credentials` if there are any.
    pub fn start(security: SmtpSecurity, credentials: Option<(&str, &str)>) -> Self {
        let (python, folder) = (python(), tempfile::tempdir().unwrap());
        let mut command = Command::new(&python);
        command.arg(script("server.py")).arg(folder.path().join("letters"));
        if security != SmtpSecurity::None {
            make_certificate(folder.path());
            let tls = if security == SmtpSecurity::Tls { "implicit" } else { "starttls" };
            command.arg("--certificate").arg(folder.path().join("server.pem"));
            command.arg("--key").arg(folder.path().join("server.key")).args(["--tls", tls]);
        }
        if let Some((user, password)) = credentials {
            command.args(["--user", user, "--password", password]);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (port, host) = line.trim().split_once(' ').expect("the server prints its port and address");
        Self { port: port.parse().unwrap(), host: host.to_owned(), process, folder }
    }

    /// Settings to reach the server. A time-out of one second keeps the silent cases short.
    pub fn settings(&self, security: SmtpSecurity) -> SmtpSettings {
        SmtpSettings {
            name: "mail".to_owned(),
            host: if security == SmtpSecurity::None { self.host.clone() } else { "localhost".to_owned() },
            port: self.port,
            security,
            username: None,
            password: None,
            from: "순번 <no-reply@book.example.org>".to_owned(),
            traffic: Traffic { timeout_seconds: 1, concurrency: 8, ..Traffic::default() },
        }
    }

    /// The certificate of the authority that vouches for the server.
    pub fn authority(&self) -> Vec<u8> {
        std::fs::read(self.folder.path().join("client.pem")).unwrap()
    }

    /// The letters so far, as Python reads them, sorted by message id.
    pub fn letters(&self) -> Vec<Value> {
        let letters =
            run(Command::new(python()).arg(script("read.py")).arg(self.folder.path().join("letters")));
        serde_json::from_slice(&letters).unwrap()
    }

    /// Ends the server, as a restart of its machine would.
    pub fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail").join(name)
}
