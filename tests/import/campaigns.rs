//! Campaign files.

use jiff::civil::date;
use sunbeon::import::{CAMPAIGN_EXAMPLE, CampaignOptions, SITES_EXAMPLE, SiteOptions, import_campaign};
use sunbeon::store::campaigns;

use crate::{Office, one_day_campaign, seoul};

#[test]
fn the_example_goes_in_with_all_it_says() {
    let office = Office::open();
    let report = office.campaign(CAMPAIGN_EXAMPLE).unwrap();
    assert!(report.is_new && report.warnings.is_empty(), "{report}");
    let stored = office.store.read_now(|conn, _| campaigns::all(conn)).unwrap();
    let campaign = &stored[0];
    assert_eq!((campaign.slug.as_str(), campaign.doses), ("covid-2026", 2));
    assert_eq!(campaign.opens_at, "2026-11-25T20:00:00+09:00".parse().unwrap());
    assert_eq!((campaign.first_day, campaign.last_day), (date(2026, 12, 1), date(2027, 2, 12)));
    assert_eq!(campaign.cohorts.len(), 2);
    let first = campaign.product_by_code("covid-2026").unwrap();
    let second = campaign.product_by_code("covid-2026-b").unwrap();
    assert!(first.may_come_after(second.id) && !second.may_come_after(first.id));
    assert_eq!(first.interval_before(2).unwrap().proposed_days, 28);
    assert_eq!(second.ages.oldest, Some(64));

    let again = office.campaign(CAMPAIGN_EXAMPLE).unwrap();
    assert!(!again.is_new);
    assert_eq!(office.store.read_now(|conn, _| campaigns::all(conn)).unwrap(), stored);
}

#[test]
fn sites_that_offer_its_products_get_slots() {
    let office = Office::with_campaign();
    office.sites(SITES_EXAMPLE.as_bytes(), &SiteOptions::new(seoul())).unwrap();
    let before = office.slots();
    let longer = one_day_campaign().replace("last_day = 2026-11-30", "last_day = 2026-12-01");
    let report = office.campaign(&longer).unwrap();
    // On the Tuesday: 16 half hours of two products, 22 and 16 of one.
    assert_eq!((report.sites, report.slots), (3, 70), "{report}");
    assert_eq!(office.slots(), before + 70);
    assert_eq!(office.campaign(&longer).unwrap().slots, 0);
    let shorter = office.campaign(&one_day_campaign()).unwrap();
    assert!(shorter.warnings[0].contains("got shorter"), "{shorter}");
    assert_eq!(office.slots(), before + 70);
}

#[test]
fn a_dry_run_of_a_campaign_writes_nothing() {
    let office = Office::open();
    let options = CampaignOptions { zone: seoul(), dry_run: true };
    let bytes = CAMPAIGN_EXAMPLE.as_bytes();
    let report = import_campaign(&office.ledger, &office.store, bytes, &options, &mut |_| ()).unwrap();
    assert!(report.is_new && report.to_string().starts_with("Dry run"));
    assert!(office.store.read_now(|conn, _| campaigns::all(conn)).unwrap().is_empty());
}

#[test]
fn every_mistake_is_told_at_once() {
    let office = Office::open();
    let text = CAMPAIGN_EXAMPLE
        .replace("doses = 2\n", "doses = 12\n")
        .replace("first_day = 2026-12-01", "first_day = \"soon\"")
        .replace("minimum_days = 28", "minimum_days = 84")
        .replace("age_max = 64", "age_max = 6\nagemax = 7")
        .replace("born_to = 1961", "born_to = 1800")
        .replace("slug = \"covid-2026\"", "slug = \"Covid 2026\"");
    let error = office.campaign(&text).unwrap_err().to_string();
    for part in [
        "campaign.doses: found \"12\"; write a number from 1 to 9",
        "campaign.first_day: found \"soon\"; write a date such as 2026-11-24",
        "products[2].intervals[1].minimum_days",
        "products[2].age_max: found \"6\"; write at least age_min, 18",
        "products[2].agemax: found",
        "campaign.cohorts[1].born_to: found \"1800\"",
        "campaign.slug: found \"Covid 2026\"",
    ] {
        assert!(error.contains(part), "{part}\n{error}");
    }
    assert!(office.store.read_now(|conn, _| campaigns::all(conn)).unwrap().is_empty());
}

#[test]
fn parts_that_do_not_fit_together_are_told_at_once() {
    let office = Office::open();
    let text = CAMPAIGN_EXAMPLE
        .replace("\"covid-2026-b\"]\n\n# Who", "\"mumps\"]\n\n# Who")
        .replace("closes_at = 2027-01-31T18:00:00", "closes_at = 2026-11-20T18:00:00")
        .replace("last_day = 2027-02-12", "last_day = 2072-02-12");
    let error = office.campaign(&text).unwrap_err().to_string();
    for part in ["campaign.products: found \"mumps\"", "campaign.closes_at", "campaign.last_day"] {
        assert!(error.contains(part), "{part}\n{error}");
    }
    let error = office.campaign("[campaign\nslug = 1").unwrap_err().to_string();
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn a_first_dose_without_a_second_is_refused_or_warned_of() {
    let office = Office::open();
    let three = CAMPAIGN_EXAMPLE.replace("doses = 2\n", "doses = 3\n");
    let error = office.campaign(&three).unwrap_err().to_string();
    assert!(error.contains("an interval for dose 3"), "{error}");
    let short = CAMPAIGN_EXAMPLE.replace("last_day = 2027-02-12", "last_day = 2026-12-20");
    let report = office.campaign(&short).unwrap();
    assert_eq!(report.warnings.len(), 2, "{report}");
    assert!(report.warnings[0].contains("too short for covid-2026"), "{report}");
    assert!(report.warnings[0].contains("2026-12-22"), "{report}");
}
