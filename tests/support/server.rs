//! A PostgreSQL server of one's own, to be stopped and started.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::app::TestDatabase;

/// The server. It ends with the value.
pub struct Server {
    folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    /// Makes one and starts it; `None`, and a line that says so, when there is no PostgreSQL for tests.
    pub fn start_new() -> Option<Self> {
        // Whoever has none for the other tests wants none here.
        drop(TestDatabase::postgres()?);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder: tempfile::tempdir().unwrap(), port };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(server.folder.path()));
        }
        let mut make = server.tool("initdb");
        make.args(["--username=sunbeon", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(&mut make);
        server.start();
        Some(server)
    }

    /// A new database on it.
    pub fn database(&self) -> TestDatabase {
        TestDatabase::postgres_on(format!("postgres://sunbeon@127.0.0.1:{}/postgres", self.port))
    }

    /// Stops it as a crash would.
    pub fn stop(&self) {
        run(self.tool("pg_ctl").args(["-m", "immediate", "-w", "-s", "stop"]));
    }

    /// Starts it again.
    pub fn start(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -h 127.0.0.1 -c timezone=UTC", self.port);
        let log = self.folder.path().join("log");
        let mut start = self.tool("pg_ctl");
        run(start.args(["-w", "-t", "60", "-s", "-o", &options, "-l"]).arg(log).arg("start"));
    }

    /// One of PostgreSQL's tools, about this server, as a user that it accepts.
    fn tool(&self, name: &str) -> Command {
        let tool = tools().join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(tool);
            command
        } else {
            Command::new(tool)
        };
        command.arg("-D").arg(self.folder.path().join("data")).current_dir("/");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be stopped already.
        let stop = self.tool("pg_ctl").args(["-m", "immediate", "-s", "stop"]).stderr(Stdio::null()).status();
        drop(stop);
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// The folder of the newest PostgreSQL on this machine; empty when its tools are on the PATH.
fn tools() -> PathBuf {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.unwrap().path().join("bin")).collect();
    found.retain(|folder| folder.join("initdb").exists());
    found.sort();
    found.pop().unwrap_or_default()
}

fn run(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(ended.success(), "{command:?} ended with {ended}");
}
