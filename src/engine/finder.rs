//! The finder: sites where a party fits, in a district, around a place, by name, and how many there are in each district.
//! It works on what is in memory, without a query.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::Guard;

use super::Engine;
use super::address_book::kilometres;
use super::availability::PARTY_MAX;
use super::board::Board;
use super::country::Catalogue;
use crate::domain::ids::{CampaignId, ProductId};
use crate::domain::region::{District, Place, Province};
use crate::domain::seat_search::{NO_SLOTS, OpenDay, Outlook, ProductOutlook, SeatSearch};
use crate::domain::site::{Features, Site};

/// Searches whose counts are kept.
const KEPT_MAX: usize = 64;

/// Finds sites for one search.
pub struct Finder<'a> {
    engine: &'a Engine,
    catalogue: Guard<Arc<Catalogue>>,
    board: Guard<Arc<Board>>,
    campaign: CampaignId,
    outlook: Outlook,
    wanted: Vec<ProductId>,
    /// The board's table of each product of the outlook.
    rows: Vec<Option<usize>>,
    /// Numbers of the first days to come, by the closing hours of sites.
    first_days: Vec<usize>,
}

/// A site that has what was asked for; whether it has seats is another question.
pub struct Suitable {
    position: usize,
    kilometres: Option<f64>,
}

/// A site that was found.
pub struct FoundSite {
    /// The site.
    pub site: Arc<Site>,
    /// How far it is from the middle of the place, when it was looked for around one and its position is known.
    pub kilometres: Option<f64>,
    /// Whether the party fits on some day.
    pub fits: bool,
    position: usize,
}

/// What somebody was told of some sites rests on this: while it stands, they would be told the same again.
pub struct Basis {
    catalogue: Arc<Catalogue>,
    board: Arc<Board>,
    first_days: Vec<usize>,
    sites: Vec<Suitable>,
    changes: u64,
}

impl Basis {
    /// Whether there are no sites at all.
    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }
}

impl<'a> Finder<'a> {
    /// A finder for what counts now. Keep it only as long as a page takes to make.
    pub fn new(engine: &'a Engine, search: &SeatSearch) -> Self {
        let (catalogue, board) = (engine.country.now(), engine.availability.board());
        let table = board.campaign(search.campaign.id);
        let (first, days) = table.map_or((search.campaign.first_day, 0), |table| (table.first, table.days));
        let outlook = search.outlook(first, days);
        let row = |product: &ProductOutlook| {
            table?.products().iter().position(|row| row.product == product.product)
        };
        let wanted = search.products().into_iter().map(|product| product.id);
        let dates = catalogue.address_book().first_days(engine.now(), &engine.zone);
        Self {
            engine,
            campaign: search.campaign.id,
            wanted: wanted.filter(|id| search.only.is_none_or(|only| only == *id)).collect(),
            rows: outlook.products.iter().map(row).collect(),
            first_days: dates.into_iter().map(|date| outlook.number_of(date)).collect(),
            outlook,
            catalogue,
            board,
        }
    }

    /// The suitable sites of a district, by name.
    pub fn in_district(&self, place: Place<'_>, features: Features) -> Vec<Suitable> {
        let here = self.catalogue.address_book().in_district(place).iter().copied();
        self.suitable(here, features).map(|(position, _)| Suitable { position, kilometres: None }).collect()
    }

    /// Up to `most` suitable sites, those nearest to the middle of a district first.
    pub fn around(&self, place: Place<'_>, features: Features, most: usize) -> Vec<Suitable> {
        let sorted = self.catalogue.address_book().around(place, self.catalogue.sites());
        let near = sorted.iter().filter_map(|position| usize::try_from(*position).ok());
        self.suitable(near, features)
            .take(most)
            .map(|(position, site)| {
                let kilometres = Some(kilometres(site, place)).filter(|far| far.is_finite());
                Suitable { position, kilometres }
            })
            .collect()
    }

    /// Up to `most` suitable sites whose name or address holds `text`, by name.
    pub fn called(&self, text: &str, features: Features, most: usize) -> Vec<Suitable> {
        let called = self.catalogue.address_book().called(text);
        self.suitable(called, features)
            .take(most)
            .map(|(position, _)| Suitable { position, kilometres: None })
            .collect()
    }

    /// What will be told of these sites rests on this. Ask for it before their seats are counted: what changes in between
    /// then shows as a change.
    pub fn basis(&self, sites: Vec<Suitable>) -> Basis {
        Basis {
            catalogue: Arc::clone(&self.catalogue),
            board: Arc::clone(&self.board),
            first_days: self.first_days.clone(),
            changes: self.changes(&sites),
            sites,
        }
    }

    /// Whether what was told on this basis would be told again.
    pub fn stands(&self, basis: &Basis) -> bool {
        Arc::ptr_eq(&basis.catalogue, &self.catalogue)
            && Arc::ptr_eq(&basis.board, &self.board)
            && basis.first_days == self.first_days
            && basis.changes == self.changes(&basis.sites)
    }

    /// How often counts of these sites have changed.
    fn changes(&self, sites: &[Suitable]) -> u64 {
        let Some(campaign) = self.board.campaign(self.campaign) else { return 0 };
        let book = self.catalogue.address_book();
        sites.iter().map(|one| campaign.changes(book.number(one.position))).sum()
    }

    /// The sites of a basis with their seats.
    pub fn look_at(&self, basis: &Basis) -> Vec<FoundSite> {
        let found = basis.sites.iter().filter_map(|one| {
            let site = self.catalogue.sites().get(one.position)?.clone();
            let free = |product, day| self.free(one.position, product, day);
            let fits = self.outlook.fits_on_some_day(self.first_day(one.position), free);
            Some(FoundSite { site, kilometres: one.kilometres, fits, position: one.position })
        });
        found.collect()
    }

    /// What the search says of each day.
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// The days of a site as the party sees them.
    pub fn open_days(&self, found: &FoundSite) -> Vec<OpenDay> {
        let free = |product, day| self.free(found.position, product, day);
        self.outlook.open_days(self.first_day(found.position), free)
    }

    /// How many sites of each district have a day with enough seats for the party. Counted anew only when something that
    /// decides it has changed.
    pub fn count(&self) -> Arc<SiteCounts> {
        let turns = self.engine.availability.turns();
        let is_kept = self.outlook.people <= PARTY_MAX;
        if let Some(kept) = self.engine.counted.find(self, turns).filter(|_| is_kept) {
            return kept;
        }
        let counts = Arc::new(self.count_anew());
        if is_kept {
            self.engine.counted.keep(Counted {
                turns,
                catalogue: Arc::clone(&self.catalogue),
                campaign: self.campaign,
                outlook: self.outlook.clone(),
                first_days: self.first_days.clone(),
                counts: counts.clone(),
            });
        }
        counts
    }

    fn count_anew(&self) -> SiteCounts {
        let (book, people) = (self.catalogue.address_book(), self.outlook.people);
        let mut sites = vec![0; book.areas().len()];
        for (position, area) in book.area_of().iter().enumerate() {
            let has_seats = self.outlook.products.iter().enumerate().any(|(index, product)| {
                let days = product.suits.start.max(self.first_day(position))..product.suits.end;
                let counts = self.counts(position, index).and_then(|counts| counts.get(days));
                counts.unwrap_or_default().iter().any(|count| count.load(Ordering::Relaxed) >= people)
            });
            if let Some(sites) = sites.get_mut(*area).filter(|_| has_seats) {
                *sites += 1;
            }
        }
        let areas = book.areas().iter().cloned().zip(sites);
        SiteCounts(areas.map(|((province, district), sites)| (province, district, sites)).collect())
    }

    /// Of the sites at these positions, those that have the features and a vaccine for the party.
    fn suitable(
        &self,
        positions: impl Iterator<Item = usize>,
        features: Features,
    ) -> impl Iterator<Item = (usize, &Arc<Site>)> {
        let sites = positions.filter_map(|position| Some((position, self.catalogue.sites().get(position)?)));
        sites.filter(move |(_, site)| {
            site.features.include(features)
                && site.offers.iter().any(|offer| self.wanted.contains(&offer.product))
        })
    }

    /// Free seats of a site on a day with the product of an index in the outlook; [`NO_SLOTS`] when there are none.
    fn free(&self, position: usize, product: usize, day: usize) -> i32 {
        let count = self.counts(position, product).and_then(|counts| counts.get(day));
        count.map_or(NO_SLOTS, |count| count.load(Ordering::Relaxed))
    }

    /// The counts of a site, day by day, with the product of an index in the outlook.
    fn counts(&self, position: usize, product: usize) -> Option<&[AtomicI32]> {
        let campaign = self.board.campaign(self.campaign)?;
        let row = campaign.products().get((*self.rows.get(product)?)?)?;
        row.of_site(self.catalogue.address_book().number(position), campaign.days)
    }

    /// The number of the first day on which a site may still have a time to come.
    fn first_day(&self, position: usize) -> usize {
        let closing = self.catalogue.address_book().closing_of(position);
        self.first_days.get(closing).copied().unwrap_or(usize::MAX)
    }
}

/// How many sites of each district have enough seats.
#[derive(Debug, Default)]
pub struct SiteCounts(Vec<(String, String, usize)>);

impl SiteCounts {
    /// How many there are in a province, or in one of its districts.
    pub fn within(&self, province: &Province, district: Option<&District>) -> usize {
        let here = self.0.iter().filter(|(of, name, _)| {
            of == province.code && district.is_none_or(|district| name == district.code)
        });
        here.map(|(_, _, sites)| sites).sum()
    }
}

/// Counts that were made before, of the searches that came last.
#[derive(Debug, Default)]
pub(super) struct CountedSites(Mutex<Vec<Counted>>);

/// Counts and all that they rest on.
#[derive(Debug)]
struct Counted {
    turns: u64,
    catalogue: Arc<Catalogue>,
    campaign: CampaignId,
    outlook: Outlook,
    first_days: Vec<usize>,
    counts: Arc<SiteCounts>,
}

impl CountedSites {
    fn find(&self, finder: &Finder<'_>, turns: u64) -> Option<Arc<SiteCounts>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|one| {
            one.turns == turns
                && one.campaign == finder.campaign
                && one.outlook == finder.outlook
                && one.first_days == finder.first_days
                && Arc::ptr_eq(&one.catalogue, &finder.catalogue)
        });
        found.map(|one| one.counts.clone())
    }

    fn keep(&self, new: Counted) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What rests on older counts will never be asked for again.
        kept.retain(|one| one.turns >= new.turns && Arc::ptr_eq(&one.catalogue, &new.catalogue));
        if kept.len() >= KEPT_MAX {
            kept.swap_remove(0);
        }
        kept.push(new);
    }
}
