//! Draws: who committed to what, what was revealed, and what came of it.

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::openings::{self, StoredOpening};
use super::schema::{draw_party, opening};
use super::values::{moment, unreadable};
use super::{Conn, Failure, Outcome, StoreError, Tx, admission_list, changes};
use crate::domain::campaign::Localised;
use crate::domain::door::digest::Digest;
use crate::domain::door::draw::{Draw, DrawError, Origin};
use crate::domain::door::opening::{OpeningCode, Places};
use crate::domain::door::seed::{Beacon, BeaconRound, Commitment, Seed};
use crate::domain::ids::OpeningId;
use crate::keys::{Cell, KeyRing, Sealed};

/// How a draw came about, as far as it has.
#[derive(Debug, Clone)]
pub struct StoredDraw {
    /// Which round of which public beacon counts; `None` when none does.
    pub beacon: Option<BeaconRound>,
    /// When it was named.
    pub beacon_named_at: Option<Timestamp>,
    /// What the beacon gave.
    pub beacon_value: Option<Beacon>,
    /// SHA-256 of the key; `None` before the draw.
    pub fingerprint: Option<Digest>,
    /// When it was drawn.
    pub drawn_at: Option<Timestamp>,
    /// Since when seeds, beacon and key are public.
    pub published_at: Option<Timestamp>,
    /// Who takes part, in the order of committing.
    pub parties: Vec<StoredParty>,
}

/// Who takes part in a draw.
#[derive(Debug, Clone)]
pub struct StoredParty {
    /// What it is called.
    pub name: Localised,
    /// Whether it is independent of the service.
    pub origin: Origin,
    /// What it published.
    pub commitment: Commitment,
    /// When it was taken in; `None` before such times were kept.
    pub committed_at: Option<Timestamp>,
    /// What it revealed, and when: the seed is a secret until the draw is published.
    pub revealed: Option<(Seed, Timestamp)>,
}

impl StoredDraw {
    /// Whether a party has revealed its seed.
    pub fn is_revealed(&self) -> bool {
        self.parties.iter().any(|party| party.revealed.is_some())
    }

    /// The same for the arithmetic.
    ///
    /// # Errors
    /// [`DrawError`] when the parties can't be those of a draw.
    pub fn draw(&self, code: &OpeningCode) -> Result<Draw, DrawError> {
        let mut draw = Draw::new(code.clone());
        for party in &self.parties {
            draw.commit(party.commitment, party.origin)?;
        }
        for seed in self.parties.iter().filter_map(|party| party.revealed.as_ref()) {
            draw.reveal(seed.0.clone())?;
        }
        if let Some(beacon) = self.beacon_value.clone() {
            draw.set_beacon(beacon);
        }
        Ok(draw)
    }
}

/// What an opening's row says of its draw.
#[derive(Queryable, Selectable)]
#[diesel(table_name = opening)]
pub(super) struct DrawRow {
    fingerprint: Option<Vec<u8>>,
    beacon: String,
    beacon_at: Option<i64>,
    beacon_named_at: Option<i64>,
    beacon_value: Option<Vec<u8>>,
    drawn_at: Option<i64>,
    published_at: Option<i64>,
}

impl DrawRow {
    pub(super) fn draw(self, parties: Vec<StoredParty>) -> Result<StoredDraw, StoreError> {
        let value = self.beacon_value.map(|bytes| data_encoding::HEXLOWER.encode(&bytes).parse());
        let at = self.beacon_at.map(moment).transpose()?;
        Ok(StoredDraw {
            beacon: at.map(|at| BeaconRound { name: self.beacon, at }),
            beacon_named_at: self.beacon_named_at.map(moment).transpose()?,
            beacon_value: value.transpose().map_err(unreadable)?,
            fingerprint: self.fingerprint.map(digest).transpose()?,
            drawn_at: self.drawn_at.map(moment).transpose()?,
            published_at: self.published_at.map(moment).transpose()?,
            parties,
        })
    }
}

/// 32 bytes as they are kept.
pub(super) fn digest(bytes: Vec<u8>) -> Result<Digest, StoreError> {
    let count = bytes.len();
    bytes.try_into().map(Digest).map_err(|_bytes| unreadable(format!("{count} bytes are no SHA-256")))
}

fn seed_cell(row: i64) -> Cell {
    Cell { table: "draw_party", column: "seed_sealed", row }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = draw_party)]
struct PartyRow {
    id: i64,
    opening: i64,
    name_ko: String,
    name_en: String,
    outside: bool,
    commitment: Vec<u8>,
    committed_at: Option<i64>,
    seed_sealed: Option<Vec<u8>>,
    revealed_at: Option<i64>,
}

impl PartyRow {
    fn party(self, keys: &KeyRing) -> Result<StoredParty, StoreError> {
        let sealed = self.seed_sealed.map(Sealed::from_bytes);
        let seed = sealed.map(|sealed| keys.open_text(seed_cell(self.id), &sealed)).transpose();
        let seed =
            seed.map_err(unreadable)?.map(|hex| Seed::from_hex(&hex)).transpose().map_err(unreadable)?;
        let revealed_at = self.revealed_at.map(moment).transpose()?;
        Ok(StoredParty {
            name: Localised { korean: self.name_ko, english: self.name_en },
            origin: if self.outside { Origin::Outside } else { Origin::Inside },
            commitment: Commitment(digest(self.commitment)?),
            committed_at: self.committed_at.map(moment).transpose()?,
            revealed: seed.zip(revealed_at),
        })
    }
}

/// The parties of all draws, in the order of committing.
pub(super) fn parties(
    conn: &mut Conn,
    keys: &KeyRing,
) -> Result<HashMap<OpeningId, Vec<StoredParty>>, StoreError> {
    let order = (draw_party::opening, draw_party::number);
    let rows: Vec<PartyRow> = draw_party::table.order(order).select(PartyRow::as_select()).load(conn)?;
    let mut parties: HashMap<OpeningId, Vec<StoredParty>> = HashMap::new();
    for row in rows {
        parties.entry(OpeningId(row.opening)).or_default().push(row.party(keys)?);
    }
    Ok(parties)
}

/// Names the round of a beacon that will count, or none.
///
/// # Errors
/// [`DrawRefused`] when another was named and a seed is known or it was drawn, and when the round may be known.
pub fn name_beacon(
    tx: &mut Tx<'_>,
    code: &OpeningCode,
    beacon: Option<&BeaconRound>,
) -> Outcome<(), DrawRefused> {
    let one = opening_called(tx, code)?;
    if one.draw.beacon.as_ref() == beacon {
        return Ok(());
    }
    if one.key.is_some() {
        return Err(DrawRefused::Drawn.into());
    }
    if one.draw.is_revealed() {
        return Err(DrawRefused::Revealed.into());
    }
    if let Some(round) = beacon.filter(|round| round.at <= tx.now) {
        return Err(DrawRefused::RoundOver(round.at).into());
    }
    changes::note(tx);
    let name = beacon.map(|round| round.name.as_str()).unwrap_or_default();
    let at = beacon.map(|round| round.at.as_second());
    let named_at = beacon.map(|_| tx.now.as_second());
    let named = (opening::beacon.eq(name), opening::beacon_at.eq(at), opening::beacon_named_at.eq(named_at));
    diesel::update(opening::table.find(one.opening.id.0)).set(named).execute(tx.conn)?;
    Ok(())
}

/// Why a draw does not go on like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawRefused {
    /// No opening has the code.
    #[error("there is no opening with this code; `sunbeon import` takes openings from a campaign file")]
    NoOpening,
    /// In a line whoever comes first has the earlier place.
    #[error("it is a line: places are given to whoever comes first, and nothing is drawn")]
    Line,
    /// Whoever has been told a place keeps it.
    #[error("it was drawn already, and an opening is drawn once")]
    Drawn,
    /// There is nothing to publish.
    #[error("it was not drawn yet")]
    NotDrawn,
    /// Whoever knows another's seed could choose their own by it.
    #[error("a party has revealed its seed already, and whoever knows it could choose by it")]
    Revealed,
    /// Whoever knows what the beacon gave could choose by it which seeds count.
    #[error("the beacon's round was at {0}, and whoever knows what it gave could choose by it")]
    RoundOver(Timestamp),
    /// No secret would be in the key.
    #[error(
        "no party revealed its seed before the beacon's round, and a key without a secret in it would be public; name a \
         later round in the campaign file, and let the parties reveal their seeds before it"
    )]
    NobodyRevealed,
    /// Nobody can know yet what the beacon gives.
    #[error("the beacon's round is at {0}; draw after it, and let the parties reveal their seeds before")]
    RoundToCome(Timestamp),
    /// With the key, early phone numbers would be bought.
    #[error(
        "with the key everybody's turn could be computed; publish it when the evening is over, from {0} on"
    )]
    NotOver(Date),
    /// It is public already.
    #[error("it was published already")]
    Published,
    /// The round that was named counts.
    #[error(
        "a beacon was named beforehand: give what it gave as --beacon HEX; --without-beacon draws without it, and then \
         the page says that nobody outside can check the draw"
    )]
    NoBeacon,
    /// Whoever names a round afterwards chooses it.
    #[error(
        "no beacon was named beforehand, so none can count; name it in the campaign file, and draw after its round"
    )]
    UnnamedBeacon,
    /// The arithmetic says no.
    #[error(transparent)]
    Rules(#[from] DrawError),
}

impl From<DrawRefused> for Failure<DrawRefused> {
    fn from(refused: DrawRefused) -> Self {
        Self::Refused(refused)
    }
}

/// The opening with this code. Others who would change its draw at the same moment wait: each goes by what the one before
/// has written.
fn opening_called(tx: &mut Tx<'_>, code: &OpeningCode) -> Outcome<StoredOpening, DrawRefused> {
    let theirs = opening::table.filter(opening::code.eq(code.as_str()));
    diesel::update(theirs).set(opening::beacon.eq(opening::beacon)).execute(tx.conn)?;
    let found = openings::find(tx.conn, &tx.tools.keys, code)?;
    Ok(found.ok_or(DrawRefused::NoOpening)?)
}

fn undrawn(tx: &mut Tx<'_>, code: &OpeningCode) -> Outcome<StoredOpening, DrawRefused> {
    match opening_called(tx, code)? {
        line if line.opening.places == Places::InLine => Err(DrawRefused::Line.into()),
        drawn if drawn.key.is_some() => Err(DrawRefused::Drawn.into()),
        undrawn => Ok(undrawn),
    }
}

/// Refuses what has to come before the beacon's round when it comes after it.
fn before_the_round(tx: &Tx<'_>, one: &StoredOpening) -> Result<(), DrawRefused> {
    match &one.draw.beacon {
        Some(round) if round.at <= tx.now => Err(DrawRefused::RoundOver(round.at)),
        _ => Ok(()),
    }
}

/// Takes in what the next party publishes, and returns its number, from 1.
///
/// # Errors
/// [`DrawRefused`] when a party has revealed its seed, the beacon's round is over, or the rules say no.
pub fn commit(
    tx: &mut Tx<'_>,
    code: &OpeningCode,
    name: &Localised,
    origin: Origin,
    commitment: Commitment,
) -> Outcome<usize, DrawRefused> {
    let one = undrawn(tx, code)?;
    before_the_round(tx, &one)?;
    if one.draw.is_revealed() {
        return Err(DrawRefused::Revealed.into());
    }
    let mut draw = one.draw.draw(code).map_err(DrawRefused::from)?;
    draw.commit(commitment, origin).map_err(DrawRefused::from)?;
    let number = one.draw.parties.len() + 1;
    changes::note(tx);
    diesel::insert_into(draw_party::table)
        .values((
            draw_party::id.eq(tx.new_id()),
            draw_party::opening.eq(one.opening.id.0),
            draw_party::number.eq(i32::try_from(number).unwrap_or(i32::MAX)),
            draw_party::name_ko.eq(&name.korean),
            draw_party::name_en.eq(&name.english),
            draw_party::outside.eq(origin == Origin::Outside),
            draw_party::commitment.eq(commitment.0.0.as_slice()),
            draw_party::committed_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(number)
}

/// Takes in the seed of a party before the beacon's round, so that whoever withholds one gains nothing by it. Returns
/// whose it is.
///
/// # Errors
/// [`DrawRefused`] when it was drawn, the beacon's round is over, or no party committed to the seed.
pub fn reveal(tx: &mut Tx<'_>, code: &OpeningCode, seed: &Seed) -> Outcome<Localised, DrawRefused> {
    let one = undrawn(tx, code)?;
    before_the_round(tx, &one)?;
    let party = one.draw.parties.into_iter().find(|party| party.commitment.is_of(seed));
    let party = party.ok_or(DrawError::NotCommitted).map_err(DrawRefused::from)?;
    if party.revealed.is_none() {
        keep_seed(tx, one.opening.id, seed)?;
    }
    Ok(party.name)
}

/// What the beacon gave, as whoever closes the draw has it.
#[derive(Debug, Clone)]
pub enum BeaconGiven {
    /// This.
    Value(Beacon),
    /// Nothing was given.
    Nothing,
    /// It is known that there is none, though one was named.
    Without,
}

/// A draw that was made.
#[derive(Debug, Clone)]
pub struct Closed {
    /// What may be public now.
    pub fingerprint: Digest,
    /// Whether people outside can check, once it is published, that nobody chose the places.
    pub verifiable: bool,
    /// Who did not reveal; their commitments stand in.
    pub silent: Vec<Localised>,
}

/// Makes the draw of the seeds that were revealed and what the beacon gave, and keeps the key.
///
/// # Errors
/// [`DrawRefused`] when it was drawn before, or the rules say no.
pub fn close(tx: &mut Tx<'_>, code: &OpeningCode, beacon: &BeaconGiven) -> Outcome<Closed, DrawRefused> {
    let mut one = undrawn(tx, code)?;
    one.draw.beacon_value = match (beacon, &one.draw.beacon) {
        (_, Some(round)) if tx.now < round.at => return Err(DrawRefused::RoundToCome(round.at).into()),
        (BeaconGiven::Value(_), None) => return Err(DrawRefused::UnnamedBeacon.into()),
        (BeaconGiven::Nothing, Some(_)) => return Err(DrawRefused::NoBeacon.into()),
        (BeaconGiven::Value(beacon), Some(_)) => Some(beacon.clone()),
        (BeaconGiven::Nothing | BeaconGiven::Without, _) => None,
    };
    if one.draw.beacon.is_some() && !one.draw.is_revealed() {
        return Err(DrawRefused::NobodyRevealed.into());
    }
    let draw = one.draw.draw(code).map_err(DrawRefused::from)?;
    let key = draw.key().map_err(DrawRefused::from)?;
    if !openings::keep_key(tx, one.opening.id, &key)? {
        return Err(DrawRefused::Drawn.into());
    }
    let value = one.draw.beacon_value.as_ref().map(Beacon::as_bytes);
    diesel::update(opening::table.find(one.opening.id.0))
        .set(opening::beacon_value.eq(value))
        .execute(tx.conn)?;
    let silent = one
        .draw
        .parties
        .into_iter()
        .filter(|party| party.revealed.is_none())
        .map(|party| party.name)
        .collect();
    Ok(Closed { fingerprint: key.fingerprint(), verifiable: draw.is_verifiable(), silent })
}

/// Keeps a seed beside the commitment that was made from it.
fn keep_seed(tx: &mut Tx<'_>, opening: OpeningId, seed: &Seed) -> QueryResult<()> {
    changes::note(tx);
    let commitment = seed.commitment().0.0;
    let of_seed = draw_party::opening.eq(opening.0).and(draw_party::commitment.eq(commitment.as_slice()));
    let row: i64 = draw_party::table.filter(of_seed).select(draw_party::id).get_result(tx.conn)?;
    let sealed = tx.seal("draw_party", "seed_sealed", row, &seed.reveal());
    let revealed = (draw_party::seed_sealed.eq(sealed), draw_party::revealed_at.eq(tx.now.as_second()));
    diesel::update(draw_party::table.find(row)).set(revealed).execute(tx.conn)?;
    Ok(())
}

/// Makes seeds, beacon and key public, and seals the rest of the list of admissions: when the opening has ended, and not on
/// the day in `zone` on which it began, so that an evening that is cut short can still be made longer.
///
/// # Errors
/// [`DrawRefused`] when it was not drawn, has not ended or began today, or is public already.
pub fn publish(tx: &mut Tx<'_>, code: &OpeningCode, zone: &TimeZone) -> Outcome<(), DrawRefused> {
    let one = opening_called(tx, code)?;
    if one.key.is_none() {
        return Err(DrawRefused::NotDrawn.into());
    }
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let day_after = day(one.opening.opens_at).tomorrow().map_err(unreadable)?;
    if tx.now < one.opening.ends_at || day(tx.now) < day_after {
        return Err(DrawRefused::NotOver(day_after.max(day(one.opening.ends_at))).into());
    }
    if one.draw.published_at.is_some() {
        return Err(DrawRefused::Published.into());
    }
    admission_list::seal(tx, one.opening.id)?;
    changes::note(tx);
    diesel::update(opening::table.find(one.opening.id.0))
        .set(opening::published_at.eq(tx.now.as_second()))
        .execute(tx.conn)?;
    Ok(())
}
