//! A form that could not be done now, kept so that nothing typed is lost: sealed, it travels through signing in and comes
//! back as a page with one button.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::visitor::Visitor;
use crate::keys::Use;

/// What must not stand in a page, and is asked for again.
const SECRETS: [&str; 6] = ["password", "new-password", "again", "code", "secret", "present"];

/// The token of the session is carried on by no form: each page has its own.
const TOKEN: &str = "csrf";

/// The longest form that is carried on, in bytes of its text: it must fit in a URL,
/// and a page that names it several times must stay under 14,000 bytes.
const BYTES_MAX: usize = 1000;

/// A form that was sent too early.
#[derive(Clone, Serialize, Deserialize)]
pub struct Resume {
    /// Where it was sent.
    pub action: String,
    /// What was typed.
    pub fields: Vec<(String, String)>,
    /// Whether something was left out that has to be typed again.
    #[serde(skip)]
    pub lacks_secret: bool,
}

/// What was typed stays out of every log.
impl fmt::Debug for Resume {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Resume({} fields)", self.fields.len())
    }
}

impl Resume {
    /// A form as it was sent to `action`.
    pub fn of(action: &str, fields: Vec<(String, String)>) -> Self {
        let is_secret = |(name, _): &(String, String)| SECRETS.contains(&name.as_str());
        let lacks_secret = fields.iter().any(is_secret);
        let mut fields = fields;
        fields.retain(|field| !is_secret(field) && field.0 != TOKEN);
        Self { action: super::page::local_path(action).to_owned(), fields, lacks_secret }
    }

    /// Seals it for a URL; `None` when it is too long for one. Only this visitor's session opens it, so that nobody can
    /// send others a link to a form that is filled in already.
    pub fn seal(&self, visitor: &Visitor) -> Option<String> {
        let owned = Owned { owner: owner(visitor), form: self.clone() };
        let plain = serde_json::to_vec(&owned).ok()?;
        let web = &visitor.web;
        (plain.len() <= BYTES_MAX)
            .then(|| web.engine.keys.seal_token(Use::Resume, &plain, &*web.engine.chance))
    }

    /// Opens what [`Resume::seal`] made for the same session.
    pub fn open(visitor: &Visitor, token: &str) -> Option<Self> {
        let plain = visitor.engine().keys.open_token(Use::Resume, token).ok()?;
        let owned: Owned = serde_json::from_slice(&plain).ok()?;
        (owned.owner == owner(visitor)).then_some(owned.form)
    }
}

/// A form with the session it was sent in.
#[derive(Serialize, Deserialize)]
struct Owned {
    owner: String,
    form: Resume,
}

fn owner(visitor: &Visitor) -> String {
    visitor.session.csrf(&visitor.engine().keys)
}
