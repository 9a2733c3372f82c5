//! The URL map: every page with who it is for and which part of the service it belongs to. A route that is not here does
//! not exist; a test walks the map.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError};

use super::Web;
use super::pages::{
    book, bookings, campaign, cancel, change, clinic, demo, done, find, find_code, hold, home, machines, me,
    paper, people, sign_in,
};
use super::problem::Problem;
use crate::engine::door::Admission;

/// Which part of the service a page belongs to, and so what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Anybody at any time.
    Open,
    /// Codes and people; has rates of its own.
    Identity,
    /// Search, hold, confirm, swap: the door must admit.
    Booking,
    /// The clinic's own lane.
    Staff,
    /// For machines: health, figures.
    System,
    /// Only in the demo.
    Demo,
}

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A proved phone, or for one booking its reference, phone and code.
    Phone,
    /// A member of staff.
    Staff,
}

/// A page in the URL map.
pub struct Route {
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Which part of the service it belongs to.
    pub tag: Tag,
    /// Who may see it.
    pub needs: Needs,
    /// The verbs it answers to.
    pub verbs: Vec<&'static str>,
    resource: Resource,
}

impl Route {
    fn new(path: &'static str, tag: Tag, needs: Needs) -> Self {
        Self { path, tag, needs, verbs: Vec::new(), resource: web::resource(path) }
    }

    fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.verbs.push("GET");
        self.resource = self.resource.route(web::get().to(handler.clone())).route(web::head().to(handler));
        self
    }

    fn post<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.verbs.push("POST");
        self.resource = self.resource.route(web::post().to(handler));
        self
    }
}

/// Every page there is. `demo` adds what only the demo shows.
pub fn map(demo: bool) -> Vec<Route> {
    let mut map = Vec::new();
    map.extend(open_pages());
    map.extend(identity_pages());
    map.extend(booking_pages());
    map.extend(staff_pages());
    map.extend(system_pages());
    if demo {
        map.extend(demo_pages());
    }
    map
}

fn open_pages() -> Vec<Route> {
    use Needs::{Nothing, Phone};
    use Tag::Open;
    vec![
        Route::new("/", Open, Nothing).get(home::home),
        Route::new("/language", Open, Nothing).get(home::ask_language).post(home::choose_language),
        Route::new("/campaigns/{slug}", Open, Nothing).get(campaign::campaign),
        Route::new("/bookings", Open, Nothing).get(bookings::list),
        Route::new("/bookings/{reference}", Open, Phone).get(bookings::one),
        Route::new("/bookings/{reference}/cancel", Open, Phone).get(cancel::ask).post(cancel::cancel),
        Route::new("/bookings/{reference}/calendar.ics", Open, Phone).get(paper::calendar_file),
        Route::new("/done/{token}", Open, Phone).get(done::done),
        Route::new("/r/{reference}", Open, Nothing).get(find::by_reference),
    ]
}

fn identity_pages() -> Vec<Route> {
    use Needs::{Nothing, Phone};
    use Tag::Identity;
    vec![
        Route::new("/sign-in", Identity, Nothing).get(sign_in::ask_phone).post(sign_in::send_code),
        Route::new("/sign-in/code", Identity, Nothing).get(sign_in::ask_code).post(sign_in::try_code),
        Route::new("/sign-in/again", Identity, Nothing).post(sign_in::send_again),
        Route::new("/sign-in/continue", Identity, Phone).get(sign_in::go_on),
        Route::new("/sign-out", Identity, Nothing).post(sign_in::sign_out),
        Route::new("/people", Identity, Phone).get(people::list),
        Route::new("/people/new", Identity, Phone).get(people::ask_new).post(people::add),
        Route::new("/people/{number}", Identity, Phone).get(people::ask_change).post(people::change),
        Route::new("/people/{number}/remove", Identity, Phone).get(people::ask_remove).post(people::remove),
        Route::new("/me", Identity, Phone).get(me::me),
        Route::new("/me/download", Identity, Phone).get(me::download),
        Route::new("/me/email", Identity, Phone).get(me::ask_email).post(me::send_code),
        Route::new("/me/email/code", Identity, Phone).get(me::ask_code).post(me::try_code),
        Route::new("/me/email/again", Identity, Phone).post(me::send_again),
        Route::new("/me/email/remove", Identity, Phone).post(me::remove_email),
        Route::new("/me/carers/{care}", Identity, Phone).get(me::ask_revoke).post(me::revoke),
        Route::new("/me/erase", Identity, Phone).get(me::ask_erase).post(me::erase),
        Route::new("/me/sign-out-everywhere", Identity, Phone).post(me::sign_out_everywhere),
        Route::new("/find", Identity, Nothing).get(find::form).post(find::find),
        Route::new("/find/code", Identity, Nothing).get(find_code::ask).post(find_code::enter),
        Route::new("/find/again", Identity, Nothing).post(find_code::send_again),
    ]
}

fn booking_pages() -> Vec<Route> {
    use Needs::{Nothing, Phone};
    use Tag::Booking;
    let mut pages = vec![
        Route::new("/book", Booking, Nothing).get(book::start::start),
        Route::new("/book/{slug}/who", Booking, Phone).get(book::who::who),
        Route::new("/book/{slug}/where", Booking, Phone).get(book::choose_place),
        Route::new("/book/{slug}/{site}/when", Booking, Phone).get(book::choose_time),
        Route::new("/book/{slug}/{site}/hold", Booking, Phone)
            .get(book::hold::show_times)
            .post(book::hold::hold),
        Route::new("/hold/{token}/second", Booking, Phone).get(book::second::choose).post(book::second::hold),
        Route::new("/hold/{token}", Booking, Phone).get(hold::hold),
        Route::new("/hold/{token}/extend", Booking, Phone).post(hold::extend),
        Route::new("/hold/{token}/confirm", Booking, Phone).post(hold::confirm),
        Route::new("/hold/{token}/release", Booking, Phone).post(hold::release),
    ];
    pages.extend(change_pages());
    pages
}

fn change_pages() -> Vec<Route> {
    use Needs::Phone;
    use Tag::Booking;
    vec![
        Route::new("/bookings/{reference}/change", Booking, Phone).get(change::change).post(change::swap),
        Route::new("/bookings/{reference}/change/where", Booking, Phone).get(change::choose_place),
        Route::new("/bookings/{reference}/change/{site}/when", Booking, Phone).get(change::choose_time),
        Route::new("/bookings/{reference}/change/{site}/check", Booking, Phone).get(change::check),
    ]
}

fn staff_pages() -> Vec<Route> {
    use Needs::Nothing;
    let staff = |path| Route::new(path, Tag::Staff, Needs::Staff);
    vec![
        Route::new("/clinic/sign-in", Tag::Staff, Nothing)
            .get(clinic::sign_in::ask)
            .post(clinic::sign_in::sign_in),
        Route::new("/clinic/sign-out", Tag::Staff, Nothing).post(clinic::sign_in::sign_out),
        staff("/clinic").get(clinic::sites::sites),
        staff("/clinic/{site}/roster").get(clinic::roster::roster),
        staff("/clinic/{site}/roster/sheet").get(clinic::sheet::sheet),
        staff("/clinic/{site}/roster.csv").get(clinic::csv::csv),
        staff("/clinic/{site}/bookings/{reference}/open").get(clinic::names::ask).post(clinic::names::open),
    ]
}

fn system_pages() -> Vec<Route> {
    let system = |path| Route::new(path, Tag::System, Needs::Nothing);
    vec![
        system("/healthz").get(machines::alive),
        system("/readyz").get(machines::ready),
        system("/metrics").get(machines::figures),
        system("/robots.txt").get(machines::robots),
        system("/favicon.ico").get(machines::icon),
        system("/static/icon.svg").get(machines::icon),
    ]
}

fn demo_pages() -> Vec<Route> {
    vec![Route::new("/demo/messages", Tag::Demo, Needs::Nothing).get(demo::messages)]
}

/// Tells actix-web of every page in the map.
pub fn configure(config: &mut ServiceConfig, demo: bool) {
    for route in map(demo) {
        let allowed = route.verbs.join(", ");
        let resource = route.resource.default_service(web::to(move || wrong_verb(allowed.clone())));
        match route.tag {
            Tag::Booking => config.service(resource.wrap(from_fn(pass_the_door))),
            _ => config.service(resource),
        };
    }
}

/// The answer to a verb that a page does not know; RFC 9110 wants it to say which ones it does.
async fn wrong_verb(allowed: String) -> HttpResponse {
    let mut answer = Problem::WrongVerb.error_response();
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(header::ALLOW, allowed);
    }
    answer
}

/// No booking page answers without the door, whatever the verb.
async fn pass_the_door(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let web = request.app_data::<Data<Web>>().ok_or(Problem::Broken)?;
    match web.engine.door.admits(web.engine.now()) {
        Admission::Open => next.call(request).await,
    }
}
