//! What may run as a demo but never in public.

use std::net::IpAddr;

use thiserror::Error;

use super::Config;
use super::notify::{GatewayConfig, GatewayKind, SmtpSecurity};

/// What the key file and the database say about themselves. `config` can't look into either.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct DemoMarks {
    /// The master keys were made by the demo.
    pub keys: bool,
    /// The database was filled by the demo.
    pub database: bool,
}

/// Why `serve` won't start with this configuration. Each says what to do.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Links in messages would lead nowhere.
    #[error(
        "server.public_url is missing: set it to the address people type, such as \"https://vaccination.example.org\""
    )]
    NoPublicUrl,
    /// Cookies would travel in the clear.
    #[error("server.public_url must start with https://: people's sessions may not travel in the clear")]
    PublicUrlWithoutTls,
    /// Nobody can tell the server that a request came by TLS.
    #[error(
        "there is neither TLS nor a trusted proxy: set server.tls_certificate and server.tls_key, or server.trusted_proxies"
    )]
    NeitherTlsNorProxy,
    /// Nobody said who carries messages.
    #[error(
        "nobody is said to carry messages: set notify.sms and notify.email to names of gateways, or to [] where nobody does"
    )]
    NoGateways,
    /// The spool is a plain file with live codes.
    #[error(
        "messages go to a spool, a plain file with live codes: name other gateways in notify.sms and notify.email"
    )]
    Spool,
    /// Messages would cross the network in the clear.
    #[error(
        "a mail gateway's security is \"none\" with a server elsewhere: set it to \"tls\" or \"starttls\""
    )]
    MailInTheClear,
    /// Codes would cross the network in the clear.
    #[error("a text gateway's url is plain http:// to another machine: codes may not travel in the clear")]
    TextsInTheClear,
    /// The demo's keys are known to whoever ran it.
    #[error(
        "the master keys were made by the demo: make new ones with `sunbeon keys new`, for a new database"
    )]
    DemoKeys,
    /// The demo's database has accounts with known passwords.
    #[error("the database was filled by the demo, with known passwords: set database.url to another one")]
    DemoDatabase,
}

impl Config {
    /// Everything that keeps `serve` from starting with this configuration; empty when nothing does.
    pub fn refusals_for_serve(&self, marks: DemoMarks) -> Vec<Refusal> {
        let server = &self.server;
        let is_plain = server.public_url.as_ref().is_some_and(|url| !url.is_https());
        let notify = &self.notify;
        let any = |is: fn(&GatewayConfig) -> bool| notify.in_use().any(is);
        [
            (server.public_url.is_none(), Refusal::NoPublicUrl),
            (is_plain, Refusal::PublicUrlWithoutTls),
            (server.tls.is_none() && server.trusted_proxies.is_empty(), Refusal::NeitherTlsNorProxy),
            (notify.sms.is_none() || notify.email.is_none(), Refusal::NoGateways),
            (any(|one| matches!(one.kind, GatewayKind::Spool(_))), Refusal::Spool),
            (any(sends_mail_in_the_clear), Refusal::MailInTheClear),
            (any(sends_texts_in_the_clear), Refusal::TextsInTheClear),
            (marks.keys, Refusal::DemoKeys),
            (marks.database, Refusal::DemoDatabase),
        ]
        .into_iter()
        .filter_map(|(applies, refusal)| applies.then_some(refusal))
        .collect()
    }
}

fn sends_mail_in_the_clear(gateway: &GatewayConfig) -> bool {
    let GatewayKind::Smtp(smtp) = &gateway.kind else { return false };
    smtp.security == SmtpSecurity::None && !is_this_machine(&smtp.host)
}

fn sends_texts_in_the_clear(gateway: &GatewayConfig) -> bool {
    let url = match &gateway.kind {
        GatewayKind::Twilio(twilio) => &twilio.url,
        GatewayKind::Sens(sens) => &sens.url,
        GatewayKind::Smpp(smpp) => return !smpp.tls && !is_this_machine(&smpp.host),
        GatewayKind::Spool(_) | GatewayKind::Smtp(_) => return false,
    };
    !url.is_https() && !is_this_machine(url.host())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
