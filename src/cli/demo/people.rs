//! Invented people: names that fit the years they were born in.

use std::ops::RangeInclusive;

use super::words::{self, Word, word};
use crate::domain::clock::{Chance, ChanceExt};

/// A family name in Korean and in English, to be shared by parents and children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyName(Word);

/// An invented person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventedPerson {
    /// Family and given name in Korean, without a blank: 김영자.
    pub korean: String,
    /// Given and family name in Latin letters: Youngja Kim.
    pub english: String,
    /// The year of birth.
    pub birth_year: i16,
    /// The month of birth, from 1.
    pub birth_month: i8,
    /// The day of birth, 1 to 28, so that it exists in every month.
    pub birth_day: i8,
}

/// A family name, the common ones more often.
pub fn family_name(chance: &dyn Chance) -> FamilyName {
    FamilyName(word(chance, words::FAMILY_NAMES))
}

/// A person of this family, born in one of `birth_years`.
pub fn person(chance: &dyn Chance, family: FamilyName, birth_years: RangeInclusive<i16>) -> InventedPerson {
    let (first, last) = birth_years.into_inner();
    let span = u64::from(last.abs_diff(first)) + 1;
    let birth_year = first.saturating_add(i16::try_from(chance.below(span)).unwrap_or(0));
    let (family_korean, family_english) = family.0;
    let (given_korean, given_english) = word(
        chance,
        match birth_year {
            ..1960 => words::ELDERS,
            1960..1990 => words::ADULTS,
            1990.. => words::YOUNG,
        },
    );
    InventedPerson {
        korean: format!("{family_korean}{given_korean}"),
        english: format!("{given_english} {family_english}"),
        birth_year,
        birth_month: small(chance, 12) + 1,
        birth_day: small(chance, 28) + 1,
    }
}

/// A mobile number that nobody can have: 010-0000- and four digits. Those from 7000 on are left to visitors, who begin with an
/// empty list.
pub fn mobile_phone(chance: &dyn Chance) -> String {
    format!("010-0000-{:04}", chance.below(7_000))
}

fn small(chance: &dyn Chance, limit: u8) -> i8 {
    i8::try_from(chance.below(u64::from(limit))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SeededChance;

    #[test]
    fn people_are_the_same_for_the_same_seed() {
        let people = |seed| {
            let chance = SeededChance::new(seed);
            let family = family_name(&chance);
            Vec::from_iter((0..20).map(|_| person(&chance, family, 1930..=2010)))
        };
        assert_eq!(people(7), people(7));
        assert_ne!(people(7), people(8));
    }

    #[test]
    fn everyone_has_names_a_birthday_and_a_phone_that_cannot_ring() {
        let chance = SeededChance::new(1);
        for _ in 0..500 {
            let person = person(&chance, family_name(&chance), 1921..=1961);
            assert!(person.korean.chars().count() >= 2 && !person.korean.contains(' '));
            assert!(person.english.split(' ').count() == 2 && person.english.is_ascii());
            assert!((1921..=1961).contains(&person.birth_year));
            assert!((1..=12).contains(&person.birth_month) && (1..=28).contains(&person.birth_day));
            let digits = mobile_phone(&chance).strip_prefix("010-0000-").map(str::to_owned).unwrap();
            assert!(digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
