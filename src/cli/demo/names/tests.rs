use super::*;
use crate::system::SeededChance;

fn sites(seed: u64, count: usize) -> Vec<(Bilingual, Bilingual, String)> {
    let chance = SeededChance::new(seed);
    let mut names = SiteNames::new();
    places_for_sites(&chance, Regions::korea(), count)
        .into_iter()
        .map(|place| {
            let kind = SiteKind::any(&chance);
            (names.name(&chance, place, kind), address(&chance, place), site_phone(&chance, place.0))
        })
        .collect()
}

#[test]
fn the_same_seed_invents_the_same_country() {
    assert_eq!(sites(3, 300), sites(3, 300));
    assert_ne!(sites(3, 300), sites(4, 300));
}

#[test]
fn fifteen_thousand_sites_have_names_of_their_own() {
    let sites = sites(1, 15_000);
    assert_eq!(sites.len(), 15_000);
    let korean: HashSet<&str> = sites.iter().map(|(name, ..)| name.korean.as_str()).collect();
    let english: HashSet<&str> = sites.iter().map(|(name, ..)| name.english.as_str()).collect();
    assert_eq!(korean.len(), 15_000);
    assert!(english.len() > 14_900, "{} English names", english.len());
    assert!(sites.iter().all(|(name, ..)| name.english.is_ascii() && !name.korean.contains("  ")));
    let numbered = korean.iter().filter(|name| name.ends_with(|last: char| last.is_ascii_digit())).count();
    assert!(numbered < 150, "{numbered} names needed a number");
}

#[test]
fn one_kind_in_one_district_never_runs_out_of_names() {
    let chance = SeededChance::new(1);
    let place = Regions::korea().find("서울", "중구").unwrap();
    let mut names = SiteNames::new();
    let given: HashSet<String> =
        (0..300).map(|_| names.name(&chance, place, SiteKind::HealthCentre).korean).collect();
    assert_eq!(given.len(), 300);
    assert!(given.contains("서울 중구 보건소"));
}

#[test]
fn phones_have_the_area_code_and_cannot_ring() {
    let chance = SeededChance::new(1);
    let mut area_codes = HashSet::new();
    for province in Regions::korea().provinces() {
        let phone = site_phone(&chance, province);
        let parts: Vec<&str> = phone.split('-').collect();
        let [area, "000", digits] = parts[..] else { panic!("{phone}") };
        assert!(area.starts_with('0') && (2..=3).contains(&area.len()), "{phone}");
        assert!(digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{phone}");
        area_codes.insert(area.to_owned());
    }
    assert_eq!(area_codes.len(), 17);
}

#[test]
fn an_address_lies_in_its_district() {
    let chance = SeededChance::new(1);
    for (province, district) in Regions::korea().places() {
        let address = address(&chance, (province, district));
        let found = Regions::korea()
            .find_in_address(&address.korean)
            .map(|(province, found)| (province.code, found.code));
        assert_eq!(found, Some((province.code, district.code)), "{}", address.korean);
        assert!(
            address.english.is_ascii() && address.english.ends_with(province.english),
            "{}",
            address.english
        );
    }
}

#[test]
fn sites_scatter_around_the_centre() {
    let chance = SeededChance::new(1);
    for (_, district) in Regions::korea().places() {
        let positions = site_positions(&chance, district, 20);
        assert!(
            positions.iter().all(|(latitude, longitude)| district.distance_km(*latitude, *longitude) < 6.1)
        );
        assert!(positions.windows(2).all(|pair| pair[0] != pair[1]));
    }
}

#[test]
fn every_district_gets_a_site_and_large_ones_more() {
    let chance = SeededChance::new(1);
    let places = places_for_sites(&chance, Regions::korea(), 1_200);
    assert_eq!(places.len(), 1_200);
    let sites_in = |code: &str| places.iter().filter(|(_, district)| district.code == code).count();
    assert!(Regions::korea().places().all(|(_, district)| sites_in(district.code) >= 1));
    assert!(sites_in("songpa-gu") > sites_in("ulleung-gun"));
    assert_eq!(places_for_sites(&chance, Regions::korea(), 10).len(), 10);
}

#[test]
fn some_sites_offer_a_feature_and_some_do_not() {
    let chance = SeededChance::new(1);
    let clinics: Vec<SiteFeatures> = (0..100).map(|_| features(&chance, SiteKind::Clinic)).collect();
    let both = |has: fn(&SiteFeatures) -> bool| clinics.iter().any(has) && !clinics.iter().all(has);
    assert!(both(|site| site.step_free) && both(|site| site.evenings) && both(|site| site.weekend));
    assert!(both(|site| site.parking));
}
