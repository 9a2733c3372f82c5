//! Real input: sites from a CSV file, a campaign from a TOML file, both repeatable without storing anything twice.
//!
//! # The sites file
//! The first row names the columns; `sites.example.csv` has them all. The text is UTF-8 with or without BOM, UTF-16 with
//! BOM, or CP949 (EUC-KR); cells are parted by commas, or by tabs or semicolons when the first row has no comma.
//! Every [`Column`] is found by its own name or by a usual header (시설명, 시도, 위도, ...). Other headers are mapped:
//! `--map name=기관이름` says that our column `name` is their column 기관이름, and
//! `--map "address=sido+sigungu+eupmyeondong"` joins three of theirs with blanks. `--hours`, `--products` and `--seats` stand in
//! for columns and cells that are missing. Blanks around and doubled within a cell don't count.
//!
//! A row needs a name and a place: a province and district, or an address that begins with them, or a position. When
//! the names fit several districts (화성시), the one nearest to the position is taken. The open hours also decide
//! whether a site is open on evenings and weekends; the features may add to that.
//!
//! # What makes two rows the same site
//! The import key: the row's `id` when the file has that column, otherwise its name without blanks and signs, its province and
//! district, and its position rounded to a thousandth of a degree (about 100 m), or its address when it has no position.
//! A row whose key is new still updates a stored site of the same name in the same district that is at most 300 m away,
//! so that a corrected position makes no second site. Two rows of one file with the same key: the later one is bad.
//!
//! # The campaign file
//! `campaign.example.toml` has every key. Times without an offset are in the configured zone.

mod campaign;
mod campaign_file;
mod campaign_rules;
mod cells;
mod columns;
mod encoding;
mod error;
mod openings;
mod place;
mod report;
mod site_key;
mod site_row;
mod sites;
mod slots;
mod table;
mod toml_section;

pub use campaign::{CampaignOptions, import_campaign};
pub use cells::{ProductList, ProductListError};
pub use columns::{Column, Mapping, MappingError};
pub use error::{ImportError, Problem};
pub use report::{BadRow, CampaignReport, Note, SiteReport};
pub use sites::{SiteOptions, import_sites};

/// A sites file with every column.
pub const SITES_EXAMPLE: &str = include_str!("sites.example.csv");

/// A campaign file with every key and a comment on each.
pub const CAMPAIGN_EXAMPLE: &str = include_str!("campaign.example.toml");

/// How far a long import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// Sites done.
    pub done: usize,
    /// Sites in all.
    pub total: usize,
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows are read and checked.
    Reading,
    /// Sites and their slots are stored.
    Saving,
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Reading => "reading",
            Self::Saving => "saving",
        })
    }
}
