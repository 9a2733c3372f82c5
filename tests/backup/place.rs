//! A place that an operator has configured: a database, a key file, and a passphrase.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use sunbeon::config::DatabaseUrl;
use sunbeon::keys::KeyRing;

use crate::app::{TestApp, TestDatabase, wait_for};

/// What seals the keys of every backup here.
pub const PASSPHRASE: &str = "five words that nobody guesses";

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub text: String,
}

/// A configured place. The database's URL is that of a [`TestDatabase`] that outlives it.
pub struct Place {
    pub folder: tempfile::TempDir,
    port: u16,
}

impl Place {
    /// A place for the database, without keys.
    pub fn of(database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = Self { folder, port };
        let url = match database.url() {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        };
        let keys = place.keys();
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"https://vaccination.example.org\"\n\
             [database]\nurl = \"{url}\"\n[keys]\nfile = \"{}\"\n[backup]\npassphrase = \"{PASSPHRASE}\"\n\
             [notify]\nsms = []\nemail = [\"mail\"]\n\
             [notify.gateways.mail]\nkind = \"smtp\"\nhost = \"localhost\"\nfrom = \"no-reply@example.org\"\n",
            keys.display()
        );
        fs::write(place.path("sunbeon.toml"), config).unwrap();
        place
    }

    /// The place of a running app.
    pub fn of_app(app: &TestApp) -> Self {
        let place = Self::of(&app.database);
        app.keys.write_new(&place.keys()).unwrap();
        place
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its key file.
    pub fn keys(&self) -> PathBuf {
        self.path("master.keys")
    }

    /// Reads its key file.
    pub fn read_keys(&self) -> KeyRing {
        KeyRing::read(&self.keys()).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let config = self.path("sunbeon.toml");
        let config = ["--config", config.to_str().unwrap()];
        let mut command = Command::new(env!("CARGO_BIN_EXE_sunbeon"));
        command.args(arguments).args(config).env_remove("SUNBEON_MASTER_KEYS").stdin(Stdio::null());
        command
    }

    /// Runs a command with its configuration.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed, and gives what it said.
    pub fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.text);
        said.text
    }

    /// Starts the service on it, waits until it is ready, and stops it.
    pub fn serve_and_stop(&self) {
        let mut server = self.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
        let ready = format!("http://127.0.0.1:{}/readyz", self.port);
        wait_for("the service to be ready", || {
            assert_eq!(server.try_wait().unwrap(), None, "the service ended");
            (sunbeon(&["check", "--alive", &ready]).code == 0).then_some(())
        });
        stop(&mut server);
    }
}

/// Tells a process to stop, and waits until it has, in good order.
pub fn stop(server: &mut Child) {
    let told = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(told.success() && server.wait().unwrap().success());
}

/// Runs a command without a configuration; the passphrase is typed at it.
pub fn sunbeon(arguments: &[&str]) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sunbeon"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended already.
    drop(child.stdin.take().unwrap().write_all(format!("{PASSPHRASE}\n").as_bytes()));
    said(&child.wait_with_output().unwrap())
}

fn said(output: &Output) -> Said {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    Said { code: output.status.code().unwrap(), text: String::from_utf8(text).unwrap() }
}

/// The permission bits of a file or directory.
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
