//! Another day or time for the second doses of a held party, at the same site.

use std::sync::Arc;

use actix_web::web::Path;

use super::choices::Choices;
use super::errand::{Errand, Goal, SlotName, held_now, zone_of};
use super::hold::SlotForm;
use super::refused::{self, Refusal};
use super::times::{self, Words};
use crate::domain::booking::SeatWish;
use crate::domain::party_token::PartyToken;
use crate::domain::person::Person;
use crate::domain::seat_search::{DoseDay, LaterDose, SeatSearch};
use crate::domain::site::Site;
use crate::domain::slot::Slot;
use crate::engine::desk::Hold;
use crate::store::bookings::Booking;
use crate::store::held::HeldParty;
use crate::store::holds::HoldParty;
use crate::web::page::Answer;
use crate::web::posted::CitizenPosted;
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Visitor};

/// Times offered in place of one that can't be had.
const NEAREST_MOST: usize = 6;

/// Shows the days, or the times of a day, that keep the interval.
pub async fn choose(mut citizen: Citizen, token: Path<PartyToken>, choices: Choices) -> Answer {
    let Some(errand) = errand(&citizen, &token).await? else {
        return citizen.go_to(&format!("/hold/{}", *token));
    };
    let site = site_of(&citizen, &errand)?;
    times::page(&mut citizen.visitor, &errand, &site, &choices).await
}

/// Holds the same first seats with other second ones. When that is refused the earlier hold stays.
pub async fn hold(posted: CitizenPosted<SlotForm>, token: Path<PartyToken>, choices: Choices) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let Some(errand) = errand(&citizen, &token).await? else {
        return citizen.go_to(&format!("/hold/{}", *token));
    };
    let Goal::Second { held, people } = &errand.goal else { return Err(Problem::NotFound) };
    let site = site_of(&citizen, &errand)?;
    let slots = errand.slots_at(&citizen, &site).await?;
    let wanted = SlotName::parse(&form.slot).and_then(|name| name.find(errand.campaign(), &slots));
    let near = wanted.map(|slot| errand.search.nearest(&slots, (slot.product, slot.starts_at), usize::MAX));
    let seats = near.into_iter().flatten().find(|(one, _)| Some(one.slot) == wanted).map(|(_, seats)| seats);
    let Some(seats) = seats else { return refuse(&mut citizen, &errand, &choices, wanted).await };
    let first = held.seats.iter().filter(|seat| seat.dose < errand.search.dose);
    let first = first.map(|seat| SeatWish { person: seat.person.id, dose: seat.dose, slot: seat.slot });
    let dose = errand.search.dose;
    let second = people.iter().zip(seats).map(|(person, slot)| SeatWish { person: person.id, dose, slot });
    let order = HoldParty {
        account: citizen.account.id,
        campaign: errand.campaign().clone(),
        site: site.id,
        seats: first.chain(second).collect(),
        rules: citizen.engine().holds,
    };
    match citizen.engine().desks.order(site.id, Hold { order, replaces: true }).await {
        Ok(held) => citizen.go_to(&format!("/hold/{}", held.token)),
        Err(error) => {
            Problem::refusal(error)?;
            refuse(&mut citizen, &errand, &choices, wanted).await
        }
    }
}

/// The errand of a party that the visitor holds; `None` when it is not held any more or needs no second dose.
async fn errand(citizen: &Citizen, token: &str) -> Result<Option<Errand>, Problem> {
    let now = citizen.engine().now();
    let held = held_now(citizen).await?.filter(|held| held.token == token && held.expires_at > now);
    Ok(held.and_then(|held| errand_of(citizen, held)))
}

fn errand_of(visitor: &Visitor, held: HeldParty) -> Option<Errand> {
    let campaign = visitor.engine().country.now().campaign(held.campaign).cloned()?;
    let dose = |dose: u8| held.seats.iter().filter(move |seat| seat.dose == dose);
    let at = |seat: &Booking| DoseDay { day: seat.local_date, product: seat.product };
    let mut earlier: Vec<DoseDay> = dose(1).map(at).collect();
    earlier.dedup();
    if earlier.is_empty() || campaign.doses < 2 {
        return None;
    }
    let people: Vec<Person> = dose(1).map(|seat| seat.person.clone()).collect();
    let search = SeatSearch {
        campaign,
        births: people.iter().map(|person| person.birth).collect(),
        dose: 2,
        only: earlier.first().map(|given| given.product),
        earlier,
        later: LaterDose::None,
    };
    Some(Errand { search, goal: Goal::Second { held: Box::new(held), people } })
}

fn site_of(visitor: &Visitor, errand: &Errand) -> Result<Arc<Site>, Problem> {
    let Goal::Second { held, .. } = &errand.goal else { return Err(Problem::NotFound) };
    visitor.engine().country.now().site(held.site).cloned().ok_or(Problem::NotFound)
}

async fn refuse(citizen: &mut Citizen, errand: &Errand, choices: &Choices, wanted: Option<Slot>) -> Answer {
    let site = site_of(citizen, errand)?;
    let slots = errand.slots_at(citizen, &site).await?;
    let zone = zone_of(&site, citizen.engine());
    let (l, people) = (citizen.language, errand.search.people());
    let words = Words { l, zone, campaign: errand.campaign(), people };
    let near = wanted.map(|slot| {
        times::nearest(&words, &errand.search, &slots, (slot.product, slot.starts_at), NEAREST_MOST)
    });
    let Goal::Second { held, .. } = &errand.goal else { return Err(Problem::NotFound) };
    let target = errand.time_target(&site, choices);
    let refusal = Refusal {
        title: "book-full-title",
        text: "book-second-kept",
        times: near.unwrap_or_default(),
        post: target.post,
        ways: vec![
            (format!("/hold/{}", held.token), "book-second-back"),
            (errand.times_link(&site, &choices.on_day(None)), "book-refused-other-days"),
        ],
        ..Refusal::default()
    };
    refused::page(citizen, refusal)
}
