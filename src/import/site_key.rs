//! When a row is a site that is stored already. The rule stands in the doc of the room.

use std::collections::{HashMap, HashSet};

use super::cells::fold;
use super::site_row::SiteRow;
use crate::domain::site::Site;

/// How far a corrected position may be from the stored one, in kilometres.
const SAME_SITE_KILOMETRES: f64 = 0.3;

/// The operator's own numbers live beside the derived keys.
const ID_PREFIX: &str = "id:";

/// The import key of a row.
pub(super) fn import_key(id: &str, site: &Site) -> String {
    if !id.is_empty() {
        return format!("{ID_PREFIX}{id}");
    }
    let place = match site.position {
        Some(position) => format!("{:.3},{:.3}", position.latitude, position.longitude),
        None => fold(&site.address),
    };
    [&fold(&site.name), &site.province, &site.district, &place].map(String::as_str).join("|")
}

type Name = (String, String, String);

fn name_of(site: &Site) -> Name {
    (fold(&site.name), site.province.clone(), site.district.clone())
}

/// Gives rows with a new key the key of the stored site that they mean: the nearest of the same name in the same
/// district that no other row of the file claims. A row with its own id never takes over a site with another id.
pub(super) fn recognise(rows: &mut [SiteRow], stored: &HashMap<String, Site>) {
    let mut claimed: HashSet<String> =
        rows.iter().filter(|row| stored.contains_key(&row.key)).map(|row| row.key.clone()).collect();
    let mut by_name: HashMap<Name, Vec<(&String, &Site)>> = HashMap::new();
    for (key, site) in stored {
        by_name.entry(name_of(site)).or_default().push((key, site));
    }
    for row in rows.iter_mut().filter(|row| !stored.contains_key(&row.key)) {
        let namesakes = by_name.get(&name_of(&row.site)).into_iter().flatten();
        let has_id = row.key.starts_with(ID_PREFIX);
        let near = namesakes
            .filter(|(key, _)| !claimed.contains(*key))
            .filter(|(key, _)| !has_id || !key.starts_with(ID_PREFIX))
            .filter_map(|(key, site)| Some((kilometres(&row.site, site)?, *key)))
            .filter(|(distance, _)| *distance <= SAME_SITE_KILOMETRES);
        if let Some((_, key)) = near.min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(other.1))) {
            claimed.insert(key.clone());
            row.key.clone_from(key);
        }
    }
}

fn kilometres(one: &Site, other: &Site) -> Option<f64> {
    Some(one.position?.kilometres_to(&other.position?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::domain::ids::SiteId;
    use crate::domain::position::Position;
    use crate::domain::site::Features;
    use crate::domain::weekly_hours::WeeklyHours;

    fn site(name: &str, latitude: f64) -> Site {
        Site {
            id: SiteId(0),
            code: String::new(),
            name: name.to_owned(),
            province: "seoul".to_owned(),
            district: "jung-gu".to_owned(),
            address: "서울특별시 중구 세종대로 1".to_owned(),
            position: Some(Position::new(latitude, 127.0).unwrap()),
            phone: None,
            features: Features::default(),
            time_zone: "Asia/Seoul".to_owned(),
            hours: WeeklyHours::default(),
            offers: Vec::new(),
        }
    }

    fn row(id: &str, site: Site) -> SiteRow {
        SiteRow { line: 2, key: import_key(id, &site), site, note: None }
    }

    fn stored(sites: &[(&str, Site)]) -> HashMap<String, Site> {
        sites.iter().map(|(id, site)| (import_key(id, site), site.clone())).collect()
    }

    #[test]
    fn blanks_and_signs_make_no_other_key() {
        let key = import_key("", &site("D동 국민체육센터(3층)", 37.5));
        assert_eq!(key, "d동국민체육센터3층|seoul|jung-gu|37.500,127.000");
        assert_eq!(key, import_key("", &site(" d동국민체육센터 3층", 37.500_04)));
        assert_ne!(key, import_key("", &site("d동국민체육센터 3층", 37.502)));
        assert_eq!(import_key("A-1", &site("x", 37.5)), "id:A-1");
        let nowhere = Site { position: None, ..site("x", 37.5) };
        assert_eq!(import_key("", &nowhere), "x|seoul|jung-gu|서울특별시중구세종대로1");
    }

    #[test]
    fn a_corrected_position_is_the_same_site() {
        let known = stored(&[("", site("체육관", 37.5)), ("", site("체육관", 37.51))]);
        let mut rows = [row("", site("체육관", 37.501)), row("", site("체육관", 37.52))];
        recognise(&mut rows, &known);
        assert_eq!(rows[0].key, import_key("", &site("체육관", 37.5)));
        assert_eq!(rows[1].key, import_key("", &site("체육관", 37.52)), "a kilometre is another place");
    }

    #[test]
    fn a_stored_site_is_taken_over_once() {
        let known = stored(&[("", site("체육관", 37.5))]);
        let mut rows = [row("", site("체육관", 37.501)), row("", site("체육관", 37.5))];
        recognise(&mut rows, &known);
        assert_eq!(rows[0].key, import_key("", &site("체육관", 37.501)), "the other row has the very key");
    }

    #[test]
    fn a_site_gets_its_number_later_but_never_another_one() {
        let known = stored(&[("", site("체육관", 37.5)), ("7", site("의원", 37.5))]);
        let mut rows = [row("8", site("체육관", 37.5)), row("9", site("의원", 37.5))];
        recognise(&mut rows, &known);
        assert_eq!(rows[0].key, import_key("", &site("체육관", 37.5)));
        assert_eq!(rows[1].key, "id:9");
    }
}
