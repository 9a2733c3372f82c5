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
pub mod start;
pub mod times;
pub mod who;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Path;

use crate::domain::campaign::Campaign;
use crate::domain::site::Site;
use crate::web::known_party::{Kept, KnownParty};
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Visitor};

use choices::Choices;
use errand::Errand;
use party::{Candidate, WrongParty};

/// Pages from choosing people to the check of the answers.
const STEPS: u8 = 4;

/// Where the visitor chooses a place.
pub async fn choose_place(mut citizen: Citizen, slug: Path<String>, choices: Choices, kept: Kept) -> Answer {
    let campaign = campaign_called(&citizen, &slug)?;
    match sought(&citizen, &campaign, &choices, kept).await? {
        Ok((errand, new)) => keeping(&citizen, new, places::page(&citizen.visitor, &errand, &choices)?),
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
    match sought(&citizen, &campaign, &choices, kept).await? {
        Ok((errand, new)) => {
            let page = times::page(&mut citizen.visitor, &errand, &site, &choices).await?;
            keeping(&citizen, new, page)
        }
        Err((all, wrong)) => who::page(&mut citizen, &campaign, &all, &choices, Some(wrong)),
    }
}

/// The errand for the chosen people, and their party if the browser doesn't keep it yet; or why they are no party, with
/// everyone in the list.
type Sought = Result<(Errand, Option<KnownParty>), (Vec<Candidate>, WrongParty)>;

async fn sought(
    citizen: &Citizen,
    campaign: &Arc<Campaign>,
    choices: &Choices,
    Kept(known): Kept,
) -> Result<Sought, Problem> {
    let known = known.and_then(|known| party::known_errand(&known, citizen, campaign, choices));
    if let Some(errand) = known {
        return Ok(Ok((errand, None)));
    }
    let all = party::candidates(citizen, campaign).await?;
    Ok(match party::errand(campaign, &all, choices) {
        Ok(errand) => {
            let new = KnownParty::of(&citizen.web, citizen.account.id, &choices.people, &errand.search);
            Ok((errand, Some(new)))
        }
        Err(wrong) => Err((all, wrong)),
    })
}

/// The page, with a party for the browser to keep.
fn keeping(citizen: &Citizen, new: Option<KnownParty>, mut page: HttpResponse) -> Answer {
    if let Some(new) = new {
        page.add_cookie(&new.cookie(&citizen.web)).map_err(|_says_nothing| Problem::Broken)?;
    }
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
