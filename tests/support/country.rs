//! A small country: three sites, one campaign of a single dose and one of two.

use std::sync::Arc;

use jiff::civil::date;
use sunbeon::domain::campaign::{Campaign, Localised};
use sunbeon::domain::ids::{CampaignId, ProductId, SiteId};
use sunbeon::domain::position::Position;
use sunbeon::domain::product::{AgeLimits, DoseInterval, Product};
use sunbeon::domain::reminder::ReminderRule;
use sunbeon::domain::site::{Features, Offer, Site};
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::store::{Failure, StoreError, Tx, campaigns, sites, timetable};

/// Seats of each time at the first two sites; the third has one.
pub const SEATS: u16 = 3;

/// What was stored.
#[derive(Debug, Clone)]
pub struct Country {
    /// One dose, for everybody.
    pub flu: Arc<Campaign>,
    /// Two doses, 21 to 42 days apart, from the age of 12.
    pub shield: Arc<Campaign>,
    /// A site with [`SEATS`] seats at each time.
    pub north: SiteId,
    /// Another one.
    pub south: SiteId,
    /// A site with one seat at each time.
    pub small: SiteId,
}

/// Stores the country.
pub fn settle(tx: &mut Tx<'_>) -> Result<Country, Failure<()>> {
    let flu = product(tx, "flu-2026", 0, Vec::new())?;
    let shield = product(tx, "shield-2", 12, vec![DoseInterval::new(2, 21, 28, 42).unwrap()])?;
    let flu = campaign(tx, "flu-2026", 1, flu)?;
    let shield = campaign(tx, "shield-2026", 2, shield)?;
    let mut places = Vec::new();
    for (name, seats) in [("북부 보건소", SEATS), ("남부 보건소", SEATS), ("작은 의원", 1)] {
        let site = site(name, seats, &[&flu, &shield]);
        let id = sites::save(tx, name, &site)?.id();
        for one in [&flu, &shield] {
            timetable::fill(tx, id, &site, one, one.first_day)?;
        }
        places.push(id);
    }
    Ok(Country {
        flu: Arc::new(flu),
        shield: Arc::new(shield),
        north: places[0],
        south: places[1],
        small: places[2],
    })
}

fn product(
    tx: &mut Tx<'_>,
    code: &str,
    youngest: u16,
    intervals: Vec<DoseInterval>,
) -> Result<Product, StoreError> {
    let name = Localised { korean: format!("{code} 백신"), english: format!("{code} vaccine") };
    let ages = AgeLimits { youngest, oldest: None };
    let mut new =
        Product { id: ProductId(0), code: code.into(), name, ages, intervals, may_follow: Vec::new() };
    new.id = campaigns::save_product(tx, &new)?;
    Ok(new)
}

fn campaign(tx: &mut Tx<'_>, slug: &str, doses: u8, product: Product) -> Result<Campaign, StoreError> {
    let text = Localised { korean: slug.into(), english: slug.into() };
    let mut new = Campaign {
        id: CampaignId(0),
        slug: slug.into(),
        name: text.clone(),
        about: text,
        doses,
        opens_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        closes_at: "2027-01-30T00:00:00Z".parse().unwrap(),
        first_day: date(2026, 11, 24),
        last_day: date(2027, 1, 30),
        cohorts: Vec::new(),
        products: vec![product],
        reminders: ReminderRule::USUAL.to_vec(),
    };
    new.id = campaigns::save_campaign(tx, &new)?;
    Ok(new)
}

/// A site that is open six mornings a week and gives the campaigns' products.
pub fn site(name: &str, seats: u16, campaigns: &[&Campaign]) -> Site {
    let products = campaigns.iter().flat_map(|campaign| &campaign.products);
    Site {
        id: SiteId(0),
        code: String::new(),
        name: name.into(),
        province: "seoul".into(),
        district: "jongno-gu".into(),
        address: "서울특별시 종로구 1".into(),
        position: Some(Position::new(37.57, 126.98).unwrap()),
        phone: None,
        features: Features { step_free: true, ..Features::default() },
        time_zone: "Asia/Seoul".into(),
        hours: WeeklyHours::parse("Mon-Sat 09:00-11:00").unwrap(),
        offers: products.map(|product| Offer { product: product.id, seats }).collect(),
    }
}
