//! The roster of a day on screen.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;

use super::day::{Day, DayQuery, Line, state_key};
use crate::domain::booking::BookingState;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Staff;

/// Lines on a page: as many as fit in 14,000 bytes with long names of products.
const LINES: usize = 24;

#[derive(Template)]
#[template(path = "pages/clinic-roster.html")]
struct RosterPage<'a> {
    frame: Frame,
    errors: FormErrors,
    day: &'a Day,
    date: String,
    counts: Vec<String>,
    code: &'a str,
    q: String,
    lines: &'a [&'a Line],
    /// How many lines the choice leaves.
    all: usize,
    /// What stands behind each link, so that the choice stays.
    kept: String,
    states: Vec<Choice>,
    products: Vec<Choice>,
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

/// Something to choose from.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

/// The states that are asked for.
const STATES: [BookingState; 6] = [
    BookingState::Booked,
    BookingState::Arrived,
    BookingState::Vaccinated,
    BookingState::NoShow,
    BookingState::Displaced,
    BookingState::Cancelled,
];

/// Shows who comes when, a page of the day at a time.
pub async fn roster(mut staff: Staff, site: Path<String>, query: Query<DayQuery>) -> Answer {
    let day = Day::of(&staff, &site, &query, "roster").await?;
    let mut errors = FormErrors::none();
    if day.date_unreadable {
        errors.add("date", "clinic-error-date");
    }
    let chosen = chosen(&day.lines, &query);
    let pages = chosen.len().div_ceil(LINES).max(1);
    let page = query.page.parse().unwrap_or(1).clamp(1, pages);
    let first = (page - 1) * LINES;
    let lines = chosen.get(first..).unwrap_or_default();
    let lines = lines.get(..LINES).unwrap_or(lines);
    let shown = RosterPage {
        code: &day.site.code,
        q: String::new(),
        all: chosen.len(),
        kept: kept(&query),
        states: states(&staff, &query),
        products: products(&day.lines, &query),
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
        frame: staff.form_frame(),
    };
    let status = if shown.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    staff.page_with(status, &shown)
}

/// The lines in the state and with the vaccine that were asked for; all when what was asked for is neither.
fn chosen<'a>(lines: &'a [Line], query: &DayQuery) -> Vec<&'a Line> {
    let (state, product) = (BookingState::from_word(&query.state), query.product.parse().ok());
    lines
        .iter()
        .filter(|line| state.is_none_or(|state| line.state == state))
        .filter(|line| product.is_none_or(|product: i64| line.product_id.0 == product))
        .collect()
}

fn kept(query: &DayQuery) -> String {
    let mut kept = String::new();
    if BookingState::from_word(&query.state).is_some() {
        kept += &format!("&state={}", query.state);
    }
    if query.product.parse::<i64>().is_ok() {
        kept += &format!("&product={}", query.product);
    }
    kept
}

fn states(staff: &Staff, query: &DayQuery) -> Vec<Choice> {
    let choice = |state: BookingState| Choice {
        value: state.as_str().to_owned(),
        text: staff.language.say(state_key(state)).to_string(),
        is_chosen: query.state == state.as_str(),
    };
    STATES.into_iter().map(choice).collect()
}

/// The vaccines of the day.
fn products(lines: &[Line], query: &DayQuery) -> Vec<Choice> {
    let names: BTreeMap<i64, &str> = lines.iter().map(|line| (line.product_id.0, &*line.product)).collect();
    let choice = |(id, name): (i64, &str)| {
        let value = id.to_string();
        Choice { is_chosen: query.product == value, value, text: name.to_owned() }
    };
    names.into_iter().map(choice).collect()
}
