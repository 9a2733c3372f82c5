//! One-time codes: how often they are sent, tried, and for whom.

use std::sync::atomic::{AtomicU32, Ordering};

use sunbeon::domain::ids::ChallengeId;
use sunbeon::domain::phone::PhoneNumber;
use sunbeon::language::Language;
use sunbeon::store::Ledger;
use sunbeon::store::challenges::{self, CodeRules, NewChallenge, Purpose, SendCodeError, Tried};

use crate::support::home::Home;

crate::on_both!(
    a_code_works_once,
    five_tries_are_five_even_when_fifty_come_at_once,
    a_code_ends_after_ten_minutes,
    a_code_is_sent_again_after_a_minute,
    whoever_asks_twice_awaits_one_code,
    a_contact_gets_so_many_codes_an_hour_over_all_challenges,
    strangers_lock_no_remembered_device_out,
    what_does_not_exist_looks_the_same_and_is_never_solved,
);

pub const RULES: CodeRules = CodeRules {
    minutes: 10,
    tries: 5,
    resend_seconds: 60,
    per_contact_hour: 5,
    reserve_hour: 2,
    replies_hour: 9,
};

/// Each asks from a browser of its own.
static BROWSERS: AtomicU32 = AtomicU32::new(0);

pub fn challenge(phone: &str, remembered: bool) -> NewChallenge {
    NewChallenge {
        purpose: Purpose::SignIn,
        contact: PhoneNumber::parse(phone).unwrap().as_e164().to_owned(),
        account: None,
        booking: None,
        reachable: true,
        remembered,
        press: format!("browser {}", BROWSERS.fetch_add(1, Ordering::Relaxed)),
        language: Language::Korean,
    }
}

fn start(home: &Home, new: NewChallenge) -> Result<ChallengeId, SendCodeError> {
    home.try_write(move |tx| challenges::start(tx, &new, &RULES))
}

/// Asks for a code to sign in.
pub fn sign_in(home: &Home, phone: &str, remembered: bool) -> Result<ChallengeId, SendCodeError> {
    start(home, challenge(phone, remembered))
}

fn again(home: &Home, id: ChallengeId) -> Result<(), SendCodeError> {
    home.try_write(move |tx| challenges::send_again(tx, id, &RULES))
}

fn attempt(home: &Home, id: ChallengeId, code: &str) -> Tried {
    let code = code.to_owned();
    home.try_write(move |tx| challenges::attempt(tx, id, &code, &RULES)).unwrap_or(Tried::Over)
}

fn code(home: &Home, id: ChallengeId) -> String {
    home.keys.code_for(id.0).digits().to_owned()
}

/// Six digits that are not the code.
fn wrong(home: &Home, id: ChallengeId) -> String {
    let code = code(home, id);
    let first = if code.starts_with('9') { '0' } else { '9' };
    std::iter::once(first).chain(code.chars().skip(1)).collect()
}

fn a_code_works_once(home: &Home) {
    let id = sign_in(home, "010-0000-0001", false).unwrap();
    assert_eq!(home.messages("code", "queued"), [("challenge".to_owned(), id.0, home.now())]);
    assert!(matches!(attempt(home, id, &wrong(home, id)), Tried::Wrong { left: 4 }));
    let Tried::Solved(solved) = attempt(home, id, &code(home, id)) else { panic!("the code is right") };
    assert_eq!(
        (solved.contact.as_str(), solved.solved, solved.purpose),
        ("+821000000001", true, Purpose::SignIn)
    );
    assert!(matches!(attempt(home, id, &code(home, id)), Tried::Over));
    assert_eq!(again(home, id), Err(SendCodeError::Over));
}

fn five_tries_are_five_even_when_fifty_come_at_once(home: &Home) {
    let id = sign_in(home, "010-0000-0001", false).unwrap();
    let nodes = home.nodes();
    let wrong = wrong(home, id);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answers = runtime.block_on(futures_util::future::join_all((0..50).map(|number| {
        let ledger: &Ledger = &nodes[number % nodes.len()];
        let typed = wrong.clone();
        let key = i64::try_from(number).unwrap();
        ledger.write(key, move |tx| challenges::attempt(tx, id, &typed, &RULES))
    })));
    let counted = answers.into_iter().filter(|answer| matches!(answer, Ok(Tried::Wrong { .. }))).count();
    assert_eq!(counted, 4, "the fifth says that it is over, as all after it do");
    let tries = format!("SELECT CAST(tries AS BIGINT) AS number FROM challenge WHERE id = {id}");
    assert_eq!(home.database.number(&tries), 5);
    assert!(matches!(attempt(home, id, &code(home, id)), Tried::Over), "the right code comes too late");
}

fn a_code_ends_after_ten_minutes(home: &Home) {
    let id = sign_in(home, "010-0000-0001", false).unwrap();
    home.clock.pass_minutes(10);
    assert!(matches!(attempt(home, id, &code(home, id)), Tried::Over));
    assert_eq!(again(home, id), Err(SendCodeError::Over));
}

fn a_code_is_sent_again_after_a_minute(home: &Home) {
    let id = sign_in(home, "010-0000-0001", false).unwrap();
    home.clock.pass_seconds(59);
    assert_eq!(again(home, id), Err(SendCodeError::TooSoon));
    home.clock.pass_seconds(1);
    assert_eq!(again(home, id), Ok(()));
    assert_eq!(again(home, id), Err(SendCodeError::TooSoon));
    assert_eq!(home.messages("code", "queued").len(), 2);
    assert!(matches!(attempt(home, id, &code(home, id)), Tried::Solved(_)), "it is the same code");
}

fn whoever_asks_twice_awaits_one_code(home: &Home) {
    let new = challenge("010-0000-0001", false);
    let first = start(home, new.clone()).unwrap();
    assert_eq!(start(home, new.clone()), Ok(first));
    assert_eq!(home.messages("code", "queued").len(), 1);
    // Another browser, another number and another purpose get their own.
    for other in [
        challenge("010-0000-0001", false),
        NewChallenge { press: new.press.clone(), ..challenge("010-0000-0002", false) },
        NewChallenge { purpose: Purpose::Find, ..new.clone() },
    ] {
        assert_ne!(start(home, other).unwrap(), first);
    }
    // So does whoever used up the tries, and whoever waited for long.
    for _ in 0..5 {
        attempt(home, first, &wrong(home, first));
    }
    let second = start(home, new.clone()).unwrap();
    assert_ne!(second, first);
    home.clock.pass_seconds(61);
    assert_ne!(start(home, new).unwrap(), second);
}

fn a_contact_gets_so_many_codes_an_hour_over_all_challenges(home: &Home) {
    let ids: Vec<_> = (0..3).map(|_| sign_in(home, "010-0000-0001", false).unwrap()).collect();
    home.clock.pass_minutes(1);
    assert_eq!((again(home, ids[0]), again(home, ids[1])), (Ok(()), Ok(())));
    assert_eq!(again(home, ids[2]), Err(SendCodeError::TooMany));
    assert_eq!(sign_in(home, "010-0000-0001", false), Err(SendCodeError::TooMany));
    assert_eq!(home.messages("code", "queued").len(), 5);
    assert!(sign_in(home, "010-0000-0002", false).is_ok());
    home.clock.pass_minutes(60);
    assert!(sign_in(home, "010-0000-0001", false).is_ok());
}

fn strangers_lock_no_remembered_device_out(home: &Home) {
    while sign_in(home, "010-0000-0001", false).is_ok() {}
    assert!(sign_in(home, "010-0000-0001", true).is_ok());
    assert!(sign_in(home, "010-0000-0001", true).is_ok());
    assert_eq!(sign_in(home, "010-0000-0001", true), Err(SendCodeError::TooMany));
}

fn what_does_not_exist_looks_the_same_and_is_never_solved(home: &Home) {
    let ghost =
        NewChallenge { reachable: false, purpose: Purpose::Find, ..challenge("010-0000-0001", false) };
    let id = start(home, ghost).unwrap();
    assert_eq!(home.messages("code", "queued"), []);
    assert!(matches!(attempt(home, id, &code(home, id)), Tried::Wrong { left: 4 }));
    home.clock.pass_minutes(1);
    assert_eq!(again(home, id), Ok(()));
    assert_eq!(home.messages("code", "queued"), []);
    assert!(matches!(attempt(home, ChallengeId(1), "000000"), Tried::Over), "no such challenge");
}
