//! The way through the pages, step by step, as a daughter goes it who books for herself and her mother.
#![allow(dead_code, reason = "several targets go it, and not each goes everywhere")]

use crate::app::{Browser, Form, Language, Page, TestApp};

/// The daughter's phone.
pub const DAUGHTER: &str = "010-0000-0001";

/// The mother's phone.
pub const MOTHER: &str = "010-0000-0002";

/// Their names; the same in both languages.
pub const NAMES: [&str; 2] = ["김민지", "박순자"];

/// From the first page to the question who is to be vaccinated, which a visitor without a proved phone doesn't see yet.
pub fn start(browser: &Browser, slug: &str) -> Page {
    let choose = browser.get("/").click("/book");
    choose.click(&format!("/book/{slug}/who"))
}

/// Proves a phone on the page that asks for it, and comes to where one wanted to go.
pub fn prove(app: &TestApp, asked: &Page, phone: &str) -> Page {
    assert!(asked.path.starts_with("/sign-in"), "{asked:?}");
    type_code(app, &asked.form("/sign-in").fill("phone", phone).press(""), phone)
}

/// Types the code that was sent, on the page that asks for it.
pub fn type_code(app: &TestApp, code: &Page, phone: &str) -> Page {
    assert!(code.path.starts_with("/sign-in/code"), "{code:?}: {:?}", code.errors());
    code.form("").fill("code", &app.code_for(phone)).press("")
}

/// Adds both to the list, from the page that asks who is to be vaccinated and back to it.
pub fn add_both(who: &Page) -> Page {
    let me = who.click("relation=me").form("");
    let me = me.fill("name", NAMES[0]);
    let who = birth(me, ["1970", "5", "6"]).press("");
    let mother =
        who.form("/where").press("other").form("").check("relation", "mother").fill("name", NAMES[1]);
    let mother = birth(mother, ["1947", "3", "9"]);
    let who = mother.check("messages", "both").fill("phone", MOTHER).check("consent", "yes").press("");
    assert_eq!(who.errors(), Vec::<String>::new());
    assert!(who.path.contains("/who"), "{who:?}");
    who
}

/// The form that adds somebody else to the list, filled in.
pub fn new_person(browser: &Browser, name: &str) -> Form {
    let form = browser.get("/people/new").form("/people/new").check("relation", "mother").fill("name", name);
    birth(form, ["1950", "5", "6"]).check("messages", "no-phone").check("consent", "yes")
}

/// Adds somebody to their own list and goes to the times of the first day, by themselves.
pub fn to_times_alone(who: &Page, name: &str) -> Page {
    let me = who.click("relation=me").form("").fill("name", name);
    let who = birth(me, ["1950", "5", "6"]).press("");
    to_times_of_first(&who)
}

/// Chooses the first of the list by themselves.
pub fn to_times_of_first(who: &Page) -> Page {
    to_times_of(&who.form("/where").check("p", "1").press(""))
}

pub fn birth(form: Form, [year, month, day]: [&str; 3]) -> Form {
    form.fill("birth-year", year).fill("birth-month", month).fill("birth-day", day)
}

/// Chooses both, the site in Jongno with room for families, and the first day with seats: the page of its times.
pub fn to_times(who: &Page) -> Page {
    to_times_of(&who.form("/where").check("p", "1").check("p", "2").press(""))
}

fn to_times_of(province: &Page) -> Page {
    let district = province.form("/where").fill("in", "seoul").press("");
    let sites = district.form("/where").fill("in", "seoul.jongno-gu").press("");
    let days = sites.click("종로 보건소");
    let first = days.attributes(".days a", "href").into_iter().next().expect("a day with seats");
    days.click(&first)
}

/// Signed in, both in the list, at the times of the first day.
pub fn times_of_both(app: &TestApp, browser: &Browser, slug: &str) -> Page {
    to_times(&add_both(&prove(app, &start(browser, slug), DAUGHTER)))
}

/// Presses the button of a time, counted from the day's first.
pub fn press_time(times: &Page, number: usize) -> Page {
    let value = times.attributes("button[name=slot]", "value").remove(number);
    times.press(&value)
}

/// Fails unless a page shows the seats that are held, to be confirmed.
#[track_caller]
pub fn assert_holds(page: &Page, language: Language) {
    assert!(page.path.starts_with("/hold/"), "{page:?} {:?}: {}", page.errors(), page.text());
    assert_eq!(page.h1(), language.say("hold-title").to_string());
}

/// Confirms what is held: the confirmation.
#[track_caller]
pub fn confirm(held: &Page) -> Page {
    let done = held.form("/confirm").press("");
    assert!(done.path.starts_with("/done/"), "{done:?}: {}", done.text());
    done
}
