//! The whole life of a draw on the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl, sql_query};
use sunbeon::import;

use crate::{Installation, sunbeon};

pub(crate) const OPENING: &str = "covid-2026-first";

/// An installation with the example's campaign, whose evening comes in many years, after the round of a beacon.
pub(crate) fn installation() -> Installation {
    let own = Installation::new();
    let text = import::CAMPAIGN_EXAMPLE
        .replace("joins_from = 2026-11-25T09:00:00", "joins_from = 2026-11-20T09:00:00Z")
        .replacen(
            "opens_at = 2026-11-25T20:00:00\nends_at = 2026-11-26T02:00:00",
            "opens_at = 2099-11-20T10:00:00Z\nends_at = 2099-11-20T12:00:00Z",
            1,
        )
        // Whoever it is for may not book before it.
        .replace(
            "born_to = 1961\nopens_at = 2026-11-25T20:00:00",
            "born_to = 1961\nopens_at = 2099-11-20T10:00:00Z",
        )
        .replace("closes_at = 2027", "closes_at = 2100")
        .replace("first_day = 2026", "first_day = 2099")
        .replace("last_day = 2027", "last_day = 2100")
        .replace("# beacon", "beacon")
        .replace("beacon_at = 2026-11-24T12:00:00", "beacon_at = 2099-11-20T08:00:00Z");
    assert!(text.contains("\nbeacon_at = 2099") && text.contains("ends_at = 2099"));
    fs::write(own.path("campaign.toml"), text).unwrap();
    let said = own.run(&["import", &own.path("campaign.toml")]);
    assert_eq!(said.code, 0, "{}", said.err);
    own
}

/// Lets moments of the opening have been long ago, one after the other.
fn let_pass(own: &Installation, moments: &[&str]) {
    let mut conn = SqliteConnection::establish(&own.path("sunbeon.db")).unwrap();
    let moments: Vec<String> =
        (1_700_000_000..).zip(moments).map(|(at, moment)| format!("{moment} = {at}")).collect();
    let changed = sql_query(format!("UPDATE opening SET {}", moments.join(", "))).execute(&mut conn);
    assert_eq!(changed.unwrap(), 1);
}

/// Makes a party's seed and returns its commitment.
fn seed(own: &Installation, name: &str) -> String {
    let made = sunbeon(&["draw", "seed", &own.path(name)]);
    assert_eq!(made.code, 0, "{}", made.err);
    let secret = fs::read_to_string(own.path(name)).unwrap();
    assert!(!made.out.contains(secret.trim()), "a seed is not printed");
    let line = made.out.lines().find(|line| line.starts_with("Commitment: ")).unwrap();
    line.rsplit(' ').next().unwrap().to_owned()
}

fn commit(own: &Installation, party: &str, commitment: &str, more: &[&str]) -> crate::Said {
    let order = ["draw", "commit", OPENING, "--party", party, "--commitment", commitment];
    own.run(&[&order[..], more].concat())
}

#[test]
fn a_seed_is_private_and_never_overwritten() {
    let own = Installation::new();
    seed(&own, "seed");
    assert_eq!(fs::metadata(own.path("seed")).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(own.path("seed")).unwrap();
    let again = sunbeon(&["draw", "seed", &own.path("seed")]);
    assert!(again.code == 1 && again.err.contains("can't be made"), "{}", again.err);
    assert_eq!(fs::read(own.path("seed")).unwrap(), before);
}

#[test]
fn a_draw_from_the_first_seed_to_the_published_key() {
    let own = installation();
    let names = ["service", "ministry", "auditor"];
    let commitments = names.map(|name| seed(&own, name));
    assert_eq!(commit(&own, "순번", &commitments[0], &["--name-en", "Sunbeon", "--inside"]).code, 0);
    assert!(commit(&own, "복지부", &commitments[1], &[]).out.contains("복지부 is party 2"));
    let copied = commit(&own, "흉내", &commitments[1], &[]);
    assert!(copied.code == 1 && copied.err.contains("a seed of its own"), "{}", copied.err);
    assert_eq!(commit(&own, "감사원", &commitments[2], &[]).code, 0);
    assert_eq!(commit(&own, "감사원", "abc", &[]).code, 2);

    let (beacon, files) = ("0b".repeat(32), names.map(|name| own.path(name)));
    let close = |more: &[&str]| own.run(&[&["draw", "close", OPENING][..], more].concat());
    let reveal = |file: &str| own.run(&["draw", "reveal", OPENING, "--seed", file]);
    for file in &files[1..] {
        let said = reveal(file);
        assert!(said.code == 0 && said.out.contains(" has revealed its seed"), "{}{}", said.out, said.err);
    }
    let late = commit(&own, "늦은 곳", &"0c".repeat(32), &[]);
    assert!(late.code == 1 && late.err.contains("a party has revealed its seed already"), "{}", late.err);
    let early = close(&["--beacon", &beacon]);
    assert!(early.code == 1 && early.err.contains("2099-11-20T08:00:00Z; draw after it"), "{}", early.err);
    assert_eq!(own.run(&["draw", "publish", OPENING]).code, 1, "it was not drawn");
    let_pass(&own, &["beacon_at"]);
    assert!(reveal(&files[0]).err.contains("could choose by it"), "the beacon may be known by now");
    assert!(close(&[]).err.contains("a beacon was named beforehand"));
    let drawn = close(&["--beacon", &beacon]);
    assert_eq!(drawn.code, 0, "{}", drawn.err);
    assert!(drawn.out.contains("순번 revealed no seed") && drawn.out.contains("\nIndependently verifiable"));
    assert!(close(&["--beacon", &beacon]).err.contains("drawn already"));
    assert!(commit(&own, "늦은 곳", &"0c".repeat(32), &[]).err.contains("drawn already"));

    let shown = own.run(&["draw", "show", OPENING]);
    let secrets = [&files[1], &files[2]].map(|file| fs::read_to_string(file).unwrap());
    for secret in &secrets {
        assert!(!drawn.out.contains(secret.trim()) && !shown.out.contains(secret.trim()), "a seed is shown");
    }
    for part in [&commitments[2], "Party 2: 복지부 / 복지부, outside, revealed at 2", "Not published yet."]
    {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
    let early = own.run(&["draw", "publish", OPENING]);
    assert!(
        early.code == 1 && early.err.contains("when the evening is over, from 2099-11-21 on"),
        "{}",
        early.err
    );
    let_pass(&own, &["joins_from", "opens_at", "ends_at"]);
    assert_eq!(own.run(&["draw", "publish", OPENING]).code, 0);
    let list = own.run(&["draw", "list", OPENING, &own.path("list")]);
    assert!(list.code == 0 && list.out.contains("0 entries"), "{}{}", list.out, list.err);
    assert_eq!(own.run(&["draw", "list", OPENING, &own.path("list")]).code, 1, "a file is never overwritten");
    assert!(own.run(&["draw", "publish", OPENING]).err.contains("published already"));
    assert!(own.run(&["draw", "show", OPENING]).out.contains("Published at "));
}

#[test]
fn without_outside_parties_it_is_called_what_it_is() {
    let own = installation();
    let commitment = seed(&own, "service");
    commit(&own, "순번", &commitment, &["--inside"]);
    let close = || own.run(&["draw", "close", OPENING, "--without-beacon"]);
    assert!(close().err.contains("draw after it"), "the parties may still reveal their seeds");
    let revealed = own.run(&["draw", "reveal", OPENING, "--seed", &own.path("service")]);
    assert_eq!(revealed.code, 0, "{}", revealed.err);
    let_pass(&own, &["beacon_at"]);
    let said = close();
    assert!(said.code == 0 && said.out.contains("Not independently verifiable"), "{}{}", said.out, said.err);
    assert!(own.run(&["draw", "show", "nothing"]).err.contains("no opening with this code"));
    assert_eq!(own.run(&["draw", "show", "No Code"]).code, 2);
}
