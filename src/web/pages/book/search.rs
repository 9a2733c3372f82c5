//! Finding sites: in a district, around a place, or by name. No query and no lock: everything is in memory.

use std::sync::Arc;

use super::choices::Choices;
use super::errand::{Errand, first_day};
use crate::domain::position::Position;
use crate::domain::region::{District, Place, Province, Regions};
use crate::domain::seat_search::OpenDay;
use crate::domain::site::Site;
use crate::engine::Engine;

/// Sites that are looked at around a place or by name, the nearest first.
const CANDIDATES_MAX: usize = 100;

/// Where sites are looked for.
pub enum Where {
    /// Nothing was chosen: all provinces.
    Country,
    /// A province was chosen, its district was not.
    Province(&'static Province),
    /// Sites of a district.
    District(Place<'static>),
    /// Sites around a district, also across its border.
    Around(Place<'static>),
    /// Sites whose name or address holds what was typed.
    Named(String),
    /// What was typed can mean several districts.
    Several(Vec<Place<'static>>),
}

impl Where {
    /// What the choices say.
    pub fn chosen(choices: &Choices) -> Self {
        if let Some(place) = place_called(&choices.around) {
            return Self::Around(place);
        }
        if let Some(place) = place_called(&choices.within) {
            return Self::District(place);
        }
        if !choices.near.is_empty() {
            return match Regions::korea().search(&choices.near).as_slice() {
                [] => Self::Named(choices.near.clone()),
                [place] => Self::Around(*place),
                several => Self::Several(several.to_vec()),
            };
        }
        Regions::korea().province(&choices.within).map_or(Self::Country, Self::Province)
    }
}

/// How a place is called in a URL.
pub fn place_code((province, district): Place<'_>) -> String {
    format!("{}.{}", province.code, district.code)
}

fn place_called(code: &str) -> Option<Place<'static>> {
    let (province, district) = code.split_once('.')?;
    let province = Regions::korea().province(province)?;
    Some((province, province.district(district)?))
}

/// A site that was found.
pub struct Found {
    /// The site.
    pub site: Arc<Site>,
    /// How far it is from the middle of the place, when it was looked for around one.
    pub kilometres: Option<f64>,
    /// Its days as the party sees them.
    pub days: Vec<OpenDay>,
}

impl Found {
    /// Whether the party fits on some day.
    pub fn fits(&self) -> bool {
        self.days.iter().any(|day| day.fits)
    }
}

/// The sites in a place, those with seats for the party first, then by distance or by name.
pub fn sites(engine: &Engine, errand: &Errand, choices: &Choices, place: &Where) -> Vec<Found> {
    let catalogue = engine.country.now();
    let suitable = |site: &&Arc<Site>| suits(site, errand, choices);
    let sites = catalogue.sites().iter().filter(suitable);
    let mut near: Vec<(Option<f64>, &Arc<Site>)> = match place {
        Where::District(place) => sites.filter(|site| is_in(site, *place)).map(|site| (None, site)).collect(),
        Where::Around((_, district)) => sites.map(|site| (Some(distance(site, district)), site)).collect(),
        Where::Named(text) => sites.filter(|site| is_named(site, text)).map(|site| (None, site)).collect(),
        Where::Country | Where::Province(_) | Where::Several(_) => Vec::new(),
    };
    near.sort_by(|one, other| one.0.unwrap_or(0.0).total_cmp(&other.0.unwrap_or(0.0)));
    if !matches!(place, Where::District(_)) {
        near.truncate(CANDIDATES_MAX);
    }
    if choices.by_name {
        near.sort_by(|one, other| one.1.name.cmp(&other.1.name));
    }
    let mut found: Vec<Found> = near
        .into_iter()
        .map(|(kilometres, site)| {
            let days = errand.search.open_days(&errand.days_at(engine, site));
            Found { site: site.clone(), kilometres: kilometres.filter(|far| far.is_finite()), days }
        })
        .collect();
    found.sort_by_key(|one| !one.fits());
    found
}

/// How many sites of a province, or of one of its districts, have a day with enough seats for the party.
pub fn count_sites(
    engine: &Engine,
    errand: &Errand,
    province: &Province,
    district: Option<&District>,
) -> usize {
    let people = i64::try_from(errand.search.people()).unwrap_or(i64::MAX);
    let catalogue = engine.country.now();
    let here = catalogue.sites().iter().filter(|site| {
        site.province == province.code && district.is_none_or(|district| site.district == district.code)
    });
    here.filter(|site| {
        let from = first_day(site, engine);
        engine.availability.any_day(site.id, errand.campaign().id, from, |day| {
            day.free >= people && errand.search.suits(day.product, day.day)
        })
    })
    .count()
}

/// Whether a site has what the visitor asks for and a vaccine for the party.
fn suits(site: &Site, errand: &Errand, choices: &Choices) -> bool {
    let only = errand.search.only;
    site.features.include(choices.features)
        && site.offers.iter().any(|offer| {
            only.is_none_or(|only| only == offer.product)
                && errand.search.products().iter().any(|product| product.id == offer.product)
        })
}

fn is_in(site: &Site, (province, district): Place<'_>) -> bool {
    site.province == province.code && site.district == district.code
}

/// Kilometres from the middle of a district; a site without a position comes last.
fn distance(site: &Site, district: &District) -> f64 {
    let (latitude, longitude) = district.centre;
    let centre = Position::new(latitude, longitude).ok();
    site.position.zip(centre).map_or(f64::INFINITY, |(here, centre)| here.kilometres_to(&centre))
}

fn is_named(site: &Site, text: &str) -> bool {
    let fold =
        |text: &str| text.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_lowercase).collect();
    let (wanted, name, address): (String, String, String) =
        (fold(text), fold(&site.name), fold(&site.address));
    !wanted.is_empty() && (name.contains(&wanted) || address.contains(&wanted))
}

/// Days to show of a site: from the first on which the party fits, up to `most`.
pub fn next_days(days: &[OpenDay], most: usize) -> &[OpenDay] {
    let first = days.iter().position(|day| day.fits).unwrap_or(0);
    let last = days.len().min(first + most);
    days.get(first..last).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn near(text: &str) -> Where {
        Where::chosen(&Choices { near: text.into(), ..Choices::default() })
    }

    #[test]
    fn a_typed_place_is_one_district_several_or_a_name() {
        assert!(matches!(near("강남"), Where::Around((_, district)) if district.code == "gangnam-gu"));
        assert!(matches!(near("중구"), Where::Several(places) if places.len() > 2));
        assert!(matches!(near("서울의료원"), Where::Named(_)));
        assert!(matches!(near(""), Where::Country));
    }

    #[test]
    fn a_chosen_place_leads_back_to_itself() {
        let Where::Around(place) = near("gangnam") else { panic!("Gangnam is one district") };
        let code = place_code(place);
        let within = Choices { within: code.clone(), ..Choices::default() };
        assert!(matches!(Where::chosen(&within), Where::District(found) if place_code(found) == code));
        let province = Choices { within: "seoul".into(), ..Choices::default() };
        assert!(matches!(Where::chosen(&province), Where::Province(found) if found.code == "seoul"));
        let nowhere = Choices { within: "seoul.atlantis".into(), ..Choices::default() };
        assert!(matches!(Where::chosen(&nowhere), Where::Country));
    }

    #[test]
    fn days_are_shown_from_the_first_that_fits() {
        let day = |day, fits| OpenDay { day: date(2026, 11, day), free: 1, fits };
        let days = [day(24, false), day(25, true), day(26, false), day(27, true)];
        assert_eq!(next_days(&days, 2), &days[1..3]);
        assert_eq!(next_days(&days[..1], 2), &days[..1]);
        assert!(next_days(&[], 2).is_empty());
    }
}
