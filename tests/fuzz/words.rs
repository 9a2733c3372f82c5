//! The readers of single words. What they take they must take again, since it is read back from the database.

use jiff::civil::date;
use proptest::prelude::*;
use sunbeon::config::{DatabaseUrl, PublicUrl};
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::reference::ReferenceCode;
use sunbeon::domain::region::Regions;
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::import::{Mapping, ProductList};
use sunbeon::keys::{Cell, KeyRing, Sealed, Use};
use sunbeon::language::Language;
use sunbeon::system::SeededChance;
use sunbeon::web::page::{in_query, local_path};
use sunbeon::web::pages::book::choices::Choices;
use sunbeon::web::pages::book::errand::SlotName;

use crate::cases;
use crate::hostile::{bytes, text};

const PHONES: [&str; 8] = [
    "010-0000-1234",
    "+82 (0)10 0000 1234",
    "82-10-0000-1234",
    "02-000-1234",
    "0082 10 0000 1234",
    "０１０－００００－１２３４",
    "+1 202 555 0100",
    "(010) 0000.1234",
];

const NAMES: [&str; 8] =
    ["김순자", "남궁 민지", "Ján O'Neil-Šmith", "李小龍", "Nguyễn Thị Ánh", "陈", "A", "김\u{1102}\u{1161}"];

const EMAILS: [&str; 4] = ["name@example.com", "ｎａｍｅ＠example.co.kr", "a.b+c@한국.example", "x@y.z"];

const HOURS: [&str; 5] = [
    "Mon-Fri 09:00-18:00",
    "월-금 09:00~18:00, 토 09:00-13:00",
    "Mon,Wed 9-12 13-18",
    "매일 09:00-24:00",
    "Sat 08:30-12:30; Sun 10:00-11:00",
];

const QUERIES: [&str; 3] = [
    "p=1&p=2&in=seoul.jongno-gu&near=종로&vaccine=flu-2026&step-free=1&page=2&day=2026-11-25&for=me",
    "at=busan.haeundae-gu&sort=name&evenings=1&weekend=1",
    "p=%31&near=%EC%A2%85%EB%A1%9C",
];

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn phone_numbers(text in text(&PHONES)) {
        for countries in [&["82"][..], &["82", "1", "81"][..], &[]] {
            let Ok(phone) = PhoneNumber::parse_with(&text, countries) else { continue };
            let back = PhoneNumber::from_e164(phone.as_e164());
            prop_assert_eq!(back.as_ref(), Ok(&phone));
            let again = PhoneNumber::parse_with(&phone.national(), countries);
            if phone.as_e164().starts_with("+82") {
                prop_assert_eq!(again.as_ref(), Ok(&phone), "what a form shows it takes");
            }
            prop_assert!(!phone.masked().is_empty());
        }
        let _ = PhoneNumber::from_e164(&text);
    }

    #[test]
    fn names(text in text(&NAMES)) {
        let Ok(name) = PersonName::parse(&text) else { return Ok(()) };
        let back = PersonName::parse(name.as_str());
        prop_assert_eq!(back.as_ref().map(PersonName::as_str), Ok(name.as_str()), "what is stored is read back");
        prop_assert!(!name.normalised().is_empty() && !name.masked().is_empty());
        let is_plain = !name.as_str().contains(['\0', '\n', '<', '\u{202e}']);
        prop_assert!(is_plain);
    }

    #[test]
    fn e_mail_addresses(text in text(&EMAILS)) {
        let Ok(address) = EmailAddress::parse(&text) else { return Ok(()) };
        let back = EmailAddress::parse(address.as_str());
        prop_assert_eq!(back.as_ref().map(EmailAddress::as_str), Ok(address.as_str()));
        let is_plain = !address.as_str().contains(['\0', '\n', '\r', ' ']);
        prop_assert!(is_plain && address.masked().contains('@'));
    }

    #[test]
    fn birth_dates(
        year in text(&["1950", "２０１０", "05"]),
        month in text(&["3", "12", "０３"]),
        day in text(&["9", "29", "31"]),
        iso in text(&["1950-03-09", "2024-02-29"]),
        today in prop_oneof![Just(date(2026, 11, 23)), Just(date(9999, 12, 31)), Just(date(-9999, 1, 1))],
    ) {
        for birth in [BirthDate::parse(&year, &month, &day, today), BirthDate::parse_iso(&iso, today)] {
            let Ok(birth) = birth else { continue };
            prop_assert_eq!(BirthDate::from_stored(&birth.iso()), Ok(birth), "what is stored is read back");
            prop_assert!(birth.age_on(today) <= 131);
        }
        let _ = BirthDate::from_stored(&iso);
    }

    #[test]
    fn reference_codes(text in text(&["ABCD-EFGH", "https://example.org/r/ABCDEFGH?x", "２２２２ ２２２２", "/R/x"])) {
        for read in [ReferenceCode::parse(&text), ReferenceCode::parse_scanned(&text)] {
            let Ok(code) = read else { continue };
            prop_assert_eq!(ReferenceCode::parse(code.as_str()), Ok(code));
            prop_assert_eq!(ReferenceCode::parse(&code.spoken()), Ok(code));
        }
    }

    #[test]
    fn weekly_hours(text in text(&HOURS)) {
        let Ok(hours) = WeeklyHours::parse(&text) else { return Ok(()) };
        let written = hours.to_string();
        let back = WeeklyHours::parse(&written);
        prop_assert_eq!(back.as_ref(), Ok(&hours), "{} is read back", written);
        for minutes in [1, 30, 1440, u16::MAX] {
            for weekday in jiff::civil::Weekday::Monday.cycle_forward().take(7) {
                prop_assert!(hours.starts_on(weekday, minutes).len() <= 1440);
            }
        }
    }

    #[test]
    fn search_queries(query in text(&QUERIES)) {
        let choices = Choices::parse(&query);
        let link = choices.link("/book/flu/where");
        let again = Choices::parse(link.split_once('?').map_or("", |(_, query)| query));
        prop_assert_eq!(again, choices, "a link keeps what was chosen");
    }

    #[test]
    fn names_of_slots(text in text(&["flu-2026~1795651200", "covid-2026~0"])) {
        let Some(name) = SlotName::parse(&text) else { return Ok(()) };
        prop_assert_eq!(SlotName::parse(&name.text()), Some(name));
    }

    #[test]
    fn ways_back(text in text(&["/book/flu?for=1", "//example.org", "https://example.org/", "/r/ABCDEFGH#x"])) {
        let path = local_path(&text);
        prop_assert!(path.starts_with('/') && !path.starts_with("//") && path.is_ascii());
        prop_assert!(in_query(&text).bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'));
    }

    #[test]
    fn languages(text in text(&["ko-KR,ko;q=0.9,en;q=0.8", "en", "*", "de, fr;q=0.5, *;q=0", "zh-Hant-TW"])) {
        let _ = (Language::negotiate(Some(&text)), Language::from_code(&text));
    }

    #[test]
    fn regions(text in text(&["서울특별시 종로구 1", "경기도 화성시", "seoul", "jongno-gu", "강원특별자치도 춘천시"])) {
        let korea = Regions::korea();
        prop_assert!(korea.search(&text).len() <= korea.places().count());
        let _ = (korea.find_in_address(&text).is_some(), korea.candidates(&text, &text).len());
    }

    #[test]
    fn words_of_the_command_line(text in text(&["name=기관이름", "address=sido+sigungu", "flu-2026:4, covid-2026"])) {
        let _ = (text.parse::<Mapping>(), text.parse::<ProductList>());
    }

    #[test]
    fn addresses_of_the_configuration(text in text(&["https://example.org:443/", "postgres://a:b@h:1/d?x=y", "sqlite:x.db", "http://[::1]:8080"])) {
        if let Some(url) = PublicUrl::parse(&text) {
            let written = url.as_str().to_owned();
            prop_assert_eq!(PublicUrl::parse(&written), Some(url));
        }
        let _ = format!("{:?}", DatabaseUrl::parse(&text));
    }

    #[test]
    fn sealed_tokens_and_columns(token in tokens(), changed in bytes(vec![sealed()])) {
        let ring = ring();
        let (cell, column) = (Cell { table: "person", column: "name_sealed", row: 7 }, sealed());
        for for_use in [Use::Session, Use::Resume] {
            let opened = ring.open_token(for_use, &token);
            let is_genuine = for_use == Use::Session && token == session();
            prop_assert_eq!(opened.is_ok(), is_genuine, "a token that nobody sealed is opened");
        }
        let opened = ring.open_text(cell, &Sealed::from_bytes(changed.clone()));
        prop_assert_eq!(opened.is_ok(), changed == column);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn key_files(text in text(&[&sealed_keys(), &format!("current = 1\nlookup = 1\nkey.1 = {}\n", "A".repeat(43))])) {
        let _ = KeyRing::parse(&text);
        // Opening what is whole takes a moment: it is stretched on purpose.
        let _ = KeyRing::open_by_passphrase(&text, PASSPHRASE, b"backup.toml");
    }
}

const PASSPHRASE: &str = "a passphrase for tests";

fn sealed_keys() -> String {
    ring().seal_by_passphrase(PASSPHRASE, b"backup.toml", &SeededChance::new(8)).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::generate(&SeededChance::new(7), false)
}

fn session() -> String {
    ring().seal_token(Use::Session, br#"{"n":"nonce","t":0}"#, &SeededChance::new(8))
}

fn sealed() -> Vec<u8> {
    let cell = Cell { table: "person", column: "name_sealed", row: 7 };
    ring().seal(cell, "김순자".as_bytes(), &SeededChance::new(9)).into_bytes()
}

fn tokens() -> impl Strategy<Value = String> {
    text(&[&session(), "AAAA", ""])
}
