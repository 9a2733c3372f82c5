//! The door: whoever comes is told when their turn is, and comes in when it is.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::line;
use super::sign_in::{self, mobile_number};
use super::turn_text::Offer;
use super::wait::{opening_called, wait_link};
use crate::domain::door::concurrency::Class;
use crate::domain::door::opening::{Opening, Phase, Places};
use crate::domain::door::place::{Place, Threshold};
use crate::domain::ids::OpeningId;
use crate::domain::phone::PhoneNumber;
use crate::engine::Engine;
use crate::language::Language;
use crate::store::Tx;
use crate::store::accounts::{Account, phone_hash};
use crate::store::admissions;
use crate::store::openings::StoredOpening;
use crate::web::Web;
use crate::web::form::FormErrors;
use crate::web::kept::Kept;
use crate::web::lanes::InWork;
use crate::web::page::{Answer, Frame, copied, in_query, local_path, shared};
use crate::web::posted::{PostedByStranger, needs_session};
use crate::web::problem::Problem;
use crate::web::reader::Reader;
use crate::web::shared_page::SharedPage;
use crate::web::visitor::{Visitor, stranger};

/// How long somebody who came in can book, in minutes. Afterwards they walk in again.
const ADMITTED_MINUTES: i64 = 20;

#[derive(Template)]
#[template(path = "pages/door.html")]
struct DoorPage {
    frame: Frame,
    errors: FormErrors,
    /// What was typed.
    phone: String,
    action: String,
    said: Said<Step>,
    offer: Offer,
    /// Where it is said whether to be told by text message.
    turn_text: String,
}

/// What a door's page says to all who can do the same there.
#[derive(Clone, PartialEq)]
pub(super) struct Said<S> {
    pub(super) campaign: String,
    /// What the operator says, whom it is for and when it begins, sentence by sentence.
    pub(super) about: Vec<String>,
    pub(super) step: S,
}

/// What strangers saw last at the door of each draw. On the evening it is what everybody asks for who comes by the address on the poster.
#[derive(Default)]
pub struct DoorPages(Kept<(OpeningId, Language), Said<Step>, Arc<SharedPage>>);

/// What the visitor can do at the door.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Wait for the day: places can't be asked for before this moment, in words.
    Announced(String),
    /// Wait for the draw.
    NotDrawn,
    /// Say which phone is theirs.
    AskPhone,
    /// Come in.
    Enter,
    /// Come back when seats are free again, until this moment, in words.
    Full(String),
}

/// Where the visitor wanted to go.
#[derive(Deserialize)]
pub struct Onward {
    #[serde(default)]
    next: String,
    /// Not empty when the page shall not look again by itself.
    #[serde(default)]
    stay: String,
}

/// The address on the poster.
pub(super) fn door_of(one: &StoredOpening) -> String {
    format!("/door/{}", one.opening.code)
}

impl Step {
    fn is_before_places(&self) -> bool {
        matches!(self, Self::Announced(_) | Self::NotDrawn)
    }

    /// The key of the page's question.
    fn title(&self) -> &'static str {
        match self {
            Self::Announced(_) | Self::NotDrawn | Self::AskPhone => "door-title",
            Self::Enter => "door-enter-title",
            Self::Full(_) => "full-title",
        }
    }
}

impl Onward {
    /// The page they wanted; the beginning of the booking, when they came straight to the door.
    fn page(&self, visitor: &Visitor, one: &StoredOpening) -> String {
        if !self.next.is_empty() {
            return local_path(&self.next).to_owned();
        }
        let catalogue = visitor.engine().country.now();
        let campaign = catalogue.campaign(one.opening.campaign);
        campaign.map_or_else(|| "/book".to_owned(), |campaign| format!("/book/{}/who", campaign.slug))
    }

    /// The door, which leads on there.
    pub(super) fn door(&self, one: &StoredOpening) -> String {
        let door = door_of(one);
        if self.next.is_empty() { door } else { format!("{door}?next={}", in_query(local_path(&self.next))) }
    }

    /// Whether the page shall look again by itself.
    pub(super) fn looks_again(&self) -> bool {
        self.stay.is_empty()
    }

    /// The same page, which looks again by itself or doesn't.
    pub(super) fn looking(&self, one: &StoredOpening, again: bool) -> String {
        let door = self.door(one);
        let joint = if door.contains('?') { '&' } else { '?' };
        if again { door } else { format!("{door}{joint}stay=1") }
    }
}

/// The form of the door. Somebody who is signed in needs to type nothing.
#[derive(Deserialize)]
pub struct DoorForm {
    #[serde(default)]
    phone: String,
}

/// Whether nobody needs to wait any more.
fn is_open(engine: &Engine, one: &StoredOpening) -> bool {
    one.opening.phase(engine.now()) == Phase::Over
        || engine.door.flow(one.opening.id).threshold == Threshold::OPEN
}

/// Shows what the visitor can do.
pub async fn door(request: HttpRequest, code: Path<String>, onward: Query<Onward>) -> Answer {
    // Whoever doesn't say where a page is asked from won't say it of the form either, and needs a token in it.
    let says = request.headers().contains_key("sec-fetch-site");
    if let Some((web, reader)) = stranger(&request).filter(|_| says) {
        let one = opening_called(web, &code)?;
        if let Some(answer) = page_for_strangers(web, reader, &request, &one)? {
            return Ok(answer);
        }
    }
    let visitor = Visitor::of(&request).await?;
    let one = opening_called(&visitor.web, &code)?;
    look(visitor, &request, &one, &onward).await
}

/// The page of a draw's door that all see in the same bytes who are strangers; `None` when nobody needs to wait any more.
fn page_for_strangers(
    web: &Web,
    reader: Reader<'_>,
    request: &HttpRequest,
    one: &StoredOpening,
) -> Result<Option<HttpResponse>, Problem> {
    if is_open(reader.engine, one) {
        return Ok(None);
    }
    let full = step_without_seats(reader, one);
    // Whoever stands in a line needs a cookie for the place, and so a session that shows whether the browser keeps any.
    if full.is_none() && one.opening.places == Places::InLine {
        return Ok(None);
    }
    let step = full.or_else(|| step_before_places(reader, one)).unwrap_or(Step::AskPhone);
    let action = door_of(one);
    let write = |said: &Said<Step>| {
        let offer = if said.step.is_before_places() { Offer::Preparing } else { Offer::Nothing };
        let frame = Frame::of_nobody(web, reader.language, &action);
        shared(&DoorPage { offer, ..DoorPage::new(frame, one, action.clone(), said.clone()) })
    };
    let page = web.kept.door.0.page((one.opening.id, reader.language), said(reader, one, step), write)?;
    Ok(Some(copied::<DoorPage>(web, request, (StatusCode::OK, &page))))
}

/// Shows what the visitor can do; whoever has to wait is sent to the page of their group.
async fn look(mut visitor: Visitor, request: &HttpRequest, one: &StoredOpening, onward: &Onward) -> Answer {
    if is_open(visitor.engine(), one) {
        return visitor.go_to(&onward.page(&visitor, one));
    }
    if let Some(full) = step_without_seats(visitor.reader(), one) {
        return page(&mut visitor, one, onward, full);
    }
    if one.opening.places == Places::InLine {
        return line::look(visitor, request, one, onward).await;
    }
    if let Some(step) = step_before_places(visitor.reader(), one) {
        let offer = Offer::to(&visitor, one).await?;
        let page = DoorPage { offer, ..door_page(&mut visitor, one, onward, step) };
        return visitor.page(&page);
    }
    let Some(place) = visitor.account.as_ref().and_then(|account| place_of(one, &account.phone)) else {
        return page(&mut visitor, one, onward, Step::AskPhone);
    };
    if join(&visitor, one, place) {
        return enter_page(&mut visitor, one, onward);
    }
    visitor.go_to(&wait_link(visitor.engine(), &one.opening, place, visitor.language))
}

/// What there is to do while there is nothing to come in for.
fn step_without_seats(reader: Reader<'_>, one: &StoredOpening) -> Option<Step> {
    let (engine, id) = (reader.engine, one.opening.campaign);
    let closes = engine.country.now().campaign(id).filter(|_| engine.door.is_full(id))?.closes_at;
    Some(Step::Full(reader.moment(closes)))
}

/// What there is to wait for before anybody has a place.
pub(super) fn step_before_places(reader: Reader<'_>, one: &StoredOpening) -> Option<Step> {
    if one.opening.phase(reader.engine.now()) == Phase::Announced {
        return Some(Step::Announced(reader.moment(one.opening.joins_from)));
    }
    one.key.is_none().then_some(Step::NotDrawn)
}

fn place_of(one: &StoredOpening, phone: &PhoneNumber) -> Option<Place> {
    one.key.as_ref().map(|key| key.place(&one.opening.code, phone))
}

/// Counts somebody among those who wait, and tells whether their turn has come.
fn join(visitor: &Visitor, one: &StoredOpening, place: Place) -> bool {
    let (door, opening) = (&visitor.engine().door, &one.opening);
    door.join(opening, place);
    let may_enter = opening.phase(visitor.engine().now()) == Phase::Entering;
    may_enter && door.flow(opening.id).threshold.admits(place)
}

/// The page with the button that lets in.
pub(super) fn enter_page(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward) -> Answer {
    page(visitor, one, onward, Step::Enter)
}

/// What there is to say of an opening to all who can do the same there.
pub(super) fn said<S>(reader: Reader<'_>, one: &StoredOpening, step: S) -> Said<S> {
    Said { campaign: reader.campaign_name(one.opening.campaign), about: about(reader, one), step }
}

/// What the operator says, whom an opening is for, and when it begins as long as it has not.
fn about(reader: Reader<'_>, one: &StoredOpening) -> Vec<String> {
    let (l, opening) = (reader.language, &one.opening);
    let state = reader.engine.door.state(opening.id);
    let said = state.map(|state| state.note.in_language(l.code()).to_owned()).filter(|said| !said.is_empty());
    let mut about = Vec::from_iter(said);
    if opening.phase(reader.engine.now()) < Phase::Entering {
        about.push(l.say("wait-opens").with("when", reader.moment(opening.opens_at)).to_string());
    }
    about.extend(whom_for(reader, opening));
    about
}

/// Whom an opening is for; `None` when it is for everybody.
pub fn whom_for(reader: Reader<'_>, opening: &Opening) -> Option<String> {
    let (from, to) = opening.born?;
    Some(reader.language.say("door-for").with("who", reader.born(from, to)).to_string())
}

fn page(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward, step: Step) -> Answer {
    let page = door_page(visitor, one, onward, step);
    visitor.page(&page)
}

fn door_page(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward, step: Step) -> DoorPage {
    let said = said(visitor.reader(), one, step);
    DoorPage::new(visitor.form_frame(), one, onward.door(one), said)
}

impl DoorPage {
    fn new(frame: Frame, one: &StoredOpening, action: String, said: Said<Step>) -> Self {
        Self {
            frame,
            errors: FormErrors::none(),
            phone: String::new(),
            action,
            said,
            offer: Offer::Nothing,
            turn_text: format!("{}/turn", door_of(one)),
        }
    }
}

/// Somebody says which phone is theirs, or comes in.
pub async fn knock(
    posted: PostedByStranger<DoorForm>,
    request: HttpRequest,
    code: Path<String>,
    onward: Query<Onward>,
) -> Answer {
    let PostedByStranger { mut visitor, form } = posted;
    let one = opening_called(&visitor.web, &code)?;
    if is_open(visitor.engine(), &one) || step_without_seats(visitor.reader(), &one).is_some() {
        return visitor.go_to(&onward.door(&one));
    }
    if one.opening.places == Places::InLine {
        if !visitor.session_was_sent() {
            return Err(needs_session(&request));
        }
        return line::knock(visitor, &request, &one, &onward, form).await;
    }
    if step_before_places(visitor.reader(), &one).is_some() {
        return visitor.go_to(&onward.door(&one));
    }
    if let Some(account) = visitor.account.clone() {
        return enter(visitor, &one, &account, &onward).await;
    }
    let phone = match mobile_number(&form.phone, &visitor.web.settings.countries) {
        Ok(phone) => phone,
        Err(key) => {
            let typed = Typed::with_error(form, StatusCode::UNPROCESSABLE_ENTITY, key);
            return phone_again(&mut visitor, &one, &onward, typed);
        }
    };
    if visitor.web.code_limits.take_turn(visitor.address()).is_err() {
        let typed = Typed::with_error(form, StatusCode::TOO_MANY_REQUESTS, "door-error-network");
        return phone_again(&mut visitor, &one, &onward, typed);
    }
    let place = place_of(&one, &phone).ok_or(Problem::Broken)?;
    if !join(&visitor, &one, place) {
        return visitor.go_to(&wait_link(visitor.engine(), &one.opening, place, visitor.language));
    }
    let web = visitor.web.clone();
    let _in_work = take_lane(&web)?;
    match prove(&mut visitor, &one, &onward, form).await? {
        Ok(sent) => Ok(sent),
        Err(typed) => phone_again(&mut visitor, &one, &onward, typed),
    }
}

/// Begins with what somebody asks for whose turn it is.
fn take_lane(web: &Web) -> Result<InWork<'_>, Problem> {
    let taken = web.lanes.take(Class::Entering);
    web.engine.door.note_entering(taken.is_err());
    taken
}

/// A phone that was typed, and what is wrong with it.
pub(super) struct Typed {
    pub(super) phone: String,
    pub(super) status: StatusCode,
    pub(super) errors: FormErrors,
}

impl Typed {
    fn with_error(form: DoorForm, status: StatusCode, key: &'static str) -> Self {
        let mut errors = FormErrors::none();
        errors.add("phone", key);
        Self { phone: form.phone, status, errors }
    }
}

/// It is somebody's turn: whoever has the phone that was typed proves that.
pub(super) async fn prove(
    visitor: &mut Visitor,
    one: &StoredOpening,
    onward: &Onward,
    form: DoorForm,
) -> Result<Result<HttpResponse, Typed>, Problem> {
    let phone = match mobile_number(&form.phone, &visitor.web.settings.countries) {
        Ok(phone) => phone,
        Err(key) => return Ok(Err(Typed::with_error(form, StatusCode::UNPROCESSABLE_ENTITY, key))),
    };
    match sign_in::send_to(visitor, &phone).await? {
        Ok(()) => {
            visitor.session.call(one.opening.id, visitor.engine().now());
            let code = format!("/sign-in/code?next={}", in_query(&onward.door(one)));
            visitor.go_to(&code).map(Ok)
        }
        Err(unsent) => Ok(Err(Typed::with_error(form, StatusCode::TOO_MANY_REQUESTS, unsent.key()))),
    }
}

fn phone_again(visitor: &mut Visitor, one: &StoredOpening, onward: &Onward, typed: Typed) -> Answer {
    let Typed { phone, status, errors } = typed;
    let page = DoorPage { phone, errors, ..door_page(visitor, one, onward, Step::AskPhone) };
    visitor.page_with(status, &page)
}

/// Lets in an account whose turn has come; anybody else is told when theirs is.
async fn enter(visitor: Visitor, one: &StoredOpening, account: &Account, onward: &Onward) -> Answer {
    let place = place_of(one, &account.phone).ok_or(Problem::Broken)?;
    let waits = wait_link(visitor.engine(), &one.opening, place, visitor.language);
    if !join(&visitor, one, place) {
        return visitor.go_to(&waits);
    }
    let web = visitor.web.clone();
    let _in_work = take_lane(&web)?;
    let (engine, opening) = (visitor.engine().clone(), one.opening.id);
    let hash = phone_hash(&engine.keys, &account.phone);
    let until = admitted_until(&engine);
    let admit = move |tx: &mut Tx<'_>| admissions::admit(tx, opening, &hash, place, until);
    match engine.ledger.write(account.id.0, admit).await {
        Ok(()) => come_in(visitor, one, onward, until),
        Err(error) => {
            // The database knows better than this node how far the door is open.
            let admissions::NotYet = Problem::refusal(error)?;
            visitor.go_to(&waits)
        }
    }
}

/// Until when whoever comes in now can book.
pub(super) fn admitted_until(engine: &Engine) -> Timestamp {
    engine.now() + SignedDuration::from_mins(ADMITTED_MINUTES)
}

/// Lets somebody in whom the database has admitted.
pub(super) fn come_in(
    mut visitor: Visitor,
    one: &StoredOpening,
    onward: &Onward,
    until: Timestamp,
) -> Answer {
    visitor.session.admit(one.opening.id, until);
    visitor.keep_session();
    visitor.go_to(&onward.page(&visitor, one))
}
