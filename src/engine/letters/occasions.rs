//! Letters about a moment that has come: a turn at the door, a leftover dose, the hours after a vaccination.

use jiff::tz::TimeZone;

use super::{Addressee, Desk, booking_facts};
use crate::domain::door::opening::{Opening, Phase};
use crate::domain::door::waiting::Turn;
use crate::domain::ids::{BookingId, OfferId, OpeningId};
use crate::domain::phone::PhoneNumber;
use crate::engine::door::flow_of;
use crate::notify::text::{self, NextTold, OfferTold, Text, TurnTold};
use crate::store::bookings::{self, Booking};
use crate::store::outbox::{DueMessage, Recipient};
use crate::store::{StoreError, closings, door_state, offers, people};

impl Desk<'_> {
    /// A leftover dose, as long as it can be taken.
    pub(super) fn offer(
        &mut self,
        due: &DueMessage,
        addressee: &Addressee,
    ) -> Result<Option<Text>, StoreError> {
        let found = offers::find(self.conn, self.keys, OfferId(due.subject))?;
        let Some(one) = found.filter(|one| one.can_be_taken(self.now)) else { return Ok(None) };
        let Some(site) = self.catalogue.site(one.leftover.site) else { return Ok(None) };
        let zone = TimeZone::get(&site.time_zone).unwrap_or_else(|_| self.letterhead.zone.clone());
        let told = OfferTold {
            person: one.person.name.masked(),
            site: site.name.clone(),
            address: site.address.clone(),
            come_by: one.leftover.until.to_zoned(zone.clone()).datetime(),
            answer_by: one.answer_by.to_zoned(zone).datetime(),
            url: format!("{}/offer/{}", self.letterhead.public_url, self.keys.link("offer", one.id.0)),
        };
        Ok(Some(text::offer(&self.voice(due.channel, addressee.language, &addressee.to), &told)))
    }

    /// When the turn of a phone is, as its waiting page says it now. After the evening nobody waits.
    pub(super) fn turn(
        &mut self,
        due: &DueMessage,
        addressee: &Addressee,
    ) -> Result<Option<Text>, StoreError> {
        let (id, catalogue) = (OpeningId(due.subject), self.catalogue.clone());
        let one = catalogue.openings().iter().find(|one| one.opening.id == id);
        let phone = PhoneNumber::from_e164(&addressee.to).ok();
        let (Some(one), Some(phone), Some(state)) = (one, phone, door_state::find(self.conn, id)?) else {
            return Ok(None);
        };
        let opening = &one.opening;
        let Some(key) = one.key.as_ref().filter(|_| opening.phase(self.now) != Phase::Over) else {
            return Ok(None);
        };
        let flow = flow_of(Some(&state));
        let place = key.place(&opening.code, &phone);
        if !self.is_for(opening, due.recipient)? {
            return Ok(None);
        }
        let turn = flow.turn(&place.group().places(), self.now.max(opening.opens_at));
        let told = match turn.at_the_latest(opening.ends_at) {
            _ if flow.threshold.admits(place) => TurnTold::Now,
            Turn::At(at) => TurnTold::At(at.to_zoned(self.letterhead.zone.clone()).datetime()),
            Turn::Come | Turn::Begun | Turn::Unknown => TurnTold::Unknown,
        };
        let door = format!("{}/door/{}", self.letterhead.public_url, opening.code);
        Ok(Some(text::turn(addressee.language, told, &[&door, &self.letterhead.public_url])))
    }

    /// Whether an opening is for anybody in an account's list.
    fn is_for(&mut self, opening: &Opening, recipient: Recipient) -> Result<bool, StoreError> {
        let (Some((from, to)), Recipient::Account(account)) = (opening.born, recipient) else {
            return Ok(true);
        };
        let people = people::cared_for(self.conn, self.keys, account)?;
        Ok(people.iter().any(|one| (from..=to).contains(&one.person.birth.year())))
    }

    /// A seat that was lost because its site has closed, and the one that is kept instead; nothing once another was picked.
    pub(super) fn displaced(
        &mut self,
        due: &DueMessage,
        addressee: &Addressee,
    ) -> Result<Option<Text>, StoreError> {
        let found = closings::find(self.conn, self.keys, BookingId(due.subject))?;
        let Some(one) = found.filter(|one| one.booking.version == due.version) else { return Ok(None) };
        let link = self.keys.link("moved", one.booking.id.0);
        let url = format!("{}/moved/{link}", self.letterhead.public_url);
        let facts = |one: &Booking| booking_facts(&self.catalogue, addressee.language, one, &url);
        let Some(lost) = facts(&one.booking) else { return Ok(None) };
        let kept = one.kept_at(self.now).and_then(|(slot, until)| {
            let there = Booking {
                site: slot.site,
                slot: slot.id,
                starts_at: slot.starts_at,
                local_date: slot.local_date,
                ..one.booking.clone()
            };
            Some((facts(&there)?, until))
        });
        let voice = self.voice(due.channel, addressee.language, &addressee.to);
        Ok(Some(text::displaced(&voice, &lost, kept.as_ref(), &url)))
    }

    /// What to look out for after a vaccination, and when the next dose is; nothing once it was undone.
    pub(super) fn aftercare(
        &mut self,
        due: &DueMessage,
        addressee: &Addressee,
        told: &[Booking],
    ) -> Result<Option<Text>, StoreError> {
        let Some(one) = told.first().filter(|one| one.version == due.version) else { return Ok(None) };
        let doses = bookings::of_course(self.conn, self.keys, one.course)?;
        let later = doses.iter().find(|dose| dose.dose == one.dose + 1 && dose.state.is_live());
        let url = format!("{}/bookings", self.letterhead.public_url);
        let facts = |dose: &Booking| booking_facts(&self.catalogue, addressee.language, dose, &url);
        let Some(given) = facts(one) else { return Ok(None) };
        let next = match later.and_then(facts) {
            Some(later) => NextTold::Booked(Box::new(later)),
            None => self.to_book(one).map_or(NextTold::None, NextTold::ToBook),
        };
        let voice = self.voice(due.channel, addressee.language, &addressee.to);
        Ok(Some(text::aftercare(&voice, &given, &next)))
    }

    /// Where the next dose of a course is booked, when it has one.
    fn to_book(&self, one: &Booking) -> Option<String> {
        let campaign = self.catalogue.campaign(one.campaign).filter(|campaign| one.dose < campaign.doses)?;
        Some(format!("{}/book/{}/who", self.letterhead.public_url, campaign.slug))
    }
}
