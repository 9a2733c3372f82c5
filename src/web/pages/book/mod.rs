//! The journey up to the hold: for whom, where, when. Until a seat is held it lives in the URL.

pub mod choices;
pub mod errand;
pub mod hold;
pub mod party;
pub mod places;
pub mod refused;
pub mod search;
pub mod seats;
pub mod second;
pub mod site_pages;
pub mod sites;
pub mod start;
pub mod times;
pub mod who;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Path, Query};
use serde::Deserialize;

use crate::domain::campaign::Campaign;
use crate::domain::site::Site;
use crate::web::known_party::{Kept, KnownParty};
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Passer, Visitor};

use choices::Choices;
use errand::Errand;
use party::{Candidate, WrongParty};

/// Pages from choosing people to the check of the answers.
const STEPS: u8 = 4;

/// Somebody is to be added first.
#[derive(Deserialize)]
pub struct AddQuery {
    /// `me`, or anything else for somebody else.
    #[serde(default)]
    add: String,
}

/// Where the visitor chooses a place. A party that the browser keeps is enough: nothing of anyone's is shown.
pub async fn choose_place(
    passer: Passer,
    slug: Path<String>,
    query: Query<AddQuery>,
    choices: Choices,
    kept: Kept,
) -> Answer {
    let campaign = campaign_called(&passer, &slug)?;
    if !query.add.is_empty() {
        return passer.go_to(&who::adding(&campaign, &choices, &query.add));
    }
    if let Some(errand) = kept.errand(passer.session.account, &campaign, &choices) {
        return places::page(&passer, &errand, &choices);
    }
    let mut citizen = Citizen::of(passer.stop().await?)?;
    match sought(&citizen, &campaign, &choices).await? {
        Ok((errand, new)) => keeping(&citizen, &new, places::page(&citizen.visitor, &errand, &choices)?),
        Err((all, wrong)) => who::page(&mut citizen, &campaign, &all, &choices, Some(wrong)),
    }
}

/// Where the visitor chooses a day and a time.
pub async fn choose_time(
    mut citizen: Citizen,
    path: Path<(String, String)>,
    choices: Choices,
    kept: Kept,
) -> Answer {
    let campaign = campaign_called(&citizen, &path.0)?;
    let site = site_called(&citizen, &path.1)?;
    if let Some(errand) = kept.errand(Some(citizen.account.id), &campaign, &choices) {
        return times::page(&mut citizen.visitor, &errand, &site, &choices).await;
    }
    match sought(&citizen, &campaign, &choices).await? {
        Ok((errand, new)) => {
            let page = times::page(&mut citizen.visitor, &errand, &site, &choices).await?;
            keeping(&citizen, &new, page)
        }
        Err((all, wrong)) => who::page(&mut citizen, &campaign, &all, &choices, Some(wrong)),
    }
}

/// The errand for the chosen people, and their party for the browser to keep; or why they are no party, with everyone in
/// the list.
type Sought = Result<(Errand, KnownParty), (Vec<Candidate>, WrongParty)>;

async fn sought(citizen: &Citizen, campaign: &Arc<Campaign>, choices: &Choices) -> Result<Sought, Problem> {
    let all = party::candidates(citizen, campaign).await?;
    Ok(match party::errand(campaign, &all, choices) {
        Ok(errand) => {
            let new = KnownParty::of(&citizen.web, citizen.account.id, &choices.people, &errand.search);
            Ok((errand, new))
        }
        Err(wrong) => Err((all, wrong)),
    })
}

/// The page, with a party for the browser to keep.
fn keeping(citizen: &Citizen, party: &KnownParty, mut page: HttpResponse) -> Answer {
    page.add_cookie(&party.cookie(&citizen.web)).map_err(|_says_nothing| Problem::Broken)?;
    Ok(page)
}

/// The campaign with this name in URLs.
///
/// # Errors
/// [`Problem::NotFound`] when there is none.
pub fn campaign_called(visitor: &Visitor, slug: &str) -> Result<Arc<Campaign>, Problem> {
    visitor.engine().country.now().campaign_by_slug(slug).cloned().ok_or(Problem::NotFound)
}

/// The site with this code in URLs.
///
/// # Errors
/// [`Problem::NotFound`] when there is none.
pub fn site_called(visitor: &Visitor, code: &str) -> Result<Arc<Site>, Problem> {
    visitor.engine().country.now().site_by_code(code).cloned().ok_or(Problem::NotFound)
}
