//! The clinic's staff: signing in, the roster on screen, on paper and as a file, and a name in full.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use reqwest::StatusCode;
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::booking::SeatWish;
use sunbeon::domain::ids::SlotId;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::store::bookings::Booking;
use sunbeon::store::holds::{self, HoldParty};
use sunbeon::store::moving::{self, Cancel};
use sunbeon::store::people::{self, PersonDetails};
use sunbeon::store::{Failure, access_log, accounts, bookings, slots};

use crate::app::{Browser, Language, Page, STAFF_PASSWORD, Staff, TestApp};
use crate::family::{Family, references};
use crate::on_both;
use crate::way::{DAUGHTER, MOTHER};

/// The day of the stories, the first on which anybody is vaccinated.
pub(crate) const TUESDAY: &str = "2026-11-24";

/// A mother and a daughter.
pub(crate) const FAMILY: [(&str, &str); 2] = [("김순자", "1947-03-09"), ("이하나", "1975-05-05")];

fn sign_in(browser: &Browser, who: Staff, next: &str) -> Page {
    let page = browser.get(next);
    assert!(page.path.starts_with("/clinic/sign-in"), "{page:?}");
    page.form("sign-in").fill("login", who.login()).fill("password", STAFF_PASSWORD).press("")
}

pub fn signed_in(app: &TestApp, who: Staff) -> Browser {
    let browser = app.browser(Language::Korean);
    sign_in(&browser, who, "/clinic");
    browser
}

fn roster(app: &TestApp, site: usize, date: &str) -> String {
    format!("/clinic/{}/roster?date={date}", app.site(site).code)
}

/// Books people by one phone at a site, all at the same time of [`TUESDAY`].
pub(crate) fn book(
    app: &TestApp,
    site: usize,
    hour: i8,
    phone: &str,
    people: &[(&str, &str)],
) -> Vec<Booking> {
    let engine = app.engine();
    let campaign = engine.country.now().campaign_by_slug("flu-2026").unwrap().clone();
    let (site, day): (_, Date) = (app.site_id(site), TUESDAY.parse().unwrap());
    let starts = day.at(hour, 0, 0, 0).to_zoned(TimeZone::get("Asia/Seoul").unwrap()).unwrap().timestamp();
    let slot = app
        .read(|conn, _| slots::of_site(conn, site, starts))
        .into_iter()
        .find(|(slot, _)| slot.campaign == campaign.id && slot.starts_at == starts)
        .unwrap()
        .0;
    let phone = PhoneNumber::parse(phone).unwrap();
    let people: Vec<PersonDetails> = people.iter().map(|&(name, birth)| person(name, birth)).collect();
    let rules = engine.holds;
    let party = engine.ledger.write_now(move |tx| -> Result<_, Failure<String>> {
        let refused = |error: &dyn std::fmt::Debug| Failure::Refused(format!("{error:?}"));
        let account =
            accounts::of_proved_phone(tx, &phone, Language::Korean).map_err(|error| refused(&error))?.0;
        for person in &people {
            people::add(tx, account, person, 6).map_err(|error| refused(&error))?;
        }
        let seats = people::cared_for(tx.conn, &tx.tools.keys, account)?
            .into_iter()
            .map(|one| wish(one.person.id, slot.id))
            .collect();
        let order = HoldParty { account, campaign: campaign.clone(), site, seats, rules };
        let held = holds::hold(tx, &order).map_err(|error| refused(&error))?;
        bookings::confirm(tx, account, &held.token, &campaign).map_err(|error| refused(&error))?;
        Ok(held.party)
    });
    let party = party.unwrap();
    app.read(|conn, keys| bookings::of_party(conn, keys, party))
}

fn wish(person: sunbeon::domain::ids::PersonId, slot: SlotId) -> SeatWish {
    SeatWish { person, dose: 1, slot }
}

fn person(name: &str, birth: &str) -> PersonDetails {
    PersonDetails {
        name: PersonName::parse(name).unwrap(),
        birth: BirthDate::from_stored(birth).unwrap(),
        relation: Relation::Other,
        messages_to: MessagesTo::Mine,
        phone: None,
    }
}

fn cancel(app: &TestApp, booking: &Booking) {
    let order = [Cancel { booking: booking.id, version: booking.version }];
    app.engine().ledger.write_now(move |tx| moving::cancel(tx, &order)).unwrap();
}

/// What the access log of a story says: action and reason, in order.
pub(crate) fn accesses(app: &TestApp) -> Vec<String> {
    assert_eq!(app.read(|conn, _| access_log::verify(conn)).err(), None, "the chain is broken");
    app.database.lines("SELECT action AS line FROM access_log ORDER BY chain, sequence")
}

on_both!(
    a_nurse_sees_who_comes_and_opens_a_name_for_a_reason,
    a_nurse_who_has_to_call_reads_the_whole_number,
    staff_see_their_own_sites_and_the_authority_sees_all,
    signing_out_ends_the_session_for_a_copied_cookie_too,
);

fn a_nurse_sees_who_comes_and_opens_a_name_for_a_reason(app: &TestApp) {
    let booked = book(app, 0, 10, "010-0000-0001", &FAMILY);
    let gone = book(app, 0, 15, "010-0000-0002", &[("Johann Sebastian", "1950-01-01")]);
    cancel(app, &gone[0]);
    let browser = app.browser(Language::Korean);
    let page = sign_in(&browser, Staff::Jongno, &roster(app, 0, TUESDAY));
    assert_eq!(page.path, roster(app, 0, TUESDAY), "signing in leads to the page that was asked for");
    page.assert_says("종로 보건소").assert_says("2026년 11월 24일(화)");
    page.assert_says("예약 2명").assert_says("취소 1명").assert_says("빈자리");
    let reference = booked[0].reference;
    page.assert_says("10:00").assert_says("김*자").assert_says("1947").assert_says(&reference.spoken());
    page.assert_says("J*** S***").assert_says("독감 백신");
    assert!(!page.body.contains("김순자") && !page.body.contains("0000-0001"), "names are masked");

    let why = page.click(&reference.spoken());
    assert!(!why.says("김순자"), "nothing is shown before the reason");
    assert_eq!(why.form("").press("").errors(), ["이유를 선택해 주세요."]);
    let other = why.form("").check("reason", "other").press("");
    assert_eq!(other.errors(), ["다른 이유를 적어 주세요."]);
    let open = other.form("").fill("other", "신분증과 대조").press("");
    open.assert_says("김순자").assert_says("1947-03-09").assert_says("다른 이유");
    assert_eq!(accesses(app), ["roster", "open-name"]);
    open.click("뒤로").assert_says("김*자");
}

fn a_nurse_who_has_to_call_reads_the_whole_number(app: &TestApp) {
    let family = Family::of(app, Language::Korean);
    let reference = references(&family.book("flu-2026", None))[0].replace('-', "");
    let path = format!("/clinic/{}/bookings/{reference}/open", app.site(0).code);
    let why = signed_in(app, Staff::Jongno).get(&path);
    assert!(!why.says(DAUGHTER) && !why.says(MOTHER));
    let open = why.form("/open").check("reason", "called").press("");
    assert!(open.says(DAUGHTER) || open.says(MOTHER), "{}", open.text());
}

fn staff_see_their_own_sites_and_the_authority_sees_all(app: &TestApp) {
    let far = book(app, 2, 10, "010-0000-0003", &FAMILY[..1]);
    let nurse = signed_in(app, Staff::Jongno);
    let list = nurse.get("/clinic");
    list.assert_says("종로 보건소").assert_says("작은 의원");
    assert!(!list.says("해운대"), "{}", list.text());
    let name =
        |site: usize| format!("/clinic/{}/bookings/{}/open", app.site(site).code, far[0].reference.as_str());
    let sheet = roster(app, 2, TUESDAY).replace("roster", "roster/sheet");
    for path in
        [roster(app, 2, TUESDAY), sheet, roster(app, 2, TUESDAY).replace("roster", "roster.csv"), name(2)]
    {
        assert_eq!(nurse.get(&path).status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(nurse.get(&name(0)).status, StatusCode::NOT_FOUND, "another site's booking");
    assert_eq!(nurse.get("/clinic/AAAAAAAA/roster").status, StatusCode::NOT_FOUND);
    assert_eq!(accesses(app), Vec::<String>::new(), "nothing was seen");

    let at_once = sign_in(&app.browser(Language::Korean), Staff::Haeundae, "/clinic");
    assert_eq!(at_once.path, format!("/clinic/{}", app.site(2).code), "one site needs no choice");
    let today = at_once.click("/roster");
    today.assert_says("이날은 예약이 없습니다").click("다음 날").assert_says("김*자");

    let authority = signed_in(app, Staff::Authority);
    authority.get("/clinic").assert_says("해운대 보건소").assert_says("종로 보건소");
    for site in 0..3 {
        assert_eq!(authority.get(&roster(app, site, TUESDAY)).status, StatusCode::OK);
    }
}

fn signing_out_ends_the_session_for_a_copied_cookie_too(app: &TestApp) {
    let browser = signed_in(app, Staff::Jongno);
    let thief = app.browser(Language::Korean);
    for (name, value) in browser.cookies() {
        thief.set_cookie(&name, &value);
    }
    assert_eq!(thief.get("/clinic").path, "/clinic");
    browser.get("/clinic").press("로그아웃").assert_says("로그아웃했습니다");
    assert!(browser.cookies().keys().all(|name| !name.contains("staff")), "{:?}", browser.cookies().keys());
    for path in ["/clinic", &roster(app, 0, TUESDAY)] {
        assert!(thief.get(path).path.starts_with("/clinic/sign-in"), "{path}");
    }
}

#[test]
fn a_wrong_password_and_a_wrong_login_get_the_same_answer() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let answer = |login: &str, password: &str| {
        let form = browser.get("/clinic/sign-in").form("sign-in");
        let page = form.fill("login", login).fill("password", password).press("");
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.form("sign-in").value("password"), Some(""), "a password is never sent back");
        assert!(browser.cookies().keys().all(|name| !name.contains("staff")));
        (page.errors(), page.text())
    };
    let wrong = "The login or the password is wrong. Try again.";
    assert_eq!(answer("jongno-nurse", "a wrong password").0, [wrong]);
    assert_eq!(answer("jongno-nurse", "a wrong password"), answer("nobody-here", "a wrong password"));
    assert_eq!(answer("", "").0, ["Enter your login.", "Enter your password."]);
}

#[test]
fn guessing_ends_after_ten_tries_and_goes_on_after_a_while() {
    let app = TestApp::start();
    let browser = app.browser(Language::English);
    let attempt = |login: &str, password: &str| {
        browser
            .get("/clinic/sign-in")
            .form("sign-in")
            .fill("login", login)
            .fill("password", password)
            .press_once("")
    };
    for _ in 0..10 {
        assert_eq!(attempt("jongno-nurse", "a guess").status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(attempt("jongno-nurse", STAFF_PASSWORD).status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(attempt("haeundae-nurse", "a guess").status, StatusCode::UNPROCESSABLE_ENTITY, "a colleague");
    app.pass_minutes(2);
    assert_eq!(attempt("Jongno-Nurse ", STAFF_PASSWORD).status, StatusCode::SEE_OTHER);
}

#[test]
fn a_session_lasts_a_working_day() {
    let app = TestApp::start();
    let browser = signed_in(&app, Staff::Jongno);
    app.pass_minutes(11 * 60);
    assert_eq!(browser.get("/clinic").path, "/clinic");
    app.pass_minutes(61);
    assert!(browser.get("/clinic").path.starts_with("/clinic/sign-in"));
}

#[test]
fn the_roster_is_a_file_and_a_sheet_too() {
    let app = TestApp::start();
    book(&app, 0, 9, "010-0000-0001", &FAMILY);
    let gone =
        book(&app, 0, 14, "010-0000-0002", &[("=HYPERLINK(A1)", "1950-01-01"), ("박영수", "1951-02-02")]);
    cancel(&app, &gone[1]);
    let browser = signed_in(&app, Staff::Jongno);
    let page = browser.get(&roster(&app, 0, TUESDAY));

    let file = page.click("CSV");
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let name = format!("attachment; filename=\"roster-{}-{TUESDAY}.csv\"", app.site(0).code);
    assert_eq!(
        (file.header("content-disposition"), file.header("cache-control")),
        (name.as_str(), "no-store")
    );
    let lines: Vec<&str> = file.body.split("\r\n").collect();
    assert!(lines[0].starts_with("\u{feff}시간,이름,"), "{lines:?}");
    assert!(lines[1].starts_with("09:00,김*자,1947,1,독감 백신,"), "{lines:?}");
    assert_eq!(lines.len(), 6, "four people, a head and the last line's end: {lines:?}");
    assert!(!file.body.contains("김순자") && !file.body.contains(",="), "{}", file.body);

    let sheet = page.click("인쇄용");
    sheet.assert_says("오전").assert_says("오후").assert_says("☐").assert_says("김*자");
    assert!(!sheet.says("박*수"), "who cancelled is not on the sheet");
    assert_eq!(sheet.all("section h2").len(), 2, "a sheet for each half of the day");
    sheet.click("뒤로").assert_says("취소");
    assert_eq!(accesses(&app)[..3], ["roster", "roster-csv", "roster-sheet"]);
}

#[test]
fn a_nurse_goes_from_day_to_day() {
    let app = TestApp::start();
    book(&app, 0, 9, "010-0000-0001", &FAMILY);
    let browser = signed_in(&app, Staff::Jongno);
    let page = browser.get(&format!("/clinic/{}/roster", app.site(0).code));
    page.assert_says("2026년 11월 23일").assert_says("이날은 예약이 없습니다");
    let page = page.click("다음 날");
    page.assert_says("2026년 11월 24일").assert_says("김*자");
    page.click("전날").assert_says("2026년 11월 23일");
    page.click("오늘").assert_says("2026년 11월 23일");
    page.form("roster").fill("date", "2026-12-01").press("").assert_says("2026년 12월 1일");
    let wrong = page.form("roster").fill("date", "내일").press("");
    assert_eq!(wrong.errors().len(), 1);
    wrong.assert_says("2026년 11월 23일");
}

#[test]
fn two_people_of_one_name_and_birth_date_are_marked() {
    let app = TestApp::start();
    book(&app, 0, 9, "010-0000-0001", &FAMILY);
    book(&app, 2, 11, "010-0000-0002", &FAMILY[..1]);
    let browser = signed_in(&app, Staff::Authority);
    for site in [0, 2] {
        let page = browser.get(&roster(&app, site, TUESDAY));
        assert_eq!(page.all(".roster .tag"), ["중복 확인"], "{}", page.text());
    }
}

#[test]
fn who_was_not_reached_by_text_is_marked() {
    let app = TestApp::start();
    book(&app, 0, 9, "010-0000-0001", &FAMILY[..1]);
    book(&app, 0, 10, "010-0000-0002", &[("최말순", "1944-02-03")]);
    app.await_messages_sent();
    let browser = signed_in(&app, Staff::Authority);
    let marked = || browser.get(&roster(&app, 0, TUESDAY)).all(".roster .tag");
    let state = |word: &str, kinds: &str| {
        let first = "(SELECT MIN(id) FROM account)";
        let set = format!("UPDATE outbox SET state = '{word}' WHERE recipient = {first} AND {kinds}");
        app.database.execute(&set).unwrap();
    };
    assert_eq!(marked(), Vec::<String>::new());
    state("uncertain", "kind = 'confirmation'");
    assert_eq!(marked(), Vec::<String>::new(), "it may have arrived");
    state("failed", "kind = 'confirmation'");
    assert_eq!(marked(), ["문자 못 받음"]);
    let page = browser.get(&roster(&app, 0, TUESDAY));
    page.assert_says("전화로 알려 주세요");
    assert!(page.click("sheet").says("문자 못 받음"));
    let csv = browser.get(&format!("/clinic/{}/roster.csv?date={TUESDAY}", app.site(0).code)).body;
    assert_eq!(csv.lines().filter(|line| line.ends_with(",예")).count(), 1, "{csv}");
    // What arrives later tells them after all.
    state("delivered", "kind = 'reminder'");
    app.database.execute("UPDATE outbox SET tried_at = due_at WHERE kind = 'reminder'").unwrap();
    assert_eq!(marked(), Vec::<String>::new());
    state("sent", "TRUE");
}

#[test]
fn a_full_day_comes_in_pages_that_fit_a_round_trip() {
    let app = TestApp::start();
    for hour in 9..18 {
        for family in 0..if hour == 9 { 1 } else { 2 } {
            let phone = format!("010-0000-{:02}{family:02}", hour);
            let people = [("남궁선우영", "1947-03-09"), ("황보하나별", "1950-05-05")];
            book(&app, 0, hour, &phone, &people);
        }
    }
    let browser = signed_in(&app, Staff::Jongno);
    let first = browser.get(&roster(&app, 0, TUESDAY));
    first.assert_says("34건 중 1~");
    assert!(first.bytes_on_wire < 14_000, "{} bytes", first.bytes_on_wire);
    let last = first.click("다음 쪽");
    last.assert_says("~34번째");
    assert_eq!(first.all("tbody tr").len() + last.all("tbody tr").len(), 34);
    assert_eq!(last.click("앞쪽").all("tbody tr"), first.all("tbody tr"));
}

#[test]
fn a_nurse_signs_in_again_in_the_middle_of_a_form() {
    let app = TestApp::start();
    let booked = book(&app, 0, 9, "010-0000-0001", &FAMILY);
    let browser = signed_in(&app, Staff::Jongno);
    let path = format!("/clinic/{}/bookings/{}/open", app.site(0).code, booked[0].reference.as_str());
    let form = browser.get(&path).form("").choose("at-desk");
    app.pass_minutes(13 * 60);
    let page = form.press("");
    assert!(page.path.starts_with("/clinic/sign-in"), "{page:?}");
    let page = page.form("sign-in").fill("login", "jongno-nurse").fill("password", STAFF_PASSWORD).press("");
    assert_eq!(page.path, path);
    page.form("").choose("at-desk").press("").assert_says("김순자");
}
