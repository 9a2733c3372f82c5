//! A booking as pages show it: everything in the words of the visitor's language and in the time of its site.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::booking::BookingState;
use crate::domain::site::Site;
use crate::engine::country::Catalogue;
use crate::language::Language;
use crate::store::bookings::Booking;
use crate::web::page::in_query;

/// A booking in words.
#[derive(Clone)]
pub struct Appointment {
    /// The reference as it stands in addresses.
    pub reference: String,
    /// The reference as people read it.
    pub spoken: String,
    /// The person's name.
    pub person: String,
    /// Day and time at the site.
    pub when: String,
    /// Where.
    pub place: Place,
    /// The campaign's name.
    pub campaign: String,
    /// The vaccine's name.
    pub vaccine: String,
    /// Which dose; `None` when the campaign has only one.
    pub dose: Option<u8>,
    /// The catalog key of its state.
    pub state: &'static str,
    /// Whether it was given up.
    pub cancelled: bool,
}

impl Appointment {
    /// A booking in words; `None` when its site or campaign is gone.
    pub fn of(catalogue: &Catalogue, language: Language, one: &Booking) -> Option<Self> {
        let site = catalogue.site(one.site)?;
        let campaign = catalogue.campaign(one.campaign)?;
        let code = language.code();
        Some(Self {
            reference: one.reference.as_str().to_owned(),
            spoken: one.reference.spoken(),
            person: one.person.name.as_str().to_owned(),
            when: language.date_time(local(site, one.starts_at)),
            place: Place::of(site),
            campaign: campaign.name.in_language(code).to_owned(),
            vaccine: campaign.product(one.product)?.name.in_language(code).to_owned(),
            dose: (campaign.doses > 1).then_some(one.dose),
            state: state_key(one.state),
            cancelled: one.state == BookingState::Cancelled,
        })
    }
}

/// Where a site is, and how it is reached.
#[derive(Clone)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// A link that map applications open (RFC 5870), when the position is known.
    pub map: Option<String>,
    /// Its public phone number.
    pub phone: Option<String>,
}

impl Place {
    /// Where a site is.
    pub fn of(site: &Site) -> Self {
        let map = site.position.map(|position| {
            let point = format!("{:.5},{:.5}", position.latitude, position.longitude);
            format!("geo:{point}?q={point}({})", in_query(&site.name))
        });
        Self {
            name: site.name.clone(),
            address: site.address.clone(),
            map,
            phone: site.phone.clone().filter(|phone| !phone.is_empty()),
        }
    }
}

/// A moment as the site's clock shows it.
pub fn local(site: &Site, moment: Timestamp) -> DateTime {
    // The zone was checked when the site came in; if the zone data lost it since, UTC is what is left.
    TimeZone::get(&site.time_zone).unwrap_or(TimeZone::UTC).to_datetime(moment)
}

fn state_key(state: BookingState) -> &'static str {
    match state {
        BookingState::Held => "booking-state-held",
        BookingState::Booked => "booking-state-booked",
        BookingState::Displaced => "booking-state-displaced",
        BookingState::Arrived => "booking-state-arrived",
        BookingState::Vaccinated => "booking-state-vaccinated",
        BookingState::NoShow => "booking-state-no-show",
        BookingState::Cancelled => "booking-state-cancelled",
        BookingState::Expired => "booking-state-expired",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_said_in_every_language() {
        for &language in Language::all() {
            for state in BookingState::ALL {
                let words = language.say(state_key(*state)).to_string();
                assert!(!words.contains('⟨'), "{words}");
            }
        }
    }
}
