//! What staff do with bookings: checked in, recorded, not come, undone and corrected.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use sunbeon::domain::booking::BookingState;
use sunbeon::domain::ids::{BookingId, LotId, ProductId, StaffId};
use sunbeon::domain::visit::{Act, BodySite, Identified, VisitError};
use sunbeon::store::lots::{self, AddLotError, NewLot};
use sunbeon::store::visits::{self, Given, Order, Reception};
use sunbeon::store::{Failure, Never};

use crate::staff::nurse;
use crate::support::home::Home;

crate::on_both!(
    somebody_is_checked_in_and_vaccinated,
    a_button_pressed_twice_does_it_once_and_a_colleagues_page_is_old,
    whoever_did_not_come_may_book_again_and_may_come_late,
    whoever_is_somebody_else_by_now_does_not_claim_twice,
    the_last_step_is_undone_on_its_day,
    a_correction_stands_beside_what_was_recorded,
    what_must_not_be_given_is_not_recorded,
    nothing_is_done_on_another_day,
);

const DAY: Date = date(2026, 11, 24);
const RECEIVED: Reception = Reception { identified: Identified::Document, screened: true };

/// A booking of the flu campaign in the morning of [`DAY`], which has come, and the nurse.
fn at_the_desk(home: &Home) -> (BookingId, StaffId) {
    let staff = nurse(home);
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(DAY)[0];
    let booked = home.book(account, &home.country.flu, &[(me, 1, &slot)])[0].id;
    home.clock.set("2026-11-24T00:10:00Z");
    (booked, staff)
}

fn order(home: &Home, booking: BookingId, staff: StaffId) -> Order {
    let day_began: Timestamp = "2026-11-23T15:00:00Z".parse().unwrap();
    Order { booking, version: home.booking(booking).version, staff, today: DAY, day_began }
}

fn check_in(home: &Home, order: Order) -> Result<(), VisitError> {
    home.try_write(move |tx| visits::check_in(tx, &order, RECEIVED))
}

fn record(home: &Home, order: Order, lot: LotId) -> Result<(), VisitError> {
    let (flu, given) = (home.country.flu.clone(), Given { lot, body_site: BodySite::LeftArm });
    home.try_write(move |tx| visits::record(tx, &order, given, &flu))
}

fn no_show(home: &Home, order: Order) -> Result<(), VisitError> {
    home.try_write(move |tx| visits::mark_no_show(tx, &order))
}

fn undo(home: &Home, order: Order) -> Result<(), VisitError> {
    home.try_write(move |tx| visits::undo(tx, &order))
}

fn add_lot(home: &Home, staff: StaffId, product: ProductId, number: &str, expires_on: Date) -> LotId {
    let new = NewLot { site: home.country.north, product, number: number.to_owned(), expires_on, staff };
    home.try_write(move |tx| lots::add(tx, &new)).unwrap()
}

/// A lot of the flu vaccine that may be given.
fn flu_lot(home: &Home, staff: StaffId) -> LotId {
    add_lot(home, staff, home.country.flu.products[0].id, "A1B2", date(2026, 12, 31))
}

fn acts(home: &Home, booking: BookingId) -> Vec<Act> {
    home.read(|conn, _| visits::history(conn, booking)).iter().map(|done| done.act).collect()
}

fn given(home: &Home, booking: BookingId) -> Option<String> {
    home.read(|conn, _| visits::vaccination_of(conn, booking)).map(|given| given.lot)
}

fn somebody_is_checked_in_and_vaccinated(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    let lot = flu_lot(home, staff);
    let early = record(home, order(home, booking, staff), lot);
    assert_eq!(
        early,
        Err(VisitError::NotNow(BookingState::Booked)),
        "nobody is vaccinated who was not received"
    );
    check_in(home, order(home, booking, staff)).unwrap();
    assert_eq!(home.booking(booking).state, BookingState::Arrived);
    record(home, order(home, booking, staff), lot).unwrap();
    assert_eq!(home.booking(booking).state, BookingState::Vaccinated);
    let history = home.read(|conn, _| visits::history(conn, booking));
    assert_eq!(history.iter().map(|done| done.act).collect::<Vec<_>>(), [Act::CheckIn, Act::Record]);
    assert_eq!((history[0].reception, history[0].login.as_str()), (Some(RECEIVED), "nurse"));
    let given = home.read(|conn, _| visits::vaccination_of(conn, booking)).unwrap();
    assert_eq!((given.lot.as_str(), given.body_site), ("A1B2", BodySite::LeftArm));
    let flu = home.country.flu.products[0].id;
    let from_lot = home.read(|conn, _| lots::given_from(conn, flu, "A1B2"));
    assert_eq!(from_lot.len(), 1);
    assert!(home.read(|conn, _| lots::given_from(conn, flu, "OTHER")).is_empty());
    home.assert_sound();
}

fn a_button_pressed_twice_does_it_once_and_a_colleagues_page_is_old(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    let site = home.country.north;
    let colleague = home.try_write(move |tx| {
        sunbeon::store::staff::add(tx, "kim", "$argon2id$...", sunbeon::store::staff::Role::Clinic, &[site])
    });
    let (seen, colleague) = (order(home, booking, staff), colleague.unwrap());
    check_in(home, seen).unwrap();
    check_in(home, seen).unwrap();
    assert_eq!(acts(home, booking), [Act::CheckIn]);
    let old = Order { staff: colleague, ..seen };
    assert_eq!(check_in(home, old), Err(VisitError::ChangedMeanwhile));
    assert_eq!(no_show(home, seen), Err(VisitError::ChangedMeanwhile));
    assert_eq!(acts(home, booking), [Act::CheckIn]);
}

fn whoever_did_not_come_may_book_again_and_may_come_late(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    no_show(home, order(home, booking, staff)).unwrap();
    assert_eq!(home.booking(booking).state, BookingState::NoShow);
    home.assert_sound();
    // Late after all.
    check_in(home, order(home, booking, staff)).unwrap();
    assert_eq!(home.booking(booking).state, BookingState::Arrived);
    undo(home, order(home, booking, staff)).unwrap();
    no_show(home, order(home, booking, staff)).unwrap();
    let before = home.booking(booking);
    let later = home.flu_slots(date(2026, 11, 25))[0];
    home.book(before.account, &home.country.flu, &[(before.person.id, 1, &later)]);
    assert_eq!(check_in(home, order(home, booking, staff)), Err(VisitError::BookedAgain));
    assert_eq!(undo(home, order(home, booking, staff)), Err(VisitError::BookedAgain));
    home.assert_sound();
}

/// After a no-show the row is joined to an earlier one of the same person, who books again in its name.
fn whoever_is_somebody_else_by_now_does_not_claim_twice(home: &Home) {
    let (first, me) = home.citizen("010-0000-0009", "한지우", "1980-01-01");
    let (booking, staff) = at_the_desk(home);
    no_show(home, order(home, booking, staff)).unwrap();
    let missed = home.booking(booking).person.id;
    let later = home.flu_slots(date(2026, 11, 25))[0];
    home.book(first, &home.country.flu, &[(me, 1, &later)]);
    home.database.execute(&format!("UPDATE person SET same_person_as = {me} WHERE id = {missed}")).unwrap();
    assert_eq!(check_in(home, order(home, booking, staff)), Err(VisitError::BookedAgain));
    assert_eq!(home.booking(booking).state, BookingState::NoShow);
}

fn the_last_step_is_undone_on_its_day(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    let lot = flu_lot(home, staff);
    check_in(home, order(home, booking, staff)).unwrap();
    record(home, order(home, booking, staff), lot).unwrap();
    undo(home, order(home, booking, staff)).unwrap();
    assert_eq!((home.booking(booking).state, given(home, booking)), (BookingState::Arrived, None));
    record(home, order(home, booking, staff), lot).unwrap();
    assert_eq!(acts(home, booking), [Act::CheckIn, Act::Record, Act::Undo, Act::Record]);
    let tomorrow = Order {
        day_began: "2026-11-24T15:00:00Z".parse().unwrap(),
        today: date(2026, 11, 25),
        ..order(home, booking, staff)
    };
    assert_eq!(undo(home, tomorrow), Err(VisitError::OtherDay(DAY)));
    assert_eq!(given(home, booking).as_deref(), Some("A1B2"));
    home.assert_sound();
}

fn a_correction_stands_beside_what_was_recorded(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    let lot = flu_lot(home, staff);
    check_in(home, order(home, booking, staff)).unwrap();
    let other = add_lot(home, staff, home.country.flu.products[0].id, "C3D4", date(2026, 12, 31));
    let correct = |lot| {
        let (flu, given) = (home.country.flu.clone(), Given { lot, body_site: BodySite::RightArm });
        let order = Order { today: date(2026, 12, 1), ..order(home, booking, staff) };
        home.try_write(move |tx| visits::correct(tx, &order, given, &flu))
    };
    assert_eq!(correct(other), Err(VisitError::NotNow(BookingState::Arrived)), "nothing was recorded yet");
    record(home, order(home, booking, staff), lot).unwrap();
    correct(other).unwrap();
    assert!(undo(home, order(home, booking, staff)).is_err(), "a correction is corrected again");
    assert_eq!(given(home, booking).as_deref(), Some("C3D4"));
    assert_eq!(home.booking(booking).state, BookingState::Vaccinated);
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM vaccination"), 2, "nothing is erased");
}

fn what_must_not_be_given_is_not_recorded(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    check_in(home, order(home, booking, staff)).unwrap();
    let flu = home.country.flu.products[0].id;
    let try_lot = |lot| record(home, order(home, booking, staff), lot).unwrap_err();
    let expired = add_lot(home, staff, flu, "OLD", date(2026, 11, 23));
    assert_eq!(try_lot(expired), VisitError::LotExpired(date(2026, 11, 23)));
    let last_day = add_lot(home, staff, flu, "TODAY", DAY);
    let recalled = add_lot(home, staff, flu, "BAD", date(2027, 1, 1));
    let recall =
        move |tx: &mut sunbeon::store::Tx<'_>| lots::recall(tx, flu, "BAD").map_err(Failure::<Never>::from);
    assert_eq!(home.try_write(recall).unwrap_or_else(|never| match never {}), 1);
    assert_eq!(try_lot(recalled), VisitError::LotRecalled);
    let shield = add_lot(home, staff, home.country.shield.products[0].id, "S1", date(2027, 1, 1));
    assert_eq!(try_lot(shield), VisitError::WrongVaccine);
    assert_eq!(try_lot(LotId(1)), VisitError::NoSuchLot);
    record(home, order(home, booking, staff), last_day).unwrap();
    let again = NewLot {
        site: home.country.north,
        product: flu,
        number: "TODAY".to_owned(),
        expires_on: date(2027, 1, 1),
        staff,
    };
    assert_eq!(home.try_write(move |tx| lots::add(tx, &again)), Err(AddLotError::OtherDay(DAY)));
}

fn nothing_is_done_on_another_day(home: &Home) {
    let (booking, staff) = at_the_desk(home);
    let yesterday = Order { today: date(2026, 11, 23), ..order(home, booking, staff) };
    assert_eq!(check_in(home, yesterday), Err(VisitError::OtherDay(DAY)));
    home.clock.set("2026-11-23T23:00:00Z");
    assert_eq!(no_show(home, order(home, booking, staff)), Err(VisitError::StillToCome));
    assert_eq!(acts(home, booking), []);
}
