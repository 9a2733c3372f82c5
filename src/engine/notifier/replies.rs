//! What people answer to our texts: whoever wants to cancel gets a code, and whoever sends it back has cancelled.

use std::num::NonZeroU32;
use std::sync::Arc;

use actix::Addr;
use futures_util::{StreamExt, stream};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::mpsc;

use super::{Notifier, NotifierTools, Wake};
use crate::domain::phone::PhoneNumber;
use crate::domain::reply::{self, Wish};
use crate::engine::{outage, unless_it_panics};
use crate::language::Language;
use crate::notify::inbox::{Left, Reply};
use crate::store::replies::{self, CancelAsked, Confirmed};
use crate::store::{StoreError, Tx};

/// Replies that are dealt with at once.
const AT_ONCE: usize = 16;

/// Deals with replies until no gateway can bring one any more.
pub(super) async fn keep(
    tools: NotifierTools,
    mut received: mpsc::Receiver<Left<Reply>>,
    notifier: Addr<Notifier>,
) {
    let replies = stream::poll_fn(move |context| received.poll_recv(context));
    let most = NonZeroU32::new(tools.codes.replies_hour).unwrap_or(NonZeroU32::MIN);
    let limit = Arc::new(RateLimiter::direct(Quota::per_hour(most)));
    let deal = |Left { what, written }: Left<Reply>| {
        let (tools, notifier, limit) = (tools.clone(), notifier.clone(), limit.clone());
        async move {
            let dealt = unless_it_panics(deal_with(&tools, &what, &limit)).await;
            match &dealt {
                // It looks once a second anyway.
                Ok(true) => drop(notifier.try_send(Wake)),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "a reply could not be dealt with; its gateway brings it again");
                }
            }
            // Whoever went away does not ask.
            let _gone = written.send(dealt.is_ok());
        }
    };
    replies.for_each_concurrent(AT_ONCE, deal).await;
}

/// Does what a reply asks for. Whether a message is due.
async fn deal_with(
    tools: &NotifierTools,
    reply: &Reply,
    limit: &DefaultDirectRateLimiter,
) -> Result<bool, StoreError> {
    let words: Vec<(Language, String)> = Language::all()
        .iter()
        .map(|language| (*language, language.say("message-reply-word").to_string().to_lowercase()))
        .collect();
    let known = words.iter().map(|(language, word)| (*language, word.as_str()));
    // What quotes our own words, as automatic answers do, asks for nothing.
    let is_ours = |language: &Language| reply.text.contains(&language.say("message-brand").to_string());
    let is_quoted = Language::all().iter().any(is_ours);
    let wish = reply::read(&reply.text, known).filter(|_| !is_quoted);
    count(reply, wish.as_ref());
    let (Some(wish), Some(phone)) = (wish, sender(&reply.from)) else { return Ok(false) };
    // Whoever forges the numbers of many can't have everybody written to. What is too much comes again later.
    limit.check().ok().ok_or(StoreError::Crowded)?;
    let (rules, key) = (tools.codes, tools.store.keys().lookup("contact", phone.as_e164()).number());
    match wish {
        Wish::Cancel { reference, word } => {
            let asked = CancelAsked { phone, reference, language: word };
            let ask = move |tx: &mut Tx<'_>| replies::ask_for_code(tx, &asked, &rules);
            tools.ledger.write(key, ask).await.map_err(outage)
        }
        Wish::Confirm { code } => {
            let confirm = move |tx: &mut Tx<'_>| replies::confirm(tx, &phone, &code, &rules);
            match tools.ledger.write(key, confirm).await.map_err(outage)? {
                Confirmed::Cancelled(changes) => {
                    tools.post.committed(None, &changes);
                    Ok(true)
                }
                Confirmed::Answered => Ok(true),
                Confirmed::Nothing => Ok(false),
            }
        }
    }
}

/// The number that a text came from. Short numbers and names are nobody's phone.
fn sender(from: &str) -> Option<PhoneNumber> {
    if from.starts_with('+') { PhoneNumber::from_e164(from).ok() } else { PhoneNumber::parse(from).ok() }
}

fn count(reply: &Reply, wish: Option<&Wish<Language>>) {
    let wish = match wish {
        Some(Wish::Cancel { .. }) => "cancel",
        Some(Wish::Confirm { .. }) => "code",
        None => "none",
    };
    metrics::counter!("sunbeon_replies_total", "gateway" => reply.gateway.to_string(), "wish" => wish)
        .increment(1);
}
