//! Whoever stands by for leftover doses: what they asked for, and the secrets that order the offers of each day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::civil::Date;

use super::connection::directly;
use super::offers::OfferState;
use super::people::person_of;
use super::schema::{care, offer, person, standby, standby_day, standby_site};
use super::values::{date, date_number, unreadable};
use super::{Conn, Failure, Never, Outcome, StoreError, Tx, locks};
use crate::domain::clock::ChanceExt;
use crate::domain::door::digest::Digest;
use crate::domain::ids::{AccountId, CampaignId, LeftoverId, PersonId, SiteId, StandbyId};
use crate::domain::person::Person;
use crate::domain::reference::ReferenceCode;
use crate::domain::standby::{SECRET_BYTES, fingerprint};
use crate::keys::{Cell, KeyRing, Sealed};

/// What somebody asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The row's id.
    pub id: StandbyId,
    /// The random name by which its number is drawn.
    pub ticket: String,
    /// For whom.
    pub person: Person,
    /// In which campaign.
    pub campaign: CampaignId,
    /// The sites that were chosen.
    pub sites: Vec<SiteId>,
    /// How far around them, in metres.
    pub metres: u32,
    /// The last day on which they would come.
    pub last_day: Date,
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewWish {
    /// Who asks.
    pub account: AccountId,
    /// For whom: somebody in their list.
    pub person: PersonId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// The sites that were chosen.
    pub sites: Vec<SiteId>,
    /// How far around them, in metres.
    pub metres: u32,
    /// The last day on which they would come.
    pub last_day: Date,
}

/// Why somebody could not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The person is not in the account's list.
    #[error("there is no such person in the list")]
    NotInList,
}

/// Notes what somebody asks for. What was asked before for the same person and campaign ends, unless it is the same.
///
/// # Errors
/// [`AskError::NotInList`].
pub fn ask(tx: &mut Tx<'_>, new: &NewWish) -> Outcome<(), AskError> {
    locks::account(tx, new.account)?;
    let listed: i64 = care::table
        .filter(care::account.eq(new.account.0).and(care::person.eq(new.person.0)))
        .filter(care::removed_at.is_null())
        .count()
        .get_result(tx.conn)?;
    if listed == 0 {
        return Err(Failure::Refused(AskError::NotInList));
    }
    let mine = of_account(tx.conn, &tx.tools.keys, new.account)?;
    let before = mine.iter().find(|one| one.person.id == new.person && one.campaign == new.campaign);
    if let Some(before) = before {
        if is_same(before, new) {
            return Ok(());
        }
        end_rows(tx, &[before.id.0])?;
    }
    let id = tx.new_id();
    diesel::insert_into(standby::table)
        .values((
            standby::id.eq(id),
            standby::ticket.eq(ReferenceCode::random(&*tx.tools.chance).as_str()),
            standby::account.eq(new.account.0),
            standby::person.eq(new.person.0),
            standby::campaign.eq(new.campaign.0),
            standby::metres.eq(i32::try_from(new.metres).unwrap_or(i32::MAX)),
            standby::last_day.eq(date_number(new.last_day)),
            standby::created_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    for site in new.sites.iter().collect::<BTreeSet<_>>() {
        diesel::insert_into(standby_site::table)
            .values((standby_site::standby.eq(id), standby_site::site.eq(site.0)))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn is_same(before: &Wish, new: &NewWish) -> bool {
    let sites = |sites: &[SiteId]| sites.iter().copied().collect::<BTreeSet<_>>();
    sites(&before.sites) == sites(&new.sites)
        && (before.metres, before.last_day) == (new.metres, new.last_day)
}

/// Ends the wish with this ticket, and what is on offer for it. Ending what has ended is fine.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn end(tx: &mut Tx<'_>, account: AccountId, ticket: &str) -> Outcome<(), Never> {
    let theirs = standby::account.eq(account.0).and(standby::ticket.eq(ticket));
    let ids: Vec<i64> = standby::table.filter(theirs).select(standby::id).load(tx.conn)?;
    Ok(end_rows(tx, &ids)?)
}

/// Ends the wishes of an account: all, or those for one person.
pub(super) fn end_of(tx: &mut Tx<'_>, account: AccountId, whom: Option<PersonId>) -> QueryResult<()> {
    let open = standby::table.filter(standby::account.eq(account.0).and(standby::ended_at.is_null()));
    let rows: Vec<(i64, i64)> = open.select((standby::id, standby::person)).load(tx.conn)?;
    let ids: Vec<i64> =
        rows.into_iter().filter(|row| whom.is_none_or(|whom| row.1 == whom.0)).map(|row| row.0).collect();
    end_rows(tx, &ids)
}

pub(super) fn end_rows(tx: &mut Tx<'_>, ids: &[i64]) -> QueryResult<()> {
    let now = tx.now.as_second();
    diesel::update(standby::table.filter(standby::id.eq_any(ids).and(standby::ended_at.is_null())))
        .set(standby::ended_at.eq(now))
        .execute(tx.conn)?;
    diesel::update(
        offer::table.filter(offer::standby.eq_any(ids).and(offer::state.eq(OfferState::Open.as_str()))),
    )
    .set((offer::state.eq(OfferState::Withdrawn.as_str()), offer::answered_at.eq(now)))
    .execute(tx.conn)?;
    Ok(())
}

/// What an account asks for now, the oldest first.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn of_account(conn: &mut Conn, keys: &KeyRing, owner: AccountId) -> Result<Vec<Wish>, StoreError> {
    type Row = ((i64, String, i64, i32, i32), (i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>));
    let rows: Vec<Row> = standby::table
        .inner_join(person::table.on(person::id.eq(standby::person)))
        .filter(standby::account.eq(owner.0).and(standby::ended_at.is_null()))
        .filter(person::erased_at.is_null())
        .order(standby::id)
        .select((
            (standby::id, standby::ticket, standby::campaign, standby::metres, standby::last_day),
            (person::id, person::name_sealed, person::birth_sealed, person::phone_sealed),
        ))
        .load(conn)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.0.0).collect();
    let chosen: Vec<(i64, i64)> = standby_site::table
        .filter(standby_site::standby.eq_any(ids))
        .select((standby_site::standby, standby_site::site))
        .load(conn)?;
    let mut sites: HashMap<i64, Vec<SiteId>> = HashMap::new();
    for (wish, site) in chosen {
        sites.entry(wish).or_default().push(SiteId(site));
    }
    let wish = |((id, ticket, campaign, metres, last_day), who): Row| {
        Ok(Wish {
            id: StandbyId(id),
            ticket,
            person: person_of(keys, &who)?,
            campaign: CampaignId(campaign),
            sites: sites.remove(&id).unwrap_or_default(),
            metres: u32::try_from(metres).map_err(unreadable)?,
            last_day: date(last_day)?,
        })
    };
    rows.into_iter().map(wish).collect()
}

/// Somebody to whom a leftover dose could be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The wish.
    pub id: StandbyId,
    /// Its ticket.
    pub ticket: String,
    /// For whom.
    pub person: PersonId,
    /// In whose name that person claims doses.
    pub claimant: PersonId,
}

/// Which doses candidates are looked for.
#[derive(Debug, Clone)]
pub struct Around {
    /// What is left over.
    pub leftover: LeftoverId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// On which day.
    pub day: Date,
    /// When it was announced: who asked later is not in this draw.
    pub announced_at: Timestamp,
    /// The sites from which it can be reached, with their distance in metres.
    pub sites: BTreeMap<SiteId, u32>,
}

/// Those who stand by for a leftover dose and were not asked yet, one for each person: of several who asked for the same one,
/// the first. Nothing is said of whether the vaccine suits them.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn candidates(conn: &mut Conn, around: &Around) -> Result<Vec<Candidate>, StoreError> {
    type Row = (i64, String, i64, Option<i64>, i64, i32);
    let sites: Vec<i64> = around.sites.keys().map(|site| site.0).collect();
    let asked = offer::table
        .filter(offer::leftover.eq(around.leftover.0).or(offer::state.eq(OfferState::Open.as_str())))
        .select(offer::standby);
    let rows: Vec<Row> = standby::table
        .inner_join(standby_site::table.on(standby_site::standby.eq(standby::id)))
        .inner_join(person::table.on(person::id.eq(standby::person)))
        .filter(standby_site::site.eq_any(sites).and(standby::campaign.eq(around.campaign.0)))
        .filter(standby::ended_at.is_null().and(person::erased_at.is_null()))
        .filter(standby::last_day.ge(date_number(around.day)))
        .filter(standby::created_at.lt(around.announced_at.as_second()))
        .filter(standby::id.ne_all(asked))
        .order(standby::id)
        .select((
            standby::id,
            standby::ticket,
            standby::person,
            person::same_person_as,
            standby_site::site,
            standby::metres,
        ))
        .load(conn)?;
    let mut seen = BTreeSet::new();
    let reaches = |site: i64, metres: i32| {
        let away = around.sites.get(&SiteId(site)).and_then(|away| i32::try_from(*away).ok());
        away.is_some_and(|away| away <= metres)
    };
    let near = rows.into_iter().filter(|row| reaches(row.4, row.5));
    let candidates = near.map(|(id, ticket, person, same, _, _)| Candidate {
        id: StandbyId(id),
        ticket,
        person: PersonId(person),
        claimant: PersonId(same.unwrap_or(person)),
    });
    Ok(candidates.filter(|one| seen.insert(one.claimant)).collect())
}

/// The secret that orders the offers of a day.
pub type DaySecret = [u8; SECRET_BYTES];

/// What is public of a day: the fingerprint always, the secret when the caller may publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawDay {
    /// The day.
    pub day: Date,
    /// What was published before it.
    pub fingerprint: Digest,
}

/// Makes the secrets of the days from `first` on that have none yet, `days` of them.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn prepare_days(tx: &mut Tx<'_>, first: Date, days: usize) -> Outcome<(), Never> {
    let wanted: Vec<Date> = first.series(jiff::Span::new().days(1)).take(days).collect();
    let known = days_from(tx.conn, first)?;
    for day in wanted.into_iter().filter(|day| !known.iter().any(|one| one.day == *day)) {
        let secret: DaySecret = tx.tools.chance.bytes();
        let row = i64::from(date_number(day));
        let sealed = tx.seal("standby_day", "secret_sealed", row, &data_encoding::HEXLOWER.encode(&secret));
        let made = diesel::insert_into(standby_day::table)
            .values((
                standby_day::local_date.eq(date_number(day)),
                standby_day::secret_sealed.eq(sealed),
                standby_day::fingerprint.eq(fingerprint(&secret).0.to_vec()),
            ))
            .on_conflict_do_nothing();
        directly!(tx.conn, conn => made.execute(conn))?;
    }
    Ok(())
}

/// The days from `first` on whose secrets are made.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn days_from(conn: &mut Conn, first: Date) -> Result<Vec<DrawDay>, StoreError> {
    let rows: Vec<(i32, Vec<u8>)> = standby_day::table
        .filter(standby_day::local_date.ge(date_number(first)))
        .order(standby_day::local_date)
        .select((standby_day::local_date, standby_day::fingerprint))
        .load(conn)?;
    rows.into_iter()
        .map(|(day, print)| Ok(DrawDay { day: date(day)?, fingerprint: digest(print)? }))
        .collect()
}

/// The secret of a day; `None` when none was made. It is nobody's business before the day is over.
///
/// # Errors
/// [`StoreError`] when the query fails or the secret can't be unsealed.
pub fn secret_of(conn: &mut Conn, keys: &KeyRing, day: Date) -> Result<Option<DaySecret>, StoreError> {
    let number = date_number(day);
    let sealed: Option<Vec<u8>> =
        standby_day::table.find(number).select(standby_day::secret_sealed).get_result(conn).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let cell = Cell { table: "standby_day", column: "secret_sealed", row: i64::from(number) };
    let text = keys.open_text(cell, &Sealed::from_bytes(sealed)).map_err(unreadable)?;
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).map_err(unreadable)?;
    let secret = bytes.try_into().ok();
    secret.map(Some).ok_or_else(|| unreadable("a day's secret has a wrong length"))
}

fn digest(bytes: Vec<u8>) -> Result<Digest, StoreError> {
    bytes.try_into().ok().map(Digest).ok_or_else(|| unreadable("a fingerprint has a wrong length"))
}
