//! Whether anybody was told to wait although people behind them had entered.

/// Milliseconds that a page may be behind the door: it may be kept for a second, and is on its way.
const GRACE: u32 = 2_000;

/// Who entered when, by groups, and who was passed over.
#[derive(Debug, Default)]
pub struct Fairness {
    /// The highest group that had entered by a moment; both grow.
    entered: Vec<(u32, u16)>,
    /// How often somebody was told to wait although a higher group had entered two seconds before they asked.
    pub inversions: u64,
}

impl Fairness {
    /// Somebody of a group entered at a moment, in milliseconds.
    pub fn entered(&mut self, group: u16, at: u32) {
        if self.entered.last().is_none_or(|(_, highest)| *highest < group) {
            self.entered.push((at, group));
        }
    }

    /// Somebody of a group, who asked at a moment, is told to wait.
    pub fn told_to_wait(&mut self, group: u16, asked_at: u32) {
        let before = self.entered.partition_point(|(at, _)| at.saturating_add(GRACE) <= asked_at);
        let highest = before.checked_sub(1).and_then(|last| self.entered.get(last));
        self.inversions += u64::from(highest.is_some_and(|(_, highest)| *highest > group));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_while_people_behind_them_entered_was_passed_over() {
        let mut fairness = Fairness::default();
        fairness.told_to_wait(1, 9_000);
        fairness.entered(5, 10_000);
        fairness.entered(3, 10_500);
        fairness.told_to_wait(4, 11_999);
        fairness.told_to_wait(5, 13_000);
        fairness.told_to_wait(6, 13_000);
        assert_eq!(fairness.inversions, 0);
        fairness.told_to_wait(4, 12_000);
        assert_eq!(fairness.inversions, 1);
    }
}
