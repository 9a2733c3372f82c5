//! Signatures of requests: whoever knows the secret key signed this method, path and moment. The gateway refuses a moment more
//! than five minutes from its own.

use data_encoding::BASE64;
use jiff::Timestamp;
use ring::hmac;

/// Signs requests of one account.
pub(super) struct Signer {
    access_key: String,
    key: hmac::Key,
}

impl Signer {
    pub(super) fn new(access_key: String, secret_key: &str) -> Self {
        Self { access_key, key: hmac::Key::new(hmac::HMAC_SHA256, secret_key.as_bytes()) }
    }

    /// The headers of a request. `path` is as it is sent, with its query.
    pub(super) fn headers(&self, method: &str, path: &str, at: Timestamp) -> [(&'static str, String); 3] {
        let at = at.as_millisecond().to_string();
        let text = format!("{method} {path}\n{at}\n{}", self.access_key);
        let signature = BASE64.encode(hmac::sign(&self.key, text.as_bytes()).as_ref());
        [
            ("x-ncp-apigw-timestamp", at),
            ("x-ncp-iam-access-key", self.access_key.clone()),
            ("x-ncp-apigw-signature-v2", signature),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_of_the_vendor_s_guide_is_signed_as_by_others() {
        let signer = Signer::new("TestAccessKey".to_owned(), "TestSecretKey");
        let at = Timestamp::from_millisecond(1_234_567_890_123).unwrap();
        let path = "/vserver/v2/getServerInstanceList?responseFormatType=json";
        let [(_, moment), (_, key), (_, signature)] = signer.headers("GET", path, at);
        assert_eq!((&*moment, &*key), ("1234567890123", "TestAccessKey"));
        // Computed with Python's hmac.
        assert_eq!(signature, "FPsYYX8fuMAgi+cue3eACOW0dNtIwu1LYWfg/megA2M=");
    }
}
