//! Text messages by SMPP 3.4 or 5.0, the protocol of carriers, over connections that are kept (`session`).
//!
//! A message that was written and never answered is *uncertain*, as with every gateway. A late answer still tells what became of
//! it, and so does the carrier's receipt: both are left in the [`Inbox`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rusmpp::CommandStatus;
use rusmpp::pdus::{BindTransceiver, SubmitSm};
use rusmpp::types::COctetString;
use rusmpp::values::{InterfaceVersion, Npi, Ton};
use rustls::pki_types::ServerName;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

use self::connection::{Peer, Trouble};
use self::session::{Answer, Bind, Row, Shared, Submit};
use super::client::{ClientError, tls};
use super::inbox::Inbox;
use super::{Gateway, Obstacle, Outcome, Outgoing, Traffic};
use crate::config::Charset;
use crate::domain::message::Channel;

mod connection;
mod receipt;
mod reply;
mod session;
mod status;
mod wire;
mod written;

/// How long a piece rests that the carrier had too much to do for, after it took those before it.
const PIECE_REST: Duration = Duration::from_millis(200);

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmppSecurity {
    /// TLS from the first byte.
    Tls,
    /// None: for a carrier's own line, or a gateway on this machine.
    None,
}

/// Which version of the protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmppVersion {
    /// 3.4
    V34,
    /// 5.0
    V50,
}

/// How a text goes that does not fit into one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Long {
    /// Whole: the carrier makes a long message of it (`message_payload`).
    Payload,
    /// In pieces, which the phone puts together.
    Pieces,
}

/// How the carrier names a message in its answer and in its receipt: some write one of them in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageIds {
    /// The same.
    AsTheyAre,
    /// The answer in hexadecimal, the receipt in decimal.
    HexInAnswer,
    /// The receipt in hexadecimal, the answer in decimal.
    HexInReceipt,
}

impl MessageIds {
    fn of_answer(self, id: String) -> String {
        match self {
            Self::AsTheyAre => id,
            Self::HexInAnswer => in_decimal(id),
            Self::HexInReceipt => without_zeros(id),
        }
    }

    fn of_receipt(self, id: String) -> String {
        match self {
            Self::AsTheyAre => id,
            Self::HexInAnswer => without_zeros(id),
            Self::HexInReceipt => in_decimal(id),
        }
    }
}

fn in_decimal(id: String) -> String {
    u128::from_str_radix(&id, 16).map_or(id, |number| number.to_string())
}

/// Receipts fill decimal names up to ten digits.
fn without_zeros(id: String) -> String {
    match id.trim_start_matches('0') {
        "" => id,
        digits => digits.to_owned(),
    }
}

/// Where and how to hand text messages over.
#[derive(Clone)]
pub struct SmppSettings {
    /// What the operator calls the gateway.
    pub name: String,
    /// The carrier's machine.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmppSecurity,
    /// Who we are there: up to 15 signs.
    pub system_id: String,
    /// The password: up to 8 signs.
    pub password: String,
    /// What the carrier calls systems like ours: up to 12 signs, often none.
    pub system_type: String,
    /// Which version is spoken.
    pub version: SmppVersion,
    /// The sender: a number, `+` before the country where it is international, or a name.
    pub from: String,
    /// In which characters texts arrive.
    pub charset: Charset,
    /// How long texts go.
    pub long: Long,
    /// How the carrier names messages.
    pub message_ids: MessageIds,
    /// Whether texts that people send to our number are read.
    pub reads_replies: bool,
    /// Connections.
    pub binds: u32,
    /// Messages on each that are not answered yet.
    pub window: u32,
    /// After how many seconds of silence the carrier is asked whether it is there.
    pub enquire_seconds: u32,
    /// How much it carries, and how long an answer may take.
    pub traffic: Traffic,
}

impl fmt::Debug for SmppSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SmppSettings")
            .field("name", &self.name)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("traffic", &self.traffic)
            .finish_non_exhaustive()
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SmppSettingsError {
    /// A text that SMPP has no room for.
    #[error("`{0}` is too long for SMPP, or holds a sign that is not ASCII")]
    Text(&'static str, #[source] rusmpp::types::COctetStringError),
    /// The name that the certificate must carry.
    #[error("`host` is no name that a certificate can carry")]
    Host(#[source] rustls::pki_types::InvalidDnsNameError),
    /// Certificates and TLS.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// A sender, as SMPP tells numbers from names.
#[derive(Debug, Clone)]
struct Sender {
    ton: Ton,
    npi: Npi,
    address: String,
}

impl Sender {
    fn of(from: &str) -> Self {
        let is_number = |text: &str| text.bytes().all(|sign| sign.is_ascii_digit());
        let (ton, npi, address) = match from.strip_prefix('+') {
            Some(digits) if is_number(digits) => (Ton::International, Npi::Isdn, digits),
            _ if is_number(from) => (Ton::Unknown, Npi::Isdn, from),
            _ => (Ton::Alphanumeric, Npi::Unknown, from),
        };
        Self { ton, npi, address: address.to_owned() }
    }
}

/// The gateway that hands text messages to a carrier.
pub struct Smpp {
    shared: Arc<Shared>,
    binds: Vec<Arc<Bind>>,
    sender: Sender,
    charset: Charset,
    long: Long,
    traffic: Traffic,
    stop: watch::Sender<bool>,
}

impl Smpp {
    /// A gateway for `settings`, which trusts the public certificate authorities. It connects when it is started.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(settings: SmppSettings) -> Result<Self, SmppSettingsError> {
        Self::build(settings, None)
    }

    /// The same, and it trusts the authority of `certificate_pem` too: an organisation may have its own.
    ///
    /// # Errors
    /// When the settings or the certificate can't be used.
    pub fn trusting(settings: SmppSettings, certificate_pem: &[u8]) -> Result<Self, SmppSettingsError> {
        Self::build(settings, Some(certificate_pem))
    }

    fn build(settings: SmppSettings, certificate: Option<&[u8]>) -> Result<Self, SmppSettingsError> {
        let sender = Sender::of(&settings.from);
        text::<21>("from", &sender.address)?;
        let bind = BindTransceiver::builder()
            .system_id(text("system_id", &settings.system_id)?)
            .password(text("password", &settings.password)?)
            .system_type(text("system_type", &settings.system_type)?)
            .interface_version(match settings.version {
                SmppVersion::V34 => InterfaceVersion::Smpp3_4,
                SmppVersion::V50 => InterfaceVersion::Smpp5_0,
            })
            .build();
        let secured = match settings.security {
            SmppSecurity::None => None,
            SmppSecurity::Tls => {
                let name = ServerName::try_from(settings.host.clone()).map_err(SmppSettingsError::Host)?;
                Some((Arc::new(tls(certificate)?), name))
            }
        };
        let window = usize::try_from(settings.window.max(1)).unwrap_or(1);
        let binds: Vec<_> = (0..settings.binds.max(1)).map(|_| Arc::new(Bind::new(window))).collect();
        let all = u32::try_from(binds.len() * window).unwrap_or(u32::MAX);
        let traffic = Traffic { concurrency: settings.traffic.concurrency.min(all), ..settings.traffic };
        let peer = Peer {
            host: settings.host,
            port: settings.port,
            tls: secured,
            bind,
            time_limit: traffic.time_limit(),
        };
        let shared = Shared {
            name: settings.name.into(),
            peer,
            ids: settings.message_ids,
            replies: settings.reads_replies.then_some(settings.charset),
            enquire: Duration::from_secs(settings.enquire_seconds.max(1).into()),
        };
        Ok(Self {
            shared: Arc::new(shared),
            binds,
            sender,
            charset: settings.charset,
            long: settings.long,
            traffic,
            stop: watch::Sender::new(false),
        })
    }

    /// The connection with the most room, or why there is none.
    fn free_bind(&self) -> Result<&Arc<Bind>, Trouble> {
        let mut trouble = Trouble::new("the carrier is not connected");
        let connected = self.binds.iter().filter(|bind| match bind.way_in() {
            Ok(_) => true,
            Err(found) => {
                trouble = found;
                false
            }
        });
        let free = connected.max_by_key(|bind| bind.window.available_permits());
        free.ok_or(trouble)
    }

    async fn submit(&self, message: &Outgoing) -> Outcome {
        let pieces = match written::pieces(message, self.charset, self.long, &self.sender) {
            Ok(pieces) => pieces,
            Err(why) => return Outcome::FailedForGood { why: why.to_owned() },
        };
        let bind = match self.free_bind() {
            Ok(bind) => bind,
            Err(Trouble { why, is_about_us }) => {
                let because = if is_about_us { Obstacle::Account } else { Obstacle::Gateway };
                return Outcome::retry(because, why);
            }
        };
        let deadline = Instant::now() + self.traffic.time_limit();
        let row = (pieces.len() == 1).then_some((message.id, message.at));
        let (mut gateway_id, mut is_begun) = (None, false);
        for piece in pieces {
            match self.submit_piece(bind, &piece, row, deadline, is_begun).await {
                Ok(id) => gateway_id = id,
                // The phone got a part of it, which it may show or not.
                Err(Outcome::RetryLater { why, .. } | Outcome::FailedForGood { why }) if is_begun => {
                    return Outcome::Uncertain { why: format!("after a part of the message: {why}") };
                }
                Err(outcome) => return outcome,
            }
            is_begun = true;
        }
        Outcome::Sent { gateway_id }
    }

    async fn submit_piece(
        &self,
        bind: &Bind,
        piece: &SubmitSm,
        row: Option<Row>,
        deadline: Instant,
        is_begun: bool,
    ) -> Result<Option<String>, Outcome> {
        loop {
            let busy = || Outcome::retry(Obstacle::Rate, "the carrier is slow to answer");
            let place = timeout_at(deadline, bind.window.clone().acquire_owned());
            let place = place.await.map_err(|_late| busy())?.map_err(|_closed| busy())?;
            let way_in = bind.way_in().map_err(|trouble| Outcome::retry(Obstacle::Gateway, trouble.why))?;
            let (answer, answered) = oneshot::channel();
            let submit = Submit { submit: piece.clone(), row, answer, place };
            let lost = || Outcome::retry(Obstacle::Gateway, "the connection to the carrier ended");
            match timeout_at(deadline, way_in.send(submit)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(lost()),
                Err(_) => return Err(busy()),
            }
            match timeout_at(deadline, answered).await {
                Ok(Ok(Answer::Taken(id))) => return Ok(id),
                Ok(Ok(Answer::NotSent)) => return Err(lost()),
                Ok(Ok(Answer::Refused(CommandStatus::EsmeRthrottled | CommandStatus::EsmeRmsgqful)))
                    if is_begun && Instant::now() + PIECE_REST < deadline =>
                {
                    tokio::time::sleep(PIECE_REST).await;
                }
                Ok(Ok(Answer::Refused(status))) => return Err(status::outcome(status)),
                Ok(Err(_)) => {
                    let why = "the connection to the carrier ended without an answer".to_owned();
                    return Err(Outcome::Uncertain { why });
                }
                Err(_) => {
                    return Err(Outcome::Uncertain { why: "the carrier gave no answer in time".to_owned() });
                }
            }
        }
    }
}

/// A text as SMPP has it, with its end.
fn text<const MAX: usize>(key: &'static str, text: &str) -> Result<COctetString<1, MAX>, SmppSettingsError> {
    COctetString::from_string(text.to_owned()).map_err(|error| SmppSettingsError::Text(key, error))
}

impl Gateway for Smpp {
    fn name(&self) -> &Arc<str> {
        &self.shared.name
    }

    fn channels(&self) -> &[Channel] {
        &[Channel::Sms]
    }

    fn traffic(&self) -> Traffic {
        self.traffic
    }

    fn start(&self, inbox: Inbox) {
        for bind in &self.binds {
            let (shared, bind, inbox) = (self.shared.clone(), bind.clone(), inbox.clone());
            tokio::spawn(session::keep(shared, bind, inbox, self.stop.subscribe()));
        }
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        self.stop.send_replace(true);
        let all_ended = async {
            while self.binds.iter().any(|bind| bind.way_in().is_ok()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        Box::pin(async { drop(tokio::time::timeout(GOODBYE, all_ended).await) })
    }

    fn reads_replies(&self) -> bool {
        self.shared.replies.is_some()
    }

    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Outcome> {
        if message.channel == Channel::Sms {
            return Box::pin(self.submit(message));
        }
        let why = "the carrier carries no e-mail".to_owned();
        Box::pin(std::future::ready(Outcome::FailedForGood { why }))
    }
}

/// How long connections may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(1_500);

impl Drop for Smpp {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
