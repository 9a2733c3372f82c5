//! Standing by for leftover doses: what somebody asks for, and what is offered to them now.

pub mod ask;
pub mod order;

use actix_web::web::Query;
use askama::Template;
use serde::Deserialize;

use super::book::errand::zone_of;
use crate::domain::reference::ReferenceCode;
use crate::store::Tx;
use crate::store::offers::{self, Offer};
use crate::store::standby::{self, Wish};
use crate::web::page::{Answer, Frame};
use crate::web::posted::CitizenPosted;
use crate::web::visitor::Citizen;

#[derive(Template)]
#[template(path = "pages/standby.html")]
struct StandbyPage {
    frame: Frame,
    offers: Vec<OfferLine>,
    wishes: Vec<WishLine>,
}

struct OfferLine {
    link: String,
    text: String,
}

struct WishLine {
    name: String,
    campaign: String,
    sites: Vec<String>,
    /// How far around them, in words.
    reach: String,
    last_day: String,
    ticket: String,
}

/// What was done just before.
#[derive(Deserialize)]
pub struct DoneQuery {
    #[serde(default)]
    done: String,
}

/// What a citizen asks for, and what they are offered.
pub async fn list(mut citizen: Citizen, query: Query<DoneQuery>) -> Answer {
    let owner = citizen.account.id;
    let read = move |conn: &mut _, keys: &_| {
        Ok((standby::of_account(conn, keys, owner)?, offers::open_to(conn, keys, owner)?))
    };
    let (wishes, open) = citizen.engine().store.read(read).await?;
    let now = citizen.engine().now();
    let mut frame = citizen.form_frame();
    let key = match query.done.as_str() {
        "asked" => Some("standby-asked"),
        "ended" => Some("standby-ended"),
        _ => None,
    };
    frame.notice = key.map(|key| citizen.language.say(key).to_string());
    let page = StandbyPage {
        offers: open
            .iter()
            .filter(|one| one.can_be_taken(now))
            .filter_map(|one| offer_line(&citizen, one))
            .collect(),
        wishes: wishes.iter().map(|one| wish_line(&citizen, one)).collect(),
        frame,
    };
    citizen.page(&page)
}

fn offer_line(citizen: &Citizen, one: &Offer) -> Option<OfferLine> {
    let catalogue = citizen.engine().country.now();
    let site = catalogue.site(one.leftover.site)?;
    let answer_by = one.answer_by.to_zoned(zone_of(site, citizen.engine())).time();
    let text = citizen
        .language
        .say("standby-offer-line")
        .with("name", one.person.name.as_str())
        .with("site", site.name.as_str())
        .with("time", citizen.language.time(answer_by))
        .to_string();
    Some(OfferLine { link: format!("/offer/{}", citizen.engine().keys.link("offer", one.id.0)), text })
}

fn wish_line(citizen: &Citizen, one: &Wish) -> WishLine {
    let catalogue = citizen.engine().country.now();
    let sites = one.sites.iter().filter_map(|id| catalogue.site(*id)).map(|site| site.name.clone());
    WishLine {
        name: one.person.name.as_str().to_owned(),
        campaign: citizen.reader().campaign_name(one.campaign),
        sites: sites.collect(),
        reach: ask::reach(citizen.language, one.metres),
        last_day: citizen.language.date(one.last_day),
        ticket: one.ticket.clone(),
    }
}

/// Which wish.
#[derive(Deserialize)]
pub struct EndForm {
    #[serde(default)]
    ticket: String,
}

/// Stands by no more.
pub async fn end(posted: CitizenPosted<EndForm>) -> Answer {
    let CitizenPosted { citizen, form } = posted;
    let owner = citizen.account.id;
    if let Ok(ticket) = ReferenceCode::parse(&form.ticket) {
        let end = move |tx: &mut Tx<'_>| standby::end(tx, owner, ticket.as_str());
        citizen.engine().ledger.write(owner.0, end).await?;
    }
    citizen.go_to("/standby?done=ended")
}
