//! Who went on too far, or comes back: to seats that are still held, to a time that was taken, with two tabs.

use reqwest::StatusCode;

use crate::app::{Language, Page, TestApp, wait_for};
use crate::family::{DAUGHTER, Family, MOTHER, references};
use crate::on_both;

on_both!(
    seats_that_are_held_are_found_again_from_the_list,
    the_way_back_after_a_change_leads_to_the_booking,
    who_confirms_in_one_tab_and_gives_up_in_the_other_sees_the_booking,
);

const L: Language = Language::English;

fn seats_that_are_held_are_found_again_from_the_list(app: &TestApp) {
    let family = Family::of(app, L);
    let browser = &family.browser;
    assert!(browser.get("/bookings").find_link("/hold/").is_none());
    let held = family.hold("flu-2026", None);
    let list = held.click("/people");
    list.assert_says("You are holding seats until 9:10 am");
    assert_eq!(list.click("/hold/").path, held.path);
    let again = browser.get("/bookings").click("/hold/");
    assert_eq!((again.path.as_str(), again.h1()), (held.path.as_str(), held.h1()));
    app.pass_minutes(10);
    assert!(browser.get("/bookings").find_link("/hold/").is_none(), "they are free again");
    family.book("flu-2026", None);
    assert!(browser.get("/people").find_link("/hold/").is_none(), "they are booked");
}

fn check_of_a_later_time(booking: &Page) -> Page {
    let days = booking.click("/change");
    let day = days.attributes(".days a", "href").remove(0);
    let times = days.click(&day);
    let later = times.attributes(".times a", "href").remove(3);
    times.click(&later)
}

fn the_way_back_after_a_change_leads_to_the_booking(app: &TestApp) {
    let family = Family::of(app, L);
    let reference = references(&family.book("flu-2026", None))[0].replace('-', "");
    let booking = family.browser.get(&format!("/bookings/{reference}"));
    let check = check_of_a_later_time(&booking);
    let changed = check.form("/change").press("");
    let back = family.browser.get(&check.path);
    assert_eq!(back.h1(), "This is the time of your booking");
    assert!(changed.path.starts_with(&back.click("See the booking").path));
}

fn who_confirms_in_one_tab_and_gives_up_in_the_other_sees_the_booking(app: &TestApp) {
    let family = Family::of(app, L);
    let held = family.hold("flu-2026", None);
    let depth = || app.engine().ledger.depth();
    let release_ledger = app.block_ledger(app.site_id(0).0);
    let (confirm, give_up) = (held.form("/confirm"), held.form("/release"));
    let (confirmed, given_up) = std::thread::scope(|scope| {
        let confirmed = scope.spawn(move || confirm.press_once(""));
        wait_for("the first tab's order", || (depth() >= 1).then_some(()));
        let given_up = scope.spawn(move || give_up.press_once(""));
        wait_for("the second tab's order", || (depth() >= 2).then_some(()));
        drop(release_ledger);
        (confirmed.join().unwrap(), given_up.join().unwrap())
    });
    assert!(confirmed.location().unwrap().starts_with("/done/"), "{confirmed:?}");
    assert_eq!(given_up.location(), confirmed.location(), "nothing was given up");
}

#[test]
fn who_gets_which_messages_is_said_before_the_booking_is_confirmed() {
    let app = TestApp::start();
    let family = Family::of(&app, L);
    let browser = &family.browser;
    for (whose, is_named) in [("theirs", true), ("both", true), ("mine", false)] {
        let changed = browser.get("/people/2").form("/people/2").check("messages", whose).press("");
        assert_eq!((changed.status, changed.errors().len()), (StatusCode::OK, 0), "{whose}");
        let held = family.hold("flu-2026", None);
        held.assert_says(DAUGHTER);
        assert_eq!(held.says(MOTHER), is_named, "{whose}");
        let note = L.say("hold-phone-theirs").to_string();
        assert_eq!(held.says(&note), is_named, "{whose}");
    }
}
