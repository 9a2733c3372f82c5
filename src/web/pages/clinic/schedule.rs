//! The times of a site on a day: how many seats they have, and closing some of them. Whoever is booked then is told before
//! anything is done to staff's eyes: how many they are stands on the page that asks.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::day::{Today, zone_of};
use super::{site_for, write_down};
use crate::domain::site::Site;
use crate::domain::slot::Slot;
use crate::engine::desk::{CloseSite, SetAllSeats};
use crate::store::access_log::Access;
use crate::store::closings::{self, Affected, Span};
use crate::store::schedule::{self, Closed, Taken, TimeSeats};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Seats that a time can have at most.
const SEATS_MAX: u16 = 999;

#[derive(Template)]
#[template(path = "pages/clinic-schedule.html")]
struct SchedulePage {
    frame: Frame,
    errors: FormErrors,
    site: String,
    code: String,
    date: String,
    form: ScheduleForm,
    /// By vaccine: each byte of a line counts up to sixty times.
    times: Vec<(String, Vec<TimeLine>)>,
    closings: Vec<ClosingLine>,
}

#[derive(Template)]
#[template(path = "pages/clinic-schedule-sure.html")]
struct SurePage {
    frame: Frame,
    code: String,
    back: String,
    /// The day and its hours.
    hours: String,
    affected: Affected,
    form: ScheduleForm,
}

struct TimeLine {
    time: String,
    seats: u16,
    taken: u16,
}

struct ClosingLine {
    words: String,
    closed: Closed,
}

/// Which hours, and what becomes of them.
#[derive(Deserialize, Default, Clone)]
pub struct ScheduleForm {
    /// `set`, `ask` or `close`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    seats: String,
    /// Whether it is asked once more.
    #[serde(default)]
    sure: String,
    #[serde(default)]
    done: String,
}

/// Shows a day, or asks whether some hours are to close.
pub async fn show(mut staff: Staff, code: Path<String>, query: Query<ScheduleForm>) -> Answer {
    let site = site_for(&staff, &code)?;
    let form = query.into_inner();
    let mut errors = FormErrors::none();
    if date_of(&staff, &site, &form).is_none() {
        errors.add("date", "schedule-error-date");
    }
    if !form.sure.is_empty()
        && let Some(span) = span_of(&staff, &site, &form, &mut errors)
    {
        let now = staff.engine().now();
        let read = staff.engine().store.read(move |conn, _| closings::affected(conn, &span, now));
        let affected = read.await?;
        if affected != Affected::default() {
            return sure(&mut staff, &site, (&span, affected), form);
        }
        errors.add("from", "schedule-error-nothing");
    }
    let notice = match form.done.as_str() {
        "closed" => Some("schedule-done-closed"),
        "set" => Some("schedule-done-set"),
        _ => None,
    };
    let notice = notice.map(|key| staff.language.say(key).to_string());
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = page_of(&mut staff, &site, form, errors).await?;
    staff.page_with(status, &SchedulePage { frame: Frame { notice, ..page.frame }, ..page })
}

/// Changes seats, or closes some hours.
pub async fn act(posted: StaffPosted<ScheduleForm>, code: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let site = site_for(&staff, &code)?;
    let mut errors = FormErrors::none();
    if let Some(span) = span_of(&staff, &site, &form, &mut errors) {
        let there = format!("/clinic/{}/schedule?date={}", site.code, span.day);
        match form.act.as_str() {
            "close" => {
                let order = CloseSite { span, access: access(&staff, &span, "close") };
                staff.engine().desks.order(site.id, order).await?;
                return staff.go_to(&format!("{there}&done=closed"));
            }
            "set" => match set(&staff, span, &form).await? {
                Ok(()) => return staff.go_to(&format!("{there}&done=set")),
                Err((key, limits)) => errors.add_with("seats", key, limits),
            },
            _ => {
                let (from, until) = (in_query(&form.from), in_query(&form.until));
                return staff.go_to(&format!("{there}&from={from}&until={until}&sure=1"));
            }
        }
    }
    let page = page_of(&mut staff, &site, form, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

type Wrong = (&'static str, &'static [(&'static str, i64)]);

async fn set(staff: &Staff, span: Span, form: &ScheduleForm) -> Result<Result<(), Wrong>, Problem> {
    let seats = form.seats.trim().parse::<u16>().ok().filter(|seats| *seats <= SEATS_MAX);
    let Some(seats) = seats else {
        return Ok(Err(("schedule-error-seats", &[("most", SEATS_MAX as i64)])));
    };
    let order = SetAllSeats { span, seats, access: access(staff, &span, "seats") };
    match staff.engine().desks.order(span.site, order).await {
        Ok(_) => Ok(Ok(())),
        Err(error) => {
            let Taken = Problem::refusal(error)?;
            Ok(Err(("schedule-error-taken", &[])))
        }
    }
}

fn access(staff: &Staff, span: &Span, action: &'static str) -> Access {
    let reason = Some(format!("{} to {}", span.from, span.until));
    Access { staff: staff.member.id, action, booking: None, site: Some(span.site), reason }
}

/// The hours that were typed, or what is wrong with them.
fn span_of(staff: &Staff, site: &Site, form: &ScheduleForm, errors: &mut FormErrors) -> Option<Span> {
    let day = date_of(staff, site, form);
    if day.is_none() {
        errors.add("date", "schedule-error-date");
    }
    let day = day?;
    let (from, until) = (time_of(&form.from), time_of(&form.until));
    if from.is_none() {
        errors.add("from", "schedule-error-time");
    }
    if until.is_none() {
        errors.add("until", "schedule-error-time");
    }
    let at = |day: Date, time: Time| -> Option<Timestamp> {
        Some(day.to_datetime(time).to_zoned(zone_of(staff, site)).ok()?.timestamp())
    };
    let from = at(day, from?.unwrap_or(Time::midnight()))?;
    let until = match until? {
        Some(time) => at(day, time)?,
        None => at(day.checked_add(1.day()).ok()?, Time::midnight())?,
    };
    if until <= from {
        errors.add("until", "schedule-error-time");
        return None;
    }
    Some(Span { site: site.id, day, from, until })
}

/// The day that was asked for, today when none was; `None` when it is no date.
fn date_of(staff: &Staff, site: &Site, form: &ScheduleForm) -> Option<Date> {
    let asked = form.date.trim();
    if asked.is_empty() { Some(Today::at(staff, site).date) } else { asked.parse().ok() }
}

/// `13:00` or `1300`; `Some(None)` when nothing was typed.
fn time_of(typed: &str) -> Option<Option<Time>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Some(None);
    }
    let (hour, minute) =
        typed.split_once(':').or_else(|| typed.split_at_checked(typed.len().checked_sub(2)?))?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok().map(Some)
}

fn sure(staff: &mut Staff, site: &Site, (span, affected): (&Span, Affected), form: ScheduleForm) -> Answer {
    let page = SurePage {
        frame: staff.form_frame(),
        code: site.code.clone(),
        back: format!("/clinic/{}/schedule?date={}", site.code, span.day),
        hours: hours(staff, site, span),
        affected,
        form: ScheduleForm { date: span.day.to_string(), ..form },
    };
    staff.page(&page)
}

/// A day and its hours in words; only the day when it is all of it.
fn hours(staff: &Staff, site: &Site, span: &Span) -> String {
    let (l, zone) = (staff.language, zone_of(staff, site));
    let [from, until] = [span.from, span.until].map(|at| at.to_zoned(zone.clone()));
    if from.time() == Time::midnight() && until.date() > span.day {
        return l.date(span.day);
    }
    let until =
        if until.date() > span.day { l.say("schedule-end-of-day").to_string() } else { l.time(until.time()) };
    let words = l.say("schedule-closing").with("date", l.date(span.day));
    words.with("from", l.time(from.time())).with("until", until).to_string()
}

async fn page_of(
    staff: &mut Staff,
    site: &Site,
    form: ScheduleForm,
    errors: FormErrors,
) -> Result<SchedulePage, Problem> {
    let (l, zone, now) = (staff.language, zone_of(staff, site), staff.engine().now());
    let today = Today::at(staff, site).date;
    let day = date_of(staff, site, &form).unwrap_or(today);
    let all_day = ScheduleForm { date: day.to_string(), ..ScheduleForm::default() };
    let span = span_of(staff, site, &all_day, &mut FormErrors::none()).ok_or(Problem::NotFound)?;
    write_down(staff, access(staff, &span, "schedule")).await?;
    let id = site.id;
    let read = staff
        .engine()
        .store
        .read(move |conn, _| Ok((schedule::times(conn, &span, now)?, schedule::closed(conn, id, today)?)));
    let (times, closings) = read.await?;
    let time = |at: Timestamp| l.time(at.to_zoned(zone.clone()).time());
    let catalogue = staff.engine().country.now().clone();
    let name = |slot: &Slot| {
        let campaign = catalogue.campaign(slot.campaign);
        let product = campaign.and_then(|campaign| campaign.product(slot.product));
        product.map(|one| one.name.in_language(l.code()).to_owned()).unwrap_or_default()
    };
    let mut by_product: BTreeMap<String, Vec<TimeLine>> = BTreeMap::new();
    for TimeSeats { slot, seats, taken } in times {
        let line = TimeLine { time: time(slot.starts_at), seats, taken };
        by_product.entry(name(&slot)).or_default().push(line);
    }
    let closing = |closed: Closed| ClosingLine { words: hours(staff, site, &closed.span), closed };
    let closings: Vec<ClosingLine> = closings.into_iter().map(closing).collect();
    let date = if form.date.is_empty() { day.to_string() } else { form.date.clone() };
    Ok(SchedulePage {
        errors,
        site: site.name.clone(),
        code: site.code.clone(),
        date: l.date(day),
        form: ScheduleForm { date, ..form },
        times: by_product.into_iter().collect(),
        closings,
        frame: staff.form_frame(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_typed_with_and_without_a_colon() {
        for typed in ["13:05", "1305", " 13:05 "] {
            assert_eq!(time_of(typed), Some(Some(Time::constant(13, 5, 0, 0))), "{typed}");
        }
        assert_eq!(time_of("905"), Some(Some(Time::constant(9, 5, 0, 0))));
        assert_eq!(time_of(" "), Some(None));
        for wrong in ["13", "24:00", "12:60", "오후", "1:2:3", "-1:00", "é"] {
            assert_eq!(time_of(wrong), None, "{wrong}");
        }
    }
}
