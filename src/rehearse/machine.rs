//! What the server costs the machine, as Linux counts it.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use serde::Serialize;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// A process that is watched.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// Its number.
    pub id: u32,
}

/// What a process has used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Used {
    /// Seconds since the rehearsal began.
    pub second: u32,
    /// Processor time, in seconds since the process began.
    pub cpu_seconds: f64,
    /// Memory that it holds, in bytes.
    pub memory_bytes: u64,
}

/// What the rehearsal ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The processor, as it calls itself.
    pub processor: String,
    /// Cores.
    pub cores: usize,
    /// Memory, in bytes.
    pub memory_bytes: u64,
}

impl Process {
    /// What it has used until now.
    ///
    /// # Errors
    /// When the process has ended, or the system counts in another way than Linux does.
    pub fn used(self, began: Instant) -> io::Result<Used> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        let memory = fs::read_to_string(format!("/proc/{}/statm", self.id))?;
        let ticks = ticks(&stat).ok_or(io::ErrorKind::InvalidData)?;
        let pages: u64 = memory.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        Ok(Used {
            second: u32::try_from(began.elapsed().as_secs()).unwrap_or(u32::MAX),
            cpu_seconds: ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
            memory_bytes: pages * rustix::param::page_size() as u64,
        })
    }

    /// Watches it, a look a second, until this is dropped.
    pub async fn watch(self, began: Instant, mut note: impl FnMut(Used)) {
        let mut every = tokio::time::interval(EVERY);
        loop {
            every.tick().await;
            match self.used(began) {
                Ok(used) => note(used),
                Err(_) => return,
            }
        }
    }
}

/// Clock ticks in user and in system mode: the fields 14 and 15, counted behind the name, which may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let value = |file: &str, key: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
            line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned()))
                .unwrap_or_default()
        };
        let kilobytes = value("/proc/meminfo", "MemTotal");
        let kilobytes: u64 = kilobytes.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        Self {
            processor: value("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: kilobytes * 1_024,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_what_it_used() {
        assert_eq!(ticks("7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14"), Some(23));
        assert_eq!(ticks("7"), None);
        let here = Process { id: std::process::id() }.used(Instant::now()).unwrap();
        assert!(here.memory_bytes > 1_000_000);
        assert!(Machine::here().cores > 0);
    }
}
