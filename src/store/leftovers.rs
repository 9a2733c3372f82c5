//! Doses that are left over at a site: announced by staff, offered one by one in the order that is drawn, and ended when the
//! time is over. Lane 3 of a slot counts their seats; its start is the moment until which people may come.

use diesel::dsl::max;
use diesel::prelude::*;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::connection::directly;
use super::offers::OfferState;
use super::outbox::{self, NewMessage, Occasion, Recipient};
use super::schema::{leftover, offer, slot, slot_lane, standby};
use super::values::{date, date_number, moment, small};
use super::{Conn, Failure, Never, Outcome, StoreError, Tx, slots};
use crate::domain::ids::{
    AccountId, CampaignId, LeftoverId, OfferId, ProductId, SiteId, SlotId, StaffId, StandbyId,
};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::slot::Lane;
use crate::domain::standby::{ANSWER_MINUTES, DrawnNumber, LEAST_MINUTES};

/// Doses that are left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leftover {
    /// The row's id.
    pub id: LeftoverId,
    /// Where.
    pub site: SiteId,
    /// The slot whose lane counts their seats.
    pub slot: SlotId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// Which vaccine.
    pub product: ProductId,
    /// The day, local to the site.
    pub day: Date,
    /// Counts the announcements of the site on that day, from 1.
    pub number: i32,
    /// How many were announced.
    pub doses: u16,
    /// Until when people may come.
    pub until: Timestamp,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// Whether no more are offered.
    pub is_over: bool,
}

impl Leftover {
    /// What it is called where numbers are drawn: the site's code, the day and the number.
    pub fn name(&self, site_code: &str) -> String {
        format!("{site_code} {} {}", self.day, self.number)
    }

    /// Whether there is time enough at `now` for somebody who is asked to answer and to come.
    pub fn has_time(&self, now: Timestamp) -> bool {
        now + SignedDuration::from_mins(LEAST_MINUTES) <= self.until
    }
}

pub(super) type LeftoverRow = ((i64, i64, i64, i32, i32, i32), (i64, Option<i64>), (i64, i64, i64));

/// The columns of a [`LeftoverRow`].
macro_rules! leftover_columns {
    () => {
        (
            (
                leftover::id,
                leftover::site,
                leftover::slot,
                leftover::local_date,
                leftover::number,
                leftover::doses,
            ),
            (leftover::announced_at, leftover::ended_at),
            (slot::campaign, slot::product, slot::starts_at),
        )
    };
}
pub(super) use leftover_columns;

pub(super) fn leftover_of((what, when, slot): LeftoverRow) -> Result<Leftover, StoreError> {
    let (id, site, slot_id, day, number, doses) = what;
    let (announced_at, ended_at) = when;
    let (campaign, product, until) = slot;
    Ok(Leftover {
        id: LeftoverId(id),
        site: SiteId(site),
        slot: SlotId(slot_id),
        campaign: CampaignId(campaign),
        product: ProductId(product),
        day: date(day)?,
        number,
        doses: small(doses)?,
        until: moment(until)?,
        announced_at: moment(announced_at)?,
        is_over: ended_at.is_some(),
    })
}

/// What staff say is left over.
#[derive(Debug, Clone, Copy)]
pub struct NewLeftover {
    /// Where.
    pub site: SiteId,
    /// In which campaign.
    pub campaign: CampaignId,
    /// Which vaccine.
    pub product: ProductId,
    /// The day, local to the site.
    pub day: Date,
    /// How many.
    pub doses: u16,
    /// Until when people may come.
    pub until: Timestamp,
    /// Who says so.
    pub staff: StaffId,
}

/// Why leftover doses could not be announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnnounceError {
    /// Doses of the same vaccine are being offered; that must end first.
    #[error("leftover doses of this vaccine are offered already")]
    Offered,
}

/// Announces doses that are left over. The same press a second time finds the first.
///
/// # Errors
/// [`AnnounceError::Offered`].
pub fn announce(tx: &mut Tx<'_>, new: &NewLeftover) -> Outcome<LeftoverId, AnnounceError> {
    let todays = of_day(tx.conn, new.site, new.day)?;
    let is_open =
        |one: &&Leftover| !one.is_over && one.product == new.product && one.campaign == new.campaign;
    if let Some(open) = todays.iter().find(is_open) {
        let is_same = (open.doses, open.until) == (new.doses, new.until);
        return if is_same { Ok(open.id) } else { Err(Failure::Refused(AnnounceError::Offered)) };
    }
    let slot = slot_at(tx, new)?;
    let doses = i32::from(new.doses);
    slots::add_seats(tx, (SlotId(slot), new.site), Lane::Leftover, doses)?;
    let last: Option<i32> = leftover::table
        .filter(leftover::site.eq(new.site.0).and(leftover::local_date.eq(date_number(new.day))))
        .select(max(leftover::number))
        .get_result(tx.conn)?;
    let id = tx.new_id();
    diesel::insert_into(leftover::table)
        .values((
            leftover::id.eq(id),
            leftover::site.eq(new.site.0),
            leftover::slot.eq(slot),
            leftover::local_date.eq(date_number(new.day)),
            leftover::number.eq(last.unwrap_or(0) + 1),
            leftover::doses.eq(doses),
            leftover::staff.eq(new.staff.0),
            leftover::announced_at.eq(tx.now.as_second()),
        ))
        .execute(tx.conn)?;
    Ok(LeftoverId(id))
}

/// The slot that ends at the moment until which people may come; made when there is none.
fn slot_at(tx: &mut Tx<'_>, new: &NewLeftover) -> QueryResult<i64> {
    let same = slot::site
        .eq(new.site.0)
        .and(slot::campaign.eq(new.campaign.0))
        .and(slot::product.eq(new.product.0))
        .and(slot::starts_at.eq(new.until.as_second()));
    let known: Option<i64> = slot::table.filter(same).select(slot::id).get_result(tx.conn).optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let id = tx.new_id();
    diesel::insert_into(slot::table)
        .values((
            slot::id.eq(id),
            slot::site.eq(new.site.0),
            slot::campaign.eq(new.campaign.0),
            slot::product.eq(new.product.0),
            slot::starts_at.eq(new.until.as_second()),
            slot::local_date.eq(date_number(new.day)),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// Offers no more of it: what is open is withdrawn, and seats that nobody took are no more. Ending what has ended is fine.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn end(tx: &mut Tx<'_>, id: LeftoverId) -> Outcome<(), Never> {
    let open = leftover::table.find(id.0).filter(leftover::ended_at.is_null());
    let ended: Option<i64> = diesel::update(open)
        .set(leftover::ended_at.eq(tx.now.as_second()))
        .returning(leftover::slot)
        .get_result(tx.conn)
        .optional()?;
    let Some(slot) = ended else { return Ok(()) };
    close_offers(tx, id, OfferState::Withdrawn, i64::MAX)?;
    diesel::update(slot_lane::table.find((slot, Lane::Leftover.number())))
        .set((
            slot_lane::seats.eq(slot_lane::held + slot_lane::booked),
            slot_lane::version.eq(slot_lane::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends the offers that are open and were to be answered before a moment.
fn close_offers(tx: &mut Tx<'_>, id: LeftoverId, state: OfferState, before: i64) -> QueryResult<()> {
    let open = offer::leftover
        .eq(id.0)
        .and(offer::state.eq(OfferState::Open.as_str()))
        .and(offer::answer_by.le(before));
    diesel::update(offer::table.filter(open))
        .set((offer::state.eq(state.as_str()), offer::answered_at.eq(tx.now.as_second())))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends what nobody answered in time, and the whole of it when its time is over.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn settle(tx: &mut Tx<'_>, id: LeftoverId) -> Outcome<(), Never> {
    let until: i64 = leftover::table
        .inner_join(slot::table.on(slot::id.eq(leftover::slot)))
        .filter(leftover::id.eq(id.0))
        .select(slot::starts_at)
        .get_result(tx.conn)?;
    close_offers(tx, id, OfferState::Unanswered, tx.now.as_second())?;
    if until <= tx.now.as_second() { end(tx, id) } else { Ok(()) }
}

/// Somebody to whom a dose is to be offered.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The wish.
    pub standby: StandbyId,
    /// What its ticket drew.
    pub number: DrawnNumber,
}

/// Offers doses to the chosen, in their order, as long as there are doses that nobody has or is asked about, and tells them.
/// How many were asked.
///
/// # Errors
/// [`StoreError`] when a statement fails.
pub fn offer(tx: &mut Tx<'_>, id: LeftoverId, chosen: &[Chosen]) -> Outcome<usize, Never> {
    let mut asked = 0;
    // Locked first: two nodes that look at once must not both give the same dose away.
    let open = leftover::table.find(id.0).filter(leftover::ended_at.is_null());
    let locked = diesel::update(open).set(leftover::number.eq(leftover::number)).execute(tx.conn)?;
    let standing = standing(tx.conn, tx.now)?;
    let Some(mut left) = standing.iter().find(|one| one.leftover.id == id).map(Standing::to_offer) else {
        return Ok(0);
    };
    for one in chosen.iter().filter(|_| locked > 0) {
        if left == 0 {
            break;
        }
        if offer_to(tx, id, one)? {
            left -= 1;
            asked += 1;
        }
    }
    Ok(asked)
}

/// Whether somebody is asked who was not, and has no other offer.
fn offer_to(tx: &mut Tx<'_>, id: LeftoverId, one: &Chosen) -> QueryResult<bool> {
    let account: Option<i64> = standby::table
        .filter(standby::id.eq(one.standby.0).and(standby::ended_at.is_null()))
        .select(standby::account)
        .get_result(tx.conn)
        .optional()?;
    let Some(account) = account else { return Ok(false) };
    let (new, now) = (tx.new_id(), tx.now);
    let answer_by = now + SignedDuration::from_mins(ANSWER_MINUTES);
    let asking = diesel::insert_into(offer::table)
        .values((
            offer::id.eq(new),
            offer::leftover.eq(id.0),
            offer::standby.eq(one.standby.0),
            offer::number.eq(one.number.to_string()),
            offer::state.eq(OfferState::Open.as_str()),
            offer::offered_at.eq(now.as_second()),
            offer::answer_by.eq(answer_by.as_second()),
        ))
        .on_conflict_do_nothing();
    if directly!(tx.conn, conn => asking.execute(conn))? == 0 {
        return Ok(false);
    }
    let message = NewMessage {
        kind: MessageKind::Offer,
        subject: OfferId(new).0,
        version: 0,
        recipient: Recipient::Account(AccountId(account)),
        channel: Channel::Sms,
        occasion: Occasion::First,
        due_at: now,
    };
    outbox::queue(tx, &message)?;
    Ok(true)
}

/// A leftover that is being offered, and how it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// What is left over.
    pub leftover: Leftover,
    /// Doses that nobody has taken.
    pub free: i32,
    /// People who are asked now.
    pub open: i32,
    /// Whether somebody did not answer in time, or the time is over.
    pub is_due: bool,
}

impl Standing {
    /// How many more can be asked.
    pub fn to_offer(&self) -> i32 {
        (self.free - self.open).max(0)
    }
}

/// Everything that is being offered.
///
/// # Errors
/// [`StoreError`] when a query fails.
pub fn standing(conn: &mut Conn, now: Timestamp) -> Result<Vec<Standing>, StoreError> {
    let rows: Vec<LeftoverRow> = leftover::table
        .inner_join(slot::table.on(slot::id.eq(leftover::slot)))
        .filter(leftover::ended_at.is_null())
        .order(leftover::id)
        .select(leftover_columns!())
        .load(conn)?;
    rows.into_iter().map(|row| stand(conn, leftover_of(row)?, now)).collect()
}

fn stand(conn: &mut Conn, leftover: Leftover, now: Timestamp) -> Result<Standing, StoreError> {
    let lane = slot_lane::table.find((leftover.slot.0, Lane::Leftover.number()));
    let free: i32 = lane.select(slot_lane::seats - slot_lane::held - slot_lane::booked).get_result(conn)?;
    let open: Vec<i64> = offer::table
        .filter(offer::leftover.eq(leftover.id.0).and(offer::state.eq(OfferState::Open.as_str())))
        .select(offer::answer_by)
        .load(conn)?;
    let is_due = leftover.until <= now || open.iter().any(|by| *by <= now.as_second());
    let open = i32::try_from(open.len()).unwrap_or(i32::MAX);
    Ok(Standing { leftover, free, open, is_due })
}

/// What a site announced on a day, the first before the others.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn of_day(conn: &mut Conn, site: SiteId, day: Date) -> Result<Vec<Leftover>, StoreError> {
    let rows: Vec<LeftoverRow> = leftover::table
        .inner_join(slot::table.on(slot::id.eq(leftover::slot)))
        .filter(leftover::site.eq(site.0).and(leftover::local_date.eq(date_number(day))))
        .order(leftover::number)
        .select(leftover_columns!())
        .load(conn)?;
    rows.into_iter().map(leftover_of).collect()
}

/// Somebody who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What was left over.
    pub leftover: Leftover,
    /// The ticket.
    pub ticket: String,
    /// What it drew.
    pub number: String,
    /// What became of the offer.
    pub state: String,
}

/// Everybody who was asked on a day, at all sites, by what was left over and then by number.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn asked_on(conn: &mut Conn, day: Date) -> Result<Vec<Asked>, StoreError> {
    let rows: Vec<(LeftoverRow, (String, String, String))> = offer::table
        .inner_join(leftover::table.on(leftover::id.eq(offer::leftover)))
        .inner_join(slot::table.on(slot::id.eq(leftover::slot)))
        .inner_join(standby::table.on(standby::id.eq(offer::standby)))
        .filter(leftover::local_date.eq(date_number(day)))
        .order((leftover::id, offer::number))
        .select((leftover_columns!(), (standby::ticket, offer::number, offer::state)))
        .load(conn)?;
    let asked =
        |(row, (ticket, number, state))| Ok(Asked { leftover: leftover_of(row)?, ticket, number, state });
    rows.into_iter().map(asked).collect()
}

/// How many offers of a leftover are in each state, and the highest number that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers {
    /// People asked now.
    pub open: usize,
    /// Doses taken.
    pub taken: usize,
    /// People who said no.
    pub declined: usize,
    /// People who did not answer in time.
    pub unanswered: usize,
    /// The highest number that was asked; empty when nobody was.
    pub highest: String,
}

/// How the offers of a leftover were answered.
///
/// # Errors
/// [`StoreError`] when the query fails.
pub fn answers(conn: &mut Conn, id: LeftoverId) -> Result<Answers, StoreError> {
    let rows: Vec<(String, String)> =
        offer::table.filter(offer::leftover.eq(id.0)).select((offer::state, offer::number)).load(conn)?;
    let count = |state: &str| rows.iter().filter(|row| row.0 == state).count();
    Ok(Answers {
        open: count(OfferState::Open.as_str()),
        taken: count(OfferState::Taken.as_str()),
        declined: count(OfferState::Declined.as_str()),
        unanswered: count(OfferState::Unanswered.as_str()),
        highest: rows.iter().map(|row| row.1.clone()).max().unwrap_or_default(),
    })
}
