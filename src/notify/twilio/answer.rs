//! What the gateway says in the body of an answer.

use serde::Deserialize;
use serde_json::Value;

/// The longest name that a gateway's message may have.
const SID_MAX: usize = 64;

/// The parts of an answer that mean something here. The gateway's own words are left out, because they often repeat the
/// number.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    sid: Option<String>,
    /// A word about the message, or the number of the HTTP status when the request was refused.
    status: Option<Value>,
    /// Why a request was refused.
    code: Option<Value>,
    /// Why a message that was taken can't be sent.
    error_code: Option<Value>,
}

impl Answer {
    /// `None` when it is something else.
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// What the gateway calls the message.
    pub(super) fn sid(&self) -> Option<&str> {
        self.sid.as_deref().filter(|sid| is_name(sid))
    }

    /// Whether the gateway took the message only to say that it won't go.
    pub(super) fn is_failure(&self) -> bool {
        let status = self.status.as_ref().and_then(Value::as_str);
        matches!(status, Some("failed" | "undelivered" | "canceled"))
    }

    /// The gateway's number for what went wrong.
    pub(super) fn code(&self) -> Option<i64> {
        [&self.code, &self.error_code].into_iter().flatten().find_map(Value::as_i64)
    }
}

/// Whether something can be what a gateway calls a message.
pub(super) fn is_name(sid: &str) -> bool {
    (1..=SID_MAX).contains(&sid.len()) && sid.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values that gateways send, and such as none should.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            prop_oneof!["failed|queued|SM[0-9a-f]{32}", "\\PC{0,80}"].prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
    }

    proptest! {
        #[test]
        fn whatever_a_gateway_says_is_read(sid in value(), status in value(), code in value(), cut in any::<prop::sample::Index>()) {
            let text = serde_json::json!({ "sid": sid, "status": status, "error_code": code }).to_string();
            if let Some(answer) = Answer::of(text.as_bytes()) {
                prop_assert!(answer.sid().is_none_or(|sid| sid.is_ascii() && sid.len() <= SID_MAX));
                prop_assert_eq!(answer.code(), code.as_i64());
                let says_failed = status.as_str() == Some("failed");
                prop_assert!(!says_failed || answer.is_failure());
            }
            let _ = Answer::of(&text.as_bytes()[..cut.index(text.len())]);
        }
    }
}
