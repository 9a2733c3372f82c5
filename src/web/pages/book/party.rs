//! The people of a visitor's list, whether each can be booked now, and why not.

use std::sync::Arc;

use jiff::Timestamp;

use super::choices::Choices;
use super::errand::{Errand, Goal};
use crate::domain::birth_date::BirthDate;
use crate::domain::campaign::{Campaign, Eligibility};
use crate::domain::ids::{AccountId, CampaignId};
use crate::domain::person::{CaredFor, Relation};
use crate::domain::reference::ReferenceCode;
use crate::domain::seat_search::{DoseDay, LaterDose, SeatSearch};
use crate::engine::Engine;
use crate::store::bookings::{self, Booking};
use crate::store::people;
use crate::web::known_party::Kept;
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

/// Someone in the list, and how they stand in a campaign.
pub struct Candidate {
    /// Who.
    pub one: CaredFor,
    /// How they stand.
    pub standing: Standing,
}

/// How someone stands in a campaign now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// They can be booked for all doses.
    Open,
    /// The first dose is booked or given; the second can be booked.
    SecondOnly(DoseDay),
    /// They have a booking.
    Booked(ReferenceCode),
    /// They can be booked from this moment on.
    OpensAt(Timestamp),
    /// Their birth year is not part of the campaign.
    NotIncluded,
    /// No vaccine suits their age.
    NoProductForAge,
    /// Booking has ended.
    Closed,
    /// The evening that goes on is for other birth years; they can be booked when it is over.
    OtherEvening(Timestamp),
}

impl Candidate {
    /// Whether they can be booked now.
    pub fn can_book(&self) -> bool {
        matches!(self.standing, Standing::Open | Standing::SecondOnly(_))
    }
}

/// Why a choice of people makes no party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongParty {
    /// Nobody was chosen.
    Nobody,
    /// One of them can't be booked now.
    NotOpen,
    /// No vaccine suits the ages of all.
    NoCommonProduct,
    /// Some need both doses, some only the second.
    DifferentDoses,
}

/// Everyone in the visitor's list with how they stand.
///
/// # Errors
/// [`Problem::Outage`] when the database fails.
pub async fn candidates(citizen: &Citizen, campaign: &Arc<Campaign>) -> Result<Vec<Candidate>, Problem> {
    let owner = citizen.account.id;
    let read = citizen.engine().store.look_up(move |conn, keys| {
        Ok((people::cared_for(conn, keys, owner)?, bookings::visible_to(conn, keys, owner)?))
    });
    let (list, booked) = read.await?;
    let now = citizen.engine().now();
    let evening = Evening::of(citizen.engine(), campaign.id, now);
    let candidate = |one: CaredFor| {
        let theirs: Vec<&Booking> = booked
            .iter()
            .filter(|booking| booking.campaign == campaign.id && booking.state.is_live())
            .filter(|booking| is_for(booking, &one))
            .collect();
        let standing = standing(campaign, &one, &theirs, now);
        Candidate {
            standing: evening.as_ref().map_or(standing.clone(), |only| only.of_those(&one, standing)),
            one,
        }
    };
    Ok(list.into_iter().map(candidate).collect())
}

/// An evening that is for some birth years only.
struct Evening {
    years: Vec<(i16, i16)>,
    ends_at: Timestamp,
}

impl Evening {
    /// The evening of a campaign that goes on now, when it is not for everybody.
    fn of(engine: &Engine, campaign: CampaignId, now: Timestamp) -> Option<Self> {
        let mut standing = engine.standing_doors(now);
        standing.retain(|one| one.opening.campaign == campaign);
        let years: Option<Vec<(i16, i16)>> = standing.iter().map(|one| one.opening.born).collect();
        let ends_at = standing.iter().map(|one| one.opening.ends_at).max()?;
        Some(Self { years: years?, ends_at })
    }

    /// How somebody stands who could be booked without it.
    fn of_those(&self, one: &CaredFor, otherwise: Standing) -> Standing {
        let year = one.person.birth.year();
        let is_theirs = self.years.iter().any(|(from, to)| (*from..=*to).contains(&year));
        match otherwise {
            Standing::Open | Standing::SecondOnly(_) if !is_theirs => Standing::OtherEvening(self.ends_at),
            other => other,
        }
    }
}

/// Whether a booking is for someone in the list; the owner's may have been made by somebody else, under another row.
fn is_for(booking: &Booking, one: &CaredFor) -> bool {
    let (theirs, mine) = (&booking.person, &one.person);
    theirs.id == mine.id
        || (one.relation == Relation::Me
            && theirs.birth == mine.birth
            && theirs.name.normalised() == mine.name.normalised())
}

fn standing(campaign: &Campaign, one: &CaredFor, booked: &[&Booking], now: Timestamp) -> Standing {
    let dose = |dose: u8| booked.iter().find(|booking| booking.dose == dose);
    let second_is_missing = campaign.doses > 1 && dose(2).is_none();
    match (dose(1), campaign.eligibility(&one.person.birth, now)) {
        (Some(first), Eligibility::Open) if second_is_missing => {
            Standing::SecondOnly(DoseDay { day: first.local_date, product: first.product })
        }
        (Some(first), _) => Standing::Booked(first.reference),
        (None, Eligibility::Open) => Standing::Open,
        (None, Eligibility::OpensAt(at)) => Standing::OpensAt(at),
        (None, Eligibility::NotIncluded) => Standing::NotIncluded,
        (None, Eligibility::NoProductForAge) => Standing::NoProductForAge,
        (None, Eligibility::Closed) => Standing::Closed,
    }
}

/// The errand of booking for the chosen people, or why they are no party.
pub fn errand(
    campaign: &Arc<Campaign>,
    candidates: &[Candidate],
    choices: &Choices,
) -> Result<Errand, WrongParty> {
    let chosen: Vec<&Candidate> =
        candidates.iter().filter(|candidate| choices.people.contains(&candidate.one.number)).collect();
    if chosen.is_empty() {
        return Err(WrongParty::Nobody);
    }
    if !chosen.iter().all(|candidate| candidate.can_book()) {
        return Err(WrongParty::NotOpen);
    }
    let earlier: Vec<DoseDay> = chosen
        .iter()
        .filter_map(|candidate| match candidate.standing {
            Standing::SecondOnly(first) => Some(first),
            _ => None,
        })
        .collect();
    if !earlier.is_empty() && earlier.len() < chosen.len() {
        return Err(WrongParty::DifferentDoses);
    }
    let births = chosen.iter().map(|candidate| candidate.one.person.birth).collect();
    let search = search(campaign, births, earlier);
    if search.products().is_empty() {
        return Err(WrongParty::NoCommonProduct);
    }
    let people = chosen.iter().map(|candidate| candidate.one.person.clone()).collect();
    Ok(Errand { search: with_vaccine(search, choices), goal: Goal::Book { people } })
}

impl Kept {
    /// The errand of an account that looks around for a party, if the browser keeps that party.
    pub fn errand(
        &self,
        account: Option<AccountId>,
        campaign: &Arc<Campaign>,
        choices: &Choices,
    ) -> Option<Errand> {
        let (births, earlier) = self.0.as_ref()?.is_it(account?, campaign.id, &choices.people)?;
        let search = with_vaccine(search(campaign, births, earlier), choices);
        Some(Errand { search, goal: Goal::Book { people: Vec::new() } })
    }
}

fn search(campaign: &Arc<Campaign>, births: Vec<BirthDate>, earlier: Vec<DoseDay>) -> SeatSearch {
    let first = earlier.is_empty();
    SeatSearch {
        campaign: campaign.clone(),
        births,
        dose: if first { 1 } else { 2 },
        earlier,
        later: if first && campaign.doses > 1 { LaterDose::Wanted } else { LaterDose::None },
        only: None,
    }
}

fn with_vaccine(search: SeatSearch, choices: &Choices) -> SeatSearch {
    let only = search.campaign.product_by_code(&choices.vaccine).map(|product| product.id);
    SeatSearch { only, ..search }
}
