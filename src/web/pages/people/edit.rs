//! Adding a person and changing one. About the owner only name and birth date are asked; everything else is known.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use serde::Deserialize;

use super::person_form::{PersonForm, Reading};
use super::words::{messages_key, relation_key};
use super::{mine, one_of_mine};
use crate::domain::person::{CaredFor, MessagesTo, Relation};
use crate::store::Tx;
use crate::store::people::{self, PersonDetails, SavePersonError};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query, local_path};
use crate::web::posted::CitizenPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

#[derive(Template)]
#[template(path = "pages/person.html")]
struct PersonPage {
    frame: Frame,
    errors: FormErrors,
    form: PersonForm,
    title: &'static str,
    back: String,
    about_me: bool,
    me_link: Option<String>,
    asks_consent: bool,
    relations: Vec<Choice>,
    messages: Vec<Choice>,
}

struct Choice {
    word: &'static str,
    key: &'static str,
    chosen: bool,
}

/// Where the form came from and whom it is for.
#[derive(Debug, Deserialize)]
pub struct NewPerson {
    #[serde(default)]
    next: String,
    #[serde(default)]
    relation: String,
}

impl NewPerson {
    fn after(&self) -> &str {
        if self.next.is_empty() { "/people" } else { local_path(&self.next) }
    }

    /// Where to go on with somebody new: on the way to a booking they are chosen already.
    fn after_adding(&self, number: i32) -> String {
        let next = self.after();
        if !next.starts_with("/book/") {
            return next.to_owned();
        }
        let sign = if next.contains('?') { '&' } else { '?' };
        format!("{next}{sign}p={number}")
    }

    /// Whether only the owner is asked about: a journey wants to book for them, and they are not in the list yet.
    fn is_about_me(&self, people: &[CaredFor]) -> bool {
        self.relation == Relation::Me.as_str() && !has_me(people)
    }
}

fn has_me(people: &[CaredFor]) -> bool {
    people.iter().any(|one| one.relation == Relation::Me)
}

/// What kind of form about a person is shown.
struct Kind {
    title: &'static str,
    back: String,
    about_me: bool,
    /// The way to the form about the owner, while they are not in the list.
    me_link: Option<String>,
    asks_consent: bool,
}

impl Kind {
    fn new(query: &NewPerson, people: &[CaredFor]) -> Self {
        let about_me = query.is_about_me(people);
        Self {
            title: if about_me { "people-title-me" } else { "people-title-new" },
            back: query.after().to_owned(),
            about_me,
            me_link: (!about_me && !has_me(people))
                .then(|| format!("/people/new?relation=me&next={}", in_query(query.after()))),
            asks_consent: !about_me,
        }
    }

    fn change(one: &CaredFor) -> Self {
        let about_me = one.relation == Relation::Me;
        Self {
            title: "people-title-change",
            back: "/people".to_owned(),
            about_me,
            me_link: None,
            asks_consent: false,
        }
    }

    fn page(self, citizen: &mut Citizen, form: PersonForm, errors: FormErrors) -> PersonPage {
        let relations = Relation::ALL
            .iter()
            .filter(|relation| **relation != Relation::Me)
            .map(|relation| {
                let (word, key) = (relation.as_str(), relation_key(*relation));
                Choice { word, key, chosen: word == form.relation }
            })
            .collect();
        let messages = MessagesTo::ALL
            .iter()
            .map(|to| {
                let (word, key) = (to.as_str(), messages_key(*to));
                Choice { word, key, chosen: word == form.messages }
            })
            .collect();
        let Self { title, back, about_me, me_link, asks_consent } = self;
        let frame = citizen.form_frame();
        PersonPage { frame, errors, form, title, back, about_me, me_link, asks_consent, relations, messages }
    }

    /// Reads the form. Who is changed stays the owner, or somebody else.
    fn read(&self, citizen: &Citizen, form: &PersonForm) -> Result<PersonDetails, FormErrors> {
        let by = Reading {
            own_phone: &citizen.account.phone,
            countries: &citizen.web.settings.countries,
            today: citizen.engine().today(),
            asks_consent: self.asks_consent,
        };
        let details = form.read(&by)?;
        let is_me = details.relation == Relation::Me;
        if is_me != self.about_me {
            return Err(errors_of(SavePersonError::MeTwice, 0));
        }
        Ok(details)
    }
}

/// The words for a refusal, at the field that can mend it.
fn errors_of(refusal: SavePersonError, people_max: u16) -> FormErrors {
    let mut errors = FormErrors::none();
    match refusal {
        SavePersonError::TooMany => {
            errors.add_with("name", "people-error-too-many", &[("most", i64::from(people_max))]);
        }
        SavePersonError::MeTwice => errors.add("relation", "people-error-me-twice"),
        SavePersonError::HasBooking => errors.add("name", "people-error-has-booking"),
        SavePersonError::NotFound => errors.add("name", "people-error-gone"),
    }
    errors
}

/// Asks about somebody new.
pub async fn ask_new(mut citizen: Citizen, query: Query<NewPerson>) -> Answer {
    let people = mine(&citizen).await?;
    if people.len() >= usize::from(citizen.web.settings.people_max) {
        return citizen.go_to("/people");
    }
    let kind = Kind::new(&query, &people);
    let form = PersonForm { relation: query.relation.clone(), ..PersonForm::default() };
    let page = kind.page(&mut citizen, form, FormErrors::none());
    citizen.page(&page)
}

/// Adds somebody, and goes back to where they are needed.
pub async fn add(posted: CitizenPosted<PersonForm>, query: Query<NewPerson>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let people = mine(&citizen).await?;
    // By the second press of the button the first has written down the owner.
    let is_about_me = form.relation == Relation::Me.as_str() && query.relation == form.relation;
    let kind = Kind::new(&query, if is_about_me { &[] } else { &people });
    let errors = match kind.read(&citizen, &form) {
        Ok(details) => {
            let (owner, most) = (citizen.account.id, citizen.web.settings.people_max);
            let add =
                citizen.engine().ledger.write(owner.0, move |tx| people::add(tx, owner, &details, most));
            match add.await {
                Ok(number) => return citizen.go_to(&query.after_adding(number)),
                Err(error) => errors_of(Problem::refusal(error)?, most),
            }
        }
        Err(errors) => errors,
    };
    let page = Kind::new(&query, &people).page(&mut citizen, form, errors);
    citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Shows what is known about somebody, to be changed.
pub async fn ask_change(mut citizen: Citizen, number: Path<i32>) -> Answer {
    let one = one_of_mine(&citizen, *number).await?;
    let page = Kind::change(&one).page(&mut citizen, PersonForm::about(&one), FormErrors::none());
    citizen.page(&page)
}

/// Changes somebody.
pub async fn change(posted: CitizenPosted<PersonForm>, number: Path<i32>) -> Answer {
    let CitizenPosted { mut citizen, form } = posted;
    let one = one_of_mine(&citizen, *number).await?;
    let kind = Kind::change(&one);
    let errors = match kind.read(&citizen, &form) {
        Ok(details) => {
            let (owner, number) = (citizen.account.id, *number);
            let write = move |tx: &mut Tx<'_>| people::change(tx, owner, number, &details);
            match citizen.engine().ledger.write(owner.0, write).await {
                Ok(()) => return citizen.go_to("/people"),
                Err(error) => errors_of(Problem::refusal(error)?, citizen.web.settings.people_max),
            }
        }
        Err(errors) => errors,
    };
    let page = kind.page(&mut citizen, form, errors);
    citizen.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
