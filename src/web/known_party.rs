//! The party of a visitor who looks around for a place and a time, kept by their own browser in a sealed cookie. Pages
//! with places and times ask for the same people again and again; to read them each time would cost more than the page.
//! It decides nothing: what is held is read anew, and after every form the cookie is given up.

use std::future::{Ready, ready};

use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::{Web, WebSettings, cookie, network};
use crate::domain::birth_date::BirthDate;
use crate::domain::ids::{AccountId, CampaignId, ProductId};
use crate::domain::seat_search::{DoseDay, SeatSearch};
use crate::keys::Use;

/// How long it counts: what another device changes shows after so long at the latest.
const MINUTES: i64 = 5;

/// People of an account's list who can be booked together in a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownParty {
    #[serde(rename = "a")]
    account: AccountId,
    #[serde(rename = "c")]
    campaign: CampaignId,
    /// Who, by their numbers in the list, as they were chosen.
    #[serde(rename = "p")]
    numbers: Vec<i32>,
    #[serde(rename = "b")]
    births: Vec<Date>,
    /// The doses before, when the second is sought.
    #[serde(rename = "d")]
    earlier: Vec<(Date, ProductId)>,
    /// Until when it counts, in seconds since 1970.
    #[serde(rename = "t")]
    until: i64,
}

impl KnownParty {
    /// The party that seats are sought for.
    pub fn of(web: &Web, account: AccountId, numbers: &[i32], search: &SeatSearch) -> Self {
        let closes = search.campaign.closes_at.as_second();
        Self {
            account,
            campaign: search.campaign.id,
            numbers: numbers.to_vec(),
            births: search.births.iter().map(BirthDate::date).collect(),
            earlier: search.earlier.iter().map(|one| (one.day, one.product)).collect(),
            until: closes.min(web.engine.now().as_second() + MINUTES * 60),
        }
    }

    /// When everyone was born and which doses were before, if this is the party that is asked for.
    pub fn is_it(
        &self,
        account: AccountId,
        campaign: CampaignId,
        numbers: &[i32],
    ) -> Option<(Vec<BirthDate>, Vec<DoseDay>)> {
        if (self.account, self.campaign, self.numbers.as_slice()) != (account, campaign, numbers) {
            return None;
        }
        let births: Result<_, _> = self.births.iter().map(|day| BirthDate::new(*day, *day)).collect();
        let earlier = self.earlier.iter().map(|(day, product)| DoseDay { day: *day, product: *product });
        Some((births.ok()?, earlier.collect()))
    }

    /// The cookie that keeps it.
    pub fn cookie(&self, web: &Web) -> Cookie<'static> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        let value = web.engine.keys.seal_token(Use::Party, &plain, &*web.engine.chance);
        cookie::kept(&web.settings, cookie_name(&web.settings), value, Duration::minutes(MINUTES))
    }

    fn read(web: &Web, request: &HttpRequest) -> Option<Self> {
        let cookie = network::cookie(request, cookie_name(&web.settings))?;
        let open = || {
            let plain = web.engine.keys.open_token(Use::Party, cookie).ok()?;
            serde_json::from_slice(&plain).ok()
        };
        let party = web.opened.parties.read(cookie, open)?;
        (web.engine.now().as_second() < party.until).then_some(party)
    }
}

/// Whether the browser keeps a party, still good or not.
pub fn is_kept(request: &HttpRequest, settings: &WebSettings) -> bool {
    network::cookie(request, cookie_name(settings)).is_some()
}

/// The cookie that makes the browser give it up.
pub fn given_up(settings: &WebSettings) -> Cookie<'static> {
    cookie::kept(settings, cookie_name(settings), "", Duration::ZERO)
}

fn cookie_name(settings: &WebSettings) -> &'static str {
    if settings.demo.is_some() { "sunbeon_party_demo" } else { "__Host-sunbeon-party" }
}

/// What the browser keeps, if it keeps anything that counts.
pub struct Kept(pub Option<KnownParty>);

impl FromRequest for Kept {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let web = request.app_data::<Data<Web>>();
        ready(Ok(Self(web.and_then(|web| KnownParty::read(web, request)))))
    }
}
