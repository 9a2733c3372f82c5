//! The other end of the gateways: carriers that take every message at once and say that it arrived. Each runs as a process of
//! its own: this program, called in another way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The length, the command, its status and its number (SMPP 3.4, 3.2).
const HEAD: usize = 16;

const SUBMIT: u32 = 0x04;
const DELIVER: u32 = 0x05;
const UNBIND: u32 = 0x06;
const BIND: u32 = 0x09;
const ENQUIRE: u32 = 0x15;
const IS_ANSWER: u32 = 0x8000_0000;

/// Messages that were taken: their names.
static TAKEN: AtomicU64 = AtomicU64::new(0);

fn next_name() -> u64 {
    TAKEN.fetch_add(1, Ordering::Relaxed) + 1
}

/// Takes messages by SMPP, and brings a receipt for each, until the process is killed.
pub fn serve_smpp(address: SocketAddr) {
    actix_web::rt::System::new().block_on(async move {
        let listener = TcpListener::bind(address).await.expect("a free port");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            // How a connection ends is the other's business.
            actix_web::rt::spawn(take_all(stream));
        }
    });
}

async fn take_all(mut stream: TcpStream) -> std::io::Result<()> {
    let (mut arrived, mut answers) = (Vec::with_capacity(65_536), Vec::with_capacity(65_536));
    while stream.read_buf(&mut arrived).await? > 0 {
        let mut read = 0;
        while let Some(length) =
            word(&arrived, read).filter(|length| arrived.len() >= read + *length as usize)
        {
            answer(&arrived[read..read + length as usize], &mut answers);
            read += length as usize;
        }
        arrived.drain(..read);
        stream.write_all(&answers).await?;
        answers.clear();
    }
    Ok(())
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().expect("four bytes")))
}

fn answer(command: &[u8], answers: &mut Vec<u8>) {
    let (id, number) = (word(command, 4).expect("a head"), word(command, 12).expect("a head"));
    match id {
        SUBMIT => {
            let name = next_name();
            put(answers, id | IS_ANSWER, number, format!("{name}\0").as_bytes());
            let text = format!("id:{name} stat:DELIVRD err:000");
            // Nothing but the class of the message, 4 for a receipt, and its text.
            let mut receipt = vec![0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0];
            receipt.push(u8::try_from(text.len()).expect("a short text"));
            receipt.extend_from_slice(text.as_bytes());
            put(answers, DELIVER, u32::try_from(name).expect("few messages"), &receipt);
        }
        BIND => put(answers, id | IS_ANSWER, number, b"carrier\0"),
        ENQUIRE | UNBIND => put(answers, id | IS_ANSWER, number, b""),
        _ => {}
    }
}

fn put(answers: &mut Vec<u8>, id: u32, number: u32, body: &[u8]) {
    let length = u32::try_from(HEAD + body.len()).expect("a short command");
    for word in [length, id, 0, number] {
        answers.extend_from_slice(&word.to_be_bytes());
    }
    answers.extend_from_slice(body);
}

/// Takes messages by HTTP, and says of each that it arrived when it is asked, until the process is killed.
pub fn serve_http(address: SocketAddr) {
    let take = |_: web::Bytes| async {
        let name = format!("SM{:032x}", next_name());
        HttpResponse::Created().json(serde_json::json!({ "sid": name, "status": "queued" }))
    };
    let tell = |path: web::Path<(String, String)>| async move {
        let name = path.1.trim_end_matches(".json").to_owned();
        HttpResponse::Ok().json(serde_json::json!({ "sid": name, "status": "delivered" }))
    };
    let server = HttpServer::new(move || {
        App::new()
            .route("/2010-04-01/Accounts/{account}/Messages.json", web::post().to(take))
            .route("/2010-04-01/Accounts/{account}/Messages/{name}", web::get().to(tell))
    });
    let server = server.workers(1).bind(address).expect("a free port").run();
    actix_web::rt::System::new().block_on(server).expect("the server runs");
}
