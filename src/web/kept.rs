//! Pages that many get in the same words: one is written when what it says changes, and handed out until then.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use super::problem::Problem;

/// Pages as they were written last, each with the facts that it tells.
pub(super) struct Kept<K, F, P>(Mutex<HashMap<K, (F, P)>>);

impl<K, F, P> Default for Kept<K, F, P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, F: PartialEq, P: Clone> Kept<K, F, P> {
    /// The page that tells these facts, written now unless it was the last one.
    pub(super) fn page(
        &self,
        key: K,
        facts: F,
        write: impl FnOnce(&F) -> Result<P, Problem>,
    ) -> Result<P, Problem> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, page)) = known.get(&key).filter(|(before, _)| *before == facts) {
            return Ok(page.clone());
        }
        let page = write(&facts)?;
        known.insert(key, (facts, page.clone()));
        Ok(page)
    }
}
