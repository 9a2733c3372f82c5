//! The country that is rehearsed in: sites and seats enough for everybody, and one opening that has been drawn.

use std::time::Duration;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use super::RehearseArgs;
use crate::cli::demo::calendar::Calendar;
use crate::cli::demo::{campaigns, country};
use crate::cli::installation::Installation;
use crate::domain::campaign::Campaign;
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::door::draw_key::DrawKey;
use crate::domain::door::opening::{Opening, OpeningCode, Places};
use crate::domain::ids::OpeningId;
use crate::domain::site::Site;
use crate::store::campaigns::save_campaign;
use crate::store::door_state::{self, Order};
use crate::store::openings::StoredOpening;
use crate::store::{Outcome, openings, sites, timetable};
use crate::system::SeededChance;

/// Sites in one transaction.
const CHUNK_SITES: usize = 25;

/// Seats of the common vaccine that an invented site has, by and large, over all its days.
const SEATS_EACH: f64 = 700.0;

/// How many seats there are for each who wants one: people don't spread evenly over the country.
const SEATS_FOR_EACH: f64 = 2.0;

/// Others that a family books for, on average.
const OTHERS: f64 = 2.0;

/// The code of the opening.
const OPENING: &str = "rehearsal";

/// How long the door stands after the rehearsal ends.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(2);

/// How long the service may take to start.
const STARTING: Duration = Duration::from_secs(3);

/// Stores campaigns, sites and slots.
pub(super) fn invent(
    installation: &Installation,
    args: &RehearseArgs,
    calendar: &Calendar,
) -> anyhow::Result<Campaign> {
    let campaigns = {
        let calendar = calendar.clone();
        installation.write(move |tx| campaigns::save_both(tx, &calendar))?
    };
    let chance = SeededChance::new(args.seed);
    let count = usize::try_from(args.prepare.sites)?;
    let wanted = f64::from(args.people) * (1.0 + args.families * OTHERS) * SEATS_FOR_EACH;
    let times = (wanted / (count as f64 * SEATS_EACH)).ceil().max(1.0);
    let mut all = country::invent(&chance as &dyn Chance, count, &campaigns)?;
    for offer in all.iter_mut().flat_map(|site| &mut site.offers) {
        // Conversions from floating point saturate.
        offer.seats = (f64::from(offer.seats) * times) as u16;
    }
    for (chunk, first) in all.chunks(CHUNK_SITES).zip((0..).step_by(CHUNK_SITES)) {
        save_sites(installation, chunk, first, &campaigns.influenza, calendar)?;
        installation.renew()?;
    }
    Ok(campaigns.influenza)
}

fn save_sites(
    installation: &Installation,
    chunk: &[Site],
    first: usize,
    campaign: &Campaign,
    calendar: &Calendar,
) -> anyhow::Result<()> {
    let (chunk, campaign, today) = (chunk.to_vec(), campaign.clone(), calendar.today);
    installation.write(move |tx| -> Outcome<(), String> {
        for (index, site) in chunk.iter().enumerate() {
            let id = sites::save(tx, &country::import_key(first + index), site)?.id();
            timetable::fill(tx, id, site, &campaign, today)?;
        }
        Ok(())
    })
}

/// Announces the opening, for everybody, and draws it.
pub(super) fn open(
    installation: &Installation,
    args: &RehearseArgs,
    campaign: &Campaign,
    now: Timestamp,
) -> anyhow::Result<StoredOpening> {
    let opens_at = now + STARTING + SignedDuration::from_secs(i64::from(args.prepare.opens_in));
    let opens_at = Timestamp::from_second(opens_at.as_second())?;
    let code: OpeningCode = OPENING.parse()?;
    let opening = Opening {
        id: OpeningId(0),
        code: code.clone(),
        campaign: campaign.id,
        born: None,
        places: Places::Drawn,
        joins_from: now,
        opens_at,
        ends_at: opens_at + SignedDuration::from_mins(i64::from(args.minutes)) + AFTERWARDS,
        expected: args.people,
        sessions: args.prepare.sessions.unwrap_or_else(|| (args.people / 4).clamp(2_000, 20_000)),
    };
    let campaign = Campaign { cohorts: Vec::new(), opens_at, ..campaign.clone() };
    let pace = args.prepare.pace;
    let key = DrawKey::new(SeededChance::new(args.seed).bytes());
    installation.write(move |tx| -> Outcome<(), String> {
        save_campaign(tx, &campaign)?;
        let id = openings::save(tx, &opening)?;
        openings::keep_key(tx, id, &key)?;
        if let Some(people) = pace {
            door_state::obey(tx, &Opening { id, ..opening.clone() }, &Order::Fixed(people))?;
        }
        Ok(())
    })?;
    let found = installation.store.read_now(|conn, keys| openings::find(conn, keys, &code))?;
    found.context("the opening was not stored")
}
