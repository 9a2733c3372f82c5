//! A daughter who cares for her mother, already signed in, and the seats she holds: where the stories about bookings begin.

use sunbeon::domain::birth_date::BirthDate;
use sunbeon::domain::booking::SeatWish;
use sunbeon::domain::ids::{AccountId, PersonId, SlotId};
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::person_name::PersonName;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::engine::desk::Hold;
use sunbeon::store::holds::HoldParty;
use sunbeon::store::people::{self, PersonDetails};
use sunbeon::store::{Failure, accounts, slots};

use crate::app::{Browser, Language, Page, TestApp};

/// The daughter's phone.
pub const DAUGHTER: &str = "010-0000-0001";

/// The mother's phone, which the daughter typed.
pub const MOTHER: &str = "010-0000-0002";

/// Seats of each time at the site where the family is vaccinated.
const SEATS: usize = 4;

/// A phone that nobody knows.
pub const STRANGER: &str = "010-0000-0099";

/// A daughter with her mother in her list.
pub struct Family<'a> {
    app: &'a TestApp,
    /// Signed in as the daughter.
    pub browser: Browser,
    account: AccountId,
    people: Vec<PersonId>,
}

impl<'a> Family<'a> {
    /// Signed in, both in the list.
    pub fn of(app: &'a TestApp, language: Language) -> Self {
        Self::with_others(app, language, &[])
    }

    /// With more people in the list, called by these names.
    pub fn with_others(app: &'a TestApp, language: Language, names: &[String]) -> Self {
        let browser = app.browser(language);
        let code =
            browser.get("/sign-in?next=%2Fbookings").form("/sign-in").fill("phone", DAUGHTER).press("");
        let signed_in = code.form("/sign-in/code").fill("code", &app.code_for(DAUGHTER)).press("");
        assert_eq!(signed_in.path, "/bookings");
        let engine = app.engine();
        let phone = PhoneNumber::parse(DAUGHTER).unwrap();
        let known = engine.ledger.write_now(move |tx| {
            accounts::of_proved_phone(tx, &phone, language).map_err(Failure::<people::SavePersonError>::from)
        });
        let (account, _) = known.unwrap();
        let me = details("김민지", "1970-05-06", Relation::Me, MessagesTo::Mine, None);
        let mother = details("박순자", "1947-03-09", Relation::Mother, MessagesTo::Both, Some(MOTHER));
        let phone = Some("010-0000-0003");
        let others =
            names.iter().map(|name| details(name, "1948-11-12", Relation::Other, MessagesTo::Both, phone));
        for one in [me, mother].into_iter().chain(others) {
            engine.ledger.write_now(move |tx| people::add(tx, account, &one, 6)).unwrap();
        }
        let list = app.read(|conn, keys| people::cared_for(conn, keys, account));
        Self { app, browser, account, people: list.iter().map(|one| one.person.id).collect() }
    }

    /// Holds the first dose of a campaign for both, and the second when `days` later is given; the page to check it on.
    pub fn hold(&self, slug: &str, second_after_days: Option<i8>) -> Page {
        self.browser.get(&format!("/hold/{}", self.hold_token(slug, second_after_days)))
    }

    /// Like [`Family::hold`]: the token.
    pub fn hold_token(&self, slug: &str, second_after_days: Option<i8>) -> String {
        let engine = self.app.engine();
        let campaign = engine.country.now().campaign_by_slug(slug).unwrap().clone();
        let site = self.app.site_id(0);
        let slots_after = |days: i8| -> Vec<SlotId> {
            let day = campaign.first_day.checked_add(jiff::Span::new().days(i64::from(days))).unwrap();
            let all = self.app.read(|conn, _| slots::of_site(conn, site, engine.now()));
            let mine = all.into_iter().map(|(slot, _)| slot);
            mine.filter(|slot| slot.campaign == campaign.id && slot.local_date == day)
                .map(|slot| slot.id)
                .collect()
        };
        let mut seats = Vec::new();
        for (dose, days) in [(1, Some(0)), (2, second_after_days)] {
            let Some(days) = days else { continue };
            let slots = slots_after(days);
            for (place, person) in self.people.iter().enumerate() {
                seats.push(SeatWish { person: *person, dose, slot: slots[place / SEATS] });
            }
        }
        let order = HoldParty { account: self.account, campaign, site, seats, rules: engine.holds };
        let held = engine.desks.order(site, Hold { order, replaces: true });
        crate::app::block_on(held).unwrap().token
    }

    /// Holds and confirms; the confirmation.
    pub fn book(&self, slug: &str, second_after_days: Option<i8>) -> Page {
        let page = self.hold(slug, second_after_days);
        let done = page.form("/confirm").press("");
        assert!(done.path.starts_with("/done/"), "{done:?}");
        done
    }
}

/// The references on a page, as they stand there.
pub fn references(page: &Page) -> Vec<String> {
    page.all(".reference")
}

fn details(
    name: &str,
    birth: &str,
    relation: Relation,
    messages_to: MessagesTo,
    phone: Option<&str>,
) -> PersonDetails {
    PersonDetails {
        name: PersonName::parse(name).unwrap(),
        birth: BirthDate::from_stored(birth).unwrap(),
        relation,
        messages_to,
        phone: phone.map(|phone| PhoneNumber::parse(phone).unwrap()),
    }
}
