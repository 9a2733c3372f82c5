//! Two doses keep their distance, whatever is booked, moved or given up, and in which order.

use jiff::ToSpan;
use jiff::civil::date;
use sunbeon::domain::booking::{
    BookingState, CancelBookingsError, ConfirmPartyError, HoldPartyError, SwapSeatsError,
};

use crate::support::home::Home;

crate::on_both!(
    two_doses_are_booked_in_one_flow,
    doses_too_near_or_too_far_are_refused,
    moving_one_dose_out_of_the_interval_is_refused_and_moving_both_is_fine,
    cancelling_the_first_dose_needs_the_second_too,
    a_held_second_dose_ends_when_the_first_moves_or_goes,
    a_first_dose_is_not_booked_after_its_second,
);

fn two_doses_are_booked_in_one_flow(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let first = home.shield_slots(date(2026, 11, 24))[0];
    let second = home.shield_slots(date(2026, 11, 24) + 28.days())[0];
    let booked = home.book(account, &home.country.shield, &[(me, 1, &first), (me, 2, &second)]);
    assert_eq!(booked.iter().map(|one| one.dose).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(booked[0].course, booked[1].course);
    home.assert_sound();
}

fn doses_too_near_or_too_far_are_refused(home: &Home) {
    let shield = &home.country.shield;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let day = date(2026, 11, 24);
    let first = home.shield_slots(day)[0];
    for (days, fits) in [(20, false), (21, true), (42, true), (43, false)] {
        let second = home.shield_slots(day + days.days())[0];
        let held = home.hold(account, shield, &[(me, 1, &first), (me, 2, &second)]);
        assert_eq!(held.is_ok(), fits, "{days} days: {held:?}");
    }
    let alone = home.shield_slots(day + 28.days())[0];
    assert_eq!(
        home.hold(account, shield, &[(me, 2, &alone)]).unwrap_err(),
        HoldPartyError::IntervalBroken(me),
        "no first dose"
    );
    home.book(account, shield, &[(me, 1, &first)]);
    home.book(account, shield, &[(me, 2, &alone)]);
    home.assert_sound();
}

fn moving_one_dose_out_of_the_interval_is_refused_and_moving_both_is_fine(home: &Home) {
    let shield = &home.country.shield;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let day = date(2026, 11, 24);
    let slot = |days: i64| home.shield_slots(day + days.days())[0];
    let booked = home.book(account, shield, &[(me, 1, &slot(0)), (me, 2, &slot(28))]);
    let [first, second] = [booked[0].id, booked[1].id];
    assert_eq!(home.swap(shield, &[(first, slot(9).id)]).unwrap_err(), SwapSeatsError::IntervalBroken);
    assert_eq!(home.swap(shield, &[(second, slot(43).id)]).unwrap_err(), SwapSeatsError::IntervalBroken);
    assert_eq!(home.booking(first).slot, slot(0).id);
    home.swap(shield, &[(first, slot(16).id), (second, slot(43).id)]).unwrap();
    assert_eq!(home.booking(first).local_date, day + 16.days());
    home.swap(shield, &[(second, slot(37).id)]).unwrap();
    home.assert_sound();
}

fn cancelling_the_first_dose_needs_the_second_too(home: &Home) {
    let shield = &home.country.shield;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (one, two) = (home.shield_slots(date(2026, 11, 24))[0], home.shield_slots(date(2026, 12, 22))[0]);
    let booked = home.book(account, shield, &[(me, 1, &one), (me, 2, &two)]);
    let [first, second] = [booked[0].id, booked[1].id];
    assert_eq!(home.cancel(&[first]).unwrap_err(), CancelBookingsError::ChangedMeanwhile);
    assert_eq!(home.booking(first).state, BookingState::Booked);
    assert_eq!(home.cancel(&[first, second]).unwrap().len(), 2);
    assert_eq!((home.count(&one).booked, home.count(&two).booked), (0, 0));
    home.book(account, shield, &[(me, 1, &one), (me, 2, &two)]);
    home.assert_sound();
}

fn a_held_second_dose_ends_when_the_first_moves_or_goes(home: &Home) {
    let shield = &home.country.shield;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.shield_slots(date(2026, 11, 24));
    let late = home.shield_slots(date(2026, 12, 22))[0];
    let first = home.book(account, shield, &[(me, 1, &slots[0])])[0].id;
    let later = home.shield_slots(date(2026, 12, 15))[0];

    let held = home.hold(account, shield, &[(me, 2, &late)]).unwrap();
    home.swap(shield, &[(first, later.id)]).unwrap();
    assert_eq!(home.confirm(account, &held.token, shield).unwrap_err(), ConfirmPartyError::HoldExpired);
    home.swap(shield, &[(first, slots[1].id)]).unwrap();

    let held = home.hold(account, shield, &[(me, 2, &late)]).unwrap();
    home.cancel(&[first]).unwrap();
    assert_eq!(home.confirm(account, &held.token, shield).unwrap_err(), ConfirmPartyError::HoldExpired);
    assert_eq!(home.count(&late).held, 0);
    home.assert_sound();
}

fn a_first_dose_is_not_booked_after_its_second(home: &Home) {
    let shield = &home.country.shield;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (one, two) = (home.shield_slots(date(2026, 11, 24))[0], home.shield_slots(date(2026, 12, 22))[0]);
    let first = home.book(account, shield, &[(me, 1, &one), (me, 2, &two)])[0].id;
    // The clinic records that nobody came: the claim is free, the second dose still stands.
    home.database
        .execute(&format!(
            "UPDATE booking SET state = 'no-show' WHERE id = {first}; DELETE FROM claim WHERE booking = {first}"
        ))
        .unwrap();
    home.clock.set("2026-11-25T00:00:00Z");
    let missed = home.shield_slots(date(2026, 12, 29))[0];
    assert_eq!(
        home.hold(account, shield, &[(me, 1, &missed)]).unwrap_err(),
        HoldPartyError::IntervalBroken(me)
    );
    let in_time = home.shield_slots(date(2026, 11, 26))[0];
    home.book(account, shield, &[(me, 1, &in_time)]);
    home.assert_sound();
}
