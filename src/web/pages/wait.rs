//! Waiting: everybody of a group gets the same page, and any proxy may keep it for a second. It knows nobody, so that it
//! works without cookies and on any device.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::campaign::Localised;
use crate::domain::door::opening::{Opening, Phase, Places};
use crate::domain::door::place::{GROUPS, Group, Place};
use crate::domain::door::waiting::Turn;
use crate::domain::ids::OpeningId;
use crate::engine::Engine;
use crate::engine::door::Stand;
use crate::language::Language;
use crate::store::door_state::DoorState;
use crate::store::openings::StoredOpening;
use crate::web::Web;
use crate::web::page::{rendered, tell_type};
use crate::web::pages::door::whom_for;
use crate::web::problem::Problem;
use crate::web::reader::Reader;
use crate::web::shared_page::SharedPage;

/// Far turns are told by a clock that moves in steps of so many seconds, so that their pages are written seldom.
const FAR_STEP: i64 = 15;

/// A wait of so many seconds is a far one.
const FAR: Duration = Duration::from_secs(120);

/// As how long a wait counts while no seat is left: half of it is the time between two looks.
const FULL_WAIT: Duration = Duration::from_secs(20 * 60);

/// The path of a waiting page in the URL map.
pub const PATH: &str = "/wait/{opening}/{group}/{language}";

/// The query of a waiting page.
#[derive(Deserialize)]
pub struct Look {
    /// Not empty when the page shall not look again by itself.
    #[serde(default)]
    stay: String,
}

/// The page of which group is asked for, in which language, and whether it is to look again by itself.
type Asked = (Group, Language, bool);

/// All that decides how a waiting page reads. Two pages with the same facts are the same page.
#[derive(Debug, Clone, PartialEq)]
struct Facts {
    group: Group,
    language: Language,
    phase: Phase,
    turn: Turn,
    /// The group that is entering now.
    entering: Option<Group>,
    paused: bool,
    /// Whether there is no seat to wait for at the moment.
    full: bool,
    note: Localised,
    /// Seconds until the page looks again; `None` when it doesn't.
    refresh: Option<u64>,
}

/// Waiting pages as they were written last.
#[derive(Default)]
pub struct WaitingPages(Mutex<HashMap<(OpeningId, Group, Language, bool), Written>>);

/// A page, and what it says.
struct Written {
    /// When somebody last found that it still says so.
    looked: Moment,
    facts: Facts,
    page: Arc<SharedPage>,
}

/// An opening in a second, as this node knows it. What is known changes only by another of these being there, so that
/// whoever looks again at the same moment would find the same.
struct Moment {
    one: Arc<StoredOpening>,
    state: Option<Arc<DoorState>>,
    is_full: bool,
    now: Timestamp,
}

impl Moment {
    fn of(engine: &Engine, one: Arc<StoredOpening>) -> Self {
        let door = &engine.door;
        let (state, is_full) = (door.state(one.opening.id), door.is_full(one.opening.campaign));
        Self { state, is_full, one, now: engine.now() }
    }

    fn stand(&self) -> Stand<'_> {
        Stand::new(&self.one.opening, self.state.as_deref())
    }

    fn is(&self, other: &Self) -> bool {
        let same_state = match (&self.state, &other.state) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let same = (self.is_full, self.now.as_second()) == (other.is_full, other.now.as_second());
        same && same_state && Arc::ptr_eq(&self.one, &other.one)
    }
}

#[derive(Template)]
#[template(path = "pages/wait.html")]
struct WaitPage {
    l: Language,
    /// Whom the opening is for; empty when it is for everybody.
    who: String,
    other: Language,
    demo: bool,
    code: String,
    campaign: String,
    group: u16,
    groups: u16,
    /// The number of the group that is entering now; 0 when none is.
    entering: u16,
    /// When it is the group's turn, in words; empty when that can't be told.
    turn: String,
    /// The same for machines.
    turn_at: String,
    /// When the door opens, in words; empty when it is open.
    opens: String,
    /// When those of the group came to the line, in words; empty in a draw.
    came: String,
    /// When those came who are let in now, in words; empty when nobody is, and in a draw.
    entering_came: String,
    /// Whether it is the group's turn.
    come: bool,
    /// Whether it is the turn of its first places only. In a line the door tells of whose.
    begun: bool,
    /// Until when the door stands, in words, or the campaign when it is full; empty when it stands no more.
    until: String,
    /// When the door stands no more, in words.
    latest: String,
    full: bool,
    paused: bool,
    note: String,
    refresh: Option<u64>,
}

/// The page of a group.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such opening, group or language.
pub async fn wait(
    request: HttpRequest,
    web: Data<Web>,
    path: Path<(String, u16, String)>,
    look: Query<Look>,
) -> Result<HttpResponse, Problem> {
    let (code, group, language) = path.into_inner();
    group_page(&web, &request, (&code, group, &language), look.stay.is_empty())
}

/// The page of a group, for a request that asks for it as the pages do. It is what nearly every request of the evening is
/// for, so it does not go the long way of the others, which costs more than the answer; whatever is odd does go it.
pub(in crate::web) fn from_memory(web: &Web, request: &HttpRequest) -> Option<HttpResponse> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.path().strip_prefix("/wait/").filter(|_| reads)?;
    let looks = match request.query_string() {
        "" => true,
        "stay=1" => false,
        _ => return None,
    };
    let (code, path) = path.split_once('/')?;
    let (group, language) = path.split_once('/')?;
    group_page(web, request, (code, group.parse().ok()?, language), looks).ok()
}

fn group_page(
    web: &Web,
    request: &HttpRequest,
    (code, group, language): (&str, u16, &str),
    looks: bool,
) -> Result<HttpResponse, Problem> {
    let one = opening_called(web, code)?;
    let group = Group::from_number(group).ok_or(Problem::NotFound)?;
    let language = Language::all().iter().copied().find(|known| known.code() == language);
    let language = language.ok_or(Problem::NotFound)?;
    let moment = Moment::of(&web.engine, one);
    let mut answer = web.kept.waiting.page(web, moment, (group, language, looks))?.answer(request);
    tell_type::<WaitPage>(web, &mut answer);
    Ok(answer)
}

/// The opening with this code in URLs.
///
/// # Errors
/// [`Problem::NotFound`] when there is none.
pub fn opening_called(web: &Web, code: &str) -> Result<Arc<StoredOpening>, Problem> {
    web.engine.opening(code).ok_or(Problem::NotFound)
}

/// Where the waiting page of a place is.
pub fn wait_link(engine: &Engine, opening: &Opening, place: Place, language: Language) -> String {
    let state = engine.door.state(opening.id);
    let group = Stand::new(opening, state.as_deref()).group(place);
    format!("/wait/{}/{}/{}", opening.code, group.number(), language.code())
}

fn facts(engine: &Engine, moment: &Moment, (group, language, looks): Asked) -> Facts {
    let (opening, now, stand) = (&moment.one.opening, moment.now, moment.stand());
    let (phase, threshold) = (opening.phase(now), stand.flow().threshold);
    let (first, last) = (stand.first_place(group), stand.last_place(group));
    // Very many may have come to a line in the same minute. They are told when the first of them is let in, and from then
    // on the door tells each their own turn.
    let is_told_the_first = opening.places == Places::InLine && !threshold.admits(first);
    let awaited = if is_told_the_first { first } else { last };
    let flow = stand.flow_to(awaited, now);
    let to_opening = Duration::try_from(opening.opens_at.duration_since(now)).unwrap_or_default();
    let wait = flow.wait(awaited).map(|wait| to_opening + wait);
    // Seats may come back at any time: nobody is to miss them for longer than this.
    let wait = if moment.is_full { Some(wait.unwrap_or(FULL_WAIT).min(FULL_WAIT)) } else { wait };
    let now = slowly(now, wait);
    let turn = match phase {
        Phase::Over => Turn::Come,
        _ => flow.turn(&(first..=awaited), now.max(opening.opens_at)).at_the_latest(opening.ends_at),
    };
    // Who is sent back here while their group is coming in needs no more than some seconds.
    let full = moment.is_full && phase != Phase::Over;
    let looks = looks && (full || !(may_enter(turn, phase) && turn == Turn::Come));
    Facts {
        group,
        language,
        phase,
        turn,
        entering: threshold.last().filter(|_| phase == Phase::Entering).map(|last| stand.group(last)),
        full,
        paused: moment.state.as_ref().is_some_and(|state| state.paused),
        note: moment.state.as_ref().map(|state| state.note.clone()).unwrap_or_default(),
        refresh: looks.then(|| engine.door.refresh_seconds(opening.id, wait, u64::from(group.index()))),
    }
}

/// Whether people of the group may go to the door.
fn may_enter(turn: Turn, phase: Phase) -> bool {
    matches!(turn, Turn::Come | Turn::Begun) && phase >= Phase::Entering
}

/// The moment a page is written for.
fn slowly(now: Timestamp, wait: Option<Duration>) -> Timestamp {
    let step = if wait.is_none_or(|wait| wait > FAR) { FAR_STEP } else { 1 };
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(step)).unwrap_or(now)
}

impl WaitingPages {
    fn page(&self, web: &Web, moment: Moment, asked: Asked) -> Result<Arc<SharedPage>, Problem> {
        let (group, language, looks) = asked;
        let key = (moment.one.opening.id, group, language, looks);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = known.get(&key).filter(|written| written.looked.is(&moment)) {
            return Ok(written.page.clone());
        }
        let facts = facts(&web.engine, &moment, asked);
        // An import may have changed what the opening or its campaign says.
        let says_the_same =
            |written: &&mut Written| written.facts == facts && Arc::ptr_eq(&written.looked.one, &moment.one);
        if let Some(written) = known.get_mut(&key).filter(says_the_same) {
            written.looked = moment;
            return Ok(written.page.clone());
        }
        let text = write(web, &moment, &facts)?;
        let page = Arc::new(SharedPage::new("text/html; charset=utf-8", text));
        known.insert(key, Written { looked: moment, facts, page: page.clone() });
        Ok(page)
    }
}

fn write(web: &Web, moment: &Moment, facts: &Facts) -> Result<String, Problem> {
    let (engine, opening, l) = (&web.engine, &moment.one.opening, facts.language);
    let reader = Reader { engine, language: l };
    let zoned = |at: Timestamp| at.to_zoned(engine.zone.clone()).datetime();
    let campaign = engine.country.now().campaign(opening.campaign).cloned();
    let closes_at = campaign.as_ref().map(|campaign| campaign.closes_at).filter(|_| facts.full);
    let stands_until = (facts.phase == Phase::Entering).then_some(opening.ends_at);
    let is_line = opening.places == Places::InLine;
    let has_begun = may_enter(facts.turn, facts.phase) && facts.turn == Turn::Begun;
    let came = |group: Group| moment.stand().came_at(group).map(|at| l.time(zoned(at).time()));
    let turn_keys =
        if is_line { ["wait-line-turn", "wait-line-turn-day"] } else { ["wait-turn", "wait-turn-day"] };
    let turn_at = match facts.turn {
        Turn::At(at) => Some(at),
        Turn::Come | Turn::Begun | Turn::Unknown => None,
    };
    let page = WaitPage {
        l,
        other: l.others().next().unwrap_or(l),
        demo: web.settings.demo.is_some(),
        code: opening.code.to_string(),
        campaign: campaign.map(|campaign| campaign.name.in_language(l.code()).to_owned()).unwrap_or_default(),
        group: facts.group.number(),
        groups: GROUPS,
        entering: facts.entering.map(Group::number).unwrap_or_default(),
        turn: turn_at.map(|at| reader.turn(turn_keys, opening, at)).unwrap_or_default(),
        turn_at: turn_at.map(|at| at.to_string()).unwrap_or_default(),
        opens: if facts.phase < Phase::Entering { reader.moment(opening.opens_at) } else { String::new() },
        came: came(facts.group).unwrap_or_default(),
        entering_came: facts.entering.and_then(came).unwrap_or_default(),
        come: may_enter(facts.turn, facts.phase) && !(is_line && has_begun),
        begun: has_begun,
        until: closes_at.or(stands_until).map(|at| reader.moment(at)).unwrap_or_default(),
        latest: reader.moment(opening.ends_at),
        full: facts.full,
        paused: facts.paused,
        note: facts.note.in_language(l.code()).to_owned(),
        who: whom_for(reader, opening).unwrap_or_default(),
        refresh: facts.refresh,
    };
    rendered(&page)
}

/// How an opening stands, for scripts and displays.
#[derive(Serialize)]
struct Status<'a> {
    opening: &'a str,
    places: &'static str,
    phase: &'static str,
    paused: bool,
    /// The last place that may enter, as 16 hexadecimal digits; `null` for nobody.
    threshold: Option<String>,
    /// The share of all places that may enter.
    admitted_share: f64,
    /// How far that rises in a second; `null` in a line.
    share_a_second: Option<f64>,
    /// The number of the group that is entering, and of how many.
    entering_group: Option<u16>,
    groups: u16,
    /// About how many phones have asked for their place, and how many were admitted.
    joined: f64,
    admitted: u64,
    opens_at: String,
    ends_at: String,
    now: String,
}

/// How an opening stands, as JSON.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such opening.
pub async fn status(
    request: HttpRequest,
    web: Data<Web>,
    code: Path<String>,
) -> Result<HttpResponse, Problem> {
    let engine = &web.engine;
    let one = opening_called(&web, &code)?;
    let moment = Moment::of(engine, one);
    let (opening, now, state) = (&moment.one.opening, moment.now, moment.state.as_ref());
    let flow = moment.stand().flow();
    let status = Status {
        opening: opening.code.as_str(),
        places: opening.places.as_str(),
        phase: match opening.phase(now) {
            Phase::Announced => "announced",
            Phase::Joining => "joining",
            Phase::Entering => "entering",
            Phase::Over => "over",
        },
        paused: state.is_some_and(|state| state.paused),
        threshold: flow.threshold.last().map(|last| last.to_string()),
        admitted_share: flow.threshold.fraction(),
        share_a_second: (opening.places == Places::Drawn).then_some(flow.rate),
        entering_group: flow.threshold.last().map(|last| moment.stand().group(last).number()),
        groups: GROUPS,
        joined: state.map_or(0.0, |state| state.joined.count().round()),
        admitted: state.map_or(0, |state| state.admitted),
        opens_at: opening.opens_at.to_string(),
        ends_at: opening.ends_at.to_string(),
        now: now.to_string(),
    };
    let text = serde_json::to_string(&status).map_err(|_says_nothing| Problem::Broken)?;
    Ok(SharedPage::new("application/json", text).answer(&request))
}
