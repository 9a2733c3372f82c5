//! The board: free seats of every site by campaign, product and day, in plain tables that are read without a lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use jiff::civil::Date;

use crate::domain::ids::{CampaignId, ProductId};
use crate::domain::seat_search::NO_SLOTS;

/// Free seats of one day of one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The site's number.
    pub(super) site: usize,
    pub(super) campaign: CampaignId,
    pub(super) product: ProductId,
    pub(super) day: Date,
    pub(super) free: i32,
}

/// All counts. Its tables keep their shape; only counts change.
#[derive(Debug, Default)]
pub(super) struct Board {
    campaigns: Vec<CampaignBoard>,
}

/// The counts of one campaign, over the same row of days for all products.
#[derive(Debug)]
pub(super) struct CampaignBoard {
    campaign: CampaignId,
    pub(super) first: Date,
    pub(super) days: usize,
    products: Vec<ProductBoard>,
    /// By the numbers of sites: how often a count has changed.
    changes: Vec<AtomicU64>,
}

/// The counts of one product of a campaign.
#[derive(Debug)]
pub(super) struct ProductBoard {
    pub(super) product: ProductId,
    /// By the numbers of sites: where a site's counts begin; [`NOWHERE`] when it has no slots.
    begins: Vec<u32>,
    free: Vec<AtomicI32>,
}

const NOWHERE: u32 = u32::MAX;

impl Board {
    /// A board of these entries; two for the same day are added.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut by_campaign: BTreeMap<CampaignId, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            by_campaign.entry(entry.campaign).or_default().push(entry);
        }
        let campaigns = by_campaign.into_iter().filter_map(|(id, entries)| CampaignBoard::of(id, &entries));
        Self { campaigns: campaigns.collect() }
    }

    /// All counts that it has.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.campaigns.iter().flat_map(CampaignBoard::entries).collect()
    }

    /// The counts of a campaign; `None` when it has no slots.
    pub(super) fn campaign(&self, id: CampaignId) -> Option<&CampaignBoard> {
        self.campaigns.iter().find(|one| one.campaign == id)
    }

    /// Notes that a count of a site has changed. Comes after the change, so that whoever still reads the old count sees
    /// later that it was old.
    pub(super) fn note_change(&self, campaign: CampaignId, site: usize) {
        if let Some(changes) = self.campaign(campaign).and_then(|campaign| campaign.changes.get(site)) {
            changes.fetch_add(1, Ordering::Release);
        }
    }

    /// The count of one day; `None` when the board has no place for it.
    pub(super) fn count(
        &self,
        campaign: CampaignId,
        product: ProductId,
        site: usize,
        day: Date,
    ) -> Option<&AtomicI32> {
        let campaign = self.campaign(campaign)?;
        let day = usize::try_from((day - campaign.first).get_days()).ok()?;
        campaign.product(product)?.of_site(site, campaign.days)?.get(day)
    }
}

impl CampaignBoard {
    fn of(campaign: CampaignId, entries: &[&Entry]) -> Option<Self> {
        let first = entries.iter().map(|entry| entry.day).min()?;
        let last = entries.iter().map(|entry| entry.day).max()?;
        let days = usize::try_from((last - first).get_days()).ok()? + 1;
        let mut by_product: BTreeMap<ProductId, Vec<&Entry>> = BTreeMap::new();
        for entry in entries {
            by_product.entry(entry.product).or_default().push(entry);
        }
        let products =
            by_product.into_iter().map(|(id, entries)| ProductBoard::of(id, &entries, first, days));
        let sites = entries.iter().map(|entry| entry.site + 1).max().unwrap_or(0);
        let mut changes = Vec::new();
        changes.resize_with(sites, AtomicU64::default);
        Some(Self { campaign, first, days, products: products.collect(), changes })
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.products.iter().flat_map(move |product| {
            let sites = 0..product.begins.len();
            sites.flat_map(move |site| self.entries_of(product, site))
        })
    }

    fn entries_of(&self, product: &ProductBoard, site: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut day = self.first;
        for count in product.of_site(site, self.days).unwrap_or_default() {
            let free = count.load(Ordering::Relaxed);
            if free != NO_SLOTS {
                entries.push(Entry { site, campaign: self.campaign, product: product.product, day, free });
            }
            day = day.tomorrow().unwrap_or(day);
        }
        entries
    }

    /// Whether any seat of any site is free from a day on.
    pub(super) fn has_free_seat(&self, from: Date) -> bool {
        let passed = usize::try_from((from - self.first).get_days()).unwrap_or(0);
        let is_free = |count: &AtomicI32| count.load(Ordering::Relaxed) > 0;
        let mut sites = self.products.iter().flat_map(|product| product.free.chunks(self.days));
        sites.any(|site| site.iter().skip(passed).any(is_free))
    }

    /// How often counts of a site have changed.
    pub(super) fn changes(&self, site: usize) -> u64 {
        self.changes.get(site).map_or(0, |changes| changes.load(Ordering::Acquire))
    }

    pub(super) fn product(&self, id: ProductId) -> Option<&ProductBoard> {
        self.products.iter().find(|one| one.product == id)
    }

    pub(super) fn products(&self) -> &[ProductBoard] {
        &self.products
    }
}

impl ProductBoard {
    fn of(product: ProductId, entries: &[&Entry], first: Date, days: usize) -> Self {
        let sites = entries.iter().map(|entry| entry.site + 1).max().unwrap_or(0);
        let mut board = Self { product, begins: vec![NOWHERE; sites], free: Vec::new() };
        for entry in entries {
            let end = board.free.len();
            let Some(begin) = board.begins.get_mut(entry.site) else { continue };
            if *begin == NOWHERE {
                *begin = u32::try_from(end).unwrap_or(NOWHERE);
                board.free.resize_with(end + days, || AtomicI32::new(NO_SLOTS));
            }
            let day = usize::try_from((entry.day - first).get_days()).unwrap_or(0);
            let at = usize::try_from(*begin).unwrap_or(usize::MAX).saturating_add(day);
            if let Some(count) = board.free.get(at) {
                let known = count.load(Ordering::Relaxed);
                let free = if known == NO_SLOTS { entry.free } else { known.saturating_add(entry.free) };
                count.store(free, Ordering::Relaxed);
            }
        }
        board.free.shrink_to_fit();
        board
    }

    /// The counts of a site, day by day.
    pub(super) fn of_site(&self, site: usize, days: usize) -> Option<&[AtomicI32]> {
        let begin = *self.begins.get(site).filter(|begin| **begin != NOWHERE)?;
        let begin = usize::try_from(begin).ok()?;
        self.free.get(begin..begin + days)
    }
}
