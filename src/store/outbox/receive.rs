//! Receipts: what gateways say by themselves about messages that they were given.

use diesel::prelude::*;
use jiff::Timestamp;

use super::check::{self, Finding};
use crate::domain::ids::OutboxId;
use crate::domain::message_state::MessageState;
use crate::store::schema::outbox;
use crate::store::states::MessageIsNamed;
use crate::store::{StoreError, Tx};

/// Which message a gateway speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// Its row, as it was tried at this moment.
    Row(OutboxId, Timestamp),
    /// The name that the gateway gave it when it took it over.
    ByGateway(String),
}

/// Writes down what a gateway says, unless it means nothing any more. Whether the message is known: a receipt may come before it
/// is written down that the gateway took the message.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn receive(tx: &mut Tx<'_>, gateway: &str, named: &Named, finding: &Finding) -> Result<bool, StoreError> {
    let row = match named {
        Named::Row(id, _) => Some(id.0),
        Named::ByGateway(name) => outbox::table
            .filter(MessageIsNamed.and(outbox::gateway.eq(gateway)).and(outbox::gateway_id.eq(name)))
            .select(outbox::id)
            .first(tx.conn)
            .optional()?,
    };
    let Some(row) = row else { return Ok(false) };
    let Some(doubt) = check::of_rows(tx.conn, &[row])?.pop() else { return Ok(false) };
    let is_theirs = doubt.gateway.as_deref() == Some(gateway);
    match named {
        // Who answers late speaks of the attempt that nobody waits for any more, and of no later one.
        Named::Row(_, at) if !is_theirs || doubt.tried_at > *at => return Ok(true),
        Named::Row(..) if doubt.state == MessageState::Leased => return Ok(false),
        Named::Row(..) if doubt.state != MessageState::Uncertain => return Ok(true),
        Named::Row(..) | Named::ByGateway(_) => check::find_out(tx, &doubt, finding)?,
    }
    Ok(true)
}
