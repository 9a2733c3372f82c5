//! What a site has of each vaccine: doses left against people booked, lot by lot, and what became of the others.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::day::Today;
use super::{site_for, write_down};
use crate::domain::ids::{LotId, ProductId};
use crate::domain::site::Site;
use crate::store::access_log::{self, Access};
use crate::store::supply::{self, Act, Entry, EntryError, NewEntry, Supply, Why};
use crate::store::{Failure, Outcome, Tx};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Doses of one entry: a delivery of a large clinic is a few hundred.
const DOSES_MAX: u16 = 5_000;

#[derive(Template)]
#[template(path = "pages/clinic-supply.html")]
struct SupplyPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    form: EntryForm,
    seen: i64,
    products: Vec<ProductLine>,
    lots: Vec<(String, String)>,
    entries: Vec<EntryLine>,
}

/// A vaccine: what is left, and who is booked for it.
struct ProductLine {
    name: String,
    left: i64,
    booked: i64,
    /// What both bars are drawn against.
    most: i64,
    lots: Vec<Supply>,
}

struct EntryLine {
    id: i64,
    words: String,
    why: &'static str,
    is_undone: bool,
}

/// What became of doses, or which entry was a mistake.
#[derive(Deserialize, Default)]
pub struct EntryForm {
    /// `received`, `opened`, `wasted` or `undo`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    lot: String,
    #[serde(default)]
    doses: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    id: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct SupplyQuery {
    #[serde(default)]
    done: String,
}

/// Shows what there is.
pub async fn list(mut staff: Staff, code: Path<String>, query: Query<SupplyQuery>) -> Answer {
    let site = site_for(&staff, &code)?;
    write_down(&staff, access(&staff, &site, "supply", String::new())).await?;
    let page = page_of(&mut staff, &site, EntryForm::default(), FormErrors::none()).await?;
    let key = match query.done.as_str() {
        "noted" => Some("supply-noted"),
        "undone" => Some("supply-undone"),
        _ => None,
    };
    let notice = key.map(|key| staff.language.say(key).to_string());
    staff.page(&SupplyPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Writes down what became of doses, or undoes a mistake.
pub async fn act(posted: StaffPosted<EntryForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    let mut errors = FormErrors::none();
    let done = if form.act == "undo" {
        undo(&staff, &site, &form, &mut errors).await?.then_some("undone")
    } else {
        note(&staff, &site, &form, &mut errors).await?.then_some("noted")
    };
    if let Some(done) = done {
        return staff.go_to(&format!("/clinic/{}/supply?done={done}", site.code));
    }
    let page = page_of(&mut staff, &site, form, errors).await?;
    // Without a lot there is no form, and nothing to be wrong about.
    if page.lots.is_empty() {
        return staff.go_to(&format!("/clinic/{}/supply", site.code));
    }
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn access(staff: &Staff, site: &Site, action: &'static str, reason: String) -> Access {
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    Access { staff: staff.member.id, action, booking: None, site: Some(site.id), reason }
}

/// Whether an entry was written down.
async fn note(
    staff: &Staff,
    site: &Site,
    form: &EntryForm,
    errors: &mut FormErrors,
) -> Result<bool, Problem> {
    let act = Act::from_word(&form.act);
    if act.is_none() {
        errors.add("act", "supply-error-act");
    }
    let lot = form.lot.parse().ok().map(LotId);
    if lot.is_none() {
        errors.add("lot", "supply-error-lot");
    }
    let doses = form.doses.trim().parse().ok().filter(|doses| (1..=DOSES_MAX).contains(doses));
    if doses.is_none() {
        errors.add_with("doses", "supply-error-doses", &[("most", i64::from(DOSES_MAX))]);
    }
    let why = Why::from_word(&form.why).filter(|_| act == Some(Act::Wasted));
    if act == Some(Act::Wasted) && why.is_none() {
        errors.add("why", "supply-error-why");
    }
    let (Some(act), Some(lot), Some(doses), true) = (act, lot, doses, errors.is_empty()) else {
        return Ok(false);
    };
    let new = NewEntry {
        site: site.id,
        lot,
        act,
        doses,
        why,
        day: Today::at(staff, site).date,
        staff: staff.member.id,
        seen: form.seen.parse().unwrap_or(0),
    };
    let access = access(staff, site, "stock", format!("{} {doses}", act.as_str()));
    let add = move |tx: &mut Tx<'_>| -> Outcome<(), EntryError> {
        access_log::record(tx, &access).map_err(Failure::<EntryError>::from)?;
        supply::add(tx, &new)
    };
    told(staff.engine().ledger.write(site.id.0, add).await, errors)
}

/// Whether an entry was undone.
async fn undo(
    staff: &Staff,
    site: &Site,
    form: &EntryForm,
    errors: &mut FormErrors,
) -> Result<bool, Problem> {
    let (id, day, who) = (form.id.parse().unwrap_or(0), Today::at(staff, site).date, staff.member.id);
    let (at, access) = (site.id, access(staff, site, "stock", format!("undo {id}")));
    let undo = move |tx: &mut Tx<'_>| -> Outcome<(), EntryError> {
        access_log::record(tx, &access).map_err(Failure::<EntryError>::from)?;
        supply::undo(tx, (at, day), id, who)
    };
    told(staff.engine().ledger.write(site.id.0, undo).await, errors)
}

fn told(
    written: Result<(), crate::store::LedgerError<EntryError>>,
    errors: &mut FormErrors,
) -> Result<bool, Problem> {
    let Err(error) = written else { return Ok(true) };
    match Problem::refusal(error)? {
        EntryError::NoSuchLot => errors.add("lot", "supply-error-lot"),
        EntryError::ChangedMeanwhile => errors.add("act", "supply-error-meanwhile"),
        EntryError::MoreThanLeft(left) => errors.add_with("doses", "supply-error-left", &[("left", left)]),
    }
    Ok(false)
}

async fn page_of(
    staff: &mut Staff,
    site: &Site,
    form: EntryForm,
    errors: FormErrors,
) -> Result<SupplyPage, Problem> {
    let (id, today) = (site.id, Today::at(staff, site).date);
    let read = staff.engine().store.read(move |conn, _| {
        let booked = supply::booked(conn, id, (today, supply::week_from(today)))?;
        let entries = supply::of_day(conn, id, today)?;
        Ok((supply::of_site(conn, id)?, booked, entries, supply::newest(conn, id)?))
    });
    let (supplies, booked, entries, seen) = read.await?;
    let names = names(staff);
    let name = |id: ProductId| names.get(&id).cloned().unwrap_or_default();
    let lots = supplies
        .iter()
        .map(|one| (one.lot.id.to_string(), format!("{} {}", name(one.lot.product), one.lot.number)));
    let number = |id: LotId| {
        let lot = supplies.iter().find(|one| one.lot.id == id);
        lot.map(|one| one.lot.number.clone()).unwrap_or_default()
    };
    let line = |entry: &Entry| EntryLine {
        id: entry.id,
        words: staff
            .language
            .say(act_key(entry.act))
            .with("doses", i64::from(entry.doses))
            .with("lot", number(entry.lot))
            .to_string(),
        why: entry.why.map(why_key).unwrap_or_default(),
        is_undone: entry.is_undone,
    };
    Ok(SupplyPage {
        errors,
        site: site.name.clone(),
        code: site.code.clone(),
        form,
        seen,
        lots: lots.collect(),
        entries: entries.iter().map(line).collect(),
        products: products(&supplies, &booked, name),
        frame: staff.form_frame(),
    })
}

fn names(staff: &Staff) -> HashMap<ProductId, String> {
    let (catalogue, code) = (staff.engine().country.now(), staff.language.code());
    let all = catalogue.campaigns().iter().flat_map(|campaign| &campaign.products);
    all.map(|product| (product.id, product.name.in_language(code).to_owned())).collect()
}

/// Every vaccine that the site has, or has people booked for.
fn products(
    supplies: &[Supply],
    booked: &HashMap<ProductId, i64>,
    name: impl Fn(ProductId) -> String,
) -> Vec<ProductLine> {
    let mut ids: Vec<ProductId> = supplies.iter().map(|one| one.lot.product).collect();
    ids.extend(booked.keys());
    ids.sort_unstable();
    ids.dedup();
    let line = |id: ProductId| {
        let lots: Vec<Supply> = supplies.iter().filter(|one| one.lot.product == id).cloned().collect();
        let left = supply::usable(&lots);
        let booked = booked.get(&id).copied().unwrap_or(0);
        ProductLine { name: name(id), left, booked, most: left.max(booked).max(1), lots }
    };
    ids.into_iter().map(line).collect()
}

fn act_key(act: Act) -> &'static str {
    match act {
        Act::Received => "supply-entry-received",
        Act::Opened => "supply-entry-opened",
        Act::Wasted => "supply-entry-wasted",
    }
}

fn why_key(why: Why) -> &'static str {
    match why {
        Why::LeftOver => "supply-why-left-over",
        Why::TooWarm => "supply-why-too-warm",
        Why::Broken => "supply-why-broken",
        Why::Expired => "supply-why-expired",
        Why::Other => "supply-why-other",
    }
}
