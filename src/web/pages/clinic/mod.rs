//! The pages of staff: signing in, the roster of a day on screen, on paper and as a file, what callers are told, and the doors
//! and messages of the authority.

pub mod account;
pub mod audit;
pub mod callers;
mod chart;
pub mod csv;
mod day;
pub mod doors;
pub mod end;
mod facts;
pub mod find;
pub mod gateway;
pub mod leftovers;
pub mod lots;
pub mod messages;
pub mod names;
pub mod recall;
pub mod roster;
pub mod schedule;
pub mod second_factor;
pub mod sheet;
pub mod sign_in;
pub mod sign_in_code;
pub mod sites;
pub mod supply;
pub mod today;
pub mod visit;

use std::sync::Arc;

use crate::domain::site::Site;
use crate::store::access_log::{self, Access};
use crate::store::{Failure, Never, Tx};
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// The site with this code, if the member of staff may see it.
fn site_for(staff: &Staff, code: &str) -> Result<Arc<Site>, Problem> {
    let catalogue = staff.engine().country.now();
    let site = catalogue.site_by_code(code).ok_or(Problem::NotFound)?;
    if staff.member.may_see(site.id) { Ok(site.clone()) } else { Err(Problem::Forbidden) }
}

/// Lets on the authority.
fn only_authority(staff: &Staff) -> Result<(), Problem> {
    staff.member.is_authority().then_some(()).ok_or(Problem::Forbidden)
}

/// Lets on whoever answers callers.
fn only_call_centre(staff: &Staff) -> Result<(), Problem> {
    staff.member.answers_callers().then_some(()).ok_or(Problem::Forbidden)
}

/// Writes down who looks at what. It is on disk before anything is shown.
async fn write_down(staff: &Staff, access: Access) -> Result<(), Problem> {
    let key = access.site.map_or(0, |site| site.0);
    let record = move |tx: &mut Tx<'_>| access_log::record(tx, &access).map_err(Failure::<Never>::from);
    Ok(staff.engine().ledger.write(key, record).await?)
}
