//! Appointments as calendar files (RFC 5545, and RFC 5546 for those that update and cancel by e-mail).

use chrono::Duration;
use icalendar::{Alarm, Calendar, Class, Component, Event, EventStatus, Property, Trigger};
use jiff::{SignedDuration, Timestamp};

use super::Attachment;
use super::facts::BookingFacts;
use crate::language::Language;

/// How long a visit stays in the calendar: the injection and a quarter of an hour of watching, in minutes.
const VISIT_MINUTES: i64 = 30;

/// Who invites whom. Mail programs update an entry only when both are there and stay the same.
#[derive(Clone, Copy)]
pub struct Parties<'a> {
    /// The sender's e-mail address.
    pub organizer: &'a str,
    /// The reader's e-mail address.
    pub attendee: &'a str,
}

/// What the file does to the reader's calendar.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// Adds the appointment; for files that are downloaded from a page.
    Publish,
    /// Adds the appointment, or updates an earlier version of it; for e-mail.
    Request(Parties<'a>),
    /// Takes the appointment out again; for e-mail.
    Cancel(Parties<'a>),
}

impl<'a> Purpose<'a> {
    fn method(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request(_) => "REQUEST",
            Self::Cancel(_) => "CANCEL",
        }
    }

    fn parties(self) -> Option<Parties<'a>> {
        match self {
            Self::Publish => None,
            Self::Request(parties) | Self::Cancel(parties) => Some(parties),
        }
    }

    /// The media type of a file with this purpose; it must name the method, or mail programs take it for a plain file.
    pub fn media_type(self) -> String {
        format!("text/calendar; charset=utf-8; method={}", self.method())
    }
}

/// The calendar file of one booking, made `at` this moment.
pub fn file(language: Language, facts: &BookingFacts, purpose: Purpose<'_>, at: Timestamp) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", "-//Sunbeon//Booking//EN"));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("METHOD", purpose.method()));
    calendar.push(event(language, facts, purpose, at));
    without_alarm_stamp(&calendar.to_string(), at)
}

/// The same as a file that goes with an e-mail.
pub fn attachment(
    language: Language,
    facts: &BookingFacts,
    purpose: Purpose<'_>,
    at: Timestamp,
) -> Attachment {
    let safe_reference: String =
        facts.reference.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Attachment {
        name: format!("sunbeon-{safe_reference}.ics"),
        media_type: purpose.media_type(),
        body: file(language, facts, purpose, at).into_bytes(),
    }
}

fn event(language: Language, facts: &BookingFacts, purpose: Purpose<'_>, at: Timestamp) -> Event {
    let end =
        facts.starts_at.saturating_add(SignedDuration::from_mins(VISIT_MINUTES)).unwrap_or(facts.starts_at);
    let summary = language.say("message-calendar-summary").with("person", &facts.person_masked).to_string();
    let mut event = Event::with_uid(&format!("{}@sunbeon", facts.reference));
    event
        .add_property("DTSTAMP", utc(at))
        .add_property("DTSTART", utc(facts.starts_at))
        .add_property("DTEND", utc(end))
        .add_property("SEQUENCE", facts.version.max(0).to_string())
        .add_property("LOCATION", format!("{}, {}", facts.site_name, facts.site_address))
        .summary(&summary)
        .description(&description(language, facts))
        .class(Class::Private)
        .url(&facts.manage_url);
    if let (Some(latitude), Some(longitude)) = (facts.latitude, facts.longitude) {
        event.add_property("GEO", format!("{latitude:.6};{longitude:.6}"));
    }
    if let Some(parties) = purpose.parties() {
        event.append_property(Property::new("ORGANIZER", format!("mailto:{}", parties.organizer)));
        let mut attendee = Property::new("ATTENDEE", format!("mailto:{}", parties.attendee));
        attendee.add_parameter("PARTSTAT", "ACCEPTED").add_parameter("RSVP", "FALSE");
        event.append_multi_property(attendee);
    }
    if matches!(purpose, Purpose::Cancel(_)) {
        event.status(EventStatus::Cancelled);
    } else {
        event.status(EventStatus::Confirmed);
        event.append_component(alarm(&summary, facts, at));
    }
    event
}

/// Rings the day before. Time and id are given here, because the library would take the machine's clock and chance.
fn alarm(summary: &str, facts: &BookingFacts, at: Timestamp) -> Alarm {
    let mut alarm = Alarm::display(summary, Trigger::before_start(Duration::days(1)));
    alarm.add_property("DTSTAMP", utc(at)).add_property("UID", format!("{}-alarm@sunbeon", facts.reference));
    alarm
}

/// Leaves out the time stamp of the alarm, which the library writes but RFC 5545 doesn't know there.
fn without_alarm_stamp(calendar: &str, at: Timestamp) -> String {
    match calendar.split_once("BEGIN:VALARM") {
        Some((event, alarm)) => {
            format!("{event}BEGIN:VALARM{}", alarm.replacen(&format!("DTSTAMP:{}\r\n", utc(at)), "", 1))
        }
        None => calendar.to_owned(),
    }
}

fn description(language: Language, facts: &BookingFacts) -> String {
    let what = super::text::what(language, facts);
    let reference = language.say("message-reference").with("reference", &facts.reference).to_string();
    let phone = language.say("message-site-phone").with("phone", &facts.site_phone).to_string();
    let bring = language.say("message-bring").to_string();
    let change = language.say("message-link-manage").to_string();
    format!("{what}\n{reference}\n{phone}\n{bring}\n{change}: {}", facts.manage_url)
}

fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::text::tests::mother;

    const PARTIES: Parties<'_> =
        Parties { organizer: "no-reply@example.org", attendee: "daughter@example.org" };

    /// The lines of the file, unfolded.
    fn lines(purpose: Purpose<'_>) -> Vec<String> {
        let file = file(Language::Korean, &mother(), purpose, Timestamp::UNIX_EPOCH);
        assert!(file.lines().all(|line| line.len() <= 76), "a line is not folded");
        file.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_invitation_says_when_and_where() {
        let lines = lines(Purpose::Request(PARTIES));
        for expected in [
            "METHOD:REQUEST",
            "UID:ABCD-EFGH@sunbeon",
            "SEQUENCE:3",
            "DTSTART:20261203T013000Z",
            "DTEND:20261203T020000Z",
            "DTSTAMP:19700101T000000Z",
            "GEO:37.572950;126.979357",
            "STATUS:CONFIRMED",
            "ORGANIZER:mailto:no-reply@example.org",
            "SUMMARY:백신 접종 (김*용)",
            "BEGIN:VALARM",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected} is missing in {lines:#?}");
        }
        assert_eq!(lines.iter().filter(|line| line.starts_with("DTSTAMP")).count(), 1);
        assert!(lines.iter().any(|line| line.starts_with("LOCATION:행복의원\\, 서울")), "commas are escaped");
    }

    #[test]
    fn a_cancellation_has_the_same_uid_and_no_alarm() {
        let lines = lines(Purpose::Cancel(PARTIES));
        for expected in ["METHOD:CANCEL", "UID:ABCD-EFGH@sunbeon", "STATUS:CANCELLED"] {
            assert!(lines.iter().any(|line| line == expected), "{expected} is missing in {lines:#?}");
        }
        assert!(!lines.iter().any(|line| line == "BEGIN:VALARM"));
    }

    #[test]
    fn a_downloaded_file_names_nobody() {
        let lines = lines(Purpose::Publish);
        assert!(lines.contains(&"METHOD:PUBLISH".to_owned()));
        assert!(!lines.iter().any(|line| line.contains("mailto:")));
    }
}
