//! A vaccine product: who may have it, and how far apart its doses are.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::birth_date::BirthDate;
use super::campaign::Localised;
use super::ids::ProductId;

/// One vaccine product of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The row's id.
    pub id: ProductId,
    /// Short stable name used in files and URLs, such as `flu-2026`.
    pub code: String,
    /// What people call it.
    pub name: Localised,
    /// Ages it is licensed for, on the day of the appointment.
    pub ages: AgeLimits,
    /// The interval before each dose after the first, in order of dose; empty for a single dose.
    pub intervals: Vec<DoseInterval>,
    /// Products whose earlier dose this one may follow, besides itself.
    pub may_follow: Vec<ProductId>,
}

impl Product {
    /// The interval that must lie before `dose`; `None` for the first dose.
    pub fn interval_before(&self, dose: u8) -> Option<DoseInterval> {
        self.intervals.iter().copied().find(|interval| interval.dose == dose)
    }

    /// Whether this product may be given after `earlier`.
    pub fn may_come_after(&self, earlier: ProductId) -> bool {
        earlier == self.id || self.may_follow.contains(&earlier)
    }
}

/// Youngest and oldest age, in whole years on the day of the appointment, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeLimits {
    /// Youngest age in years.
    pub youngest: u16,
    /// Oldest age in years; `None` for no limit.
    pub oldest: Option<u16>,
}

impl AgeLimits {
    /// Whether someone born on `birth` may have the product on `day`.
    pub fn allow(&self, birth: &BirthDate, day: Date) -> bool {
        let age = birth.age_on(day);
        age >= self.youngest && self.oldest.is_none_or(|oldest| age <= oldest)
    }
}

/// How many days must, should and may lie between a dose and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoseInterval {
    /// The later dose, 2 or more.
    pub dose: u8,
    /// Fewest days.
    pub minimum_days: u16,
    /// The number of days a page proposes.
    pub proposed_days: u16,
    /// Most days.
    pub maximum_days: u16,
}

/// Why an interval makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoseIntervalError {
    /// The first dose has nothing before it.
    #[error("an interval belongs to dose 2 or later")]
    FirstDose,
    /// The three figures are out of order.
    #[error("give the days in order: minimum <= proposed <= maximum, and the minimum at least 1")]
    OutOfOrder,
}

impl DoseInterval {
    /// Checks the three figures, in days.
    ///
    /// # Errors
    /// [`DoseIntervalError`] when they are out of order or belong to the first dose.
    pub fn new(dose: u8, minimum: u16, proposed: u16, maximum: u16) -> Result<Self, DoseIntervalError> {
        if dose < 2 {
            return Err(DoseIntervalError::FirstDose);
        }
        if minimum == 0 || minimum > proposed || proposed > maximum {
            return Err(DoseIntervalError::OutOfOrder);
        }
        Ok(Self { dose, minimum_days: minimum, proposed_days: proposed, maximum_days: maximum })
    }

    /// First and last day for the later dose when the earlier one is on `earlier`.
    pub fn window(&self, earlier: Date) -> (Date, Date) {
        (after(earlier, self.minimum_days), after(earlier, self.maximum_days))
    }

    /// The day to propose when the earlier dose is on `earlier`.
    pub fn proposed(&self, earlier: Date) -> Date {
        after(earlier, self.proposed_days)
    }

    /// Whether `later` keeps the interval after `earlier`.
    pub fn allows(&self, earlier: Date, later: Date) -> bool {
        let (first, last) = self.window(earlier);
        (first..=last).contains(&later)
    }
}

fn after(day: Date, days: u16) -> Date {
    let span: Span = i32::from(days).days();
    day.saturating_add(span)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_figures_must_be_in_order() {
        assert_eq!(DoseInterval::new(1, 1, 2, 3), Err(DoseIntervalError::FirstDose));
        assert_eq!(DoseInterval::new(2, 0, 2, 3), Err(DoseIntervalError::OutOfOrder));
        assert_eq!(DoseInterval::new(2, 21, 20, 42), Err(DoseIntervalError::OutOfOrder));
        assert!(DoseInterval::new(2, 21, 21, 21).is_ok());
    }

    #[test]
    fn age_is_the_age_on_the_day() {
        let birth = BirthDate::parse_iso("1961-11-24", date(2026, 11, 1)).unwrap();
        let limits = AgeLimits { youngest: 65, oldest: None };
        assert!(!limits.allow(&birth, date(2026, 11, 23)));
        assert!(limits.allow(&birth, date(2026, 11, 24)));
    }

    proptest! {
        #[test]
        fn the_proposed_day_is_always_allowed(min in 1u16..200, a in 0u16..200, b in 0u16..200, day in 0i32..20_000) {
            let interval = DoseInterval::new(2, min, min + a, min + a + b).unwrap();
            let earlier = date(1990, 1, 1).saturating_add(day.days());
            prop_assert!(interval.allows(earlier, interval.proposed(earlier)));
            let (first, last) = interval.window(earlier);
            prop_assert!(!interval.allows(earlier, first.yesterday().unwrap()));
            prop_assert!(!interval.allows(earlier, last.tomorrow().unwrap()));
        }
    }
}
