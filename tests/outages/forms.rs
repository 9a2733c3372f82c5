//! Whatever form was sent when the database failed comes back with one button, in the visitor's language, and without
//! what must not stand in a page.

use reqwest::StatusCode;

use crate::answers::{assert_outage, form_to_send_again, send_again};
use crate::app::{Browser, Language, Page, STAFF_PASSWORD, Staff, TestApp};
use crate::on_both;
use crate::way;

on_both!(
    what_was_typed_comes_back_on_every_page,
    what_a_handler_could_not_store_comes_back_too,
    a_code_and_a_password_are_asked_for_again,
    a_form_from_elsewhere_is_not_kept,
    a_page_that_could_not_be_shown_can_be_asked_for_again,
);

const L: Language = Language::English;

/// Takes tables away while something is done.
fn without<T>(app: &TestApp, tables: &[&str], work: impl FnOnce() -> T) -> T {
    let rename = |from: &str, to: &str| {
        app.database.execute(&format!("ALTER TABLE {from} RENAME TO {to}")).unwrap();
    };
    for table in tables {
        rename(table, &format!("{table}_away"));
    }
    let done = work();
    for table in tables {
        rename(&format!("{table}_away"), table);
    }
    done
}

/// A browser on a Korean device whose owner chose English and proved a phone, and the page of a day's times.
fn signed_in(app: &TestApp) -> (Browser, Page) {
    let browser = app.browser(Language::Korean);
    browser.expect_outages();
    browser.get("/").press("English");
    let times = way::times_of_both(app, &browser, "covid-2026");
    (browser, times)
}

fn token(browser: &Browser) -> String {
    browser.get("/find").form("/find").value("csrf").unwrap().to_owned()
}

fn what_was_typed_comes_back_on_every_page(app: &TestApp) {
    let (browser, times) = signed_in(app);
    let token = token(&browser);
    let hold = times.form("/hold").action;
    let forms: [(&str, &[(&str, &str)]); 11] = [
        (
            "/people/new?relation=me",
            &[("name", "최\"영희\""), ("birth-year", "1950"), ("phone", "010-0000-0009")],
        ),
        ("/people/1", &[("name", "김민지"), ("birth-day", "6")]),
        ("/me/email", &[("email", "daughter@example.org")]),
        ("/me/phone", &[("phone", "010-0000-0051")]),
        ("/me/messages", &[("language", "en"), ("reminders", "no")]),
        ("/find", &[("reference", "ABCD-EFGH"), ("phone", "010-0000-0001")]),
        ("/sign-in?next=%2Fme", &[("phone", "010-0000-0001")]),
        (&hold, &[("slot", "covid-2026~1")]),
        ("/bookings/ABCDEFG/change", &[("site", "x"), ("to", "y~1"), ("version", "1")]),
        ("/bookings/ABCDEFG/cancel", &[("seen", "ABCDEFG:1"), ("seen", "BCDEFGH:1")]),
        ("/me/sign-out-everywhere", &[]),
    ];
    let told: Vec<Page> = without(app, &["account"], || {
        let sent = |(path, typed): &(&str, &[(&str, &str)])| {
            browser.post(path, &[*typed, &[("csrf", &*token)]].concat())
        };
        forms.iter().map(sent).collect()
    });
    for (page, (path, typed)) in told.iter().zip(&forms) {
        assert_outage(page, L);
        let form = form_to_send_again(page, L);
        assert_eq!(form.action, *path);
        let kept: Vec<(String, String)> = page
            .attributes("main form[method=post] input[type=hidden]", "name")
            .into_iter()
            .zip(page.attributes("main form[method=post] input[type=hidden]", "value"))
            .filter(|(name, _)| name != "csrf")
            .collect();
        let typed: Vec<(String, String)> =
            typed.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        assert_eq!(kept, typed, "{path}");
    }
}

fn what_a_handler_could_not_store_comes_back_too(app: &TestApp) {
    let (browser, times) = signed_in(app);
    let new = way::new_person(&browser, "최영희");
    let (time, added) = without(app, &["party", "care"], || (way::press_time(&times, 0), new.press("")));
    assert_outage(&time, L);
    assert_outage(&added, L);
    let list = send_again(&added, L);
    assert!(list.says("최영희"), "{list:?}: {:?}", list.errors());
    way::confirm(&send_again(&time, L));
}

fn a_code_and_a_password_are_asked_for_again(app: &TestApp) {
    let browser = app.browser(L);
    browser.expect_outages();
    let asked =
        browser.get("/sign-in?next=%2Fpeople").form("/sign-in").fill("phone", "010-0000-0001").press("");
    let code = app.code_for("010-0000-0001");
    let told = without(app, &["challenge"], || asked.form("/code").fill("code", &code).press(""));
    assert_outage(&told, L);
    assert!(!told.body.contains(&code), "the code stands in the page");
    let asked = send_again(&told, L);
    assert_eq!(asked.form("/code").fill("code", &code).press("").path, "/people");

    let staff = app.browser(L);
    staff.expect_outages();
    let form = staff.get("/clinic/sign-in?next=%2Fclinic").form("/clinic/sign-in");
    let form = form.fill("login", Staff::Jongno.login()).fill("password", STAFF_PASSWORD);
    let told = without(app, &["staff"], || form.press(""));
    assert_outage(&told, L);
    assert!(!told.body.contains(STAFF_PASSWORD), "the password stands in the page");
    let asked = send_again(&told, L).form("/clinic/sign-in");
    assert_eq!(asked.value("login"), Some(Staff::Jongno.login()));
    assert_eq!(asked.fill("password", STAFF_PASSWORD).press("").path, "/clinic");
}

fn a_form_from_elsewhere_is_not_kept(app: &TestApp) {
    let (browser, _) = signed_in(app);
    let token = token(&browser);
    let fields =
        |token: &str| [("csrf".to_owned(), token.to_owned()), ("name".to_owned(), "최영희".to_owned())];
    let send = |token: &str, headers: &[(&str, &str)]| {
        without(app, &["account"], || {
            browser.send(reqwest::Method::POST, "/people/new", headers, Some(&fields(token)))
        })
    };
    let foreign = send(&token, &[("sec-fetch-site", "cross-site")]);
    assert_ne!(foreign.status, StatusCode::SEE_OTHER);
    let without_token = send("", &[]);
    for page in [foreign, without_token] {
        assert!(!page.body.contains("최영희"), "{page:?}: {}", page.text());
    }
}

fn a_page_that_could_not_be_shown_can_be_asked_for_again(app: &TestApp) {
    let (browser, times) = signed_in(app);
    let told = without(app, &["account"], || browser.get(&times.path));
    assert_outage(&told, L);
    let again = told.click(&L.say("problem-reload").to_string());
    assert_eq!((again.status, again.h1()), (StatusCode::OK, times.h1()));
}
