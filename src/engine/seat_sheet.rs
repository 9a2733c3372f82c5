//! The seat sheet: the slots of one site with their free seats, as its desk keeps them. In the evening a country has
//! thousands of desks with hundreds of slots each, so a slot takes 24 bytes.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::booking::LaneChange;
use crate::domain::ids::{CampaignId, ProductId, SiteId, SlotId};
use crate::domain::slot::{FreeSlot, SeatCount, Slot};

/// The slots of one site.
#[derive(Debug, Default)]
pub(super) struct SeatSheet {
    /// What slots are for; they share a few.
    uses: Vec<(CampaignId, ProductId)>,
    /// In order of ids.
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    id: SlotId,
    /// Seconds since 1970, which fit until 2106.
    starts_at: u32,
    local_date: Date,
    version: u32,
    free: u16,
    /// An index in [`SeatSheet::uses`].
    is_for: u16,
}

impl SeatSheet {
    /// A sheet of these slots.
    pub(super) fn of(slots: Vec<(Slot, SeatCount)>) -> Self {
        let mut sheet = Self { uses: Vec::new(), rows: Vec::with_capacity(slots.len()) };
        for (slot, count) in slots {
            let row = sheet.row(&slot, &count);
            sheet.rows.push(row);
        }
        sheet.rows.sort_unstable_by_key(|row| row.id);
        sheet
    }

    fn row(&mut self, slot: &Slot, count: &SeatCount) -> Row {
        let is_for = (slot.campaign, slot.product);
        let known = self.uses.iter().position(|one| *one == is_for);
        let index = known.unwrap_or_else(|| {
            self.uses.push(is_for);
            self.uses.len() - 1
        });
        Row {
            id: slot.id,
            starts_at: u32::try_from(slot.starts_at.as_second()).unwrap_or(u32::MAX),
            local_date: slot.local_date,
            version: version(count),
            free: u16::try_from(count.free()).unwrap_or(u16::MAX),
            is_for: u16::try_from(index).unwrap_or(u16::MAX),
        }
    }

    fn find(&self, id: SlotId) -> Option<&Row> {
        self.rows.binary_search_by_key(&id, |row| row.id).ok().and_then(|index| self.rows.get(index))
    }

    /// Free seats of a slot; `None` when it is not on the sheet.
    pub(super) fn free(&self, id: SlotId) -> Option<i32> {
        self.find(id).map(|row| row.free.into())
    }

    /// A slot of `site`, whose sheet this is.
    pub(super) fn slot(&self, site: SiteId, id: SlotId) -> Option<Slot> {
        self.find(id).and_then(|row| self.whole(site, row))
    }

    fn whole(&self, site: SiteId, row: &Row) -> Option<Slot> {
        let (campaign, product) = *self.uses.get(usize::from(row.is_for))?;
        let starts_at = Timestamp::from_second(row.starts_at.into()).ok()?;
        Some(Slot { id: row.id, site, campaign, product, starts_at, local_date: row.local_date })
    }

    /// Takes over a newer count.
    pub(super) fn note(&mut self, change: &LaneChange) {
        let new = self.row(&change.slot, &change.after);
        match self.rows.binary_search_by_key(&new.id, |row| row.id) {
            Ok(index) => {
                if let Some(known) = self.rows.get_mut(index).filter(|known| known.version <= new.version) {
                    *known = new;
                }
            }
            Err(index) => self.rows.insert(index, new),
        }
    }

    /// The slots of a campaign that start after `now`, by their start.
    pub(super) fn coming(&self, site: SiteId, campaign: CampaignId, now: Timestamp) -> Vec<FreeSlot> {
        let slots = self.rows.iter().filter_map(|row| Some((self.whole(site, row)?, row.free)));
        let mut coming: Vec<FreeSlot> = slots
            .filter(|(slot, _)| slot.campaign == campaign && slot.starts_at > now)
            .map(|(slot, free)| FreeSlot { slot, free: free.into() })
            .collect();
        coming.sort_unstable_by_key(|free| (free.slot.starts_at, free.slot.product));
        coming
    }
}

fn version(count: &SeatCount) -> u32 {
    u32::try_from(count.version).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::booking::Commit;

    const SITE: SiteId = SiteId(1);

    fn slot(id: i64, campaign: i64, start: &str) -> Slot {
        Slot {
            id: SlotId(id),
            site: SITE,
            campaign: CampaignId(campaign),
            product: ProductId(5),
            starts_at: start.parse().unwrap(),
            local_date: Date::constant(2026, 11, 24),
        }
    }

    fn count(booked: i32, version: i64) -> SeatCount {
        SeatCount { seats: 3, held: 0, booked, version }
    }

    fn change(slot: Slot, after: SeatCount) -> LaneChange {
        LaneChange { commit: Commit { writer: 0, number: 1 }, slot, after, freed: 0 }
    }

    #[test]
    fn slots_read_back() {
        let (early, late) = (slot(9, 1, "2026-11-24T00:00:00Z"), slot(4, 1, "2026-11-24T01:00:00Z"));
        let other = slot(6, 2, "2026-11-24T00:30:00Z");
        let sheet = SeatSheet::of(vec![(early, count(1, 0)), (late, count(3, 0)), (other, count(0, 0))]);
        assert_eq!(sheet.slot(SITE, other.id), Some(other));
        assert_eq!(
            (sheet.free(early.id), sheet.free(late.id), sheet.free(SlotId(5))),
            (Some(2), Some(0), None)
        );
        let coming = |now: &str| sheet.coming(SITE, CampaignId(1), now.parse().unwrap());
        let both = [FreeSlot { slot: early, free: 2 }, FreeSlot { slot: late, free: 0 }];
        assert_eq!(coming("2026-11-23T00:00:00Z"), both);
        assert_eq!(coming("2026-11-24T00:00:00Z"), both[1..]);
        assert_eq!(size_of::<Row>(), 24);
    }

    #[test]
    fn an_older_count_never_replaces_a_newer_one() {
        let one = slot(9, 1, "2026-11-24T00:00:00Z");
        let mut sheet = SeatSheet::of(vec![(one, count(0, 5))]);
        sheet.note(&change(one, count(3, 4)));
        assert_eq!(sheet.free(one.id), Some(3));
        sheet.note(&change(one, count(2, 6)));
        assert_eq!(sheet.free(one.id), Some(1));
        let new = slot(3, 2, "2026-11-24T02:00:00Z");
        sheet.note(&change(new, count(1, 0)));
        assert_eq!(sheet.slot(SITE, new.id), Some(new));
    }
}
