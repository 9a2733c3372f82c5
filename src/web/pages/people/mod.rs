//! The people an account books for: the list, and adding, changing and removing one of them.

mod edit;
mod person_form;
mod remove;
pub mod words;

use askama::Template;

use super::hold::StillHeld;
use crate::domain::person::{CaredFor, Relation};
use crate::language::Language;
use crate::store::people;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

pub use edit::{add, ask_change, ask_new, change};
pub use remove::{ask_remove, remove};
pub use words::{birth_words, messages_key, relation_key};

#[derive(Template)]
#[template(path = "pages/people.html")]
struct PeoplePage {
    frame: Frame,
    held: Option<StillHeld>,
    people: Vec<PersonLine>,
    can_add: bool,
    most: u16,
}

struct PersonLine {
    number: i32,
    name: String,
    relation: &'static str,
    birth: String,
    messages: &'static str,
    /// The number that gets the messages, where it stands in the list.
    phone: String,
    /// Their own number, when it gets none.
    silent_phone: String,
}

impl PersonLine {
    fn of(one: &CaredFor, language: Language) -> Self {
        let phone = one.person.phone.as_ref().map(|phone| phone.national()).unwrap_or_default();
        let gets_messages = one.relation == Relation::Me || one.messages_to.needs_their_phone();
        let (phone, silent_phone) =
            if gets_messages { (phone, String::new()) } else { (String::new(), phone) };
        Self {
            number: one.number,
            name: one.person.name.as_str().to_owned(),
            relation: relation_key(one.relation),
            birth: birth_words(language, one.person.birth.date()),
            messages: messages_key(one.messages_to),
            phone,
            silent_phone,
        }
    }
}

/// The people in the citizen's list.
///
/// # Errors
/// [`Problem`] when the store fails.
async fn mine(citizen: &Citizen) -> Result<Vec<CaredFor>, Problem> {
    let owner = citizen.account.id;
    Ok(citizen.engine().store.read(move |conn, keys| people::cared_for(conn, keys, owner)).await?)
}

/// The person of this number in the citizen's list.
///
/// # Errors
/// [`Problem::NotFound`] when there is none.
async fn one_of_mine(citizen: &Citizen, number: i32) -> Result<CaredFor, Problem> {
    mine(citizen).await?.into_iter().find(|one| one.number == number).ok_or(Problem::NotFound)
}

/// The list.
pub async fn list(citizen: Citizen) -> Answer {
    let people = mine(&citizen).await?;
    let most = citizen.web.settings.people_max;
    let page = PeoplePage {
        frame: citizen.frame(),
        held: StillHeld::by(&citizen).await?,
        can_add: people.len() < usize::from(most),
        people: people.iter().map(|one| PersonLine::of(one, citizen.language)).collect(),
        most,
    };
    citizen.page(&page)
}
