//! The letter as it goes over the line: headers, text, HTML and files.

use std::time::SystemTime;

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart};

use crate::notify::Outgoing;

/// A letter that is ready to be handed over.
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    /// With its angle brackets. The same message has the same id in every attempt, so that a repeat is recognised.
    pub(super) message_id: String,
    pub(super) bytes: Vec<u8>,
}

impl Letter {
    /// Whether an address has characters beyond ASCII, for which the server needs the extension SMTPUTF8.
    pub(super) fn has_foreign_address(&self) -> bool {
        self.envelope
            .from()
            .into_iter()
            .chain(self.envelope.to())
            .any(|address| !AsRef::<str>::as_ref(address).is_ascii())
    }
}

/// Why a message can't become a letter. None of it repeats what the message says.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    #[error("the recipient is not an e-mail address")]
    Recipient(#[source] lettre::address::AddressError),
    #[error("an attachment's media type is not one")]
    MediaType(#[source] lettre::message::header::ContentTypeErr),
    #[error("the letter can't be put together")]
    Envelope(#[source] lettre::error::Error),
}

/// Writes `message` as a letter from `from`.
pub(super) fn write(message: &Outgoing, from: &Mailbox) -> Result<Letter, LetterError> {
    let recipient = message.to.parse().map_err(LetterError::Recipient)?;
    let message_id = format!("<sunbeon-{}@{}>", message.id, from.email.domain());
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, recipient))
        .date(SystemTime::from(message.at))
        .message_id(Some(message_id.clone()))
        .raw_header(plain_header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
        .raw_header(plain_header(
            HeaderName::new_from_ascii_str("Content-Language"),
            message.language.code(),
        ));
    if let Some(subject) = &message.subject {
        builder = builder.subject(subject);
    }
    if message.possible_repeat {
        builder =
            builder.raw_header(plain_header(HeaderName::new_from_ascii_str("X-Possible-Repeat"), "yes"));
    }
    let letter = with_body(builder, message)?;
    Ok(Letter { envelope: letter.envelope().clone(), message_id, bytes: letter.formatted() })
}

fn plain_header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// Adds the text, the HTML as its alternative, and the files behind both.
fn with_body(builder: MessageBuilder, message: &Outgoing) -> Result<Message, LetterError> {
    let text = SinglePart::plain(message.text.clone());
    let words = message
        .html
        .as_ref()
        .map(|html| MultiPart::alternative_plain_html(message.text.clone(), html.clone()));
    let letter = match (words, message.attachments.is_empty()) {
        (None, true) => builder.singlepart(text),
        (Some(words), true) => builder.multipart(words),
        (words, false) => {
            let mixed = MultiPart::mixed();
            let mut parts = match words {
                Some(words) => mixed.multipart(words),
                None => mixed.singlepart(text),
            };
            for file in &message.attachments {
                let media_type = ContentType::parse(&file.media_type).map_err(LetterError::MediaType)?;
                parts =
                    parts.singlepart(Attachment::new(file.name.clone()).body(file.body.clone(), media_type));
            }
            builder.multipart(parts)
        }
    };
    letter.map_err(LetterError::Envelope)
}
