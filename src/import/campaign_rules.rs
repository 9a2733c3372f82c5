//! What must hold for a campaign as a whole, and what is allowed but hardly meant.

use jiff::ToSpan;

use super::campaign_file::{CampaignFile, repeated};
use super::error::Problem;
use crate::domain::campaign::Campaign;
use crate::domain::product::Product;

/// Days a campaign may last: more is a slip in the year, and a country would get millions of slots by it.
const CAMPAIGN_DAYS_MAX: i32 = 400;

/// Everything about the file that can't be, given the `stored` products.
pub(super) fn problems(file: &CampaignFile, stored: &[Product]) -> Vec<Problem> {
    let mut problems = span_problems(&file.campaign);
    let in_file: Vec<&str> = file.products.iter().map(|one| one.product.code.as_str()).collect();
    if let Some(code) = repeated(in_file.iter()) {
        problems.push(Problem::new("products", code, "each code once"));
    }
    let mut known: Vec<&str> =
        in_file.iter().copied().chain(stored.iter().map(|product| product.code.as_str())).collect();
    known.sort_unstable();
    known.dedup();
    let mut check = |key: String, code: &String| {
        if !known.contains(&code.as_str()) {
            let accepted = format!("a product of this file or one imported before: {}", known.join(", "));
            problems.push(Problem::new(key, code, accepted));
        }
    };
    file.product_codes.iter().for_each(|code| check("campaign.products".to_owned(), code));
    for (index, one) in file.products.iter().enumerate() {
        one.may_follow.iter().for_each(|code| check(format!("products[{}].may_follow", index + 1), code));
    }
    if file.product_codes.is_empty() {
        problems.push(Problem::missing("campaign.products", "at least one code"));
    }
    if let Some(code) = repeated(file.product_codes.iter()) {
        problems.push(Problem::new("campaign.products", code, "each code once"));
    }
    if let Some(year) = repeated(file.campaign.cohorts.iter().map(|cohort| cohort.born_from)) {
        let found = format!("two cohorts born from {year}");
        problems.push(Problem::new("campaign.cohorts", &found, "each born_from once"));
    }
    problems
}

fn span_problems(campaign: &Campaign) -> Vec<Problem> {
    let mut problems = Vec::new();
    let Campaign { opens_at, closes_at, first_day, last_day, .. } = campaign;
    if closes_at <= opens_at {
        let accepted = format!("a time after opens_at, {opens_at}");
        problems.push(Problem::new("campaign.closes_at", &closes_at.to_string(), accepted));
    }
    let longest = first_day.saturating_add(CAMPAIGN_DAYS_MAX.days());
    if last_day < first_day || *last_day > longest {
        let accepted = format!("a date from first_day, {first_day}, to {longest}");
        problems.push(Problem::new("campaign.last_day", &last_day.to_string(), accepted));
    }
    for (index, cohort) in campaign.cohorts.iter().enumerate() {
        if cohort.opens_at >= *closes_at {
            let key = format!("campaign.cohorts[{}].opens_at", index + 1);
            let accepted = format!("a time before closes_at, {closes_at}");
            problems.push(Problem::new(key, &cohort.opens_at.to_string(), accepted));
        }
    }
    problems
}

/// First doses without a possible second are never offered, so each product needs one to follow it.
pub(super) fn missing_intervals(campaign: &Campaign) -> Vec<Problem> {
    let mut problems = Vec::new();
    for earlier in &campaign.products {
        for dose in 2..=campaign.doses {
            if shortest_interval(campaign, earlier, dose).is_none() {
                problems.push(Problem::missing(
                    format!("product {}", earlier.code),
                    format!(
                        "an interval for dose {dose}, here or at a product that may follow it: the campaign has {} doses",
                        campaign.doses
                    ),
                ));
            }
        }
    }
    problems
}

/// Fewest days before `dose` after `earlier`, over the products that may follow it.
fn shortest_interval(campaign: &Campaign, earlier: &Product, dose: u8) -> Option<u16> {
    let following = campaign.products.iter().filter(|later| later.may_come_after(earlier.id));
    following.filter_map(|later| later.interval_before(dose)).map(|interval| interval.minimum_days).min()
}

/// What is allowed but hardly meant. `before` is the campaign as it was.
pub(super) fn warnings(campaign: &Campaign, before: Option<&Campaign>) -> Vec<String> {
    let mut warnings = too_short(campaign);
    for cohort in campaign.cohorts.iter().filter(|cohort| cohort.opens_at < campaign.opens_at) {
        warnings.push(format!(
            "the cohort {} to {} opens before the campaign; the campaign's opens_at counts",
            cohort.born_from, cohort.born_to
        ));
    }
    let gone = before.iter().flat_map(|before| &before.products);
    for product in gone.filter(|product| campaign.product(product.id).is_none()) {
        warnings.push(format!(
            "{} is no longer part of the campaign; its slots and bookings stay as they are",
            product.code
        ));
    }
    if let Some(before) = before
        && (before.first_day < campaign.first_day || before.last_day > campaign.last_day)
    {
        warnings
            .push("the campaign got shorter; slots and bookings outside of it stay as they are".to_owned());
    }
    warnings
}

fn too_short(campaign: &Campaign) -> Vec<String> {
    let mut warnings = Vec::new();
    for product in &campaign.products {
        let shortest: Option<Vec<u16>> =
            (2..=campaign.doses).map(|dose| shortest_interval(campaign, product, dose)).collect();
        let days: i32 = shortest.into_iter().flatten().map(i32::from).sum();
        let earliest = campaign.first_day.saturating_add(days.days());
        if earliest > campaign.last_day {
            warnings.push(format!(
                "the campaign is too short for {}: after a first dose on {} the last dose can be given on {earliest} at the \
                 earliest, but the last day is {}, so nobody can book it",
                product.code, campaign.first_day, campaign.last_day
            ));
        }
    }
    warnings
}
