//! The roster on paper, one sheet for each half of the day, to work with when the network is down.

use actix_web::web::{Path, Query};
use askama::Template;
use jiff::civil::Time;

use super::day::{Day, DayQuery, Line};
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Staff;

/// Where the afternoon begins: clinics in Korea close for lunch at half past twelve or one.
const NOON: Time = Time::constant(12, 0, 0, 0);

/// The one page that may be longer than 14,000 bytes: a printer has no slow line, and a sheet in parts is a sheet that
/// loses people.
#[derive(Template)]
#[template(path = "pages/clinic-sheet.html")]
struct SheetPage<'a> {
    frame: Frame,
    day: &'a Day,
    date: String,
    /// When this was true.
    as_of: String,
    halves: Vec<Half<'a>>,
    has_duplicates: bool,
    has_unreached: bool,
}

struct Half<'a> {
    title: &'static str,
    lines: Vec<&'a Line>,
}

/// Shows everyone who is expected, with boxes to tick.
pub async fn sheet(staff: Staff, site: Path<String>, query: Query<DayQuery>) -> Answer {
    let day = Day::of(&staff, &site, &query, "roster-sheet").await?;
    let now = staff.engine().now().to_zoned(super::day::zone_of(&staff, &day.site)).datetime();
    let half = |title, is_mine: fn(&Line) -> bool| Half {
        title,
        lines: day.lines.iter().filter(|line| line.is_expected() && is_mine(line)).collect(),
    };
    let mut halves = vec![
        half("clinic-morning", |line| line.starts < NOON),
        half("clinic-afternoon", |line| line.starts >= NOON),
    ];
    halves.retain(|half| !half.lines.is_empty());
    staff.page(&SheetPage {
        frame: staff.frame(),
        date: staff.language.date(day.date),
        as_of: staff.language.date_time(now),
        has_duplicates: day.lines.iter().any(|line| line.is_expected() && line.suspected_duplicate),
        has_unreached: day.lines.iter().any(|line| line.is_expected() && line.is_unreached),
        day: &day,
        halves,
    })
}
