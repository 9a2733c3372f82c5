//! A gateway of `kind = "smpp"`: a carrier's own protocol for text messages.

use super::super::secret::Secret;
use super::{CHARSETS, Charset, Section, host, short};

/// The most signs that the protocol has room for.
const SYSTEM_ID_MAX: usize = 15;
const PASSWORD_MAX: usize = 8;
const SYSTEM_TYPE_MAX: usize = 12;
const FROM_MAX: usize = 20;

/// Connections, messages on each that are not answered yet, and seconds of silence.
const BINDS: u32 = 1;
const WINDOW: u32 = 50;
const ENQUIRE_SECONDS: u32 = 30;

/// A carrier that is spoken to by SMPP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmppConfig {
    /// The carrier's machine.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether TLS protects the connection. `serve` refuses plain text unless it is this machine: a
    /// carrier that has only that is reached through a tunnel.
    pub tls: bool,
    /// Who we are there.
    pub system_id: String,
    /// The password.
    pub password: Secret,
    /// What the carrier calls systems like ours.
    pub system_type: String,
    /// Whether version 5.0 is spoken; otherwise 3.4.
    pub is_v5: bool,
    /// The sender: a number that is registered there, or a name.
    pub from: String,
    /// In which characters texts arrive.
    pub charset: Charset,
    /// Whether long texts go in pieces; otherwise whole, as one long message.
    pub in_pieces: bool,
    /// How the carrier names messages in answers and receipts.
    pub message_ids: MessageIdsWord,
    /// Whether the replies that it brings are read.
    pub reads_replies: bool,
    /// Connections.
    pub binds: u32,
    /// Messages on each that are not answered yet.
    pub window: u32,
    /// Seconds of silence after which the carrier is asked whether it is there.
    pub enquire_seconds: u32,
}

/// How a carrier names messages in answers and receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageIdsWord {
    /// The same in both.
    Same,
    /// In hexadecimal in answers, in decimal in receipts.
    HexInAnswer,
    /// In decimal in answers, in hexadecimal in receipts.
    HexInReceipt,
}

impl SmppConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let host = section.needed("host", "the name of the carrier's machine", host);
        let tls_key = section.key("security");
        let tls = section.reader.choice(&tls_key, &[("tls", true), ("none", false)], true);
        let port_key = section.key("port");
        let port = section.reader.optional_number(&port_key, 1..=65_535);
        let system_id =
            section.needed("system_id", "the name of our account there: up to 15 signs", |text| {
                limited(text, 1..=SYSTEM_ID_MAX)
            });
        let password = section.needed_secret("password", "the password of the account: up to 8 signs");
        let password = password.filter(|password| {
            let fits = limited(password.expose(), 1..=PASSWORD_MAX).is_some();
            if !fits {
                let key = section.key("password");
                section.reader.complain(&key, "one that SMPP has no room for", "up to 8 ASCII signs");
            }
            fits
        });
        let system_type = section.optional("system_type", "up to 12 signs, as the carrier told", |text| {
            limited(text, 0..=SYSTEM_TYPE_MAX)
        });
        let version_key = section.key("version");
        let is_v5 = section.reader.choice(&version_key, &[("3.4", false), ("5.0", true)], false);
        let from = section.needed("from", "the number that texts come from, or its name", |text| {
            short(text, |sign| sign.is_ascii_graphic() || sign == b' ').filter(|text| text.len() <= FROM_MAX)
        });
        let charset_key = section.key("charset");
        let charset = section.reader.choice(&charset_key, &CHARSETS, Charset::KsX1001);
        let long_key = section.key("long");
        // Two of Korea's carriers put no pieces together; elsewhere they are what phones know.
        let usual = charset == Charset::Unicode;
        let in_pieces = section.reader.choice(&long_key, &[("whole", false), ("pieces", true)], usual);
        let ids_key = section.key("message_ids");
        let words = [
            ("same", MessageIdsWord::Same),
            ("hex-in-answer", MessageIdsWord::HexInAnswer),
            ("hex-in-receipt", MessageIdsWord::HexInReceipt),
        ];
        let message_ids = section.reader.choice(&ids_key, &words, MessageIdsWord::Same);
        Some(Self {
            port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(if tls { 3_550 } else { 2_775 }),
            tls,
            system_type: system_type.unwrap_or_default(),
            is_v5,
            charset,
            in_pieces,
            message_ids,
            reads_replies: section.reads_replies(),
            binds: section.number("binds", 1..=16, BINDS),
            window: section.number("window", 1..=1_000, WINDOW),
            enquire_seconds: section.number("enquire_seconds", 5..=600, ENQUIRE_SECONDS),
            host: host?,
            system_id: system_id?,
            password: password?,
            from: from?,
        })
    }
}

fn limited(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<String> {
    let fits =
        length.contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_graphic() || sign == b' ');
    fits.then(|| text.to_owned())
}
