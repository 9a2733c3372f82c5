//! What a database remembers of the keys that wrote it. With other keys nobody would be found by their phone and nothing
//! would open: people would get second accounts and second seats. So every start compares.

use diesel::prelude::*;

use super::connection::{none_if_there, open_bare};
use super::inspection::{self, InspectError};
use super::schema::setting::dsl;
use super::{Conn, DatabaseUrl, StoreError};
use crate::keys::{KeyId, KeyRing};

/// The setting with the fingerprint of the key that hashes look-ups.
const LOOKUP: &str = "key-lookup";

/// Begins the names of the settings with the fingerprints of the keys that sealed; the key's id follows.
const SEALING: &str = "key-sealing-";

/// Why these keys may not write this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OtherKeys {
    /// It was written with others.
    #[error(
        "these master keys do not belong to this database: it was written with others. Name their file in keys.file \
         (each backup holds it too), or another database in database.url"
    )]
    Foreign,
    /// It was written with one more.
    #[error(
        "the key file lacks master key {0}, which has sealed in this database: name the file that `sunbeon keys rotate` \
         made in keys.file (each later backup holds it too)"
    )]
    Older(KeyId),
}

/// Compares the keys with what the database remembers, and remembers them where it knows none yet, or not the one that
/// seals now. Of several that start at once one is first, and the others compare with what it wrote.
///
/// # Errors
/// [`StoreError::OtherKeys`] when they are not the keys that wrote it.
pub(super) fn claim(url: &DatabaseUrl, keys: &KeyRing) -> Result<(), StoreError> {
    let mut conn = open_bare(url)?;
    for (name, fingerprint) in compare(&mut conn, keys)? {
        diesel::insert_into(dsl::setting)
            .values((dsl::name.eq(name), dsl::value.eq(fingerprint)))
            .execute(&mut conn)
            .or_else(none_if_there)?;
        compare(&mut conn, keys)?;
    }
    Ok(())
}

/// Compares the keys with what a database at rest remembers, and changes nothing: for `sunbeon check`.
///
/// # Errors
/// [`StoreError::OtherKeys`] when they are not the keys that wrote it.
pub fn look(url: &DatabaseUrl, keys: &KeyRing) -> Result<(), StoreError> {
    compare(&mut open_bare(url)?, keys).map(drop)
}

/// The settings that the database lacks about these keys, in the order in which they are to be written.
pub(super) fn compare(conn: &mut Conn, keys: &KeyRing) -> Result<Vec<(String, String)>, StoreError> {
    let known: Vec<(String, String)> =
        dsl::setting.filter(dsl::name.like("key-%")).select((dsl::name, dsl::value)).load(conn)?;
    let known_as = |name: &str| known.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let lookup = keys.fingerprint(keys.lookup_key()).ok_or(OtherKeys::Foreign)?;
    match known_as(LOOKUP) {
        Some(known) if *known != lookup => return Err(OtherKeys::Foreign.into()),
        Some(_) => {}
        // A database from before it remembered: what is sealed in it says whose it is.
        None => fit(conn, keys)?,
    }
    for (name, fingerprint) in &known {
        let Some(id) = name.strip_prefix(SEALING).and_then(|id| id.parse().ok()).map(KeyId) else { continue };
        match keys.fingerprint(id) {
            Some(own) if own == *fingerprint => {}
            Some(_) => return Err(OtherKeys::Foreign.into()),
            None => return Err(OtherKeys::Older(id).into()),
        }
    }
    let current = keys.current_key();
    let sealing = keys.fingerprint(current).ok_or(OtherKeys::Foreign)?;
    let wanted = [(LOOKUP.to_owned(), lookup), (format!("{SEALING}{current}"), sealing)];
    Ok(wanted.into_iter().filter(|(name, _)| known_as(name).is_none()).collect())
}

/// Whether the keys open what is sealed, and find phones by the same look-up key.
fn fit(conn: &mut Conn, keys: &KeyRing) -> Result<(), StoreError> {
    inspection::open_some(conn, keys).map_err(|error| match error {
        InspectError::Store(error) => error,
        _ => OtherKeys::Foreign.into(),
    })
}
