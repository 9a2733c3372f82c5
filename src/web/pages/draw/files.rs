//! What is public about a draw, as files: the document that `sunbeon draw verify` reads, the door's log, and the proof of
//! one's own admission.

use std::collections::HashMap;
use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::HEXLOWER;
use futures_util::stream;
use jiff::Timestamp;
use serde::Serialize;

use super::is_verifiable;
use crate::domain::door::audit::LOG_HEADING;
use crate::domain::door::draw::Origin;
use crate::domain::door::published::{Document, DocumentMinute, DocumentParty, Proof};
use crate::domain::ids::OpeningId;
use crate::store::accounts::phone_hash;
use crate::store::admission_list::{self, InList, Minute, Shown};
use crate::store::door_log::{self, DoorSecond};
use crate::store::openings::StoredOpening;
use crate::store::{Store, StoreError};
use crate::web::Web;
use crate::web::page::Answer;
use crate::web::pages::wait::opening_called;
use crate::web::problem::Problem;
use crate::web::shared_page::SharedPage;
use crate::web::visitor::Citizen;

/// Seconds of the log that are read and sent at once: an evening has some 18,000.
const SECONDS_EACH_READ: i64 = 2_000;

/// Everything that is public about a draw, as JSON.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such opening, [`Problem::Outage`] when the database fails.
pub async fn document(request: HttpRequest, web: Data<Web>, code: Path<String>) -> Answer {
    let one = opening_called(&web, &code)?;
    let id = one.opening.id;
    let minutes = web.engine.store.look_up(move |conn, _| admission_list::minutes(conn, id)).await?;
    let now = web.engine.now();
    let text =
        serde_json::to_string_pretty(&document_of(&one, &minutes, now)).map_err(|_none| Problem::Broken)?;
    Ok(SharedPage::new("application/json", text).answer(&request))
}

fn document_of(one: &StoredOpening, minutes: &[Minute], now: Timestamp) -> Document {
    let (opening, draw) = (&one.opening, &one.draw);
    let is_public = draw.published_at.is_some();
    let time = |at: Timestamp| at.to_string();
    let parties = draw.parties.iter().map(|party| DocumentParty {
        name_ko: party.name.korean.clone(),
        name_en: party.name.english.clone(),
        outside: party.origin == Origin::Outside,
        commitment: party.commitment.0.to_string(),
        committed_at: party.committed_at.map(time),
        revealed_at: party.revealed.as_ref().map(|(_, at)| time(*at)),
        seed: party.revealed.as_ref().filter(|_| is_public).map(|(seed, _)| seed.reveal()),
    });
    Document {
        opening: opening.code.to_string(),
        as_of: Some(time(now)),
        joins_from: time(opening.joins_from),
        opens_at: time(opening.opens_at),
        ends_at: time(opening.ends_at),
        parties: parties.collect(),
        beacon: draw.beacon.as_ref().map(|round| round.name.clone()).unwrap_or_default(),
        beacon_named_at: draw.beacon_named_at.map(time),
        beacon_at: draw.beacon.as_ref().map(|round| time(round.at)),
        beacon_value: draw.beacon_value.as_ref().filter(|_| is_public).map(ToString::to_string),
        drawn_at: draw.drawn_at.map(time),
        fingerprint: draw.fingerprint.map(|fingerprint| fingerprint.to_string()),
        verifiable: one.key.is_some().then(|| is_verifiable(one)),
        published_at: draw.published_at.map(time),
        key: one.key.as_ref().filter(|_| is_public).map(|key| key.reveal()),
        minutes: minutes.iter().map(document_minute).collect(),
    }
}

fn document_minute(minute: &Minute) -> DocumentMinute {
    DocumentMinute { at: minute.at.to_string(), size: minute.size, root: minute.root.to_string() }
}

/// How far a log was sent.
struct Log {
    store: Store,
    opening: OpeningId,
    minutes: HashMap<Timestamp, Minute>,
    /// What is sent next; `None` when all was.
    next: Option<Vec<DoorSecond>>,
}

/// What the door did, second by second. An evening is long, so that it is read and sent piece by piece.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such opening, [`Problem::Outage`] when the database fails.
pub async fn log(web: Data<Web>, code: Path<String>) -> Answer {
    let one = opening_called(&web, &code)?;
    let (store, opening) = (web.engine.store.clone(), one.opening.id);
    let read = store.read(move |conn, _| {
        let minutes = admission_list::minutes(conn, opening)?;
        Ok((minutes, door_log::after(conn, opening, None, SECONDS_EACH_READ)?))
    });
    let (minutes, first) = read.await?;
    let minutes = minutes.into_iter().map(|minute| (minute.at, minute)).collect();
    let log = Log { store, opening, minutes, next: Some(first) };
    let heading = format!("{LOG_HEADING}\r\n");
    let pieces = stream::try_unfold((log, heading), |(log, before)| piece(log, before));
    let name = format!("attachment; filename=\"door-{}.csv\"", one.opening.code);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, s-maxage=10"))
        .streaming(Box::pin(pieces)))
}

/// The next piece of a log, behind the text `before` it.
async fn piece(mut log: Log, before: String) -> Result<Option<(Bytes, (Log, String))>, StoreError> {
    let Some(seconds) = log.next.take() else { return Ok(None) };
    let mut text = before;
    for second in &seconds {
        write_second(&mut text, second, log.minutes.get(&second.at));
    }
    if seconds.len() as i64 == SECONDS_EACH_READ {
        let (opening, last) = (log.opening, seconds.last().map(|second| second.at));
        let read = move |conn: &mut _, _: &_| door_log::after(conn, opening, last, SECONDS_EACH_READ);
        log.next = Some(log.store.read(read).await?);
    }
    Ok(Some((Bytes::from(text), (log, String::new()))))
}

fn write_second(text: &mut String, second: &DoorSecond, minute: Option<&Minute>) {
    let threshold = second.threshold.last().map(|last| last.to_string()).unwrap_or_default();
    let list = minute.map(|minute| format!("{},{}", minute.size, minute.root)).unwrap_or(",".to_owned());
    let (at, admitted, booked, alive) = (second.at, second.admitted, second.booked, second.alive);
    // Writing into a string can't fail.
    let _written = write!(text, "{at},{threshold},{admitted},{booked},{alive},{list}\r\n");
}

/// What a proof says when there is none.
#[derive(Serialize)]
struct NoProof<'a> {
    opening: &'a str,
    state: &'static str,
}

/// What shows somebody that their admission is in the list.
///
/// # Errors
/// [`Problem::NotFound`] when there is no such opening, [`Problem::Outage`] when the database fails.
pub async fn proof(citizen: Citizen, code: Path<String>) -> Answer {
    let one = opening_called(&citizen.web, &code)?;
    let (engine, id) = (citizen.engine(), one.opening.id);
    let phone = phone_hash(&engine.keys, &citizen.account.phone);
    let read = move |conn: &mut _, _: &_| admission_list::of_phone(conn, id, &phone);
    let opening = one.opening.code.as_str();
    let text = match engine.store.read(read).await? {
        InList::Absent => serde_json::to_string_pretty(&NoProof { opening, state: "not admitted" }),
        InList::Soon => serde_json::to_string_pretty(&NoProof { opening, state: "come back in a minute" }),
        InList::Shown(shown) => serde_json::to_string_pretty(&proof_of(opening, &shown)),
    };
    let name = format!("attachment; filename=\"proof-{opening}.json\"");
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text.map_err(|_none| Problem::Broken)?))
}

fn proof_of(opening: &str, shown: &Shown) -> Proof {
    Proof {
        opening: opening.to_owned(),
        entry: HEXLOWER.encode(&shown.entry.to_bytes()),
        index: shown.index,
        size: shown.minute.size,
        root: shown.minute.root.to_string(),
        proof: shown.proof.iter().map(ToString::to_string).collect(),
    }
}
