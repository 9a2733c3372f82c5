//! The roster of a day on screen.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::day::{Day, DayQuery, Line};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Staff;

/// Lines on a page: as many as fit in 14,000 bytes with long names of products.
const LINES: usize = 28;

#[derive(Template)]
#[template(path = "pages/clinic-roster.html")]
struct RosterPage<'a> {
    frame: Frame,
    errors: FormErrors,
    day: &'a Day,
    date: String,
    counts: Vec<String>,
    lines: &'a [Line],
    /// Numbers of the first and the last line shown, from 1.
    first: usize,
    last: usize,
    yesterday: Option<String>,
    tomorrow: Option<String>,
    before: Option<usize>,
    after: Option<usize>,
    has_duplicates: bool,
    has_unreached: bool,
}

/// Shows who comes when, a page of the day at a time.
pub async fn roster(staff: Staff, site: Path<String>, query: Query<DayQuery>) -> Answer {
    let day = Day::of(&staff, &site, &query, "roster").await?;
    let mut errors = FormErrors::none();
    if day.date_unreadable {
        errors.add("date", "clinic-error-date");
    }
    let pages = day.lines.len().div_ceil(LINES).max(1);
    let page = query.page.parse().unwrap_or(1).clamp(1, pages);
    let first = (page - 1) * LINES;
    let lines = day.lines.get(first..).unwrap_or_default();
    let lines = lines.get(..LINES).unwrap_or(lines);
    let shown = RosterPage {
        frame: staff.frame(),
        date: staff.language.date(day.date),
        counts: day.counts(staff.language),
        first: first + 1,
        last: first + lines.len(),
        yesterday: day.date.yesterday().ok().map(|date| date.to_string()),
        tomorrow: day.date.tomorrow().ok().map(|date| date.to_string()),
        before: (page > 1).then(|| page - 1),
        after: (page < pages).then(|| page + 1),
        has_duplicates: lines.iter().any(|line| line.suspected_duplicate),
        has_unreached: lines.iter().any(|line| line.is_unreached),
        lines,
        day: &day,
        errors,
    };
    let status = if shown.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    staff.page_with(status, &shown)
}
