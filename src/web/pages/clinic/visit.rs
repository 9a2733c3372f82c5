//! Somebody at the clinic: checked in, vaccinated and recorded, or not come. Each page is the booking as it is now; whoever
//! acts on an older one is told who changed what.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::day::{Today, zone_of};
use super::facts::{Facts, facts_of, find};
use super::write_down;
use crate::domain::booking::BookingState;
use crate::domain::ids::{LotId, ProductId};
use crate::domain::site::Site;
use crate::domain::visit::{Act, BodySite, Identified, VisitError};
use crate::store::access_log::{self, Access};
use crate::store::bookings::Booking;
use crate::store::lots::{self, Lot};
use crate::store::visits::{self, Done, Given, Order, Reception, Vaccination};
use crate::store::{Failure, Outcome, Tx};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

#[derive(Template)]
#[template(path = "pages/clinic-visit.html")]
struct VisitPage {
    frame: Frame,
    errors: FormErrors,
    action: String,
    lots_page: String,
    facts: Facts,
    name: String,
    birth: String,
    age: u16,
    phone: Option<String>,
    state: BookingState,
    /// Whether today is the day of the appointment.
    is_today: bool,
    has_begun: bool,
    can_undo: bool,
    version: i32,
    form: VisitForm,
    /// What can be chosen, as the form calls it, and the keys of the words.
    identified: Vec<(&'static str, &'static str)>,
    body_sites: Vec<(&'static str, &'static str)>,
    lots: Vec<LotLine>,
    given: Option<String>,
    history: Vec<String>,
}

struct LotLine {
    id: String,
    text: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct VisitQuery {
    #[serde(default)]
    done: String,
}

/// What is to be done.
#[derive(Deserialize, Default, Clone)]
pub struct VisitForm {
    #[serde(default)]
    act: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    identified: String,
    #[serde(default)]
    screened: String,
    #[serde(default)]
    lot: String,
    #[serde(default)]
    body_site: String,
}

impl VisitForm {
    /// A correction begins with what was recorded.
    fn or_as_given(self, given: Option<&Vaccination>) -> Self {
        match given {
            Some(given) if self.act.is_empty() => {
                Self { lot: given.lot_id.to_string(), body_site: given.body_site.as_str().to_owned(), ..self }
            }
            _ => self,
        }
    }

    fn reception(&self, errors: &mut FormErrors) -> Option<Reception> {
        let identified = Identified::from_word(&self.identified);
        if identified.is_none() {
            errors.add("identified", "visit-error-identified");
        }
        identified.map(|identified| Reception { identified, screened: self.screened == "yes" })
    }

    fn given(&self, errors: &mut FormErrors) -> Option<Given> {
        let lot = self.lot.parse().ok().map(LotId);
        if lot.is_none() {
            errors.add("lot", "visit-error-lot");
        }
        let body_site = BodySite::from_word(&self.body_site);
        if body_site.is_none() {
            errors.add("body_site", "visit-error-body-site");
        }
        lot.zip(body_site).map(|(lot, body_site)| Given { lot, body_site })
    }
}

/// Shows somebody with the whole name, and writes down that it was seen.
pub async fn show(mut staff: Staff, path: Path<(String, String)>, query: Query<VisitQuery>) -> Answer {
    let notice = Act::from_word(&query.done).map(|act| staff.language.say(done_key(act)).to_string());
    let page = page_of(&mut staff, &path, VisitForm::default(), FormErrors::none()).await?;
    staff.page(&VisitPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Does what the form says with the booking, and writes both down in one transaction.
pub async fn act(posted: StaffPosted<VisitForm>, path: Path<(String, String)>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let (site, booking) = find(&staff, &path).await?;
    let today = Today::at(&staff, &site);
    let mut errors = FormErrors::none();
    if let Some(deed) = deed_of(&form, &mut errors) {
        let version = form.version.parse().unwrap_or_default();
        match carry_out(&staff, &booking, version, (deed, today)).await? {
            Ok(()) => {
                let (site, reference) = path.into_inner();
                let done = deed.act().as_str();
                return staff.go_to(&format!("/clinic/{site}/bookings/{reference}?done={done}"));
            }
            Err(refusal) => errors.add(field_of(refusal), refusal_key(refusal)),
        }
    }
    let page = page_of(&mut staff, &path, form, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Something that can be done.
#[derive(Clone, Copy)]
pub(super) enum Deed {
    CheckIn(Reception),
    Record(Given),
    NoShow,
    Undo,
    Correct(Given),
}

impl Deed {
    fn act(self) -> Act {
        match self {
            Self::CheckIn(_) => Act::CheckIn,
            Self::Record(_) => Act::Record,
            Self::NoShow => Act::NoShow,
            Self::Undo => Act::Undo,
            Self::Correct(_) => Act::Correct,
        }
    }
}

fn deed_of(form: &VisitForm, errors: &mut FormErrors) -> Option<Deed> {
    let Some(act) = Act::from_word(&form.act) else {
        errors.add("act", "visit-error-not-now");
        return None;
    };
    match act {
        Act::CheckIn => form.reception(errors).map(Deed::CheckIn),
        Act::Record => form.given(errors).map(Deed::Record),
        Act::NoShow => Some(Deed::NoShow),
        Act::Undo => Some(Deed::Undo),
        Act::Correct => form.given(errors).map(Deed::Correct),
    }
}

/// Does something with a booking that was seen in a version, and writes down in the same transaction that it was done.
///
/// # Errors
/// Outages; a refusal is the inner error.
pub(super) async fn carry_out(
    staff: &Staff,
    booking: &Booking,
    version: i32,
    (deed, today): (Deed, Today),
) -> Result<Result<(), VisitError>, Problem> {
    let engine = staff.engine();
    let order = Order {
        booking: booking.id,
        version,
        staff: staff.member.id,
        today: today.date,
        day_began: today.began,
    };
    let campaign = engine.country.now().campaign(booking.campaign).cloned().ok_or(Problem::NotFound)?;
    let access = Access {
        staff: staff.member.id,
        action: deed.act().as_str(),
        booking: Some(booking.id),
        site: Some(booking.site),
        reason: None,
    };
    let command = move |tx: &mut Tx<'_>| -> Outcome<(), VisitError> {
        access_log::record(tx, &access).map_err(Failure::<VisitError>::from)?;
        match deed {
            Deed::CheckIn(reception) => visits::check_in(tx, &order, reception),
            Deed::Record(given) => visits::record(tx, &order, given, &campaign),
            Deed::NoShow => visits::mark_no_show(tx, &order),
            Deed::Undo => visits::undo(tx, &order),
            Deed::Correct(given) => visits::correct(tx, &order, given, &campaign),
        }
    };
    match engine.ledger.write(booking.course.0, command).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => Ok(Err(Problem::refusal(error)?)),
    }
}

/// At which field a refusal stands. What is about the booking stands at its state: the form may be gone.
fn field_of(refusal: VisitError) -> &'static str {
    match refusal {
        VisitError::NoSuchLot
        | VisitError::LotExpired(_)
        | VisitError::LotRecalled
        | VisitError::WrongVaccine => "lot",
        _ => "act",
    }
}

fn refusal_key(refusal: VisitError) -> &'static str {
    match refusal {
        VisitError::ChangedMeanwhile => "visit-error-changed",
        VisitError::NotNow(_) => "visit-error-not-now",
        VisitError::OtherDay(_) => "visit-error-other-day",
        VisitError::StillToCome => "visit-error-still-to-come",
        VisitError::BookedAgain => "visit-error-booked-again",
        VisitError::NoSuchLot => "visit-error-no-lot",
        VisitError::LotExpired(_) => "visit-error-lot-expired",
        VisitError::LotRecalled => "visit-error-lot-recalled",
        VisitError::WrongVaccine => "visit-error-vaccine",
    }
}

fn done_key(act: Act) -> &'static str {
    match act {
        Act::CheckIn => "visit-done-check-in",
        Act::Record => "visit-done-record",
        Act::NoShow => "visit-done-no-show",
        Act::Undo => "visit-done-undo",
        Act::Correct => "visit-done-correct",
    }
}

/// The page of the booking as it is now, after it was written down that the name is seen.
async fn page_of(
    staff: &mut Staff,
    path: &(String, String),
    form: VisitForm,
    errors: FormErrors,
) -> Result<VisitPage, Problem> {
    let (site, booking) = find(staff, path).await?;
    let (site, booking, today) = (&*site, &booking, Today::at(staff, &site));
    let reason = if booking.local_date == today.date { "at-desk" } else { "another-day" };
    let access = Access {
        staff: staff.member.id,
        action: "visit",
        booking: Some(booking.id),
        site: Some(site.id),
        reason: Some(reason.to_owned()),
    };
    write_down(staff, access).await?;
    let (id, at) = (booking.id, booking.site);
    let read = move |conn: &mut _, _: &_| {
        Ok((visits::history(conn, id)?, visits::vaccination_of(conn, id)?, lots::of_site(conn, at)?))
    };
    let (history, given, lots) = staff.engine().store.read(read).await?;
    let person = &booking.person;
    let words = Words { staff, site, booking };
    let lots: Vec<LotLine> = lots.iter().filter_map(|lot| words.lot(lot)).collect();
    let is_today = booking.local_date == today.date;
    let errors = where_they_show(&errors, shown_fields(booking.state, is_today, !lots.is_empty()));
    Ok(VisitPage {
        errors,
        action: format!("/clinic/{}/bookings/{}", site.code, booking.reference.as_str()),
        lots_page: format!("/clinic/{}/lots", site.code),
        facts: facts_of(staff, site, booking),
        name: person.name.as_str().to_owned(),
        birth: person.birth.iso(),
        age: person.birth.age_on(booking.local_date),
        phone: person.phone.as_ref().map(|phone| phone.national()),
        state: booking.state,
        is_today,
        has_begun: booking.starts_at <= staff.engine().now(),
        can_undo: history.last().is_some_and(|last| visits::can_undo(booking.state, last, today.began)),
        version: booking.version,
        form: form.or_as_given(given.as_ref()),
        identified: Identified::ALL.iter().map(|one| (one.as_str(), identified_key(*one))).collect(),
        body_sites: BodySite::ALL.iter().map(|one| (one.as_str(), body_site_key(*one))).collect(),
        lots,
        given: given.as_ref().map(|given| words.given(given)),
        history: history.iter().map(|done| words.done(done)).collect(),
        frame: staff.form_frame(),
    })
}

/// The fields of the forms that a page shows.
fn shown_fields(state: BookingState, is_today: bool, has_lots: bool) -> &'static [&'static str] {
    match state {
        BookingState::Booked | BookingState::NoShow if is_today => &["identified"],
        BookingState::Arrived | BookingState::Vaccinated if has_lots => &["lot", "body_site"],
        BookingState::Arrived | BookingState::Vaccinated => &["lot"],
        _ => &[],
    }
}

/// The errors at the fields that are there; at the state, when a colleague's act has taken the form away.
fn where_they_show(errors: &FormErrors, shown: &[&str]) -> FormErrors {
    let mut there = FormErrors::none();
    for error in errors {
        let field = if shown.contains(&error.field) { error.field } else { "act" };
        there.add_with(field, error.key, &error.limits);
    }
    there
}

/// What stands on the page in words.
struct Words<'a> {
    staff: &'a Staff,
    site: &'a Site,
    booking: &'a Booking,
}

impl Words<'_> {
    fn product(&self, id: ProductId) -> String {
        let catalogue = self.staff.engine().country.now();
        let campaign = catalogue.campaign(self.booking.campaign);
        let product = campaign.and_then(|campaign| campaign.product(id));
        let code = self.staff.language.code();
        product.map_or_else(|| "?".to_owned(), |product| product.name.in_language(code).to_owned())
    }

    /// A lot that may be given on the day of the appointment; those of other campaigns are not offered.
    fn lot(&self, lot: &Lot) -> Option<LotLine> {
        let catalogue = self.staff.engine().country.now();
        let is_ours = catalogue.campaign(self.booking.campaign)?.product(lot.product).is_some();
        let text = self
            .staff
            .language
            .say("visit-lot-line")
            .with("product", self.product(lot.product))
            .with("lot", lot.number.as_str())
            .with("date", lot.expires_on.to_string())
            .to_string();
        (is_ours && lot.may_be_given(self.booking.local_date).is_ok())
            .then(|| LotLine { id: lot.id.to_string(), text })
    }

    fn moment(&self, at: jiff::Timestamp) -> String {
        self.staff.language.date_time(at.to_zoned(zone_of(self.staff, self.site)).datetime())
    }

    fn given(&self, given: &Vaccination) -> String {
        let l = self.staff.language;
        l.say("visit-given")
            .with("product", self.product(given.product))
            .with("lot", given.lot.as_str())
            .with("where", l.say(body_site_key(given.body_site)))
            .with("when", self.moment(given.at))
            .to_string()
    }

    fn done(&self, done: &Done) -> String {
        let l = self.staff.language;
        l.say("visit-history-line")
            .with("when", self.moment(done.at))
            .with("who", done.login.as_str())
            .with("what", l.say(done_key(done.act)))
            .to_string()
    }
}

/// The key of the words for a place on the body.
fn body_site_key(site: BodySite) -> &'static str {
    match site {
        BodySite::LeftArm => "visit-left-arm",
        BodySite::RightArm => "visit-right-arm",
        BodySite::LeftThigh => "visit-left-thigh",
        BodySite::RightThigh => "visit-right-thigh",
    }
}

/// The key of the words for how somebody showed who they are.
fn identified_key(identified: Identified) -> &'static str {
    match identified {
        Identified::Document => "visit-by-document",
        Identified::Told => "visit-by-told",
        Identified::Carer => "visit-by-carer",
    }
}
