//! A gateway of `kind = "smtp"`: a mail server.

use super::super::secret::Secret;
use super::{Section, host};

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

impl SmtpConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let host = section.needed("host", "the name of the mail server", host);
        let security_key = section.key("security");
        let choices =
            [("tls", SmtpSecurity::Tls), ("starttls", SmtpSecurity::Starttls), ("none", SmtpSecurity::None)];
        let security = section.reader.choice(&security_key, &choices, SmtpSecurity::Tls);
        let port_key = section.key("port");
        let port = section.reader.optional_number(&port_key, 1..=65_535);
        let from = section.needed("from", "the sender's e-mail address", |text| {
            let (before, after) = text.rsplit_once('@')?;
            (!before.is_empty() && after.len() > 1 && !text.contains(['\r', '\n'])).then(|| text.to_owned())
        });
        let credentials = read_credentials(section);
        let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or(security.usual_port());
        Some(Self { host: host?, port, security, credentials, from: from? })
    }
}

fn read_credentials(section: &mut Section<'_>) -> Option<(String, Secret)> {
    let username = section.optional("username", "a text", |text| Some(text.to_owned()));
    let (password, has_password) = section.secret("password");
    let (username_key, password_key) = (section.key("username"), section.key("password"));
    let accepted = "both a username and a password, or neither";
    if username.is_none() && has_password && !section.reader.has(&username_key) {
        section.reader.complain(&username_key, "nothing, but a password", accepted);
    }
    if username.is_some() && !has_password {
        section.reader.complain(&password_key, "nothing, but a username", accepted);
    }
    Some((username?, password?))
}
