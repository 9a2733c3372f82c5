//! The door of a line: whoever comes takes a place by a button, waits, and comes in with it. Opening the page takes none,
//! because browsers open pages beforehand that nobody looks at.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::door::{self, DoorForm, Onward, Said, Typed};
use super::wait::wait_link;
use crate::domain::clock::ChanceExt;
use crate::domain::door::opening::Phase;
use crate::domain::door::place::Place;
use crate::domain::door::ticket::Ticket;
use crate::domain::door::waiting::Turn;
use crate::engine::door::Stand;
use crate::store::accounts::{Account, phone_hash};
use crate::store::admissions::{self, TicketRefused};
use crate::store::openings::StoredOpening;
use crate::store::{Failure, Tx};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::ticket_cookie::{self, Shown};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/line.html")]
struct LinePage {
    frame: Frame,
    errors: FormErrors,
    /// What was typed.
    phone: String,
    action: String,
    said: Said<Step>,
}

/// What the visitor can do at the door of a line.
#[derive(Clone, PartialEq, Eq)]
enum Step {
    /// Wait until places are given, from this moment on, in words.
    Announced(String),
    /// Take a place.
    Join,
    /// Wait a little more.
    Soon(Soon),
    /// Say which phone they come in with.
    AskPhone,
}

impl Step {
    /// The key of the page's question.
    fn title(&self) -> &'static str {
        match self {
            Self::Announced(_) => "line-announced-title",
            Self::Join => "line-title",
            Self::Soon(_) => "line-soon-title",
            Self::AskPhone => "line-phone-title",
        }
    }

    /// Seconds until the page looks again; `None` when it doesn't.
    fn refresh(&self) -> Option<u64> {
        if let Self::Soon(soon) = self { soon.refresh } else { None }
    }
}

/// A turn that is near.
#[derive(Clone, PartialEq, Eq)]
struct Soon {
    /// When it is, in words.
    turn: String,
    /// Seconds until the page looks again; `None` when it doesn't.
    refresh: Option<u64>,
    /// The same page, which looks again by itself, or doesn't.
    other: String,
}

/// Shows what the visitor can do; whoever has to wait is sent to the page of those who came at the same time.
pub(super) async fn look(
    mut visitor: Visitor,
    request: &HttpRequest,
    one: &StoredOpening,
    onward: &Onward,
) -> Answer {
    if one.opening.phase(visitor.engine().now()) == Phase::Announced {
        let from = visitor.reader().moment(one.opening.joins_from);
        return page(&mut visitor, one, onward, Step::Announced(from));
    }
    let ticket = match ticket_cookie::read(&visitor.web, request, &one.opening) {
        Shown::Good(ticket) => ticket,
        _ if was_admitted(&visitor, one).await? => return door::enter_page(&mut visitor, one, onward),
        Shown::Worthless => return join_page(&mut visitor, one, onward, (StatusCode::OK, "line-lost")),
        Shown::Nothing => return page(&mut visitor, one, onward, Step::Join),
    };
    if may_enter(&visitor, one, ticket.place) {
        return match visitor.account {
            Some(_) => door::enter_page(&mut visitor, one, onward),
            None => page(&mut visitor, one, onward, Step::AskPhone),
        };
    }
    match far_off(&visitor, one, ticket.place) {
        Some(wait) => visitor.go_to(&wait),
        None => {
            let soon = soon(&visitor, one, onward, ticket.place);
            page(&mut visitor, one, onward, Step::Soon(soon))
        }
    }
}

/// Somebody takes a place, says which phone is theirs, or comes in.
pub(super) async fn knock(
    visitor: Visitor,
    request: &HttpRequest,
    one: &StoredOpening,
    onward: &Onward,
    form: DoorForm,
) -> Answer {
    if one.opening.phase(visitor.engine().now()) == Phase::Announced {
        return visitor.go_to(&onward.door(one));
    }
    let shown = ticket_cookie::read(&visitor.web, request, &one.opening);
    let Shown::Good(ticket) = shown else {
        return match visitor.account.clone() {
            Some(account) if was_admitted(&visitor, one).await? => {
                enter(visitor, one, &account, None, onward).await
            }
            _ => join(visitor, one, onward),
        };
    };
    if !may_enter(&visitor, one, ticket.place) {
        return visitor.go_to(&onward.door(one));
    }
    match visitor.account.clone() {
        Some(account) => enter(visitor, one, &account, Some(ticket), onward).await,
        None => ask_phone(visitor, one, onward, form).await,
    }
}

/// Gives a place, and sends its owner to where they wait.
fn join(mut visitor: Visitor, one: &StoredOpening, onward: &Onward) -> Answer {
    if visitor.web.code_limits.take_turn(visitor.address()).is_err() {
        return join_page(&mut visitor, one, onward, (StatusCode::TOO_MANY_REQUESTS, "line-error-network"));
    }
    let engine = visitor.engine();
    let chance = u64::from_be_bytes(engine.chance.bytes());
    let ticket = engine.door.hand_ticket(&one.opening, engine.now(), chance);
    let there = far_off(&visitor, one, ticket.place).unwrap_or_else(|| onward.door(one));
    let mut answer = visitor.go_to(&there)?;
    keep(&mut answer, &ticket_cookie::cookie_of(&visitor.web, &ticket))?;
    Ok(answer)
}

fn keep(answer: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    answer.add_cookie(cookie).ok().ok_or(Problem::Broken)
}

/// Where somebody waits whose turn is not near: that of their minute has not begun.
fn far_off(visitor: &Visitor, one: &StoredOpening, place: Place) -> Option<String> {
    let (engine, opening) = (visitor.engine(), &one.opening);
    let state = engine.door.state(opening.id);
    let stand = Stand::new(opening, state.as_deref());
    let has_begun = stand.flow().threshold.admits(stand.first_place(stand.group(place)));
    (!has_begun).then(|| wait_link(engine, opening, place, visitor.language))
}

fn may_enter(visitor: &Visitor, one: &StoredOpening, place: Place) -> bool {
    let (engine, opening) = (visitor.engine(), &one.opening);
    let is_open = opening.phase(engine.now()) == Phase::Entering;
    is_open && engine.door.flow(opening.id).threshold.admits(place)
}

/// When the turn of one place is. Everybody has their own, so that no page can be shared.
fn soon(visitor: &Visitor, one: &StoredOpening, onward: &Onward, place: Place) -> Soon {
    let (engine, now) = (visitor.engine(), visitor.engine().now());
    let state = engine.door.state(one.opening.id);
    let flow = Stand::new(&one.opening, state.as_deref()).flow_to(place, now);
    let (l, opening) = (visitor.language, &one.opening);
    let turn = match flow.turn(&(place..=place), now).at_the_latest(opening.ends_at) {
        Turn::At(at) => visitor.reader().turn(["wait-turn", "wait-turn-day"], opening, at),
        Turn::Come | Turn::Begun | Turn::Unknown => {
            l.say("wait-unknown").with("when", visitor.reader().moment(opening.ends_at)).to_string()
        }
    };
    let wait: Option<Duration> = flow.wait(place);
    let refresh = onward.looks_again().then(|| engine.door.refresh_seconds(one.opening.id, wait, place.0));
    let other = onward.looking(one, refresh.is_none());
    Soon { turn, refresh, other }
}

/// Whether the phone was let in before: then it needs no ticket any more.
async fn was_admitted(visitor: &Visitor, one: &StoredOpening) -> Result<bool, Problem> {
    let Some(account) = &visitor.account else { return Ok(false) };
    let (opening, hash) = (one.opening.id, phone_hash(&visitor.engine().keys, &account.phone));
    let read = move |conn: &mut _, _: &_| admissions::was_admitted(conn, opening, &hash);
    Ok(visitor.engine().store.look_up(read).await?)
}

async fn ask_phone(mut visitor: Visitor, one: &StoredOpening, onward: &Onward, form: DoorForm) -> Answer {
    match door::prove(&mut visitor, one, onward, form).await? {
        Ok(sent) => Ok(sent),
        Err(Typed { phone, status, errors }) => {
            let page = LinePage { phone, errors, ..line_page(&mut visitor, one, onward, Step::AskPhone) };
            visitor.page_with(status, &page)
        }
    }
}

/// Lets in an account by a ticket whose turn has come, or because it was let in before.
async fn enter(
    mut visitor: Visitor,
    one: &StoredOpening,
    account: &Account,
    ticket: Option<Ticket>,
    onward: &Onward,
) -> Answer {
    let (engine, opening) = (visitor.engine().clone(), one.opening.id);
    let hash = phone_hash(&engine.keys, &account.phone);
    let until = door::admitted_until(&engine);
    let admit = move |tx: &mut Tx<'_>| match &ticket {
        Some(ticket) => admissions::admit_by_ticket(tx, opening, &hash, ticket, until),
        None => {
            let again = admissions::admit_again(tx, opening, &hash, until)?;
            again.then_some(()).ok_or(Failure::Refused(TicketRefused::NotYet(admissions::NotYet)))
        }
    };
    match engine.ledger.write(account.id.0, admit).await {
        Ok(()) => door::come_in(visitor, one, onward, until),
        Err(error) => match Problem::refusal(error)? {
            // The database knows better than this node how far the door is open.
            TicketRefused::NotYet(_) => visitor.go_to(&onward.door(one)),
            TicketRefused::Used => {
                let mut answer = join_page(&mut visitor, one, onward, (StatusCode::OK, "line-used"))?;
                keep(&mut answer, &ticket_cookie::given_up(&visitor.web.settings, &one.opening.code))?;
                Ok(answer)
            }
        },
    }
}

/// Offers a place, and tells what is wrong with the one before, or why there is none now.
fn join_page(
    visitor: &mut Visitor,
    one: &StoredOpening,
    onward: &Onward,
    (status, why): (StatusCode, &'static str),
) -> Answer {
    let mut page = line_page(visitor, one, onward, Step::Join);
    page.frame.notice = Some(visitor.language.say(why).to_string());
    visitor.page_with(status, &page)
}

fn page(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward, step: Step) -> Answer {
    let page = line_page(visitor, one, onward, step);
    visitor.page(&page)
}

fn line_page(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward, step: Step) -> LinePage {
    let said = door::said(visitor.reader(), one, step);
    LinePage {
        frame: visitor.form_frame(),
        errors: FormErrors::none(),
        phone: String::new(),
        action: onward.door(one),
        said,
    }
}
