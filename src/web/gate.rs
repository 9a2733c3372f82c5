//! The gate: no booking page answers before the door has let its visitor in, whatever the verb. What the session's sealed
//! cookie says was written when the database admitted it.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpResponse, ResponseError};
use jiff::SignedDuration;

use super::Web;
use super::lanes::{self, class_of, lag};
use super::page::in_query;
use super::problem::Problem;
use super::session::Session;
use crate::domain::door::concurrency::Class;
use crate::domain::ids::CampaignId;
use crate::domain::party_token::PartyToken;
use crate::domain::reference::ReferenceCode;
use crate::store::openings::StoredOpening;
use crate::store::{bookings, held};

/// How long after their admission people may finish what they hold, in minutes.
const FINISHING_MINUTES: i64 = 30;

/// Ends of addresses that only take forms; the page is the address without them.
const FORMS_ONLY: [&str; 3] = ["/confirm", "/extend", "/release"];

/// Lets in whoever was admitted, in the lane of the page's class. Everybody else is sent to the door, which shows when their
/// turn is.
///
/// # Errors
/// Those of the service behind it.
pub(super) async fn pass_the_door<B: MessageBody>(
    class: Class,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let web = request.app_data::<Data<Web>>().cloned().ok_or(Problem::Broken)?;
    // An error would leave without its page: what surrounds this sees answers only.
    let refusal = match door_before(&web, &request).await {
        Ok(None) => match lanes::enter(&web, (class, class_of(&web, &request)), &mut request).await {
            Ok(_in_work) => {
                let began = Instant::now();
                let answer = next.call(request).await?;
                web.engine.door.note_booking_step(began.elapsed() + lag());
                return Ok(answer.map_into_left_body());
            }
            Err(problem) => problem.error_response(),
        },
        Ok(Some(closed)) => to_the_door(&closed, &request),
        Err(problem) => problem.error_response(),
    };
    Ok(request.into_response(refusal).map_into_right_body())
}

/// The opening whose door stands before the page and has not let the visitor in.
async fn door_before(web: &Web, request: &ServiceRequest) -> Result<Option<Arc<StoredOpening>>, Problem> {
    let now = web.engine.now();
    let mut standing = web.engine.standing_doors(now);
    if standing.is_empty() {
        return Ok(None);
    }
    // Who holds seats was let in when they were held, and gets the time to finish.
    let is_finishing = request.path().starts_with("/hold/");
    let grace = SignedDuration::from_mins(if is_finishing { FINISHING_MINUTES } else { 0 });
    let session = Session::read(web, request.request());
    standing.retain(|one| {
        let was_admitted = |session: &Session| session.is_admitted(one.opening.id, now, grace);
        !session.as_ref().is_some_and(was_admitted)
    });
    let campaign = if standing.is_empty() { None } else { campaign_of(web, request).await? };
    Ok(campaign.and_then(|campaign| standing.into_iter().find(|one| one.opening.campaign == campaign)))
}

/// The campaign that the page is about. What does not exist is about none, and its page says so.
async fn campaign_of(web: &Web, request: &ServiceRequest) -> Result<Option<CampaignId>, Problem> {
    let (names, store) = (request.match_info(), &web.engine.store);
    if let Some(slug) = names.get("slug") {
        return Ok(web.engine.country.now().campaign_by_slug(slug).map(|campaign| campaign.id));
    }
    if let Some(token) = names.get("token") {
        let Ok(token) = PartyToken::try_from(token.to_owned()) else { return Ok(None) };
        return Ok(store.look_up(move |conn, _| held::campaign_of(conn, &token)).await?);
    }
    let reference = names.get("reference").and_then(|text| ReferenceCode::parse(text).ok());
    let Some(reference) = reference else { return Ok(None) };
    Ok(store.look_up(move |conn, _| bookings::campaign_of(conn, &reference)).await?)
}

fn to_the_door(closed: &StoredOpening, request: &ServiceRequest) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, door_link(closed, request)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// The door's page, which leads on to the page that was asked for.
fn door_link(closed: &StoredOpening, request: &ServiceRequest) -> String {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let page = FORMS_ONLY.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    format!("/door/{}?next={}", closed.opening.code, in_query(page))
}
