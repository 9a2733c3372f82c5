//! A site: a place that vaccinates.

use super::ids::{ProductId, SiteId};
use super::position::Position;
use super::weekly_hours::WeeklyHours;

/// A place that vaccinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The row's id.
    pub id: SiteId,
    /// The random name it has in URLs, 8 characters.
    pub code: String,
    /// Its name as people know it.
    pub name: String,
    /// Province code, see [`super::region`].
    pub province: String,
    /// District code within the province.
    pub district: String,
    /// Street address, or the administrative division when no better is known.
    pub address: String,
    /// Where it stands, when known.
    pub position: Option<Position>,
    /// The number people may call; public.
    pub phone: Option<String>,
    /// What it offers.
    pub features: Features,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// When it vaccinates.
    pub hours: WeeklyHours,
    /// What it vaccinates with, and how many seats each half hour has.
    pub offers: Vec<Offer>,
}

/// A product at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// The product.
    pub product: ProductId,
    /// Seats in each half hour, decided by the clinic.
    pub seats: u16,
}

/// What people filter sites by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    /// No step from the street to the chair.
    pub step_free: bool,
    /// Open after 18:00 on some day.
    pub evenings: bool,
    /// Open on Saturday or Sunday.
    pub weekend: bool,
    /// Cars can be parked.
    pub parking: bool,
}

impl Features {
    /// Whether everything that `wanted` asks for is there.
    pub fn include(&self, wanted: Self) -> bool {
        (self.step_free || !wanted.step_free)
            && (self.evenings || !wanted.evenings)
            && (self.weekend || !wanted.weekend)
            && (self.parking || !wanted.parking)
    }
}
