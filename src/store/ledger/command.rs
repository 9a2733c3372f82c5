//! A command in the ledger's queue: it runs in a savepoint and answers its caller.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::oneshot;

use super::super::{Conn, Failure, Outcome, StoreError};
use super::{LedgerError, Tx};

/// How often a command runs anew when another writer took the same key first.
const RERUNS_MAX: u32 = 3;

/// A command with its caller, whatever their types.
pub(super) trait Work: Send {
    /// What the command is about; commands of one key keep their order.
    fn key(&self) -> i64;
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs it in a savepoint. An error means the whole transaction must be given up.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DieselError>;
    /// Tells the caller: what it returned when `committed`, otherwise the outage.
    fn answer(self: Box<Self>, committed: bool);
}

pub(super) struct Job<T, E, F> {
    pub(super) key: i64,
    pub(super) command: F,
    pub(super) reply: oneshot::Sender<Result<T, LedgerError<E>>>,
    pub(super) done: Option<Result<T, LedgerError<E>>>,
}

impl<T, E, F> Job<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send,
{
    /// One run in a savepoint of its own. A panic undoes this command only.
    fn run_once(&mut self, tx: &mut Tx<'_>) -> Outcome<T, E> {
        let Tx { now, tools, commit, noted, .. } = *tx;
        let command = &mut self.command;
        let before = noted.count();
        let done = tx.conn.transaction(|conn| {
            let run = AssertUnwindSafe(|| command(&mut Tx { conn, now, tools, commit, noted }));
            catch_unwind(run).unwrap_or_else(|_| {
                tracing::error!("a command panicked; it is undone");
                Err(Failure::Store(StoreError::Closed))
            })
        });
        if done.is_err() {
            noted.back_to(before);
        }
        done
    }
}

impl<T, E, F> Work for Job<T, E, F>
where
    F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send,
    T: Send,
    E: Send,
{
    fn key(&self) -> i64 {
        self.key
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    /// What another writer took or changed first is no failure: run anew, the command sees the other's row and refuses or
    /// goes on as its rules say.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DieselError> {
        let mut result = self.run_once(tx);
        for _ in 0..RERUNS_MAX {
            if !result.as_ref().is_err_and(was_taken_first) {
                break;
            }
            result = self.run_once(tx);
        }
        self.done = Some(match result {
            Ok(value) => Ok(value),
            Err(Failure::Refused(refusal)) => Err(LedgerError::Refused(refusal)),
            Err(Failure::Store(StoreError::Statement(error))) if spoils_transaction(&error, tx.conn) => {
                return Err(error);
            }
            Err(Failure::Store(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, ?cause, "a command failed");
                Err(LedgerError::Outage(error))
            }
        });
        Ok(())
    }

    fn answer(self: Box<Self>, committed: bool) {
        // A refusal counts only when committed, too: it may rest on what another command of the transaction wrote.
        let answer = self.done.filter(|_| committed).unwrap_or(Err(LedgerError::Outage(StoreError::Closed)));
        // A caller that has gone does not need the answer.
        drop(self.reply.send(answer));
    }
}

fn was_taken_first<E>(failure: &Failure<E>) -> bool {
    match failure {
        Failure::Store(StoreError::Statement(error)) => {
            matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        }
        Failure::Store(error) => matches!(error, StoreError::Overtaken),
        Failure::Refused(_) => false,
    }
}

/// Whether an error ends the transaction around the savepoint too.
fn spoils_transaction(error: &DieselError, conn: &Conn) -> bool {
    match error {
        DieselError::DatabaseError(kind, info) => match (kind, conn) {
            (DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ClosedConnection, _) => true,
            (DatabaseErrorKind::Unknown, Conn::Postgres(_)) => true,
            // SQLite has ended the transaction by itself when the disk is full or fails.
            (DatabaseErrorKind::Unknown, Conn::Sqlite(_)) => info.message().contains("disk"),
            _ => false,
        },
        DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => true,
        _ => false,
    }
}

/// Whether the transaction may succeed when it is tried again: two writers were in each other's way. PostgreSQL tells
/// of a deadlock in the language of its server and diesel passes no code on, so every error of unknown kind counts; a
/// command that fails by itself is soon alone in its transaction.
pub(super) fn is_worth_repeating(error: &DieselError, conn: &Conn) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, _) => matches!(conn, Conn::Postgres(_)),
        _ => false,
    }
}
