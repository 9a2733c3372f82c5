//! What a visitor seeks a place and a time for: a new party, another seat for a booking, or another second dose for a held
//! party. The pages that choose a place and a time are the same for all three.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::choices::Choices;
use crate::domain::campaign::Campaign;
use crate::domain::ids::SlotId;
use crate::domain::person::Person;
use crate::domain::seat_search::SeatSearch;
use crate::domain::site::Site;
use crate::domain::slot::{FreeSlot, Slot};
use crate::engine::Engine;
use crate::engine::desk::ComingSlots;
use crate::store::bookings::Booking;
use crate::store::held::{self, HeldParty};
use crate::web::page::in_query;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// What a visitor seeks a place and a time for.
pub struct Errand {
    /// What suits.
    pub search: SeatSearch,
    /// What it is for.
    pub goal: Goal,
}

/// What a place and a time are sought for.
pub enum Goal {
    /// New bookings for people of the visitor's list.
    Book {
        /// Who, in the order of the seats of the search; nobody for a party that the browser keeps, which is only shown
        /// places and times.
        people: Vec<Person>,
    },
    /// Another seat for a booking.
    Change {
        /// The booking.
        booking: Box<Booking>,
        /// The booking of its next dose.
        later: Option<Box<Booking>>,
    },
    /// Another second dose for a held party.
    Second {
        /// What is held.
        held: Box<HeldParty>,
        /// Who, in the order of the seats of the search.
        people: Vec<Person>,
    },
}

impl Errand {
    /// Its campaign.
    pub fn campaign(&self) -> &Arc<Campaign> {
        &self.search.campaign
    }

    /// Whether a booking is changed.
    pub fn is_change(&self) -> bool {
        matches!(self.goal, Goal::Change { .. })
    }

    /// Where its pages are.
    fn root(&self) -> String {
        match &self.goal {
            Goal::Book { .. } => format!("/book/{}", self.campaign().slug),
            Goal::Change { booking, .. } => format!("/bookings/{}/change", booking.reference.as_str()),
            Goal::Second { held, .. } => format!("/hold/{}", held.token),
        }
    }

    /// The page before the choice of a place.
    pub fn start_link(&self, choices: &Choices) -> String {
        match &self.goal {
            Goal::Book { .. } => choices.people_only().link(&format!("{}/who", self.root())),
            Goal::Change { .. } | Goal::Second { .. } => self.root(),
        }
    }

    /// The page on which a place is chosen.
    pub fn places_link(&self, choices: &Choices) -> String {
        choices.on_day(None).link(&self.places_path())
    }

    /// Where the forms go with which a place is chosen.
    pub fn places_path(&self) -> String {
        format!("{}/where", self.root())
    }

    /// The page on which a day and a time at a site are chosen.
    pub fn times_link(&self, site: &Site, choices: &Choices) -> String {
        self.times_links(choices)(site)
    }

    /// Tells of many sites the page on which a day and a time are chosen: what they share is written once.
    pub fn times_links(&self, choices: &Choices) -> impl Fn(&Site) -> String {
        let (root, query) = (self.root(), choices.query());
        let has_site = !matches!(self.goal, Goal::Second { .. });
        move |site| {
            if has_site {
                format!("{root}/{}/when{query}", site.code)
            } else {
                format!("{root}/second{query}")
            }
        }
    }

    /// What a time leads to.
    pub fn time_target(&self, site: &Site, choices: &Choices) -> TimeTarget {
        match &self.goal {
            Goal::Book { .. } => TimeTarget {
                post: choices.link(&format!("{}/{}/hold", self.root(), site.code)),
                link: String::new(),
            },
            Goal::Second { .. } => {
                TimeTarget { post: choices.link(&format!("{}/second", self.root())), link: String::new() }
            }
            Goal::Change { .. } => {
                TimeTarget { post: String::new(), link: format!("{}/{}/check?to=", self.root(), site.code) }
            }
        }
    }

    /// The slots of the campaign at a site, with the seats that the visitor's own hold would give back.
    ///
    /// # Errors
    /// [`Problem::Busy`] or [`Problem::Outage`] when the desk can't answer.
    pub async fn slots_at(&self, visitor: &Visitor, site: &Site) -> Result<Vec<FreeSlot>, Problem> {
        let question = ComingSlots { campaign: self.campaign().id };
        let mut slots = visitor.engine().desks.question(site.id, question).await?;
        let given_back = match &self.goal {
            Goal::Book { .. } => held_now(visitor).await?.map(|held| held.seats).unwrap_or_default(),
            Goal::Second { held, .. } => {
                held.seats.iter().filter(|seat| seat.dose == self.search.dose).cloned().collect()
            }
            Goal::Change { .. } => Vec::new(),
        };
        for seat in given_back {
            for one in slots.iter_mut().filter(|one| one.slot.id == seat.slot) {
                one.free += 1;
            }
        }
        if let Goal::Change { booking, .. } = &self.goal {
            slots.retain(|one| one.slot.id != booking.slot);
        }
        Ok(slots)
    }
}

/// What a time on a page leads to: a form that is posted, or else a link.
pub struct TimeTarget {
    /// Where the form goes; empty for a link.
    pub post: String,
    /// The link, to which the time's name is added.
    pub link: String,
}

/// The party the visitor holds now.
///
/// # Errors
/// [`Problem::Outage`] when the database fails.
pub async fn held_now(visitor: &Visitor) -> Result<Option<HeldParty>, Problem> {
    let Some(owner) = visitor.account.as_ref().map(|account| account.id) else { return Ok(None) };
    Ok(visitor.engine().store.look_up(move |conn, keys| held::of_account(conn, keys, owner)).await?)
}

/// The time zone of a site.
pub fn zone_of(site: &Site, engine: &Engine) -> TimeZone {
    TimeZone::get(&site.time_zone).unwrap_or_else(|_| engine.zone.clone())
}

/// A slot as a page names it: the product's code and when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotName {
    /// The product's code.
    pub product: String,
    /// When it starts.
    pub starts_at: Timestamp,
}

impl SlotName {
    /// The name of a slot.
    pub fn of(campaign: &Campaign, slot: &Slot) -> Self {
        let product = campaign.product(slot.product).map(|product| product.code.clone()).unwrap_or_default();
        Self { product, starts_at: slot.starts_at }
    }

    /// Reads `flu-2026~1795651200`; `None` when it is no such name.
    pub fn parse(text: &str) -> Option<Self> {
        let (product, second) = text.split_once('~')?;
        let starts_at = Timestamp::from_second(second.parse().ok()?).ok()?;
        Some(Self { product: product.to_owned(), starts_at })
    }

    /// Writes it for a form.
    pub fn text(&self) -> String {
        format!("{}~{}", self.product, self.starts_at.as_second())
    }

    /// Writes it for a query.
    pub fn in_query(&self) -> String {
        in_query(&self.text())
    }

    /// The slot it names, among those of one site.
    pub fn find(&self, campaign: &Campaign, slots: &[FreeSlot]) -> Option<Slot> {
        let product = campaign.product_by_code(&self.product)?.id;
        let same = |one: &&FreeSlot| one.slot.product == product && one.slot.starts_at == self.starts_at;
        slots.iter().find(same).map(|one| one.slot)
    }
}

/// The slot with this id.
pub fn slot_by_id(slots: &[FreeSlot], id: SlotId) -> Option<Slot> {
    slots.iter().map(|one| one.slot).find(|slot| slot.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slots_name_is_read_back() {
        let name = SlotName {
            product: "flu-2026".into(),
            starts_at: Timestamp::from_second(1_795_651_200).unwrap(),
        };
        assert_eq!(SlotName::parse(&name.text()), Some(name.clone()));
        assert_eq!(name.in_query(), "flu%2D2026%7E1795651200");
        for wrong in ["", "flu", "flu~", "flu~x", "flu~99999999999999999"] {
            assert_eq!(SlotName::parse(wrong), None, "{wrong}");
        }
    }
}
