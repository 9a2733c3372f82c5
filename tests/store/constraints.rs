//! The database itself says no, whatever the program does: invariants 1, 2 and 4.

use diesel::result::{DatabaseErrorKind, Error};
use jiff::civil::date;

use crate::support::home::Home;

crate::on_both!(
    no_lane_has_more_held_and_booked_than_seats,
    no_person_has_two_claims_for_a_dose,
    no_message_is_queued_twice_under_its_key,
    no_account_holds_two_parties,
    an_unknown_state_is_refused,
    many_threads_break_nothing,
);

fn kind(result: Result<(), Error>) -> Option<String> {
    let kind = |error| match error {
        Error::DatabaseError(kind, _) => format!("{kind:?}"),
        other => other.to_string(),
    };
    result.err().map(kind)
}

fn refused(kind: DatabaseErrorKind) -> Option<String> {
    Some(format!("{kind:?}"))
}

fn no_lane_has_more_held_and_booked_than_seats(home: &Home) {
    let slot = home.flu_slots(date(2026, 11, 24))[0].id;
    for change in ["held = 4", "booked = 4", "held = 2, booked = 2", "held = -1", "booked = -1", "seats = -1"]
    {
        let sql = format!("UPDATE slot_lane SET {change} WHERE slot = {slot}");
        assert_eq!(kind(home.database.execute(&sql)), refused(DatabaseErrorKind::CheckViolation), "{change}");
    }
    let fits = format!("UPDATE slot_lane SET held = 1, booked = 2 WHERE slot = {slot}");
    assert_eq!(kind(home.database.execute(&fits)), None);
}

fn no_person_has_two_claims_for_a_dose(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (other, them) = home.citizen("010-0000-0002", "한지우", "1980-01-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    let mine = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    let theirs = home.book(other, flu, &[(them, 1, &slot)])[0].id;
    let claim = |person, dose, booking| {
        home.database.execute(&format!(
            "INSERT INTO claim (campaign, person, dose, booking) VALUES ({}, {person}, {dose}, {booking})",
            flu.id
        ))
    };
    home.database.execute(&format!("DELETE FROM claim WHERE booking = {theirs}")).unwrap();
    assert_eq!(kind(claim(me, 1, theirs)), refused(DatabaseErrorKind::UniqueViolation));
    assert_eq!(
        kind(claim(them, 1, mine)),
        refused(DatabaseErrorKind::UniqueViolation),
        "one claim a booking"
    );
    assert_eq!(kind(claim(them, 1, theirs)), None);
    let empty = format!("UPDATE claim SET booking = NULL WHERE booking = {mine}");
    assert_eq!(kind(home.database.execute(&empty)), refused(DatabaseErrorKind::CheckViolation));
}

fn no_message_is_queued_twice_under_its_key(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.book(account, &home.country.flu, &[(me, 1, &slot)]);
    let columns = "kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state, attempts, \
                   possible_repeat, created_at";
    let copy = |id: i64, version: &str| {
        let values = columns.replace("version", version);
        home.database.execute(&format!(
            "INSERT INTO outbox (id, {columns}) SELECT {id}, {values} FROM outbox WHERE kind = 'confirmation' AND id > 99"
        ))
    };
    assert_eq!(kind(copy(1, "version")), refused(DatabaseErrorKind::UniqueViolation));
    assert_eq!(kind(copy(2, "version + 1")), None);
}

fn no_account_holds_two_parties(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slots = home.flu_slots(date(2026, 11, 24));
    home.hold(account, flu, &[(me, 1, &slots[0])]).unwrap();
    home.hold(account, flu, &[(me, 1, &slots[1])]).unwrap();
    let revive = "UPDATE party SET state = 'held'";
    assert_eq!(kind(home.database.execute(revive)), refused(DatabaseErrorKind::UniqueViolation));
}

fn an_unknown_state_is_refused(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 24))[0];
    home.hold(account, &home.country.flu, &[(me, 1, &slot)]).unwrap();
    for sql in [
        "UPDATE booking SET state = 'lost'",
        "UPDATE booking SET state = 'booked'",
        "UPDATE booking SET expires_at = NULL",
        "UPDATE party SET state = 'arrived'",
    ] {
        assert_eq!(kind(home.database.execute(sql)), refused(DatabaseErrorKind::CheckViolation), "{sql}");
    }
    let gone = home.database.execute("DELETE FROM person");
    assert_eq!(kind(gone), refused(DatabaseErrorKind::ForeignKeyViolation));
}

fn many_threads_break_nothing(home: &Home) {
    let slot = home.flu_slots(date(2026, 11, 24))[0].id;
    let greedy = format!("UPDATE slot_lane SET booked = booked + 1 WHERE slot = {slot}");
    let insert = |id: usize| {
        format!(
            "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, \
             state, attempts, possible_repeat, created_at) \
             VALUES ({id}, 'change', 1, 1, 'account', 1, 'sms', '', 0, 'queued', 0, FALSE, 0)"
        )
    };
    let taken: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=16)
            .map(|id| {
                let (greedy, insert) = (&greedy, insert(id));
                scope.spawn(move || {
                    let _ = home.database.execute(&insert);
                    usize::from(home.database.execute(greedy).is_ok())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(taken, 3, "a seat each, and no more than there are");
    assert_eq!(home.database.number("SELECT COUNT(*) AS number FROM outbox"), 1);
}
