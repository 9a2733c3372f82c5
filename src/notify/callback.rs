//! Requests that gateways make by themselves, by HTTP: receipts, and what people reply.

use jiff::Timestamp;

/// What a gateway asked of us. Whoever makes such a request is a stranger until its gateway says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// What it brings.
    pub brings: Brings,
    /// Path and query, as they were sent.
    pub address: &'a str,
    /// What proves who asks.
    pub signature: &'a str,
    /// The fields of the form, as they were sent.
    pub fields: &'a [(String, String)],
}

/// What such a request brings, by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brings {
    /// A receipt.
    Receipt {
        /// The outbox row that it is about.
        row: i64,
        /// The attempt, by when it began.
        tried_at: Timestamp,
    },
    /// A text message that somebody sent to our number.
    Reply,
}

/// What becomes of such a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is written down, or says nothing that would have to be.
    Written,
    /// It could not be written down now and should come again.
    ComeAgain,
    /// It does not come from the gateway.
    Refused,
}
