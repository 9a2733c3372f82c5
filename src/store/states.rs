//! Conditions on states, written into the statement instead of bound to it: neither database can tell that a partial index
//! (`WHERE state = 'held'`) holds the wanted rows when the state is a value that comes later. diesel's own `sql` would do,
//! but a statement with it is prepared anew each time.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

macro_rules! conditions {
    ($($(#[doc = $doc:literal])+ $name:ident = $sql:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, QueryId)]
        pub(super) struct $name;

        impl Expression for $name {
            type SqlType = Bool;
        }

        impl<Source> AppearsOnTable<Source> for $name {}

        impl<Source> SelectableExpression<Source> for $name {}

        impl ValidGrouping<()> for $name {
            type IsAggregate = is_aggregate::No;
        }

        impl<DB: Backend> QueryFragment<DB> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }
    )+};
}

conditions! {
    /// The party's seats are held.
    PartyIsHeld = "party.state = 'held'";
    /// The message waits until it is due.
    MessageIsQueued = "outbox.state = 'queued'";
    /// The notifier has the message.
    MessageIsLeased = "outbox.state = 'leased'";
    /// Somebody has the message, or had it until the lease ran out.
    MessageIsInHand = "outbox.state IN ('leased', 'uncertain')";
    /// A gateway has taken the message, and has a name for it.
    MessageIsNamed = "outbox.state = 'sent' AND outbox.gateway_id IS NOT NULL";
    /// It is to be found out what became of the message.
    MessageIsChecked = "outbox.check_at IS NOT NULL";
    /// The message has not arrived, and nobody knows whether it will.
    MessageIsLost = "outbox.state IN ('failed', 'uncertain', 'dead')";
}
