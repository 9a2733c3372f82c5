//! What somebody is told whose site has closed.

use jiff::Timestamp;

use super::draft::Part;
use super::{BookingFacts, Text, Voice, in_brief, plain_story, what};

/// A seat that was lost, and the one that is kept until a moment, if there is one. The link shows it; nothing is done by opening
/// it.
pub fn displaced(
    voice: &Voice<'_>,
    lost: &BookingFacts,
    kept: Option<&(BookingFacts, Timestamp)>,
    url: &str,
) -> Text {
    let language = voice.language;
    let lead = language
        .say("message-displaced-lead")
        .with("what", what(language, lost))
        .with("site", lost.site_name.as_str())
        .with("time", language.date_time(lost.when()));
    let mut parts = Vec::new();
    let link = match kept {
        Some((there, until)) => {
            let until = language.date_time(there.zone.to_datetime(*until));
            parts.push(Part::Words(language.say("message-displaced-kept").with("until", until).to_string()));
            parts.extend(in_brief(language, std::slice::from_ref(there)));
            "message-displaced-link-kept"
        }
        None => "message-displaced-link",
    };
    parts.push(Part::Link { label: language.say(link).to_string(), url: url.to_owned() });
    plain_story(voice, "message-displaced-subject", lead, parts)
}
