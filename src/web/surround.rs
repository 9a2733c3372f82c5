//! What surrounds every page: encryption, headers, the pages about problems, figures. One middleware does all of it, since
//! what the framework does for one is a good part of what a waiting page costs.

use std::sync::LazyLock;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use super::lanes::give_way;
use super::pages::wait;
use super::problem::{Problem, explained, problem_of};
use super::record::Pattern;
use super::{Web, network, record, style};

/// Answers over encrypted connections only, with a page for whatever went wrong, and notes that it did.
///
/// # Errors
/// Those of the service behind it.
pub(super) async fn surround<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let began = Instant::now();
    let web = request.app_data::<Data<Web>>().cloned().ok_or(Problem::Broken)?;
    let mut path = None;
    let mut answer = if let Some(there) = encrypted_page(&web, &request) {
        request.into_response(moved(there)).map_into_right_body()
    } else if let Some(page) = wait::from_memory(&web, request.request()) {
        path = Some(Pattern(wait::PATH));
        give_way().await;
        request.into_response(page).map_into_right_body()
    } else {
        let answer = next.call(request).await?;
        match problem_of(&answer) {
            // A future of its own, so that the one of a page that went well stays small.
            Some(problem) => Box::pin(explained(problem, answer)).await.map_into_right_body(),
            None => answer.map_into_left_body(),
        }
    };
    protect(&web, answer.headers_mut());
    record::note(&answer, path, began.elapsed());
    Ok(answer)
}

/// Where the encrypted page is: outside the demo a page over an unencrypted connection only says that, since its cookie
/// would not be kept. What machines ask for is answered, since a proxy's health check has no `X-Forwarded-Proto`.
fn encrypted_page(web: &Web, request: &ServiceRequest) -> Option<String> {
    let is_for_machines = matches!(request.path(), "/healthz" | "/readyz" | "/metrics");
    if web.settings.demo.is_some()
        || is_for_machines
        || network::is_encrypted(request.request(), &web.settings)
    {
        return None;
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Some(format!("{}{path}", web.settings.public_url))
}

fn moved(there: String) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, there)).finish()
}

/// Headers that every answer carries: nothing from elsewhere, no script, no frame, no guessing of types.
static PROTECTION: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; style-src {}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        style::style_source()
    );
    let fixed = HeaderValue::from_static;
    vec![
        // Should the policy ever hold a letter that no header may, nothing at all is allowed.
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy).unwrap_or(fixed("default-src 'none'")),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
        (HeaderName::from_static("permissions-policy"), fixed("camera=(), microphone=(), geolocation=()")),
    ]
});

fn protect(web: &Web, headers: &mut HeaderMap) {
    for (name, value) in PROTECTION.iter() {
        headers.insert(name.clone(), value.clone());
    }
    if web.settings.demo.is_none() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
