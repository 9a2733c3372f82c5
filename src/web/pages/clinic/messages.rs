//! The messages, for the authority: what waits, how the gateways do, what has not arrived, and what is done about it.

use std::str::FromStr;

use askama::Template;
use serde::Deserialize;

use super::only_authority;
use crate::domain::gateway::figures::GatewayFigures;
use crate::domain::message::{Channel, MessageKind};
use crate::domain::message_state::MessageState;
use crate::engine::notifier::GatewayLook;
use crate::language::Language;
use crate::store::access_log::{self, Access};
use crate::store::outbox::figures::{self, AGES, InHand, Loss, WaitingMessages};
use crate::store::{Conn, Failure, Never, Tx, paused_gateways};
use crate::web::page::{Answer, Frame};
use crate::web::posted::StaffPosted;
use crate::web::visitor::Staff;

/// Reasons why messages have not arrived that stand on the page, those of most messages first.
const REASONS: i64 = 20;

#[derive(Template)]
#[template(path = "pages/clinic-messages.html")]
struct MessagesPage {
    frame: Frame,
    waiting: Vec<[String; 3]>,
    gateways: Vec<GatewayLine>,
    /// What is said of channels that nothing carries, since all of their gateways are paused.
    silent: Vec<&'static str>,
    lost: Vec<LostLine>,
    /// What is in hand, by where it stands and by how long ago it was to go.
    ages: [(&'static str, [String; AGES]); 4],
}

struct GatewayLine {
    name: String,
    /// The key of how it does.
    stands: &'static str,
    in_trouble: bool,
    is_paused: bool,
    figures: String,
}

struct LostLine {
    words: String,
    why: String,
    /// What tells these messages from others, for the button.
    state: &'static str,
    kind: &'static str,
    gateway: String,
}

/// What is to be done.
#[derive(Deserialize)]
pub struct MessagesForm {
    /// `pause`, `resume` or `again`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    gateway: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    why: String,
}

/// Shows how messages stand.
pub async fn messages(mut staff: Staff) -> Answer {
    only_authority(&staff)?;
    let now = staff.engine().now();
    let read = move |conn: &mut Conn, _: &_| {
        let stands = (figures::waiting(conn, now)?, figures::by_age(conn, now)?);
        Ok((stands, figures::lost(conn, REASONS)?, paused_gateways::names(conn)?))
    };
    let ((waiting, ages), lost, paused) = staff.engine().store.read(read).await?;
    let l = staff.language;
    let looks = staff.engine().gateway_looks();
    let page = MessagesPage {
        frame: staff.form_frame(),
        waiting: waiting.iter().map(|one| waiting_line(&staff, one)).collect(),
        gateways: looks.iter().map(|one| gateway_line(l, one, &paused)).collect(),
        silent: silent(&staff, &paused),
        lost: lost.into_iter().map(|one| lost_line(l, one)).collect(),
        ages: ages.map(|one| age_line(l, one)),
    };
    staff.page(&page)
}

/// What is said of channels whose gateways are all paused.
fn silent(staff: &Staff, paused: &[String]) -> Vec<&'static str> {
    let keys = [(Channel::Sms, "messages-silent-sms"), (Channel::Email, "messages-silent-email")];
    let is_silent = |channel: &Channel| {
        let mut carriers = staff.engine().gateways_of(*channel).peekable();
        carriers.peek().is_some() && carriers.all(|one| paused.iter().any(|name| **name == **one.name()))
    };
    keys.into_iter().filter(|(channel, _)| is_silent(channel)).map(|(_, key)| key).collect()
}

/// Does what was asked, and shows how messages stand then.
pub async fn act(posted: StaffPosted<MessagesForm>) -> Answer {
    let StaffPosted { staff, form } = posted;
    only_authority(&staff)?;
    let access = |action, reason: String| Access {
        staff: staff.member.id,
        action,
        booking: None,
        site: None,
        reason: Some(reason),
    };
    let is_known = staff.engine().gateway_looks().iter().any(|one| *one.name == form.gateway);
    let (engine, gateway) = (staff.engine().clone(), form.gateway.clone());
    match form.act.as_str() {
        "pause" | "resume" if is_known => {
            let pauses = form.act == "pause";
            let action = if pauses { "gateway-pause" } else { "gateway-resume" };
            let access = access(action, gateway.clone());
            let write = move |tx: &mut Tx<'_>| {
                access_log::record(tx, &access)?;
                paused_gateways::set(tx, &gateway, pauses).map_err(Failure::<Never>::Store)
            };
            engine.ledger.write(0, write).await?;
        }
        "again" => {
            if let Some(lost) = form.lost() {
                let access =
                    access("messages-again", format!("{} {}: {}", form.kind, form.gateway, form.why));
                let write = move |tx: &mut Tx<'_>| {
                    access_log::record(tx, &access)?;
                    figures::send_again(tx, &lost).map_err(Failure::<Never>::Store)
                };
                engine.ledger.write(0, write).await?;
                engine.wake_notifier();
            }
        }
        _ => {}
    }
    staff.go_to("/clinic/messages")
}

impl MessagesForm {
    /// Which messages are meant; `None` when no messages of ours can be.
    fn lost(&self) -> Option<Loss> {
        // PostgreSQL knows no text with such a sign.
        if [&self.gateway, &self.why].iter().any(|text| text.contains('\0')) {
            return None;
        }
        Some(Loss {
            state: MessageState::from_word(&self.state)?,
            kind: MessageKind::from_str(&self.kind).ok()?,
            gateway: self.gateway.clone(),
            why: self.why.clone(),
        })
    }
}

fn age_line(l: Language, (stands, counts): (InHand, [i64; AGES])) -> (&'static str, [String; AGES]) {
    let key = match stands {
        InHand::Waiting => "messages-state-waiting",
        InHand::Leased => "messages-state-on-its-way",
        InHand::Again => "messages-state-again",
        InHand::Uncertain => "messages-state-uncertain",
    };
    (key, counts.map(|count| l.number(count)))
}

fn waiting_line(staff: &Staff, one: &WaitingMessages) -> [String; 3] {
    let l = staff.language;
    [l.say(kind_key(one.kind)).to_string(), l.number(one.count), staff.reader().moment(one.oldest)]
}

/// The key of how a gateway does.
pub(super) fn gateway_state(one: &GatewayLook, is_paused: bool) -> &'static str {
    match () {
        () if is_paused => "messages-paused",
        () if one.is_open => "messages-trouble",
        () => "messages-works",
    }
}

fn gateway_line(l: Language, one: &GatewayLook, paused: &[String]) -> GatewayLine {
    let is_paused = paused.iter().any(|name| **name == *one.name);
    let number = |count: u64| l.number(i64::try_from(count).unwrap_or(i64::MAX));
    let GatewayFigures { sent, refused, later, uncertain, .. } = one.figures;
    let figures = l.say("messages-figures").with("sent", number(sent)).with("refused", number(refused));
    let figures = figures.with("later", number(later)).with("uncertain", number(uncertain));
    GatewayLine {
        name: one.name.to_string(),
        stands: gateway_state(one, is_paused),
        in_trouble: one.is_open,
        is_paused,
        figures: figures.with("now", one.on_their_way.to_string()).to_string(),
    }
}

fn lost_line(l: Language, (one, count): (Loss, i64)) -> LostLine {
    let state = match one.state {
        MessageState::Uncertain => "messages-uncertain",
        MessageState::Dead => "messages-dead",
        _ => "messages-failed",
    };
    let what = l.say(kind_key(one.kind)).to_string();
    let words = l.say(state).with("what", what).with("count", l.number(count));
    LostLine {
        words: words.to_string(),
        why: one.why,
        state: one.state.as_str(),
        kind: one.kind.as_str(),
        gateway: one.gateway,
    }
}

fn kind_key(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Code => "messages-code",
        MessageKind::EmailCheck => "messages-email-check",
        MessageKind::Cancellation => "messages-cancellation",
        MessageKind::Change => "messages-change",
        MessageKind::Confirmation => "messages-confirmation",
        MessageKind::CareNotice => "messages-care-notice",
        MessageKind::AlreadyBookedNotice => "messages-already-booked",
        MessageKind::PhoneChangedNotice => "messages-phone-changed",
        MessageKind::CancelCode => "messages-cancel-code",
        MessageKind::Test => "messages-test",
        MessageKind::Turn => "messages-turn",
        MessageKind::Offer => "messages-offer",
        MessageKind::Displaced => "messages-displaced",
        MessageKind::Aftercare => "messages-aftercare",
        MessageKind::Reminder | MessageKind::SecondDoseReminder => "messages-reminder",
    }
}
