//! A page that is the same for many but for the token of their forms: it is written once and kept in pieces, and each
//! visitor's token is put in when it is sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use super::style::STYLE;

/// Stands for the token of forms in a page that is kept: it is each visitor's own. No text of ours holds this sign.
pub(super) const TOKEN: &str = "\u{1}";

/// A page as it was written, with [`TOKEN`] in the place of the token.
#[derive(Clone)]
pub(super) struct Pieces(Arc<[Piece]>);

/// A part of a page that is kept.
enum Piece {
    Text(Bytes),
    /// Where the token of a form stands.
    Token,
}

impl Pieces {
    pub(super) fn of(text: &str) -> Self {
        let mut pieces = Vec::new();
        // The stylesheet is half of a page, and the same in all of them.
        for (index, part) in text.split(STYLE).enumerate() {
            if index > 0 {
                pieces.push(Piece::Text(Bytes::from_static(STYLE.as_bytes())));
            }
            for (index, text) in part.split(TOKEN).enumerate() {
                if index > 0 {
                    pieces.push(Piece::Token);
                }
                pieces.push(Piece::Text(Bytes::copy_from_slice(text.as_bytes())));
            }
        }
        Self(pieces.into())
    }

    /// The page with somebody's token.
    pub(super) fn with(&self, token: String) -> Page {
        Page { pieces: self.0.clone(), token: Bytes::from(token), sent: 0 }
    }
}

/// A page for somebody. Its pieces are sent as they are kept: to put them together first would copy the page once more.
pub(super) struct Page {
    pieces: Arc<[Piece]>,
    token: Bytes,
    /// Pieces that were sent.
    sent: usize,
}

impl Page {
    fn bytes<'a>(&'a self, piece: &'a Piece) -> &'a Bytes {
        match piece {
            Piece::Text(text) => text,
            Piece::Token => &self.token,
        }
    }
}

impl MessageBody for Page {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        let bytes: usize = self.pieces.iter().map(|piece| self.bytes(piece).len()).sum();
        BodySize::Sized(u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let page = self.get_mut();
        let next = page.pieces.get(page.sent).map(|piece| page.bytes(piece).clone());
        page.sent += 1;
        Poll::Ready(next.map(Ok))
    }
}
