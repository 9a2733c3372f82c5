//! Files as operators have them, imported into a database.
#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub)]

mod campaigns;
mod office;
mod sites;
#[path = "../support/skipped.rs"]
mod skipped;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sunbeon::domain::site::Site;
use sunbeon::import::{
    CampaignOptions, CampaignReport, ImportError, SiteOptions, SiteReport, import_campaign, import_sites,
};

use office::{Office, now};

impl Office {
    /// An office with a campaign of two products, on one Monday.
    fn with_campaign() -> Self {
        let office = Self::open();
        office.campaign(&one_day_campaign()).unwrap();
        office
    }

    fn campaign(&self, text: &str) -> Result<CampaignReport, ImportError> {
        self.campaign_with(text, u32::MAX)
    }

    fn campaign_with(&self, text: &str, codes_per_hour: u32) -> Result<CampaignReport, ImportError> {
        let options = CampaignOptions { zone: seoul(), now: now(), codes_per_hour, dry_run: false };
        import_campaign(&self.ledger, &self.store, text.as_bytes(), &options, &mut |_| ())
    }

    fn sites(&self, bytes: &[u8], options: &SiteOptions) -> Result<SiteReport, ImportError> {
        import_sites(&self.ledger, &self.store, bytes, options, &mut |_| ())
    }

    fn stored(&self) -> Vec<Site> {
        self.store.read_now(|conn, _| sunbeon::store::sites::all(conn)).unwrap()
    }

    fn slots(&self) -> usize {
        let from = Timestamp::UNIX_EPOCH;
        let count = |site: Site| {
            let slots = self.store.read_now(|conn, _| sunbeon::store::slots::of_site(conn, site.id, from));
            slots.unwrap().len()
        };
        self.stored().into_iter().map(count).sum()
    }
}

fn seoul() -> TimeZone {
    TimeZone::get("Asia/Seoul").unwrap()
}

/// Two products, one dose, one day: Monday 30 November 2026.
fn one_day_campaign() -> String {
    let product = |code: &str| {
        format!(
            "[[products]]\ncode = \"{code}\"\nname = {{ ko = \"백신\", en = \"Vaccine\" }}\nage_min = 6\n"
        )
    };
    format!(
        "[campaign]\nslug = \"flu\"\nname = {{ ko = \"독감\", en = \"Flu\" }}\nabout = {{ ko = \"독감\", en = \"Flu\" }}\n\
         doses = 1\nopens_at = 2026-11-25T20:00:00\ncloses_at = 2026-12-20T18:00:00\nfirst_day = 2026-11-30\n\
         last_day = 2026-11-30\nproducts = [\"flu-2026\", \"covid-2026\"]\n{}{}",
        product("flu-2026"),
        product("covid-2026")
    )
}
