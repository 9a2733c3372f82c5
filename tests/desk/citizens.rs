//! People who go to desks without a browser.

use std::sync::Arc;

use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::booking::{HoldPartyError, HoldRules, SeatWish};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, PersonId, SiteId};
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::slot::Slot;
use sunbeon::engine::Engine;
use sunbeon::engine::desk::{ComingSlots, ConfirmParty, Hold};
use sunbeon::language::Language;
use sunbeon::store::bookings::PartyConfirmed;
use sunbeon::store::holds::{HoldParty, PartyHeld};
use sunbeon::store::people::{self, PersonDetails, SavePersonError};
use sunbeon::store::{Failure, LedgerError, Tx, accounts};

use crate::app::TestApp;
use crate::app::details::someone;

/// Ten minutes, ten extensions, six people.
pub const RULES: HoldRules = HoldRules { hold_minutes: 10, extensions_max: 10, people_max: 6 };

/// Somebody with an account who books for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    /// Their account.
    pub account: AccountId,
    /// They themselves.
    pub person: PersonId,
}

/// Lets `number` people open accounts, all born in 1950.
pub fn citizens(app: &TestApp, number: usize) -> Vec<Citizen> {
    let open = move |tx: &mut Tx<'_>| (0..number).map(|index| open_account(tx, index)).collect();
    app.engine().ledger.write_now::<Vec<Citizen>, SavePersonError, _>(open).unwrap()
}

/// Adds a mother without a phone to somebody's list.
pub fn mother_of(app: &TestApp, one: Citizen) -> PersonId {
    let details = PersonDetails {
        name: PersonName::parse("박순자").unwrap(),
        birth: BirthDate::from_stored("1948-03-01").unwrap(),
        relation: Relation::Mother,
        messages_to: MessagesTo::NoPhone,
        phone: None,
    };
    let add = move |tx: &mut Tx<'_>| {
        people::add(tx, one.account, &details, 6)?;
        let listed = people::cared_for(tx.conn, &tx.tools.keys, one.account)?;
        Ok::<_, Failure<SavePersonError>>(listed.last().unwrap().person.id)
    };
    app.engine().ledger.write_now(add).unwrap()
}

fn open_account(tx: &mut Tx<'_>, index: usize) -> Result<Citizen, Failure<SavePersonError>> {
    let phone = PhoneNumber::parse(&format!("010-0000-{index:04}")).unwrap();
    let (account, _) = accounts::of_proved_phone(tx, &phone, Language::Korean)?;
    people::add(tx, account, &someone("김순자", "1950-03-01", Relation::Me), 6)?;
    let mine = people::cared_for(tx.conn, &tx.tools.keys, account)?;
    Ok(Citizen { account, person: mine[0].person.id })
}

/// An order for one seat a person, all in the campaign and site of the slots.
pub fn order(app: &TestApp, account: AccountId, seats: &[(PersonId, Slot)]) -> HoldParty {
    let campaign = campaign_of(&app.engine(), &seats[0].1);
    let seat = |&(person, slot): &(PersonId, Slot)| SeatWish { person, dose: 1, slot: slot.id };
    HoldParty {
        account,
        campaign,
        site: seats[0].1.site,
        seats: seats.iter().map(seat).collect(),
        rules: RULES,
    }
}

fn campaign_of(engine: &Engine, slot: &Slot) -> Arc<Campaign> {
    engine.country.now().campaign(slot.campaign).unwrap().clone()
}

impl Citizen {
    /// Holds a seat for themselves.
    pub fn hold(self, app: &TestApp, slot: Slot, replaces: bool) -> HoldFuture {
        let (engine, order) = (app.engine(), order(app, self.account, &[(self.person, slot)]));
        Box::pin(async move { engine.desks.order(slot.site, Hold { order, replaces }).await })
    }

    /// Confirms what they hold at a slot's site.
    pub fn confirm(self, app: &TestApp, token: &str, slot: &Slot) -> ConfirmFuture {
        let (engine, site) = (app.engine(), slot.site);
        let campaign = campaign_of(&engine, slot);
        let order = ConfirmParty { account: self.account, token: token.to_owned(), campaign, door: None };
        Box::pin(async move { engine.desks.order(site, order).await })
    }
}

/// The answer to a hold, some time.
pub type HoldFuture =
    futures_util::future::BoxFuture<'static, Result<PartyHeld, LedgerError<HoldPartyError>>>;

/// The answer to a confirmation, some time.
pub type ConfirmFuture = futures_util::future::BoxFuture<
    'static,
    Result<PartyConfirmed, LedgerError<sunbeon::domain::booking::ConfirmPartyError>>,
>;

/// The coming times of a site in the campaign with this slug, as its desk tells them.
pub async fn coming(app: &TestApp, site: SiteId, slug: &str) -> Vec<(Slot, u32)> {
    let engine = app.engine();
    let campaign = engine.country.now().campaign_by_slug(slug).unwrap().id;
    let coming = engine.desks.question(site, ComingSlots { campaign }).await.unwrap();
    coming.into_iter().map(|free| (free.slot, free.free)).collect()
}
