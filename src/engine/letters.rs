//! Letters: a due message of the outbox made into words, with everything unsealed for the moment of sending.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

mod occasions;

use super::country::Catalogue;
use crate::domain::booking::BookingState;
use crate::domain::ids::{AccountId, BookingId, PartyId, PersonId};
use crate::domain::message::{Channel, MessageKind};
use crate::domain::reminder::QuietHours;
use crate::keys::KeyRing;
use crate::language::Language;
use crate::notify::Outgoing;
use crate::notify::calendar::Parties;
use crate::notify::facts::BookingFacts;
use crate::notify::text::{self, Medium, Text, Voice};
use crate::store::accounts::Account;
use crate::store::bookings::{self, Booking};
use crate::store::challenges::Challenge;
use crate::store::outbox::{DueMessage, Recipient};
use crate::store::{Conn, StoreError, accounts, challenges, moving, people};

/// What letters say about the service itself.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// Where people reach the service, without a slash at the end.
    pub public_url: String,
    /// The sender of e-mails, which calendar files name as organizer.
    pub organizer: String,
    /// Minutes a code is good for.
    pub code_minutes: u16,
    /// Whether people can answer texts, and are heard.
    pub reads_replies: bool,
    /// The time zone of what belongs to no site.
    pub zone: TimeZone,
}

impl Letterhead {
    fn host(&self) -> &str {
        let rest = self.public_url.split_once("://").map_or(self.public_url.as_str(), |(_, rest)| rest);
        rest.split(['/', ':']).next().unwrap_or(rest)
    }
}

/// What became of a letter that was to be written.
pub(super) enum Letter {
    /// It is written.
    Written(Box<Outgoing>),
    /// There is nothing to tell any more, or nobody to tell.
    NothingToTell,
    /// It is not to arrive before this moment.
    NotBefore(Timestamp),
}

/// What a letter is written with.
pub(super) struct Desk<'a> {
    pub(super) conn: &'a mut Conn,
    pub(super) keys: &'a KeyRing,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) letterhead: &'a Letterhead,
    pub(super) quiet: QuietHours,
    pub(super) now: Timestamp,
}

struct Addressee {
    to: String,
    language: Language,
    account: Option<AccountId>,
    /// Whether they want to be reminded by text message.
    text_reminders: bool,
}

impl Addressee {
    /// Somebody at a phone or address of whom nothing else is known.
    fn at(to: String, language: Language) -> Self {
        Self { to, language, account: None, text_reminders: true }
    }

    fn of(to: String, account: &Account) -> Self {
        let Account { id, language, text_reminders, .. } = *account;
        Self { to, language, account: Some(id), text_reminders }
    }

    fn declines(&self, due: &DueMessage) -> bool {
        due.kind.is_reminder() && due.channel == Channel::Sms && !self.text_reminders
    }
}

impl Desk<'_> {
    /// Writes a letter.
    pub(super) fn write(&mut self, due: &DueMessage) -> Result<Letter, StoreError> {
        let told = self.told(due)?;
        if let Some(end) = told.first().and_then(|one| self.quiet_until(due, one)) {
            return Ok(Letter::NotBefore(end));
        }
        let Some((addressee, text)) = self.words(due, &told)? else { return Ok(Letter::NothingToTell) };
        Ok(Letter::Written(Box::new(Outgoing {
            id: due.id.0,
            channel: due.channel,
            to: addressee.to,
            kind: due.kind,
            language: addressee.language,
            text: text.text,
            subject: text.subject,
            html: text.html,
            attachments: text.attachments,
            at: self.now,
            possible_repeat: due.possible_repeat,
        })))
    }

    /// When the quiet hours end in which a reminder became due, or could only be sent. Those of an appointment that has begun
    /// by then go at once: better disturbed than missed.
    fn quiet_until(&self, due: &DueMessage, about: &Booking) -> Option<Timestamp> {
        if !due.kind.is_reminder() {
            return None;
        }
        let zone = self.catalogue.site(about.site).and_then(|site| TimeZone::get(&site.time_zone).ok());
        let end = self.quiet.end(self.now, zone.as_ref().unwrap_or(&self.letterhead.zone));
        end.filter(|end| *end < about.starts_at)
    }

    /// The bookings that a message is about.
    fn told(&mut self, due: &DueMessage) -> Result<Vec<Booking>, StoreError> {
        Ok(match due.kind {
            MessageKind::Confirmation if matches!(due.recipient, Recipient::Account(_)) => {
                let party = bookings::of_party(self.conn, self.keys, PartyId(due.subject))?;
                // Told once more, it is about one booking.
                if party.is_empty() { self.booking(due)? } else { party }
            }
            kind if kind.is_about_bookings() => self.booking(due)?,
            _ => Vec::new(),
        })
    }

    fn words(&mut self, due: &DueMessage, told: &[Booking]) -> Result<Option<(Addressee, Text)>, StoreError> {
        if let Recipient::Challenge(id) = due.recipient {
            let challenge = challenges::find(self.conn, self.keys, id)?;
            let Some(challenge) = challenge else { return Ok(None) };
            if due.kind.is_about_bookings() {
                let addressee = Addressee::at(challenge.contact, challenge.language);
                return Ok(self.about_bookings(due, &addressee, told).map(|text| (addressee, text)));
            }
            return self.for_challenge(due, challenge);
        }
        let Some(addressee) = self.addressee(due, told.first())? else { return Ok(None) };
        if addressee.declines(due) {
            return Ok(None);
        }
        let text = match due.kind {
            MessageKind::CareNotice => self.care_notice(due, &addressee)?,
            MessageKind::AlreadyBookedNotice => self.already_booked(due, &addressee),
            MessageKind::Turn => self.turn(due, &addressee)?,
            MessageKind::Offer => self.offer(due, &addressee)?,
            MessageKind::Displaced => self.displaced(due, &addressee)?,
            MessageKind::Aftercare => self.aftercare(due, &addressee, told)?,
            MessageKind::PhoneChangedNotice => Some(self.phone_changed(due, &addressee)),
            _ => self.about_bookings(due, &addressee, told),
        };
        Ok(text.map(|text| (addressee, text)))
    }

    fn booking(&mut self, due: &DueMessage) -> Result<Vec<Booking>, StoreError> {
        Ok(bookings::find(self.conn, self.keys, BookingId(due.subject))?.into_iter().collect())
    }

    /// What goes to whom only a challenge knows: a code, or word that a phone is no account's any more.
    fn for_challenge(
        &mut self,
        due: &DueMessage,
        challenge: Challenge,
    ) -> Result<Option<(Addressee, Text)>, StoreError> {
        if due.kind == MessageKind::CancelCode {
            return self.cancel_code(due, challenge);
        }
        if due.kind.is_code() {
            return Ok(self.code(due, challenge));
        }
        let addressee = Addressee::at(challenge.contact, challenge.language);
        let text = self.phone_changed(due, &addressee);
        Ok(Some((addressee, text)))
    }

    /// The answer to a text that asked to cancel a booking: what will be cancelled, and the code that does it.
    fn cancel_code(
        &mut self,
        due: &DueMessage,
        challenge: Challenge,
    ) -> Result<Option<(Addressee, Text)>, StoreError> {
        if challenge.solved || challenge.expires_at <= self.now {
            return Ok(None);
        }
        let language = challenge.language;
        let booking = challenge.booking.map(|id| bookings::find(self.conn, self.keys, id)).transpose()?;
        let doses = match booking.flatten() {
            Some(one) => moving::given_up_with(self.conn, self.keys, &one)?,
            None => Vec::new(),
        };
        let url = self.manage_url(MessageKind::Cancellation);
        let facts: Vec<BookingFacts> =
            doses.iter().filter_map(|dose| booking_facts(&self.catalogue, language, dose, &url)).collect();
        let voice = self.voice(due.channel, language, "");
        let text = match doses.first() {
            None => text::no_booking_to_cancel(&voice),
            Some(one) if !one.can_change(self.now) => text::too_late_to_cancel(&voice, &facts),
            Some(_) => {
                let code = self.keys.code_for(challenge.id.0);
                // By when it was sent, not by now: a gateway is asked for the very same words later.
                let minutes = (challenge.expires_at.duration_since(challenge.sent_at).as_secs() / 60).max(1);
                text::cancel_code(&voice, (code.digits(), minutes), &facts, due.version > 1)
            }
        };
        Ok(Some((Addressee::at(challenge.contact, language), text)))
    }

    /// A code is told only while it is good for something.
    fn code(&self, due: &DueMessage, challenge: Challenge) -> Option<(Addressee, Text)> {
        if challenge.solved || challenge.expires_at <= self.now {
            return None;
        }
        let (language, minutes) = (challenge.language, self.letterhead.code_minutes);
        let code = self.keys.code_for(challenge.id.0);
        let text = match due.channel {
            Channel::Sms => text::code(language, code.digits(), minutes, self.letterhead.host()),
            Channel::Email => text::email_check(
                &self.voice(due.channel, language, &challenge.contact),
                code.digits(),
                minutes,
            ),
        };
        Some((Addressee::at(challenge.contact, language), text))
    }

    fn voice<'a>(&'a self, channel: Channel, language: Language, attendee: &'a str) -> Voice<'a> {
        let medium = match channel {
            Channel::Sms => Medium::Sms { reads_replies: self.letterhead.reads_replies },
            Channel::Email => {
                let parties = Parties { organizer: &self.letterhead.organizer, attendee };
                Medium::Email { parties, at: self.now }
            }
        };
        Voice { language, medium }
    }

    fn addressee(
        &mut self,
        due: &DueMessage,
        about: Option<&Booking>,
    ) -> Result<Option<Addressee>, StoreError> {
        match due.recipient {
            Recipient::Account(id) => {
                let Some(account) = accounts::find(self.conn, self.keys, id)? else { return Ok(None) };
                let to = match due.channel {
                    Channel::Sms => Some(account.phone.as_e164().to_owned()),
                    Channel::Email => account.email.as_ref().map(|email| email.as_str().to_owned()),
                };
                Ok(to.map(|to| Addressee::of(to, &account)))
            }
            Recipient::Person(id) => self.person(due, id, about),
            Recipient::Challenge(_) => Ok(None),
        }
    }

    /// A person is told at the phone of their own account, in its language. To a phone that was only typed for them goes
    /// nothing about bookings: it may be a stranger's, or have become one's since.
    fn person(
        &mut self,
        due: &DueMessage,
        id: PersonId,
        about: Option<&Booking>,
    ) -> Result<Option<Addressee>, StoreError> {
        if let Some(own) = people::account_of(self.conn, id)? {
            let account = accounts::find(self.conn, self.keys, own)?;
            return Ok(account.map(|own| Addressee::of(own.phone.as_e164().to_owned(), &own)));
        }
        if due.kind.is_about_bookings() {
            return Ok(None);
        }
        let phone = people::find(self.conn, self.keys, id)?.and_then(|person| person.phone);
        let language = self.language_of(id, about)?;
        Ok(phone.map(|phone| Addressee::at(phone.as_e164().to_owned(), language)))
    }

    /// A person without an account is told in the language of the one who booked.
    fn language_of(&mut self, id: PersonId, about: Option<&Booking>) -> Result<Language, StoreError> {
        let booker = match about {
            Some(one) => Some(one.account),
            None => bookings::next_of(self.conn, self.keys, id, self.now)?.map(|one| one.account),
        };
        let Some(booker) = booker else { return Ok(Language::default()) };
        let account = accounts::find(self.conn, self.keys, booker)?;
        Ok(account.map(|account| account.language).unwrap_or_default())
    }

    fn care_notice(&mut self, due: &DueMessage, addressee: &Addressee) -> Result<Option<Text>, StoreError> {
        let Some(one) = bookings::next_of(self.conn, self.keys, PersonId(due.subject), self.now)? else {
            return Ok(None);
        };
        let url = format!("{}/r/{}", self.letterhead.public_url, one.reference.as_str());
        let voice = self.voice(due.channel, addressee.language, &addressee.to);
        Ok(Some(text::care_notice(&voice, &url, &one.reference.spoken())))
    }

    fn already_booked(&self, due: &DueMessage, addressee: &Addressee) -> Option<Text> {
        let campaign = self.catalogue.campaigns().iter().find(|campaign| campaign.id.0 == due.subject)?;
        let voice = self.voice(due.channel, addressee.language, &addressee.to);
        let name = campaign.name.in_language(addressee.language.code());
        Some(text::already_booked_notice(&voice, name, &format!("{}/bookings", self.letterhead.public_url)))
    }

    fn phone_changed(&self, due: &DueMessage, addressee: &Addressee) -> Text {
        text::phone_changed_notice(&self.voice(due.channel, addressee.language, &addressee.to))
    }

    /// Tells of bookings, unless they have changed since: a newer message tells that.
    fn about_bookings(&self, due: &DueMessage, addressee: &Addressee, told: &[Booking]) -> Option<Text> {
        let is_current = |one: &&Booking| match due.kind {
            MessageKind::Cancellation => one.version == due.version,
            MessageKind::Confirmation if matches!(due.recipient, Recipient::Account(_)) => {
                one.state.is_live() && one.state != BookingState::Displaced
            }
            _ => one.state.is_live() && one.version == due.version,
        };
        let facts: Vec<BookingFacts> = told
            .iter()
            .filter(is_current)
            .filter(|one| !due.kind.is_reminder() || one.starts_at > self.now)
            .filter_map(|one| {
                booking_facts(&self.catalogue, addressee.language, one, &self.manage_url(due.kind))
            })
            .collect();
        let first = told.first()?;
        if facts.is_empty() {
            return None;
        }
        let by_other = addressee.account != Some(first.account);
        let voice = self.voice(due.channel, addressee.language, &addressee.to);
        match due.kind {
            MessageKind::Confirmation => Some(text::confirmation(&voice, &facts, by_other)),
            MessageKind::Change => Some(text::change(&voice, &facts)),
            MessageKind::Cancellation => Some(text::cancellation(&voice, &facts)),
            MessageKind::Reminder => Some(text::reminder(&voice, &facts)),
            MessageKind::SecondDoseReminder => Some(text::second_dose_reminder(&voice, &facts)),
            _ => None,
        }
    }

    fn manage_url(&self, kind: MessageKind) -> String {
        let page = if kind == MessageKind::Cancellation { "/" } else { "/bookings" };
        format!("{}{page}", self.letterhead.public_url)
    }
}

/// The facts of a booking for a letter or a calendar file; `None` when its site or campaign is gone.
pub fn booking_facts(
    catalogue: &Catalogue,
    language: Language,
    one: &Booking,
    manage_url: &str,
) -> Option<BookingFacts> {
    let site = catalogue.site(one.site)?;
    let campaign = catalogue.campaign(one.campaign)?;
    let product = campaign.product(one.product)?;
    Some(BookingFacts {
        reference: one.reference.spoken(),
        person_masked: one.person.name.masked(),
        site_name: site.name.clone(),
        site_address: site.address.clone(),
        site_phone: site.phone.clone().unwrap_or_default(),
        starts_at: one.starts_at,
        zone: TimeZone::get(&site.time_zone).ok()?,
        campaign: campaign.name.in_language(language.code()).to_owned(),
        product: product.name.in_language(language.code()).to_owned(),
        dose: one.dose,
        doses: campaign.doses,
        manage_url: manage_url.to_owned(),
        latitude: site.position.map(|position| position.latitude),
        longitude: site.position.map(|position| position.longitude),
        version: one.version,
    })
}
