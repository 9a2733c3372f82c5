//! How a connection to a carrier begins: TCP, TLS where it is asked for, and the bind.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use rusmpp::pdus::BindTransceiver;
use rusmpp::{Command, CommandId, CommandStatus};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::status::is_about_us;
use super::wire::{self, Frame};

/// The number of the first request.
pub(super) const BIND: u32 = 1;

/// Where a carrier is, and as whom we come.
pub(super) struct Peer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    pub(super) bind: BindTransceiver,
    /// How long each step may take.
    pub(super) time_limit: Duration,
}

/// A stream of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection on which messages may go.
pub(super) struct Connection {
    pub(super) reader: ReadHalf<Box<dyn Stream>>,
    pub(super) writer: WriteHalf<Box<dyn Stream>>,
    /// What arrived and was not read yet.
    pub(super) arrived: BytesMut,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) why: String,
    /// The carrier does not want us: somebody has to put the account in order.
    pub(super) is_about_us: bool,
}

impl Trouble {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_about_us: false }
    }
}

/// Connects and binds.
pub(super) async fn open(peer: &Peer) -> Result<Connection, Trouble> {
    let stream = within(peer, connect(peer), "the carrier can't be reached").await??;
    let (reader, writer) = tokio::io::split(stream);
    let mut connection = Connection { reader, writer, arrived: BytesMut::new() };
    within(peer, bind(&mut connection, peer), "the carrier did not answer the bind").await??;
    Ok(connection)
}

async fn within<T>(peer: &Peer, work: impl Future<Output = T>, why: &str) -> Result<T, Trouble> {
    tokio::time::timeout(peer.time_limit, work).await.map_err(|_late| Trouble::new(why))
}

async fn connect(peer: &Peer) -> Result<Box<dyn Stream>, Trouble> {
    let connected = TcpStream::connect((&*peer.host, peer.port)).await;
    let stream = connected.map_err(|error| Trouble::new(format!("the carrier can't be reached: {error}")))?;
    // A message is worth a packet of its own; what comes together is written together.
    drop(stream.set_nodelay(true));
    let Some((tls, name)) = &peer.tls else { return Ok(Box::new(stream)) };
    let secured = TlsConnector::from(tls.clone()).connect(name.clone(), stream).await;
    let unproved = |error| Trouble::new(format!("the carrier could not prove by TLS who it is: {error}"));
    Ok(Box::new(secured.map_err(unproved)?))
}

async fn bind(connection: &mut Connection, peer: &Peer) -> Result<(), Trouble> {
    let ended = |_| Trouble::new("the connection to the carrier ended at the bind");
    let mut written = BytesMut::new();
    wire::put(&Command::new(CommandStatus::EsmeRok, BIND, peer.bind.clone()), &mut written);
    connection.writer.write_all_buf(&mut written).await.map_err(ended)?;
    loop {
        let taken = wire::take(&mut connection.arrived);
        match taken.map_err(|error| Trouble::new(format!("the carrier does not speak SMPP: {error}")))? {
            Some(Frame::Command(command)) if command.sequence_number() == BIND => return judge(&command),
            // It may ask for something before it has answered; whatever it is, it asks again.
            Some(_) => {}
            None => {
                let read = connection.reader.read_buf(&mut connection.arrived).await.map_err(ended)?;
                if read == 0 {
                    return Err(Trouble::new("the carrier hung up at the bind"));
                }
            }
        }
    }
}

fn judge(command: &Command) -> Result<(), Trouble> {
    let status = command.status();
    match (command.id(), status) {
        (CommandId::BindTransceiverResp, CommandStatus::EsmeRok) => Ok(()),
        (CommandId::BindTransceiverResp | CommandId::GenericNack, _) => {
            let why = format!("the carrier refused the bind with its status {:#010x}", u32::from(status));
            Err(Trouble { why, is_about_us: is_about_us(status) })
        }
        _ => Err(Trouble::new("the carrier does not speak SMPP")),
    }
}
