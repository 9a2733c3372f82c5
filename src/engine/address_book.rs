//! The address book: which sites are in a district, near a place, or called by a name, and when each closes. It is made
//! once when the sites are read. A site is known here by its position in the list of all sites, which is by name.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use memchr::memmem;

use super::site_numbers::SiteNumbers;
use crate::domain::position::Position;
use crate::domain::region::{Place, Regions};
use crate::domain::site::Site;

/// Ends a site's words; folded text has no blanks, so nobody can look for it.
const WORDS_END: char = '\n';

/// Where sites are, how they are called, and when they close.
#[derive(Debug, Default)]
pub(super) struct AddressBook {
    /// Province and district of each area.
    areas: Vec<(String, String)>,
    area_of: Vec<usize>,
    in_area: HashMap<(String, String), Vec<usize>>,
    /// Sites by their distance from a district, worked out when somebody asks.
    around: HashMap<(&'static str, &'static str), OnceLock<Vec<u32>>>,
    words: Words,
    closings: Closings,
    closing_of: Vec<usize>,
    numbers: Vec<usize>,
}

impl AddressBook {
    pub(super) fn of(sites: &[Arc<Site>], numbers: &SiteNumbers) -> Self {
        let mut book = Self::default();
        let mut known = HashMap::new();
        for (position, site) in sites.iter().enumerate() {
            let area = (site.province.clone(), site.district.clone());
            let next = known.len();
            let index = *known.entry(area.clone()).or_insert(next);
            if index == next {
                book.areas.push(area.clone());
            }
            book.area_of.push(index);
            book.in_area.entry(area).or_default().push(position);
            book.closing_of.push(book.closings.of(site));
            book.numbers.push(numbers.of(site.id));
            book.words.add(&[&site.name, &site.address]);
        }
        let keys = Regions::korea().places().map(|(province, district)| (province.code, district.code));
        book.around = keys.map(|key| (key, OnceLock::new())).collect();
        book
    }

    /// Province and district of each area that has sites.
    pub(super) fn areas(&self) -> &[(String, String)] {
        &self.areas
    }

    /// The area of each site, as an index in [`AddressBook::areas`].
    pub(super) fn area_of(&self) -> &[usize] {
        &self.area_of
    }

    /// The number of a site, see [`SiteNumbers`].
    pub(super) fn number(&self, position: usize) -> usize {
        self.numbers.get(position).copied().unwrap_or(usize::MAX)
    }

    /// The sites of a district, by name.
    pub(super) fn in_district(&self, (province, district): Place<'_>) -> &[usize] {
        let key = (province.code.to_owned(), district.code.to_owned());
        self.in_area.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// All sites by their distance from the middle of a district; those without a position last.
    pub(super) fn around(&self, place: Place<'_>, sites: &[Arc<Site>]) -> &[u32] {
        let (province, district) = place;
        let Some(sorted) = self.around.get(&(province.code, district.code)) else { return &[] };
        sorted.get_or_init(|| {
            let mut far: Vec<(f64, u32)> =
                sites.iter().zip(0..).map(|(site, at)| (kilometres(site, place), at)).collect();
            far.sort_by(|one, other| one.0.total_cmp(&other.0));
            far.into_iter().map(|(_, position)| position).collect()
        })
    }

    /// Sites whose name or address holds `text`, by name. Blanks and capitals make no difference.
    pub(super) fn called(&self, text: &str) -> impl Iterator<Item = usize> + use<'_> {
        self.words.holding(&fold(text))
    }

    /// The first day on which each site may still have a time to come, by [`AddressBook::closing_of`].
    pub(super) fn first_days(&self, now: Timestamp, elsewhere: &TimeZone) -> Vec<Date> {
        self.closings.first_days(now, elsewhere)
    }

    /// Which closing hours a site has, as an index in [`AddressBook::first_days`].
    pub(super) fn closing_of(&self, position: usize) -> usize {
        self.closing_of.get(position).copied().unwrap_or(usize::MAX)
    }
}

/// Kilometres from the middle of a district; a site without a position is nowhere near.
pub(super) fn kilometres(site: &Site, (_, district): Place<'_>) -> f64 {
    let (latitude, longitude) = district.centre;
    let centre = Position::new(latitude, longitude).ok();
    site.position.zip(centre).map_or(f64::INFINITY, |(here, centre)| here.kilometres_to(&centre))
}

/// Text with all that people write differently taken away: blanks and capitals.
fn fold(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The folded words of all sites in one long text, which is looked through faster than many short ones.
#[derive(Debug, Default)]
struct Words {
    of_all: String,
    /// Where the words of each site end.
    ends: Vec<usize>,
}

impl Words {
    fn add(&mut self, texts: &[&str]) {
        for text in texts {
            self.of_all.push_str(&fold(text));
            self.of_all.push(WORDS_END);
        }
        self.ends.push(self.of_all.len());
    }

    /// Positions of sites whose words hold `folded`, in order.
    fn holding(&self, folded: &str) -> impl Iterator<Item = usize> + use<'_> {
        let finder = memmem::Finder::new(folded).into_owned();
        let mut from = if folded.is_empty() { self.of_all.len() } else { 0 };
        std::iter::from_fn(move || {
            let at = from + finder.find(self.of_all.as_bytes().get(from..)?)?;
            let position = self.ends.partition_point(|end| *end <= at);
            from = *self.ends.get(position)?;
            Some(position)
        })
    }
}

/// When sites close on each day of the week. Thousands of sites share a few.
#[derive(Debug, Default)]
struct Closings {
    /// `None` for a zone that this program doesn't know.
    zones: Vec<(String, Option<TimeZone>)>,
    closings: Vec<(usize, [Time; 7])>,
    known: HashMap<(usize, [Time; 7]), usize>,
}

impl Closings {
    fn of(&mut self, site: &Site) -> usize {
        let known = self.zones.iter().position(|(name, _)| *name == site.time_zone);
        let zone = known.unwrap_or_else(|| {
            self.zones.push((site.time_zone.clone(), TimeZone::get(&site.time_zone).ok()));
            self.zones.len() - 1
        });
        let mut closes = [Time::midnight(); 7];
        for (day, closes) in Weekday::Monday.cycle_forward().zip(&mut closes) {
            *closes = site.hours.spans_on(day).last().map_or(Time::midnight(), |span| span.to);
        }
        let next = self.closings.len();
        let index = *self.known.entry((zone, closes)).or_insert(next);
        if index == next {
            self.closings.push((zone, closes));
        }
        index
    }

    /// Today, or tomorrow for sites that have closed for today.
    fn first_days(&self, now: Timestamp, elsewhere: &TimeZone) -> Vec<Date> {
        let local = |(_, zone): &(String, Option<TimeZone>)| {
            let here = now.to_zoned(zone.as_ref().unwrap_or(elsewhere).clone()).datetime();
            let weekday = usize::try_from(here.weekday().to_monday_zero_offset()).unwrap_or(0);
            (here.date(), here.date().tomorrow().unwrap_or(here.date()), here.time(), weekday)
        };
        let zones: Vec<_> = self.zones.iter().map(local).collect();
        let first = |(zone, closes): &(usize, [Time; 7])| {
            let (today, tomorrow, time, weekday) = *zones.get(*zone)?;
            Some(if closes.get(weekday).is_some_and(|closes| time < *closes) { today } else { tomorrow })
        };
        self.closings.iter().map(|closing| first(closing).unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::SiteId;
    use crate::domain::site::Features;
    use crate::domain::weekly_hours::WeeklyHours;

    fn site(
        id: i64,
        name: &str,
        district: &str,
        (latitude, longitude): (f64, f64),
        hours: &str,
    ) -> Arc<Site> {
        Arc::new(Site {
            id: SiteId(id),
            code: format!("site{id}"),
            name: name.into(),
            province: "seoul".into(),
            district: district.into(),
            address: format!("서울특별시 {id}길"),
            position: Position::new(latitude, longitude).ok().filter(|_| latitude > 0.0),
            phone: None,
            features: Features::default(),
            time_zone: "Asia/Seoul".into(),
            hours: WeeklyHours::parse(hours).unwrap(),
            offers: Vec::new(),
        })
    }

    fn sites() -> Vec<Arc<Site>> {
        vec![
            site(7, "Hope Clinic", "jongno-gu", (35.1, 129.0), "Mon-Fri 09:00-18:00"),
            site(3, "나라 의원", "gangnam-gu", (37.50, 127.05), "Mon-Fri 09:00-18:00"),
            site(9, "하나 의원", "jongno-gu", (0.0, 0.0), "Mon 09:00-12:00"),
        ]
    }

    fn place(code: &str) -> Place<'static> {
        Regions::korea().places().find(|(_, district)| district.code == code).unwrap()
    }

    #[test]
    fn sites_are_found_by_district_distance_and_words() {
        let (sites, numbers) = (sites(), SiteNumbers::default());
        let book = AddressBook::of(&sites, &numbers);
        assert_eq!(book.in_district(place("jongno-gu")), [0, 2]);
        assert_eq!(book.around(place("jongno-gu"), &sites), [1, 0, 2], "the one without a position is last");
        let called = |text: &str| book.called(text).collect::<Vec<_>>();
        assert_eq!(called("hopecli"), [0]);
        assert_eq!(called("의 원"), [1, 2]);
        assert_eq!(called("서울"), [0, 1, 2], "addresses count, and each site once");
        assert!(called("의원서울").is_empty(), "a name does not go on in the address");
        assert!(called(" \n").is_empty());
        assert_eq!(book.number(1), numbers.of(SiteId(3)));
    }

    #[test]
    fn a_site_that_has_closed_begins_tomorrow() {
        let book = AddressBook::of(&sites(), &SiteNumbers::default());
        let first = |moment: &str| {
            let days = book.first_days(moment.parse().unwrap(), &TimeZone::UTC);
            (0..3).map(|position| days[book.closing_of(position)].day()).collect::<Vec<_>>()
        };
        assert_eq!(first("2026-11-23T02:59:00Z"), [23, 23, 23], "Monday, a minute before noon in Seoul");
        assert_eq!(first("2026-11-23T03:00:00Z"), [23, 23, 24]);
        assert_eq!(first("2026-11-23T09:00:00Z"), [24, 24, 24]);
        assert_eq!(first("2026-11-23T15:00:00Z"), [24, 24, 25], "midnight in Seoul");
    }
}
