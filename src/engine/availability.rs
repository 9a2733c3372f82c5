//! Free seats of every site by day, in memory: a search page costs no query and takes no lock. It is a cache; only the
//! database gives a seat.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, Guard};
use jiff::civil::Date;

use super::board::{Board, Entry};
use super::site_numbers::SiteNumbers;
use crate::domain::booking::LaneChange;
use crate::domain::ids::{CampaignId, ProductId, SiteId};
use crate::domain::seat_search::NO_SLOTS;
use crate::store::slots::{self, DayTotal};
use crate::store::{Store, StoreError};

/// The most people of a party whose chances are counted ahead: a count that stays above changes nobody's choice of sites.
pub(super) const PARTY_MAX: i32 = 8;

/// Free seats on one day with one product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeDay {
    /// The product.
    pub product: ProductId,
    /// The day, local to the site.
    pub day: Date,
    /// Free seats, 0 or more.
    pub free: i64,
}

/// Free seats of every site by day.
#[derive(Debug, Default)]
pub struct Availability {
    numbers: SiteNumbers,
    board: ArcSwap<Board>,
    turns: AtomicU64,
}

impl Availability {
    /// Counts everything from `from` on for the first time.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails.
    pub fn load(store: &Store, numbers: SiteNumbers, from: Date) -> Result<Self, StoreError> {
        let totals = store.read_now(|conn, _| slots::day_totals(conn, from))?;
        let board = ArcSwap::from_pointee(board(&numbers, totals));
        Ok(Self { numbers, board, turns: AtomicU64::new(0) })
    }

    /// Counts everything again, after another process wrote.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails; the old counts stay.
    pub async fn refresh(&self, store: &Store, from: Date) -> Result<(), StoreError> {
        let totals = store.read(move |conn, _| slots::day_totals(conn, from)).await?;
        self.board.store(Arc::new(board(&self.numbers, totals)));
        self.turns.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Follows a committed change.
    pub fn apply(&self, change: &LaneChange) {
        let (board, slot) = (self.board.load(), &change.slot);
        let Some(site) = self.numbers.known(slot.site) else { return };
        let Some(count) = board.count(slot.campaign, slot.product, site, slot.local_date) else { return };
        if count.load(Ordering::Relaxed) == NO_SLOTS {
            return;
        }
        let before = count.fetch_add(change.freed, Ordering::Relaxed);
        if before.min(before + change.freed) < PARTY_MAX {
            self.turns.fetch_add(1, Ordering::Release);
        }
    }

    /// The counts as they are now.
    pub(super) fn board(&self) -> Guard<Arc<Board>> {
        self.board.load()
    }

    /// Grows whenever a count changes that decides for some party of up to [`PARTY_MAX`] whether it fits.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// A site's days in a campaign from `from` on, in order, full days included.
    pub fn days(&self, site: SiteId, campaign: CampaignId, from: Date) -> Vec<FreeDay> {
        let board = self.board.load();
        let Some((campaign, site)) = board.campaign(campaign).zip(self.numbers.known(site)) else {
            return Vec::new();
        };
        let mut days = Vec::new();
        for product in campaign.products() {
            let counts = product.of_site(site, campaign.days).unwrap_or_default();
            let mut day = campaign.first;
            for count in counts {
                let free = count.load(Ordering::Relaxed);
                if free != NO_SLOTS && day >= from {
                    days.push(FreeDay { product: product.product, day, free: i64::from(free.max(0)) });
                }
                day = day.tomorrow().unwrap_or(day);
            }
        }
        days.sort_unstable_by_key(|one| (one.day, one.product));
        days
    }
}

fn board(numbers: &SiteNumbers, totals: Vec<DayTotal>) -> Board {
    let entry = |total: DayTotal| Entry {
        site: numbers.of(total.site),
        campaign: total.campaign,
        product: total.product,
        day: total.day,
        free: i32::try_from(total.free).unwrap_or(i32::MAX),
    };
    Board::of(&totals.into_iter().map(entry).collect::<Vec<_>>())
}
