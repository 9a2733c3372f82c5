//! Sealed cookies that were opened a moment ago. A browser sends the same ones with every page, and to open and read them
//! again each time costs more than to find them here: a tenth of a search.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::known_party::KnownParty;
use super::session::Session;

/// Cookies of each kind that are kept, of half a kilobyte each. When there are more, all are forgotten: whoever is still
/// here comes back at once.
const KEPT_MAX: usize = 8_192;

/// What was in cookies that were opened.
#[derive(Default)]
pub struct OpenedCookies {
    /// Sessions.
    pub(super) sessions: Opened<Session>,
    /// Parties that somebody looks around for.
    pub(super) parties: Opened<KnownParty>,
}

/// What was in cookies of one kind, by the cookies as they were sent.
pub(super) struct Opened<T>(Mutex<HashMap<Box<str>, T>>);

impl<T> Default for Opened<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Opened<T> {
    /// What is in a cookie. Whether it still counts is for the caller to ask: what is found here may have been opened long
    /// ago.
    pub(super) fn read(&self, sealed: &str, open: impl FnOnce() -> Option<T>) -> Option<T> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(sealed).cloned();
        if known.is_some() {
            return known;
        }
        let opened = open()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(sealed.into(), opened.clone());
        Some(opened)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_opened_once_and_a_wrong_one_each_time() {
        let opened = Opened::default();
        assert_eq!(opened.read("sealed", || Some(1)), Some(1));
        assert_eq!(opened.read("sealed", || panic!("it is known")), Some(1));
        for _ in 0..2 {
            assert_eq!(opened.read("forged", || None), None);
        }
        assert_eq!(opened.read("forged", || Some(2)), Some(2), "nothing was kept of it");
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let opened = Opened::default();
        for number in 0..KEPT_MAX * 2 + 1 {
            opened.read(&number.to_string(), || Some(number));
        }
        assert_eq!(opened.0.lock().unwrap().len(), 1);
    }
}
