//! The access log of a month, for whoever looks after those who look: how often each did what, each entry with its reason, and
//! all of it as a file.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Query};
use askama::Template;
use futures_util::stream;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::csv::{harmless, writer};
use super::sign_in::tidied;
use super::write_down;
use crate::engine::Engine;
use crate::language::Language;
use crate::store::access_log::Access;
use crate::store::access_review::{self, After, BY_DIGITS, BY_NAME, Count, Entry, Span};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Entries, and people, on a page.
const LINES: usize = 40;

/// Entries that are read at once for the file.
const ENTRIES_EACH_READ: i64 = 2_000;

/// Longest reason for taking the file, in signs.
const REASON_SIGNS_MAX: usize = 200;

/// A month of a country is read by one at a time, so that nobody else waits for a connection meanwhile.
static READING: Semaphore = Semaphore::const_new(1);

/// What the log calls an act, and the key of what it is called here. What is missing is called by its own word.
const ACTS: [(&str, &str); 31] = [
    ("open-name", "audit-act-name"),
    ("visit", "audit-act-desk"),
    ("find", "audit-act-find"),
    ("day", "audit-act-roster"),
    ("roster", "audit-act-roster"),
    ("roster-sheet", "audit-act-roster"),
    ("end-of-day", "audit-act-roster"),
    ("roster-csv", "audit-act-file"),
    ("lot-given", "audit-act-file"),
    ("audit-export", "audit-act-file"),
    ("audit", "audit-act-audit"),
    ("change-password", "audit-act-account"),
    ("second-factor", "audit-act-account"),
    ("account-reset", "audit-act-account"),
    ("recovery-code", "audit-act-recovery"),
    ("leftover", "audit-act-leftover"),
    ("leftover-end", "audit-act-leftover"),
    ("lot-recall", "audit-act-lots"),
    ("lot-recall-lifted", "audit-act-lots"),
    ("messages-again", "audit-act-evening"),
    ("check-in", "audit-act-did"),
    ("record", "audit-act-did"),
    ("no-show", "audit-act-did"),
    ("undo", "audit-act-did"),
    ("correct", "audit-act-did"),
    ("schedule", "audit-act-roster"),
    ("supply", "audit-act-roster"),
    ("stock", "audit-act-stock"),
    ("close", "audit-act-schedule"),
    ("seats", "audit-act-schedule"),
    ("door-turn", "audit-act-callers"),
];

/// Acts that show whole names.
const NAMES: [&str; 2] = ["open-name", "visit"];

#[derive(Template)]
#[template(path = "pages/clinic-audit.html")]
struct AuditPage {
    frame: Frame,
    errors: FormErrors,
    month: Month,
    /// Whether anybody has, or had, the login that was asked for.
    is_known: bool,
    who: String,
    reason: String,
    people: Vec<PersonLine>,
    more_people: usize,
    entries: Vec<EntryLine>,
    /// Where the next page of entries begins; empty on the last.
    after: String,
}

struct PersonLine {
    login: String,
    all: i64,
    names: i64,
    files: i64,
}

struct EntryLine {
    at: String,
    act: String,
    site: String,
    reference: String,
    reason: String,
}

/// A month as its page names it.
struct Month {
    first: Date,
    word: String,
    before: String,
    after: Option<String>,
}

/// Which month, whose entries, and behind which.
#[derive(Deserialize, Default)]
pub struct AuditQuery {
    #[serde(default)]
    month: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    after: String,
}

/// Why the file is taken.
#[derive(Deserialize)]
pub struct ExportForm {
    #[serde(default)]
    month: String,
    #[serde(default)]
    reason: String,
}

/// Shows a month.
pub async fn review(mut staff: Staff, query: Query<AuditQuery>) -> Answer {
    only_auditor(&staff)?;
    let page = page_of(&mut staff, &query, String::new(), FormErrors::none()).await?;
    staff.page(&page)
}

/// Sends a month as a file, after why was written down.
pub async fn export(posted: StaffPosted<ExportForm>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    only_auditor(&staff)?;
    let (reason, mut errors) = (form.reason.trim().to_owned(), FormErrors::none());
    if reason.is_empty() {
        errors.add("reason", "audit-error-reason");
    } else if reason.chars().count() > REASON_SIGNS_MAX {
        errors.add_with("reason", "error-too-long", &[("most", REASON_SIGNS_MAX as i64)]);
    }
    let month = month_of(&staff, &form.month);
    if !errors.is_empty() {
        let query = AuditQuery { month: form.month, ..AuditQuery::default() };
        let page = page_of(&mut staff, &query, form.reason, errors).await?;
        return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    write_down(&staff, access(&staff, "audit-export", format!("{}: {reason}", month.word))).await?;
    let name = format!("attachment; filename=\"access-{}.csv\"", month.word);
    let file = File { span: span_of(&staff, month.first)?, staff, next: Next::Heading };
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(Box::pin(stream::try_unfold(file, piece))))
}

fn only_auditor(staff: &Staff) -> Result<(), Problem> {
    staff.member.is_auditor().then_some(()).ok_or(Problem::Forbidden)
}

fn access(staff: &Staff, action: &'static str, reason: String) -> Access {
    Access { staff: staff.member.id, action, booking: None, site: None, reason: Some(reason) }
}

/// How far the file was sent.
struct File {
    staff: Staff,
    span: Span,
    next: Next,
}

enum Next {
    Heading,
    Behind(Option<After>),
    Nothing,
}

/// The next piece of the file: a month of a country is long, so that it is read and sent piece by piece.
async fn piece(mut file: File) -> Result<Option<(Bytes, File)>, Box<dyn std::error::Error>> {
    let after = match file.next {
        Next::Nothing => return Ok(None),
        Next::Heading => {
            file.next = Next::Behind(None);
            let heading = ["time", "login", "act", "site", "reference", "reason"].map(str::to_owned);
            let mut out = writer();
            return Ok(Some((rows(&mut out, [heading])?, file)));
        }
        Next::Behind(after) => after,
    };
    let span = file.span;
    let read = file
        .staff
        .engine()
        .store
        .read(move |conn, keys| access_review::entries(conn, keys, span, None, after, ENTRIES_EACH_READ));
    let entries = read.await?;
    let is_full = entries.len() as i64 == ENTRIES_EACH_READ;
    file.next = match entries.last() {
        Some(last) if is_full => Next::Behind(Some(last.place)),
        _ => Next::Nothing,
    };
    let engine = file.staff.engine().clone();
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let piece = rows(&mut out, entries.iter().map(|entry| fields(&engine, entry)))?;
    Ok(Some((piece, file)))
}

fn rows(
    out: &mut csv::Writer<Vec<u8>>,
    rows: impl IntoIterator<Item = [String; 6]>,
) -> Result<Bytes, csv::Error> {
    for row in rows {
        out.write_record(row.iter().map(|field| harmless(field).into_owned()))?;
    }
    out.flush()?;
    Ok(Bytes::from(out.get_ref().clone()))
}

fn fields(engine: &Engine, entry: &Entry) -> [String; 6] {
    let catalogue = engine.country.now();
    let site = entry.site.and_then(|site| catalogue.site(site)).map(|site| site.code.clone());
    [
        entry.at.to_string(),
        entry.login.clone(),
        entry.action.clone(),
        site.unwrap_or_default(),
        entry.reference.clone().unwrap_or_default(),
        entry.reason.clone().unwrap_or_default(),
    ]
}

/// The month that was asked for, or this one.
fn month_of(staff: &Staff, asked: &str) -> Month {
    let now = staff.engine().now().to_zoned(staff.engine().zone.clone()).date().first_of_month();
    let read: Option<Date> = format!("{}-01", asked.trim()).parse().ok();
    let first = read.map_or(now, Date::first_of_month).min(now);
    let word = |first: Date| first.strftime("%Y-%m").to_string();
    let [before, next] = [first.saturating_sub(1.month()), first.saturating_add(1.month())];
    Month { first, word: word(first), before: word(before), after: (next <= now).then(|| word(next)) }
}

fn span_of(staff: &Staff, first: Date) -> Result<Span, Problem> {
    let at = |day: Date| -> Result<Timestamp, Problem> {
        let zoned = day.to_zoned(staff.engine().zone.clone());
        Ok(zoned.map_err(|_out_of_range| Problem::NotFound)?.timestamp())
    };
    Ok(Span { from: at(first)?, until: at(first.saturating_add(1.month()))? })
}

async fn page_of(
    staff: &mut Staff,
    query: &AuditQuery,
    reason: String,
    errors: FormErrors,
) -> Result<AuditPage, Problem> {
    let month = month_of(staff, &query.month);
    let (span, who, after) = (span_of(staff, month.first)?, tidied(&query.who), place(&query.after));
    write_down(staff, access(staff, "audit", format!("{} {who}", month.word).trim().to_owned())).await?;
    let asked = who.clone();
    let Ok(_reading) = READING.try_acquire() else { return Err(Problem::Busy) };
    let read = staff.engine().store.read(move |conn, keys| {
        if asked.is_empty() {
            return Ok((access_review::counts(conn, span)?, Vec::new(), true));
        }
        let Some(whose) = access_review::staff_called(conn, &asked)? else {
            return Ok((Vec::new(), Vec::new(), false));
        };
        let most = LINES as i64 + 1;
        let entries = access_review::entries(conn, keys, span, Some(whose), after, most)?;
        Ok((Vec::new(), entries, true))
    });
    let (counts, mut entries, is_known): (Vec<Count>, Vec<Entry>, bool) = read.await?;
    let has_more = entries.len() > LINES;
    entries.truncate(LINES);
    let after = entries.last().filter(|_| has_more).map(|last| place_text(last.place));
    let mut people = people(&counts);
    let more_people = people.len().saturating_sub(LINES);
    people.truncate(LINES);
    Ok(AuditPage {
        entries: entries.iter().map(|entry| line_of(staff, entry)).collect(),
        frame: staff.form_frame(),
        errors,
        month,
        is_known,
        who,
        reason,
        people,
        more_people,
        after: after.unwrap_or_default(),
    })
}

/// Who saw most names first.
fn people(counts: &[Count]) -> Vec<PersonLine> {
    let mut people: Vec<PersonLine> = Vec::new();
    for chunk in counts.chunk_by(|one, next| one.login == next.login) {
        let sum = |is: &dyn Fn(&str) -> bool| {
            chunk.iter().filter(|count| is(&count.action)).map(|count| count.times).sum::<i64>()
        };
        people.push(PersonLine {
            login: chunk.first().map(|count| count.login.clone()).unwrap_or_default(),
            all: sum(&|_| true),
            names: sum(&|action| NAMES.contains(&action)),
            files: sum(&|action| key_of(action) == Some("audit-act-file")),
        });
    }
    people.sort_by_key(|line| std::cmp::Reverse((line.names, line.files, line.all)));
    people
}

fn key_of(action: &str) -> Option<&'static str> {
    let known = ACTS.iter().find(|(word, _)| *word == action).map(|(_, key)| *key);
    let of_evening = ["door-", "gateway-"].iter().any(|part| action.starts_with(part));
    known.or_else(|| of_evening.then_some("audit-act-evening"))
}

fn line_of(staff: &Staff, entry: &Entry) -> EntryLine {
    let (l, engine) = (staff.language, staff.engine());
    let catalogue = engine.country.now();
    let site = entry.site.and_then(|site| catalogue.site(site)).map(|site| site.name.clone());
    EntryLine {
        at: l.date_time(entry.at.to_zoned(engine.zone.clone()).datetime()),
        act: key_of(&entry.action).map_or_else(|| entry.action.clone(), |key| l.say(key).to_string()),
        site: site.unwrap_or_default(),
        reference: entry.reference.clone().unwrap_or_default(),
        reason: entry.reason.as_deref().map(|reason| reason_in_words(l, reason)).unwrap_or_default(),
    }
}

/// A reason in the reader's language, where it is one of a list.
fn reason_in_words(l: Language, reason: &str) -> String {
    let key = match reason {
        "at-desk" => "clinic-reason-at-desk",
        "called" => "clinic-reason-called",
        "duplicate" => "clinic-reason-duplicate",
        "another-day" => "audit-reason-another-day",
        BY_NAME => "audit-reason-by-name",
        BY_DIGITS => "audit-reason-by-digits",
        other => return other.to_owned(),
    };
    l.say(key).to_string()
}

fn place_text((at, chain, sequence): After) -> String {
    format!("{at}.{chain}.{sequence}")
}

fn place(text: &str) -> Option<After> {
    let mut parts = text.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
