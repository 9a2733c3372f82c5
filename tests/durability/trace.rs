//! What a program asked of the operating system, as `strace -f -y` wrote it down, and what that says about its answers.

use std::collections::HashMap;

/// System calls that matter here: what is sent, received, written and synchronised.
pub const CALLS: &str =
    "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";

/// One thing the program did, in the order in which it did them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A form arrived on a connection.
    Asked { connection: String, path: String },
    /// The answer with this status begins to leave on a connection.
    Answered { connection: String, status: String },
    /// Something is written to the log of the database.
    LogWritten,
    /// All of the log is on disk.
    LogSynced,
}

/// Reads the output of strace. What it shows of one thread while another works is put together again; a call counts as
/// begun where it begins, and what it gives counts where it ends.
pub fn events(trace: &str) -> Vec<Event> {
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut events = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(head) = rest.strip_suffix(" <unfinished ...>") {
            begun.insert(thread, head);
            events.extend(at_begin(head));
        } else if let Some((_, tail)) =
            rest.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>"))
        {
            if let Some(head) = begun.remove(thread) {
                events.extend(at_end(head, &format!("{head}{tail}")));
            }
        } else {
            events.extend(at_begin(rest));
            events.extend(at_end(rest, rest));
        }
    }
    events
}

/// Name, descriptor with what it stands for, and the rest of a call: `pwrite64`, `9</x.db-wal>`, `"..", 24, 0) = 24`.
fn parts(call: &str) -> Option<(&str, &str, &str)> {
    let (name, arguments) = call.split_once('(')?;
    let end = arguments.find([',', ')']).unwrap_or(arguments.len());
    Some((name, &arguments[..end], &arguments[end..]))
}

fn at_begin(call: &str) -> Option<Event> {
    let (name, descriptor, rest) = parts(call)?;
    if !["write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev"].contains(&name) {
        return None;
    }
    if descriptor.ends_with("-wal>") {
        return Some(Event::LogWritten);
    }
    let (_, status) = rest.split_once("\"HTTP/1.1 ")?;
    let status = status.split(' ').next()?.to_owned();
    Some(Event::Answered { connection: descriptor.to_owned(), status })
}

fn at_end(head: &str, call: &str) -> Option<Event> {
    let (name, descriptor, _) = parts(head)?;
    match name {
        "fsync" | "fdatasync" if descriptor.ends_with("-wal>") && call.ends_with("= 0") => {
            Some(Event::LogSynced)
        }
        "read" | "readv" | "recvfrom" | "recvmsg" => {
            let (_, path) = call.split_once("\"POST ")?;
            let path = path.split([' ', '?']).next()?.to_owned();
            Some(Event::Asked { connection: descriptor.to_owned(), path })
        }
        _ => None,
    }
}

/// An acknowledgement: the form that was answered by the page that says it is done.
#[derive(Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Where the form was sent.
    pub path: String,
    /// Whether the log was written and then synchronised between the form's arrival and the answer.
    pub is_on_disk: bool,
}

/// Every acknowledgement of a hold, a booking, a change or a cancellation.
pub fn acknowledgements(events: &[Event]) -> Vec<Acknowledgement> {
    let mut asked: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut found = Vec::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Asked { connection, path } => {
                asked.insert(connection, (at, path));
            }
            Event::Answered { connection, status } => {
                let Some((from, path)) = asked.remove(connection.as_str()) else { continue };
                let books = ["/hold", "/confirm", "/change", "/cancel"].iter().any(|end| path.ends_with(end));
                if status == "303" && books {
                    let is_on_disk = was_synced(&events[from..at]);
                    found.push(Acknowledgement { path: path.to_owned(), is_on_disk });
                }
            }
            Event::LogWritten | Event::LogSynced => {}
        }
    }
    found
}

fn was_synced(between: &[Event]) -> bool {
    let written = between.iter().position(|event| *event == Event::LogWritten);
    written.is_some_and(|written| between[written..].contains(&Event::LogSynced))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = r#"7 recvfrom(12<socket:[5]>, "POST /hold/x/confirm HTTP/1.1\r\nhost"..., 32768, 0, NULL, NULL) = 90"#;
    const WRITTEN: &str = r#"8 pwrite64(9</d/sunbeon.db-wal>, "\0\1"..., 4096, 32) = 4096"#;
    const SYNCED: &str = "8 fdatasync(9</d/sunbeon.db-wal>) = 0";
    const ANSWERED: &str =
        r#"7 sendto(12<socket:[5]>, "HTTP/1.1 303 See Other\r\n"..., 200, MSG_NOSIGNAL, NULL, 0) = 200"#;

    fn is_on_disk(lines: &[&str]) -> bool {
        let found = acknowledgements(&events(&lines.join("\n")));
        assert_eq!((found.len(), found[0].path.as_str()), (1, "/hold/x/confirm"));
        found[0].is_on_disk
    }

    #[test]
    fn an_answer_counts_only_after_write_and_synchronisation() {
        assert!(is_on_disk(&[ASKED, WRITTEN, SYNCED, ANSWERED]));
        for too_early in [
            &[ASKED, ANSWERED][..],
            &[ASKED, WRITTEN, ANSWERED, SYNCED],
            &[ASKED, ANSWERED, WRITTEN, SYNCED],
            &[ASKED, SYNCED, WRITTEN, ANSWERED],
            &[WRITTEN, SYNCED, ASKED, ANSWERED],
            &[WRITTEN, ASKED, SYNCED, ANSWERED],
        ] {
            assert!(!is_on_disk(too_early), "{too_early:?}");
        }
        assert!(!is_on_disk(&[ASKED, WRITTEN, "8 fdatasync(9</d/sunbeon.db>) = 0", ANSWERED]));
        assert!(!is_on_disk(&[
            ASKED,
            WRITTEN,
            "8 fdatasync(9</d/sunbeon.db-wal>) = -1 EIO (error)",
            ANSWERED
        ]));
    }

    #[test]
    fn a_synchronisation_counts_where_it_ends() {
        let (begins, ends) =
            ("8 fdatasync(9</d/sunbeon.db-wal> <unfinished ...>", "8 <... fdatasync resumed>) = 0");
        assert!(is_on_disk(&[ASKED, WRITTEN, begins, ends, ANSWERED]));
        assert!(!is_on_disk(&[ASKED, WRITTEN, begins, ANSWERED, ends]));
        let asked = [
            "7 recvfrom(12<socket:[5]>,  <unfinished ...>",
            r#"7 <... recvfrom resumed>"POST /hold/x/confirm HTTP/1.1\r\n"..., 32768, 0, NULL, NULL) = 90"#,
        ];
        assert!(is_on_disk(&[asked[0], asked[1], WRITTEN, SYNCED, ANSWERED]));
        assert!(!is_on_disk(&[asked[0], WRITTEN, SYNCED, asked[1], ANSWERED]));
    }
}
