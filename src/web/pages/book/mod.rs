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

use actix_web::web::Path;

use crate::domain::campaign::Campaign;
use crate::domain::site::Site;
use crate::web::page::Answer;
use crate::web::problem::Problem;
use crate::web::visitor::{Citizen, Visitor};

use choices::Choices;

/// Pages from choosing people to the check of the answers.
const STEPS: u8 = 4;

/// Where the visitor chooses a place.
pub async fn choose_place(mut citizen: Citizen, slug: Path<String>, choices: Choices) -> Answer {
    let campaign = campaign_called(&citizen, &slug)?;
    let candidates = party::candidates(&citizen, &campaign).await?;
    match party::errand(&campaign, &candidates, &choices) {
        Ok(errand) => places::page(&citizen.visitor, &errand, &choices),
        Err(wrong) => who::page(&mut citizen, &campaign, &candidates, &choices, Some(wrong)),
    }
}

/// Where the visitor chooses a day and a time.
pub async fn choose_time(mut citizen: Citizen, path: Path<(String, String)>, choices: Choices) -> Answer {
    let campaign = campaign_called(&citizen, &path.0)?;
    let site = site_called(&citizen, &path.1)?;
    let candidates = party::candidates(&citizen, &campaign).await?;
    match party::errand(&campaign, &candidates, &choices) {
        Ok(errand) => times::page(&mut citizen.visitor, &errand, &site, &choices).await,
        Err(wrong) => who::page(&mut citizen, &campaign, &candidates, &choices, Some(wrong)),
    }
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
