//! A site desk: the actor that hands out the seats of one vaccination site.
//!
//! It knows its free seats in memory, so that a full slot is refused in microseconds without touching the database; what
//! it can't refuse it hands to the ledger, and the database decides. Its memory is a cache: whatever stops it, the next
//! desk reads the slots anew. Work goes on when the visitor has gone; a hold nobody knows of runs out by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, ResponseActFuture,
    Supervised, WrapFuture,
};

use jiff::Timestamp;

use super::directory::Post;
use super::seat_sheet::SeatSheet;
use crate::domain::booking::{
    CancelBookingsError, ConfirmPartyError, ExtendHoldError, HoldPartyError, HoldRules, LaneChange,
    SwapSeatsError,
};
use crate::domain::campaign::Campaign;
use crate::domain::clock::Clock;
use crate::domain::ids::{AccountId, CampaignId, OpeningId, SiteId, SlotId};
use crate::domain::slot::{FreeSlot, SeatCount};
use crate::keys::LookupHash;
use crate::store::access_log::{self, Access};
use crate::store::bookings::PartyConfirmed;
use crate::store::holds::{self, HoldParty, PartyHeld};
use crate::store::moving::{self, Cancel, Move};
use crate::store::{
    Failure, Ledger, LedgerError, Never, Outcome, Store, Tx, admissions, bookings, closings, schedule, slots,
};

/// News of other desks' commands that may wait at one desk; what is asked of it is bounded by the directory.
const MAILBOX_MAX: usize = 4096;

/// Accounts that asked for seats and are remembered before the ones whose time is over are forgotten.
const VISITS_MAX: usize = 4096;

/// How long a desk rests that could not read its slots.
const REST: Duration = Duration::from_secs(1);

/// What a desk works with.
#[derive(Clone)]
pub(super) struct DeskTools {
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    pub(super) clock: Arc<dyn Clock>,
    /// Where committed changes are told, for the counts of all sites.
    pub(super) post: Post,
}

/// The actor that hands out the seats of one site.
pub struct SiteDesk {
    site: SiteId,
    tools: DeskTools,
    sheet: SeatSheet,
    /// Seats of commands that the ledger has not answered yet.
    asked: HashMap<SlotId, i32>,
    /// Accounts that asked for seats, and until when they may hold them. A new hold frees theirs in the same act, so
    /// memory can't tell them that a slot is full: whoever presses twice would be refused by their own first press.
    visits: HashMap<AccountId, Timestamp>,
}

impl SiteDesk {
    pub(super) fn new(site: SiteId, tools: DeskTools) -> Self {
        Self { site, tools, sheet: SeatSheet::default(), asked: HashMap::new(), visits: HashMap::new() }
    }

    /// Reads the slots; every message waits for it. A desk that can't read rests and is started again by its supervisor.
    fn load(&mut self, ctx: &mut Context<Self>) {
        let (site, from, store) = (self.site, self.tools.clock.now(), self.tools.store.clone());
        let read = async move { store.read(move |conn, _| slots::of_site(conn, site, from)).await };
        ctx.wait(read.into_actor(self).map(|read, desk, ctx| match read {
            Ok(read) => desk.sheet = SeatSheet::of(read),
            Err(error) => {
                tracing::error!(%error, site = %desk.site, "a desk could not read its slots");
                ctx.wait(tokio::time::sleep(REST).into_actor(desk).map(|(), _, ctx| ctx.stop()));
            }
        }));
    }

    fn free(&self, slot: SlotId) -> i32 {
        let asked = self.asked.get(&slot).copied().unwrap_or(0);
        self.sheet.free(slot).map_or(i32::MAX, |free| free - asked)
    }

    fn ask_for(&mut self, wanted: &HashMap<SlotId, i32>, sign: i32) {
        for (slot, people) in wanted {
            let asked = self.asked.entry(*slot).or_insert(0);
            *asked += sign * people;
            if *asked <= 0 {
                self.asked.remove(slot);
            }
        }
    }

    /// Whether an account may hold seats already.
    fn knows(&self, account: AccountId) -> bool {
        self.visits.get(&account).is_some_and(|until| *until > self.tools.clock.now())
    }

    /// Notes who asks for seats.
    fn remember(&mut self, order: &HoldParty) {
        let now = self.tools.clock.now();
        if self.visits.len() >= VISITS_MAX {
            self.visits.retain(|_, until| *until > now);
        }
        self.visits.insert(order.account, order.rules.ends_at(now));
    }

    /// Tells everybody of changes that are on disk. Another desk may have taken this one's place meanwhile, so the post
    /// goes by address and not by site.
    fn committed(&mut self, changes: &[LaneChange], me: &Addr<Self>) {
        let site = self.site;
        for change in changes.iter().filter(|change| change.slot.site == site) {
            self.sheet.note(change);
        }
        self.tools.post.committed(Some(me), changes);
    }

    /// Runs a command in the ledger, whether or not its caller still waits, and tells what it `changed`.
    fn through_ledger<T, E, F>(
        &self,
        command: F,
        changed: fn(&T) -> &[LaneChange],
    ) -> ResponseActFuture<Self, Result<T, LedgerError<E>>>
    where
        F: FnMut(&mut Tx<'_>) -> Outcome<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (ledger, key) = (self.tools.ledger.clone(), self.site.0);
        let work = async move { ledger.write(key, command).await };
        Box::pin(
            work.into_actor(self).map(move |done, desk, ctx| {
                done.inspect(|done| desk.committed(changed(done), &ctx.address()))
            }),
        )
    }
}

impl Actor for SiteDesk {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
        self.load(ctx);
    }
}

impl Supervised for SiteDesk {
    fn restarting(&mut self, _ctx: &mut Context<Self>) {
        self.sheet = SeatSheet::default();
        self.asked.clear();
        self.visits.clear();
    }
}

/// Holds seats for a party.
#[derive(Debug, Message)]
#[rtype(result = "Result<PartyHeld, LedgerError<HoldPartyError>>")]
pub struct Hold {
    /// Who, where and when.
    pub order: HoldParty,
    /// The account holds seats now, perhaps at another site, which are freed in the same act: memory can't tell whether
    /// the slot is full.
    pub replaces: bool,
}

impl Handler<Hold> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<PartyHeld, LedgerError<HoldPartyError>>>;

    fn handle(&mut self, Hold { order, replaces }: Hold, _ctx: &mut Context<Self>) -> Self::Result {
        let mut wanted: HashMap<SlotId, i32> = HashMap::new();
        for seat in &order.seats {
            *wanted.entry(seat.slot).or_insert(0) += 1;
        }
        let replaces = replaces || self.knows(order.account);
        if !replaces && wanted.iter().any(|(slot, people)| self.free(*slot) < *people) {
            return Box::pin(async { Err(LedgerError::Refused(HoldPartyError::SlotFull)) }.into_actor(self));
        }
        self.remember(&order);
        self.ask_for(&wanted, 1);
        let (ledger, key) = (self.tools.ledger.clone(), self.site.0);
        let work = async move { ledger.write(key, move |tx| holds::hold(tx, &order)).await };
        Box::pin(work.into_actor(self).map(move |done, desk, ctx| {
            desk.ask_for(&wanted, -1);
            if let Ok(held) = &done {
                desk.committed(&held.changes, &ctx.address());
            }
            done
        }))
    }
}

/// Confirms a held party.
#[derive(Debug, Message)]
#[rtype(result = "Result<PartyConfirmed, LedgerError<ConfirmPartyError>>")]
pub struct ConfirmParty {
    /// Who booked.
    pub account: AccountId,
    /// The party's name in URLs.
    pub token: String,
    /// Its campaign.
    pub campaign: Arc<Campaign>,
    /// The opening whose door stands before the campaign, and the phone that it let in: what was to be done is done.
    pub door: Option<(OpeningId, LookupHash)>,
}

impl Handler<ConfirmParty> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<PartyConfirmed, LedgerError<ConfirmPartyError>>>;

    fn handle(&mut self, order: ConfirmParty, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(
            move |tx| {
                let confirmed = bookings::confirm(tx, order.account, &order.token, &order.campaign)?;
                if let Some((opening, phone)) = order.door.as_ref().filter(|_| !confirmed.changes.is_empty())
                {
                    admissions::finish(tx, *opening, phone)?;
                }
                Ok(confirmed)
            },
            |done| &done.changes,
        )
    }
}

/// Lets a hold go.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<LaneChange>, LedgerError<Never>>")]
pub struct ReleaseHold {
    /// Who holds.
    pub account: AccountId,
    /// The party's name in URLs.
    pub token: String,
}

impl Handler<ReleaseHold> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Vec<LaneChange>, LedgerError<Never>>>;

    fn handle(&mut self, order: ReleaseHold, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(move |tx| holds::release(tx, order.account, &order.token), Vec::as_slice)
    }
}

/// Keeps a hold for another full time.
#[derive(Debug, Message)]
#[rtype(result = "Result<Timestamp, LedgerError<ExtendHoldError>>")]
pub struct ExtendHold {
    /// Who holds.
    pub account: AccountId,
    /// The party's name in URLs.
    pub token: String,
    /// How long and how often.
    pub rules: HoldRules,
}

impl Handler<ExtendHold> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Timestamp, LedgerError<ExtendHoldError>>>;

    fn handle(&mut self, order: ExtendHold, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(move |tx| holds::extend(tx, order.account, &order.token, &order.rules), |_| &[])
    }
}

/// Gives seats up.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<LaneChange>, LedgerError<CancelBookingsError>>")]
pub struct CancelBookings {
    /// What is given up, as the visitor saw it.
    pub bookings: Vec<Cancel>,
}

impl Handler<CancelBookings> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Vec<LaneChange>, LedgerError<CancelBookingsError>>>;

    fn handle(&mut self, order: CancelBookings, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(move |tx| moving::cancel(tx, &order.bookings), Vec::as_slice)
    }
}

/// Swaps seats. Goes to the desk of the new site.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<LaneChange>, LedgerError<SwapSeatsError>>")]
pub struct SwapSeats {
    /// What moves where, as the visitor saw it.
    pub moves: Vec<Move>,
    /// Their campaign.
    pub campaign: Arc<Campaign>,
}

impl Handler<SwapSeats> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Vec<LaneChange>, LedgerError<SwapSeatsError>>>;

    fn handle(&mut self, order: SwapSeats, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(move |tx| moving::swap(tx, &order.moves, &order.campaign), Vec::as_slice)
    }
}

/// Closes the site for a span of a day.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<LaneChange>, LedgerError<Never>>")]
pub struct CloseSite {
    /// When.
    pub span: closings::Span,
    /// Who closes it; that they did is written down with it.
    pub access: Access,
}

impl Handler<CloseSite> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Vec<LaneChange>, LedgerError<Never>>>;

    fn handle(&mut self, order: CloseSite, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(
            move |tx| {
                access_log::record(tx, &order.access)?;
                closings::close(tx, &order.span, order.access.staff)
            },
            Vec::as_slice,
        )
    }
}

/// Sets how many seats each time of a span has.
#[derive(Debug, Message)]
#[rtype(result = "Result<Vec<LaneChange>, LedgerError<schedule::Taken>>")]
pub struct SetAllSeats {
    /// Which times.
    pub span: closings::Span,
    /// Seats that each is to have, 0 or more.
    pub seats: u16,
    /// Who sets them; that they did is written down with it.
    pub access: Access,
}

impl Handler<SetAllSeats> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<Vec<LaneChange>, LedgerError<schedule::Taken>>>;

    fn handle(&mut self, order: SetAllSeats, _ctx: &mut Context<Self>) -> Self::Result {
        self.through_ledger(
            move |tx| {
                access_log::record(tx, &order.access)?;
                schedule::set_seats(tx, &order.span, order.seats)
            },
            Vec::as_slice,
        )
    }
}

/// Why the seats of a slot could not be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetSeatsError {
    /// More seats are held or booked than there would be.
    #[error("more seats are held or booked than that")]
    BelowBooked,
    /// There is no such slot at the site.
    #[error("there is no such time at this site")]
    NoSuchSlot,
}

/// Sets how many seats a slot has.
#[derive(Debug, Message)]
#[rtype(result = "Result<SeatCount, LedgerError<SetSeatsError>>")]
pub struct SetSeats {
    /// The slot.
    pub slot: SlotId,
    /// Seats it is to have, 0 or more.
    pub seats: u16,
}

impl Handler<SetSeats> for SiteDesk {
    type Result = ResponseActFuture<Self, Result<SeatCount, LedgerError<SetSeatsError>>>;

    fn handle(&mut self, order: SetSeats, _ctx: &mut Context<Self>) -> Self::Result {
        let Some(slot) = self.sheet.slot(self.site, order.slot) else {
            return Box::pin(async { Err(LedgerError::Refused(SetSeatsError::NoSuchSlot)) }.into_actor(self));
        };
        let set = move |tx: &mut Tx<'_>| {
            slots::set_seats(tx, slot, order.seats)?.ok_or(Failure::Refused(SetSeatsError::BelowBooked))
        };
        let done = self.through_ledger(set, std::slice::from_ref);
        Box::pin(done.map(|done, _, _| done.map(|change| change.after)))
    }
}

/// Asks for the slots of a campaign that are still to come, full ones included.
#[derive(Debug, Message)]
#[rtype(result = "Vec<FreeSlot>")]
pub struct ComingSlots {
    /// The campaign.
    pub campaign: CampaignId,
}

impl Handler<ComingSlots> for SiteDesk {
    type Result = actix::MessageResult<ComingSlots>;

    fn handle(&mut self, question: ComingSlots, _ctx: &mut Context<Self>) -> Self::Result {
        let coming = self.sheet.coming(self.site, question.campaign, self.tools.clock.now());
        actix::MessageResult(coming)
    }
}

/// Tells a desk what somebody else's command changed in its slots.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Changed(pub(super) Vec<LaneChange>);

impl Handler<Changed> for SiteDesk {
    type Result = ();

    fn handle(&mut self, Changed(changes): Changed, _ctx: &mut Context<Self>) {
        for change in &changes {
            self.sheet.note(change);
        }
    }
}
