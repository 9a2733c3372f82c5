//! A gateway of `kind = "sens"`: text messages by Naver Cloud.

use super::super::secret::Secret;
use super::super::server::PublicUrl;
use super::{Section, short};

/// Where the service is for everybody but the government.
const URL: &str = "https://sens.apigw.ntruss.com";

/// Naver Cloud's service for text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SensConfig {
    /// Where it is. `serve` refuses plain HTTP unless it is this machine.
    pub url: PublicUrl,
    /// The service, as the console names it.
    pub service: String,
    /// The access key of the account.
    pub access_key: String,
    /// The secret that belongs to it.
    pub secret_key: Secret,
    /// The sender: a number that is registered there, digits only.
    pub from: String,
}

impl SensConfig {
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let accepted = "https://, a host and perhaps a port, such as \"https://sens.apigw.gov-ntruss.com\"";
        let url_key = section.key("url");
        let url = match section.reader.has(&url_key) {
            true => section.optional("url", accepted, PublicUrl::parse),
            false => PublicUrl::parse(URL),
        };
        let service =
            section.needed("service", "the service's id, such as \"ncp:sms:kr:000000000000:name\"", |text| {
                short(text, |sign| sign.is_ascii_alphanumeric() || b":-_.".contains(&sign))
            });
        let access_key = section.needed("access_key", "the account's access key", |text| {
            short(text, |sign| sign.is_ascii_alphanumeric())
        });
        let secret_key = section.needed_secret("secret_key", "the secret key that belongs to the access key");
        let from = section.needed("from", "the number that texts come from, digits only", |text| {
            short(text, |sign| sign.is_ascii_digit())
        });
        Some(Self {
            url: url?,
            service: service?,
            access_key: access_key?,
            secret_key: secret_key?,
            from: from?,
        })
    }
}
