//! The pages. `routes` is the URL map; each journey has a file of pages; everything else serves them.

pub mod cookie;
pub mod form;
mod gate;
mod kept;
pub mod known_party;
pub mod lanes;
pub mod language_cookie;
pub mod limits;
mod many_networks;
pub mod network;
pub mod opened;
pub mod page;
pub mod pages;
mod pieces;
pub mod posted;
pub mod problem;
mod reader;
pub mod record;
pub mod resume;
pub mod routes;
pub mod server;
pub mod session;
pub mod shared_page;
pub mod sign_in_limits;
mod staff_cookie;
pub mod style;
mod surround;
pub mod ticket_cookie;
mod unproved;
pub mod visitor;
mod way_back;

use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

use crate::engine::Engine;
use crate::telemetry::Metrics;
use lanes::Lanes;
use limits::CodeLimits;
use opened::OpenedCookies;
use pages::book::site_pages::SitePages;
pub use pages::clinic::gateway::GatewayTests;
use pages::door::DoorPages;
use pages::home::FirstPages;
use pages::wait::WaitingPages;
use problem::BusyPages;
use sign_in_limits::SignInLimits;

/// What every page may use. One for the process.
pub struct Web {
    /// The engine behind the pages.
    pub engine: Arc<Engine>,
    /// How the pages are served.
    pub settings: WebSettings,
    /// What is worked on now.
    pub lanes: Lanes,
    /// Cookies that were opened a moment ago.
    pub opened: OpenedCookies,
    /// How many codes networks may ask for.
    pub code_limits: CodeLimits,
    /// How often staff may try to sign in.
    pub sign_in_limits: SignInLimits,
    /// When members of staff tried a gateway last.
    pub gateway_tests: GatewayTests,
    /// Pages that were written before.
    pub kept: KeptPages,
    /// The figures of this process.
    pub metrics: Metrics,
}

/// Pages as they were written last, for many.
#[derive(Default)]
pub struct KeptPages {
    /// The first page.
    first: FirstPages,
    /// What strangers see at each door.
    door: DoorPages,
    /// That there is too much to do.
    busy: BusyPages,
    /// Where people wait.
    waiting: WaitingPages,
    /// Pages with sites.
    sites: SitePages,
}

/// How the pages are served.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// What only the demo shows; `None` in `serve`.
    pub demo: Option<DemoSettings>,
    /// Where people reach the service, without a slash at the end.
    pub public_url: String,
    /// Whether this process speaks TLS itself.
    pub tls: bool,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the operator's machines ask for readiness and figures from.
    pub monitors: Vec<IpNet>,
    /// Calling codes of the phone numbers that are served.
    pub countries: Vec<String>,
    /// Days a session lasts.
    pub session_days: u32,
    /// People in one account's list.
    pub people_max: u16,
}

/// What only the demo shows.
#[derive(Debug, Clone)]
pub struct DemoSettings {
    /// The spool that `/demo/messages` shows.
    pub spool_file: PathBuf,
}
