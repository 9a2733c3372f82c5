//! Where gateways bring receipts, and what people reply. Nobody looks at these answers but machines.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;

use crate::notify::callback::{Brings, Callback, Heard};
use crate::web::Web;
use crate::web::posted::Unread;

/// Who proves that a request comes from its gateway.
const SIGNATURE: &str = "X-Twilio-Signature";

/// Without a type people would get a page in its place.
const TEXT: &str = "text/plain; charset=utf-8";

/// How long a gateway waits until what it brings is written down, before it is told to come again. They give up after fifteen
/// seconds, and not each comes again: the message is asked for later all the same.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes a receipt for an attempt to send a message, from the gateway that carried it.
pub async fn receipt(
    web: Data<Web>,
    names: Path<(String, i64, i64)>,
    request: HttpRequest,
    Unread(body): Unread,
) -> HttpResponse {
    let (gateway, row, tried_at) = names.into_inner();
    let Ok(tried_at) = Timestamp::from_second(tried_at) else { return refused() };
    hear(&web, &gateway, Brings::Receipt { row, tried_at }, &request, &body).await
}

/// Takes a text that somebody sent to our number, from the gateway that it came to.
pub async fn reply(
    web: Data<Web>,
    gateway: Path<String>,
    request: HttpRequest,
    Unread(body): Unread,
) -> HttpResponse {
    hear(&web, &gateway, Brings::Reply, &request, &body).await
}

async fn hear(web: &Web, gateway: &str, brings: Brings, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    let header = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let fields: Option<Vec<(String, String)>> = serde_html_form::from_bytes(body).ok();
    let (Some(gateway), Some(signature), Some(fields)) = (web.engine.gateway(gateway), header, fields) else {
        return refused();
    };
    let address = request.uri().path_and_query().map_or("", |asked| asked.as_str());
    let heard = gateway.hear(Callback { brings, address, signature, fields: &fields });
    match tokio::time::timeout(PATIENCE, heard).await {
        Ok(Heard::Written) => HttpResponse::NoContent().finish(),
        Ok(Heard::Refused) => refused(),
        Ok(Heard::ComeAgain) | Err(_) => HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, "30"))
            .content_type(TEXT)
            .body("could not be written down"),
    }
}

fn refused() -> HttpResponse {
    HttpResponse::Forbidden().content_type(TEXT).body("not signed by this gateway")
}
