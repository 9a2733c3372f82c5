//! One-time codes: what the pages share that send one and ask for it. A code counts only in the browser that asked for
//! it, and only for what it was asked for.

use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::domain::ids::ChallengeId;
use crate::keys::KeyRing;
use crate::store::challenges::{self, Challenge, NewChallenge, Purpose, SendCodeError, Tried};
use crate::store::{Never, Outcome, Tx};
use crate::web::form::FormErrors;
use crate::web::limits::LimitReached;
use crate::web::page::Frame;
use crate::web::problem::Problem;
use crate::web::visitor::Visitor;

/// How many digits a code has.
const DIGITS: usize = 6;

/// The page that asks for a code, by text message or by e-mail.
#[derive(Template)]
#[template(path = "pages/code.html")]
pub struct CodePage {
    /// What every page shows.
    pub frame: Frame,
    /// What is wrong with the code.
    pub errors: FormErrors,
    /// What was typed.
    pub typed: String,
    /// Whether it was sent by e-mail.
    pub by_email: bool,
    /// Where it was sent, masked.
    pub masked: String,
    /// Until when it counts.
    pub until: String,
    /// Where the form that sends it again leads.
    pub again: String,
    /// Where the number or address can be changed.
    pub change: String,
}

/// The form on it.
#[derive(Deserialize)]
pub struct CodeForm {
    /// The code as it was typed.
    #[serde(default)]
    pub code: String,
}

/// Why no code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    /// The visitor's network or everybody together asked for too many.
    Limit(LimitReached),
    /// The contact got too many, or one a moment ago, or the challenge is over.
    Refused(SendCodeError),
}

impl Unsent {
    /// The key of the words that say when to try again.
    pub fn key(self) -> &'static str {
        match self {
            Self::Limit(LimitReached::Network) => "sign-in-error-network",
            Self::Limit(LimitReached::All) => "sign-in-error-all",
            Self::Refused(_) => "sign-in-error-too-many",
        }
    }

    /// The word that stands for it in a query, see [`notice_after`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Limit(LimitReached::Network) => "network",
            Self::Limit(LimitReached::All) => "all",
            Self::Refused(SendCodeError::TooMany) => "many",
            Self::Refused(SendCodeError::TooSoon) => "soon",
            Self::Refused(SendCodeError::Over) => "lost",
        }
    }
}

/// What a try brought.
#[derive(Debug)]
pub enum Attempt<T> {
    /// The code was right, and what follows from it was done in the same transaction.
    Solved(T),
    /// The code was wrong; so many tries are left.
    Wrong(u16),
    /// Not six digits: no try was counted.
    Unfinished,
    /// The challenge ran out or had too many tries.
    Over,
}

/// Commands about the same contact keep their order.
fn queue_of(keys: &KeyRing, contact: &str) -> i64 {
    keys.lookup("contact", contact).number()
}

/// Sends a code and lets this browser await it.
///
/// # Errors
/// [`Problem`] when the store fails.
pub async fn send(visitor: &mut Visitor, new: NewChallenge) -> Result<Result<(), Unsent>, Problem> {
    // E-mails cost nothing; a text to a number that was never proved here does, whoever asks for it.
    let remembered = new.remembered || new.purpose == Purpose::Email;
    if let Err(limit) = visitor.web.code_limits.take(visitor.address(), remembered) {
        return Ok(Err(Unsent::Limit(limit)));
    }
    let (engine, rules) = (visitor.engine().clone(), visitor.engine().codes);
    let queue = queue_of(&engine.keys, &new.contact);
    match engine.ledger.write(queue, move |tx| challenges::start(tx, &new, &rules)).await {
        Ok(id) => {
            engine.wake_notifier();
            if !remembered {
                visitor.web.code_limits.sent_unproved(id);
            }
            visitor.session.challenge = Some(id);
            visitor.keep_session();
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(Unsent::Refused(Problem::refusal(error)?))),
    }
}

/// Sends the code that this browser awaits again.
///
/// # Errors
/// [`Problem`] when the store fails.
pub async fn send_again(visitor: &Visitor, awaited: &Challenge) -> Result<Result<(), Unsent>, Problem> {
    if seconds_to_wait(visitor, awaited) > 0 {
        return Ok(Err(Unsent::Refused(SendCodeError::TooSoon)));
    }
    // The first one has its room already.
    if let Err(limit) = visitor.web.code_limits.take(visitor.address(), true) {
        return Ok(Err(Unsent::Limit(limit)));
    }
    let (engine, id, rules) = (visitor.engine(), awaited.id, visitor.engine().codes);
    let queue = queue_of(&engine.keys, &awaited.contact);
    match engine.ledger.write(queue, move |tx| challenges::send_again(tx, id, &rules)).await {
        Ok(()) => {
            engine.wake_notifier();
            Ok(Ok(()))
        }
        Err(error) => Ok(Err(Unsent::Refused(Problem::refusal(error)?))),
    }
}

/// Seconds until the code can be sent again.
pub fn seconds_to_wait(visitor: &Visitor, awaited: &Challenge) -> i64 {
    let wait = SignedDuration::from_secs(i64::from(visitor.engine().codes.resend_seconds));
    ((awaited.sent_at + wait).as_second() - visitor.engine().now().as_second()).max(0)
}

/// The challenge of this `purpose` whose code this browser awaits, while it is good for something.
///
/// # Errors
/// [`Problem`] when the store fails.
pub async fn awaited(visitor: &Visitor, purpose: Purpose) -> Result<Option<Challenge>, Problem> {
    let Some(id) = visitor.session.challenge else { return Ok(None) };
    let now = visitor.engine().now();
    let found = visitor.engine().store.read(move |conn, keys| challenges::find(conn, keys, id)).await?;
    let account = visitor.account.as_ref().map(|account| account.id);
    Ok(found.filter(|found| {
        let is_theirs = found.account.is_none() || found.account == account;
        found.purpose == purpose && is_theirs && !found.solved && found.expires_at > now
    }))
}

/// Tries a code for a challenge that [`awaited`] gave, and does `then` when it is right, in the same transaction: a code
/// is never used up for nothing.
///
/// # Errors
/// [`Problem`] when the store fails.
pub async fn attempt<T, F>(
    visitor: &Visitor,
    awaited: &Challenge,
    typed: &str,
    mut then: F,
) -> Result<Attempt<T>, Problem>
where
    F: FnMut(&mut Tx<'_>, &Challenge) -> Outcome<T, Never> + Send + 'static,
    T: Send + 'static,
{
    if typed.chars().filter(|sign| sign.is_numeric()).count() != DIGITS {
        return Ok(Attempt::Unfinished);
    }
    let (engine, id, rules) = (visitor.engine(), awaited.id, visitor.engine().codes);
    let (queue, typed) = (queue_of(&engine.keys, &awaited.contact), typed.to_owned());
    let command = move |tx: &mut Tx<'_>| match challenges::attempt(tx, id, &typed, &rules)? {
        Tried::Solved(solved) => then(tx, &solved).map(Attempt::Solved),
        Tried::Wrong { left } => Ok(Attempt::Wrong(left)),
        Tried::Over => Ok(Attempt::Over),
    };
    let tried = engine.ledger.write(queue, command).await?;
    if matches!(tried, Attempt::Solved(_)) {
        visitor.web.code_limits.proved(id);
    }
    Ok(tried)
}

/// What the page says about the last press of "send it again".
pub fn notice_after(visitor: &Visitor, awaited: &Challenge, word: &str) -> Option<String> {
    let language = visitor.language;
    let seconds = seconds_to_wait(visitor, awaited);
    let phrase = match word {
        "sent" => language.say("sign-in-code-sent-again"),
        "soon" if seconds > 0 => language.say("sign-in-code-soon").with("seconds", seconds),
        "many" => language.say("sign-in-error-too-many"),
        "network" => language.say("sign-in-error-network"),
        "all" => language.say("sign-in-error-all"),
        _ => return None,
    };
    Some(phrase.to_string())
}

/// Until when the code counts, in words.
pub fn until(visitor: &Visitor, awaited: &Challenge) -> String {
    visitor.language.time(awaited.expires_at.to_zoned(visitor.engine().zone.clone()).time())
}

/// This browser awaits the code of `id` no longer: its tries are used up.
pub fn give_up(visitor: &mut Visitor, id: ChallengeId) {
    if visitor.session.challenge == Some(id) {
        visitor.session.challenge = None;
        visitor.keep_session();
    }
}
