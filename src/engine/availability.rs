//! Free seats of every site by day, in memory: a search page costs no query and takes no lock. It is a cache; only the
//! database gives a seat.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use jiff::civil::Date;

use crate::domain::booking::LaneChange;
use crate::domain::ids::{CampaignId, ProductId, SiteId};
use crate::store::slots::{self, DayTotal};
use crate::store::{Store, StoreError};

/// One day of one site with one product.
#[derive(Debug)]
struct Day {
    campaign: CampaignId,
    product: ProductId,
    day: Date,
    free: AtomicI64,
}

impl Day {
    fn now(&self) -> FreeDay {
        FreeDay { product: self.product, day: self.day, free: self.free.load(Ordering::Relaxed).max(0) }
    }
}

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

type Snapshot = HashMap<SiteId, Vec<Day>>;

/// Free seats of every site by day.
#[derive(Debug, Default)]
pub struct Availability(ArcSwap<Snapshot>);

impl Availability {
    /// Counts everything from `from` on for the first time.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails.
    pub fn load(store: &Store, from: Date) -> Result<Self, StoreError> {
        let totals = store.read_now(|conn, _| slots::day_totals(conn, from))?;
        Ok(Self(ArcSwap::from_pointee(snapshot(totals))))
    }

    /// Counts everything again, after another process wrote.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails; the old counts stay.
    pub async fn refresh(&self, store: &Store, from: Date) -> Result<(), StoreError> {
        let totals = store.read(move |conn, _| slots::day_totals(conn, from)).await?;
        self.0.store(Arc::new(snapshot(totals)));
        Ok(())
    }

    /// Follows a committed change.
    pub fn apply(&self, change: &LaneChange) {
        let snapshot = self.0.load();
        let slot = &change.slot;
        let days = snapshot.get(&slot.site).map(Vec::as_slice).unwrap_or_default();
        let same = |day: &&Day| {
            day.campaign == slot.campaign && day.product == slot.product && day.day == slot.local_date
        };
        if let Some(day) = days.iter().find(same) {
            day.free.fetch_add(i64::from(change.freed), Ordering::Relaxed);
        }
    }

    /// Whether a site has a day in a campaign from `from` on that passes `test`, asked day by day without gathering them.
    pub fn any_day(
        &self,
        site: SiteId,
        campaign: CampaignId,
        from: Date,
        test: impl Fn(&FreeDay) -> bool,
    ) -> bool {
        let snapshot = self.0.load();
        let mut days = snapshot.get(&site).into_iter().flatten();
        days.any(|day| day.campaign == campaign && day.day >= from && test(&day.now()))
    }

    /// A site's days in a campaign from `from` on, in order, full days included.
    pub fn days(&self, site: SiteId, campaign: CampaignId, from: Date) -> Vec<FreeDay> {
        let snapshot = self.0.load();
        let mut days: Vec<FreeDay> = snapshot
            .get(&site)
            .into_iter()
            .flatten()
            .filter(|day| day.campaign == campaign && day.day >= from)
            .map(Day::now)
            .collect();
        days.sort_unstable_by_key(|day| (day.day, day.product));
        days
    }
}

fn snapshot(totals: Vec<DayTotal>) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for total in totals {
        snapshot.entry(total.site).or_default().push(Day {
            campaign: total.campaign,
            product: total.product,
            day: total.day,
            free: AtomicI64::new(total.free),
        });
    }
    snapshot
}
