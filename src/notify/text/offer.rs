//! What whoever stands by for leftover doses is told.

use jiff::civil::DateTime;

use super::draft::Part;
use super::{Text, Voice, plain_story};

/// A leftover dose, as it is offered.
#[derive(Debug, Clone)]
pub struct OfferTold {
    /// For whom, masked.
    pub person: String,
    /// Where.
    pub site: String,
    /// Where that is.
    pub address: String,
    /// Until when they may come.
    pub come_by: DateTime,
    /// Until when they can answer.
    pub answer_by: DateTime,
    /// Where they answer.
    pub url: String,
}

/// A leftover dose that can be had now. The link shows it; nothing is done by opening it.
pub fn offer(voice: &Voice<'_>, told: &OfferTold) -> Text {
    let language = voice.language;
    let lead = language
        .say("message-offer-lead")
        .with("person", told.person.as_str())
        .with("answer", language.time(told.answer_by.time()));
    let come = language.say("message-offer-come").with("time", language.time(told.come_by.time()));
    let parts = vec![
        Part::Place(vec![told.site.clone(), told.address.clone()]),
        Part::Words(come.to_string()),
        Part::Link { label: language.say("message-offer-link").to_string(), url: told.url.clone() },
    ];
    plain_story(voice, "message-offer-subject", lead, parts)
}
