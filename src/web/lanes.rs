//! How many requests are worked on at once, by class: what is too much is told at once to come back, so that what is taken
//! on stays quick. Waiting pages have no lane, since they come from memory; they only give way to the others.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, ResponseError};
use jiff::SignedDuration;

use super::problem::Problem;
use super::session::Session;
use super::{Web, posted};
use crate::domain::door::concurrency::{AtOnce, Class, ConcurrencyLimit};
use crate::domain::ids::OpeningId;

/// Requests at once before anything is known of this machine.
const FIRST_LIMIT: u32 = 256;

/// After how long the limit looks at what was measured, and how often each worker looks how late it is.
const WINDOW: Duration = Duration::from_millis(100);

/// From how late a worker is on waiting pages give way, how many times as long, and for how long at most.
const LATE: Duration = Duration::from_millis(20);
const GIVES_WAY: u32 = 10;
const GIVES_WAY_MAX: Duration = Duration::from_secs(2);

thread_local! {
    /// How late this worker is: how long a request waits in it before anybody looks at it.
    static LAG: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// What is worked on now.
pub struct Lanes(Mutex<Now>);

struct Now {
    limit: ConcurrencyLimit,
    at_once: AtOnce,
    window: Window,
}

/// What the last tenth of a second brought.
struct Window {
    began: Instant,
    most: u32,
    requests: u32,
    took: Duration,
}

impl Window {
    fn new(at_once: u32) -> Self {
        Self { began: Instant::now(), most: at_once, requests: 0, took: Duration::ZERO }
    }
}

/// A request that is worked on, until this is dropped.
pub(super) struct InWork<'a> {
    lanes: &'a Lanes,
    class: Class,
    began: Instant,
}

/// Marks a form that came when there was too much to do: it is read, so that what was typed can be given back, and no more.
pub(super) struct TurnedAway;

impl Default for Lanes {
    fn default() -> Self {
        let limit = ConcurrencyLimit::new(FIRST_LIMIT);
        Self(Mutex::new(Now { limit, at_once: AtOnce::default(), window: Window::new(0) }))
    }
}

impl Lanes {
    /// Begins with a request; nothing to hold on to for a form that is marked.
    fn begin(&self, class: Class, request: &ServiceRequest) -> Result<Option<InWork<'_>>, Problem> {
        match self.take(class) {
            Err(_) if *request.method() == Method::POST => {
                request.extensions_mut().insert(TurnedAway);
                Ok(None)
            }
            taken => taken.map(Some),
        }
    }

    /// Begins with work that no lane of its page stands for: most of those who ask there get an answer from memory.
    ///
    /// # Errors
    /// [`Problem::Busy`] when there is too much to do.
    pub(super) fn take(&self, class: Class) -> Result<InWork<'_>, Problem> {
        let mut now = self.now();
        if !now.limit.admits(class, now.at_once, lag()) {
            drop(now);
            metrics::counter!("sunbeon_turned_away_total", "class" => class.word()).increment(1);
            return Err(Problem::Busy);
        }
        *now.at_once.of(class) += 1;
        now.window.most = now.window.most.max(now.at_once.all());
        Ok(InWork { lanes: self, class, began: Instant::now() })
    }

    fn leave(&self, class: Class, took: Duration) {
        let mut now = self.now();
        *now.at_once.of(class) -= 1;
        now.window.requests += 1;
        now.window.took += took;
        if now.window.began.elapsed() < WINDOW {
            return;
        }
        let (took, most) = (now.window.took / now.window.requests, now.window.most);
        now.limit.note(took, most);
        now.window = Window::new(now.at_once.all());
        metrics::gauge!("sunbeon_requests_limit").set(f64::from(now.limit.requests()));
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins with a request, once its form is here: whoever sends half of one takes no place from others, and is not taken for
/// a slow machine. When there is too much to do already, a form is marked and answered all the same ([`TurnedAway`]), with
/// nothing to hold on to. The page has a class, and the visitor stands in one ([`class_of`]).
///
/// # Errors
/// [`Problem::Busy`] for anything else that is too much; those of [`posted::arrive`].
pub(super) async fn enter<'a>(
    web: &'a Web,
    (class, stands): (Class, Class),
    request: &mut ServiceRequest,
) -> Result<Option<InWork<'a>>, Problem> {
    if *request.method() == Method::POST {
        posted::arrive(request).await?;
    }
    let begun = web.lanes.begin(class, request);
    // Strangers don't count: else anybody who sends many requests could slow the door down for all.
    let is_turned_away = !matches!(begun, Ok(Some(_)));
    match stands {
        Class::Booking => web.engine.door.note_request(is_turned_away),
        Class::Entering => web.engine.door.note_entering(is_turned_away),
        _ => {}
    }
    begun
}

/// Where somebody stands on the evening who proves their phone or writes their list: who was let in, or has named a phone
/// whose turn it is, does not stand among strangers, of whom there may be any number.
pub(super) fn class_of(web: &Web, request: &ServiceRequest) -> Class {
    if !request.headers().contains_key(header::COOKIE) {
        return Class::Arriving;
    }
    let now = web.engine.now();
    let standing = web.engine.standing_doors(now);
    if standing.is_empty() {
        return Class::Arriving;
    }
    let Some(session) = Session::read(web, request.request()) else { return Class::Arriving };
    let any = |is: &dyn Fn(OpeningId) -> bool| standing.iter().any(|one| is(one.opening.id));
    if any(&|opening| session.is_admitted(opening, now, SignedDuration::ZERO)) {
        Class::Booking
    } else if any(&|opening| session.is_called(opening, now)) {
        Class::Entering
    } else {
        Class::Arriving
    }
}

/// Works on a request in the lane of its class.
///
/// # Errors
/// Those of the service behind it.
pub(super) async fn keep_lane<B: MessageBody>(
    class: Class,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let web = request.app_data::<Data<Web>>().cloned().ok_or(Problem::Broken)?;
    let stands = class_of(&web, &request);
    let class = if class == Class::Arriving { stands } else { class };
    match enter(&web, (class, stands), &mut request).await {
        Ok(_in_work) => Ok(next.call(request).await?.map_into_left_body()),
        Err(problem) => Ok(request.into_response(problem.error_response()).map_into_right_body()),
    }
}

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        self.lanes.leave(self.class, self.began.elapsed());
    }
}

/// How long requests wait for this worker, as it was found last.
pub(super) fn lag() -> Duration {
    LAG.get()
}

/// Lets those go before who book: a waiting page costs little, but very many look at once. While this worker is late, each
/// look waits some times as long.
pub(super) async fn give_way() {
    let late = lag();
    if late > LATE {
        tokio::time::sleep((late * GIVES_WAY).min(GIVES_WAY_MAX)).await;
    }
}

/// Watches how late this worker is, as long as it runs: it is to be woken every tenth of a second, and notes when it is
/// really. Requests that are ready wait as long behind the same others.
pub(super) async fn watch_lag() {
    loop {
        let began = Instant::now();
        tokio::time::sleep(WINDOW).await;
        LAG.set(began.elapsed().saturating_sub(WINDOW));
    }
}
