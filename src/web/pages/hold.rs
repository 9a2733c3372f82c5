//! Checking the answers while the seats are held: extend, let go, or confirm.

use std::sync::Arc;

use actix_web::web::{Path, Query};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::answers::{Answers, DoseAnswer, PersonAnswer};
use super::appointment::{Appointment, Place, local};
use crate::domain::booking::{BookingState, ConfirmPartyError, ExtendHoldError};
use crate::domain::campaign::Campaign;
use crate::domain::party_token::PartyToken;
use crate::domain::person::CaredFor;
use crate::domain::site::Site;
use crate::engine::desk::{ConfirmParty, ExtendHold, ReleaseHold};
use crate::store::accounts::phone_hash;
use crate::store::bookings::{self, Booking};
use crate::store::holds::{self, PartyState};
use crate::store::people;
use crate::web::page::{Answer, Frame};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

/// From so few extensions on the page says how many are left.
const FEW_EXTENSIONS: u16 = 3;

/// Appointments at two sites that are nearer to each other are told of.
const NEAR_EACH_OTHER: SignedDuration = SignedDuration::from_mins(90);

/// A party with everything its pages show.
pub struct Party {
    /// The party.
    pub state: PartyState,
    /// Its seats, by dose and person; those of an expired hold too.
    pub seats: Vec<Booking>,
    /// The list of the account that holds.
    pub people: Vec<CaredFor>,
    /// Its site.
    pub site: Arc<Site>,
    /// Its campaign.
    pub campaign: Arc<Campaign>,
}

impl Party {
    /// The citizen's own party with this token.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when there is none.
    pub async fn load(citizen: &Citizen, token: &str) -> Result<Self, Problem> {
        let (account, token) = (citizen.account.id, token.to_owned());
        let read = citizen.engine().store.look_up(move |conn, keys| {
            let Some(state) = holds::find_party(conn, account, &token)? else { return Ok(None) };
            let seats = bookings::of_party(conn, keys, state.id)?;
            Ok(Some((state, seats, people::cared_for(conn, keys, account)?)))
        });
        let (state, seats, people) = read.await?.ok_or(Problem::NotFound)?;
        let catalogue = citizen.engine().country.now();
        let site = catalogue.site(state.site).cloned().ok_or(Problem::NotFound)?;
        let campaign = catalogue.campaign(state.campaign).cloned().ok_or(Problem::NotFound)?;
        Ok(Self { state, seats, people, site, campaign })
    }

    /// The citizen's list entry for who gets a seat; `None` when they were taken off the list.
    pub fn cared_for(&self, seat: &Booking) -> Option<&CaredFor> {
        self.people.iter().find(|one| one.person.id == seat.person.id)
    }

    /// The party's people as a query: `p=1&p=3`.
    fn people_query(&self) -> String {
        let mut numbers: Vec<i32> =
            self.seats.iter().filter_map(|seat| self.cared_for(seat)).map(|one| one.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.iter().map(|number| format!("p={number}")).collect::<Vec<_>>().join("&")
    }

    fn who_url(&self) -> String {
        format!("/book/{}/who?{}", self.campaign.slug, self.people_query())
    }

    fn where_url(&self) -> String {
        format!("/book/{}/where?{}", self.campaign.slug, self.people_query())
    }

    /// The times of the same site for the same people.
    fn when_url(&self) -> String {
        format!("/book/{}/{}/when?{}", self.campaign.slug, self.site.code, self.people_query())
    }

    /// The times of the same site and day for the same people.
    fn same_day_url(&self) -> String {
        match self.seats.first() {
            Some(seat) => format!("{}&day={}", self.when_url(), seat.local_date),
            None => self.when_url(),
        }
    }

    fn is_held(&self, now: Timestamp) -> bool {
        self.state.state == BookingState::Held && self.state.expires_at > now
    }
}

#[derive(Template)]
#[template(path = "pages/hold.html")]
struct HoldPage {
    frame: Frame,
    token: String,
    minutes_left: i64,
    until: String,
    may_extend: bool,
    /// Said only when few are left.
    extensions_left: Option<u16>,
    people: Vec<PersonAnswer>,
    place: Place,
    doses: Vec<DoseAnswer>,
    lacks_second: bool,
    /// Bookings that somebody has elsewhere at nearly the same time, in words.
    clashes: Vec<String>,
    campaign: String,
    /// The phone of whoever books, who is told of everything.
    my_phone: String,
    who_url: String,
    where_url: String,
    when_url: String,
}

#[derive(Template)]
#[template(path = "pages/hold-over.html")]
struct HoldOverPage {
    frame: Frame,
    campaign_is_closed: bool,
    again_url: String,
}

/// Seats that wait to be confirmed, as other pages lead back to them.
pub struct StillHeld {
    /// The party's token.
    pub token: String,
    /// Until when.
    pub until: String,
}

impl StillHeld {
    /// What the citizen holds now.
    ///
    /// # Errors
    /// [`Problem::Outage`] when the database fails.
    pub async fn by(citizen: &Citizen) -> Result<Option<Self>, Problem> {
        let (account, now) = (citizen.account.id, citizen.engine().now());
        let read = citizen.engine().store.look_up(move |conn, _| {
            let Some(token) = holds::held_by(conn, account, now)? else { return Ok(None) };
            Ok(holds::find_party(conn, account, &token)?.map(|state| (token, state)))
        });
        let Some((token, state)) = read.await? else { return Ok(None) };
        let site = citizen.engine().country.now().site(state.site).cloned().ok_or(Problem::NotFound)?;
        let until = citizen.language.time(local(&site, state.expires_at).time());
        Ok(Some(Self { token, until }))
    }
}

/// What was done just before.
#[derive(Deserialize)]
pub struct JustDone {
    #[serde(default)]
    extended: String,
    /// Not empty: it could not be confirmed, although the seats are still held.
    #[serde(default)]
    unconfirmed: String,
}

/// The answers to check, and until when the seats are held.
pub async fn hold(mut citizen: Citizen, token: Path<PartyToken>, query: Query<JustDone>) -> Answer {
    let party = Party::load(&citizen, &token).await?;
    let now = citizen.engine().now();
    if party.state.state == BookingState::Booked {
        return citizen.go_to(&format!("/done/{token}"));
    }
    let closed = now >= party.campaign.closes_at;
    if closed || !party.is_held(now) {
        let again_url = party.same_day_url();
        return citizen.page(&HoldOverPage { frame: citizen.frame(), campaign_is_closed: closed, again_url });
    }
    let mut frame = citizen.form_frame();
    let language = frame.language;
    let until = language.time(local(&party.site, party.state.expires_at).time());
    if !query.extended.is_empty() {
        frame.notice = Some(language.say("hold-extended").with("time", &until).to_string());
    }
    if !query.unconfirmed.is_empty() {
        frame.notice = Some(language.say("hold-unconfirmed").to_string());
    }
    let left = citizen.engine().holds.extensions_max.saturating_sub(party.state.extensions);
    let answers = Answers { party: &party, language, booker: &citizen.account };
    let page = HoldPage {
        token: token.to_string(),
        minutes_left: minutes_left(party.state.expires_at, now),
        until,
        may_extend: left > 0,
        extensions_left: (left <= FEW_EXTENSIONS).then_some(left),
        people: answers.people(),
        my_phone: citizen.account.phone.national(),
        place: Place::of(&party.site),
        doses: answers.doses(),
        lacks_second: answers.lacks_later_dose(),
        clashes: clashes(&citizen, &party).await?,
        campaign: party.campaign.name.in_language(language.code()).to_owned(),
        who_url: party.who_url(),
        where_url: party.where_url(),
        when_url: party.when_url(),
        frame,
    };
    citizen.page(&page)
}

/// What people of the party have booked at other sites so near in time that nobody can keep both.
async fn clashes(citizen: &Citizen, party: &Party) -> Result<Vec<String>, Problem> {
    let owner = citizen.account.id;
    let all = citizen.engine().store.read(move |conn, keys| bookings::visible_to(conn, keys, owner)).await?;
    let catalogue = citizen.engine().country.now();
    let is_near = |one: &Booking, seat: &Booking| {
        one.starts_at.duration_since(seat.starts_at).abs() < NEAR_EACH_OTHER
            && one.person.id == seat.person.id
            && one.site != seat.site
    };
    let others = all.iter().filter(|one| one.state == BookingState::Booked);
    let clashing = others.filter(|one| party.seats.iter().any(|seat| is_near(one, seat)));
    let in_words = |one: &Booking| {
        let there = Appointment::of(&catalogue, citizen.language, one)?;
        let said = citizen.language.say("hold-clash").with("name", there.person).with("when", there.when);
        Some(said.with("place", there.place.name).to_string())
    };
    Ok(clashing.filter_map(in_words).collect())
}

/// Whole minutes that are left, the one that has begun included.
fn minutes_left(until: Timestamp, now: Timestamp) -> i64 {
    let seconds = (until.as_second() - now.as_second()).max(0);
    (seconds + 59) / 60
}

/// Keeps the seats for another full time.
pub async fn extend(posted: CitizenPosted<NoFields>, token: Path<PartyToken>) -> Answer {
    let citizen = posted.citizen;
    let party = Party::load(&citizen, &token).await?;
    let order =
        ExtendHold { account: citizen.account.id, token: token.to_string(), rules: citizen.engine().holds };
    match citizen.engine().desks.order(party.state.site, order).await {
        Ok(_) => citizen.go_to(&format!("/hold/{token}?extended=1")),
        Err(error) => match Problem::refusal(error)? {
            // The page says itself that the hold is over, or that it can't be extended any more.
            ExtendHoldError::HoldExpired | ExtendHoldError::TooOften => {
                citizen.go_to(&format!("/hold/{token}"))
            }
        },
    }
}

/// Turns the held seats into bookings. Pressing the button twice is fine.
pub async fn confirm(posted: CitizenPosted<NoFields>, token: Path<PartyToken>) -> Answer {
    let citizen = posted.citizen;
    let party = Party::load(&citizen, &token).await?;
    let engine = citizen.engine();
    let door = engine.door_of(party.campaign.id);
    let order = ConfirmParty {
        account: citizen.account.id,
        token: token.to_string(),
        campaign: party.campaign.clone(),
        door: door.map(|one| (one.opening.id, phone_hash(&engine.keys, &citizen.account.phone))),
    };
    match citizen.engine().desks.order(party.state.site, order).await {
        Ok(_) => {
            citizen.engine().wake_notifier();
            citizen.go_to(&format!("/done/{token}"))
        }
        Err(error) => match Problem::refusal(error)? {
            // The page says itself that the seats went back, or that booking has ended. While they are held, somebody was
            // taken off the list, or a time has passed.
            ConfirmPartyError::HoldExpired | ConfirmPartyError::Closed => {
                citizen.go_to(&format!("/hold/{token}?unconfirmed=1"))
            }
        },
    }
}

/// Lets the seats go and shows the times again.
pub async fn release(posted: CitizenPosted<NoFields>, token: Path<PartyToken>) -> Answer {
    let citizen = posted.citizen;
    let party = Party::load(&citizen, &token).await?;
    if party.state.state == BookingState::Booked {
        return citizen.go_to(&format!("/done/{token}"));
    }
    let order = ReleaseHold { account: citizen.account.id, token: token.to_string() };
    citizen.engine().desks.order(party.state.site, order).await?;
    // Another tab may have confirmed in the same moment, and then there is nothing to let go.
    if Party::load(&citizen, &token).await?.state.state == BookingState::Booked {
        return citizen.go_to(&format!("/done/{token}"));
    }
    citizen.go_to(&party.same_day_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_that_has_begun_counts() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (left, minutes) in [(600, 10), (599, 10), (541, 10), (540, 9), (1, 1), (0, 0), (-5, 0)] {
            assert_eq!(minutes_left(at(1_000 + left), at(1_000)), minutes, "{left} s");
        }
    }
}
