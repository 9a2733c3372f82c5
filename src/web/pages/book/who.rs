//! For whom: the people of the visitor's list, and for each who can't be booked now, why and from when.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

use super::choices::Choices;
use super::party::{self, Candidate, Standing, WrongParty};
use super::{STEPS, campaign_called};
use crate::domain::campaign::Campaign;
use crate::domain::person::Relation;
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame, in_query};
use crate::web::pages::people::relation_key;
use crate::web::visitor::{Citizen, Visitor};

/// What the form calls the owner of the list.
const ME: &str = "me";

#[derive(Template)]
#[template(path = "pages/book-who.html")]
struct WhoPage {
    frame: Frame,
    errors: FormErrors,
    campaign: String,
    slug: String,
    people: Vec<PersonLine>,
    /// Those who can't be booked now.
    others: Vec<OtherLine>,
    add_me: String,
    add_other: String,
    steps: u8,
}

struct PersonLine {
    number: i32,
    name: String,
    text: String,
    checked: bool,
}

struct OtherLine {
    name: String,
    text: String,
    why: String,
    /// The booking they have.
    booking: String,
}

/// Shows the people of the visitor's list.
pub async fn who(mut citizen: Citizen, slug: Path<String>, choices: Choices) -> Answer {
    let campaign = campaign_called(&citizen, &slug)?;
    let candidates = party::candidates(&citizen, &campaign).await?;
    page(&mut citizen, &campaign, &candidates, &choices, None)
}

/// The page with the people, with what is wrong with the party that was chosen.
pub fn page(
    citizen: &mut Citizen,
    campaign: &Arc<Campaign>,
    candidates: &[Candidate],
    choices: &Choices,
    wrong: Option<WrongParty>,
) -> Answer {
    let visitor = &citizen.visitor;
    let (l, today) = (visitor.language, visitor.engine().today());
    let text = |candidate: &Candidate| {
        let age = candidate.one.person.birth.age_on(today);
        let relation = l.say(relation_key(candidate.one.relation));
        l.say("book-who-person").with("relation", relation).with("age", age).to_string()
    };
    let name = |candidate: &Candidate| candidate.one.person.name.as_str().to_owned();
    let only_one = candidates.iter().filter(|candidate| candidate.can_book()).count() == 1;
    let is_checked = |candidate: &Candidate| {
        if !choices.people.is_empty() {
            return choices.people.contains(&candidate.one.number);
        }
        // Whoever came to book for themselves does not book for the only other one in the list.
        if choices.for_me { candidate.one.relation == Relation::Me } else { only_one }
    };
    let (able, unable): (Vec<&Candidate>, Vec<&Candidate>) =
        candidates.iter().partition(|candidate| candidate.can_book());
    let people = able.into_iter().map(|one| PersonLine {
        number: one.one.number,
        name: name(one),
        text: text(one),
        checked: is_checked(one),
    });
    let others = unable.into_iter().map(|one| OtherLine {
        name: name(one),
        text: text(one),
        why: why_not(visitor, &one.standing),
        booking: match one.standing {
            Standing::Booked(reference) => reference.as_str().to_owned(),
            _ => String::new(),
        },
    });
    let has_me = candidates.iter().any(|candidate| candidate.one.relation == Relation::Me);
    let page = WhoPage {
        // Without anybody to choose there is no field that an error could lead to: the reasons stand beside the people.
        errors: errors(wrong.filter(|_| candidates.iter().any(Candidate::can_book))),
        campaign: campaign.name.in_language(l.code()).to_owned(),
        slug: campaign.slug.clone(),
        people: people.collect(),
        others: others.collect(),
        add_me: if has_me { String::new() } else { adding(campaign, choices, ME) },
        add_other: adding(campaign, choices, ""),
        steps: STEPS,
        frame: visitor.frame(),
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    visitor.page_with(status, &page)
}

/// The form about somebody who is added on the way; whoever is chosen now is chosen still when it leads back here.
pub fn adding(campaign: &Campaign, choices: &Choices, whom: &str) -> String {
    let next = in_query(&choices.link(&format!("/book/{}/who", campaign.slug)));
    let relation = if whom == ME { "relation=me&" } else { "" };
    format!("/people/new?{relation}next={next}")
}

fn errors(wrong: Option<WrongParty>) -> FormErrors {
    let mut errors = FormErrors::none();
    match wrong {
        None => {}
        Some(WrongParty::Nobody) => errors.add("p", "book-who-nobody"),
        Some(WrongParty::NotOpen) => errors.add("p", "book-who-not-open"),
        Some(WrongParty::NoCommonProduct) => errors.add("p", "book-who-no-common-vaccine"),
        Some(WrongParty::DifferentDoses) => errors.add("p", "book-who-different-doses"),
    }
    errors
}

fn why_not(visitor: &Visitor, standing: &Standing) -> String {
    let l = visitor.language;
    let key = match standing {
        Standing::OpensAt(at) => {
            return l.say("book-who-opens").with("when", visitor.reader().moment(*at)).to_string();
        }
        Standing::OtherEvening(until) => {
            return l.say("book-who-evening").with("when", visitor.reader().moment(*until)).to_string();
        }
        Standing::Booked(_) => "book-who-booked",
        Standing::NotIncluded => "book-who-not-included",
        Standing::NoProductForAge => "book-who-no-vaccine-for-age",
        Standing::Closed => "book-who-closed",
        Standing::Open | Standing::SecondOnly(_) => "",
    };
    l.say(key).to_string()
}
