//! Provinces (시도) and districts (시군구) of South Korea: where a site is, and how people say where they are.
//!
//! The table `regions.csv` beside this file is the country as of July 2026, non-autonomous 구 of big cities
//! included. One deviation: Gwangju and Jeonnam, joined in that month, stay two provinces here, because people look for
//! their district under the name they know; the joint name finds the districts of both.

mod former_names;

use std::cmp::Reverse;
use std::sync::LazyLock;

use thiserror::Error;

/// How many districts [`Regions::search`] gives at most: what a person can look over on a small screen.
pub const SEARCH_LIMIT: usize = 10;

const COLUMNS: usize = 9;

/// The country: its provinces and their districts.
#[derive(Debug, Default)]
pub struct Regions {
    provinces: Vec<Province>,
}

/// A province (시도).
#[derive(Debug, PartialEq)]
pub struct Province {
    /// A slug unique in the country, fit for addresses and tables: `seoul`, `gyeonggi`.
    pub code: &'static str,
    /// The official Korean name: 서울특별시.
    pub korean: &'static str,
    /// The English name: Seoul, Gyeonggi-do.
    pub english: &'static str,
    /// Its districts, in the official order; of a city's 구, the one with the city hall comes first.
    pub districts: Vec<District>,
}

/// A district (시군구), or a 구 of a big city (천안시 동남구).
#[derive(Debug, PartialEq)]
pub struct District {
    /// A slug unique in its province: `jongno-gu`, `cheonan-dongnam-gu`.
    pub code: &'static str,
    /// The official Korean name: 종로구, 천안시 동남구.
    pub korean: &'static str,
    /// The English name: Jongno-gu, Cheonan Dongnam-gu.
    pub english: &'static str,
    /// Latitude and longitude (WGS84, degrees) of where most of its people live, good to about 5 km.
    pub centre: (f64, f64),
    /// Roughly how many people live there, in thousands.
    pub population_thousands: u32,
}

/// A district with the province it belongs to.
pub type Place<'a> = (&'a Province, &'a District);

/// Why a table of regions can't be read.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("line {line} of the regions is not nine columns ending in latitude, longitude and population")]
pub struct ParseRegionsError {
    /// The line in the file, from 1.
    pub line: usize,
}

impl Regions {
    /// South Korea. Read once, from the table built into the executable; a test makes sure that it can be read.
    pub fn korea() -> &'static Regions {
        static KOREA: LazyLock<Regions> =
            LazyLock::new(|| Regions::parse(include_str!("regions.csv")).unwrap_or_default());
        &KOREA
    }

    fn parse(table: &'static str) -> Result<Self, ParseRegionsError> {
        let mut provinces: Vec<Province> = Vec::new();
        for (index, line) in table.lines().enumerate().skip(1) {
            let (mut province, district) = parse_line(line).ok_or(ParseRegionsError { line: index + 1 })?;
            match provinces.last_mut().filter(|last| last.code == province.code) {
                Some(last) => last.districts.push(district),
                None => {
                    province.districts.push(district);
                    provinces.push(province);
                }
            }
        }
        Ok(Self { provinces })
    }

    /// All provinces, in the official order.
    pub fn provinces(&self) -> &[Province] {
        &self.provinces
    }

    /// The province with this code.
    pub fn province(&self, code: &str) -> Option<&Province> {
        self.provinces.iter().find(|province| province.code == code)
    }

    /// Every district with its province, in the official order.
    pub fn places(&self) -> impl Iterator<Item = Place<'_>> {
        self.provinces
            .iter()
            .flat_map(|province| province.districts.iter().map(move |district| (province, district)))
    }

    /// The district that an address or an administrative division names.
    ///
    /// Blanks, short names (서울), former names (강원도, 여주군), English names and codes are accepted, a city's
    /// 구 also alone (덕양구) or with the province before it (서울시노원구). A city with several 구, named without one,
    /// is its first, where the city hall is; who knows a position asks [`Regions::candidates`] instead.
    /// The province may be empty if only one district of the country can be meant.
    pub fn find(&self, province_text: &str, district_text: &str) -> Option<Place<'_>> {
        let candidates = self.candidates(province_text, district_text);
        let certain = !fold(province_text).is_empty() || candidates.len() == 1;
        candidates.first().copied().filter(|_| certain)
    }

    /// All districts that the texts can mean, the likeliest first: several for a city named without its 구
    /// (화성시) and for a former district that was divided (인천 중구). Empty when nothing fits.
    pub fn candidates(&self, province_text: &str, district_text: &str) -> Vec<Place<'_>> {
        let provinces = self.provinces_named(&fold(province_text));
        let name = fold(district_text);
        let mut places = self.within(&provinces, &name);
        if places.is_empty() {
            places = provinces
                .iter()
                .flat_map(|province| province.names())
                .filter_map(|province_name| name.strip_prefix(&fold(province_name)))
                .filter(|rest| !rest.is_empty())
                .map(|rest| self.within(&provinces, rest))
                .find(|places| !places.is_empty())
                .unwrap_or_default();
        }
        if let ([province], [], true) =
            (provinces.as_slice(), places.as_slice(), province_is_named(&provinces, &name))
        {
            places.extend(province.only_district().map(|district| (*province, district)));
        }
        places
    }

    /// The district in which an address lies: "서울특별시 종로구 새문안로 12". The province may be missing.
    pub fn find_in_address(&self, address: &str) -> Option<Place<'_>> {
        let words: Vec<&str> = address.split_whitespace().collect();
        let named = words.first().map(|first| self.provinces_named(&fold(first))).unwrap_or_default();
        let (province_text, rest) = match words.split_first() {
            Some((first, rest)) if !named.is_empty() => (*first, rest),
            _ => ("", words.as_slice()),
        };
        let in_words =
            |count: usize| rest.get(..count).and_then(|words| self.find(province_text, &words.concat()));
        let only = || match named.as_slice() {
            [province] => province.only_district().map(|district| (*province, district)),
            _ => None,
        };
        in_words(2).or_else(|| in_words(1)).or_else(only)
    }

    /// Districts by a part of their Korean or English name, best first, at most [`SEARCH_LIMIT`]: 강남, gangnam,
    /// 청주, "seoul jung". Several words must all fit; a province's name fits all its districts, after those that are called so.
    pub fn search(&self, text: &str) -> Vec<Place<'_>> {
        let terms: Vec<String> = text.split_whitespace().map(fold).filter(|term| !term.is_empty()).collect();
        if terms.is_empty() {
            return Vec::new();
        }
        let mut hits: Vec<(u32, Place<'_>)> = self
            .places()
            .filter_map(|place| {
                let ranks: Option<Vec<u32>> = terms.iter().map(|term| rank(place, term)).collect();
                Some((ranks?.iter().sum(), place))
            })
            .collect();
        hits.sort_by_key(|(rank, (_, district))| (*rank, Reverse(district.population_thousands)));
        hits.into_iter().map(|(_, place)| place).take(SEARCH_LIMIT).collect()
    }

    /// The district whose centre is nearest to a position (WGS84, degrees), however far that is.
    pub fn nearest(&self, latitude: f64, longitude: f64) -> Option<Place<'_>> {
        let distance = |(_, district): &Place<'_>| district.distance_km(latitude, longitude);
        self.places().min_by(|one, other| distance(one).total_cmp(&distance(other)))
    }

    /// Provinces that go by this folded name; all when it is empty; two for the joint name of Gwangju and Jeonnam.
    fn provinces_named(&self, name: &str) -> Vec<&Province> {
        self.provinces.iter().filter(|province| name.is_empty() || province.is_called(name)).collect()
    }

    /// Districts of `provinces` that go by this folded name: today's, else a former one, else a part of a city's 구.
    fn within<'a>(&'a self, provinces: &[&'a Province], name: &str) -> Vec<Place<'a>> {
        if name.is_empty() {
            return Vec::new();
        }
        let by = |fits: &dyn Fn(&District) -> bool| -> Vec<Place<'a>> {
            provinces
                .iter()
                .flat_map(|province| province.districts.iter().map(|district| (*province, district)))
                .filter(|(_, district)| fits(district))
                .collect()
        };
        let today = by(&|district| district.is_called(name));
        if !today.is_empty() {
            return today;
        }
        let former: Vec<Place<'a>> = provinces
            .iter()
            .flat_map(|province| former_names::districts_once_called(province.code, name))
            .filter_map(|(province, district)| {
                let province = self.province(province)?;
                Some((province, province.district(district)?))
            })
            .collect();
        if !former.is_empty() {
            return former;
        }
        by(&|district| district.words().any(|word| fold(word) == name))
    }
}

impl Province {
    /// The district with this code.
    pub fn district(&self, code: &str) -> Option<&District> {
        self.districts.iter().find(|district| district.code == code)
    }

    /// The name in daily use: 서울, 경기, 충북.
    pub fn short_korean(&self) -> &'static str {
        self.names().next().unwrap_or(self.korean)
    }

    fn only_district(&self) -> Option<&District> {
        self.districts.first().filter(|_| self.districts.len() == 1)
    }

    /// Every name people use for it, the short one first.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        former_names::names_of_province(self.code).iter().copied().chain([
            self.korean,
            self.english,
            self.code,
        ])
    }

    fn is_called(&self, folded: &str) -> bool {
        self.names().any(|name| fold(name) == folded)
    }
}

impl District {
    /// How far a position (WGS84, degrees) is from the centre, in kilometres. Flat-earth: under 1 % off within Korea.
    pub fn distance_km(&self, latitude: f64, longitude: f64) -> f64 {
        const KM_PER_DEGREE: f64 = 111.2;
        let (centre_latitude, centre_longitude) = self.centre;
        let north = (latitude - centre_latitude) * KM_PER_DEGREE;
        let mean_latitude = f64::midpoint(latitude, centre_latitude);
        let east = (longitude - centre_longitude) * KM_PER_DEGREE * mean_latitude.to_radians().cos();
        north.hypot(east)
    }

    fn is_called(&self, folded: &str) -> bool {
        [self.korean, self.english, self.code].into_iter().any(|name| fold(name) == folded)
    }

    /// 천안시 and 동남구, Cheonan and Dongnam-gu.
    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.korean.split(' ').chain(self.english.split(' '))
    }
}

fn parse_line(line: &'static str) -> Option<(Province, District)> {
    let columns: Vec<&'static str> = line.split(',').collect();
    let columns: [&'static str; COLUMNS] = columns.try_into().ok()?;
    let [province, province_korean, province_english, code, korean, english, latitude, longitude, population] =
        columns;
    let province = Province {
        code: province,
        korean: province_korean,
        english: province_english,
        districts: Vec::new(),
    };
    let centre = (latitude.parse().ok()?, longitude.parse().ok()?);
    Some((
        province,
        District { code, korean, english, centre, population_thousands: population.parse().ok()? },
    ))
}

/// Whether `name` is again the province, as in 세종특별자치시 세종특별자치시, or nothing.
fn province_is_named(provinces: &[&Province], name: &str) -> bool {
    name.is_empty() || provinces.iter().any(|province| province.is_called(name))
}

/// A name with all that people write differently taken away: blanks, hyphens, capitals.
fn fold(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How well a folded search term fits a place, 0 best; `None` when it doesn't.
fn rank((province, district): Place<'_>, term: &str) -> Option<u32> {
    let names = [fold(district.korean), fold(district.english)];
    let word_starts = || district.words().any(|word| fold(word).starts_with(term));
    if names.iter().any(|name| name == term)
        || district.words().any(|word| stem(word) == term || fold(word) == term)
    {
        Some(0)
    } else if names.iter().any(|name| name.starts_with(term)) || word_starts() {
        Some(1)
    } else if names.iter().any(|name| name.contains(term)) {
        Some(2)
    } else if former_names::was_called(province.code, district.code, term) {
        Some(3)
    } else if province.is_called(term) {
        Some(4)
    } else {
        None
    }
}

/// 강남 of 강남구, gangnam of Gangnam-gu. A name of two syllables such as 중구 has none that people would say.
fn stem(word: &str) -> String {
    match word.split_once('-') {
        Some((stem, _)) => fold(stem),
        None => {
            let shorter = word.strip_suffix(['시', '군', '구']).filter(|stem| stem.chars().count() >= 2);
            fold(shorter.unwrap_or(word))
        }
    }
}

#[cfg(test)]
mod tests;
