//! `[notify]`: who carries the messages.

use std::path::PathBuf;

use jiff::SignedDuration;

use super::reader::Reader;
use super::secret::Secret;
use crate::domain::message_state::{UncertainRules, WhenUncertain};
use crate::domain::reminder::{QuietHours, time_of_day};

mod gateway;
mod sens;
mod smpp;
mod smtp;
mod twilio;

pub use gateway::{GatewayConfig, GatewayKind};
pub use sens::SensConfig;
pub use smpp::{MessageIdsWord, SmppConfig};
pub use smtp::{SmtpConfig, SmtpSecurity};
pub use twilio::{Charset, TwilioConfig};

/// The gateways' sections stand below this one, each under a name of the operator's own.
const GATEWAYS: &str = "notify.gateways";

/// How long a receipt is waited for, in minutes.
const WAIT_MINUTES: u32 = 15;

/// Who carries the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    /// The names of those who carry text messages, the first before the others; `None` when nothing is said of it.
    pub sms: Option<Vec<String>>,
    /// The names of those who carry e-mail.
    pub email: Option<Vec<String>>,
    /// All that are configured.
    pub gateways: Vec<GatewayConfig>,
    /// What is done about messages that may have gone, when their gateway can't tell.
    pub uncertain: UncertainRules,
    /// When nobody is reminded.
    pub quiet: QuietHours,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        let wait = SignedDuration::from_mins(i64::from(WAIT_MINUTES));
        let uncertain = UncertainRules { codes: WhenUncertain::Again, others: WhenUncertain::Wait, wait };
        Self { sms: None, email: None, gateways: Vec::new(), uncertain, quiet: QuietHours::default() }
    }
}

impl NotifyConfig {
    /// Everything is written to one file.
    pub(super) fn spool(file: PathBuf) -> Self {
        let spool = "spool".to_owned();
        Self {
            sms: Some(vec![spool.clone()]),
            email: Some(vec![spool.clone()]),
            gateways: vec![GatewayConfig::of(spool, GatewayKind::Spool(file))],
            ..Self::default()
        }
    }

    /// Those who carry text messages, in order.
    pub fn for_texts(&self) -> Vec<&GatewayConfig> {
        self.named(self.sms.as_ref())
    }

    /// Those who carry e-mail, in order.
    pub fn for_mail(&self) -> Vec<&GatewayConfig> {
        self.named(self.email.as_ref())
    }

    /// Those who carry anything.
    pub fn in_use(&self) -> impl Iterator<Item = &GatewayConfig> {
        let lists = [&self.sms, &self.email];
        self.gateways
            .iter()
            .filter(move |one| lists.iter().any(|list| list.iter().flatten().any(|name| *name == one.name)))
    }

    fn named(&self, names: Option<&Vec<String>>) -> Vec<&GatewayConfig> {
        let find = |name: &String| self.gateways.iter().find(|one| one.name == *name);
        names.into_iter().flatten().filter_map(find).collect()
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        let gateways: Vec<_> = reader
            .sections(GATEWAYS)
            .into_iter()
            .filter_map(|name| GatewayConfig::read(reader, name))
            .collect();
        let sms = read_order(reader, "notify.sms", &gateways, GatewayKind::carries_texts);
        let email = read_order(reader, "notify.email", &gateways, GatewayKind::carries_mail);
        Self { sms, email, gateways, quiet: read_quiet(reader), uncertain: read_uncertain(reader) }
    }
}

fn read_quiet(reader: &mut Reader) -> QuietHours {
    let usual = QuietHours::default();
    let accepted = "a time of day such as \"21:00\", where the site is";
    QuietHours {
        from: reader.text("notify.quiet_from", accepted, usual.from, time_of_day),
        until: reader.text("notify.quiet_until", accepted, usual.until, time_of_day),
    }
}

/// `[notify.uncertain]`.
fn read_uncertain(reader: &mut Reader) -> UncertainRules {
    let usual = NotifyConfig::default().uncertain;
    let words =
        [("again", WhenUncertain::Again), ("wait", WhenUncertain::Wait), ("keep", WhenUncertain::Keep)];
    UncertainRules {
        codes: reader.choice("notify.uncertain.codes", &words, usual.codes),
        others: reader.choice("notify.uncertain.others", &words, usual.others),
        wait: SignedDuration::from_mins(i64::from(reader.number(
            "notify.uncertain.wait_minutes",
            1..=1_440,
            WAIT_MINUTES,
        ))),
    }
}

/// Which gateways carry messages of a kind, by name and in order.
fn read_order(
    reader: &mut Reader,
    key: &str,
    gateways: &[GatewayConfig],
    carries: fn(&GatewayKind) -> bool,
) -> Option<Vec<String>> {
    let accepted = "the name of a gateway, the section of which is [notify.gateways.NAME]";
    let is_there = reader.has(key);
    let names = reader.list(key, accepted, Vec::new(), |name| Some(name.to_owned()));
    let sections = reader.sections(GATEWAYS);
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            reader.complain(key, format!("\"{name}\" twice"), "each gateway once");
        }
        match gateways.iter().find(|one| one.name == *name) {
            // What is wrong with its section was told.
            None if sections.contains(name) => {}
            None => {
                reader.complain(key, format!("\"{name}\", which has no section, or an empty one"), accepted)
            }
            Some(one) if !carries(&one.kind) => {
                let found = format!("\"{name}\", which carries something else");
                reader.complain(key, found, "a gateway that can carry these messages");
            }
            Some(_) => {}
        }
    }
    is_there.then_some(names)
}

/// The keys of one gateway's section.
struct Section<'r> {
    reader: &'r mut Reader,
    name: String,
}

impl Section<'_> {
    fn key(&self, name: &str) -> String {
        format!("{GATEWAYS}.{}.{name}", self.name)
    }

    /// A text that `parse` understands, which the gateway can't do without.
    fn needed<T>(&mut self, name: &str, accepted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let key = self.key(name);
        if !self.reader.has(&key) {
            self.reader.complain(&key, "nothing", accepted);
        }
        self.reader.optional(&key, accepted, parse)
    }

    fn optional<T>(&mut self, name: &str, accepted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let key = self.key(name);
        self.reader.optional(&key, accepted, parse)
    }

    fn number(&mut self, name: &str, range: std::ops::RangeInclusive<u32>, default: u32) -> u32 {
        let key = self.key(name);
        self.reader.number(&key, range, default)
    }

    /// Whether what people answer is read.
    fn reads_replies(&mut self) -> bool {
        let key = self.key("replies");
        self.reader.choice(&key, &[("read", true), ("ignored", false)], false)
    }

    /// A secret that stands here, or in the file that `NAME_file` names; and whether either is there, right or wrong.
    fn secret(&mut self, name: &str) -> (Option<Secret>, bool) {
        let (key, file_key) = (self.key(name), self.key(&format!("{name}_file")));
        let inline = self.reader.secret(&key, "a text that is not empty", |text| {
            (!text.trim().is_empty()).then(|| Secret::new(text))
        });
        let in_file = self.reader.secret_file(&file_key);
        let (is_inline, is_in_file) = (self.reader.has(&key), self.reader.has(&file_key));
        if is_inline && is_in_file {
            let accepted = format!("either {name} or {name}_file");
            self.reader.complain(&file_key, format!("a {name} as well"), &accepted);
        }
        (inline.or(in_file), is_inline || is_in_file)
    }

    /// A secret that the gateway can't do without.
    fn needed_secret(&mut self, name: &str, accepted: &str) -> Option<Secret> {
        let (secret, is_there) = self.secret(name);
        if !is_there {
            let key = self.key(name);
            self.reader.complain(
                &key,
                "nothing",
                &format!("{accepted}, here or in the file {name}_file names"),
            );
        }
        secret
    }
}

/// The words for [`Charset`].
const CHARSETS: [(&str, Charset); 2] = [("ks-x-1001", Charset::KsX1001), ("unicode", Charset::Unicode)];

/// The name or the address of a machine.
fn host(text: &str) -> Option<String> {
    let is_name = !text.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || sign == '/');
    is_name.then(|| text.to_owned())
}

/// The longest name of an account or a sender.
const NAME_MAX: usize = 64;

fn short(text: &str, is_fine: impl Fn(u8) -> bool) -> Option<String> {
    ((1..=NAME_MAX).contains(&text.len()) && text.bytes().all(is_fine)).then(|| text.to_owned())
}
