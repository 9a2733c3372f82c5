//! Looking for somebody at the desk: by the reference that a scanner or a nurse types, or on the day's list by the last
//! digits of a phone, a birth date or a name.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::day::{Today, zone_of};
use super::{site_for, write_down};
use crate::domain::hangul_keys::as_pressed;
use crate::domain::reference::ReferenceCode;
use crate::domain::site::Site;
use crate::domain::text::fold_width;
use crate::store::access_log::Access;
use crate::store::access_review::{BY_DIGITS, BY_NAME};
use crate::store::bookings;
use crate::store::roster::{self, RosterLine};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::{Staff, Visitor};

/// Fewest digits that are looked for in phones and birth dates: fewer fit too many.
const DIGITS_MIN: usize = 4;

/// The longest text that is looked for, in signs: the address of a QR code.
const TEXT_SIGNS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "pages/clinic-find.html")]
struct FindPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    q: String,
    found: Vec<Found>,
}

struct Found {
    reference: String,
    text: String,
}

/// What was typed. It may be a name, and so goes in no address.
#[derive(Deserialize)]
pub struct FindForm {
    #[serde(default)]
    q: String,
}

/// Whoever comes here by the way back or a reload is shown the day.
pub async fn back(staff: Staff, code: Path<String>) -> Answer {
    let site = site_for(&staff, &code)?;
    staff.go_to(&format!("/clinic/{}", site.code))
}

/// Goes to the desk of whoever was found; with several, shows them to choose from.
pub async fn find(posted: StaffPosted<FindForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    let typed: String = form.q.trim().chars().take(TEXT_SIGNS_MAX).collect();
    if typed.is_empty() {
        return staff.go_to(&format!("/clinic/{}", site.code));
    }
    if let Some(desk) = desk_of(&staff, &typed).await? {
        return staff.go_to(&desk);
    }
    let lines = on_the_list(&staff, &site, &typed).await?;
    if let [only] = lines.as_slice() {
        return staff.go_to(&format!("/clinic/{}/bookings/{}", site.code, only.reference.as_str()));
    }
    let mut errors = FormErrors::none();
    if lines.is_empty() {
        errors.add("q", "clinic-find-nobody");
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = FindPage {
        errors,
        site: site.name.clone(),
        code: site.code.clone(),
        q: typed,
        found: lines.iter().map(|line| found(&staff, &site, line)).collect(),
        frame: staff.form_frame(),
    };
    staff.page_with(status, &page)
}

/// The page at which a member of staff receives somebody with the booking whose reference was typed or scanned, at
/// whichever site they work; `None` for everybody who may not.
pub async fn desk_of(visitor: &Visitor, typed: &str) -> Result<Option<String>, Problem> {
    let Some(member) = &visitor.staff else { return Ok(None) };
    let pressed = || ReferenceCode::parse_scanned(&as_pressed(typed));
    let Some(code) = ReferenceCode::parse_scanned(typed).or_else(|_| pressed()).ok() else { return Ok(None) };
    let read = move |conn: &mut _, keys: &_| bookings::by_reference(conn, keys, &code);
    let found = visitor.engine().store.read(read).await?.filter(|one| member.may_see(one.site));
    let catalogue = visitor.engine().country.now();
    Ok(found.and_then(|one| {
        let site = catalogue.site(one.site)?;
        Some(format!("/clinic/{}/bookings/{}", site.code, one.reference.as_str()))
    }))
}

/// Everybody on today's list whom the text fits. That it was looked for is written down.
async fn on_the_list(staff: &Staff, site: &Site, typed: &str) -> Result<Vec<RosterLine>, Problem> {
    let access = Access {
        staff: staff.member.id,
        action: "find",
        booking: None,
        site: Some(site.id),
        // What was typed may be a name, which an auditor is not to read.
        reason: Some(if digits(typed).len() < DIGITS_MIN { BY_NAME } else { BY_DIGITS }.to_owned()),
    };
    write_down(staff, access).await?;
    let (id, today) = (site.id, Today::at(staff, site).date);
    let mut lines =
        staff.engine().store.read(move |conn, keys| roster::of_day(conn, keys, id, today)).await?;
    lines.retain(|line| fits(line, typed));
    Ok(lines)
}

/// Whether what was typed is in a name, or are the last digits of a phone or a birth date.
fn fits(line: &RosterLine, typed: &str) -> bool {
    let typed = fold_width(typed);
    let digits = digits(&typed);
    let person = &line.person;
    if digits.len() >= DIGITS_MIN {
        let phone = person.phone.as_ref().map(|phone| phone.as_e164().ends_with(&digits));
        let birth: String = person.birth.iso().chars().filter(char::is_ascii_digit).collect();
        return phone == Some(true) || birth.ends_with(&digits);
    }
    let name: String = typed.to_lowercase().split_whitespace().collect();
    !name.is_empty() && person.name.normalised().contains(&name)
}

fn digits(typed: &str) -> String {
    fold_width(typed).chars().filter(char::is_ascii_digit).collect()
}

fn found(staff: &Staff, site: &Site, line: &RosterLine) -> Found {
    let starts = line.starts_at.to_zoned(zone_of(staff, site)).time();
    let text = staff
        .language
        .say("clinic-find-line")
        .with("name", line.person.name.masked())
        .with("born", line.person.birth.year().to_string())
        .with("time", staff.language.time(starts))
        .to_string();
    Found { reference: line.reference.as_str().to_owned(), text }
}
