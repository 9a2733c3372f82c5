//! The roster as a file for a spreadsheet.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Path, Query};

use super::day::{Day, DayQuery};
use crate::language::Language;
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Tells Excel that the file is UTF-8; without it Hangul is garbled.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Sends everyone who has, had or gave up a seat on the day, names masked.
pub async fn csv(staff: Staff, site: Path<String>, query: Query<DayQuery>) -> Answer {
    let day = Day::of(&staff, &site, &query, "roster-csv").await?;
    let body = table(&day, staff.language).map_err(|error| {
        tracing::error!(%error, "a roster could not be written as CSV");
        Problem::Broken
    })?;
    let name = format!("attachment; filename=\"roster-{}-{}.csv\"", day.site.code, day.date);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body))
}

fn table(day: &Day, language: Language) -> Result<Vec<u8>, csv::Error> {
    let say = |key| language.say(key).to_string();
    let mut out = writer();
    out.write_record([
        say("clinic-time"),
        say("clinic-name"),
        say("clinic-born"),
        say("clinic-dose"),
        say("clinic-product"),
        say("clinic-reference"),
        say("clinic-state"),
        say("clinic-duplicate"),
        say("clinic-unreached"),
    ])?;
    for line in &day.lines {
        let yes = |is_so: bool| if is_so { say("button-yes") } else { String::new() };
        let fields = [
            line.time.clone(),
            line.name.clone(),
            line.born.to_string(),
            line.dose.to_string(),
            line.product.to_string(),
            line.reference.spoken(),
            say(line.state_key()),
            yes(line.suspected_duplicate),
            yes(line.is_unreached),
        ];
        out.write_record(fields.iter().map(|field| harmless(field).into_owned()))?;
    }
    Ok(out.into_inner().map_err(|error| error.into_error())?)
}

/// A table as spreadsheets like it.
pub(super) fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec())
}

/// A field that no spreadsheet takes for a formula: names come from strangers. An apostrophe goes in front of the signs
/// that begin one (OWASP, "CSV Injection"), their full-width forms included.
pub(super) fn harmless(field: &str) -> Cow<'_, str> {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{field}"))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_field_is_a_formula() {
        for formula in ["=1+1", "+82", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for plain in ["김*용", "J*** S***", "*", "09:30", "ABCD-EFGH", ""] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
