//! A citizen's session: a sealed cookie, nothing on the server while it lasts. Signing out ends it and its copies; raising
//! the account's epoch ends all of the account.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::time::Duration;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Web, cookie, network};
use crate::domain::clock::ChanceExt;
use crate::domain::ids::{AccountId, BookingId, ChallengeId, OpeningId};
use crate::keys::{KeyRing, LookupHash, Use};
use crate::language::Language;

/// Phones a device is remembered for.
const REMEMBERED_MAX: usize = 4;

/// What the cookie says. All of it is sealed, so nobody can read or change it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Session {
    /// The account that proved its phone.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The account's epoch at that time.
    #[serde(rename = "e", default)]
    pub epoch: i32,
    /// Names the session of whoever signed in, so that it can be ended.
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    id: String,
    /// The language that was chosen.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// What CSRF tokens are bound to.
    #[serde(rename = "n")]
    nonce: String,
    /// The challenge whose code is awaited.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeId>,
    /// The booking that was found by reference, phone and code, and until when (seconds since 1970).
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    found: Option<(BookingId, i64)>,
    /// What a birth date is asked for first: the phone of an idle account was proved.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
    /// The opening whose door let the account in, and until when (seconds since 1970).
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    admitted: Option<(OpeningId, i64)>,
    /// The opening at whose door it was their turn when they said which phone is theirs, and until when that counts (seconds
    /// since 1970).
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    called: Option<(OpeningId, i64)>,
    /// The beginnings of the hashes of phones that were proved here.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    remembered: Vec<String>,
    /// When it was sealed, in seconds since 1970.
    #[serde(rename = "t")]
    sealed_at: i64,
}

/// What a birth date opens. Until then the session is nobody's.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Asked {
    /// The idle account whose phone was proved.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// The booking, when only that was looked for by its reference and the phone.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingId>,
    /// Until when it can be given, in seconds since 1970.
    #[serde(rename = "u")]
    until: i64,
}

/// How long a booking that was found by reference can be seen, in minutes.
const FOUND_MINUTES: i64 = 30;

/// How long a birth date can be given after the code, in minutes.
const ASKED_MINUTES: i64 = 30;

/// How long somebody whose turn has come may take to prove their phone, in minutes, before they are a stranger again: as long
/// as the code that is sent to them counts.
const CALLED_MINUTES: i64 = 10;

impl Session {
    /// A session of somebody nobody knows.
    pub fn new(web: &Web) -> Self {
        Self {
            nonce: data_encoding::BASE64URL_NOPAD.encode(&web.engine.chance.bytes::<12>()),
            sealed_at: web.engine.now().as_second(),
            ..Self::default()
        }
    }

    /// The session in the request's cookie, unless it is missing, forged or too old.
    pub fn read(web: &Web, request: &HttpRequest) -> Option<Self> {
        let cookie = network::cookie(request, cookie_name(web))?;
        let open = || {
            let plain = web.engine.keys.open_token(Use::Session, cookie).ok()?;
            serde_json::from_slice(&plain).ok()
        };
        let session = web.opened.sessions.read(cookie, open)?;
        let age = web.engine.now().as_second() - session.sealed_at;
        (age < i64::from(web.settings.session_days) * 86_400).then_some(session)
    }

    /// The cookie that keeps it.
    pub fn cookie(&self, web: &Web) -> Cookie<'static> {
        let mut sealed = self.clone();
        sealed.sealed_at = web.engine.now().as_second();
        let plain = serde_json::to_vec(&sealed).unwrap_or_default();
        let value = web.engine.keys.seal_token(Use::Session, &plain, &*web.engine.chance);
        let lasts = Duration::days(i64::from(web.settings.session_days));
        cookie::kept(&web.settings, cookie_name(web), value, lasts)
    }

    /// The language that was chosen.
    pub fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::from_code)
    }

    /// Chooses a language.
    pub fn set_language(&mut self, language: Language) {
        self.language = Some(language.code().to_owned());
    }

    /// Names the session on the server. Nobody else may learn it.
    pub fn name(&self) -> &str {
        &self.nonce
    }

    /// The token for forms of this session.
    pub fn csrf(&self, keys: &KeyRing) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&keys.mac(Use::Csrf, self.nonce.as_bytes())[..18])
    }

    /// Whether a form carries this session's token.
    pub fn owns(&self, keys: &KeyRing, token: &str) -> bool {
        use subtle::ConstantTimeEq;
        self.csrf(keys).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// The booking that may be seen without an account.
    pub fn found(&self, now: Timestamp) -> Option<BookingId> {
        self.found.filter(|(_, until)| *until > now.as_second()).map(|(id, _)| id)
    }

    /// Lets a booking be seen for half an hour.
    pub fn set_found(&mut self, id: BookingId, now: Timestamp) {
        self.asked = None;
        self.found = Some((id, now.as_second() + FOUND_MINUTES * 60));
    }

    /// Closes the booking that could be seen.
    pub fn forget_found(&mut self) {
        self.found = None;
    }

    /// What a birth date is asked for.
    pub fn asked(&self, now: Timestamp) -> Option<Asked> {
        self.asked.filter(|asked| asked.until > now.as_second())
    }

    /// Asks for a birth date before the account, or only the booking, is opened.
    pub fn ask(&mut self, account: AccountId, booking: Option<BookingId>, now: Timestamp) {
        self.challenge = None;
        self.asked = Some(Asked { account, booking, until: now.as_second() + ASKED_MINUTES * 60 });
    }

    /// Notes that the door of an opening let the account in.
    pub fn admit(&mut self, opening: OpeningId, until: Timestamp) {
        self.admitted = Some((opening, until.as_second()));
    }

    /// Notes that it is the turn of somebody who has yet to prove their phone.
    pub fn call(&mut self, opening: OpeningId, now: Timestamp) {
        self.called = Some((opening, now.as_second() + CALLED_MINUTES * 60));
    }

    /// Whether it was, not long ago.
    pub fn is_called(&self, opening: OpeningId, now: Timestamp) -> bool {
        self.called.is_some_and(|(to, until)| to == opening && now.as_second() < until)
    }

    /// Whether the account was let in, by the door of this opening, not longer ago than `grace` after its time.
    pub fn is_admitted(&self, opening: OpeningId, now: Timestamp, grace: SignedDuration) -> bool {
        self.admitted.is_some_and(|(to, until)| to == opening && now.as_second() < until + grace.as_secs())
    }

    /// Remembers that this device proved a phone.
    pub fn remember(&mut self, phone: &LookupHash) {
        let mark = mark(phone);
        self.remembered.retain(|known| *known != mark);
        self.remembered.insert(0, mark);
        self.remembered.truncate(REMEMBERED_MAX);
    }

    /// Whether this device proved the phone before.
    pub fn remembers(&self, phone: &LookupHash) -> bool {
        self.remembered.contains(&mark(phone))
    }

    /// Signs in: a new nonce, so that forms from before don't count.
    pub fn sign_in(&mut self, web: &Web, account: AccountId, epoch: i32) {
        self.nonce = Self::new(web).nonce;
        self.id = Self::new(web).nonce;
        self.account = Some(account);
        self.epoch = epoch;
        self.challenge = None;
        self.asked = None;
        self.admitted = None;
    }

    /// A new nonce, so that forms from before don't count.
    pub fn renew(&mut self, web: &Web) {
        self.nonce = Self::new(web).nonce;
    }

    /// What the session is called; empty when nobody signed in.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Signs out. Language and remembered phones stay.
    pub fn sign_out(&mut self, web: &Web) {
        self.nonce = Self::new(web).nonce;
        self.id.clear();
        self.account = None;
        self.called = None;
        self.challenge = None;
        self.asked = None;
        self.found = None;
        self.admitted = None;
    }
}

fn mark(phone: &LookupHash) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&phone.as_bytes()[..9])
}

fn cookie_name(web: &Web) -> &'static str {
    if web.settings.demo.is_some() { "sunbeon_demo" } else { "__Host-sunbeon" }
}
