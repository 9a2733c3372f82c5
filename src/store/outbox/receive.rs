//! Receipts: what gateways say by themselves about messages that they were given.

use diesel::prelude::*;
use jiff::Timestamp;

use super::check::{self, Doubt, Finding};
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
    /// The same, or its row as it was tried at this moment when nobody has that name.
    Attempt {
        /// The row.
        row: OutboxId,
        /// When it was tried.
        tried_at: Timestamp,
        /// The gateway's name for the message.
        name: String,
    },
}

/// Writes down what a gateway says, unless it means nothing any more. Whether the message is known: a receipt may come before it
/// is written down that the gateway took the message.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn receive(tx: &mut Tx<'_>, gateway: &str, named: &Named, finding: &Finding) -> Result<bool, StoreError> {
    match named {
        Named::ByGateway(name) => by_name(tx, gateway, name, finding),
        Named::Row(row, tried_at) => by_row(tx, gateway, (*row, *tried_at), finding),
        Named::Attempt { row, tried_at, name } => {
            Ok(by_name(tx, gateway, name, finding)? || by_row(tx, gateway, (*row, *tried_at), finding)?)
        }
    }
}

fn by_name(tx: &mut Tx<'_>, gateway: &str, name: &str, finding: &Finding) -> Result<bool, StoreError> {
    let row: Option<i64> = outbox::table
        .filter(MessageIsNamed.and(outbox::gateway.eq(gateway)).and(outbox::gateway_id.eq(name)))
        .select(outbox::id)
        .first(tx.conn)
        .optional()?;
    let Some(doubt) = row.map(|row| doubt(tx, row)).transpose()?.flatten() else { return Ok(false) };
    check::find_out(tx, &doubt, finding)?;
    Ok(true)
}

/// Whoever names a row speaks of an attempt that nobody heard the end of, and of no later one.
fn by_row(
    tx: &mut Tx<'_>,
    gateway: &str,
    (row, tried_at): (OutboxId, Timestamp),
    finding: &Finding,
) -> Result<bool, StoreError> {
    let Some(doubt) = doubt(tx, row.0)? else { return Ok(false) };
    if doubt.gateway.as_deref() != Some(gateway) || doubt.tried_at > tried_at {
        return Ok(true);
    }
    match doubt.state {
        MessageState::Leased => Ok(false),
        MessageState::Uncertain => {
            check::find_out(tx, &doubt, finding)?;
            Ok(true)
        }
        _ => Ok(true),
    }
}

fn doubt(tx: &mut Tx<'_>, row: i64) -> Result<Option<Doubt>, StoreError> {
    Ok(check::of_rows(tx.conn, &[row])?.pop())
}
