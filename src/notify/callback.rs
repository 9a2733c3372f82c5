//! Requests that gateways make by themselves, by HTTP: receipts.

use jiff::Timestamp;

/// What a gateway asked of us. Whoever makes such a request is a stranger until its gateway says otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// The outbox row that the address names.
    pub row: i64,
    /// The attempt that the address names, by when it began.
    pub tried_at: Timestamp,
    /// Path and query, as they were sent.
    pub address: &'a str,
    /// What proves who asks.
    pub signature: &'a str,
    /// The fields of the form, as they were sent.
    pub fields: &'a [(String, String)],
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
