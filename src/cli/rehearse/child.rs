//! The service as a process of its own, as long as the rehearsal needs it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long it may take to start: a large country is read first.
const START: Duration = Duration::from_secs(120);

/// How long it may take to stop.
const STOP: Duration = Duration::from_secs(60);

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A service that runs. It ends with this value.
pub(super) struct Server(Child);

impl Server {
    /// Starts this program's `serve` and waits until it takes requests. What it says goes to a file beside its configuration.
    pub(super) fn start(config: &Path, address: SocketAddr) -> anyhow::Result<Self> {
        let log = config.with_file_name("serve.log");
        let stderr = File::create(&log).with_context(|| format!("{} can't be made", log.display()))?;
        let program = std::env::current_exe().context("this program can't be found")?;
        let child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(config)
            // The operator's own settings must not reach it.
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .context("the service can't be started")?;
        let mut server = Self(child);
        let began = Instant::now();
        while !is_ready(address) {
            if let Some(ended) = server.0.try_wait()? {
                bail!(
                    "the service did not start ({ended}):\n{}",
                    std::fs::read_to_string(&log).unwrap_or_default()
                );
            }
            if began.elapsed() > START {
                bail!("the service was not ready after {} seconds", START.as_secs());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(server)
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Lets it finish and waits for its end.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).context("the service can't be told to stop")?;
        let began = Instant::now();
        while began.elapsed() < STOP {
            match self.0.try_wait()? {
                Some(ended) if ended.success() => return Ok(()),
                Some(ended) => bail!("the service ended badly: {ended}"),
                None => std::thread::sleep(LOOK_AGAIN),
            }
        }
        bail!("the service did not stop within {} seconds", STOP.as_secs())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, unless the rehearsal failed.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let asked = stream.write_all(b"GET /readyz HTTP/1.0\r\n\r\n");
    asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok() && answer.starts_with("HTTP/1.0 200")
}
