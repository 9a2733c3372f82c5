//! A database that was put back forgets what has passed.

use jiff::civil::date;
use sunbeon::domain::message::{Channel, MessageKind};
use sunbeon::language::Language;
use sunbeon::store::challenges::{self, CodeRules, NewChallenge, Purpose, Tried};
use sunbeon::store::outbox::{self, NewMessage, Occasion, Recipient};
use sunbeon::store::restored::{self, DueMessages, Settled};
use sunbeon::store::staff::{self, Role};
use sunbeon::store::staff_sessions::{self, Begins};
use sunbeon::store::{Never, accounts};

use crate::support::home::Home;

crate::on_both!(
    what_may_have_been_sent_is_not_sent_again,
    what_may_have_been_sent_is_sent_as_a_repeat_when_that_is_wished,
    everybody_signs_in_anew_and_codes_end,
);

/// Somebody's booking, an hour before the backup is put back: a confirmation on its way, another message due, a reminder.
fn book_and_lose(home: &Home) {
    let (account, person) = home.citizen("010-0000-0001", "김순자", "1950-03-01");
    let slot = &home.flu_slots(date(2026, 12, 1))[0];
    home.book(account, &home.country.flu, &[(person, 1, slot)]);
    let leased = home.lease(7);
    assert_eq!(leased.len(), 1);
    let due_at = home.now();
    let recipient = Recipient::Account(account);
    let (kind, channel) = (MessageKind::Change, Channel::Sms);
    let due =
        NewMessage { kind, subject: 1, version: 1, recipient, channel, occasion: Occasion::First, due_at };
    home.write(move |tx| outbox::queue(tx, &due));
    home.clock.pass_minutes(60);
}

fn settle(home: &Home, due: DueMessages) -> Settled {
    restored::settle(&home.database.url(), home.now(), due, "in a backup").unwrap()
}

fn states(home: &Home) -> Vec<String> {
    let messages = "SELECT kind || ' ' || state AS line FROM outbox ORDER BY kind";
    home.database.lines(messages)
}

fn what_may_have_been_sent_is_not_sent_again(home: &Home) {
    book_and_lose(home);
    assert_eq!(settle(home, DueMessages::Keep), Settled { due: 2, later: 1 });
    assert_eq!(states(home), ["change uncertain", "confirmation uncertain", "reminder queued"]);
    let told = "SELECT why AS line FROM outbox WHERE state = 'uncertain'";
    assert_eq!(home.database.lines(told), ["in a backup", "in a backup"]);
    home.clock.pass_minutes(60);
    assert!(home.lease(8).is_empty());
    // What becomes due later was not sent by anybody.
    home.clock.set("2026-11-30T01:00:01Z");
    let due = home.lease(9);
    assert_eq!(
        due.iter().map(|one| (one.kind, one.possible_repeat)).collect::<Vec<_>>(),
        [(MessageKind::Reminder, false)]
    );
}

fn what_may_have_been_sent_is_sent_as_a_repeat_when_that_is_wished(home: &Home) {
    book_and_lose(home);
    assert_eq!(settle(home, DueMessages::Send), Settled { due: 2, later: 1 });
    assert_eq!(states(home), ["change queued", "confirmation queued", "reminder queued"]);
    let due = home.lease(8);
    assert_eq!(due.iter().map(|one| one.possible_repeat).collect::<Vec<_>>(), [true, true]);
}

const CODES: CodeRules = CodeRules {
    minutes: 10,
    tries: 5,
    resend_seconds: 60,
    per_contact_hour: 5,
    reserve_hour: 5,
    replies_hour: 9,
};

fn everybody_signs_in_anew_and_codes_end(home: &Home) {
    let (account, _) = home.citizen("010-0000-0001", "김순자", "1950-03-01");
    let site = home.country.north;
    let member = home.try_write(move |tx| staff::add(tx, "nurse", "no hash", Role::Clinic, &[site])).unwrap();
    let session =
        home.try_write(move |tx| staff_sessions::start(tx, member, Begins::SignedIn, None)).unwrap();
    let new = NewChallenge {
        purpose: Purpose::SignIn,
        contact: "+821000000001".into(),
        account: None,
        booking: None,
        reachable: true,
        remembered: false,
        press: "a browser".into(),
        language: Language::Korean,
    };
    let challenge = home.try_write(move |tx| challenges::start(tx, &new, &CODES)).unwrap();
    let epoch = |home: &Home| home.read(|conn, keys| accounts::find(conn, keys, account)).unwrap().epoch;
    let now = home.now();
    let signed_in = |home: &Home| home.read(|conn, _| staff_sessions::member(conn, &session, now)).is_some();
    let before = epoch(home);
    assert!(signed_in(home));

    // The leased code and the queued one alike.
    assert_eq!(settle(home, DueMessages::Send), Settled { due: 0, later: 0 });
    assert!(epoch(home) > before + 100 && !signed_in(home));
    assert_eq!(states(home), ["code void"]);
    let code = home.keys.code_for(challenge.0).digits().to_owned();
    let tried = home.try_write::<_, Never, _>(move |tx| challenges::attempt(tx, challenge, &code, &CODES));
    assert!(matches!(tried, Ok(Tried::Over)), "the code still opens");
}
