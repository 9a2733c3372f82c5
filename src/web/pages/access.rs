//! Who may open a booking: whoever made it, the person it is for, and whoever proved its phone for half an hour.

use crate::domain::reference::ReferenceCode;
use crate::store::bookings::{self, Booking};
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// The booking with this reference, if the visitor may see and change it.
///
/// # Errors
/// [`Problem::SignInNeeded`] when nobody is signed in and nothing was found by reference and code, and
/// [`Problem::NotFound`] otherwise, the same whether the booking exists or not.
pub async fn open_booking(visitor: &Visitor, reference: &str) -> Result<Booking, Problem> {
    let owner = visitor.account.as_ref().map(|account| account.id);
    let found = visitor.session.found(visitor.engine().now());
    if owner.is_none() && found.is_none() {
        // Nothing is looked up for a stranger: how long it takes would tell which references exist.
        return Err(Problem::SignInNeeded { next: visitor.path.clone() });
    }
    let Ok(reference) = ReferenceCode::parse(reference) else { return Err(Problem::NotFound) };
    let read = visitor.engine().store.read(move |conn, keys| {
        let Some(one) = bookings::by_reference(conn, keys, &reference)? else { return Ok(None) };
        if let Some(owner) = owner
            && bookings::may_see(conn, owner, &one)?
        {
            return Ok(Some(one));
        }
        let Some(found) = found else { return Ok(None) };
        let same_course = bookings::find(conn, keys, found)?.is_some_and(|other| other.course == one.course);
        Ok(same_course.then_some(one))
    });
    read.await?.ok_or(Problem::NotFound)
}
