//! What only the demo shows: the messages that it would send, with live codes, and pages about what seldom goes wrong.

use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::message::MessageKind;
use crate::domain::phone::PhoneNumber;
use crate::language::Language;
use crate::notify::spool::{SpooledMessage, read_recent};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// Messages that are looked at, from the end of the spool.
const RECENT: usize = 2_000;

/// Messages on a page.
const MESSAGES: usize = 8;

/// Bytes of text on a page, so that it stays below 14,000 with long letters too.
const TEXT_BYTES: usize = 4_500;

/// Digits of a one-time code.
const CODE_DIGITS: usize = 6;

#[derive(Template)]
#[template(path = "pages/demo-messages.html")]
struct MessagesPage {
    frame: Frame,
    errors: FormErrors,
    to: String,
    messages: Vec<Shown>,
    newer: Option<String>,
    older: Option<String>,
}

struct Shown {
    kind: String,
    to: String,
    at: String,
    code: Option<String>,
    lang: String,
    subject: Option<String>,
    text: String,
    files: Vec<String>,
}

/// Whose messages, and which page of them.
#[derive(Deserialize)]
pub struct MessagesQuery {
    #[serde(default)]
    to: String,
    #[serde(default)]
    page: String,
}

/// Shows a page about something that can't be brought about at will, for those who look at every page.
pub async fn problem(problem: Path<String>) -> Answer {
    Err(match problem.as_str() {
        "busy" => Problem::Busy,
        "broken" => Problem::Broken,
        "slow-form" => Problem::SlowForm,
        _ => Problem::NotFound,
    })
}

/// Shows what was sent, the newest first.
pub async fn messages(visitor: Visitor, query: Query<MessagesQuery>) -> Answer {
    let Some(demo) = &visitor.web.settings.demo else { return Err(Problem::NotFound) };
    let file = demo.spool_file.clone();
    let read = tokio::task::spawn_blocking(move || read_recent(&file, RECENT)).await;
    let mut all = read.map_err(|_panic| Problem::Broken)?.map_err(|error| {
        tracing::error!(%error, "the spool can't be read");
        Problem::Outage
    })?;
    let to = query.to.trim();
    let wanted = address_of(to, &visitor.web.settings.countries);
    all.retain(|message| wanted.is_empty() || message.to.to_lowercase().contains(&wanted));
    let pages = pages_of(&all);
    let page = query.page.parse().unwrap_or(1).clamp(1, pages.len().max(1));
    let there = |page: usize| format!("/demo/messages?to={}&page={page}", in_query(to));
    let shown = pages.get(page - 1).copied().unwrap_or_default();
    visitor.page(&MessagesPage {
        frame: visitor.frame(),
        errors: FormErrors::none(),
        to: to.to_owned(),
        messages: shown.iter().map(|message| in_words(&visitor, message)).collect(),
        newer: (page > 1).then(|| there(page - 1)),
        older: (page < pages.len()).then(|| there(page + 1)),
    })
}

/// What to look for: a whole phone number as the spool writes it, or any part of a number or an e-mail address.
fn address_of(typed: &str, countries: &[String]) -> String {
    let countries: Vec<&str> = countries.iter().map(String::as_str).collect();
    match PhoneNumber::parse_with(typed, &countries) {
        Ok(phone) => phone.as_e164().to_owned(),
        Err(_) if typed.contains('@') => typed.to_lowercase(),
        Err(_) => typed.to_lowercase().chars().filter(|sign| !matches!(sign, '-' | ' ')).collect(),
    }
}

/// Cuts the messages into pages, each short enough.
fn pages_of(all: &[SpooledMessage]) -> Vec<&[SpooledMessage]> {
    let mut pages = Vec::new();
    let mut rest = all;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take(MESSAGES).take_while(|message| {
            bytes += message.text.len() + message.subject.as_ref().map_or(0, String::len);
            bytes <= TEXT_BYTES
        });
        let (page, later) = rest.split_at(fitting.count().max(1));
        pages.push(page);
        rest = later;
    }
    pages
}

fn in_words(visitor: &Visitor, message: &SpooledMessage) -> Shown {
    let at = message.at.to_zoned(visitor.engine().zone.clone()).datetime();
    let phone = PhoneNumber::from_e164(&message.to).map(|phone| phone.national());
    let has_code = MessageKind::CODES.iter().any(|kind| kind.as_str() == message.kind);
    Shown {
        kind: kind_in_words(visitor.language, &message.kind),
        to: phone.unwrap_or_else(|_| message.to.clone()),
        at: visitor.language.date_time(at),
        code: code_in(&message.text).filter(|_| has_code),
        lang: message.lang.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
        files: message.attachments.iter().map(|file| file.name.clone()).collect(),
    }
}

fn kind_in_words(language: Language, kind: &str) -> String {
    let Ok(kind) = kind.parse::<MessageKind>() else { return kind.to_owned() };
    let key = match kind {
        MessageKind::Code => "demo-kind-code",
        MessageKind::Confirmation => "demo-kind-confirmation",
        MessageKind::Change => "demo-kind-change",
        MessageKind::Cancellation => "demo-kind-cancellation",
        MessageKind::Reminder => "demo-kind-reminder",
        MessageKind::SecondDoseReminder => "demo-kind-second-dose",
        MessageKind::CareNotice => "demo-kind-care",
        MessageKind::EmailCheck => "demo-kind-email-check",
        MessageKind::AlreadyBookedNotice => "demo-kind-already-booked",
        MessageKind::PhoneChangedNotice => "demo-kind-phone-changed",
        MessageKind::CancelCode => "demo-kind-cancel-code",
        MessageKind::Test => "demo-kind-test",
        MessageKind::Turn => "demo-kind-turn",
        MessageKind::Offer => "demo-kind-offer",
        MessageKind::Displaced => "demo-kind-displaced",
        MessageKind::Aftercare => "demo-kind-aftercare",
    };
    language.say(key).into()
}

/// The first six digits that stand alone.
fn code_in(text: &str) -> Option<String> {
    text.split(|sign: char| !sign.is_ascii_digit())
        .find(|digits| digits.len() == CODE_DIGITS)
        .map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn message(text: &str) -> SpooledMessage {
        serde_json::from_value(serde_json::json!({
            "id": 1, "at": "2026-11-23T00:00:00Z", "channel": "sms", "to": "+821000001234",
            "kind": "code", "lang": "ko", "text": text, "subject": null
        }))
        .unwrap()
    }

    #[test]
    fn a_code_is_found_in_its_message() {
        assert_eq!(code_in("[순번] 인증번호 042917 (10분)").as_deref(), Some("042917"));
        assert_eq!(code_in("예약번호 ABCD-EFGH, 전화 02-000-0000"), None);
    }

    #[test]
    fn a_number_is_found_however_it_is_typed() {
        let korea = ["82".to_owned()];
        for typed in ["010-0000-1234", "01000001234", "+82 10-0000-1234"] {
            assert_eq!(address_of(typed, &korea), "+821000001234");
        }
        assert_eq!(address_of("1234", &korea), "1234");
        assert_eq!(address_of("Kim-Lee@example.com", &korea), "kim-lee@example.com");
    }

    #[test]
    fn a_page_holds_eight_short_messages_or_fewer_long_ones() {
        let lengths =
            |all: &[SpooledMessage]| pages_of(all).iter().map(|page| page.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&vec![message("short"); 19]), [8, 8, 3]);
        assert_eq!(lengths(&vec![message(&"가".repeat(700)); 3]), [2, 1]);
        assert_eq!(lengths(&[message(&"가".repeat(4000))]), [1]);
        assert!(pages_of(&[]).is_empty());
    }
}
