//! One bind: a connection that is kept, messages and their answers, receipts, and the question whether the other is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use rusmpp::pdus::{DeliverSm, DeliverSmResp, SubmitSm};
use rusmpp::{Command, CommandId, CommandStatus, Pdu};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::connection::{self, BIND, Connection, Peer, Trouble};
use super::receipt::{self, Told};
use super::reply;
use super::status;
use super::wire::{self, Frame};
use super::{MessageIds, Outcome};
use crate::config::Charset;
use crate::notify::Fate;
use crate::notify::inbox::{About, Inbox, Receipt, Reply};

/// Waits between two attempts to connect, in seconds: each twice as long as the one before.
const RECONNECT_SECONDS: (u64, u64) = (1, 30);

/// How long an answer is expected after whoever waited for it has gone: it tells what became of an uncertain message.
const LATE: Duration = Duration::from_secs(600);

/// Messages that are written together.
const TOGETHER_MAX: usize = 64;

/// Receipts that are being written down at once.
const RECEIPTS_MAX: usize = 1_024;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// How a piece of a message went.
#[derive(Debug)]
pub(super) enum Answer {
    /// The carrier has it, under this name.
    Taken(Option<String>),
    /// It does not want it.
    Refused(CommandStatus),
    /// Nothing of it left.
    NotSent,
}

/// A piece of a message on its way into a connection.
pub(super) struct Submit {
    pub(super) submit: SubmitSm,
    /// The outbox row, when this is all of the message: then even a late answer says what became of it.
    pub(super) row: Option<Row>,
    pub(super) answer: oneshot::Sender<Answer>,
    /// Its place in the window, until it is answered.
    pub(super) place: OwnedSemaphorePermit,
}

/// A row, and when it was tried.
pub(super) type Row = (i64, Timestamp);

/// A bind, as messages see it.
pub(super) struct Bind {
    line: Mutex<Result<mpsc::Sender<Submit>, Trouble>>,
    /// Messages that the carrier takes before it has answered the first of them.
    pub(super) window: Arc<Semaphore>,
}

impl Bind {
    pub(super) fn new(window: usize) -> Self {
        let trouble = Trouble::new("the carrier is not connected yet");
        Self { line: Mutex::new(Err(trouble)), window: Arc::new(Semaphore::new(window)) }
    }

    fn line(&self) -> MutexGuard<'_, Result<mpsc::Sender<Submit>, Trouble>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way into its connection, or why there is none.
    pub(super) fn way_in(&self) -> Result<mpsc::Sender<Submit>, Trouble> {
        self.line().clone()
    }
}

/// What all connections to a carrier know.
pub(super) struct Shared {
    pub(super) name: Arc<str>,
    pub(super) peer: Peer,
    pub(super) ids: MessageIds,
    /// In which characters people's texts come, if they are read.
    pub(super) replies: Option<Charset>,
    /// How long it may be silent before it is asked whether it is there.
    pub(super) enquire: Duration,
}

/// Keeps a bind until `stop` says otherwise.
pub(super) async fn keep(
    shared: Arc<Shared>,
    bind: Arc<Bind>,
    inbox: Inbox,
    mut stop: watch::Receiver<bool>,
) {
    let (first, most) = RECONNECT_SECONDS;
    let mut wait = first;
    while !*stop.borrow() {
        let trouble = match connection::open(&shared.peer).await {
            Ok(connection) => {
                wait = first;
                let (sender, submits) = mpsc::channel(TOGETHER_MAX);
                *bind.line() = Ok(sender);
                connected(&shared.name, 1.0);
                let trouble = Session::new(&shared, &inbox).serve(connection, submits, &mut stop).await;
                connected(&shared.name, -1.0);
                trouble
            }
            Err(trouble) => trouble,
        };
        if !*stop.borrow() {
            tracing::warn!(gateway = &*shared.name, why = trouble.why, "no connection to the carrier");
        }
        *bind.line() = Err(trouble);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(wait)) => wait = (wait * 2).min(most),
            _ = stop.changed() => {}
        }
    }
}

fn broke(error: &std::io::Error) -> Trouble {
    Trouble::new(format!("the connection to the carrier broke: {error}"))
}

fn connected(name: &Arc<str>, by: f64) {
    metrics::gauge!("sunbeon_gateway_connections", "gateway" => name.to_string()).increment(by);
}

/// A piece that was written and not answered.
struct Waiting {
    row: Option<Row>,
    answer: oneshot::Sender<Answer>,
    since: Instant,
    _place: OwnedSemaphorePermit,
}

/// What is written down for the carrier: the number of its request, where it made one, and whether it worked.
type Noted<'a> = BoxFuture<'a, (Option<u32>, bool)>;

struct Session<'a> {
    shared: &'a Shared,
    inbox: &'a Inbox,
    written: BytesMut,
    sequence: u32,
    waiting: HashMap<u32, Waiting>,
    noted: FuturesUnordered<Noted<'a>>,
    /// When something came last, and whether the other was asked since whether it is there.
    heard: Instant,
    asked: bool,
}

impl<'a> Session<'a> {
    fn new(shared: &'a Shared, inbox: &'a Inbox) -> Self {
        Self {
            shared,
            inbox,
            written: BytesMut::new(),
            sequence: BIND,
            waiting: HashMap::new(),
            noted: FuturesUnordered::new(),
            heard: Instant::now(),
            asked: false,
        }
    }

    /// Serves until the connection ends; says why it did. What was written and not answered is lost with it: dropping who
    /// waits says so. What was not written goes back.
    async fn serve(
        mut self,
        connection: Connection,
        mut submits: mpsc::Receiver<Submit>,
        stop: &mut watch::Receiver<bool>,
    ) -> Trouble {
        let trouble = match self.converse(connection, &mut submits, stop).await {
            Ok(()) => Trouble::new("the connection to the carrier was closed"),
            Err(trouble) => trouble,
        };
        submits.close();
        while let Ok(unsent) = submits.try_recv() {
            drop(unsent.answer.send(Answer::NotSent));
        }
        trouble
    }

    async fn converse(
        &mut self,
        mut connection: Connection,
        submits: &mut mpsc::Receiver<Submit>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Trouble> {
        let mut tick = tokio::time::interval(self.shared.enquire);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut together = Vec::with_capacity(TOGETHER_MAX);
        let mut understood = self.read(&mut connection.arrived);
        loop {
            // Also the last words before a goodbye that was asked for.
            let written = self.write(&mut connection).await;
            understood?;
            written?;
            understood = Ok(());
            tokio::select! {
                read = connection.reader.read_buf(&mut connection.arrived) => {
                    if read.map_err(|error| broke(&error))? == 0 {
                        return Err(Trouble::new("the carrier hung up"));
                    }
                    (self.heard, self.asked) = (Instant::now(), false);
                    understood = self.read(&mut connection.arrived);
                }
                _ = submits.recv_many(&mut together, TOGETHER_MAX) => {
                    together.drain(..).for_each(|one| self.submit(one));
                }
                Some((sequence, is_written)) = self.noted.next(), if !self.noted.is_empty() => {
                    self.thank(sequence, is_written);
                }
                _ = tick.tick() => self.look_after()?,
                _ = stop.changed() => return self.say_goodbye(&mut connection).await,
            }
        }
    }

    async fn write(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        if self.written.is_empty() {
            return Ok(());
        }
        let write = connection.writer.write_all_buf(&mut self.written);
        match tokio::time::timeout(self.shared.peer.time_limit, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broke(&error)),
            Err(_) => Err(Trouble::new("the carrier does not read")),
        }
    }

    /// Sends a request. Its number.
    fn request(&mut self, pdu: impl Into<Pdu>) -> u32 {
        // Up to 0x7FFFFFFF (SMPP 3.4, 3.2).
        self.sequence = if self.sequence < i32::MAX.unsigned_abs() { self.sequence + 1 } else { 1 };
        wire::put(&Command::new(CommandStatus::EsmeRok, self.sequence, pdu), &mut self.written);
        self.sequence
    }

    fn answer(&mut self, status: CommandStatus, sequence: u32, pdu: impl Into<Pdu>) {
        wire::put(&Command::new(status, sequence, pdu), &mut self.written);
    }

    fn submit(&mut self, Submit { submit, row, answer, place }: Submit) {
        if answer.is_closed() {
            // Nobody waits any more, and nothing of it has left.
            if let Some((id, at)) = row {
                self.note(About::Row(id, at), Fate::NotThere, None);
            }
            return;
        }
        let sequence = self.request(submit);
        self.waiting.insert(sequence, Waiting { row, answer, since: Instant::now(), _place: place });
    }

    fn read(&mut self, arrived: &mut BytesMut) -> Result<(), Trouble> {
        loop {
            match wire::take(arrived) {
                Ok(None) => return Ok(()),
                Ok(Some(Frame::Command(command))) => self.understand(&command)?,
                Ok(Some(Frame::Unreadable { id, status, sequence })) => {
                    self.misunderstand(id, status, sequence);
                }
                Err(error) => return Err(Trouble::new(format!("the carrier does not speak SMPP: {error}"))),
            }
        }
    }

    fn understand(&mut self, command: &Command) -> Result<(), Trouble> {
        let (status, sequence) = (command.status(), command.sequence_number());
        match (command.id(), command.pdu()) {
            (CommandId::SubmitSmResp | CommandId::GenericNack, pdu) => {
                let name = match pdu {
                    Some(Pdu::SubmitSmResp(answered)) => Some(answered.message_id().as_str().to_owned()),
                    _ => None,
                };
                let name = name.filter(|name| !name.is_empty()).map(|name| self.shared.ids.of_answer(name));
                let is_taken = status == CommandStatus::EsmeRok && command.id() == CommandId::SubmitSmResp;
                self.answered(sequence, if is_taken { Answer::Taken(name) } else { Answer::Refused(status) });
            }
            (_, Some(Pdu::DeliverSm(deliver))) => self.note_delivery(deliver, sequence),
            (CommandId::EnquireLink, _) => {
                self.answer(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp);
            }
            (CommandId::Unbind, _) => {
                self.answer(CommandStatus::EsmeRok, sequence, Pdu::UnbindResp);
                return Err(Trouble::new("the carrier ended the connection"));
            }
            (CommandId::AlertNotification | CommandId::Outbind, _) => {}
            (id, _) => self.misunderstand(id, status, sequence),
        }
        Ok(())
    }

    /// Answers what asks for an answer and is nothing that we know.
    fn misunderstand(&mut self, id: CommandId, status: CommandStatus, sequence: u32) {
        const IS_ANSWER: u32 = 0x8000_0000;
        match id {
            // What it says of the message is in its head; only the name is lost.
            CommandId::SubmitSmResp if status == CommandStatus::EsmeRok => {
                self.answered(sequence, Answer::Taken(None));
            }
            CommandId::SubmitSmResp => self.answered(sequence, Answer::Refused(status)),
            CommandId::DeliverSm => {
                let gateway = self.shared.name.to_string();
                metrics::counter!("sunbeon_receipts_unmatched_total", "gateway" => gateway).increment(1);
                self.answer(CommandStatus::EsmeRxPAppn, sequence, DeliverSmResp::default());
            }
            id if u32::from(id) & IS_ANSWER == 0 => {
                self.answer(CommandStatus::EsmeRinvcmdid, sequence, Pdu::GenericNack);
            }
            _ => {}
        }
    }

    fn answered(&mut self, sequence: u32, answer: Answer) {
        let Some(waiting) = self.waiting.remove(&sequence) else { return };
        let (Err(late), Some((id, at))) = (waiting.answer.send(answer), waiting.row) else { return };
        // Nobody waits any more: the message is uncertain, and this says what became of it.
        let fate = match late {
            Answer::Taken(Some(gateway_id)) => Fate::Taken { gateway_id },
            Answer::Refused(status) => match status::outcome(status) {
                Outcome::FailedForGood { why } => Fate::DidNotArrive { why },
                _ => Fate::NotThere,
            },
            Answer::Taken(None) | Answer::NotSent => return,
        };
        self.note(About::Row(id, at), fate, None);
    }

    fn note_delivery(&mut self, deliver: &DeliverSm, sequence: u32) {
        match receipt::read(deliver, self.shared.ids) {
            // So many at once are not written down: the carrier brings it again.
            Some(Told { fate: Some(_), .. }) if self.noted.len() >= RECEIPTS_MAX => {
                self.thank(Some(sequence), false);
            }
            Some(Told { id, fate: Some(fate) }) => self.note(About::Name(id), fate, Some(sequence)),
            // It is still on its way.
            Some(Told { fate: None, .. }) => self.thank(Some(sequence), true),
            None => match self.shared.replies.and_then(|charset| reply::read(deliver, charset)) {
                Some(_) if self.noted.len() >= RECEIPTS_MAX => self.thank(Some(sequence), false),
                Some((from, text)) => self.note_reply(from, text, sequence),
                None => self.thank(Some(sequence), true),
            },
        }
    }

    fn note_reply(&mut self, from: String, text: String, sequence: u32) {
        let reply = Reply { gateway: self.shared.name.clone(), from, text };
        let inbox = self.inbox;
        self.noted.push(Box::pin(async move { (Some(sequence), inbox.leave_reply(reply).await) }));
    }

    fn note(&mut self, about: About, fate: Fate, sequence: Option<u32>) {
        let receipt = Receipt { gateway: self.shared.name.clone(), about, fate };
        let inbox = self.inbox;
        self.noted.push(Box::pin(async move { (sequence, inbox.leave(receipt).await) }));
    }

    /// Tells the carrier that a receipt is written down, or to bring it again.
    fn thank(&mut self, sequence: Option<u32>, is_written: bool) {
        let Some(sequence) = sequence else { return };
        let status = if is_written { CommandStatus::EsmeRok } else { CommandStatus::EsmeRxTAppn };
        self.answer(status, sequence, DeliverSmResp::default());
    }

    /// Asks whether the other is there, after it has been silent for a while.
    fn look_after(&mut self) -> Result<(), Trouble> {
        self.waiting.retain(|_, waiting| waiting.since.elapsed() < LATE);
        if self.heard.elapsed() < self.shared.enquire {
            return Ok(());
        }
        if self.asked {
            return Err(Trouble::new("the carrier is silent"));
        }
        self.request(Pdu::EnquireLink);
        self.asked = true;
        Ok(())
    }

    async fn say_goodbye(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        let sequence = self.request(Pdu::Unbind);
        self.write(connection).await?;
        let answered = async {
            while connection.reader.read_buf(&mut connection.arrived).await.is_ok_and(|read| read > 0) {
                while let Ok(Some(frame)) = wire::take(&mut connection.arrived) {
                    if matches!(frame, Frame::Command(command) if command.sequence_number() == sequence) {
                        return;
                    }
                }
            }
        };
        drop(tokio::time::timeout(GOODBYE, answered).await);
        Ok(())
    }
}
