//! Messages as people want them: at another phone, in a language of their choice, without reminders.

use crate::app::{Browser, Language, Page, TestApp};
use crate::family::{DAUGHTER, Family, MOTHER, STRANGER, references};
use crate::on_both;
use crate::way;

on_both!(
    a_mother_gets_another_phone_and_stays_who_she_is,
    whoever_never_wrote_themselves_down_is_not_told_at_the_old_number,
    somebody_is_reminded_whoever_changes_what,
    a_booking_is_found_by_the_new_number,
    a_number_with_a_list_is_nobody_elses,
    whoever_looked_with_the_new_phone_first_can_still_change_to_it,
    nobody_is_reminded_who_does_not_want_it,
    messages_are_in_the_language_that_was_chosen_for_them,
);

const L: Language = Language::Korean;

/// Which phone the mother gets.
const NEW: &str = "010-0000-0050";

fn signed_in(app: &TestApp, phone: &str) -> Browser {
    let browser = app.browser(L);
    way::prove(app, &browser.get("/sign-in"), phone);
    browser
}

/// The mother, for whom her daughter has booked, with herself in her list.
fn mother_of_booked(app: &TestApp) -> (Family<'_>, Browser) {
    let family = Family::of(app, L);
    family.book("flu-2026", None);
    let mother = signed_in(app, MOTHER);
    let me = mother.get("/people/new?relation=me").form("").fill("name", way::NAMES[1]);
    way::birth(me, ["1947", "3", "9"]).press("");
    (family, mother)
}

/// Types a number on the page for another one.
fn type_phone(browser: &Browser, phone: &str) -> Page {
    browser.get("/me").click("/me/phone").form("/me/phone").fill("phone", phone).press("")
}

/// Changes to another phone, up to where that leads.
fn change_phone(app: &TestApp, browser: &Browser, phone: &str) -> Page {
    type_phone(browser, phone).form("/me/phone/code").fill("code", &app.code_for(phone)).press("")
}

fn kinds(app: &TestApp, phone: &str) -> Vec<String> {
    app.messages_to(phone).into_iter().map(|message| message.kind).collect()
}

fn a_mother_gets_another_phone_and_stays_who_she_is(app: &TestApp) {
    let (family, mother) = mother_of_booked(app);
    app.clock.pass_seconds(61);
    let elsewhere = signed_in(app, MOTHER);
    let wrong = type_phone(&mother, "02-000-0000");
    assert_eq!(wrong.errors().len(), 1);
    assert_eq!(wrong.form("/me/phone").value("phone"), Some("02-000-0000"), "what was typed is kept");
    type_phone(&mother, MOTHER).assert_says("지금 쓰는 번호입니다");
    let code = type_phone(&mother, NEW);
    code.assert_says("010-****-0050");
    let sent = app.code_for(NEW);
    let wrong = if sent == "000000" { "111111" } else { "000000" };
    let again = code.form("").fill("code", wrong).press("");
    assert!(again.errors()[0].contains("4번 더"), "{:?}", again.errors());
    mother.get("/me").assert_says(MOTHER);
    let me = again.form("").fill("code", &sent).press("");
    assert_eq!(me.path, "/me?why=phone");
    me.assert_says("휴대전화 번호를 바꾸었습니다").assert_says(NEW);
    mother.get("/bookings").assert_says(way::NAMES[1]);
    assert!(elsewhere.get("/me").path.starts_with("/sign-in"), "other devices are signed out");
    let told = app.next_message(MOTHER, "phone-changed-notice");
    assert!(!told.text.contains("0050"), "the old phone may be a stranger's: {}", told.text);
    mother.get("/me/phone/code").assert_says("더 쓸 수 없습니다");

    // Her daughter knows the old number only, and yet the mother is told at the new one.
    let before = kinds(app, MOTHER).len();
    let page = family.browser.get("/bookings").click(way::NAMES[1]);
    assert!(!family.browser.get("/people").says("0050"), "nobody is shown a number they did not type");
    page.click("/cancel").form("/cancel").press("");
    assert_eq!(kinds(app, NEW).last().map(String::as_str), Some("cancellation"));
    assert_eq!(kinds(app, MOTHER).len(), before, "nothing more goes to the old number");

    // Both numbers sign in: the new one to her list, the old one to an empty one.
    app.clock.pass_seconds(61);
    signed_in(app, NEW).get("/people").assert_says(way::NAMES[1]);
    let stranger = signed_in(app, MOTHER);
    assert!(!stranger.get("/people").says(way::NAMES[1]));
    assert!(!stranger.get("/bookings").says(way::NAMES[1]));
}

/// Nobody proved the old number any more, so that nothing about her booking goes there.
fn whoever_never_wrote_themselves_down_is_not_told_at_the_old_number(app: &TestApp) {
    let family = Family::of(app, L);
    let mother = signed_in(app, MOTHER);
    family.book("flu-2026", None);
    assert!(kinds(app, MOTHER).contains(&"confirmation".to_owned()), "she has proved her phone");
    app.clock.pass_seconds(61);
    assert_eq!(change_phone(app, &mother, NEW).path, "/me?why=phone");
    let before = kinds(app, MOTHER).len();
    app.pass_minutes(61);
    app.pass_minutes(24 * 60);
    assert!(kinds(app, DAUGHTER).contains(&"reminder".to_owned()));
    assert_eq!(kinds(app, MOTHER).len(), before, "no reminder");
}

/// Who alone was to be reminded can't be any more; then the one who booked is.
fn somebody_is_reminded_whoever_changes_what(app: &TestApp) {
    let family = Family::of(app, L);
    family.browser.get("/people/2").form("/people/2").check("messages", "theirs").press("");
    let mother = signed_in(app, MOTHER);
    family.book("flu-2026", None);
    let due = |to: &str| {
        let due = format!(
            "SELECT COUNT(*) AS number FROM outbox WHERE kind = 'reminder' AND state = 'queued' AND recipient_kind = '{to}'"
        );
        app.database.number(&due)
    };
    assert_eq!((due("person"), due("account")), (1, 1), "each is reminded of their own");
    app.clock.pass_seconds(61);
    assert_eq!(change_phone(app, &mother, NEW).path, "/me?why=phone");
    assert_eq!((due("person"), due("account")), (0, 2), "the daughter of both");
}

/// A booking is found by the number that the person has, whoever typed another one for them.
fn a_booking_is_found_by_the_new_number(app: &TestApp) {
    let (family, mother) = mother_of_booked(app);
    let reference = references(&family.browser.get("/bookings").click(way::NAMES[1]))[0].clone();
    app.clock.pass_seconds(61);
    assert_eq!(change_phone(app, &mother, NEW).path, "/me?why=phone");
    let browser = app.browser(L);
    let find = |phone: &str| {
        browser.get("/find").form("/find").fill("reference", &reference).fill("phone", phone).press("")
    };
    let asked = kinds(app, MOTHER).len();
    find(MOTHER);
    assert_eq!(kinds(app, MOTHER).len(), asked, "the old number opens nothing");
    let page = find(NEW).form("").fill("code", &app.code_for(NEW)).press("");
    page.assert_says(way::NAMES[1]);
}

fn a_number_with_a_list_is_nobody_elses(app: &TestApp) {
    Family::of(app, L);
    app.clock.pass_seconds(61);
    let stranger = signed_in(app, STRANGER);
    let refused = change_phone(app, &stranger, DAUGHTER);
    assert!(refused.errors()[0].contains("번호를 바꾸지 않았습니다"), "{:?}", refused.errors());
    assert_eq!(refused.form("/me/phone").value("phone"), Some(DAUGHTER), "what was typed is kept");
    stranger.get("/me").assert_says(STRANGER);
    assert!(!stranger.get("/people").says(way::NAMES[0]));
    assert!(kinds(app, STRANGER).iter().all(|kind| kind == "code"), "nothing has changed");
}

fn whoever_looked_with_the_new_phone_first_can_still_change_to_it(app: &TestApp) {
    let (_, mother) = mother_of_booked(app);
    let looked = signed_in(app, NEW);
    assert!(!looked.get("/people").says(way::NAMES[1]));
    app.clock.pass_seconds(61);
    assert_eq!(change_phone(app, &mother, NEW).path, "/me?why=phone");
    mother.get("/people").assert_says(way::NAMES[1]);
    assert!(looked.get("/me").path.starts_with("/sign-in"), "the empty list is no more");
}

/// Chooses on the page about messages.
fn choose(browser: &Browser, language: &str, reminders: &str) -> Page {
    let form = browser.get("/me").click("/me/messages").form("/me/messages");
    form.check("language", language).check("reminders", reminders).press("")
}

fn nobody_is_reminded_who_does_not_want_it(app: &TestApp) {
    let (family, mother) = mother_of_booked(app);
    let told_of_hers = || family.browser.get("/bookings").click(way::NAMES[1]);
    let told_of_mine = || family.browser.get("/bookings").click(way::NAMES[0]);
    // She proved her phone after the booking; a change tells, and reminds, her too.
    let change = family.browser.get("/bookings").click(way::NAMES[1]).click("/change");
    change.click("day=2026-11-25").click("/check?").form("/change").press("");
    assert!(!told_of_hers().says("알림 문자를 받지 않기로"));
    choose(&mother, "ko", "no").assert_says("저장했습니다").assert_says("받지 않기");
    told_of_hers().assert_says("접종일 알림 (접종받을 분께 문자)").assert_says("알림 문자를 받지 않기로");
    assert!(!told_of_mine().says("알림 문자를 받지 않기로"), "the daughter is reminded");
    app.pass_minutes(61);
    app.pass_minutes(24 * 60);
    let is_reminder = |kind: &String| kind == "reminder";
    assert!(!kinds(app, MOTHER).iter().any(is_reminder));
    assert!(kinds(app, MOTHER).iter().any(|kind| kind == "change"), "all else is told");
    assert!(kinds(app, DAUGHTER).iter().any(is_reminder));
    let nothing = mother.get("/me/messages");
    let csrf = nothing.form("/me/messages").value("csrf").unwrap().to_owned();
    assert_eq!(mother.post("/me/messages", &[("csrf", &csrf)]).errors().len(), 2);
}

fn messages_are_in_the_language_that_was_chosen_for_them(app: &TestApp) {
    let family = Family::of(app, L);
    choose(&family.browser, "en", "yes").assert_says("English");
    // Signing in on a Korean device changes nothing about it.
    app.clock.pass_seconds(61);
    signed_in(app, DAUGHTER).get("/me").assert_says("English");
    family.book("flu-2026", None);
    let told = app.next_message(DAUGHTER, "confirmation");
    assert!(told.text.starts_with("[Sunbeon]"), "{}", told.text);
    choose(&family.browser, "ko", "yes");
    family.browser.get("/bookings").click(way::NAMES[0]).click("/cancel").form("/cancel").press("");
    let told = app.next_message(DAUGHTER, "cancellation");
    assert!(told.text.starts_with("[순번]"), "{}", told.text);
}
