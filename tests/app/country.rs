//! The country of the stories: two campaigns, three sites in two districts, and their staff.
//!
//! It is Monday, 23 November 2026, nine o'clock in Seoul. Everybody born in 1976 or earlier may book `flu-2026`, all
//! others from 1 December on; `covid-2026` (two doses, 21 to 42 days apart, 28 proposed, from the age of 12) is open.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use jiff::civil::date;
use sunbeon::domain::campaign::{Campaign, Cohort, Localised};
use sunbeon::domain::ids::{CampaignId, ProductId, SiteId};
use sunbeon::domain::position::Position;
use sunbeon::domain::product::{AgeLimits, DoseInterval, Product};
use sunbeon::domain::reminder::ReminderRule;
use sunbeon::domain::site::{Features, Offer, Site};
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::store::staff::{self, AddStaffError, Role};
use sunbeon::store::{Failure, StoreError, Tx, campaigns, sites, timetable};

/// The password of every member of staff.
pub const STAFF_PASSWORD: &str = "a long password for tests";

/// The logins of staff; each has [`STAFF_PASSWORD`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staff {
    /// Works at both sites in Jongno: `jongno-nurse`.
    Jongno,
    /// Works at the site in Haeundae: `haeundae-nurse`.
    Haeundae,
    /// Answers callers, and sees no site: `agent`.
    CallCentre,
    /// Sees all sites: `authority`.
    Authority,
    /// Sees who looked at whom, and no site: `auditor`.
    Auditor,
}

impl Staff {
    /// The name they sign in with.
    pub fn login(self) -> &'static str {
        match self {
            Self::Jongno => "jongno-nurse",
            Self::Haeundae => "haeundae-nurse",
            Self::CallCentre => "agent",
            Self::Authority => "authority",
            Self::Auditor => "auditor",
        }
    }
}

/// A site: name, province, district, address, place, seats of each time.
type Place = (&'static str, &'static str, &'static str, &'static str, (f64, f64), u16);

/// The sites. The first has room for a family at each time, the second for one person, the third is in another province.
pub const PLACES: [Place; 3] = [
    ("종로 보건소", "seoul", "jongno-gu", "서울특별시 종로구 1", (37.573, 126.979), 4),
    ("작은 의원", "seoul", "jongno-gu", "서울특별시 종로구 2", (37.575, 126.985), 1),
    ("해운대 보건소", "busan", "haeundae-gu", "부산광역시 해운대구 3", (35.163, 129.164), 4),
];

/// Stores the country.
pub fn settle(tx: &mut Tx<'_>) -> Result<(), Failure<AddStaffError>> {
    let flu = flu(tx)?;
    let covid = covid(tx)?;
    let mut ids = Vec::new();
    for place in &PLACES {
        let site = site(place, &[&flu, &covid]);
        let id = sites::save(tx, place.0, &site)?.id();
        for campaign in [&flu, &covid] {
            timetable::fill(tx, id, &site, campaign, campaign.first_day)?;
        }
        ids.push(id);
    }
    let hash = password_hash();
    staff::add(tx, Staff::Jongno.login(), &hash, Role::Clinic, &ids[..2])?;
    staff::add(tx, Staff::Haeundae.login(), &hash, Role::Clinic, &ids[2..])?;
    staff::add(tx, Staff::CallCentre.login(), &hash, Role::CallCentre, &[])?;
    staff::add(tx, Staff::Authority.login(), &hash, Role::Authority, &[])?;
    staff::add(tx, Staff::Auditor.login(), &hash, Role::Auditor, &[])?;
    Ok(())
}

fn flu(tx: &mut Tx<'_>) -> Result<Campaign, StoreError> {
    let product = product(tx, "flu-2026", ("독감 백신", "Flu vaccine"), 0, Vec::new())?;
    let cohort = |born_from, born_to, opens_at: &str| Cohort {
        born_from,
        born_to,
        opens_at: opens_at.parse().unwrap(),
    };
    save(
        tx,
        Campaign {
            name: text("2026년 독감 예방접종", "Flu vaccination 2026"),
            about: text("겨울 독감을 막는 예방접종입니다.", "It protects you from winter flu."),
            doses: 1,
            last_day: date(2026, 12, 19),
            cohorts: vec![
                cohort(1900, 1976, "2026-11-01T00:00:00Z"),
                cohort(1977, 2026, "2026-11-30T15:00:00Z"),
            ],
            ..campaign("flu-2026", product)
        },
    )
}

fn covid(tx: &mut Tx<'_>) -> Result<Campaign, StoreError> {
    let interval = DoseInterval::new(2, 21, 28, 42).unwrap();
    let product = product(tx, "covid-2026", ("코로나19 백신", "COVID-19 vaccine"), 12, vec![interval])?;
    save(
        tx,
        Campaign {
            name: text("2026년 코로나19 예방접종", "COVID-19 vaccination 2026"),
            about: text("두 번 맞는 예방접종입니다.", "It takes two doses."),
            doses: 2,
            last_day: date(2027, 1, 16),
            ..campaign("covid-2026", product)
        },
    )
}

fn text(korean: &str, english: &str) -> Localised {
    Localised { korean: korean.into(), english: english.into() }
}

fn product(
    tx: &mut Tx<'_>,
    code: &str,
    (korean, english): (&str, &str),
    youngest: u16,
    intervals: Vec<DoseInterval>,
) -> Result<Product, StoreError> {
    let (name, ages) = (text(korean, english), AgeLimits { youngest, oldest: None });
    let mut new =
        Product { id: ProductId(0), code: code.into(), name, ages, intervals, may_follow: Vec::new() };
    new.id = campaigns::save_product(tx, &new)?;
    Ok(new)
}

fn campaign(slug: &str, product: Product) -> Campaign {
    Campaign {
        id: CampaignId(0),
        slug: slug.into(),
        name: Localised::default(),
        about: Localised::default(),
        doses: 1,
        opens_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        closes_at: "2027-01-16T00:00:00Z".parse().unwrap(),
        first_day: date(2026, 11, 24),
        last_day: date(2027, 1, 16),
        cohorts: Vec::new(),
        products: vec![product],
        reminders: ReminderRule::USUAL.to_vec(),
    }
}

fn save(tx: &mut Tx<'_>, mut new: Campaign) -> Result<Campaign, StoreError> {
    new.id = campaigns::save_campaign(tx, &new)?;
    Ok(new)
}

fn site(
    &(name, province, district, address, (latitude, longitude), seats): &Place,
    all: &[&Campaign],
) -> Site {
    let products = all.iter().flat_map(|campaign| &campaign.products);
    Site {
        id: SiteId(0),
        code: String::new(),
        name: name.into(),
        province: province.into(),
        district: district.into(),
        address: address.into(),
        position: Some(Position::new(latitude, longitude).unwrap()),
        phone: Some("02-0000-0000".into()),
        features: Features { step_free: true, weekend: true, ..Features::default() },
        time_zone: "Asia/Seoul".into(),
        hours: WeeklyHours::parse("Mon-Sat 09:00-18:00").unwrap(),
        offers: products.map(|product| Offer { product: product.id, seats }).collect(),
    }
}

/// Argon2id with the least work it can do: stories sign in often.
fn password_hash() -> String {
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    argon.hash_password_with_salt(STAFF_PASSWORD.as_bytes(), b"salt for tests!!").unwrap().to_string()
}
