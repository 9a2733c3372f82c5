//! Every form is sent twice, byte for byte: by a double press, a reload, or whoever recorded the first. Nothing is done twice.
//! The story goes through all forms of the URL map, and fails when the map gains one that it does not press.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use sunbeon::domain::door::place::Place;
use sunbeon::web::routes::{Needs, Route, map};

use crate::account::{code_of, secret_on, with_button};
use crate::app::{Browser, Form, Language, OPENING, Page, STAFF_PASSWORD, Staff, TestApp, wait_for};
use crate::desk::to;
use crate::on_both;
use crate::way::{self, DAUGHTER, MOTHER};

on_both!(every_form_that_is_sent_twice_is_done_once);

/// Whose account grows idle.
const UNCLE: &str = "010-0000-0004";

/// The daughter's phone at the end.
const NEW_PHONE: &str = "010-0000-0050";

const L: Language = Language::English;

/// Sends every form twice, and notes which they were.
struct Twice<'a> {
    app: &'a TestApp,
    pressed: RefCell<BTreeSet<&'static str>>,
    forms: Vec<Route>,
}

impl<'a> Twice<'a> {
    fn new(app: &'a TestApp) -> Self {
        // What gateways bring, nobody presses; `tests/texts` brings it twice.
        let is_form = |route: &Route| route.needs("POST").is_some_and(|needs| needs != Needs::Gateway);
        let forms = map(true).into_iter().filter(is_form).collect();
        Self { app, pressed: RefCell::default(), forms }
    }

    /// Presses a form's first button twice. The page that the first press leads to.
    #[track_caller]
    fn press(&self, browser: &Browser, form: &Form) -> Page {
        self.press_on(browser, form, "")
    }

    #[track_caller]
    fn press_on(&self, browser: &Browser, form: &Form, button: &str) -> Page {
        let asked_before = browser.addresses().len();
        let before = browser.cookies();
        let first = form.press_once(button);
        let address = browser.addresses().remove(asked_before);
        assert!(first.status.is_redirection() || first.status.is_success(), "{first:?}: {}", first.text());
        assert!(first.errors().is_empty(), "{first:?}: {:?}", first.errors());
        let done = self.fingerprint();
        let after = browser.cookies();
        set_cookies(browser, &before);
        let again = form.press_once(button);
        assert!(!again.status.is_server_error(), "{again:?}");
        assert_eq!(self.fingerprint(), done, "{address} was done twice");
        set_cookies(browser, &after);
        let path = address.split('?').next().unwrap_or_default();
        let route = self.forms.iter().find(|route| fits(route.path, path));
        self.pressed.borrow_mut().insert(route.expect("a form of the map").path);
        browser.follow(first)
    }

    /// Presses the form of a page of its own.
    #[track_caller]
    fn press_at(&self, browser: &Browser, path: &str) -> Page {
        self.press(browser, &browser.get(path).form(path))
    }

    /// Everything that forms change, in a few numbers.
    fn fingerprint(&self) -> Vec<i64> {
        let counts = [
            "SELECT CAST(SUM(held) AS BIGINT) AS number FROM slot_lane",
            "SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane",
            "SELECT COUNT(*) AS number FROM person",
            "SELECT COUNT(*) AS number FROM care",
            "SELECT COUNT(*) AS number FROM care WHERE removed_at IS NULL",
            "SELECT COUNT(*) AS number FROM account",
            "SELECT COUNT(*) AS number FROM account WHERE email_sealed IS NOT NULL",
            "SELECT COALESCE(CAST(SUM(epoch) AS BIGINT), 0) AS number FROM account",
            "SELECT COUNT(*) AS number FROM party",
            "SELECT COUNT(*) AS number FROM booking",
            "SELECT COALESCE(CAST(SUM(version) AS BIGINT), 0) AS number FROM booking",
            // Those two the housekeeper queues, at any moment between two presses.
            "SELECT COUNT(*) AS number FROM outbox WHERE kind NOT IN ('offer', 'displaced', 'care-notice')",
            "SELECT COUNT(*) AS number FROM closing",
            "SELECT COUNT(*) AS number FROM stock_entry",
            "SELECT COUNT(*) AS number FROM access_log WHERE action = 'gateway-test'",
            "SELECT COUNT(*) AS number FROM admission",
            "SELECT COUNT(*) AS number FROM access_log WHERE action IN ('second-factor', 'change-password')",
        ];
        counts.iter().map(|count| self.app.database.number(count)).collect()
    }

    fn assert_pressed_all(&self) {
        let pressed = self.pressed.borrow();
        let left: Vec<&str> =
            self.forms.iter().map(|route| route.path).filter(|path| !pressed.contains(path)).collect();
        assert!(left.is_empty(), "press these twice, too: {left:?}");
    }

    /// Signs in as somebody new, and asks for the code once more.
    fn sign_in(&self, browser: &Browser, phone: &str) -> Page {
        let code = self.press(browser, &browser.get("/sign-in").form("/sign-in").fill("phone", phone));
        self.app.clock.pass_seconds(61);
        let code = self.press(browser, &code.form("/sign-in/again"));
        self.press(browser, &code.form("").fill("code", &self.code_sent_twice(phone)))
    }

    fn code_sent_twice(&self, phone: &str) -> String {
        let code = self.app.code_for(phone);
        assert_eq!(self.app.code_for(phone), code);
        code
    }
}

/// Gives a browser these cookies; others it has become worthless.
fn set_cookies(browser: &Browser, cookies: &BTreeMap<String, String>) {
    for name in browser.cookies().keys().filter(|name| !cookies.contains_key(*name)) {
        browser.set_cookie(name, "");
    }
    for (name, value) in cookies {
        browser.set_cookie(name, value);
    }
}

/// Whether a path of the map, with names in braces, is this one.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let same = |(known, part): (&&str, &&str)| known.starts_with('{') || known == part;
    pattern.len() == path.len() && pattern.iter().zip(&path).all(same)
}

fn every_form_that_is_sent_twice_is_done_once(app: &TestApp) {
    let twice = Twice::new(app);
    let daughter = app.browser(L);
    a_daughter_signs_in_and_writes_down_her_family(&twice, &daughter);
    let reference = she_books_two_doses(&twice, &daughter);
    a_booking_is_found_and_closed(&twice, &reference);
    clinics_work(&twice, &reference);
    her_clinic_closes(&twice, &reference);
    she_changes_and_cancels(&twice, &daughter, &reference);
    an_uncle_comes_back_after_months(&twice);
    the_mother_ends_the_care(&twice);
    the_evening_comes(&twice);
    she_stands_by(&twice, &daughter);
    she_leaves(&twice, &daughter);
    twice.assert_pressed_all();
}

fn a_daughter_signs_in_and_writes_down_her_family(twice: &Twice<'_>, browser: &Browser) {
    assert_eq!(twice.sign_in(browser, DAUGHTER).path, "/");
    let me = born(&browser.get("/people/new?relation=me"), way::NAMES[0], ["1970", "5", "6"]);
    twice.press(browser, &me);
    let mother = way::new_person(browser, way::NAMES[1]).check("messages", "both").fill("phone", MOTHER);
    twice.press(browser, &mother);
    twice.press(browser, &browser.get("/people/2").form("/people/2").fill("name", "박순희"));
    twice.press(browser, &way::new_person(browser, "최정"));
    twice.press_at(browser, "/people/3/remove");
    let code = browser.get("/me/email").form("/me/email").fill("email", "minji@example.com");
    let code = twice.press(browser, &code);
    twice.app.clock.pass_seconds(61);
    let code = twice.press(browser, &code.form("/me/email/again"));
    let me =
        twice.press(browser, &code.form("").fill("code", &twice.app.email_code_for("minji@example.com")));
    twice.press(browser, &me.form("/me/email/remove"));
    twice.press(browser, &browser.get("/me/messages").form("/me/messages").check("reminders", "no"));
}

fn born(page: &Page, name: &str, [year, month, day]: [&str; 3]) -> Form {
    let form = page.form("/people/new").fill("name", name);
    form.fill("birth-year", year).fill("birth-month", month).fill("birth-day", day)
}

/// The reference of her first dose.
fn she_books_two_doses(twice: &Twice<'_>, browser: &Browser) -> String {
    let times = way::to_times_of_first(&browser.get("/book/covid-2026/who"));
    let slots = times.attributes("button[name=slot]", "value");
    let held = twice.press_on(browser, &times.form("/hold"), &slots[0]);
    twice.press(browser, &held.form("/release"));
    let held = twice.press_on(browser, &times.form("/hold"), &slots[1]);
    let days = held.click("/second");
    let second = days.click(&days.attributes(".days a", "href")[0]);
    let slots = second.attributes("button[name=slot]", "value");
    let held = twice.press_on(browser, &second.form("/second"), &slots[1]);
    twice.app.pass_minutes(6);
    let held = twice.press(browser, &held.reload().form("/extend"));
    let done = twice.press(browser, &held.form("/confirm"));
    done.attributes("a[href^='/bookings/']", "href")[0].trim_start_matches("/bookings/").to_owned()
}

fn a_booking_is_found_and_closed(twice: &Twice<'_>, reference: &str) {
    let browser = twice.app.browser(L);
    let form = browser.get("/find").form("/find").fill("reference", reference).fill("phone", DAUGHTER);
    let code = twice.press(&browser, &form);
    twice.app.clock.pass_seconds(61);
    let code = twice.press(&browser, &code.form("/find/again"));
    let booking = twice.press(&browser, &code.form("").fill("code", &twice.code_sent_twice(DAUGHTER)));
    assert_eq!(booking.path, format!("/bookings/{reference}"));
    twice.press(&browser, &booking.form("/find/close"));
}

fn clinics_work(twice: &Twice<'_>, reference: &str) {
    let browser = twice.app.browser(L);
    let form = browser.get("/clinic/sign-in").form("/clinic/sign-in");
    let form = form.fill("login", Staff::Authority.login()).fill("password", STAFF_PASSWORD);
    let sites = twice.press(&browser, &form);
    assert_eq!(sites.path, "/clinic");
    let open = format!("/clinic/{}/bookings/{reference}/open", twice.app.site(0).code);
    twice.press(&browser, &browser.get(&open).form(&open).check("reason", "at-desk"));
    let lots = format!("/clinic/{}/lots", twice.app.site(0).code);
    let lot = browser.get(&lots).form(&lots).fill("number", "A1B2").fill("expires_on", "2026-12-31");
    let added = twice.press(&browser, &lot);
    twice.press(&browser, &added.click("/lots/recall").form("/recall"));
    let supply = format!("/clinic/{}/supply", twice.app.site(0).code);
    let form = with_button(&browser.get(&supply), "Write down").check("act", "received").fill("doses", "20");
    twice.press(&browser, &form);
    she_is_received_by_mistake(twice, &browser, reference);
    let day = format!("/clinic/{}", twice.app.site(0).code);
    twice.press(&browser, &browser.get(&day).form("/find").fill("q", reference));
    for act in ["pause", "resume"] {
        twice.press_on(&browser, &browser.get("/clinic/messages").form("/clinic/messages"), act);
    }
    let gateway = browser.get("/clinic/messages/spool").form("/clinic/messages/spool");
    twice.press(&browser, &gateway.fill("contact", UNCLE));
    twice.press(&browser, &browser.get("/clinic").form("/clinic/sign-out"));
    staff_look_after_themselves(twice);
}

/// Her clinic closes, and she picks the time that is kept for her.
fn her_clinic_closes(twice: &Twice<'_>, reference: &str) {
    let (app, nurse) = (twice.app, twice.app.browser(L));
    let form = nurse.get("/clinic/sign-in").form("/clinic/sign-in");
    form.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD).press("");
    let find = format!("SELECT starts_at AS number FROM booking WHERE reference = '{reference}'");
    let day = jiff::Timestamp::from_second(app.database.number(&find)).unwrap();
    let day = day.to_zoned(app.engine().zone.clone()).date();
    let schedule = format!("/clinic/{}/schedule", app.site(0).code);
    let page = nurse.get(&format!("{schedule}?date={day}"));
    let sure = with_button(&page, "ask").press("ask");
    twice.press_on(&nurse, &sure.form("/schedule"), "close");
    let id =
        app.database.number(&format!("SELECT id AS number FROM booking WHERE reference = '{reference}'"));
    let told = format!("SELECT COUNT(*) AS number FROM outbox WHERE kind = 'displaced' AND subject = {id}");
    wait_for("her to be told", || (app.database.number(&told) > 0).then_some(()));
    let her = app.browser(L);
    let moved = her.get(&format!("/moved/{}", app.engine().keys.link("moved", id)));
    let set = twice.press(&her, &moved.form("/moved/"));
    set.assert_says("The time is set");
}

/// An auditor sets an app up, signs in with it, takes the log as a file, and changes the password.
fn staff_look_after_themselves(twice: &Twice<'_>) {
    let (app, browser) = (twice.app, twice.app.browser(L));
    let password = || {
        let form = browser.get("/clinic/sign-in").form("/clinic/sign-in");
        form.fill("login", Staff::Auditor.login()).fill("password", STAFF_PASSWORD).press("")
    };
    password();
    let factor = browser.get("/clinic/account/second-factor");
    let secret = secret_on(&factor);
    let form = factor.form("second-factor").fill("code", &code_of(app, &secret));
    let codes = twice.press(&browser, &form.fill("password", STAFF_PASSWORD));
    assert_eq!(codes.all("main li b").len(), 10);
    twice.app.pass_minutes(1);
    browser.get("/clinic").form("/clinic/sign-out").press("");
    let log = twice.press(&browser, &password().form("code").fill("code", &code_of(app, &secret)));
    twice.press(&browser, &with_button(&log, "Get the table (CSV)").fill("reason", "a month is over"));
    let form =
        with_button(&browser.get("/clinic/account"), "Change password").fill("password", STAFF_PASSWORD);
    let form =
        form.fill("new-password", "a password of some length").fill("again", "a password of some length");
    let done = twice.press_on(&browser, &form, "Change password");
    assert_eq!(done.path, "/clinic/account?done=password");
}

/// As if her day had come.
fn she_is_received_by_mistake(twice: &Twice<'_>, browser: &Browser, reference: &str) {
    let app = twice.app;
    let of_hers = |what: &str| format!("{what} WHERE reference = '{reference}'");
    let day = app.database.number(&of_hers("SELECT CAST(local_date AS BIGINT) AS number FROM booking"));
    let today = app.engine().today().strftime("%Y%m%d").to_string();
    app.database.execute(&of_hers(&format!("UPDATE booking SET local_date = {today}"))).unwrap();
    let desk = browser.get(&format!("/clinic/{}/bookings/{reference}", app.site(0).code));
    let arrived = twice.press(browser, &to(&desk, "check-in").check("identified", "told"));
    twice.press(browser, &to(&arrived, "undo"));
    let starts = app.database.number(&of_hers("SELECT starts_at AS number FROM booking"));
    let begun = app.engine().now().as_second() - 60;
    app.database.execute(&of_hers(&format!("UPDATE booking SET starts_at = {begun}"))).unwrap();
    let end = browser.get(&format!("/clinic/{}/end", app.site(0).code));
    let hers = end.attributes("input[name=missing]", "value").remove(0);
    twice.press(browser, &end.form("/end").check("missing", &hers));
    to(&desk.reload(), "undo").press("");
    app.database.execute(&of_hers(&format!("UPDATE booking SET starts_at = {starts}"))).unwrap();
    app.database.execute(&of_hers(&format!("UPDATE booking SET local_date = {day}"))).unwrap();
}

fn she_changes_and_cancels(twice: &Twice<'_>, browser: &Browser, reference: &str) {
    let page = browser.get(&format!("/bookings/{reference}"));
    twice.press(browser, &page.form("/tell"));
    let days = browser.get(&format!("/bookings/{reference}/change"));
    let day = days.click(&days.attributes(".days a", "href")[0]);
    let check = day.click(&day.attributes("a[href*='/check']", "href")[0]);
    let booking = twice.press(browser, &check.form("/change"));
    assert!(booking.path.starts_with(&format!("/bookings/{reference}")), "{booking:?}");
    twice.press_at(browser, &format!("/bookings/{reference}/cancel"));
}

/// In the evening a dose is left over.
fn she_stands_by(twice: &Twice<'_>, browser: &Browser) {
    let app = twice.app;
    let ask = |name: &str| {
        let form = browser.get("/standby/new").form("/standby/new").check("campaign", "covid-2026");
        let places = form.fill("near", "종로 보건소").press("");
        let form = places.forms().into_iter().find(|form| form.value("until").is_some()).unwrap();
        twice.press(browser, &form.choose("종로 보건소").check("metres", "0").choose(name));
    };
    ask(way::NAMES[0]);
    twice.press(browser, &browser.get("/standby").form("/standby/end"));
    ask(way::NAMES[0]);
    let afternoon: jiff::Timestamp = "2026-11-24T07:00:00Z".parse().unwrap();
    app.pass(afternoon.duration_since(app.engine().now()));
    let nurse = app.browser(L);
    let form = nurse.get("/clinic/sign-in").form("/clinic/sign-in");
    form.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD).press("");
    let leftovers = format!("/clinic/{}/leftovers", app.site(0).code);
    let form = nurse.get(&leftovers).form(&leftovers).fill("product", "COVID").fill("doses", "1");
    twice.press(&nurse, &form.fill("until", "17:30"));
    let text = app.next_message(DAUGHTER, "offer").text;
    let link = text[text.find("/offer/").unwrap()..].split_whitespace().next().unwrap();
    twice.press_on(browser, &browser.get(link).form("/offer/"), "decline");
    let again = browser.get("/sign-in");
    if again.path.starts_with("/sign-in") {
        way::prove(app, &again, DAUGHTER);
    }
}

fn an_uncle_comes_back_after_months(twice: &Twice<'_>) {
    let first = twice.app.browser(L);
    way::prove(twice.app, &first.get("/sign-in"), UNCLE);
    way::new_person(&first, "최정").press("");
    let come_back = || {
        // His is the newest account.
        let idle =
            "UPDATE account SET seen_at = seen_at - 90 * 86400 WHERE id = (SELECT MAX(id) FROM account)";
        twice.app.database.execute(idle).unwrap();
        twice.app.pass_minutes(61);
        let browser = twice.app.browser(L);
        let asked = way::prove(twice.app, &browser.get("/sign-in"), UNCLE);
        assert_eq!(asked.path, "/sign-in/birth-date");
        (browser, asked)
    };
    let (browser, asked) = come_back();
    let form = asked.form("/sign-in/birth-date");
    twice.press(&browser, &form.fill("birth-year", "1950").fill("birth-month", "5").fill("birth-day", "6"));
    let (browser, asked) = come_back();
    twice.press(&browser, &asked.click("/sign-in/anew").form("/sign-in/anew"));
}

fn the_mother_ends_the_care(twice: &Twice<'_>) {
    let browser = twice.app.browser(L);
    way::prove(twice.app, &browser.get("/sign-in"), MOTHER);
    born(&browser.get("/people/new?relation=me"), "박순희", ["1950", "5", "6"]).press("");
    let care = browser.get("/me").link("/me/carers/");
    twice.press_at(&browser, &care);
    twice.press(&browser, &browser.get("/me").form("/me/sign-out-everywhere"));
}

fn the_evening_comes(twice: &Twice<'_>) {
    let (app, door) = (twice.app, format!("/door/{OPENING}"));
    let opening = app.announce("flu-2026");
    let browser = app.browser(L);
    way::prove(app, &browser.get("/sign-in"), UNCLE);
    way::new_person(&browser, "최정").press("");
    twice.press(&browser, &browser.get(&door).form(&format!("{door}/turn")));
    app.draw(opening);
    app.pass_minutes(121);
    app.await_turn_texts();
    app.stop_door(opening);
    app.open_door_to(opening, Place(u64::MAX - 1));
    // Somebody without any cookie, whose turn has come.
    let stranger = app.browser(L);
    let code = twice.press(&stranger, &stranger.get(&door).form(&door).fill("phone", "010-0000-0005"));
    assert!(code.path.starts_with("/sign-in/code"), "{code:?}");
    let agent = app.browser(L);
    let form = agent.get("/clinic/sign-in").form("/clinic/sign-in");
    form.fill("login", Staff::Authority.login()).fill("password", STAFF_PASSWORD).press("");
    let callers = format!("/clinic/callers/{OPENING}");
    twice.press(&agent, &agent.get(&callers).form(&callers).fill("phone", MOTHER));
    let orders = format!("/clinic/doors/{OPENING}");
    twice.press(&agent, &agent.get(&format!("{orders}?sure=pause")).form(&orders));
    let inside = twice.press(&browser, &browser.get(&door).form(&door));
    assert!(inside.path.starts_with("/book/"), "{inside:?}");
}

fn she_leaves(twice: &Twice<'_>, browser: &Browser) {
    twice.press(browser, &browser.get("/").form("/language"));
    browser.get("/").form("/language").press("");
    twice.press(browser, &browser.get("/").form("/sign-out"));
    way::prove(twice.app, &browser.get("/sign-in"), DAUGHTER);
    let code = twice.press(browser, &browser.get("/me/phone").form("/me/phone").fill("phone", NEW_PHONE));
    twice.app.clock.pass_seconds(61);
    let code = twice.press(browser, &code.form("/me/phone/again"));
    twice.press(browser, &code.form("").fill("code", &twice.code_sent_twice(NEW_PHONE)));
    twice.press_at(browser, "/me/erase");
}
