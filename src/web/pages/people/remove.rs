//! Taking a person off the list, asked once.

use actix_web::web::Path;
use askama::Template;

use super::one_of_mine;
use super::words::relation_key;
use crate::domain::ids::PersonId;
use crate::store::bookings;
use crate::store::people::{self, SavePersonError};
use crate::web::page::{Answer, Frame};
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

#[derive(Template)]
#[template(path = "pages/person-remove.html")]
struct RemovePage {
    frame: Frame,
    name: String,
    relation: &'static str,
    coming: usize,
}

/// Asks whether the person should go, and says what happens to their bookings.
pub async fn ask_remove(mut citizen: Citizen, number: Path<i32>) -> Answer {
    let one = one_of_mine(&citizen, *number).await?;
    let page = RemovePage {
        coming: coming(&citizen, one.person.id).await?,
        frame: citizen.form_frame(),
        name: one.person.name.as_str().to_owned(),
        relation: relation_key(one.relation),
    };
    citizen.page(&page)
}

/// How many bookings of the person are still to come.
async fn coming(citizen: &Citizen, person: PersonId) -> Result<usize, Problem> {
    let (owner, now) = (citizen.account.id, citizen.engine().now());
    let all = citizen.engine().store.read(move |conn, keys| bookings::visible_to(conn, keys, owner)).await?;
    Ok(all.iter().filter(|one| one.person.id == person && one.can_change(now)).count())
}

/// Takes the person off the list. Pressing twice is no mistake.
pub async fn remove(posted: CitizenPosted<NoFields>, number: Path<i32>) -> Answer {
    let citizen = posted.citizen;
    let (owner, number) = (citizen.account.id, *number);
    let removed = citizen.engine().ledger.write(owner.0, move |tx| people::remove(tx, owner, number)).await;
    match removed.map_err(Problem::refusal) {
        Ok(()) => citizen.go_to("/people"),
        Err(refusal) => match refusal? {
            SavePersonError::NotFound => citizen.go_to("/people"),
            SavePersonError::TooMany | SavePersonError::MeTwice | SavePersonError::HasBooking => {
                Err(Problem::Broken)
            }
        },
    }
}
