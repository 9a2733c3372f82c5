//! Whoever sends the hostile requests: nobody, a citizen with a booking and a hold, and staff.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use sunbeon::domain::booking::SeatWish;
use sunbeon::domain::ids::{AccountId, PersonId};
use sunbeon::domain::person::Relation;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::engine::Engine;
use sunbeon::engine::desk::{ComingSlots, ConfirmParty, Hold};
use sunbeon::keys::Use;
use sunbeon::language::Language;
use sunbeon::store::holds::HoldParty;
use sunbeon::store::people::{self, PersonDetails, SavePersonError};
use sunbeon::store::staff_sessions::{self, Begins};
use sunbeon::store::{Failure, Never, Tx, accounts, bookings, staff};

use crate::app::details::someone;
use crate::app::{OPENING, Staff, TICKET, TestApp, block_on};

/// Somebody who sends requests.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their cookies, as the header says them.
    pub cookies: String,
    /// The token of their forms.
    pub csrf: String,
}

/// Everybody, and what is theirs.
pub struct Town {
    /// Nobody, the citizen, the nurse, the authority, and a brother who has given no birth date yet.
    pub visitors: Vec<Visitor>,
    /// What stands for a name in a path of the map, besides what is the same in every town.
    pub own: Vec<(&'static str, String)>,
}

impl Town {
    /// Settles a town. Each has a number of its own, by which its people have phones of their own.
    pub fn settle(app: &TestApp, number: usize) -> Self {
        let engine = app.engine();
        let phone = PhoneNumber::parse(&format!("010-0000-{number:04}")).unwrap();
        let own_phone = phone.clone();
        let open = move |tx: &mut Tx<'_>| open_account(tx, &own_phone);
        let (account, epoch, person) = engine.ledger.write_now(open).unwrap();
        let done = hold(app, &engine, (account, person), "flu-2026", number);
        let campaign = engine.country.now().campaign_by_slug("flu-2026").unwrap().clone();
        let order = ConfirmParty { account, token: done.clone(), campaign, door: None };
        block_on(engine.desks.order(app.site_id(0), order)).unwrap();
        let held = hold(app, &engine, (account, person), "covid-2026", number);
        let mine = app.read(|conn, keys| bookings::visible_to(conn, keys, account));
        let citizen = session(&engine, &format!(r#""a":{},"e":{epoch},"#, account.0));
        let nobody = session(&engine, "");
        let asked = idle_session(app, &engine, number, &phone);
        let staff = [Staff::Jongno, Staff::Authority].map(|who| {
            let session = session(&engine, "");
            let cookies = format!("{}; sunbeon_staff_demo={}", session.cookies, staff_token(&engine, who));
            Visitor { cookies, ..session }
        });
        let care = app.read(|conn, keys| people::carers(conn, keys, account));
        let own = vec![
            ("{slug}", "flu-2026".to_owned()),
            ("{slug}", "covid-2026".to_owned()),
            ("{care}", care[0].care.0.to_string()),
            ("{reference}", mine[0].reference.as_str().to_owned()),
            ("{token}", held),
            ("{token}", done),
            ("{site}", app.site(0).code.clone()),
        ];
        Self { visitors: [nobody, citizen].into_iter().chain(staff).chain([asked]).collect(), own }
    }

    /// The citizen keeps a ticket, and the names in paths are those of a door that is there.
    pub fn stand_at_the_door(&mut self, ticket: &str) {
        let citizen = &mut self.visitors[1];
        citizen.cookies = format!("{}; {TICKET}={ticket}", citizen.cookies);
        self.own.extend([
            ("{opening}", OPENING.to_owned()),
            ("{group}", "17".to_owned()),
            ("{language}", "ko".to_owned()),
        ]);
    }
}

fn open_account(
    tx: &mut Tx<'_>,
    phone: &PhoneNumber,
) -> Result<(AccountId, i32, PersonId), Failure<SavePersonError>> {
    let (account, _) = accounts::of_proved_phone(tx, phone, Language::Korean)?;
    let epoch = accounts::find(tx.conn, &tx.tools.keys, account)?.unwrap().epoch;
    people::add(tx, account, &me(), 6)?;
    let person = people::cared_for(tx.conn, &tx.tools.keys, account)?[0].person.id;
    Ok((account, epoch, person))
}

fn me() -> PersonDetails {
    someone("김순자", "1950-03-01", Relation::Me)
}

/// Holds a time of the first site that is still free, and gives the party's token.
fn hold(
    app: &TestApp,
    engine: &Arc<Engine>,
    (account, person): (AccountId, PersonId),
    slug: &str,
    number: usize,
) -> String {
    let campaign = engine.country.now().campaign_by_slug(slug).unwrap().clone();
    let question = ComingSlots { campaign: campaign.id };
    let coming = block_on(engine.desks.question(app.site_id(0), question)).unwrap();
    let free: Vec<_> = coming.into_iter().filter(|slot| slot.free > 0).collect();
    let slot = free[number % free.len()].slot;
    let seats = vec![SeatWish { person, dose: 1, slot: slot.id }];
    let order = HoldParty { account, campaign, site: slot.site, seats, rules: engine.holds };
    block_on(engine.desks.order(slot.site, Hold { order, replaces: true })).unwrap().token
}

/// A sealed session with these fields, as a browser would have it after signing in.
fn session(engine: &Engine, fields: &str) -> Visitor {
    let plain = format!(r#"{{{fields}"n":"nonce","t":{}}}"#, engine.now().as_second());
    let cookie = engine.keys.seal_token(Use::Session, plain.as_bytes(), &*engine.chance);
    let csrf = BASE64URL_NOPAD.encode(&engine.keys.mac(Use::Csrf, b"nonce")[..18]);
    Visitor { cookies: format!("sunbeon_demo={cookie}"), csrf }
}

/// A session of somebody who proved the phone of an idle account, from which a birth date is awaited. The account cares for
/// the citizen with this phone.
fn idle_session(app: &TestApp, engine: &Engine, number: usize, citizen: &PhoneNumber) -> Visitor {
    let phone = PhoneNumber::parse(&format!("010-0000-{:04}", 5_000 + number)).unwrap();
    let citizen = PersonDetails { relation: Relation::Other, phone: Some(citizen.clone()), ..me() };
    let open = move |tx: &mut Tx<'_>| {
        let opened = open_account(tx, &phone)?;
        people::add(tx, opened.0, &citizen, 6)?;
        Ok::<_, Failure<SavePersonError>>(opened)
    };
    let (brother, _, _) = engine.ledger.write_now(open).unwrap();
    app.database
        .execute(&format!("UPDATE account SET seen_at = seen_at - 90 * 86400 WHERE id = {brother}"))
        .unwrap();
    let until = engine.now().as_second() + 1_800;
    session(engine, &format!(r#""b":{{"a":{brother},"u":{until}}},"#))
}

fn staff_token(engine: &Engine, who: Staff) -> String {
    let id = engine.store.read_now(|conn, _| staff::password_hash(conn, who.login())).unwrap().unwrap().0;
    let start = move |tx: &mut Tx<'_>| staff_sessions::start(tx, id, Begins::SignedIn, None);
    engine.ledger.write_now::<_, Never, _>(start).unwrap()
}
