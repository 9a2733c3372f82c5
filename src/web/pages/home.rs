//! The first page with its three large choices, a campaign's page, and the choice of a language.

use askama::Template;
use serde::Deserialize;

use crate::language::Language;
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::language_cookie;
use crate::web::page::{Answer, Frame, local_path};
use crate::web::posted::Harmless;
use crate::web::problem::Problem;
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

/// Changes the language and comes back. It carries no token, because a text browser may show a page whose session is over;
/// a session is kept only where one was sent.
pub async fn choose_language(posted: Harmless<LanguageForm>) -> Answer {
    let Harmless { mut visitor, form } = posted;
    let Some(language) = Language::from_code(&form.to) else {
        return visitor.go_to(local_path(&form.back));
    };
    if visitor.session_was_sent() {
        visitor.session.set_language(language);
        visitor.keep_session();
    }
    if let Some(account) = &visitor.account {
        let id = account.id;
        let set =
            move |tx: &mut Tx<'_>| accounts::set_language(tx, id, language).map_err(Failure::<Never>::from);
        visitor.engine().ledger.write(id.0, set).await?;
    }
    let mut answer = visitor.go_to(local_path(&form.back))?;
    let kept = answer.add_cookie(&language_cookie::cookie(language, &visitor.web.settings));
    kept.ok().ok_or(Problem::Broken)?;
    Ok(answer)
}
