//! Statements that are prepared once. diesel prepares every UPDATE and DELETE anew, because their shape may change from one
//! time to the next; those of the ledger's commands don't, and preparing them costs more than running them.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// A statement that is kept prepared under its type. Only for statements whose type settles their text: not for a list of
/// values of any length, nor for a change that leaves out what is `None`. It must return something: `execute` takes it by
/// reference, and diesel then looks past the wrapper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<Q>(pub(super) Q);

impl<Q: 'static> QueryId for Kept<Q> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Q, DB> QueryFragment<DB> for Kept<Q>
where
    DB: Backend,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Kept<Q> {}
