//! What an e-mail address and another phone have in common: a code proves either before it is kept.

use actix_web::http::StatusCode;
use serde::Deserialize;

use crate::store::challenges::{Challenge, Purpose};
use crate::store::{Never, Outcome, Tx};
use crate::web::form::FormErrors;
use crate::web::page::Answer;
use crate::web::pages::code::{self, Attempt, CodeForm, CodePage, Unsent};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::visitor::Citizen;

/// One of the two.
pub(super) struct Contact {
    pub(super) purpose: Purpose,
    /// Where it is asked for; the code is, below that.
    pub(super) path: &'static str,
    /// How it is shown to whoever typed it.
    pub(super) masked: fn(&str) -> String,
}

/// One word about what was done before.
#[derive(Deserialize)]
pub struct Why {
    #[serde(default)]
    pub(super) why: String,
}

impl Contact {
    fn to(&self, rest: &str) -> String {
        format!("{}{rest}", self.path)
    }

    fn page(
        &self,
        citizen: &mut Citizen,
        awaited: &Challenge,
        typed: String,
        errors: FormErrors,
    ) -> CodePage {
        CodePage {
            frame: citizen.form_frame(),
            errors,
            typed,
            by_email: self.purpose == Purpose::Email,
            masked: (self.masked)(&awaited.contact),
            until: code::until(citizen, awaited),
            again: self.to("/again"),
            change: self.path.to_owned(),
        }
    }

    /// Asks for the code.
    pub(super) async fn ask_code(&self, mut citizen: Citizen, why: &Why) -> Answer {
        let Some(awaited) = code::awaited(&citizen, self.purpose).await? else {
            return citizen.go_to(&self.to("?why=lost"));
        };
        let mut page = self.page(&mut citizen, &awaited, String::new(), FormErrors::none());
        page.frame.notice = code::notice_after(&citizen, &awaited, &why.why);
        citizen.page(&page)
    }

    /// Keeps it when the code is right, and answers with what `done` makes of that.
    pub(super) async fn try_code<T, K, D>(&self, posted: CitizenPosted<CodeForm>, keep: K, done: D) -> Answer
    where
        K: FnMut(&mut Tx<'_>, &Challenge) -> Outcome<T, Never> + Send + 'static,
        T: Send + 'static,
        D: FnOnce(Citizen, T) -> Answer,
    {
        let CitizenPosted { mut citizen, form } = posted;
        let Some(awaited) = code::awaited(&citizen, self.purpose).await? else {
            return citizen.go_to(&self.to("?why=lost"));
        };
        let mut errors = FormErrors::none();
        match code::attempt(&citizen, &awaited, &form.code, keep).await? {
            Attempt::Solved(kept) => {
                code::give_up(&mut citizen, awaited.id);
                return done(citizen, kept);
            }
            Attempt::Over => {
                code::give_up(&mut citizen, awaited.id);
                return citizen.go_to(&self.to("?why=lost"));
            }
            Attempt::Wrong(left) => {
                errors.add_with("code", "sign-in-error-wrong-code", &[("left", i64::from(left))]);
            }
            Attempt::Unfinished => errors.add("code", "sign-in-error-six-digits"),
        }
        let page = self.page(&mut citizen, &awaited, form.code, errors);
        citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    }

    /// Sends the code again, but not at once.
    pub(super) async fn send_again(&self, posted: CitizenPosted<NoFields>) -> Answer {
        let citizen = posted.citizen;
        let Some(awaited) = code::awaited(&citizen, self.purpose).await? else {
            return citizen.go_to(&self.to("?why=lost"));
        };
        let word = code::send_again(&citizen, &awaited).await?.map_or_else(Unsent::word, |()| "sent");
        citizen.go_to(&self.to(&format!("/code?why={word}")))
    }
}
