//! Pages with sites that were written before. One is the same for all who are looked for alike, but for the token of their
//! forms, and while no count of its sites changes: at eight o'clock the same few hundred districts are asked for again and
//! again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::ProductId;
use crate::domain::seat_search::Outlook;
use crate::engine::finder::{Basis, Finder};
use crate::language::Language;
use crate::web::pieces::{Page, Pieces};

/// Pages that are kept, of some 10 kB each.
const PAGES_MAX: usize = 4_096;

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
    pieces: Pieces,
}

impl Written {
    pub(super) fn of(basis: Basis, text: &str) -> Self {
        Self { basis, pieces: Pieces::of(text) }
    }

    /// The page with somebody's token.
    pub(super) fn with(&self, token: String) -> Page {
        self.pieces.with(token)
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
