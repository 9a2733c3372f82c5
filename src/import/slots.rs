//! Slots for sites that were imported, or that offer what an imported campaign gives.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::campaign::Campaign;
use crate::domain::ids::SiteId;
use crate::domain::site::Site;
use crate::store::{StoreError, Tx, timetable};

/// What is needed to fill timetables, shared by all commands of an import.
pub(super) struct Calendar {
    /// Every campaign that may get slots.
    pub(super) campaigns: Vec<Campaign>,
    /// In which zone today is today.
    pub(super) zone: TimeZone,
}

impl Calendar {
    /// Adds a site's missing slots in every campaign that has one of its products, from today on; returns how many.
    pub(super) fn fill(&self, tx: &mut Tx<'_>, id: SiteId, site: &Site) -> Result<usize, StoreError> {
        let today = tx.now.to_zoned(self.zone.clone()).date();
        let offered =
            |campaign: &&Campaign| site.offers.iter().any(|offer| campaign.product(offer.product).is_some());
        let mut slots = 0;
        for campaign in self.campaigns.iter().filter(|campaign| campaign.last_day >= today).filter(offered) {
            slots += timetable::fill(tx, id, site, campaign, today)?;
        }
        Ok(slots)
    }

    pub(super) fn shared(campaigns: Vec<Campaign>, zone: &TimeZone) -> Arc<Self> {
        Arc::new(Self { campaigns, zone: zone.clone() })
    }
}
