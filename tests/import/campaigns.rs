//! Campaign files.

use jiff::civil::{date, time};
use sunbeon::domain::campaign::Localised;
use sunbeon::domain::door::draw::Origin;
use sunbeon::domain::door::draw_key::DrawKey;
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::domain::door::seed::Seed;
use sunbeon::domain::reminder::{RemindedDoses, ReminderRule, ReminderWay};
use sunbeon::import::{CAMPAIGN_EXAMPLE, CampaignOptions, SITES_EXAMPLE, SiteOptions, import_campaign};
use sunbeon::store::door_state::{self, Order};
use sunbeon::store::draws::{self, BeaconGiven, DrawRefused};
use sunbeon::store::{Failure, LedgerError, Never, Tx, campaigns, openings};

use crate::{Office, now, one_day_campaign, seoul};

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
    assert_eq!(campaign.reminders, ReminderRule::USUAL, "the example says what happens without it");
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
fn a_file_says_when_people_are_reminded() {
    let office = Office::open();
    let stored = || office.store.read_now(|conn, _| campaigns::all(conn)).unwrap().remove(0).reminders;
    let (before, after) = CAMPAIGN_EXAMPLE.split_once("[[campaign.reminders]]").unwrap();
    let after = &after[after.find("[[campaign.openings]]").unwrap()..];
    let file = |reminders: &str| format!("{before}{reminders}{after}");
    office.campaign(&file("")).unwrap();
    assert_eq!(stored(), ReminderRule::USUAL);
    let never = file("").replacen("[[campaign.cohorts]]", "reminders = []\n[[campaign.cohorts]]", 1);
    office.campaign(&never).unwrap();
    assert_eq!(stored(), []);
    let evening = "[[campaign.reminders]]\ndays_before = 0\nat = 18:30:00\nby = \"sms\"\n";
    office.campaign(&file(evening)).unwrap();
    let at = time(18, 30, 0, 0);
    let (doses, by) = (RemindedDoses::Every, ReminderWay::Sms);
    assert_eq!(stored(), [ReminderRule { doses, days_before: 0, at, by }]);
    for (wrong, word) in [
        ("days_before = 61\nat = \"10:00\"\n", "0 to 60"),
        ("days_before = 1\nat = \"25:00\"\n", "a time of day such as"),
        ("days_before = 1\nat = \"10:00:30\"\n", "a time of day such as"),
        ("days_before = 1\nat = \"10:00\"\nby = \"pigeon\"\n", "both or sms or email"),
        ("days_before = 1\n", "reminders[1].at"),
        ("days_before = 1\nat = \"10:00\"\nhour = 3\n", "only the keys"),
    ] {
        let told =
            office.campaign(&file(&format!("[[campaign.reminders]]\n{wrong}"))).unwrap_err().to_string();
        assert!(told.contains(word), "{wrong}: {told}");
    }
    let twice = evening.repeat(2);
    assert!(office.campaign(&file(&twice)).unwrap_err().to_string().contains("each of them once"));
}

#[test]
fn sites_that_offer_its_products_get_slots() {
    let office = Office::with_campaign();
    let sites = SITES_EXAMPLE.replace("covid-2026-b", "flu-2026");
    office.sites(sites.as_bytes(), &SiteOptions::new(seoul())).unwrap();
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
    let options = CampaignOptions { zone: seoul(), now: now(), codes_per_hour: u32::MAX, dry_run: true };
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

#[test]
fn its_evenings_go_in_and_may_move() {
    let office = Office::open();
    let campaign = with_beacon();
    let report = office.campaign(&campaign).unwrap().to_string();
    assert!(report.contains("Opening covid-2026-first, not drawn yet\n"), "{report}");
    let stored = || office.store.read_now(openings::all).unwrap();
    let one = stored().remove(0);
    assert_eq!((one.opening.born, one.opening.sessions), (Some((1900, 1961)), 6_000));
    assert_eq!(one.opening.opens_at, "2026-11-25T20:00:00+09:00".parse().unwrap());
    assert_eq!(one.draw.beacon.unwrap().at, "2026-11-24T12:00:00+09:00".parse().unwrap());
    assert!(one.key.is_none());

    let id = one.opening.id;
    let draw = move |tx: &mut Tx<'_>| {
        openings::keep_key(tx, id, &DrawKey::new([7; 32])).map_err(Failure::<Never>::from)
    };
    assert!(office.ledger.write_now(draw).unwrap());
    let later = campaign.replace("ends_at = 2026-11-26T02", "ends_at = 2026-11-26T03");
    let report = office.campaign(&later).unwrap().to_string();
    assert!(report.contains("Opening covid-2026-first, drawn\n"), "{report}");
    let moved = stored().remove(0);
    assert_eq!(moved.opening.ends_at, "2026-11-26T03:00:00+09:00".parse().unwrap());
    assert!(moved.key.is_some() && moved.opening.id == id, "its draw stays");

    for (what, instead, told) in [
        ("covid-2026-first", "covid-2026-one", "it was drawn, so it stays and keeps its code"),
        ("drand quicknet, round 2", "drand quicknet, round 3", "as it was when the first seed was revealed"),
        ("slug = \"covid-2026\"", "slug = \"covid-2027\"", "a code that no other campaign's opening has"),
    ] {
        let error = office.campaign(&campaign.replace(what, instead)).unwrap_err().to_string();
        assert!(error.contains(told), "{told}\n{error}");
    }
}

/// The example, with the round of a beacon named.
fn with_beacon() -> String {
    CAMPAIGN_EXAMPLE.replace("# beacon", "beacon")
}

#[test]
fn a_beacon_is_a_round_that_nobody_knows_yet() {
    let office = Office::open();
    for (what, instead, told) in [
        ("beacon_at = 2026-11-24T12:00:00\n", "", "the time of the beacon's round, as beacon is given"),
        ("beacon = \"drand", "# \"drand", "the beacon's round, as beacon_at is given"),
        ("beacon_at = 2026-11-24", "beacon_at = 2026-11-26", "a time before opens_at"),
        (
            "beacon_at = 2026-11-24T12",
            "beacon_at = 2026-11-23T09",
            "nobody may know yet what the beacon gives",
        ),
    ] {
        let error = office.campaign(&with_beacon().replace(what, instead)).unwrap_err().to_string();
        assert!(error.contains(told) && error.trim().lines().count() == 1, "{told}\n{error}");
    }
    let code: OpeningCode = "covid-2026-first".parse().unwrap();
    let seed = Seed::new([7; 32]);
    let (name, commitment) =
        (Localised { korean: "감사원".into(), english: "Auditor".into() }, seed.commitment());
    office.campaign(&with_beacon()).unwrap();
    let commit = {
        let code = code.clone();
        move |tx: &mut Tx<'_>| draws::commit(tx, &code, &name, Origin::Outside, commitment)
    };
    office.ledger.write_now(commit).unwrap();
    let later = with_beacon().replace("round 2", "round 3").replace("2026-11-24T12", "2026-11-24T13");
    office.campaign(&later).expect("another round may be named as long as no seed is known");
    office.ledger.write_now(move |tx| draws::reveal(tx, &code, &seed)).unwrap();
    let error = office.campaign(&with_beacon()).unwrap_err().to_string();
    assert!(error.contains("round 33456789\" at 2026-11-24T04:00:00Z, as it was when"), "{error}");
}

#[test]
fn a_line_goes_in_and_stays_one_once_people_stand_in_it() {
    let office = Office::open();
    let line = with_beacon().replace("places = \"draw\"", "places = \"line\"");
    let error = office.campaign(&line).unwrap_err().to_string();
    assert!(error.contains("no beacon, as nothing is drawn in a line"), "{error}");
    let line = CAMPAIGN_EXAMPLE.replace("places = \"draw\"", "places = \"line\"");
    let long = line.replace("ends_at = 2026-11-26T02", "ends_at = 2026-11-26T03");
    let error = office.campaign(&long).unwrap_err().to_string();
    assert!(error.contains("ends_at: found") && error.contains("at most 1024 minutes"), "{error}");
    let wrong = line.replace("places = \"line\"", "places = \"queue\"");
    let error = office.campaign(&wrong).unwrap_err().to_string();
    assert!(error.contains("places: found \"queue\"; write draw or line"), "{error}");

    // Until anybody has a place it may become another.
    office.campaign(CAMPAIGN_EXAMPLE).unwrap();
    let report = office.campaign(&line).unwrap().to_string();
    assert!(report.contains("Opening covid-2026-first, a line\n"), "{report}");
    let one = office.store.read_now(openings::all).unwrap().remove(0).opening;
    let commit = {
        let code = one.code.clone();
        move |tx: &mut Tx<'_>| draws::close(tx, &code, &BeaconGiven::Nothing)
    };
    let refused = office.ledger.write_now(commit).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(DrawRefused::Line)), "{refused:?}");
    let stop =
        move |tx: &mut Tx<'_>| door_state::obey(tx, &one, &Order::Pause).map_err(Failure::<Never>::Store);
    office.ledger.write_now(stop).unwrap();
    let error = office.campaign(CAMPAIGN_EXAMPLE).unwrap_err().to_string();
    assert!(
        error.contains("places: found \"draw\"; write \"line\", as people have places already"),
        "{error}"
    );
}

#[test]
fn an_evening_that_can_not_be_is_told() {
    let office = Office::open();
    let text = CAMPAIGN_EXAMPLE
        .replace("joins_from = 2026-11-25T09", "joins_from = 2026-11-25T21")
        .replace("ends_at = 2026-11-26T02:00:00\n", "ends_at = 2026-11-25T20:00:00\n")
        .replace("born_from = 1900\nborn_to = 1961\n# Which", "born_to = 1961\n# Which")
        .replace("sessions = 6_000", "sessions = 0");
    let error = office.campaign(&text).unwrap_err().to_string();
    for part in [
        "campaign.openings[1].joins_from: found",
        "campaign.openings[1].ends_at: found",
        "campaign.openings[1].born_from: missing",
        "campaign.openings[1].sessions: found \"0\"; write a number from 1 to 1000000",
    ] {
        assert!(error.contains(part), "{part}\n{error}");
    }
    let section = CAMPAIGN_EXAMPLE.split("[[campaign.openings]]").nth(1).unwrap();
    let section = format!("[[campaign.openings]]{}", section.split("[[products]]").next().unwrap());
    let error = office.campaign(&CAMPAIGN_EXAMPLE.replace(&section, &section.repeat(2))).unwrap_err();
    assert!(
        error.to_string().contains("campaign.openings: found \"covid-2026-first\"; write each code once")
    );

    let other = section.replace("covid-2026-first", "covid-2026-other");
    let error =
        office.campaign(&CAMPAIGN_EXAMPLE.replace(&section, &format!("{section}{other}"))).unwrap_err();
    assert!(error.to_string().contains("two openings of a campaign can't stand at once"), "{error}");

    office.campaign(CAMPAIGN_EXAMPLE).unwrap();
    let without = office.campaign(&CAMPAIGN_EXAMPLE.replace(&section, "")).unwrap();
    assert!(without.warnings[0].contains("covid-2026-first is not in the file"), "{without}");
}

#[test]
fn whoever_may_book_before_their_evening_is_a_mistake_and_after_it_is_warned_of() {
    let office = Office::open();
    let warnings = |text: &str| office.campaign(text).unwrap().warnings;
    assert_eq!(warnings(CAMPAIGN_EXAMPLE), Vec::<String>::new());
    // The evening is for those born until 1961, whose cohort then begins an hour before it.
    let later = CAMPAIGN_EXAMPLE
        .replace("joins_from = 2026-11-25T09", "joins_from = 2026-11-25T10")
        .replacen("opens_at = 2026-11-25T20:00:00\nends_at", "opens_at = 2026-11-25T21:00:00\nends_at", 1);
    let error = office.campaign(&later).unwrap_err().to_string();
    assert!(error.contains("campaign.openings[1].opens_at"), "{error}");
    assert!(
        error.contains("the time from which its people may book, which is 2026-11-25T11:00:00Z"),
        "{error}"
    );
    let earlier = CAMPAIGN_EXAMPLE.replacen(
        "opens_at = 2026-11-25T20:00:00\nends_at",
        "opens_at = 2026-11-25T19:00:00\nends_at",
        1,
    );
    let told = warnings(&earlier);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("some of them may book from 2026-11-25T11:00:00Z on"), "{told:?}");
    let line = later.replace("places = \"draw\"", "places = \"line\"");
    assert_eq!(warnings(&line), Vec::<String>::new(), "a line is for hours in which many happen to come");
}

#[test]
fn a_key_that_is_public_draws_no_other_evening() {
    let office = Office::open();
    let evening = |day: &str| {
        let opens = format!("opens_at = 2026-11-{day}T20:00:00\nends_at = 2026-11-{day}T23:00:00");
        CAMPAIGN_EXAMPLE
            .replace("joins_from = 2026-11-25", "joins_from = 2026-11-20")
            .replace("opens_at = 2026-11-25T20:00:00\nends_at = 2026-11-26T02:00:00", &opens)
    };
    office.campaign(&evening("20")).unwrap();
    let one = office.store.read_now(openings::all).unwrap().remove(0).opening;
    let publish = move |tx: &mut Tx<'_>| {
        openings::keep_key(tx, one.id, &DrawKey::new([7; 32]))?;
        draws::publish(tx, &one.code, &seoul())
    };
    office.ledger.write_now(publish).unwrap();
    office.campaign(&evening("20")).expect("nothing has changed");
    let error = office.campaign(&evening("27")).unwrap_err().to_string();
    assert!(error.contains("a code of its own for another evening"), "{error}");
}

#[test]
fn an_evening_with_too_few_codes_is_warned_of() {
    let office = Office::open();
    // Three million in six hours, and 6,000 sessions of five minutes to begin with.
    assert!(office.campaign_with(CAMPAIGN_EXAMPLE, 500_000).unwrap().warnings.is_empty());
    let told = office.campaign_with(CAMPAIGN_EXAMPLE, 499_999).unwrap().warnings;
    assert!(told.len() == 1 && told[0].contains("500000 people an hour"), "{told:?}");
}
