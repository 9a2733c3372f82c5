//! A place in line, kept by the browser: a signed ticket in a cookie of its own for each opening, so that standing in a
//! second line costs nobody their place in the first.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;

use super::{Web, WebSettings, cookie, network};
use crate::domain::door::opening::{Opening, OpeningCode};
use crate::domain::door::ticket::Ticket;

/// What the browser shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// No ticket.
    Nothing,
    /// Something that counts nothing: forged, changed, over, or from another opening.
    Worthless,
    /// A place in this line.
    Good(Ticket),
}

/// The ticket for an opening that the browser keeps.
pub fn read(web: &Web, request: &HttpRequest, opening: &Opening) -> Shown {
    let Some(text) = network::cookie(request, &name(&web.settings, &opening.code)) else {
        return Shown::Nothing;
    };
    let read = web.engine.door.read_ticket(text, &opening.code, web.engine.now());
    read.map_or(Shown::Worthless, Shown::Good)
}

/// The cookie that keeps a ticket.
pub fn cookie_of(web: &Web, ticket: &Ticket) -> Cookie<'static> {
    let lasts = ticket.expires_at.duration_since(web.engine.now()).as_secs();
    let text = web.engine.door.write_ticket(ticket);
    cookie::kept(&web.settings, name(&web.settings, &ticket.opening), text, Duration::seconds(lasts))
}

/// The cookie that makes the browser give a ticket up.
pub fn given_up(settings: &WebSettings, opening: &OpeningCode) -> Cookie<'static> {
    cookie::kept(settings, name(settings, opening), "", Duration::ZERO)
}

fn name(settings: &WebSettings, opening: &OpeningCode) -> String {
    let name = if settings.demo.is_some() { "sunbeon_ticket_demo" } else { "__Host-sunbeon-ticket" };
    format!("{name}-{opening}")
}
