//! Openings: few rows, read whole.

use diesel::prelude::*;

use super::draws::{self, DrawRow, StoredDraw};
use super::schema::opening;
use super::values::{moment, small, unreadable, word};
use super::{Conn, StoreError, Tx};
use crate::domain::door::draw_key::DrawKey;
use crate::domain::door::opening::{Opening, OpeningCode, Places};
use crate::domain::ids::{CampaignId, OpeningId};
use crate::keys::{Cell, KeyRing, Sealed};

/// An opening with its draw.
#[derive(Debug, Clone)]
pub struct StoredOpening {
    /// The opening.
    pub opening: Opening,
    /// The key that makes a place of each phone number; `None` before the draw.
    pub key: Option<DrawKey>,
    /// How the draw came about.
    pub draw: StoredDraw,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = opening)]
struct Row {
    id: i64,
    code: String,
    campaign: i64,
    born_from: Option<i32>,
    born_to: Option<i32>,
    joins_from: i64,
    opens_at: i64,
    ends_at: i64,
    expected: i64,
    sessions: i32,
    places: String,
    draw_key_sealed: Option<Vec<u8>>,
    #[diesel(embed)]
    draw: DrawRow,
}

impl Row {
    fn opening(&self) -> Result<Opening, StoreError> {
        let born = self.born_from.zip(self.born_to);
        let born = born.map(|(from, to)| Ok::<_, StoreError>((small(from)?, small(to)?)));
        Ok(Opening {
            id: OpeningId(self.id),
            code: self.code.parse().map_err(unreadable)?,
            campaign: CampaignId(self.campaign),
            places: word(&self.places, Places::from_word)?,
            born: born.transpose()?,
            joins_from: moment(self.joins_from)?,
            opens_at: moment(self.opens_at)?,
            ends_at: moment(self.ends_at)?,
            expected: u32::try_from(self.expected).map_err(unreadable)?,
            sessions: small(self.sessions)?,
        })
    }
}

impl StoredOpening {
    /// Whether anybody can have a place: in a line always, otherwise as soon as it was drawn.
    pub fn gives_places(&self) -> bool {
        self.key.is_some() || self.opening.places == Places::InLine
    }
}

/// All openings, the latest first.
///
/// # Errors
/// [`StoreError`] when the query fails, or a key does not open.
pub fn all(conn: &mut Conn, keys: &KeyRing) -> Result<Vec<StoredOpening>, StoreError> {
    let rows: Vec<Row> = opening::table
        .order((opening::opens_at.desc(), opening::code))
        .select(Row::as_select())
        .load(conn)?;
    let mut parties = draws::parties(conn, keys)?;
    rows.into_iter()
        .map(|row| {
            let opening = row.opening()?;
            let sealed = row.draw_key_sealed.map(Sealed::from_bytes);
            let key = sealed.map(|sealed| keys.open_text(key_cell(row.id), &sealed)).transpose();
            let key = key.map_err(unreadable)?.map(|hex| DrawKey::from_hex(&hex));
            let parties = parties.remove(&opening.id).unwrap_or_default();
            Ok(StoredOpening {
                opening,
                key: key.transpose().map_err(unreadable)?,
                draw: row.draw.draw(parties)?,
            })
        })
        .collect()
}

/// The opening with this code.
///
/// # Errors
/// [`StoreError`] when the query fails, or a key does not open.
pub fn find(
    conn: &mut Conn,
    keys: &KeyRing,
    code: &OpeningCode,
) -> Result<Option<StoredOpening>, StoreError> {
    Ok(all(conn, keys)?.into_iter().find(|one| one.opening.code == *code))
}

/// The place in the database that a draw's key is sealed for.
fn key_cell(row: i64) -> Cell {
    Cell { table: "opening", column: "draw_key_sealed", row }
}

/// Stores an opening under its code, new or changed, and returns its id. Its draw stays as it is.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails.
pub fn save(tx: &mut Tx<'_>, new: &Opening) -> QueryResult<OpeningId> {
    super::changes::note(tx);
    let known: Option<i64> = opening::table
        .filter(opening::code.eq(new.code.as_str()))
        .select(opening::id)
        .get_result(tx.conn)
        .optional()?;
    let id = known.unwrap_or_else(|| tx.new_id());
    let values = (
        opening::campaign.eq(new.campaign.0),
        opening::places.eq(new.places.as_str()),
        opening::born_from.eq(new.born.map(|(from, _)| i32::from(from))),
        opening::born_to.eq(new.born.map(|(_, to)| i32::from(to))),
        opening::joins_from.eq(new.joins_from.as_second()),
        opening::opens_at.eq(new.opens_at.as_second()),
        opening::ends_at.eq(new.ends_at.as_second()),
        opening::expected.eq(i64::from(new.expected)),
        opening::sessions.eq(i32::try_from(new.sessions).unwrap_or(i32::MAX)),
    );
    if known.is_some() {
        diesel::update(opening::table.find(id)).set(values).execute(tx.conn)?;
    } else {
        diesel::insert_into(opening::table)
            .values((opening::id.eq(id), opening::code.eq(new.code.as_str()), values))
            .execute(tx.conn)?;
    }
    Ok(OpeningId(id))
}

/// Keeps the key of an opening's draw. An opening is drawn once: whoever has been told a place keeps it.
///
/// # Errors
/// [`diesel::result::Error`] when a statement fails. `Ok(false)` when it was drawn before, and nothing has changed.
pub fn keep_key(tx: &mut Tx<'_>, id: OpeningId, key: &DrawKey) -> QueryResult<bool> {
    super::changes::note(tx);
    let sealed = tx.seal("opening", "draw_key_sealed", id.0, &key.reveal());
    let undrawn = opening::table.find(id.0).filter(opening::fingerprint.is_null());
    let kept = diesel::update(undrawn)
        .set((
            opening::draw_key_sealed.eq(sealed),
            opening::fingerprint.eq(key.fingerprint().0.as_slice()),
            opening::drawn_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(kept == 1)
}
