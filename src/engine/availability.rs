//! Free seats of every site by day, in memory: a search page costs no query and takes no lock. It is a cache; only the
//! database gives a seat.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::board::{Board, Entry};
use super::site_numbers::SiteNumbers;
use crate::domain::booking::LaneChange;
use crate::domain::ids::{CampaignId, ProductId, SiteId};
use crate::domain::seat_search::NO_SLOTS;
use crate::store::free_days::{self, Snapshot};
use crate::store::seat_changes::{News, SeatChange, Seen};
use crate::store::slots::DayTotal;
use crate::store::{Store, StoreError};

/// The most people of a party whose chances are counted ahead: a count that stays above changes nobody's choice of sites.
pub(super) const PARTY_MAX: i32 = 8;

/// The first day that is kept in memory: yesterday, which may still be today where a site is.
pub(super) fn first_day(now: Timestamp, zone: &TimeZone) -> Date {
    (now - SignedDuration::from_hours(24)).to_zoned(zone.clone()).date()
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

/// Free seats of every site by day. Readers never wait; whoever changes counts takes turns.
#[derive(Debug, Default)]
pub struct Availability {
    numbers: SiteNumbers,
    board: ArcSwap<Board>,
    turns: AtomicU64,
    following: Mutex<Following>,
}

/// What the counts rest on.
#[derive(Debug, Default)]
struct Following {
    seen: Seen,
    /// Changes of this node that came while everything is read anew; what is read may lack them.
    meanwhile: Option<Vec<LaneChange>>,
}

impl Availability {
    /// Reads everything from `from` on for the first time.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails.
    pub fn load(store: &Store, numbers: SiteNumbers, from: Date) -> Result<Self, StoreError> {
        let Snapshot { days, seen } = store.read_now(|conn, _| free_days::snapshot(conn, from))?;
        let board = ArcSwap::from_pointee(Board::of(&entries(&numbers, &days)));
        let following = Following { seen, meanwhile: None };
        Ok(Self { numbers, board, turns: AtomicU64::new(0), following: following.into() })
    }

    /// Reads everything again, after changes were missed.
    ///
    /// # Errors
    /// [`StoreError`] when the query fails; the old counts stay.
    pub async fn refresh(&self, store: &Store, from: Date) -> Result<(), StoreError> {
        self.following().meanwhile = Some(Vec::new());
        let read = store.read(move |conn, _| free_days::snapshot(conn, from)).await;
        let mut following = self.following();
        let meanwhile = following.meanwhile.take().unwrap_or_default();
        let Snapshot { days, seen } = read?;
        self.board.store(Arc::new(Board::of(&entries(&self.numbers, &days))));
        for change in meanwhile.iter().filter(|change| !seen.includes(change.commit)) {
            self.count(&SeatChange::Lane(*change));
        }
        following.seen = seen;
        self.turns.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Up to where the changes of other nodes are known.
    pub fn seen(&self) -> Seen {
        self.following().seen.clone()
    }

    /// Follows a committed change of this node.
    pub fn apply(&self, change: &LaneChange) {
        let mut following = self.following();
        if following.seen.includes(change.commit) {
            return;
        }
        self.count(&SeatChange::Lane(*change));
        if let Some(meanwhile) = &mut following.meanwhile {
            meanwhile.push(*change);
        }
    }

    /// Follows what transactions of other nodes changed. Only whoever reads anew may call it, one after the other.
    pub fn follow(&self, news: &[News]) {
        let mut following = self.following();
        let mut new_days = Vec::new();
        for one in news {
            for change in &one.changes {
                if self.count(change) {
                    continue;
                }
                // New slots are told of before their seats are taken; what else has no place is over.
                let day = change.of_day();
                let is_new = || new_days.iter().any(|new| is_same_day(new, &day));
                if matches!(change, SeatChange::Day(_)) || is_new() {
                    new_days.push(day);
                }
            }
            following.seen.add(one.commit);
        }
        self.grow(&new_days);
    }

    /// Corrects days that were found wrong.
    pub fn correct(&self, wrong: &[DayTotal]) {
        let _turn = self.following();
        let unknown = wrong.iter().filter(|day| !self.count(&SeatChange::Day(**day))).copied();
        self.grow(&unknown.collect::<Vec<_>>());
    }

    /// Adds days that the board has no place for.
    fn grow(&self, new_days: &[DayTotal]) {
        if !new_days.is_empty() {
            let mut all = self.board.load().entries();
            all.extend(entries(&self.numbers, new_days));
            self.board.store(Arc::new(Board::of(&all)));
            self.turns.fetch_add(1, Ordering::Release);
        }
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a change. `false` when the board has no place for its day.
    fn count(&self, change: &SeatChange) -> bool {
        let (board, day) = (self.board.load(), change.of_day());
        let site = self.numbers.of(day.site);
        let Some(count) = board.count(day.campaign, day.product, site, day.day) else { return false };
        let before = count.load(Ordering::Relaxed);
        if before == NO_SLOTS {
            return false;
        }
        let after = before.saturating_add(seats(day.free));
        count.store(after, Ordering::Relaxed);
        board.note_change(day.campaign, site);
        if before.min(after) < PARTY_MAX {
            self.turns.fetch_add(1, Ordering::Release);
        }
        true
    }

    /// The counts as they are now.
    pub(super) fn board(&self) -> Guard<Arc<Board>> {
        self.board.load()
    }

    /// Grows whenever a count changes that decides for some party of up to [`PARTY_MAX`] whether it fits.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Acquire)
    }

    /// Whether a campaign has seats, and none of them is free from a day on.
    pub fn is_full(&self, campaign: CampaignId, from: Date) -> bool {
        self.board.load().campaign(campaign).is_some_and(|board| !board.has_free_seat(from))
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

fn entries(numbers: &SiteNumbers, days: &[DayTotal]) -> Vec<Entry> {
    let entry = |total: &DayTotal| Entry {
        site: numbers.of(total.site),
        campaign: total.campaign,
        product: total.product,
        day: total.day,
        free: seats(total.free),
    };
    days.iter().map(entry).collect()
}

fn seats(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn is_same_day(one: &DayTotal, other: &DayTotal) -> bool {
    DayTotal { free: other.free, ..*one } == *other
}
