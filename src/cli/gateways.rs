//! The gateways that a configuration names.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::config::{
    GatewayConfig, GatewayKind, MessageIdsWord, NotifyConfig, SensConfig, SmppConfig, SmtpConfig,
    SmtpSecurity as ConfiguredSecurity, TwilioConfig,
};
use crate::domain::message::Channel;
use crate::notify::sens::{Sens, SensSettings};
use crate::notify::smpp::{Long, MessageIds, Smpp, SmppSecurity, SmppSettings, SmppVersion};
use crate::notify::smtp::{Smtp, SmtpSecurity, SmtpSettings};
use crate::notify::spool::Spool;
use crate::notify::twilio::{Twilio, TwilioSettings};
use crate::notify::{Gateway, Traffic};

/// Opens all that carry anything, in the order in which they are asked. Those that bring receipts by HTTP do so to `public_url`.
///
/// # Errors
/// When one can't be used as it is configured.
pub(super) fn open(notify: &NotifyConfig, public_url: &str) -> Result<Vec<Arc<dyn Gateway>>> {
    let (texts, mail) = (notify.for_texts(), notify.for_mail());
    if texts.is_empty() {
        tracing::warn!("no gateway carries text messages, so nobody can prove a phone: set notify.sms");
    }
    let mut gateways = Vec::new();
    for one in texts.iter().chain(mail.iter().filter(|one| !texts.contains(one))) {
        let lists = [(Channel::Sms, &texts), (Channel::Email, &mail)];
        let channels = lists.into_iter().filter(|(_, list)| list.contains(one)).map(|(channel, _)| channel);
        let gateway = gateway(one, channels.collect(), public_url);
        gateways.push(gateway.with_context(|| format!("notify.gateways.{} can't be used", one.name))?);
    }
    Ok(gateways)
}

/// Whether people can answer texts, whoever carries them, and are heard.
pub(super) fn read_replies(gateways: &[Arc<dyn Gateway>]) -> bool {
    let mut texts = gateways.iter().filter(|one| one.channels().contains(&Channel::Sms)).peekable();
    // A text says so before it is known who carries it.
    texts.peek().is_some() && texts.all(|gateway| gateway.reads_replies())
}

/// The address that e-mails come from.
pub(super) fn sender(notify: &NotifyConfig) -> String {
    let mut from = notify.for_mail().into_iter().filter_map(|one| match &one.kind {
        GatewayKind::Smtp(smtp) => Some(bare_address(&smtp.from)),
        _ => None,
    });
    from.next().unwrap_or_else(|| "no-reply@sunbeon.invalid".to_owned())
}

fn gateway(config: &GatewayConfig, channels: Vec<Channel>, public_url: &str) -> Result<Arc<dyn Gateway>> {
    Ok(match &config.kind {
        GatewayKind::Spool(file) => {
            let spool = Spool::open(&config.name, file, channels);
            Arc::new(spool.with_context(|| format!("the spool {} can't be opened", file.display()))?)
        }
        GatewayKind::Smtp(smtp) => Arc::new(Smtp::new(smtp_settings(config, smtp))?),
        GatewayKind::Twilio(twilio) => Arc::new(Twilio::new(twilio_settings(config, twilio, public_url))?),
        GatewayKind::Sens(sens) => Arc::new(Sens::new(sens_settings(config, sens))?),
        GatewayKind::Smpp(smpp) => Arc::new(Smpp::new(smpp_settings(config, smpp))?),
    })
}

fn traffic(config: &GatewayConfig) -> Traffic {
    Traffic {
        timeout_seconds: config.timeout_seconds,
        concurrency: config.concurrency,
        rate: config.rate,
        weight: config.weight,
        prices: config.prices,
    }
}

fn smtp_settings(config: &GatewayConfig, smtp: &SmtpConfig) -> SmtpSettings {
    let (username, password) = match &smtp.credentials {
        Some((username, password)) => (Some(username.clone()), Some(password.expose().to_owned())),
        None => (None, None),
    };
    SmtpSettings {
        name: config.name.clone(),
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security {
            ConfiguredSecurity::Tls => SmtpSecurity::Tls,
            ConfiguredSecurity::Starttls => SmtpSecurity::StartTls,
            ConfiguredSecurity::None => SmtpSecurity::None,
        },
        username,
        password,
        from: smtp.from.clone(),
        traffic: traffic(config),
    }
}

fn twilio_settings(config: &GatewayConfig, twilio: &TwilioConfig, public_url: &str) -> TwilioSettings {
    let (is_reachable, reads_replies) = (public_url.starts_with("https://"), twilio.reads_replies);
    let brings_receipts = twilio.brings_receipts.unwrap_or(is_reachable);
    TwilioSettings {
        name: config.name.clone(),
        url: twilio.url.as_str().to_owned(),
        account: twilio.account.clone(),
        token: twilio.token.expose().to_owned(),
        from: twilio.from.clone(),
        charset: twilio.charset,
        public_url: (brings_receipts || reads_replies).then(|| public_url.to_owned()),
        brings_receipts,
        reads_replies,
        traffic: traffic(config),
    }
}

fn sens_settings(config: &GatewayConfig, sens: &SensConfig) -> SensSettings {
    SensSettings {
        name: config.name.clone(),
        url: sens.url.as_str().to_owned(),
        service: sens.service.clone(),
        access_key: sens.access_key.clone(),
        secret_key: sens.secret_key.expose().to_owned(),
        from: sens.from.clone(),
        traffic: traffic(config),
    }
}

fn smpp_settings(config: &GatewayConfig, smpp: &SmppConfig) -> SmppSettings {
    SmppSettings {
        name: config.name.clone(),
        host: smpp.host.clone(),
        port: smpp.port,
        security: if smpp.tls { SmppSecurity::Tls } else { SmppSecurity::None },
        system_id: smpp.system_id.clone(),
        password: smpp.password.expose().to_owned(),
        system_type: smpp.system_type.clone(),
        version: if smpp.is_v5 { SmppVersion::V50 } else { SmppVersion::V34 },
        from: smpp.from.clone(),
        charset: smpp.charset,
        long: if smpp.in_pieces { Long::Pieces } else { Long::Payload },
        message_ids: match smpp.message_ids {
            MessageIdsWord::Same => MessageIds::AsTheyAre,
            MessageIdsWord::HexInAnswer => MessageIds::HexInAnswer,
            MessageIdsWord::HexInReceipt => MessageIds::HexInReceipt,
        },
        reads_replies: smpp.reads_replies,
        binds: smpp.binds,
        window: smpp.window,
        enquire_seconds: smpp.enquire_seconds,
        traffic: traffic(config),
    }
}

/// `Sunbeon <no-reply@example.org>` without the name.
fn bare_address(from: &str) -> String {
    from.rsplit_once('<').map_or(from, |(_, address)| address.trim_end_matches('>')).trim().to_owned()
}
