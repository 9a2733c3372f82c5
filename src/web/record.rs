//! A line in the log and a measurement for every request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use metrics::{Counter, Histogram};

/// The path of a page in the URL map, for whoever records its requests: actix-web would match the route anew to tell it.
#[derive(Clone, Copy)]
pub struct Pattern(pub &'static str);

/// What stands in the place of the pattern for paths that no page has.
const NO_ROUTE: Pattern = Pattern("(no route)");

/// The figures of requests that a worker counts, by route. Finding a figure by its labels costs more than counting, so
/// each is looked up once.
#[derive(Default)]
pub struct Figures(RefCell<HashMap<&'static str, Vec<Figure>>>);

/// The figures of one route, verb and status.
struct Figure {
    verb: &'static str,
    status: u16,
    seconds: Histogram,
    requests: Counter,
}

impl Figures {
    fn count(&self, path: &'static str, verb: &'static str, status: u16, seconds: f64) {
        let mut known = self.0.borrow_mut();
        if let Some(figure) = known.get(path).and_then(|all| find(all, verb, status)) {
            return figure.count(seconds);
        }
        let figure = Figure::of(path, verb, status);
        figure.count(seconds);
        known.entry(path).or_default().push(figure);
    }
}

fn find<'a>(all: &'a [Figure], verb: &str, status: u16) -> Option<&'a Figure> {
    all.iter().find(|one| one.verb == verb && one.status == status)
}

impl Figure {
    fn of(path: &'static str, verb: &'static str, status: u16) -> Self {
        Self {
            verb,
            status,
            seconds: metrics::histogram!("sunbeon_request_seconds", "path" => path, "verb" => verb),
            requests: metrics::counter!(
                "sunbeon_requests_total", "path" => path, "verb" => verb, "status" => status.to_string()
            ),
        }
    }

    fn count(&self, seconds: f64) {
        self.seconds.record(seconds);
        self.requests.increment(1);
    }
}

/// The verb, or `other`: a visitor may send any word, and it may neither reach the log nor become a figure of its own.
fn verb_word(verb: &Method) -> &'static str {
    match *verb {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// One line and one measurement a request. `path` is the route's pattern, which the request knows when it was answered by a
/// route: a real path may hold a reference. What went well is a line at `debug` only: on the evening there are thousands a
/// second, and the figures tell as much.
pub(super) fn note<B>(answer: &ServiceResponse<B>, path: Option<Pattern>, took: Duration) {
    let seconds = took.as_secs_f64();
    let path = path.or_else(|| answer.request().app_data().copied());
    let Pattern(path) = path.unwrap_or(NO_ROUTE);
    let verb = verb_word(answer.request().method());
    let (status, milliseconds) = (answer.status(), seconds * 1000.0);
    if status.is_client_error() || status.is_server_error() {
        tracing::info!(%verb, %path, status = status.as_u16(), milliseconds, "request");
    } else {
        tracing::debug!(%verb, %path, status = status.as_u16(), milliseconds, "request");
    }
    if let Some(figures) = answer.request().app_data::<Figures>() {
        figures.count(path, verb, status.as_u16(), seconds);
    }
}
