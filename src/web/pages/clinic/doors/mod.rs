//! The doors, for the authority: how an evening goes, and what is said to it.

mod door;
mod order;

use std::sync::Arc;

use actix_web::web::Path;
use askama::Template;

pub use door::door;
pub use order::act;

use super::only_authority;
use crate::domain::door::opening::Phase;
use crate::store::openings::StoredOpening;
use crate::web::page::{Answer, Frame};
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

#[derive(Template)]
#[template(path = "pages/clinic-doors.html")]
struct DoorsPage {
    frame: Frame,
    doors: Vec<DoorLine>,
}

struct DoorLine {
    code: String,
    campaign: String,
    opens_at: String,
    phase: &'static str,
}

/// The doors of all openings, the latest first.
pub async fn list(staff: Staff) -> Answer {
    only_authority(&staff)?;
    let catalogue = staff.engine().country.now().clone();
    let mut openings: Vec<&Arc<StoredOpening>> = catalogue.openings().iter().collect();
    openings.sort_by_key(|one| std::cmp::Reverse(one.opening.opens_at));
    let doors = openings.into_iter().map(|one| DoorLine {
        code: one.opening.code.to_string(),
        campaign: staff.reader().campaign_name(one.opening.campaign),
        opens_at: staff.reader().moment(one.opening.opens_at),
        phase: phase_key(one.opening.phase(staff.engine().now())),
    });
    staff.page(&DoorsPage { frame: staff.frame(), doors: doors.collect() })
}

/// The opening that a path names. Whoever does not lead evenings is refused before anything is looked up.
fn opening_for(staff: &Staff, code: &Path<String>) -> Result<Arc<StoredOpening>, Problem> {
    only_authority(staff)?;
    staff.engine().opening(code).ok_or(Problem::NotFound)
}

fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::Announced => "doors-announced",
        Phase::Joining => "doors-joining",
        Phase::Entering => "doors-entering",
        Phase::Over => "doors-over",
    }
}
