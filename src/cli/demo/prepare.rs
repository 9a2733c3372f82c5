//! Fills a demo's database, or brings it up to today.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::civil::Date;

use super::bookings;
use super::calendar::Calendar;
use super::campaigns::{self, Campaigns};
use super::{country, directory};
use crate::cli::installation::Installation;
use crate::config::Config;
use crate::domain::clock::{Chance, Clock};
use crate::domain::ids::SiteId;
use crate::domain::site::Site;
use crate::keys::{KeyRing, password};
use crate::store::staff::{self, AddStaffError, Role};
use crate::store::{Failure, Outcome, StoreError, settings, sites, timetable};
use crate::system::{SeededChance, SystemChance};

const SEED: u64 = 7;
const SITES: u32 = 1_200;

/// Sites in one transaction: some 20,000 rows, a fraction of a second.
const CHUNK_SITES: usize = 25;

/// Sites after which the node's number is renewed: some ten seconds.
const RENEW_SITES: usize = 1_000;

/// Names of settings; [`settings::DEMO`] besides.
const SEED_SETTING: &str = "demo-seed";
const SITES_SETTING: &str = "demo-sites";
const FILLED_SETTING: &str = "demo-filled-until";

/// What the demo is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The directory it is kept in.
    pub data: PathBuf,
    /// Its seed; `None` for the directory's, or 7.
    pub seed: Option<u64>,
    /// How many sites it has; `None` for the directory's, or 1,200.
    pub sites: Option<u32>,
}

/// How far the inventing is, in sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Sites whose slots are there.
    pub done: usize,
    /// All sites.
    pub total: usize,
}

/// Whom to sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub login: &'static str,
    /// The password.
    pub password: &'static str,
    /// What they see: names and codes of sites.
    pub sees: String,
}

/// A demo that can be served.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Its keys.
    pub keys: KeyRing,
    /// Whom to sign in as.
    pub logins: Vec<Login>,
    /// Seats that were booked just now.
    pub booked: usize,
}

/// Fills the directory's database with an invented country, or brings the country that is there up to today.
///
/// # Errors
/// When the directory is something else, holds another country, or the database fails.
pub fn prepare(
    wish: &Wish,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<Prepared> {
    let keys = directory::open(&wish.data)?;
    let config = Config::for_demo(&wish.data, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let calendar = Calendar::new(clock.now(), config.time.zone.clone());
    let ring = Arc::new(keys.clone());

    // Nonces and tokens are of a kind nobody may guess, whatever the seed.
    let installation = Installation::open(&config, ring.clone(), Arc::new(SystemChance), clock.clone())?;
    let mark = mark(&installation, wish)?;
    let campaigns = {
        let calendar = calendar.clone();
        installation.write(move |tx| campaigns::save(tx, &calendar))?
    };
    let mut booked = 0;
    let is_up_to_date = mark.filled_until.is_some_and(|day| day >= calendar.last_day());
    if !is_up_to_date {
        // This ledger makes up the codes of sites and seals nothing: the same seed may give the same codes. Those of a
        // country that was cut off are taken, so another run of chance gives the rest.
        let stored = u64::try_from(country_in_order(&installation)?.len())?;
        let chance = Arc::new(SeededChance::new(mark.seed.wrapping_add(stored)));
        let builder = Installation::open(&config, ring, chance, clock)?;
        fill_country(&builder, &mark, &campaigns, &calendar, progress)?;
    }
    let all = country_in_order(&installation)?;
    let logins = hire(&installation, &all)?;
    if !is_up_to_date {
        let chance = SeededChance::new(mark.seed ^ u64::from(calendar.today.day_of_year().unsigned_abs()));
        let is_new = mark.filled_until.is_none();
        booked = bookings::invent(&installation, &chance, &campaigns, (&all, is_new), &calendar)?;
        finish(&installation, &calendar)?;
    }
    Ok(Prepared { keys, logins, booked })
}

/// What the database says about its country.
#[derive(Debug, Clone, Copy)]
struct Mark {
    seed: u64,
    sites: u32,
    /// The last day that has slots; `None` when the inventing was cut off.
    filled_until: Option<Date>,
}

/// Reads the mark, or sets it on a new database. Refuses a country that is not the wished one.
fn mark(installation: &Installation, wish: &Wish) -> anyhow::Result<Mark> {
    let data = wish.data.display();
    let (seed, count, filled, is_demo, is_used) = installation.store.read_now(|conn, _| {
        Ok((
            settings::get(conn, SEED_SETTING)?,
            settings::get(conn, SITES_SETTING)?,
            settings::get(conn, FILLED_SETTING)?,
            settings::is_demo(conn)?,
            !sites::all(conn)?.is_empty() || !staff::list(conn)?.is_empty(),
        ))
    })?;
    if !is_demo && is_used {
        bail!("the database in {data} was not filled by the demo; name another directory with --data");
    }
    if let (true, Some(seed), Some(count)) = (is_demo, seed, count) {
        let known = Mark {
            seed: seed.parse().context("the demo's seed is unreadable")?,
            sites: count.parse().context("the demo's number of sites is unreadable")?,
            filled_until: filled.and_then(|day| day.parse().ok()),
        };
        if wish.seed.is_some_and(|seed| seed != known.seed)
            || wish.sites.is_some_and(|count| count != known.sites)
        {
            bail!(
                "{data} holds the country of seed {} with {} sites; delete it, or name another directory with --data",
                known.seed,
                known.sites
            );
        }
        return Ok(known);
    }
    let new =
        Mark { seed: wish.seed.unwrap_or(SEED), sites: wish.sites.unwrap_or(SITES), filled_until: None };
    installation.write(move |tx| -> Outcome<(), String> {
        settings::set(tx, settings::DEMO, "true")?;
        settings::set(tx, SEED_SETTING, &new.seed.to_string())?;
        settings::set(tx, SITES_SETTING, &new.sites.to_string())?;
        Ok(())
    })?;
    Ok(new)
}

/// Stores the sites and the slots they lack.
fn fill_country(
    installation: &Installation,
    mark: &Mark,
    campaigns: &Campaigns,
    calendar: &Calendar,
    progress: &mut dyn FnMut(Progress),
) -> anyhow::Result<()> {
    let from = match mark.filled_until {
        Some(day) => day.tomorrow()?.max(calendar.today),
        None => calendar.today,
    };
    let chance = SeededChance::new(mark.seed);
    let count = usize::try_from(mark.sites)?;
    let all: Vec<Site> = country::invent(&chance as &dyn Chance, count, campaigns)?;
    let mut done = 0;
    for chunk in all.chunks(CHUNK_SITES) {
        let (first, chunk, campaigns) = (done, chunk.to_vec(), campaigns.clone());
        done += chunk.len();
        installation.write(move |tx| -> Outcome<(), String> {
            for (index, site) in chunk.iter().enumerate() {
                let id = sites::save(tx, &country::import_key(first + index), site)?.id();
                for campaign in campaigns.both() {
                    timetable::fill(tx, id, site, campaign, from)?;
                }
            }
            Ok(())
        })?;
        if done % RENEW_SITES == 0 {
            installation.renew()?;
        }
        progress(Progress { done, total: count });
    }
    Ok(())
}

/// The stored sites in the order they were invented: ids grow.
fn country_in_order(installation: &Installation) -> Result<Vec<Site>, StoreError> {
    let mut all = installation.store.read_now(|conn, _| sites::all(conn))?;
    all.sort_by_key(|site| site.id);
    Ok(all)
}

/// Adds the demo's staff, with passwords that everybody may know: `serve` refuses this database.
fn hire(installation: &Installation, all: &[Site]) -> anyhow::Result<Vec<Login>> {
    let shown = all.get(..country::SHOWN.min(all.len())).unwrap_or_default();
    let ids = |sites: &[Site]| Vec::from_iter(sites.iter().map(|site| site.id));
    let named = |sites: &[Site]| {
        Vec::from_iter(sites.iter().map(|site| format!("{} ({})", site.name, site.code))).join(", ")
    };
    let second = shown.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(shown);
    let crew: [(Login, Role, Vec<SiteId>); 5] = [
        (Login { login: "clinic", password: "sunny-clinic", sees: named(shown) }, Role::Clinic, ids(shown)),
        (Login { login: "nurse", password: "sunny-nurse", sees: named(second) }, Role::Clinic, ids(second)),
        (
            Login { login: "agent", password: "sunny-agent", sees: "when callers' turn is".to_owned() },
            Role::CallCentre,
            vec![],
        ),
        (
            Login { login: "authority", password: "sunny-authority", sees: "every site".to_owned() },
            Role::Authority,
            vec![],
        ),
        (
            Login { login: "auditor", password: "sunny-auditor", sees: "who looked at whom".to_owned() },
            Role::Auditor,
            vec![],
        ),
    ];
    let known = installation.store.read_now(|conn, _| staff::list(conn))?;
    let mut logins = Vec::new();
    for (one, role, sites) in crew {
        if !known.iter().any(|member| member.login == one.login) {
            let hash = password::hash(one.password, &SystemChance)?;
            let login = one.login;
            installation.write(move |tx| match staff::add(tx, login, &hash, role, &sites) {
                // Somebody ended the account; that stands.
                Ok(_) | Err(Failure::Refused(AddStaffError::LoginTaken)) => Ok::<_, Failure<String>>(()),
                Err(Failure::Store(error)) => Err(error.into()),
            })?;
        }
        logins.push(one);
    }
    Ok(logins)
}

/// Remembers up to which day there are slots: the last thing, so that what was cut off is done again.
fn finish(installation: &Installation, calendar: &Calendar) -> anyhow::Result<()> {
    let until = calendar.last_day().to_string();
    installation.write(move |tx| -> Outcome<(), String> { Ok(settings::set(tx, FILLED_SETTING, &until)?) })
}
