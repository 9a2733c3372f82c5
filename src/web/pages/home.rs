//! The first page with its three large choices, a campaign's page, and the choice of a language.

use actix_web::web::Form;
use askama::Template;
use serde::Deserialize;

use crate::language::Language;
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::page::{Answer, Frame, local_path};
use crate::web::visitor::{Passer, Visitor};

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage {
    frame: Frame,
    campaigns: Vec<CampaignLine>,
}

struct CampaignLine {
    slug: String,
    name: String,
    open: bool,
}

/// Three large choices.
pub async fn home(visitor: Passer) -> Answer {
    let (now, code) = (visitor.engine().now(), visitor.language.code());
    let catalogue = visitor.engine().country.now();
    let campaigns = catalogue
        .campaigns()
        .iter()
        .filter(|campaign| now < campaign.closes_at)
        .map(|campaign| CampaignLine {
            slug: campaign.slug.clone(),
            name: campaign.name.in_language(code).to_owned(),
            open: now >= campaign.opens_at,
        })
        .collect();
    visitor.page(&HomePage { frame: visitor.frame(), campaigns })
}

/// The form in every page's header.
#[derive(Deserialize)]
pub struct LanguageForm {
    #[serde(default)]
    to: String,
    #[serde(default)]
    back: String,
}

#[derive(Template)]
#[template(path = "pages/language.html")]
struct LanguagePage {
    frame: Frame,
}

/// Asks for the language, for whoever comes by a link.
pub async fn ask_language(visitor: Visitor) -> Answer {
    let frame = Frame { path: "/".to_owned(), ..visitor.frame() };
    visitor.page(&LanguagePage { frame })
}

/// Changes the language and comes back. It carries no token: whoever makes a browser send it changes a language.
pub async fn choose_language(mut visitor: Visitor, form: Form<LanguageForm>) -> Answer {
    if let Some(language) = Language::from_code(&form.to) {
        visitor.session.set_language(language);
        visitor.keep_session();
        if let Some(account) = &visitor.account {
            let id = account.id;
            let set = move |tx: &mut Tx<'_>| {
                accounts::set_language(tx, id, language).map_err(Failure::<Never>::from)
            };
            visitor.engine().ledger.write(id.0, set).await?;
        }
    }
    visitor.go_to(local_path(&form.back))
}
