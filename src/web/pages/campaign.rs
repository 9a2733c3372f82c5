//! A campaign: who, when, which vaccine. Who can't book yet learns here when and how.

use std::sync::Arc;

use actix_web::web::Path;
use askama::Template;
use jiff::civil::{DateTime, Time};

use super::book::campaign_called;
use crate::domain::campaign::{Campaign, Cohort};
use crate::domain::door::opening::{Phase, Places};
use crate::domain::door::place::Threshold;
use crate::domain::product::{AgeLimits, Product};
use crate::language::Language;
use crate::store::openings::StoredOpening;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/campaign.html")]
struct CampaignPage {
    frame: Frame,
    name: String,
    about: String,
    slug: String,
    /// Whether anybody can book now.
    open: bool,
    /// What to know about booking as a whole: when it begins, or that it has ended.
    booking: String,
    /// Where the turns of its openings can be asked for, with what for.
    doors: Vec<DoorLine>,
    cohorts: Vec<CohortLine>,
    first_day: String,
    last_day: String,
    vaccines: Vec<VaccineLine>,
    doses: u8,
}

struct CohortLine {
    who: String,
    when: String,
    open: bool,
}

struct DoorLine {
    texts: Vec<String>,
    link: String,
    /// The key of the link's words.
    link_text: &'static str,
}

struct VaccineLine {
    name: String,
    ages: String,
    interval: String,
}

/// Shows a campaign to anybody.
pub async fn campaign(visitor: Visitor, slug: Path<String>) -> Answer {
    let campaign = campaign_called(&visitor, &slug)?;
    let (l, now) = (visitor.language, visitor.engine().now());
    let closed = now >= campaign.closes_at;
    let booking = if closed {
        l.say("campaign-closed").to_string()
    } else if now < campaign.opens_at {
        l.say("campaign-opens").with("when", visitor.reader().moment(campaign.opens_at)).to_string()
    } else {
        let closes = campaign.closes_at.to_zoned(visitor.engine().zone.clone()).datetime();
        let somebody_waits = campaign.cohorts.iter().any(|cohort| now < cohort.opens_at);
        let key = if somebody_waits { "campaign-until-some" } else { "campaign-until" };
        l.say(key).with("when", closing_in_words(l, closes)).to_string()
    };
    let page = CampaignPage {
        frame: visitor.frame(),
        name: campaign.name.in_language(l.code()).to_owned(),
        about: campaign.about.in_language(l.code()).to_owned(),
        slug: campaign.slug.clone(),
        open: !closed && now >= campaign.opens_at,
        booking,
        doors: door_lines(&visitor, &campaign),
        cohorts: campaign.cohorts.iter().map(|cohort| cohort_line(&visitor, &campaign, cohort)).collect(),
        first_day: l.date(campaign.first_day),
        last_day: l.date(campaign.last_day),
        vaccines: campaign.products.iter().map(|one| vaccine_line(l, &campaign, one)).collect(),
        doses: campaign.doses,
    };
    visitor.page(&page)
}

/// The openings that are to come or go on, each with what is so now.
fn door_lines(visitor: &Visitor, campaign: &Campaign) -> Vec<DoorLine> {
    let (engine, now) = (visitor.engine(), visitor.engine().now());
    let catalogue = engine.country.now();
    let is_coming = |one: &&Arc<StoredOpening>| {
        let is_over = one.opening.phase(now) == Phase::Over
            || engine.door.flow(one.opening.id).threshold == Threshold::OPEN;
        one.opening.campaign == campaign.id && !is_over
    };
    catalogue.openings().iter().filter(is_coming).map(|one| door_line(visitor, one)).collect()
}

fn door_line(visitor: &Visitor, one: &StoredOpening) -> DoorLine {
    let (l, opening) = (visitor.language, &one.opening);
    let when = |key: &'static str, at| l.say(key).with("when", visitor.reader().moment(at)).to_string();
    let (phase, is_line) = (opening.phase(visitor.engine().now()), opening.places == Places::InLine);
    let mut texts = vec![match phase {
        Phase::Entering | Phase::Over => when("campaign-door-now", opening.ends_at),
        Phase::Announced | Phase::Joining => when("campaign-door", opening.opens_at),
    }];
    if let Some((from, to)) = opening.born {
        texts.push(l.say("door-for").with("who", visitor.reader().born(from, to)).to_string());
    }
    if phase != Phase::Announced && visitor.engine().door.is_full(opening.campaign) {
        texts.push(l.say("full-text").to_string());
    }
    let (door, draw) = (format!("/door/{}", opening.code), format!("/draw/{}", opening.code));
    let (link, link_text) = match phase {
        Phase::Announced => {
            let key = if is_line { "line-announced" } else { "door-announced" };
            texts.push(when(key, opening.joins_from));
            if is_line { (door, "line-join") } else { (draw, "draw-title") }
        }
        _ if is_line => (door, "line-join"),
        _ if one.key.is_none() => {
            texts.push(l.say("door-not-drawn").to_string());
            (draw, "draw-title")
        }
        _ => (door, "campaign-door-link"),
    };
    DoorLine { texts, link, link_text }
}

fn cohort_line(visitor: &Visitor, campaign: &Campaign, cohort: &Cohort) -> CohortLine {
    let (l, now) = (visitor.language, visitor.engine().now());
    let opens_at = cohort.opens_at.max(campaign.opens_at);
    let who = visitor.reader().born(cohort.born_from, cohort.born_to);
    let (open, over) = (opens_at <= now && now < campaign.closes_at, now >= campaign.closes_at);
    let when = if over {
        l.say("campaign-cohort-closed").to_string()
    } else if open {
        l.say("campaign-cohort-open").to_string()
    } else {
        l.say("campaign-cohort-opens").with("when", visitor.reader().moment(opens_at)).to_string()
    };
    CohortLine { who, when, open }
}

fn vaccine_line(l: Language, campaign: &Campaign, product: &Product) -> VaccineLine {
    let interval = campaign.interval_before(product.id, 2).map(|interval| {
        l.say("campaign-interval")
            .with("first", days_in_words(l, interval.minimum_days))
            .with("last", days_in_words(l, interval.maximum_days))
            .with("best", days_in_words(l, interval.proposed_days))
            .to_string()
    });
    VaccineLine {
        name: product.name.in_language(l.code()).to_owned(),
        ages: ages_in_words(l, product.ages),
        interval: interval.unwrap_or_default(),
    }
}

fn ages_in_words(l: Language, ages: AgeLimits) -> String {
    match (ages.youngest, ages.oldest) {
        (0, None) => l.say("campaign-any-age").to_string(),
        (0, Some(oldest)) => l.say("campaign-ages-until").with("oldest", oldest).to_string(),
        (youngest, None) => l.say("campaign-ages-from").with("youngest", youngest).to_string(),
        (youngest, Some(oldest)) => {
            l.say("campaign-ages-between").with("youngest", youngest).with("oldest", oldest).to_string()
        }
    }
}

/// A booking period that ends with a day is said by that day: "until the 6th at 0:00" reads as if the 6th belonged to it.
fn closing_in_words(l: Language, closes: DateTime) -> String {
    match closes.date().yesterday() {
        Ok(last_day) if closes.time() == Time::midnight() => l.date(last_day),
        _ => l.date_time(closes),
    }
}

/// Whole weeks are said as weeks.
fn days_in_words(l: Language, days: u16) -> String {
    match days % 7 {
        0 => l.say("campaign-weeks").with("weeks", days / 7).to_string(),
        _ => l.say("campaign-days").with("days", days).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_said_in_weeks_where_they_are_whole() {
        assert_eq!(days_in_words(Language::English, 21), "3 weeks");
        assert_eq!(days_in_words(Language::English, 7), "1 week");
        assert_eq!(days_in_words(Language::Korean, 28), "4주");
        assert_eq!(days_in_words(Language::Korean, 30), "30일");
    }

    #[test]
    fn a_period_that_ends_at_midnight_ends_with_the_day_before() {
        let closes = jiff::civil::date(2027, 1, 6).at(0, 0, 0, 0);
        assert_eq!(closing_in_words(Language::Korean, closes), "2027년 1월 5일(화)");
        assert_eq!(
            closing_in_words(Language::English, closes.with().hour(18).build().unwrap()),
            "Wednesday 6 January 2027 at 6:00 pm"
        );
    }

    #[test]
    fn ages_are_said_with_the_limits_there_are() {
        let say = |youngest, oldest| ages_in_words(Language::English, AgeLimits { youngest, oldest });
        assert_eq!(say(0, None), "for any age");
        assert_eq!(say(12, None), "from 12 years of age");
        assert_eq!(say(12, Some(64)), "from 12 to 64 years of age");
    }
}
