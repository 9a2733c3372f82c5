use jiff::tz::TimeZone;

use super::*;

/// A mother's booking in Seoul, on 3 December 2026 at 10:30.
pub(in crate::notify) fn mother() -> BookingFacts {
    BookingFacts {
        reference: "ABCD-EFGH".into(),
        person_masked: "김*용".into(),
        site_name: "행복의원".into(),
        site_address: "서울특별시 종로구 세종대로 1, 2층".into(),
        site_phone: "02-0000-0000".into(),
        starts_at: "2026-12-03T01:30:00Z".parse().unwrap(),
        zone: TimeZone::get("Asia/Seoul").unwrap(),
        campaign: "겨울 접종".into(),
        product: "한빛백신".into(),
        dose: 1,
        doses: 2,
        manage_url: "https://book.example.org/bookings".into(),
        latitude: Some(37.572_950),
        longitude: Some(126.979_357),
        version: 3,
    }
}

/// As long as anything we expect: a site name of 40 and an address of 80 syllables.
fn longest(person: usize, dose: u8) -> BookingFacts {
    BookingFacts {
        person_masked: format!("{}*{person}", "남궁".repeat(8)),
        site_name: "가나다라마바사아자차".repeat(4),
        site_address: "가나다라마바사아자차".repeat(8),
        site_phone: "+82-50-0000-0000-0000".into(),
        starts_at: "2026-12-31T03:30:00Z".parse().unwrap(),
        campaign: "가나다라마바사아자차".repeat(3),
        product: "가나다라마바사아자차".repeat(2),
        dose,
        manage_url: format!("https://booking.vaccination.example.go.kr/r/ABCD{person}{dose}"),
        ..mother()
    }
}

fn sms(language: Language) -> Voice<'static> {
    Voice { language, medium: Medium::Sms { reads_replies: false } }
}

/// The same where people can answer.
fn answered(language: Language) -> Voice<'static> {
    Voice { language, medium: Medium::Sms { reads_replies: true } }
}

fn email(language: Language) -> Voice<'static> {
    let parties = Parties { organizer: "no-reply@example.org", attendee: "daughter@example.org" };
    Voice { language, medium: Medium::Email { parties, at: Timestamp::UNIX_EPOCH } }
}

/// Every message in `voice`, with its kind's name.
fn every_message(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Vec<(&'static str, Text)> {
    let url = "https://booking.vaccination.example.go.kr/care/0123456789ABCDEF0123456789ABCDEF";
    vec![
        ("confirmation", confirmation(voice, bookings, true)),
        ("change", change(voice, bookings)),
        ("cancellation", cancellation(voice, bookings)),
        ("reminder", reminder(voice, bookings)),
        ("second-dose-reminder", second_dose_reminder(voice, bookings)),
        ("care-notice", care_notice(voice, url, "ABCD-EFGH")),
        ("email-check", email_check(voice, "012345", 10)),
        ("already-booked-notice", already_booked_notice(voice, &"가나다라마바사아자차".repeat(3), url)),
        ("phone-changed-notice", phone_changed_notice(voice)),
        ("cancel-code", cancel_code(voice, ("012345", 60), bookings, true)),
        ("cancel-unknown", no_booking_to_cancel(voice)),
        ("cancel-late", too_late_to_cancel(voice, bookings)),
    ]
}

#[test]
fn a_code_is_one_short_text_message() {
    for &language in Language::all() {
        for host in ["book.example.org", "booking.vaccination.example.go.kr", ""] {
            let text = code(language, "012345", 10, host);
            let length = carrier::length_bytes(&text.text);
            assert!(length <= carrier::SMS_LIMIT_BYTES, "{} bytes: {}", length, text.text);
            assert!(text.text.contains("012345"));
        }
    }
    assert_eq!(
        code(Language::Korean, "012345", 10, "book.example.org").text,
        "[순번] 인증번호 012345 (10분)\n남에게 알려 주지 마세요.\n@book.example.org #012345"
    );
    assert!(!code(Language::Korean, "012345", 10, &"a".repeat(40)).text.contains('@'), "never cut");
}

#[test]
fn a_turn_is_one_short_text_message() {
    let urls =
        ["https://booking.vaccination.example.go.kr/door/winter-2026-evening", "https://book.example.org"];
    for &language in Language::all() {
        for time in ["2026-12-23T12:50", "2026-12-23T00:05", "2026-12-23T22:50"] {
            for told in [TurnTold::At(time.parse().unwrap()), TurnTold::Now, TurnTold::Unknown] {
                let text = turn(language, told, &urls).text;
                let length = carrier::length_bytes(&text);
                assert!(length <= carrier::SMS_LIMIT_BYTES, "{length} bytes: {text}");
            }
        }
    }
    let at = TurnTold::At("2026-12-03T20:20".parse().unwrap());
    assert_eq!(
        turn(Language::Korean, at, &urls).text,
        "[순번] 예약 차례는 12월 3일(목) 오후 8시 20분쯤입니다.\nhttps://book.example.org"
    );
    assert_eq!(
        turn(Language::English, at, &urls).text,
        "[Sunbeon] Your turn to book is at about 8:20 pm on Thu 3 Dec.\nhttps://book.example.org"
    );
    assert!(!turn(Language::English, at, &urls[..1]).text.contains("https"), "never cut");
}

#[test]
fn every_text_message_fits_at_its_longest() {
    for &language in Language::all() {
        for people in 1..=6 {
            let bookings: Vec<_> =
                (0..people).flat_map(|person| [longest(person, 1), longest(person, 2)]).collect();
            for (name, text) in every_message(&answered(language), &bookings) {
                let length = carrier::length_bytes(&text.text);
                let code = language.code();
                println!("{code} {name}, {people} people: {length} bytes");
                assert!(length <= carrier::LMS_LIMIT_BYTES, "{code} {name}: {length} bytes\n{}", text.text);
                let subject = carrier::length_bytes(text.subject.as_deref().unwrap());
                assert!(
                    subject <= carrier::LMS_SUBJECT_LIMIT_BYTES,
                    "{code} {name}: subject of {subject} bytes"
                );
            }
        }
    }
}

#[test]
fn many_bookings_at_many_sites_are_counted() {
    let bookings: Vec<_> = (0..40)
        .map(|site| BookingFacts {
            site_name: format!("{}{site}", "행복의원".repeat(9)), ..longest(site, 1)
        })
        .collect();
    let text = confirmation(&sms(Language::English), &bookings, false).text;
    assert!(
        text.starts_with("[Sunbeon] 40 vaccination bookings are confirmed.\nSee, change or cancel: https"),
        "{text}"
    );
}

#[test]
fn nothing_is_left_unsaid() {
    for &language in Language::all() {
        for voice in [sms(language), email(language)] {
            let one = BookingFacts { doses: 1, ..mother() };
            for bookings in [vec![one], vec![mother(), longest(1, 2)]] {
                for (name, text) in every_message(&voice, &bookings) {
                    let all = format!("{}{:?}{:?}", text.text, text.subject, text.html);
                    assert!(!all.contains('⟨'), "{name} lacks a phrase: {all}");
                }
            }
        }
    }
}

#[test]
fn a_daughter_reads_about_both_parents_under_one_site() {
    let father = BookingFacts { person_masked: "박*수".into(), reference: "JKMN-PQRS".into(), ..mother() };
    let text = confirmation(&sms(Language::Korean), &[mother(), father], false);
    assert_eq!(
        text.text,
        "[순번] 백신 접종 예약이 확정되었습니다.\n\
         행복의원\n서울특별시 종로구 세종대로 1, 2층\n전화 02-0000-0000\n\
         김*용 님, 겨울 접종, 한빛백신 1차\n2026년 12월 3일(목) 오전 10시 30분\n예약번호 ABCD-EFGH\n\
         박*수 님, 겨울 접종, 한빛백신 1차\n2026년 12월 3일(목) 오전 10시 30분\n예약번호 JKMN-PQRS\n\
         신분증을 가져와 주세요. 열이 나거나 몸이 아프면 날짜를 바꿔 주세요.\n\
         예약 확인·변경·취소: https://book.example.org/bookings"
    );
    assert_eq!((text.html, text.attachments.len()), (None, 0));
}

#[test]
fn an_email_has_a_page_and_a_calendar_file() {
    let odd = BookingFacts { site_name: "<b>행복 & 건강</b>".into(), ..mother() };
    let text = confirmation(&email(Language::English), &[odd], true);
    let html = text.html.unwrap();
    assert!(
        html.contains("<html lang=\"en\">") && html.contains("&#60;b&#62;") && !html.contains("<b>"),
        "{html}"
    );
    assert!(html.contains("<a href=\"https://book.example.org/bookings\">"), "{html}");
    assert!(text.text.contains("Thursday 3 December 2026 at 10:30 am"), "{}", text.text);
    assert_eq!(text.subject.as_deref(), Some("[Sunbeon] Booking confirmed"));
    assert_eq!(text.attachments[0].name, "sunbeon-ABCD-EFGH.ics");
    assert!(text.attachments[0].media_type.ends_with("method=REQUEST"));
    let cancelled = cancellation(&email(Language::Korean), &[mother()]);
    assert!(cancelled.attachments[0].media_type.ends_with("method=CANCEL"));
    assert!(cancelled.text.contains("다시 예약하기"));
}

#[test]
fn a_phone_nobody_proved_learns_no_name_and_no_clinic() {
    for &language in Language::all() {
        let text = care_notice(&sms(language), "https://book.example.org/care/T", "ABCD-EFGH").text;
        assert!(text.contains("ABCD-EFGH") && text.contains("/care/T"));
        assert!(!text.contains("행복의원") && !text.contains('*'));
    }
}
