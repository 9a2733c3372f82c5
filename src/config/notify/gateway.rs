//! `[notify.gateways.NAME]`: one of those who carry messages.

use std::path::PathBuf;

use super::super::reader::Reader;
use super::{GATEWAYS, Section, SensConfig, SmppConfig, SmtpConfig, TwilioConfig};
use crate::domain::gateway::figures::{Prices, thousandths};

/// The longest name of a gateway: it stands in every row of a message.
const NAME_MAX: usize = 16;

/// How long a text message may take at the most, and usually, in seconds.
const TEXT_SECONDS: (u32, u32) = (120, 10);

/// How long each step with a mail server may take: there are half a dozen, and a message is on its way for three minutes at
/// the most.
const MAIL_SECONDS: (u32, u32) = (25, 20);

/// Messages on their way at once.
const CONCURRENCY: u32 = 64;

/// One of those who carry messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// What the operator calls it, in the configuration, in logs, metrics and rows.
    pub name: String,
    /// How long each step of handing over a message may take, in seconds.
    pub timeout_seconds: u32,
    /// Messages on their way at once.
    pub concurrency: u32,
    /// The most messages a second.
    pub rate: Option<u32>,
    /// Its share among several that carry the same; without it the first of the list carries all that it can.
    pub weight: Option<u32>,
    /// What it asks for a message.
    pub prices: Prices,
    /// What it is, and how it is reached.
    pub kind: GatewayKind,
}

/// What a gateway is, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayKind {
    /// Nobody: messages are written to a file, with live codes in plain text. `serve` refuses it.
    Spool(PathBuf),
    /// A mail server.
    Smtp(SmtpConfig),
    /// A gateway for text messages that is asked as Twilio is.
    Twilio(TwilioConfig),
    /// Naver Cloud's service for text messages.
    Sens(SensConfig),
    /// A carrier's own protocol for text messages.
    Smpp(SmppConfig),
}

/// The words for [`GatewayKind`].
#[derive(Clone, Copy)]
enum Word {
    Spool,
    Smtp,
    Twilio,
    Sens,
    Smpp,
}

const WORDS: [(&str, Word); 5] = [
    ("smtp", Word::Smtp),
    ("sens", Word::Sens),
    ("smpp", Word::Smpp),
    ("twilio", Word::Twilio),
    ("spool", Word::Spool),
];

impl GatewayKind {
    /// Whether it carries text messages.
    pub fn carries_texts(&self) -> bool {
        matches!(self, Self::Spool(_) | Self::Twilio(_) | Self::Sens(_) | Self::Smpp(_))
    }

    /// Whether it carries e-mail.
    pub fn carries_mail(&self) -> bool {
        matches!(self, Self::Spool(_) | Self::Smtp(_))
    }
}

impl GatewayConfig {
    pub(super) fn of(name: String, kind: GatewayKind) -> Self {
        Self {
            name,
            timeout_seconds: TEXT_SECONDS.1,
            concurrency: CONCURRENCY,
            rate: None,
            weight: None,
            prices: Prices::default(),
            kind,
        }
    }

    pub(super) fn read(reader: &mut Reader, name: String) -> Option<Self> {
        let section = format!("{GATEWAYS}.{name}");
        if !is_name(&name) {
            let accepted =
                format!("a name of up to {NAME_MAX} small letters and digits, the first of them a letter");
            reader.complain(&section, "a name that can't be a gateway's", &accepted);
            reader.pass_over(&section);
            return None;
        }
        let mut section = Section { reader, name };
        let words: Vec<String> = WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let word = section.needed("kind", &words.join(" or "), |text| {
            WORDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind)
        });
        let Some(word) = word else {
            // Which keys are right depends on it.
            section.reader.pass_over(&format!("{GATEWAYS}.{}", section.name));
            return None;
        };
        let (most, usual) = match word {
            Word::Smtp => MAIL_SECONDS,
            Word::Spool | Word::Twilio | Word::Sens | Word::Smpp => TEXT_SECONDS,
        };
        let timeout_seconds = section.number("timeout_seconds", 1..=most, usual);
        let concurrency = section.number("concurrency", 1..=1_000, CONCURRENCY);
        let (rate_key, weight_key) = (section.key("rate"), section.key("weight"));
        let rate = section.reader.optional_number(&rate_key, 1..=100_000);
        let weight = section.reader.optional_number(&weight_key, 0..=1_000);
        let prices = read_prices(&mut section);
        let kind = match word {
            Word::Spool => section
                .needed("file", "the path of a file", |text| {
                    (!text.trim().is_empty()).then(|| PathBuf::from(text))
                })
                .map(GatewayKind::Spool),
            Word::Smtp => SmtpConfig::read(&mut section).map(GatewayKind::Smtp),
            Word::Twilio => TwilioConfig::read(&mut section).map(GatewayKind::Twilio),
            Word::Sens => SensConfig::read(&mut section).map(GatewayKind::Sens),
            Word::Smpp => SmppConfig::read(&mut section).map(GatewayKind::Smpp),
        };
        Some(Self { name: section.name, timeout_seconds, concurrency, rate, weight, prices, kind: kind? })
    }
}

/// Long texts cost what short ones do unless something else is said.
fn read_prices(section: &mut Section<'_>) -> Prices {
    let accepted = "an amount such as \"9.9\", with three places behind the point at the most";
    let short = section.optional("price", accepted, thousandths).unwrap_or_default();
    let long = section.optional("price_long", accepted, thousandths).unwrap_or(short);
    Prices { short, long }
}

fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit())
}
