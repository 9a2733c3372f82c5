//! What a message needs to know about a booking. The engine gathers it when a message is due.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// One person's seat for one dose, ready to be told.
#[derive(Clone)]
pub struct BookingFacts {
    /// The reference code as people read it.
    pub reference: String,
    /// The person's masked name (`김*용`).
    pub person_masked: String,
    /// The site's name.
    pub site_name: String,
    /// The site's address.
    pub site_address: String,
    /// The site's phone number as people dial it.
    pub site_phone: String,
    /// The beginning of the appointment.
    pub starts_at: Timestamp,
    /// The site's time zone: messages tell the time there.
    pub zone: TimeZone,
    /// The campaign's name in the reader's language.
    pub campaign: String,
    /// The vaccine's name in the reader's language.
    pub product: String,
    /// Which dose this is, from 1.
    pub dose: u8,
    /// How many doses the campaign has.
    pub doses: u8,
    /// The page where the booking is seen, changed and cancelled. It shows once if several bookings share it.
    pub manage_url: String,
    /// North of the equator, in degrees.
    pub latitude: Option<f64>,
    /// East of Greenwich, in degrees.
    pub longitude: Option<f64>,
    /// Grows with every change of the booking: calendars keep the highest.
    pub version: i32,
}

impl BookingFacts {
    /// The beginning of the appointment as the site's clock shows it.
    pub fn when(&self) -> DateTime {
        self.zone.to_datetime(self.starts_at)
    }

    /// Whether both are told with the same site lines.
    pub(super) fn is_at_the_site_of(&self, other: &Self) -> bool {
        self.site_name == other.site_name
            && self.site_address == other.site_address
            && self.site_phone == other.site_phone
    }
}

impl fmt::Debug for BookingFacts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "BookingFacts(dose {} of {}, version {})", self.dose, self.doses, self.version)
    }
}
