//! What somebody is told after a vaccination.

use super::draft::Part;
use super::{BookingFacts, Text, Voice, in_brief, plain_story, what};

/// What there is to say of the dose after the one that was given.
#[derive(Debug, Clone)]
pub enum NextTold {
    /// There is none.
    None,
    /// It is booked.
    Booked(Box<BookingFacts>),
    /// It is to be booked, at this address.
    ToBook(String),
}

/// What to look out for after a vaccination, and when the next dose is.
pub fn aftercare(voice: &Voice<'_>, given: &BookingFacts, next: &NextTold) -> Text {
    let language = voice.language;
    let words = |key| Part::Words(language.say(key).to_string());
    let lead = language.say("message-aftercare-lead").with("what", what(language, given));
    let mut parts = vec![words("message-aftercare-rest"), words("message-aftercare-help")];
    match next {
        NextTold::None => {}
        NextTold::Booked(later) => {
            parts.push(words("message-aftercare-next"));
            parts.extend(in_brief(language, std::slice::from_ref(&**later)));
        }
        NextTold::ToBook(url) => parts
            .push(Part::Link { label: language.say("message-aftercare-book").to_string(), url: url.clone() }),
    }
    plain_story(voice, "message-aftercare-subject", lead, parts)
}
