//! Staff: who works with the service, and what they may see.

use diesel::prelude::*;

use super::access_log::{self, Access};
use super::schema::{staff, staff_site};
use super::values::word;
use super::{Conn, Failure, Outcome, StoreError, Tx, second_factor, staff_sessions};
use crate::domain::ids::{SiteId, StaffId};
use crate::domain::person::words;

words! {
    /// What a member of staff may see.
    Role {
        /// The rosters of some sites.
        Clinic = "clinic",
        /// When callers' turn is; no roster.
        CallCentre = "call-centre",
        /// The rosters of all sites.
        Authority = "authority",
        /// Who looked at whom; no roster.
        Auditor = "auditor",
    }
}

impl Role {
    /// The key of its name in the catalog.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clinic => "role-clinic",
            Self::CallCentre => "role-call-centre",
            Self::Authority => "role-authority",
            Self::Auditor => "role-auditor",
        }
    }
}

/// A member of staff.
#[derive(Debug, Clone)]
pub struct StaffMember {
    /// The row's id.
    pub id: StaffId,
    /// The name they sign in with.
    pub login: String,
    /// What they may see.
    pub role: Role,
    /// Their sites; empty for the authority, which sees all, and for the call centre and auditors, who see none.
    pub sites: Vec<SiteId>,
}

impl StaffMember {
    /// Whether they may see a site's roster.
    pub fn may_see(&self, site: SiteId) -> bool {
        self.is_authority() || self.sites.contains(&site)
    }

    /// Whether they are of the authority: they see all sites and lead evenings.
    pub fn is_authority(&self) -> bool {
        self.role == Role::Authority
    }

    /// Whether rosters are theirs to see: of all sites, or of those they work at.
    pub fn sees_sites(&self) -> bool {
        matches!(self.role, Role::Clinic | Role::Authority)
    }

    /// Whether they go through the access log. Nobody else does: who is looked after does not look after themselves.
    pub fn is_auditor(&self) -> bool {
        self.role == Role::Auditor
    }

    /// Whether they tell callers their turn: the call centre, and the authority.
    pub fn answers_callers(&self) -> bool {
        matches!(self.role, Role::CallCentre | Role::Authority)
    }
}

/// Why a member of staff could not be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddStaffError {
    /// The login is taken.
    #[error("the login is taken")]
    LoginTaken,
}

/// Adds a member of staff whose password was hashed by argon2id.
///
/// # Errors
/// [`AddStaffError::LoginTaken`].
pub fn add(
    tx: &mut Tx<'_>,
    login: &str,
    password_hash: &str,
    role: Role,
    sites: &[SiteId],
) -> Outcome<StaffId, AddStaffError> {
    let taken: i64 = staff::table.filter(staff::login.eq(login)).count().get_result(tx.conn)?;
    if taken > 0 {
        return Err(Failure::Refused(AddStaffError::LoginTaken));
    }
    let id = tx.new_id();
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::login.eq(login),
            staff::password_hash.eq(password_hash),
            staff::role.eq(role.as_str()),
            staff::created_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    for site in sites {
        diesel::insert_into(staff_site::table)
            .values((staff_site::staff.eq(id), staff_site::site.eq(site.0)))
            .execute(tx.conn)?;
    }
    Ok(StaffId(id))
}

/// Why a member of staff could not be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndStaffError {
    /// Nobody who works here has this login.
    #[error("nobody who works here has this login")]
    NotFound,
}

/// Ends a member of staff: they can't sign in any more and are signed out everywhere. The row stays for the access
/// log, so the login stays taken.
///
/// # Errors
/// [`EndStaffError::NotFound`].
pub fn end(tx: &mut Tx<'_>, login: &str) -> Outcome<(), EndStaffError> {
    let ended = diesel::update(staff::table.filter(staff::login.eq(login).and(staff::ended_at.is_null())))
        .set(staff::ended_at.eq(tx.now.as_second()))
        .execute(tx.conn)?;
    if ended == 0 { Err(Failure::Refused(EndStaffError::NotFound)) } else { Ok(()) }
}

/// Whether somebody who works here still has the password with this hash. Their row is locked, so that it stays so: whoever
/// changes it at the same time has done, or waits.
///
/// # Errors
/// [`diesel::result::Error`] when the statement fails.
pub fn still_has(tx: &mut Tx<'_>, id: StaffId, password_hash: &str) -> QueryResult<bool> {
    let same = staff::password_hash.eq(password_hash).and(staff::ended_at.is_null());
    let locked = diesel::update(staff::table.find(id.0).filter(same))
        .set(staff::password_hash.eq(password_hash))
        .execute(tx.conn)?;
    Ok(locked > 0)
}

/// Sets another password, and ends the sessions of whoever knew the one before, but for the session with the token `kept`.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn set_password(
    tx: &mut Tx<'_>,
    id: StaffId,
    password_hash: &str,
    kept: Option<&str>,
) -> QueryResult<()> {
    diesel::update(staff::table.find(id.0)).set(staff::password_hash.eq(password_hash)).execute(tx.conn)?;
    staff_sessions::end_all(tx, id, kept)
}

/// Lets somebody in again who has lost password and second factor: another password, no second factor, no session.
///
/// # Errors
/// [`EndStaffError::NotFound`].
pub fn reset(tx: &mut Tx<'_>, login: &str, password_hash: &str) -> Outcome<(), EndStaffError> {
    let found: Option<i64> = staff::table
        .filter(staff::login.eq(login).and(staff::ended_at.is_null()))
        .select(staff::id)
        .get_result(tx.conn)
        .optional()?;
    let id = StaffId(found.ok_or(Failure::Refused(EndStaffError::NotFound))?);
    set_password(tx, id, password_hash, None)?;
    second_factor::forget(tx, id)?;
    let access = Access { staff: id, action: "account-reset", booking: None, site: None, reason: None };
    Ok(access_log::record(tx, &access)?)
}

/// Everyone who works here, by login, without those who were ended.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn list(conn: &mut Conn) -> Result<Vec<StaffMember>, StoreError> {
    let rows: Vec<(i64, String, String)> = staff::table
        .filter(staff::ended_at.is_null())
        .order(staff::login)
        .select((staff::id, staff::login, staff::role))
        .load(conn)?;
    rows.into_iter().map(|row| member_of(conn, row)).collect()
}

pub(super) fn member_of(
    conn: &mut Conn,
    (id, login, role): (i64, String, String),
) -> Result<StaffMember, StoreError> {
    let sites: Vec<i64> =
        staff_site::table.filter(staff_site::staff.eq(id)).select(staff_site::site).load(conn)?;
    Ok(StaffMember {
        id: StaffId(id),
        login,
        role: word(&role, Role::from_word)?,
        sites: sites.into_iter().map(SiteId).collect(),
    })
}

/// The id and password hash behind a login.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn password_hash(conn: &mut Conn, login: &str) -> Result<Option<(StaffId, String)>, StoreError> {
    let row: Option<(i64, String)> = staff::table
        .filter(staff::login.eq(login).and(staff::ended_at.is_null()))
        .select((staff::id, staff::password_hash))
        .get_result(conn)
        .optional()?;
    Ok(row.map(|(id, hash)| (StaffId(id), hash)))
}
