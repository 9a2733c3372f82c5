//! Finding sites: in a district, around a place, or by name. No query and no lock: everything is in memory.

use super::choices::Choices;
use crate::domain::region::{Place, Province, Regions};
use crate::domain::seat_search::OpenDay;
use crate::engine::finder::{Finder, FoundSite, Suitable};

/// Sites that are looked at around a place or by name, the nearest first.
pub const CANDIDATES_MAX: usize = 48;

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

/// The sites in a place that have what was asked for, by distance or by name.
pub fn suitable(finder: &Finder<'_>, choices: &Choices, place: &Where) -> Vec<Suitable> {
    let features = choices.features;
    match place {
        Where::District(place) => finder.in_district(*place, features),
        Where::Around(place) => finder.around(*place, features, CANDIDATES_MAX),
        Where::Named(text) => finder.called(text, features, CANDIDATES_MAX),
        Where::Country | Where::Province(_) | Where::Several(_) => Vec::new(),
    }
}

/// The sites as they are shown: those with seats for the party first.
pub fn in_order(mut found: Vec<FoundSite>, choices: &Choices) -> Vec<FoundSite> {
    if choices.by_name {
        found.sort_by(|one, other| one.site.name.cmp(&other.site.name));
    }
    found.sort_by_key(|one| !one.fits);
    found
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
