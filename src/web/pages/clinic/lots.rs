//! The lots of a site: which vaccine arrived under which number, and until when it may be given.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::day::Today;
use super::site_for;
use crate::domain::ids::ProductId;
use crate::domain::site::Site;
use crate::domain::text::{fold_width, is_blank, is_hyphen};
use crate::store::lots::{self, AddLotError, Lot, NewLot};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Signs of a lot's number: makers print up to ten, and some clinics add a blank or two.
const NUMBER_SIGNS_MAX: usize = 20;

#[derive(Template)]
#[template(path = "pages/clinic-lots.html")]
struct LotsPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    form: LotForm,
    products: Vec<ProductChoice>,
    lots: Vec<LotLine>,
    recalls: bool,
}

struct ProductChoice {
    code: String,
    name: String,
}

struct LotLine {
    product: String,
    product_code: String,
    number: String,
    expires_on: String,
    /// The key of why it can't be given; empty when it can.
    why_not: &'static str,
    is_recalled: bool,
}

/// A lot that arrived.
#[derive(Deserialize, Default)]
pub struct LotForm {
    #[serde(default)]
    product: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    expires_on: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct LotsQuery {
    #[serde(default)]
    done: String,
}

/// Lists the lots of a site.
pub async fn list(mut staff: Staff, code: Path<String>, query: Query<LotsQuery>) -> Answer {
    let site = site_for(&staff, &code)?;
    let page = page_of(&mut staff, &site, LotForm::default(), FormErrors::none()).await?;
    let key = match query.done.as_str() {
        "added" => Some("lots-added"),
        "recalled" => Some("lots-recalled"),
        "lifted" => Some("lots-lifted"),
        _ => None,
    };
    let notice = key.map(|key| staff.language.say(key).to_string());
    staff.page(&LotsPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Adds a lot.
pub async fn add(posted: StaffPosted<LotForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    let mut errors = FormErrors::none();
    if let Some(new) = read(&staff, &site, &form, &mut errors) {
        match staff.engine().ledger.write(site.id.0, move |tx| lots::add(tx, &new)).await {
            Ok(_) => return staff.go_to(&format!("/clinic/{}/lots?done=added", site.code)),
            Err(error) => match Problem::refusal(error)? {
                AddLotError::OtherDay(_) => errors.add("expires_on", "lots-error-other-day"),
                AddLotError::Recalled => errors.add("number", "lots-error-recalled"),
            },
        }
    }
    let page = page_of(&mut staff, &site, form, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The vaccine with this code.
pub(super) fn product_called(staff: &Staff, code: &str) -> Option<ProductId> {
    let catalogue = staff.engine().country.now();
    let mut products = catalogue.campaigns().iter().flat_map(|campaign| &campaign.products);
    products.find(|product| product.code == code).map(|product| product.id)
}

fn read(staff: &Staff, site: &Site, form: &LotForm, errors: &mut FormErrors) -> Option<NewLot> {
    let product = product_called(staff, &form.product);
    if product.is_none() {
        errors.add("product", "lots-error-product");
    }
    let number = number_of(&form.number);
    let fits = (1..=NUMBER_SIGNS_MAX).contains(&number.chars().count());
    if !fits {
        errors.add_with("number", "lots-error-number", &[("most", NUMBER_SIGNS_MAX as i64)]);
    }
    let expires_on: Option<Date> = form.expires_on.trim().parse().ok();
    match expires_on {
        None => errors.add("expires_on", "lots-error-date"),
        Some(day) if day < Today::at(staff, site).date => errors.add("expires_on", "lots-error-expired"),
        Some(_) => {}
    }
    let (product, expires_on) = product.zip(expires_on)?;
    let new = NewLot { site: site.id, product, number, expires_on, staff: staff.member.id };
    errors.is_empty().then_some(new)
}

/// What is printed on the box, in capitals and without blanks, so that nobody has it twice.
pub(super) fn number_of(typed: &str) -> String {
    let is_part = |sign: &char| !is_blank(*sign) && !is_hyphen(*sign) && !sign.is_control();
    fold_width(typed).to_uppercase().chars().filter(is_part).collect()
}

async fn page_of(
    staff: &mut Staff,
    site: &Site,
    form: LotForm,
    errors: FormErrors,
) -> Result<LotsPage, Problem> {
    let (id, today) = (site.id, Today::at(staff, site).date);
    let lots = staff.engine().store.read(move |conn, _| lots::of_site(conn, id)).await?;
    let catalogue = staff.engine().country.now().clone();
    let code = staff.language.code();
    let products: Vec<_> = catalogue.campaigns().iter().flat_map(|campaign| &campaign.products).collect();
    let line = |lot: &Lot| {
        let product = products.iter().find(|product| product.id == lot.product);
        LotLine {
            product: product.map(|one| one.name.in_language(code).to_owned()).unwrap_or_default(),
            product_code: product.map(|one| one.code.clone()).unwrap_or_default(),
            number: lot.number.clone(),
            expires_on: lot.expires_on.to_string(),
            why_not: match (lot.is_recalled, today > lot.expires_on) {
                (true, _) => "lots-is-recalled",
                (false, true) => "lots-has-expired",
                (false, false) => "",
            },
            is_recalled: lot.is_recalled,
        }
    };
    let offered = |id: ProductId| site.offers.iter().any(|offer| offer.product == id);
    Ok(LotsPage {
        errors,
        site: site.name.clone(),
        code: site.code.clone(),
        form,
        products: products
            .iter()
            .filter(|product| offered(product.id))
            .map(|one| ProductChoice { code: one.code.clone(), name: one.name.in_language(code).to_owned() })
            .collect(),
        lots: lots.iter().map(line).collect(),
        recalls: staff.member.is_authority(),
        frame: staff.form_frame(),
    })
}
