//! Gateways that the authority has paused: a list of names in the settings, so that all nodes see it.

use super::{Conn, StoreError, Tx, settings};

/// The setting with their names, separated by commas.
const SETTING: &str = "paused-gateways";

/// Their names.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn names(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let names = settings::get(conn, SETTING)?.unwrap_or_default();
    Ok(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// Pauses a gateway, or lets it go on.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn set(tx: &mut Tx<'_>, gateway: &str, paused: bool) -> Result<(), StoreError> {
    let mut names = names(tx.conn)?;
    names.retain(|name| name != gateway);
    if paused {
        names.push(gateway.to_owned());
    }
    Ok(settings::set(tx, SETTING, &names.join(","))?)
}
