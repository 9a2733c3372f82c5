//! What messages say: pure functions from facts to words, in every language and for every channel.
//!
//! Text messages keep to the carriers' limits ([`carrier`]). A text that would be too long says less, on purpose and in
//! whole sentences; it is never cut.

use jiff::Timestamp;
use jiff::civil::DateTime;

use self::draft::{Draft, Part};
use super::Attachment;
use super::calendar::{self, Parties, Purpose};
use super::carrier;
use super::facts::BookingFacts;
use crate::language::{Language, Phrase};

mod aftercare;
mod displaced;
mod draft;
mod offer;

pub use aftercare::{NextTold, aftercare};
pub use displaced::displaced;
pub use offer::{OfferTold, offer};

/// For whom and for what a message is written.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// The reader's language.
    pub language: Language,
    /// The channel it is written for.
    pub medium: Medium<'a>,
}

/// The channel a message is written for, with what that channel needs.
#[derive(Clone, Copy)]
pub enum Medium<'a> {
    /// A text message: plain and short.
    Sms {
        /// Whether people can answer it, and are heard.
        reads_replies: bool,
    },
    /// An e-mail: text, a simple page, and a calendar file for each booking.
    Email {
        /// Whom the calendar files name.
        parties: Parties<'a>,
        /// The moment of writing, which the calendar files carry.
        at: Timestamp,
    },
}

/// A message in words, ready for a gateway.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The plain text.
    pub text: String,
    /// The subject of an e-mail or a long text message.
    pub subject: Option<String>,
    /// The same as a simple page, for e-mail.
    pub html: Option<String>,
    /// Calendar files, for e-mail.
    pub attachments: Vec<Attachment>,
}

/// A one-time code for a phone: one short text message. Where it fits, the last line binds the code to the site's
/// `host` (`book.example.org`), so that browsers offer to type it there and nowhere else.
pub fn code(language: Language, code: &str, minutes: u16, host: &str) -> Text {
    let first = language.say("message-code").with("code", code).with("minutes", minutes);
    let text = format!("{} {first}\n{}", language.say("message-brand"), language.say("message-code-warning"));
    let bound = format!("{text}\n@{host} #{code}");
    let fits = !host.is_empty() && carrier::length_bytes(&bound) <= carrier::SMS_LIMIT_BYTES;
    Text { text: if fits { bound } else { text }, subject: None, html: None, attachments: Vec::new() }
}

/// When somebody's turn to book is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnTold {
    /// It has come.
    Now,
    /// At about this time, where the service is.
    At(DateTime),
    /// It can't be said yet.
    Unknown,
}

/// When somebody's turn to book is: one short text message. The first of the addresses `urls` that fits stands below.
pub fn turn(language: Language, turn: TurnTold, urls: &[&str]) -> Text {
    let words = match turn {
        TurnTold::Now => language.say("message-turn-now").to_string(),
        TurnTold::At(at) => language
            .say("message-turn")
            .with("date", language.short_date(at.date()))
            .with("time", language.time(at.time()))
            .to_string(),
        TurnTold::Unknown => language.say("message-turn-unknown").to_string(),
    };
    let text = format!("{} {words}", language.say("message-brand"));
    let with_link = urls.iter().map(|url| format!("{text}\n{url}"));
    let fitting = |text: &String| carrier::length_bytes(text) <= carrier::SMS_LIMIT_BYTES;
    let text = with_link.into_iter().find(fitting).unwrap_or_else(|| text.clone());
    Text { text, subject: None, html: None, attachments: Vec::new() }
}

/// Seats are booked. `booked_by_other` is for the person when somebody else booked for them.
pub fn confirmation(voice: &Voice<'_>, bookings: &[BookingFacts], booked_by_other: bool) -> Text {
    told(voice, bookings, Story { booked_by_other, ..CONFIRMATION })
}

/// Bookings have another time or place than before; `bookings` are as they stand now.
pub fn change(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Text {
    told(voice, bookings, CHANGE)
}

/// Bookings are no more. Their `manage_url` leads to where one books again.
pub fn cancellation(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Text {
    told(voice, bookings, CANCELLATION)
}

/// The appointments are near. The words don't say "tomorrow", since a message may arrive after midnight.
pub fn reminder(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Text {
    told(voice, bookings, REMINDER)
}

/// The appointments for a later dose are near.
pub fn second_dose_reminder(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Text {
    told(voice, bookings, SECOND_DOSE_REMINDER)
}

/// The one text to a phone that nobody has proved: no name, no clinic, no time, because it may be a stranger's.
pub fn care_notice(voice: &Voice<'_>, url: &str, reference: &str) -> Text {
    let language = voice.language;
    let parts = vec![
        Part::Words(language.say("message-reference").with("reference", reference).to_string()),
        Part::Link { label: language.say("message-care-notice-link").to_string(), url: url.to_owned() },
        Part::Words(language.say("message-care-notice-quiet").to_string()),
    ];
    plain_story(voice, "message-care-notice-subject", language.say("message-care-notice-lead"), parts)
}

/// A code that proves an e-mail address, good for `minutes`.
pub fn email_check(voice: &Voice<'_>, code: &str, minutes: u16) -> Text {
    let language = voice.language;
    let words = language.say("message-email-check-words").with("minutes", minutes).to_string();
    let lead = language.say("message-email-check-lead").with("code", code);
    plain_story(voice, "message-email-check-subject", lead, vec![Part::Words(words)])
}

/// To the phone of a person for whom somebody tried to book once more.
pub fn already_booked_notice(voice: &Voice<'_>, campaign: &str, url: &str) -> Text {
    let language = voice.language;
    let words = language.say("message-already-booked-notice-words").with("campaign", campaign).to_string();
    let link = Part::Link { label: language.say("message-link-manage").to_string(), url: url.to_owned() };
    let lead = language.say("message-already-booked-notice-lead");
    plain_story(voice, "message-already-booked-notice-subject", lead, vec![Part::Words(words), link])
}

/// What somebody who asked by text to cancel would cancel, and the code that does it when they send it back.
/// `again` says first that nothing is cancelled yet.
pub fn cancel_code(
    voice: &Voice<'_>,
    (code, minutes): (&str, i64),
    bookings: &[BookingFacts],
    again: bool,
) -> Text {
    let language = voice.language;
    let key = if again { "message-cancel-code-again" } else { "message-cancel-code-lead" };
    let lead = language.say(key).with("code", code).with("minutes", minutes);
    let mut parts = in_brief(language, bookings);
    parts.push(Part::Words(language.say("message-cancel-code-quiet").to_string()));
    plain_story(voice, "message-cancel-code-subject", lead, parts)
}

/// To somebody who asked by text to cancel, and it is not known what: how to ask.
pub fn no_booking_to_cancel(voice: &Voice<'_>) -> Text {
    let words = Part::Words(voice.language.say("message-cancel-unknown-words").to_string());
    let lead = voice.language.say("message-cancel-unknown-lead");
    plain_story(voice, "message-cancel-unknown-subject", lead, vec![words])
}

/// To somebody who asked by text to cancel what is cancelled or over.
pub fn too_late_to_cancel(voice: &Voice<'_>, bookings: &[BookingFacts]) -> Text {
    let lead = voice.language.say("message-cancel-late-lead");
    plain_story(voice, "message-cancel-late-subject", lead, in_brief(voice.language, bookings))
}

/// A line for each booking, under the name of its site.
fn in_brief(language: Language, bookings: &[BookingFacts]) -> Vec<Part> {
    let lines = Lines { detail: Detail::Brief, own_urls: false, cancelled: true };
    let sites = bookings.chunk_by(BookingFacts::is_at_the_site_of);
    sites.map(|at_one_site| place(language, at_one_site, lines)).collect()
}

/// Says that it is a test of the gateway.
pub fn test(language: Language) -> Text {
    let text = format!("{} {}", language.say("message-brand"), language.say("message-test"));
    let subject = Some(language.say("message-test-subject").to_string());
    Text { text, subject, html: None, attachments: Vec::new() }
}

/// To the phone and the e-mail address of an account that has another phone now.
pub fn phone_changed_notice(voice: &Voice<'_>) -> Text {
    let language = voice.language;
    let words = Part::Words(language.say("message-phone-changed-notice-words").to_string());
    let lead = language.say("message-phone-changed-notice-lead");
    plain_story(voice, "message-phone-changed-notice-subject", lead, vec![words])
}

/// Who gets which dose of what, in one line.
pub(super) fn what(language: Language, facts: &BookingFacts) -> String {
    let key = if facts.doses > 1 { "message-what-dose" } else { "message-what" };
    let phrase = language.say(key).with("person", &facts.person_masked).with("campaign", &facts.campaign);
    // A catalog may leave the dose out where there is only one.
    phrase.with("product", &facts.product).with("dose", facts.dose).to_string()
}

/// What a message about bookings tells. Its keys are written out, so that they can be searched for.
#[derive(Clone, Copy)]
struct Story {
    subject: &'static str,
    lead: &'static str,
    /// The lead when only the number of bookings is told.
    lead_count: &'static str,
    booked_by_other: bool,
    cancelled: bool,
    /// Whether it says that one can cancel by answering.
    can_reply: bool,
}

const CONFIRMATION: Story = Story {
    subject: "message-confirmation-subject",
    lead: "message-confirmation-lead",
    lead_count: "message-confirmation-lead-count",
    booked_by_other: false,
    cancelled: false,
    can_reply: false,
};

const CHANGE: Story = Story {
    subject: "message-change-subject",
    lead: "message-change-lead",
    lead_count: "message-change-lead-count",
    booked_by_other: false,
    cancelled: false,
    can_reply: false,
};

const CANCELLATION: Story = Story {
    subject: "message-cancellation-subject",
    lead: "message-cancellation-lead",
    lead_count: "message-cancellation-lead-count",
    booked_by_other: false,
    cancelled: true,
    can_reply: false,
};

const REMINDER: Story = Story {
    subject: "message-reminder-subject",
    lead: "message-reminder-lead",
    lead_count: "message-reminder-lead-count",
    booked_by_other: false,
    cancelled: false,
    can_reply: false,
};

const SECOND_DOSE_REMINDER: Story = Story {
    subject: "message-second-dose-reminder-subject",
    lead: "message-second-dose-reminder-lead",
    lead_count: "message-second-dose-reminder-lead-count",
    booked_by_other: false,
    cancelled: false,
    can_reply: false,
};

/// How much is said of each booking.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Everything.
    Full,
    /// One line each, under the name of the site.
    Brief,
    /// Only how many, and where to read more.
    Count,
}

fn told(voice: &Voice<'_>, bookings: &[BookingFacts], story: Story) -> Text {
    match voice.medium {
        Medium::Sms { reads_replies } => {
            let story = Story { can_reply: reads_replies && !story.cancelled, ..story };
            let full = text_message(&draft(voice.language, bookings, story, Detail::Full));
            if fits(&full) {
                return full;
            }
            let brief = text_message(&draft(voice.language, bookings, story, Detail::Brief));
            if fits(&brief) {
                return brief;
            }
            text_message(&draft(voice.language, bookings, story, Detail::Count))
        }
        Medium::Email { parties, at } => {
            let mut letter = letter(&draft(voice.language, bookings, story, Detail::Full));
            let purpose = if story.cancelled { Purpose::Cancel(parties) } else { Purpose::Request(parties) };
            letter.attachments = bookings
                .iter()
                .map(|facts| calendar::attachment(voice.language, facts, purpose, at))
                .collect();
            letter
        }
    }
}

fn plain_story(voice: &Voice<'_>, subject: &str, lead: Phrase<'_>, parts: Vec<Part>) -> Text {
    let draft = Draft {
        language: voice.language,
        subject: voice.language.say(subject).into(),
        lead: lead.into(),
        parts,
    };
    match voice.medium {
        Medium::Sms { .. } => text_message(&draft),
        Medium::Email { .. } => letter(&draft),
    }
}

fn text_message(draft: &Draft) -> Text {
    let text = draft.as_text_message();
    Text { text, subject: Some(draft.subject.clone()), html: None, attachments: Vec::new() }
}

fn letter(draft: &Draft) -> Text {
    let subject = Some(draft.subject.clone());
    Text { text: draft.as_letter(), subject, html: draft.as_page(), attachments: Vec::new() }
}

fn fits(text: &Text) -> bool {
    carrier::length_bytes(&text.text) <= carrier::LMS_LIMIT_BYTES
        && text.text.chars().count() <= carrier::TWILIO_LIMIT_CHARACTERS
}

fn draft(language: Language, bookings: &[BookingFacts], story: Story, detail: Detail) -> Draft {
    let lead = if detail == Detail::Count {
        language.say(story.lead_count).with("count", bookings.len()).to_string()
    } else {
        language.say(story.lead).to_string()
    };
    let mut parts = Vec::new();
    if story.booked_by_other {
        parts.push(Part::Words(language.say("message-booked-by-other").to_string()));
    }
    let shared_url = shared_url(bookings);
    if detail != Detail::Count {
        let own_urls = shared_url.is_none() && detail == Detail::Full;
        for at_one_site in bookings.chunk_by(BookingFacts::is_at_the_site_of) {
            parts.push(place(language, at_one_site, Lines { detail, own_urls, cancelled: story.cancelled }));
        }
    }
    if detail == Detail::Full && !story.cancelled {
        parts.push(Part::Words(language.say("message-bring").to_string()));
    }
    if detail == Detail::Full && story.can_reply {
        parts.push(Part::Words(language.say("message-reply-hint").to_string()));
    }
    if let Some(url) = shared_url.or_else(|| bookings.first().filter(|_| detail != Detail::Full).map(url_of))
    {
        parts.push(Part::Link { label: link_label(language, story.cancelled), url: url.to_owned() });
    }
    Draft { language, subject: language.say(story.subject).into(), lead, parts }
}

/// The page of all bookings, if they have the same one.
fn shared_url(bookings: &[BookingFacts]) -> Option<&str> {
    let first = bookings.first()?;
    bookings.iter().all(|facts| facts.manage_url == first.manage_url).then(|| url_of(first))
}

fn url_of(facts: &BookingFacts) -> &str {
    &facts.manage_url
}

fn link_label(language: Language, cancelled: bool) -> String {
    language.say(if cancelled { "message-link-again" } else { "message-link-manage" }).to_string()
}

/// Which lines a site gets.
#[derive(Clone, Copy)]
struct Lines {
    detail: Detail,
    own_urls: bool,
    cancelled: bool,
}

/// A site and the bookings there.
fn place(language: Language, bookings: &[BookingFacts], wanted: Lines) -> Part {
    let mut lines = Vec::new();
    if let Some(site) = bookings.first() {
        lines.push(site.site_name.clone());
        if wanted.detail == Detail::Full && !wanted.cancelled {
            lines.push(site.site_address.clone());
            lines.push(language.say("message-site-phone").with("phone", &site.site_phone).to_string());
        }
    }
    for facts in bookings {
        if wanted.detail == Detail::Brief {
            lines.push(brief(language, facts));
            continue;
        }
        lines.push(what(language, facts));
        lines.push(language.date_time(facts.when()));
        lines.push(language.say("message-reference").with("reference", &facts.reference).to_string());
        if wanted.own_urls {
            lines.push(format!("{}: {}", link_label(language, wanted.cancelled), facts.manage_url));
        }
    }
    Part::Place(lines)
}

fn brief(language: Language, facts: &BookingFacts) -> String {
    let when = facts.when();
    let key = if facts.doses > 1 { "message-brief-dose" } else { "message-brief" };
    let phrase = language.say(key).with("person", &facts.person_masked).with("dose", facts.dose);
    let phrase =
        phrase.with("date", language.short_date(when.date())).with("time", language.time(when.time()));
    phrase.with("reference", &facts.reference).to_string()
}

#[cfg(test)]
pub(in crate::notify) mod tests;
