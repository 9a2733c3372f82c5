//! A campaign: one vaccination programme with its vaccines, who may book, and from when.

use jiff::Timestamp;
use jiff::civil::Date;

use super::birth_date::BirthDate;
use super::ids::{CampaignId, ProductId};
use super::product::{DoseInterval, Product};
use super::reminder::ReminderRule;

/// A text in each language of the pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Localised {
    /// The Korean text.
    pub korean: String,
    /// The English text.
    pub english: String,
}

impl Localised {
    /// The text for a language code; anything but `en` is Korean.
    pub fn in_language(&self, code: &str) -> &str {
        if code == "en" { &self.english } else { &self.korean }
    }
}

/// One vaccination programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// The row's id.
    pub id: CampaignId,
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: Localised,
    /// Two or three sentences about it.
    pub about: Localised,
    /// How many doses make a full course.
    pub doses: u8,
    /// From when anybody may book; a cohort may open later.
    pub opens_at: Timestamp,
    /// Until when booking is possible.
    pub closes_at: Timestamp,
    /// First day of vaccination, local to the site.
    pub first_day: Date,
    /// Last day of vaccination, local to the site.
    pub last_day: Date,
    /// Who may book, by birth year; empty means everyone.
    pub cohorts: Vec<Cohort>,
    /// The vaccines it gives.
    pub products: Vec<Product>,
    /// When people are reminded.
    pub reminders: Vec<ReminderRule>,
}

/// People born in some years, and when booking opens for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// Earliest birth year, included.
    pub born_from: i16,
    /// Latest birth year, included.
    pub born_to: i16,
    /// When booking opens for them.
    pub opens_at: Timestamp,
}

/// Whether someone may book in a campaign now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligibility {
    /// They may book now.
    Open,
    /// They may book from this moment on.
    OpensAt(Timestamp),
    /// Their birth year is not part of the campaign.
    NotIncluded,
    /// No product of the campaign suits their age on any of its days.
    NoProductForAge,
    /// Booking has ended.
    Closed,
}

impl Campaign {
    /// Whether someone born on `birth` may book at `now`.
    pub fn eligibility(&self, birth: &BirthDate, now: Timestamp) -> Eligibility {
        if now >= self.closes_at {
            return Eligibility::Closed;
        }
        let suits = |day| self.products.iter().any(|product| product.ages.allow(birth, day));
        if !suits(self.first_day) && !suits(self.last_day) {
            return Eligibility::NoProductForAge;
        }
        match self.opening_for(birth.year()) {
            None => Eligibility::NotIncluded,
            Some(opens_at) if now < opens_at => Eligibility::OpensAt(opens_at),
            Some(_) => Eligibility::Open,
        }
    }

    /// When booking opens for a birth year; `None` when the year is not included. The earliest cohort counts.
    pub fn opening_for(&self, birth_year: i16) -> Option<Timestamp> {
        if self.cohorts.is_empty() {
            return Some(self.opens_at);
        }
        self.cohorts
            .iter()
            .filter(|cohort| (cohort.born_from..=cohort.born_to).contains(&birth_year))
            .map(|cohort| cohort.opens_at.max(self.opens_at))
            .min()
    }

    /// The product with this id.
    pub fn product(&self, id: ProductId) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// The product with this code.
    pub fn product_by_code(&self, code: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.code == code)
    }

    /// The interval before `dose` of `product`, when the campaign has that dose.
    pub fn interval_before(&self, product: ProductId, dose: u8) -> Option<DoseInterval> {
        if dose > self.doses {
            return None;
        }
        self.product(product)?.interval_before(dose)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::product::AgeLimits;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn campaign() -> Campaign {
        Campaign {
            id: CampaignId(1),
            slug: "flu".into(),
            name: Localised::default(),
            about: Localised::default(),
            doses: 1,
            opens_at: at("2026-11-01T00:00:00Z"),
            closes_at: at("2026-12-20T00:00:00Z"),
            first_day: date(2026, 11, 24),
            last_day: date(2026, 12, 31),
            cohorts: vec![
                Cohort { born_from: 1900, born_to: 1951, opens_at: at("2026-11-01T00:00:00Z") },
                Cohort { born_from: 1952, born_to: 1971, opens_at: at("2026-11-25T11:00:00Z") },
            ],
            products: vec![Product {
                id: ProductId(1),
                code: "flu".into(),
                name: Localised::default(),
                ages: AgeLimits { youngest: 50, oldest: None },
                intervals: vec![],
                may_follow: vec![],
            }],
            reminders: vec![],
        }
    }

    fn born(text: &str) -> BirthDate {
        BirthDate::parse_iso(text, date(2026, 11, 23)).unwrap()
    }

    #[test]
    fn each_cohort_has_its_own_opening() {
        let now = at("2026-11-23T00:00:00Z");
        assert_eq!(campaign().eligibility(&born("1941-03-09"), now), Eligibility::Open);
        let later = at("2026-11-25T11:00:00Z");
        assert_eq!(campaign().eligibility(&born("1960-03-09"), now), Eligibility::OpensAt(later));
        assert_eq!(campaign().eligibility(&born("1960-03-09"), later), Eligibility::Open);
        assert_eq!(campaign().eligibility(&born("1975-03-09"), later), Eligibility::NotIncluded);
        assert_eq!(campaign().eligibility(&born("1990-03-09"), later), Eligibility::NoProductForAge);
        assert_eq!(
            campaign().eligibility(&born("1941-03-09"), at("2026-12-20T00:00:00Z")),
            Eligibility::Closed
        );
    }

    #[test]
    fn without_cohorts_everyone_is_included() {
        let everyone = Campaign { cohorts: vec![], ..campaign() };
        assert_eq!(everyone.opening_for(1975), Some(everyone.opens_at));
    }

    proptest! {
        #[test]
        fn once_open_it_stays_open_until_it_closes(year in 1900i16..1971, hours in 0i64..2000) {
            let campaign = campaign();
            let birth = BirthDate::new(date(year, 6, 1), date(2026, 11, 23)).unwrap();
            let opens = campaign.opening_for(year).unwrap();
            let later = opens + jiff::SignedDuration::from_hours(hours);
            let expected = if later < campaign.closes_at { Eligibility::Open } else { Eligibility::Closed };
            prop_assert_eq!(campaign.eligibility(&birth, later), expected);
        }
    }
}
