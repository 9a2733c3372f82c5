//! A family with a booking and a hold, and everybody else who comes by.

use jiff::SignedDuration;
use reqwest::StatusCode;
use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::booking::SeatWish;
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, PersonId, StaffId};
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::domain::reference::ReferenceCode;
use sunbeon::domain::standby::DrawnNumber;
use sunbeon::engine::desk::{ConfirmParty, Hold};
use sunbeon::store::holds::HoldParty;
use sunbeon::store::leftovers::{self, Chosen, NewLeftover};
use sunbeon::store::people::{self, PersonDetails};
use sunbeon::store::standby::{self, NewWish};
use sunbeon::store::{Failure, Never, Tx, accounts, bookings, slots};
use sunbeon::web::routes::{Needs, Route, map};

use crate::app::{Browser, Language, OPENING, Page, STAFF_PASSWORD, Staff, TestApp, block_on};

/// The owner's phone.
pub const OWNER: &str = "010-0000-0001";
const STRANGER: &str = "010-0000-0002";
const DAUGHTER: &str = "010-0000-0003";

/// Whose account is idle; the owner and the mother stand in its list too.
const UNCLE: &str = "010-0000-0004";

/// The owner's name, which no one else may read.
pub const NAME: &str = "남궁민지";

/// The name of the owner's mother, who stands second in their list.
pub const MOTHER: &str = "독고순자";

/// Who comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Whose sessions were ended on all devices.
    Ended,
    /// Never proved anything.
    Nobody,
    /// Found the booking by its reference and the owner's phone.
    Finder,
    /// Proved the phone of an idle account, and has given no birth date yet.
    Unanswered,
    /// Proved a phone, and has nothing to do with the family.
    Stranger,
    /// Whose booking it is.
    Owner,
    /// Works at the booking's site.
    Clinic,
    /// Works at another site.
    OtherClinic,
    /// Answers callers, and sees no site.
    CallCentre,
    /// Sees all sites.
    Authority,
    /// Sees who looked at whom, and no site.
    Auditor,
}

impl Role {
    /// Everybody. The one whose sessions ended comes first: it is the owner's account.
    pub const ALL: [Self; 11] = [
        Self::Ended,
        Self::Nobody,
        Self::Finder,
        Self::Unanswered,
        Self::Stranger,
        Self::Owner,
        Self::Clinic,
        Self::OtherClinic,
        Self::CallCentre,
        Self::Authority,
        Self::Auditor,
    ];

    /// Whether they proved a phone.
    pub fn has_phone(self) -> bool {
        matches!(self, Self::Stranger | Self::Owner)
    }

    /// Whether they work here.
    fn is_staff(self) -> bool {
        use Role::{Auditor, Authority, CallCentre, Clinic, OtherClinic};
        matches!(self, Clinic | OtherClinic | CallCentre | Authority | Auditor)
    }

    /// Whether a page that needs this serves them. What it is about is the family's, and the site is the booking's.
    pub fn may(self, needs: Needs) -> bool {
        match needs {
            // The tests come from this machine and through no proxy.
            Needs::Nothing | Needs::Monitor => true,
            // The link is all that it takes, and everybody here has it.
            Needs::OfferLink | Needs::MovedLink => true,
            // Nobody of these can sign for a gateway.
            Needs::Gateway => false,
            Needs::Phone => self.has_phone(),
            Needs::OwnBooking => matches!(self, Self::Owner | Self::Finder),
            Needs::OwnParty | Needs::OwnPerson | Needs::OwnCarer => self == Self::Owner,
            Needs::Staff => self.is_staff(),
            Needs::Auditor => self == Self::Auditor,
            Needs::CallCentre => matches!(self, Self::CallCentre | Self::Authority),
            Needs::Authority => self == Self::Authority,
            Needs::StaffOfSite => matches!(self, Self::Clinic | Self::Authority),
        }
    }
}

/// A Sunbeon in which the owner has booked one campaign and holds a seat of the other.
pub struct Town {
    /// The service.
    pub app: TestApp,
    /// The reference of the booking.
    pub reference: String,
    done: String,
    held: String,
    care: String,
    offer: String,
    moved: String,
}

impl Town {
    /// Settles everybody.
    pub fn settle() -> Self {
        let app = TestApp::start();
        // Its evening is over, so that its door stands in nobody's way.
        app.announce_in(-10, "covid-2026");
        let me = person(NAME, Relation::Me, None);
        let account = account(&app, OWNER, &[me, person(MOTHER, Relation::Mother, None)]);
        account_of_the_daughter(&app);
        idle_account_of_the_uncle(&app);
        let people = app.read(|conn, keys| people::cared_for(conn, keys, account));
        let done = book(&app, account, people[0].person.id, "flu-2026");
        let held = hold(&app, account, people[0].person.id, "covid-2026").0;
        let mine = app.read(|conn, keys| bookings::visible_to(conn, keys, account));
        let reference = mine[0].reference.as_str().to_owned();
        let care = app.read(|conn, keys| {
            let carer = people::carers(conn, keys, account)?.remove(0);
            Ok(keys.lookup("care", &carer.care.0.to_string()))
        });
        let care = data_encoding::BASE64URL_NOPAD.encode(&care.as_bytes()[..12]);
        let offer = offer(&app, account, people[1].person.id);
        let moved = app.engine().keys.link("moved", mine[0].id.0);
        Self { app, reference, done, held, care, offer, moved }
    }

    /// A path of the map with the family's own things in the places of its names. For a party the token of the hold
    /// stands in every page but the confirmation's.
    pub fn path(&self, route: &Route) -> String {
        let token = if route.path.starts_with("/done") { &self.done } else { &self.held };
        let site = &self.app.site(0).code;
        let path = route
            .path
            .replace("{slug}", "covid-2026")
            .replace("{site}", site)
            .replace("{token}", token)
            .replace("{reference}", &self.reference)
            .replace("{number}", "2")
            .replace("{care}", &self.care)
            .replace("{offer}", &self.offer)
            .replace("{moved}", &self.moved)
            .replace("{opening}", OPENING)
            .replace("{group}", "512")
            .replace("{problem}", "slow-form")
            .replace("{gateway}", "spool")
            .replace("{row}", "1")
            .replace("{tried_at}", "1")
            .replace("{language}", "en");
        assert!(!path.contains('{'), "teach this test what stands for the name in {}", route.path);
        path
    }

    /// A browser of somebody, signed in as their role says.
    pub fn browser(&self, role: Role) -> Browser {
        let browser = self.app.browser(Language::English);
        match role {
            Role::Nobody => {}
            Role::Ended => {
                self.prove(&browser, OWNER);
                let owner = self.app.read(|conn, keys| {
                    let one =
                        bookings::by_reference(conn, keys, &ReferenceCode::parse(&self.reference).unwrap())?;
                    Ok(one.unwrap().account)
                });
                let end =
                    move |tx: &mut Tx<'_>| accounts::end_sessions(tx, owner).map_err(Failure::<Never>::from);
                self.app.engine().ledger.write_now(end).unwrap();
            }
            Role::Finder => self.find(&browser),
            Role::Unanswered => assert_eq!(self.enter_code(&browser, UNCLE).path, "/sign-in/birth-date"),
            Role::Stranger => self.prove(&browser, STRANGER),
            Role::Owner => self.prove(&browser, OWNER),
            Role::Clinic => sign_in(&browser, Staff::Jongno),
            Role::OtherClinic => sign_in(&browser, Staff::Haeundae),
            Role::CallCentre => sign_in(&browser, Staff::CallCentre),
            Role::Authority => sign_in(&browser, Staff::Authority),
            Role::Auditor => sign_in(&browser, Staff::Auditor),
        }
        browser
    }

    /// Everybody's browsers, in the order of [`Role::ALL`].
    pub fn browsers(&self) -> Vec<(Role, Browser)> {
        Role::ALL.into_iter().map(|role| (role, self.browser(role))).collect()
    }

    fn find(&self, browser: &Browser) {
        let form = browser.get("/find").form("/find");
        let code = form.fill("reference", &self.reference).fill("phone", OWNER).press("");
        let page = code.form("").fill("code", &self.app.code_for(OWNER)).press("");
        assert_eq!(page.path, format!("/bookings/{}", self.reference));
    }

    fn prove(&self, browser: &Browser, phone: &str) {
        assert_eq!(self.enter_code(browser, phone).path, "/");
    }

    fn enter_code(&self, browser: &Browser, phone: &str) -> Page {
        let code = browser.get("/sign-in").form("/sign-in").fill("phone", phone).press("");
        code.form("").fill("code", &self.app.code_for(phone)).press("")
    }

    /// What the owner has, in a few numbers: whoever may not change anything leaves them as they are.
    pub fn fingerprint(&self) -> Vec<i64> {
        let counts = [
            "SELECT CAST(SUM(held) AS BIGINT) AS number FROM slot_lane",
            "SELECT CAST(SUM(booked) AS BIGINT) AS number FROM slot_lane",
            "SELECT COUNT(*) AS number FROM person",
            "SELECT COUNT(*) AS number FROM account",
            "SELECT COUNT(*) AS number FROM outbox",
            "SELECT CAST(SUM(version) AS BIGINT) AS number FROM booking",
            "SELECT CAST(SUM(epoch) AS BIGINT) AS number FROM account",
        ];
        counts.iter().map(|count| self.app.database.number(count)).collect()
    }
}

fn person(name: &str, relation: Relation, phone: Option<&str>) -> PersonDetails {
    PersonDetails {
        name: PersonName::parse(name).unwrap(),
        birth: BirthDate::from_stored("1950-03-01").unwrap(),
        relation,
        messages_to: MessagesTo::Mine,
        phone: phone.map(|phone| PhoneNumber::parse(phone).unwrap()),
    }
}

fn account(app: &TestApp, phone: &str, list: &[PersonDetails]) -> AccountId {
    let (phone, list) = (PhoneNumber::parse(phone).unwrap(), list.to_vec());
    let settle = app.engine().ledger.write_now(move |tx| {
        let (account, _) = accounts::of_proved_phone(tx, &phone, Language::English)
            .map_err(Failure::<people::SavePersonError>::from)?;
        for one in &list {
            people::add(tx, account, one, 6)?;
        }
        Ok(account)
    });
    settle.unwrap()
}

/// She cares for the owner, so that there is somebody to revoke.
fn account_of_the_daughter(app: &TestApp) {
    account(app, DAUGHTER, &[person(NAME, Relation::Mother, Some(OWNER))]);
}

/// He cared for both, and has not been here for long.
fn idle_account_of_the_uncle(app: &TestApp) {
    let list = [person(NAME, Relation::Other, None), person(MOTHER, Relation::Other, None)];
    let uncle = account(app, UNCLE, &list);
    app.database
        .execute(&format!("UPDATE account SET seen_at = seen_at - 90 * 86400 WHERE id = {uncle}"))
        .unwrap();
}

fn sign_in(browser: &Browser, who: Staff) {
    let form = browser.get("/clinic/sign-in").form("/clinic/sign-in");
    let page = form.fill("login", who.login()).fill("password", STAFF_PASSWORD).press("");
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.path.contains("sign-in"), "{page:?}: {:?}", page.errors());
}

fn hold(
    app: &TestApp,
    account: AccountId,
    person: PersonId,
    slug: &str,
) -> (String, std::sync::Arc<Campaign>) {
    let engine = app.engine();
    let (site, now) = (app.site_id(0), engine.now());
    let campaign = engine.country.now().campaign_by_slug(slug).unwrap().clone();
    let slots = app.read(|conn, _| slots::of_site(conn, site, now));
    let slot = slots.into_iter().find(|(slot, _)| slot.campaign == campaign.id).unwrap().0;
    let seats = vec![SeatWish { person, dose: 1, slot: slot.id }];
    let order = HoldParty { account, campaign: campaign.clone(), site, seats, rules: engine.holds };
    let held = block_on(engine.desks.order(site, Hold { order, replaces: true })).unwrap();
    (held.token, campaign)
}

fn book(app: &TestApp, account: AccountId, person: PersonId, slug: &str) -> String {
    let (token, campaign) = hold(app, account, person, slug);
    let order = ConfirmParty { account, token: token.clone(), campaign, door: None };
    block_on(app.engine().desks.order(app.site_id(0), order)).unwrap();
    app.engine().wake_notifier();
    token
}

/// A leftover dose that is offered to somebody of the owner's list: its name in the link.
fn offer(app: &TestApp, account: AccountId, person: PersonId) -> String {
    let engine = app.engine();
    let (site, today, now) = (app.site_id(0), engine.today(), engine.now());
    let campaign = engine.country.now().campaign_by_slug("flu-2026").unwrap().clone();
    let wish =
        NewWish { account, person, campaign: campaign.id, sites: vec![site], metres: 0, last_day: today };
    engine.ledger.write_now(move |tx| standby::ask(tx, &wish)).unwrap();
    let wish = app.read(|conn, keys| standby::of_account(conn, keys, account)).remove(0);
    let staff = StaffId(app.database.number("SELECT MIN(id) AS number FROM staff"));
    let new = NewLeftover {
        site,
        campaign: campaign.id,
        product: campaign.products[0].id,
        day: today,
        doses: 1,
        until: now + SignedDuration::from_hours(8),
        staff,
    };
    let left = engine.ledger.write_now(move |tx| leftovers::announce(tx, &new)).unwrap();
    let chosen = [Chosen { standby: wish.id, number: DrawnNumber::of(&[0; 32], "", &wish.ticket) }];
    let asked = engine.ledger.write_now(move |tx| leftovers::offer(tx, left, &chosen)).unwrap();
    assert_eq!(asked, 1);
    engine.wake_notifier();
    app.keys.link("offer", app.database.number("SELECT MAX(id) AS number FROM offer"))
}

/// The map of the demo, which has every page.
pub fn routes() -> Vec<Route> {
    map(true)
}

/// Whether an answer sends the visitor to a page that asks who they are.
pub fn asks_who(page: &Page) -> bool {
    let to_sign_in = |location: String| {
        location.starts_with("/sign-in") || location.starts_with("/clinic/sign-in") || location == "/find"
    };
    page.status == StatusCode::SEE_OTHER && page.location().is_some_and(to_sign_in)
}
