//! Doses that are left over at a site today: announced, and how those who stand by have answered.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Time;
use serde::Deserialize;

use super::day::{Today, zone_of};
use super::site_for;
use crate::domain::ids::{CampaignId, LeftoverId, ProductId};
use crate::domain::site::Site;
use crate::domain::standby::LEAST_MINUTES;
use crate::store::access_log::{self, Access};
use crate::store::leftovers::{self, AnnounceError, Answers, Leftover, NewLeftover};
use crate::store::{Conn, Failure, Outcome, Tx};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Doses that can be announced at once: more are no leftovers, but a day of their own.
const DOSES_MAX: u16 = 99;

#[derive(Template)]
#[template(path = "pages/clinic-leftovers.html")]
struct LeftoversPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    form: LeftoverForm,
    products: Vec<Choice>,
    leftovers: Vec<Line>,
}

struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

struct Line {
    id: String,
    product: String,
    doses: u16,
    until: String,
    answers: Answers,
    is_over: bool,
}

/// What is left over, or what is to end.
#[derive(Deserialize, Default)]
pub struct LeftoverForm {
    /// `announce` or `end`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    id: String,
    /// The campaign and the vaccine, `1-2`.
    #[serde(default)]
    product: String,
    #[serde(default)]
    doses: String,
    /// `17:30`.
    #[serde(default)]
    until: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct LeftoversQuery {
    #[serde(default)]
    done: String,
}

/// Today's leftover doses.
pub async fn list(mut staff: Staff, code: Path<String>, query: Query<LeftoversQuery>) -> Answer {
    let site = site_for(&staff, &code)?;
    let page = page_of(&mut staff, &site, LeftoverForm::default(), FormErrors::none()).await?;
    let key = match query.done.as_str() {
        "announced" => Some("leftovers-announced"),
        "ended" => Some("leftovers-ended"),
        _ => None,
    };
    let notice = key.map(|key| staff.language.say(key).to_string());
    staff.page(&LeftoversPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Announces doses, or ends what was announced.
pub async fn act(posted: StaffPosted<LeftoverForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    let mut errors = FormErrors::none();
    if form.act == "end" {
        end(&staff, &site, &form).await?;
        return staff.go_to(&format!("/clinic/{}/leftovers?done=ended", site.code));
    }
    if let Some(new) = read(&staff, &site, &form, &mut errors) {
        match announce(&staff, new).await? {
            Ok(()) => return staff.go_to(&format!("/clinic/{}/leftovers?done=announced", site.code)),
            Err(AnnounceError::Offered) => errors.add("product", "leftovers-error-offered"),
        }
    }
    let page = page_of(&mut staff, &site, form, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn access(staff: &Staff, site: &Site, action: &'static str, reason: String) -> Access {
    Access { staff: staff.member.id, action, booking: None, site: Some(site.id), reason: Some(reason) }
}

async fn announce(staff: &Staff, new: NewLeftover) -> Result<Result<(), AnnounceError>, Problem> {
    let catalogue = staff.engine().country.now().clone();
    let site = catalogue.site(new.site).ok_or(Problem::NotFound)?;
    let access = access(staff, site, "leftover", format!("{} doses until {}", new.doses, new.until));
    let command = move |tx: &mut Tx<'_>| -> Outcome<LeftoverId, AnnounceError> {
        access_log::record(tx, &access).map_err(Failure::<AnnounceError>::from)?;
        leftovers::announce(tx, &new)
    };
    match staff.engine().ledger.write(new.site.0, command).await {
        Ok(_) => Ok(Ok(())),
        Err(error) => Ok(Err(Problem::refusal(error)?)),
    }
}

/// Ends what was announced at this site; another site's is left alone.
async fn end(staff: &Staff, site: &Site, form: &LeftoverForm) -> Result<(), Problem> {
    let (at, today) = (site.id, Today::at(staff, site).date);
    let todays = staff.engine().store.read(move |conn, _| leftovers::of_day(conn, at, today)).await?;
    let asked = form.id.parse().ok().map(LeftoverId);
    let Some(one) = todays.into_iter().find(|one| Some(one.id) == asked && !one.is_over) else {
        return Ok(());
    };
    let access = access(staff, site, "leftover-end", one.name(&site.code));
    let command = move |tx: &mut Tx<'_>| {
        access_log::record(tx, &access).map_err(Failure::from)?;
        leftovers::end(tx, one.id)
    };
    Ok(staff.engine().ledger.write(at.0, command).await?)
}

fn read(staff: &Staff, site: &Site, form: &LeftoverForm, errors: &mut FormErrors) -> Option<NewLeftover> {
    let product = products(staff, site).into_iter().find(|one| one.name() == form.product);
    if product.is_none() {
        errors.add("product", "leftovers-error-product");
    }
    let doses = form.doses.trim().parse().ok().filter(|doses| (1..=DOSES_MAX).contains(doses));
    if doses.is_none() {
        errors.add_with("doses", "leftovers-error-doses", &[("most", i64::from(DOSES_MAX))]);
    }
    let until = moment_of(staff, site, &form.until);
    if until.is_none() {
        errors.add_with("until", "leftovers-error-until", &[("least", LEAST_MINUTES)]);
    }
    let ((product, doses), until) = product.zip(doses).zip(until)?;
    Some(NewLeftover {
        site: site.id,
        campaign: product.campaign,
        product: product.id,
        day: Today::at(staff, site).date,
        doses,
        until,
        staff: staff.member.id,
    })
}

/// The moment of a time of today, when there is time enough for somebody to answer and to come.
fn moment_of(staff: &Staff, site: &Site, time: &str) -> Option<Timestamp> {
    let time: Time = time.trim().parse().ok()?;
    let now = staff.engine().now();
    let zoned = Today::at(staff, site).date.to_datetime(time).to_zoned(zone_of(staff, site)).ok()?;
    let until = zoned.timestamp();
    let least = jiff::SignedDuration::from_mins(LEAST_MINUTES);
    (now + least <= until).then_some(until)
}

/// A vaccine that a site gives in a campaign that is open now.
struct Given {
    campaign: CampaignId,
    id: ProductId,
    text: String,
}

impl Given {
    fn name(&self) -> String {
        format!("{}-{}", self.campaign, self.id)
    }
}

fn products(staff: &Staff, site: &Site) -> Vec<Given> {
    let (now, code) = (staff.engine().now(), staff.language.code());
    let catalogue = staff.engine().country.now();
    let open = catalogue.campaigns().iter().filter(|one| one.opens_at <= now && now < one.closes_at);
    let offered = |id: ProductId| site.offers.iter().any(|offer| offer.product == id);
    open.flat_map(|campaign| campaign.products.iter().map(move |product| (campaign, product)))
        .filter(|(_, product)| offered(product.id))
        .map(|(campaign, product)| Given {
            campaign: campaign.id,
            id: product.id,
            text: product.name.in_language(code).to_owned(),
        })
        .collect()
}

async fn page_of(
    staff: &mut Staff,
    site: &Site,
    form: LeftoverForm,
    errors: FormErrors,
) -> Result<LeftoversPage, Problem> {
    let (at, today) = (site.id, Today::at(staff, site).date);
    let read = move |conn: &mut Conn, _: &_| {
        let todays = leftovers::of_day(conn, at, today)?;
        todays
            .into_iter()
            .map(|one| Ok((one, leftovers::answers(conn, one.id)?)))
            .collect::<Result<Vec<_>, _>>()
    };
    let todays = staff.engine().store.read(read).await?;
    let given = products(staff, site);
    let line = |(one, answers): (Leftover, Answers)| Line {
        id: one.id.to_string(),
        product: given
            .iter()
            .find(|given| given.id == one.product)
            .map(|one| one.text.clone())
            .unwrap_or_default(),
        doses: one.doses,
        until: staff.language.time(one.until.to_zoned(zone_of(staff, site)).time()),
        answers,
        is_over: one.is_over,
    };
    let leftovers = todays.into_iter().map(line).collect();
    let choice = |one: &Given| Choice {
        is_chosen: one.name() == form.product,
        value: one.name(),
        text: one.text.clone(),
    };
    Ok(LeftoversPage {
        errors,
        site: site.name.clone(),
        code: site.code.clone(),
        products: given.iter().map(choice).collect(),
        leftovers,
        form,
        frame: staff.form_frame(),
    })
}
