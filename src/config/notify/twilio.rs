//! A gateway of `kind = "twilio"`: text messages by HTTP, in the form that Twilio made common.

use super::super::secret::Secret;
use super::super::server::PublicUrl;
use super::{CHARSETS, Section, short};

/// A gateway for text messages that is asked as Twilio is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioConfig {
    /// Where it is. `serve` refuses plain HTTP unless it is this machine.
    pub url: PublicUrl,
    /// The account there.
    pub account: String,
    /// The account's token.
    pub token: Secret,
    /// The sender: a number that is registered there.
    pub from: String,
    /// In which characters texts arrive.
    pub charset: Charset,
    /// Whether it brings receipts to our public address. When nothing is said of it: if that is `https://`.
    pub brings_receipts: Option<bool>,
    /// Whether the replies that it brings to our public address are read.
    pub reads_replies: bool,
}

/// In which characters texts arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Those of Korean carriers. What they lack is written another way.
    KsX1001,
    /// All there are.
    Unicode,
}

impl TwilioConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let url = section.needed(
            "url",
            "https://, a host and perhaps a port, such as \"https://gateway.example.org\"",
            PublicUrl::parse,
        );
        let account = section.needed("account", "the name of the account: letters and digits", |text| {
            short(text, |sign| sign.is_ascii_alphanumeric() || b"-_.".contains(&sign))
        });
        let token = section.needed_secret("token", "the account's token");
        let from = section.needed("from", "the number that texts come from, or its name", |text| {
            short(text, |sign| sign.is_ascii_graphic() || sign == b' ')
        });
        let charset_key = section.key("charset");
        let charset = section.reader.choice(&charset_key, &CHARSETS, Charset::KsX1001);
        let brings_receipts = section.optional("receipts", "\"brought\" or \"asked\"", |word| match word {
            "brought" => Some(true),
            "asked" => Some(false),
            _ => None,
        });
        let reads_replies = section.reads_replies();
        let (url, account, token, from) = (url?, account?, token?, from?);
        Some(Self { url, account, token, from, charset, brings_receipts, reads_replies })
    }
}
