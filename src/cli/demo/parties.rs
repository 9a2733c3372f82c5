//! Who books in the demo, and for whom: themselves, or their parents.

use anyhow::Context;
use jiff::civil::Date;

use super::campaigns::codes;
use super::{VISITORS_PHONE, people};
use crate::domain::birth_date::BirthDate;
use crate::domain::clock::{Chance, ChanceExt};
use crate::domain::person::{MessagesTo, Relation};
use crate::domain::person_name::PersonName;
use crate::domain::phone::PhoneNumber;
use crate::language::Language;
use crate::store::people::PersonDetails;

/// Of ten who book for one person, so many book for themselves.
const FOR_THEMSELVES: u64 = 7;

/// Of eight accounts one reads English.
const ENGLISH_ONE_IN: u64 = 8;

/// Who books, and for whom.
pub(super) struct Party {
    pub(super) phone: PhoneNumber,
    pub(super) language: Language,
    pub(super) people: Vec<PersonDetails>,
}

/// A party of `size` whose ages suit the product and the cohorts that are open.
pub(super) fn invent(chance: &dyn Chance, code: &str, size: u8, today: Date) -> anyhow::Result<Party> {
    let phone = phone(chance)?;
    let english = chance.below(ENGLISH_ONE_IN) == 0;
    let for_themselves = size == 1 && chance.below(10) < FOR_THEMSELVES;
    let relations: &[Relation] = match (size, for_themselves) {
        (1, true) => &[Relation::Me],
        (1, false) => &[Relation::Mother],
        _ => &[Relation::Mother, Relation::Father],
    };
    let family = people::family_name(chance);
    let ages = ages(chance, code);
    let mut listed = Vec::new();
    for relation in relations {
        let year = |age: i16| today.year().saturating_sub(age);
        let invented = people::person(chance, family, year(*ages.end())..=year(*ages.start()));
        let name = if english { &invented.english } else { &invented.korean };
        let birth = Date::new(invented.birth_year, invented.birth_month, invented.birth_day)?;
        let is_me = *relation == Relation::Me;
        listed.push(PersonDetails {
            name: PersonName::parse(name)?,
            birth: BirthDate::new(birth, today)?,
            relation: *relation,
            messages_to: if is_me { MessagesTo::Mine } else { MessagesTo::NoPhone },
            phone: is_me.then(|| phone.clone()),
        });
    }
    let language = if english { Language::English } else { Language::Korean };
    Ok(Party { phone, language, people: listed })
}

/// Ages this year at which the product can be booked now.
fn ages(chance: &dyn Chance, code: &str) -> std::ops::RangeInclusive<i16> {
    match code {
        codes::HIGH_DOSE => 66..=95,
        codes::STANDARD if chance.below(2) == 0 => 51..=64,
        codes::STANDARD => 66..=95,
        _ => 20..=95,
    }
}

/// A phone that is not the one we tell visitors to try.
fn phone(chance: &dyn Chance) -> anyhow::Result<PhoneNumber> {
    const TRIES: usize = 8;
    let number = (0..TRIES)
        .map(|_| people::mobile_phone(chance))
        .find(|number| number != VISITORS_PHONE)
        .context("chance gives one number only")?;
    Ok(PhoneNumber::parse(&number)?)
}
