//! `[notify.http]`: a gateway for text messages by HTTP.

use super::super::reader::Reader;
use super::super::secret::Secret;
use super::super::server::PublicUrl;
use super::read_secret;

/// How long a message may take, in seconds.
const TIMEOUT_SECONDS: u32 = 10;

/// Messages on their way at once.
const CONCURRENCY: u32 = 64;

/// The longest name of an account or a sender.
const NAME_MAX: usize = 64;

/// A gateway for text messages by HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpConfig {
    /// Where it is. `serve` refuses plain HTTP unless it is this machine.
    pub url: PublicUrl,
    /// The account there.
    pub account: String,
    /// The account's token.
    pub token: Secret,
    /// The sender: a number that is registered there.
    pub from: String,
    /// How long a message may take, in seconds.
    pub timeout_seconds: u32,
    /// Messages on their way at once.
    pub concurrency: u32,
}

impl HttpConfig {
    /// Reads the section even when no text goes by HTTP, so that its keys are known and its mistakes show early; only
    /// what is missing is no mistake then.
    pub(super) fn read(reader: &mut Reader, is_needed: bool) -> Option<Self> {
        let url = reader.optional(
            "notify.http.url",
            "https://, a host and perhaps a port, such as \"https://gateway.example.org\"",
            PublicUrl::parse,
        );
        let account =
            reader.optional("notify.http.account", "the name of the account: letters and digits", |text| {
                let is_name = |sign: u8| sign.is_ascii_alphanumeric() || b"-_.".contains(&sign);
                short(text, is_name)
            });
        let (token, has_token) = read_secret(reader, "notify.http.token", "notify.http.token_file");
        let from =
            reader.optional("notify.http.from", "the number that texts come from, or its name", |text| {
                short(text, |sign| sign.is_ascii_graphic() || sign == b' ')
            });
        let timeout_seconds = reader.number("notify.http.timeout_seconds", 1..=120, TIMEOUT_SECONDS);
        let concurrency = reader.number("notify.http.concurrency", 1..=1_000, CONCURRENCY);
        if is_needed {
            for (key, is_there, accepted) in [
                ("notify.http.url", reader.has("notify.http.url"), "the address of the gateway"),
                ("notify.http.account", reader.has("notify.http.account"), "the name of the account"),
                ("notify.http.token", has_token, "the account's token, here or in the file token_file names"),
                ("notify.http.from", reader.has("notify.http.from"), "the number that texts come from"),
            ] {
                if !is_there {
                    let accepted = format!("{accepted}, because notify.sms_gateway is \"http\"");
                    reader.complain(key, "nothing", &accepted);
                }
            }
        }
        Some(Self { url: url?, account: account?, token: token?, from: from?, timeout_seconds, concurrency })
    }
}

fn short(text: &str, is_fine: impl Fn(u8) -> bool) -> Option<String> {
    ((1..=NAME_MAX).contains(&text.len()) && text.bytes().all(is_fine)).then(|| text.to_owned())
}
