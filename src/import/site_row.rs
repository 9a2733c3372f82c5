//! One row of a sites file becomes a site, or the reasons why not.

use std::collections::{HashMap, HashSet};

use super::cells::{self, ProductList, clean};
use super::columns::{Column, Layout};
use super::error::Problem;
use super::place::Whereabouts;
use super::report::BadRow;
use super::site_key::import_key;
use super::sites::SiteOptions;
use super::table::Row;
use crate::domain::ids::{ProductId, SiteId};
use crate::domain::site::{Features, Site};
use crate::domain::weekly_hours::WeeklyHours;

/// Characters that a name, an address or an id may have.
const TEXT_CHARACTERS_MAX: usize = 200;

/// More line ends in one row mean that a quotation mark was never closed.
const ROW_LINES_MAX: usize = 12;

/// A good row.
#[derive(Debug, Clone)]
pub(super) struct SiteRow {
    /// The line it begins on.
    pub(super) line: usize,
    /// The import key.
    pub(super) key: String,
    /// The site; its `id` and `code` mean nothing.
    pub(super) site: Site,
    /// What the operator should know about it.
    pub(super) note: Option<String>,
}

/// Reads rows one by one, and remembers them, so that a site that comes twice is noticed.
pub(super) struct RowReader<'a> {
    layout: &'a Layout,
    options: &'a SiteOptions,
    time_zone: &'a str,
    products: &'a HashMap<String, ProductId>,
    lines_by_key: HashMap<String, (usize, Vec<String>)>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(
        layout: &'a Layout,
        options: &'a SiteOptions,
        time_zone: &'a str,
        products: &'a HashMap<String, ProductId>,
    ) -> Self {
        Self { layout, options, time_zone, products, lines_by_key: HashMap::new() }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(super) fn read(&mut self, row: &Row) -> Result<SiteRow, BadRow> {
        let bad = |reasons| BadRow { line: row.line, reasons };
        let damaged = self.damage(row);
        if !damaged.is_empty() {
            return Err(bad(damaged));
        }
        let (id, site, note) = self.site(row).map_err(bad)?;
        let key = import_key(&id, &site);
        let cells: Vec<String> = row.cells.iter().map(|cell| clean(cell)).collect();
        if let Some((line, earlier)) = self.lines_by_key.get(&key) {
            let told = if *earlier == cells {
                format!("each row once: it repeats line {line}")
            } else {
                format!(
                    "each site once: line {line} is the same site; if it isn't, give both an id of their own"
                )
            };
            return Err(bad(vec![Problem::new("row", &site.name, told)]));
        }
        self.lines_by_key.insert(key.clone(), (row.line, cells));
        Ok(SiteRow { line: row.line, key, site, note })
    }

    /// What makes the whole row unreadable.
    fn damage(&self, row: &Row) -> Vec<Problem> {
        let mut problems = Vec::new();
        let is_cut = row.last_line.saturating_sub(row.line) >= ROW_LINES_MAX;
        if is_cut {
            problems.push(Problem::new(
                "row",
                &format!("a cell that goes on to line {}", row.last_line),
                "a closing quotation mark; nothing up to that line was read",
            ));
        }
        let spare = row.cells.get(self.layout.width..).unwrap_or_default();
        if row.cells.len() < self.layout.width || spare.iter().any(|cell| !cell.trim().is_empty()) {
            problems.push(Problem::new(
                "row",
                &format!("{} cells", row.cells.len()),
                format!("{} cells, as the first row has; quote a cell with a comma in it", self.layout.width),
            ));
        }
        if row.cells.iter().any(|cell| cell.contains(char::REPLACEMENT_CHARACTER)) {
            problems.push(Problem::new("row", "unreadable signs", "one encoding throughout: UTF-8 or CP949"));
        }
        let is_control = |sign: char| sign.is_control() && !sign.is_whitespace();
        if row.cells.iter().any(|cell| cell.contains(is_control)) {
            problems.push(Problem::new("row", "control characters", "text only"));
        }
        problems
    }

    fn site(&self, row: &Row) -> Result<(String, Site, Option<String>), Vec<Problem>> {
        let mut problems = Vec::new();
        let [id, name, province, district, address] =
            [Column::Id, Column::Name, Column::Province, Column::District, Column::Address]
                .map(|column| keep(&mut problems, self.text(column, row)).unwrap_or_default());
        if name.is_empty() {
            problems.push(Problem::missing(Column::Name, "the name of the site"));
        }
        let position = cells::position(&self.cell(Column::Latitude, row), &self.cell(Column::Longitude, row));
        let place_is_clear = position.is_ok();
        let position = keep_all(&mut problems, position).flatten();
        let whereabouts = Whereabouts { province, district, address, position };
        // A wrong position is told once, not also as a missing place.
        let located = if place_is_clear { keep(&mut problems, whereabouts.locate()) } else { None };
        let phone = keep(&mut problems, cells::phone(&self.cell(Column::Phone, row))).flatten();
        let hours = keep(&mut problems, self.hours(row));
        let features =
            keep_all(&mut problems, cells::features(&self.cell(Column::Features, row), hours.as_ref()));
        let offers = keep_all(&mut problems, self.offers(row));
        let (Some(located), Some(hours), true) = (located, hours, problems.is_empty()) else {
            return Err(problems);
        };
        let site = Site {
            id: SiteId(0),
            code: String::new(),
            address: whereabouts.address_in(located.place),
            name,
            province: located.place.0.code.to_owned(),
            district: located.place.1.code.to_owned(),
            position,
            phone,
            features: features.unwrap_or(Features::default()),
            time_zone: self.time_zone.to_owned(),
            hours,
            offers: offers.unwrap_or_default(),
        };
        Ok((id, site, located.note))
    }

    fn cell(&self, column: Column, row: &Row) -> String {
        self.layout.cell(column, &row.cells)
    }

    fn text(&self, column: Column, row: &Row) -> Result<String, Problem> {
        let text = clean(&self.cell(column, row));
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            return Err(Problem::new(column, &text, format!("at most {TEXT_CHARACTERS_MAX} characters")));
        }
        Ok(text)
    }

    fn hours(&self, row: &Row) -> Result<WeeklyHours, Problem> {
        let text = self.cell(Column::Hours, row);
        match &self.options.hours {
            Some(hours) if text.is_empty() => Ok(hours.clone()),
            _ => WeeklyHours::parse(&text)
                .map_err(|error| Problem::new(Column::Hours, &text, format!("opening hours: {error}"))),
        }
    }

    fn offers(&self, row: &Row) -> Result<Vec<crate::domain::site::Offer>, Vec<Problem>> {
        let seats = cells::seats(&self.cell(Column::Seats, row)).map_err(|problem| vec![problem])?;
        let text = self.cell(Column::Products, row);
        let list = match &self.options.products {
            Some(list) if text.is_empty() => list.clone(),
            _ => text
                .parse::<ProductList>()
                .map_err(|error| vec![Problem::new(Column::Products, &text, format!("products: {error}"))])?,
        };
        list.offers(seats.or(self.options.seats), self.products)
    }
}

fn keep<T>(problems: &mut Vec<Problem>, read: Result<T, Problem>) -> Option<T> {
    keep_all(problems, read.map_err(|problem| vec![problem]))
}

fn keep_all<T>(problems: &mut Vec<Problem>, read: Result<T, Vec<Problem>>) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(found) => {
            for problem in found {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            None
        }
    }
}

/// Which columns and options a file lacks altogether: told once, not for every row.
pub(super) fn lacking(layout: &Layout, options: &SiteOptions) -> Vec<Problem> {
    let mut problems = Vec::new();
    let has = |column| layout.has(column);
    let mut need = |there: bool, what: &str, accepted: &str| {
        if !there {
            problems.push(Problem::missing(what, accepted));
        }
    };
    need(has(Column::Name), "name", "a column of names, or map one: --map name=HEADER");
    let is_placed = [Column::Address, Column::Province, Column::District].map(has).contains(&true)
        || (has(Column::Latitude) && has(Column::Longitude));
    need(is_placed, "place", "columns of province and district, of addresses, or of latitude and longitude");
    need(
        has(Column::Hours) || options.hours.is_some(),
        "hours",
        "a column of opening hours, or one for all: --hours \"Mon-Fri 09:00-17:00\"",
    );
    need(
        has(Column::Products) || options.products.is_some(),
        "products",
        "a column of product codes, or one list for all: --products \"flu-2026 covid-2026\" (or none)",
    );
    let all_have_seats = options.products.as_ref().is_some_and(ProductList::has_seats);
    need(
        has(Column::Seats) || options.seats.is_some() || has(Column::Products) || all_have_seats,
        "seats",
        "a column of seats, or one number for all: --seats 6",
    );
    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert(problem.key.clone()));
    problems
}
