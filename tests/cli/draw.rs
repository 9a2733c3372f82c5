//! The whole life of a draw on the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use sunbeon::import;

use crate::{Installation, sunbeon};

const OPENING: &str = "covid-2026-first";

/// An installation with the example's campaign, whose evening begins and ends at these times.
fn installation(opens: &str, ends: &str) -> Installation {
    let own = Installation::new();
    let text = import::CAMPAIGN_EXAMPLE
        .replace("joins_from = 2026-11-25T09:00:00", "joins_from = 2026-11-20T09:00:00Z")
        .replacen(
            "opens_at = 2026-11-25T20:00:00\nends_at = 2026-11-26T02:00:00",
            &format!("opens_at = {opens}\nends_at = {ends}"),
            1,
        );
    assert!(text.contains(ends));
    fs::write(own.path("campaign.toml"), text).unwrap();
    let said = own.run(&["import", &own.path("campaign.toml")]);
    assert_eq!(said.code, 0, "{}", said.err);
    own
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
    let own = installation("2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z");
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
    let early = close(&["--seed", &files[0]]);
    assert!(early.code == 1 && early.err.contains("a beacon was named beforehand"), "{}", early.err);
    assert!(close(&["--beacon", &beacon]).err.contains("no party has revealed its seed"));
    assert_eq!(own.run(&["draw", "publish", OPENING]).code, 1, "it was not drawn");
    let drawn = close(&["--seed", &files[0], "--seed", &files[1], "--beacon", &beacon]);
    assert_eq!(drawn.code, 0, "{}", drawn.err);
    assert!(
        drawn.out.contains("감사원 revealed no seed") && drawn.out.contains("\nIndependently verifiable")
    );
    assert!(close(&["--seed", &files[0], "--beacon", &beacon]).err.contains("drawn already"));
    assert!(commit(&own, "늦은 곳", &"0c".repeat(32), &[]).err.contains("drawn already"));

    let shown = own.run(&["draw", "show", OPENING]);
    let secrets = [&files[0], &files[1]].map(|file| fs::read_to_string(file).unwrap());
    for secret in &secrets {
        assert!(!drawn.out.contains(secret.trim()) && !shown.out.contains(secret.trim()), "a seed is shown");
    }
    for part in [&commitments[2], "Party 2: 복지부 / 복지부, outside, revealed", "Not published yet."] {
        assert!(shown.out.contains(part), "{part}\n{}", shown.out);
    }
    assert_eq!(own.run(&["draw", "publish", OPENING]).code, 0);
    let list = own.run(&["draw", "list", OPENING, &own.path("list")]);
    assert!(list.code == 0 && list.out.contains("0 entries"), "{}{}", list.out, list.err);
    assert_eq!(own.run(&["draw", "list", OPENING, &own.path("list")]).code, 1, "a file is never overwritten");
    assert!(own.run(&["draw", "publish", OPENING]).err.contains("published already"));
    assert!(own.run(&["draw", "show", OPENING]).out.contains("Published at "));
}

#[test]
fn without_outside_parties_it_is_called_what_it_is() {
    let own = installation("2026-11-20T10:00:00Z", "2099-11-20T12:00:00Z");
    let commitment = seed(&own, "service");
    commit(&own, "순번", &commitment, &["--inside"]);
    let said = own.run(&["draw", "close", OPENING, "--seed", &own.path("service"), "--without-beacon"]);
    assert!(said.code == 0 && said.out.contains("Not independently verifiable"), "{}{}", said.out, said.err);
    let early = own.run(&["draw", "publish", OPENING]);
    assert!(early.code == 1 && early.err.contains("has not ended yet"), "{}", early.err);
    assert!(own.run(&["draw", "show", "nothing"]).err.contains("no opening with this code"));
    assert_eq!(own.run(&["draw", "show", "No Code"]).code, 2);
}
