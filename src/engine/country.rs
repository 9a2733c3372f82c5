//! The country: all campaigns, openings and sites, read whole and kept in memory. Pages read it without a query or a lock.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::address_book::AddressBook;
use super::site_numbers::SiteNumbers;
use crate::domain::campaign::Campaign;
use crate::domain::ids::{CampaignId, SiteId};
use crate::domain::site::Site;
use crate::keys::KeyRing;
use crate::store::openings::{self, StoredOpening};
use crate::store::{Conn, Store, StoreError, campaigns, sites};

/// Campaigns, openings and sites as of one moment.
#[derive(Debug, Default)]
pub struct Catalogue {
    campaigns: Vec<Arc<Campaign>>,
    openings: Vec<Arc<StoredOpening>>,
    sites: Vec<Arc<Site>>,
    by_id: HashMap<SiteId, usize>,
    by_code: HashMap<String, usize>,
    address_book: AddressBook,
}

impl Catalogue {
    fn read(conn: &mut Conn, keys: &KeyRing, numbers: &SiteNumbers) -> Result<Self, StoreError> {
        let campaigns = campaigns::all(conn)?.into_iter().map(Arc::new).collect();
        let openings = openings::all(conn, keys)?.into_iter().map(Arc::new).collect();
        let sites: Vec<Arc<Site>> = sites::all(conn)?.into_iter().map(Arc::new).collect();
        let by_id = sites.iter().enumerate().map(|(index, site)| (site.id, index)).collect();
        let by_code = sites.iter().enumerate().map(|(index, site)| (site.code.clone(), index)).collect();
        let address_book = AddressBook::of(&sites, numbers);
        Ok(Self { campaigns, openings, sites, by_id, by_code, address_book })
    }

    /// All campaigns, the one that opened last first.
    pub fn campaigns(&self) -> &[Arc<Campaign>] {
        &self.campaigns
    }

    /// The campaign with this name in URLs.
    pub fn campaign_by_slug(&self, slug: &str) -> Option<&Arc<Campaign>> {
        self.campaigns.iter().find(|campaign| campaign.slug == slug)
    }

    /// The campaign with this id.
    pub fn campaign(&self, id: CampaignId) -> Option<&Arc<Campaign>> {
        self.campaigns.iter().find(|campaign| campaign.id == id)
    }

    /// All openings, the latest first.
    pub fn openings(&self) -> &[Arc<StoredOpening>] {
        &self.openings
    }

    /// All sites, by name.
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// Where the sites are and when they close.
    pub(super) fn address_book(&self) -> &AddressBook {
        &self.address_book
    }

    /// The site with this code in URLs.
    pub fn site_by_code(&self, code: &str) -> Option<&Arc<Site>> {
        self.by_code.get(code).and_then(|&index| self.sites.get(index))
    }

    /// The site with this id.
    pub fn site(&self, id: SiteId) -> Option<&Arc<Site>> {
        self.by_id.get(&id).and_then(|&index| self.sites.get(index))
    }
}

/// The catalogue that counts now.
#[derive(Debug, Default)]
pub struct Country {
    now: ArcSwap<Catalogue>,
    numbers: SiteNumbers,
}

impl Country {
    /// Reads everything for the first time.
    ///
    /// # Errors
    /// [`StoreError`] when a query fails.
    pub fn load(store: &Store, numbers: SiteNumbers) -> Result<Self, StoreError> {
        let catalogue = store.read_now(|conn, keys| Catalogue::read(conn, keys, &numbers))?;
        Ok(Self { now: ArcSwap::from_pointee(catalogue), numbers })
    }

    /// What counts now. Keep it only as long as a page takes to make.
    pub fn now(&self) -> Guard<Arc<Catalogue>> {
        self.now.load()
    }

    /// Reads everything again, after somebody else changed it.
    ///
    /// # Errors
    /// [`StoreError`] when a query fails; the old catalogue stays.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let numbers = self.numbers.clone();
        let catalogue = store.read(move |conn, keys| Catalogue::read(conn, keys, &numbers)).await?;
        self.now.store(Arc::new(catalogue));
        Ok(())
    }
}
