//! Messages are leased, sent and written off.

use sunbeon::domain::ids::{AccountId, OutboxId};
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::domain::message_state::{Event, MessageState};
use sunbeon::store::outbox::check::{self, Doubt, Finding, Group};
use sunbeon::store::outbox::receive::{self, Named};
use sunbeon::store::outbox::{self, Completion, NewMessage, Occasion, Recipient, Room};

use crate::support::home::Home;

crate::on_both!(
    the_same_business_key_twice_is_one_row,
    a_lease_that_ran_out_leaves_it_open_what_became_of_it,
    a_receipt_finds_its_message_by_either_name,
    a_receipt_finds_an_attempt_of_which_nobody_heard_the_end,
    what_is_found_out_counts_once,
    a_foreign_lease_completes_nothing,
    what_is_given_back_waits_as_before,
    a_message_to_be_tried_again_waits_for_its_time,
    a_message_that_was_put_off_was_not_tried,
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
        occasion: Occasion::First,
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
    home.read(|conn, _| outbox::figures::count_by_state(conn))
}

fn any_due(home: &Home) -> bool {
    let now = home.now();
    home.read(|conn, _| outbox::figures::any_due(conn, now))
}

fn sent() -> Completion {
    Completion::Sent { gateway_id: Some("7".into()), check_at: None }
}

fn the_same_business_key_twice_is_one_row(home: &Home) {
    queue(home, 1);
    queue(home, 1);
    let again = NewMessage { version: 2, ..message(home, 1) };
    home.write(move |tx| outbox::queue(tx, &again));
    assert_eq!(states(home), [("queued".to_owned(), 2)]);
}

/// What is to be found out now, of both states; for a minute nobody else takes it.
fn doubts(home: &Home) -> Vec<Doubt> {
    let until = home.now() + jiff::SignedDuration::from_mins(1);
    let take = |group| home.write(move |tx| check::take(tx, group, 10, until));
    Group::ALL.into_iter().flat_map(take).collect()
}

fn find_out(home: &Home, doubt: &Doubt, finding: Finding) {
    let doubt = doubt.clone();
    home.write(move |tx| check::find_out(tx, &doubt, &finding));
}

fn a_lease_that_ran_out_leaves_it_open_what_became_of_it(home: &Home) {
    queue(home, 1);
    let first = home.lease(11);
    assert_eq!((first.len(), first[0].attempts, first[0].possible_repeat), (1, 0, false));
    home.clock.pass_seconds(60);
    assert!(home.lease(12).is_empty() && doubts(home).is_empty(), "the lease still holds");
    home.clock.pass_seconds(1);
    assert!(home.lease(12).is_empty(), "it may have gone, and is not sent unasked");
    let [doubt] = &doubts(home)[..] else { panic!("one message is in doubt") };
    assert_eq!((doubt.state, doubt.gateway.as_deref()), (MessageState::Uncertain, Some("spool")));
    find_out(home, doubt, Finding::of(Event::SendAnew));
    let second = home.lease(12);
    assert_eq!((second.len(), second[0].attempts, second[0].possible_repeat), (1, 1, true));
    complete(home, first[0].id, 11, sent());
    assert_eq!(states(home), [("leased".to_owned(), 1)], "somebody else has it now");
    home.clock.pass_seconds(61);
    assert!(home.lease(13).is_empty());
    complete(home, second[0].id, 12, sent());
    assert_eq!(states(home), [("sent".to_owned(), 1)], "it was late, but it knows");
}

fn a_receipt_finds_its_message_by_either_name(home: &Home) {
    let says = |named: Named, gateway: &'static str, event| {
        home.write(move |tx| receive::receive(tx, gateway, &named, &Finding::of(event)))
    };
    let by_gateway = || Named::ByGateway("their name".to_owned());
    queue(home, 1);
    let id = home.lease(11)[0].id;
    assert!(!says(by_gateway(), "spool", Event::Arrived), "it is not known yet that they have it");
    assert!(!says(Named::Row(id, home.now()), "spool", Event::Arrived), "it is on its way");
    let sent = Completion::Sent { gateway_id: Some("their name".to_owned()), check_at: None };
    complete(home, id, 11, sent);
    assert!(!says(by_gateway(), "another", Event::Arrived), "another gateway's names are its own");
    assert!(says(by_gateway(), "spool", Event::Arrived));
    assert_eq!(states(home), [("delivered".to_owned(), 1)]);
    assert!(!says(by_gateway(), "spool", Event::DidNotArrive), "what has arrived stays so");
    assert!(says(Named::Row(id, home.now()), "spool", Event::DidNotArrive));
    assert_eq!(states(home), [("delivered".to_owned(), 1)]);

    queue(home, 2);
    let id = home.lease(12)[0].id;
    let (why, check_at) = ("no answer".to_owned(), home.now() + jiff::SignedDuration::from_mins(15));
    complete(home, id, 12, Completion::Uncertain { why, check_at });
    let earlier = home.now() - jiff::SignedDuration::from_secs(1);
    assert!(says(Named::Row(id, earlier), "spool", Event::DidNotArrive), "of an attempt before this one");
    assert!(says(Named::Row(id, home.now()), "spool", Event::NotThere), "a late refusal");
    assert_eq!(states(home), [("delivered".to_owned(), 1), ("queued".to_owned(), 1)]);
}

fn a_receipt_finds_an_attempt_of_which_nobody_heard_the_end(home: &Home) {
    let says = |row, tried_at, finding: Finding| {
        let named = Named::Attempt { row, tried_at, name: "their name".to_owned() };
        home.write(move |tx| receive::receive(tx, "spool", &named, &finding))
    };
    let why = || "no answer".to_owned();
    queue(home, 1);
    let (id, now) = (home.lease(11)[0].id, home.now());
    assert!(!says(id, now, Finding::of(Event::Arrived)), "it is on its way");
    complete(home, id, 11, Completion::Uncertain { why: why(), check_at: now });
    let earlier = now - jiff::SignedDuration::from_secs(1);
    assert!(says(id, earlier, Finding::of(Event::DidNotArrive)), "of an attempt before this one");
    assert_eq!(states(home), [("uncertain".to_owned(), 1)]);
    let taken = Finding::Happened {
        event: Event::FoundThere,
        gateway_id: Some("their name".to_owned()),
        why: None,
        next: Some(now),
    };
    assert!(says(id, now, taken));
    let asked = "SELECT COUNT(*) AS number FROM outbox WHERE state = 'sent' AND check_at IS NOT NULL";
    assert_eq!(home.database.number(asked), 1, "it is still found out whether it arrives");
    assert!(says(OutboxId(id.0 + 1), earlier, Finding::of(Event::Arrived)), "by its name, whatever the row");
    assert_eq!(states(home), [("delivered".to_owned(), 1)]);

    queue(home, 2);
    let id = home.lease(12)[0].id;
    complete(home, id, 12, Completion::Uncertain { why: why(), check_at: now });
    assert!(says(id, now, Finding::of(Event::Arrived)), "nobody has that name, but the row is known");
    assert_eq!(states(home), [("delivered".to_owned(), 2)]);
    assert!(!says(OutboxId(7), now, Finding::of(Event::Arrived)));
}

fn what_is_found_out_counts_once(home: &Home) {
    let open = |subject: i64| {
        queue(home, subject);
        let due = home.lease(subject);
        let (why, check_at) = ("no answer".to_owned(), home.now());
        complete(home, due[0].id, subject, Completion::Uncertain { why, check_at });
        doubts(home).pop().unwrap()
    };
    let state = |doubt: &Doubt| {
        let all =
            "state || ' ' || COALESCE(gateway_id, '-') || ' ' || COALESCE(check_at, 0) AS line FROM outbox";
        home.database.lines(&format!("SELECT {all} WHERE id = {}", doubt.message.id.0)).remove(0)
    };
    let doubt = open(1);
    assert!(doubts(home).is_empty(), "it is being asked for");
    find_out(home, &doubt, Finding::AskAgain(home.now()));
    find_out(home, &doubt, Finding::of(Event::SendAnew));
    assert!(state(&doubt).starts_with("uncertain - "), "somebody else looked meanwhile: {}", state(&doubt));
    let doubt = doubts(home).pop().unwrap();
    find_out(home, &doubt, Finding::NotAsked(home.now()));
    let doubt = doubts(home).pop().unwrap();
    assert_eq!(doubt.checks, 1, "a gateway that could not be asked said nothing");
    let found = |event, next| Finding::Happened { event, gateway_id: Some("8".into()), why: None, next };
    find_out(home, &doubt, found(Event::FoundThere, Some(home.now())));
    let sent = doubts(home).pop().unwrap();
    assert_eq!((sent.state, sent.gateway_id.as_deref(), sent.checks), (MessageState::Sent, Some("8"), 2));
    find_out(home, &sent, Finding::of(Event::Arrived));
    assert_eq!(state(&sent), "delivered 8 0");
    find_out(home, &sent, Finding::of(Event::DidNotArrive));
    assert_eq!(state(&sent), "delivered 8 0", "what comes late changes nothing");

    let doubt = open(2);
    find_out(home, &doubt, Finding::of(Event::NotThere));
    let again = home.lease(5);
    assert_eq!((again.len(), again[0].possible_repeat), (1, false), "it never went");
    let doubt = open(3);
    find_out(home, &doubt, Finding::Leave);
    assert_eq!(state(&doubt), "uncertain - 0");
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

fn a_message_that_was_put_off_was_not_tried(home: &Home) {
    queue(home, 1);
    let at = || home.now() + jiff::SignedDuration::from_hours(8);
    for holder in [11, 12] {
        let leased = home.lease(holder);
        assert_eq!((leased[0].attempts, leased[0].possible_repeat), (0, false));
        complete(home, leased[0].id, holder, Completion::Later(at()));
        let untouched = "SELECT COUNT(*) AS number FROM outbox WHERE attempts = 0 AND gateway IS NULL \
                         AND lease IS NULL AND done_at IS NULL AND why IS NULL";
        assert_eq!((states(home), home.database.number(untouched)), (vec![("queued".to_owned(), 1)], 1));
        assert!(!any_due(home));
        home.clock.pass_seconds(8 * 3_600);
    }
    // Its lease ran out before it could be put off: nobody knows that it did not go.
    let leased = home.lease(13);
    home.clock.pass_seconds(61);
    assert!(home.lease(14).is_empty());
    complete(home, leased[0].id, 13, Completion::Later(at()));
    assert_eq!(states(home), [("queued".to_owned(), 1)], "it was late, but it knows");
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
        (Completion::Uncertain { why: why(), check_at: home.now() }, "uncertain"),
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
        assert_eq!(due.codes, due.messages.len().min(2).min(usize::try_from(codes).unwrap()));
        due.messages.iter().flat_map(|one| kind_of(&one.id)).collect::<Vec<_>>()
    };
    assert_eq!(kinds_within(10, 5), ["code", "code", "cancellation", "cancellation", "confirmation"]);
    assert_eq!(kinds_within(1, 0), ["code"], "others wait for room of their own");
    let email = Room { channel: Channel::Email, codes: 10, others: 10 };
    assert!(home.read(|conn, _| Ok(outbox::due(conn, now, email)?)).messages.is_empty());
}
