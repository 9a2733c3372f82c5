//! What became of a message, asked of the gateway that has it, or may have it.
//!
//! The number stands in the address of a question about a message whose name is not known: only the gateway itself gets to see
//! it, which had it already.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::AUTHORIZATION;
use hyper::{Request, Uri};
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Twilio, fate};
use crate::notify::{Fate, Question};

/// Messages to a number that are looked through.
const LIST_MAX: u32 = 50;

/// How far the gateway's clock may be behind ours. A code may be sent again, in the same words, a minute after the first.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(30);

/// A message as the gateway tells of it.
#[derive(Debug, Deserialize)]
struct Told {
    sid: String,
    status: String,
    #[serde(default)]
    error_code: Option<i64>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
}

#[derive(Debug, Deserialize)]
struct List {
    messages: Vec<Told>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

impl Told {
    fn fate(self) -> Fate {
        fate(&self.status, self.error_code, &self.sid)
    }
}

impl Twilio {
    pub(super) async fn look_up(&self, question: Question<'_>) -> Fate {
        match question.gateway_id {
            Some(id) => self.by_name(id).await,
            None => self.by_text(question).await,
        }
    }

    async fn by_name(&self, id: &str) -> Fate {
        let base = self.address.to_string();
        let address = format!("{}/{id}.json", base.trim_end_matches(".json"));
        self.get::<Told>(address).await.map_or_else(|fate| fate, Told::fate)
    }

    /// Looks for the message among those to its number.
    async fn by_text(&self, question: Question<'_>) -> Fate {
        let Some(message) = question.message else { return Fate::Unknown };
        let since = question.tried_at - CLOCK_SLACK;
        let size = LIST_MAX.to_string();
        // Not by the day on which it was sent: a message that waits there has none yet.
        let asked = [("To", message.to.as_str()), ("PageSize", &size)];
        let Ok(query) = serde_html_form::to_string(asked) else { return Fate::Unknown };
        let list = match self.get::<List>(format!("{}?{query}", self.address)).await {
            Ok(list) => list,
            // A list that is empty is no 404: this gateway has none.
            Err(Fate::NotThere) => return Fate::Unknown,
            Err(fate) => return fate,
        };
        let text = self.as_it_goes(message);
        let is_it = |told: &Told| {
            let created = told.date_created.as_deref().and_then(|at| jiff::fmt::rfc2822::parse(at).ok());
            told.body.as_deref() == Some(&*text) && created.is_some_and(|at| at.timestamp() >= since)
        };
        match list.messages.into_iter().find(is_it) {
            Some(told) => told.fate(),
            None if list.next_page_uri.is_some() => Fate::Unknown,
            None => Fate::NotThere,
        }
    }

    /// What stands at an address, or what it means that it can't be read.
    async fn get<T: DeserializeOwned>(&self, address: String) -> Result<T, Fate> {
        let address: Uri = address.parse().ok().ok_or(Fate::Unknown)?;
        let request = Request::get(address).header(AUTHORIZATION, &self.credentials);
        let request = request.body(Full::<Bytes>::default()).ok().ok_or(Fate::Unknown)?;
        let answered = self.client.ask(request).await.ok().ok_or(Fate::AskLater)?;
        if let Some(fate) = answered.not_told() {
            return Err(fate);
        }
        let body = answered.body.ok_or(Fate::AskLater)?;
        serde_json::from_slice(&body).ok().ok_or(Fate::AskLater)
    }
}
