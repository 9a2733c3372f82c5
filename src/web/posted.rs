//! Forms as they arrive: from one of our own pages, with the token of the visitor's session, and not too long.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::lanes::TurnedAway;
use super::problem::Problem;
use super::resume::Resume;
use super::visitor::{Citizen, Staff, Visitor};

/// A form that anybody may send.
pub struct Posted<T> {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was typed.
    pub form: T,
}

/// A form of a page that all get in the same bytes who come without a session. It has no token then; that it is ours is what
/// the browser says. Whoever has a session sends its token.
pub struct PostedByStranger<T> {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was typed.
    pub form: T,
}

/// A form of somebody who proved a phone. What was typed is kept when they must prove it again first.
pub struct CitizenPosted<T> {
    /// Who sent it.
    pub citizen: Citizen,
    /// What was typed.
    pub form: T,
}

/// A form of a member of staff.
pub struct StaffPosted<T> {
    /// Who sent it.
    pub staff: Staff,
    /// What was typed.
    pub form: T,
}

/// A form that does no harm whoever makes a browser send it, and needs no token. From another site it is refused all the same.
pub struct Harmless<T> {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was chosen.
    pub form: T,
}

/// A form without fields of its own.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct NoFields {}

/// The field with the token of the session.
const TOKEN: &str = "csrf";

/// Who has to send the token of their session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Always,
    /// Whoever has a session.
    WithSession,
}

/// Who sent a form, and whether it is one of our own pages that made them send it. What they typed is laid aside before
/// anything else can fail: the page about an outage gives it back.
async fn sender(
    request: &HttpRequest,
    body: &[u8],
    token: Token,
) -> Result<(Visitor, Result<(), Problem>), Problem> {
    let mut visitor = Visitor::as_they_say(request)?;
    let is_ours = match check(request, &visitor, body, token) {
        Ok(typed) => {
            request.extensions_mut().insert(typed);
            Ok(())
        }
        Err(problem) => Err(problem),
    };
    if request.extensions().get::<TurnedAway>().is_some() {
        return Err(Problem::Busy);
    }
    visitor.look_up().await?;
    Ok((visitor, is_ours))
}

/// What was typed, when one of our own pages sent it.
fn check(request: &HttpRequest, visitor: &Visitor, body: &[u8], token: Token) -> Result<Resume, Problem> {
    let came_from = came_from(request, visitor);
    if came_from == CameFrom::Elsewhere {
        return Err(Problem::ForeignForm);
    }
    let fields: Vec<(String, String)> = read(body)?;
    let sent = fields.iter().find(|(name, _)| name == TOKEN).map(|(_, token)| token.as_str());
    let needs_none = token == Token::WithSession && !visitor.session_was_sent() && came_from == CameFrom::Us;
    let is_theirs = needs_none || visitor.session.owns(&visitor.engine().keys, sent.unwrap_or_default());
    let typed = resume(request, fields);
    if is_theirs { Ok(typed) } else { Err(Problem::FormExpired(typed)) }
}

/// Who sent a form from one of our own pages, and the form as it came.
async fn ours(
    request: &HttpRequest,
    body: impl Future<Output = Result<Bytes, Problem>>,
    token: Token,
) -> Result<(Visitor, Bytes), Problem> {
    let body = body.await?;
    let (visitor, is_ours) = sender(request, &body, token).await?;
    is_ours?;
    Ok((visitor, body))
}

/// What there is to say of a form by a stranger that can't be done without a session after all: that it is to be sent again.
pub fn needs_session(request: &HttpRequest) -> Problem {
    let typed = request.extensions().get::<Resume>().cloned();
    typed.map_or(Problem::UnreadableForm, Problem::FormExpired)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_html_form::from_bytes(body).ok().ok_or(Problem::UnreadableForm)
}

/// Which site the browser says made it send a form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CameFrom {
    Us,
    Elsewhere,
    /// It doesn't say: a text browser, or an old one.
    Unsaid,
}

fn came_from(request: &HttpRequest, visitor: &Visitor) -> CameFrom {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let site = header("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return CameFrom::Elsewhere;
    }
    let Some(origin) = header("origin") else {
        return if site == Some("same-origin") { CameFrom::Us } else { CameFrom::Unsaid };
    };
    let host = header("host").unwrap_or_default();
    let is_host = origin.split_once("://").is_some_and(|(_, origin)| origin == host);
    if is_host || origin == visitor.web.settings.public_url { CameFrom::Us } else { CameFrom::Elsewhere }
}

fn resume(request: &HttpRequest, fields: Vec<(String, String)>) -> Resume {
    let action = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Resume::of(action, fields)
}

/// How long a form may take to arrive: the longest one takes some seconds over a slow line. Whoever sends half of one would
/// keep a connection for ever.
const FORM_WAIT: Duration = Duration::from_secs(15);

/// Reads a request's form whole, for whatever works on it then.
///
/// # Errors
/// [`Problem::SlowForm`] when it does not come in time, [`Problem::UnreadableForm`] when it is too long or breaks off.
pub(super) async fn arrive(request: &mut ServiceRequest) -> Result<(), Problem> {
    let (request, payload) = request.parts_mut();
    let body = body_of(request, payload).await?;
    request.extensions_mut().insert(Arrived(body));
    Ok(())
}

/// A form that was read whole.
struct Arrived(Bytes);

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

fn body_of(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let arrived = request.extensions().get::<Arrived>().map(|Arrived(body)| body.clone());
    let coming = arrived.is_none().then(|| Bytes::from_request(request, payload));
    async move {
        let Some(coming) = coming else { return arrived.ok_or(Problem::UnreadableForm) };
        match tokio::time::timeout(FORM_WAIT, coming).await {
            Ok(body) => body.ok().ok_or(Problem::UnreadableForm),
            Err(_) => Err(Problem::SlowForm),
        }
    }
}

/// A form as it was sent, by whoever proves by what it holds who they are.
pub struct Unread(pub Bytes);

impl FromRequest for Unread {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = body_of(request, payload);
        Box::pin(async move { Ok(Self(body.await?)) })
    }
}

/// Who a visitor must be, and what becomes of them and their form.
type How<F, W, P> = (fn(Visitor) -> Result<W, Problem>, fn(W, F) -> P);

/// Takes in a form from one of our own pages: who sent it, then what was typed.
fn extract<F: DeserializeOwned + 'static, W: 'static, P: 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    token: Token,
    how: How<F, W, P>,
) -> Extraction<P> {
    let (request, body) = (request.clone(), body_of(request, payload));
    Box::pin(async move {
        let (visitor, body) = ours(&request, body, token).await?;
        let (who, posted) = how;
        Ok(posted(who(visitor)?, read(&body)?))
    })
}

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload, Token::Always, (Ok, |visitor, form| Self { visitor, form }))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for PostedByStranger<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload, Token::WithSession, (Ok, |visitor, form| Self { visitor, form }))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for StaffPosted<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload, Token::Always, (Staff::of, |staff, form| Self { staff, form }))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for CitizenPosted<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), body_of(request, payload));
        Box::pin(async move {
            let body = body.await?;
            let (visitor, is_ours) = sender(&request, &body, Token::Always).await?;
            if visitor.account.is_none() && !matches!(is_ours, Err(Problem::ForeignForm)) {
                return Err(Problem::SignInToContinue(resume(&request, read(&body).unwrap_or_default())));
            }
            is_ours?;
            Ok(Self { citizen: Citizen::of(visitor)?, form: read(&body)? })
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Harmless<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), body_of(request, payload));
        Box::pin(async move {
            let body = body.await?;
            let visitor = Visitor::of(&request).await?;
            if came_from(&request, &visitor) == CameFrom::Elsewhere {
                return Err(Problem::ForeignForm);
            }
            if request.content_type() != "application/x-www-form-urlencoded" {
                return Err(Problem::UnreadableForm);
            }
            Ok(Self { visitor, form: read(&body)? })
        })
    }
}
