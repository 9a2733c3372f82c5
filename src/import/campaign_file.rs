//! What a campaign file says, read whole before anything is judged.

use jiff::tz::TimeZone;
use toml::Table;

use super::error::Problem;
use super::openings::{FileOpening, opening_in};
use super::toml_section::Section;
use crate::domain::campaign::{Campaign, Cohort};
use crate::domain::ids::{CampaignId, ProductId};
use crate::domain::product::{AgeLimits, DoseInterval, Product};
use crate::domain::reminder::{RemindedDoses, ReminderRule, ReminderWay};

const AGE_YEARS: std::ops::RangeInclusive<i64> = 0..=130;
/// Birth years that a file may name.
pub(super) const BIRTH_YEARS: std::ops::RangeInclusive<i64> = 1880..=2100;
const INTERVAL_DAYS: std::ops::RangeInclusive<i64> = 1..=1_000;
/// Days before an appointment on which people may be reminded; the database says so too.
const REMINDER_DAYS: std::ops::RangeInclusive<i64> = 0..=60;
/// The doses a course may have; the database says so too.
const DOSES: std::ops::RangeInclusive<i64> = 1..=9;

/// A campaign file, whose products go by their codes.
#[derive(Debug)]
pub(super) struct CampaignFile {
    /// The campaign, without ids and products.
    pub(super) campaign: Campaign,
    /// Codes of its products.
    pub(super) product_codes: Vec<String>,
    /// Products that the file describes, without ids.
    pub(super) products: Vec<FileProduct>,
    /// Its evenings.
    pub(super) openings: Vec<FileOpening>,
}

/// A product, and the codes of those it may follow.
#[derive(Debug)]
pub(super) struct FileProduct {
    pub(super) product: Product,
    pub(super) may_follow: Vec<String>,
}

impl CampaignFile {
    /// Reads the file. Times without an offset are in `zone`.
    ///
    /// # Errors
    /// Every key that is missing, unknown or not understood.
    pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Self, Vec<Problem>> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            vec![Problem::new("the file", error.to_string().trim(), "TOML, as in the example")]
        })?;
        let mut file = Section::new("", table);
        let mut problems = Vec::new();
        let products: Vec<Option<FileProduct>> =
            file.sections("products").into_iter().map(|section| product_in(section, &mut problems)).collect();
        let section = file.section("campaign", "a section headed [campaign]");
        let campaign = section.and_then(|section| campaign_in(section, zone, &mut problems));
        file.finish(&mut problems);
        match campaign {
            Some(OwnSection { campaign, product_codes, openings }) if problems.is_empty() => {
                let products = products.into_iter().flatten().collect();
                Ok(Self { campaign, product_codes, products, openings })
            }
            _ => Err(problems),
        }
    }
}

fn product_in(mut section: Section, problems: &mut Vec<Problem>) -> Option<FileProduct> {
    let code = section.code("code");
    let name = section.name("name");
    let youngest = section.number("age_min", AGE_YEARS);
    let oldest = section.number_if_any("age_max", AGE_YEARS);
    if let (Some(youngest), Some(Some(oldest))) = (youngest, oldest)
        && oldest < youngest
    {
        section.complain("age_max", &format!("{oldest}"), format!("at least age_min, {youngest}"));
    }
    let may_follow = section.codes("may_follow", true);
    let mut inner = Vec::new();
    let intervals: Option<Vec<DoseInterval>> =
        section.sections("intervals").into_iter().map(|interval| interval_in(interval, &mut inner)).collect();
    section.problems.append(&mut inner);
    if let Some(twice) = repeated(intervals.iter().flatten().map(|interval| interval.dose)) {
        section.complain("intervals", &format!("dose {twice} twice"), "each dose once");
    }
    section.finish(problems);
    let ages = AgeLimits { youngest: youngest?, oldest: oldest? };
    let product = Product {
        id: ProductId(0),
        code: code?,
        name: name?,
        ages,
        intervals: intervals?,
        may_follow: Vec::new(),
    };
    Some(FileProduct { product, may_follow: may_follow? })
}

fn interval_in(mut section: Section, problems: &mut Vec<Problem>) -> Option<DoseInterval> {
    let dose = section.number("dose", 2..=*DOSES.end());
    let minimum = section.number("minimum_days", INTERVAL_DAYS);
    let proposed = section.number("proposed_days", INTERVAL_DAYS);
    let maximum = section.number("maximum_days", INTERVAL_DAYS);
    let interval = match (dose, minimum, proposed, maximum) {
        (Some(dose), Some(minimum), Some(proposed), Some(maximum)) => {
            let interval = DoseInterval::new(dose, minimum, proposed, maximum);
            if let Err(error) = interval {
                section.complain(
                    "minimum_days",
                    &format!("{minimum}, {proposed}, {maximum}"),
                    error.to_string(),
                );
            }
            interval.ok()
        }
        _ => None,
    };
    section.finish(problems);
    interval
}

/// What stands under `[campaign]`.
struct OwnSection {
    campaign: Campaign,
    product_codes: Vec<String>,
    openings: Vec<FileOpening>,
}

fn campaign_in(mut section: Section, zone: &TimeZone, problems: &mut Vec<Problem>) -> Option<OwnSection> {
    let slug = section.code("slug");
    let name = section.name("name");
    let about = section.about("about");
    let doses = section.number("doses", DOSES);
    let opens_at = section.moment("opens_at", zone);
    let closes_at = section.moment("closes_at", zone);
    let first_day = section.day("first_day");
    let last_day = section.day("last_day");
    let product_codes = section.codes("products", false);
    let mut inner = Vec::new();
    let cohorts: Option<Vec<Cohort>> =
        section.sections("cohorts").into_iter().map(|cohort| cohort_in(cohort, zone, &mut inner)).collect();
    let openings: Option<Vec<FileOpening>> =
        section.sections("openings").into_iter().map(|one| opening_in(one, zone, &mut inner)).collect();
    let reminders = reminders_in(&mut section, &mut inner);
    section.problems.append(&mut inner);
    section.finish(problems);
    let campaign = Campaign {
        id: CampaignId(0),
        slug: slug?,
        name: name?,
        about: about?,
        doses: doses?,
        opens_at: opens_at?,
        closes_at: closes_at?,
        first_day: first_day?,
        last_day: last_day?,
        cohorts: cohorts?,
        products: Vec::new(),
        reminders: reminders?,
    };
    Some(OwnSection { campaign, product_codes: product_codes?, openings: openings? })
}

fn cohort_in(mut section: Section, zone: &TimeZone, problems: &mut Vec<Problem>) -> Option<Cohort> {
    let born_from = section.number("born_from", BIRTH_YEARS);
    let born_to = section.number("born_to", BIRTH_YEARS);
    let opens_at = section.moment("opens_at", zone);
    if let (Some(from), Some(to)) = (born_from, born_to)
        && to < from
    {
        section.complain("born_to", &format!("{to}"), format!("a year from born_from, {from}, on"));
    }
    section.finish(problems);
    Some(Cohort { born_from: born_from?, born_to: born_to?, opens_at: opens_at? })
}

/// The reminders of a campaign; the usual ones when the file says nothing of them, and none when it says `reminders = []`.
fn reminders_in(section: &mut Section, problems: &mut Vec<Problem>) -> Option<Vec<ReminderRule>> {
    let is_said = section.has("reminders");
    let rules: Option<Vec<ReminderRule>> =
        section.sections("reminders").into_iter().map(|one| reminder_in(one, problems)).collect();
    let rules = rules?;
    if let Some((doses, days)) = repeated(rules.iter().map(|rule| (rule.doses, rule.days_before))) {
        let found = format!("{days} days before {} dose twice", doses.as_str());
        section.complain("reminders", &found, "each of them once");
    }
    Some(if is_said { rules } else { ReminderRule::USUAL.to_vec() })
}

fn reminder_in(mut section: Section, problems: &mut Vec<Problem>) -> Option<ReminderRule> {
    let days_before = section.number("days_before", REMINDER_DAYS);
    let at = section.time_of_day("at");
    let doses = section.word_if_any("doses", &RemindedDoses::ALL, RemindedDoses::as_str);
    let by = section.word_if_any("by", &ReminderWay::ALL, ReminderWay::as_str);
    section.finish(problems);
    let (doses, by) = (doses?.unwrap_or(RemindedDoses::Every), by?.unwrap_or(ReminderWay::Both));
    Some(ReminderRule { doses, days_before: days_before?, at: at?, by })
}

/// The first value that comes a second time.
pub(super) fn repeated<T: PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = Vec::new();
    for value in values {
        if seen.contains(&value) {
            return Some(value);
        }
        seen.push(value);
    }
    None
}
