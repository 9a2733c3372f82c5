use std::collections::HashSet;
use std::path::PathBuf;

use super::*;

fn codes(place: Option<Place<'_>>) -> Option<(&'static str, &'static str)> {
    place.map(|(province, district)| (province.code, district.code))
}

fn found(province: &str, district: &str) -> Option<(&'static str, &'static str)> {
    codes(Regions::korea().find(province, district))
}

fn searched(text: &str) -> Vec<&'static str> {
    Regions::korea().search(text).into_iter().map(|(_, district)| district.code).collect()
}

#[test]
fn the_built_in_table_is_the_whole_country() {
    let korea = Regions::parse(include_str!("../regions.csv")).unwrap();
    assert_eq!(korea.provinces().len(), 17);
    assert_eq!(korea.places().count(), 256);
    let slugs: HashSet<_> =
        korea.places().map(|(province, district)| (province.code, district.code)).collect();
    assert_eq!(slugs.len(), 256, "a district's code is unique in its province");
    let slug = |code: &str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    assert!(slugs.iter().all(|(province, district)| slug(province) && slug(district)));
    let millions: u32 =
        korea.places().map(|(_, district)| district.population_thousands).sum::<u32>() / 1_000;
    assert!((50..=53).contains(&millions));
    for (_, district) in korea.places() {
        let (latitude, longitude) = district.centre;
        assert!(
            (33.0..38.6).contains(&latitude) && (124.5..131.9).contains(&longitude),
            "{}",
            district.korean
        );
    }
}

#[test]
fn a_damaged_table_is_refused_with_the_line() {
    let refused = Regions::parse("heading\nseoul,서울특별시,Seoul,jung-gu,중구,Jung-gu,37.5,here,121\n");
    assert_eq!(refused.unwrap_err(), ParseRegionsError { line: 2 });
}

#[test]
fn every_official_name_and_code_is_found() {
    for (province, district) in Regions::korea().places() {
        let expected = Some((province.code, district.code));
        assert_eq!(found(province.korean, district.korean), expected);
        assert_eq!(found(province.english, district.english), expected);
        assert_eq!(found(province.code, district.code), expected);
        assert_eq!(found(province.short_korean(), district.korean), expected);
    }
}

#[test]
fn blanks_short_names_and_former_names_are_understood() {
    assert_eq!(found("충청남도", "천안시동남구"), Some(("chungnam", "cheonan-dongnam-gu")));
    assert_eq!(found(" 충남 ", "천안시  동남구"), Some(("chungnam", "cheonan-dongnam-gu")));
    for seoul in ["서울", "서울시", "서울특별시", "Seoul"] {
        assert_eq!(found(seoul, "종로구"), Some(("seoul", "jongno-gu")));
    }
    assert_eq!(found("서울특별시", "서울시노원구"), Some(("seoul", "nowon-gu")));
    assert_eq!(found("부산", "부산진구"), Some(("busan", "busanjin-gu")));
    assert_eq!(found("경기도", "덕양구"), Some(("gyeonggi", "goyang-deogyang-gu")));
    assert_eq!(found("강원도", "고성군"), Some(("gangwon", "goseong-gun")));
    assert_eq!(found("전라북도", "전주시완산구"), Some(("jeonbuk", "jeonju-wansan-gu")));
    assert_eq!(found("경상북도", "군위군"), Some(("daegu", "gunwi-gun")));
    assert_eq!(found("인천", "남구"), Some(("incheon", "michuhol-gu")));
    assert_eq!(found("경기도", "여주군"), Some(("gyeonggi", "yeoju-si")));
    assert_eq!(found("세종특별자치시", ""), Some(("sejong", "sejong-si")));
    assert_eq!(found("세종", "세종특별자치시"), Some(("sejong", "sejong-si")));
    assert_eq!(found("전남광주통합특별시", "북구"), Some(("gwangju", "buk-gu")));
    assert_eq!(found("전남광주통합특별시", "여수시"), Some(("jeonnam", "yeosu-si")));
}

#[test]
fn what_cannot_be_told_is_absent() {
    assert_eq!(found("서울", "해운대구"), None);
    assert_eq!(found("평양", "중구"), None);
    assert_eq!(found("서울", ""), None);
    assert_eq!(found("", ""), None);
    assert_eq!(found("", "중구"), None, "five provinces have one");
    assert_eq!(found("", "강남구"), Some(("seoul", "gangnam-gu")));
}

#[test]
fn a_city_without_its_part_is_where_the_city_hall_is() {
    assert_eq!(found("경기", "화성시"), Some(("gyeonggi", "hwaseong-manse-gu")));
    assert_eq!(Regions::korea().candidates("경기", "화성시").len(), 4);
    assert_eq!(Regions::korea().candidates("인천", "중구").len(), 2);
}

#[test]
fn an_address_tells_its_district() {
    let at = |address| codes(Regions::korea().find_in_address(address));
    assert_eq!(at("서울특별시 종로구 새문안로 12"), Some(("seoul", "jongno-gu")));
    assert_eq!(at("경기 성남시 분당구 중앙로 3"), Some(("gyeonggi", "seongnam-bundang-gu")));
    assert_eq!(at("전주시 덕진구 덕진로 7"), Some(("jeonbuk", "jeonju-deokjin-gu")));
    assert_eq!(at("세종특별자치시 한누리대로 21"), Some(("sejong", "sejong-si")));
    assert_eq!(at("제주특별자치도 서귀포시"), Some(("jeju", "seogwipo-si")));
    assert_eq!(at("어딘가 모르는 길 12"), None);
    assert_eq!(at(""), None);
}

#[test]
fn a_part_of_a_name_finds_districts_best_first() {
    assert_eq!(searched("강남").first(), Some(&"gangnam-gu"));
    assert_eq!(searched("Gangnam").first(), Some(&"gangnam-gu"));
    assert_eq!(searched("gang nam"), Vec::<&str>::from_iter(searched("nam gang")));
    assert_eq!(searched("청주").len(), 4);
    assert!(searched("청주").iter().all(|code| code.starts_with("cheongju-")));
    assert_eq!(
        searched("광주").first(),
        Some(&"gwangju-si"),
        "the city before the districts of the other Gwangju"
    );
    assert!(searched("광주").contains(&"gwangsan-gu"));
    assert_eq!(searched("서울 중구"), ["jung-gu"]);
    assert_eq!(searched("천안 동남"), ["cheonan-dongnam-gu"]);
    assert_eq!(searched("여주군"), ["yeoju-si"]);
    assert_eq!(searched("서울").len(), SEARCH_LIMIT);
    assert!(searched(" - ").is_empty());
    assert!(searched("zzz").is_empty());
}

#[test]
fn a_position_has_a_nearest_district() {
    let near = |latitude, longitude| codes(Regions::korea().nearest(latitude, longitude));
    assert_eq!(near(37.5735, 126.9790), Some(("seoul", "jongno-gu")));
    assert_eq!(near(33.25, 126.51), Some(("jeju", "seogwipo-si")));
    assert_eq!(near(37.24, 131.87), Some(("gyeongbuk", "ulleung-gun")));
}

/// The 284 centres of 2021 with their divisions, if this copy of the project has the shared data beside it.
fn centres_of_2021() -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    ["../shared", "../../shared"].iter().find_map(|shared| {
        std::fs::read_to_string(root.join(shared).join("data/vaccination-centres-2021.csv")).ok()
    })
}

#[test]
fn every_centre_of_2021_resolves_near_where_it_stood() {
    let Some(centres) = centres_of_2021() else {
        return;
    };
    let mut count = 0;
    for row in centres.lines().skip(1) {
        let columns: Vec<&str> = row.rsplitn(7, ',').collect();
        let [_, _, district, province, longitude, latitude, _] = columns[..] else { panic!("{row}") };
        let (latitude, longitude): (f64, f64) = (latitude.parse().unwrap(), longitude.parse().unwrap());
        assert!(found(province, district).is_some(), "{row}");
        let candidates = Regions::korea().candidates(province, district);
        let nearest = candidates.iter().map(|(_, district)| district.distance_km(latitude, longitude));
        assert!(nearest.fold(f64::INFINITY, f64::min) < 20.0, "{row}");
        count += 1;
    }
    assert_eq!(count, 284);
}
