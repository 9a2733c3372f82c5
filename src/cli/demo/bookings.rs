//! Invented bookings, made the way citizens make them: an account, its people, a hold, a confirmation.
//!
//! Their confirmations are void, because nobody waits for them; their reminders go out like any others.

use std::fmt::Display;
use std::sync::Arc;

use jiff::civil::Date;

use super::calendar::Calendar;
use super::campaigns::{Campaigns, codes};
use super::country::{self, SHOWN};
use super::parties::{self, Party};
use crate::cli::installation::Installation;
use crate::domain::booking::{HoldRules, SeatWish};
use crate::domain::campaign::Campaign;
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::ids::{AccountId, PartyId, ProductId, SiteId, SlotId};
use crate::domain::message::MessageKind;
use crate::domain::site::Site;
use crate::domain::slot::Slot;
use crate::store::holds::HoldParty;
use crate::store::{Failure, LedgerError, Outcome, Tx, accounts, bookings, holds, outbox, people, slots};

/// Seats that are booked in a new country, rosters of the shown sites included.
const BOOKED: usize = 300;

/// Lines on the shown sites' rosters: the first one's today and tomorrow, the others' tomorrow.
const TODAY: usize = 15;
const TOMORROW: usize = 40;
const OTHERS_TOMORROW: usize = 25;

/// Times of the first shown site's tomorrow that have no free seat.
const FULL_TIMES: usize = 2;

/// Small clinics whose next day is full, and the most seats such a day may have.
const FULL_CLINICS: usize = 3;
const FULL_CLINIC_SEATS: i32 = 20;

/// Days from today over which the other bookings are spread.
const SPREAD_DAYS: i64 = 14;

const RULES: HoldRules = HoldRules { hold_minutes: 10, extensions_max: 10, people_max: 6 };

/// Books seats: on the shown sites' rosters, and in a new country everywhere. Returns how many.
pub(super) fn invent(
    installation: &Installation,
    chance: &dyn Chance,
    campaigns: &Campaigns,
    (all, is_new): (&[Site], bool),
    calendar: &Calendar,
) -> anyhow::Result<usize> {
    let standard = country::product(campaigns, codes::STANDARD);
    let campaigns = campaigns.both().map(|campaign| Arc::new(campaign.clone()));
    let mut clerk = Clerk { installation, chance, campaigns, calendar, booked: 0 };
    for (index, site) in all.iter().take(SHOWN).enumerate() {
        let mut desk = clerk.desk(site.id)?;
        let tomorrow = calendar.tomorrow();
        if index > 0 {
            clerk.fill_day(&mut desk, tomorrow, OTHERS_TOMORROW)?;
            continue;
        }
        clerk.fill_times(&mut desk, tomorrow, standard, FULL_TIMES)?;
        clerk.fill_day(&mut desk, tomorrow, TOMORROW)?;
        clerk.fill_day(&mut desk, calendar.today, TODAY)?;
    }
    if is_new {
        clerk.fill_clinics(all, standard)?;
        clerk.spread(all)?;
    }
    Ok(clerk.booked)
}

/// The slots of a site with their free seats.
struct Desk {
    site: SiteId,
    slots: Vec<(Slot, i32)>,
}

impl Desk {
    fn free_on(&self, day: Date, product: Option<ProductId>) -> i32 {
        let fits =
            |slot: &Slot| slot.local_date == day && product.is_none_or(|wanted| wanted == slot.product);
        self.slots.iter().filter(|(slot, _)| fits(slot)).map(|(_, free)| free).sum()
    }

    /// Places of slots with a free seat for each of `people`.
    fn places(&self, people: i32, fits: impl Fn(&Slot) -> bool) -> Vec<usize> {
        let has_room = |(_, (slot, free)): &(usize, &(Slot, i32))| *free >= people && fits(slot);
        self.slots.iter().enumerate().filter(has_room).map(|(place, _)| place).collect()
    }
}

struct Clerk<'a> {
    installation: &'a Installation,
    chance: &'a dyn Chance,
    campaigns: [Arc<Campaign>; 2],
    calendar: &'a Calendar,
    booked: usize,
}

impl Clerk<'_> {
    fn desk(&self, site: SiteId) -> anyhow::Result<Desk> {
        let now = self.calendar.now;
        let slots = self.installation.store.read_now(|conn, _| slots::of_site(conn, site, now))?;
        Ok(Desk { site, slots: slots.into_iter().map(|(slot, count)| (slot, count.free())).collect() })
    }

    /// Seats people until the day has `wanted` bookings.
    fn fill_day(&mut self, desk: &mut Desk, day: Date, wanted: usize) -> anyhow::Result<()> {
        let (site, keys_day) = (desk.site, day);
        let roster = self
            .installation
            .store
            .read_now(|conn, keys| crate::store::roster::of_day(conn, keys, site, keys_day))?;
        let mut missing = wanted.saturating_sub(roster.len());
        for _ in 0..2 * wanted {
            let size = if missing >= 2 && self.chance.below(4) == 0 { 2 } else { 1 };
            let places = desk.places(i32::from(size), |slot| slot.local_date == day);
            if missing == 0 || places.is_empty() {
                break;
            }
            let place = self.one_of(&places);
            missing = missing.saturating_sub(self.seat(desk, place, size)?);
        }
        Ok(())
    }

    /// Takes every seat of the first `times` slots of the day.
    fn fill_times(
        &mut self,
        desk: &mut Desk,
        day: Date,
        product: Option<ProductId>,
        times: usize,
    ) -> anyhow::Result<()> {
        let places = desk.places(1, |slot| slot.local_date == day && Some(slot.product) == product);
        for place in places.into_iter().take(times) {
            for _ in 0..FULL_CLINIC_SEATS {
                if desk.slots[place].1 == 0 {
                    break;
                }
                self.seat(desk, place, 1)?;
            }
        }
        Ok(())
    }

    /// Books some small clinics out for the next day they are open.
    fn fill_clinics(&mut self, all: &[Site], standard: Option<ProductId>) -> anyhow::Result<()> {
        let small = all.iter().skip(SHOWN).filter(|site| {
            site.offers.iter().any(|offer| Some(offer.product) == standard && offer.seats == 1)
        });
        let mut filled = 0;
        for site in small {
            let mut desk = self.desk(site.id)?;
            let next =
                desk.slots.iter().map(|(slot, _)| slot.local_date).find(|day| *day > self.calendar.today);
            let Some(day) = next.filter(|day| desk.free_on(*day, standard) <= FULL_CLINIC_SEATS) else {
                continue;
            };
            self.fill_times(&mut desk, day, standard, usize::MAX)?;
            filled += 1;
            if filled == FULL_CLINICS {
                break;
            }
        }
        Ok(())
    }

    /// Books here and there until the country has its bookings.
    fn spread(&mut self, all: &[Site]) -> anyhow::Result<()> {
        let last = self.calendar.day(SPREAD_DAYS);
        for _ in 0..2 * BOOKED {
            if self.booked >= BOOKED || all.is_empty() {
                break;
            }
            let place = usize::try_from(self.chance.below(all.len() as u64)).unwrap_or(0);
            let mut desk = self.desk(all[place].id)?;
            let size = if self.chance.below(3) == 0 { 2 } else { 1 };
            let places = desk.places(i32::from(size), |slot| slot.local_date <= last);
            if !places.is_empty() {
                let place = self.one_of(&places);
                self.seat(&mut desk, place, size)?;
            }
        }
        Ok(())
    }

    fn one_of(&self, places: &[usize]) -> usize {
        let index = usize::try_from(self.chance.below(places.len() as u64)).unwrap_or(0);
        places.get(index).copied().unwrap_or(0)
    }

    /// Books a slot for a party of `size`, and the later dose where the campaign has one. Returns how many seats of the
    /// slot were taken: none when the rules say no, as for a phone that is known already.
    fn seat(&mut self, desk: &mut Desk, place: usize, size: u8) -> anyhow::Result<usize> {
        let (slot, _) = desk.slots[place];
        let Some(campaign) = self.campaigns.iter().find(|campaign| campaign.id == slot.campaign).cloned()
        else {
            return Ok(0);
        };
        let Some(doses) = self.doses(desk, place, &campaign, i32::from(size)) else { return Ok(0) };
        let code = campaign.product(slot.product).map_or("", |product| product.code.as_str());
        let order = Order {
            party: parties::invent(self.chance, code, size, self.calendar.today)?,
            campaign,
            site: desk.site,
            doses: doses.iter().map(|place| desk.slots[*place].0.id).collect(),
        };
        match self.installation.ledger.write_now(move |tx| book(tx, &order)) {
            Ok(()) => {
                for place in &doses {
                    desk.slots[*place].1 -= i32::from(size);
                }
                self.booked += usize::from(size) * doses.len();
                Ok(usize::from(size))
            }
            Err(LedgerError::Refused(why)) => {
                tracing::debug!(%why, "an invented booking was refused");
                Ok(0)
            }
            Err(error) => crate::cli::installation::done(Err(error)),
        }
    }

    /// The places of all doses of a course that starts at `place`; `None` when a later one has no free seat.
    fn doses(&self, desk: &Desk, place: usize, campaign: &Campaign, people: i32) -> Option<Vec<usize>> {
        let mut doses = vec![place];
        for dose in 2..=campaign.doses {
            let (earlier, _) = desk.slots[*doses.last()?];
            let day = campaign.interval_before(earlier.product, dose)?.proposed(earlier.local_date);
            let fits = |slot: &Slot| {
                (slot.campaign, slot.product, slot.local_date) == (campaign.id, earlier.product, day)
            };
            let places = desk.places(people, fits);
            if places.is_empty() {
                return None;
            }
            doses.push(self.one_of(&places));
        }
        Some(doses)
    }
}

/// What one booker books.
struct Order {
    party: Party,
    campaign: Arc<Campaign>,
    site: SiteId,
    /// A slot for each dose.
    doses: Vec<SlotId>,
}

fn book(tx: &mut Tx<'_>, order: &Order) -> Outcome<(), String> {
    let (account, _) = accounts::of_proved_phone(tx, &order.party.phone, order.party.language)?;
    let seats = seats(tx, account, order)?;
    let hold = HoldParty { account, campaign: order.campaign.clone(), site: order.site, seats, rules: RULES };
    let held = in_words(holds::hold(tx, &hold))?;
    in_words(bookings::confirm(tx, account, &held.token, &order.campaign))?;
    silence(tx, held.party)
}

fn seats(tx: &mut Tx<'_>, account: AccountId, order: &Order) -> Outcome<Vec<SeatWish>, String> {
    let mut seats = Vec::new();
    for details in &order.party.people {
        let number = in_words(people::add(tx, account, details, RULES.people_max))?;
        let listed = people::cared_for(tx.conn, &tx.tools.keys, account)?;
        let Some(added) = listed.iter().find(|one| one.number == number) else {
            return Err(Failure::Refused("the person is not in the list".to_owned()));
        };
        let doses = (1..).zip(&order.doses);
        seats.extend(doses.map(|(dose, slot)| SeatWish { person: added.person.id, dose, slot: *slot }));
    }
    Ok(seats)
}

/// Voids what would be told at once; reminders stay.
fn silence(tx: &mut Tx<'_>, party: PartyId) -> Outcome<(), String> {
    outbox::void(tx, party.0, &[MessageKind::Confirmation])?;
    for one in bookings::of_party(tx.conn, &tx.tools.keys, party)? {
        outbox::void(tx, one.id.0, &[MessageKind::Confirmation])?;
        outbox::void(tx, one.person.id.0, &[MessageKind::CareNotice])?;
    }
    Ok(())
}

fn in_words<T, E: Display>(outcome: Outcome<T, E>) -> Outcome<T, String> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => Failure::Refused(refusal.to_string()),
        Failure::Store(error) => Failure::Store(error),
    })
}
