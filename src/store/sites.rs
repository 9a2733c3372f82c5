//! Sites and what they offer.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::{site, site_product};
use super::values::{small, unreadable};
use super::{Conn, StoreError, Tx};
use crate::domain::ids::{ProductId, SiteId};
use crate::domain::position::Position;
use crate::domain::reference::ReferenceCode;
use crate::domain::site::{Features, Offer, Site};
use crate::domain::weekly_hours::WeeklyHours;

type Place = (String, String, String, String, Option<f64>, Option<f64>, Option<String>);
type SiteRow = (i64, String, Place, (bool, bool, bool, bool), String, String);

/// The columns of a [`SiteRow`].
macro_rules! site_columns {
    () => {
        (
            site::id,
            site::code,
            (
                site::name,
                site::province,
                site::district,
                site::address,
                site::latitude,
                site::longitude,
                site::phone,
            ),
            (site::step_free, site::evenings, site::weekend, site::parking),
            site::time_zone,
            site::hours,
        )
    };
}

/// All sites, by name.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn all(conn: &mut Conn) -> Result<Vec<Site>, StoreError> {
    let rows: Vec<SiteRow> = site::table.order((site::name, site::id)).select(site_columns!()).load(conn)?;
    let offers: Vec<(i64, i64, i32)> = site_product::table.order(site_product::product).load(conn)?;
    let mut by_site: HashMap<i64, Vec<Offer>> = HashMap::new();
    for (site, product, seats) in offers {
        by_site.entry(site).or_default().push(Offer { product: ProductId(product), seats: small(seats)? });
    }
    rows.into_iter().map(|row| site_of(row, &mut by_site)).collect()
}

/// The import key of every site.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn import_keys(conn: &mut Conn) -> Result<Vec<(SiteId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = site::table.select((site::id, site::import_key)).load(conn)?;
    Ok(rows.into_iter().map(|(id, key)| (SiteId(id), key)).collect())
}

fn site_of(row: SiteRow, offers: &mut HashMap<i64, Vec<Offer>>) -> Result<Site, StoreError> {
    let (id, code, place, (step_free, evenings, weekend, parking), time_zone, hours) = row;
    let (name, province, district, address, latitude, longitude, phone) = place;
    let position = match latitude.zip(longitude) {
        Some((latitude, longitude)) => Some(Position::new(latitude, longitude).map_err(unreadable)?),
        None => None,
    };
    Ok(Site {
        id: SiteId(id),
        code,
        name,
        province,
        district,
        address,
        position,
        phone,
        features: Features { step_free, evenings, weekend, parking },
        time_zone,
        hours: WeeklyHours::parse(&hours).map_err(unreadable)?,
        offers: offers.remove(&id).unwrap_or_default(),
    })
}

/// What an import did with a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It was not there before.
    New(SiteId),
    /// Something about it changed.
    Changed(SiteId),
    /// It was there just so.
    Same(SiteId),
}

impl Saved {
    /// The site's id.
    pub fn id(self) -> SiteId {
        match self {
            Self::New(id) | Self::Changed(id) | Self::Same(id) => id,
        }
    }
}

/// Stores a site under `import_key`, new or changed. The site's own `id` and `code` are not looked at.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn save(tx: &mut Tx<'_>, import_key: &str, new: &Site) -> Result<Saved, StoreError> {
    let known: Option<i64> = site::table
        .filter(site::import_key.eq(import_key))
        .select(site::id)
        .get_result(tx.conn)
        .optional()?;
    let values = (
        site::name.eq(&new.name),
        site::province.eq(&new.province),
        site::district.eq(&new.district),
        site::address.eq(&new.address),
        site::latitude.eq(new.position.map(|position| position.latitude)),
        site::longitude.eq(new.position.map(|position| position.longitude)),
        site::phone.eq(&new.phone),
        site::step_free.eq(new.features.step_free),
        site::evenings.eq(new.features.evenings),
        site::weekend.eq(new.features.weekend),
        site::parking.eq(new.features.parking),
        site::time_zone.eq(&new.time_zone),
        site::hours.eq(new.hours.to_string()),
    );
    if let Some(id) = known {
        if same_as_stored(tx.conn, id, new)? {
            return Ok(Saved::Same(SiteId(id)));
        }
        super::changes::note(tx);
        diesel::update(site::table.find(id)).set(values).execute(tx.conn)?;
        save_offers(tx.conn, id, &new.offers)?;
        return Ok(Saved::Changed(SiteId(id)));
    }
    super::changes::note(tx);
    let id = tx.new_id();
    let code = ReferenceCode::random(&*tx.tools.chance);
    diesel::insert_into(site::table)
        .values(((site::id.eq(id), site::code.eq(code.as_str()), site::import_key.eq(import_key)), values))
        .execute(tx.conn)?;
    save_offers(tx.conn, id, &new.offers)?;
    Ok(Saved::New(SiteId(id)))
}

fn same_as_stored(conn: &mut Conn, id: i64, new: &Site) -> Result<bool, StoreError> {
    let row: SiteRow = site::table.find(id).select(site_columns!()).get_result(conn)?;
    let offers: Vec<(i64, i32)> = site_product::table
        .filter(site_product::site.eq(id))
        .order(site_product::product)
        .select((site_product::product, site_product::seats))
        .load(conn)?;
    let mut stored = HashMap::from([(id, Vec::new())]);
    for (product, seats) in offers {
        stored.entry(id).or_default().push(Offer { product: ProductId(product), seats: small(seats)? });
    }
    let mut wanted = new.clone();
    wanted.offers.sort_by_key(|offer| offer.product);
    let stored = site_of(row, &mut stored)?;
    (wanted.id, wanted.code) = (stored.id, stored.code.clone());
    Ok(stored == wanted)
}

fn save_offers(conn: &mut Conn, id: i64, offers: &[Offer]) -> QueryResult<()> {
    diesel::delete(site_product::table.filter(site_product::site.eq(id))).execute(conn)?;
    for offer in offers {
        diesel::insert_into(site_product::table)
            .values((
                site_product::site.eq(id),
                site_product::product.eq(offer.product.0),
                site_product::seats.eq(i32::from(offer.seats)),
            ))
            .execute(conn)?;
    }
    Ok(())
}
