//! Who cares for the citizen, and how that ends.

use actix_web::web::Path;
use askama::Template;

use crate::store::people::{self, Carer, SavePersonError};
use crate::web::page::{Answer, Frame};
use crate::web::pages::people::relation_key;
use crate::web::posted::{CitizenPosted, NoFields};
use crate::web::problem::Problem;
use crate::web::visitor::Citizen;

#[derive(Template)]
#[template(path = "pages/carer-revoke.html")]
struct RevokePage {
    frame: Frame,
    relation: &'static str,
    phone: String,
}

/// How a care is named in a URL. Its id tells when it was made, so the page shows a keyed hash of it.
pub(super) fn name_in_url(citizen: &Citizen, carer: &Carer) -> String {
    let hash = citizen.engine().keys.lookup("care", &carer.care.0.to_string());
    data_encoding::BASE64URL_NOPAD.encode(&hash.as_bytes()[..12])
}

/// The carer with this name in a URL.
async fn find(citizen: &Citizen, name: &str) -> Result<Option<Carer>, Problem> {
    let id = citizen.account.id;
    let carers = citizen.engine().store.read(move |conn, keys| people::carers(conn, keys, id)).await?;
    Ok(carers.into_iter().find(|carer| name_in_url(citizen, carer) == name))
}

/// Asks whether somebody should no longer book for the citizen.
pub async fn ask_revoke(mut citizen: Citizen, name: Path<String>) -> Answer {
    let carer = find(&citizen, &name).await?.ok_or(Problem::NotFound)?;
    let page = RevokePage {
        frame: citizen.form_frame(),
        relation: relation_key(carer.relation),
        phone: carer.phone.masked(),
    };
    citizen.page(&page)
}

/// Ends it. Pressing twice is no mistake.
pub async fn revoke(posted: CitizenPosted<NoFields>, name: Path<String>) -> Answer {
    let citizen = posted.citizen;
    let Some(carer) = find(&citizen, &name).await? else { return citizen.go_to("/me") };
    let (owner, care) = (citizen.account.id, carer.care);
    match citizen.engine().ledger.write(owner.0, move |tx| people::revoke(tx, owner, care)).await {
        Ok(()) => citizen.go_to("/me"),
        Err(error) => match Problem::refusal(error)? {
            SavePersonError::NotFound => citizen.go_to("/me"),
            SavePersonError::TooMany | SavePersonError::MeTwice | SavePersonError::HasBooking => {
                Err(Problem::Broken)
            }
        },
    }
}
