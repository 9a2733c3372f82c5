//! The URL map: every page with who it is for and which part of the service it belongs to. A route that is not here does
//! not exist; a test walks the map.

use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError};

use super::gate::pass_the_door;
use super::lanes::keep_lane;
use super::pages::{
    book, bookings, campaign, cancel, change, clinic, demo, done, door, draw, find, find_code, gateways,
    hold, home, machines, me, moved, offer, paper, people, sign_in, standby, told, turn_text, wait,
};
use super::problem::Problem;
use super::record::Pattern;
use crate::domain::door::concurrency::Class;

/// Which part of the service a page belongs to, and so what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Anybody at any time.
    Open,
    /// Codes and people; has rates of its own.
    Identity,
    /// Search, hold, confirm, swap: the door must admit.
    Booking,
    /// Leftover doses, and other times for those whose site has closed: no door, because they go to whom they are offered to.
    Offer,
    /// The clinic's own lane.
    Staff,
    /// For machines: health, figures.
    System,
    /// Only in the demo.
    Demo,
}

/// Whom a page serves. It refuses everybody else, and `tests/access` asks it in every role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nothing,
    /// Somebody who proved a phone.
    Phone,
    /// Whoever made the booking that the path names, whom it is for, or who found it by reference, phone and code.
    OwnBooking,
    /// The account that holds the seats that the path names, or booked them.
    OwnParty,
    /// The account whose list the person stands in: the path's number counts in one's own list.
    OwnPerson,
    /// The owner of an account that somebody else cares for.
    OwnCarer,
    /// A member of staff.
    Staff,
    /// A member of staff of the site that the path names, or of all sites.
    StaffOfSite,
    /// A member of staff of the call centre or the authority.
    CallCentre,
    /// An auditor.
    Auditor,
    /// A member of staff of the authority, which sees all sites and leads evenings.
    Authority,
    /// Whoever has the link that an offer's text holds.
    OfferLink,
    /// Whoever has the link in the text about a site that has closed.
    MovedLink,
    /// A machine of the operator, see [`super::network::Monitor`].
    Monitor,
    /// The gateway that the path names, which signs what it brings.
    Gateway,
}

/// A page in the URL map.
pub struct Route {
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Which part of the service it belongs to.
    pub tag: Tag,
    /// The verbs it answers to, each with whom it serves. HEAD goes with GET.
    pub serves: Vec<(&'static str, Needs)>,
    /// In which lane it is worked on; `None` for what comes from memory.
    lane: Option<Class>,
    resource: Resource,
}

impl Route {
    fn new(path: &'static str, tag: Tag) -> Self {
        let lane = match tag {
            Tag::Open | Tag::System | Tag::Demo => None,
            Tag::Identity => Some(Class::Arriving),
            Tag::Booking => Some(Class::Booking),
            Tag::Offer => Some(Class::Finishing),
            Tag::Staff => Some(Class::Staff),
        };
        let resource = web::resource(path).app_data(Pattern(path));
        Self { path, tag, serves: Vec::new(), lane, resource }
    }

    /// Works on it in another lane than the others with its tag.
    fn in_lane(self, class: Class) -> Self {
        Self { lane: Some(class), ..self }
    }

    fn get<F, Args>(mut self, needs: Needs, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.serves.extend([("GET", needs), ("HEAD", needs)]);
        self.resource = self.resource.route(web::get().to(handler.clone())).route(web::head().to(handler));
        self
    }

    fn post<F, Args>(mut self, needs: Needs, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.serves.push(("POST", needs));
        self.resource = self.resource.route(web::post().to(handler));
        self
    }

    /// Whom it serves by a verb; `None` when it does not know the verb.
    pub fn needs(&self, verb: &str) -> Option<Needs> {
        self.serves.iter().find(|(known, _)| *known == verb).map(|(_, needs)| *needs)
    }

    /// The verbs it answers to, as `Allow` names them.
    pub fn verbs(&self) -> String {
        self.serves.iter().map(|(verb, _)| *verb).collect::<Vec<_>>().join(", ")
    }
}

/// Every page there is. `demo` adds what only the demo shows. Paths are tried in this order, and each that holds a name
/// costs a regular expression, so that what is asked most on the evening stands first.
pub fn map(demo: bool) -> Vec<Route> {
    let mut map = evening_pages();
    map.extend(booking_pages());
    map.extend(open_pages());
    map.extend(identity_pages());
    map.extend(offer_pages());
    map.extend(staff_pages());
    map.extend(system_pages());
    if demo {
        map.extend(demo_pages());
    }
    map
}

/// What everybody asks for. Waiting pages are not looked for here: they are found in memory.
fn evening_pages() -> Vec<Route> {
    use Needs::Nothing;
    use Tag::Open;
    vec![
        Route::new("/", Open).get(Nothing, home::home),
        Route::new("/door/{opening}", Open).get(Nothing, door::door).post(Nothing, door::knock),
    ]
}

fn open_pages() -> Vec<Route> {
    use Needs::{Nothing, OwnBooking, OwnParty};
    use Tag::Open;
    let own = |path| Route::new(path, Open).in_lane(Class::Finishing);
    let draw = |path| Route::new(path, Open).in_lane(Class::Arriving);
    vec![
        Route::new(wait::PATH, Open).get(Nothing, wait::wait),
        Route::new("/wait/{opening}/status.json", Open).get(Nothing, wait::status),
        Route::new("/book", Open).get(Nothing, book::start::start),
        Route::new("/language", Open).get(Nothing, home::ask_language).post(Nothing, home::choose_language),
        Route::new("/campaigns/{slug}", Open).get(Nothing, campaign::campaign),
        own("/bookings").get(Nothing, bookings::list),
        own("/bookings/{reference}").get(OwnBooking, bookings::one),
        own("/bookings/{reference}/cancel").get(OwnBooking, cancel::ask).post(OwnBooking, cancel::cancel),
        own("/bookings/{reference}/calendar.ics").get(OwnBooking, paper::calendar_file),
        own("/bookings/{reference}/tell").post(OwnBooking, told::again),
        own("/done/{token}").get(OwnParty, done::done),
        own("/r/{reference}").get(Nothing, find::by_reference),
        draw("/draw/{opening}.json").get(Nothing, draw::files::document),
        draw("/draw/{opening}").get(Nothing, draw::draw),
        draw("/draw/{opening}/log.csv").get(Nothing, draw::files::log),
        draw("/draw/{opening}/proof").get(Needs::Phone, draw::files::proof),
    ]
}

fn identity_pages() -> Vec<Route> {
    use Needs::{Nothing, OwnCarer, OwnPerson, Phone};
    use Tag::Identity;
    vec![
        Route::new("/sign-in", Identity).get(Nothing, sign_in::ask_phone).post(Nothing, sign_in::send_code),
        Route::new("/sign-in/code", Identity)
            .get(Nothing, sign_in::ask_code)
            .post(Nothing, sign_in::try_code),
        Route::new("/sign-in/again", Identity).post(Nothing, sign_in::send_again),
        Route::new("/sign-in/birth-date", Identity)
            .get(Nothing, sign_in::ask_birth_date)
            .post(Nothing, sign_in::try_birth_date),
        Route::new("/sign-in/anew", Identity)
            .get(Nothing, sign_in::ask_anew)
            .post(Nothing, sign_in::begin_anew),
        Route::new("/sign-in/continue", Identity).get(Phone, sign_in::go_on),
        Route::new("/sign-out", Identity).post(Nothing, sign_in::sign_out),
        Route::new("/door/{opening}/turn", Identity).post(Phone, turn_text::tell),
        Route::new("/people", Identity).get(Phone, people::list),
        Route::new("/people/new", Identity).get(Phone, people::ask_new).post(Phone, people::add),
        Route::new("/people/{number}", Identity)
            .get(OwnPerson, people::ask_change)
            .post(OwnPerson, people::change),
        Route::new("/people/{number}/remove", Identity)
            .get(OwnPerson, people::ask_remove)
            .post(OwnPerson, people::remove),
        Route::new("/me", Identity).get(Phone, me::me),
        Route::new("/me/download", Identity).get(Phone, me::download),
        Route::new("/me/messages", Identity).get(Phone, me::messages::ask).post(Phone, me::messages::keep),
        Route::new("/me/phone", Identity).get(Phone, me::phone::ask).post(Phone, me::phone::send_code),
        Route::new("/me/phone/code", Identity)
            .get(Phone, me::phone::ask_code)
            .post(Phone, me::phone::try_code),
        Route::new("/me/phone/again", Identity).post(Phone, me::phone::send_again),
        Route::new("/me/email", Identity).get(Phone, me::email::ask).post(Phone, me::email::send_code),
        Route::new("/me/email/code", Identity)
            .get(Phone, me::email::ask_code)
            .post(Phone, me::email::try_code),
        Route::new("/me/email/again", Identity).post(Phone, me::email::send_again),
        Route::new("/me/email/remove", Identity).post(Phone, me::email::remove),
        Route::new("/me/carers/{care}", Identity).get(OwnCarer, me::ask_revoke).post(OwnCarer, me::revoke),
        Route::new("/me/erase", Identity).get(Phone, me::ask_erase).post(Phone, me::erase),
        Route::new("/me/sign-out-everywhere", Identity).post(Phone, me::sign_out_everywhere),
        Route::new("/find", Identity).get(Nothing, find::form).post(Nothing, find::find),
        Route::new("/find/code", Identity).get(Nothing, find_code::ask).post(Nothing, find_code::enter),
        Route::new("/find/again", Identity).post(Nothing, find_code::send_again),
        Route::new("/find/close", Identity).post(Nothing, find::close),
    ]
}

fn booking_pages() -> Vec<Route> {
    use Needs::{OwnParty, Phone};
    use Tag::Booking;
    let held = |path| Route::new(path, Booking).in_lane(Class::Finishing);
    let mut pages = vec![
        Route::new("/book/{slug}/where", Booking).get(Phone, book::choose_place),
        Route::new("/book/{slug}/who", Booking).get(Phone, book::who::who),
        Route::new("/book/{slug}/{site}/when", Booking).get(Phone, book::choose_time),
        Route::new("/book/{slug}/{site}/hold", Booking)
            .get(Phone, book::hold::show_times)
            .post(Phone, book::hold::hold),
        held("/hold/{token}/second").get(OwnParty, book::second::choose).post(OwnParty, book::second::hold),
        held("/hold/{token}").get(OwnParty, hold::hold),
        held("/hold/{token}/extend").post(OwnParty, hold::extend),
        held("/hold/{token}/confirm").post(OwnParty, hold::confirm),
        held("/hold/{token}/release").post(OwnParty, hold::release),
    ];
    pages.extend(change_pages());
    pages
}

fn change_pages() -> Vec<Route> {
    use Needs::OwnBooking;
    use Tag::Booking;
    vec![
        Route::new("/bookings/{reference}/change", Booking)
            .get(OwnBooking, change::change)
            .post(OwnBooking, change::swap),
        Route::new("/bookings/{reference}/change/where", Booking).get(OwnBooking, change::choose_place),
        Route::new("/bookings/{reference}/change/{site}/when", Booking).get(OwnBooking, change::choose_time),
        Route::new("/bookings/{reference}/change/{site}/check", Booking).get(OwnBooking, change::check),
    ]
}

fn offer_pages() -> Vec<Route> {
    use Needs::{MovedLink, Nothing, OfferLink, Phone};
    let page = |path| Route::new(path, Tag::Offer);
    vec![
        page("/standby").get(Phone, standby::list),
        page("/standby/new").get(Phone, standby::ask::ask).post(Phone, standby::ask::keep),
        page("/standby/end").post(Phone, standby::end),
        page("/standby/order").get(Nothing, standby::order::order),
        page("/standby/order.csv").get(Nothing, standby::order::file),
        page("/moved/{moved}").get(MovedLink, moved::show).post(MovedLink, moved::pick),
        page("/offer/{offer}").get(OfferLink, offer::show).post(OfferLink, offer::answer),
    ]
}

fn staff_pages() -> Vec<Route> {
    use Needs::{Auditor, Authority, CallCentre, Nothing, Staff, StaffOfSite};
    let page = |path| Route::new(path, Tag::Staff);
    vec![
        page("/clinic/sign-in").get(Nothing, clinic::sign_in::ask).post(Nothing, clinic::sign_in::sign_in),
        page("/clinic/sign-in/code")
            .get(Nothing, clinic::sign_in_code::ask)
            .post(Nothing, clinic::sign_in_code::prove),
        page("/clinic/sign-out").post(Nothing, clinic::sign_in::sign_out),
        page("/clinic/account").get(Staff, clinic::account::account).post(Staff, clinic::account::act),
        page("/clinic/account/second-factor")
            .get(Staff, clinic::second_factor::ask)
            .post(Staff, clinic::second_factor::begin),
        page("/clinic").get(Staff, clinic::sites::sites),
        page("/clinic/audit").get(Auditor, clinic::audit::review).post(Auditor, clinic::audit::export),
        page("/clinic/callers/{opening}")
            .get(CallCentre, clinic::callers::ask)
            .post(CallCentre, clinic::callers::tell),
        page("/clinic/doors").get(Authority, clinic::doors::list),
        page("/clinic/doors/{opening}")
            .get(Authority, clinic::doors::door)
            .post(Authority, clinic::doors::act),
        page("/clinic/messages")
            .get(Authority, clinic::messages::messages)
            .post(Authority, clinic::messages::act),
        page("/clinic/messages/{gateway}")
            .get(Authority, clinic::gateway::look)
            .post(Authority, clinic::gateway::test),
        page("/clinic/{site}").get(StaffOfSite, clinic::today::today),
        page("/clinic/{site}/find")
            .get(StaffOfSite, clinic::find::back)
            .post(StaffOfSite, clinic::find::find),
        page("/clinic/{site}/end").get(StaffOfSite, clinic::end::list).post(StaffOfSite, clinic::end::close),
        page("/clinic/{site}/roster").get(StaffOfSite, clinic::roster::roster),
        page("/clinic/{site}/roster/sheet").get(StaffOfSite, clinic::sheet::sheet),
        page("/clinic/{site}/roster.csv").get(StaffOfSite, clinic::csv::csv),
        page("/clinic/{site}/schedule")
            .get(StaffOfSite, clinic::schedule::show)
            .post(StaffOfSite, clinic::schedule::act),
        page("/clinic/{site}/leftovers")
            .get(StaffOfSite, clinic::leftovers::list)
            .post(StaffOfSite, clinic::leftovers::act),
        page("/clinic/{site}/supply")
            .get(StaffOfSite, clinic::supply::list)
            .post(StaffOfSite, clinic::supply::act),
        page("/clinic/{site}/lots").get(StaffOfSite, clinic::lots::list).post(StaffOfSite, clinic::lots::add),
        page("/clinic/{site}/lots/recall")
            .get(Authority, clinic::recall::ask)
            .post(Authority, clinic::recall::act),
        page("/clinic/{site}/lots/given.csv").get(Authority, clinic::recall::given),
        page("/clinic/{site}/bookings/{reference}")
            .get(StaffOfSite, clinic::visit::show)
            .post(StaffOfSite, clinic::visit::act),
        page("/clinic/{site}/bookings/{reference}/open")
            .get(StaffOfSite, clinic::names::ask)
            .post(StaffOfSite, clinic::names::open),
    ]
}

fn system_pages() -> Vec<Route> {
    use Needs::{Gateway, Monitor, Nothing};
    let page = |path| Route::new(path, Tag::System);
    vec![
        page("/healthz").get(Nothing, machines::alive),
        page("/readyz").get(Monitor, machines::ready),
        page("/metrics").get(Monitor, machines::figures),
        page("/gateways/{gateway}/receipts/{row}/{tried_at}").post(Gateway, gateways::receipt),
        page("/gateways/{gateway}/replies").post(Gateway, gateways::reply),
        page("/robots.txt").get(Nothing, machines::robots),
        page("/favicon.ico").get(Nothing, machines::icon),
        page("/static/icon.svg").get(Nothing, machines::icon),
    ]
}

fn demo_pages() -> Vec<Route> {
    vec![
        Route::new("/demo/messages", Tag::Demo).get(Needs::Nothing, demo::messages),
        Route::new("/demo/problems/{problem}", Tag::Demo).get(Needs::Nothing, demo::problem),
    ]
}

/// Tells actix-web of every page in the map.
pub fn configure(config: &mut ServiceConfig, demo: bool) {
    for route in map(demo) {
        let allowed = route.verbs();
        let resource = route.resource.default_service(web::to(move || wrong_verb(allowed.clone())));
        match (route.tag, route.lane) {
            (Tag::Booking, lane) => {
                let class = lane.unwrap_or(Class::Booking);
                config
                    .service(resource.wrap(from_fn(move |request, next| pass_the_door(class, request, next))))
            }
            (_, Some(class)) => {
                config.service(resource.wrap(from_fn(move |request, next| keep_lane(class, request, next))))
            }
            (_, None) => config.service(resource),
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
