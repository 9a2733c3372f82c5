//! Leftover doses on offer: who is asked next, until they are taken or their time is over. Any node may do it: the database
//! decides who was asked, and the drawn numbers decide in which order.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Engine, outage};
use crate::domain::booking::LaneChange;
use crate::domain::campaign::Campaign;
use crate::domain::ids::{LeftoverId, OfferId, SiteId};
use crate::domain::site::Site;
use crate::domain::standby::{DrawnNumber, METRES};
use crate::keys::KeyRing;
use crate::store::leftovers::{self, Chosen, Leftover, Standing};
use crate::store::offers::{self, TakeOfferError};
use crate::store::standby::{self, Around, Candidate};
use crate::store::{Conn, LedgerError, StoreError, Tx, people};

/// Days ahead for which a secret is made, so that its fingerprint is public before the day.
const DAYS_AHEAD: usize = 8;

/// How long nobody is looked for after nobody was found: whoever stands by was there when it was announced, so that only
/// what they have booked can change.
const REST: Duration = Duration::from_secs(60);

/// Leftovers for which nobody was found, and since when.
#[derive(Debug, Default)]
pub(super) struct Deserted(Mutex<HashMap<LeftoverId, Instant>>);

impl Deserted {
    fn rests(&self, id: LeftoverId) -> bool {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.retain(|_, at| at.elapsed() < REST);
        since.contains_key(&id)
    }

    fn note(&self, id: LeftoverId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Instant::now());
    }
}

/// Ends offers that nobody answered in time, and asks the next.
pub(super) async fn turn(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.now();
    for one in engine.store.read(move |conn, _| leftovers::standing(conn, now)).await? {
        let id = one.leftover.id;
        if one.is_due {
            engine
                .ledger
                .write(one.leftover.site.0, move |tx| leftovers::settle(tx, id))
                .await
                .map_err(outage)?;
        }
        let has_some = one.to_offer() > 0 || one.is_due;
        if has_some && one.leftover.has_time(now) && !engine.deserted.rests(id) {
            ask_next(engine, one).await?;
        }
    }
    Ok(())
}

/// Makes the secrets of the days to come.
pub(super) async fn prepare_days(engine: &Engine) -> Result<(), StoreError> {
    let today = engine.today();
    let known = engine.store.read(move |conn, _| standby::days_from(conn, today)).await?;
    if known.len() < DAYS_AHEAD {
        let make = move |tx: &mut Tx<'_>| standby::prepare_days(tx, today, DAYS_AHEAD);
        engine.ledger.write(0, make).await.map_err(outage)?;
    }
    Ok(())
}

async fn ask_next(engine: &Engine, standing: Standing) -> Result<(), StoreError> {
    let (left, now) = (standing.leftover, engine.now());
    let (site, campaign) = {
        let catalogue = engine.country.now();
        (catalogue.site(left.site).cloned(), catalogue.campaign(left.campaign).cloned())
    };
    let (Some(site), Some(campaign)) = (site, campaign) else { return Ok(()) };
    let around = Around {
        leftover: left.id,
        campaign: left.campaign,
        day: left.day,
        announced_at: left.announced_at,
        sites: near(engine, &site),
    };
    let most = usize::try_from(standing.free).unwrap_or(0);
    let search = Search { left, name: left.name(&site.code), campaign, around, most, now };
    let chosen = engine.store.read(move |conn, keys| search.choose(conn, keys)).await?;
    // The day's secret is made within the minute; nobody is looked for before.
    let Some(chosen) = chosen else { return Ok(()) };
    if chosen.is_empty() {
        engine.deserted.note(left.id);
        return Ok(());
    }
    let ask = move |tx: &mut Tx<'_>| leftovers::offer(tx, left.id, &chosen);
    if engine.ledger.write(left.site.0, ask).await.map_err(outage)? > 0 {
        engine.wake_notifier();
    }
    Ok(())
}

/// The sites that are near enough to a site for somebody who chose them, with their distance in metres.
fn near(engine: &Engine, here: &Site) -> BTreeMap<SiteId, u32> {
    let farthest = METRES.iter().max().copied().unwrap_or(0);
    let metres = |site: &Site| {
        if site.id == here.id {
            return Some(0);
        }
        let kilometres = here.position?.kilometres_to(&site.position?);
        let metres = (kilometres * 1000.0).ceil();
        (metres <= f64::from(farthest)).then_some(metres as u32)
    };
    let catalogue = engine.country.now();
    catalogue.sites().iter().filter_map(|site| Some((site.id, metres(site)?))).collect()
}

/// The next to be asked about a leftover dose.
struct Search {
    left: Leftover,
    name: String,
    campaign: Arc<Campaign>,
    around: Around,
    most: usize,
    now: Timestamp,
}

impl Search {
    /// The first in the drawn order whom the dose suits; `None` as long as the day has no secret to draw by.
    fn choose(&self, conn: &mut Conn, keys: &KeyRing) -> Result<Option<Vec<Chosen>>, StoreError> {
        let Some(secret) = standby::secret_of(conn, keys, self.left.day)? else { return Ok(None) };
        let mut drawn: Vec<(DrawnNumber, Candidate)> = standby::candidates(conn, &self.around)?
            .into_iter()
            .map(|one| (DrawnNumber::of(&secret, &self.name, &one.ticket), one))
            .collect();
        drawn.sort_by_key(|(number, _)| *number);
        let mut chosen = Vec::new();
        for (number, one) in drawn {
            if chosen.len() >= self.most {
                break;
            }
            if self.suits(conn, keys, &one)? {
                chosen.push(Chosen { standby: one.id, number });
            }
        }
        Ok(Some(chosen))
    }

    fn suits(&self, conn: &mut Conn, keys: &KeyRing, one: &Candidate) -> Result<bool, StoreError> {
        let Some(person) = people::find(conn, keys, one.person)? else { return Ok(false) };
        let whom = (&person, one.claimant);
        Ok(offers::next_dose(conn, &self.campaign, whom, &self.left, self.now)?.is_some())
    }
}

impl Engine {
    /// Takes an offered dose, and tells everybody whose counts it changes.
    ///
    /// # Errors
    /// [`TakeOfferError`] when it can't be taken, and outages.
    pub async fn take_offer(
        &self,
        id: OfferId,
        left: &Leftover,
        campaign: Arc<Campaign>,
    ) -> Result<(), LedgerError<TakeOfferError>> {
        let rules = self.holds;
        let take = move |tx: &mut Tx<'_>| offers::take(tx, id, &campaign, rules);
        let changes: Vec<LaneChange> = self.ledger.write(left.site.0, take).await?;
        self.desks.post().committed(None, &changes);
        self.wake_notifier();
        Ok(())
    }
}
