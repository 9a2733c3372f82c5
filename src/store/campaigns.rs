//! Campaigns with their products, intervals and cohorts: few rows, read whole.

use diesel::prelude::*;
use jiff::civil::Time;

use super::schema::{
    campaign, campaign_product, campaign_reminder, cohort, dose_interval, product, product_follows,
};
use super::values::{date, date_number, moment, small, unreadable, word};
use super::{Conn, StoreError, Tx};
use crate::domain::campaign::{Campaign, Cohort, Localised};
use crate::domain::ids::{CampaignId, ProductId};
use crate::domain::product::{AgeLimits, DoseInterval, Product};
use crate::domain::reminder::{RemindedDoses, ReminderRule, ReminderWay};

/// All products, by code.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn products(conn: &mut Conn) -> Result<Vec<Product>, StoreError> {
    let rows: Vec<(i64, String, String, String, i32, Option<i32>)> =
        product::table.order(product::code).load(conn)?;
    let intervals: Vec<(i64, i32, i32, i32, i32)> =
        dose_interval::table.order(dose_interval::dose).load(conn)?;
    let follows: Vec<(i64, i64)> = product_follows::table.load(conn)?;
    rows.into_iter()
        .map(|(id, code, korean, english, youngest, oldest)| {
            let mine = intervals.iter().filter(|interval| interval.0 == id);
            Ok(Product {
                id: ProductId(id),
                code,
                name: Localised { korean, english },
                ages: AgeLimits { youngest: small(youngest)?, oldest: oldest.map(small).transpose()? },
                intervals: mine.map(interval_of).collect::<Result<_, _>>()?,
                may_follow: follows.iter().filter(|row| row.0 == id).map(|row| ProductId(row.1)).collect(),
            })
        })
        .collect()
}

fn interval_of(row: &(i64, i32, i32, i32, i32)) -> Result<DoseInterval, StoreError> {
    let &(_, dose, minimum, proposed, maximum) = row;
    DoseInterval::new(small(dose)?, small(minimum)?, small(proposed)?, small(maximum)?).map_err(unreadable)
}

/// All campaigns, the one that opened last first.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn all(conn: &mut Conn) -> Result<Vec<Campaign>, StoreError> {
    type Row = (i64, String, String, String, String, String, i32, i64, i64, i32, i32);
    let rows: Vec<Row> = campaign::table.order((campaign::opens_at.desc(), campaign::slug)).load(conn)?;
    let products = products(conn)?;
    let members: Vec<(i64, i64)> = campaign_product::table.load(conn)?;
    let cohorts: Vec<(i64, i32, i32, i64)> = cohort::table.order(cohort::born_from).load(conn)?;
    let reminders: Vec<ReminderRow> =
        campaign_reminder::table.order(campaign_reminder::days_before).load(conn)?;
    rows.into_iter()
        .map(|(id, slug, name_ko, name_en, about_ko, about_en, doses, opens, closes, first, last)| {
            let is_member = |product: &&Product| members.contains(&(id, product.id.0));
            let mine = cohorts.iter().filter(|cohort| cohort.0 == id);
            Ok(Campaign {
                id: CampaignId(id),
                slug,
                name: Localised { korean: name_ko, english: name_en },
                about: Localised { korean: about_ko, english: about_en },
                doses: small(doses)?,
                opens_at: moment(opens)?,
                closes_at: moment(closes)?,
                first_day: date(first)?,
                last_day: date(last)?,
                cohorts: mine.map(cohort_of).collect::<Result<_, _>>()?,
                products: products.iter().filter(is_member).cloned().collect(),
                reminders: reminders_of(id, &reminders)?,
            })
        })
        .collect()
}

type ReminderRow = (i64, String, i32, i32, String);

fn reminders_of(campaign: i64, rows: &[ReminderRow]) -> Result<Vec<ReminderRule>, StoreError> {
    let mine = rows.iter().filter(|row| row.0 == campaign);
    mine.map(|(_, doses, days_before, minute, way)| {
        Ok(ReminderRule {
            doses: word(doses, RemindedDoses::from_word)?,
            days_before: small(*days_before)?,
            at: Time::new(small(minute / 60)?, small(minute % 60)?, 0, 0).map_err(unreadable)?,
            by: word(way, ReminderWay::from_word)?,
        })
    })
    .collect()
}

/// When a campaign reminds people.
pub(super) fn reminders(conn: &mut Conn, campaign: CampaignId) -> Result<Vec<ReminderRule>, StoreError> {
    let rows: Vec<ReminderRow> =
        campaign_reminder::table.filter(campaign_reminder::campaign.eq(campaign.0)).load(conn)?;
    reminders_of(campaign.0, &rows)
}

fn cohort_of(row: &(i64, i32, i32, i64)) -> Result<Cohort, StoreError> {
    let &(_, from, to, opens_at) = row;
    Ok(Cohort { born_from: small(from)?, born_to: small(to)?, opens_at: moment(opens_at)? })
}

/// Stores a product under its code, new or changed, and returns its id. The product's own `id` is not looked at, and
/// `may_follow` must hold stored ids.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn save_product(tx: &mut Tx<'_>, new: &Product) -> QueryResult<ProductId> {
    super::changes::note(tx);
    let known: Option<i64> = product::table
        .filter(product::code.eq(&new.code))
        .select(product::id)
        .get_result(tx.conn)
        .optional()?;
    let values = (
        product::name_ko.eq(&new.name.korean),
        product::name_en.eq(&new.name.english),
        product::age_min.eq(i32::from(new.ages.youngest)),
        product::age_max.eq(new.ages.oldest.map(i32::from)),
    );
    let id = known.unwrap_or_else(|| tx.new_id());
    if known.is_some() {
        diesel::update(product::table.find(id)).set(values).execute(tx.conn)?;
    } else {
        diesel::insert_into(product::table)
            .values((product::id.eq(id), product::code.eq(&new.code), values.0, values.1, values.2, values.3))
            .execute(tx.conn)?;
    }
    diesel::delete(dose_interval::table.filter(dose_interval::product.eq(id))).execute(tx.conn)?;
    for interval in &new.intervals {
        diesel::insert_into(dose_interval::table)
            .values((
                dose_interval::product.eq(id),
                dose_interval::dose.eq(i32::from(interval.dose)),
                dose_interval::minimum_days.eq(i32::from(interval.minimum_days)),
                dose_interval::proposed_days.eq(i32::from(interval.proposed_days)),
                dose_interval::maximum_days.eq(i32::from(interval.maximum_days)),
            ))
            .execute(tx.conn)?;
    }
    diesel::delete(product_follows::table.filter(product_follows::later.eq(id))).execute(tx.conn)?;
    for earlier in &new.may_follow {
        diesel::insert_into(product_follows::table)
            .values((product_follows::later.eq(id), product_follows::earlier.eq(earlier.0)))
            .execute(tx.conn)?;
    }
    Ok(ProductId(id))
}

/// Stores a campaign under its slug, new or changed, with its cohorts and the ids of its stored products.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn save_campaign(tx: &mut Tx<'_>, new: &Campaign) -> QueryResult<CampaignId> {
    super::changes::note(tx);
    let known: Option<i64> = campaign::table
        .filter(campaign::slug.eq(&new.slug))
        .select(campaign::id)
        .get_result(tx.conn)
        .optional()?;
    let id = known.unwrap_or_else(|| tx.new_id());
    let values = (
        campaign::name_ko.eq(&new.name.korean),
        campaign::name_en.eq(&new.name.english),
        campaign::about_ko.eq(&new.about.korean),
        campaign::about_en.eq(&new.about.english),
        campaign::doses.eq(i32::from(new.doses)),
        campaign::opens_at.eq(new.opens_at.as_second()),
        campaign::closes_at.eq(new.closes_at.as_second()),
        campaign::first_day.eq(date_number(new.first_day)),
        campaign::last_day.eq(date_number(new.last_day)),
    );
    if known.is_some() {
        diesel::update(campaign::table.find(id)).set(values).execute(tx.conn)?;
    } else {
        diesel::insert_into(campaign::table)
            .values(((campaign::id.eq(id), campaign::slug.eq(&new.slug)), values))
            .execute(tx.conn)?;
    }
    save_members(tx, id, new)?;
    Ok(CampaignId(id))
}

fn save_members(tx: &mut Tx<'_>, id: i64, new: &Campaign) -> QueryResult<()> {
    diesel::delete(cohort::table.filter(cohort::campaign.eq(id))).execute(tx.conn)?;
    for one in &new.cohorts {
        diesel::insert_into(cohort::table)
            .values((
                cohort::campaign.eq(id),
                cohort::born_from.eq(i32::from(one.born_from)),
                cohort::born_to.eq(i32::from(one.born_to)),
                cohort::opens_at.eq(one.opens_at.as_second()),
            ))
            .execute(tx.conn)?;
    }
    diesel::delete(campaign_product::table.filter(campaign_product::campaign.eq(id))).execute(tx.conn)?;
    for member in &new.products {
        diesel::insert_into(campaign_product::table)
            .values((campaign_product::campaign.eq(id), campaign_product::product.eq(member.id.0)))
            .execute(tx.conn)?;
    }
    diesel::delete(campaign_reminder::table.filter(campaign_reminder::campaign.eq(id))).execute(tx.conn)?;
    for rule in &new.reminders {
        diesel::insert_into(campaign_reminder::table)
            .values((
                campaign_reminder::campaign.eq(id),
                campaign_reminder::doses.eq(rule.doses.as_str()),
                campaign_reminder::days_before.eq(i32::from(rule.days_before)),
                campaign_reminder::minute_of_day
                    .eq(i32::from(rule.at.hour()) * 60 + i32::from(rule.at.minute())),
                campaign_reminder::way.eq(rule.by.as_str()),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
