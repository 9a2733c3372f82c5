//! What is known about the citizen, and what they can do about it.

mod carers;
mod contact;
mod download;
pub mod email;
mod leave;
pub mod messages;
pub mod phone;

use actix_web::web::Query;
use askama::Template;

use self::contact::Why;
use crate::keys::KeyRing;
use crate::store::Conn;
use crate::store::people::{self, Carer};
use crate::web::page::{Answer, Frame};
use crate::web::pages::people::relation_key;
use crate::web::visitor::Citizen;

pub use carers::{ask_revoke, revoke};
pub use download::download;
pub use leave::{ask_erase, erase, sign_out_everywhere};

/// How many carers a page lists: it must stay small, whoever puts the citizen in their list.
const CARERS_MAX: usize = 10;

#[derive(Template)]
#[template(path = "pages/me.html")]
struct MePage {
    frame: Frame,
    phone: String,
    email: String,
    messages_in: &'static str,
    text_reminders: bool,
    people: usize,
    carers: Vec<CarerLine>,
    more_carers: usize,
}

struct CarerLine {
    name_in_url: String,
    relation: &'static str,
    phone: String,
}

impl CarerLine {
    fn of(citizen: &Citizen, carer: &Carer) -> Self {
        Self {
            name_in_url: carers::name_in_url(citizen, carer),
            relation: relation_key(carer.relation),
            phone: carer.phone.masked(),
        }
    }
}

/// Everything in one place.
pub async fn me(mut citizen: Citizen, query: Query<Why>) -> Answer {
    let id = citizen.account.id;
    let read = move |conn: &mut Conn, keys: &KeyRing| {
        Ok((people::cared_for(conn, keys, id)?.len(), people::carers(conn, keys, id)?))
    };
    let (people, carers) = citizen.engine().store.read(read).await?;
    let mut frame = citizen.form_frame();
    let notice = match query.why.as_str() {
        "phone" => Some("me-phone-changed"),
        "messages" => Some("me-messages-kept"),
        _ => None,
    };
    frame.notice = notice.map(|key| citizen.language.say(key).to_string());
    let account = &citizen.account;
    let page = MePage {
        phone: account.phone.national(),
        email: account.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        messages_in: account.language.own_name(),
        text_reminders: account.text_reminders,
        people,
        more_carers: carers.len().saturating_sub(CARERS_MAX),
        carers: carers.iter().take(CARERS_MAX).map(|carer| CarerLine::of(&citizen, carer)).collect(),
        frame,
    };
    citizen.page(&page)
}
