//! How the door of one opening stands.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::super::chart::{Chart, HEIGHT, WIDTH};
use super::order::{self, OrderForm};
use super::{opening_for, phase_key};
use crate::domain::door::line::arrival;
use crate::domain::door::opening::Phase;
use crate::domain::door::pace::Mode;
use crate::domain::door::place::{Place, Threshold};
use crate::language::Language;
use crate::store::door_log::{self, DoorSecond};
use crate::store::door_state::{self, DoorState};
use crate::store::openings::StoredOpening;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Looks at the evening: as many lines as a table may have that is read at a glance.
const LOOKS: i64 = 24;

/// Seconds until the page looks again.
const REFRESH_SECONDS: u32 = 10;

/// A door that was not turned for so long has no node that leads it, in seconds.
const STILL_SECONDS: i64 = 10;

#[derive(Template)]
#[template(path = "pages/clinic-door.html")]
struct DoorPage {
    frame: Frame,
    errors: FormErrors,
    form: OrderForm,
    code: String,
    campaign: String,
    phase: &'static str,
    opens_at: String,
    is_over: bool,
    is_paused: bool,
    awaits_draw: bool,
    /// Seconds until it looks again; `None` where it stays as it is.
    refresh: Option<u32>,
    state: Option<StateWords>,
    charts: Vec<Chart>,
    lines: Vec<[String; 7]>,
    width: u32,
    height: u32,
}

/// The door in words and numbers.
struct StateWords {
    pace: String,
    is_still: bool,
    open: String,
    asked: String,
    admitted: String,
    booked: String,
    sessions: String,
    step: Option<String>,
    note: Option<[String; 2]>,
    turned_at: String,
}

#[derive(Template)]
#[template(path = "pages/clinic-door-sure.html")]
struct SurePage {
    frame: Frame,
    back: String,
    campaign: String,
    act: String,
    title: &'static str,
    text: &'static str,
    button: &'static str,
}

/// How the page is looked at.
#[derive(Deserialize, Default)]
pub struct DoorQuery {
    /// Not empty: it does not look again by itself.
    #[serde(default)]
    stay: String,
    /// What is to be done once it is confirmed.
    #[serde(default)]
    sure: String,
    /// What was done just before.
    #[serde(default)]
    done: String,
}

/// Shows how a door stands, or asks whether something is really to be done with it.
pub async fn door(mut staff: Staff, code: Path<String>, query: Query<DoorQuery>) -> Answer {
    let one = opening_for(&staff, &code)?;
    if let Some([title, text, button]) = order::question(&query.sure) {
        let page = SurePage {
            frame: staff.form_frame(),
            back: format!("/clinic/doors/{}", one.opening.code),
            campaign: staff.reader().campaign_name(one.opening.campaign),
            act: query.sure.clone(),
            title,
            text,
            button,
        };
        return staff.page(&page);
    }
    let mut frame = staff.form_frame();
    frame.notice = order::done(&query.done).map(|key| staff.language.say(key).into());
    let stays = !query.stay.is_empty();
    let page = page_of(&staff, &one, frame, stays).await?;
    staff.page(&page)
}

/// The page again, with what was wrong.
pub(super) async fn again(
    mut staff: Staff,
    one: &StoredOpening,
    form: OrderForm,
    errors: FormErrors,
) -> Answer {
    let frame = staff.form_frame();
    let page = DoorPage { form, errors, ..page_of(&staff, one, frame, true).await? };
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn page_of(staff: &Staff, one: &StoredOpening, frame: Frame, stays: bool) -> Result<DoorPage, Problem> {
    let (opening, now) = (one.opening.clone(), staff.engine().now());
    let until = now.min(opening.ends_at);
    let read = move |conn: &mut _, _: &_| {
        let looks = door_log::looks(conn, &opening, until, LOOKS)?;
        Ok((door_state::find(conn, opening.id)?, looks))
    };
    let (state, looks) = staff.engine().store.read(read).await?;
    let (l, phase) = (staff.language, one.opening.phase(now));
    let is_moving = matches!(phase, Phase::Joining | Phase::Entering);
    let is_line = one.opening.line().is_some();
    let is_still = is_moving
        && (one.key.is_some() || is_line)
        && state.as_ref().is_none_or(|state| {
            now.duration_since(state.turned_at) > SignedDuration::from_secs(STILL_SECONDS)
        });
    let form = state.as_ref().map(|state| OrderForm::of(&state.note)).unwrap_or_default();
    let time = |at: Timestamp| at.to_zoned(staff.engine().zone.clone()).strftime("%H:%M:%S").to_string();
    let open = |threshold: Threshold| match threshold.last() {
        _ if !is_line => percent(threshold.fraction()),
        Some(Place::LAST) => percent(1.0),
        Some(last) => l.say("doors-open-until").with("time", time(arrival(last))).to_string(),
        None => "–".to_owned(),
    };
    Ok(DoorPage {
        frame,
        errors: FormErrors::none(),
        form,
        code: one.opening.code.to_string(),
        campaign: staff.reader().campaign_name(one.opening.campaign),
        phase: phase_key(phase),
        opens_at: staff.reader().moment(one.opening.opens_at),
        is_over: phase == Phase::Over,
        is_paused: state.as_ref().is_some_and(|state| state.paused),
        awaits_draw: one.key.is_none() && !is_line,
        refresh: (is_moving && !stays).then_some(REFRESH_SECONDS),
        charts: if looks.is_empty() { Vec::new() } else { charts(l, &looks, is_line) },
        lines: looks.iter().map(|look| line(l, look, [time(look.at), open(look.threshold)])).collect(),
        state: state.map(|state| {
            let told = [open(state.threshold), time(state.turned_at)];
            words(l, &state, looks.last(), (is_still, told))
        }),
        width: WIDTH,
        height: HEIGHT,
    })
}

fn words(
    l: Language,
    state: &DoorState,
    last: Option<&DoorSecond>,
    (is_still, [open, turned_at]): (bool, [String; 2]),
) -> StateWords {
    let cap = l.number(state.cap.cap as i64);
    let pace = match state.mode {
        Mode::Fixed { people } => l.say("doors-pace-fixed").with("people", trimmed(people)).to_string(),
        Mode::Automatic | Mode::Paused => l.say("doors-pace-automatic").with("sessions", &cap).to_string(),
    };
    let alive = last.map_or_else(|| "0".to_owned(), |last| number(l, last.alive));
    let step = last.and_then(|last| last.booking_step);
    StateWords {
        pace,
        is_still,
        open,
        asked: l.number(state.joined.count() as i64),
        admitted: number(l, state.admitted),
        booked: number(l, state.booked),
        sessions: l.say("doors-sessions-of").with("alive", alive).with("cap", &cap).to_string(),
        step: step.map(|step| l.say("doors-ms").with("ms", step.as_millis().to_string()).to_string()),
        note: (!state.note.korean.is_empty() || !state.note.english.is_empty())
            .then(|| [state.note.korean.clone(), state.note.english.clone()]),
        turned_at,
    }
}

fn charts(l: Language, looks: &[DoorSecond], is_line: bool) -> Vec<Chart> {
    let of = |value: fn(&DoorSecond) -> f64| looks.iter().map(|look| Some(value(look))).collect::<Vec<_>>();
    let count = |most: f64| l.number(most as i64);
    let steps: Vec<Option<f64>> =
        looks.iter().map(|look| look.booking_step.map(|step| step.as_millis() as f64)).collect();
    let in_ms = |most: f64| l.say("doors-ms").with("ms", count(most)).to_string();
    // How far a line is open is a moment, which is no height of a curve.
    let open = Chart::new("doors-chart-open", &of(|look| look.threshold.fraction()), None, percent);
    let others = [
        Chart::new(
            "doors-chart-came",
            &of(|look| look.admitted as f64),
            Some(&of(|look| look.booked as f64)),
            count,
        ),
        Chart::new(
            "doors-chart-sessions",
            &of(|look| look.alive as f64),
            Some(&of(|look| look.cap as f64)),
            count,
        ),
        Chart::new("doors-chart-steps", &steps, None, in_ms),
    ];
    (!is_line).then_some(open).into_iter().chain(others).collect()
}

fn line(l: Language, look: &DoorSecond, [at, open]: [String; 2]) -> [String; 7] {
    let step = look.booking_step.map_or_else(|| "–".to_owned(), |step| step.as_millis().to_string());
    let [admitted, booked, alive, cap] =
        [look.admitted, look.booked, look.alive, look.cap].map(|count| number(l, count));
    [at, open, admitted, booked, alive, cap, step]
}

fn number(l: Language, count: u64) -> String {
    l.number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A share in percent, exact enough for the first second of ten million people.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent < 1.0 { format!("{percent:.4}%") } else { format!("{percent:.1}%") }
}

/// A number of people a second without needless digits.
fn trimmed(people: f64) -> String {
    let text = format!("{people:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
