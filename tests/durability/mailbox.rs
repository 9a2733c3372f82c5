//! A mail server that takes every letter and remembers which, outside the process that is killed.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A letter that was taken.
#[derive(Debug, Clone, Copy, Default)]
struct Taken {
    /// The number of its row in the outbox, as its `Message-ID` has it.
    message: i64,
    /// Whether it says that it may be a repeat.
    says_repeat: bool,
}

/// The mail server. It ends with the test's process.
pub struct Mailbox {
    /// Where it listens.
    pub port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Mailbox {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::<Mutex<Vec<Taken>>>::default();
        let for_thread = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, taken) = (stream.unwrap(), for_thread.clone());
                // Whoever is killed in the middle of a letter has sent none.
                std::thread::spawn(move || drop(converse(&stream, &taken)));
            }
        });
        Self { port, taken }
    }

    /// The messages that were taken, once each.
    ///
    /// # Panics
    /// When one was taken again and did not say that it may be a repeat.
    pub fn messages(&self) -> HashSet<i64> {
        let mut seen = HashSet::new();
        for letter in self.taken.lock().unwrap().iter() {
            let is_new = seen.insert(letter.message);
            assert!(
                is_new || letter.says_repeat,
                "message {} came twice and does not say so",
                letter.message
            );
        }
        seen
    }
}

/// One connection, in the words of RFC 5321.
fn converse(mut stream: &TcpStream, taken: &Mutex<Vec<Taken>>) -> std::io::Result<()> {
    stream.write_all(b"220 mailbox\r\n")?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next() {
        let line = line?;
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        if verb == "DATA" {
            stream.write_all(b"354 go on\r\n")?;
            let Some(letter) = letter(&mut lines) else { return Ok(()) };
            taken.lock().unwrap().push(letter);
        }
        stream.write_all(if verb == "QUIT" { b"221 good bye\r\n" } else { b"250 fine\r\n" })?;
    }
    Ok(())
}

/// Reads a letter up to its last line; `None` when the connection ends before.
fn letter(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<Taken> {
    let mut letter = Taken::default();
    loop {
        let line = lines.next()?.ok()?;
        if line == "." {
            return Some(letter);
        }
        if let Some(id) = line.strip_prefix("Message-ID: <sunbeon-") {
            letter.message = id.split('@').next().unwrap().parse().unwrap();
        }
        letter.says_repeat |= line == "X-Possible-Repeat: yes";
    }
}
