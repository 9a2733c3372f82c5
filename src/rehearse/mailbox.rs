//! Everybody's phone: a gateway for text messages, to which the server gives them, and the one-time codes in them.
//!
//! It speaks what the server speaks to a carrier: a form with `To` and `Body`, answered by 201 and the message's name.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::people::number_in;

/// Digits of a one-time code.
const DIGITS: usize = 6;

/// The phones that are looked at, and how many messages came.
#[derive(Default)]
pub struct Mailbox {
    phones: RefCell<HashMap<u32, Rc<Phone>>>,
    /// Messages that were taken.
    taken: Cell<u64>,
    /// Messages to numbers that are nobody's here: they would have gone to a real phone.
    astray: Cell<u64>,
}

/// The codes that came to a phone since somebody looks at it.
#[derive(Default)]
struct Phone {
    codes: RefCell<Vec<String>>,
    came: Notify,
}

/// Somebody who looks at their phone, until this is dropped.
pub struct Owner {
    mailbox: Rc<Mailbox>,
    number: u32,
    phone: Rc<Phone>,
    seen: usize,
}

/// A message as the server hands it over.
#[derive(Deserialize)]
struct Handed {
    #[serde(rename = "To")]
    to: String,
    #[serde(rename = "Body")]
    body: String,
}

impl Mailbox {
    /// Messages that were taken, and those of them that went to numbers that may be somebody's.
    pub fn counts(&self) -> (u64, u64) {
        (self.taken.get(), self.astray.get())
    }

    /// Begins to look at a phone: codes from now on are seen. Several devices may look at the same one.
    pub fn look_at(self: &Rc<Self>, number: u32) -> Owner {
        let phone = self.phones.borrow_mut().entry(number).or_default().clone();
        let seen = phone.codes.borrow().len();
        Owner { mailbox: self.clone(), number, phone, seen }
    }

    /// Takes a message.
    pub fn take(&self, to: &str, text: &str) {
        self.taken.set(self.taken.get() + 1);
        let Some(number) = number_in(to) else {
            self.astray.set(self.astray.get() + 1);
            return;
        };
        let phone = self.phones.borrow().get(&number).cloned();
        if let (Some(phone), Some(code)) = (phone, code_in(text)) {
            phone.codes.borrow_mut().push(code.to_owned());
            phone.came.notify_waiters();
        }
    }

    /// Takes messages from the server until the rehearsal ends.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self: Rc<Self>, listener: TcpListener) -> io::Result<Infallible> {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let mailbox = self.clone();
            let answer = service_fn(move |request| answer(mailbox.clone(), request));
            // A carrier's line that breaks is the server's to notice.
            let serve = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            tokio::task::spawn_local(async move { drop(serve.await) });
        }
    }
}

impl Owner {
    /// The code that was seen last.
    pub fn last_code(&self) -> Option<String> {
        self.phone.codes.borrow().get(self.seen.checked_sub(1)?).cloned()
    }

    /// The next code that was not seen yet. Waits until it comes.
    pub async fn next_code(&mut self) -> String {
        loop {
            let came = self.phone.came.notified();
            let code = self.phone.codes.borrow().get(self.seen).cloned();
            if let Some(code) = code {
                self.seen += 1;
                return code;
            }
            came.await;
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // This one and the mailbox itself.
        if Rc::strong_count(&self.phone) <= 2 {
            self.mailbox.phones.borrow_mut().remove(&self.number);
        }
    }
}

async fn answer(
    mailbox: Rc<Mailbox>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_message = request.uri().path().ends_with("/Messages.json");
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    let handed = body.ok().and_then(|body| serde_html_form::from_bytes::<Handed>(&body).ok());
    let (status, text) = match handed.filter(|_| is_message) {
        Some(handed) => {
            mailbox.take(&handed.to, &handed.body);
            (StatusCode::CREATED, format!(r#"{{"sid":"SM{:032x}","status":"queued"}}"#, mailbox.taken.get()))
        }
        None => (StatusCode::BAD_REQUEST, r#"{"code":21601,"message":"this is no message"}"#.to_owned()),
    };
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
    Ok(answer)
}

/// The code in a message, as its reader finds it: six digits that stand alone.
fn code_in(text: &str) -> Option<&str> {
    text.split(|sign: char| !sign.is_alphanumeric())
        .find(|word| word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::plan::NUMBERS;
    use super::*;

    #[test]
    fn a_code_is_found_in_its_message() {
        assert_eq!(code_in("[순번] 인증번호 012345 (10분)\n남에게 알려 주지 마세요."), Some("012345"));
        assert_eq!(code_in("Your code is 987654."), Some("987654"));
        assert_eq!(code_in("예약번호 1234567, 12월 3일(목) 오전 10시 30분, a123456"), None);
    }

    #[tokio::test]
    async fn a_phone_gets_its_own_codes_only_and_each_device_sees_all() {
        let mailbox = Rc::new(Mailbox::default());
        mailbox.take("+821000000007", "111111");
        let (mut one, mut other) = (mailbox.look_at(7), mailbox.look_at(7));
        mailbox.take("+821000000008", "222222");
        mailbox.take("+821000000007", "333333");
        assert_eq!((one.next_code().await.as_str(), other.next_code().await.as_str()), ("333333", "333333"));
        mailbox.take(&format!("+8210{}", 2 * NUMBERS), "444444");
        assert_eq!(mailbox.counts(), (4, 1));
        drop((one, other));
        assert!(mailbox.phones.borrow().is_empty());
    }
}
