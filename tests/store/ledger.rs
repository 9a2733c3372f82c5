//! The ledger: one transaction for many commands, and no command spoils another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use sunbeon::store::{Failure, Ledger, LedgerError, Outcome, StoreError, Tx};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::support::home::Home;

crate::on_both!(
    a_refusal_spoils_no_other_command,
    a_failing_statement_spoils_no_other_command,
    a_panic_in_a_command_neither_stops_the_ledger_nor_spoils_others,
    a_full_queue_says_busy,
    a_command_whose_caller_has_gone_is_skipped,
    closing_finishes_what_waits,
    commands_that_wait_share_one_transaction,
);

/// A ledger whose only writer is stopped in the middle of a command, so that others pile up behind it.
struct Stopped {
    ledger: Ledger,
    runtime: Runtime,
    go_on: mpsc::Sender<()>,
    first: JoinHandle<Result<(), LedgerError<()>>>,
}

impl Stopped {
    fn new(ledger: Ledger) -> Self {
        let runtime = Runtime::new().unwrap();
        let (go_on, wait) = mpsc::channel::<()>();
        let (begun, has_begun) = mpsc::channel::<()>();
        let writer = ledger.clone();
        let first = runtime.spawn(async move {
            let command = move |_: &mut Tx<'_>| {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            };
            writer.write(0, command).await
        });
        has_begun.recv().unwrap();
        Self { ledger, runtime, go_on, first }
    }

    /// Puts a command into the queue, behind those that are there.
    fn enqueue<F>(&self, command: F) -> JoinHandle<Result<(), LedgerError<&'static str>>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<(), &'static str> + Send + 'static,
    {
        let before = self.ledger.depth();
        let ledger = self.ledger.clone();
        let answer = self.runtime.spawn(async move { ledger.write(0, command).await });
        while self.ledger.depth() == before {
            std::thread::yield_now();
        }
        answer
    }

    fn go_on(&self) {
        self.go_on.send(()).unwrap();
    }

    fn answer<T>(&self, answer: JoinHandle<T>) -> T {
        self.runtime.block_on(answer).unwrap()
    }
}

/// Writes a row that can be counted.
fn note(tx: &mut Tx<'_>, number: u8) -> Outcome<(), &'static str> {
    use diesel::connection::SimpleConnection;
    Ok(tx.conn.batch_execute(&format!("INSERT INTO setting (name, value) VALUES ('note-{number}', '')"))?)
}

fn notes(home: &Home) -> Vec<String> {
    home.database.lines("SELECT name AS line FROM setting WHERE name LIKE 'note-%' ORDER BY name")
}

fn a_refusal_spoils_no_other_command(home: &Home) {
    let stopped = Stopped::new(home.ledger.clone());
    let before = stopped.enqueue(|tx| note(tx, 1));
    let refused = stopped.enqueue(|tx| note(tx, 2).and(Err(Failure::Refused("the rules say no"))));
    let after = stopped.enqueue(|tx| note(tx, 3));
    stopped.go_on();
    stopped.answer(before).unwrap();
    assert!(matches!(stopped.answer(refused), Err(LedgerError::Refused("the rules say no"))));
    stopped.answer(after).unwrap();
    assert_eq!(notes(home), ["note-1", "note-3"]);
}

fn a_failing_statement_spoils_no_other_command(home: &Home) {
    use diesel::connection::SimpleConnection;
    let stopped = Stopped::new(home.ledger.clone());
    let before = stopped.enqueue(|tx| note(tx, 1));
    let negative = "UPDATE slot_lane SET held = -1";
    let failing = stopped.enqueue(move |tx| note(tx, 2).and(Ok(tx.conn.batch_execute(negative)?)));
    let after = stopped.enqueue(|tx| note(tx, 3));
    stopped.go_on();
    stopped.answer(before).unwrap();
    let failed = stopped.answer(failing);
    assert!(matches!(failed, Err(LedgerError::Outage(StoreError::Statement(_)))), "{failed:?}");
    stopped.answer(after).unwrap();
    assert_eq!(notes(home), ["note-1", "note-3"]);
    assert!(home.ledger.is_healthy());
}

fn a_panic_in_a_command_neither_stops_the_ledger_nor_spoils_others(home: &Home) {
    let stopped = Stopped::new(home.ledger.clone());
    let before = stopped.enqueue(|tx| note(tx, 1));
    let panicking = stopped.enqueue(|tx| {
        note(tx, 2)?;
        panic!("a mistake of ours")
    });
    let after = stopped.enqueue(|tx| note(tx, 3));
    stopped.go_on();
    stopped.answer(before).unwrap();
    assert!(matches!(stopped.answer(panicking), Err(LedgerError::Outage(_))));
    stopped.answer(after).unwrap();
    assert_eq!(notes(home), ["note-1", "note-3"]);
    home.try_write(|tx| note(tx, 4)).unwrap();
}

fn a_full_queue_says_busy(home: &Home) {
    let stopped = Stopped::new(home.ledger_with_queue(5, 2));
    let waiting = [stopped.enqueue(|tx| note(tx, 1)), stopped.enqueue(|tx| note(tx, 2))];
    let busy = stopped.ledger.write_now(|tx| note(tx, 3));
    assert!(matches!(busy, Err(LedgerError::Busy)));
    stopped.go_on();
    for answer in waiting {
        stopped.answer(answer).unwrap();
    }
    stopped.ledger.write_now(|tx| note(tx, 4)).unwrap();
    assert_eq!(notes(home), ["note-1", "note-2", "note-4"]);
}

fn a_command_whose_caller_has_gone_is_skipped(home: &Home) {
    let stopped = Stopped::new(home.ledger.clone());
    let ran = Arc::new(AtomicBool::new(false));
    let seen = ran.clone();
    let abandoned = stopped.enqueue(move |tx| {
        seen.store(true, Ordering::SeqCst);
        note(tx, 1)
    });
    abandoned.abort();
    assert!(stopped.runtime.block_on(abandoned).unwrap_err().is_cancelled());
    let after = stopped.enqueue(|tx| note(tx, 2));
    stopped.go_on();
    stopped.answer(after).unwrap();
    assert!(!ran.load(Ordering::SeqCst));
    assert_eq!(notes(home), ["note-2"]);
}

fn closing_finishes_what_waits(home: &Home) {
    let stopped = Stopped::new(home.ledger.clone());
    let waiting: Vec<_> = (1..=50).map(|number| stopped.enqueue(move |tx| note(tx, number))).collect();
    let closing = std::thread::scope(|scope| {
        let closing = scope.spawn(|| home.ledger.close());
        stopped.go_on();
        closing.join()
    });
    closing.unwrap();
    assert_eq!(notes(home).len(), 50, "all is on disk when close returns");
    for answer in waiting {
        stopped.answer(answer).unwrap();
    }
    let late = home.ledger.write_now(|tx| note(tx, 99));
    assert!(matches!(late, Err(LedgerError::Outage(StoreError::Closed))));
    assert_eq!(home.ledger.depth(), 0);
}

fn commands_that_wait_share_one_transaction(home: &Home) {
    let stopped = Stopped::new(home.ledger.clone());
    let (commits, commands) = home.ledger.committed();
    let waiting: Vec<_> = (1..=100).map(|number| stopped.enqueue(move |tx| note(tx, number))).collect();
    stopped.go_on();
    for answer in waiting {
        stopped.answer(answer).unwrap();
    }
    let Stopped { runtime, first, .. } = stopped;
    runtime.block_on(first).unwrap().unwrap();
    let (commits_after, commands_after) = home.ledger.committed();
    assert_eq!((commits_after - commits, commands_after - commands), (2, 101));
}
