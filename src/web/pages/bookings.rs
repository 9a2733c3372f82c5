//! The bookings a citizen may see: the list, and everything about one.

use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use super::access::open_booking;
use super::appointment::Appointment;
use super::hold::StillHeld;
use super::paper::QrImage;
use super::told::{self, ToldLine};
use crate::domain::booking::BookingState;
use crate::domain::ids::BookingId;
use crate::domain::person::Relation;
use crate::engine::country::Catalogue;
use crate::language::Language;
use crate::store::bookings::{self, Booking};
use crate::store::people;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Visitor};

/// Bookings on one page of the list.
const ON_A_PAGE: usize = 10;

#[derive(Template)]
#[template(path = "pages/bookings.html")]
struct BookingsPage {
    frame: Frame,
    held: Option<StillHeld>,
    coming: Vec<Appointment>,
    /// Past and cancelled ones, the latest first.
    over: Vec<Appointment>,
    previous: Option<usize>,
    next: Option<usize>,
    /// Whether nobody knows who the visitor is: what others booked for them with this phone shows by name and birth date.
    lacks_me: bool,
}

#[derive(Template)]
#[template(path = "pages/bookings-how.html")]
struct HowPage {
    frame: Frame,
}

/// Which page of the list.
#[derive(Deserialize)]
pub struct ListQuery {
    /// From 1.
    #[serde(default)]
    page: String,
}

/// The list; whoever has not proved a phone is asked how they want to find their booking.
pub async fn list(visitor: Visitor, query: Query<ListQuery>) -> Answer {
    if visitor.account.is_none() {
        return visitor.page(&HowPage { frame: visitor.frame() });
    }
    let citizen = Citizen::of(visitor)?;
    let owner = citizen.account.id;
    let read = move |conn: &mut _, keys: &_| {
        let all = bookings::visible_to(conn, keys, owner)?;
        let lacks_me = all.is_empty()
            && !people::cared_for(conn, keys, owner)?.iter().any(|one| one.relation == Relation::Me);
        Ok((all, lacks_me))
    };
    let (all, lacks_me) = citizen.engine().store.read(read).await?;
    let page = ListPage::of(all, citizen.engine().now(), query.page.parse().unwrap_or(1));
    let catalogue = citizen.engine().country.now();
    citizen.page(&BookingsPage {
        frame: citizen.frame(),
        held: StillHeld::by(&citizen).await?,
        coming: in_words(&catalogue, citizen.language, &page.coming),
        over: in_words(&catalogue, citizen.language, &page.over),
        previous: page.previous,
        next: page.next,
        lacks_me,
    })
}

fn in_words(catalogue: &Catalogue, language: Language, some: &[Booking]) -> Vec<Appointment> {
    some.iter().filter_map(|one| Appointment::of(catalogue, language, one)).collect()
}

/// One page of a list: those to come in order, then those that are over, the latest first.
struct ListPage<T> {
    coming: Vec<T>,
    over: Vec<T>,
    previous: Option<usize>,
    next: Option<usize>,
}

impl ListPage<Booking> {
    fn of(all: Vec<Booking>, now: Timestamp, wanted: usize) -> Self {
        let (coming, mut over): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.state.is_live() && one.starts_at > now);
        over.reverse();
        Self::cut(coming, over, wanted)
    }
}

impl<T> ListPage<T> {
    /// Cuts the page numbered `wanted` out, or the nearest there is.
    fn cut(coming: Vec<T>, over: Vec<T>, wanted: usize) -> Self {
        let count = coming.len() + over.len();
        let last = count.div_ceil(ON_A_PAGE).max(1);
        let number = wanted.clamp(1, last);
        let (begin, coming_count) = ((number - 1) * ON_A_PAGE, coming.len());
        let coming: Vec<T> = coming.into_iter().skip(begin).take(ON_A_PAGE).collect();
        let room = ON_A_PAGE - coming.len();
        let over = over.into_iter().skip(begin.saturating_sub(coming_count)).take(room).collect();
        Self {
            coming,
            over,
            previous: (number > 1).then(|| number - 1),
            next: (number < last).then(|| number + 1),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/booking.html")]
struct BookingPage {
    frame: Frame,
    one: Appointment,
    others: Vec<Appointment>,
    qr: Option<QrImage>,
    may_change: bool,
    /// Whether a calendar entry and a QR code are of use.
    is_live: bool,
    /// Where the campaign is booked again, after a cancellation.
    again_url: Option<String>,
    may_list: bool,
    /// Whether it was found by its reference on this device, which may be a shared one.
    may_close: bool,
    /// What was told of it, and what will be.
    told: Vec<ToldLine>,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct JustDone {
    #[serde(default)]
    cancelled: String,
    #[serde(default)]
    changed: String,
    #[serde(default)]
    told: String,
}

/// Everything about one booking.
pub async fn one(mut visitor: Visitor, reference: Path<String>, query: Query<JustDone>) -> Answer {
    let one = open_booking(&visitor, &reference).await?;
    let (course, id) = (one.course, one.id);
    let doses =
        visitor.engine().store.read(move |conn, keys| bookings::of_course(conn, keys, course)).await?;
    let others: Vec<Booking> = doses.into_iter().filter(|dose| is_worth_showing(dose, id, &one)).collect();
    let catalogue = visitor.engine().country.now();
    let language = visitor.language;
    let now = visitor.engine().now();
    let may_close = visitor.session.found(now) == Some(id);
    let is_coming = told::may_be_told(&one, now);
    let mut frame = if may_close || is_coming { visitor.form_frame() } else { visitor.frame() };
    frame.notice = notice(&one, &query).map(|key| language.say(key).to_string());
    let appointment = Appointment::of(&catalogue, language, &one).ok_or(Problem::NotFound)?;
    let again = catalogue.campaign(one.campaign).filter(|campaign| now < campaign.closes_at);
    let page = BookingPage {
        frame,
        qr: QrImage::of_reference(&visitor.web.settings.public_url, &appointment.reference)
            .filter(|_| is_coming),
        others: in_words(&catalogue, language, &others),
        may_change: one.can_change(now),
        is_live: is_coming,
        again_url: again
            .filter(|_| !one.state.is_live())
            .map(|campaign| format!("/book/{}/who", campaign.slug)),
        may_list: visitor.account.is_some(),
        may_close,
        told: told::lines(&visitor, &one).await?,
        one: appointment,
    };
    visitor.page(&page)
}

fn notice(one: &Booking, just: &JustDone) -> Option<&'static str> {
    match one.state {
        BookingState::Cancelled if !just.cancelled.is_empty() => Some("booking-cancelled-notice"),
        BookingState::Booked if !just.changed.is_empty() => Some("booking-changed-notice"),
        BookingState::Booked if just.told == "1" => Some("booking-told-notice"),
        BookingState::Booked if !just.told.is_empty() => Some("booking-told-enough"),
        _ => None,
    }
}

/// Another dose of the course is shown while it is live, and when it was given up together with this one.
fn is_worth_showing(dose: &Booking, id: BookingId, one: &Booking) -> bool {
    dose.id != id && (dose.state.is_live() || (dose.party == one.party && dose.dose != one.dose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_one_page() {
        let page = ListPage::cut(vec![1, 2], vec![3], 7);
        assert_eq!((page.coming, page.over), (vec![1, 2], vec![3]));
        assert_eq!((page.previous, page.next), (None, None));
        let empty = ListPage::<u8>::cut(Vec::new(), Vec::new(), 1);
        assert_eq!((empty.previous, empty.next), (None, None));
    }

    #[test]
    fn pages_run_from_those_to_come_into_those_that_are_over() {
        let cut = |wanted| ListPage::cut((0..13).collect(), (13..25).collect::<Vec<i32>>(), wanted);
        let (first, second, third) = (cut(1), cut(2), cut(3));
        assert_eq!((first.coming, first.over), ((0..10).collect(), Vec::new()));
        assert_eq!((first.previous, first.next), (None, Some(2)));
        assert_eq!((second.coming, second.over), ((10..13).collect(), (13..20).collect()));
        assert_eq!((second.previous, second.next), (Some(1), Some(3)));
        assert_eq!((third.coming, third.over), (Vec::new(), (20..25).collect()));
        assert_eq!((third.previous, third.next), (Some(2), None));
    }
}
