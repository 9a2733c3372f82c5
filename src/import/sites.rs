//! `sunbeon import sites.csv`.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::cells::ProductList;
use super::columns::{Layout, Mapping};
use super::encoding::decode;
use super::error::ImportError;
use super::report::{Note, SiteReport};
use super::site_key::recognise;
use super::site_row::{RowReader, SiteRow, lacking};
use super::slots::Calendar;
use super::table::Table;
use super::{Progress, Step};
use crate::domain::campaign::Campaign;
use crate::domain::ids::{ProductId, SiteId};
use crate::domain::site::Site;
use crate::domain::weekly_hours::WeeklyHours;
use crate::store::ledger::LedgerError;
use crate::store::sites::{self, Saved};
use crate::store::{Ledger, Never, Store, campaigns};

/// The most bytes of a file: a hundred times the 15,000 clinics of the country.
const BYTES_MAX: usize = 256 * 1024 * 1024;

/// Sites in one write, for which a running server waits: with ten weeks of slots each they take about 130 ms (measured).
const SITES_EACH_WRITE: usize = 25;

/// Rows between two reports of progress while reading.
const ROWS_EACH_PROGRESS: usize = 500;

/// How a sites file is to be read.
#[derive(Debug, Clone)]
pub struct SiteOptions {
    /// Which of their columns is which of ours; usual headers need none.
    pub columns: Vec<Mapping>,
    /// Opening hours of rows that have none.
    pub hours: Option<WeeklyHours>,
    /// Products of rows that have none.
    pub products: Option<ProductList>,
    /// Seats each half hour of rows and products that have none.
    pub seats: Option<u16>,
    /// The time zone of the sites; one with an IANA name.
    pub zone: TimeZone,
    /// Only says what would be done.
    pub dry_run: bool,
}

impl SiteOptions {
    /// No mappings and no stand-ins.
    pub fn new(zone: TimeZone) -> Self {
        Self { columns: Vec::new(), hours: None, products: None, seats: None, zone, dry_run: false }
    }
}

/// Reads a sites file and stores its good rows, with the slots of every campaign that has one of their products.
/// `progress` is called every now and then. Blocks this thread: call it off the async ones.
///
/// # Errors
/// [`ImportError`] when the file as a whole can't be imported, or the database fails. Bad rows are in the report.
pub fn import_sites(
    ledger: &Ledger,
    store: &Store,
    bytes: &[u8],
    options: &SiteOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<SiteReport, ImportError> {
    if bytes.len() > BYTES_MAX {
        return Err(ImportError::TooLarge { found: bytes.len(), accepted: BYTES_MAX });
    }
    let decoded = decode(bytes);
    let table = Table::read(&decoded.text)?;
    let layout = Layout::of(&table.header, &options.columns).map_err(ImportError::Mistakes)?;
    let lacking = lacking(&layout, options);
    if !lacking.is_empty() {
        return Err(ImportError::Mistakes(lacking));
    }
    let known = Known::read(store)?;
    let mut report = SiteReport {
        encoding: decoded.encoding,
        rows: table.rows.len(),
        dry_run: options.dry_run,
        unused: layout.unused.clone(),
        ..SiteReport::default()
    };
    let mut rows = read_rows(&table, &layout, options, &known, (&mut report, progress))?;
    recognise(&mut rows, &known.sites);
    if options.dry_run {
        for row in &rows {
            report.count(known.would_be(row));
        }
    } else {
        save(ledger, rows, &Calendar::shared(known.campaigns, &options.zone), (&mut report, progress))?;
    }
    Ok(report)
}

/// What the database holds already.
struct Known {
    products: HashMap<String, ProductId>,
    campaigns: Vec<Campaign>,
    sites: HashMap<String, Site>,
}

impl Known {
    fn read(store: &Store) -> Result<Self, ImportError> {
        let known = store.read_now(|conn, _| {
            let products = campaigns::products(conn)?;
            let mut keys: HashMap<SiteId, String> = sites::import_keys(conn)?.into_iter().collect();
            let sites = sites::all(conn)?.into_iter();
            Ok(Self {
                products: products
                    .into_iter()
                    .map(|product| (product.code.to_lowercase(), product.id))
                    .collect(),
                campaigns: campaigns::all(conn)?,
                sites: sites.filter_map(|site| Some((keys.remove(&site.id)?, site))).collect(),
            })
        })?;
        Ok(known)
    }

    /// What saving the row would do.
    fn would_be(&self, row: &SiteRow) -> Saved {
        match self.sites.get(&row.key) {
            None => Saved::New(row.site.id),
            Some(stored) => {
                let wanted = Site { id: stored.id, code: stored.code.clone(), ..row.site.clone() };
                if wanted == *stored { Saved::Same(stored.id) } else { Saved::Changed(stored.id) }
            }
        }
    }
}

/// What goes on beside the work: the report grows, and somebody watches.
type Watched<'a> = (&'a mut SiteReport, &'a mut dyn FnMut(Progress));

fn read_rows(
    table: &Table,
    layout: &Layout,
    options: &SiteOptions,
    known: &Known,
    (report, progress): Watched<'_>,
) -> Result<Vec<SiteRow>, ImportError> {
    let time_zone = options.zone.iana_name().ok_or(ImportError::NamelessZone)?;
    let mut reader = RowReader::new(layout, options, time_zone, &known.products);
    let mut rows = Vec::new();
    for (index, row) in table.rows.iter().enumerate() {
        match reader.read(row) {
            Ok(row) => {
                report.notes.extend(row.note.iter().map(|text| Note { line: row.line, text: text.clone() }));
                rows.push(row);
            }
            Err(bad) => report.bad.push(bad),
        }
        if (index + 1) % ROWS_EACH_PROGRESS == 0 {
            progress(Progress { step: Step::Reading, done: index + 1, total: table.rows.len() });
        }
    }
    Ok(rows)
}

fn save(
    ledger: &Ledger,
    rows: Vec<SiteRow>,
    calendar: &std::sync::Arc<Calendar>,
    (report, progress): Watched<'_>,
) -> Result<(), ImportError> {
    let total = rows.len();
    let mut rows = rows.into_iter();
    let mut done = 0;
    while done < total {
        let batch: Vec<SiteRow> = rows.by_ref().take(SITES_EACH_WRITE).collect();
        let calendar = calendar.clone();
        let count = batch.len();
        let saved: Result<Vec<(Saved, usize)>, LedgerError<Never>> = ledger.write_now(move |tx| {
            let mut saved = Vec::with_capacity(batch.len());
            for row in &batch {
                let site = sites::save(tx, &row.key, &row.site)?;
                saved.push((site, calendar.fill(tx, site.id(), &row.site)?));
            }
            Ok(saved)
        });
        for (site, slots) in saved.map_err(|source| ImportError::Stopped { done, total, source })? {
            report.count(site);
            report.slots += slots;
        }
        done += count;
        progress(Progress { step: Step::Saving, done, total });
    }
    Ok(())
}
