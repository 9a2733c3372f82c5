//! Facts about the database itself, such as whether the demo filled it.

use diesel::prelude::*;

use super::schema::setting::dsl;
use super::{Conn, StoreError, Tx};

/// The setting that is `true` in a database that the demo filled: known passwords, codes shown on a page.
pub const DEMO: &str = "demo";

/// The value of a setting; `None` when it was never set.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<String>, StoreError> {
    Ok(dsl::setting.find(name).select(dsl::value).get_result(conn).optional()?)
}

/// Sets a setting, over any value it had.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> QueryResult<()> {
    let known = diesel::update(dsl::setting.find(name)).set(dsl::value.eq(value)).execute(tx.conn)?;
    if known == 0 {
        diesel::insert_into(dsl::setting)
            .values((dsl::name.eq(name), dsl::value.eq(value)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Whether the demo filled this database.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn is_demo(conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(get(conn, DEMO)?.as_deref() == Some("true"))
}
