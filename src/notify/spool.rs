//! The spool: messages are appended to a file instead of being sent. The demo reads it back and shows it.
//!
//! The file is plain text with live codes in it, so only its owner may read it.

use std::fmt;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attachment, Gateway, Obstacle, Outcome, Outgoing};
use crate::domain::message::Channel;

/// How far back [`read_recent`] looks, in bytes: the demo page must stay quick however long the file is.
const LOOK_BACK_LIMIT_BYTES: u64 = 8 * 1024 * 1024;

/// The size of one read from the end of the file, in bytes.
const BLOCK_BYTES: u64 = 64 * 1024;

/// Appends every message to a file, one JSON object a line.
#[derive(Debug)]
pub struct Spool {
    name: Arc<str>,
    channels: Vec<Channel>,
    file: Arc<Mutex<SpoolFile>>,
}

#[derive(Debug)]
struct SpoolFile {
    file: File,
    /// The last line has no end, because a write was cut short: the next one must start on a line of its own.
    torn: bool,
}

impl Spool {
    /// Opens the file at `path` for appending, and creates it readable by its owner only if it is missing. It takes messages of
    /// these channels.
    ///
    /// # Errors
    /// When the file can't be opened, or can't be closed to other users.
    pub fn open(name: &str, path: &Path, channels: Vec<Channel>) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        let torn = !ends_with_newline(&mut file)?;
        Ok(Self { name: name.into(), channels, file: Arc::new(Mutex::new(SpoolFile { file, torn })) })
    }
}

impl Gateway for Spool {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let line = match serde_json::to_vec(&SpooledMessage::of(message)) {
                Ok(line) => line,
                Err(_) => {
                    return Outcome::FailedForGood { why: "the message can't be written as JSON".to_owned() };
                }
            };
            let file = Arc::clone(&self.file);
            let written = tokio::task::spawn_blocking(move || {
                file.lock().unwrap_or_else(PoisonError::into_inner).append(line)
            });
            written.await.unwrap_or_else(|_| Outcome::Uncertain {
                why: "the spool's writer stopped midway".to_owned(),
            })
        })
    }
}

impl SpoolFile {
    /// Writes one line with one call and waits until the disk has it.
    fn append(&mut self, mut line: Vec<u8>) -> Outcome {
        if self.torn {
            line.insert(0, b'\n');
        }
        line.push(b'\n');
        match self.file.write(&line) {
            Ok(length) if length == line.len() => self.torn = false,
            Ok(length) => {
                self.torn = self.torn || length > 0;
                return Outcome::retry(
                    Obstacle::Gateway,
                    "the spool file took only part of the line: is the disk full?",
                );
            }
            Err(error) => {
                return Outcome::retry(
                    Obstacle::Gateway,
                    format!("the spool file can't be written: {error}"),
                );
            }
        }
        match self.file.sync_data() {
            Ok(()) => Outcome::Sent { gateway_id: None },
            Err(error) => {
                Outcome::Uncertain { why: format!("the spool file can't be flushed to disk: {error}") }
            }
        }
    }
}

/// Whether the next line can start right away: the file is empty or its last line is complete.
fn ends_with_newline(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// One line of the spool.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpooledMessage {
    /// The number of the outbox row.
    pub id: i64,
    /// When it was sent.
    pub at: Timestamp,
    /// `sms` or `email`.
    pub channel: String,
    /// The phone number or e-mail address.
    pub to: String,
    /// The kind's name, as `MessageKind::as_str` gives it.
    pub kind: String,
    /// The language's code.
    pub lang: String,
    /// The plain text.
    pub text: String,
    /// The subject, where there is one.
    pub subject: Option<String>,
    /// The files that go with it.
    #[serde(default)]
    pub attachments: Vec<SpooledAttachment>,
    /// An earlier attempt may have been written too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub possible_repeat: bool,
}

/// A file of a spooled message: `text` when its type says so and it is UTF-8, `base64` otherwise.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpooledAttachment {
    /// The file name.
    pub name: String,
    /// The media type with its parameters.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The content of a text file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The content of any other file, in base 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

impl SpooledMessage {
    fn of(message: &Outgoing) -> Self {
        Self {
            id: message.id,
            at: message.at,
            channel: message.channel.as_str().to_owned(),
            to: message.to.clone(),
            kind: message.kind.as_str().to_owned(),
            lang: message.language.code().to_owned(),
            text: message.text.clone(),
            subject: message.subject.clone(),
            attachments: message.attachments.iter().map(SpooledAttachment::of).collect(),
            possible_repeat: message.possible_repeat,
        }
    }
}

impl SpooledAttachment {
    fn of(attachment: &Attachment) -> Self {
        let text = match std::str::from_utf8(&attachment.body) {
            Ok(text) if attachment.media_type.starts_with("text/") => Some(text.to_owned()),
            _ => None,
        };
        let base64 = if text.is_none() { Some(BASE64.encode(&attachment.body)) } else { None };
        Self { name: attachment.name.clone(), media_type: attachment.media_type.clone(), text, base64 }
    }
}

impl fmt::Debug for SpooledMessage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SpooledMessage({}, {}, {})", self.id, self.channel, self.kind)
    }
}

impl fmt::Debug for SpooledAttachment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SpooledAttachment({})", self.media_type)
    }
}

/// The last `limit` messages of the spool at `path`, the newest first. A line that is torn or foreign is passed over,
/// and a missing file is an empty one.
///
/// # Errors
/// When the file is there but can't be read.
pub fn read_recent(path: &Path, limit: usize) -> io::Result<Vec<SpooledMessage>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let end = file.metadata()?.len();
    let furthest = end.saturating_sub(LOOK_BACK_LIMIT_BYTES);
    let mut start = end;
    let mut tail = Vec::new();
    // A line that can't be read takes no place, so a block more is read until enough lines are complete.
    loop {
        let messages = complete_lines(&tail, start == 0, limit);
        if messages.len() >= limit || start <= furthest {
            return Ok(messages);
        }
        let earlier = start.saturating_sub(BLOCK_BYTES.max(tail.len() as u64)).max(furthest);
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(earlier))?;
        (&mut file).take(start - earlier).read_to_end(&mut block)?;
        block.append(&mut tail);
        tail = block;
        start = earlier;
    }
}

/// The messages in `tail`, newest first; its first line counts only when it is known `whole`.
fn complete_lines(tail: &[u8], whole: bool, limit: usize) -> Vec<SpooledMessage> {
    let first = if whole { Some(0) } else { tail.iter().position(|byte| *byte == b'\n') };
    let Some(first) = first else { return Vec::new() };
    let lines = tail.get(first..).unwrap_or_default().rsplit(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageKind;
    use crate::language::Language;

    fn message(id: i64) -> Outgoing {
        Outgoing {
            id,
            channel: Channel::Sms,
            to: "+821000001234".to_owned(),
            kind: MessageKind::Confirmation,
            language: Language::Korean,
            text: "예약이 확정되었습니다.\n두 번째 줄".to_owned(),
            subject: None,
            html: None,
            attachments: vec![
                Attachment {
                    name: "a.ics".into(),
                    media_type: "text/calendar".into(),
                    body: b"BEGIN".to_vec(),
                },
                Attachment { name: "b.png".into(), media_type: "image/png".into(), body: vec![0x89, 0x50] },
            ],
            at: Timestamp::UNIX_EPOCH,
            possible_repeat: id == 2,
        }
    }

    #[tokio::test]
    async fn the_newest_message_is_read_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("messages.jsonl");
        assert_eq!(read_recent(&path, 5).unwrap(), []);
        let spool = Spool::open("spool", &path, Channel::ALL.to_vec()).unwrap();
        for id in 1..=3 {
            assert_eq!(spool.send(&message(id)).await, Outcome::Sent { gateway_id: None });
        }
        let recent = read_recent(&path, 2).unwrap();
        assert_eq!(recent.iter().map(|read| read.id).collect::<Vec<_>>(), [3, 2]);
        assert_eq!(recent[0].text, "예약이 확정되었습니다.\n두 번째 줄");
        assert_eq!(recent[0].attachments[0].text.as_deref(), Some("BEGIN"));
        assert_eq!(recent[0].attachments[1].base64.as_deref(), Some("iVA="));
        assert!(recent[1].possible_repeat);
        let lines = std::fs::read_to_string(&path).unwrap();
        assert_eq!(lines.matches("possible_repeat").count(), 1);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("messages.jsonl");
        Spool::open("spool", &path, Channel::ALL.to_vec()).unwrap().send(&message(1)).await;
        OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"id":2,"at":"19"#).unwrap();
        assert_eq!(read_recent(&path, 9).unwrap().len(), 1);
        Spool::open("spool", &path, Channel::ALL.to_vec()).unwrap().send(&message(3)).await;
        let ids: Vec<_> = read_recent(&path, 9).unwrap().iter().map(|read| read.id).collect();
        assert_eq!(ids, [3, 1]);
    }

    #[tokio::test]
    async fn lines_across_blocks_are_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("messages.jsonl");
        let spool = Spool::open("spool", &path, Channel::ALL.to_vec()).unwrap();
        for id in 1..=40 {
            let long = Outgoing { text: "가".repeat(9_000), ..message(id) };
            spool.send(&long).await;
        }
        let ids: Vec<_> = read_recent(&path, 30).unwrap().iter().map(|read| read.id).collect();
        assert_eq!(ids, (11..=40).rev().collect::<Vec<_>>());
        assert_eq!(read_recent(&path, 100).unwrap().len(), 40);
    }

    #[test]
    fn debug_shows_nothing_personal() {
        let shown = format!("{:?}", (message(1), SpooledMessage::of(&message(1))));
        assert!(!shown.contains("1234") && !shown.contains("예약"), "{shown}");
    }
}
