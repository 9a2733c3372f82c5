//! The draw, as everybody can see and check it.

use std::process::Command;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use sunbeon::domain::campaign::Localised;
use sunbeon::domain::clock::Clock;
use sunbeon::domain::door::draw::{DrawError, Origin};
use sunbeon::domain::door::opening::OpeningCode;
use sunbeon::domain::door::place::Place;
use sunbeon::domain::door::published::{Document, Proof};
use sunbeon::domain::door::seed::{BeaconRound, Seed};
use sunbeon::domain::ids::OpeningId;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::draws::{self, BeaconGiven, DrawRefused};
use sunbeon::store::{LedgerError, Outcome, Tx, admission_list, openings};

use crate::app::{Browser, Language, OPENING, Page, TestApp, Wire, block_on};
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER};

on_both!(
    promises_are_public_before_the_draw,
    seeds_come_before_the_beacon_and_the_draw_after_it,
    it_is_published_on_the_day_after,
    nothing_secret_is_shown_before_it_is_published,
    anybody_computes_their_place_with_the_program_on_the_page,
    a_draw_of_the_service_alone_is_called_what_it_is,
    the_log_of_a_long_evening_comes_whole,
    whoever_came_in_gets_a_proof_and_nobody_else,
    a_draw_with_as_many_parties_as_there_may_be_is_told_in_one_round_trip,
);

const NAMES: [(&str, &str, Origin); 3] = [
    ("순번", "Sunbeon", Origin::Inside),
    ("복지부", "Ministry", Origin::Outside),
    ("감사원", "Auditor", Origin::Outside),
];

/// After which time the beacon's round comes.
const ROUND_IN: SignedDuration = SignedDuration::from_mins(10);

fn page() -> String {
    format!("/draw/{OPENING}")
}

fn seed(number: u8) -> Seed {
    Seed::new([number; 32])
}

/// Does something with the draw, and lets the pages know.
fn with_draw<T: Send + 'static>(
    app: &TestApp,
    act: impl FnMut(&mut Tx<'_>) -> Outcome<T, DrawRefused> + Send + 'static,
) -> T {
    let engine = app.engine();
    let done = block_on(engine.ledger.write(0, act)).unwrap();
    block_on(engine.country.refresh(&engine.store)).unwrap();
    done
}

/// Announces an opening, names its beacon, and lets three parties commit.
fn announced(app: &TestApp) -> OpeningId {
    let opening = app.announce("flu-2026");
    let round = app.clock.now() + ROUND_IN;
    with_draw(app, move |tx| {
        let round = BeaconRound { name: "drand, round 7".to_owned(), at: round };
        draws::name_beacon(tx, &code(), Some(&round))?;
        for (number, (korean, english, origin)) in (1..).zip(NAMES) {
            let name = Localised { korean: korean.to_owned(), english: english.to_owned() };
            draws::commit(tx, &code(), &name, origin, seed(number).commitment())?;
        }
        Ok(())
    });
    opening
}

fn code() -> OpeningCode {
    OPENING.parse().unwrap()
}

fn reveal(app: &TestApp, party: u8) {
    with_draw(app, move |tx| draws::reveal(tx, &code(), &seed(party)));
}

fn close(tx: &mut Tx<'_>) -> Outcome<draws::Closed, DrawRefused> {
    draws::close(tx, &code(), &BeaconGiven::Value("0b".repeat(32).parse().unwrap()))
}

/// Makes the draw, to which the first party brings nothing.
fn drawn(app: &TestApp) {
    announced(app);
    reveal(app, 2);
    reveal(app, 3);
    app.pass(ROUND_IN);
    with_draw(app, close);
}

fn publish(app: &TestApp) {
    app.pass_minutes(24 * 60);
    let zone = app.engine().zone.clone();
    with_draw(app, move |tx| draws::publish(tx, &code(), &zone));
}

/// The place of a phone in the draw that was made.
fn place(app: &TestApp, phone: &str) -> Place {
    let one = app.engine().opening(OPENING).unwrap();
    one.key.as_ref().unwrap().place(&one.opening.code, &PhoneNumber::parse(phone).unwrap())
}

/// Runs `sunbeon draw verify` over a document and perhaps a proof; says whether everything agrees, and what it prints.
fn verify(document: &str, proof: Option<&str>, more: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let (data, shown) = (folder.path().join("draw.json"), folder.path().join("proof.json"));
    std::fs::write(&data, document).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sunbeon"));
    command.args(["draw", "verify"]).arg(data).args(more);
    if let Some(proof) = proof {
        std::fs::write(&shown, proof).unwrap();
        command.arg("--proof").arg(&shown);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code() == Some(0), String::from_utf8(said).unwrap())
}

fn document(browser: &Browser) -> (String, Document) {
    let file = browser.get(&format!("{}.json", page()));
    (file.body.clone(), serde_json::from_str(&file.body).unwrap())
}

fn promises_are_public_before_the_draw(app: &TestApp) {
    announced(app);
    let korean = app.browser(Language::Korean).get(&page());
    korean.assert_says("아직 추첨하지 않았습니다.");
    korean.assert_says("2026년 독감 예방접종");
    let browser = app.browser(Language::English);
    let english = browser.get(&page());
    for number in 1..=3 {
        english.assert_says(&seed(number).commitment().0.to_string());
    }
    english.assert_says("Ministry (independent)");
    english.assert_says("Sunbeon (part of this service)");
    english.assert_says("drand, round 7");
    let (_, document) = document(&browser);
    assert_eq!((document.parties.len(), document.verifiable, document.key), (3, None, None));
    assert_eq!(browser.get("/draw/nothing").status, 404);
    assert_eq!(browser.get("/draw/nothing.json").status, 404);
    assert_eq!(browser.get("/draw/nothing/log.csv").status, 404);
}

/// What the rules say to something that is tried with the draw.
fn refused<T: Send + 'static>(
    app: &TestApp,
    act: impl FnMut(&mut Tx<'_>) -> Outcome<T, DrawRefused> + Send + 'static,
) -> DrawRefused {
    match block_on(app.engine().ledger.write(0, act)) {
        Err(LedgerError::Refused(refused)) => refused,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

fn seeds_come_before_the_beacon_and_the_draw_after_it(app: &TestApp) {
    announced(app);
    let round = app.clock.now() + ROUND_IN;
    assert_eq!(refused(app, close), DrawRefused::RoundToCome(round));
    assert_eq!(
        refused(app, |tx| draws::reveal(tx, &code(), &seed(9))),
        DrawRefused::Rules(DrawError::NotCommitted)
    );
    reveal(app, 3);
    reveal(app, 3);
    let late = |tx: &mut Tx<'_>| {
        let name = Localised { korean: "늦은 곳".to_owned(), english: "Late".to_owned() };
        draws::commit(tx, &code(), &name, Origin::Inside, seed(4).commitment())
    };
    assert_eq!(refused(app, late), DrawRefused::Revealed, "it could be chosen by the third seed");
    let browser = app.browser(Language::English);
    let before = browser.get(&page());
    before.assert_says("It gave this service its secret number on ");
    before.assert_says("All secret numbers have to come before.");
    assert!(!before.body.contains(&seed(3).reveal()));
    let revealed: Vec<bool> =
        document(&browser).1.parties.iter().map(|party| party.revealed_at.is_some()).collect();
    assert_eq!(revealed, [false, false, true], "whoever looks in time knows whose seeds count");

    app.pass(ROUND_IN);
    assert_eq!(refused(app, |tx| draws::reveal(tx, &code(), &seed(2))), DrawRefused::RoundOver(round));
    assert_eq!(refused(app, late), DrawRefused::RoundOver(round));
    with_draw(app, close);
    let after = browser.get(&page());
    after.assert_says("It did not give its secret number in time.");
    after.assert_says("This draw is not independently verifiable.");
}

fn it_is_published_on_the_day_after(app: &TestApp) {
    drawn(app);
    let ends_at = app.engine().opening(OPENING).unwrap().opening.ends_at;
    let zone = app.engine().zone.clone();
    let publish = move |tx: &mut Tx<'_>| draws::publish(tx, &code(), &zone);
    let midnight = ends_at.to_zoned(app.engine().zone.clone()).tomorrow().unwrap().start_of_day().unwrap();
    let pass_to = |at: Timestamp| app.pass(at.duration_since(app.clock.now()));
    for too_early in [ends_at, midnight.timestamp() - SignedDuration::from_secs(1)] {
        pass_to(too_early);
        let told = DrawRefused::NotOver(midnight.date());
        assert_eq!(refused(app, publish.clone()), told, "it may still be made longer");
    }
    pass_to(midnight.timestamp());
    with_draw(app, publish);
}

fn nothing_secret_is_shown_before_it_is_published(app: &TestApp) {
    drawn(app);
    let one = app.read(|conn, keys| openings::find(conn, keys, &OPENING.parse().unwrap())).unwrap();
    let secrets = [seed(2).reveal(), seed(3).reveal(), one.key.unwrap().reveal(), "0b".repeat(32)];
    let browser = app.browser(Language::English);
    let before = browser.get(&page());
    before.assert_says(&one.draw.fingerprint.unwrap().to_string());
    before.assert_says(
        "At least two independent parties gave a secret number, and then came a public random number.",
    );
    let (kept, read) = document(&browser);
    let text = kept.clone();
    for secret in &secrets {
        assert!(!before.body.contains(secret) && !text.contains(secret), "{secret} is shown too early");
    }
    assert!(read.check().iter().any(|finding| !finding.agrees), "nothing can be checked yet");
    publish(app);
    let after = browser.get(&page());
    let (text, read) = document(&browser);
    for secret in &secrets {
        assert!(after.body.contains(secret) && text.contains(secret), "{secret} is not shown");
    }
    assert!(read.check().iter().all(|finding| finding.agrees), "{:?}", read.check());
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.json");
    std::fs::write(&earlier, kept).unwrap();
    let (agrees, said) = verify(&text, None, &["--earlier", earlier.to_str().unwrap()]);
    assert!(agrees && said.contains("the parties are those of the earlier file"), "{said}");
    app.browser(Language::Korean).get(&page()).assert_says("이제 누구나 다시 계산해 볼 수 있습니다.");
}

/// A page has to weigh less than 14,000 bytes on the wire, also with sixteen parties of long names.
fn a_draw_with_as_many_parties_as_there_may_be_is_told_in_one_round_trip(app: &TestApp) {
    app.announce("flu-2026");
    with_draw(app, |tx| {
        for number in 1..=16 {
            let korean = format!("{number}번째 독립 참관 기관 {}", "전국시민참관단".repeat(6));
            let name =
                Localised { korean, english: format!("Observer {number} of the {}", "national ".repeat(4)) };
            draws::commit(tx, &code(), &name, Origin::Outside, seed(number).commitment())?;
        }
        Ok(())
    });
    (1..=16).for_each(|party| reveal(app, party));
    with_draw(app, |tx| draws::close(tx, &code(), &BeaconGiven::Nothing));
    publish(app);
    for language in ["ko", "en"] {
        let headers = [("Accept-Language", language), ("Accept-Encoding", "gzip, deflate, br")];
        let reply = Wire::to(app).ask("GET", &page(), &headers, "");
        assert_eq!((reply.status, reply.header("content-encoding")), (200, "gzip"));
        let head: usize = reply.headers.iter().map(|line| line.len() + 2).sum();
        let bytes = head + reply.header("content-length").parse::<usize>().unwrap();
        assert!(bytes < 14_000, "{bytes} bytes");
        let plain = Wire::to(app).ask("GET", &page(), &headers[..1], "");
        assert!((1..=16).all(|party| plain.body.contains(&seed(party).reveal())));
    }
}

/// The program as it stands on the page.
fn program(page: &Page) -> String {
    let html = page.html();
    html.select(&scraper::Selector::parse("pre").unwrap())
        .next()
        .expect("the page shows a program")
        .text()
        .collect()
}

/// Runs the page's program over a document, and returns what it says when nothing is wrong.
fn run(program: &str, document: &str, phone: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (script, data) = (folder.path().join("check.py"), folder.path().join("draw.json"));
    std::fs::write(&script, program).unwrap();
    std::fs::write(&data, document).unwrap();
    let python = std::env::var_os("SUNBEON_TEST_PYTHON").unwrap_or("python3".into());
    let output = Command::new(python).arg("-B").arg(script).arg(data).arg(phone).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    output.status.success().then_some(said)
}

fn anybody_computes_their_place_with_the_program_on_the_page(app: &TestApp) {
    drawn(app);
    let browser = app.browser(Language::Korean);
    let program = program(&browser.get(&page()));
    assert_eq!(program.trim().lines().count(), 10, "{program}");
    let phone = PhoneNumber::parse(DAUGHTER).unwrap();
    assert_eq!(run(&program, &document(&browser).0, phone.as_e164()), None, "nothing is published yet");
    publish(app);
    let text = document(&browser).0;
    let place = place(app, DAUGHTER);
    assert_eq!(run(&program, &text, phone.as_e164()), Some(place.to_string()));
    let (agrees, said) = verify(&text, None, &["--phone", DAUGHTER]);
    let group = format!("place {place}, in group {} of 1,024", place.group().number());
    assert!(agrees && said.contains(&group), "{said}");
    let (agrees, said) = verify(&text, None, &["--fingerprint", &"0c".repeat(32)]);
    assert!(!agrees && said.contains("DISAGREES: the fingerprint is the one that was noted"), "{said}");
    let (own, other) = (seed(2).reveal(), seed(4).reveal());
    for (what, instead) in [("0b0b", "0c0b"), (own.as_str(), other.as_str()), (OPENING, "flu-2027")] {
        assert!(text.contains(what));
        let changed = text.replace(what, instead);
        assert_eq!(run(&program, &changed, phone.as_e164()), None, "{what}");
        assert!(!verify(&changed, None, &[]).0, "{what}");
    }
}

fn a_draw_of_the_service_alone_is_called_what_it_is(app: &TestApp) {
    app.evening("flu-2026");
    let browser = app.browser(Language::English);
    browser.get(&page()).assert_says("This draw is not independently verifiable.");
    assert_eq!(document(&browser).1.verifiable, Some(false));
    let korean = app.browser(Language::Korean).get(&page());
    korean.assert_says("이 추첨은 외부에서 독립적으로 확인할 수 없습니다.");
}

fn the_log_of_a_long_evening_comes_whole(app: &TestApp) {
    let opening = app.evening("flu-2026");
    app.database.execute("DELETE FROM door_second").unwrap();
    let rows: Vec<String> = (0..4_500_i64).map(|at| format!("({opening}, {at}, {at}, {at}, 1)")).collect();
    let values = rows.join(", ");
    app.database
        .execute(&format!(
            "INSERT INTO door_second (opening, at, threshold, admitted, alive) VALUES {values}"
        ))
        .unwrap();
    let log = app.browser(Language::Korean).get(&format!("{}/log.csv", page()));
    let lines: Vec<&str> = log.body.lines().collect();
    // The door may have noted the present second again.
    assert!([4_501, 4_502].contains(&lines.len()), "{} lines", lines.len());
    assert_eq!(lines[0], "time,threshold,admitted,booked,alive,list_size,list_root");
    for at in [0_usize, 1_999, 2_000, 4_499] {
        let time = jiff::Timestamp::from_second(at as i64).unwrap();
        assert_eq!(lines[at + 1], format!("{time},8{at:015x},{at},0,1,,"));
    }
}

/// Comes in with a phone whose turn it is.
fn enter(app: &TestApp, browser: &Browser, phone: &str) {
    let code = browser.get(&format!("/door/{OPENING}")).form("/door/").fill("phone", phone).press("");
    let enter = code.form("").fill("code", &app.code_for(phone)).press("");
    let inside = enter.form("/door/").press("");
    assert!(inside.path.starts_with("/book/"), "{inside:?}");
}

fn whoever_came_in_gets_a_proof_and_nobody_else(app: &TestApp) {
    drawn(app);
    let opening = app.engine().opening(OPENING).unwrap().opening.id;
    app.pass_minutes(121);
    app.stop_door(opening);
    app.open_door_to(opening, place(app, DAUGHTER).max(place(app, MOTHER)));
    let daughter = app.browser(Language::Korean);
    enter(app, &daughter, DAUGHTER);
    let proof = format!("{}/proof", page());
    enter(app, &app.browser(Language::Korean), MOTHER);
    app.pass(SignedDuration::from_secs(61));
    block_on(app.engine().turn_doors()).unwrap();

    let file = daughter.get(&proof);
    assert_eq!(file.header("cache-control"), "no-store");
    let shown: Proof = serde_json::from_str(&file.body).unwrap();
    let (_, read) = document(&daughter);
    let findings = read.check_proof(&shown, None);
    assert!(findings.len() == 3 && findings.iter().all(|finding| finding.agrees), "{findings:?}");
    let log = daughter.get(&format!("{}/log.csv", page())).body;
    assert!(log.contains(&format!(",{},{}", shown.size, shown.root)), "the root is in the log:\n{log}");
    let other = Proof { index: 1 - shown.index, ..shown.clone() };
    assert!(read.check_proof(&other, None).iter().any(|finding| !finding.agrees));

    let stranger = app.browser(Language::Korean);
    assert!(stranger.get_once(&proof).location().unwrap().starts_with("/sign-in?next="));
    way::prove(app, &stranger.get("/sign-in"), "010-0000-0099");
    assert!(stranger.get(&proof).body.contains("not admitted"));

    publish(app);
    let (text, _) = document(&daughter);
    let (agrees, said) = verify(&text, Some(&file.body), &["--phone", DAUGHTER]);
    assert!(agrees && said.contains("is the phone's"), "{said}");
    let (agrees, said) = verify(&text, Some(&file.body), &["--phone", MOTHER]);
    assert!(!agrees && said.contains("1 of "), "somebody else's place: {said}");
    let (agrees, said) = verify(&text, Some(&serde_json::to_string(&other).unwrap()), &[]);
    assert!(!agrees && said.contains("is under the root"), "{said}");
    the_auditor_checks_the_list(app, opening, &text, &log);
}

/// With the sealed list and the log, as files.
fn the_auditor_checks_the_list(app: &TestApp, opening: OpeningId, document: &str, log: &str) {
    let entries = app.read(|conn, _| admission_list::entries(conn, opening, 0, 10));
    assert_eq!(entries.len(), 2);
    let lines: Vec<String> = entries.iter().map(|entry| HEXLOWER.encode(entry)).collect();
    let folder = tempfile::tempdir().unwrap();
    let check = |list: &[String], log: &str| {
        let [list_file, log_file] = ["list", "log.csv"].map(|name| folder.path().join(name));
        std::fs::write(&list_file, list.join("\n")).unwrap();
        std::fs::write(&log_file, log).unwrap();
        verify(document, None, &["--list", list_file.to_str().unwrap(), "--log", log_file.to_str().unwrap()])
    };
    let (agrees, said) = check(&lines, log);
    assert!(agrees && said.contains("entries above the threshold of their second: 0"), "{said}");
    let (agrees, said) = check(&lines[..1], log);
    assert!(!agrees && said.contains("DISAGREES: the list has the roots that were published"), "{said}");
    let last = place(app, DAUGHTER).max(place(app, MOTHER));
    assert!(log.contains(&last.to_string()));
    let (agrees, said) = check(&lines, &log.replace(&last.to_string(), &Place(last.0 - 1).to_string()));
    assert!(!agrees && said.contains("DISAGREES: entries above the threshold of their second: 1"), "{said}");
    for (list, log, told) in
        [(&lines[..], "a,b\n", "log.csv gives"), (&["xyz".to_owned()], log, "`draw list`")]
    {
        let (agrees, said) = check(list, log);
        assert!(!agrees && said.contains(told), "{said}");
    }
}
