//! Messages are leased, sent and written off.

use sunbeon::domain::ids::{AccountId, OutboxId};
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::store::outbox::{self, Completion, NewMessage, Recipient, Room};

use crate::support::home::Home;

crate::on_both!(
    the_same_business_key_twice_is_one_row,
    a_lease_that_ran_out_is_a_possible_repeat,
    a_foreign_lease_completes_nothing,
    what_is_given_back_waits_as_before,
    a_message_to_be_tried_again_waits_for_its_time,
    only_what_is_due_is_leased_and_only_once,
    every_outcome_is_written_down,
    the_most_urgent_goes_first_and_codes_always,
);

fn message(home: &Home, subject: i64) -> NewMessage {
    NewMessage {
        kind: MessageKind::Confirmation,
        subject,
        version: 1,
        recipient: Recipient::Account(AccountId(1)),
        channel: Channel::Sms,
        occasion: "",
        due_at: home.now(),
    }
}

fn queue(home: &Home, subject: i64) {
    let message = message(home, subject);
    home.write(move |tx| outbox::queue(tx, &message));
}

fn complete(home: &Home, id: OutboxId, holder: i64, completion: Completion) {
    home.write(move |tx| outbox::complete(tx, id, holder, &completion));
}

fn states(home: &Home) -> Vec<(String, i64)> {
    home.read(|conn, _| outbox::count_by_state(conn))
}

fn any_due(home: &Home) -> bool {
    let now = home.now();
    home.read(|conn, _| outbox::any_due(conn, now))
}

fn sent() -> Completion {
    Completion::Sent { gateway: "spool", gateway_id: Some("7".into()) }
}

fn the_same_business_key_twice_is_one_row(home: &Home) {
    queue(home, 1);
    queue(home, 1);
    let again = NewMessage { version: 2, ..message(home, 1) };
    home.write(move |tx| outbox::queue(tx, &again));
    assert_eq!(states(home), [("queued".to_owned(), 2)]);
}

fn a_lease_that_ran_out_is_a_possible_repeat(home: &Home) {
    queue(home, 1);
    let first = home.lease(11);
    assert_eq!((first.len(), first[0].attempts, first[0].possible_repeat), (1, 0, false));
    home.clock.pass_seconds(60);
    assert!(home.lease(12).is_empty(), "the lease still holds");
    home.clock.pass_seconds(1);
    let second = home.lease(12);
    assert_eq!((second.len(), second[0].attempts, second[0].possible_repeat), (1, 1, true));
    complete(home, first[0].id, 11, sent());
    assert_eq!(states(home), [("leased".to_owned(), 1)], "who lost the lease has no say");
    complete(home, second[0].id, 12, sent());
    assert_eq!(states(home), [("sent".to_owned(), 1)]);
}

fn a_foreign_lease_completes_nothing(home: &Home) {
    queue(home, 1);
    let leased = home.lease(11);
    complete(home, leased[0].id, 12, Completion::Failed("no such number".into()));
    assert_eq!(states(home), [("leased".to_owned(), 1)]);
}

fn what_is_given_back_waits_as_before(home: &Home) {
    queue(home, 1);
    home.lease(11);
    home.write(|tx| outbox::give_back(tx, 12));
    assert_eq!(states(home), [("leased".to_owned(), 1)]);
    home.write(|tx| outbox::give_back(tx, 11));
    assert!(any_due(home));
    let again = home.lease(12);
    assert_eq!((again[0].attempts, again[0].possible_repeat), (0, false));
}

fn a_message_to_be_tried_again_waits_for_its_time(home: &Home) {
    queue(home, 1);
    let leased = home.lease(11);
    let at = home.now() + jiff::SignedDuration::from_secs(30);
    complete(home, leased[0].id, 11, Completion::Again { at, why: "busy".into() });
    assert!(home.lease(11).is_empty());
    assert!(!any_due(home));
    home.clock.pass_seconds(30);
    assert!(any_due(home));
    let again = home.lease(11);
    assert_eq!((again[0].attempts, again[0].possible_repeat), (1, false));
}

fn only_what_is_due_is_leased_and_only_once(home: &Home) {
    let later = NewMessage { due_at: home.now() + jiff::SignedDuration::from_secs(1), ..message(home, 2) };
    queue(home, 1);
    home.write(move |tx| outbox::queue(tx, &later));
    assert_eq!(home.lease(11).iter().map(|due| due.subject).collect::<Vec<_>>(), [1]);
    home.clock.pass_seconds(1);
    assert_eq!(home.lease(12).iter().map(|due| due.subject).collect::<Vec<_>>(), [2]);
    assert!(home.lease(13).is_empty());
    assert!(!any_due(home));
    home.clock.pass_seconds(61);
    assert!(any_due(home), "leases that ran out are work again");
}

fn every_outcome_is_written_down(home: &Home) {
    let why = || "the gateway says no".to_owned();
    let outcomes = [
        (sent(), "sent"),
        (Completion::Failed(why()), "failed"),
        (Completion::Uncertain(why()), "uncertain"),
        (Completion::Dead(why()), "dead"),
        (Completion::Void, "void"),
    ];
    for (subject, (completion, state)) in (1..).zip(outcomes) {
        queue(home, subject);
        let due = home.lease(subject);
        complete(home, due[0].id, subject, completion);
        let found =
            format!("SELECT COUNT(*) AS number FROM outbox WHERE subject = {subject} AND state = '{state}'");
        assert_eq!(home.database.number(&format!("{found} AND done_at IS NOT NULL AND lease IS NULL")), 1);
    }
}

fn the_most_urgent_goes_first_and_codes_always(home: &Home) {
    let kinds =
        [MessageKind::Reminder, MessageKind::Confirmation, MessageKind::Cancellation, MessageKind::Code];
    for kind in kinds {
        for subject in 1..=2 {
            let message = NewMessage { kind, ..message(home, subject) };
            home.write(move |tx| outbox::queue(tx, &message));
            home.clock.pass_seconds(1);
        }
    }
    let now = home.now();
    let kinds_within = |codes: i64, others: i64| {
        let room = Room { channel: Channel::Sms, codes, others };
        let due = home.read(|conn, _| Ok(outbox::due(conn, now, room)?));
        let kind_of =
            |id: &i64| home.database.lines(&format!("SELECT kind AS line FROM outbox WHERE id = {id}"));
        due.iter().flat_map(kind_of).collect::<Vec<_>>()
    };
    assert_eq!(kinds_within(10, 5), ["code", "code", "cancellation", "cancellation", "confirmation"]);
    assert_eq!(kinds_within(1, 0), ["code"], "others wait for room of their own");
    let email = Room { channel: Channel::Email, codes: 10, others: 10 };
    assert!(home.read(|conn, _| Ok(outbox::due(conn, now, email)?)).is_empty());
}
