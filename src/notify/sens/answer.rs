//! What the gateway says. Its own sentences are left out, because they may repeat the number.

use serde::Deserialize;
use serde_json::Value;

use crate::notify::Fate;

/// The longest name that the gateway may give to anything of ours.
const NAME_MAX: usize = 64;

/// A request was accepted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    request_id: String,
}

impl Accepted {
    /// What the gateway calls the request.
    pub(super) fn request_id(body: &[u8]) -> Option<String> {
        let Self { request_id } = serde_json::from_slice(body).ok()?;
        let is_name = (1..=NAME_MAX).contains(&request_id.len())
            && request_id.bytes().all(|byte| byte.is_ascii_graphic());
        is_name.then_some(request_id)
    }
}

/// A request was refused: by the service, or by what stands before it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refused {
    #[serde(default)]
    status: Option<Value>,
    #[serde(default)]
    error: Option<Inner>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inner {
    error_code: Value,
}

impl Refused {
    /// The gateway's number for what was wrong.
    pub(super) fn code(body: &[u8]) -> Option<u64> {
        let Self { status, error } = serde_json::from_slice(body).ok()?;
        let code = error.map(|inner| inner.error_code).or(status)?;
        code.as_u64().or_else(|| code.as_str()?.parse().ok())
    }
}

/// Messages that the gateway tells of.
#[derive(Deserialize)]
pub(super) struct List {
    #[serde(default)]
    pub(super) messages: Vec<Told>,
}

/// A message as the gateway tells of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) message_id: String,
    #[serde(default)]
    pub(super) request_id: Option<String>,
    #[serde(default)]
    pub(super) content: Option<String>,
    status: String,
    #[serde(default)]
    status_name: Option<String>,
    #[serde(default)]
    status_code: Option<String>,
}

impl Told {
    /// What became of it. `request` is what the gateway calls the request.
    pub(super) fn fate(&self, request: &str) -> Fate {
        match (self.status.as_str(), self.status_name.as_deref()) {
            ("COMPLETED", Some("success")) => Fate::Arrived,
            ("COMPLETED", _) => {
                let is_code =
                    |code: &&String| code.len() <= 8 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let code = self.status_code.as_ref().filter(is_code);
                let code = code.map(|code| format!(" with the carrier's code {code}")).unwrap_or_default();
                Fate::DidNotArrive { why: format!("the text gateway could not deliver it{code}") }
            }
            _ => Fate::Taken { gateway_id: request.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_gateway_says_is_read(text in "\\PC{0,200}", id in "\\PC{0,80}", code in any::<i64>()) {
            let _ = (Accepted::request_id(text.as_bytes()), Refused::code(text.as_bytes()));
            let accepted = serde_json::json!({ "requestId": id }).to_string();
            if let Some(known) = Accepted::request_id(accepted.as_bytes()) {
                prop_assert!(known.is_ascii() && known.len() <= NAME_MAX);
            }
            let refused = serde_json::json!({ "error": { "errorCode": code.to_string() } }).to_string();
            prop_assert_eq!(Refused::code(refused.as_bytes()), u64::try_from(code).ok());
        }
    }

    #[test]
    fn fates_are_told_apart() {
        let told = |status: &str, name: &str, code: &str| {
            let text = serde_json::json!({
                "messageId": "m", "status": status, "statusName": name, "statusCode": code
            });
            serde_json::from_value::<Told>(text).unwrap().fate("r")
        };
        assert_eq!(told("COMPLETED", "success", "0"), Fate::Arrived);
        let why = "the text gateway could not deliver it with the carrier's code 3008".to_owned();
        assert_eq!(told("COMPLETED", "fail", "3008"), Fate::DidNotArrive { why });
        for waiting in ["READY", "PROCESSING", "new word"] {
            assert_eq!(told(waiting, "", ""), Fate::Taken { gateway_id: "r".into() });
        }
    }
}
