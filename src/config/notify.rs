//! `[notify]`: who carries the messages.

use std::path::PathBuf;

use super::reader::Reader;
use super::secret::Secret;

mod http;

pub use http::HttpConfig;

/// Who carries the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyConfig {
    /// Who carries e-mail.
    pub gateway: Gateway,
    /// Who carries text messages.
    pub sms_gateway: SmsGateway,
    /// Where the spool writes, one JSON object a line.
    pub spool_file: PathBuf,
}

/// Who carries e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gateway {
    /// Nobody: messages are written to a file, with live codes in plain text. `serve` refuses it.
    Spool,
    /// A mail server.
    Smtp(SmtpConfig),
}

/// Who carries text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsGateway {
    /// Nobody: messages are written to a file, with live codes in plain text. `serve` refuses it.
    Spool,
    /// Nobody: text messages can't be sent.
    None,
    /// A gateway by HTTP.
    Http(HttpConfig),
}

/// The words for [`SmsGateway`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Spool,
    None,
    Http,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: SmtpSecurity,
    /// Whom to sign in as, and the password; without them Sunbeon doesn't sign in.
    pub credentials: Option<(String, Secret)>,
    /// The sender's address, with or without a name: `Sunbeon <no-reply@example.org>`.
    pub from: String,
}

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// TLS after STARTTLS, usually port 587; without it nothing is sent.
    Starttls,
    /// None, for a relay on this machine. `serve` refuses any other.
    None,
}

impl SmtpSecurity {
    fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            gateway: Gateway::Spool,
            sms_gateway: SmsGateway::Spool,
            spool_file: "/var/lib/sunbeon/messages.jsonl".into(),
        }
    }
}

impl NotifyConfig {
    /// Whether anything is written to the spool.
    pub fn uses_spool(&self) -> bool {
        self.gateway == Gateway::Spool || self.sms_gateway == SmsGateway::Spool
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let by_smtp = reader.choice("notify.gateway", &[("spool", false), ("smtp", true)], false);
        let carriers = [("spool", Texts::Spool), ("none", Texts::None), ("http", Texts::Http)];
        let texts = reader.choice("notify.sms_gateway", &carriers, Texts::Spool);
        let spool_file = reader.path("notify.spool_file", default.spool_file);
        let smtp = read_smtp(reader, by_smtp);
        let gateway = smtp.filter(|_| by_smtp).map_or(Gateway::Spool, Gateway::Smtp);
        let http = HttpConfig::read(reader, texts == Texts::Http);
        let sms_gateway = match (texts, http) {
            (Texts::Spool, _) => SmsGateway::Spool,
            (Texts::Http, Some(http)) => SmsGateway::Http(http),
            // What is missing was told.
            (Texts::None | Texts::Http, _) => SmsGateway::None,
        };
        Self { gateway, sms_gateway, spool_file }
    }
}

/// Reads the section even when nothing goes by SMTP, so that its keys are known and its mistakes show early; only
/// what is missing is no mistake then.
fn read_smtp(reader: &mut Reader, is_needed: bool) -> Option<SmtpConfig> {
    let host = reader.optional("notify.smtp.host", "the name of the mail server", |text| {
        let is_name = !text.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || sign == '/');
        is_name.then(|| text.to_owned())
    });
    let security = reader.choice(
        "notify.smtp.security",
        &[("tls", SmtpSecurity::Tls), ("starttls", SmtpSecurity::Starttls), ("none", SmtpSecurity::None)],
        SmtpSecurity::Tls,
    );
    let port =
        reader.optional_number("notify.smtp.port", 1..=65_535).and_then(|port| u16::try_from(port).ok());
    let from = reader.optional("notify.smtp.from", "an e-mail address", |text| {
        let (before, after) = text.rsplit_once('@')?;
        (!before.is_empty() && after.len() > 1 && !text.contains(['\r', '\n'])).then(|| text.to_owned())
    });
    let credentials = read_credentials(reader);
    if is_needed {
        for (key, is_missing, accepted) in [
            (
                "notify.smtp.host",
                host.is_none(),
                "the name of the mail server, because notify.gateway is \"smtp\"",
            ),
            ("notify.smtp.from", from.is_none(), "the sender's address, because notify.gateway is \"smtp\""),
        ] {
            if is_missing && !reader.has(key) {
                reader.complain(key, "nothing", accepted);
            }
        }
    }
    let port = port.unwrap_or(security.usual_port());
    Some(SmtpConfig { host: host?, port, security, credentials, from: from? })
}

fn read_credentials(reader: &mut Reader) -> Option<(String, Secret)> {
    let username = reader.optional("notify.smtp.username", "a text", |text| Some(text.to_owned()));
    let (password, has_password) = read_secret(reader, "notify.smtp.password", "notify.smtp.password_file");
    if username.is_none() && has_password && !reader.has("notify.smtp.username") {
        reader.complain(
            "notify.smtp.username",
            "nothing, but a password",
            "both a username and a password, or neither",
        );
    }
    if username.is_some() && !has_password {
        reader.complain(
            "notify.smtp.password",
            "nothing, but a username",
            "both a username and a password, or neither",
        );
    }
    Some((username?, password?))
}

/// A secret that stands at `key`, or in the file that `file_key` names; and whether either is there, right or wrong.
fn read_secret(reader: &mut Reader, key: &'static str, file_key: &'static str) -> (Option<Secret>, bool) {
    let inline = reader.secret(key, "a text", |text| Some(Secret::new(text)));
    let in_file = reader.secret_file(file_key);
    let (is_inline, is_in_file) = (reader.has(key), reader.has(file_key));
    if is_inline && is_in_file {
        let name = key.rsplit('.').next().unwrap_or(key);
        reader.complain(file_key, format!("a {name} as well"), &format!("either {name} or {name}_file"));
    }
    (inline.or(in_file), is_inline || is_in_file)
}
