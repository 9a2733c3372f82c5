//! Files: the configuration, the campaigns, the sites in every encoding, and what comes from proxies.

use std::net::IpAddr;

use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use encoding_rs::{EUC_KR, UTF_16LE};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sunbeon::config::{self, Config};
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::import::{
    CAMPAIGN_EXAMPLE, CampaignOptions, ImportError, SITES_EXAMPLE, SiteOptions, import_campaign, import_sites,
};
use sunbeon::web::WebSettings;
use sunbeon::web::network;

use crate::cases;
use crate::hostile::{bytes, text};
use crate::office::Office;

impl Office {
    fn campaign(&self, file: &[u8], dry_run: bool) -> Result<String, ImportError> {
        let options = CampaignOptions {
            zone: TimeZone::get("Asia/Seoul").unwrap(),
            now: Timestamp::UNIX_EPOCH,
            codes_per_hour: 100_000,
            dry_run,
        };
        let report = import_campaign(&self.ledger, &self.store, file, &options, &mut |_| ());
        report.map(|report| report.to_string())
    }

    fn sites(&self, file: &[u8], with_defaults: bool) -> Result<String, ImportError> {
        let mut options = SiteOptions::new(TimeZone::get("Asia/Seoul").unwrap());
        options.dry_run = true;
        if with_defaults {
            options.hours = Some(WeeklyHours::parse("Mon-Fri 09:00-10:00").unwrap());
            options.products = Some("flu-2026".parse().unwrap());
            options.seats = Some(6);
        }
        import_sites(&self.ledger, &self.store, file, &options, &mut |_| ()).map(|report| report.to_string())
    }
}

/// Fails when the import failed for the database and not for the file.
fn is_about_the_file(answer: &Result<String, ImportError>) -> bool {
    match answer {
        Ok(report) => !report.is_empty(),
        Err(ImportError::Read(_) | ImportError::Stopped { .. }) => false,
        Err(mistake) => !mistake.to_string().is_empty(),
    }
}

#[test]
fn campaign_files() {
    let office = Office::open();
    let as_text = text(&[CAMPAIGN_EXAMPLE]).prop_map(String::into_bytes);
    let files = prop_oneof![as_text, lines(CAMPAIGN_EXAMPLE), bytes(vec![CAMPAIGN_EXAMPLE.into()])];
    TestRunner::new(cases(300))
        .run(&files, |file| {
            for dry_run in [true, false] {
                let answer = office.campaign(&file, dry_run);
                prop_assert!(is_about_the_file(&answer), "{:?}", answer);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn sites_files() {
    let office = Office::open();
    office.campaign(CAMPAIGN_EXAMPLE.as_bytes(), false).unwrap();
    let korean = "시설명,시도,시군구,주소,위도,경도\n종로 보건소,서울특별시,종로구,종로 1,37.57,126.98\n";
    let tabs = "name\tprovince\tdistrict\nA\t서울\t종로구\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(korean.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(UTF_16LE.decode(&utf16).0, korean);
    let whole = vec![SITES_EXAMPLE.into(), korean.into(), tabs.into(), EUC_KR.encode(korean).0.into(), utf16];
    let as_text = text(&[SITES_EXAMPLE, korean, tabs]).prop_map(String::into_bytes);
    let files = prop_oneof![as_text, lines(SITES_EXAMPLE), bytes(whole)];
    TestRunner::new(cases(400))
        .run(&(files, any::<bool>()), |(file, with_defaults)| {
            let answer = office.sites(&file, with_defaults);
            prop_assert!(is_about_the_file(&answer), "{:?}", answer);
            Ok(())
        })
        .unwrap();
}

#[test]
fn configurations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sunbeon.toml");
    let example = config::EXAMPLE;
    let all_set: String =
        example.lines().map(|line| format!("{}\n", line.trim_start_matches("# "))).collect();
    let as_text = text(&[example, &all_set]).prop_map(String::into_bytes);
    let files = prop_oneof![as_text, lines(example), bytes(vec![example.into(), all_set.into_bytes()])];
    let names = text(&["SUNBEON_DATABASE__URL", "SUNBEON_SERVER__LISTEN", "SUNBEON_SERVER__TRUSTED_PROXIES"]);
    let values = text(&["postgres://a:b@127.0.0.1/c", "[\"127.0.0.1/8\"]", "true", "5", "127.0.0.1:8080"]);
    TestRunner::new(cases(300))
        .run(&(files, names, values), |(file, name, value)| {
            std::fs::write(&path, &file).unwrap();
            if let Err(errors) = Config::read_with(Some(&path), [(name.as_str(), value.as_str())]) {
                prop_assert!(
                    !errors.0.is_empty() && errors.0.iter().all(|error| !error.to_string().is_empty())
                );
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_proxies_say() {
    let settings = WebSettings {
        demo: None,
        public_url: "https://example.org".into(),
        tls: false,
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        monitors: Vec::new(),
        countries: vec!["82".into()],
        session_days: 30,
        people_max: 6,
    };
    let forwarded = bytes(vec![
        b"192.0.2.1, 10.0.0.2".to_vec(),
        b"2001:db8::1, ::ffff:10.0.0.1".to_vec(),
        b"unknown, \"[2001:db8::1]:443\"".to_vec(),
    ]);
    let peer: IpAddr = "10.0.0.1".parse().unwrap();
    TestRunner::new(cases(1000))
        .run(&(forwarded, bytes(vec![b"https".to_vec(), b"http, https".to_vec()])), |(from, proto)| {
            let (Ok(from), Ok(proto)) = (HeaderValue::from_bytes(&from), HeaderValue::from_bytes(&proto))
            else {
                return Ok(());
            };
            let request = TestRequest::default()
                .peer_addr((peer, 1).into())
                .insert_header(("x-forwarded-for", from))
                .insert_header(("x-forwarded-proto", proto))
                .to_http_request();
            prop_assert!(network::address(&request, &settings).is_some());
            network::is_encrypted(&request, &settings);
            Ok(())
        })
        .unwrap();
}

/// The lines of a text, each of which may be hostile.
fn lines(text_of_file: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<String> = text_of_file.lines().map(str::to_owned).collect();
    let number = lines.len();
    let changes = proptest::collection::vec(
        (any::<prop::sample::Index>(), crate::hostile::text_of(lines.clone())),
        1..4,
    );
    changes.prop_map(move |changes| {
        let mut changed = lines.clone();
        changes.into_iter().for_each(|(at, line)| changed[at.index(number)] = line);
        changed.join("\n").into_bytes()
    })
}
