//! Texts go out through a gateway where everything goes wrong, while the process that sends them is killed again and again: none
//! is lost, and none goes twice but those of which nobody could know whether they went.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sunbeon::domain::clock::{ChanceExt, Clock};
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::language::Language;
use sunbeon::store::{Failure, accounts};
use sunbeon::system::{SeededChance, SystemChance, SystemClock};

use crate::app::TestDatabase;
use crate::country;
use crate::kills::{KILLS_VARIABLE, SEED_VARIABLE, variable};
use crate::rough_gateway::RoughGateway;
use crate::service::Place;

/// Kills without the variable.
const KILLS: usize = 6;

/// Messages that become due before each kill.
const WAVE: usize = 60;

/// The longest wait for the last message to be settled.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn no_text_is_lost_on_sqlite() {
    endure(TestDatabase::sqlite());
}

#[test]
fn no_text_is_lost_on_postgres() {
    if let Some(database) = TestDatabase::postgres() {
        endure(database);
    }
}

fn endure(database: TestDatabase) {
    let kills: usize = variable(KILLS_VARIABLE).unwrap_or(KILLS);
    let seed = variable(SEED_VARIABLE).unwrap_or_else(|| u64::from_be_bytes(SystemChance.bytes()));
    println!("{kills} kills with {SEED_VARIABLE}={seed}");
    let (chance, gateway) = (SeededChance::new(seed), RoughGateway::open(seed));
    let mut place = Place::new(database);
    place.texts = Some(gateway.url());
    settle(&place, (kills + 1) * WAVE);
    for wave in 0..kills {
        queue(&place, wave);
        gateway.set_down(chance.below(5) == 0);
        let service = place.start_and_wait();
        std::thread::sleep(Duration::from_millis(20 + chance.below(500)));
        service.kill();
        if chance.below(2) == 0 {
            leases_run_out(&place);
        }
    }
    queue(&place, kills);
    gateway.set_down(false);
    let service = place.start_and_wait();
    await_rest(&place);
    service.stop();
    check(&place, &gateway, (kills + 1) * WAVE);
}

/// An account for each message, since a gateway is asked for the text among those to the number.
fn settle(place: &Place, messages: usize) {
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let ledger = place.ledger();
    ledger.write_now(move |tx| country::settle(tx, today)).unwrap();
    let add = move |tx: &mut sunbeon::store::Tx<'_>| {
        for number in 0..messages {
            let phone = PhoneNumber::parse(&format!("010-0000-{number:04}")).unwrap();
            accounts::of_proved_phone(tx, &phone, Language::Korean)?;
        }
        Ok::<_, Failure<sunbeon::store::Never>>(())
    };
    ledger.write_now(add).unwrap();
    ledger.close();
}

/// A wave of messages becomes due: a notice each, of which the letter needs no more than a campaign.
fn queue(place: &Place, wave: usize) {
    let now = SystemClock.now().as_second();
    let first = wave * WAVE;
    let queue = format!(
        "INSERT INTO outbox (id, kind, subject, version, recipient_kind, recipient, channel, occasion, due_at, state,
                             attempts, possible_repeat, created_at)
         SELECT {first} + 1 + ROW_NUMBER() OVER (ORDER BY a.id), 'already-booked-notice', (SELECT MIN(id) FROM campaign), 1,
                'account', a.id, 'sms', '', {now}, 'queued', 0, FALSE, {now}
         FROM (SELECT id FROM account ORDER BY id LIMIT {WAVE} OFFSET {first}) a"
    );
    place.database.execute(&queue).unwrap();
}

/// What a killed process had in hand is nobody's any more: it is, after three minutes.
fn leases_run_out(place: &Place) {
    // The service works on the same rows: PostgreSQL may undo either.
    while place.database.execute("UPDATE outbox SET leased_until = 0 WHERE state = 'leased'").is_err() {}
}

/// Waits until it is known of every message what became of it, or that nobody can know. Waits of minutes pass at once.
fn await_rest(place: &Place) {
    leases_run_out(place);
    let began = Instant::now();
    let left = "SELECT id || ' ' || state || ' ' || COALESCE(why, '') AS line FROM outbox WHERE state IN ('queued', 'leased') \
                OR (state = 'uncertain' AND NOT possible_repeat)";
    loop {
        let lines = place.database.lines(left);
        if lines.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{} are left: {lines:#?}", lines.len());
        for sooner in [
            "UPDATE outbox SET check_at = 0 WHERE state = 'uncertain' AND check_at > 0",
            "UPDATE outbox SET due_at = 0 WHERE state = 'queued' AND due_at > 0",
        ] {
            // As above.
            let _undone = place.database.execute(sooner);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn check(place: &Place, gateway: &RoughGateway, messages: usize) {
    let log = place.log_text();
    assert!(!log.contains("panicked"), "{log}");
    let mut taken: BTreeMap<i64, usize> = BTreeMap::new();
    gateway.taken().into_iter().for_each(|id| *taken.entry(id).or_default() += 1);
    let rows = place.database.lines(
        "SELECT id || ' ' || state || ' ' || CASE WHEN possible_repeat THEN 'repeat' ELSE 'once' END AS line FROM outbox",
    );
    assert_eq!(rows.len(), messages);
    let (mut doubled, mut repeats, mut wrong) = (0, 0, Vec::new());
    for row in &rows {
        let [id, state, repeat] = row.split(' ').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let times = taken.get(&id.parse().unwrap()).copied().unwrap_or_default();
        let is_marked = repeat == "repeat";
        repeats += usize::from(is_marked);
        doubled += usize::from(times > 1);
        let is_right = match times {
            // Lost.
            0 => false,
            1 => matches!(state, "sent" | "delivered" | "uncertain"),
            _ => is_marked,
        };
        if !is_right {
            wrong.push(format!("{row}: taken {times} times"));
        }
    }
    println!("{messages} messages, {repeats} of them marked as possible repeats, {doubled} arrived twice");
    println!("the gateway: {}", gateway.figures());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
