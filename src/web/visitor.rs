//! Who asks: anybody, somebody who proved a phone, or a member of staff. A handler's signature says whom it serves.

use std::future::Future;
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use super::reader::Reader;
use super::session::Session;
use super::{Web, known_party, language_cookie, network, staff_cookie, way_back};
use crate::engine::Engine;
use crate::language::Language;
use crate::store::accounts::{self, Account};
use crate::store::ended_sessions;
use crate::store::staff::StaffMember;
use crate::store::staff_sessions;

/// Anybody.
#[derive(Clone)]
pub struct Visitor {
    /// What all pages use.
    pub web: Data<Web>,
    /// What the cookie said, or a new session.
    pub session: Session,
    /// The account, when its phone was proved and the session has not been ended.
    pub account: Option<Account>,
    /// The member of staff, when signed in.
    pub staff: Option<StaffMember>,
    /// The language of the page.
    pub language: Language,
    /// The path and query of the page, or of the one above it that can be shown: for the way back.
    pub path: String,
    request: HttpRequest,
    session_was_sent: bool,
    keeps_session: bool,
}

impl Visitor {
    /// The engine behind the pages.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.web.engine
    }

    /// The one who reads the page.
    pub fn reader(&self) -> Reader<'_> {
        Reader { engine: self.engine(), language: self.language }
    }

    /// Notes that the session must be kept: it changed, or the page has a form whose token is bound to it.
    pub fn keep_session(&mut self) {
        self.keeps_session = true;
    }

    /// Whether the browser sent its session, so that the answer may set it anew: a form from elsewhere comes without it.
    pub fn session_was_sent(&self) -> bool {
        self.session_was_sent
    }

    /// Makes forms from before worthless: somebody else sits at the screen now.
    pub fn renew_session(&mut self) {
        self.session.renew(&self.web);
        self.keep_session();
    }

    /// Whether the browser shows a page as it first saw it, whatever it is told. Links does, unless its "aggressive cache"
    /// is switched off: behind a form it would show the list without the person just added, and after the code it would
    /// ask for the phone again.
    pub fn keeps_old_pages(&self) -> bool {
        keeps_old_pages(self.request.headers())
    }

    /// Where the visitor is, for limits. Never logged.
    pub fn address(&self) -> Option<IpAddr> {
        network::address(&self.request, &self.web.settings)
    }

    /// Names this browser and what it asks a code for, to tell a second press of the button from somebody else's. A stranger
    /// is known by where they are and what their browser says of itself: who shares both shares a code, which opens nothing
    /// without the phone. Never stored as it is.
    pub fn press(&self, asked: &str) -> String {
        if self.session_was_sent {
            return format!("{}\u{1f}{asked}", self.session.name());
        }
        let agent = self.request.headers().get(header::USER_AGENT).map(HeaderValue::as_bytes);
        format!("{:?}\u{1f}{:?}\u{1f}{asked}", self.address(), agent.unwrap_or_default())
    }

    /// Whether the menu is that of somebody who proved a phone.
    pub fn is_shown_as_signed_in(&self) -> bool {
        self.session.account.is_some()
    }

    /// Whether the browser keeps the party it looked around for.
    pub fn keeps_party(&self) -> bool {
        known_party::is_kept(&self.request, &self.web.settings)
    }

    /// Whether the answer must set the cookie.
    pub fn keeps_session(&self) -> bool {
        self.keeps_session
    }

    /// Reads who asks.
    ///
    /// # Errors
    /// [`Problem::Outage`] when the database fails.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut visitor = Self::as_they_say(request)?;
        visitor.look_up().await?;
        Ok(visitor)
    }

    /// Asks the database who it is that the request names.
    ///
    /// # Errors
    /// [`Problem::Outage`] when the database fails.
    pub(super) async fn look_up(&mut self) -> Result<(), Problem> {
        self.account = account_of(&self.web, &self.session).await?;
        if self.account.is_none() {
            // A session that was ended is never sealed anew with what it was.
            self.session.account = None;
        }
        self.staff = staff_of(&self.web, &self.request).await?;
        Ok(())
    }

    /// What the request itself says, without account and staff: all there is while the database is gone. Nothing personal
    /// may be shown to whoever is known by no more.
    pub(super) fn as_they_say(request: &HttpRequest) -> Result<Self, Problem> {
        let web = request.app_data::<Data<Web>>().cloned().ok_or(Problem::NotFound)?;
        let sent = Session::read(&web, request);
        let session_was_sent = sent.is_some();
        let session = sent.unwrap_or_else(|| Session::new(&web));
        let chosen = session.language().or_else(|| language_cookie::read(request, &web.settings));
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            language: chosen.unwrap_or_else(|| Language::negotiate(accepted_languages(request.headers()))),
            path: if request.method() == Method::POST { way_back::shown(path) } else { path }.to_owned(),
            request: request.clone(),
            session_was_sent,
            keeps_session: false,
            account: None,
            staff: None,
            session,
            web,
        })
    }
}

async fn account_of(web: &Web, session: &Session) -> Result<Option<Account>, Problem> {
    let Some(id) = session.account else { return Ok(None) };
    let name = session.id().to_owned();
    let read = web.engine.store.look_up(move |conn, keys| {
        if ended_sessions::has_ended(conn, &name)? { Ok(None) } else { accounts::find(conn, keys, id) }
    });
    let account = read.await?;
    Ok(account.filter(|account| account.epoch == session.epoch))
}

async fn staff_of(web: &Web, request: &HttpRequest) -> Result<Option<StaffMember>, Problem> {
    let Some(token) = staff_cookie::token(web, request) else { return Ok(None) };
    let now = web.engine.now();
    Ok(web.engine.store.look_up(move |conn, _| staff_sessions::member(conn, &token, now)).await?)
}

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// The languages that the browser asks for.
fn accepted_languages(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}

/// Somebody of whom nothing but the language is known: no cookie came, nothing stands behind the address, and the
/// browser needs no new addresses.
pub(super) fn stranger(request: &HttpRequest) -> Option<(&Web, Reader<'_>)> {
    let (web, headers) = (request.app_data::<Data<Web>>()?, request.headers());
    let is_known = headers.contains_key(header::COOKIE)
        || !request.query_string().is_empty()
        || keeps_old_pages(headers);
    let language = Language::negotiate(accepted_languages(headers));
    (!is_known).then(|| (web.as_ref(), Reader { engine: &web.engine, language }))
}

/// Whether the browser keeps pages as it first saw them: see [`Visitor::keeps_old_pages`].
fn keeps_old_pages(headers: &HeaderMap) -> bool {
    headers.get(header::USER_AGENT).is_some_and(|agent| agent.as_bytes().starts_with(b"Links ("))
}

/// Anybody, on a page that shows nothing of anyone's. It costs the database nothing: whether the session was ended is not
/// asked, and the account is whose the cookie says. Their session can't be kept: it might be one that was ended.
pub struct Passer(Visitor);

impl Passer {
    /// The same as a visitor whom the database knows.
    ///
    /// # Errors
    /// [`Problem::Outage`] when the database fails.
    pub async fn stop(mut self) -> Result<Visitor, Problem> {
        self.0.look_up().await?;
        Ok(self.0)
    }
}

impl Deref for Passer {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}

impl FromRequest for Passer {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let mut visitor = Visitor::as_they_say(&request)?;
            visitor.staff = staff_of(&visitor.web, &request).await?;
            Ok(Self(visitor))
        })
    }
}

/// Somebody who proved a phone. Anybody else is asked to prove theirs and then comes back here.
#[derive(Clone)]
pub struct Citizen {
    /// The same as a visitor.
    pub visitor: Visitor,
    /// Their account.
    pub account: Account,
}

impl Citizen {
    /// The citizen behind a visitor.
    ///
    /// # Errors
    /// [`Problem::SignInNeeded`] when no phone was proved.
    pub fn of(visitor: Visitor) -> Result<Self, Problem> {
        match visitor.account.clone() {
            Some(account) => Ok(Self { visitor, account }),
            None => Err(Problem::SignInNeeded { next: visitor.path.clone() }),
        }
    }
}

impl Deref for Citizen {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl DerefMut for Citizen {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

impl FromRequest for Citizen {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(Visitor::of(&request).await?) })
    }
}

/// A member of staff who is signed in. Which sites they may see is asked of [`StaffMember::may_see`].
#[derive(Clone)]
pub struct Staff {
    /// The same as a visitor.
    pub visitor: Visitor,
    /// Who they are.
    pub member: StaffMember,
}

impl Staff {
    /// The member of staff behind a visitor.
    ///
    /// # Errors
    /// [`Problem::StaffSignInNeeded`] when nobody is signed in.
    pub fn of(visitor: Visitor) -> Result<Self, Problem> {
        match visitor.staff.clone() {
            Some(member) => Ok(Self { visitor, member }),
            None => Err(Problem::StaffSignInNeeded { next: visitor.path.clone() }),
        }
    }
}

impl Deref for Staff {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl DerefMut for Staff {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

impl FromRequest for Staff {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(Visitor::of(&request).await?) })
    }
}
