//! A clinic's day as the roster shows it on screen, on paper and in a file.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{site_for, write_down};
use crate::domain::booking::BookingState;
use crate::domain::ids::ProductId;
use crate::domain::reference::ReferenceCode;
use crate::domain::site::Site;
use crate::language::Language;
use crate::store::access_log::Access;
use crate::store::roster::{self, RosterLine};
use crate::store::slots::{self, DaySeats};
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Which day, and which page of it.
#[derive(Deserialize, Default)]
pub struct DayQuery {
    #[serde(default)]
    pub(super) date: String,
    #[serde(default)]
    pub(super) page: String,
    /// Only bookings in this state; empty for all.
    #[serde(default)]
    pub(super) state: String,
    /// Only bookings with the vaccine of this number; empty for all.
    #[serde(default)]
    pub(super) product: String,
}

/// A line of the roster in the words of the reader.
pub(super) struct Line {
    /// `09:30`: shorter than with am and pm, and it sorts.
    pub(super) time: String,
    pub(super) starts: Time,
    pub(super) name: String,
    pub(super) born: i16,
    pub(super) dose: u8,
    pub(super) product: Arc<str>,
    pub(super) product_id: ProductId,
    pub(super) reference: ReferenceCode,
    pub(super) state: BookingState,
    pub(super) version: i32,
    pub(super) suspected_duplicate: bool,
    pub(super) is_unreached: bool,
}

impl Line {
    /// The catalog key of its state.
    pub(super) fn state_key(&self) -> &'static str {
        state_key(self.state)
    }

    /// The reference, kept in one line where paper is narrow: a plain hyphen is a place to break.
    pub(super) fn unbroken_reference(&self) -> String {
        self.reference.spoken().replace('-', "\u{2011}")
    }

    /// Whether the person is expected, or was here.
    pub(super) fn is_expected(&self) -> bool {
        self.state.takes_booked_seat()
    }
}

/// The catalog key of a state.
pub(super) fn state_key(state: BookingState) -> &'static str {
    match state {
        BookingState::Held => "clinic-state-held",
        BookingState::Booked => "clinic-state-booked",
        BookingState::Displaced => "clinic-state-displaced",
        BookingState::Arrived => "clinic-state-arrived",
        BookingState::Vaccinated => "clinic-state-vaccinated",
        BookingState::NoShow => "clinic-state-no-show",
        BookingState::Cancelled => "clinic-state-cancelled",
        BookingState::Expired => "clinic-state-expired",
    }
}

/// One site on one day.
pub(super) struct Day {
    pub(super) site: Arc<Site>,
    pub(super) date: Date,
    pub(super) today: Date,
    pub(super) lines: Vec<Line>,
    pub(super) seats: DaySeats,
    /// What was asked for is no date, so this is today.
    pub(super) date_unreadable: bool,
}

impl Day {
    /// Reads the day that was asked for, today when none was, and writes down that it was seen.
    ///
    /// # Errors
    /// [`Problem::NotFound`] and [`Problem::Forbidden`] for other people's sites, and outages.
    pub(super) async fn of(
        staff: &Staff,
        code: &str,
        query: &DayQuery,
        action: &'static str,
    ) -> Result<Self, Problem> {
        let site = site_for(staff, code)?;
        let zone = zone_of(staff, &site);
        let today = staff.engine().now().to_zoned(zone.clone()).date();
        let asked = query.date.trim();
        let read: Option<Date> = asked.parse().ok();
        let (id, date) = (site.id, read.unwrap_or(today));
        // Nobody has to give a reason for a roster: which day it was stands in its place.
        let reason = Some(date.to_string());
        let access = Access { staff: staff.member.id, action, booking: None, site: Some(id), reason };
        write_down(staff, access).await?;
        let (lines, seats) = staff
            .engine()
            .store
            .read(move |conn, keys| {
                Ok((roster::of_day(conn, keys, id, date)?, slots::seats_of_day(conn, id, date)?))
            })
            .await?;
        let lines = in_words(staff, &zone, lines);
        Ok(Self { site, date, today, lines, seats, date_unreadable: read.is_none() && !asked.is_empty() })
    }

    /// How many bookings are in a state.
    pub(super) fn count(&self, state: BookingState) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }

    /// How the day stands, in words: what clinics always ask for first, then what has happened already.
    pub(super) fn counts(&self, language: Language) -> Vec<String> {
        let people = |key, state| language.say(key).with("count", self.count(state)).to_string();
        let mut counts = vec![people("clinic-count-booked", BookingState::Booked)];
        let later = [
            ("clinic-count-arrived", BookingState::Arrived),
            ("clinic-count-vaccinated", BookingState::Vaccinated),
            ("clinic-count-no-show", BookingState::NoShow),
            ("clinic-count-displaced", BookingState::Displaced),
        ];
        counts.extend(
            later
                .into_iter()
                .filter(|(_, state)| self.count(*state) > 0)
                .map(|(key, state)| people(key, state)),
        );
        counts.push(people("clinic-count-cancelled", BookingState::Cancelled));
        let DaySeats { seats, held, .. } = self.seats;
        counts.push(language.say("clinic-count-held").with("count", held).into());
        counts.push(
            language.say("clinic-count-free").with("count", self.seats.free()).with("all", seats).into(),
        );
        counts
    }
}

/// The day at a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Today {
    pub(super) date: Date,
    /// When it began.
    pub(super) began: Timestamp,
}

impl Today {
    /// The day at a site now.
    pub(super) fn at(staff: &Staff, site: &Site) -> Self {
        let now = staff.engine().now().to_zoned(zone_of(staff, site));
        let began = now.start_of_day().map_or(Timestamp::MIN, |start| start.timestamp());
        Self { date: now.date(), began }
    }
}

/// The time zone of a site; that of the service when the site's is unknown.
pub(super) fn zone_of(staff: &Staff, site: &Site) -> TimeZone {
    TimeZone::get(&site.time_zone).unwrap_or_else(|_| staff.engine().zone.clone())
}

fn in_words(staff: &Staff, zone: &TimeZone, lines: Vec<RosterLine>) -> Vec<Line> {
    let catalogue = staff.engine().country.now();
    let products: HashMap<ProductId, Arc<str>> = catalogue
        .campaigns()
        .iter()
        .flat_map(|campaign| &campaign.products)
        .map(|product| (product.id, product.name.in_language(staff.language.code()).into()))
        .collect();
    lines
        .into_iter()
        .map(|line| {
            let starts = line.starts_at.to_zoned(zone.clone()).time();
            Line {
                time: format!("{:02}:{:02}", starts.hour(), starts.minute()),
                starts,
                name: line.person.name.masked(),
                born: line.person.birth.year(),
                dose: line.dose,
                product_id: line.product,
                product: products.get(&line.product).cloned().unwrap_or_else(|| "?".into()),
                reference: line.reference,
                state: line.state,
                version: line.version,
                suspected_duplicate: line.suspected_duplicate,
                is_unreached: line.is_unreached
                    && matches!(line.state, BookingState::Booked | BookingState::Displaced),
            }
        })
        .collect()
}
