//! Two invented campaigns: influenza with one dose, whose cohorts open one after the other, and COVID-19 with two.

use jiff::SignedDuration;

use super::calendar::Calendar;
use crate::domain::campaign::{Campaign, Cohort, Localised};
use crate::domain::clock::ChanceExt;
use crate::domain::door::draw_key::DrawKey;
use crate::domain::door::opening::{Opening, OpeningCodeError, Places};
use crate::domain::ids::{CampaignId, OpeningId, ProductId};
use crate::domain::product::{AgeLimits, DoseInterval, DoseIntervalError, Product};
use crate::domain::reminder::ReminderRule;
use crate::store::{Outcome, StoreError, Tx, campaigns, openings};

/// Earliest birth year in any cohort.
const FIRST_BIRTH_YEAR: i16 = 1900;

/// Age from which the high-dose vaccine is given.
const HIGH_DOSE_AGE: u16 = 65;

/// Ages at which the three influenza cohorts part.
const COHORT_AGES: (i16, i16) = (65, 50);

/// How the evening of the youngest is called.
const EVENING: &str = "flu-evening";

/// For how many hours its door stands.
const EVENING_HOURS: i64 = 3;

/// The invented campaigns, stored.
#[derive(Debug, Clone)]
pub struct Campaigns {
    /// Influenza: one dose.
    pub influenza: Campaign,
    /// COVID-19: two doses.
    pub covid: Campaign,
}

impl Campaigns {
    /// Both.
    pub fn both(&self) -> [&Campaign; 2] {
        [&self.influenza, &self.covid]
    }
}

/// The codes of the invented products.
pub mod codes {
    /// Influenza for everyone.
    pub const STANDARD: &str = "flu-standard";
    /// Influenza from 65 years on.
    pub const HIGH_DOSE: &str = "flu-high-dose";
    /// COVID-19, the common one.
    pub const MRNA: &str = "covid-mrna";
    /// COVID-19, for those who can't have the common one.
    pub const PROTEIN: &str = "covid-protein";
}

/// Stores both campaigns as they are on this day: openings move along with the calendar, so that there is always one
/// to come.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn save(tx: &mut Tx<'_>, calendar: &Calendar) -> Outcome<Campaigns, String> {
    let campaigns = save_both(tx, calendar)?;
    let evening = openings::save(tx, &evening(&campaigns.influenza, calendar)?)?;
    // Drawn once, with a key that nobody else had a part in: it is a demo.
    openings::keep_key(tx, evening, &DrawKey::new(tx.tools.chance.bytes()))?;
    Ok(campaigns)
}

/// Stores both campaigns without an evening.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn save_both(tx: &mut Tx<'_>, calendar: &Calendar) -> Outcome<Campaigns, String> {
    let unreadable = |error: DoseIntervalError| StoreError::Unreadable(error.to_string());
    let mut influenza = influenza(calendar);
    let mut covid = covid(calendar).map_err(unreadable)?;
    for campaign in [&mut influenza, &mut covid] {
        for product in &mut campaign.products {
            product.id = campaigns::save_product(tx, product)?;
        }
        campaign.id = campaigns::save_campaign(tx, campaign)?;
    }
    Ok(Campaigns { influenza, covid })
}

fn influenza(calendar: &Calendar) -> Campaign {
    let (year, season) = (calendar.today.year(), calendar.season());
    let (old, middle) = (year - COHORT_AGES.0, year - COHORT_AGES.1);
    let winter = format!("{season}–{:02}", (season + 1) % 100);
    let cohort = |born_from, born_to, opens_in_days| Cohort {
        born_from,
        born_to,
        opens_at: calendar.opening(opens_in_days),
    };
    Campaign {
        id: CampaignId(0),
        slug: "flu".to_owned(),
        name: both(&format!("{winter} 인플루엔자 예방접종"), &format!("{winter} influenza")),
        about: both(
            "독감(인플루엔자)을 막는 주사를 한 번 맞습니다. 나이가 많은 분부터 차례로 예약을 받습니다. \
             65세부터는 효과를 높인 고용량 백신도 선택할 수 있습니다.",
            "One injection against influenza (the flu). The oldest people can book first. \
             From the age of 65 you can also choose the high-dose vaccine, which works better for older people.",
        ),
        doses: 1,
        opens_at: calendar.opening(-14),
        closes_at: calendar.closing(),
        first_day: calendar.today,
        last_day: calendar.last_day(),
        cohorts: vec![
            cohort(FIRST_BIRTH_YEAR, old, -14),
            cohort(old + 1, middle, -1),
            cohort(middle + 1, year, 3),
        ],
        products: vec![
            product(
                codes::STANDARD,
                both("인플루엔자 백신 (일반)", "Influenza vaccine (standard)"),
                0,
                vec![],
            ),
            product(
                codes::HIGH_DOSE,
                both("인플루엔자 백신 (고용량, 65세 이상)", "Influenza vaccine (high-dose, from 65)"),
                HIGH_DOSE_AGE,
                vec![],
            ),
        ],
        reminders: ReminderRule::USUAL.to_vec(),
    }
}

/// The evening on which the youngest of the influenza campaign begin to book, for which places were drawn already.
fn evening(influenza: &Campaign, calendar: &Calendar) -> Result<Opening, StoreError> {
    let opens_at = calendar.opening(3);
    Ok(Opening {
        id: OpeningId(0),
        code: EVENING.parse().map_err(|error: OpeningCodeError| StoreError::Unreadable(error.to_string()))?,
        campaign: influenza.id,
        places: Places::Drawn,
        born: influenza.cohorts.last().map(|cohort| (cohort.born_from, cohort.born_to)),
        joins_from: calendar.opening(-1),
        opens_at,
        ends_at: opens_at + SignedDuration::from_hours(EVENING_HOURS),
        expected: 1_000_000,
        sessions: 2_000,
    })
}

fn covid(calendar: &Calendar) -> Result<Campaign, DoseIntervalError> {
    let year = calendar.today.year();
    Ok(Campaign {
        id: CampaignId(0),
        slug: "covid-19".to_owned(),
        name: both(&format!("{year} 코로나19 예방접종"), &format!("COVID-19 {year}")),
        about: both(
            "코로나19를 막는 주사를 두 번 맞습니다. 2차 접종은 1차 접종을 받고 3주 뒤부터 6주 뒤까지 받을 수 있고, \
             4주 뒤가 가장 좋습니다. 두 번 모두 한 번에 예약합니다.",
            "Two injections against COVID-19. The second comes three to six weeks after the first. Four weeks is best. \
             You book both at once.",
        ),
        doses: 2,
        opens_at: calendar.opening(-7),
        closes_at: calendar.closing(),
        first_day: calendar.today,
        last_day: calendar.last_day(),
        cohorts: vec![Cohort {
            born_from: FIRST_BIRTH_YEAR,
            born_to: year - 12,
            opens_at: calendar.opening(-7),
        }],
        products: vec![
            product(
                codes::MRNA,
                both("코로나19 mRNA 백신", "COVID-19 mRNA vaccine"),
                11,
                vec![DoseInterval::new(2, 21, 28, 42)?],
            ),
            product(
                codes::PROTEIN,
                both("코로나19 합성항원 백신", "COVID-19 protein vaccine"),
                12,
                vec![DoseInterval::new(2, 21, 28, 42)?],
            ),
        ],
        reminders: ReminderRule::USUAL.to_vec(),
    })
}

fn both(korean: &str, english: &str) -> Localised {
    Localised { korean: korean.to_owned(), english: english.to_owned() }
}

fn product(code: &str, name: Localised, youngest: u16, intervals: Vec<DoseInterval>) -> Product {
    Product {
        id: ProductId(0),
        code: code.to_owned(),
        name,
        ages: AgeLimits { youngest, oldest: None },
        intervals,
        may_follow: vec![],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::birth_date::BirthDate;
    use crate::domain::campaign::Eligibility;

    fn calendar(now: &str) -> Calendar {
        Calendar::new(now.parse().unwrap(), TimeZone::get("Asia/Seoul").unwrap())
    }

    #[test]
    fn the_oldest_can_book_and_the_youngest_see_when() {
        let calendar = calendar("2026-11-23T08:00:00Z");
        let (influenza, covid) = (influenza(&calendar), covid(&calendar).unwrap());
        assert_eq!(influenza.name.english, "2026–27 influenza");
        let eligibility = |campaign: &Campaign, born| {
            let born = BirthDate::new(date(born, 1, 1), calendar.today).unwrap();
            campaign.eligibility(&born, calendar.now)
        };
        for open in [1921, 1961, 1962, 1976] {
            assert_eq!(eligibility(&influenza, open), Eligibility::Open, "{open}");
        }
        let opens_at = "2026-11-26T11:00:00Z".parse().unwrap();
        assert_eq!(eligibility(&influenza, 1977), Eligibility::OpensAt(opens_at));
        assert_eq!(eligibility(&influenza, 2026), Eligibility::OpensAt(opens_at));
        assert_eq!(eligibility(&covid, 2014), Eligibility::Open);
        assert_ne!(eligibility(&covid, 2015), Eligibility::Open);
    }

    #[test]
    fn a_winter_begins_in_july_and_a_day_at_the_country_s_midnight() {
        assert_eq!(calendar("2027-01-10T00:00:00Z").season(), 2026);
        let evening = calendar("2026-11-23T15:30:00Z");
        assert_eq!((evening.today, evening.last_day()), (date(2026, 11, 24), date(2027, 1, 4)));
        assert!(evening.opening(-1) < evening.now, "the second cohort is open on every day's morning");
    }
}
