//! What the gateway brings by itself, each request signed with the account's token: receipts, and what people reply.
//!
//! The signature is the HMAC-SHA1 of the address as the gateway was given it, followed by every field of the form, name and value,
//! in the order of their names ("Validating requests are coming from Twilio" in the vendor's guide). SHA-1 is the vendor's choice;
//! forging an HMAC of it takes the token all the same.

use data_encoding::BASE64;
use jiff::Timestamp;
use ring::hmac;

use super::{Twilio, fate};
use crate::notify::Fate;
use crate::notify::callback::{Brings, Callback, Heard};
use crate::notify::inbox::{About, Inbox, Receipt, Reply};

/// Where the gateway brings what it brings, and how that gets on from there.
pub(super) struct Callbacks {
    /// The address without a path.
    public_url: String,
    key: hmac::Key,
    inbox: std::sync::OnceLock<Inbox>,
}

impl Callbacks {
    pub(super) fn new(public_url: String, token: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
        Self { public_url, key, inbox: std::sync::OnceLock::new() }
    }

    pub(super) fn start(&self, inbox: Inbox) {
        // Whoever started first goes on.
        let _started = self.inbox.set(inbox);
    }

    /// Where the receipt of a message is to be brought.
    pub(super) fn address(&self, gateway: &str, row: i64, tried_at: Timestamp) -> String {
        format!("{}/gateways/{gateway}/receipts/{row}/{}", self.public_url, tried_at.as_second())
    }

    fn is_signed(&self, callback: &Callback<'_>) -> bool {
        let Ok(signature) = BASE64.decode(callback.signature.as_bytes()) else { return false };
        let mut fields: Vec<_> = callback.fields.iter().collect();
        fields.sort();
        let mut signed = format!("{}{}", self.public_url, callback.address);
        for (name, value) in fields {
            signed.push_str(name);
            signed.push_str(value);
        }
        hmac::verify(&self.key, signed.as_bytes(), &signature).is_ok()
    }
}

impl Twilio {
    /// Reads what the gateway brings and leaves it to be written down.
    pub(super) async fn read_callback(&self, callback: Callback<'_>) -> Heard {
        let Some(ours) = self.callbacks.as_ref().filter(|ours| ours.is_signed(&callback)) else {
            return Heard::Refused;
        };
        let Some(inbox) = ours.inbox.get() else { return Heard::ComeAgain };
        let is_written = match callback.brings {
            Brings::Receipt { row, tried_at } => match self.receipt(&callback, row, tried_at) {
                Some(receipt) => inbox.leave(receipt).await,
                None => true,
            },
            Brings::Reply => match self.reply(&callback) {
                Some(reply) => inbox.leave_reply(reply).await,
                None => true,
            },
        };
        if is_written { Heard::Written } else { Heard::ComeAgain }
    }

    /// A receipt; `None` for one that says nothing new.
    fn receipt(&self, callback: &Callback<'_>, row: i64, tried_at: Timestamp) -> Option<Receipt> {
        let name = field(callback, "MessageSid").filter(|sid| super::answer::is_name(sid))?;
        let status = field(callback, "MessageStatus")?;
        let code = field(callback, "ErrorCode").and_then(|code| code.parse().ok());
        let fate = fate(status, code, name);
        if matches!(&fate, Fate::Taken { .. }) && status != "sent" {
            // It was answered so when it was handed over; each step on its way is not worth writing down.
            return None;
        }
        let about = About::Attempt { row, tried_at, name: name.to_owned() };
        Some(Receipt { gateway: self.name.clone(), about, fate })
    }

    /// What somebody replied, if replies are read.
    fn reply(&self, callback: &Callback<'_>) -> Option<Reply> {
        let (from, text) = (field(callback, "From")?, field(callback, "Body")?);
        let reply = Reply { gateway: self.name.clone(), from: from.to_owned(), text: text.to_owned() };
        self.reads_replies.then_some(reply)
    }
}

fn field<'a>(callback: &Callback<'a>, name: &str) -> Option<&'a str> {
    callback.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the vendor's guide.
    const FIELDS: [(&str, &str); 5] = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];
    const ADDRESS: &str = "/myapp.php?foo=1&bar=2";
    const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    fn is_signed(address: &str, signature: &str, fields: &[(&str, &str)]) -> bool {
        let ours = Callbacks::new("https://mycompany.com".to_owned(), "12345");
        let fields: Vec<_> =
            fields.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        ours.is_signed(&Callback { brings: Brings::Reply, address, signature, fields: &fields })
    }

    #[test]
    fn the_vendors_own_example_is_signed() {
        assert!(is_signed(ADDRESS, SIGNATURE, &FIELDS));
        let mut backwards = FIELDS;
        backwards.reverse();
        assert!(is_signed(ADDRESS, SIGNATURE, &backwards), "the order of the fields says nothing");
    }

    #[test]
    fn whatever_is_changed_is_not_signed() {
        assert!(!is_signed("/myapp.php?foo=1&bar=3", SIGNATURE, &FIELDS));
        assert!(!is_signed(ADDRESS, SIGNATURE, &FIELDS[1..]));
        for wrong in ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "a", "한글"] {
            assert!(!is_signed(ADDRESS, wrong, &FIELDS), "{wrong}");
        }
        for place in 0..FIELDS.len() {
            let mut changed = FIELDS;
            changed[place].1 = "+821000000000";
            assert!(!is_signed(ADDRESS, SIGNATURE, &changed), "{}", changed[place].0);
        }
    }
}
