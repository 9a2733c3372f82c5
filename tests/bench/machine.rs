//! What machine the figures are from.

use std::fs::read_to_string;
use std::path::Path;

/// Processor, cores, memory, kernel, file system, database and build, in one line.
pub fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let disk = disk_of(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap_or_else(|| "an unknown disk".into());
    let sqlite = rusqlite::version();
    let build = if cfg!(debug_assertions) { "a debug build: its figures say nothing" } else { "optimised" };
    let kernel = kernel.trim();
    format!(
        "{processor}, {cores} cores, memory {memory}, Linux {kernel}, files on {disk}, SQLite {sqlite}, {build}"
    )
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Type and device of the file system that a folder is on.
fn disk_of(folder: &Path) -> Option<String> {
    let mounts = read_to_string("/proc/mounts").ok()?;
    let parts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, point, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(point).then(|| (point.len(), format!("{kind} ({device})")))
    });
    parts.max_by_key(|(length, _)| *length).map(|(_, disk)| disk)
}
