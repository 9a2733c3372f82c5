//! Pages with sites that were written before. One is the same for all who are looked for alike, but for the token of their
//! forms, and while no count of its sites changes: at eight o'clock the same few hundred districts are asked for again and
//! again.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use crate::domain::ids::ProductId;
use crate::domain::seat_search::Outlook;
use crate::engine::finder::{Basis, Finder};
use crate::language::Language;
use crate::web::style::STYLE;

/// Pages that are kept, of some 10 kB each.
const PAGES_MAX: usize = 4_096;

/// Stands for the token of forms in a page that is kept: it is each visitor's own. No text of ours holds this sign.
pub(super) const TOKEN: &str = "\u{1}";

/// What decides how a page reads, beside the counts.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) language: Language,
    pub(super) signed_in: bool,
    /// The page's own address: campaign, people by number, place, filters, page.
    pub(super) path: String,
    pub(super) vaccines: Vec<ProductId>,
    pub(super) outlook: Outlook,
}

/// A page as it was written.
pub(super) struct Written {
    basis: Basis,
    pieces: Arc<[Piece]>,
}

/// A part of a page that is kept.
enum Piece {
    Text(Bytes),
    /// Where the token of a form stands.
    Token,
}

impl Written {
    pub(super) fn of(basis: Basis, text: &str) -> Self {
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
        Self { basis, pieces: pieces.into() }
    }

    /// The page with somebody's token.
    pub(super) fn with(&self, token: String) -> Page {
        Page { pieces: self.pieces.clone(), token: Bytes::from(token), sent: 0 }
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

/// Pages that were written before.
#[derive(Default)]
pub struct SitePages(Mutex<HashMap<Question, Written>>);

impl SitePages {
    /// The page for a question, if it would be written the same again.
    pub(super) fn find(&self, question: &Question, finder: &Finder<'_>, token: &str) -> Option<Page> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = known.get(question).filter(|written| finder.stands(&written.basis))?;
        Some(written.with(token.to_owned()))
    }

    pub(super) fn keep(&self, question: Question, written: Written) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PAGES_MAX {
            known.clear();
        }
        known.insert(question, written);
    }
}
