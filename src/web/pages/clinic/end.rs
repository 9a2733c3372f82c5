//! The end of a clinic's day: who has not come, which staff say of each, and who was received and not recorded. Nothing is
//! inferred: whoever is not ticked stays as they are.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::day::{Day, DayQuery, Line, Today};
use super::facts::find;
use super::site_for;
use super::visit::{Deed, carry_out};
use crate::domain::booking::BookingState;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// People on a page: as many as fit in 14,000 bytes.
const LINES: usize = 40;

#[derive(Template)]
#[template(path = "pages/clinic-end.html")]
struct EndPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    date: String,
    /// Whoever was expected by now and has not come.
    missing: Vec<MissingLine>,
    /// How many more of them there are.
    more: usize,
    /// Whoever was received and not recorded: words, and the reference.
    unrecorded: Vec<(String, String)>,
}

struct MissingLine {
    /// The reference and the version that was seen: `ABCDEFGH~2`.
    value: String,
    text: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct EndQuery {
    /// How many were marked.
    #[serde(default)]
    done: String,
    /// How many had been changed by somebody else, and were left.
    #[serde(default)]
    left: String,
}

/// Who did not come.
#[derive(Deserialize)]
pub struct EndForm {
    #[serde(default)]
    missing: Vec<String>,
}

/// Shows who has not come, and who was not recorded.
pub async fn list(mut staff: Staff, code: Path<String>, query: Query<EndQuery>) -> Answer {
    let page = page_of(&mut staff, &code, FormErrors::none()).await?;
    let (done, left) = (query.done.parse().unwrap_or(0_u32), query.left.parse().unwrap_or(0_u32));
    let key = if left > 0 { "end-done-but" } else { "end-done" };
    let said = staff.language.say(key).with("count", done).with("left", left).to_string();
    let notice = (done + left > 0).then_some(said);
    staff.page(&EndPage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Marks those who did not come. Whoever a colleague has dealt with meanwhile is left as they are.
pub async fn close(posted: StaffPosted<EndForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    if form.missing.is_empty() {
        let mut errors = FormErrors::none();
        errors.add("missing", "end-error-nobody");
        let page = page_of(&mut staff, &code, errors).await?;
        if page.missing.is_empty() {
            return staff.go_to(&format!("/clinic/{}/end", site.code));
        }
        return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (mut done, mut left) = (0, 0);
    for one in form.missing.iter().take(LINES) {
        if mark(&staff, &site.code, one).await? { done += 1 } else { left += 1 }
    }
    staff.go_to(&format!("/clinic/{}/end?done={done}&left={left}", site.code))
}

/// Whether somebody was marked as not come.
async fn mark(staff: &Staff, code: &str, value: &str) -> Result<bool, Problem> {
    let Some((reference, version)) = value.split_once('~') else { return Ok(false) };
    let found = find(staff, &(code.to_owned(), reference.to_owned())).await;
    let (site, booking) = match found {
        Err(Problem::NotFound) => return Ok(false),
        found => found?,
    };
    let today = Today::at(staff, &site);
    let version = version.parse().unwrap_or_default();
    Ok(carry_out(staff, &booking, version, (Deed::NoShow, today)).await?.is_ok())
}

async fn page_of(staff: &mut Staff, code: &str, errors: FormErrors) -> Result<EndPage, Problem> {
    let day = Day::of(staff, code, &DayQuery::default(), "end-of-day").await?;
    let zone = super::day::zone_of(staff, &day.site);
    let now = staff.engine().now().to_zoned(zone).time();
    let missing: Vec<&Line> =
        day.lines.iter().filter(|line| line.state == BookingState::Booked && line.starts <= now).collect();
    let text = |line: &Line| {
        let said = staff.language.say("clinic-find-line").with("time", line.time.as_str());
        said.with("name", line.name.as_str()).with("born", line.born.to_string()).to_string()
    };
    let received = day.lines.iter().filter(|line| line.state == BookingState::Arrived);
    Ok(EndPage {
        errors,
        site: day.site.name.clone(),
        code: day.site.code.clone(),
        date: staff.language.date(day.date),
        more: missing.len().saturating_sub(LINES),
        missing: missing
            .iter()
            .take(LINES)
            .map(|line| MissingLine {
                value: format!("{}~{}", line.reference.as_str(), line.version),
                text: text(line),
            })
            .collect(),
        unrecorded: received
            .take(LINES)
            .map(|line| (text(line), line.reference.as_str().to_owned()))
            .collect(),
        frame: staff.form_frame(),
    })
}
