//! The first page with its three large choices, a campaign's page, and the choice of a language.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::{StatusCode, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::domain::campaign::Campaign;
use crate::domain::door::opening::{Opening, Phase};
use crate::domain::door::place::Threshold;
use crate::engine::Engine;
use crate::language::Language;
use crate::store::{Failure, Never, Tx, accounts};
use crate::web::page::{Answer, Frame, local_path, rendered, tell_type};
use crate::web::pieces::{Pieces, TOKEN};
use crate::web::posted::Harmless;
use crate::web::problem::Problem;
use crate::web::shared_page::SharedPage;
use crate::web::visitor::{Passer, Visitor, accepted_languages, keeps_old_pages};
use crate::web::{Web, language_cookie};

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
    strangers: Written<Arc<SharedPage>>,
    /// Of those who proved a phone.
    signed_in: Written<Pieces>,
}

/// In each language a page, and what it says.
struct Written<P>(Mutex<HashMap<Language, (Vec<CampaignLine>, P)>>);

impl<P> Default for Written<P> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: Clone> Written<P> {
    /// The page in this frame, kept as `keep` says, unless it is known already.
    fn page(&self, web: &Web, frame: Frame, keep: impl FnOnce(String) -> P) -> Result<P, Problem> {
        let l = frame.language;
        let campaigns = lines(&web.engine, l);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, page)) = known.get(&l).filter(|(before, _)| *before == campaigns) {
            return Ok(page.clone());
        }
        let page = keep(rendered(&HomePage { frame, campaigns: campaigns.clone() })?);
        known.insert(l, (campaigns, page.clone()));
        Ok(page)
    }
}

/// Three large choices.
pub async fn home(request: HttpRequest) -> Answer {
    if let Some((web, l)) = nobody(&request) {
        let keep = |text| Arc::new(SharedPage::new("text/html; charset=utf-8", text));
        let page = web.first_pages.strangers.page(web, Frame::of_nobody(web, l, "/"), keep)?;
        let mut answer = page.copy(&request);
        tell_type::<HomePage>(web, &mut answer);
        return Ok(answer);
    }
    let visitor = Passer::extract(&request).await?;
    let frame = visitor.frame();
    if frame.signed_in && frame.staff.is_none() && frame.mark.is_empty() && frame.path == "/" {
        let shared = Frame { csrf: TOKEN.to_owned(), ..frame.clone() };
        let page = visitor.web.first_pages.signed_in.page(&visitor.web, shared, |text| Pieces::of(&text))?;
        return Ok(visitor.written::<HomePage>(StatusCode::OK, page.with(frame.csrf)));
    }
    let campaigns = lines(visitor.engine(), visitor.language);
    visitor.page(&HomePage { frame, campaigns })
}

/// The language of somebody of whom nothing else is known: no cookie came, and no browser that must be told more.
fn nobody(request: &HttpRequest) -> Option<(&Web, Language)> {
    let (web, headers) = (request.app_data::<Data<Web>>()?, request.headers());
    let is_known = headers.contains_key(header::COOKIE)
        || !request.query_string().is_empty()
        || keeps_old_pages(headers);
    (!is_known).then(|| (web.as_ref(), Language::negotiate(accepted_languages(headers))))
}

fn lines(engine: &Engine, l: Language) -> Vec<CampaignLine> {
    let (now, catalogue) = (engine.now(), engine.country.now());
    let line = |campaign: &Arc<Campaign>| CampaignLine {
        slug: campaign.slug.clone(),
        name: campaign.name.in_language(l.code()).to_owned(),
        text: text_of(engine, l, campaign, now),
    };
    catalogue.campaigns().iter().filter(|campaign| now < campaign.closes_at).map(line).collect()
}

/// What is so of a campaign now: that people are let in one after the other, or will be, comes before anything else.
fn text_of(engine: &Engine, l: Language, campaign: &Campaign, now: Timestamp) -> String {
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
        let when = l.date_time(next.to_zoned(engine.zone.clone()).datetime());
        return l.say("home-campaign-evening").with("when", when).to_string();
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
