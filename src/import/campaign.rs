//! `sunbeon import campaign.toml`.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::campaign_file::CampaignFile;
use super::campaign_rules::{missing_intervals, problems, warnings};
use super::encoding::decode;
use super::error::ImportError;
use super::openings;
use super::report::CampaignReport;
use super::slots::Calendar;
use super::{Progress, Step};
use crate::domain::campaign::Campaign;
use crate::domain::door::opening::Opening;
use crate::domain::ids::{CampaignId, ProductId};
use crate::domain::product::Product;
use crate::domain::site::Site;
use crate::store::ledger::LedgerError;
use crate::store::{Failure, Ledger, Never, Store, StoreError, Tx, campaigns, door_state, draws, sites};

/// The most bytes of a file.
const BYTES_MAX: usize = 1024 * 1024;

/// Sites whose slots are added in one write: a running server waits for the whole write.
const SITES_EACH_WRITE: usize = 25;

/// How a campaign file is to be read.
#[derive(Debug, Clone)]
pub struct CampaignOptions {
    /// In which zone times without an offset are, and today is today.
    pub zone: TimeZone,
    /// When the file is read: what must be unknown yet comes later.
    pub now: Timestamp,
    /// One-time codes an hour that the configuration allows in all.
    pub codes_per_hour: u32,
    /// Only says what would be done.
    pub dry_run: bool,
}

/// Reads a campaign file, stores the campaign with its products in one write, then adds the slots of the sites that offer
/// its products already. Blocks this thread: call it off the async ones.
///
/// # Errors
/// [`ImportError`] with every mistake of the file, or when the database fails.
pub fn import_campaign(
    ledger: &Ledger,
    store: &Store,
    bytes: &[u8],
    options: &CampaignOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<CampaignReport, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge { found: bytes.len(), accepted: BYTES_MAX });
    }
    let file = CampaignFile::read(&decode(bytes).text, &options.zone).map_err(ImportError::Mistakes)?;
    let (stored, before, evenings, begun) = store.read_now(|conn, keys| {
        let before = campaigns::all(conn)?.into_iter().find(|known| known.slug == file.campaign.slug);
        let evenings = crate::store::openings::all(conn, keys)?;
        Ok((campaigns::products(conn)?, before, evenings, door_state::begun(conn)?))
    })?;
    let known = before.as_ref().map(|before| before.id);
    let mut found = problems(&file, &stored);
    found.extend(openings::problems(&file, &evenings, &begun, known, options.now));
    if !found.is_empty() {
        return Err(ImportError::Mistakes(found));
    }
    let preview = preview(&file, &stored);
    let lacking = missing_intervals(&preview);
    if !lacking.is_empty() {
        return Err(ImportError::Mistakes(lacking));
    }
    let mut report = CampaignReport {
        slug: file.campaign.slug.clone(),
        is_new: before.is_none(),
        products: file.products.iter().map(|one| one.product.code.clone()).collect(),
        openings: openings::told(&file, &evenings),
        warnings: [
            warnings(&preview, before.as_ref()),
            openings::warnings(&file, &evenings, known, options.codes_per_hour),
        ]
        .concat(),
        dry_run: options.dry_run,
        ..CampaignReport::default()
    };
    let campaign = if options.dry_run { preview } else { save(ledger, store, file)? };
    let sites = store.read_now(|conn, _| sites::all(conn))?;
    let offers = |site: &Site| site.offers.iter().any(|offer| campaign.product(offer.product).is_some());
    let sites: Vec<Site> = sites.into_iter().filter(offers).collect();
    report.sites = sites.len();
    if !options.dry_run {
        let calendar = Calendar::shared(vec![campaign], &options.zone);
        report.slots = add_slots(ledger, &sites, &calendar, progress)?;
    }
    Ok(report)
}

/// The campaign as it will be. Products that are not stored yet get ids of their own, below zero.
fn preview(file: &CampaignFile, stored: &[Product]) -> Campaign {
    let mut all: HashMap<&str, Product> =
        stored.iter().map(|product| (product.code.as_str(), product.clone())).collect();
    for (index, one) in (1_i64..).zip(&file.products) {
        let id = all.get(one.product.code.as_str()).map_or(ProductId(-index), |known| known.id);
        all.insert(&one.product.code, Product { id, ..one.product.clone() });
    }
    let ids: HashMap<&str, ProductId> = all.iter().map(|(code, product)| (*code, product.id)).collect();
    for one in &file.products {
        if let Some(product) = all.get_mut(one.product.code.as_str()) {
            product.may_follow = ids_of(&one.may_follow, |code| ids.get(code).copied());
        }
    }
    let products = file.product_codes.iter().filter_map(|code| all.get(code.as_str()).cloned()).collect();
    Campaign { products, ..file.campaign.clone() }
}

fn ids_of(codes: &[String], find: impl Fn(&str) -> Option<ProductId>) -> Vec<ProductId> {
    codes.iter().filter_map(|code| find(code)).collect()
}

/// Stores everything in one write and returns the campaign as it is stored.
fn save(ledger: &Ledger, store: &Store, file: CampaignFile) -> Result<Campaign, ImportError> {
    let slug = file.campaign.slug.clone();
    let saved: Result<(), LedgerError<Never>> = ledger.write_now(move |tx| {
        // Products may follow each other in a circle, so all of them get ids before any follows another.
        for one in &file.products {
            campaigns::save_product(tx, &one.product)?;
        }
        let known = campaigns::products(tx.conn)?;
        let by_code = |code: &str| known.iter().find(|product| product.code == code);
        for one in &file.products {
            let may_follow = ids_of(&one.may_follow, |code| by_code(code).map(|product| product.id));
            campaigns::save_product(tx, &Product { may_follow, ..one.product.clone() })?;
        }
        let products: Vec<Product> =
            file.product_codes.iter().filter_map(|code| by_code(code).cloned()).collect();
        if products.len() != file.product_codes.len() {
            let told = "a product of the campaign has gone since it was looked up; try again";
            return Err(Failure::Store(StoreError::Unreadable(told.to_owned())));
        }
        let id = campaigns::save_campaign(tx, &Campaign { products, ..file.campaign.clone() })?;
        save_openings(tx, id, &file)?;
        Ok(())
    });
    saved.map_err(|source| ImportError::Stopped { done: 0, total: 0, source })?;
    let stored = store.read_now(|conn, _| campaigns::all(conn))?;
    let gone = || StoreError::Unreadable(format!("the campaign {slug} is not there after it was saved"));
    Ok(stored.into_iter().find(|campaign| campaign.slug == slug).ok_or_else(gone)?)
}

fn save_openings(tx: &mut Tx<'_>, campaign: CampaignId, file: &CampaignFile) -> Result<(), StoreError> {
    for one in &file.openings {
        crate::store::openings::save(tx, &Opening { campaign, ..one.opening.clone() })?;
        let code = &one.opening.code;
        // The rules were looked at before; somebody may have revealed a seed since.
        draws::name_beacon(tx, code, one.beacon.as_ref()).map_err(|failure| match failure {
            Failure::Refused(refused) => StoreError::Unreadable(format!("{code}: {refused}")),
            Failure::Store(error) => error,
        })?;
    }
    Ok(())
}

fn add_slots(
    ledger: &Ledger,
    sites: &[Site],
    calendar: &std::sync::Arc<Calendar>,
    progress: &mut dyn FnMut(Progress),
) -> Result<usize, ImportError> {
    let total = sites.len();
    let (mut done, mut slots) = (0, 0);
    for batch in sites.chunks(SITES_EACH_WRITE) {
        let (batch, calendar) = (batch.to_vec(), calendar.clone());
        let count = batch.len();
        let added: Result<usize, LedgerError<Never>> = ledger.write_now(move |tx| {
            let mut added = 0;
            for site in &batch {
                added += calendar.fill(tx, site.id, site)?;
            }
            Ok(added)
        });
        slots += added.map_err(|source| ImportError::Stopped { done, total, source })?;
        done += count;
        progress(Progress { step: Step::Saving, done, total });
    }
    Ok(slots)
}
