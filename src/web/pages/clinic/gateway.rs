//! One gateway, for the authority: what it did in the last hour and day, what that cost, and a message to try it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use super::chart::{Chart, HEIGHT, WIDTH};
use super::messages::gateway_state;
use super::only_authority;
use crate::domain::email::EmailAddress;
use crate::domain::gateway::figures::GatewayFigures;
use crate::domain::ids::StaffId;
use crate::domain::message::{Channel, MessageKind};
use crate::engine::notifier::GatewayLook;
use crate::language::Language;
use crate::notify::{Gateway, Outcome, Outgoing, text};
use crate::store::access_log::{self, Access};
use crate::store::gateway_minutes::{self, GatewayMinute, minute_of};
use crate::store::{Conn, Failure, Never, Tx, paused_gateways};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::sign_in::mobile_number;
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::visitor::Staff;

/// Minutes of the chart, and of the sums.
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// How long the page waits for the gateway's answer to a test.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a member of staff waits between two tests, in seconds: whoever presses twice sends one.
const REST_SECONDS: i64 = 10;

#[derive(Template)]
#[template(path = "pages/clinic-gateway.html")]
struct GatewayPage {
    frame: Frame,
    errors: FormErrors,
    name: String,
    stands: &'static str,
    in_trouble: bool,
    is_paused: bool,
    chart: Chart,
    width: u32,
    height: u32,
    /// The last hour, and the last day: when, and what was done.
    sums: [[String; 2]; 2],
    by_email: bool,
    contact: String,
    /// What came of a test, and why.
    said: Option<(&'static str, String)>,
}

/// One word about what was done before.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: String,
}

/// To whom a test goes.
#[derive(Deserialize)]
pub struct TestForm {
    #[serde(default)]
    contact: String,
}

fn find(staff: &Staff, name: &str) -> Result<GatewayLook, Problem> {
    only_authority(staff)?;
    staff.engine().gateway_looks().into_iter().find(|one| *one.name == *name).ok_or(Problem::NotFound)
}

/// Shows how a gateway does.
pub async fn look(mut staff: Staff, name: Path<String>, done: Query<Done>) -> Answer {
    let look = find(&staff, &name)?;
    let mut page = page(&mut staff, &look, String::new(), FormErrors::none()).await?;
    if done.done == "test" {
        page.frame.notice = Some(staff.language.say("gateway-test-taken").to_string());
    }
    staff.page(&page)
}

async fn page(
    staff: &mut Staff,
    look: &GatewayLook,
    contact: String,
    errors: FormErrors,
) -> Result<GatewayPage, Problem> {
    let (now, name) = (minute_of(staff.engine().now()), look.name.clone());
    let read = move |conn: &mut Conn, _: &_| {
        Ok((gateway_minutes::of(conn, &name, now - DAY + 1..=now)?, paused_gateways::names(conn)?))
    };
    let (minutes, paused) = staff.engine().store.read(read).await?;
    let l = staff.language;
    let sum = |key, from: i64| sums(l, key, minutes.iter().filter(|one| one.minute > now - from));
    let is_paused = paused.iter().any(|name| **name == *look.name);
    Ok(GatewayPage {
        errors,
        name: look.name.to_string(),
        stands: gateway_state(look, is_paused),
        in_trouble: look.is_open,
        is_paused,
        chart: chart(l, &minutes, now),
        width: WIDTH,
        height: HEIGHT,
        sums: [sum("gateway-hour", HOUR), sum("gateway-day", DAY)],
        by_email: !carries_texts(staff, look),
        contact,
        said: None,
        frame: staff.form_frame(),
    })
}

fn carries_texts(staff: &Staff, look: &GatewayLook) -> bool {
    staff.engine().gateway(&look.name).is_some_and(|one| one.channels().contains(&Channel::Sms))
}

fn trouble(figures: &GatewayFigures) -> u64 {
    figures.attempts() - figures.sent
}

/// Minute by minute: what went, and what did not.
fn chart(l: Language, minutes: &[GatewayMinute], now: i64) -> Chart {
    let of = |value: fn(&GatewayFigures) -> u64| -> Vec<Option<f64>> {
        let at = |minute| minutes.iter().find(|one| one.minute == minute);
        (now - HOUR + 1..=now)
            .map(|minute| Some(at(minute).map_or(0.0, |one| value(&one.figures) as f64)))
            .collect()
    };
    let (went, did_not) = (of(|figures| figures.sent), of(trouble));
    Chart::new("gateway-chart", &went, Some(&did_not), |most| l.number(most as i64))
}

fn sums<'a>(l: Language, key: &'static str, minutes: impl Iterator<Item = &'a GatewayMinute>) -> [String; 2] {
    let mut all = GatewayFigures::default();
    minutes.for_each(|one| all += one.figures);
    let number = |count: u64| l.number(i64::try_from(count).unwrap_or(i64::MAX));
    let words = l.say("gateway-sums").with("sent", number(all.sent)).with("failed", number(trouble(&all)));
    [l.say(key).to_string(), words.with("cost", amount(l, all.cost)).to_string()]
}

/// An amount of thousandths, without zeros at its end.
fn amount(l: Language, thousandths: u64) -> String {
    let (whole, part) = (thousandths / 1_000, thousandths % 1_000);
    let whole = l.number(i64::try_from(whole).unwrap_or(i64::MAX));
    if part == 0 { whole } else { format!("{whole}.{}", format!("{part:03}").trim_end_matches('0')) }
}

/// Sends a message that says that it is a test, past the outbox: nothing is tried again.
pub async fn test(posted: StaffPosted<TestForm>, name: Path<String>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let look = find(&staff, &name)?;
    let gateway = staff.engine().gateway(&look.name).ok_or(Problem::NotFound)?.clone();
    let channel = if carries_texts(&staff, &look) { Channel::Sms } else { Channel::Email };
    let to = match address(&staff, channel, &form.contact) {
        Ok(to) => to,
        Err(key) => {
            let mut errors = FormErrors::none();
            errors.add("contact", key);
            let page = page(&mut staff, &look, form.contact, errors).await?;
            return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let taken = format!("/clinic/messages/{}?done=test", look.name);
    if !staff.web.gateway_tests.may_begin(staff.member.id, staff.engine().now()) {
        return staff.go_to(&taken);
    }
    let outcome = send(&staff, &*gateway, channel, to).await?;
    let said = match outcome {
        Outcome::Sent { .. } => return staff.go_to(&taken),
        Outcome::FailedForGood { why } | Outcome::RetryLater { why, .. } => ("gateway-test-failed", why),
        Outcome::Uncertain { why } => ("gateway-test-uncertain", why),
    };
    let mut page = page(&mut staff, &look, form.contact, FormErrors::none()).await?;
    page.said = Some(said);
    staff.page(&page)
}

/// When members of staff tried a gateway last, on this node.
#[derive(Default)]
pub struct GatewayTests(Mutex<HashMap<StaffId, Timestamp>>);

impl GatewayTests {
    fn may_begin(&self, who: StaffId, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_rested = last.get(&who).is_none_or(|last| (now - *last).get_seconds() >= REST_SECONDS);
        if is_rested {
            last.insert(who, now);
        }
        is_rested
    }
}

fn address(staff: &Staff, channel: Channel, typed: &str) -> Result<String, &'static str> {
    match channel {
        Channel::Sms => {
            mobile_number(typed, &staff.web.settings.countries).map(|phone| phone.as_e164().to_owned())
        }
        Channel::Email => {
            EmailAddress::parse(typed).map(|email| email.as_str().to_owned()).map_err(|_error| "error-email")
        }
    }
}

/// Who tried which gateway is written down first; to whom is not.
async fn send(
    staff: &Staff,
    gateway: &dyn Gateway,
    channel: Channel,
    to: String,
) -> Result<Outcome, Problem> {
    let reason = Some(gateway.name().to_string());
    let access = Access { staff: staff.member.id, action: "gateway-test", booking: None, site: None, reason };
    let record = move |tx: &mut Tx<'_>| {
        access_log::record(tx, &access).map_err(Failure::<Never>::from)?;
        Ok::<_, Failure<Never>>(tx.new_id())
    };
    let id = staff.engine().ledger.write(0, record).await?;
    let words = text::test(staff.language);
    let message = Outgoing {
        id,
        channel,
        to,
        kind: MessageKind::Test,
        language: staff.language,
        text: words.text,
        subject: words.subject,
        html: words.html,
        attachments: words.attachments,
        at: staff.engine().now(),
        possible_repeat: false,
    };
    let sent = tokio::time::timeout(PATIENCE, gateway.send(&message)).await;
    Ok(sent.unwrap_or_else(|_late| Outcome::Uncertain { why: "no answer in ten seconds".to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_as_short_as_they_can_be() {
        for (thousandths, shown) in
            [(0, "0"), (9_900, "9.9"), (1_234_567, "1,234.567"), (30_000, "30"), (75, "0.075")]
        {
            assert_eq!(amount(Language::Korean, thousandths), shown);
        }
    }
}
