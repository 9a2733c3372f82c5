//! The first page with its three large choices, a campaign's page, and the choice of a language.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::campaign::Campaign;
use crate::domain::door::opening::{Opening, Phase};
use crate::domain::door::place::Threshold;
use crate::language::Language;
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::kept::Kept;
use crate::web::language_cookie;
use crate::web::page::{Answer, Frame, copied, local_path, rendered, shared};
use crate::web::pieces::{Pieces, TOKEN};
use crate::web::posted::Harmless;
use crate::web::problem::Problem;
use crate::web::reader::Reader;
use crate::web::shared_page::SharedPage;
use crate::web::visitor::{Passer, Visitor, stranger};

#[derive(Template)]
#[template(path = "pages/home.html")]
struct HomePage {
    frame: Frame,
    campaigns: Vec<CampaignLine>,
}

#[derive(Clone, PartialEq)]
struct CampaignLine {
    slug: String,
    name: String,
    /// What is so now.
    text: String,
}

/// The first page as it was written last. On the evening it is what most people ask for first, and what it says seldom
/// changes.
#[derive(Default)]
pub struct FirstPages {
    /// Of those who come without a cookie.
    strangers: Kept<Language, Lines, Arc<SharedPage>>,
    /// Of those who proved a phone.
    signed_in: Kept<Language, Lines, Pieces>,
}

/// The campaigns, each with what is so now.
type Lines = Vec<CampaignLine>;

/// Three large choices.
pub async fn home(request: HttpRequest) -> Answer {
    if let Some((web, reader)) = stranger(&request) {
        let l = reader.language;
        let write = |campaigns: &Lines| {
            shared(&HomePage { frame: Frame::of_nobody(web, l, "/"), campaigns: campaigns.clone() })
        };
        let page = web.kept.first.strangers.page(l, lines(reader), write)?;
        return Ok(copied::<HomePage>(web, &request, (StatusCode::OK, &page)));
    }
    let visitor = Passer::extract(&request).await?;
    let frame = visitor.frame();
    if frame.signed_in && frame.staff.is_none() && frame.mark.is_empty() && frame.path == "/" {
        let write = |campaigns: &Lines| {
            let frame = Frame { csrf: TOKEN.to_owned(), ..frame.clone() };
            rendered(&HomePage { frame, campaigns: campaigns.clone() }).map(|text| Pieces::of(&text))
        };
        let page = visitor.web.kept.first.signed_in.page(frame.language, lines(visitor.reader()), write)?;
        return Ok(visitor.written::<HomePage>(StatusCode::OK, page.with(frame.csrf)));
    }
    let campaigns = lines(visitor.reader());
    visitor.page(&HomePage { frame, campaigns })
}

fn lines(reader: Reader<'_>) -> Lines {
    let (now, catalogue) = (reader.engine.now(), reader.engine.country.now());
    let line = |campaign: &Arc<Campaign>| CampaignLine {
        slug: campaign.slug.clone(),
        name: campaign.name.in_language(reader.language.code()).to_owned(),
        text: text_of(reader, campaign, now),
    };
    catalogue.campaigns().iter().filter(|campaign| now < campaign.closes_at).map(line).collect()
}

/// What is so of a campaign now: that people are let in one after the other, or will be, comes before anything else.
fn text_of(reader: Reader<'_>, campaign: &Campaign, now: Timestamp) -> String {
    let (engine, l) = (reader.engine, reader.language);
    let catalogue = engine.country.now();
    let openings = catalogue.openings().iter().map(|one| &one.opening);
    let theirs: Vec<&Opening> = openings.filter(|opening| opening.campaign == campaign.id).collect();
    let stands = |opening: &&&Opening| {
        opening.phase(now) == Phase::Entering && engine.door.flow(opening.id).threshold != Threshold::OPEN
    };
    let is_coming = |opening: &&&Opening| opening.phase(now) < Phase::Entering;
    if engine.door.is_full(campaign.id) {
        return l.say("home-campaign-full").to_string();
    }
    if theirs.iter().any(|opening| stands(&opening)) {
        return l.say("home-campaign-door").to_string();
    }
    let next = theirs.iter().filter(is_coming).map(|opening| opening.opens_at).min();
    // One that is days away is told on the campaign's own page.
    let tells = |opens: &Timestamp| now < campaign.opens_at || *opens < now + SignedDuration::from_hours(24);
    if let Some(next) = next.filter(tells) {
        return l.say("home-campaign-evening").with("when", reader.moment(next)).to_string();
    }
    let key = if now >= campaign.opens_at { "home-campaign-open" } else { "home-campaign-soon" };
    l.say(key).to_string()
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
