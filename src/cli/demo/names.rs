//! Invented sites: names, addresses, phones, features and positions that look like those of a district.

use std::collections::HashSet;

use super::words::{self, pick, word};
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::region::{District, Place, Province, Regions};

/// What kind of place vaccinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SiteKind {
    /// A public health centre (보건소) or its branch (보건지소).
    HealthCentre,
    /// A vaccination centre set up in a sports hall.
    VaccinationCentre,
    /// A hospital.
    Hospital,
    /// A doctor's practice.
    Clinic,
}

impl SiteKind {
    /// A kind as common as it is in a campaign: out of twenty, fifteen clinics, two hospitals, two health centres and
    /// one vaccination centre.
    pub fn any(chance: &dyn Chance) -> Self {
        match chance.below(20) {
            0 => Self::VaccinationCentre,
            1..=2 => Self::HealthCentre,
            3..=4 => Self::Hospital,
            _ => Self::Clinic,
        }
    }
}

/// The same text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bilingual {
    /// In Korean.
    pub korean: String,
    /// In English.
    pub english: String,
}

/// What a site offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteFeatures {
    /// Reached without a step.
    pub step_free: bool,
    /// Open on some evenings.
    pub evenings: bool,
    /// Open on Saturday or Sunday.
    pub weekend: bool,
    /// Has a car park.
    pub parking: bool,
}

/// Gives names to sites, no name twice in the country.
#[derive(Debug)]
pub struct SiteNames {
    taken: HashSet<String>,
    /// Names that districts of several provinces bear: 중구, 고성군.
    shared: HashSet<&'static str>,
}

impl Default for SiteNames {
    fn default() -> Self {
        Self::new()
    }
}

impl SiteNames {
    /// Nothing is taken yet.
    pub fn new() -> Self {
        let mut seen = HashSet::new();
        let names = Regions::korea().places().map(|(_, district)| district.korean);
        Self { taken: HashSet::new(), shared: names.filter(|name| !seen.insert(*name)).collect() }
    }

    /// A name for a site in this district that no site got before. A number is added where words run out.
    pub fn name(&mut self, chance: &dyn Chance, place: Place<'_>, kind: SiteKind) -> Bilingual {
        const TRIES: u32 = 12;
        let label = Label::of(place, self.shared.contains(place.1.korean));
        let mut name = plain_name(chance, &label, kind);
        for _ in 0..TRIES {
            if self.taken.insert(name.korean.clone()) {
                return name;
            }
            name = neighbourhood_name(chance, &label, kind);
        }
        let mut number: u32 = 2;
        loop {
            let Bilingual { korean, english } = &name;
            let numbered =
                Bilingual { korean: format!("{korean} {number}"), english: format!("{english} {number}") };
            if self.taken.insert(numbered.korean.clone()) {
                return numbered;
            }
            number += 1;
        }
    }
}

/// How names of sites call their district: in full, and the way people say it.
struct Label {
    full: Bilingual,
    short: Bilingual,
}

impl Label {
    /// 종로구 and 종로; 부산 중구 twice where other provinces have a district of that name.
    fn of((province, district): Place<'_>, shared: bool) -> Self {
        let (korean, english) = (district.korean.to_owned(), district.english.to_owned());
        if !shared {
            let short = Bilingual { korean: short_korean(&korean), english: short_english(&english) };
            return Self { full: Bilingual { korean, english }, short };
        }
        let full = Bilingual {
            korean: format!("{} {korean}", province.short_korean()),
            english: format!("{} {english}", province.english),
        };
        Self { short: full.clone(), full }
    }
}

/// 종로 of 종로구; of a city's 구 the 구: 분당 of 성남시 분당구.
fn short_korean(district: &str) -> String {
    let last = district.rsplit(' ').next().unwrap_or(district);
    let stem = last.strip_suffix(['시', '군', '구']).filter(|stem| stem.chars().count() >= 2);
    stem.map_or_else(|| district.to_owned(), str::to_owned)
}

fn short_english(district: &str) -> String {
    let last = district.rsplit(' ').next().unwrap_or(district);
    let stem = last.split_once('-').map(|(stem, _)| stem).filter(|stem| !matches!(*stem, "Nam" | "Buk"));
    stem.unwrap_or(district).to_owned()
}

fn plain_name(chance: &dyn Chance, label: &Label, kind: SiteKind) -> Bilingual {
    let Label { full, short } = label;
    match kind {
        SiteKind::HealthCentre => Bilingual {
            korean: format!("{} 보건소", full.korean),
            english: format!("{} Public Health Centre", full.english),
        },
        SiteKind::VaccinationCentre => {
            let (korean, english) = word(chance, words::HALLS);
            Bilingual {
                korean: format!("{} {korean} 예방접종센터", full.korean),
                english: format!("{} {english} Vaccination Centre", full.english),
            }
        }
        SiteKind::Hospital => branded(chance, short, words::HOSPITALS),
        SiteKind::Clinic => branded(chance, short, words::SPECIALTIES),
    }
}

fn neighbourhood_name(chance: &dyn Chance, label: &Label, kind: SiteKind) -> Bilingual {
    let (korean, english) = word(chance, words::NEIGHBOURHOODS);
    let within = |district: &Bilingual| Bilingual {
        korean: format!("{} {korean}", district.korean),
        english: format!("{} {english}", district.english),
    };
    match kind {
        SiteKind::HealthCentre => {
            let Bilingual { korean, english } = within(&label.full);
            Bilingual {
                korean: format!("{korean}보건지소"),
                english: format!("{english} Health Centre Branch"),
            }
        }
        SiteKind::VaccinationCentre => {
            let (hall_korean, hall_english) = word(chance, words::HALLS);
            let Bilingual { korean, english } = within(&label.full);
            Bilingual {
                korean: format!("{korean}{hall_korean} 예방접종센터"),
                english: format!("{english} {hall_english} Vaccination Centre"),
            }
        }
        SiteKind::Hospital => branded(chance, &within(&label.short), words::HOSPITALS),
        SiteKind::Clinic => branded(chance, &within(&label.short), words::SPECIALTIES),
    }
}

/// 서초 연세내과의원, Seocho Yonsei Internal Medicine Clinic.
fn branded(chance: &dyn Chance, place: &Bilingual, kinds: &[words::Word]) -> Bilingual {
    let (brand_korean, brand_english) = word(chance, words::BRANDS);
    let (kind_korean, kind_english) = word(chance, kinds);
    Bilingual {
        korean: format!("{} {brand_korean}{kind_korean}", place.korean),
        english: format!("{} {brand_english} {kind_english}", place.english),
    }
}

/// An address by road name: 서울특별시 종로구 중앙로 12, or on a side road 중앙로3길 12.
pub fn address(chance: &dyn Chance, (province, district): Place<'_>) -> Bilingual {
    let (mut road_korean, mut road_english) = word(chance, words::ROADS);
    let (side_korean, side_english);
    if chance.below(3) == 0 {
        let number = chance.below(60) + 1;
        side_korean = format!("{road_korean}{number}길");
        side_english = format!("{road_english} {number}-gil");
        (road_korean, road_english) = (&side_korean, &side_english);
    }
    let house = chance.below(240) + 1;
    // Sejong has no districts: its one district is the city itself.
    let (mut korean, mut english) = (province.korean.to_owned(), province.english.to_owned());
    if province.districts.len() > 1 {
        korean = format!("{korean} {}", district.korean);
        english = format!("{}, {english}", district.english);
    }
    Bilingual {
        korean: format!("{korean} {road_korean} {house}"),
        english: format!("{house} {road_english}, {english}"),
    }
}

/// A landline number that nobody can have: the province's area code, 000 and four digits.
pub fn site_phone(chance: &dyn Chance, province: &Province) -> String {
    format!("{}-000-{:04}", area_code(province.code), chance.below(10_000))
}

/// The area code of a province (시외전화 지역번호).
fn area_code(province_code: &str) -> &'static str {
    match province_code {
        "gyeonggi" => "031",
        "incheon" => "032",
        "gangwon" => "033",
        "chungnam" => "041",
        "daejeon" => "042",
        "chungbuk" => "043",
        "sejong" => "044",
        "busan" => "051",
        "ulsan" => "052",
        "daegu" => "053",
        "gyeongbuk" => "054",
        "gyeongnam" => "055",
        "jeonnam" => "061",
        "gwangju" => "062",
        "jeonbuk" => "063",
        "jeju" => "064",
        _ => "02",
    }
}

/// What a site of this kind is likely to offer.
pub fn features(chance: &dyn Chance, kind: SiteKind) -> SiteFeatures {
    let (step_free, evenings, weekend, parking) = match kind {
        SiteKind::HealthCentre => (95, 15, 20, 90),
        SiteKind::VaccinationCentre => (90, 30, 70, 95),
        SiteKind::Hospital => (95, 40, 70, 95),
        SiteKind::Clinic => (55, 30, 60, 45),
    };
    let likely = |percent: u64| chance.below(100) < percent;
    SiteFeatures {
        step_free: likely(step_free),
        evenings: likely(evenings),
        weekend: likely(weekend),
        parking: likely(parking),
    }
}

/// A latitude and longitude (WGS84, degrees, five decimals) around the district's centre, denser in the middle:
/// within about 2 km in a 구, 4 km in a city, 6 km in a 군.
pub fn site_position(chance: &dyn Chance, district: &District) -> (f64, f64) {
    const KM_PER_DEGREE: f64 = 111.2;
    let reach_km = match district.korean.chars().last() {
        Some('구') => 2.0,
        Some('군') => 6.0,
        _ => 4.0,
    };
    let (latitude, longitude) = district.centre;
    let distance_km = reach_km * fraction(chance);
    let (north, east) = (fraction(chance) * std::f64::consts::TAU).sin_cos();
    let five_decimals = |degrees: f64| (degrees * 1e5).round() / 1e5;
    (
        five_decimals(latitude + distance_km * north / KM_PER_DEGREE),
        five_decimals(longitude + distance_km * east / (KM_PER_DEGREE * latitude.to_radians().cos())),
    )
}

/// Several positions in one district, see [`site_position`].
pub fn site_positions(chance: &dyn Chance, district: &District, count: usize) -> Vec<(f64, f64)> {
    (0..count).map(|_| site_position(chance, district)).collect()
}

fn fraction(chance: &dyn Chance) -> f64 {
    const STEPS: u32 = 1 << 20;
    f64::from(u32::try_from(chance.below(u64::from(STEPS))).unwrap_or(0)) / f64::from(STEPS)
}

/// `count` places for sites: every district once if there are enough, the rest by population. Districts come in order,
/// so that the sites of one stand together.
pub fn places_for_sites<'a>(chance: &dyn Chance, regions: &'a Regions, count: usize) -> Vec<Place<'a>> {
    let all: Vec<Place<'a>> = regions.places().collect();
    let by_population: Vec<usize> = all
        .iter()
        .enumerate()
        .flat_map(|(index, (_, district))| std::iter::repeat_n(index, district.population_thousands as usize))
        .collect();
    let mut chosen: Vec<usize> = if count >= all.len() { (0..all.len()).collect() } else { Vec::new() };
    while chosen.len() < count {
        chosen.push(pick(chance, &by_population, 0));
    }
    chosen.sort_unstable();
    chosen.into_iter().filter_map(|index| all.get(index).copied()).collect()
}

#[cfg(test)]
mod tests;
