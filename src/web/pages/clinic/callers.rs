//! The call centre at the door: a caller says their number, and is told when its turn is. That is the same turn as on the
//! caller's own phone, so that nobody comes in earlier by calling.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use super::{only_call_centre, write_down};
use crate::domain::clock::ChanceExt;
use crate::domain::door::line::place_on_arrival;
use crate::domain::door::opening::{Phase, Places};
use crate::domain::door::place::{Place, Threshold};
use crate::domain::door::waiting::Turn;
use crate::domain::phone::PhoneNumber;
use crate::engine::door::Stand;
use crate::store::access_log::Access;
use crate::store::openings::StoredOpening;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::door::whom_for;
use crate::web::pages::sign_in::mobile_number;
use crate::web::pages::wait::opening_called;
use crate::web::posted::StaffPosted;
use crate::web::visitor::Staff;

#[derive(Template)]
#[template(path = "pages/clinic-callers.html")]
struct CallerPage {
    frame: Frame,
    errors: FormErrors,
    /// What was typed.
    phone: String,
    action: String,
    campaign: String,
    /// Whom the opening is for, when it is not for everybody.
    who: Option<String>,
    /// Whether places are given to browsers, so that there is no number to ask for.
    is_line: bool,
    /// What to tell the caller, sentence by sentence; empty before a number was typed.
    told: Vec<String>,
}

/// The caller's number.
#[derive(Deserialize)]
pub struct CallerForm {
    #[serde(default)]
    phone: String,
}

/// Asks for the caller's number. In a line it tells when somebody is let in who comes now.
pub async fn ask(mut staff: Staff, code: Path<String>) -> Answer {
    only_call_centre(&staff)?;
    let one = opening_called(&staff.web, &code)?;
    let told = if one.opening.places == Places::InLine { told_of_line(&staff, &one) } else { Vec::new() };
    let page = caller_page(&mut staff, &one, told);
    staff.page(&page)
}

/// Writes down that a caller's turn was looked up, and tells it.
pub async fn tell(posted: StaffPosted<CallerForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    only_call_centre(&staff)?;
    let one = opening_called(&staff.web, &code)?;
    if one.opening.places == Places::InLine {
        return staff.go_to(&action(&one));
    }
    let phone = match mobile_number(&form.phone, &staff.web.settings.countries) {
        Ok(phone) => phone,
        Err(key) => {
            let mut errors = FormErrors::none();
            errors.add("phone", key);
            let page = CallerPage { errors, phone: form.phone, ..caller_page(&mut staff, &one, Vec::new()) };
            return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let access = Access {
        staff: staff.member.id,
        action: "door-turn",
        booking: None,
        site: None,
        reason: Some(format!("{} {}", one.opening.code, phone.masked())),
    };
    write_down(&staff, access).await?;
    let told = told_of_phone(&staff, &one, &phone);
    let page = caller_page(&mut staff, &one, told);
    staff.page(&page)
}

fn action(one: &StoredOpening) -> String {
    format!("/clinic/callers/{}", one.opening.code)
}

fn caller_page(staff: &mut Staff, one: &StoredOpening, told: Vec<String>) -> CallerPage {
    let catalogue = staff.engine().country.now().clone();
    let campaign = catalogue.campaign(one.opening.campaign);
    CallerPage {
        frame: staff.form_frame(),
        errors: FormErrors::none(),
        phone: String::new(),
        action: action(one),
        campaign: campaign
            .map(|one| one.name.in_language(staff.language.code()).to_owned())
            .unwrap_or_default(),
        who: whom_for(staff.reader(), &one.opening),
        is_line: one.opening.places == Places::InLine,
        told,
    }
}

/// What a caller with this number is told.
fn told_of_phone(staff: &Staff, one: &StoredOpening, phone: &PhoneNumber) -> Vec<String> {
    let l = staff.language;
    let mut told = vec![l.say("clinic-door-of").with("phone", phone.masked()).to_string()];
    let Some(place) = one.key.as_ref().map(|key| key.place(&one.opening.code, phone)) else {
        told.push(l.say("door-not-drawn").to_string());
        return told;
    };
    staff.engine().door.join(&one.opening, place);
    told.extend(told_of_place(staff, one, place));
    told
}

/// What a caller is told who has no place in a line yet.
fn told_of_line(staff: &Staff, one: &StoredOpening) -> Vec<String> {
    let engine = staff.engine();
    let comes_now =
        place_on_arrival(engine.now().max(one.opening.joins_from), u64::from_be_bytes(engine.chance.bytes()));
    told_of_place(staff, one, comes_now)
}

fn told_of_place(staff: &Staff, one: &StoredOpening, place: Place) -> Vec<String> {
    let (engine, l, opening) = (staff.engine(), staff.language, &one.opening);
    let (now, door) = (engine.now(), &engine.door);
    let (phase, state) = (opening.phase(now), door.state(opening.id));
    let flow = Stand::new(opening, state.as_deref()).flow_to(place, now);
    let when =
        |key: &'static str, at: Timestamp| l.say(key).with("when", staff.reader().moment(at)).to_string();
    let mut told = Vec::new();
    if phase == Phase::Over || flow.threshold == Threshold::OPEN {
        told.push(l.say("clinic-door-over").to_string());
        return told;
    }
    if door.is_full(opening.campaign) {
        told.push(l.say("clinic-door-full").to_string());
    }
    if phase < Phase::Entering {
        told.push(when("wait-opens", opening.opens_at));
    }
    if state.is_some_and(|state| state.paused) {
        told.push(l.say("wait-paused").to_string());
    }
    match flow.turn(&(place..=place), now.max(opening.opens_at)).at_the_latest(opening.ends_at) {
        _ if phase == Phase::Announced => told.push(when("clinic-door-announced", opening.joins_from)),
        Turn::Come | Turn::Begun if phase == Phase::Entering => {
            told.push(when("clinic-door-come", opening.ends_at));
        }
        Turn::At(at) => told.push(when("clinic-door-turn", at)),
        Turn::Come | Turn::Begun | Turn::Unknown => told.push(when("wait-unknown", opening.ends_at)),
    }
    let address = format!("{}/door/{}", staff.web.settings.public_url, opening.code);
    let how = if opening.places == Places::InLine { "clinic-door-how-line" } else { "clinic-door-how" };
    told.push(l.say(how).with("address", address).to_string());
    told
}
