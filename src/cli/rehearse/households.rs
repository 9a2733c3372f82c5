//! What those have done before the evening who prepared: they proved their phone, and wrote down whom they book for.

use crate::cli::installation::Installation;
use crate::domain::birth_date::BirthDate;
use crate::domain::person::{MessagesTo, Relation};
use crate::domain::person_name::PersonName;
use crate::domain::phone::PhoneNumber;
use crate::language::Language;
use crate::rehearse::people::{Member, Population, number_of, phone};
use crate::rehearse::plan::Plan;
use crate::store::accounts;
use crate::store::people::{self, PersonDetails, SavePersonError};
use crate::store::{Failure, Outcome, Tx};

/// Accounts in one transaction.
const CHUNK_ACCOUNTS: usize = 500;

/// The others somebody books for, one after the other.
const OTHERS: [Relation; 3] = [Relation::Mother, Relation::Father, Relation::Other];

/// Somebody who prepared.
struct Household {
    phone: PhoneNumber,
    language: Language,
    people: Vec<PersonDetails>,
}

/// Gives all who prepared an account, and a list of people with themselves in it.
pub(super) fn write_down(installation: &Installation, plan: &Plan, people_max: u16) -> anyhow::Result<()> {
    let population = Population::new(plan);
    let prepared: Vec<u32> = (0..plan.people).filter(|person| population.is_prepared(*person)).collect();
    for chunk in prepared.chunks(CHUNK_ACCOUNTS) {
        let households: Vec<Household> =
            chunk.iter().map(|person| household(&population, *person)).collect::<anyhow::Result<_>>()?;
        installation
            .write(move |tx| households.iter().try_for_each(|household| settle(tx, household, people_max)))?;
        installation.renew()?;
    }
    Ok(())
}

fn household(population: &Population, person: u32) -> anyhow::Result<Household> {
    let relations = [Relation::Me].into_iter().chain(OTHERS);
    let members = (0..=population.others(person)).map(|number| population.member(person, number));
    let people = members.zip(relations).map(|(member, relation)| details(&member, relation));
    Ok(Household {
        phone: PhoneNumber::parse(&phone(number_of(person)))?,
        language: if population.reads_english(person) { Language::English } else { Language::Korean },
        people: people.collect::<anyhow::Result<_>>()?,
    })
}

fn details(member: &Member, relation: Relation) -> anyhow::Result<PersonDetails> {
    let (year, month, day) = member.birth;
    Ok(PersonDetails {
        name: PersonName::parse(&member.name)?,
        birth: BirthDate::from_stored(&format!("{year:04}-{month:02}-{day:02}"))?,
        relation,
        messages_to: MessagesTo::Mine,
        phone: None,
    })
}

fn settle(tx: &mut Tx<'_>, household: &Household, people_max: u16) -> Outcome<(), SavePersonError> {
    let (account, _) = accounts::of_proved_phone(tx, &household.phone, household.language)
        .map_err(Failure::<SavePersonError>::from)?;
    for one in &household.people {
        people::add(tx, account, one, people_max)?;
    }
    Ok(())
}
