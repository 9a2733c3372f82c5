//! Being told one's turn by text message: whoever prepared can say before the lots are drawn that they do not want it.

use actix_web::web::Path;
use serde::Deserialize;

use super::door::{door_of, step_before_places};
use super::wait::opening_called;
use crate::domain::door::opening::Places;
use crate::store::openings::StoredOpening;
use crate::store::turn_texts::{self, Telling};
use crate::store::{Failure, Never, Tx};
use crate::web::page::Answer;
use crate::web::posted::CitizenPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// What the door says of it.
pub(super) enum Offer {
    /// Nothing: it is over, or there is no draw.
    Nothing,
    /// Whoever writes down people is told.
    Preparing,
    /// The visitor is told, or declined that: then this is true.
    Text(bool),
}

impl Offer {
    /// What there is to say to a visitor before the draw.
    pub(super) async fn to(visitor: &Visitor, one: &StoredOpening) -> Result<Self, Problem> {
        let Some(account) = visitor.account.as_ref().map(|account| account.id) else {
            return Ok(Self::Preparing);
        };
        let opening = one.opening.id;
        let read = move |conn: &mut _, _: &_| Ok(turn_texts::telling(conn, opening, account)?);
        Ok(match visitor.engine().store.read(read).await? {
            Telling::Unprepared => Self::Preparing,
            Telling::Told => Self::Text(false),
            Telling::Declined => Self::Text(true),
        })
    }
}

/// Whether to be told.
#[derive(Deserialize)]
pub struct TellForm {
    #[serde(default)]
    tell: String,
}

/// Notes that somebody does not want to be told, or does after all. Once turns can be seen, the door itself tells them.
pub async fn tell(posted: CitizenPosted<TellForm>, code: Path<String>) -> Answer {
    let CitizenPosted { citizen, form } = posted;
    let one = opening_called(&citizen.web, &code)?;
    let door = door_of(&one);
    if one.opening.places == Places::InLine || step_before_places(citizen.reader(), &one).is_none() {
        return citizen.go_to(&door);
    }
    let (opening, account, wants) = (one.opening.id, citizen.account.id, form.tell == "yes");
    let note = move |tx: &mut Tx<'_>| {
        let noted = if wants {
            turn_texts::accept(tx, opening, account)
        } else {
            turn_texts::decline(tx, opening, account)
        };
        noted.map_err(Failure::<Never>::from)
    };
    citizen.engine().ledger.write(account.0, note).await?;
    citizen.go_to(&door)
}
