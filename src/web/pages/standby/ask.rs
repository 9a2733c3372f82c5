//! Asking to be told of leftover doses: for whom, at which sites or how far around them, and until when.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Query;
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::campaign::Campaign;
use crate::domain::ids::{PersonId, SiteId};
use crate::domain::seat_search::{LaterDose, SeatSearch};
use crate::domain::standby::{DAYS_MAX, METRES, SITES_MAX};
use crate::engine::finder::{Finder, FoundSite};
use crate::language::Language;
use crate::store::people;
use crate::store::standby::{self, AskError, NewWish};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::pages::book::choices::Choices;
use crate::web::pages::book::places::{Link, place_name};
use crate::web::pages::book::search::{Where, place_code, suitable};
use crate::web::posted::CitizenPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

/// Sites that are shown to choose from.
const SITES_SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "pages/standby-ask.html")]
struct AskPage {
    frame: Frame,
    errors: FormErrors,
    campaigns: Vec<Choice>,
    form: AskForm,
    people: Vec<Choice>,
    /// Districts that the typed text can mean.
    meant: Vec<Link>,
    /// Whether something was typed that nothing fits.
    nothing: bool,
    sites: Vec<SiteChoice>,
    reaches: Vec<Choice>,
    sites_max: usize,
}

/// Something to choose from.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

struct SiteChoice {
    code: String,
    name: String,
    address: String,
    is_chosen: bool,
}

/// What is asked for.
#[derive(Deserialize, Default, Clone)]
pub struct AskForm {
    #[serde(default)]
    campaign: String,
    /// What was typed to say where.
    #[serde(default)]
    near: String,
    /// The district that was meant.
    #[serde(default)]
    at: String,
    /// For whom, by their number in the list.
    #[serde(default)]
    p: String,
    #[serde(default)]
    site: Vec<String>,
    #[serde(default)]
    metres: String,
    #[serde(default)]
    until: String,
}

/// How far around the chosen sites, in words.
pub(super) fn reach(language: Language, metres: u32) -> String {
    if metres == 0 {
        return language.say("standby-here-only").to_string();
    }
    language.say("standby-around").with("km", metres / 1_000).to_string()
}

/// The form: first where, then the rest.
pub async fn ask(mut citizen: Citizen, query: Query<AskForm>) -> Answer {
    let page = page_of(&mut citizen, query.into_inner(), FormErrors::none()).await?;
    citizen.page(&page)
}

/// Notes what is asked for.
pub async fn keep(posted: CitizenPosted<AskForm>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let mut errors = FormErrors::none();
    if let Some(new) = read(&citizen, &form, &mut errors).await? {
        match citizen.engine().ledger.write(new.account.0, move |tx| standby::ask(tx, &new)).await {
            Ok(()) => return citizen.go_to("/standby?done=asked"),
            Err(error) => match Problem::refusal(error)? {
                AskError::NotInList => errors.add("p", "standby-error-person"),
            },
        }
    }
    let page = page_of(&mut citizen, form, errors).await?;
    citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The campaigns that can be booked now, the chosen one first; or else the first of them.
fn campaigns(citizen: &Citizen, chosen: &str) -> Vec<Arc<Campaign>> {
    let now = citizen.engine().now();
    let catalogue = citizen.engine().country.now();
    let is_open = |one: &&Arc<Campaign>| one.opens_at <= now && now < one.closes_at;
    let mut open: Vec<Arc<Campaign>> = catalogue.campaigns().iter().filter(is_open).cloned().collect();
    open.sort_by_key(|one| one.slug != chosen);
    open
}

async fn read(
    citizen: &Citizen,
    form: &AskForm,
    errors: &mut FormErrors,
) -> Result<Option<NewWish>, Problem> {
    let campaign = campaigns(citizen, &form.campaign).into_iter().next();
    if campaign.is_none() {
        errors.add("campaign", "standby-error-campaign");
    }
    let person = person_of(citizen, &form.p).await?;
    if person.is_none() {
        errors.add("p", "standby-error-person");
    }
    let sites = sites_of(citizen, &form.site);
    if sites.is_empty() {
        errors.add("site", "standby-error-site");
    } else if sites.len() > SITES_MAX {
        errors.add_with("site", "standby-error-sites", &[("most", SITES_MAX as i64)]);
    }
    let metres = form.metres.parse().ok().filter(|metres| METRES.contains(metres));
    if metres.is_none() {
        errors.add("metres", "standby-error-metres");
    }
    let today = citizen.engine().today();
    let last_day = form.until.trim().parse().ok().filter(|day| (today..=latest(today)).contains(day));
    if last_day.is_none() {
        errors.add_with("until", "standby-error-until", &[("days", DAYS_MAX)]);
    }
    let (Some(campaign), Some(person), Some(metres), Some(last_day), true) =
        (campaign, person, metres, last_day, errors.is_empty())
    else {
        return Ok(None);
    };
    let (account, campaign) = (citizen.account.id, campaign.id);
    Ok(Some(NewWish { account, person, campaign, sites, metres, last_day }))
}

fn latest(today: Date) -> Date {
    today.checked_add(DAYS_MAX.days()).unwrap_or(today)
}

async fn person_of(citizen: &Citizen, number: &str) -> Result<Option<PersonId>, Problem> {
    let (owner, number) = (citizen.account.id, number.parse::<i32>().ok());
    let mine = citizen.engine().store.read(move |conn, keys| people::cared_for(conn, keys, owner)).await?;
    Ok(mine.into_iter().find(|one| Some(one.number) == number).map(|one| one.person.id))
}

fn sites_of(citizen: &Citizen, codes: &[String]) -> Vec<SiteId> {
    let catalogue = citizen.engine().country.now();
    codes.iter().filter_map(|code| catalogue.site_by_code(code)).map(|site| site.id).collect()
}

async fn page_of(citizen: &mut Citizen, form: AskForm, errors: FormErrors) -> Result<AskPage, Problem> {
    let owner = citizen.account.id;
    let mine = citizen.engine().store.read(move |conn, keys| people::cared_for(conn, keys, owner)).await?;
    let (l, open) = (citizen.language, campaigns(citizen, &form.campaign));
    let place = Where::chosen(&Choices {
        near: form.near.trim().chars().take(40).collect(),
        around: form.at.clone(),
        ..Choices::default()
    });
    let found = open.first().map(|campaign| found(citizen, campaign, &place)).unwrap_or_default();
    let meant = match &place {
        Where::Several(places) => places.as_slice(),
        _ => &[],
    };
    let link = |code: &str| format!("/standby/new?campaign={}&at={code}", in_query(&form.campaign));
    let today = citizen.engine().today();
    let until = if form.until.is_empty() { latest(today).to_string() } else { form.until.clone() };
    let metres = if form.metres.is_empty() { METRES[2].to_string() } else { form.metres.clone() };
    let only_one = mine.len() == 1;
    Ok(AskPage {
        errors: where_they_show(errors, !mine.is_empty() && !open.is_empty(), !found.is_empty()),
        campaigns: open
            .iter()
            .map(|one| {
                choice(&one.slug, one.name.in_language(l.code()).to_owned(), one.slug == form.campaign)
            })
            .collect(),
        people: mine
            .iter()
            .map(|one| (one.number.to_string(), one.person.name.as_str().to_owned()))
            .map(|(number, name)| choice(&number, name, only_one || number == form.p))
            .collect(),
        meant: meant
            .iter()
            .map(|place| Link { href: link(&place_code(*place)), text: place_name(l, *place) })
            .collect(),
        nothing: found.is_empty() && meant.is_empty() && !(form.near.is_empty() && form.at.is_empty()),
        sites: found.iter().map(|one| site_choice(one, &form)).collect(),
        reaches: METRES
            .iter()
            .map(|one| choice(&one.to_string(), reach(l, *one), one.to_string() == metres))
            .collect(),
        sites_max: SITES_MAX,
        form: AskForm { until, ..form },
        frame: citizen.form_frame(),
    })
}

/// The errors at fields that are there: without sites only the place is asked for, and without people nothing is.
fn where_they_show(errors: FormErrors, asks: bool, has_sites: bool) -> FormErrors {
    if errors.is_empty() || has_sites && asks {
        return errors;
    }
    let mut there = FormErrors::none();
    if asks {
        there.add("near", "standby-error-near");
    }
    there
}

fn choice(value: &str, text: String, is_chosen: bool) -> Choice {
    Choice { value: value.to_owned(), text, is_chosen }
}

fn site_choice(one: &FoundSite, form: &AskForm) -> SiteChoice {
    SiteChoice {
        code: one.site.code.clone(),
        name: one.site.name.clone(),
        address: one.site.address.clone(),
        is_chosen: form.site.contains(&one.site.code),
    }
}

/// The sites in a place that give the vaccines of a campaign, whether or not they have seats.
fn found(citizen: &Citizen, campaign: &Arc<Campaign>, place: &Where) -> Vec<FoundSite> {
    let search = SeatSearch {
        campaign: campaign.clone(),
        births: Vec::new(),
        dose: 1,
        earlier: Vec::new(),
        later: LaterDose::None,
        only: None,
    };
    let finder = Finder::new(citizen.engine(), &search);
    let sites = suitable(&finder, &Choices::default(), place);
    let mut found = finder.look_at(&finder.basis(sites));
    found.truncate(SITES_SHOWN);
    found
}
