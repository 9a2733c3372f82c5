//! A family goes every way there is, with names, numbers and dates that stand nowhere else; and everything secret that
//! they were given on the way.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use sunbeon::domain::door::place::Place;

use crate::app::{Browser, Form, Language, OPENING, Page, STAFF_PASSWORD, Staff, TestApp};
use crate::needles::{Needle, found};

/// Who books.
pub const NAME: &str = "선우다인";
const MOTHER_NAME: &str = "Ngô Thị Ánh Nguyệt";
/// Her phone.
pub const PHONE: &str = "010-0000-7301";
const MOTHER_PHONE: &str = "010-0000-8642";
const BIRTH: (u16, u8, u8) = (1971, 8, 27);
const MOTHER_BIRTH: (u16, u8, u8) = (1947, 3, 9);
const EMAIL: &str = "dain.sunwoo@example.org";

/// What the family was given: it stands in no log, and most of it nowhere at all.
pub struct Family {
    /// May stand nowhere: what is personal, and what opens something.
    nowhere: Vec<Needle>,
    /// May stand in the database and in addresses, but not in logs and figures: what names something.
    not_in_logs: Vec<Needle>,
    /// Every address that was asked for.
    pub addresses: Vec<String>,
}

impl Family {
    fn new() -> Self {
        let nowhere = vec![
            Needle::text("the name", NAME),
            Needle::text("the mother's name", MOTHER_NAME),
            Needle::text("the mother's family name", "Nguyệt"),
            Needle::phone("the phone", PHONE),
            Needle::phone("the mother's phone", MOTHER_PHONE),
            Needle::birth("the birth date", BIRTH),
            Needle::birth("the mother's birth date", MOTHER_BIRTH),
            Needle::text("the e-mail address", EMAIL),
            Needle::text("the beginning of the e-mail address", "dain.sunwoo"),
            Needle::text("the password of staff", STAFF_PASSWORD),
        ];
        Self { nowhere, not_in_logs: Vec::new(), addresses: Vec::new() }
    }

    fn secret(&mut self, what: &str, text: &str) {
        self.nowhere.push(Needle::text(what, text));
    }

    /// Notes what a browser was given and where it was.
    fn note(&mut self, browser: &Browser) {
        for (name, value) in browser.cookies() {
            self.secret(&format!("the cookie {name}"), &value);
            self.secret(&format!("the beginning of the cookie {name}"), &value[..24]);
        }
        let token = browser.get("/find").form("/find").value("csrf").unwrap().to_owned();
        self.secret("a token of forms", &token);
        let addresses = browser.addresses();
        for address in &addresses {
            for part in address.split(['/', '?', '&', '=']).filter(|part| part.len() > 20) {
                self.not_in_logs.push(Needle::text("a token of an address", part));
            }
        }
        self.addresses.extend(addresses);
    }

    /// Fails when anything of the family stands in a log or something like it.
    #[track_caller]
    pub fn assert_not_in_logs(&self, what: &str, text: &[u8]) {
        self.assert_nowhere(what, text);
        assert_eq!(found(&self.not_in_logs, text), Vec::<String>::new(), "in {what}");
    }

    /// Fails when anything that may stand nowhere stands there.
    #[track_caller]
    pub fn assert_nowhere(&self, what: &str, text: &[u8]) {
        assert_eq!(found(&self.nowhere, text), Vec::<String>::new(), "in {what}");
    }

    /// Goes every way.
    pub fn go(app: &TestApp) -> Self {
        let mut family = Self::new();
        let browser = app.browser(Language::Korean);
        family.sign_in_and_list(app, &browser);
        let references = family.book_change_and_cancel(app, &browser);
        family.prove_the_email_address(app, &browser);
        family.find_by_reference(app, &references[0]);
        family.stands_at_the_door(app);
        family.has_a_neighbour_with_another_phone(app);
        family.is_seen_by_staff(app, &references[0]);
        family.meets_errors(app, &browser, &references[0]);
        browser.get("/me/download");
        family.note(&browser);
        family.comes_back_after_long(app);
        family
    }

    /// Somebody changes their phone, and says how messages are wanted.
    fn has_a_neighbour_with_another_phone(&mut self, app: &TestApp) {
        let (before, after) = ("010-0000-5316", "010-0000-6425");
        let browser = app.browser(Language::Korean);
        let code = browser.get("/sign-in").form("/sign-in").fill("phone", before).press("");
        code.form("").fill("code", &app.code_for(before)).press("");
        browser.get("/me/messages").form("/me/messages").check("reminders", "no").press("");
        let code = browser.get("/me/phone").form("/me/phone").fill("phone", after).press("");
        let me = code.form("").fill("code", &app.code_for(after)).press("");
        assert_eq!(me.path, "/me?why=phone");
        for phone in [before, after] {
            self.nowhere.push(Needle::phone("a neighbour's phone", phone));
        }
        self.note(&browser);
    }

    fn sign_in_and_list(&mut self, app: &TestApp, browser: &Browser) {
        // A form that was sent too early travels sealed through signing in.
        let early = [
            ("relation", "me"),
            ("name", NAME),
            ("birth-year", "1971"),
            ("birth-month", "8"),
            ("birth-day", "27"),
        ];
        let asked = browser.follow(browser.post("/people/new?relation=me", &early));
        let page = asked.form("/sign-in").fill("phone", PHONE).press("");
        let code = app.code_for(PHONE);
        let page = page.form("").fill("code", if code == "000000" { "111111" } else { "000000" }).press("");
        assert_eq!(page.errors().len(), 1);
        let again = page.form("").fill("code", &code).press("");
        self.secret("a code", &code);
        assert_eq!(again.form("/people/new").press("").path, "/people");
        let form = browser.get("/people/new").form("").check("relation", "mother").fill("name", MOTHER_NAME);
        let form = born(form, MOTHER_BIRTH).check("messages", "both").fill("phone", MOTHER_PHONE);
        let unsure = form.press("");
        assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY, "she did not say that she may");
        assert_eq!(unsure.form("").check("consent", "yes").press("").path, "/people");
    }

    fn book_change_and_cancel(&mut self, app: &TestApp, browser: &Browser) -> Vec<String> {
        let site = app.site(0).code.clone();
        let times = browser.get(&format!("/book/covid-2026/{site}/when?p=1&p=2&day=2026-11-24"));
        let held = press_time(&times, 2);
        held.form("/extend").press("");
        let done = held.form("/confirm").press("");
        assert!(done.path.starts_with("/done/"), "{done:?}");
        let references: Vec<String> = done.all(".reference").iter().map(|one| one.replace('-', "")).collect();
        for reference in &references {
            self.not_in_logs.push(Needle::text("a reference", reference));
        }
        let days = browser.get("/bookings").click(MOTHER_NAME).click("/change");
        let day = days.click(&days.attributes(".days a", "href")[0]);
        let later = day.attributes(".times a", "href").remove(4);
        let changed = day.click(&later).form("/change").press("");
        assert!(changed.path.starts_with("/bookings/"), "{changed:?}");
        changed.form("/tell").press("");
        browser.get("/bookings").click(NAME).click("/cancel").form("").press("");
        app.pass(SignedDuration::from_hours(2));
        let mother = app.browser(Language::English);
        let asked = mother.get("/people/new?relation=me").form("/sign-in").fill("phone", MOTHER_PHONE);
        let code_page = asked.press("");
        let code = app.code_for(MOTHER_PHONE);
        self.secret("the mother's code", &code);
        let form = code_page.form("").fill("code", &code).press("").form("").fill("name", MOTHER_NAME);
        born(form, MOTHER_BIRTH).press("");
        mother.get("/bookings").click(MOTHER_NAME);
        mother.get("/me").click("/me/carers/");
        self.note(&mother);
        references
    }

    fn prove_the_email_address(&mut self, app: &TestApp, browser: &Browser) {
        let page = browser.get("/me/email").form("/me/email").fill("email", "dain.sunwoo@").press("");
        let page = page.form("/me/email").fill("email", EMAIL).press("");
        let code = app.email_code_for(EMAIL);
        self.secret("the code of the e-mail address", &code);
        assert_eq!(page.form("").fill("code", &code).press("").path, "/me");
    }

    fn find_by_reference(&mut self, app: &TestApp, reference: &str) {
        let browser = app.browser(Language::Korean);
        for wrong in ["2222-2222", reference] {
            let form = browser.get(&format!("/r/{reference}")).form("/find");
            form.fill("reference", wrong).fill("phone", MOTHER_PHONE).press("");
        }
        let form = browser.get("/find").form("/find").fill("reference", reference).fill("phone", PHONE);
        let page = form.press("");
        let code = app.code_for(PHONE);
        self.secret("a code to find a booking", &code);
        let found = page.form("").fill("code", &code).press("");
        assert!(found.path.starts_with("/bookings/"), "{found:?}");
        self.note(&browser);
    }

    /// She asks for her turn, waits, is called, proves her phone and comes in; and asks for the proof of it.
    fn stands_at_the_door(&mut self, app: &TestApp) {
        let opening = app.evening("flu-2026");
        let browser = app.browser(Language::Korean);
        let knock = || {
            let door = browser.get(&format!("/door/{OPENING}"));
            door.form("/door/").fill("phone", PHONE).press("")
        };
        assert!(knock().path.starts_with("/wait/"));
        app.open_door_to(opening, Place(u64::MAX - 1));
        let code_page = knock();
        let code = app.code_for(PHONE);
        self.secret("a code at the door", &code);
        let inside = code_page.form("").fill("code", &code).press("").form("/door/").press("");
        assert!(inside.path.starts_with("/book/"), "{inside:?}");
        browser.get(&format!("/draw/{OPENING}/proof"));
        self.note(&browser);
    }

    fn is_seen_by_staff(&mut self, app: &TestApp, reference: &str) {
        let browser = app.browser(Language::Korean);
        let roster = format!("/clinic/{}/roster", app.site(0).code);
        let form = browser.get(&format!("{roster}?date=2026-11-24")).form("/clinic/sign-in");
        let form = form.fill("login", Staff::Jongno.login());
        form.clone().fill("password", "a wrong password").press("");
        let page = form.fill("password", STAFF_PASSWORD).press("");
        assert!(page.path.starts_with(&roster), "{page:?}");
        for page in [".csv", "/sheet"] {
            assert_eq!(browser.get(&format!("{roster}{page}?date=2026-11-24")).status, StatusCode::OK);
        }
        let why = browser.get(&format!("/clinic/{}/bookings/{reference}/open", app.site(0).code));
        why.form("/open").check("reason", "called").press("").assert_says(NAME);
        self.note(&browser);
        // She calls on the evening, and an agent tells her when her turn is.
        let agent = app.browser(Language::Korean);
        let form = agent.get(&format!("/clinic/callers/{OPENING}")).form("/clinic/sign-in");
        let ask = form.fill("login", Staff::Authority.login()).fill("password", STAFF_PASSWORD).press("");
        ask.form("/clinic/callers/").fill("phone", PHONE).press("").assert_says("번호 010-****-");
        assert_eq!(agent.get("/clinic/messages").status, StatusCode::OK);
        self.note(&agent);
    }

    /// Her phone was not proved for long: a wrong birth date, a right one, and a mother who begins anew.
    fn comes_back_after_long(&mut self, app: &TestApp) {
        app.pass(SignedDuration::from_hours(90 * 24));
        for phone in [PHONE, MOTHER_PHONE] {
            let browser = app.browser(Language::Korean);
            let code_page = browser.get("/sign-in").form("/sign-in").fill("phone", phone).press("");
            // Errors met before sent her codes that nobody asked for.
            let told = app.messages_to(phone).pop().unwrap().text;
            let code: String = told.chars().filter(char::is_ascii_digit).take(6).collect();
            self.secret("a code after long", &code);
            let asked = code_page.form("").fill("code", &code).press("");
            self.note(&browser);
            let wrong = born(asked.form("/sign-in/birth-date"), (1950, 1, 1)).press("");
            assert_eq!(wrong.errors().len(), 1);
            if phone == PHONE {
                assert_eq!(born(wrong.form("/sign-in/birth-date"), MOTHER_BIRTH).press("").path, "/");
            } else {
                assert_eq!(wrong.click("/sign-in/anew").form("/sign-in/anew").press("").path, "/");
            }
            self.note(&browser);
        }
    }

    /// Everything that goes wrong, with the family's things in hand.
    fn meets_errors(&mut self, app: &TestApp, browser: &Browser, reference: &str) {
        let typed = [("csrf", "foreign"), ("name", NAME), ("phone", PHONE), ("email", EMAIL)];
        assert_eq!(browser.post("/people/new", &typed).status, StatusCode::CONFLICT);
        let fields: Vec<(String, String)> = typed.iter().map(|&(a, b)| (a.into(), b.into())).collect();
        let elsewhere = [("origin", "https://elsewhere.example")];
        let foreign = browser.send(Method::POST, "/people/new", &elsewhere, Some(&fields));
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
        browser.get(&format!("/bookings/{reference}x"));
        browser.send(Method::PUT, &format!("/bookings/{reference}"), &[], Some(&fields));
        browser.without_checks();
        for fault in [
            "ALTER TABLE person RENAME TO person_gone",
            "ALTER TABLE care RENAME TO care_gone",
            "ALTER TABLE challenge RENAME TO challenge_gone",
        ] {
            app.await_messages_sent();
            app.database.execute(fault).unwrap();
            for page in ["/people", "/bookings", &format!("/bookings/{reference}")] {
                browser.get(page);
            }
            let token = browser.get("/find").form("/find").value("csrf").map(str::to_owned).unwrap();
            let typed = [("csrf", &*token), ("name", NAME), ("phone", PHONE), ("email", EMAIL)];
            for form in ["/people/new", "/people/2", "/me/email", "/me/phone", "/find", "/sign-in"] {
                browser.post(form, &typed);
            }
            app.await_messages_sent();
            let back = fault.split(' ').collect::<Vec<_>>();
            app.database.execute(&format!("ALTER TABLE {} RENAME TO {}", back[5], back[2])).unwrap();
        }
        app.database.execute("CREATE TABLE kept AS SELECT id, name_sealed FROM person").unwrap();
        app.database.execute("UPDATE person SET name_sealed = birth_sealed").unwrap();
        assert_eq!(browser.get("/people").status, StatusCode::SERVICE_UNAVAILABLE);
        let kept = "UPDATE person SET name_sealed = (SELECT name_sealed FROM kept WHERE kept.id = person.id)";
        app.database.execute(kept).unwrap();
        app.database.execute("DROP TABLE kept").unwrap();
        assert_eq!(browser.get("/people").status, StatusCode::OK);
    }
}

fn born(form: Form, (year, month, day): (u16, u8, u8)) -> Form {
    form.fill("birth-year", &year.to_string())
        .fill("birth-month", &month.to_string())
        .fill("birth-day", &day.to_string())
}

fn press_time(times: &Page, number: usize) -> Page {
    let value = times.attributes("button[name=slot]", "value").remove(number);
    let held = times.press(&value);
    assert!(held.path.starts_with("/hold/"), "{held:?}: {}", held.text());
    held
}
