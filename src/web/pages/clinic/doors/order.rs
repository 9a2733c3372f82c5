//! What the authority says to a door. Each act is written down with who did it, in the transaction that does it.

use actix_web::web::Path;
use serde::Deserialize;

use super::{door, opening_for};
use crate::domain::campaign::Localised;
use crate::domain::door::pace::EVERYBODY;
use crate::store::access_log::{self, Access};
use crate::store::door_state::{self, Order};
use crate::store::{Failure, Never, Tx};
use crate::web::form::FormErrors;
use crate::web::page::Answer;
use crate::web::posted::StaffPosted;

/// Longest announcement, in signs: it stands on every waiting page.
const NOTE_SIGNS_MAX: usize = 200;

/// What is to be done.
#[derive(Deserialize, Default)]
pub struct OrderForm {
    /// One word, see [`Act`].
    #[serde(default)]
    act: String,
    /// People a second.
    #[serde(default)]
    pub(super) people: String,
    /// What those who wait are told, in Korean.
    #[serde(default)]
    pub(super) ko: String,
    /// In English.
    #[serde(default)]
    pub(super) en: String,
}

/// A word of the form, how the access log calls it, and the words that say it was done.
struct Act {
    word: &'static str,
    action: &'static str,
    done: &'static str,
}

const ACTS: [Act; 8] = [
    Act { word: "pause", action: "door-pause", done: "doors-done-pause" },
    Act { word: "resume", action: "door-resume", done: "doors-done-resume" },
    Act { word: "slower", action: "door-slower", done: "doors-done-slower" },
    Act { word: "faster", action: "door-faster", done: "doors-done-faster" },
    Act { word: "automatic", action: "door-automatic", done: "doors-done-automatic" },
    Act { word: "open", action: "door-open", done: "doors-done-open" },
    Act { word: "pace", action: "door-pace", done: "doors-done-pace" },
    Act { word: "say", action: "door-say", done: "doors-done-say" },
];

/// What is asked before something that the whole country notices: title, text and button.
pub(super) fn question(word: &str) -> Option<[&'static str; 3]> {
    match word {
        "pause" => Some(["doors-sure-pause", "doors-sure-pause-text", "doors-pause"]),
        "open" => Some(["doors-sure-open", "doors-sure-open-text", "doors-open"]),
        _ => None,
    }
}

/// The words that say what was done just before.
pub(super) fn done(word: &str) -> Option<&'static str> {
    ACTS.iter().find(|act| act.word == word).map(|act| act.done)
}

impl OrderForm {
    /// The form as it is first shown.
    pub(super) fn of(note: &Localised) -> Self {
        Self { ko: note.korean.clone(), en: note.english.clone(), ..Self::default() }
    }

    fn order(&self) -> Result<Order, FormErrors> {
        match self.act.as_str() {
            "pause" => Ok(Order::Pause),
            "resume" => Ok(Order::Resume),
            "slower" => Ok(Order::Slower),
            "faster" => Ok(Order::Faster),
            "open" => Ok(Order::Open),
            "pace" => self.pace(),
            "say" => self.say(),
            _ => Ok(Order::Automatic),
        }
    }

    fn pace(&self) -> Result<Order, FormErrors> {
        let people: Option<f64> = self.people.trim().replace(',', "").parse().ok();
        // Nobody at all is what pausing is for, which asks first.
        match people.filter(|people| *people > 0.0 && *people <= EVERYBODY) {
            Some(people) => Ok(Order::Fixed(people)),
            None => {
                let mut errors = FormErrors::none();
                errors.add("people", "doors-error-people");
                Err(errors)
            }
        }
    }

    fn say(&self) -> Result<Order, FormErrors> {
        let mut errors = FormErrors::none();
        let (korean, english) = (self.ko.trim(), self.en.trim());
        for (field, text, other) in [("ko", korean, english), ("en", english, korean)] {
            if text.is_empty() && !other.is_empty() {
                errors.add(field, "doors-error-both");
            }
            if text.chars().count() > NOTE_SIGNS_MAX {
                errors.add_with(field, "error-too-long", &[("most", NOTE_SIGNS_MAX as i64)]);
            }
        }
        let note = Localised { korean: korean.to_owned(), english: english.to_owned() };
        if errors.is_empty() { Ok(Order::Say(note)) } else { Err(errors) }
    }

    /// What is written down besides the act.
    fn detail(&self, code: &str) -> String {
        match self.act.as_str() {
            "pace" => format!("{code}: {}", self.people.trim()),
            "say" => format!("{code}: {} / {}", self.ko.trim(), self.en.trim()),
            _ => code.to_owned(),
        }
    }
}

/// Does what was asked and shows the door.
pub async fn act(posted: StaffPosted<OrderForm>, code: Path<String>) -> Answer {
    let StaffPosted { staff, form } = posted;
    let one = opening_for(&staff, &code)?;
    let path = format!("/clinic/doors/{}", one.opening.code);
    let Some(act) = ACTS.iter().find(|act| act.word == form.act) else { return staff.go_to(&path) };
    let order = match form.order() {
        Ok(order) => order,
        Err(errors) => return door::again(staff, &one, form, errors).await,
    };
    let access = Access {
        staff: staff.member.id,
        action: act.action,
        booking: None,
        site: None,
        reason: Some(form.detail(one.opening.code.as_str())),
    };
    let key = one.opening.id.0;
    let obey = move |tx: &mut Tx<'_>| {
        access_log::record(tx, &access)?;
        door_state::obey(tx, &one.opening, &order).map_err(Failure::<Never>::Store)
    };
    staff.engine().ledger.write(key, obey).await?;
    staff.go_to(&format!("{path}?done={}", act.word))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn form(act: &str, people: &str, ko: &str, en: &str) -> OrderForm {
        let [act, people, ko, en] = [act, people, ko, en].map(str::to_owned);
        OrderForm { act, people, ko, en }
    }

    #[test]
    fn a_pace_is_a_number_of_people() {
        assert_eq!(form("pace", " 1,200.5 ", "", "").order().unwrap(), Order::Fixed(1200.5));
        for wrong in ["", "0", "-1", "many", "NaN", "inf", "1e9"] {
            assert!(form("pace", wrong, "", "").order().unwrap_err().of("people").is_some(), "{wrong}");
        }
    }

    #[test]
    fn an_announcement_is_in_both_languages_or_in_none() {
        assert!(form("say", "", "잠시 멈춥니다.", "A short break.").order().is_ok());
        assert_eq!(form("say", "", " ", "").order().unwrap(), Order::Say(Localised::default()));
        assert!(form("say", "", "", "A short break.").order().unwrap_err().of("ko").is_some());
        assert!(form("say", "", &"가".repeat(201), "long").order().unwrap_err().of("ko").is_some());
    }
}
