//! Small numbers for sites, so that what is kept of each can lie in plain tables.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::ids::SiteId;

/// Gives each site a number when it is first heard of; the site keeps it while the process runs. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct SiteNumbers(Arc<RwLock<HashMap<SiteId, usize>>>);

impl SiteNumbers {
    /// The number of a site, a new one for a site that is heard of for the first time.
    pub fn of(&self, site: SiteId) -> usize {
        if let Some(known) = self.known(site) {
            return known;
        }
        let mut numbers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let next = numbers.len();
        *numbers.entry(site).or_insert(next)
    }

    /// The number of a site that was heard of.
    pub fn known(&self, site: SiteId) -> Option<usize> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&site).copied()
    }
}
