//! Who lives in the small country, and what they do: short words for the orders that stories are made of.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use sunbeon::domain::booking::{
    CancelBookingsError, ConfirmPartyError, HoldPartyError, LaneChange, SeatWish, SwapSeatsError,
};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, BookingId, PartyId, PersonId, SlotId};
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::slot::Slot;
use sunbeon::language::Language;
use sunbeon::store::bookings::{self, Booking, PartyConfirmed};
use sunbeon::store::holds::{self, HoldParty, PartyHeld};
use sunbeon::store::moving::{self, Cancel, Move};
use sunbeon::store::people::{self, PersonDetails, SavePersonError};
use sunbeon::store::{Failure, StoreError, Tx, accounts};

pub use super::details::{someone, someone_with_phone};
use super::home::{Home, RULES};

/// Adds a person inside a command and gives their id.
pub fn add(
    tx: &mut Tx<'_>,
    owner: AccountId,
    details: &PersonDetails,
) -> Result<PersonId, Failure<SavePersonError>> {
    let number = people::add(tx, owner, details, 100)?;
    let mine = people::cared_for(tx.conn, &tx.tools.keys, owner)?;
    let added = mine.into_iter().find(|one| one.number == number);
    added.map(|one| one.person.id).ok_or(Failure::Store(StoreError::Closed))
}

/// An order to hold seats at the site of the first slot.
pub fn order(account: AccountId, campaign: &Arc<Campaign>, seats: &[(PersonId, u8, &Slot)]) -> HoldParty {
    let wish = |&(person, dose, slot): &(PersonId, u8, &Slot)| SeatWish { person, dose, slot: slot.id };
    HoldParty {
        account,
        campaign: campaign.clone(),
        site: seats[0].2.site,
        seats: seats.iter().map(wish).collect(),
        rules: RULES,
    }
}

impl Home {
    /// The account of a phone that was just proved.
    pub fn account(&self, phone: &str) -> AccountId {
        let phone = PhoneNumber::parse(phone).unwrap();
        self.write(move |tx| accounts::of_proved_phone(tx, &phone, Language::Korean)).0
    }

    /// Adds a person to an account's list.
    pub fn add(&self, owner: AccountId, details: PersonDetails) -> PersonId {
        self.try_write(move |tx| add(tx, owner, &details)).unwrap()
    }

    /// A new account whose owner is in their own list.
    pub fn citizen(&self, phone: &str, name: &str, birth: &str) -> (AccountId, PersonId) {
        let account = self.account(phone);
        (account, self.add(account, someone(name, birth, Relation::Me)))
    }

    /// Holds seats, each for a person and dose.
    pub fn hold(
        &self,
        account: AccountId,
        campaign: &Arc<Campaign>,
        seats: &[(PersonId, u8, &Slot)],
    ) -> Result<PartyHeld, HoldPartyError> {
        let order = order(account, campaign, seats);
        self.try_write(move |tx| holds::hold(tx, &order))
    }

    /// Confirms a held party.
    pub fn confirm(
        &self,
        account: AccountId,
        token: &str,
        campaign: &Arc<Campaign>,
    ) -> Result<PartyConfirmed, ConfirmPartyError> {
        let (token, campaign) = (token.to_owned(), campaign.clone());
        self.try_write(move |tx| bookings::confirm(tx, account, &token, &campaign))
    }

    /// Holds and confirms, and gives the bookings by dose and person.
    pub fn book(
        &self,
        account: AccountId,
        campaign: &Arc<Campaign>,
        seats: &[(PersonId, u8, &Slot)],
    ) -> Vec<Booking> {
        let held = self.hold(account, campaign, seats).unwrap();
        self.confirm(account, &held.token, campaign).unwrap();
        self.party(held.party)
    }

    /// The bookings of a party.
    pub fn party(&self, party: PartyId) -> Vec<Booking> {
        self.read(|conn, keys| bookings::of_party(conn, keys, party))
    }

    /// A booking as it is now.
    pub fn booking(&self, id: BookingId) -> Booking {
        self.read(|conn, keys| bookings::find(conn, keys, id)).unwrap()
    }

    /// Moves bookings, as they are now, to other slots.
    pub fn swap(
        &self,
        campaign: &Arc<Campaign>,
        moves: &[(BookingId, SlotId)],
    ) -> Result<Vec<LaneChange>, SwapSeatsError> {
        let moves: Vec<Move> = moves
            .iter()
            .map(|&(booking, slot)| Move { booking, version: self.booking(booking).version, slot })
            .collect();
        let campaign = campaign.clone();
        self.try_write(move |tx| moving::swap(tx, &moves, &campaign))
    }

    /// Cancels bookings as they are now.
    pub fn cancel(&self, bookings: &[BookingId]) -> Result<Vec<LaneChange>, CancelBookingsError> {
        let orders: Vec<Cancel> = bookings
            .iter()
            .map(|&booking| Cancel { booking, version: self.booking(booking).version })
            .collect();
        self.try_write(move |tx| moving::cancel(tx, &orders))
    }

    /// Ends the holds that ran out.
    pub fn housekeeping(&self) -> Vec<LaneChange> {
        self.try_write(|tx| holds::expire(tx, 1000, &[])).unwrap_or_else(|never| match never {})
    }

    /// Messages of a kind and state, as (recipient kind, recipient, due), in order of time.
    pub fn messages(&self, kind: &str, state: &str) -> Vec<(String, i64, Timestamp)> {
        let rows = self.database.lines(&format!(
            "SELECT recipient_kind || ' ' || CAST(recipient AS TEXT) || ' ' || CAST(due_at AS TEXT) AS line \
             FROM outbox WHERE kind = '{kind}' AND state = '{state}' ORDER BY due_at, id"
        ));
        let message = |row: String| {
            let mut words = row.split(' ');
            let recipient_kind = words.next().unwrap().to_owned();
            let mut number = || words.next().unwrap().parse::<i64>().unwrap();
            (recipient_kind, number(), Timestamp::from_second(number()).unwrap())
        };
        rows.into_iter().map(message).collect()
    }

    /// The times of the first campaign at the northern site on a day, a story's usual place.
    pub fn flu_slots(&self, day: Date) -> Vec<Slot> {
        self.slots_on(self.country.north, self.country.flu.id, day)
    }

    /// The same for the campaign of two doses.
    pub fn shield_slots(&self, day: Date) -> Vec<Slot> {
        self.slots_on(self.country.north, self.country.shield.id, day)
    }
}
