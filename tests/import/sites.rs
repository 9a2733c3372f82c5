//! Sites files.

use std::path::PathBuf;

use encoding_rs::EUC_KR;
use proptest::prelude::*;
use sunbeon::domain::weekly_hours::WeeklyHours;
use sunbeon::import::{CAMPAIGN_EXAMPLE, Progress, SITES_EXAMPLE, SiteOptions, Step, import_sites};

use crate::skipped::skipped;
use crate::{Office, seoul};

fn options() -> SiteOptions {
    SiteOptions::new(seoul())
}

/// Stand-ins for what a file of names and places lacks: two half hours, one product.
fn with_defaults() -> SiteOptions {
    SiteOptions {
        hours: Some(WeeklyHours::parse("Mon-Fri 09:00-10:00").unwrap()),
        products: Some("flu-2026".parse().unwrap()),
        seats: Some(6),
        ..options()
    }
}

/// The 284 centres of 2021, if this copy of the project has the shared data beside it.
fn centres_of_2021() -> Option<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"]
        .iter()
        .find_map(|shared| std::fs::read(root.join(shared).join("data/vaccination-centres-2021.csv")).ok());
    if found.is_none() {
        skipped("the centres of 2021: the shared data is not beside this copy of the project");
    }
    found
}

fn mapped() -> SiteOptions {
    let columns = ["name=name", "province=sido", "district=sigungu", "address=sido+sigungu+eupmyeondong"];
    SiteOptions { columns: columns.iter().map(|map| map.parse().unwrap()).collect(), ..with_defaults() }
}

#[test]
fn all_centres_of_2021_go_in_once() {
    let Some(bytes) = centres_of_2021() else { return };
    let office = Office::with_campaign();
    let mut told: Vec<Progress> = Vec::new();
    let mut progress = |now| told.push(now);
    let first = import_sites(&office.ledger, &office.store, &bytes, &mapped(), &mut progress).unwrap();
    assert_eq!((first.new, first.changed, first.same), (284, 0, 0), "{first}");
    assert_eq!((first.bad.len(), first.notes.len()), (0, 0), "{first}");
    assert_eq!((first.slots, office.slots()), (568, 568));
    assert_eq!(told.last(), Some(&Progress { step: Step::Saving, done: 284, total: 284 }));

    let again = office.sites(&bytes, &mapped()).unwrap();
    assert_eq!((again.new, again.changed, again.same, again.slots), (0, 0, 284, 0), "{again}");
    let stored = office.stored();
    assert_eq!(stored.iter().filter(|site| site.name == "국민체육센터").count(), 4);
    let first_centre = stored.iter().find(|site| site.name == "국립중앙의료원 D동").unwrap();
    assert_eq!(first_centre.address, "서울특별시 중구 을지로6가");
    assert_eq!((first_centre.province.as_str(), first_centre.district.as_str()), ("seoul", "jung-gu"));
}

#[test]
fn another_encoding_and_stray_blanks_make_no_other_sites() {
    let Some(bytes) = centres_of_2021() else { return };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let text = text.trim_start_matches('\u{FEFF}');
    let office = Office::with_campaign();
    assert_eq!(office.sites(&bytes, &mapped()).unwrap().new, 284);

    let (korean, _, lossy) = EUC_KR.encode(text);
    assert!(!lossy);
    let report = office.sites(&korean, &mapped()).unwrap();
    assert_eq!((report.encoding, report.same), ("CP949", 284), "{report}");

    let with_bom = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    assert_eq!(office.sites(&with_bom, &mapped()).unwrap().same, 284);

    let spaced = text.replace(',', " , ").replace("체육", "\u{200B}체육");
    assert_eq!(office.sites(spaced.as_bytes(), &mapped()).unwrap().same, 284);

    let respelt = text.replace("체육관", " 체육관").replace("37.5678", "37.5679");
    let report = office.sites(respelt.as_bytes(), &mapped()).unwrap();
    assert_eq!((report.new, report.changed + report.same), (0, 284), "{report}");
    assert!(report.changed > 0);
    assert_eq!(office.stored().len(), 284);
}

#[test]
fn usual_headers_need_no_mapping() {
    let Some(bytes) = centres_of_2021() else { return };
    let office = Office::with_campaign();
    let report = office.sites(&bytes, &with_defaults()).unwrap();
    assert_eq!((report.new, report.bad.len()), (284, 0), "{report}");
    assert_eq!(report.unused, ["eupmyeondong", "sigungu_code"]);
}

#[test]
fn the_example_goes_in_after_the_example_of_a_campaign() {
    let office = Office::open();
    office.campaign(CAMPAIGN_EXAMPLE).unwrap();
    let report = office.sites(SITES_EXAMPLE.as_bytes(), &options()).unwrap();
    assert_eq!((report.new, report.bad.len(), report.unused.len()), (3, 0, 0), "{report}");
    let stored = office.stored();
    let clinic = stored.iter().find(|site| site.name == "한빛의원").unwrap();
    assert!(clinic.features.evenings && clinic.features.weekend && clinic.features.step_free);
    assert_eq!(clinic.offers[0].seats, 4);
    let centre = stored.iter().find(|site| site.name == "종로구보건소").unwrap();
    let mut seats: Vec<u16> = centre.offers.iter().map(|offer| offer.seats).collect();
    seats.sort_unstable();
    assert_eq!(seats, [4, 6]);
    assert!(centre.features.weekend && !centre.features.evenings && centre.features.parking);
    assert_eq!(office.sites(SITES_EXAMPLE.as_bytes(), &options()).unwrap().same, 3);
}

#[test]
fn bad_rows_are_told_with_their_lines_and_good_ones_go_in() {
    let office = Office::with_campaign();
    let file = "이름,시도,시군구,위도,경도,전화번호,운영시간,products,seats,features\r\n\
                좋은의원,서울,중구,37.56,126.99,02-000-0001,월-금 09:00-18:00,flu-2026,4,주차\r\n\
                \r\n\
                ,서울,없는구,,,,월-금 18:00-09:00,mumps,0,수영장\r\n\
                \"두 줄\r\n의원\",서울,종로구,,,,Mon 09:00-10:00,flu-2026:3,,\r\n\
                짧은줄,서울\r\n\
                좋은 의원,서울,중구,37.56,126.99,02-000-0001,월-금 09:00-18:00,flu-2026,4,주차\r\n\
                좋은의원,서울,중구,37.56,126.99,,월-금 09:00-18:00,flu-2026,5,주차\r\n\
                먼의원,서울,중구,0,0,,Mon 09:00-10:00,flu-2026,4,\r\n\
                좋은의원,서울,중구,37.56,126.99,02-000-0001,월-금 09:00-18:00,flu-2026,4,주차\r\n\
                이상한의원,서울,중구,abc,126.99,전화,,flu-2026,4,\r\n";
    let report = office.sites(file.as_bytes(), &options()).unwrap();
    assert_eq!((report.new, report.rows), (2, 9), "{report}");
    let lines: Vec<usize> = report.bad.iter().map(|row| row.line).collect();
    assert_eq!(lines, [4, 7, 8, 9, 10, 11, 12], "{report}");
    let keys = |index: usize| -> Vec<&str> {
        report.bad[index].reasons.iter().map(|reason| reason.key.as_str()).collect()
    };
    assert_eq!(keys(0), ["name", "province, district", "hours", "features", "seats"]);
    assert_eq!(keys(6), ["latitude", "phone", "hours"]);
    let told = report.to_string();
    for part in [
        "line 4: name: missing; write the name of the site",
        "line 4: province, district: found \"서울 없는구\"",
        "line 7: row: found \"2 cells\"; write 10 cells",
        "line 2 is the same site",
        "line 10: position: found \"0, 0\"",
        "line 11: row: found \"좋은의원\"; write each row once: it repeats line 2",
        "line 12: latitude: found \"abc\"; write degrees such as 37.5665",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert_eq!(office.stored().len(), 2);
    assert!(office.stored().iter().any(|site| site.name == "두 줄 의원"));
}

#[test]
fn a_file_with_one_wrong_byte_loses_one_row() {
    let office = Office::with_campaign();
    let file = [
        "name,province,district\n좋은의원,서울,중구\n나쁜".as_bytes(),
        b"\xFF\xFE",
        "의원,서울,중구\n다른의원,서울,종로구\n".as_bytes(),
    ]
    .concat();
    let report = office.sites(&file, &with_defaults()).unwrap();
    assert_eq!((report.new, report.bad.len(), report.bad[0].line), (2, 1, 3), "{report}");
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_would_be() {
    let office = Office::with_campaign();
    let first = "name,province,district,phone\n하나의원,서울,중구,1\n둘의원,서울,종로구,02-000-0002\n";
    let dry = SiteOptions { dry_run: true, ..with_defaults() };
    let report = office.sites(first.as_bytes(), &dry).unwrap();
    assert_eq!((report.new, report.bad.len(), report.slots), (1, 1, 0), "{report}");
    assert!(report.to_string().starts_with("Dry run: nothing was written."));
    assert!(office.stored().is_empty());

    let second = first.replace("중구,1", "중구,1339");
    assert_eq!(office.sites(second.as_bytes(), &with_defaults()).unwrap().new, 2);
    let third = second.replace("02-000-0002", "02-000-0003") + "셋의원,서울,강남구,\n";
    let commits = office.ledger.committed();
    let report = office.sites(third.as_bytes(), &dry).unwrap();
    assert_eq!((report.new, report.changed, report.same), (1, 1, 1), "{report}");
    assert_eq!(office.ledger.committed(), commits);
    let report = office.sites(third.as_bytes(), &with_defaults()).unwrap();
    assert_eq!((report.new, report.changed, report.same, report.slots), (1, 1, 1, 2), "{report}");
}

#[test]
fn what_a_whole_file_lacks_is_told_once_and_all_together() {
    let office = Office::with_campaign();
    let error = office.sites("이름\n하나의원\n".as_bytes(), &options()).unwrap_err().to_string();
    for key in ["place: missing", "hours: missing", "products: missing", "seats: missing"] {
        assert!(error.contains(key), "{error}");
    }
    let columns = vec!["name=병원".parse().unwrap(), "phone=번호".parse().unwrap()];
    let mapped = SiteOptions { columns, ..with_defaults() };
    let error = office.sites("이름,주소\nx,y\n".as_bytes(), &mapped).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("--map name: found \"병원\"; write a header of the file: 이름, 주소"), "{error}");
    assert!(office.sites(b"", &options()).is_err());
    assert!(office.sites(b"\xEF\xBB\xBF", &options()).is_err());
}

#[test]
fn an_unclosed_quotation_mark_is_one_bad_row() {
    let office = Office::with_campaign();
    let rows: String = (0..40).map(|number| format!("의원{number},서울,중구\n")).collect();
    let file = format!("name,province,district\n좋은의원,서울,중구\n\"나쁜의원,서울,중구\n{rows}");
    let report = office.sites(file.as_bytes(), &with_defaults()).unwrap();
    assert_eq!((report.new, report.bad.len(), report.bad[0].line), (1, 1, 3), "{report}");
    assert!(report.to_string().contains("a closing quotation mark"), "{report}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), behind_header in any::<bool>()) {
        thread_local!(static OFFICE: Office = Office::with_campaign());
        let header: &[u8] = if behind_header { b"name,address,latitude,longitude\n" } else { b"" };
        let dry = SiteOptions { dry_run: true, ..with_defaults() };
        let report = OFFICE.with(|office| office.sites(&[header, &bytes].concat(), &dry));
        if let Ok(report) = report {
            prop_assert_eq!(report.rows, report.new + report.bad.len());
        }
    }

    #[test]
    fn no_cells_make_it_panic(cells in prop::collection::vec("[0-9.,:;가-힣A-z \"\n\u{0}-]{0,12}", 7..28)) {
        thread_local!(static OFFICE: Office = Office::with_campaign());
        let header = "name,address,latitude,longitude,phone,hours,products\n";
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let rows: Vec<String> =
            cells.chunks(7).map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",")).collect();
        let file = format!("{header}{}", rows.join("\n"));
        let dry = SiteOptions { dry_run: true, ..with_defaults() };
        if let Ok(report) = OFFICE.with(|office| office.sites(file.as_bytes(), &dry)) {
            prop_assert_eq!(report.rows, report.new + report.bad.len());
        }
    }
}
