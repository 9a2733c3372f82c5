//! Beginning with an empty list, for whoever was given the number of an idle account, or has no try left.

use actix_web::web::Query;
use askama::Template;

use super::birth_date::{PATH, asked, nothing_asked};
use super::{Way, enter};
use crate::store::{Tx, idle_accounts};
use crate::web::page::{Answer, Frame};
use crate::web::posted::{NoFields, Posted};
use crate::web::visitor::Visitor;

#[derive(Template)]
#[template(path = "pages/anew.html")]
struct AnewPage {
    frame: Frame,
    /// Where the birth date can be given; `None` when no try is left.
    back: Option<String>,
}

/// Asks whether to begin anew, and says what becomes of what was there.
pub async fn ask_anew(mut visitor: Visitor, way: Query<Way>) -> Answer {
    let Some((_, left)) = asked(&visitor).await? else { return nothing_asked(&visitor, &way) };
    let frame = visitor.form_frame();
    visitor.page(&AnewPage { frame, back: (left > 0).then(|| way.to(PATH)) })
}

/// Signs in to a new account, with nothing of the old one.
pub async fn begin_anew(posted: Posted<NoFields>, way: Query<Way>) -> Answer {
    let visitor = posted.visitor;
    let Some((asked, _)) = asked(&visitor).await? else { return nothing_asked(&visitor, &way) };
    let (id, language) = (asked.account, visitor.language);
    let begin = move |tx: &mut Tx<'_>| idle_accounts::begin_anew(tx, id, language);
    match visitor.engine().ledger.write(id.0, begin).await? {
        None => nothing_asked(&visitor, &way),
        // What was looked for stays closed, so the way there leads nowhere.
        Some((account, epoch)) if asked.booking.is_some() => enter(visitor, &Way::default(), account, epoch),
        Some((account, epoch)) => enter(visitor, &way, account, epoch),
    }
}
