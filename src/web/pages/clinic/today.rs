//! A clinic's day at a glance: who is expected, here, vaccinated or missing, half hour by half hour, and what needs doing now.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Time;

use super::day::{Day, DayQuery, Line, zone_of};
use crate::domain::booking::BookingState;
use crate::domain::site::Site;
use crate::store::lots;
use crate::store::slots::{self, DaySeats};
use crate::store::supply;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Staff;

/// Minutes in a bar.
const BAR_MINUTES: i8 = 30;

/// After how many minutes somebody who is expected counts as late.
const LATE_MINUTES: i64 = 15;

#[derive(Template)]
#[template(path = "pages/clinic-day.html")]
struct DayPage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    q: String,
    date: String,
    counts: Vec<String>,
    /// What needs doing: words, and where it is done.
    todo: Vec<(String, String)>,
    bars: Vec<Bar>,
    /// The most people or seats of a bar, which all bars are drawn against.
    most: i64,
}

/// Half an hour.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Bar {
    time: String,
    expected: i64,
    arrived: i64,
    vaccinated: i64,
    no_show: i64,
    free: i64,
}

impl Bar {
    fn people(&self) -> i64 {
        self.expected + self.arrived + self.vaccinated + self.no_show
    }

    fn count(&mut self, state: BookingState) {
        match state {
            BookingState::Booked => self.expected += 1,
            BookingState::Arrived => self.arrived += 1,
            BookingState::Vaccinated => self.vaccinated += 1,
            BookingState::NoShow => self.no_show += 1,
            BookingState::Held
            | BookingState::Displaced
            | BookingState::Cancelled
            | BookingState::Expired => {}
        }
    }
}

/// Shows today.
pub async fn today(mut staff: Staff, code: Path<String>) -> Answer {
    let day = Day::of(&staff, &code, &DayQuery::default(), "day").await?;
    let (id, date) = (day.site.id, day.date);
    let read = move |conn: &mut _, _: &_| {
        let booked = supply::booked(conn, id, (date, supply::week_from(date)))?;
        Ok((
            slots::seats_by_time(conn, id, date)?,
            lots::of_site(conn, id)?,
            supply::of_site(conn, id)?,
            booked,
        ))
    };
    let (seats, lots, supplies, booked) = staff.engine().store.read(read).await?;
    let bars = bars(&staff, &day.site, &day.lines, &seats);
    let given: BTreeSet<_> =
        lots.iter().filter(|lot| lot.may_be_given(date).is_ok()).map(|lot| lot.product).collect();
    let lacks_lot = day.lines.iter().any(|line| line.is_expected() && !given.contains(&line.product_id));
    let page = DayPage {
        errors: FormErrors::none(),
        site: day.site.name.clone(),
        code: day.site.code.clone(),
        q: String::new(),
        date: staff.language.date(date),
        counts: day.counts(staff.language),
        todo: todo(&staff, &day, lacks_lot, supply::is_short(&supplies, &booked)),
        most: bars.iter().map(|bar| bar.people() + bar.free).max().unwrap_or(0).max(1),
        bars,
        frame: staff.form_frame(),
    };
    staff.page(&page)
}

fn bars(staff: &Staff, site: &Site, lines: &[Line], seats: &[(Timestamp, DaySeats)]) -> Vec<Bar> {
    let zone = zone_of(staff, site);
    let mut bars: BTreeMap<Time, Bar> = BTreeMap::new();
    for (at, seats) in seats {
        let begins = half_hour(at.to_zoned(zone.clone()).time());
        bars.entry(begins).or_default().free += seats.free();
    }
    for line in lines {
        bars.entry(half_hour(line.starts)).or_default().count(line.state);
    }
    bars.into_iter()
        .map(|(begins, bar)| Bar { time: format!("{:02}:{:02}", begins.hour(), begins.minute()), ..bar })
        .collect()
}

fn half_hour(time: Time) -> Time {
    Time::constant(time.hour(), time.minute() / BAR_MINUTES * BAR_MINUTES, 0, 0)
}

/// What staff should look at, the most urgent first.
fn todo(staff: &Staff, day: &Day, lacks_lot: bool, is_short: bool) -> Vec<(String, String)> {
    let now = staff.engine().now().to_zoned(zone_of(staff, &day.site)).time();
    let is_late = |line: &&Line| {
        line.state == BookingState::Booked && now.duration_since(line.starts).as_secs() > LATE_MINUTES * 60
    };
    let late = day.lines.iter().filter(is_late).count();
    let doubles = day.lines.iter().filter(|line| line.is_expected() && line.suspected_duplicate).count();
    let unreached = day.lines.iter().filter(|line| line.is_unreached).count();
    let (l, roster) = (staff.language, format!("/clinic/{}/roster", day.site.code));
    let some = |count: usize, key: &'static str| {
        let expected = format!("{roster}?state={}", BookingState::Booked.as_str());
        (count > 0).then(|| (l.say(key).with("count", count).to_string(), expected))
    };
    let lots =
        lacks_lot.then(|| (l.say("clinic-todo-lots").to_string(), format!("/clinic/{}/lots", day.site.code)));
    let short = is_short
        .then(|| (l.say("clinic-todo-short").to_string(), format!("/clinic/{}/supply", day.site.code)));
    [
        lots,
        short,
        some(late, "clinic-todo-late"),
        some(doubles, "clinic-todo-doubles"),
        some(unreached, "clinic-todo-unreached"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
