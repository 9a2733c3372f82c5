//! What the pages about one booking have in common.

use std::sync::Arc;

use super::day::{state_key, zone_of};
use super::site_for;
use crate::domain::reference::ReferenceCode;
use crate::domain::site::Site;
use crate::store::bookings::{self, Booking};
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// What stands on the roster anyway.
pub(super) struct Facts {
    pub(super) site: String,
    pub(super) back: String,
    pub(super) masked: String,
    pub(super) born: i16,
    pub(super) when: String,
    pub(super) dose: u8,
    pub(super) product: String,
    pub(super) reference: String,
    pub(super) state: &'static str,
}

/// The booking with the reference at the site; another site's is not found.
///
/// # Errors
/// [`Problem::NotFound`] and [`Problem::Forbidden`].
pub(super) async fn find(staff: &Staff, path: &(String, String)) -> Result<(Arc<Site>, Booking), Problem> {
    let (code, reference) = path;
    let site = site_for(staff, code)?;
    let Ok(reference) = ReferenceCode::parse(reference) else { return Err(Problem::NotFound) };
    let read = move |conn: &mut _, keys: &_| bookings::by_reference(conn, keys, &reference);
    let found = staff.engine().store.read(read).await?;
    match found.filter(|booking| booking.site == site.id) {
        Some(booking) => Ok((site, booking)),
        None => Err(Problem::NotFound),
    }
}

/// What stands on the roster anyway, in words.
pub(super) fn facts_of(staff: &Staff, site: &Site, booking: &Booking) -> Facts {
    let catalogue = staff.engine().country.now();
    let product = catalogue.campaign(booking.campaign).and_then(|campaign| campaign.product(booking.product));
    let starts = booking.starts_at.to_zoned(zone_of(staff, site)).datetime();
    Facts {
        site: site.name.clone(),
        back: format!("/clinic/{}/roster?date={}", site.code, booking.local_date),
        masked: booking.person.name.masked(),
        born: booking.person.birth.year(),
        when: staff.language.date_time(starts),
        dose: booking.dose,
        product: product.map_or("?", |product| product.name.in_language(staff.language.code())).to_owned(),
        reference: booking.reference.spoken(),
        state: state_key(booking.state),
    }
}
