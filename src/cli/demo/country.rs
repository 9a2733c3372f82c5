//! The invented sites: over all provinces and districts, of every kind, with hours and seats.

use super::campaigns::{Campaigns, codes};
use super::names::{self, SiteKind, SiteNames};
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::ids::{ProductId, SiteId};
use crate::domain::position::Position;
use crate::domain::region::{Place, Regions};
use crate::domain::site::{Features, Offer, Site};
use crate::domain::weekly_hours::{WeeklyHours, WeeklyHoursError};

/// Sites at the beginning of the list that are open every day with many seats: their rosters are the ones to look at.
pub const SHOWN: usize = 2;

/// Seats of each half hour and product at a shown site.
const SHOWN_SEATS: u16 = 4;

const TIME_ZONE: &str = "Asia/Seoul";

/// `count` sites, those of a district together; the first [`SHOWN`] are open every day. Ids and codes are given when
/// they are stored.
///
/// # Errors
/// [`WeeklyHoursError`] when invented hours are none; a test makes sure that they are.
pub fn invent(
    chance: &dyn Chance,
    count: usize,
    campaigns: &Campaigns,
) -> Result<Vec<Site>, WeeklyHoursError> {
    let mut names = SiteNames::new();
    names::places_for_sites(chance, Regions::korea(), count)
        .into_iter()
        .enumerate()
        .map(|(index, place)| site(chance, &mut names, place, index < SHOWN, campaigns))
        .collect()
}

/// What names a site in the store, so that a demo that was cut off goes on where it was.
pub fn import_key(index: usize) -> String {
    format!("demo-{index}")
}

fn site(
    chance: &dyn Chance,
    names: &mut SiteNames,
    place: Place<'_>,
    is_shown: bool,
    campaigns: &Campaigns,
) -> Result<Site, WeeklyHoursError> {
    let (province, district) = place;
    let kind = if is_shown { SiteKind::HealthCentre } else { SiteKind::any(chance) };
    let name = names.name(chance, place, kind).korean;
    let invented = names::features(chance, kind);
    let features = Features {
        step_free: invented.step_free || is_shown,
        evenings: invented.evenings && !is_shown,
        weekend: invented.weekend || is_shown,
        parking: invented.parking,
    };
    let (latitude, longitude) = names::site_position(chance, district);
    Ok(Site {
        id: SiteId(0),
        code: String::new(),
        name,
        province: province.code.to_owned(),
        district: district.code.to_owned(),
        address: names::address(chance, place).korean,
        position: Position::new(latitude, longitude).ok(),
        phone: Some(names::site_phone(chance, province)),
        features,
        time_zone: TIME_ZONE.to_owned(),
        hours: WeeklyHours::parse(&hours(kind, features, is_shown))?,
        offers: offers(chance, kind, is_shown, campaigns),
    })
}

/// Opening hours of this kind of site, as its features promise.
fn hours(kind: SiteKind, features: Features, is_shown: bool) -> String {
    if is_shown {
        return "Mon-Sun 09:00-18:00".to_owned();
    }
    let (weekdays, evening, saturday) = match kind {
        SiteKind::HealthCentre => ("09:00-12:00 13:00-17:00", "18:00-20:00", "09:00-12:00"),
        SiteKind::VaccinationCentre => ("09:00-17:00", "18:00-20:00", "09:00-15:00"),
        SiteKind::Hospital => ("09:00-12:30 13:30-17:00", "18:00-20:00", "09:00-12:30"),
        SiteKind::Clinic => ("09:00-12:30 14:00-18:00", "18:30-20:30", "09:00-13:00"),
    };
    let mut text = format!("Mon-Fri {weekdays}");
    if features.evenings {
        text.push_str(&format!("; Tue,Thu {evening}"));
    }
    if features.weekend {
        let days = if kind == SiteKind::VaccinationCentre { "Sat-Sun" } else { "Sat" };
        text.push_str(&format!("; {days} {saturday}"));
    }
    text
}

/// What a site vaccinates with: everybody has the standard vaccine against influenza, not everybody the others.
fn offers(chance: &dyn Chance, kind: SiteKind, is_shown: bool, campaigns: &Campaigns) -> Vec<Offer> {
    let (high_dose, mrna, protein, seats) = match kind {
        _ if is_shown => (100, 100, 100, SHOWN_SEATS..=SHOWN_SEATS),
        SiteKind::HealthCentre => (70, 70, 20, 3..=6),
        SiteKind::VaccinationCentre => (80, 100, 40, 8..=12),
        SiteKind::Hospital => (70, 80, 30, 2..=5),
        SiteKind::Clinic => (35, 40, 0, 1..=3),
    };
    let mut offers = Vec::new();
    for (code, percent) in [
        (codes::STANDARD, 100),
        (codes::HIGH_DOSE, high_dose),
        (codes::MRNA, mrna),
        (codes::PROTEIN, protein),
    ] {
        let has = chance.below(100) < percent;
        if let Some(product) = product(campaigns, code).filter(|_| has) {
            let span = u64::from(seats.end() - seats.start()) + 1;
            let more = u16::try_from(chance.below(span)).unwrap_or(0);
            offers.push(Offer { product, seats: seats.start() + more });
        }
    }
    offers
}

/// The stored id of an invented product.
pub fn product(campaigns: &Campaigns, code: &str) -> Option<ProductId> {
    campaigns.both().into_iter().find_map(|campaign| campaign.product_by_code(code)).map(|product| product.id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    #[test]
    fn every_kind_of_site_has_hours_that_keep_its_promises() {
        for kind in
            [SiteKind::HealthCentre, SiteKind::VaccinationCentre, SiteKind::Hospital, SiteKind::Clinic]
        {
            for (evenings, weekend) in [(false, false), (true, false), (false, true), (true, true)] {
                let features = Features { evenings, weekend, ..Features::default() };
                let hours = WeeklyHours::parse(&hours(kind, features, false)).unwrap();
                let late = hours.spans_on(Weekday::Tuesday).len() > hours.spans_on(Weekday::Monday).len();
                assert_eq!(late, evenings, "{kind:?}");
                assert_eq!(!hours.spans_on(Weekday::Saturday).is_empty(), weekend, "{kind:?}");
            }
            let shown = WeeklyHours::parse(&hours(kind, Features::default(), true)).unwrap();
            assert!(!shown.spans_on(Weekday::Sunday).is_empty());
        }
    }
}
