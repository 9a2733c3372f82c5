//! What can keep a page from being shown, and the page that says so, in the visitor's language: what happened, what was
//! kept, and what to do now. No page shows an error's own words.

use std::fmt;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::Web;
use super::kept::Kept;
use super::page::{Answer, Frame, copied, in_query, shared};
use super::resume::Resume;
use super::shared_page::SharedPage;
use super::visitor::Visitor;
use crate::language::Language;
use crate::store::{LedgerError, Never, StoreError};

/// Seconds after which a visitor may try again when a queue was full.
const RETRY_SECONDS: u32 = 10;

/// What kept a page from being shown.
#[derive(Debug, Clone)]
pub enum Problem {
    /// There is no such page, or nothing the visitor may see.
    NotFound,
    /// The page exists, but not for this member of staff.
    Forbidden,
    /// The page does not answer to this verb.
    WrongVerb,
    /// A phone must be proved first.
    SignInNeeded {
        /// Where to go afterwards.
        next: String,
    },
    /// A phone must be proved first; what was typed is carried on.
    SignInToContinue(Resume),
    /// A member of staff must sign in first.
    StaffSignInNeeded {
        /// Where to go afterwards.
        next: String,
    },
    /// The form's token is not of this session: the cookie was lost, or the page is old.
    FormExpired(Resume),
    /// Another site made the browser send the form.
    ForeignForm,
    /// The form can't be read: it is too long, or no form of ours.
    UnreadableForm,
    /// The form did not arrive in time.
    SlowForm,
    /// A queue is full.
    Busy,
    /// The database failed.
    Outage,
    /// A fault in the program.
    Broken,
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(%error, ?source, "the store failed");
        Self::Outage
    }
}

impl From<LedgerError<Never>> for Problem {
    fn from(error: LedgerError<Never>) -> Self {
        match error {
            LedgerError::Busy => Self::Busy,
            LedgerError::Outage(error) => error.into(),
            LedgerError::Refused(never) => match never {},
        }
    }
}

impl Problem {
    /// Splits a command's error: a refusal is the caller's to explain, anything else is a problem.
    ///
    /// # Errors
    /// The problem, when the command was not refused.
    pub fn refusal<E>(error: LedgerError<E>) -> Result<E, Self> {
        match error {
            LedgerError::Refused(refusal) => Ok(refusal),
            LedgerError::Busy => Err(Self::Busy),
            LedgerError::Outage(error) => Err(error.into()),
        }
    }

    /// The catalog keys of its title and its text.
    fn keys(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => ("problem-not-found-title", "problem-not-found-text"),
            Self::Forbidden => ("problem-forbidden-title", "problem-forbidden-text"),
            Self::WrongVerb => ("problem-wrong-verb-title", "problem-wrong-verb-text"),
            Self::SignInNeeded { .. } | Self::SignInToContinue(_) | Self::StaffSignInNeeded { .. } => {
                ("problem-sign-in-title", "problem-sign-in-text")
            }
            Self::FormExpired(_) => ("problem-form-expired-title", "problem-form-expired-text"),
            Self::ForeignForm => ("problem-foreign-form-title", "problem-foreign-form-text"),
            Self::UnreadableForm => ("problem-unreadable-form-title", "problem-unreadable-form-text"),
            Self::SlowForm => ("problem-slow-form-title", "problem-slow-form-text"),
            Self::Busy => ("problem-busy-title", "problem-busy-text"),
            Self::Outage => ("problem-outage-title", "problem-outage-text"),
            Self::Broken => ("problem-broken-title", "problem-broken-text"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.keys().0)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::WrongVerb => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignInNeeded { .. } | Self::SignInToContinue(_) | Self::StaffSignInNeeded { .. } => {
                StatusCode::SEE_OTHER
            }
            Self::FormExpired(_) => StatusCode::CONFLICT,
            Self::UnreadableForm => StatusCode::BAD_REQUEST,
            Self::SlowForm => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Outage => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An empty answer that carries the problem; `explained` makes the page.
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::new(self.status_code());
        answer.extensions_mut().insert(self.clone());
        answer
    }
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    title: &'static str,
    text: &'static str,
    /// A form that can be sent again as it was.
    again: Option<&'a Resume>,
    /// The page may be shown when it is asked for again.
    reload: bool,
    /// Everybody gets the same page, so that it has no menu.
    is_shared: bool,
}

/// What kept the page from being shown, if anything did.
pub(super) fn problem_of<B: MessageBody>(answer: &ServiceResponse<B>) -> Option<Problem> {
    answer.response().extensions().get::<Problem>().cloned().or_else(|| bare_problem(answer))
}

/// The page about a problem, in the place of an answer without one.
pub(super) async fn explained<B>(problem: Problem, answer: ServiceResponse<B>) -> ServiceResponse {
    let request = answer.request().clone();
    let mut page = page_of(&problem, &request).await.unwrap_or_else(|_| plain(&problem));
    if let Some(allowed) = answer.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    ServiceResponse::new(request, page)
}

/// An error of the framework itself, such as a path that no route knows, has no page either.
fn bare_problem<B: MessageBody>(answer: &ServiceResponse<B>) -> Option<Problem> {
    let is_html = answer.headers().contains_key(header::CONTENT_TYPE);
    match answer.status() {
        _ if is_html && answer.response().error().is_none() => None,
        StatusCode::NOT_FOUND => Some(Problem::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::WrongVerb),
        status if status.is_client_error() => Some(Problem::UnreadableForm),
        status if status.is_server_error() => Some(Problem::Broken),
        _ => None,
    }
}

async fn page_of(problem: &Problem, request: &HttpRequest) -> Answer {
    if matches!(problem, Problem::Busy | Problem::Outage) {
        let typed = request.extensions().get::<Resume>().cloned();
        return later(problem, request, typed.as_ref());
    }
    let mut visitor = match (Visitor::of(request).await, problem) {
        (Ok(visitor), _) => visitor,
        (Err(outage), Problem::FormExpired(typed) | Problem::SignInToContinue(typed)) => {
            return later(&outage, request, Some(typed));
        }
        (Err(outage), _) => return later(&outage, request, None),
    };
    let (title, text) = problem.keys();
    match problem {
        Problem::SignInNeeded { next } => visitor.go_to(&format!("/sign-in?next={}", in_query(next))),
        Problem::StaffSignInNeeded { next } => {
            visitor.go_to(&format!("/clinic/sign-in?next={}", in_query(next)))
        }
        Problem::SignInToContinue(resume) => {
            visitor.keep_session();
            match resume.seal(&visitor) {
                Some(sealed) => visitor.go_to(&format!("/sign-in?resume={sealed}")),
                None => visitor.go_to("/sign-in"),
            }
        }
        Problem::FormExpired(again) => {
            let frame = visitor.form_frame();
            let page =
                ProblemPage { frame, title, text, again: Some(again), reload: false, is_shared: false };
            visitor.page_with(problem.status_code(), &page)
        }
        _ => {
            let frame = visitor.frame();
            let page = ProblemPage { frame, title, text, again: None, reload: false, is_shared: false };
            visitor.page_with(problem.status_code(), &page)
        }
    }
}

/// What was said last of too much to do, to those who asked for a page.
#[derive(Default)]
pub struct BusyPages(Kept<Language, (), Arc<SharedPage>>);

/// The page of whoever asks for one while there is too much to do. They are many then, so that it is the same for all: it
/// has no menu, and a link to wherever it was asked for.
fn busy(web: &Web, request: &HttpRequest, l: Language) -> Answer {
    let (title, text) = Problem::Busy.keys();
    let write = |(): &()| {
        let frame = Frame::of_nobody(web, l, "");
        shared(&ProblemPage { frame, title, text, again: None, reload: true, is_shared: true })
    };
    let page = web.kept.busy.0.page(l, (), write)?;
    let mut answer = copied::<ProblemPage<'_>>(web, request, (Problem::Busy.status_code(), &page));
    answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(RETRY_SECONDS));
    Ok(answer)
}

/// The page of somebody who can't be served now, in the language of their cookie: the database may be gone. It gives back
/// what was `typed`, and sets no cookie, because nobody has asked whether the session was ended.
fn later(problem: &Problem, request: &HttpRequest, typed: Option<&Resume>) -> Answer {
    let visitor = Visitor::as_they_say(request)?;
    let is_plain = typed.is_none() && request.method() == Method::GET && !visitor.keeps_old_pages();
    if matches!(problem, Problem::Busy) && is_plain {
        return busy(&visitor.web, request, visitor.language);
    }
    let (title, text) = problem.keys();
    let reload = request.method() == Method::GET;
    let page = ProblemPage { frame: visitor.frame(), title, text, again: typed, reload, is_shared: false };
    let mut page = visitor.page_with(problem.status_code(), &page)?;
    page.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(RETRY_SECONDS));
    Ok(page)
}

/// What is left when not even the page about the problem can be made: both languages, no template.
fn plain(problem: &Problem) -> HttpResponse {
    HttpResponse::build(problem.status_code())
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::RETRY_AFTER, RETRY_SECONDS.to_string()))
        .body("지금은 처리할 수 없습니다. 잠시 뒤에 다시 해 주세요.\nWe can’t do that just now. Try again in a moment.\n")
}
