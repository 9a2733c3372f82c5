//! A page: a template in its frame, sent with the headers that keep it private.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;

use super::problem::Problem;
use super::shared_page::SharedPage;
use super::visitor::Visitor;
use super::{Web, known_party};
use crate::language::Language;

/// What every page shows around its own matter.
#[derive(Clone)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The token of its forms.
    pub csrf: String,
    /// Whether a phone was proved.
    pub signed_in: bool,
    /// Stands behind the addresses of the menu, so that a browser that keeps old pages fetches them: empty for the others.
    pub mark: String,
    /// Where the language switch comes back to.
    pub path: String,
    /// Whether this is the demo.
    pub demo: bool,
    /// The login of the member of staff.
    pub staff: Option<String>,
    /// Whether they lead evenings.
    pub leads: bool,
    /// Something that was done just before.
    pub notice: Option<String>,
}

/// The header that names the type of a page in the demo.
const PAGE_TYPE: HeaderName = HeaderName::from_static("x-page");

/// Room for a page before it is written: nearly every page fits, and none is moved while it grows.
const PAGE_BYTES: usize = 14_000;

/// The answer of a handler.
pub type Answer = Result<HttpResponse, Problem>;

impl Frame {
    /// Around a page for somebody of whom nothing is known but the language.
    pub fn of_nobody(web: &Web, language: Language, path: &str) -> Self {
        Self {
            language,
            csrf: String::new(),
            signed_in: false,
            mark: String::new(),
            path: path.to_owned(),
            demo: web.settings.demo.is_some(),
            staff: None,
            leads: false,
            notice: None,
        }
    }
}

impl Visitor {
    /// The frame of a page without a form of its own.
    pub fn frame(&self) -> Frame {
        Frame {
            language: self.language,
            csrf: self.session.csrf(&self.engine().keys),
            signed_in: self.is_shown_as_signed_in(),
            mark: if self.keeps_old_pages() { unseen("", self.engine().now()) } else { String::new() },
            path: self.path.clone(),
            demo: self.web.settings.demo.is_some(),
            staff: self.staff.as_ref().map(|staff| staff.login.clone()),
            leads: self.staff.as_ref().is_some_and(|staff| staff.is_authority()),
            notice: None,
        }
    }

    /// The frame of a page with forms: its session is kept, because their token is bound to it.
    pub fn form_frame(&mut self) -> Frame {
        self.keep_session();
        self.frame()
    }

    /// Answers with a page.
    pub fn page(&self, page: &impl Template) -> Answer {
        self.page_with(StatusCode::OK, page)
    }

    /// Answers with a page and a status, for example 422 for a form with errors.
    pub fn page_with<T: Template>(&self, status: StatusCode, page: &T) -> Answer {
        Ok(self.written::<T>(status, rendered(page)?))
    }

    /// Answers with a page that is written already.
    pub fn written<T: Template>(&self, status: StatusCode, body: impl MessageBody + 'static) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        answer.content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-store"));
        if self.keeps_session() {
            answer.cookie(self.session.cookie(&self.web));
        }
        let mut answer = answer.body(body);
        tell_type::<T>(&self.web, &mut answer);
        answer.map_into_boxed_body()
    }

    /// Sends the visitor to another page of ours, after a form was done.
    pub fn go_to(&self, path: &str) -> Answer {
        let mut path = local_path(path).to_owned();
        if self.keeps_old_pages() {
            path = unseen(&path, self.engine().now());
        }
        let mut answer = HttpResponse::SeeOther();
        answer.insert_header((header::LOCATION, path)).insert_header((header::CACHE_CONTROL, "no-store"));
        if self.keeps_session() {
            answer.cookie(self.session.cookie(&self.web));
        }
        if self.keeps_party() {
            // The form may have changed who they are, or what they have booked.
            answer.cookie(known_party::given_up(&self.web.settings));
        }
        Ok(answer.finish())
    }
}

/// In the demo a header names the type of the page, so that whoever looks at one finds its source, and the browser tests
/// know which pages they saw.
pub fn tell_type<T: Template>(web: &Web, answer: &mut HttpResponse<impl MessageBody>) {
    if web.settings.demo.is_some() {
        answer.headers_mut().insert(PAGE_TYPE, HeaderValue::from_static(std::any::type_name::<T>()));
    }
}

/// Writes a page that strangers share.
///
/// # Errors
/// [`Problem::Broken`] when the template fails.
pub fn shared(page: &impl Template) -> Result<Arc<SharedPage>, Problem> {
    Ok(Arc::new(SharedPage::new("text/html; charset=utf-8", rendered(page)?)))
}

/// Answers a stranger with a page that they share.
pub fn copied<T: Template>(
    web: &Web,
    request: &HttpRequest,
    (status, page): (StatusCode, &SharedPage),
) -> HttpResponse {
    let mut answer = page.copy(request, status);
    tell_type::<T>(web, &mut answer);
    answer
}

/// Writes a page.
///
/// # Errors
/// [`Problem::Broken`] when the template fails.
pub fn rendered(page: &impl Template) -> Result<String, Problem> {
    let mut text = String::with_capacity(PAGE_BYTES);
    page.render_into(&mut text).map_err(|error| {
        tracing::error!(%error, "a template could not be rendered");
        Problem::Broken
    })?;
    Ok(text)
}

/// The path with a mark that makes it an address the browser has not seen, in place of the mark of an earlier visit.
fn unseen(path: &str, now: Timestamp) -> String {
    let path = path.split_once("seen=").map_or(path, |(before, _)| before.trim_end_matches(['?', '&']));
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}seen={}", now.as_millisecond())
}

/// The longest way back, in bytes: it may carry a sealed form.
const PATH_BYTES_MAX: usize = 3000;

/// A path of ours, or `/`: a form's way back may not lead elsewhere. Browsers drop tabs and line ends from an address,
/// so that `/<tab>/elsewhere` would become another host; nothing but visible ASCII is let through.
pub fn local_path(path: &str) -> &str {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && path.len() <= PATH_BYTES_MAX;
    if is_ours { path } else { "/" }
}

/// Writes text so that it can stand in a query.
pub fn in_query(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_not_seen_before_has_one_mark() {
        let now = Timestamp::from_millisecond(5).unwrap();
        assert_eq!(unseen("/people", now), "/people?seen=5");
        assert_eq!(unseen("/people?seen=3", now), "/people?seen=5");
        assert_eq!(unseen("/book/flu/who?for=me&seen=3", now), "/book/flu/who?for=me&seen=5");
    }

    #[test]
    fn a_way_back_stays_with_us() {
        assert_eq!(local_path("/book/flu?for=1"), "/book/flu?for=1");
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "/\t/evil.example",
            "/서울",
        ] {
            assert_eq!(local_path(foreign), "/", "{foreign:?}");
        }
    }
}
