//! When: a list of days in words, then the times of one day. Times that can't be booked are not shown.

use std::sync::Arc;

use askama::Template;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::STEPS;
use super::choices::Choices;
use super::errand::{Errand, Goal, SlotName, slot_by_id, zone_of};
use super::seats;
use crate::domain::campaign::Campaign;
use crate::domain::ids::{ProductId, SlotId};
use crate::domain::seat_search::{DaySeats, OpenDay, SeatSearch};
use crate::domain::site::Site;
use crate::domain::slot::FreeSlot;
use crate::language::Language;
use crate::store::bookings::Booking;
use crate::web::page::{Answer, Frame};
use crate::web::visitor::Visitor;

/// Days on a page.
const DAYS_PER_PAGE: usize = 10;

/// What the pages of days and of times say above their list.
struct Head {
    back: String,
    /// 0 when it is no step of the journey.
    step: u8,
    steps: u8,
    title: String,
    site: String,
    address: String,
    /// What stands now, when something is changed.
    now: Vec<String>,
    /// The page for another place; empty when the site is fixed.
    elsewhere: String,
}

#[derive(Template)]
#[template(path = "pages/book-days.html")]
struct DaysPage {
    frame: Frame,
    head: Head,
    days: Vec<DayLine>,
    previous: String,
    next: String,
}

struct DayLine {
    day: String,
    seats: String,
    /// Empty when the party doesn't fit.
    link: String,
}

#[derive(Template)]
#[template(path = "pages/book-times.html")]
struct TimesPage {
    frame: Frame,
    head: Head,
    vaccine: String,
    /// Other vaccines that have times on the day.
    other_vaccines: Vec<Link>,
    /// Where the form goes; empty when times are links.
    post: String,
    link: String,
    morning: Vec<TimeLine>,
    afternoon: Vec<TimeLine>,
    earlier: Option<Link>,
    later: Option<Link>,
}

struct Link {
    href: String,
    text: String,
}

/// A time that can be chosen.
pub struct TimeLine {
    /// How a form or a link names it.
    pub value: String,
    /// The time, or day and time.
    pub time: String,
    /// Free seats, or the times of the party.
    pub note: String,
    is_morning: bool,
}

/// The days of a site, or the times of the chosen day.
pub async fn page(visitor: &mut Visitor, errand: &Errand, site: &Arc<Site>, choices: &Choices) -> Answer {
    let slots = errand.slots_at(visitor, site).await?;
    let counts = errand.search.count_days(&slots);
    let days = errand.search.open_days(&counts);
    let fitting = |day: Date| days.iter().any(|one| one.day == day && one.fits);
    match choices.day.filter(|day| fitting(*day)) {
        Some(day) => times_page(visitor, errand, site, choices, &Times { day, slots, counts, days }),
        None => days_page(visitor, errand, site, choices, &days),
    }
}

/// What the page of times is made of.
struct Times {
    day: Date,
    slots: Vec<FreeSlot>,
    counts: Vec<DaySeats>,
    days: Vec<OpenDay>,
}

fn days_page(visitor: &Visitor, errand: &Errand, site: &Site, choices: &Choices, days: &[OpenDay]) -> Answer {
    let l = visitor.language;
    let first = days.iter().position(|day| day.fits).unwrap_or(days.len());
    let days = days.get(first..).unwrap_or_default();
    let pages = days.len().div_ceil(DAYS_PER_PAGE).max(1);
    let current = choices.page.clamp(1, pages);
    let here = choices.on_day(None);
    let turn = |to: usize| {
        let there = (1..=pages).contains(&to);
        if there { errand.times_link(site, &here.on_page(to)) } else { String::new() }
    };
    let line = |day: &OpenDay| DayLine {
        day: l.short_date(day.day),
        seats: seats::in_words(l, day.free, errand.search.people(), day.fits),
        link: if day.fits { errand.times_link(site, &here.on_day(Some(day.day))) } else { String::new() },
    };
    let mut head = head(visitor, errand, site, choices);
    head.back = match errand.goal {
        Goal::Book { .. } => errand.places_link(&Choices { page: 0, ..choices.clone() }),
        _ => back_of_change(errand, site, choices),
    };
    let page = DaysPage {
        days: days.iter().skip((current - 1) * DAYS_PER_PAGE).take(DAYS_PER_PAGE).map(line).collect(),
        previous: turn(current.saturating_sub(1)),
        next: turn(current + 1),
        frame: visitor.frame(),
        head,
    };
    visitor.page(&page)
}

/// Another seat begins at the booking; another site at the places.
fn back_of_change(errand: &Errand, site: &Site, choices: &Choices) -> String {
    match &errand.goal {
        Goal::Change { booking, .. } if booking.site != site.id => errand.places_link(choices),
        Goal::Change { booking, .. } => format!("/bookings/{}", booking.reference.as_str()),
        Goal::Second { held, .. } => format!("/hold/{}", held.token),
        Goal::Book { .. } => errand.places_link(choices),
    }
}

fn times_page(
    visitor: &mut Visitor,
    errand: &Errand,
    site: &Site,
    choices: &Choices,
    times: &Times,
) -> Answer {
    let l = visitor.language;
    let campaign = errand.campaign();
    let products = products_on(&errand.search, times);
    let all_products = products_on(&SeatSearch { only: None, ..errand.search.clone() }, times);
    let zone = zone_of(site, visitor.engine());
    let words = Words { l, zone, campaign, people: errand.search.people() };
    let Some(product) = products.first().copied() else {
        return days_page(visitor, errand, site, choices, &[]);
    };
    let fitting = errand.search.fitting(&times.slots, product, &times.counts);
    let (morning, afternoon): (Vec<TimeLine>, Vec<TimeLine>) = fitting
        .iter()
        .filter(|(one, _)| one.slot.local_date == times.day)
        .map(|(one, seats)| words.line(one, seats, &times.slots))
        .partition(|line| line.is_morning);
    let mut head = head(visitor, errand, site, choices);
    head.title = l.say("book-times-title").with("day", l.short_date(times.day)).to_string();
    head.back = errand.times_link(site, &choices.on_day(None));
    let name = |id: ProductId| {
        campaign.product(id).map(|one| one.name.in_language(l.code()).to_owned()).unwrap_or_default()
    };
    let other = |id: &ProductId| {
        let code = campaign.product(*id).map(|one| one.code.clone()).unwrap_or_default();
        Link { href: errand.times_link(site, &choices.with_vaccine(&code)), text: name(*id) }
    };
    let neighbour = |day: Option<&OpenDay>| {
        day.map(|day| Link {
            href: errand.times_link(site, &choices.on_day(Some(day.day))),
            text: l.short_date(day.day),
        })
    };
    let target = errand.time_target(site, choices);
    let frame = if target.post.is_empty() { visitor.frame() } else { visitor.form_frame() };
    let page = TimesPage {
        vaccine: name(product),
        other_vaccines: all_products.iter().filter(|id| **id != product).map(other).collect(),
        post: target.post,
        link: target.link,
        morning,
        afternoon,
        earlier: neighbour(times.days.iter().rev().find(|day| day.fits && day.day < times.day)),
        later: neighbour(times.days.iter().find(|day| day.fits && day.day > times.day)),
        frame,
        head,
    };
    visitor.page(&page)
}

fn products_on(search: &SeatSearch, times: &Times) -> Vec<ProductId> {
    let counts = times.counts.iter();
    let fitting = counts.filter(|one| one.day == times.day && search.fits(one, &times.counts));
    fitting.map(|one| one.product).collect()
}

fn head(visitor: &Visitor, errand: &Errand, site: &Site, choices: &Choices) -> Head {
    let l = visitor.language;
    let (key, step, elsewhere) = match &errand.goal {
        Goal::Book { .. } => ("book-days-title", 3, errand.places_link(choices)),
        Goal::Change { .. } => ("change-title", 0, errand.places_link(&choices.elsewhere("", ""))),
        Goal::Second { .. } => ("book-second-title", 0, String::new()),
    };
    Head {
        back: String::new(),
        step,
        steps: STEPS,
        title: l.say(key).to_string(),
        site: site.name.clone(),
        address: site.address.clone(),
        now: standing_now(visitor, errand),
        elsewhere,
    }
}

/// What is booked or held now, for those who choose something else.
fn standing_now(visitor: &Visitor, errand: &Errand) -> Vec<String> {
    let l = visitor.language;
    let when = |site, at: jiff::Timestamp| {
        let catalogue = visitor.engine().country.now();
        let site = catalogue.site(site);
        let zone = site.map_or(visitor.engine().zone.clone(), |site| zone_of(site, visitor.engine()));
        let name = site.map(|site| site.name.clone()).unwrap_or_default();
        (name, l.date_time(at.to_zoned(zone).datetime()))
    };
    match &errand.goal {
        Goal::Book { .. } => Vec::new(),
        Goal::Change { booking, .. } => {
            let (site, when) = when(booking.site, booking.starts_at);
            vec![l.say("change-now").with("site", site).with("when", when).to_string()]
        }
        Goal::Second { held, .. } => {
            let line = |seat: &Booking| {
                let (_, when) = when(seat.site, seat.starts_at);
                l.say("book-second-now").with("dose", seat.dose).with("when", when).to_string()
            };
            let mut lines: Vec<String> = held.seats.iter().map(line).collect();
            lines.dedup();
            lines
        }
    }
}

/// Puts times into words.
pub struct Words<'a> {
    /// The language of the page.
    pub l: Language,
    /// The time zone of the site.
    pub zone: TimeZone,
    /// The campaign of the slots.
    pub campaign: &'a Campaign,
    /// People in the party.
    pub people: usize,
}

impl Words<'_> {
    /// A time on a page about one day.
    pub fn line(&self, one: &FreeSlot, seats: &[SlotId], slots: &[FreeSlot]) -> TimeLine {
        let starts = one.slot.starts_at.to_zoned(self.zone.clone()).datetime();
        TimeLine {
            value: SlotName::of(self.campaign, &one.slot).text(),
            time: self.l.time(starts.time()),
            note: self.note(one, seats, slots),
            is_morning: starts.hour() < 12,
        }
    }

    /// A time on a page about several days: where they don't fit beside each other, the line breaks between day and time.
    pub fn line_with_day(&self, one: &FreeSlot, seats: &[SlotId], slots: &[FreeSlot]) -> TimeLine {
        let line = self.line(one, seats, slots);
        let day = self.l.short_date(one.slot.local_date);
        let whole = |words: &str| words.replace(' ', "\u{a0}");
        TimeLine { time: format!("{} {}", whole(&day), whole(&line.time)), ..line }
    }

    fn note(&self, one: &FreeSlot, seats: &[SlotId], slots: &[FreeSlot]) -> String {
        let mut starts: Vec<SlotId> = seats.to_vec();
        starts.dedup();
        match (self.people, starts.as_slice()) {
            (..=1, _) => self.l.say("book-times-free").with("seats", one.free).to_string(),
            (_, [_]) => self.l.say("book-times-together").to_string(),
            (_, several) => {
                let times: Vec<String> = several
                    .iter()
                    .filter_map(|id| slot_by_id(slots, *id))
                    .map(|slot| self.l.time(slot.starts_at.to_zoned(self.zone.clone()).time()))
                    .collect();
                self.l.say("book-times-apart").with("times", times.join(", ")).to_string()
            }
        }
    }
}

/// Times near the wanted one at which the party fits, in words.
pub fn nearest(
    words: &Words<'_>,
    search: &SeatSearch,
    slots: &[FreeSlot],
    wanted: (ProductId, jiff::Timestamp),
    most: usize,
) -> Vec<TimeLine> {
    let near = search.nearest(slots, wanted, most);
    near.iter().map(|(one, seats)| words.line_with_day(one, seats, slots)).collect()
}
