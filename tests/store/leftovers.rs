//! Doses that are left over, whom they are offered to, and what becomes of the answers.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use sunbeon::domain::booking::BookingState;
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::ids::{AccountId, LeftoverId, OfferId, PersonId, SiteId};
use sunbeon::domain::person::Relation;
use sunbeon::domain::standby::DrawnNumber;
use sunbeon::store::leftovers::{self, AnnounceError, Chosen, NewLeftover};
use sunbeon::store::offers::{self, OfferState, TakeOfferError};
use sunbeon::store::people;
use sunbeon::store::standby::{self, Around, AskError, Candidate, NewWish};

use crate::staff::nurse;
use crate::support::home::{Home, RULES};
use crate::support::people::someone_with_phone;

crate::on_both!(
    no_more_are_asked_than_there_are_doses,
    a_dose_is_taken_once_and_comes_back_when_it_is_cancelled,
    a_dose_that_does_not_suit_any_more_is_not_taken,
    somebody_whom_two_ask_for_is_asked_once,
    only_sites_that_are_near_enough_count,
    asking_again_takes_the_place_of_what_was_asked,
    whoever_is_taken_off_the_list_stands_by_no_more,
    a_second_leftover_of_the_same_vaccine_waits_for_the_first,
    each_day_has_one_secret,
);

const DAY: Date = date(2026, 11, 24);

/// Half past five in the afternoon of [`DAY`].
const UNTIL: &str = "2026-11-24T08:30:00Z";

fn wish(home: &Home, account: AccountId, person: PersonId) -> NewWish {
    let (campaign, sites) = (home.country.flu.id, vec![site(home)]);
    NewWish { account, person, campaign, sites, metres: 0, last_day: date(2026, 12, 1) }
}

fn site(home: &Home) -> SiteId {
    home.country.north
}

fn ask(home: &Home, wish: NewWish) -> Result<(), AskError> {
    home.try_write(move |tx| standby::ask(tx, &wish))
}

/// Somebody who stands by for themselves.
fn stands_by(home: &Home, phone: &str, name: &str) -> (AccountId, PersonId) {
    let (account, me) = home.citizen(phone, name, "1990-05-01");
    ask(home, wish(home, account, me)).unwrap();
    (account, me)
}

fn afternoon(home: &Home) {
    home.clock.set("2026-11-24T07:00:00Z");
}

fn announce(home: &Home, doses: u16) -> Result<LeftoverId, AnnounceError> {
    let flu = &home.country.flu;
    let new = NewLeftover {
        site: site(home),
        campaign: flu.id,
        product: flu.products[0].id,
        day: DAY,
        doses,
        until: UNTIL.parse().unwrap(),
        staff: nurse_once(home),
    };
    home.try_write(move |tx| leftovers::announce(tx, &new))
}

fn nurse_once(home: &Home) -> sunbeon::domain::ids::StaffId {
    let known = home.database.number("SELECT COALESCE(MIN(id), 0) AS number FROM staff");
    if known == 0 { nurse(home) } else { sunbeon::domain::ids::StaffId(known) }
}

fn candidates(home: &Home, id: LeftoverId) -> Vec<Candidate> {
    candidates_around(home, id, &[(site(home), 0)])
}

fn candidates_around(home: &Home, id: LeftoverId, sites: &[(SiteId, u32)]) -> Vec<Candidate> {
    let around = Around {
        leftover: id,
        campaign: home.country.flu.id,
        day: DAY,
        announced_at: home.now(),
        sites: sites.iter().copied().collect(),
    };
    home.read(|conn, _| standby::candidates(conn, &around))
}

/// Offers to everybody who stands by, as far as the doses go.
fn offer(home: &Home, id: LeftoverId) -> usize {
    let chosen: Vec<Chosen> = candidates(home, id)
        .into_iter()
        .map(|one| Chosen { standby: one.id, number: DrawnNumber::of(&[1; 32], "here", &one.ticket) })
        .collect();
    home.try_write::<_, sunbeon::store::Never, _>(move |tx| leftovers::offer(tx, id, &chosen)).unwrap()
}

fn open_to(home: &Home, account: AccountId) -> OfferId {
    home.read(|conn, keys| offers::open_to(conn, keys, account))[0].id
}

fn take(home: &Home, id: OfferId, flu: &Arc<Campaign>) -> Result<(), TakeOfferError> {
    let flu = flu.clone();
    home.try_write(move |tx| offers::take(tx, id, &flu, RULES)).map(|_| ())
}

fn state(home: &Home, id: OfferId) -> OfferState {
    home.read(|conn, keys| offers::find(conn, keys, id)).unwrap().state
}

fn settle(home: &Home, id: LeftoverId) {
    home.try_write::<_, sunbeon::store::Never, _>(move |tx| leftovers::settle(tx, id)).unwrap();
}

fn no_more_are_asked_than_there_are_doses(home: &Home) {
    for (phone, name) in
        [("010-0000-0001", "김하나"), ("010-0000-0002", "이두리"), ("010-0000-0003", "박세리")]
    {
        stands_by(home, phone, name);
    }
    afternoon(home);
    let left = announce(home, 2).unwrap();
    assert_eq!(offer(home, left), 2);
    assert_eq!(offer(home, left), 0, "the third waits");
    home.clock.pass_seconds(601);
    settle(home, left);
    assert_eq!(offer(home, left), 1, "of those who did not answer, nobody is asked again");
    let answers = home.read(|conn, _| leftovers::answers(conn, left));
    assert_eq!((answers.open, answers.unanswered, answers.taken), (1, 2, 0));
    home.clock.set("2026-11-24T08:30:00Z");
    settle(home, left);
    assert!(home.read(|conn, _| leftovers::of_day(conn, site(home), DAY))[0].is_over);
    home.assert_sound();
}

fn a_dose_is_taken_once_and_comes_back_when_it_is_cancelled(home: &Home) {
    let (account, me) = stands_by(home, "010-0000-0001", "김하나");
    let (other, _) = stands_by(home, "010-0000-0002", "이두리");
    afternoon(home);
    let left = announce(home, 1).unwrap();
    // Whoever is first in the list of candidates is asked first here.
    offer(home, left);
    let flu = home.country.flu.clone();
    let id = open_to(home, account);
    assert_eq!(take(home, id, &flu), Ok(()));
    assert_eq!(take(home, id, &flu), Ok(()), "pressed twice");
    assert_eq!(state(home, id), OfferState::Taken);
    home.assert_sound();
    let booked = home.read(|conn, keys| sunbeon::store::bookings::visible_to(conn, keys, account)).remove(0);
    assert_eq!((booked.person.id, booked.state), (me, BookingState::Booked));
    assert_eq!(booked.starts_at, UNTIL.parse::<Timestamp>().unwrap());
    assert_eq!(offer(home, left), 0, "there was one");
    home.cancel(&[booked.id]).unwrap();
    home.assert_sound();
    assert_eq!(offer(home, left), 1, "it can be offered again");
    assert_eq!(take(home, open_to(home, other), &flu), Ok(()));
    home.assert_sound();
}

fn a_dose_that_does_not_suit_any_more_is_not_taken(home: &Home) {
    let (account, me) = stands_by(home, "010-0000-0001", "김하나");
    home.clock.set("2026-11-24T00:10:00Z");
    let left = announce(home, 1).unwrap();
    offer(home, left);
    let id = open_to(home, account);
    let flu = home.country.flu.clone();
    // Booked meanwhile for the very same day.
    let slot = *home.flu_slots(DAY).last().unwrap();
    home.book(account, &flu, &[(me, 1, &slot)]);
    assert_eq!(take(home, id, &flu), Err(TakeOfferError::DoesNotSuit));
    assert_eq!(state(home, id), OfferState::Open, "nothing is changed");
    home.clock.pass_seconds(601);
    assert_eq!(take(home, id, &flu), Err(TakeOfferError::Over));
    home.assert_sound();
}

fn somebody_whom_two_ask_for_is_asked_once(home: &Home) {
    let mother = || someone_with_phone("박순자", "1947-03-09", Relation::Mother, "010-0000-0009");
    for phone in ["010-0000-0001", "010-0000-0002"] {
        let account = home.account(phone);
        let person = home.add(account, mother());
        ask(home, wish(home, account, person)).unwrap();
    }
    afternoon(home);
    let left = announce(home, 5).unwrap();
    assert_eq!(candidates(home, left).len(), 1);
}

fn only_sites_that_are_near_enough_count(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김하나", "1990-05-01");
    ask(home, NewWish { metres: 1_000, ..wish(home, account, me) }).unwrap();
    afternoon(home);
    let left = announce(home, 1).unwrap();
    let here = site(home);
    assert_eq!(candidates_around(home, left, &[(here, 1_000)]).len(), 1);
    assert_eq!(candidates_around(home, left, &[(here, 1_001)]).len(), 0);
    assert_eq!(candidates_around(home, left, &[]).len(), 0);
}

fn asking_again_takes_the_place_of_what_was_asked(home: &Home) {
    let (account, me) = stands_by(home, "010-0000-0001", "김하나");
    let mine = || home.read(|conn, keys| standby::of_account(conn, keys, account));
    let first = mine().remove(0);
    ask(home, wish(home, account, me)).unwrap();
    assert_eq!(mine()[0].ticket, first.ticket, "the same press once more");
    ask(home, NewWish { metres: 3_000, ..wish(home, account, me) }).unwrap();
    let now = mine();
    assert_eq!((now.len(), now[0].metres), (1, 3_000));
    assert_ne!(now[0].ticket, first.ticket);
    let (_, stranger) = home.citizen("010-0000-0002", "이두리", "1990-05-01");
    assert_eq!(ask(home, wish(home, account, stranger)), Err(AskError::NotInList));
}

fn whoever_is_taken_off_the_list_stands_by_no_more(home: &Home) {
    let (account, _) = stands_by(home, "010-0000-0001", "김하나");
    afternoon(home);
    let left = announce(home, 1).unwrap();
    offer(home, left);
    let id = open_to(home, account);
    home.try_write(move |tx| people::remove(tx, account, 1)).unwrap();
    assert_eq!(state(home, id), OfferState::Withdrawn);
    assert!(home.read(|conn, keys| standby::of_account(conn, keys, account)).is_empty());
}

fn a_second_leftover_of_the_same_vaccine_waits_for_the_first(home: &Home) {
    afternoon(home);
    let first = announce(home, 2).unwrap();
    assert_eq!(announce(home, 2), Ok(first), "pressed twice");
    assert_eq!(announce(home, 3), Err(AnnounceError::Offered));
    home.try_write::<_, sunbeon::store::Never, _>(move |tx| leftovers::end(tx, first)).unwrap();
    let second = announce(home, 3).unwrap();
    assert_ne!(first, second);
    let standing = home.read(|conn, _| leftovers::standing(conn, home.now()));
    assert_eq!(standing.iter().map(|one| one.free).collect::<Vec<_>>(), [3], "those of the first are gone");
}

fn each_day_has_one_secret(home: &Home) {
    let prepare =
        || home.try_write::<_, sunbeon::store::Never, _>(|tx| standby::prepare_days(tx, DAY, 3)).unwrap();
    prepare();
    let secret = || home.read(|conn, keys| standby::secret_of(conn, keys, DAY)).unwrap();
    let (before, days) = (secret(), home.read(|conn, _| standby::days_from(conn, DAY)));
    prepare();
    assert_eq!(secret(), before);
    assert_eq!(home.read(|conn, _| standby::days_from(conn, DAY)), days);
    assert_eq!(days.len(), 3);
    assert_eq!(days[0].fingerprint, sunbeon::domain::standby::fingerprint(&before));
    assert_eq!(home.read(|conn, keys| standby::secret_of(conn, keys, date(2026, 11, 20))), None);
}
