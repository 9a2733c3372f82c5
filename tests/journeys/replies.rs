//! People answer a text: they cancel by two more, and nobody else can.

use std::sync::Arc;

use data_encoding::BASE64;
use ring::hmac;
use sunbeon::config::Charset;
use sunbeon::engine::EngineSettings;
use sunbeon::notify::Traffic;
use sunbeon::notify::twilio::{Twilio, TwilioSettings};

use crate::app::{Language, TestApp, Wire};
use crate::family::{DAUGHTER, Family, MOTHER, STRANGER, references};
use crate::on_both_with;

const PUBLIC_URL: &str = "https://sunbeon.test";
const PATH: &str = "/gateways/texts/replies";
const TOKEN: &str = "token";

fn equip(settings: &mut EngineSettings) {
    settings.letterhead.reads_replies = true;
    let brings = Twilio::new(TwilioSettings {
        name: "texts".to_owned(),
        url: "http://127.0.0.1:1".to_owned(),
        account: "AC0".to_owned(),
        token: TOKEN.to_owned(),
        from: "+8215880000".to_owned(),
        charset: Charset::KsX1001,
        public_url: Some(PUBLIC_URL.to_owned()),
        brings_receipts: false,
        reads_replies: true,
        traffic: Traffic::default(),
    });
    // It carries nothing while the first does.
    settings.gateways.push(Arc::new(brings.unwrap()));
}

on_both_with!(
    equip;
    who_booked_cancels_by_two_texts,
    the_later_dose_goes_with_the_first,
    the_mother_cancels_what_was_booked_for_her,
    a_booking_that_changed_meanwhile_is_shown_once_more,
    of_two_wishes_each_has_its_code,
    nobody_else_can,
    a_code_that_is_wrong_goes_out_again,
    who_guesses_gains_nothing_by_asking_for_many,
    what_is_brought_twice_is_done_once,
    too_many_get_no_answer,
);

/// Brings a text, signed as the vendor's guide says. The status of the answer.
fn bring_signed(app: &TestApp, from: &str, text: &str, signed_as: &str) -> u16 {
    let from = format!("+82{}", from.replace('-', "").trim_start_matches('0'));
    let fields = [("Body", text), ("From", &from), ("MessageSid", "SM1"), ("To", "+8215880000")];
    let signed: String = fields.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, signed_as.as_bytes());
    let signature =
        BASE64.encode(hmac::sign(&key, format!("{PUBLIC_URL}{PATH}{signed}").as_bytes()).as_ref());
    let headers =
        [("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", &signature[..])];
    Wire::to(app).ask("POST", PATH, &headers, &serde_html_form::to_string(fields).unwrap()).status
}

fn bring(app: &TestApp, from: &str, text: &str) {
    assert_eq!(bring_signed(app, from, text, TOKEN), 204);
}

/// A family with bookings: the references, the daughter's first.
fn booked<'a>(app: &'a TestApp, slug: &str, second: Option<i8>) -> (Family<'a>, Vec<String>) {
    let family = Family::of(app, Language::Korean);
    let references = references(&family.book(slug, second));
    app.await_messages_sent();
    (family, references)
}

/// Free seats of the site, as those see them who search.
fn free_seats(app: &TestApp) -> i64 {
    let engine = app.engine();
    let flu = engine.country.now().campaign_by_slug("flu-2026").unwrap().id;
    let days = engine.availability.days(app.site_id(0), flu, engine.today());
    days.iter().map(|day| day.free).sum()
}

/// The text that answered the last wish, and the code in it.
fn answer(app: &TestApp, phone: &str) -> (String, String) {
    let text = app.next_message(phone, "cancel-code").text;
    let code = text.split(|sign: char| !sign.is_ascii_digit()).find(|run| run.len() == 6).unwrap_or_default();
    (text.clone(), code.to_owned())
}

/// A family that wants to cancel all of its bookings: the references, and a code for each.
fn wishes_for_all(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let (_family, references) = booked(app, "flu-2026", None);
    let code_for = |reference: &String| {
        bring(app, DAUGHTER, &format!("취소 {reference}"));
        answer(app, DAUGHTER).1
    };
    let codes = references.iter().map(code_for).collect();
    (references, codes)
}

fn cancelled(app: &TestApp) -> i64 {
    app.database.number("SELECT COUNT(*) AS number FROM booking WHERE state = 'cancelled'")
}

fn texts_about_cancelling(app: &TestApp, phone: &str) -> usize {
    app.messages_to(phone).iter().filter(|message| message.kind == "cancel-code").count()
}

fn who_booked_cancels_by_two_texts(app: &TestApp) {
    let (family, references) = booked(app, "flu-2026", None);
    let confirmation = app.messages_to(DAUGHTER).into_iter().find(|one| one.kind == "confirmation").unwrap();
    assert!(confirmation.text.contains("'취소'와 예약번호를 답장으로"), "{}", confirmation.text);
    let before = free_seats(app);
    bring(app, DAUGHTER, &format!("취소 {}", references[0]));
    let (text, code) = answer(app, DAUGHTER);
    assert!(text.contains("김*지") && text.contains(&references[0]), "{text}");
    assert_eq!(cancelled(app), 0, "nothing is done before the code comes back");
    bring(app, DAUGHTER, &format!("확인 {code}"));
    assert!(app.next_message(DAUGHTER, "cancellation").text.contains(&references[0]));
    assert_eq!((cancelled(app), free_seats(app)), (1, before + 1), "whoever searches sees the seat at once");
    family.browser.get("/bookings").assert_says("취소");
    // Once more, it is too late.
    app.pass_minutes(2);
    bring(app, DAUGHTER, &format!("취소 {}", references[0]));
    assert!(answer(app, DAUGHTER).0.contains("이미 취소되었거나"));
}

fn the_later_dose_goes_with_the_first(app: &TestApp) {
    let (_family, references) = booked(app, "covid-2026", Some(28));
    bring(app, DAUGHTER, &format!("cancel {}", references[0].to_lowercase()));
    let (text, code) = answer(app, DAUGHTER);
    assert!(text.contains("reply with this code within 10 minutes"), "{text}");
    assert_eq!(references.iter().filter(|one| text.contains(*one)).count(), 2, "both doses: {text}");
    bring(app, DAUGHTER, &code);
    app.next_message(DAUGHTER, "cancellation");
    assert_eq!(cancelled(app), 2);
}

fn the_mother_cancels_what_was_booked_for_her(app: &TestApp) {
    let (_family, references) = booked(app, "flu-2026", None);
    bring(app, MOTHER, &format!("{} 취소해 주세요", references[1].replace('-', " ")));
    let (_, code) = answer(app, MOTHER);
    bring(app, MOTHER, &code);
    assert!(app.next_message(DAUGHTER, "cancellation").text.contains(&references[1]));
    assert_eq!(cancelled(app), 1);
    assert!(app.next_message(MOTHER, "cancellation").text.contains(&references[1]), "and so is she");
    bring(app, MOTHER, &code);
    assert_eq!(texts_about_cancelling(app, MOTHER), 1, "brought once more it asks for nothing");
}

fn a_booking_that_changed_meanwhile_is_shown_once_more(app: &TestApp) {
    let (_family, references) = booked(app, "flu-2026", None);
    bring(app, DAUGHTER, &format!("취소 {}", references[0]));
    let (_, code) = answer(app, DAUGHTER);
    app.clock.pass_seconds(5);
    let now = app.engine().now().as_second();
    app.database.execute(&format!("UPDATE booking SET version = version + 1, updated_at = {now}")).unwrap();
    app.clock.pass_seconds(5);
    bring(app, DAUGHTER, &code);
    assert_eq!((answer(app, DAUGHTER).1, cancelled(app)), (code.clone(), 0));
    bring(app, DAUGHTER, &format!("취소 {code}"));
    app.next_message(DAUGHTER, "cancellation");
    assert_eq!(cancelled(app), 1);
}

fn of_two_wishes_each_has_its_code(app: &TestApp) {
    let (references, codes) = wishes_for_all(app);
    bring(app, DAUGHTER, &codes[0]);
    assert!(app.next_message(DAUGHTER, "cancellation").text.contains(&references[0]));
    bring(app, DAUGHTER, &codes[1]);
    assert!(app.next_message(DAUGHTER, "cancellation").text.contains(&references[1]));
    assert_eq!(cancelled(app), 2);
}

fn nobody_else_can(app: &TestApp) {
    let (_family, references) = booked(app, "flu-2026", None);
    let wish = format!("취소 {}", references[0]);
    for wrong in ["", "other"] {
        assert_eq!(bring_signed(app, DAUGHTER, &wish, wrong), 403);
    }
    // Somebody whom nobody knows gets no text at all, however often they write.
    bring(app, STRANGER, &wish);
    bring(app, STRANGER, "취소");
    // Whose number is known, but has no such booking, is told how to ask.
    bring(app, MOTHER, &wish);
    bring(app, DAUGHTER, "취소하고 싶어요");
    let (text, code) = answer(app, DAUGHTER);
    assert!(text.contains("예: 취소 ABCD-EFGH") && code.is_empty(), "{text}");
    assert_eq!(texts_about_cancelling(app, STRANGER), 0);
    assert_eq!(texts_about_cancelling(app, MOTHER), 0, "a phone that was only typed, and another's booking");
    // A code that was never sent, one that was sent to another phone, and thanks.
    app.pass_minutes(2);
    bring(app, DAUGHTER, &wish);
    let (_, code) = answer(app, DAUGHTER);
    for (phone, text) in [(STRANGER, &*code), (MOTHER, &code), (DAUGHTER, "네, 감사합니다")] {
        bring(app, phone, text);
    }
    // What quotes our own words asks for nothing.
    bring(
        app,
        DAUGHTER,
        &format!("좋아요: “[순번] 백신 접종 예약이 확정되었습니다 … 취소 {}”", references[1]),
    );
    assert_eq!(texts_about_cancelling(app, DAUGHTER), 2);
    app.pass_minutes(11);
    bring(app, DAUGHTER, &code);
    assert!(answer(app, DAUGHTER).0.contains("취소되지 않았습니다"), "a code that is too old says so");
    assert_eq!(cancelled(app), 0);
}

fn a_code_that_is_wrong_goes_out_again(app: &TestApp) {
    let (_family, references) = booked(app, "flu-2026", None);
    bring(app, DAUGHTER, &format!("취소 {}", references[0]));
    let (_, code) = answer(app, DAUGHTER);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    bring(app, DAUGHTER, wrong);
    assert_eq!(answer(app, DAUGHTER).1, code, "the same once more, and at once");
    // Five tries are five.
    for _ in 0..4 {
        bring(app, DAUGHTER, wrong);
    }
    bring(app, DAUGHTER, &code);
    assert_eq!(texts_about_cancelling(app, DAUGHTER), 6, "as many as codes in an hour, and that it is over");
    assert!(app.messages_to(DAUGHTER).last().unwrap().text.contains("취소되지 않았습니다"));
    assert_eq!(cancelled(app), 0);
}

/// Codes of several wishes give no more tries than one.
fn who_guesses_gains_nothing_by_asking_for_many(app: &TestApp) {
    let (_, codes) = wishes_for_all(app);
    let wrong = (0..).map(|number| format!("{number:06}")).find(|wrong| !codes.contains(wrong)).unwrap();
    (0..5).for_each(|_| bring(app, DAUGHTER, &wrong));
    codes.iter().for_each(|code| bring(app, DAUGHTER, code));
    app.await_messages_sent();
    assert_eq!(cancelled(app), 0);
}

fn what_is_brought_twice_is_done_once(app: &TestApp) {
    let (_family, references) = booked(app, "flu-2026", None);
    let wish = format!("취소 {}", references[0]);
    bring(app, DAUGHTER, &wish);
    let (_, code) = answer(app, DAUGHTER);
    bring(app, DAUGHTER, &wish);
    for _ in 0..2 {
        bring(app, DAUGHTER, &code);
    }
    assert_eq!(texts_about_cancelling(app, DAUGHTER), 1);
    let told = app.messages_to(DAUGHTER).into_iter().filter(|one| one.kind == "cancellation").count();
    assert_eq!((cancelled(app), told), (1, 1));
}

fn too_many_get_no_answer(app: &TestApp) {
    let (_family, _) = booked(app, "flu-2026", None);
    for _ in 0..8 {
        bring(app, DAUGHTER, "취소");
        app.clock.pass_seconds(61);
    }
    assert_eq!(texts_about_cancelling(app, DAUGHTER), 5, "as many as codes in an hour");
}
