//! A name in full: shown to whoever says why, after it is written down.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use serde::Deserialize;

use super::facts::{Facts, facts_of, find};
use super::write_down;
use crate::store::access_log::Access;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::visitor::Staff;

/// Longest reason in one's own words, in signs.
const REASON_SIGNS_MAX: usize = 200;

/// What the form calls a reason, and the words for it.
const REASONS: [(&str, &str); 4] = [
    ("at-desk", "clinic-reason-at-desk"),
    ("called", "clinic-reason-called"),
    ("duplicate", "clinic-reason-duplicate"),
    (OTHER, "clinic-reason-other"),
];
const OTHER: &str = "other";

#[derive(Template)]
#[template(path = "pages/clinic-why.html")]
struct WhyPage {
    frame: Frame,
    errors: FormErrors,
    facts: Facts,
    reasons: [(&'static str, &'static str); 4],
    form: ReasonForm,
}

#[derive(Template)]
#[template(path = "pages/clinic-name.html")]
struct NamePage {
    frame: Frame,
    facts: Facts,
    name: String,
    birth: String,
    age: u16,
    phone: Option<String>,
    reason: String,
}

/// Why somebody wants to see the name.
#[derive(Deserialize, Default)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    other: String,
}

impl ReasonForm {
    fn has_chosen(&self, word: &str) -> bool {
        self.reason == word
    }

    /// The reason for the access log, or what is missing.
    fn parse(&self) -> Result<String, FormErrors> {
        let mut errors = FormErrors::none();
        let other = self.other.trim();
        if !REASONS.iter().any(|(word, _)| *word == self.reason) {
            errors.add("reason", "clinic-error-reason");
        } else if self.reason == OTHER && other.is_empty() {
            errors.add("other", "clinic-error-other");
        }
        if other.chars().count() > REASON_SIGNS_MAX {
            errors.add_with("other", "error-too-long", &[("most", REASON_SIGNS_MAX as i64)]);
        }
        match (errors.is_empty(), other) {
            (false, _) => Err(errors),
            (true, "") => Ok(self.reason.clone()),
            (true, other) => Ok(format!("{}: {other}", self.reason)),
        }
    }
}

/// Asks why the name is needed.
pub async fn ask(mut staff: Staff, path: Path<(String, String)>) -> Answer {
    let (site, booking) = find(&staff, &path).await?;
    let facts = facts_of(&staff, &site, &booking);
    let frame = staff.form_frame();
    let form = ReasonForm::default();
    staff.page(&WhyPage { frame, errors: FormErrors::none(), facts, reasons: REASONS, form })
}

/// Writes the access down with its reason, then shows the name. Loading the page anew is another access.
pub async fn open(posted: StaffPosted<ReasonForm>, path: Path<(String, String)>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let (site, booking) = find(&staff, &path).await?;
    let facts = facts_of(&staff, &site, &booking);
    let reason = match form.parse() {
        Ok(reason) => reason,
        Err(errors) => {
            let frame = staff.form_frame();
            let page = WhyPage { frame, errors, facts, reasons: REASONS, form };
            return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let access = Access {
        staff: staff.member.id,
        action: "open-name",
        booking: Some(booking.id),
        site: Some(site.id),
        reason: Some(reason),
    };
    write_down(&staff, access).await?;
    let person = &booking.person;
    let said =
        REASONS.iter().find(|(word, _)| *word == form.reason).map_or("clinic-reason-other", |(_, key)| *key);
    staff.page(&NamePage {
        frame: staff.frame(),
        name: person.name.as_str().to_owned(),
        birth: person.birth.iso(),
        age: person.birth.age_on(booking.local_date),
        phone: person.phone.as_ref().map(|phone| phone.national()),
        reason: staff.language.say(said).into(),
        facts,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn form(reason: &str, other: &str) -> ReasonForm {
        ReasonForm { reason: reason.to_owned(), other: other.to_owned() }
    }

    #[test]
    fn a_reason_is_one_of_the_list_or_words() {
        assert_eq!(form("called", "").parse().unwrap(), "called");
        assert_eq!(form("other", " 보호자 확인 ").parse().unwrap(), "other: 보호자 확인");
        for (reason, other, field) in [
            ("", "", "reason"),
            ("curious", "", "reason"),
            ("other", "  ", "other"),
            ("other", &"가".repeat(201), "other"),
        ] {
            assert!(form(reason, other).parse().unwrap_err().of(field).is_some(), "{reason}");
        }
    }
}
