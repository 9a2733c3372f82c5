//! The answers of a held party in words: who, when, and whose phone gets the messages.

use super::appointment::local;
use super::hold::Party;
use super::people::words::{birth_words, relation_key};
use crate::domain::person::CaredFor;
use crate::domain::person_name::PersonName;
use crate::language::Language;
use crate::store::accounts::Account;
use crate::store::bookings::Booking;

/// A person of the party.
pub struct PersonAnswer {
    /// Their name.
    pub name: String,
    /// Their birth date in words.
    pub birth: String,
    /// The catalog key of their relation; empty when they were taken off the list meanwhile.
    pub relation: &'static str,
    /// Their own phone, when messages go there too and it is not that of whoever books.
    pub own_phone: Option<String>,
}

/// One dose of everybody in the party.
pub struct DoseAnswer {
    /// Which dose; `None` when the campaign has only one.
    pub dose: Option<u8>,
    /// Whether it is the party's first, which the page of times changes.
    pub is_first: bool,
    /// Who comes when; one entry when all come at the same time.
    pub times: Vec<TimeAnswer>,
}

/// People of the party who come at the same time.
pub struct TimeAnswer {
    /// Their names; empty when it is everybody.
    pub names: String,
    /// Day and time.
    pub when: String,
    /// The vaccine.
    pub vaccine: String,
}

/// Puts a party into words.
pub struct Answers<'a> {
    /// The party.
    pub party: &'a Party,
    /// The language of the words.
    pub language: Language,
    /// The account that books.
    pub booker: &'a Account,
}

impl Answers<'_> {
    /// Everybody, once, in the order of their seats.
    pub fn people(&self) -> Vec<PersonAnswer> {
        let mut seen = Vec::new();
        let mut answers = Vec::new();
        for seat in &self.party.seats {
            if seen.contains(&seat.person.id) {
                continue;
            }
            seen.push(seat.person.id);
            let cared_for = self.party.cared_for(seat);
            answers.push(PersonAnswer {
                name: seat.person.name.as_str().to_owned(),
                birth: birth_words(self.language, seat.person.birth.date()),
                relation: cared_for.map_or("", |one| relation_key(one.relation)),
                own_phone: own_phone(cared_for, self.booker),
            });
        }
        answers
    }

    /// The doses, in order.
    pub fn doses(&self) -> Vec<DoseAnswer> {
        let has_several = self.party.campaign.doses > 1;
        let by_dose: Vec<&[Booking]> = self.party.seats.chunk_by(|one, next| one.dose == next.dose).collect();
        let answer = |(index, seats): (usize, &&[Booking])| DoseAnswer {
            dose: seats.first().map(|seat| seat.dose).filter(|_| has_several),
            is_first: index == 0,
            times: self.times(seats),
        };
        by_dose.iter().enumerate().map(answer).collect()
    }

    /// Whether somebody's next dose could be chosen too and was not.
    pub fn lacks_later_dose(&self) -> bool {
        let last = self.party.seats.iter().map(|seat| seat.dose).max().unwrap_or(0);
        last < self.party.campaign.doses
    }

    fn times(&self, seats: &[Booking]) -> Vec<TimeAnswer> {
        let mut ordered: Vec<&Booking> = seats.iter().collect();
        ordered.sort_by_key(|seat| (seat.starts_at, seat.product));
        let groups: Vec<&[&Booking]> = ordered
            .chunk_by(|one, next| (one.starts_at, one.product) == (next.starts_at, next.product))
            .collect();
        let code = self.language.code();
        let answer = |group: &&[&Booking]| {
            let seat = group.first()?;
            let names: Vec<&str> = group.iter().map(|seat| PersonName::as_str(&seat.person.name)).collect();
            let product = self.party.campaign.product(seat.product)?;
            Some(TimeAnswer {
                names: if groups.len() > 1 { names.join(", ") } else { String::new() },
                when: self.language.date_time(local(&self.party.site, seat.starts_at)),
                vaccine: product.name.in_language(code).to_owned(),
            })
        };
        groups.iter().filter_map(answer).collect()
    }
}

/// A person's own phone, when messages go there: in full once they have proved it. Whoever books is told all the same, as
/// `store::reminders` has it.
fn own_phone(cared_for: Option<&CaredFor>, booker: &Account) -> Option<String> {
    let wanted = cared_for.filter(|one| one.messages_to.needs_their_phone())?;
    let phone = wanted.person.phone.as_ref().filter(|phone| **phone != booker.phone)?;
    Some(phone.national())
}
