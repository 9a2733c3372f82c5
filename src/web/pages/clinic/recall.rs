//! Calling a lot back, at every site that has it: what that means is said before it is done, and who got it can be asked.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::csv::{harmless, writer};
use super::lots::{number_of, product_called};
use super::{only_authority, site_for, write_down};
use crate::domain::ids::ProductId;
use crate::domain::site::Site;
use crate::store::access_log::{self, Access};
use crate::store::lots::{self, GivenFrom, Lot};
use crate::store::{Conn, Failure, Never, Outcome, Tx};
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

#[derive(Template)]
#[template(path = "pages/clinic-recall.html")]
struct RecallPage {
    frame: Frame,
    code: String,
    product: String,
    product_code: String,
    number: String,
    is_recalled: bool,
    /// How many sites have it, and how many people got it.
    sites: usize,
    people: usize,
    file: String,
}

/// A lot, wherever it is.
#[derive(Deserialize)]
pub struct LotQuery {
    #[serde(default)]
    product: String,
    #[serde(default)]
    number: String,
}

/// What is to be done with it.
#[derive(Deserialize)]
pub struct RecallForm {
    #[serde(default)]
    product: String,
    #[serde(default)]
    number: String,
    /// `recall`, or `lift`: it may be given after all.
    #[serde(default)]
    act: String,
}

/// Says what calling a lot back means, or who has got one that was called back.
pub async fn ask(mut staff: Staff, code: Path<String>, query: Query<LotQuery>) -> Answer {
    only_authority(&staff)?;
    let site = site_for(&staff, &code)?;
    let back = format!("/clinic/{}/lots", site.code);
    let Some(product) = product_called(&staff, &query.product) else { return staff.go_to(&back) };
    let number = number_of(&query.number);
    let asked = number.clone();
    let read = move |conn: &mut Conn, _: &_| {
        Ok((lots::called(conn, product, &asked)?, lots::given_from(conn, product, &asked)?))
    };
    let (known, given): (Vec<Lot>, Vec<GivenFrom>) = staff.engine().store.read(read).await?;
    if known.is_empty() {
        return staff.go_to(&back);
    }
    let page = RecallPage {
        code: site.code.clone(),
        product: name_of(&staff, product),
        product_code: query.product.clone(),
        file: format!(
            "/clinic/{}/lots/given.csv?product={}&number={}",
            site.code,
            crate::web::page::in_query(&query.product),
            crate::web::page::in_query(&number)
        ),
        number,
        is_recalled: known.iter().any(|lot| lot.is_recalled),
        sites: known.len(),
        people: given.len(),
        frame: staff.form_frame(),
    };
    staff.page(&page)
}

fn name_of(staff: &Staff, id: ProductId) -> String {
    let catalogue = staff.engine().country.now();
    let mut products = catalogue.campaigns().iter().flat_map(|campaign| &campaign.products);
    let product = products.find(|product| product.id == id);
    product.map(|one| one.name.in_language(staff.language.code()).to_owned()).unwrap_or_default()
}

/// Calls a lot back, or lets it be given again.
pub async fn act(posted: StaffPosted<RecallForm>, code: Path<String>) -> Answer {
    let StaffPosted { staff, form } = posted;
    only_authority(&staff)?;
    let site = site_for(&staff, &code)?;
    let lots = format!("/clinic/{}/lots", site.code);
    let Some(product) = product_called(&staff, &form.product) else { return staff.go_to(&lots) };
    let lifts = form.act == "lift";
    let action = if lifts { "lot-recall-lifted" } else { "lot-recall" };
    let access = access(&staff, &site, action, &form.product, &form.number);
    let number = number_of(&form.number);
    let command = move |tx: &mut Tx<'_>| -> Outcome<usize, Never> {
        access_log::record(tx, &access).map_err(Failure::<Never>::from)?;
        let changed =
            if lifts { lots::lift(tx, product, &number) } else { lots::recall(tx, product, &number) };
        changed.map_err(Failure::<Never>::from)
    };
    staff.engine().ledger.write(site.id.0, command).await?;
    staff.go_to(&format!("{lots}?done={}", if lifts { "lifted" } else { "recalled" }))
}

fn access(staff: &Staff, site: &Site, action: &'static str, product: &str, number: &str) -> Access {
    Access {
        staff: staff.member.id,
        action,
        booking: None,
        site: Some(site.id),
        reason: Some(format!("{product} {number}")),
    }
}

/// Everybody who got it, at all sites, by the reference of their booking.
pub async fn given(staff: Staff, code: Path<String>, query: Query<LotQuery>) -> Answer {
    only_authority(&staff)?;
    let site = site_for(&staff, &code)?;
    let Some(product) = product_called(&staff, &query.product) else {
        return staff.go_to(&format!("/clinic/{}/lots", site.code));
    };
    write_down(&staff, access(&staff, &site, "lot-given", &query.product, &query.number)).await?;
    let number = number_of(&query.number);
    let read = move |conn: &mut Conn, _: &_| lots::given_from(conn, product, &number);
    let given = staff.engine().store.read(read).await?;
    let body = table(&staff, &given).map_err(|error| {
        tracing::error!(%error, "who got a lot could not be written as CSV");
        Problem::Broken
    })?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"given.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

fn table(staff: &Staff, given: &[GivenFrom]) -> Result<Vec<u8>, csv::Error> {
    let (l, catalogue) = (staff.language, staff.engine().country.now());
    let mut out = writer();
    out.write_record(["clinic-site", "clinic-when", "clinic-reference"].map(|key| l.say(key).to_string()))?;
    for one in given {
        let site = catalogue.site(one.site).map(|site| site.name.clone()).unwrap_or_default();
        out.write_record([&*harmless(&site), &one.day.to_string(), &one.reference])?;
    }
    Ok(out.into_inner().map_err(|error| error.into_error())?)
}
