//! Holding seats for a party: all of them, with the second doses, or none.

use std::sync::Arc;

use actix_web::web::Path;
use serde::Deserialize;

use super::choices::Choices;
use super::errand::{Errand, Goal, SlotName, held_now, zone_of};
use super::refused::{self, Refusal};
use super::times::{self, Words};
use super::{campaign_called, party, site_called, who};
use crate::domain::booking::{HoldPartyError, SeatWish};
use crate::domain::ids::{PersonId, SlotId};
use crate::domain::person::Person;
use crate::domain::site::Site;
use crate::domain::slot::{FreeSlot, Slot};
use crate::engine::desk::Hold;
use crate::store::held::HeldParty;
use crate::store::holds::{HoldParty, PartyHeld};
use crate::store::{LedgerError, bookings, notices};
use crate::web::page::Answer;
use crate::web::posted::CitizenPosted;
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Visitor};

/// Times offered in place of one that can't be had.
const NEAREST_MOST: usize = 6;

/// The button that was pressed.
#[derive(Deserialize)]
pub struct SlotForm {
    #[serde(default)]
    pub(super) slot: String,
}

/// Whoever comes to the form's address by a link or a reload is shown the times.
pub async fn show_times(citizen: Citizen, path: Path<(String, String)>, choices: Choices) -> Answer {
    citizen.go_to(&choices.link(&format!("/book/{}/{}/when", path.0, path.1)))
}

/// Holds seats for the chosen people at the chosen time.
pub async fn hold(posted: CitizenPosted<SlotForm>, path: Path<(String, String)>, choices: Choices) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let campaign = campaign_called(&citizen, &path.0)?;
    let site = site_called(&citizen, &path.1)?;
    let candidates = party::candidates(&citizen, &campaign).await?;
    let held = held_now(&citizen).await?;
    let errand = match party::errand(&campaign, &candidates, &choices) {
        Ok(errand) => errand,
        Err(wrong) => return who::page(&mut citizen, &campaign, &candidates, &choices, Some(wrong)),
    };
    let slots = errand.slots_at(&citizen, &site).await?;
    let attempt = Attempt { errand, site, choices, slots };
    let Some(name) = SlotName::parse(&form.slot) else { return attempt.back_to_times(&citizen) };
    let Some(slot) = name.find(attempt.errand.campaign(), &attempt.slots) else {
        return attempt.refuse(&mut citizen, HoldPartyError::SlotPassed, None).await;
    };
    let wishes = match attempt.wishes(&slot) {
        Ok(wishes) => wishes,
        Err(refusal) => return attempt.refuse(&mut citizen, refusal, Some(slot)).await,
    };
    let now = citizen.engine().now();
    if let Some(held) = held.as_ref().filter(|held| held.expires_at > now && is_same(held, &wishes)) {
        return citizen.go_to(&format!("/hold/{}", held.token));
    }
    match attempt.order(&citizen, wishes.clone(), held.is_some()).await {
        Ok(held) => citizen.go_to(&format!("/hold/{}", held.token)),
        Err(error) => {
            let refusal = Problem::refusal(error)?;
            // The button may have been pressed twice: then the seats are held by the first time.
            match held_now(&citizen).await? {
                Some(held) if is_same(&held, &wishes) => citizen.go_to(&format!("/hold/{}", held.token)),
                _ => attempt.refuse(&mut citizen, refusal, Some(slot)).await,
            }
        }
    }
}

/// Whether a held party has the same first seats, so that holding again would change nothing.
fn is_same(held: &HeldParty, wishes: &[SeatWish]) -> bool {
    let first = |dose: u8| wishes.iter().map(|wish| wish.dose).min() == Some(dose);
    let asked: Vec<(PersonId, SlotId)> =
        wishes.iter().filter(|wish| first(wish.dose)).map(|wish| (wish.person, wish.slot)).collect();
    let kept = held.seats.iter().filter(|seat| first(seat.dose));
    let kept: Vec<(PersonId, SlotId)> = kept.map(|seat| (seat.person.id, seat.slot)).collect();
    asked.len() == kept.len() && asked.iter().all(|seat| kept.contains(seat))
}

/// A party that is to be held.
struct Attempt {
    errand: Errand,
    site: Arc<Site>,
    choices: Choices,
    slots: Vec<FreeSlot>,
}

impl Attempt {
    fn people(&self) -> &[Person] {
        match &self.errand.goal {
            Goal::Book { people } | Goal::Second { people, .. } => people,
            Goal::Change { .. } => &[],
        }
    }

    fn back_to_times(&self, visitor: &Visitor) -> Answer {
        visitor.go_to(&self.errand.times_link(&self.site, &self.choices))
    }

    /// A seat for everyone, and a second one where the campaign needs it.
    fn wishes(&self, slot: &Slot) -> Result<Vec<SeatWish>, HoldPartyError> {
        let search = &self.errand.search;
        let first_person = self.people().first().map(|person| person.id);
        let broken = first_person.map_or(HoldPartyError::NoSuchSlot, HoldPartyError::IntervalBroken);
        let fitting = search.nearest(&self.slots, (slot.product, slot.starts_at), usize::MAX);
        let day_suits = search.suits(slot.product, slot.local_date);
        if !day_suits {
            return Err(broken);
        }
        let seats = fitting.into_iter().find(|(one, _)| one.slot.id == slot.id).map(|(_, seats)| seats);
        let seats = seats.ok_or(HoldPartyError::SlotFull)?;
        let mut wishes = seat_wishes(self.people(), search.dose, &seats);
        if search.needs_later(slot.product, slot.local_date) {
            let later = search.propose_later(&self.slots, slot).ok_or(broken)?;
            wishes.extend(seat_wishes(self.people(), search.dose + 1, &later));
        }
        Ok(wishes)
    }

    async fn order(
        &self,
        citizen: &Citizen,
        seats: Vec<SeatWish>,
        replaces: bool,
    ) -> Result<PartyHeld, LedgerError<HoldPartyError>> {
        let order = HoldParty {
            account: citizen.account.id,
            campaign: self.errand.campaign().clone(),
            site: self.site.id,
            seats,
            rules: citizen.engine().holds,
        };
        citizen.engine().desks.order(self.site.id, Hold { order, replaces }).await
    }

    /// The page about a refusal. Everything chosen is kept in its links.
    async fn refuse(&self, citizen: &mut Citizen, why: HoldPartyError, wanted: Option<Slot>) -> Answer {
        let mut ways = vec![
            (self.errand.times_link(&self.site, &self.choices.on_day(None)), "book-refused-other-days"),
            (self.errand.places_link(&self.choices), "book-another-place"),
        ];
        let slug = &self.errand.campaign().slug;
        let start = (self.errand.start_link(&self.choices), "book-refused-other-people");
        let (title, text, about) = match why {
            HoldPartyError::SlotFull => ("book-full-title", self.full_text(), None),
            HoldPartyError::SlotPassed | HoldPartyError::NoSuchSlot | HoldPartyError::HoldExpired => {
                ("book-passed-title", "book-passed-text", None)
            }
            HoldPartyError::IntervalBroken(who) => ("book-no-second-title", "book-no-second-text", Some(who)),
            HoldPartyError::AlreadyBooked(who) => {
                ways = vec![self.way_to_booking(citizen, who).await?, start];
                ("book-already-title", "book-already-text", Some(who))
            }
            HoldPartyError::BookedElsewhere(who) => {
                self.tell_already_booked(citizen, who).await?;
                ways = vec![start];
                ("book-elsewhere-title", "book-elsewhere-text", Some(who))
            }
            HoldPartyError::TooManyPeople => {
                ways = vec![start, ("/bookings".to_owned(), "frame-bookings")];
                ("book-too-many-title", "book-too-many-text", None)
            }
            HoldPartyError::NotEligible(who) => {
                ways = vec![(format!("/campaigns/{slug}"), "book-who-campaign"), start];
                ("book-not-eligible-title", "book-not-eligible-text", Some(who))
            }
        };
        let name = about.and_then(|who| self.people().iter().find(|person| person.id == who));
        let name = name.map(|person| person.name.as_str().to_owned()).unwrap_or_default();
        let times_help = matches!(why, HoldPartyError::SlotFull | HoldPartyError::IntervalBroken(_));
        let times = match wanted.filter(|_| times_help) {
            Some(slot) => self.nearest(citizen, &slot, why).await?,
            None => Vec::new(),
        };
        let target = self.errand.time_target(&self.site, &self.choices);
        refused::page(
            citizen,
            Refusal { title, text, name, times, post: target.post, link: target.link, ways },
        )
    }

    fn full_text(&self) -> &'static str {
        if self.people().len() > 1 { "book-full-text-party" } else { "book-full-text" }
    }

    /// The nearest times by the newest counts. A time that was just refused as full is none, though its last holds may be
    /// ending.
    async fn nearest(
        &self,
        visitor: &Visitor,
        slot: &Slot,
        why: HoldPartyError,
    ) -> Result<Vec<times::TimeLine>, Problem> {
        let mut slots = self.errand.slots_at(visitor, &self.site).await?;
        if why == HoldPartyError::SlotFull {
            slots.retain(|one| one.slot.id != slot.id);
        }
        let zone = zone_of(&self.site, visitor.engine());
        let (campaign, people) = (self.errand.campaign(), self.people().len());
        let words = Words { l: visitor.language, zone, campaign, people };
        let wanted = (slot.product, slot.starts_at);
        Ok(times::nearest(&words, &self.errand.search, &slots, wanted, NEAREST_MOST))
    }

    async fn way_to_booking(
        &self,
        citizen: &Citizen,
        who: PersonId,
    ) -> Result<(String, &'static str), Problem> {
        let (owner, campaign) = (citizen.account.id, self.errand.campaign().id);
        let read =
            citizen.engine().store.read(move |conn, keys| bookings::visible_to(conn, keys, owner)).await?;
        let theirs = read
            .into_iter()
            .find(|one| one.person.id == who && one.campaign == campaign && one.state.is_live());
        Ok(theirs.map_or(("/bookings".to_owned(), "frame-bookings"), |one| {
            (format!("/bookings/{}", one.reference.as_str()), "book-see-booking")
        }))
    }

    async fn tell_already_booked(&self, citizen: &Citizen, who: PersonId) -> Result<(), Problem> {
        let campaign = self.errand.campaign().id;
        let engine = citizen.engine();
        engine.ledger.write(who.0, move |tx| notices::tell_already_booked(tx, campaign, who)).await?;
        engine.wake_notifier();
        Ok(())
    }
}

fn seat_wishes(people: &[Person], dose: u8, seats: &[SlotId]) -> Vec<SeatWish> {
    people.iter().zip(seats).map(|(person, slot)| SeatWish { person: person.id, dose, slot: *slot }).collect()
}
