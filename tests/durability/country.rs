//! A country that is small, so that its seats are contended, and open now: the executable goes by the real clock.

use jiff::ToSpan;
use jiff::civil::Date;
use sunbeon::domain::campaign::{Campaign, Localised};
use sunbeon::domain::ids::{CampaignId, ProductId};
use sunbeon::domain::product::{AgeLimits, DoseInterval, Product};
use sunbeon::domain::reminder::ReminderRule;
use sunbeon::domain::site::Site;
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::store::{Failure, Never, StoreError, Tx, campaigns, sites, timetable};

#[path = "../support/country.rs"]
#[allow(dead_code, reason = "its site is like those here")]
mod small;

/// The campaign of one dose.
pub const ONE_DOSE: &str = "flu";

/// The campaign of two doses, three to six weeks apart.
pub const TWO_DOSES: &str = "shield";

/// Days before the first appointments: reminders are still to come, however long the test runs.
const DAYS_AHEAD: i64 = 4;

/// Days on which first doses are booked; the fewer, the more people want the same seats.
const DAYS: i64 = 4;

/// A time that can be booked, as forms name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// The site's code.
    pub site: String,
    /// The campaign's name in addresses.
    pub campaign: String,
    /// Vaccine and second.
    pub name: String,
    /// When it starts, in seconds since 1970.
    pub starts_at: i64,
}

/// The query that gives every time in the first days as a line.
pub fn times_query(today: Date) -> String {
    let last = number(today + (DAYS_AHEAD + DAYS - 1).days());
    format!(
        "SELECT s.code || '|' || c.slug || '|' || p.code || '~' || t.starts_at || '|' || t.starts_at AS line \
         FROM slot t JOIN site s ON s.id = t.site JOIN campaign c ON c.id = t.campaign \
         JOIN product p ON p.id = t.product WHERE t.local_date <= {last} ORDER BY t.id"
    )
}

impl Time {
    /// Reads a line of [`times_query`].
    pub fn of_line(line: &str) -> Self {
        let parts: Vec<String> = line.split('|').map(ToOwned::to_owned).collect();
        let [site, campaign, name, starts_at] = parts.try_into().unwrap();
        Self { site, campaign, name, starts_at: starts_at.parse().unwrap() }
    }
}

fn number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

/// Stores the country.
pub fn settle(tx: &mut Tx<'_>, today: Date) -> Result<(), Failure<Never>> {
    let one = campaign(tx, today, (ONE_DOSE, 1), Vec::new(), DAYS - 1)?;
    let interval = DoseInterval::new(2, 21, 28, 42).unwrap();
    let two = campaign(tx, today, (TWO_DOSES, 2), vec![interval], DAYS + 42)?;
    for (name, seats) in [("북부 보건소", 3), ("남부 보건소", 2), ("작은 의원", 1)] {
        let site = site(name, seats, &[&one, &two]);
        let id = sites::save(tx, name, &site)?.id();
        for campaign in [&one, &two] {
            timetable::fill(tx, id, &site, campaign, campaign.first_day)?;
        }
    }
    Ok(())
}

fn campaign(
    tx: &mut Tx<'_>,
    today: Date,
    (slug, doses): (&str, u8),
    intervals: Vec<DoseInterval>,
    days: i64,
) -> Result<Campaign, StoreError> {
    let text = Localised { korean: slug.into(), english: slug.into() };
    let ages = AgeLimits { youngest: 0, oldest: None };
    let (code, name) = (format!("{slug}-vaccine"), text.clone());
    let mut product = Product { id: ProductId(0), code, name, ages, intervals, may_follow: Vec::new() };
    product.id = campaigns::save_product(tx, &product)?;
    let first_day = today + DAYS_AHEAD.days();
    let mut new = Campaign {
        id: CampaignId(0),
        slug: slug.into(),
        name: text.clone(),
        about: text,
        doses,
        opens_at: "2020-01-01T00:00:00Z".parse().unwrap(),
        closes_at: "2120-01-01T00:00:00Z".parse().unwrap(),
        first_day,
        last_day: first_day + days.days(),
        cohorts: Vec::new(),
        products: vec![product],
        reminders: ReminderRule::USUAL.to_vec(),
    };
    new.id = campaigns::save_campaign(tx, &new)?;
    Ok(new)
}

fn site(name: &str, seats: u16, campaigns: &[&Campaign]) -> Site {
    let hours = WeeklyHours::parse("Mon-Sun 09:00-11:00").unwrap();
    Site { hours, ..small::site(name, seats, campaigns) }
}
