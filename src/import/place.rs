//! Where a site is: its district by name, by address or by position.

use super::columns::Column;
use super::error::Problem;
use crate::domain::position::Position;
use crate::domain::region::{Place, Regions};

/// How far from the centre of its district a site may be, in kilometres. The islands of Ongjin-gun reach 180 km.
const DISTRICT_KILOMETRES_MAX: f64 = 250.0;

/// What a row says about where the site is, without stray blanks.
pub(super) struct Whereabouts {
    pub(super) province: String,
    pub(super) district: String,
    pub(super) address: String,
    pub(super) position: Option<Position>,
}

/// The place found, and what the operator should know about how.
pub(super) struct Located {
    pub(super) place: Place<'static>,
    pub(super) note: Option<String>,
}

impl Whereabouts {
    /// Finds the district: the names of province and district count first, then the address, then the position alone.
    pub(super) fn locate(&self) -> Result<Located, Problem> {
        let regions = Regions::korea();
        let candidates = self.candidates(regions)?;
        let Some(position) = self.position else { return self.likeliest(&candidates) };
        let distance =
            |(_, district): &Place<'static>| district.distance_km(position.latitude, position.longitude);
        let nearest = candidates.into_iter().min_by(|one, other| distance(one).total_cmp(&distance(other)));
        let place = nearest.ok_or_else(nowhere)?;
        if distance(&place) > DISTRICT_KILOMETRES_MAX {
            let found = format!("{}, {}", position.latitude, position.longitude);
            let accepted = format!("degrees (WGS84) in or near {}", place.1.korean);
            return Err(Problem::new("position", &found, accepted));
        }
        Ok(Located { place, note: None })
    }

    /// The address, or the division when there is none.
    pub(super) fn address_in(&self, (province, district): Place<'_>) -> String {
        if self.address.is_empty() {
            format!("{} {}", province.korean, district.korean)
        } else {
            self.address.clone()
        }
    }

    fn candidates(&self, regions: &'static Regions) -> Result<Vec<Place<'static>>, Problem> {
        let named = format!("{} {}", self.province, self.district);
        if !named.trim().is_empty() {
            let mut found = regions.candidates(&self.province, &self.district);
            if found.is_empty() && self.district.is_empty() {
                found = in_address(regions, &format!("{} {}", self.province, self.address));
            }
            let wrong = || {
                Problem::new(
                    format!("{}, {}", Column::Province, Column::District),
                    named.trim(),
                    "a 시도 and a 시군구 of it, such as 서울특별시 and 종로구",
                )
            };
            return if found.is_empty() { Err(wrong()) } else { Ok(found) };
        }
        let found = in_address(regions, &self.address);
        if !found.is_empty() {
            return Ok(found);
        }
        match self.position {
            Some(position) => {
                Ok(regions.nearest(position.latitude, position.longitude).into_iter().collect())
            }
            None if self.address.is_empty() => Err(nowhere()),
            None => Err(Problem::new(
                Column::Address,
                &self.address,
                "an address that begins with 시도 and 시군구, such as 서울특별시 종로구 새문안로 1, or give a position too",
            )),
        }
    }

    /// Without a position the first candidate is taken, if they are all in one province.
    fn likeliest(&self, candidates: &[Place<'static>]) -> Result<Located, Problem> {
        let place = *candidates.first().ok_or_else(nowhere)?;
        if candidates.iter().any(|(province, _)| province.code != place.0.code) {
            let found = [self.district.as_str(), self.address.as_str()].join(" ");
            return Err(Problem::new(
                Column::Province,
                found.trim(),
                "the 시도 too: several have such a 시군구",
            ));
        }
        let note = (candidates.len() > 1).then(|| {
            let names: Vec<&str> = candidates.iter().map(|(_, district)| district.korean).collect();
            format!(
                "taken to be in {}; with a position it could be told from {}",
                names[0],
                names[1..].join(", ")
            )
        });
        Ok(Located { place, note })
    }
}

fn nowhere() -> Problem {
    Problem::missing("place", "a province and district, an address, or a position")
}

/// Every district that the beginning of an address can mean: 시도 and one or two words, or without 시도.
fn in_address(regions: &'static Regions, address: &str) -> Vec<Place<'static>> {
    let words: Vec<&str> = address.split_whitespace().collect();
    let joined = |from: usize, to: usize| words.get(from..to).map(<[&str]>::concat);
    let tries = [
        (words.first().copied(), joined(1, 3)),
        (words.first().copied(), joined(1, 2)),
        (Some(""), joined(0, 2)),
        (Some(""), joined(0, 1)),
    ];
    let read = |(province, district): (Option<&str>, Option<String>)| {
        let found = regions.candidates(province?, &district?);
        (!found.is_empty()).then_some(found)
    };
    let found = tries.into_iter().find_map(read);
    found.unwrap_or_else(|| regions.find_in_address(address).into_iter().collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(province: &str, district: &str, address: &str, position: Option<(f64, f64)>) -> Whereabouts {
        let position = position.map(|(latitude, longitude)| Position::new(latitude, longitude).unwrap());
        let [province, district, address] = [province, district, address].map(str::to_owned);
        Whereabouts { province, district, address, position }
    }

    fn found(whereabouts: &Whereabouts) -> Option<(&'static str, &'static str)> {
        whereabouts.locate().ok().map(|located| (located.place.0.code, located.place.1.code))
    }

    #[test]
    fn of_several_districts_the_nearest_is_taken() {
        let yeongjong = Some((37.49, 126.52));
        assert_eq!(found(&at("인천", "중구", "", yeongjong)), Some(("incheon", "yeongjong-gu")));
        assert_eq!(
            found(&at("", "", "인천광역시 중구 어딘가", yeongjong)),
            Some(("incheon", "yeongjong-gu"))
        );
        let located = at("인천", "중구", "", None).locate().unwrap();
        assert_eq!(located.place.1.code, "jemulpo-gu");
        assert!(located.note.unwrap().contains("영종구"));
        assert_eq!(found(&at("", "중구", "", Some((35.10, 129.03)))), Some(("busan", "jung-gu")));
        assert_eq!(found(&at("", "중구", "", None)), None, "which of them?");
    }

    #[test]
    fn an_address_or_a_position_is_enough() {
        assert_eq!(
            found(&at("", "", "경기 성남시 분당구 중앙로 3", None)),
            Some(("gyeonggi", "seongnam-bundang-gu"))
        );
        assert_eq!(found(&at("", "", "세종특별자치시 한누리대로 21", None)), Some(("sejong", "sejong-si")));
        assert_eq!(found(&at("서울특별시", "", "종로구 새문안로 1", None)), Some(("seoul", "jongno-gu")));
        assert_eq!(found(&at("", "", "", Some((37.5735, 126.979)))), Some(("seoul", "jongno-gu")));
        assert_eq!(found(&at("", "", "을지로 6가", Some((37.5678, 127.0045)))), Some(("seoul", "jung-gu")));
        assert_eq!(found(&at("", "", "을지로 6가", None)), None);
        assert_eq!(found(&at("", "", "", None)), None);
    }

    #[test]
    fn a_position_far_from_its_district_is_a_mistake() {
        assert_eq!(found(&at("서울", "중구", "", Some((0.0, 0.0)))), None);
        assert_eq!(found(&at("", "", "", Some((48.9, 2.3)))), None);
        assert_eq!(found(&at("인천", "옹진군", "", Some((37.96, 124.71)))), Some(("incheon", "ongjin-gun")));
        assert_eq!(found(&at("서울", "없는구", "", Some((37.5678, 127.0045)))), None);
    }

    #[test]
    fn without_an_address_the_division_stands_in() {
        let whereabouts = at("서울", "중구", "", None);
        assert_eq!(whereabouts.address_in(whereabouts.locate().unwrap().place), "서울특별시 중구");
    }
}
