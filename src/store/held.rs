//! What an account holds right now: one party at most.

use diesel::prelude::*;
use jiff::Timestamp;

use super::bookings::{self, Booking};
use super::connection::directly;
use super::schema::party;
use super::states::PartyIsHeld;
use super::values::moment;
use super::{Conn, StoreError};
use crate::domain::ids::{AccountId, CampaignId, PartyId, SiteId};
use crate::keys::KeyRing;

/// A party whose seats are held.
#[derive(Debug, Clone)]
pub struct HeldParty {
    /// Its name in URLs.
    pub token: String,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its site.
    pub site: SiteId,
    /// When the hold ends. It may be past: the seats are kept until the housekeeper comes.
    pub expires_at: Timestamp,
    /// Its seats, by dose and then by person.
    pub seats: Vec<Booking>,
}

/// The party an account holds.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn of_account(
    conn: &mut Conn,
    keys: &KeyRing,
    owner: AccountId,
) -> Result<Option<HeldParty>, StoreError> {
    let row: Option<(i64, String, i64, i64, i64)> = directly!(conn, conn => party::table
        .filter(party::account.eq(owner.0).and(PartyIsHeld))
        .select((party::id, party::token, party::campaign, party::site, party::expires_at))
        .get_result(conn))
    .optional()?;
    let Some((id, token, campaign, site, expires_at)) = row else { return Ok(None) };
    Ok(Some(HeldParty {
        token,
        campaign: CampaignId(campaign),
        site: SiteId(site),
        expires_at: moment(expires_at)?,
        seats: bookings::of_party(conn, keys, PartyId(id))?,
    }))
}

/// The campaign of the party with this name in URLs, held or not.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn campaign_of(conn: &mut Conn, token: &str) -> Result<Option<CampaignId>, StoreError> {
    let named = party::table.filter(party::token.eq(token)).select(party::campaign);
    let campaign: Option<i64> = directly!(conn, conn => named.get_result(conn)).optional()?;
    Ok(campaign.map(CampaignId))
}
